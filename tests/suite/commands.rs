//! What the commands do to a folder, to stdout and stderr, and with which status they end.

mod build;
mod check;
mod generate;
mod interruption;
mod refusals;
