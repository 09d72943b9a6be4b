//! `rdspec dev`: differences that are laid on top of what was built.

mod experiments;
mod kinds;
mod pairs;
pub(crate) mod random_spec;
mod state;
mod tried;
