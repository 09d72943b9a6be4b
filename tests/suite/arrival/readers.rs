//! The programs and parsers that read generated files, asked what they read.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use parse_dockerfile::{Instruction, parse};
use rdspec::render::FileTree;

use super::Arrived;
use crate::dockerfile::words;
use crate::harness::tool;

pub(super) mod apt;

/// The text of the only file whose path ends so.
fn file<'tree>(tree: &'tree FileTree, end: &str) -> &'tree str {
    let (_, file) = tree.iter().find(|(path, _)| path.ends_with(end)).unwrap();
    std::str::from_utf8(&file.bytes).unwrap()
}

/// The instructions of the Dockerfile that `wanted` picks.
fn instructions<T>(tree: &FileTree, wanted: impl FnMut(&Instruction<'_>) -> Option<T>) -> Vec<T> {
    let dockerfile = parse(file(tree, "/Dockerfile")).unwrap();
    dockerfile.instructions.iter().filter_map(wanted).collect()
}

/// The variables of ENV.
pub(super) fn dockerfile_environment(tree: &FileTree) -> Vec<(String, String)> {
    let lists = instructions(tree, |instruction| match instruction {
        Instruction::Env(env) => Some(words(&env.arguments.value)),
        _ => None,
    });
    let pair = |word: String| {
        let (name, value) = word.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    lists.into_iter().flatten().map(pair).collect()
}

/// The words of CMD, without the first.
pub(super) fn dockerfile_command(tree: &FileTree) -> Vec<String> {
    let mut lists = instructions(tree, |instruction| match instruction {
        Instruction::Cmd(cmd) => match &cmd.arguments {
            parse_dockerfile::Command::Exec(list) => {
                Some(list.value.iter().map(|word| word.value.to_string()).collect::<Vec<_>>())
            }
            _ => panic!("not the exec form"),
        },
        _ => None,
    });
    lists.pop().unwrap().split_off(1)
}

/// Bash must have no complaint about the syntax of a script.
#[track_caller]
pub(super) fn bash_takes(script: &[u8], name: &str) {
    let mut command = tool("bash", "bash");
    let output = finished(command.args(["-n"]).env_clear(), script);
    assert!(output.is_empty(), "{name}");
}

/// The files that COPY puts into the image.
pub(super) fn copies(tree: &FileTree) -> Arrived {
    let text = file(tree, "/Dockerfile");
    let lists = instructions(tree, |instruction| match instruction {
        Instruction::Copy(copy) => {
            let sources = copy.src.iter().map(|source| match source {
                parse_dockerfile::Source::Path(path) => (path.span.start, path.value.to_string()),
                _ => panic!("a here-document"),
            });
            let sources: Vec<(usize, String)> = sources.collect();
            // The JSON form is taken as it is, the other one word by word.
            let is_json = text[..sources[0].0].ends_with("[\"");
            let read =
                |(_, path): (usize, String)| if is_json { path } else { words(&path).concat() };
            Some(sources.into_iter().map(read).collect::<Vec<_>>())
        }
        _ => None,
    });
    let paths = lists.into_iter().flatten().map(|source| {
        assert!(tree.get(&format!("base/{source}")).is_some(), "{source:?} is not in the context");
        source.strip_prefix("resources/files/tool").unwrap().to_owned()
    });
    below(paths)
}

/// Paths below `/opt/d`; the folders above them are rdspec's own idea.
fn below(paths: impl Iterator<Item = String>) -> Arrived {
    paths.filter(|path| path.starts_with("/opt/d/")).enumerate().collect()
}

/// What a shell prints for a script on its standard input, cut at each NUL.
fn printed(program: &str, script: &str) -> Vec<String> {
    let mut command = tool(program, program);
    if program == "bash" {
        command.arg("--norc");
    }
    let output = finished(command.env_clear(), script.as_bytes());
    let text = String::from_utf8(output).unwrap();
    let mut parts: Vec<String> = text.split('\0').map(ToOwned::to_owned).collect();
    assert_eq!(parts.pop().as_deref(), Some(""), "{program} stopped in the middle");
    parts
}

/// What a program prints for its standard input; it must succeed.
fn finished(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    assert_eq!(said, "", "{command:?}");
    output.stdout
}

/// The part of a script between two texts.
fn between<'text>(text: &'text str, start: &str, end: &str) -> &'text str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start:?} in {text}"));
    rest.rsplit_once(end).unwrap_or_else(|| panic!("no {end:?} in {text}")).0
}

/// Pairs of a number and a text, printed one after the other.
fn numbered(printed: Vec<String>) -> Arrived {
    let mut arrived = Arrived::new();
    let mut parts = printed.into_iter();
    while let (Some(number), Some(text)) = (parts.next(), parts.next()) {
        arrived.insert(number.parse().unwrap(), text);
    }
    arrived
}

/// The variables that a component's script exports.
pub(super) fn exports(tree: &FileTree, shell: &str) -> Arrived {
    let script = file(tree, "/tools/tool.sh");
    if !script.contains("\nexport V") {
        return Arrived::new();
    }
    let (_, rest) = script.split_once("\nexport V").unwrap();
    let exports = rest.split_once("\n\n# The component's own script").unwrap().0;
    let mut program = format!("export V{exports}\n");
    for number in 0..1000 {
        writeln!(
            program,
            "[ -z \"${{V{number}+set}}\" ] || printf '{number}\\0%s\\0' \"$V{number}\""
        )
        .unwrap();
    }
    numbered(printed(shell, &program))
}

/// The checks, in their order.
pub(super) fn checks(tree: &FileTree) -> Arrived {
    let script = file(tree, "/checks.sh");
    let calls = between(script, "echo \"TAP version 14\"\n", "\nexit ");
    let program = format!("check() {{ cat; printf '\\0'; }}\necho() {{ :; }}\n{calls}\n");
    let read = printed("bash", &program).into_iter();
    // A here-document ends in a line break.
    read.map(|text| text.strip_suffix('\n').unwrap().to_owned()).enumerate().collect()
}

/// The addresses of downloads, by the number in their checksum.
pub(super) fn addresses(tree: &FileTree) -> Arrived {
    let script = file(tree, "/tools/tool.sh");
    let mut program =
        String::from("dpkg() { echo amd64; }\nfetch() { printf '%s\\0' \"$1\" \"${@: -1}\"; }\n");
    for case in script.split("\ncase $(dpkg").skip(1) {
        let body = case.split_once("\nesac\n").unwrap().0;
        writeln!(program, "case $(dpkg{body}\nesac").unwrap();
    }
    let mut parts = printed("bash", &program).into_iter();
    let mut arrived = Arrived::new();
    while let (Some(sha256), Some(url)) = (parts.next(), parts.next()) {
        let number = u64::from_str_radix(&sha256[48..], 16).unwrap() - 0xabcd_ef00_1234;
        arrived.insert(usize::try_from(number).unwrap(), url);
    }
    arrived
}

/// The calls at the end of the script that makes directories and links.
fn calls(tree: &FileTree) -> String {
    let script = file(tree, "/tools/directories.sh");
    let end = script.rfind("\n}\n").unwrap();
    script[end + 3..].to_owned()
}

/// The targets of links, by the number in the link's name.
pub(super) fn links(tree: &FileTree) -> Arrived {
    let program = format!(
        "directory() {{ :; }}\ndescribed() {{ :; }}\nlink() {{ printf '%s\\0' \"${{3#/opt/l}}\" \"$2\"; }}\n{}",
        calls(tree)
    );
    numbered(printed("bash", &program))
}

/// The directories.
pub(super) fn directories(tree: &FileTree) -> Arrived {
    let program = format!(
        "directory() {{ printf '%s\\0' \"$3\"; }}\ndescribed() {{ directory \"$@\"; }}\n{}",
        calls(tree)
    );
    below(printed("bash", &program).into_iter())
}

/// What supervisor reads of each program: its own reader, not a copy of it.
const SUPERVISOR: &str = "
import sys
from supervisor.options import ServerOptions
options = ServerOptions()
options.realize(['-n', '-c', sys.argv[1]])
for group in options.process_group_configs:
    for program in group.process_configs:
        value = getattr(program, sys.argv[2])
        if sys.argv[2] == 'environment':
            assert sorted(value) == ['A', 'V', 'Z'] and value['A'] == 'b' and value['Z'] == 'c', value
            value = value['V']
        sys.stdout.buffer.write(program.name[1:].encode() + b'\\0' + value.encode() + b'\\0')
";

/// The services, as supervisor has them.
pub(super) fn services(tree: &FileTree, key: &str) -> Arrived {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("[supervisord]\nuser=root\n[include]\nfiles=*.conf\n");
    for (path, file) in tree.iter().filter(|(path, _)| path.contains("/supervisor/conf.d/")) {
        std::fs::write(folder.path().join(path.rsplit('/').next().unwrap()), &file.bytes).unwrap();
        text.push('\n');
    }
    let main = folder.path().join("supervisord.cfg");
    std::fs::write(&main, text).unwrap();
    // Debian's Python, for which Debian packages its supervisor.
    let mut command = Command::new("/usr/bin/python3");
    command.args(["-c", SUPERVISOR]).arg(&main).arg(key).env_clear();
    let output = finished(&mut command, b"");
    let text = String::from_utf8(output).unwrap();
    let mut parts: Vec<String> = text.split('\0').map(ToOwned::to_owned).collect();
    parts.pop();
    numbered(parts)
}

/// The commands of sudo's rules, in their order, with single spaces as the spec's words have them.
pub(super) fn sudo_commands(tree: &FileTree) -> Arrived {
    let rules = file(tree, "/sudoers/tool");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules");
    std::fs::write(&path, rules).unwrap();
    finished(
        tool("visudo", "sudo").args(["--check", "--strict", "--quiet", "--file"]).arg(&path),
        b"",
    );
    let json =
        finished(tool("cvtsudoers", "sudo").args(["--output-format", "json"]).arg(&path), b"");
    let read: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let mut arrived = Arrived::new();
    for rule in read["User_Specs"].as_array().unwrap() {
        assert_eq!(rule["User_List"], serde_json::json!([{ "username": "jovyan" }]));
        for specs in rule["Cmnd_Specs"].as_array().unwrap() {
            for command in specs["Commands"].as_array().unwrap() {
                let text = command["command"].as_str().unwrap();
                arrived
                    .insert(arrived.len(), text.strip_suffix(" \"\"").unwrap_or(text).to_owned());
            }
        }
    }
    arrived
}

/// What GLib, the library of the desktops themselves, reads of a desktop entry.
const GLIB: &str = "
import sys
from gi.repository import GLib
for path in sys.argv[2:]:
    entry = GLib.KeyFile()
    entry.load_from_file(path, GLib.KeyFileFlags.NONE)
    if sys.argv[1] == 'Keywords':
        value, other = entry.get_string_list('Desktop Entry', 'Keywords')
        assert other == 'y', other
    else:
        value = entry.get_string('Desktop Entry', sys.argv[1])
    if sys.argv[1] == 'Exec':
        _, (program, value) = GLib.shell_parse_argv(value)
        assert program == '/usr/bin/x', program
    number = path.rsplit('/', 1)[1][1:-len('.desktop')]
    sys.stdout.buffer.write(number.encode() + b'\\0' + value.encode() + b'\\0')
";

/// A command line with one argument, as the Desktop Entry Specification quotes it.
pub(super) fn exec_argument(argument: &str) -> String {
    let mut command = String::from("/usr/bin/x \"");
    for c in argument.chars() {
        if matches!(c, '"' | '`' | '$' | '\\') {
            command.push('\\');
        }
        command.push(c);
    }
    command.push('"');
    command
}

/// A key of every shortcut.
pub(super) fn desktop_entries(tree: &FileTree, key: &str) -> Arrived {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (path, file) in tree.iter().filter(|(path, _)| path.ends_with(".desktop")) {
        paths.push(folder.path().join(path.rsplit('/').next().unwrap()));
        std::fs::write(paths.last().unwrap(), &file.bytes).unwrap();
    }
    if paths.is_empty() {
        return Arrived::new();
    }
    finished(
        tool("desktop-file-validate", "desktop-file-utils").arg("--no-hints").args(&paths),
        b"",
    );
    let mut command = Command::new("/usr/bin/python3");
    let output = finished(command.args(["-c", GLIB, key]).args(&paths).env_clear(), b"");
    let text = String::from_utf8(output).unwrap();
    let mut parts: Vec<String> = text.split('\0').map(ToOwned::to_owned).collect();
    parts.pop();
    let mut arrived = numbered(parts);
    if key == "Exec" {
        for argument in arrived.values_mut() {
            *argument = exec_argument(argument);
        }
    }
    arrived
}
