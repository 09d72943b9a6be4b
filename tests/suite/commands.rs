//! What the commands do to a folder, to stdout and stderr, and with which status they end.

mod affected;
mod audit;
mod bake;
mod build;
mod build_secrets;
mod check;
mod ci;
mod dev;
mod dev_experiments;
mod diff;
mod docs;
mod explain;
mod generate;
mod generate_check;
mod hostile;
mod init;
mod interruption;
mod plan;
mod refusals;
mod show;
mod why;
