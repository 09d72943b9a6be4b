//! Random specs of a small stack, and pairs of them that differ in some components.
//!
//! They are compiled and compared by a model in the suite, and built on engines. Scripts call `digest` with all that they
//! read, which the model takes for words and an engine gets a function for.

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::prelude::*;

/// The names of all components; each can need the ones before it.
pub(crate) const NAMES: [&str; 5] = ["ant", "bee", "cat", "dog", "emu"];

/// Packages, by no component's name.
pub(crate) const PACKAGES: [&str; 4] = ["bc", "jq", "time", "tree"];

/// A component; 0 is for nothing.
#[derive(Clone, Debug)]
pub(crate) struct Component {
    pub(crate) is_in_child: bool,
    packages: u8,
    files: u8,
    file_version: u8,
    link: u8,
    directory: u8,
    account: u8,
    variable: u8,
    rule: u8,
    script: u8,
    download: u8,
    needs: u8,
}

prop_compose! {
    fn component()(
        is_in_child in any::<bool>(),
        (packages, files, file_version, link) in (0_u8..16, 0_u8..16, 1_u8..3, 0_u8..3),
        (directory, account, variable, rule) in (0_u8..3, 0_u8..3, 0_u8..3, 0_u8..3),
        (script, download, needs) in (0_u8..3, 0_u8..3, 0_u8..16),
    ) -> Component {
        Component {
            is_in_child, packages, files, file_version, link, directory, account, variable, rule, script,
            download, needs,
        }
    }
}

pub(crate) fn spec() -> impl Strategy<Value = Vec<Option<Component>>> {
    prop::collection::vec(prop::option::weighted(0.8, component()), NAMES.len())
}

/// A spec, and the same with some of its components changed.
pub(crate) fn pair() -> impl Strategy<Value = [Vec<Option<Component>>; 2]> {
    (spec(), spec(), prop::collection::vec(any::<bool>(), NAMES.len())).prop_map(
        |(before, other, changes)| {
            let choose =
                |((old, new), changes): ((&Option<Component>, Option<Component>), bool)| {
                    if changes { new } else { old.clone() }
                };
            let after = before.iter().zip(other).zip(changes).map(choose).collect();
            [before, after]
        },
    )
}

fn set(bits: u8, at: usize) -> bool {
    bits & (1 << at) != 0
}

/// Whether the download of a component is an archive, below which it has a file of its own.
fn is_unpacked(component: &Component) -> bool {
    component.download > 0 && set(component.files, 0)
}

/// The files of a component: its own, and one that only one component of a spec can have.
fn files(at: usize, components: &[Option<Component>]) -> Vec<String> {
    let Some(component) = &components[at] else { return Vec::new() };
    let name = NAMES[at];
    let places =
        [format!("/etc/{name}/deep/file"), format!("/etc/shared/{name}"), format!("~/{name}/file")];
    let mut files: Vec<String> = places
        .into_iter()
        .enumerate()
        .filter(|(bit, _)| set(component.files, *bit))
        .map(|(_, path)| path)
        .collect();
    if is_unpacked(component) {
        files.push(format!("/opt/{name}.tool/etc/own"));
    }
    let first = components.iter().flatten().find(|other| set(other.files, 3));
    if first.is_some_and(|first| std::ptr::eq(first, component)) {
        files.push("/opt/moves".to_owned());
    }
    files
}

/// The components that one needs: of its own image or of the parent, so that the spec is right.
fn needed(at: usize, components: &[Option<Component>]) -> Vec<usize> {
    let Some(component) = &components[at] else { return Vec::new() };
    let fits = |other: &usize| {
        let other = components[*other].as_ref();
        other.is_some_and(|other| component.is_in_child || !other.is_in_child)
    };
    (0..at).filter(|other| set(component.needs, *other)).filter(fits).collect()
}

/// All that a script can read of a component: its packages, its download and what its script wrote; of one of the
/// parent also its files.
fn readable(at: usize, by: &Component, components: &[Option<Component>]) -> Vec<String> {
    let Some(component) = &components[at] else { return Vec::new() };
    let packages = PACKAGES.iter().enumerate().filter(|(bit, _)| set(component.packages, *bit));
    let mut words: Vec<String> = packages.map(|(_, name)| (*name).to_owned()).collect();
    words.push(format!("/opt/{}.tool", NAMES[at]));
    words.push(format!("/opt/{}.txt", NAMES[at]));
    if by.is_in_child && !component.is_in_child {
        let files = files(at, components).into_iter();
        words.extend(files.map(|path| path.replace("~/", "/skeleton/")));
    }
    words
}

fn text(at: usize, components: &[Option<Component>]) -> Option<String> {
    let component = components[at].as_ref()?;
    let name = NAMES[at];
    let needs: Vec<String> =
        needed(at, components).into_iter().map(|other| format!("{:?}", NAMES[other])).collect();
    let mut text = format!("summary = \"x\"\nneeds = [{}]\n", needs.join(", "));
    let packages = PACKAGES.iter().enumerate().filter(|(bit, _)| set(component.packages, *bit));
    let packages: Vec<String> = packages.map(|(_, name)| format!("{name:?}")).collect();
    if !packages.is_empty() {
        writeln!(text, "[apt]\npackages = [{}]", packages.join(", ")).unwrap();
    }
    for path in files(at, components) {
        let (version, mode) =
            (component.file_version, if component.link == 2 { "0755" } else { "0644" });
        writeln!(text, "[files.{path:?}]\ncontent = \"{name} {version}\\n\"\nmode = {mode:?}")
            .unwrap();
    }
    if component.link > 0 {
        writeln!(text, "[links.\"/usr/local/bin/{name}\"]\nto = \"/bin/{}\"", component.link)
            .unwrap();
    }
    if component.directory > 0 {
        let mode = if component.directory == 1 { "0750" } else { "0700" };
        writeln!(text, "[directories.\"/etc/{name}\"]\nmode = {mode:?}").unwrap();
    }
    if component.account > 0 {
        let (id, shell) = (2000 + at, if component.account == 1 { "/bin/sh" } else { "/bin/bash" });
        writeln!(
            text,
            "[users.{name}]\nuid = {id}\nshell = {shell:?}\n[groups.{name}s]\ngid = {}",
            id + 100
        )
        .unwrap();
    }
    if component.variable > 0 {
        writeln!(text, "[environment]\n{} = \"{}\"", name.to_uppercase(), component.variable)
            .unwrap();
    }
    if component.rule > 0 {
        writeln!(
            text,
            "[sudo]\ncommands = [\"/usr/bin/id -{}\"]",
            if component.rule == 1 { "u" } else { "g" }
        )
        .unwrap();
    }
    if component.download > 0 {
        let sum = format!("{:064x}", 0x9e37_79b9_7f4a_7c15_u64 ^ u64::from(component.download));
        let (ending, action) = if is_unpacked(component) {
            (".tar.gz", format!("unpack = {{ to = \"/opt/{name}.tool\" }}"))
        } else {
            ("", format!("install = {{ to = \"/opt/{name}.tool\", mode = \"0755\" }}"))
        };
        writeln!(
            text,
            "[downloads.tool]\nurl = \"https://example.org/{name}-{}{ending}\"\nsha256 = {sum:?}\n{action}",
            component.download
        )
        .unwrap();
    }
    if component.script > 0 {
        let mut words = vec![format!("version-{}", component.script)];
        for other in needed(at, components).into_iter().chain([at]) {
            words.extend(
                readable(other, component, components)
                    .into_iter()
                    .filter(|word| *word != format!("/opt/{name}.txt")),
            );
        }
        writeln!(
            text,
            "[script]\nrun = \"digest {} >/opt/{name}.txt\"\nundo = \"rm /opt/{name}.txt\"",
            words.join(" ")
        )
        .unwrap();
    }
    Some(text)
}

/// The spec of some components.
pub(crate) fn files_of(components: &[Option<Component>]) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let (mut base, mut child) = (Vec::new(), Vec::new());
    for (at, component) in components.iter().enumerate() {
        let Some(component) = component else { continue };
        let text = text(at, components).unwrap();
        files.insert(format!("components/{}.toml", NAMES[at]), text.into_bytes());
        if component.is_in_child { &mut child } else { &mut base }.push(NAMES[at]);
    }
    let stack = format!(
        "[stack]\nname = 'x'\n[apt]\nrefresh = '2026-11-23'\n[bootstrap]\npackages = ['curl', 'ca-certificates', 'sudo']\n\
         [user]\nname = 'jovyan'\nskeleton = '/skeleton'\n[images.base]\nfrom = 'debian:bookworm'\nunpinned = 'local'\n\
         components = {base:?}\n[images.child]\nextends = 'base'\ncomponents = {child:?}\n"
    );
    files.insert("stack.toml".to_owned(), stack.into_bytes());
    files
}
