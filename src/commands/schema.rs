//! `rdspec schema`: the language and the command line, for editors and for readers.

use super::{DONE, Session};
use crate::cli::{self, Schema, SchemaSubject};
use crate::language::{self, COMPONENT, EXPERIMENTS, STACK};

/// Runs the command.
///
/// # Errors
/// None but a defect of rdspec.
pub fn run(session: &Session, arguments: &Schema) -> anyhow::Result<u8> {
    match arguments.subject {
        SchemaSubject::Stack => {
            session.print_json(&language::schema::of(STACK, "stack.toml of rdspec"))?;
        }
        SchemaSubject::Component => {
            session.print_json(&language::schema::of(COMPONENT, "a component of rdspec"))?;
        }
        SchemaSubject::Experiments => {
            session.print_json(&language::schema::of(EXPERIMENTS, "experiments of rdspec"))?;
        }
        SchemaSubject::Reference => session.print(&language::reference::all()),
        SchemaSubject::Commands => session.print(&cli::reference::all()),
    }
    Ok(DONE)
}
