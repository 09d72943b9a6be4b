//! Shortcuts, read by what desktops read them with.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use rdspec::model::shortcut::categories;
use rdspec::render::quote::desktop;

use crate::harness::{compiled, nasty_spec, run, spec, tool};

/// Fails unless desktop-file-validate takes an entry.
fn validate(text: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("entry.desktop");
    std::fs::write(&path, text).unwrap();
    let text = String::from_utf8_lossy(text);
    let output =
        run(tool("desktop-file-validate", "desktop-file-utils").arg("--no-hints").arg(path));
    assert!(output.stdout.is_empty() && output.status == Some(0), "{}\n{text}", output.stdout);
}

#[test]
fn desktop_file_validate_takes_every_shortcut() {
    let mut count = 0;
    for files in [spec(), nasty_spec()] {
        for (path, file) in compiled(&files).tree.into_files() {
            let text = String::from_utf8_lossy(&file.bytes);
            if path.ends_with(".desktop") && text.starts_with("# Written by") {
                validate(&file.bytes);
                count += 1;
            }
        }
    }
    assert!(count >= 6, "{count} shortcuts");
}

#[test]
fn every_known_category_is_registered() {
    let all: Vec<String> = categories().map(str::to_owned).collect();
    let categories = desktop::list(&all).unwrap();
    let entry = "[Desktop Entry]\nType=Application\nName=A\nExec=true\nCategories=";
    validate(format!("{entry}{categories}\n").as_bytes());
}

/// What a program gets that GLib starts for an entry: its arguments.
fn launched(name: &str, arguments: &[String]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    let script = "#!/bin/sh\nprintf '%s\\0' \"$@\" >\"$0.part\" && mv \"$0.part\" \"$0.out\"\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = vec![program.to_str().unwrap().to_owned(), "%c".to_owned()];
    command.extend(arguments.iter().map(|argument| argument.replace('%', "%%")));
    let exec = desktop::exec(&command).unwrap();
    let name = desktop::string(name).unwrap();
    let entry = folder.path().join("entry.desktop");
    let text = format!("[Desktop Entry]\nType=Application\nName={name}\nExec={exec}\n");
    std::fs::write(&entry, &text).unwrap();
    run(tool("gio", "libglib2.0-bin").arg("launch").arg(&entry)).expect(0);
    let start = Instant::now();
    loop {
        if let Ok(bytes) = std::fs::read(folder.path().join("program.out")) {
            let text = String::from_utf8(bytes).unwrap();
            return text.split_terminator('\0').map(str::to_owned).collect();
        }
        assert!(start.elapsed() < Duration::from_secs(60), "the program was not started:\n{text}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The elements of a list: GLib's rules for strings, after the separators.
fn elements(text: &str) -> Vec<String> {
    let mut elements = Vec::new();
    let mut current = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            ';' => elements.push(std::mem::take(&mut current)),
            '\\' => match characters.next().unwrap() {
                's' => current.push(' '),
                'n' => current.push('\n'),
                't' => current.push('\t'),
                'r' => current.push('\r'),
                other => current.push(other),
            },
            other => current.push(other),
        }
    }
    assert!(current.is_empty(), "{text:?}");
    elements
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn glib_reads_back_names_and_arguments(values in vec(prop_oneof![
        "[-'\"\\\\$`!*?~#&;|<>(){}\\[\\]^%=, \ta-cnrst]{0,12}",
        "\\PC{0,12}",
        any::<String>(),
    ], 100)) {
        let values: Vec<String> =
            values.into_iter().filter(|value| desktop::string(value).is_ok()).collect();
        // A desktop shows something where the name is missing.
        let name = values.iter().find(|value| !value.is_empty()).unwrap();
        let mut expected = vec![name.clone()];
        expected.extend(values.iter().cloned());
        prop_assert_eq!(launched(name, &values), expected);
        let list = desktop::list(&values).unwrap();
        prop_assert_eq!(elements(&list), values);
    }
}
