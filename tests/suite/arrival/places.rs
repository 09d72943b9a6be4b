//! The places of the language that take strings, each with the reader of what is made of them. A new place is an entry
//! of the table.

use rdspec::render::FileTree;

use super::{Arrived, readers};

/// A place of the language that takes a string.
pub(super) struct Place {
    pub(super) name: &'static str,
    /// How many strings go into one spec, and how often.
    pub(super) size: (usize, usize),
    /// The component before the strings.
    pub(super) head: &'static str,
    /// The line of one string. `text` is a TOML string with its quotes.
    pub(super) line: fn(number: usize, text: &str) -> String,
    /// The component after the strings.
    pub(super) tail: &'static str,
    /// The string as this place can have it.
    pub(super) fit: fn(number: usize, text: &str) -> String,
    /// How what arrived is matched with what was sent.
    pub(super) by: By,
    /// What the reader says.
    pub(super) read: fn(&FileTree) -> Arrived,
}

/// How what arrived is matched with what was sent.
#[derive(Clone, Copy)]
pub(super) enum By {
    /// Each string has its number.
    Number,
    /// The order is kept.
    Order,
    /// Neither: all of them must be there.
    Text,
}

const AS_IT_IS: fn(usize, &str) -> String = |_, text| text.to_owned();

pub(super) const PLACES: &[Place] = &[
    Place {
        name: "a variable of the container, read by a parser of Dockerfiles",
        size: (500, 20),
        head: "",
        line: |number, text| format!("environment.V{number} = {text}"),
        tail: "",
        fit: AS_IT_IS,
        by: By::Number,
        read: |tree| variables(readers::dockerfile_environment(tree)),
    },
    Place {
        name: "a word of the container's command, read by a parser of Dockerfiles",
        size: (500, 20),
        head: "runtime.command = [\"first\",",
        line: |_, text| format!("{text},"),
        tail: "]",
        fit: AS_IT_IS,
        by: By::Order,
        read: |tree| readers::dockerfile_command(tree).into_iter().enumerate().collect(),
    },
    Place {
        name: "a variable of a script, read by bash",
        size: (500, 20),
        head: "script.run = \"true\"",
        line: |number, text| format!("script.environment.V{number} = {text}"),
        tail: "",
        fit: AS_IT_IS,
        by: By::Number,
        read: |tree| readers::exports(tree, "bash"),
    },
    Place {
        name: "a variable of a script, read by dash",
        size: (500, 20),
        head: "script.run = \"true\"",
        line: |number, text| format!("script.environment.V{number} = {text}"),
        tail: "",
        fit: AS_IT_IS,
        by: By::Number,
        read: |tree| readers::exports(tree, "dash"),
    },
    Place {
        name: "a check, read by bash",
        size: (500, 20),
        head: "check.run = [",
        line: |_, text| format!("{text},"),
        tail: "]",
        fit: |_, text| {
            // Neither line breaks of Windows nor what surrounds a command means anything.
            let mut text = text.to_owned();
            while text.contains("\r\n") {
                text = text.replace("\r\n", "\n");
            }
            let blanks = [' ', '\t', '\n'];
            let text = text.trim_start_matches(blanks);
            let trimmed = text.trim_end_matches(blanks);
            // What stands behind a backslash means something.
            if trimmed.ends_with('\\') {
                format!("{}\n", text.trim_end_matches('\n'))
            } else {
                trimmed.to_owned()
            }
        },
        by: By::Order,
        read: readers::checks,
    },
    Place {
        name: "the address of a download, read by bash",
        size: (500, 20),
        head: "",
        line: |number, text| {
            format!(
                "downloads.d{number} = {{ url = {text}, sha256 = \"{:064x}\", install = {{ to = \"/opt/d{number}\" }} }}",
                number + 0xabcd_ef00_1234
            )
        },
        tail: "",
        fit: |number, text| {
            // Variables of the address are replaced, as they should be.
            let text = text.replace("{{", "{ {").replace("{%", "{ %").replace("{##", "{ ##");
            format!("https://example.org/{text}/d{number}.bin")
        },
        by: By::Number,
        read: readers::addresses,
    },
    Place {
        name: "the target of a link, read by bash",
        size: (500, 20),
        head: "",
        line: |number, text| format!("links.\"/opt/l{number}\" = {{ to = {text} }}"),
        tail: "",
        fit: AS_IT_IS,
        by: By::Number,
        read: readers::links,
    },
    Place {
        name: "the path of a directory, read by bash",
        size: (500, 20),
        head: "",
        line: |_, text| format!("directories.{text} = {{ }}"),
        tail: "",
        fit: |number, text| format!("/opt/d/{}", at_an_end(number, text)),
        by: By::Text,
        read: readers::directories,
    },
    Place {
        name: "the path of a file, read by a parser of Dockerfiles",
        size: (500, 20),
        head: "",
        line: |_, text| format!("files.{text} = {{ content = \"x\" }}"),
        tail: "",
        fit: |number, text| format!("/opt/d/{}", at_an_end(number, text)),
        by: By::Text,
        read: readers::copies,
    },
    Place {
        name: "the command of a service, read by supervisor",
        size: (500, 20),
        head: "apt.packages = [\"supervisor\"]",
        line: |number, text| format!("services.s{number} = {{ command = {text} }}"),
        tail: "",
        fit: |number, text| {
            if number.is_multiple_of(2) { format!("/bin/x {text}") } else { text.to_owned() }
        },
        by: By::Number,
        read: |tree| readers::services(tree, "command"),
    },
    Place {
        name: "a variable of a service, read by supervisor",
        size: (500, 20),
        head: "apt.packages = [\"supervisor\"]",
        line: |number, text| {
            format!(
                "services.s{number} = {{ command = \"/bin/x\", environment = {{ A = \"b\", V = {text}, Z = \"c\" }} }}"
            )
        },
        tail: "",
        fit: AS_IT_IS,
        by: By::Number,
        read: |tree| readers::services(tree, "environment"),
    },
    Place {
        name: "the address of a repository, read by apt",
        size: (100, 50),
        head: "",
        line: |number, text| repository(number, text, "[\"stable\"]", "[\"main\"]"),
        tail: REPOSITORY_KEY,
        fit: |number, text| format!("https://example.org/{text}/r{number}"),
        by: By::Number,
        read: readers::apt::addresses,
    },
    Place {
        name: "the suite of a repository, read by apt",
        size: (100, 50),
        head: "",
        line: |number, text| {
            let address = format!("\"https://example.org/r{number}\"");
            repository(number, &address, &format!("[{text}]"), "[\"main\"]")
        },
        tail: REPOSITORY_KEY,
        fit: AS_IT_IS,
        by: By::Number,
        read: readers::apt::suites,
    },
    Place {
        name: "the component of a repository, read by apt",
        size: (100, 50),
        head: "",
        line: |number, text| {
            let address = format!("\"https://example.org/r{number}\"");
            repository(number, &address, "[\"stable\"]", &format!("[{text}]"))
        },
        tail: REPOSITORY_KEY,
        fit: AS_IT_IS,
        by: By::Number,
        read: readers::apt::components,
    },
    Place {
        name: "a command of sudo, read by visudo and cvtsudoers",
        size: (500, 20),
        head: "apt.packages = [\"sudo\"]\nsudo.commands = [",
        line: |_, text| format!("{text},"),
        tail: "]",
        fit: |number, text| {
            // Single spaces between the words are how sudo compares, whatever stands in the rule.
            let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
            format!("/usr/sbin/t{number} {}", words.join(" ")).trim_end_matches(' ').to_owned()
        },
        by: By::Text,
        read: readers::sudo_commands,
    },
    Place {
        name: "the name of a shortcut, read by GLib",
        size: (500, 20),
        head: "",
        line: |number, text| shortcut(number, &format!("name = {text}, exec = \"/usr/bin/x\"")),
        tail: "",
        fit: AS_IT_IS,
        by: By::Number,
        read: |tree| readers::desktop_entries(tree, "Name"),
    },
    Place {
        name: "a keyword of a shortcut, read by GLib",
        size: (500, 10),
        head: "",
        line: |number, text| {
            shortcut(
                number,
                &format!("name = \"x\", keywords = [{text}, \"y\"], exec = \"/usr/bin/x\""),
            )
        },
        tail: "",
        fit: AS_IT_IS,
        by: By::Number,
        read: |tree| readers::desktop_entries(tree, "Keywords"),
    },
    Place {
        name: "an argument of a shortcut, read by GLib",
        size: (500, 20),
        head: "",
        line: |number, text| shortcut(number, &format!("name = \"x\", exec = {text}")),
        tail: "",
        fit: |_, text| readers::exec_argument(&text.replace('%', "%%")),
        by: By::Number,
        read: |tree| readers::desktop_entries(tree, "Exec"),
    },
    Place {
        name: "the directory of a service, read by supervisor",
        size: (500, 10),
        head: "apt.packages = [\"supervisor\"]",
        line: |number, text| {
            format!("services.s{number} = {{ command = \"/bin/x\", directory = {text} }}")
        },
        tail: "",
        fit: |_, text| format!("/opt/{text}"),
        by: By::Number,
        read: |tree| readers::services(tree, "directory"),
    },
];

/// A repository whose key is at the end of the case.
fn repository(number: usize, address: &str, suites: &str, components: &str) -> String {
    format!(
        "apt.repositories.r{number} = {{ uri = {address}, suites = {suites}, components = {components}, \
         key = \"vendor.asc\", fingerprint = \"6811205F8B4857E6E18ABBCB79F0F9C83536B49D\" }}"
    )
}

const REPOSITORY_KEY: &str =
    concat!("-- resources/tool/vendor.asc --\n", include_str!("../../keys/stays.asc"));

fn shortcut(number: usize, keys: &str) -> String {
    format!("shortcuts.s{number} = {{ menu = true, desktop = false, {keys} }}")
}

/// Part of a path, with a number that makes it unlike the others, now before it and now behind it.
fn at_an_end(number: usize, text: &str) -> String {
    // A slash would make folders, each of which takes a layer.
    let text = text.replace('/', "|");
    if number.is_multiple_of(2) { format!("{number}{text}") } else { format!("{text}{number}") }
}

fn variables(all: Vec<(String, String)>) -> Arrived {
    let numbered = all
        .into_iter()
        .filter_map(|(name, value)| Some((name.strip_prefix('V')?.parse().ok()?, value)));
    numbered.collect()
}
