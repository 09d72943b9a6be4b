//! rdspec compiles a declarative spec of a stack of container images.
pub mod image;
