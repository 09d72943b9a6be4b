//! spec/README.md: every example in it compiles, and its generated part is current. spec/COMMANDS.md: all of it is.

use std::collections::BTreeSet;
use std::fs;

use rdspec::compile::compile;
use rdspec::dev::experiments;
use rdspec::diagnostic::Severity;
use rdspec::diagnostic::render::{Style, render};
use rdspec::language;
use rdspec::source::SpecFiles;

use crate::harness::{contents, rdspec, repository, run};
use crate::spec_case;

const BEGIN: &str =
    "<!-- From here to the end mark, `rdspec schema reference` wrote this page. -->\n\n";
const END: &str = "\n\n<!-- End of what `rdspec schema reference` wrote. -->\n";

fn page() -> String {
    fs::read_to_string(repository().join("spec/README.md")).unwrap()
}

/// The examples of a page, each with the spec file that its first line names.
fn examples(page: &str) -> Vec<(String, String)> {
    page.split("```toml\n")
        .skip(1)
        .map(|block| {
            let text = block.split("```").next().unwrap();
            let first = text.lines().next().unwrap();
            let path = first.strip_prefix("# spec/").unwrap_or_else(|| {
                panic!("an example begins with `# spec/<file>`, not with {first:?}")
            });
            let path = path.split(':').next().unwrap();
            (path.to_owned(), text.to_owned())
        })
        .collect()
}

/// What an example needs around it: a stack with its component, or components with the names of its stack.
fn completed(path: &str, text: &str) -> SpecFiles {
    let mut files = contents(&spec_case::parse(include_bytes!("reference_spec.txt")));
    files.retain(|other, _| {
        let folder = other.strip_prefix("resources/").and_then(|rest| rest.split('/').next());
        folder.is_none_or(|folder| path == format!("components/{folder}.toml"))
    });
    files.insert(path.to_owned(), text.as_bytes().to_vec());
    if path == "stack.toml" {
        let stack: toml::Table = toml::from_str(text).unwrap();
        let listed = stack["images"].as_table().unwrap().values();
        let listed = listed.flat_map(|image| image["components"].as_array().unwrap());
        let swapped = stack["variants"].as_table().unwrap().values();
        let swapped = swapped.filter_map(|variant| variant.get("replace")?.as_table());
        for name in listed.chain(swapped.flat_map(toml::Table::values)) {
            let path = format!("components/{}.toml", name.as_str().unwrap());
            files.entry(path).or_insert_with(|| b"summary = \"x\"\n".to_vec());
        }
    } else {
        let names: Vec<String> = files
            .keys()
            .filter_map(|path| rdspec::parse::component_name(path))
            .map(|name| format!("{name:?}"))
            .collect();
        let stack = String::from_utf8(files["stack.toml"].clone()).unwrap();
        let stack = stack.replace("COMPONENTS", &names.join(", "));
        files.insert("stack.toml".to_owned(), stack.into_bytes());
    }
    SpecFiles::new("spec", files)
}

#[track_caller]
fn check_examples(page: &str, least: usize) {
    let examples = examples(page);
    assert!(examples.len() >= least, "only {} examples", examples.len());
    for (path, text) in examples {
        let files = completed(&path, &text);
        let compiled = compile(&files).unwrap();
        let mut diagnostics = compiled.diagnostics;
        if let Some(output) = compiled.output.filter(|_| path.starts_with("dev/")) {
            diagnostics = experiments::check(&files, &output, &diagnostics).unwrap();
        }
        let errors: Vec<String> = diagnostics
            .iter()
            .filter(|found| found.severity() == Severity::Error)
            .map(|found| render(found, &files, Style::Plain))
            .collect();
        assert!(errors.is_empty(), "the example {path} is wrong:\n{}", errors.join("\n\n"));
    }
}

#[test]
fn every_example_of_the_reference_compiles() {
    check_examples(&page(), 15);
}

#[test]
fn every_example_of_the_readme_compiles() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    check_examples(&readme, 1);
}

/// `INSTA_UPDATE=always` writes it, as it does the snapshots.
#[test]
fn the_tables_of_keys_are_what_the_language_says() {
    let page = page();
    let (before, rest) = page.split_once(BEGIN).expect("the mark of the generated part");
    let (tables, after) = rest.split_once(END).expect("the mark of the end of the generated part");
    let wanted = language::reference::all();
    if tables == wanted.trim_end() {
        return;
    }
    update("spec/README.md", &format!("{before}{BEGIN}{}{END}{after}", wanted.trim_end()));
}

/// The same.
#[test]
fn the_page_of_commands_is_what_clap_says() {
    let wanted = run(rdspec().args(["schema", "commands"])).expect(0).stdout;
    let path = "spec/COMMANDS.md";
    if fs::read_to_string(repository().join(path)).is_ok_and(|page| page == wanted) {
        return;
    }
    update(path, &wanted);
}

/// Writes a page that is not current if it is asked to, and fails if not.
#[track_caller]
fn update(path: &str, page: &str) {
    let update = std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
    assert!(
        update,
        "{path} is not current: run `INSTA_UPDATE=always cargo test --test suite reference`"
    );
    fs::write(repository().join(path), page).unwrap();
}

#[test]
fn every_table_of_the_language_is_explained_in_a_topic() {
    let page = page();
    let (topics, _) = page.split_once(BEGIN).unwrap();
    let mut missing = BTreeSet::new();
    for table in [language::STACK, language::COMPONENT, language::EXPERIMENTS] {
        for key in table.keys {
            let is_shown = topics.contains(&format!("[{}", key.name))
                || topics.contains(&format!("`{}`", key.name))
                || topics.contains(&format!("\n{} =", key.name));
            if !is_shown {
                missing.insert(key.name);
            }
        }
    }
    assert!(missing.is_empty(), "no topic shows {missing:?}");
}
