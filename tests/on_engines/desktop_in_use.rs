//! The desktop as its users and their clusters meet it: `tests/desktop/prove` on the small desktop, which starts it in
//! every way, looks at it in a browser, and attacks it.

use std::path::Path;

use crate::harness::{Engine, engines};
use crate::small_desktop::{self, IMAGE};

/// The image's own checks, in containers as `rdspec test` starts them.
fn checks_pass(engine: &Engine, stack: &Path, way: &[&str]) {
    let checks = engine
        .command(env!("CARGO_BIN_EXE_rdspec"))
        .arg("-C")
        .arg(stack)
        .args(["test", "--variant", "debian", "--no-build", "--engine", engine.kind()])
        // Nothing but loopback, so that two containers never want the same port.
        .args(["--network", "none"])
        .args(way)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&checks.stdout);
    let error = String::from_utf8_lossy(&checks.stderr);
    println!("the image's own checks, {way:?}: {error}");
    assert!(checks.status.success(), "the image's own checks failed, {way:?}:\n{text}\n{error}");
}

/// Fewer would mean that a part of the proof was lost.
const LEAST_CHECKS: usize = 50;

#[test]
#[ignore = "needs engines: run tests/run"]
fn the_small_desktop_works_in_a_browser_and_in_every_way_that_clusters_run_it() {
    let mut engines = engines();
    // The proof gives containers a network that it can enter, which it knows for docker.
    let Some(engine) = engines.find(|engine| engine.kind() == "docker") else {
        println!("left out: no docker among the engines of this run");
        return;
    };
    let stack = small_desktop::build(&engine);
    for way in [&[][..], &["--no-new-privileges"], &["--as", "12345"], &["--read-only"]] {
        checks_pass(&engine, &stack, way);
    }

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/desktop/prove");
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("desktop-pictures");
    let proof =
        engine.command(script).arg("--pictures").arg(&pictures).arg(IMAGE).output().unwrap();
    let text = String::from_utf8_lossy(&proof.stdout);
    println!("{text}\nscreenshots are in {}", pictures.display());
    let error = String::from_utf8_lossy(&proof.stderr);
    assert!(proof.status.success(), "the proof failed: {error}\n{text}");
    let passed = text.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(passed >= LEAST_CHECKS, "only {passed} checks ran");
}
