//! Times `rdspec generate` as a process on this repository's stack and on synthetic ones: `cargo bench`. It reports;
//! nothing is asserted about time.
//!
//! `cold` writes into an empty folder, `warm` finds everything up to date, `compile` is the pure part alone, in this
//! process. Peak memory is a warm run's, from `/usr/bin/time` (Debian's package `time`) where it is there.
//!
//! `cargo bench -- KIND COUNT FOLDER` writes one workload to a folder instead, and prints the milliseconds of its
//! `compile`; `peers` beside this file measures with it.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark touches the machine and the clock"
)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use rdspec::compile::compile;
use rdspec::source::SpecFiles;
use rdspec::workspace::Workspace;

/// Components of a synthetic image.
const COMPONENTS: usize = 40;

/// What a synthetic stack is like.
#[derive(Clone, Copy)]
enum Kind {
    /// Images with 40 components each that no other image has.
    Own,
    /// Images with the same 40 components each.
    Shared,
    /// Images of 40 steps that no other image has: 10 components of packages, a file, a variable and a script each.
    Steps,
    /// Images of the same 40 steps.
    SharedSteps,
    /// One image with so many packages and files.
    Wide,
}

impl Kind {
    const ALL: [(&'static str, Self); 5] = [
        ("own", Self::Own),
        ("shared", Self::Shared),
        ("steps", Self::Steps),
        ("shared-steps", Self::SharedSteps),
        ("wide", Self::Wide),
    ];

    fn spec(self, count: usize) -> SpecFiles {
        match self {
            Self::Own => synthetic(count, COMPONENTS, &Self::own_name, &component),
            Self::Shared => synthetic(count, COMPONENTS, &Self::shared_name, &component),
            Self::Steps => synthetic(count, COMPONENTS / 4, &Self::own_name, &steps),
            Self::SharedSteps => synthetic(count, COMPONENTS / 4, &Self::shared_name, &steps),
            Self::Wide => wide(count),
        }
    }

    fn own_name(image: usize, at: usize) -> String {
        format!("c{image}-{at}")
    }

    fn shared_name(_: usize, at: usize) -> String {
        format!("c{at}")
    }
}

fn main() {
    // `cargo test --benches` and the like only want to know that it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [kind, count, folder] = arguments.as_slice() {
        let (_, kind) = Kind::ALL.into_iter().find(|(name, _)| name == kind).unwrap();
        let spec = kind.spec(count.parse().unwrap());
        write(&spec, Path::new(folder));
        println!("{:.3}", least(7, || compile_seconds(&spec).1) * 1e3);
        return;
    }
    println!(
        "{:<34} {:>7} {:>10} {:>10} {:>12} {:>10}",
        "stack", "images", "cold ms", "warm ms", "compile ms", "peak MB"
    );
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    measure("this repository", &Workspace::new(repository).load().unwrap(), 21);
    for (count, runs) in [(10, 11), (100, 5), (1_000, 3)] {
        measure("40 components of its own each", &Kind::Own.spec(count), runs);
    }
    for (count, runs) in [(10, 11), (100, 5), (1_000, 3)] {
        measure("the same 40 components each", &Kind::Shared.spec(count), runs);
    }
    for (count, runs) in [(1_000, 11), (4_000, 5), (16_000, 3)] {
        measure(&format!("{count} packages and files"), &Kind::Wide.spec(count), runs);
    }
}

fn measure(name: &str, files: &SpecFiles, runs: usize) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(files, root);
    let cold = least(runs, || {
        let _ = fs::remove_dir_all(root.join("generated"));
        generate(root)
    });
    let warm = least(runs, || generate(root));
    let mut images = 0;
    let pure = least(runs, || {
        let seconds;
        (images, seconds) = compile_seconds(files);
        seconds
    });
    println!(
        "{name:<34} {images:>7} {:>10.2} {:>10.2} {:>12.2} {:>10}",
        cold * 1e3,
        warm * 1e3,
        pure * 1e3,
        peak_memory(root).map_or_else(|| "?".to_owned(), |kib| format!("{:.1}", kib / 1024.0)),
    );
}

fn write(files: &SpecFiles, root: &Path) {
    for path in files.paths() {
        let target = root.join("spec").join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, files.get(path).unwrap()).unwrap();
    }
}

/// Images and seconds of compiling a spec.
fn compile_seconds(files: &SpecFiles) -> (usize, f64) {
    let start = Instant::now();
    let compiled = compile(files).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    (compiled.output.unwrap().plan.images.len(), seconds)
}

/// Seconds of one `rdspec generate`, as a process.
fn generate(root: &Path) -> f64 {
    let start = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_rdspec"))
        .args(["generate", "--quiet", "-C"])
        .arg(root)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    start.elapsed().as_secs_f64()
}

/// KiB that a warm run needs at most.
fn peak_memory(root: &Path) -> Option<f64> {
    let output = Command::new("/usr/bin/time")
        .args(["--format=%M", env!("CARGO_BIN_EXE_rdspec"), "generate", "--quiet", "-C"])
        .arg(root)
        .output()
        .ok()?;
    String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse().ok()
}

/// The least of some runs: other work on the machine only adds to them.
fn least(runs: usize, run: impl FnMut() -> f64) -> f64 {
    std::iter::repeat_with(run).take(runs).fold(f64::INFINITY, f64::min)
}

const STACK: &str = r#"[stack]
name = "synthetic"

[apt]
refresh = "2026-11-23"

[bootstrap]
packages = ["ca-certificates", "curl"]

[user]
name = "jovyan"
"#;

/// Images with components of the names that `name` gives for an image and a position.
fn synthetic(
    images: usize,
    components: usize,
    name: &dyn Fn(usize, usize) -> String,
    component: &dyn Fn(&str, usize) -> String,
) -> SpecFiles {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut stack = String::from(STACK);
    for image in 0..images {
        let names: Vec<String> = (0..components).map(|at| name(image, at)).collect();
        // No image has a component that the image it extends has.
        let base = if image == 0 || names[0] == name(0, 0) {
            "from = \"debian:bookworm\"\nunpinned = \"synthetic\""
        } else {
            "extends = \"i0\""
        };
        writeln!(stack, "\n[images.i{image}]\n{base}\ncomponents = {names:?}").unwrap();
        for (index, name) in names.iter().enumerate() {
            let path = format!("components/{name}.toml");
            files.entry(path).or_insert_with(|| component(name, index).into_bytes());
        }
    }
    files.insert("stack.toml".into(), stack.into_bytes());
    SpecFiles::new("spec", files)
}

/// One image: packages with and without recommended ones, files from the spec and from resources.
fn wide(count: usize) -> SpecFiles {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut names = Vec::new();
    for recommends in [false, true] {
        let name = format!("wide-{recommends}");
        let packages: Vec<String> = (0..count / 2).map(|at| format!("{name}-{at}")).collect();
        let mut text = format!(
            "summary = \"Much\"\n\n[apt]\nrecommends = {recommends}\npackages = {packages:?}\n"
        );
        for at in 0..count / 2 {
            let path = format!("/opt/{name}/{}/{at}.conf", at % 50);
            if at % 2 == 0 {
                write!(text, "\n[files.\"{path}\"]\ncontent = \"value = {at}\\n\"\n").unwrap();
            } else {
                write!(text, "\n[files.\"{path}\"]\nsource = \"{at}.conf\"\n").unwrap();
                let resource = format!("resources/{name}/{at}.conf");
                files.insert(resource, format!("value = {at}\n").repeat(20).into_bytes());
            }
        }
        files.insert(format!("components/{name}.toml"), text.into_bytes());
        names.push(name);
    }
    let image = "from = \"debian:bookworm\"\nunpinned = \"synthetic\"";
    let stack = format!("{STACK}\n[images.wide]\n{image}\ncomponents = {names:?}\n");
    files.insert("stack.toml".into(), stack.into_bytes());
    SpecFiles::new("spec", files)
}

/// Four steps: packages, a file, a variable, a script.
fn steps(name: &str, _: usize) -> String {
    let variable = name.to_uppercase().replace('-', "_");
    format!(
        r#"summary = "Component {name}"

[apt]
packages = ["{name}", "lib{name}-dev"]

[files."/etc/synthetic/{name}.conf"]
content = "name = {name}\n"

[environment]
VARIABLE_{variable} = "{name}"

[script]
run = "/opt/{name}/install"
"#
    )
}

/// Packages, a file, a service, a variable, a check, and for every fourth a script with a download.
fn component(name: &str, index: usize) -> String {
    let class = ["stable", "normal", "volatile"][index % 3];
    let variable = name.to_uppercase().replace('-', "_");
    let mut text = format!(
        r#"summary = "Component {name}"
change-class = "{class}"

[apt]
packages = ["{name}", "lib{name}-dev"]

[files."/etc/synthetic/{name}.conf"]
content = "name = {name}\n"

[services.{name}]
command = "/usr/bin/{name} --foreground"

[environment]
VARIABLE_{variable} = "{name}"

[check]
run = "{name} --version"
"#
    );
    if index.is_multiple_of(4) {
        let sum = format!("{:064x}", 0xfeed_0000_u64 + index as u64);
        write!(
            text,
            r#"
[downloads.{name}]
version = "1.{index}"
url = "https://example.org/{name}-{{{{ version }}}}.tar.gz"
sha256 = "{sum}"
unpack = {{ to = "/opt/{name}" }}

[script]
run = "/opt/{name}/install"
"#
        )
        .unwrap();
    }
    text
}
