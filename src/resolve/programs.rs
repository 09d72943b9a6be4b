//! Whether something in an image makes the programs that it starts: services, shortcuts, the container's own.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::component::Component;
use crate::model::download::DownloadAction;
use crate::model::path::AbsolutePath;
use crate::model::shortcut::Action;
use crate::model::{Image, Variant};
use crate::source::Span;

/// Folders of programs, with their second names on merged systems.
const FOLDERS: &[&str] =
    &["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/local/bin/", "/usr/local/sbin/"];

/// Programs of packages that are essential in Debian and Ubuntu, so every base image has them, as far as anybody
/// starts a service with one.
const ESSENTIAL: &[&str] = &[
    "bash", "cat", "dash", "env", "false", "nice", "nohup", "perl", "runuser", "setpriv", "setsid",
    "sh", "sleep", "stdbuf", "su", "tail", "tee", "timeout", "true",
];

/// Options of sudo(8) that take the next word as their value.
const SUDO_VALUES: &[&str] = &[
    "-C", "-D", "-g", "-h", "-p", "-R", "-r", "-T", "-t", "-U", "-u", "--user", "--group",
    "--chdir",
];

/// Checks every image of a variant together with its parents.
pub(super) fn check(variant: &Variant, found: &mut Diagnostics) {
    for image in &variant.images {
        let chain: Vec<&Component> = variant
            .chain(image)
            .into_iter()
            .flat_map(|image| &image.components)
            .map(AsRef::as_ref)
            .collect();
        for component in own(image) {
            for (what, program, span) in started(component) {
                if !is_made(&program, component, &chain) {
                    let message =
                        format!("nothing in the image makes {program}, which {what} starts");
                    found.push(
                        Diagnostic::new(Code::ServiceWithoutProgram, span, message).help(
                            "name the component that brings it in `needs`, or its package in [apt]; if a script makes it, add its folder to `writable` or say so in [accept]",
                        ),
                    );
                }
            }
        }
    }
}

fn own(image: &Image) -> impl Iterator<Item = &Component> {
    image.components.iter().map(AsRef::as_ref)
}

/// What a component starts, as far as it is named by an absolute path.
fn started(component: &Component) -> Vec<(String, AbsolutePath, &Span)> {
    let mut started = Vec::new();
    for service in &component.services {
        let program = program(&words(service.command.as_str()));
        started.extend(
            program.map(|path| {
                (format!("the service `{}`", service.name), path, &service.command_span)
            }),
        );
    }
    for shortcut in &component.shortcuts {
        if let Action::Program(what) = &shortcut.action {
            let program = program(&what.command);
            started.extend(program.map(|path| {
                (format!("the shortcut `{}`", shortcut.name), path, &what.command_span)
            }));
        }
    }
    let runtime = &component.runtime;
    for (name, command) in [("entrypoint", &runtime.entrypoint), ("command", &runtime.command)] {
        let Some((command, span)) = command else { continue };
        let command: Vec<String> = command.iter().map(ToString::to_string).collect();
        started.extend(
            program(&command).map(|path| (format!("the {name} of the container"), path, span)),
        );
    }
    started
}

/// The words of a command line, with quotes taken off; enough to find the program.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let quote = Some(first).filter(|c| matches!(c, '"' | '\''));
        let inside = quote.map_or(rest, |_| &rest[1..]);
        let end = inside.find(|c: char| quote.map_or(c.is_whitespace(), |quote| c == quote));
        let (word, after) = inside.split_at(end.unwrap_or(inside.len()));
        words.push(word.to_owned());
        rest = quote.map_or(after, |_| after.get(1..).unwrap_or_default()).trim_start();
    }
    words
}

/// The program that a command runs in the end: sudo(8) and its options are looked through.
fn program(words: &[String]) -> Option<AbsolutePath> {
    let (first, mut rest) = words.split_first()?;
    if first != "sudo" && first != "/usr/bin/sudo" {
        return AbsolutePath::parse(first).ok();
    }
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        if SUDO_VALUES.contains(&word.as_str()) {
            rest = rest.split_first().map(|(_, after)| after).unwrap_or_default();
        } else if !word.starts_with('-') && !word.contains('=') {
            return AbsolutePath::parse(word).ok();
        }
    }
    None
}

fn is_made(program: &AbsolutePath, component: &Component, chain: &[&Component]) -> bool {
    let folder = FOLDERS.iter().find_map(|folder| program.as_str().strip_prefix(folder));
    if folder.is_some_and(|name| ESSENTIAL.contains(&name)) {
        return true;
    }
    if chain.iter().any(|component| makes(component, program)) {
        return true;
    }
    let of_packages = folder.is_some()
        || ["/usr/", "/opt/"].iter().any(|place| program.as_str().starts_with(place));
    of_packages && needed(component, chain).iter().any(|component| has_packages(component))
}

/// Whether a component has Debian packages, whose files nobody here knows.
fn has_packages(component: &Component) -> bool {
    let mut downloads = component.downloads.iter();
    !component.packages.is_empty()
        || downloads.any(|download| matches!(download.action, DownloadAction::Package))
}

/// Whether a component says that it makes a path.
pub(super) fn makes(component: &Component, path: &AbsolutePath) -> bool {
    let files = component.files.iter().any(|file| file.path == *path);
    let links = component.links.iter().any(|link| path.is_in(&link.path));
    let downloads = component.downloads.iter().any(|download| match &download.action {
        DownloadAction::Install { to, .. } => to == path,
        DownloadAction::Unpack { to, .. } => path.is_in(to),
        DownloadAction::Package | DownloadAction::Script { .. } => false,
    });
    let script = component.script.iter().flat_map(|script| &script.writable);
    let prefixes = component.prefixes().map(|(prefix, _)| prefix);
    files || links || downloads || script.chain(prefixes).any(|place| path.is_in(place))
}

/// A component and all that it needs, directly or not.
fn needed<'chain>(start: &'chain Component, chain: &[&'chain Component]) -> Vec<&'chain Component> {
    let mut needed = vec![start];
    let mut at = 0;
    while let Some(component) = needed.get(at) {
        let needs = component.needs.iter();
        let more: Vec<&Component> = chain
            .iter()
            .filter(|other| needs.clone().any(|(need, _)| other.answers_to(need)))
            .filter(|other| needed.iter().all(|known| known.name != other.name))
            .copied()
            .collect();
        needed.extend(more);
        at += 1;
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<String> {
        program(&words(line)).map(|path| path.to_string())
    }

    #[test]
    fn the_program_is_found_behind_quotes_and_sudo() {
        let cron = Some("/usr/sbin/cron".to_owned());
        for line in [
            "/usr/sbin/cron -f",
            "'/usr/sbin/cron' -f",
            "sudo -n -u root /usr/sbin/cron",
            "/usr/bin/sudo --user=root A=b -- \"/usr/sbin/cron\" /usr/bin/other",
        ] {
            assert_eq!(of(line), cron, "{line}");
        }
        for line in ["", "cron -f", "sudo", "sudo -u", "env /usr/sbin/cron", "é", "\""] {
            assert_eq!(of(line), None, "{line}");
        }
    }
}
