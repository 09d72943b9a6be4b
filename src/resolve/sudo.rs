//! `[sudo]`: exact command lines, and what would make them more than that (sudoers(5)).

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::component::SudoCommand;
use crate::model::path::AbsolutePath;
use crate::render::quote;
use crate::source::Spanned;

/// Programs that run any other program, or write any file, when they run as root.
const ESCAPES: &[&str] = &[
    "apt",
    "apt-get",
    "aptitude",
    "ash",
    "awk",
    "bash",
    "busybox",
    "chmod",
    "chown",
    "chpasswd",
    "chroot",
    "conda",
    "cp",
    "crontab",
    "csh",
    "curl",
    "dash",
    "dd",
    "docker",
    "dpkg",
    "ed",
    "emacs",
    "env",
    "find",
    "gawk",
    "gdb",
    "git",
    "install",
    "ksh",
    "less",
    "ln",
    "lua",
    "make",
    "man",
    "mawk",
    "more",
    "mount",
    "mv",
    "nano",
    "nice",
    "node",
    "nohup",
    "npm",
    "nsenter",
    "passwd",
    "perl",
    "php",
    "pip",
    "podman",
    "python",
    "python3",
    "rsync",
    "ruby",
    "runuser",
    "script",
    "sed",
    "setpriv",
    "sh",
    "snap",
    "ssh",
    "start-stop-daemon",
    "stdbuf",
    "strace",
    "su",
    "sudo",
    "systemctl",
    "tar",
    "tcsh",
    "tee",
    "time",
    "timeout",
    "tmux",
    "unshare",
    "useradd",
    "usermod",
    "vi",
    "view",
    "vim",
    "vipw",
    "visudo",
    "watch",
    "wget",
    "xargs",
    "zip",
    "zsh",
];

pub(super) fn resolve(
    context: &Context<'_>,
    written: &[Spanned<String>],
    found: &mut Diagnostics,
) -> Vec<SudoCommand> {
    if let (Some(first), None) = (written.first(), &context.user) {
        context.missing_user(&first.span, "sudo commands are for the image's user", found);
    }
    let mut commands: Vec<_> = written.iter().filter_map(|text| command(text, found)).collect();
    commands.sort();
    commands.dedup();
    commands
}

fn command(written: &Spanned<String>, found: &mut Diagnostics) -> Option<SudoCommand> {
    let bad = |message: String| Diagnostic::new(Code::BadSudoCommand, &written.span, message);
    let text = written.value.as_str();
    let strange = |c: char| c != ' ' && quote::sudoers(&c.to_string()).is_err();
    if let Some(character) = text.chars().find(|&c| strange(c)) {
        found.push(
            bad(format!("the command contains {character:?}, which sudoers does not take literally"))
                .help("one exact command line without patterns and quotes; put the rest into a root-owned script"),
        );
        return None;
    }
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let program = words.next().unwrap_or_default();
    let program = match AbsolutePath::parse(program) {
        Ok(program) => program,
        Err(problem) => {
            found.push(
                bad(format!("the program {program:?} {problem}"))
                    .help("give the absolute path of the program and its exact arguments"),
            );
            return None;
        }
    };
    let name = program.file_name();
    // python3.11 and the like
    let family = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if ESCAPES.contains(&name) || ESCAPES.contains(&family) {
        found.push(
            Diagnostic::new(
                Code::UnsafeSudoCommand,
                &written.span,
                format!("as root, {name} can run any program or change any file"),
            )
            .help("allow a root-owned program that does the one thing needed"),
        );
        return None;
    }
    Some(SudoCommand { program, arguments: words.map(str::to_owned).collect() })
}
