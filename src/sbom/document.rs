//! The shape of a document: SPDX specification 2.3, clauses 6 (document), 7 (packages) and 11 (relationships), in the
//! JSON of its schema.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Context as _;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::inventory::Sum;

/// What is not known.
const NO_ASSERTION: &str = "NOASSERTION";

/// The identifier of the document itself.
const DOCUMENT: &str = "SPDXRef-DOCUMENT";

/// A thing has another in it.
pub(super) const CONTAINS: &str = "CONTAINS";

/// A thing is made of another, with changes.
pub(super) const DESCENDANT_OF: &str = "DESCENDANT_OF";

/// Hexadecimal digits of the digest in the name space.
const DIGITS: usize = 32;

/// A document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    spdx_version: &'static str,
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    name: String,
    #[serde(rename = "documentNamespace")]
    namespace: String,
    creation_info: CreationInfo,
    comment: String,
    packages: Vec<Package>,
    relationships: Vec<Relationship>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct CreationInfo {
    created: String,
    creators: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    #[serde(rename = "SPDXID")]
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_info: Option<String>,
    download_location: String,
    files_analyzed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksums: Vec<Checksum>,
    license_concluded: &'static str,
    license_declared: String,
    copyright_text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_package_purpose: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<ExternalReference>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Checksum {
    algorithm: &'static str,
    checksum_value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ExternalReference {
    #[serde(rename = "referenceCategory")]
    category: &'static str,
    #[serde(rename = "referenceType")]
    kind: &'static str,
    #[serde(rename = "referenceLocator")]
    locator: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Relationship {
    #[serde(rename = "spdxElementId")]
    element: String,
    #[serde(rename = "relationshipType")]
    kind: &'static str,
    #[serde(rename = "relatedSpdxElement")]
    other: String,
}

/// What is said of a package.
#[derive(Clone, Debug, Default)]
pub(super) struct Described {
    pub(super) name: String,
    pub(super) version: Option<String>,
    /// Where it can be downloaded.
    pub(super) location: Option<String>,
    pub(super) sum: Option<Sum>,
    /// An expression of SPDX.
    pub(super) license: Option<String>,
    pub(super) purl: Option<String>,
    pub(super) comment: Option<String>,
    /// Whether it is an image.
    pub(super) is_container: bool,
}

/// Collects packages and relationships.
#[derive(Debug, Default)]
pub(super) struct Builder {
    packages: Vec<Package>,
    relationships: Vec<Relationship>,
    ids: BTreeSet<String>,
}

impl Builder {
    /// Adds a package; gives its identifier, which begins with what it is.
    pub(super) fn add(&mut self, word: &str, described: &Described) -> String {
        let id = self.id(word, &described.name);
        self.packages.push(Package {
            id: id.clone(),
            name: described.name.clone(),
            version_info: described.version.clone(),
            download_location: described.location.as_deref().unwrap_or(NO_ASSERTION).to_owned(),
            files_analyzed: false,
            checksums: described.sum.iter().map(checksum).collect(),
            license_concluded: NO_ASSERTION,
            license_declared: described.license.as_deref().unwrap_or(NO_ASSERTION).to_owned(),
            copyright_text: NO_ASSERTION,
            comment: described.comment.clone(),
            primary_package_purpose: described.is_container.then_some("CONTAINER"),
            external_refs: described.purl.as_deref().map(purl).into_iter().collect(),
        });
        id
    }

    /// An identifier that nothing else has: letters, digits, `.` and `-` (clause 7.2).
    fn id(&mut self, word: &str, name: &str) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
        let first = format!("SPDXRef-{word}-{}", name.chars().map(plain).collect::<String>());
        let mut id = first.clone();
        let mut number = 1;
        while !self.ids.insert(id.clone()) {
            number += 1;
            id = format!("{first}-{number}");
        }
        id
    }

    pub(super) fn relate(&mut self, element: &str, kind: &'static str, other: &str) {
        self.relationships.push(Relationship {
            element: element.to_owned(),
            kind,
            other: other.to_owned(),
        });
    }

    /// The document that describes one of the packages.
    pub(super) fn finish(
        mut self,
        name: &str,
        epoch: u64,
        comment: &str,
        described: &str,
    ) -> anyhow::Result<Document> {
        self.relate(DOCUMENT, "DESCRIBES", described);
        self.relationships.sort();
        self.relationships.dedup();
        let mut document = Document {
            spdx_version: "SPDX-2.3",
            data_license: "CC0-1.0",
            id: DOCUMENT,
            name: name.to_owned(),
            namespace: String::new(),
            creation_info: CreationInfo {
                created: time(epoch)?,
                creators: vec![format!("Tool: rdspec-{}", env!("CARGO_PKG_VERSION"))],
            },
            comment: comment.to_owned(),
            packages: self.packages,
            relationships: self.relationships,
        };
        let digest = hex(&Sha256::digest(serde_json::to_vec(&document)?));
        let plain = |c: char| if c.is_ascii_alphanumeric() || ".-".contains(c) { c } else { '-' };
        let name: String = name.chars().map(plain).collect();
        document.namespace =
            format!("https://spdx.org/spdxdocs/{name}-{}", digest.get(..DIGITS).unwrap_or(&digest));
        Ok(document)
    }
}

fn checksum(sum: &Sum) -> Checksum {
    match sum {
        Sum::Sha256(sum) => Checksum { algorithm: "SHA256", checksum_value: sum.clone() },
        Sum::Sha512(sum) => Checksum { algorithm: "SHA512", checksum_value: sum.clone() },
    }
}

fn purl(locator: &str) -> ExternalReference {
    ExternalReference { category: "PACKAGE-MANAGER", kind: "purl", locator: locator.to_owned() }
}

/// Seconds since 1970 as clause 6.9 wants them: in UTC, with `T` and `Z`, without fractions.
fn time(epoch: u64) -> anyhow::Result<String> {
    let seconds = i64::try_from(epoch)?;
    let time = jiff::Timestamp::from_second(seconds).context("a time after the year 9999")?;
    Ok(time.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
