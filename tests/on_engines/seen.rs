//! x
use crate::harness::engines;
use crate::small_desktop;

#[test]
#[ignore = "needs engines: run tests/run"]
fn small_probe() {
    let mut engines = engines();
    let engine = engines.next().unwrap();
    println!("{}", small_desktop::build(&engine).display());
}
