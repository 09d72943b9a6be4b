//! The changes that are measured: edits of the real spec, and where the two ways may differ.

use std::fs;
use std::path::{Path, PathBuf};

use toml::Table;

use super::Desktop;
use crate::dev_stack::download;
use crate::late::Explained;
use crate::loopback::Server;
use crate::small_desktop;

/// An edit of a spec.
pub(super) struct Change {
    /// Which kind, and of what.
    pub(super) what: &'static str,
    pub(super) edit: fn(&Spec, &Server),
    /// Where the two ways may differ.
    pub(super) explained: &'static [Explained],
}

pub(super) const CHANGES: &[Change] = &[
    Change {
        what: "one file of an early component (`account`)",
        edit: |spec, _| {
            let file = "resources/account/with-account";
            spec.replace(file, "#!/bin/bash\n", "#!/bin/bash\n# Changed.\n");
        },
        explained: &[],
    },
    Change {
        what: "one apt package more (`cron`)",
        edit: |spec, _| {
            let packages = "packages = [\"cron\"";
            spec.replace("components/cron.toml", packages, &format!("{packages}, \"figlet\""));
        },
        explained: &[],
    },
    Change {
        what: "another pin of a tool",
        edit: |spec, server| spec.pin(server, 2),
        explained: &[],
    },
    Change {
        what: "one environment value (`vnc`)",
        edit: |spec, _| spec.replace("components/vnc.toml", "1600x900", "1280x720"),
        explained: &[],
    },
    Change {
        what: "one service (`vnc`)",
        edit: |spec, _| spec.replace("components/vnc.toml", "priority = 100", "priority = 110"),
        explained: &[],
    },
    Change {
        what: "one component less (`netdata`)",
        edit: |spec, _| {
            spec.remove("components/netdata.toml");
            spec.remove("resources/netdata");
            spec.edit_stack(|components| components.retain(|name| name != "netdata"));
        },
        explained: &[],
    },
];

/// A component that the real spec has no like of in the variant: a tool that its maker gives out as an archive.
const PINNED: &str = "pinned-tool";

/// The spec of a stack in a folder.
pub(super) struct Spec(PathBuf);

impl Spec {
    /// Writes it anew; what rdspec remembers of the stack stays.
    pub(super) fn write(stack: &Path, desktop: Desktop, server: &Server) -> Self {
        let spec = Self(stack.to_owned());
        let _ = fs::remove_dir_all(spec.path(""));
        match desktop {
            Desktop::Small => small_desktop::write(stack),
            Desktop::Whole => {
                let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec");
                small_desktop::copy(&real, &spec.path(""));
            }
        }
        spec.edit_table(|stack| small_desktop::rename(stack, "dev-measured"));
        spec.edit_stack(|components| components.insert(0, PINNED.to_owned()));
        spec.pin(server, 1);
        spec
    }

    /// The folder of the stack.
    pub(super) fn stack(&self) -> &Path {
        &self.0
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.join("spec").join(path)
    }

    /// Pins a release of the tool.
    fn pin(&self, server: &Server, release: u8) {
        let content = format!("release {release}\n").repeat(100_000);
        let component = download(server, &format!("/tool-{release}.tar.gz"), &content);
        let class = "change-class = \"stable\"\n";
        let (summary, rest) = component.split_once('\n').unwrap();
        let text = format!("{summary}\n{class}{rest}");
        fs::write(self.path(&format!("components/{PINNED}.toml")), text).unwrap();
    }

    /// Replaces a text that is there.
    fn replace(&self, path: &str, old: &str, new: &str) {
        let path = self.path(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{} has no {old:?}", path.display());
        fs::write(path, text.replace(old, new)).unwrap();
    }

    fn remove(&self, path: &str) {
        let path = self.path(path);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }

    /// Changes the components of the image.
    fn edit_stack(&self, edit: impl FnOnce(&mut Vec<String>)) {
        self.edit_table(|stack| {
            let base = small_desktop::table(stack, &["images", "base"]);
            let all = base["components"].as_array().unwrap().iter();
            let mut names = all.map(|name| name.as_str().unwrap().to_owned()).collect();
            edit(&mut names);
            base.insert("components".to_owned(), names.into());
        });
    }

    fn edit_table(&self, edit: impl FnOnce(&mut Table)) {
        let path = self.path("stack.toml");
        let mut table: Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        edit(&mut table);
        fs::write(path, table.to_string()).unwrap();
    }
}
