//! The secrets of a build: which script reads which, and whether all are given.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::Session;
use crate::engine::secret::SecretFile;
use crate::plan::{ImagePlan, Instruction, Mount};

/// Whether every secret that a script reads is given, with a file that can be read. All that is wrong is said at once,
/// before anything is built.
pub fn are_there(session: &Session, images: &[&ImagePlan], given: &[SecretFile]) -> bool {
    let mut readers: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for image in images {
        for layer in &image.layers {
            let Instruction::Run(run) = &layer.instruction else { continue };
            for mount in &run.mounts {
                if let Mount::Secret { id, .. } = mount {
                    let reader = format!("{} of {}", run.script, image.reference);
                    readers.entry(id).or_default().insert(reader);
                }
            }
        }
    }
    let mut problems: Vec<String> = given.iter().filter_map(SecretFile::problem).collect();
    for (id, readers) in &readers {
        if given.iter().all(|secret| secret.name.as_str() != *id) {
            let readers: Vec<&str> = readers.iter().map(String::as_str).collect();
            problems.push(format!(
                "the secret `{id}` is missing, which {} reads: add --secret id={id},src=FILE",
                readers.join(" and ")
            ));
        }
    }
    for (at, secret) in given.iter().enumerate() {
        let name = secret.name.as_str();
        if given[..at].iter().any(|other| other.name == secret.name) {
            problems.push(format!("the secret `{name}` is given twice"));
        } else if !readers.contains_key(name) {
            session.say(&format!("no script of these images reads the secret `{name}`"));
        }
    }
    for problem in &problems {
        session.complain(&format!("error: {problem}"));
    }
    problems.is_empty()
}
