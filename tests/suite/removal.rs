//! A component is one file and one name in a list: without them nothing of it is left, and what needs it is an error at
//! the place that says so. Shown on the real spec.

use std::collections::{BTreeMap, BTreeSet};

use rdspec::compile::compile;
use rdspec::diagnostic::render::{Style, render};
use rdspec::diagnostic::{Code, Severity};
use rdspec::source::SpecFiles;
use toml::{Table, Value};

use crate::harness::{contents, spec};

type Contents = BTreeMap<String, Vec<u8>>;

/// The name of the component that a path belongs to, as its file or as one of its resources.
fn component_of(path: &str) -> Option<&str> {
    let in_components =
        path.strip_prefix("components/").and_then(|rest| rest.strip_suffix(".toml"));
    in_components.or_else(|| path.strip_prefix("resources/")?.split('/').next())
}

/// The real spec without the components that a person would delete: their files, and their names in stack.toml.
fn without(unwanted: impl Fn(&str) -> bool) -> Contents {
    let mut files = contents(&spec());
    let before = files.len();
    files.retain(|path, _| !component_of(path).is_some_and(&unwanted));
    assert!(files.len() < before, "there is no such component in the spec, so nothing was shown");
    let stack = files.get_mut("stack.toml").unwrap();
    let mut table: Table = std::str::from_utf8(stack).unwrap().parse().unwrap();
    for (_, value) in &mut table {
        unlist(value, &unwanted);
    }
    *stack = toml::to_string(&table).unwrap().into_bytes();
    files
}

/// Takes names out of every list, and out of tables that replace one by another.
fn unlist(value: &mut Value, unwanted: &impl Fn(&str) -> bool) {
    match value {
        Value::Array(list) => {
            list.retain(|entry| !entry.as_str().is_some_and(unwanted));
        }
        Value::Table(table) => {
            if let Some(Value::Table(replace)) = table.get_mut("replace") {
                let gone =
                    |name: &str, by: &Value| unwanted(name) || by.as_str().is_some_and(unwanted);
                replace.retain(|name, by| !gone(name, by));
            }
            table.iter_mut().for_each(|(_, below)| unlist(below, unwanted));
        }
        _ => {}
    }
}

/// The list of `needs` of each component, in the plain tables.
fn needs(files: &Contents) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("components/")) {
        let table: Table = std::str::from_utf8(bytes).unwrap().parse().unwrap();
        let list = table.get("needs").and_then(Value::as_array);
        let names = list.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned));
        all.insert(component_of(path).unwrap().to_owned(), names.collect());
    }
    all
}

#[test]
fn without_vnc_everything_that_needs_it_is_an_error_at_that_word() {
    let contents = without(|name| name == "vnc");
    let wanted: BTreeSet<String> = needs(&contents)
        .into_iter()
        .filter(|(_, needs)| needs.contains("vnc"))
        .map(|(name, _)| format!("spec/components/{name}.toml"))
        .collect();
    assert!(wanted.len() >= 2, "only {wanted:?} need vnc");
    let files = SpecFiles::new("spec", contents);
    let compiled = compile(&files).unwrap();
    assert!(compiled.output.is_none(), "a desktop without a display was generated");
    let mut found = BTreeSet::new();
    for diagnostic in
        compiled.diagnostics.iter().filter(|found| found.severity() == Severity::Error)
    {
        let text = render(diagnostic, &files, Style::Plain);
        assert_eq!(diagnostic.code, Code::MissingNeed, "{text}");
        let span = &diagnostic.primary.span;
        let path = files.display_path(span.file);
        let source = files.text(span.file);
        assert_eq!(&source[span.range()], "\"vnc\"", "{text}");
        let line = source[..span.start].matches('\n').count() + 1;
        let column = span.start - source[..span.start].rfind('\n').map_or(0, |at| at + 1) + 1;
        assert!(text.contains(&format!("{path}:{line}:{column}")), "{text}");
        assert!(text.contains("^^^^^"), "{text}");
        found.insert(path);
    }
    assert_eq!(found, wanted);
}

/// Words that only Jupyter brings: its names, its kernels, its settings and its port.
const TRACES_OF_JUPYTER: &[&str] =
    &["jupyter", "ipykernel", "ipython", "nbconfig", "nbconvert", "8090"];

#[test]
fn without_jupyter_no_trace_of_it_is_generated() {
    let is_trace = |text: &str| TRACES_OF_JUPYTER.iter().find(|trace| text.contains(**trace));
    let with = crate::harness::output();
    let traces = with.tree.iter().filter(|(path, _)| is_trace(&path.to_lowercase()).is_some());
    assert!(traces.count() > 0, "the spec as it is has no file of Jupyter, so nothing is shown");

    let stack = crate::harness::Stack::new(&spec());
    stack.rdspec(&["generate"]).expect(0);
    let files = without(|name| name.contains("jupyter"));
    std::fs::remove_dir_all(stack.path("spec")).unwrap();
    for (path, bytes) in &files {
        stack.write(&format!("spec/{path}"), bytes);
    }
    stack.rdspec(&["generate"]).expect(0);
    let generated = stack.generated();
    assert!(generated.keys().any(|path| path.ends_with("/Dockerfile")));
    for (path, file) in generated {
        let path = path.to_lowercase();
        assert_eq!(is_trace(&path), None, "the name of {path}");
        let text = String::from_utf8_lossy(&file.bytes).to_lowercase();
        for (number, line) in text.lines().enumerate() {
            let found = is_trace(line).filter(|trace| !is_in_a_longer_word(line, trace));
            assert_eq!(found, None, "generated/{path}:{}: {line}", number + 1);
        }
    }
}

/// Whether the port stands only inside of longer words of letters and digits, such as digests.
fn is_in_a_longer_word(line: &str, trace: &str) -> bool {
    trace == "8090" && !line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == trace)
}
