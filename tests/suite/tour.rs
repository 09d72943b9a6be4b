//! README.md: each command of its tour is run and prints what the page says; every other command line on a page that people read
//! is one that rdspec takes.

#[path = "tour/page.rs"]
mod page;

use std::fs;
use std::path::Path;
use std::process::Command;

use clap::CommandFactory;
use rdspec::cli::Cli;

use crate::harness::repository;
use page::{readme, steps, walk};

/// Those that need an engine are run by `on_engines::tour`.
#[test]
fn every_command_prints_what_the_page_says() {
    let mut steps = steps(&readme());
    steps.retain(|step| !step.needs_engine);
    assert!(steps.len() > 12, "only {} commands", steps.len());
    let folder = tempfile::tempdir().unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_rdspec")).parent().unwrap();
    walk(&steps, folder.path(), || {
        let mut shell = Command::new("/bin/sh");
        shell.env_clear().env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
        shell
    });
}

/// The pages that people read.
fn pages() -> Vec<(&'static str, String)> {
    let paths = ["README.md", "spec/README.md", "templates/init/README.md", "CHANGELOG.md"];
    paths.map(|path| (path, fs::read_to_string(repository().join(path)).unwrap())).into()
}

/// What a page says to type: in its text between backticks, in blocks at the beginning of a line. Alternatives are written `a\|b`,
/// what may be left out in brackets.
fn command_lines(page: &str) -> Vec<String> {
    let in_text = page.split('`').skip(1).step_by(2).filter(|code| code.starts_with("rdspec "));
    let of_blocks = page.lines().filter(|line| line.starts_with("    ") || line.starts_with("$ "));
    let in_blocks = of_blocks
        .flat_map(|line| line.split("&&"))
        .map(|line| line.trim().trim_start_matches("$ ").split("  ").next().unwrap_or_default())
        .filter(|line| line.starts_with("rdspec "));
    in_text.chain(in_blocks).map(|line| line.replace("\\|", "|").replace('\n', " ")).collect()
}

/// The commands below some commands that alternatives name; none where one of them is no name of a command.
fn below<'c>(commands: &[&'c clap::Command], names: &str) -> Option<Vec<&'c clap::Command>> {
    let names: Vec<&str> = names.split('|').collect();
    let of_command = |command: &&'c clap::Command| {
        let command: &'c clap::Command = command;
        names.iter().map(move |name| command.find_subcommand(name)).collect::<Vec<_>>()
    };
    commands.iter().flat_map(of_command).collect()
}

/// What is wrong with a command line, if anything is.
fn wrong(root: &clap::Command, line: &str) -> Option<String> {
    let words = line.split([' ', '[', ']']).filter(|word| !word.is_empty()).skip(1);
    let mut commands = vec![root];
    let mut words = words.peekable();
    while let Some(next) = words.peek().and_then(|names| below(&commands, names)) {
        commands = next;
        words.next();
    }
    if commands[0].get_name() == root.get_name() {
        let unknown = words.next().filter(|word| !word.starts_with('-'));
        return unknown.map(|word| format!("no command {word}"));
    }
    words
        .take_while(|word| *word != "--")
        .flat_map(|word| word.split('|'))
        .filter_map(|word| word.strip_prefix("--"))
        .map(|word| word.split_once('=').map_or(word, |(name, _)| name))
        .find(|name| commands.iter().any(|command| !has_option(command, name)))
        .map(|name| format!("no option --{name}"))
}

fn has_option(command: &clap::Command, name: &str) -> bool {
    command.get_arguments().any(|arg| arg.get_long() == Some(name))
}

fn root() -> clap::Command {
    let mut root = Cli::command();
    root.build();
    root
}

#[test]
fn every_command_line_of_a_page_is_one_that_rdspec_takes() {
    let root = root();
    let mut found = 0;
    let mut faults = Vec::new();
    for (path, page) in pages() {
        for line in command_lines(&page) {
            found += 1;
            faults.extend(wrong(&root, &line).map(|fault| format!("{path}: {line}: {fault}")));
        }
    }
    assert!(found > 80, "only {found} command lines");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_command_line_that_rdspec_does_not_take_is_found() {
    for (line, fault) in [
        ("rdspec forge", Some("no command forge")),
        ("rdspec dev promote|forge [IMAGE]", None),
        ("rdspec build [IMAGE...] --forge", Some("no option --forge")),
        ("rdspec add apt|pip NAME... [--strip 1]", Some("no option --strip")),
        ("rdspec dev [IMAGE] [--run|--forge]", Some("no option --forge")),
        ("rdspec dev reset [IMAGE] [--dry-run]", None),
        ("rdspec run [IMAGE] [-- --forge]", None),
        ("rdspec build --secret id=x,src=FILE", None),
    ] {
        assert_eq!(wrong(&root(), line).as_deref(), fault, "{line}");
    }
}

#[test]
fn every_command_is_in_the_table_of_commands() {
    let page = readme();
    let missing: Vec<String> = root()
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .filter(|name| {
            let row = format!("| `rdspec {name}");
            !page.lines().any(|line| {
                line.strip_prefix(&row).is_some_and(|rest| rest.starts_with([' ', '`']))
            })
        })
        .collect();
    assert!(missing.is_empty(), "README.md has no row for {missing:?}");
}
