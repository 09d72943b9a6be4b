//! `rdspec bake`: writes the file with which `docker buildx bake` builds the images, and says how.
//!
//! `rdspec generate` writes it, too; this command touches nothing else.

use super::output::{self, Files};
use super::{Session, WRONG};
use crate::cli::delivery::Bake;
use crate::render::bake::PATH;

/// Runs the command.
///
/// # Errors
/// A folder that cannot be read or written.
pub fn run(session: &Session, arguments: &Bake) -> anyhow::Result<u8> {
    let _writing = output::hold(session, arguments.check)?;
    let Some(output) = session.compile()? else { return Ok(WRONG) };
    let usage = usage(&output.plan.bake.groups);
    let mut files = Files::generated(session, output.tree)?;
    // The list of what is generated, too, so that the file is not forgotten; not what else has changed.
    files.only(|path| path == PATH || (!arguments.check && path.starts_with('.')));
    if arguments.check {
        return output::check(session, &[files], "run `rdspec bake` and commit generated/");
    }
    let status = output::write(session, &[files])?;
    session.say(&usage);
    Ok(status)
}

/// How to build with it: the groups, and the variables.
fn usage(groups: &[(String, Vec<String>)]) -> String {
    let call = format!("  docker buildx bake -f generated/{PATH}");
    let mut lines = vec!["To build with it, from here:".to_owned()];
    for (group, targets) in groups {
        let name = if group == "default" { String::new() } else { format!(" {group}") };
        lines.push(format!("{call}{name}  # {}", targets.join(", ")));
    }
    lines.push(
        "With --builder on the builders of a team, with --load into the engine, with --push to the registry. From the environment:"
            .to_owned(),
    );
    lines.push(
        "  REGISTRY and TAG name the images, CACHE a place in a registry for layers".to_owned(),
    );
    lines.join("\n")
}
