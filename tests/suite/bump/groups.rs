//! Groups of pins, which move as one.

use super::fake::Answer;
use super::{Fake, GITHUB, bump, component, list, release, spec, stack_with, twice};

/// A component with the download twice, both of one group; of the second, `old` is replaced by `new`.
fn pair(fake: &Fake, old: &str, new: &str) -> String {
    twice(fake, &format!("{GITHUB}, group = \"pair\""), old, new)
}

#[test]
fn a_group_moves_as_one() {
    let fake = Fake::start();
    let text = pair(&fake, "owner/tool", "owner/other");
    let stack = stack_with(&text);
    list(&fake, &[release(&fake, "1.1.0", "")]);
    let run = bump(&stack, &fake, &["--keep-going"]).expect(4);
    assert!(run.stdout.contains("`other` of its group failed"), "{}", run.stdout);
    assert_eq!(spec(&stack), text);
    // The failure of one that is in no group keeps nothing back, where that is asked for.
    let apart = text.replacen(", group = \"pair\"", "", 1);
    let stack = stack_with(&apart);
    bump(&stack, &fake, &[]).expect(4);
    assert_eq!(spec(&stack), apart);
    bump(&stack, &fake, &["--keep-going"]).expect(4);
    assert!(spec(&stack).contains("version = '1.1.0'"), "{}", spec(&stack));
    let run = bump(&stack, &fake, &["--group", "pare"]).expect(2);
    assert!(run.stderr.contains("there is only `pair`"), "{}", run.stderr);
}

#[test]
fn a_group_waits_for_one_that_is_held() {
    let fake = Fake::start();
    let text = pair(&fake, ", group", ", ignore = [\"1.1.0\"], group");
    let stack = stack_with(&text);
    list(&fake, &[release(&fake, "1.1.0", "")]);
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("`other` of its group is held"), "{}", run.stdout);
    assert_eq!(spec(&stack), text);
}

#[test]
fn who_names_one_of_a_group_means_the_group() {
    let fake = Fake::start();
    let text = pair(&fake, "", "");
    let stack = stack_with(&text);
    list(&fake, &[release(&fake, "1.1.0", "")]);
    let run = bump(&stack, &fake, &["tool=1.1.0"]).expect(2);
    let why = "`tool` moves together with `other`: say the version of that, too";
    assert!(run.stderr.contains(why), "{}", run.stderr);
    bump(&stack, &fake, &["tool"]).expect(0);
    assert_eq!(spec(&stack).matches("version = '1.1.0'").count(), 2, "{}", spec(&stack));
}

#[test]
fn a_group_waits_for_a_version_that_is_too_young_for_one_of_it() {
    let fake = Fake::start();
    let text = pair(&fake, ", group", ", minimum-age = \"99999d\", group");
    let text = text.replacen(", group", ", minimum-age = \"0h\", group", 1);
    let stack = stack_with(&text);
    list(&fake, &[release(&fake, "1.1.0", "")]);
    bump(&stack, &fake, &[]).expect(0);
    assert_eq!(spec(&stack), text);
    // Alone, one moves to what is old enough, and says what is not.
    let alone = component(&fake, GITHUB);
    let stack = stack_with(&alone);
    let young = release(&fake, "1.2.0", "").replace("2025-01-01", "2999-01-01");
    list(&fake, &[young, release(&fake, "1.1.0", "")]);
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("tool: 1.2.0 is held: too young"), "{}", run.stdout);
    assert!(spec(&stack).contains("'1.1.0'"));
}

/// What is unfinished is no newer version that the group waits for, and is listed for as long as the upstream likes.
#[test]
fn a_group_waits_for_no_pre_release() {
    let fake = Fake::start();
    let text = pair(&fake, "owner/tool", "owner/other");
    let stack = stack_with(&text);
    list(&fake, &[release(&fake, "1.1.0", "")]);
    let unfinished = release(&fake, "2.0.0-rc.1", ", \"prerelease\": true");
    let other = format!("[{unfinished}]");
    fake.serve("/repos/owner/other/releases?per_page=100", Answer::json(&other));
    let run = bump(&stack, &fake, &[]).expect(0);
    assert!(run.stdout.contains("other: 2.0.0-rc.1 is held: a pre-release"), "{}", run.stdout);
    assert_eq!(spec(&stack).matches("version = '1.1.0'").count(), 1, "{}", spec(&stack));
}

/// A version that is none by the rules of its registry can be compared with no other.
#[test]
fn a_group_stays_with_one_that_cannot_move() {
    let fake = Fake::start();
    let text = pair(&fake, GITHUB, "crates = \"other\"");
    let (first, second) = text.split_once("[downloads.other]").unwrap();
    let second = second.replacen("version = '1.0.0'", "version = '1.0'", 1);
    let text = format!("{first}[downloads.other]{second}");
    let stack = stack_with(&text);
    list(&fake, &[release(&fake, "1.1.0", "")]);
    for arguments in [&[][..], &["tool"], &["--group", "pair"]] {
        let run = bump(&stack, &fake, arguments).expect(0);
        let why = "tool: 1.1.0 is held: ignored: `other` of its group cannot move";
        assert!(run.stdout.contains(why), "{}", run.stdout);
        assert!(run.stdout.contains("other") && run.stdout.contains("1.0 "), "{}", run.stdout);
        assert_eq!(spec(&stack), text);
    }
    // Its own bytes may be taken anew: nothing moves by that.
    bump(&stack, &fake, &["--repin", "tool"]).expect(4);
}
