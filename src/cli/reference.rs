//! The command line as Markdown: each command with its usage, and what it takes.
//!
//! It takes what clap has of the types of [`cli`](super), the same of which `--help` is made, and gives the text of
//! spec/COMMANDS.md. It says neither a version nor anything of this machine.

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::Cli;

/// The reference of all commands.
pub fn all() -> String {
    // Widths of terminals break lines; the reference has none.
    let mut root = Cli::command().term_width(0);
    root.build();
    let mut parts = vec![
        "# The commands of rdspec\n\n".to_owned(),
        "<!-- `rdspec schema commands` wrote this page. -->\n\n".to_owned(),
        usage(&root),
        "Every command takes these options, too:\n\n".to_owned(),
        table(&root, root.get_arguments().filter(|arg| is_of_all(arg)).collect()),
        root.get_after_help().map(|text| format!("{text}\n\n")).unwrap_or_default(),
    ];
    for command in root.get_subcommands() {
        parts.push(of(command, "rdspec", 2));
    }
    parts.concat().trim_end().to_owned() + "\n"
}

/// A command and those below it; `level` is the number of `#` of its heading.
fn of(command: &Command, parent: &str, level: usize) -> String {
    let name = format!("{parent} {}", command.get_name());
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let own = command.get_arguments().filter(|arg| !is_of_all(arg)).collect();
    let mut parts = vec![
        format!("{} {name}\n\n{}.\n\n", "#".repeat(level), escaped(&about)),
        usage(command),
        table(command, own),
        command.get_after_help().map(|text| format!("{text}\n\n")).unwrap_or_default(),
    ];
    parts.extend(command.get_subcommands().map(|below| of(below, &name, level + 1)));
    parts.concat()
}

/// What clap passes on to each command, and what it adds itself.
fn is_of_all(arg: &Arg) -> bool {
    arg.is_global_set() || matches!(arg.get_action(), ArgAction::Help | ArgAction::Version)
}

/// The lines of the usage, as a block of code.
fn usage(command: &Command) -> String {
    let text = command.clone().render_usage().to_string();
    let text = text.strip_prefix("Usage:").unwrap_or(&text);
    let lines: Vec<String> =
        text.trim().lines().map(|line| format!("    {}\n", line.trim())).collect();
    format!("{}\n", lines.concat())
}

fn table(command: &Command, arguments: Vec<&Arg>) -> String {
    let rows: Vec<String> = arguments
        .into_iter()
        .filter(|arg| !arg.is_hide_set())
        .map(|arg| row(command, arg))
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("| takes | one of | default | meaning |\n|---|---|---|---|\n{}\n", rows.concat())
}

fn row(command: &Command, arg: &Arg) -> String {
    let values: Vec<_> =
        arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
    let choices: Vec<String> = values.iter().map(|value| code(value.get_name())).collect();
    let defaults: Vec<String> =
        arg.get_default_values().iter().map(|value| code(value.to_string_lossy())).collect();
    let is_flag = !arg.get_action().takes_values();
    let cells = [
        code(invocation(arg)),
        if is_flag { String::new() } else { choices.join(", ") },
        if is_flag { String::new() } else { defaults.join(", ") },
        meaning(command, arg),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// How an argument is written: `-e`, `--env NAME=VALUE`, or the name that stands for a value.
fn invocation(arg: &Arg) -> String {
    let value = arg.get_value_names().unwrap_or_default().join(" ");
    let is_list = arg.get_num_args().is_some_and(|number| number.max_values() > 1);
    if arg.is_positional() {
        return if is_list { format!("{value}...") } else { value };
    }
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let names = [short, long].into_iter().flatten().collect::<Vec<_>>().join(", ");
    if arg.get_action().takes_values() { format!("{names} {value}") } else { names }
}

/// The help of an argument, what its choices mean, and what it excludes.
fn meaning(command: &Command, arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut sentences = vec![escaped(&help)];
    if arg.is_required_set() && !arg.is_positional() {
        sentences.push("Required".to_owned());
    }
    if matches!(arg.get_action(), ArgAction::Append) && !arg.is_positional() {
        sentences.push("May be repeated".to_owned());
    }
    let values = arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set());
    let meanings: Vec<String> = values
        .filter_map(|value| Some(format!("{}: {}", code(value.get_name()), value.get_help()?)))
        .collect();
    if arg.get_action().takes_values() && !meanings.is_empty() {
        sentences.push(meanings.join("; "));
    }
    let excluded: Vec<String> = excluded(command, arg).into_iter().map(code).collect();
    if !excluded.is_empty() {
        sentences.push(format!("Not with {}", excluded.join(", ")));
    }
    sentences.join(". ")
}

/// What may not be given beside an argument. It is declared on one side, and holds for both.
fn excluded(command: &Command, arg: &Arg) -> Vec<String> {
    let excludes = |one: &Arg, other: &Arg| {
        command
            .get_arg_conflicts_with(one)
            .iter()
            .any(|excluded| excluded.get_id() == other.get_id())
    };
    let others = command.get_arguments().filter(|other| other.get_id() != arg.get_id());
    others
        .filter(|other| excludes(arg, other) || excludes(other, arg))
        .map(|other| other.get_long().map_or_else(|| invocation(other), |long| format!("--{long}")))
        .collect()
}

fn code(text: impl std::fmt::Display) -> String {
    format!("`{text}`")
}

/// Prose as Markdown has it.
fn escaped(text: &str) -> String {
    text.replace('<', "&lt;").replace('*', "\\*")
}
