//! rdspec compiles a declarative spec of a stack of container images.
pub mod diagnostic;
pub mod parse;
pub mod source;
pub mod syntax;
