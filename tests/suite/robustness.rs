//! Bad input never panics: random bytes, broken copies of the real spec, extreme values. Whatever comes in, the compiler
//! answers with diagnostics that point into the text.

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;
use rdspec::source::SpecFiles;

use crate::harness::{contents, nasty_spec, repository, spec};
use crate::{mutation, spec_case, survival};

/// As [`survival::survive`], for files to be put together.
fn survive(contents: BTreeMap<String, Vec<u8>>) {
    survival::survive(&SpecFiles::new("spec", contents));
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
    fn changed_values_are_survived(which in any::<usize>(), seeds in prop::collection::vec(any::<u64>(), 1..6)) {
        let seeds_of_fuzzing = whole_specs();
        let mut text = seeds_of_fuzzing[which % seeds_of_fuzzing.len()].clone();
        for seed in seeds {
            let other = &seeds_of_fuzzing[(which ^ 1) % seeds_of_fuzzing.len()];
            text = match seed % 8 {
                0 => mutation::crossed(&text, other, seed),
                _ => mutation::mutated(&text, seed),
            };
        }
        survival::survive(&spec_case::parse(&text));
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

/// The specs that use the most of the language, as one text each.
fn whole_specs() -> Vec<Vec<u8>> {
    let tests = repository().join("tests");
    ["suite/nasty_spec.txt", "suite/small_spec.txt", "fuzz/seeds/language.txt"]
        .map(|path| fs::read(tests.join(path)).unwrap())
        .to_vec()
}

/// Whatever fuzzing found once, and the inputs that it begins with.
#[test]
fn every_seed_and_every_regression_is_survived() {
    let folder = repository().join("tests/fuzz/seeds");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read(&path).unwrap();
        survival::survive(&spec_case::parse(&text));
        survive(BTreeMap::from([
            ("stack.toml".to_owned(), text.clone()),
            ("components/x.toml".to_owned(), text),
        ]));
        count += 1;
    }
    assert!(count > 0);
}

/// Each file of the real spec, cut after each byte, and with each byte replaced. Without optimization only every 16th
/// byte, for tests/run builds with it.
#[test]
fn every_cut_and_every_wrong_byte_of_the_real_spec_is_survived() {
    let step = if cfg!(debug_assertions) { 16 } else { 1 };
    let whole = contents(&spec());
    for (path, bytes) in whole.iter().filter(|(path, _)| path.ends_with(".toml")) {
        for at in (0..bytes.len()).step_by(step) {
            survive_alone(path, bytes[..at].to_vec());
            let mut wrong = bytes.clone();
            let choices = [0, b'\n', b'"', b'[', b'=', 0xff, bytes[at] ^ 1];
            wrong[at] = choices[(at / step) % choices.len()];
            survive_alone(path, wrong);
        }
    }
}

/// One file of a spec without the others, which keeps it quick: parsing and resolving see it all the same.
fn survive_alone(path: &str, bytes: Vec<u8>) {
    let mut files = BTreeMap::from([(path.to_owned(), bytes)]);
    if path != "stack.toml" {
        let name = path.rsplit('/').next().unwrap().trim_end_matches(".toml");
        let stack = format!(
            "[stack]\nname = \"x\"\n[apt]\nrefresh = \"2026-11-23\"\n[bootstrap]\npackages = [\"curl\"]\n\
             [user]\nname = \"jovyan\"\n[images.base]\nfrom = \"debian:bookworm\"\nunpinned = \"local\"\n\
             components = [{name:?}]\n"
        );
        files.insert("stack.toml".to_owned(), stack.into_bytes());
    }
    survive(files);
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
