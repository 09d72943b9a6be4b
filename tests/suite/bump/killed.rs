//! A bump that is killed at any moment leaves every file as it was or as it is to be.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{Fake, GITHUB, bump, command, component, list, release, spec, stack_with};
use crate::harness::files_below;

/// How often it is killed.
const TIMES: u32 = 200;

#[test]
fn the_spec_is_the_old_one_or_the_new_one() {
    let fake = Fake::start();
    let old = component(&fake, GITHUB);
    let stack = stack_with(&old);
    list(&fake, &[release(&fake, "1.1.0", "")]);
    let began = Instant::now();
    bump(&stack, &fake, &[]).expect(0);
    let whole = began.elapsed();
    let new = spec(&stack);
    assert_ne!(new, old);
    let (mut as_it_was, mut as_it_is_to_be) = (0, 0);
    for number in 0..TIMES {
        fs::write(stack.path("spec/components/tool.toml"), &old).unwrap();
        let mut command = command(&stack, &fake, &["bump"]);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Spread over somewhat more than it takes, in an order that has nothing to do with it.
        let share = f64::from(number * 73 % TIMES) / f64::from(TIMES);
        std::thread::sleep(whole.mul_f64(share * 1.2) + Duration::from_micros(u64::from(number)));
        // SIGKILL.
        child.kill().unwrap();
        child.wait().unwrap();
        match spec(&stack) {
            text if text == old => as_it_was += 1,
            text if text == new => as_it_is_to_be += 1,
            text => panic!("killed number {number}, it left\n{text}"),
        }
    }
    assert!(as_it_was > 0 && as_it_is_to_be > 0, "{as_it_was} and {as_it_is_to_be}");
    // What a killed one began lies beside it under another name, which no spec has, and stops nobody.
    fs::write(stack.path("spec/components/tool.toml"), &old).unwrap();
    bump(&stack, &fake, &[]).expect(0);
    assert_eq!(spec(&stack), new);
    // Killed between the spec and what is generated from it: the next one says so.
    let says = "generated/ is not what the spec gives: run `rdspec generate`";
    assert!(!bump(&stack, &fake, &[]).expect(0).stderr.contains(says));
    fs::write(stack.path("spec/components/tool.toml"), new.replace("0755", "0711")).unwrap();
    assert!(bump(&stack, &fake, &[]).expect(0).stderr.contains(says));
    fs::write(stack.path("spec/components/tool.toml"), &new).unwrap();
    let left = files_below(&stack.path("spec/components"));
    println!(
        "{as_it_was} as it was, {as_it_is_to_be} as it is to be; beside it: {:?}",
        left.keys()
    );
}
