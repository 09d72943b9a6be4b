//! Quoting against the real readers: any string arrives unchanged, or is refused before it is written.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::collection::vec;
use proptest::prelude::*;
use rdspec::render::quote;

/// What a program prints for a script on its standard input.
fn output(program: &str, arguments: &[&str], script: &str) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} is needed for this test: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let script = script.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(script.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{program} failed");
    output.stdout
}

/// Strings of everything that some language finds special, and anything else.
fn strings() -> impl Strategy<Value = Vec<String>> {
    let string = prop_oneof![
        "[-'\"\\\\$`!*?~#&;|<>(){}\\[\\]^%=, \t\n\ra-c]{0,12}",
        "\\PC{0,12}",
        any::<String>(),
    ];
    vec(string, 200)
}

proptest! {
    // 60 cases of 200 strings, each through dash and bash: 12,000 strings.
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shells_read_back_every_string_without_nul(values in strings()) {
        let values: Vec<String> = values.into_iter().filter(|value| !value.contains('\0')).collect();
        let mut script = String::new();
        let mut expected = Vec::new();
        for value in &values {
            writeln!(script, "printf '%s\\0' {}", quote::shell(value).unwrap()).unwrap();
            expected.extend_from_slice(value.as_bytes());
            expected.push(0);
        }
        prop_assert_eq!(&output("dash", &[], &script), &expected);
        prop_assert_eq!(&output("bash", &["--norc"], &script), &expected);
    }

    #[test]
    fn an_independent_parser_reads_back_every_environment_value(values in strings()) {
        let values: Vec<String> =
            values.into_iter().filter(|value| quote::dockerfile(value).is_ok()).collect();
        let mut text = String::from("FROM scratch\n");
        for value in &values {
            writeln!(text, "ENV X={}", quote::dockerfile(value).unwrap()).unwrap();
        }
        let dockerfile = parse_dockerfile::parse(&text).unwrap();
        let read: Vec<String> = dockerfile
            .instructions
            .iter()
            .filter_map(|instruction| match instruction {
                parse_dockerfile::Instruction::Env(env) => {
                    Some(unquoted(env.arguments.value.trim().strip_prefix("X=").unwrap()))
                }
                _ => None,
            })
            .collect();
        prop_assert_eq!(read, values);
    }

    /// Without a backslash R has no escapes ("Literal constants"), so what stands between the quotes is the value.
    #[test]
    fn a_string_of_r_ends_where_it_should(values in strings()) {
        for value in values {
            let Ok(quoted) = quote::r(&value) else {
                prop_assert!(value.contains(['"', '\\']) || value.chars().any(char::is_control));
                continue;
            };
            let inner = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap();
            prop_assert_eq!(inner, &value);
            prop_assert!(!inner.contains(['"', '\\', '\n', '\r', '\0']));
        }
    }

    #[test]
    fn json_reads_back_every_list(values in strings()) {
        let read: Vec<String> = serde_json::from_str(&quote::json(&values).unwrap()).unwrap();
        prop_assert_eq!(read, values);
    }

    #[test]
    fn python_reads_back_what_goes_to_supervisor(values in strings()) {
        let values: Vec<String> = values
            .into_iter()
            .filter(|value| !value.is_empty() && quote::supervisor(value).is_ok())
            .collect();
        let mut text = String::new();
        for (index, value) in values.iter().enumerate() {
            writeln!(text, "[program:{index}]\ncommand={}", quote::supervisor(value).unwrap()).unwrap();
        }
        // As supervisor 4 opens its configuration; expressions are Python's `%` formatting.
        let program = "import configparser, sys\n\
            reader = configparser.RawConfigParser(inline_comment_prefixes=(';', '#'), strict=False)\n\
            reader.read_string(sys.stdin.buffer.read().decode())\n\
            for section in reader.sections():\n    \
                sys.stdout.buffer.write((reader.get(section, 'command') % {}).encode() + b'\\0')\n";
        let mut expected = Vec::new();
        for value in &values {
            expected.extend_from_slice(value.as_bytes());
            expected.push(0);
        }
        prop_assert_eq!(output("python3", &["-c", program], &text), expected);
    }

    #[test]
    fn a_reader_of_yaml_reads_back_every_string(values in strings()) {
        let mut text = String::new();
        for value in &values {
            writeln!(text, "- {}", quote::yaml::string(value)).unwrap();
        }
        let program = "import sys, yaml\n\
            for value in yaml.safe_load(sys.stdin.buffer) or []:\n    \
                sys.stdout.buffer.write(value.encode('utf-8', 'surrogatepass') + b'\\0')\n";
        let mut expected = Vec::new();
        for value in &values {
            expected.extend_from_slice(value.as_bytes());
            expected.push(0);
        }
        prop_assert_eq!(output("python3", &["-c", program], &text), expected);
    }

    #[test]
    fn debconf_reads_back_every_answer(values in strings()) {
        let values: Vec<String> =
            values.into_iter().filter(|value| quote::debconf(value).is_ok()).collect();
        let mut text = String::new();
        for value in &values {
            writeln!(text, "package package/question string {}", quote::debconf(value).unwrap()).unwrap();
        }
        // Databases of its own: whoever has the system's locks them.
        let folder = tempfile::tempdir().unwrap();
        let configuration = folder.path().join("debconf.conf");
        let database = |name| {
            let file = folder.path().join(name);
            format!("\nName: {name}\nDriver: File\nFilename: {}\n", file.display())
        };
        let databases = ["config", "templates"].map(database).concat();
        std::fs::write(&configuration, format!("Config: config\nTemplates: templates\n{databases}")).unwrap();
        let mut child = Command::new("debconf-set-selections")
            .args(["--checkonly", "--verbose"])
            .env("DEBCONF_SYSTEMRC", configuration)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("debconf-set-selections is needed for this test");
        let mut stdin = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
        let result = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        prop_assert!(result.status.success());
        let said = String::from_utf8(result.stderr).unwrap();
        let read: Vec<&str> = said
            .split('\n')
            .filter_map(|line| line.split_once("[string] to '")?.1.strip_suffix('\''))
            .collect();
        prop_assert_eq!(read, values);
    }

    #[test]
    fn visudo_takes_every_argument_that_is_not_refused(values in strings()) {
        let mut text = String::new();
        for value in values.iter().filter_map(|value| quote::sudoers(value).ok()) {
            writeln!(text, "jovyan ALL=(root) NOPASSWD: /usr/bin/x {value}").unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules");
        std::fs::write(&path, &text).unwrap();
        let result = Command::new("/usr/sbin/visudo")
            .args(["--check", "--strict", "--file"])
            .arg(&path)
            .output()
            .expect("visudo is needed for this test: tests/run installs it");
        prop_assert!(result.status.success(), "{}\n{}", String::from_utf8_lossy(&result.stderr), text);
    }
}

/// The Dockerfile reference, "environment replacement": inside double quotes `\` escapes `"`, `$` and itself.
fn unquoted(word: &str) -> String {
    let Some(inner) = word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) else {
        return word.to_owned();
    };
    let mut value = String::new();
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => value.extend(characters.next()),
            '$' => panic!("{word} would be expanded"),
            other => value.push(other),
        }
    }
    value
}
