//! `rdspec dev`: differences that are laid on top of what was built.

mod kinds;
mod pairs;
mod state;
