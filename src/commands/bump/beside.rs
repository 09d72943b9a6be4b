//! What an upstream publishes beside a file: lists of sums, and signatures.
//!
//! Where the upstream lists the files of a release, only those are looked at, and each has to be what its name says.
//! Elsewhere the usual names are tried in the folder of the file, and anything but a list or a signature is none.

use std::fs::File;
use std::io::{Seek, SeekFrom};

use super::proof::Unproven;
use crate::bump::evidence::{is_list, lists_for};
use crate::commands::problem::Problem;
use crate::commands::{VERIFICATION_FAILED, now};
use crate::image::digest::Digest;
use crate::upstream::ReleaseFile;
use crate::upstream::http::{Document, Http, Kind, public};
use crate::verify::checksums::{self, Fault};
use crate::verify::openpgp::Certificate;

/// The endings of detached signatures.
const SIGNATURES: [&str; 3] = [".asc", ".sig", ".gpg"];

/// Where to look.
pub(super) struct Beside<'a> {
    pub(super) http: &'a Http,
    /// The address of the file.
    pub(super) url: &'a str,
    /// The files of its release, where the upstream lists them.
    pub(super) files: &'a [ReleaseFile],
}

/// A list with the sum of the file.
pub(super) struct List {
    pub(super) url: String,
    pub(super) sum: Digest,
    body: Vec<u8>,
}

impl Beside<'_> {
    /// Whether a signature of a key lies beside the file; one that is not believed is a failure.
    pub(super) fn signed(
        &self,
        name: &str,
        signer: &Certificate,
        file: &File,
    ) -> Result<bool, Unproven> {
        let Some(signature) = self.signature_of(name)? else { return Ok(false) };
        let open = || {
            let mut file = file.try_clone()?;
            file.seek(SeekFrom::Start(0))?;
            Ok(file)
        };
        let verified = signer.verify_detached(&signature.body, open, now());
        verified.map(|()| true).map_err(|why| distrust(&signature.url, &why))
    }

    /// Whether a key signed a list of sums, beside it or around it.
    pub(super) fn list_is_signed(
        &self,
        list: &List,
        name: &str,
        signer: &Certificate,
    ) -> Result<bool, Unproven> {
        let text = String::from_utf8_lossy(&list.body);
        if text.contains("-----BEGIN PGP SIGNED MESSAGE-----") {
            let signed = signer.verify_cleartext(&text, now());
            let signed = signed.map_err(|why| distrust(&list.url, &why))?;
            // The sum may stand before or after what is signed.
            let sum =
                checksums::find(signed.as_bytes(), name, is_own(&list.url, name)).ok().flatten();
            return Ok(sum.is_some_and(|sum| sum.as_str() == list.sum.hexadecimal()));
        }
        let name = list.url.rsplit('/').next().unwrap_or_default();
        let Some(signature) = self.signature_of(name)? else { return Ok(false) };
        let verified = signer.verify_detached(&signature.body, || Ok(list.body.as_slice()), now());
        verified.map(|()| true).map_err(|why| distrust(&signature.url, &why))
    }

    /// The lists that have the sum of the file; one that contradicts itself is a failure, wherever it lies.
    pub(super) fn lists_of(&self, name: &str) -> Result<Vec<List>, Unproven> {
        let mut lists = Vec::new();
        let named: Vec<String> = lists_for(name).collect();
        let wanted = |other: &str| named.iter().any(|list| list == other) || is_list(other);
        for document in self.documents(&named, wanted)? {
            let is_own = is_own(&document.url, name);
            match checksums::find(&document.body, name, is_own) {
                Ok(Some(sum)) => {
                    if let Some(sum) = Digest::from_hexadecimal(sum.as_str()) {
                        lists.push(List { url: document.url, sum, body: document.body });
                    }
                }
                Err(why @ Fault::Contradicts { .. }) => return Err(wrong(&document.url, &why)),
                // A list for many files may be one of other sums, a list for this one may not.
                Err(why @ Fault::NoList(_)) if is_own && !self.files.is_empty() => {
                    return Err(wrong(&document.url, &why));
                }
                Ok(None) | Err(Fault::NoList(_)) => {}
            }
        }
        Ok(lists)
    }

    fn signature_of(&self, name: &str) -> Result<Option<Document>, Unproven> {
        let named: Vec<String> = SIGNATURES.iter().map(|end| format!("{name}{end}")).collect();
        let documents = self.documents(&named, |other| named.iter().any(|one| one == other))?;
        // A page in the place of a file that is not there is no signature.
        let listed = !self.files.is_empty();
        Ok(documents.into_iter().find(|document| listed || !document.body.starts_with(b"<")))
    }

    /// The files of the release that are wanted, or those of these names that are there.
    fn documents(
        &self,
        names: &[String],
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<Document>, Unproven> {
        let named = |document: Document, url: &str| Document { url: url.to_owned(), ..document };
        if !self.files.is_empty() {
            let files = self.files.iter().filter(|file| wanted(&file.name));
            let documents =
                files.map(|file| Ok(named(self.http.document(&file.url, &[])?, &file.url)));
            return documents.collect();
        }
        let folder = self.url.rsplit_once('/').map_or(self.url, |(folder, _)| folder);
        let mut found = Vec::new();
        for url in names.iter().map(|name| format!("{folder}/{name}")) {
            match self.http.document(&url, &[]) {
                Ok(document) => found.push(named(document, &url)),
                // Object stores say 403 for what is not there. Anything else may hide what would disagree.
                Err(failure)
                    if matches!(failure.kind, Kind::Missing(_) | Kind::Refused(403, _)) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(found)
    }
}

/// Whether a list is of one file alone, by its name.
fn is_own(list: &str, name: &str) -> bool {
    let list = list.rsplit('/').next().unwrap_or_default();
    list.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
}

fn distrust(url: &str, why: &str) -> Unproven {
    Unproven::Wrong(Problem {
        message: format!("{}: the signature {why}", public(url)),
        help: Some("do not use the file before you know why: ask the upstream".to_owned()),
        status: VERIFICATION_FAILED,
    })
}

fn wrong(url: &str, why: &Fault) -> Unproven {
    Unproven::Wrong(Problem {
        message: format!("{} {why}", public(url)),
        help: Some("do not use the file before you know why: ask the upstream".to_owned()),
        status: VERIFICATION_FAILED,
    })
}
