//! `profile.toml`: numbers in their ranges.

use super::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::profile::{Measured, Profile};
use crate::source::Spanned;
use crate::syntax::profile::ProfileFile;

/// The format that this rdspec reads.
const VERSION: i64 = 1;

/// A layer that takes longer than this has hung.
const LONGEST: f64 = 1_000_000.0;

/// Rates of 0 and 1 would make a layer free of cost or hide every other one.
const RATES: (f64, f64) = (0.0001, 0.9999);

pub(super) fn resolve(written: Option<&ProfileFile>, found: &mut Diagnostics) -> Profile {
    let mut profile = Profile::default();
    let Some(written) = written else { return profile };
    if let Some(version) = written.version.as_ref().filter(|version| version.value != VERSION) {
        let message = format!("this rdspec reads profiles of version {VERSION}");
        found.push(
            Diagnostic::new(Code::BadNumber, &version.span, message)
                .help("use the rdspec that wrote it, or remove the file"),
        );
    }
    for layer in &written.layers {
        let seconds = within(layer.seconds.as_ref(), "`seconds`", (0.0, LONGEST), found);
        let rate = within(layer.rate.as_ref(), "`rate`", RATES, found);
        let bytes = layer
            .bytes
            .as_ref()
            .and_then(|bytes| check::number(bytes, "`bytes`", 0..=i64::MAX, found));
        let measured = Measured { seconds, bytes, rate };
        profile.insert(&layer.variant, &layer.image, &layer.layer, measured);
    }
    profile
}

fn within(
    number: Option<&Spanned<f64>>,
    what: &str,
    (least, most): (f64, f64),
    found: &mut Diagnostics,
) -> Option<f64> {
    let number = number?;
    if (least..=most).contains(&number.value) {
        return Some(number.value);
    }
    let message = format!("{what} is {number}, not between {least} and {most}");
    found.push(Diagnostic::new(Code::BadNumber, &number.span, message));
    None
}
