//! Times `rdspec generate` as a process, on this repository's stack and on synthetic ones of 10, 100 and 1,000
//! images with 40 components each: `cargo bench`. It reports; nothing is asserted about time.
//!
//! `cold` writes into an empty folder, `warm` finds everything up to date, `compile` is the pure part alone, in this
//! process. Peak memory comes from `/usr/bin/time` (Debian's package `time`) where it is there.
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

fn main() {
    // `cargo test --benches` and the like only want to know that it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!(
        "{:<22} {:>7} {:>10} {:>10} {:>12} {:>10}",
        "stack", "images", "cold ms", "warm ms", "compile ms", "peak MB"
    );
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let spec = Workspace::new(repository).load().unwrap();
    measure("this repository", &spec, 21);
    for (images, runs) in [(10, 11), (100, 5), (1_000, 3)] {
        measure(&format!("synthetic, {COMPONENTS} each"), &synthetic(images), runs);
    }
}

fn measure(name: &str, files: &SpecFiles, runs: usize) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for path in files.paths() {
        let target = root.join("spec").join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, files.get(path).unwrap()).unwrap();
    }
    let cold = median(runs, || {
        let _ = fs::remove_dir_all(root.join("generated"));
        generate(root)
    });
    let warm = median(runs, || generate(root));
    let mut images = 0;
    let pure = median(runs, || {
        let start = Instant::now();
        let compiled = compile(files).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        images = compiled.output.unwrap().plan.images.len();
        seconds
    });
    println!(
        "{name:<22} {images:>7} {:>10.2} {:>10.2} {:>12.2} {:>10}",
        cold * 1e3,
        warm * 1e3,
        pure * 1e3,
        peak_memory(root).map_or_else(|| "?".to_owned(), |kib| format!("{:.1}", kib / 1024.0)),
    );
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

fn median(runs: usize, mut run: impl FnMut() -> f64) -> f64 {
    let mut times: Vec<f64> = (0..runs).map(|_| run()).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// A base image, and images on it with components of their own: packages, a file, a service, a variable, and for every
/// fourth a script with a download.
fn synthetic(images: usize) -> SpecFiles {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut stack = String::from(
        r#"[stack]
name = "synthetic"

[apt]
refresh = "2026-11-23"

[bootstrap]
packages = ["ca-certificates", "curl"]

[user]
name = "jovyan"
"#,
    );
    for image in 0..images {
        let names: Vec<String> =
            (0..COMPONENTS).map(|component| format!("c{image}-{component}")).collect();
        let base = match image {
            0 => "from = \"debian:bookworm\"\nunpinned = \"synthetic\"",
            _ => "extends = \"i0\"",
        };
        writeln!(stack, "\n[images.i{image}]\n{base}\ncomponents = {names:?}").unwrap();
        for (index, name) in names.iter().enumerate() {
            files.insert(format!("components/{name}.toml"), component(name, index).into_bytes());
        }
    }
    files.insert("stack.toml".into(), stack.into_bytes());
    SpecFiles::new("spec", files)
}

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
