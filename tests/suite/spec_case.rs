//! Specs written as one text file: `-- path --` lines, each followed by the content of that file.

use std::collections::BTreeMap;

use rdspec::source::{SpecFiles, Unusable};

/// The stack of cases that are not about stack.toml.
const DEFAULT_STACK: &str = r#"[stack]
name = "demo"

[apt]
refresh = "2026-11-23"

[bootstrap]
packages = ["ca-certificates", "curl", "xz-utils"]

[user]
name = "jovyan"

[images.base]
from = "debian:bookworm"
unpinned = "local"
components = ["tool"]
"#;

/// Reads a case; `-- !nostack --` says that the missing stack.toml is meant, `-- !outside PATH --` and the like that an
/// entry is there and cannot be read.
pub(crate) fn parse(text: &[u8]) -> SpecFiles {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut current = String::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let header = std::str::from_utf8(line)
            .ok()
            .and_then(|line| line.trim_end().strip_prefix("-- ")?.strip_suffix(" --"));
        match header {
            Some(path) => {
                path.clone_into(&mut current);
                files.entry(current.clone()).or_default();
            }
            None => files.entry(current.clone()).or_default().extend_from_slice(line),
        }
    }
    if files.remove("!nostack").is_none() && !files.contains_key("stack.toml") {
        files.insert("stack.toml".into(), DEFAULT_STACK.as_bytes().to_vec());
    }
    let mut unusable = BTreeMap::new();
    for (name, why) in [
        ("!outside ", Unusable::Outside),
        ("!dangling ", Unusable::Dangling),
        ("!loop ", Unusable::Loop),
        ("!special ", Unusable::Special),
        ("!name ", Unusable::Name),
        ("!large ", Unusable::TooLarge { bytes: 20_000_000, most: 16_777_216 }),
    ] {
        let paths = files.keys().filter_map(|path| path.strip_prefix(name));
        unusable.extend(paths.map(|path| (path.to_owned(), why)).collect::<Vec<_>>());
    }
    files.retain(|path, _| !path.starts_with('!'));
    SpecFiles::with_unusable("spec", files, unusable)
}
