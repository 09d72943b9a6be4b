//! Tests that need neither an engine nor the network.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "tests touch the machine, and stop at the first surprise"
)]

mod accounts;
mod add;
mod affected;
mod archives;
mod arrival;
mod built;
mod bump;
mod commands;
mod determinism;
mod dev;
mod diagnostics;
mod dockerfile;
mod drift;
mod explanations;
mod generated;
mod graph;
mod harness;
mod managers;
mod mutation;
mod pins;
mod quoting;
mod real_tools;
mod reference;
mod release;
mod removal;
mod robustness;
mod routes;
mod sbom;
mod schema;
mod shortcuts;
mod spec_case;
mod sudo_rules;
mod survival;
mod tour;
mod version;
mod workflow;
