//! `[sudo]`: exact command lines, and what would make them more than that (sudoers(5)).

use super::{Context, check};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Name;
use crate::model::account::AccountName;
use crate::model::path::AbsolutePath;
use crate::model::sudo::{SudoRule, Tag};
use crate::render::quote;
use crate::source::{Span, Spanned};
use crate::syntax::Entry;
use crate::syntax::component::{ComponentFile, SudoRule as Written};

/// Programs that run any other program, or write any file, as whoever they run as.
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

/// Tags that no rule has, and why.
const REFUSED_TAGS: &[(&str, &str)] = &[
    ("SETENV", "lets the user hand over variables that change which code the program runs"),
    ("EXEC", "only takes back what forbids a program to start others"),
    ("NOINTERCEPT", "only takes back what checks the programs that a program starts"),
    ("FOLLOW", "is about sudoedit, which no rule allows"),
    ("NOFOLLOW", "is about sudoedit, which no rule allows"),
    ("PASSWD", "is said by `password = true`"),
    ("NOPASSWD", "is said by `password = false`, which is the default"),
];

/// `commands` and `rules`, as one list in the order of sudoers.
pub(super) fn resolve(
    context: &Context<'_>,
    written: &ComponentFile,
    found: &mut Diagnostics,
) -> Vec<SudoRule> {
    if let (Some(first), None) = (first_span(written), &context.user) {
        context.missing_user(first, "sudo commands are for the image's user", found);
    }
    let mut all: Vec<SudoRule> =
        written.sudo.iter().filter_map(|text| plain(text, found)).collect();
    all.extend(written.sudo_rules.iter().filter_map(|entry| rule(context, entry, found)));
    all.sort_by(|left, right| left.span.cmp(&right.span));
    let mut kept: Vec<SudoRule> = Vec::with_capacity(all.len());
    for rule in all {
        match kept.iter().find(|first| first.matches(&rule)) {
            Some(first) => twice(first, &rule, found),
            None => kept.push(rule),
        }
    }
    kept.sort();
    kept
}

/// Where the first of them was written.
pub(super) fn first_span(written: &ComponentFile) -> Option<&Span> {
    let commands = written.sudo.iter().map(|command| &command.span);
    let rules = written.sudo_rules.iter().map(|(key, _)| &key.span);
    commands.chain(rules).min()
}

/// Two rules about one command in one component: sudo takes the last one, which is no matter of their order here.
fn twice(first: &SudoRule, second: &SudoRule, found: &mut Diagnostics) {
    if (second.password, &second.tags) == (first.password, &first.tags) {
        found.push(
            Diagnostic::new(
                Code::DuplicateValue,
                &second.span,
                format!("{} as {} is allowed twice", second.command(), second.run_as),
            )
            .related(&first.span, "first here")
            .help("remove one"),
        );
    } else {
        found.push(contradiction(first, second).help("keep one of them"));
    }
}

/// Two rules about one command that say different things.
pub(super) fn contradiction(first: &SudoRule, second: &SudoRule) -> Diagnostic {
    let message =
        format!("two rules say different things about {} as {}", second.command(), second.run_as);
    Diagnostic::new(Code::DuplicateSudoRule, &second.span, message)
        .related(&first.span, "first here")
}

/// An entry of `commands`: as root, without password.
fn plain(written: &Spanned<String>, found: &mut Diagnostics) -> Option<SudoRule> {
    let root = AccountName::parse("root").ok()?;
    let (program, arguments) = command(written, found)?;
    if is_escape(&program) {
        found.push(escape(&program, "root", &written.span));
        return None;
    }
    Some(SudoRule {
        program,
        arguments,
        run_as: root,
        password: false,
        tags: Vec::new(),
        unsafe_because: None,
        span: written.span.clone(),
        run_as_span: written.span.clone(),
    })
}

fn rule(
    context: &Context<'_>,
    (key, written): &Entry<Written>,
    found: &mut Diagnostics,
) -> Option<SudoRule> {
    check::named(key, Code::BadName, "the rule name", Name::parse, found);
    let help = "say which command line it is about: command = \"/usr/…\"";
    let text = check::required(written.command.as_ref(), &written.span, "command", help, found);
    let run_as = match &written.run_as {
        Some(name) => run_as(context, name, found),
        None => AccountName::parse("root").ok(),
    };
    let tags = tags(&written.tags, found);
    let reason = written.unsafe_because.as_ref().and_then(|reason| {
        if reason.value.trim().is_empty() {
            let message = "there is no reason why the rule may give more than it says";
            found.push(
                Diagnostic::new(Code::BadSudoCommand, &reason.span, message)
                    .help("say in a few words why it is right here; it is written above the rule"),
            );
        }
        check::line(reason, "the reason", found)
    });
    let text = text?;
    let (program, arguments) = command(text, found)?;
    let run_as = run_as?;
    if is_escape(&program) && written.unsafe_because.is_none() {
        found.push(escape(&program, run_as.as_str(), &text.span));
        return None;
    }
    Some(SudoRule {
        program,
        arguments,
        run_as,
        password: written.password.as_ref().is_some_and(|password| password.value),
        tags,
        unsafe_because: reason,
        span: text.span.clone(),
        run_as_span: written.run_as.as_ref().map_or(&text.span, |name| &name.span).clone(),
    })
}

/// Whether there is such a user shows with all components of an image.
fn run_as(
    context: &Context<'_>,
    written: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<AccountName> {
    let name =
        check::named(written, Code::BadUserName, "the user name", AccountName::parse, found)?;
    if context.user.as_ref().is_some_and(|user| user.name.as_str() == name.as_str()) {
        let message = format!("the rule would let {name} run as itself, as it does anyway");
        found.push(
            Diagnostic::new(Code::BadSudoCommand, &written.span, message)
                .help("remove the rule, or name another user"),
        );
        return None;
    }
    Some(name)
}

fn tags(written: &[Spanned<String>], found: &mut Diagnostics) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::with_capacity(written.len());
    for text in written {
        if let Some((_, why)) = REFUSED_TAGS.iter().find(|(name, _)| *name == text.value) {
            let message = format!("the tag {text} {why}");
            found.push(
                Diagnostic::new(Code::BadSudoTag, &text.span, message).help("leave the tag out"),
            );
            continue;
        }
        let choices = Tag::ALL.map(|tag| (tag.name(), tag));
        let Some(tag) = check::choice(text, "a tag", &choices, found) else { continue };
        if tags.contains(&tag) {
            check::twice(text, tag.name(), found);
        } else if let Some(contrary) = tag.contrary().filter(|contrary| tags.contains(contrary)) {
            let message = format!("{} and {} say the contrary", contrary.name(), tag.name());
            found.push(
                Diagnostic::new(Code::BadSudoTag, &text.span, message).help("keep one of them"),
            );
        } else {
            tags.push(tag);
        }
    }
    tags.sort_unstable();
    tags
}

/// The program and its arguments.
fn command(
    written: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<(AbsolutePath, Vec<String>)> {
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
    Some((program, words.map(str::to_owned).collect()))
}

fn is_escape(program: &AbsolutePath) -> bool {
    let name = program.file_name();
    // python3.11 and the like
    let family = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    ESCAPES.contains(&name) || ESCAPES.contains(&family)
}

fn escape(program: &AbsolutePath, run_as: &str, span: &Span) -> Diagnostic {
    let message =
        format!("as {run_as}, {} can run any program or change any file", program.file_name());
    Diagnostic::new(Code::UnsafeSudoCommand, span, message).help(
        "allow a root-owned program that does the one thing needed; or say in [sudo.rules.*] why it is right: unsafe = \"…\"",
    )
}
