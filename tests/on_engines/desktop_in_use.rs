//! The desktop as its users and their clusters meet it: `tests/desktop/prove` on the small desktop, which starts it in
//! every way, looks at it in a browser, and attacks it.

use std::path::Path;

use crate::harness::engines;
use crate::small_desktop::{self, IMAGE};

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
    let checks = engine.run_in(IMAGE, &["bash", "-s"], &small_desktop::checks(&stack));
    let text = String::from_utf8_lossy(&checks.stdout);
    let error = String::from_utf8_lossy(&checks.stderr);
    assert!(checks.status.success(), "the image's own checks failed:\n{text}\n{error}");

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
