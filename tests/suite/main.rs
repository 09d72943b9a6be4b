//! Tests that need neither an engine nor the network.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "tests touch the machine, and stop at the first surprise"
)]

mod commands;
mod determinism;
mod diagnostics;
mod dockerfile;
mod generated;
mod harness;
mod quoting;
mod real_tools;
mod robustness;
mod spec_case;
