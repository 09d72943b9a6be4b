//! The images of a stack beside the same written by hand: built cold in turn on one engine, read back, compared.
//!
//! Takes the folder of a stack, gives a table in Markdown. It fails if the two sides do not have the same packages and
//! files, apart from what [`differences`] explains, or if ours break a promise.
//!
//! Cold means the same for both: `--no-cache`, so that no layer is reused, and nothing in the caches for downloads at
//! the start. Ours fill theirs while the chain is built, as on any new machine; the other side has none, as it was.
//! What both fetch comes from the same archive over the same network, image by image in turn.

mod differences;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output as ProcessOutput;
use std::time::Instant;

use rdspec::compile::{Output, compile};
use rdspec::image::tree::Tree;
use rdspec::image::{Image, efficiency, shared_databases, waste};
use rdspec::model::stack::Variant;
use rdspec::plan::{ImagePlan, Instruction, Mount};
use rdspec::render::{File, FileTree};
use rdspec::workspace::Workspace;
use rdspec::workspace::output::stage;

use crate::guarantees::LEAST_EFFICIENCY;
use crate::handwritten::{self, Original};
use crate::harness::{BASE_LAYERS, Engine, tail};

/// Comes before the name of each cache, so that emptying them takes nothing from other builds.
const CACHES: &str = "rdspec-measured-";

/// Who wrote the Dockerfile.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Hand,
    Rdspec,
}

/// An image that was built, and how long that took.
struct Built {
    side: Side,
    name: String,
    seconds: f64,
    /// The number of its layers, with those of its parents.
    layers: usize,
}

/// Builds and measures both sides of a variant of a stack. The table goes to `target/tmp/measured`, too, beside what was
/// built, for whoever wants to see how it is written, and what the engine said.
pub(crate) fn report(engine: &Engine, stack: &Path, variant: &str) {
    let _ = fs::remove_dir_all(kept());
    fs::create_dir_all(kept()).unwrap();
    let table = table(engine, stack, variant);
    fs::write(kept().join("table.md"), &table).unwrap();
}

fn kept() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("measured")
}

fn table(engine: &Engine, stack: &Path, variant: &str) -> String {
    assert_eq!(engine.kind(), "docker", "{} is not measured", engine.name);
    let files = Workspace::new(stack).load().unwrap();
    let output = compile(&files).unwrap().output.unwrap();
    let bench = Bench::new(engine, &output, variant);
    let mut built = Vec::new();
    bench.empty_caches();
    for plan in &bench.plans {
        built.push(bench.build_ours(plan));
        built.push(bench.build_by_hand(plan));
    }
    bench.empty_caches();
    let ours = bench.read(Side::Rdspec);
    let by_hand = bench.read(Side::Hand);
    let rows = rows(&built, &ours, &by_hand);
    say(&rows);
    bench.same_content(&ours, &by_hand);
    rows
}

struct Bench<'output> {
    engine: &'output Engine,
    output: &'output Output,
    variant: &'output Variant,
    plans: Vec<&'output ImagePlan>,
}

impl<'output> Bench<'output> {
    fn new(engine: &'output Engine, output: &'output Output, variant: &str) -> Self {
        let plans: Vec<&ImagePlan> =
            output.plan.images.iter().filter(|plan| plan.variant.as_str() == variant).collect();
        for pair in plans.windows(2) {
            assert_eq!(pair[1].parent.as_ref(), Some(&pair[0].name), "the images are no chain");
        }
        let variant =
            output.stack.variants.iter().find(|one| one.name.as_str() == variant).unwrap();
        Self { engine, output, variant, plans }
    }

    fn reference(&self, side: Side, image: &str) -> String {
        let side = if side == Side::Hand { "hand" } else { "rdspec" };
        format!("rdspec-measured-{side}-{image}:{}", self.output.stack.name)
    }

    fn build_ours(&self, plan: &ImagePlan) -> Built {
        let mut context = self.output.tree.subtree(&plan.folder);
        let dockerfile = context.get("Dockerfile").unwrap().bytes.clone();
        let text = std::str::from_utf8(&dockerfile).unwrap();
        let text = text.replace("type=cache,id=", &format!("type=cache,id={CACHES}"));
        context.insert("Dockerfile".to_owned(), plain(text));
        self.build(Side::Rdspec, plan, &context)
    }

    fn build_by_hand(&self, plan: &ImagePlan) -> Built {
        let packages = self.packages(Side::Rdspec, plan.name.as_str(), "${Package}\n");
        let original = Original { output: self.output, variant: self.variant, plan, packages };
        self.build(Side::Hand, plan, &handwritten::context(&original))
    }

    fn build(&self, side: Side, plan: &ImagePlan, context: &FileTree) -> Built {
        let name = plan.name.to_string();
        let reference = self.reference(side, &name);
        let parent = plan.parent.as_ref().map(|parent| self.reference(side, parent.as_str()));
        let base = parent.unwrap_or_else(|| plan.base.clone());
        let folder = tempfile::tempdir().unwrap();
        stage(folder.path(), context, plan.source_date_epoch).unwrap();
        let kept = kept().join(reference.replace(':', "-"));
        fs::create_dir(&kept).unwrap();
        stage(&kept, context, plan.source_date_epoch).unwrap();
        let argument = format!("BASE={base}");
        let start = Instant::now();
        let output = self.docker(&[
            "build",
            "--no-cache",
            "--network=host",
            "--build-arg",
            &argument,
            "--tag",
            &reference,
            folder.path().to_str().unwrap(),
        ]);
        let seconds = start.elapsed().as_secs_f64();
        say(&format!("{reference}: built in {seconds:.0} s"));
        fs::write(kept.join("build.log"), &output.stderr).unwrap();
        assert!(output.status.success(), "{}", tail(&String::from_utf8_lossy(&output.stderr)));
        let layers =
            self.docker(&["image", "inspect", "--format={{len .RootFS.Layers}}", &reference]);
        let layers = String::from_utf8(layers.stdout).unwrap().trim().parse().unwrap();
        Built { side, name, seconds, layers }
    }

    fn docker(&self, arguments: &[&str]) -> ProcessOutput {
        self.engine.program().env("DOCKER_BUILDKIT", "1").args(arguments).output().unwrap()
    }

    /// Builds nothing but a mount of each cache, and empties it there.
    fn empty_caches(&self) {
        let layers = self.plans.iter().flat_map(|plan| &plan.layers);
        let mut caches: Vec<&str> = layers
            .filter_map(|layer| match &layer.instruction {
                Instruction::Run(run) => Some(&run.mounts),
                Instruction::Copy(_) => None,
            })
            .flatten()
            .filter_map(|mount| match mount {
                Mount::Cache { id, .. } => Some(id.as_str()),
                _ => None,
            })
            .collect();
        caches.sort_unstable();
        caches.dedup();
        let mut dockerfile = format!("FROM {}\n", self.plans[0].base);
        for id in caches {
            writeln!(
                dockerfile,
                "RUN --mount=type=cache,id={CACHES}{id},target=/run/cache,sharing=locked find /run/cache -mindepth 1 -delete"
            )
            .unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
        let output = self.docker(&[
            "build",
            "--no-cache",
            "--network=host",
            folder.path().to_str().unwrap(),
        ]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The packages of an image, in a format of dpkg-query(1).
    fn packages(&self, side: Side, image: &str, format: &str) -> String {
        let format = format!("--showformat={format}");
        let reference = self.reference(side, image);
        let output = self.engine.run_in(&reference, &["dpkg-query", "--show", &format], "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The last image of the chain, which has the layers of all.
    fn read(&self, side: Side) -> Image {
        self.engine.image(&self.reference(side, self.last().name.as_str()))
    }

    fn last(&self) -> &ImagePlan {
        self.plans.last().unwrap()
    }

    /// Packages, files and behaviour are the same.
    fn same_content(&self, ours: &Image, by_hand: &Image) {
        let last = self.last();
        let packages = |side| {
            let format = "${Package}:${Architecture} ${Version} ${db:Status-Status}\n";
            let text = self.packages(side, last.name.as_str(), format);
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        let (left, right) = (packages(Side::Rdspec), packages(Side::Hand));
        let only = |some: &[String], others: &[String]| -> Vec<String> {
            some.iter().filter(|one| !others.contains(one)).cloned().collect()
        };
        say(&format!("packages: {} by rdspec, {} by hand", left.len(), right.len()));
        assert_eq!((only(&left, &right), only(&right, &left)), (vec![], vec![]), "packages");
        let trees = [ours, by_hand].map(|image| Tree::of(&image.layers).unwrap());
        differences::are_explained(&trees[0], &trees[1]);
        for plan in &self.plans {
            for side in [Side::Rdspec, Side::Hand] {
                self.checks_pass(side, plan);
            }
        }
    }

    /// The checks that the spec makes of an image pass, apart from those of rights that are wider by hand.
    fn checks_pass(&self, side: Side, plan: &ImagePlan) {
        let context = self.output.tree.subtree(&plan.folder);
        let script = std::str::from_utf8(&context.get("checks.sh").unwrap().bytes).unwrap();
        let reference = self.reference(side, plan.name.as_str());
        let output = self.engine.run_in(&reference, &["bash", "-s"], script);
        let text = String::from_utf8_lossy(&output.stdout);
        let (failed, passed): (Vec<&str>, Vec<&str>) = text
            .lines()
            .filter(|line| line.starts_with("ok ") || line.starts_with("not ok "))
            .partition(|line| line.starts_with("not "));
        let explained = |line: &str| side == Side::Hand && differences::fails_by_hand(line);
        let others: Vec<&&str> = failed.iter().filter(|line| !explained(line)).collect();
        assert!(others.is_empty() && passed.len() > 10, "checks of {reference}:\n{text}");
        say(&format!("{reference}: {} checks pass, {} fail", passed.len(), failed.len()));
    }
}

fn plain(text: String) -> File {
    File { bytes: text.into(), executable: false }
}

/// Progress of minutes is seen while it happens, whatever the test harness captures.
fn say(text: &str) {
    let mut out = std::io::stderr();
    writeln!(out, "{text}").unwrap();
}

/// What the layers of an image and its parents are like.
struct Figures {
    bytes: u64,
    stored_twice: u64,
    avoidable: u64,
    efficiency: f64,
    seconds: f64,
}

fn figures(whole: &Image, built: &Built) -> Figures {
    let image = Image { layers: whole.layers[..built.layers].to_vec(), ..whole.clone() };
    let records = waste::find(&image, BASE_LAYERS).unwrap();
    let stored_twice = waste::total(&records);
    Figures {
        bytes: image.layers.iter().map(|layer| layer.size).sum(),
        stored_twice,
        avoidable: waste::total(&shared_databases::split(records).other),
        efficiency: efficiency::of(&image.layers[BASE_LAYERS..]).score,
        seconds: built.seconds,
    }
}

fn rows(built: &[Built], ours: &Image, by_hand: &Image) -> String {
    let mut text = "| image | written | size | stored twice | but for shared databases | efficiency | cold build |\n|---|---|---:|---:|---:|---:|---:|\n".to_owned();
    for pair in built.chunks(2) {
        let [left, right] = pair else { panic!("an image was built on one side only") };
        assert!(left.side == Side::Rdspec && right.side == Side::Hand);
        let (rdspec, hand) = (figures(ours, left), figures(by_hand, right));
        text.push_str(&row(&right.name, "by hand", &hand, None));
        text.push_str(&row(&left.name, "by rdspec", &rdspec, Some(&hand)));
        assert_eq!(rdspec.avoidable, 0, "{}: bytes stored twice", left.name);
        assert!(
            rdspec.efficiency >= LEAST_EFFICIENCY,
            "{}: efficiency {}",
            left.name,
            rdspec.efficiency
        );
    }
    let total = |side| -> f64 {
        built.iter().filter(|built| built.side == side).map(|built| built.seconds).sum()
    };
    let (hand, ours) = (total(Side::Hand), total(Side::Rdspec));
    writeln!(text, "| all of them | by hand | | | | | {hand:.0} s |").unwrap();
    let ratio = ours / hand;
    writeln!(text, "| all of them | by rdspec | | | | | {ours:.0} s ({ratio:.2}) |").unwrap();
    text
}

#[expect(clippy::cast_precision_loss, reason = "megabytes and ratios for people to read")]
fn row(image: &str, written: &str, figures: &Figures, other: Option<&Figures>) -> String {
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    let ratio = |own: f64, of: fn(&Figures) -> f64| {
        other.map_or_else(String::new, |other| format!(" ({:.2})", own / of(other)))
    };
    let size = ratio(figures.bytes as f64, |figures| figures.bytes as f64);
    let twice = ratio(figures.stored_twice as f64, |figures| figures.stored_twice as f64);
    let seconds = ratio(figures.seconds, |figures| figures.seconds);
    format!(
        "| {image} | {written} | {}{size} | {}{twice} | {} | {:.2} % | {:.0} s{seconds} |\n",
        megabytes(figures.bytes),
        megabytes(figures.stored_twice),
        megabytes(figures.avoidable),
        figures.efficiency * 100.0,
        figures.seconds,
    )
}
