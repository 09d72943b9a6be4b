//! The `rdspec` command.
fn main() {}
