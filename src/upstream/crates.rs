//! A crate of a registry with a sparse index (The Cargo Book, "Registry Index").

use serde::Deserialize;

use super::deps_dev::DepsDev;
use super::http::{Failure, Http};
use super::{Addresses, Datasource, Release, below, json};

struct Crates<'a> {
    index: &'a str,
    name: &'a str,
}

#[derive(Deserialize)]
struct Listed {
    vers: String,
    #[serde(default)]
    yanked: bool,
}

pub(super) fn of<'a>(name: &'a str, addresses: &'a Addresses) -> Box<dyn Datasource + 'a> {
    match &addresses.crates {
        Some(index) => Box::new(Crates { index, name }),
        None => Box::new(DepsDev { system: "cargo", package: name, addresses }),
    }
}

impl Datasource for Crates<'_> {
    fn releases(&self, http: &Http) -> Result<Vec<Release>, Failure> {
        let url = below(self.index, &path(self.name));
        let document = http.document(&url, &[])?;
        let lines = document.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines
            .map(|line| {
                let listed: Listed = json(&url, line)?;
                Ok(Release {
                    name: listed.vers,
                    withdrawn: listed.yanked.then(|| "yanked".to_owned()),
                    ..Release::default()
                })
            })
            .collect()
    }
}

/// The file of a crate: by the length of its name, else by its first letters.
fn path(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.len() {
        1 | 2 => format!("{}/{name}", name.len()),
        3 => format!("3/{}/{name}", &name[..1]),
        _ => format!("{}/{}/{name}", &name[..2], &name[2..4]),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn files_of_the_index_are_spread_over_folders() {
        for (name, path) in
            [("a", "1/a"), ("ab", "2/ab"), ("abc", "3/a/abc"), ("Serde", "se/rd/serde")]
        {
            assert_eq!(super::path(name), path);
        }
    }
}
