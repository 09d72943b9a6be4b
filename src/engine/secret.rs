//! `--secret`: which file has a secret of the build.

use std::path::PathBuf;
use std::str::FromStr;

use crate::model::secret::SecretName;

/// A secret and its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretFile {
    /// What the spec calls it.
    pub name: SecretName,
    /// Where it is.
    pub source: PathBuf,
}

impl FromStr for SecretFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut name, mut source) = (None, None);
        for part in text.split(',') {
            match part.split_once('=') {
                Some(("id", value)) => {
                    let checked = SecretName::parse(value)
                        .map_err(|problem| format!("the id {value:?} {problem}"))?;
                    name = Some(checked);
                }
                Some(("src" | "source", value)) if !value.is_empty() && !value.contains('"') => {
                    source = Some(PathBuf::from(value));
                }
                // Engines read a line of CSV, so a path cannot have a comma or a quote.
                _ => return Err(format!("{part:?} is neither id=NAME nor src=FILE")),
            }
        }
        match (name, source) {
            (Some(name), Some(source)) => Ok(Self { name, source }),
            _ => Err("it takes id=NAME,src=FILE".to_owned()),
        }
    }
}

impl SecretFile {
    /// What is wrong with its file, if anything.
    pub fn problem(&self) -> Option<String> {
        let path = self.source.display();
        match std::fs::File::open(&self.source).and_then(|file| file.metadata()) {
            Ok(file) if file.is_file() => None,
            Ok(_) => Some(format!("the secret `{}`: {path} is no file", self.name)),
            Err(error) => Some(format!("the secret `{}`: {path}: {error}", self.name)),
        }
    }

    /// The value of an engine's own `--secret`.
    pub(crate) fn argument(&self) -> std::ffi::OsString {
        let mut argument = std::ffi::OsString::from(format!("id={},src=", self.name));
        argument.push(&self.source);
        argument
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_a_name_and_a_file() {
        let read = |text: &str| text.parse::<SecretFile>();
        let token = SecretFile {
            name: SecretName::parse("token").unwrap(),
            source: PathBuf::from("/a b/c=d"),
        };
        assert_eq!(read("id=token,src=/a b/c=d"), Ok(token.clone()));
        assert_eq!(read("source=/a b/c=d,id=token"), Ok(token.clone()));
        assert_eq!(token.argument(), "id=token,src=/a b/c=d");
        for bad in [
            "",
            "token",
            "id=token",
            "src=a",
            "id=T,src=a",
            "id=t,src=a,b",
            "id=t,env=A",
            "id=t,src=",
            "id=t,src=a\"b",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
