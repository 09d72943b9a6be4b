//! rdspec compiles a declarative spec of a stack of container images.
pub mod cli;
pub mod commands;
pub mod compile;
pub mod diagnostic;
pub mod engine;
pub mod image;
pub mod model;
pub mod parse;
pub mod plan;
pub mod render;
pub mod resolve;
pub mod source;
pub mod syntax;
pub mod workspace;
