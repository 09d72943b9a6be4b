//! Records of `NAME: value` lines with empty lines between them: deb822(5).
//!
//! Takes what was kept of a file, gives the fields of each record. Lines that continue a value were not kept.

use std::collections::BTreeMap;

/// The fields of a record, by their names in lower case.
pub(super) type Record = BTreeMap<String, String>;

/// All records that have a field.
pub(super) fn all(bytes: &[u8]) -> Vec<Record> {
    let text = String::from_utf8_lossy(bytes);
    let mut records = Vec::new();
    let mut record = Record::new();
    for line in text.lines() {
        if line.is_empty() {
            records.extend(Some(std::mem::take(&mut record)).filter(|record| !record.is_empty()));
        } else if let Some((name, value)) = line.split_once(':') {
            record.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    records.extend(Some(record).filter(|record| !record.is_empty()));
    records
}
