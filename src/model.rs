//! The resolved spec: names checked, defaults filled, variables substituted, variants applied.
//!
//! Takes nothing, gives types whose values are valid by construction. It decides nothing about
//! layers and knows nothing about files on disk.

pub mod account;
pub mod apt;
pub mod architecture;
pub mod ci;
pub mod component;
pub mod conda;
pub mod download;
pub mod language;
pub mod license;
pub mod locale;
pub mod mode;
pub mod names;
pub mod npm;
pub mod path;
pub mod pip;
pub mod places;
pub mod profile;
pub mod r;
pub mod reference;
pub mod route;
pub mod secret;
pub mod service;
pub mod shortcut;
pub mod size;
pub mod stack;
pub mod sudo;
pub mod upstream;

pub use component::Component;
pub use names::Name;
pub use stack::{Image, Stack, Variant};
