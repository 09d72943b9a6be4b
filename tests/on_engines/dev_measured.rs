//! `rdspec dev` beside the same edit built in place, measured on one engine.
//!
//! Takes a desktop, gives a table in Markdown. It is built once. Then each of [`CHANGES`](changes::CHANGES) is made to
//! it alone: `rdspec dev` lays it on top, then a copy of the stack with the same edit is built under a tag of its own,
//! for which the engine has every layer before the change in its cache. What the first of the two downloads is in the
//! caches for the second, so a build in place looks rather too fast than too slow.
//!
//! It fails if a late image has other layers below its own than those of the image that was built, or differs from the
//! one that was built in place, apart from what [`late`](crate::late) and the change explain.

mod changes;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use self::changes::{CHANGES, Change, Spec};
use crate::harness::{Engine, tail};
use crate::late::{dev, same};
use crate::loopback::Server;

/// Which stack is changed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Desktop {
    /// That of `spec/` with few programs.
    Small,
    /// All that `spec/` has.
    Whole,
}

/// The images, under a name of their own.
const BUILT: &str = "dev-measured-base:test-debian";
const LATE: &str = "dev-measured-base:test-debian-dev";
const IN_PLACE: &str = "dev-measured-base:in-place-debian";

/// Measures, and writes the table into `target/tmp/dev-measured`, too.
pub(crate) fn report(engine: &Engine, desktop: Desktop) {
    assert_eq!(engine.kind(), "docker", "{} is not measured", engine.name);
    let _ = fs::remove_dir_all(kept());
    let bench = Bench { engine, desktop, server: Server::own() };
    let baseline = bench.baseline();
    let mut table = "| change | layers run in place | in place | layers laid late | `rdspec dev` | times faster |\n|---|---:|---:|---:|---:|---:|\n".to_owned();
    for change in CHANGES {
        let row = bench.measure(change, &baseline);
        say(&row);
        table.push_str(&row);
    }
    fs::write(kept().join("table.md"), &table).unwrap();
    say(&table);
}

fn kept() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("dev-measured")
}

/// Progress of minutes is seen while it happens, whatever the test harness captures.
fn say(text: &str) {
    let mut out = std::io::stderr();
    writeln!(out, "{}", text.trim_end()).unwrap();
}

struct Bench<'engine> {
    engine: &'engine Engine,
    desktop: Desktop,
    server: Server,
}

impl Bench<'_> {
    /// The spec in one of the two folders: what was built, or the copy that is built in place.
    fn spec(&self, folder: &str) -> Spec {
        Spec::write(&kept().join(folder), self.desktop, &self.server)
    }

    /// Builds what is changed; its layers.
    fn baseline(&self) -> Vec<String> {
        let spec = self.spec("built");
        let begin = Instant::now();
        self.engine.build(spec.stack(), &["--variant", "debian", "base"]);
        let seconds = begin.elapsed().as_secs_f64();
        let layers = self.layers(BUILT);
        say(&format!("{BUILT}: {} layers, built in {seconds:.0} s", layers.len()));
        layers
    }

    /// Makes one change both ways, and compares; a row of the table.
    fn measure(&self, change: &Change, baseline: &[String]) -> String {
        let [built, copy] = ["built", "in-place"].map(|folder| self.spec(folder));
        (change.edit)(&built, &self.server);
        (change.edit)(&copy, &self.server);

        let begin = Instant::now();
        let arguments = ["base", "--variant", "debian"];
        let (succeeded, said) = dev(self.engine, built.stack(), &arguments);
        let late = begin.elapsed().as_secs_f64();
        assert!(succeeded, "{}: {}", change.what, tail(&said));
        say(&said);

        let begin = Instant::now();
        let arguments = ["--variant", "debian", "--tag", "in-place", "base"];
        let said = self.engine.build(copy.stack(), &arguments);
        let in_place = begin.elapsed().as_secs_f64();
        say(&tail(&said));

        let laid = self.laid(change, baseline);
        let layers = self.layers(IN_PLACE);
        let kept = layers.iter().zip(baseline).take_while(|(left, right)| left == right).count();
        same(self.engine, LATE, IN_PLACE, change.explained);
        self.forget(&[LATE, IN_PLACE]);
        let mut row = String::new();
        writeln!(
            row,
            "| {} | {} of {} | {in_place:.1} s | {laid} | {late:.1} s | {:.1} |",
            change.what,
            layers.len() - kept,
            layers.len() - 1,
            in_place / late,
        )
        .unwrap();
        row
    }

    /// How many layers are late. Those below are all of those that were built, so none of them ran again.
    fn laid(&self, change: &Change, baseline: &[String]) -> usize {
        let layers = self.layers(LATE);
        let (below, laid) = layers.split_at(baseline.len().min(layers.len()));
        assert_eq!(below, baseline, "{}: layers below the late ones", change.what);
        laid.len()
    }

    fn docker(&self, arguments: &[&str]) -> String {
        let output = self.engine.program().args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The digests of an image's layers.
    fn layers(&self, reference: &str) -> Vec<String> {
        let format = "--format={{range .RootFS.Layers}}{{println .}}{{end}}";
        let text = self.docker(&["image", "inspect", format, reference]);
        text.split_whitespace().map(str::to_owned).collect()
    }

    /// Takes images away that have been compared, as disks are small.
    fn forget(&self, references: &[&str]) {
        self.docker(&[&["image", "rm"], references].concat());
    }
}
