//! Measured costs and change rates, which replace the guesses of the planner.

use std::collections::BTreeMap;

/// What `spec/profile.toml` says. Layers that it names and the stack does not have are ignored: they were measured
/// before the spec changed.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    layers: BTreeMap<(String, String, String), Measured>,
}

/// What was measured of one layer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// Seconds that its build took.
    pub seconds: Option<f64>,
    /// Bytes that it added, as stored.
    pub bytes: Option<u64>,
    /// The share of builds between which it changed.
    pub rate: Option<f64>,
}

impl Profile {
    /// Adds what was measured of a layer of an image of a variant.
    pub fn insert(&mut self, variant: &str, image: &str, layer: &str, measured: Measured) {
        let key = (variant.to_owned(), image.to_owned(), layer.to_owned());
        self.layers.insert(key, measured);
    }

    /// What was measured of a layer of an image of a variant.
    pub fn layer(&self, variant: &str, image: &str, layer: &str) -> Option<Measured> {
        let key = (variant.to_owned(), image.to_owned(), layer.to_owned());
        self.layers.get(&key).copied()
    }
}
