//! Tests that need neither an engine nor the network.

mod diagnostics;
mod spec_case;
