//! Release files: until when they hold, and the sums of the indexes.

use std::collections::BTreeMap;

use super::stanza::{Stanza, stanzas};
use crate::image::digest::Digest;
use crate::model::architecture::Architecture;

/// How far clocks may be apart, in seconds: what is from later than that was not made yet. As for signatures.
const SKEW: i64 = 86_400;

/// What a Release file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// When it was made, in seconds since 1970.
    pub date: i64,
    /// What the repository calls this part of itself: its Suite and its Codename, where it has them.
    pub names: Vec<String>,
    /// Until when it may be believed, where it says that: so nobody can serve an old one for ever.
    pub valid_until: Option<i64>,
    /// Whether its indexes can be fetched by their sums, too, and so do not change under whoever fetches them.
    pub by_hash: bool,
    /// The components that it names.
    pub components: Vec<String>,
    /// The architectures that it names.
    pub architectures: Vec<String>,
    /// Whether packages for all architectures are in an index of their own.
    all_apart: bool,
    files: BTreeMap<String, Sum>,
}

/// What the bytes of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Their digest.
    pub sha256: Digest,
    /// How many there are.
    pub size: u64,
}

/// An index of packages, as a Release file lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexFile {
    /// Where it is, below the Release file.
    pub path: String,
    /// What its bytes are.
    pub sum: Sum,
}

/// The forms in which an index comes, the smallest first.
const FORMS: [&str; 3] = ["Packages.xz", "Packages.gz", "Packages"];

impl Release {
    /// Reads one.
    ///
    /// # Errors
    /// It is none; in a few words that continue "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        // The cleartext of a signature has line ends of its own.
        let text = text.replace("\r\n", "\n");
        let mut all = stanzas(&text);
        let (Some(stanza), None) = (all.next(), all.next()) else {
            return Err("is no Release file: it is not one stanza of fields".to_owned());
        };
        let Some(date) = stanza.field("Date") else {
            return Err("is no Release file: it has no Date".to_owned());
        };
        let valid_until = stanza.field("Valid-Until");
        let words = |name| stanza.words(name).map(str::to_owned).collect::<Vec<_>>();
        let architectures = words("Architectures");
        let unsupported = stanza.words("No-Support-for-Architecture-all");
        Ok(Self {
            date: time(date)?,
            names: ["Suite", "Codename"]
                .iter()
                .filter_map(|name| stanza.field(name))
                .map(str::to_owned)
                .collect(),
            valid_until: valid_until.map(time).transpose()?,
            by_hash: stanza.field("Acquire-By-Hash") == Some("yes"),
            components: words("Components"),
            all_apart: architectures.iter().any(|one| one == "all")
                && !unsupported.into_iter().any(|word| word == "Packages"),
            architectures,
            files: sums(stanza)?,
        })
    }

    /// Whether it is of a suite, by the path below `dists` that was asked for. Everything that a repository has is signed by
    /// its key, so another suite in the place of this one has a good signature, too. As apt compares it, what is behind the
    /// last `/` says nothing, and a file without names is of any suite.
    pub fn is_of(&self, suite: &str) -> bool {
        let first = suite.rsplit_once('/').map_or(suite, |(first, _)| first);
        self.names.is_empty() || self.names.iter().any(|name| name == suite || name == first)
    }

    /// Whether it may be believed at `now`, in seconds since 1970.
    ///
    /// # Errors
    /// Why not, in a few words that continue "it …".
    pub fn holds_at(&self, now: i64) -> Result<(), String> {
        let shown = |time| {
            jiff::Timestamp::from_second(time)
                .map_or_else(|_| String::new(), |time| time.to_string())
        };
        match self.valid_until {
            Some(end) if end <= now => Err(format!(
                "was valid until {}: somebody serves an old state of the repository",
                shown(end)
            )),
            _ if self.date > now.saturating_add(SKEW) => {
                Err(format!("is from the future, of {}", shown(self.date)))
            }
            _ => Ok(()),
        }
    }

    /// The index of a component, or that of a repository without components, for an architecture: in each form that it
    /// has, the smallest first.
    pub fn indexes(&self, component: Option<&str>, architecture: Architecture) -> Vec<IndexFile> {
        self.in_folder(&folder(component, architecture.name()))
    }

    /// The index of the packages for all architectures, where they are not in those of each architecture alone.
    pub fn indexes_for_all(&self, component: Option<&str>) -> Vec<IndexFile> {
        match component {
            Some(_) if self.all_apart => self.in_folder(&folder(component, "all")),
            _ => Vec::new(),
        }
    }

    fn in_folder(&self, folder: &str) -> Vec<IndexFile> {
        let listed = |form: &str| {
            let path = format!("{folder}{form}");
            let sum = *self.files.get(&path)?;
            Some(IndexFile { path, sum })
        };
        FORMS.iter().filter_map(|form| listed(form)).collect()
    }
}

impl IndexFile {
    /// Where the same bytes are by their sum, where the repository has them so.
    pub fn by_hash(&self) -> String {
        let folder =
            self.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        format!("{folder}by-hash/SHA256/{}", self.sum.sha256.hexadecimal())
    }
}

fn folder(component: Option<&str>, architecture: &str) -> String {
    component.map_or_else(String::new, |component| format!("{component}/binary-{architecture}/"))
}

/// The lines `SUM SIZE NAME` of the field of SHA-256 sums.
fn sums(stanza: Stanza<'_>) -> Result<BTreeMap<String, Sum>, String> {
    let Some(lines) = stanza.lines("SHA256") else {
        return Err("has no SHA-256 sums, and weaker ones prove nothing".to_owned());
    };
    let mut files = BTreeMap::new();
    for line in lines {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let sum = match words.as_slice() {
            [digits, size, _] => {
                Digest::from_hexadecimal(&digits.to_ascii_lowercase()).zip(size.parse().ok())
            }
            _ => None,
        };
        let (Some((sha256, size)), Some(name)) = (sum, words.last()) else {
            return Err(format!("has a line among its SHA-256 sums that is none: {line:?}"));
        };
        let sum = Sum { sha256, size };
        let name = name.strip_prefix("./").unwrap_or(name);
        if files.insert(name.to_owned(), sum).is_some_and(|before| before != sum) {
            return Err(format!("has two SHA-256 sums for {name:?}"));
        }
    }
    Ok(files)
}

/// `Date` and `Valid-Until`: RFC 2822 with a zone that it does not know, and a weekday that says nothing.
fn time(text: &str) -> Result<i64, String> {
    let date = text.split_once(',').map_or(text, |(_, date)| date).trim();
    let date = date
        .strip_suffix("UTC")
        .or_else(|| date.strip_suffix('Z'))
        .map_or_else(|| date.to_owned(), |date| format!("{date}+0000"));
    jiff::fmt::rfc2822::parse(&date)
        .map(|time| time.timestamp().as_second())
        .map_err(|_| format!("has a time that is none: {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn release(fields: &str, sums: &str) -> Result<Release, String> {
        Release::parse(&format!("Date: Sat, 10 Feb 2024 11:07:25 UTC\n{fields}SHA256:\n{sums}"))
    }

    #[test]
    fn indexes_are_found_in_every_form_and_by_their_sums() {
        let sums = format!(
            " {A} 9 main/binary-amd64/Packages\n {B}  7 main/binary-amd64/Packages.gz\n {B} 1 ./Packages\n {A} 3 main/binary-all/Packages.xz\n"
        );
        let one = release(
            "Acquire-By-Hash: yes\nArchitectures: all amd64\n",
            &sums.replace('\n', "\r\n"),
        )
        .unwrap();
        let found = one.indexes(Some("main"), Architecture::Amd64);
        assert_eq!(found.iter().map(|index| index.sum.size).collect::<Vec<_>>(), [7, 9]);
        assert_eq!(found[0].by_hash(), format!("main/binary-amd64/by-hash/SHA256/{B}"));
        assert!(one.by_hash && one.indexes(Some("main"), Architecture::Arm64).is_empty());
        assert_eq!(one.indexes_for_all(Some("main")).len(), 1);
        let flat = one.indexes(None, Architecture::Arm64);
        assert_eq!(flat[0].by_hash(), format!("by-hash/SHA256/{B}"));
        let together = "Architectures: all amd64\nNo-Support-for-Architecture-all: Packages\n";
        assert!(release(together, &sums).unwrap().indexes_for_all(Some("main")).is_empty());
    }

    #[test]
    fn it_holds_for_its_time_alone() {
        let made = 1_707_563_245;
        let forever = release("", "").unwrap();
        assert_eq!(forever.date, made);
        assert!(forever.holds_at(made + 1_000_000_000).is_ok());
        assert!(forever.holds_at(made - SKEW - 1).unwrap_err().contains("future"));
        let week = release("Valid-Until: Sat, 17 Feb 2024 11:07:25 GMT\n", "").unwrap();
        assert!(week.holds_at(made + 604_799).is_ok());
        assert!(week.holds_at(made + 604_800).unwrap_err().contains("until 2024-02-17T11:07:25Z"));
    }

    #[test]
    fn what_is_no_release_file_is_refused() {
        for (bad, why) in [
            (Release::parse("").unwrap_err(), "one stanza"),
            (Release::parse("Date: x\n\nDate: x\n").unwrap_err(), "one stanza"),
            (Release::parse("<html>\n").unwrap_err(), "no Date"),
            (Release::parse("Date: yesterday\n").unwrap_err(), "\"yesterday\""),
            (
                Release::parse("Date: 1 Jan 2024 00:00:00 UTC\nMD5Sum:\n").unwrap_err(),
                "no SHA-256 sums",
            ),
            (release("", " abc 1 x\n").unwrap_err(), "that is none"),
            (release("", &format!(" {A} 1\n")).unwrap_err(), "that is none"),
            (release("", &format!(" {A} 1 x\n {B} 1 x\n")).unwrap_err(), "two SHA-256 sums"),
        ] {
            assert!(bad.contains(why), "{bad}");
        }
    }
}
