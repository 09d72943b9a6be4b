//! Rules of sudo through the whole compiler: visudo takes them, and cvtsudoers reads back what the spec says.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use rdspec::render::quote;
use serde_json::{Value, json};

use crate::harness::{compiled, run, tool};
use crate::spec_case;

/// A rule of a spec.
#[derive(Clone, Debug)]
struct Rule {
    arguments: Vec<String>,
    run_as: String,
    password: bool,
    tags: Vec<&'static str>,
    reason: Option<String>,
}

/// Tags that do not contradict each other, with the option that cvtsudoers prints for each.
const TAGS: &[(&str, &str, bool)] = &[
    ("NOEXEC", "noexec", true),
    ("INTERCEPT", "intercept", true),
    ("NOSETENV", "setenv", false),
    ("LOG_INPUT", "log_input", true),
    ("NOLOG_OUTPUT", "log_output", false),
    ("NOMAIL", "send_mail", false),
];

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let argument = prop_oneof!["[-,:=@%+~{}<>|;&a-c]{1,8}", "\\PC{1,8}"]
        .prop_filter("sudo cannot hold it", |text: &String| quote::sudoers(text).is_ok());
    let run_as = prop_oneof![Just("root".to_owned()), "[a-z_][a-z0-9_-]{0,20}"]
        .prop_filter("it is the user itself", |name| name != "jovyan");
    let tags = subsequence(TAGS.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), 0..=TAGS.len());
    let rule =
        (vec(argument, 0..4), run_as, any::<bool>(), tags, proptest::option::of("\\PC{1,20}"))
            .prop_map(|(arguments, run_as, password, tags, reason)| Rule {
                arguments,
                run_as,
                password,
                tags,
                reason: reason.filter(|text| !text.trim().is_empty()),
            });
    vec(rule, 40)
}

fn toml(text: &str) -> String {
    serde_json::to_string(text).unwrap().replace('\u{7f}', "\\u007f")
}

fn spec(rules: &[Rule]) -> String {
    let mut text = String::from("-- components/tool.toml --\nsummary = \"x\"\n");
    for (number, rule) in rules.iter().enumerate() {
        let command =
            [&[format!("/usr/sbin/t{number:02}")], &rule.arguments[..]].concat().join(" ");
        write!(
            text,
            "[sudo.rules.r{number}]\ncommand = {}\nrun-as = {}\npassword = {}\ntags = {:?}\n",
            toml(&command),
            toml(&rule.run_as),
            rule.password,
            rule.tags
        )
        .unwrap();
        if let Some(reason) = &rule.reason {
            writeln!(text, "unsafe = {}", toml(reason)).unwrap();
        }
    }
    text
}

/// What cvtsudoers has to print for a rule.
fn wanted(number: usize, rule: &Rule) -> Value {
    let mut options: BTreeSet<(String, bool)> = BTreeSet::new();
    options.insert(("authenticate".to_owned(), rule.password));
    for (name, option, value) in TAGS {
        if rule.tags.contains(name) {
            options.insert(((*option).to_owned(), *value));
        }
    }
    let arguments =
        if rule.arguments.is_empty() { "\"\"".to_owned() } else { rule.arguments.join(" ") };
    json!({
        "command": format!("/usr/sbin/t{number:02} {arguments}"),
        "run_as": [{ "username": rule.run_as }],
        "options": options.into_iter().map(|(name, value)| json!({ name: value })).collect::<Vec<_>>(),
    })
}

/// What cvtsudoers reads, rule by rule.
fn read(text: &str) -> Vec<Value> {
    let json: Value = serde_json::from_str(text).unwrap();
    let mut rules = Vec::new();
    for user in json["User_Specs"].as_array().unwrap() {
        assert_eq!(user["User_List"], json!([{ "username": "jovyan" }]));
        for specs in user["Cmnd_Specs"].as_array().unwrap() {
            let mut options = specs["Options"].as_array().unwrap().clone();
            options.sort_by_key(ToString::to_string);
            for command in specs["Commands"].as_array().unwrap() {
                rules.push(json!({
                    "command": command["command"],
                    "run_as": specs["runasusers"],
                    "options": options,
                }));
            }
        }
    }
    rules
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sudo_reads_back_every_rule_with_its_user_and_tags(rules in rules()) {
        let output = compiled(&spec_case::parse(spec(&rules).as_bytes()));
        let file = output.tree.get("base/resources/sudoers/tool").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules");
        std::fs::write(&path, &file.bytes).unwrap();
        run(tool("visudo", "sudo").args(["--check", "--strict", "--quiet", "--file"]).arg(&path)).expect(0);
        let read = read(&run(tool("cvtsudoers", "sudo").args(["--output-format", "json"]).arg(&path)).expect(0).stdout);
        let wanted: Vec<Value> =
            rules.iter().enumerate().map(|(number, rule)| wanted(number, rule)).collect();
        prop_assert_eq!(read, wanted);
        let text = String::from_utf8(file.bytes.to_vec()).unwrap();
        for reason in rules.iter().filter_map(|rule| rule.reason.as_ref()) {
            let line = format!("# More than it says, because: {reason}\n");
            prop_assert!(text.contains(&line));
        }
    }
}
