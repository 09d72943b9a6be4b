//! `rdspec dev`: differences that are laid on top of what was built.

mod experiments;
mod kinds;
mod pairs;
mod state;
mod tried;
