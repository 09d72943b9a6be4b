//! `profile.toml`, as written.

use crate::source::Spanned;

/// `profile.toml`.
#[derive(Debug)]
pub struct ProfileFile {
    /// `version`
    pub version: Option<Spanned<i64>>,
    /// `[layers.<variant>.<image>.<layer>]`
    pub layers: Vec<Layer>,
}

/// `[layers.<variant>.<image>.<layer>]`
#[derive(Debug)]
pub struct Layer {
    /// The variant.
    pub variant: String,
    /// The image.
    pub image: String,
    /// The layer.
    pub layer: String,
    /// `seconds`
    pub seconds: Option<Spanned<f64>>,
    /// `bytes`
    pub bytes: Option<Spanned<i64>>,
    /// `rate`
    pub rate: Option<Spanned<f64>>,
}
