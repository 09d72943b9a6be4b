//! Tests on real engines. They need those that `tests/engines/engines up` starts, so they are ignored by
//! plain `cargo test`, which names them; `tests/run` runs them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests touch the machine, and stop at the first surprise"
)]

mod accounts;
mod audit;
mod bake;
mod base_images;
mod commands;
mod desktop;
mod desktop_in_use;
mod dev;
mod dev_measured;
mod dev_stack;
mod experiments;
mod failures;
mod guarantees;
mod handwritten;
mod harness;
mod init;
mod language;
mod late;
mod late_managers;
mod late_pairs;
mod live;
mod loopback;
mod managers;
mod measured;
mod node;
mod packages;
mod python;
#[path = "../suite/dev/random_spec.rs"]
mod random_spec;
mod rebuild;
mod registry;
mod release;
mod reproducible;
mod small_desktop;
mod tour;
mod trap_stack;
mod traps;
mod whole_chain;
mod workflow;
