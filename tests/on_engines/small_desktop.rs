//! The desktop of `spec/` with few programs: built in a few minutes, and still all that a user meets first. The spec is
//! this repository's own, with a shorter list of components and a name of its own, so that no tag is shared.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};

use crate::harness::Engine;

/// What the image is called on an engine.
pub(crate) const IMAGE: &str = "small-desktop-base:test-debian";

/// The components of the base image that stay: what starts, shows and guards the desktop. Netdata is among them
/// for its route, its entry of the landing page and its shortcut with a name in each language.
const COMPONENTS: &[&str] = &[
    "locale",
    "tini",
    "account",
    "sudo",
    "supervisor",
    "rsyslog",
    "cron",
    "netdata",
    "nginx",
    "vnc",
    "xfce",
    "landing",
    "desktop",
];

/// Writes the stack and generates it; gives its folder, which is the engine's own, since a stack is built once at a time.
/// The caller holds the engines, so no other test of this process is at it.
pub(crate) fn folder(engine: &Engine) -> PathBuf {
    let stack =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("small-desktop-{}", engine.name));
    let _ = fs::remove_dir_all(&stack);
    write(&stack);
    let mut generate = Command::new(env!("CARGO_BIN_EXE_rdspec"));
    let status = generate.arg("-C").arg(&stack).args(["generate", "--quiet"]).status().unwrap();
    assert!(status.success(), "generating {}", stack.display());
    stack
}

/// Writes the stack and builds its one image; gives the folder of the stack.
pub(crate) fn build(engine: &Engine) -> PathBuf {
    let stack = folder(engine);
    engine.build(&stack, &["--variant", "debian"]);
    stack
}

/// Writes the spec into the folder of a stack that has none.
pub(crate) fn write(stack: &Path) {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec");
    let text = fs::read_to_string(spec.join("stack.toml")).unwrap();
    let text = shortened(text.parse().unwrap()).to_string();
    fs::create_dir_all(stack.join("spec/components")).unwrap();
    fs::write(stack.join("spec/stack.toml"), text).unwrap();
    for component in COMPONENTS {
        let file = format!("components/{component}.toml");
        fs::copy(spec.join(&file), stack.join("spec").join(&file)).unwrap();
        let resources = spec.join("resources").join(component);
        if resources.is_dir() {
            copy(&resources, &stack.join("spec/resources").join(component));
        }
    }
}

/// The same stack with one image of few components, and of its variants Debian's.
fn shortened(mut stack: Table) -> Table {
    rename(&mut stack, "small-desktop");
    let base = table(&mut stack, &["images", "base"]);
    let all = base["components"].as_array().unwrap();
    for component in COMPONENTS {
        assert!(all.contains(&(*component).into()), "spec/stack.toml has no {component}");
    }
    base.insert("components".to_owned(), COMPONENTS.to_vec().into());
    table(&mut stack, &["images"]).retain(|name, _| name == "base");
    let debian = table(&mut stack, &["variants", "debian"]);
    debian.remove("replace");
    debian.remove("without");
    stack
}

/// Gives a stack a name of its own, and nowhere to publish its images.
pub(crate) fn rename(stack: &mut Table, name: &str) {
    stack.remove("ci");
    let about = table(stack, &["stack"]);
    about.remove("registry");
    about.insert("name".to_owned(), name.into());
    about.insert("tag".to_owned(), "test".into());
}

/// The table at a path of keys, which is there.
pub(crate) fn table<'table>(mut at: &'table mut Table, path: &[&str]) -> &'table mut Table {
    for name in path {
        at = at.get_mut(*name).and_then(Value::as_table_mut).unwrap();
    }
    at
}

/// Copies a folder with what is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}
