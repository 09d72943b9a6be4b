//! What else happens to the spec while a bump is under way.

use std::time::Duration;
use std::{fs, thread};

use super::{Answer, Fake, GITHUB, bump, component, list, release, spec, stack_with, twice};
use crate::harness::{Run, Stack};

const FILE: &str = "/download/v1.1.0/tool-amd64";

/// Bumps, and does something as soon as the bump waits for a file.
fn while_it_waits(stack: &Stack, fake: &Fake, act: impl FnOnce()) -> Run {
    list(fake, &[release(fake, "1.1.0", "")]);
    let file = super::bytes("1.1.0", "amd64");
    fake.serve(FILE, Answer::ok(&file).stalled(Duration::from_secs(3)));
    thread::scope(|scope| {
        let bumping = scope.spawn(|| bump(stack, fake, &[]));
        while fake.asked(FILE).is_empty() {
            thread::sleep(Duration::from_millis(20));
        }
        act();
        bumping.join().unwrap()
    })
}

/// What comes from the old files would be generated from a spec that is no more.
#[test]
fn a_spec_that_changes_meanwhile_is_not_written_over() {
    let mine = "# mine\n";
    for file in ["components/tool.toml", "stack.toml", "resources/tool/new.txt"] {
        let fake = Fake::start();
        let stack = stack_with(&component(&fake, GITHUB));
        let path = format!("spec/{file}");
        let old = fs::read_to_string(stack.path(&path)).unwrap_or_default();
        let run = while_it_waits(&stack, &fake, || {
            stack.write(&path, format!("{old}{mine}"));
        });
        assert_eq!(run.status, Some(2), "{}", run.stderr);
        let said = format!("spec/{file} has changed meanwhile: nothing was written");
        assert!(run.stderr.contains(&said), "{}", run.stderr);
        assert_eq!(fs::read_to_string(stack.path(&path)).unwrap(), format!("{old}{mine}"));
        assert!(spec(&stack).contains("'1.0.0'"), "{file}");
    }
}

/// Of two at once, both have moved their pin, or one has said that the other was before it.
#[test]
fn two_at_once_lose_nothing() {
    let fake = Fake::start();
    let old = twice(&fake, GITHUB, "", "");
    let stack = stack_with(&old);
    list(&fake, &[release(&fake, "1.1.0", "")]);
    stack.rdspec(&["generate"]).expect(0);
    let mut at_once = 0;
    for _ in 0..20 {
        stack.write("spec/components/tool.toml", &old);
        stack.rdspec(&["generate"]).expect(0);
        let runs = thread::scope(|scope| {
            let runs = ["tool", "other"].map(|name| {
                let (stack, fake) = (&stack, &fake);
                scope.spawn(move || bump(stack, fake, &[name]))
            });
            runs.map(|run| run.join().unwrap())
        });
        let mut moved = 0;
        for run in runs {
            if run.status == Some(0) {
                moved += 1;
            } else {
                let all = format!("{}{}", run.stdout, run.stderr);
                assert!(run.status == Some(2) && all.contains("changed meanwhile"), "{all}");
                at_once += 1;
            }
        }
        assert_eq!(spec(&stack).matches("version = '1.1.0'").count(), moved, "{}", spec(&stack));
        stack.rdspec(&["generate", "--check"]).expect(0);
    }
    println!("{at_once} of 20 were told that the other was before them");
}
