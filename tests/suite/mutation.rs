//! Changes to a spec at the level of TOML values: what is changed mostly still parses, and so reaches the later stages
//! of the compiler. The same seed makes the same change.

use toml::{Table, Value};

/// Numbers that look random (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}

/// Texts that mean something somewhere.
pub(crate) const TEXTS: &[&str] = &[
    "",
    " ",
    "\0",
    "\n",
    "a\nb",
    "\r\n",
    "\t",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "é漢🚀",
    "'",
    "\"",
    "\\",
    "a\\",
    "$",
    "$x",
    "${x}",
    "$(x)",
    "`x`",
    "%",
    "%(x)s",
    ";",
    " ; x",
    "#",
    " # x",
    "!",
    "*",
    "?",
    "[a]",
    "{a,b}",
    "~",
    "~/x",
    "-",
    "--x",
    "=",
    "a=b",
    ",",
    ":",
    "/",
    "//",
    "/.",
    "/..",
    "/a/../b",
    "/a/",
    "/run/x",
    "/proc",
    "/etc/passwd",
    "/home/jovyan/x",
    "/opt/x",
    ".",
    "..",
    "a/b",
    "{{ version }}",
    "{{ arch }}",
    "{{ user.name }}",
    "{{ x",
    "{% x %}",
    "{## x",
    "0",
    "1",
    "-1",
    "0644",
    "4755",
    "99999999999999999999",
    "https://example.org/x.tar.gz",
    "http://example.org/",
    "https://",
    "https://user@example.org:1/?q#f",
    "file:///etc/passwd",
    "2026-11-23",
    "2026-02-30",
    "20261123T000000Z",
    "1s",
    "1h1h",
    "root",
    "jovyan",
    "user",
    "tool",
    "base",
    "default",
    "debian",
    "ubuntu",
    "amd64",
    "arm64",
    "linux/amd64",
    "NaN",
    "14 GB",
    "SIGTERM",
    "TERM",
    "never",
    "en",
    "fr",
    "en_US.UTF-8",
    "name=1.0",
    "name==1",
    "1.0-1",
    "a90174f8fecfb1767371015a625a2f7ffc1edafd9110717348e797a46a066edf",
    "sha256:a90174f8fecfb1767371015a625a2f7ffc1edafd9110717348e797a46a066edf",
];

const NUMBERS: &[i64] = &[
    0,
    1,
    -1,
    2,
    7,
    255,
    256,
    999,
    1000,
    65_535,
    65_536,
    2_147_483_648,
    4_294_967_295,
    i64::MAX,
    i64::MIN,
];

/// A spec, as one text, with one thing changed.
pub(crate) fn mutated(text: &[u8], seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let mut files = split(text);
    // A second value to take from, so that keys and tables wander between files.
    let donor = random.below(files.len());
    let donor = files.get(donor).and_then(|(_, bytes)| table(bytes)).unwrap_or_default();
    let at = random.below(files.len());
    let Some((_, bytes)) = files.get_mut(at) else { return text.to_vec() };
    match table(bytes) {
        Some(mut root) => {
            for _ in 0..=random.below(3) {
                change(&mut root, &donor, &mut random);
            }
            if let Ok(new) = toml::to_string(&root) {
                *bytes = new.into_bytes();
            }
        }
        None => change_bytes(bytes, &mut random),
    }
    join(&files)
}

/// A spec with a file, or a part of one, from another spec.
pub(crate) fn crossed(left: &[u8], right: &[u8], seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let mut files = split(left);
    let others = split(right);
    let Some((path, other)) = random.pick(&others) else { return left.to_vec() };
    let place = files.iter_mut().find(|(candidate, _)| candidate == path);
    match place {
        Some((_, bytes)) => match (table(bytes), table(other)) {
            (Some(mut root), Some(donor)) => {
                for (key, value) in donor {
                    if random.below(2) == 0 {
                        root.insert(key, value);
                    }
                }
                if let Ok(new) = toml::to_string(&root) {
                    *bytes = new.into_bytes();
                }
            }
            _ => bytes.clone_from(other),
        },
        None => files.push((path.clone(), other.clone())),
    }
    join(&files)
}

type Files = Vec<(String, Vec<u8>)>;

/// The files of a spec in one text; see `spec_case`.
fn split(text: &[u8]) -> Files {
    let mut files: Files = Vec::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let path = std::str::from_utf8(line)
            .ok()
            .and_then(|line| line.trim_end().strip_prefix("-- ")?.strip_suffix(" --"));
        match (path, files.last_mut()) {
            (Some(path), _) => files.push((path.to_owned(), Vec::new())),
            (None, Some((_, bytes))) => bytes.extend_from_slice(line),
            (None, None) => {}
        }
    }
    files
}

fn join(files: &Files) -> Vec<u8> {
    let mut text = Vec::new();
    for (path, bytes) in files {
        text.extend_from_slice(format!("-- {path} --\n").as_bytes());
        text.extend_from_slice(bytes);
        if !bytes.is_empty() && !bytes.ends_with(b"\n") {
            text.push(b'\n');
        }
    }
    text
}

fn table(bytes: &[u8]) -> Option<Table> {
    let text = std::str::from_utf8(bytes).ok()?;
    let root: Table = text.parse().ok()?;
    (!root.is_empty()).then_some(root)
}

fn change_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len());
    match random.below(4) {
        0 => bytes.truncate(at),
        1 => bytes.extend_from_within(at..),
        2 => {
            let text = random.pick(TEXTS).copied().unwrap_or_default();
            bytes.splice(at..at, text.bytes());
        }
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
    }
}

/// Goes down to some table and changes an entry of it.
fn change(table: &mut Table, donor: &Table, random: &mut Random) {
    let keys: Vec<String> = table.keys().cloned().collect();
    let Some(key) = random.pick(&keys).cloned() else {
        insert(table, donor, random);
        return;
    };
    let depth_first = random.below(4) != 0;
    match table.get_mut(&key) {
        Some(Value::Table(below)) if depth_first => {
            let below_donor = match donor.get(&key) {
                Some(Value::Table(donor)) => donor.clone(),
                _ => donor.clone(),
            };
            change(below, &below_donor, random);
        }
        Some(value) => match random.below(8) {
            0 => {
                table.remove(&key);
            }
            1 => insert(table, donor, random),
            2 => {
                // Keys are values too: paths, names, variables.
                let value = value.clone();
                table.insert(text(&key, random), value);
            }
            3 => {
                if let Some(other) = random.pick(&keys).and_then(|key| table.get(key)).cloned() {
                    table.insert(key, other);
                }
            }
            _ => change_value(value, donor, random),
        },
        None => {}
    }
}

/// Takes an entry over from another table.
fn insert(table: &mut Table, donor: &Table, random: &mut Random) {
    let keys: Vec<&String> = donor.keys().collect();
    if let Some(key) = random.pick(&keys)
        && let Some(value) = donor.get(*key)
    {
        table.insert((*key).clone(), value.clone());
    }
}

fn change_value(value: &mut Value, donor: &Table, random: &mut Random) {
    match value {
        Value::String(old) => *old = text(old, random),
        Value::Integer(number) => {
            *number = match random.below(2) {
                0 => number.wrapping_add(1),
                _ => random.pick(NUMBERS).copied().unwrap_or_default(),
            };
        }
        Value::Boolean(old) => *old = !*old,
        Value::Array(values) if random.below(4) != 0 => {
            let at = random.below(values.len());
            match random.below(4) {
                0 if !values.is_empty() => {
                    values.remove(at);
                }
                1 => values.push(Value::String(text("", random))),
                2 => values.extend_from_within(at..),
                _ => {
                    if let Some(value) = values.get_mut(at) {
                        change_value(value, donor, random);
                    }
                }
            }
        }
        Value::Table(table) if random.below(4) != 0 => change(table, donor, random),
        _ => {
            *value = match random.below(7) {
                0 => Value::Integer(random.pick(NUMBERS).copied().unwrap_or_default()),
                1 => Value::Boolean(true),
                2 => Value::Array(vec![Value::String(text("", random))]),
                3 => Value::Table(donor.clone()),
                4 => Value::Float(f64::NAN),
                5 => "1979-05-27T07:32:00Z".parse().map_or(Value::Boolean(false), Value::Datetime),
                _ => Value::String(text("", random)),
            };
        }
    }
}

/// Another text, or the same one with something put in, doubled or cut.
fn text(old: &str, random: &mut Random) -> String {
    let special = random.pick(TEXTS).copied().unwrap_or_default();
    let mut at = random.below(old.len() + 1);
    while !old.is_char_boundary(at) {
        at += 1;
    }
    let (before, after) = old.split_at(at);
    match random.below(6) {
        0 | 1 => special.to_owned(),
        2 => format!("{before}{special}{after}"),
        3 => before.to_owned(),
        4 => after.to_owned(),
        _ => old.repeat(1 + random.below(3)),
    }
}
