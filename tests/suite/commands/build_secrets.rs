//! `rdspec build --secret`: what is missing is said before anything is built; the engine hands the rest over.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::{Run, Stack, compiled, run};
use crate::spec_case;

const SPEC: &str = r#"-- stack.toml --
[stack]
name = "demo"

[user]
name = "jovyan"

[images.base]
from = "debian:bookworm"
unpinned = "local"
components = ["tool"]

[images.child]
extends = "base"
components = ["other"]
-- components/tool.toml --
summary = "A tool"
[script]
run = "cat $SECRET_API_TOKEN"
user = "user"
secrets = ["license", "api-token"]
-- components/other.toml --
summary = "Another tool"
[script]
run = "cat $SECRET_LICENSE"
secrets = ["license"]
"#;

fn stack() -> Stack {
    let stack = Stack::new(&spec_case::parse(SPEC.as_bytes()));
    let engine = "#!/bin/sh\ncase $1 in build) echo \"$*\" >>\"$RECORD\" ;; *) echo '[{\"Id\": \"1\"}]' ;; esac\n";
    stack.write("bin/docker", engine);
    fs::set_permissions(stack.path("bin/docker"), fs::Permissions::from_mode(0o755)).unwrap();
    stack.write("token file", "secret 1");
    stack.write("license", "secret 2");
    stack
}

fn build(stack: &Stack, arguments: &[&str]) -> (Run, String) {
    let mut command = stack.command(&["build"]);
    command
        .args(arguments)
        .current_dir(stack.root())
        .env("PATH", format!("{}:/usr/bin:/bin", stack.path("bin").display()))
        .env("RECORD", stack.path("record"));
    let ended = run(&mut command);
    (ended, fs::read_to_string(stack.path("record")).unwrap_or_default())
}

#[test]
fn a_missing_secret_is_named_with_its_readers_before_anything_is_built() {
    let stack = stack();
    let (ended, record) = build(&stack, &["--secret", "id=license,src=nowhere"]);
    let ended = ended.expect(2);
    assert_eq!(record, "");
    assert_eq!(
        ended.stderr,
        "error: the secret `license`: nowhere: No such file or directory (os error 2)\n\
         error: the secret `api-token` is missing, which tool.sh of demo-base:latest reads: \
         add --secret id=api-token,src=FILE\n"
    );
    let (ended, _) = build(&stack, &["base"]);
    assert!(ended.expect(2).stderr.contains("`license` is missing, which tool.sh of demo-base"));
    for bad in ["token", "id=license", "id=license,src=a,b", "id=License,src=license"] {
        build(&stack, &["--secret", bad]).0.expect(2);
    }
    let twice = ["--secret", "id=license,src=license", "--secret", "id=license,src=license"];
    assert!(build(&stack, &twice).0.expect(2).stderr.contains("given twice"));
}

#[test]
fn secrets_reach_the_engine_by_their_files() {
    let stack = stack();
    let secrets = [
        "--secret",
        "id=license,src=license",
        "--secret",
        "id=api-token,src=token file",
        "--secret",
        "id=unread,src=license",
    ];
    let (ended, record) = build(&stack, &secrets);
    let ended = ended.expect(0);
    assert!(ended.stderr.contains("no script of these images reads the secret `unread`"));
    let calls: Vec<&str> = record.lines().collect();
    assert_eq!(calls.len(), 2);
    for call in calls {
        let handed = "--secret id=license,src=license --secret id=api-token,src=token file";
        assert!(call.contains(handed), "{call}");
    }
}

#[test]
fn a_script_finds_its_secrets_below_run_and_their_content_is_no_input() {
    let output = compiled(&spec_case::parse(SPEC.as_bytes()));
    let text =
        |path: &str| String::from_utf8(output.tree.get(path).unwrap().bytes.to_vec()).unwrap();
    let dockerfile = text("base/Dockerfile");
    for (name, uid) in [("license", 1000), ("api-token", 1000)] {
        let mount = format!(
            "--mount=type=secret,id={name},required=true,target=/run/tool.secret.{name},mode=0400,uid={uid} "
        );
        assert!(dockerfile.contains(&mount), "{dockerfile}");
    }
    assert!(text("child/Dockerfile").contains(
        "--mount=type=secret,id=license,required=true,target=/run/other.secret.license,mode=0400,uid=0 "
    ));
    let script = text("base/resources/tools/tool.sh");
    for line in [
        "export SECRET_API_TOKEN=/run/tool.secret.api-token\n",
        "export SECRET_LICENSE=/run/tool.secret.license\n",
    ] {
        assert!(script.contains(line), "{script}");
    }
}
