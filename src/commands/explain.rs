//! `rdspec explain`: what a diagnostic means.

use anyhow::bail;

use super::table::{Align, aligned};
use super::{DONE, Session};
use crate::cli::{Explain, Format};
use crate::diagnostic::{Code, Severity, suggest};

/// Runs the command.
///
/// # Errors
/// An unknown code.
pub fn run(session: &Session, arguments: &Explain) -> anyhow::Result<u8> {
    let codes = match &arguments.code {
        Some(name) => vec![find(name)?],
        None => Code::ALL.to_vec(),
    };
    if arguments.format == Format::Json {
        let all = codes.iter().map(|code| {
            serde_json::json!({
                "code": code.name(),
                "severity": severity(*code),
                "summary": code.summary(),
                "explanation": code.explanation(),
            })
        });
        session.print_json(&all.collect::<Vec<_>>())?;
        return Ok(DONE);
    }
    if let (Some(_), [code]) = (&arguments.code, codes.as_slice()) {
        session.print(&format!(
            "{} ({})\n\n{}\n\n{}",
            code.name(),
            severity(*code),
            code.summary(),
            code.explanation(),
        ));
        return Ok(DONE);
    }
    let mut rows: Vec<[String; 3]> = codes
        .iter()
        .map(|code| [code.name(), severity(*code), code.summary()].map(str::to_owned))
        .collect();
    rows.sort();
    session.print(&aligned(&rows, [Align::Left; 3], 0));
    Ok(DONE)
}

/// The code of a name; `error[unknown-key]`, as diagnostics print it, is one, too.
fn find(name: &str) -> anyhow::Result<Code> {
    let bare = name.split_once('[').and_then(|(_, rest)| rest.strip_suffix(']')).unwrap_or(name);
    let Some(code) = Code::ALL.iter().find(|code| code.name() == bare) else {
        let help = suggest::nearest(bare, Code::ALL.iter().map(|code| code.name()))
            .map_or("`rdspec explain` lists all codes".to_owned(), |near| {
                format!("did you mean `{near}`?")
            });
        bail!("there is no diagnostic `{bare}`; {help}");
    };
    Ok(*code)
}

fn severity(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
