//! Bad input never panics: random bytes, broken copies of the real spec, extreme values. Whatever comes in, the compiler
//! answers with diagnostics that point into the text.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rdspec::compile::compile;
use rdspec::diagnostic::render::{Style, render};
use rdspec::source::SpecFiles;

use crate::harness::{contents, nasty_spec, spec};

/// Compiles and prints everything that is found; the only failure is a panic or an internal error.
fn survive(contents: BTreeMap<String, Vec<u8>>) {
    let files = SpecFiles::new("spec", contents);
    let compiled = compile(&files).unwrap();
    for diagnostic in &compiled.diagnostics {
        let length = files.text(diagnostic.primary.span.file).len();
        assert!(diagnostic.primary.span.end <= length, "{diagnostic:?}");
        assert!(render(diagnostic, &files, Style::Plain).contains(diagnostic.code.name()));
    }
}

/// What happens to a line of a file.
#[derive(Clone, Debug)]
enum Damage {
    Remove(usize),
    Repeat(usize),
    Swap(usize, usize),
    Byte(usize, u8),
    Cut(usize),
    Value(usize, String),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<usize>();
    let values = prop_oneof![
        Just("99999999999999999999".to_owned()),
        Just("-1".to_owned()),
        Just("\"\\u0000\"".to_owned()),
        Just("\"é\\n\\\"$(x)'\"".to_owned()),
        Just("{ a = { b = { c = [[[[1]]]] } } }".to_owned()),
        Just("[]".to_owned()),
        Just("1979-05-27T07:32:00Z".to_owned()),
        "\\PC{0,20}",
        "\"[ -~]{0,20}\"",
    ];
    prop_oneof![
        at.prop_map(Damage::Remove),
        at.prop_map(Damage::Repeat),
        (at, at).prop_map(|(left, right)| Damage::Swap(left, right)),
        (at, any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        at.prop_map(Damage::Cut),
        (at, values).prop_map(|(at, value)| Damage::Value(at, value)),
    ]
}

fn damaged(bytes: &[u8], damage: &Damage) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> =
        bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let count = lines.len().max(1);
    if lines.is_empty() {
        return bytes.to_vec();
    }
    match damage {
        Damage::Remove(at) => {
            lines.remove(at % count);
        }
        Damage::Repeat(at) => {
            let line = lines[at % count].clone();
            lines.insert(at % count, line);
        }
        Damage::Swap(left, right) => lines.swap(left % count, right % count),
        Damage::Byte(at, byte) => {
            let mut bytes = bytes.to_vec();
            let length = bytes.len();
            bytes[at % length] = *byte;
            return bytes;
        }
        Damage::Cut(at) => return bytes[..at % bytes.len()].to_vec(),
        Damage::Value(at, value) => {
            let line = String::from_utf8_lossy(&lines[at % count]).into_owned();
            if let Some((key, _)) = line.split_once('=') {
                lines[at % count] = format!("{key}= {value}\n").into_bytes();
            }
        }
    }
    lines.concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_survived(
        stack in prop::collection::vec(any::<u8>(), 0..200),
        component in "\\PC{0,200}",
    ) {
        survive(BTreeMap::from([
            ("stack.toml".to_owned(), stack),
            ("components/x.toml".to_owned(), component.into_bytes()),
        ]));
    }

    #[test]
    fn broken_copies_of_real_specs_are_survived(
        which in any::<bool>(),
        file in any::<usize>(),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let mut contents = contents(&if which { spec() } else { nasty_spec() });
        let tomls: Vec<String> = contents.keys().filter(|path| path.ends_with(".toml")).cloned().collect();
        let path = &tomls[file % tomls.len()];
        let mut bytes = contents[path].clone();
        for damage in &damages {
            if !bytes.is_empty() {
                bytes = damaged(&bytes, damage);
            }
        }
        contents.insert(path.clone(), bytes);
        survive(contents);
    }

    #[test]
    fn any_string_in_any_place_is_survived(text in "\\PC{0,30}|[\\x00-\\x7f]{0,30}") {
        let quoted = serde_json::to_string(&text).unwrap().replace('\u{7f}', "\\u007f");
        let component = format!(
            "summary = {quoted}\nneeds = [{quoted}]\n\n[apt]\npackages = [{quoted}]\n\n[environment]\n{quoted} = {quoted}\nA = {quoted}\n\n\
             [files.{quoted}]\ncontent = {quoted}\n\n[files.\"/etc/x\"]\ncontent = {quoted}\nmode = {quoted}\n\n\
             [services.a]\ncommand = {quoted}\nenvironment = {{ A = {quoted} }}\n\n[sudo]\ncommands = [{quoted}]\n\n\
             [script]\nrun = {quoted}\nwritable = [{quoted}]\nenvironment = {{ A = {quoted} }}\n\n\
             [downloads.a]\nversion = {quoted}\nurl = \"https://example.org/{{{{ version }}}}\"\nmirrors = [{quoted}]\nsha256 = {quoted}\ninstall = {{ to = {quoted} }}\n\n\
             [runtime]\ncommand = [{quoted}]\nworking-directory = {quoted}\nhealthcheck = {{ command = [{quoted}], interval = {quoted} }}\n\n\
             [check]\nrun = {quoted}\n"
        );
        let mut contents = contents(&nasty_spec());
        contents.insert("components/tool.toml".to_owned(), component.into_bytes());
        survive(contents);
    }
}

#[test]
fn odd_files_are_survived() {
    let deep = format!("a = {}1{}\n", "[".repeat(5_000), "]".repeat(5_000));
    let dotted = format!("{}x = 1\n", "a.".repeat(5_000));
    for text in [
        "",
        "\u{feff}summary = \"x\"\r\n",
        "\0",
        "[[components]]",
        "summary = 1\n[apt",
        &deep,
        &dotted,
    ] {
        survive(BTreeMap::from([
            ("stack.toml".to_owned(), text.as_bytes().to_vec()),
            ("components/x.toml".to_owned(), text.as_bytes().to_vec()),
        ]));
    }
}
