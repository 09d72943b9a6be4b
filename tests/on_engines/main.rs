//! Tests on real engines. They need those that `tests/engines/engines up` starts, so they are ignored by
//! plain `cargo test`, which names them; `tests/run` runs them.

mod desktop;
mod harness;
mod loopback;
mod trap_stack;
mod traps;
