//! Any string that TOML can hold, put into a place of a spec, arrives unchanged at the program that reads the generated
//! file, or is refused with a diagnostic at that string. Through the whole compiler, with the real readers.

mod places;
mod readers;

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rdspec::compile::compile;
use rdspec::diagnostic::Severity;
use rdspec::diagnostic::render::{Style, render};
use rdspec::render::FileTree;

use self::places::{By, PLACES, Place};
use crate::mutation::TEXTS;
use crate::spec_case;

/// Without optimization only a tenth of the strings, for it takes long; tests/run builds with it.
const PART: usize = if cfg!(debug_assertions) { 10 } else { 1 };

/// What a reader found, by the number of the string.
type Arrived = BTreeMap<usize, String>;

/// Strings of what some language finds special, and of anything else.
fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[-'\"\\\\$`!*?~#&;|<>(){}\\[\\]^%=,:@+ \t\n\ra-c]{0,12}",
        2 => "[ -~]{0,12}",
        1 => "[a-z0-9 ._/-]{1,12}",
        1 => "\\PC{0,12}",
        1 => any::<String>(),
        1 => prop::collection::vec(prop::sample::select(TEXTS), 1..4).prop_map(|texts| texts.concat()),
        1 => any::<char>().prop_map(String::from),
    ]
}

/// A TOML basic string: JSON's escapes, and DEL must be escaped too.
fn toml(text: &str) -> String {
    serde_json::to_string(text).unwrap().replace('\u{7f}', "\\u007f")
}

/// Compiles a component with these strings; gives the output and the strings that were not refused.
fn compiled(place: &Place, mut texts: Vec<(usize, String)>) -> (FileTree, Vec<(usize, String)>) {
    // The compiler finds all errors at once, but some of them only where there are no others.
    for _ in 0..6 {
        let mut case = format!("-- components/tool.toml --\nsummary = \"x\"\n{}\n", place.head);
        let lines_before = case.lines().count() - 1;
        for (number, text) in &texts {
            case.push_str(&(place.line)(*number, &toml(text)));
            case.push('\n');
        }
        case.push_str(place.tail);
        case.push('\n');
        let files = spec_case::parse(case.as_bytes());
        let compiled = compile(&files).unwrap();
        if let Some(output) = compiled.output {
            return (output.tree, texts);
        }
        let mut refused = vec![false; texts.len()];
        for diagnostic in
            compiled.diagnostics.iter().filter(|found| found.severity() == Severity::Error)
        {
            let span = &diagnostic.primary.span;
            let is_here = files.path(span.file) == "components/tool.toml";
            let line = files.text(span.file)[..span.start].matches('\n').count();
            let place_of_text = line.checked_sub(lines_before).and_then(|at| refused.get_mut(at));
            match place_of_text.filter(|_| is_here) {
                Some(refused) => *refused = true,
                None => panic!(
                    "{}: not at a string:\n{}",
                    place.name,
                    render(diagnostic, &files, Style::Plain)
                ),
            }
        }
        let mut at = refused.into_iter();
        texts.retain(|_| at.next() == Some(false));
    }
    panic!("{}: always more errors", place.name);
}

fn sorted(texts: impl Iterator<Item = String>) -> Arrived {
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts.into_iter().enumerate().collect()
}

/// Gives how many strings were tried, and how many arrived.
fn every_string_arrives(place: &Place) -> (usize, usize) {
    let mut runner = TestRunner::deterministic();
    let strategy = string();
    let (size, repetitions) = place.size;
    let repetitions = repetitions / PART;
    let (mut tried, mut arrived) = (0, 0);
    for _ in 0..repetitions {
        let texts = (0..size).map(|number| {
            let text = strategy.new_tree(&mut runner).unwrap().current();
            (number, (place.fit)(number, &text))
        });
        let (tree, taken) = compiled(place, texts.collect());
        let read = (place.read)(&tree);
        let wanted: Arrived = match place.by {
            By::Number => taken.into_iter().collect(),
            By::Order => taken.into_iter().map(|(_, text)| text).enumerate().collect(),
            By::Text => sorted(taken.into_iter().map(|(_, text)| text)),
        };
        let read = match place.by {
            By::Text => sorted(read.into_values()),
            By::Number | By::Order => read,
        };
        for (number, text) in &wanted {
            assert_eq!(read.get(number), Some(text), "{}: {text:?} did not arrive", place.name);
        }
        assert_eq!(read.len(), wanted.len(), "{}: more arrived than was sent", place.name);
        tried += size;
        arrived += wanted.len();
    }
    assert!(arrived > 0, "{}: nothing arrived, so nothing was shown", place.name);
    (tried, arrived)
}

#[test]
fn every_string_arrives_or_is_refused() {
    let prove = |half: usize| {
        let places = PLACES.iter().skip(half).step_by(2);
        let results = places.map(|place| (place, catch_unwind(|| every_string_arrives(place))));
        results.collect::<Vec<_>>()
    };
    let mut results = Vec::new();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| prove(1));
        results = prove(0);
        results.extend(other.join().unwrap());
    });
    let mut sum = 0;
    let mut failed = Vec::new();
    for (place, result) in results {
        match result {
            Ok((tried, arrived)) => {
                println!("{}: {arrived} of {tried} strings arrived", place.name);
                sum += tried;
            }
            Err(_) => failed.push(place.name),
        }
    }
    println!("{sum} strings");
    assert!(failed.is_empty(), "see above: {failed:#?}");
    assert!(sum >= 100_000 / PART, "{sum} strings are not enough");
}

/// What follows the component's own text must not become a part of it.
#[test]
fn shell_text_ends_where_it_ends() {
    for text in ["echo a\\", "echo a\\ ", "echo a\\\n\n", "echo a #", "cat <<X\nX", "echo 'a\n'"] {
        let case = format!(
            "-- components/tool.toml --\nsummary = \"x\"\nscript.run = {0}\ncheck.run = {0}\n",
            toml(text)
        );
        let output = crate::harness::compiled(&spec_case::parse(case.as_bytes()));
        for path in ["base/resources/tools/tool.sh", "base/checks.sh"] {
            let script = &output.tree.get(path).unwrap().bytes;
            readers::bash_takes(script, &format!("{path} for {text:?}"));
        }
    }
}
