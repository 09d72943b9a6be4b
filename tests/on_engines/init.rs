//! What `rdspec init` writes builds on every engine, and its checks pass.

use std::process::Command;

use crate::harness::engines;

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_new_stack_builds_and_its_checks_pass() {
    for engine in engines() {
        let folder = tempfile::tempdir().unwrap();
        for arguments in [&["init", "rdspec-init"][..], &["generate"]] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_rdspec"));
            let status = command.arg("-C").arg(folder.path()).args(arguments).status().unwrap();
            assert!(status.success(), "{arguments:?}");
        }
        engine.build(folder.path(), &[]);
        let checks = folder.path().join("generated/base/checks.sh");
        let script = std::fs::read_to_string(checks).unwrap();
        let output = engine.run_in("rdspec-init-base:latest", &["bash", "-s"], &script);
        let text = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {text}\n{error}", engine.name);
        assert_eq!(text.lines().filter(|line| line.starts_with("ok ")).count(), 2, "{text}");
    }
}
