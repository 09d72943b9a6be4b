//! Private keys, told by their armor.
//!
//! Takes a window of a file, gives the kind of the first private key that begins in it. The words alone are no key:
//! programs and manuals have them too. A key is a whole header line, and after it a line of base64.

use aho_corasick::packed::Searcher;
use serde::Serialize;

/// From the header of a key to its first line of base64, with headers like `Proc-Type` between them.
pub(super) const REACH: usize = 2048;

/// What every armor begins with.
const BEGIN: &[u8] = b"-----BEGIN ";

/// The shortest first line of base64: a key of Ed25519 has 64 characters.
const SHORTEST: usize = 40;

/// What a private key is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivateKey {
    /// PKCS #1, SEC 1 or PKCS #8 in PEM.
    Pem,
    /// The same, encrypted with a passphrase.
    EncryptedPem,
    /// OpenSSH's own format, with or without a passphrase.
    OpenSsh,
    /// OpenPGP, in ASCII armor.
    OpenPgp,
}

impl PrivateKey {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pem => "private key in PEM",
            Self::EncryptedPem => "encrypted private key in PEM",
            Self::OpenSsh => "private key of OpenSSH",
            Self::OpenPgp => "private key of OpenPGP",
        }
    }
}

/// Looks for keys in windows.
pub(super) struct Finder {
    /// Looks at many bytes at a time; none on processors that cannot.
    searcher: Option<Searcher>,
}

impl Finder {
    pub(super) fn new() -> Self {
        Self { searcher: Searcher::new([BEGIN]) }
    }

    /// The first key whose header the window holds. `at_start` says whether the window begins where the file does. Where
    /// the file does not end with the window, the last [`REACH`] bytes come again at the start of the next one.
    pub(super) fn find(&self, window: &[u8], at_start: bool, is_end: bool) -> Option<PrivateKey> {
        let last = if is_end { window.len() } else { window.len().saturating_sub(REACH) };
        let mut from = 0;
        while let Some(at) = self.position(window.get(from..)?).map(|at| from + at) {
            if at > last {
                return None;
            }
            // What begins a later window was looked at in the window before.
            let starts_line =
                if at == 0 { at_start } else { matches!(window[at - 1], b'\n' | b'\r') };
            if starts_line && let Some(key) = judge(&window[at + BEGIN.len()..]) {
                return Some(key);
            }
            from = at + BEGIN.len();
        }
        None
    }

    fn position(&self, bytes: &[u8]) -> Option<usize> {
        match &self.searcher {
            Some(searcher) => searcher.find(bytes).map(|found| found.start()),
            None => bytes.windows(BEGIN.len()).position(|window| window == BEGIN),
        }
    }
}

/// What stands after `-----BEGIN `.
fn judge(rest: &[u8]) -> Option<PrivateKey> {
    let mut lines =
        rest[..rest.len().min(REACH)].split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let label = lines.next()?.strip_suffix(b"-----")?;
    let kind = match label {
        b"PGP PRIVATE KEY BLOCK" => PrivateKey::OpenPgp,
        b"OPENSSH PRIVATE KEY" => PrivateKey::OpenSsh,
        b"ENCRYPTED PRIVATE KEY" => PrivateKey::EncryptedPem,
        b"PRIVATE KEY" | b"RSA PRIVATE KEY" | b"DSA PRIVATE KEY" | b"EC PRIVATE KEY" => {
            PrivateKey::Pem
        }
        _ => return None,
    };
    let mut encrypted = false;
    for line in lines {
        if line.is_empty() || line.contains(&b':') {
            encrypted |= line.starts_with(b"Proc-Type:") && line.ends_with(b"ENCRYPTED");
            continue;
        }
        let base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        let is_key = line.len() >= SHORTEST && line.iter().all(base64);
        let kind = if encrypted { PrivateKey::EncryptedPem } else { kind };
        return is_key.then_some(kind);
    }
    None
}
