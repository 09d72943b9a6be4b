//! `rdspec dev`: differences that are laid on top of what was built.

mod pairs;
mod state;
