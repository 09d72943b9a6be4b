//! `rdspec schema`: an independent validator accepts every spec file of this repository and refuses every unknown key.

use std::fs;

use rdspec::language::example::{self, Choice, ENTRY};
use rdspec::language::{COMPONENT, EXPERIMENTS, STACK, Table, Type};
use rdspec::source::SpecFiles;
use serde_json::{Value, json};

use crate::harness::{nasty_spec, rdspec, run, spec, tool};
use crate::spec_case;

/// The files of the language, as `rdspec schema` calls them.
const FILES: [(&str, &Table); 3] =
    [("stack", STACK), ("component", COMPONENT), ("experiments", EXPERIMENTS)];

/// Says for each document on stdin whether it is valid, and that the schemas themselves are.
const VALIDATOR: &str = "
import json, sys
from jsonschema import Draft202012Validator
given = json.load(open(sys.argv[1]))
for schema in given['schemas'].values():
    Draft202012Validator.check_schema(schema)
validators = {name: Draft202012Validator(schema) for name, schema in given['schemas'].items()}
errors = [
    [error.message for error in validators[name].iter_errors(document)]
    for name, document in given['documents']
]
json.dump(errors, sys.stdout)
";

/// What is wrong with each document: which schema, and the document.
fn errors(documents: &[(&str, Value)]) -> Vec<Vec<String>> {
    let schema = |subject: &str| {
        let run = run(rdspec().args(["schema", subject])).expect(0);
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    let given = json!({
        "schemas": {
            "stack": schema("stack"),
            "component": schema("component"),
            "experiments": schema("experiments"),
        },
        "documents": documents,
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("given.json");
    fs::write(&file, given.to_string()).unwrap();
    let mut command = tool("python3", "python3-jsonschema");
    let run = run(command.args(["-c", VALIDATOR]).arg(file)).expect(0);
    serde_json::from_str(&run.stdout).unwrap()
}

/// The TOML files of a spec that are TOML, with their schema.
fn documents(files: &SpecFiles) -> Vec<(&'static str, Value)> {
    let mut documents = Vec::new();
    for path in files.paths() {
        let schema = match path {
            "stack.toml" => "stack",
            path if rdspec::parse::component_name(path).is_some() => "component",
            _ => continue,
        };
        let text = std::str::from_utf8(files.get(path).unwrap()).unwrap();
        documents.push((schema, json_of(text)));
    }
    documents
}

fn json_of(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
}

#[test]
fn every_good_spec_file_is_valid() {
    let mut all = documents(&spec());
    all.extend(documents(&nasty_spec()));
    all.extend(documents(&spec_case::parse(include_bytes!("small_spec.txt"))));
    for index in 0..16 {
        for (name, table) in FILES {
            let example = example::file(table, Choice::One(index));
            all.push((name, serde_json::to_value(example).unwrap()));
        }
    }
    for (errors, (name, document)) in errors(&all).iter().zip(&all) {
        assert!(errors.is_empty(), "{name}: {errors:#?}\n{document:#}");
    }
}

/// The place of every table of a file, as JSON pointers, with its name in the language.
fn places(table: &'static Table, at: &str, overlay: bool, found: &mut Vec<String>) {
    found.push(at.to_owned());
    for key in table.keys {
        match key.value {
            Type::Table(below) => places(below, &format!("{at}/{}", key.name), overlay, found),
            Type::Tables(_, below) => {
                places(below, &format!("{at}/{}/{ENTRY}", key.name), overlay, found);
            }
            Type::Overlays(below) if !overlay => {
                places(below, &format!("{at}/{}/{ENTRY}", key.name), true, found);
            }
            _ => {}
        }
    }
}

#[test]
fn an_unknown_key_is_refused_in_every_table() {
    let mut all = Vec::new();
    let mut seen = Vec::new();
    for (name, table) in FILES {
        let mut found = Vec::new();
        places(table, "", false, &mut found);
        for place in found {
            for index in 0..4 {
                let example = example::file(table, Choice::One(index));
                let mut document = serde_json::to_value(example).unwrap();
                let Some(target) = document.pointer_mut(&place) else { continue };
                target["unknown-key"] = json!("x");
                seen.push((name, place.clone()));
                all.push((name, document));
                break;
            }
        }
    }
    assert!(seen.len() > 60, "{seen:?}");
    for (errors, (name, place)) in errors(&all).iter().zip(&seen) {
        assert!(!errors.is_empty(), "{name}{place} takes an unknown key");
    }
}

#[test]
fn what_is_missing_or_of_a_wrong_type_is_refused() {
    let bad = [
        ("component", "[apt]\npackages = ['nginx']"),
        ("component", "summary = 1"),
        ("component", "summary = 'x'\nchange-class = 'often'"),
        ("component", "summary = 'x'\n[apt]\npackages = 'nginx'"),
        ("component", "summary = 'x'\n[downloads.a]\nurl = 'u'\nsha256 = 's'"),
        ("component", "summary = 'x'\n[links.'/a']"),
        ("experiments", "[experiments.x.write.'/a']\nmode = '0644'"),
        ("experiments", "[experiments.x]\nbefore = 'a'\nneeds = ['b']"),
        ("stack", "[stack]\nname = 'x'"),
        ("stack", "[stack]\nname = 'x'\n[images.a]\ncomponents = []"),
        ("stack", "[stack]\nname = 'x'\n[images.a]\nfrom = 'b:1'\ndigest = 'd'\nunpinned = 'why'"),
        ("stack", "[stack]\nname = 'x'\n[user]\nname = 'u'\nuid = 0\n[images.a]\nfrom = 'b:1'"),
    ];
    let documents: Vec<(&str, Value)> =
        bad.iter().map(|(name, text)| (*name, json_of(text))).collect();
    for (errors, (name, text)) in errors(&documents).iter().zip(bad) {
        assert!(!errors.is_empty(), "{name} takes\n{text}");
    }
}
