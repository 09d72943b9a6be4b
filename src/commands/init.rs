//! `rdspec init`: a small stack that builds, in a folder without a spec.

use anyhow::bail;

use super::{DONE, Session};
use crate::cli::Init;
use crate::model::Name;
use crate::workspace::start::NewFile;

/// What the files of a new stack call it.
const PLACEHOLDER: &str = "NAME";

/// Path, text and whether it is a program, of each file of a new stack.
const FILES: &[(&str, &str, bool)] = &[
    ("spec/stack.toml", include_str!("../../templates/init/stack.toml"), false),
    ("spec/components/greeting.toml", include_str!("../../templates/init/greeting.toml"), false),
    ("spec/resources/greeting/greet", include_str!("../../templates/init/greet"), true),
    (".gitignore", include_str!("../../templates/init/gitignore"), false),
    ("README.md", include_str!("../../templates/init/README.md"), false),
];

/// Runs the command.
///
/// # Errors
/// A name that images cannot have, a folder with a spec, or one that cannot be written.
pub fn run(session: &Session, arguments: &Init) -> anyhow::Result<u8> {
    let name = match &arguments.name {
        Some(name) => match Name::parse(name) {
            Ok(name) => name.to_string(),
            Err(error) => bail!("a stack cannot be called {name:?}: {error}"),
        },
        None => {
            session.workspace.folder_name().map_or_else(|| "demo".to_owned(), |name| kebab(&name))
        }
    };
    let files: Vec<NewFile> = FILES
        .iter()
        .map(|&(path, text, executable)| NewFile {
            path,
            text: text.replace(PLACEHOLDER, &name),
            executable,
        })
        .collect();
    let kept = session.workspace.start(&files)?;
    for file in &files {
        let verb = if kept.contains(&file.path) { "kept" } else { "wrote" };
        session.say(&format!("{verb} {}", file.path));
    }
    session.print(&format!(
        "The stack `{name}` has one image of Debian with one component. Next:\n\
         \n\
         \x20   rdspec check       # what is wrong or doubtful in the spec\n\
         \x20   rdspec generate    # writes generated/base/Dockerfile and what it needs\n\
         \x20   rdspec build       # builds {name}-base:latest with docker, podman or buildah\n\
         \n\
         Then add files to spec/components/ and their names to spec/stack.toml.\n"
    ));
    Ok(DONE)
}

/// A folder's name as the name of a stack, if one can be made of it.
fn kebab(folder: &str) -> String {
    let words: Vec<String> = folder
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let name = words.join("-");
    if Name::parse(&name).is_ok() { name } else { "demo".to_owned() }
}
