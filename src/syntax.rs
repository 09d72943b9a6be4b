//! The shape of the spec as it was written: every value with its span, no default filled in.
//!
//! One type for each table of the language. What a value may be is checked in `resolve`.

pub mod ci;
pub mod component;
pub mod experiment;
pub mod packages;
pub mod profile;
pub mod stack;

use crate::source::Spanned;

/// A key written by the user, with the table that it heads.
pub type Entry<T> = (Spanned<String>, T);
