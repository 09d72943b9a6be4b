//! The day of the packages of the distribution's archives.

use super::{Fake, STACK, bump, stack_with};
use crate::harness::Stack;

const COMPONENT: &str = "summary = \"A tool\"\n[apt]\npackages = [\"git\"]\n";
const DATE: &str = "refresh = \"2026-11-23\"";

fn written(stack: &Stack) -> String {
    std::fs::read_to_string(stack.path("spec/stack.toml")).unwrap()
}

fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

/// Moving it builds every layer of packages anew, so nothing does that by the way.
#[test]
fn the_day_of_packages_moves_only_when_asked_by_name() {
    let (fake, stack) = (Fake::start(), stack_with(COMPONENT));
    let old = STACK.replace("2026-11-23", "2026-01-31");
    stack.write("spec/stack.toml", &old);
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(
        run.stdout.contains("apt.refresh  2026-01-31  -    -    -         fixed"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("apt.refresh: it moves when it is named: `rdspec bump apt.refresh`"),
        "{}",
        run.stdout
    );
    assert_eq!(written(&stack), old);
    bump(&stack, &fake, &["apt.refresh", "--check"]).expect(1);
    let run = bump(&stack, &fake, &["apt.refresh"]).expect(0);
    assert_eq!(written(&stack), old.replace("2026-01-31", &today()));
    assert!(run.stdout.contains("This rebuilds:\n  base/bootstrap"), "{}", run.stdout);
    stack.rdspec(&["generate", "--check"]).expect(0);
    assert!(bump(&stack, &fake, &["apt.refresh"]).expect(0).stdout.contains("current"));
}

#[test]
fn a_day_can_be_named_and_is_neither_earlier_nor_still_to_come() {
    let (fake, stack) = (Fake::start(), stack_with(COMPONENT));
    stack.write("spec/stack.toml", STACK.replace("2026-11-23", "2026-01-31"));
    let old = written(&stack);
    for (wanted, said) in [
        ("2026-01-30", "2026-01-30 is older than 2026-01-31"),
        ("2999-01-01", "2999-01-01 is still to come"),
        ("newest", "is not a calendar day"),
    ] {
        let run = bump(&stack, &fake, &[&format!("apt.refresh={wanted}")]).expect(2);
        assert!(run.stdout.contains(said), "{}", run.stdout);
        assert_eq!(written(&stack), old);
    }
    bump(&stack, &fake, &["apt.refresh=2026-02-01"]).expect(0);
    assert!(written(&stack).contains("refresh = \"2026-02-01\""));
}

#[test]
fn a_snapshot_moves_to_the_beginning_of_today() {
    let (fake, stack) = (Fake::start(), stack_with(COMPONENT));
    stack.write("spec/stack.toml", STACK.replace(DATE, "snapshot = \"20260131T120000Z\""));
    bump(&stack, &fake, &["apt.snapshot"]).expect(0);
    let new = format!("snapshot = \"{}T000000Z\"", today().replace('-', ""));
    assert!(written(&stack).contains(&new), "{}", written(&stack));
}
