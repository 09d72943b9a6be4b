//! Any bytes as a component and as the stack: the parser reports, and does not panic.
#![no_main]

#[path = "../../suite/survival.rs"]
mod survival;

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use rdspec::source::SpecFiles;

fuzz_target!(|data: &[u8]| {
    let both = BTreeMap::from([
        ("stack.toml".to_owned(), data.to_vec()),
        ("components/x.toml".to_owned(), data.to_vec()),
    ]);
    survival::survive(&SpecFiles::new("spec", both));
});
