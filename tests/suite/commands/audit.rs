//! `rdspec audit`, on images that are made here as engines save them.

use serde_json::Value;
use tar::EntryType;

use crate::built::{BuiltImage, Tar};
use crate::harness::{Run, Stack, output, run, tool};

const KEY: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\n\
    b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n\
    -----END OPENSSH PRIVATE KEY-----\n";

/// An image with everything that should not be.
fn bad() -> BuiltImage {
    let base = Tar::new()
        .directory("etc", 0o755)
        .file("etc/passwd", 0o644, b"root:x:0:0::/root:/bin/sh\n")
        .file("usr/bin/su", 0o4755, &[1; 1000])
        .bytes();
    let first = Tar::new()
        .file("opt/big", 0o644, &vec![2; 50_000])
        .file("opt/gone", 0o644, &vec![3; 20_000])
        .file("root/.ssh/id_ed25519", 0o600, KEY.as_bytes())
        .file("etc/ssh/ssh_host_rsa_key", 0o600, KEY.as_bytes())
        .file("usr/local/bin/tool", 0o4755, b"tool")
        .file("root/.cache/pip/http/one", 0o644, &[4; 300])
        .file("root/.cache/pip/http/two", 0o644, &[4; 400])
        .file("srv/open", 0o666, b"anybody")
        .directory("srv/shared", 0o777)
        .directory("srv/sticky", 0o1777)
        .file("var/log/build.log", 0o644, b"log")
        .bytes();
    let second = Tar::new()
        .file("opt/big", 0o755, &vec![2; 50_000])
        .file("opt/.wh.gone", 0o644, b"")
        .file("etc/passwd", 0o644, b"root:x:0:0::/root:/bin/bash\n")
        .bytes();
    BuiltImage::new("example/bad:1")
        .layer("base", base)
        .layer("RUN /bin/sh -c make everything # buildkit", first)
        .layer("RUN /bin/sh -c chmod 755 /opt/big && rm /opt/gone # buildkit", second)
}

/// Audits an image in the folder of a stack.
fn audit(stack: &Stack, image: &BuiltImage, arguments: &[&str]) -> Run {
    let path = image.save(&stack.path("image.tar"));
    let mut words = vec!["audit", path.to_str().unwrap()];
    words.extend(arguments);
    stack.rdspec(&words)
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

fn finding<'report>(report: &'report Value, path: &str) -> &'report Value {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["path"] == path).unwrap_or_else(|| {
        panic!("no finding about {path} in {findings:#?}");
    })
}

#[test]
fn everything_that_should_not_be_is_found() {
    let stack = Stack::small();
    let run = audit(&stack, &bad(), &["--base-layers", "1", "--format", "json"]).expect(0);
    assert!(run.stderr.contains("nobody owns them"), "{}", run.stderr);
    let report = json(&run);
    for (path, kind) in [
        ("/root/.ssh/id_ed25519", "private-key"),
        ("/etc/ssh/ssh_host_rsa_key", "private-key"),
        ("/usr/local/bin/tool", "set-id"),
        ("/root/.cache/pip", "package-cache"),
        ("/srv/open", "world-writable"),
        ("/srv/shared", "world-writable"),
        ("/var/log/build.log", "log"),
    ] {
        assert_eq!(finding(&report, path)["kind"], kind, "{path}");
        assert_eq!(finding(&report, path)["layer"], 1, "{path}");
    }
    let cache = finding(&report, "/root/.cache/pip");
    assert_eq!((cache["files"].as_u64(), cache["bytes"].as_u64()), (Some(2), Some(700)));
    let host_key = finding(&report, "/etc/ssh/ssh_host_rsa_key");
    assert!(host_key["what"].as_str().unwrap().starts_with("host key"), "{host_key}");
    // Neither what the base has, nor what is as it should be.
    assert_eq!(report["findings"].as_array().unwrap().len(), 7, "{report:#}");
    let wasted = &report["wasted"];
    assert_eq!(wasted["stored_again"], 50_000 + 28);
    assert_eq!(wasted["deleted"], 20_000);
    assert_eq!(wasted["shared_databases"], 28);
    assert_eq!(report["layers"][2]["stored_again"], 50_000 + 28);
    assert_eq!(report["layers"][1]["deleted_later"], 20_000);
    assert_eq!(report["worst"][0]["path"], "opt/big");
    assert_eq!(report["worst"][0]["causes"], serde_json::json!(["metadata_only"]));
}

#[test]
fn the_text_says_where_the_bytes_are_and_what_to_mend() {
    let stack = Stack::small();
    let text = audit(&stack, &bad(), &["--base-layers", "1"]).expect(0).stdout;
    for line in [
        "example/bad:1 (linux/amd64)",
        "50.0 kB  /opt/big     layer 2  mode or owner changed",
        "20.0 kB  /opt/gone    layer 2  deleted",
        "private keys: whoever has the image has them",
        "/root/.ssh/id_ed25519      private key of OpenSSH",
        "/root/.cache/pip  cache of pip  2 files 700 B  layer 1",
        "world-writable",
    ] {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
    let short = audit(&stack, &bad(), &["--base-layers", "1", "--worst", "1"]).expect(0).stdout;
    assert!(!short.contains("20.0 kB  /opt/gone"), "{short}");
}

#[test]
fn budgets_end_with_1_when_they_are_exceeded() {
    let stack = Stack::small();
    for (arguments, status, message) in [
        (&["--max-size", "1 GB"][..], 0, ""),
        (&["--max-size", "1 kB"], 1, "error: the layers have 138 kB, max-size is 1.0 kB"),
        (&["--min-efficiency", "40"], 0, ""),
        (&["--min-efficiency", "99.5"], 1, "--min-efficiency is 99.50 %"),
        (&["--min-efficiency", "99.5%", "--base-layers", "2"], 0, ""),
        (&["--min-efficiency", "0.995"], 2, "give a percentage, such as 99.5"),
        (&["--max-size", "14"], 2, "such as \"14 GB\""),
    ] {
        let run = audit(&stack, &bad(), arguments).expect(status);
        assert!(run.stderr.contains(message), "{arguments:?}: {}", run.stderr);
    }
}

/// The image that a Dockerfile of the stack makes, with the history of an engine, and nothing in its layers.
fn built(
    stack_folder: &str,
    name: &str,
    on: &BuiltImage,
    copies: fn(&str) -> String,
) -> BuiltImage {
    let output = output();
    let file = output.tree.get(&format!("{stack_folder}/Dockerfile")).unwrap();
    let text = String::from_utf8(file.bytes.to_vec()).unwrap().replace("\\\n", "");
    let mut image = BuiltImage { name: name.to_owned(), ..on.clone() };
    for (number, line) in text.lines().enumerate() {
        let step = if let Some((_, command)) = line.split_once("bash /run/") {
            format!("RUN /bin/sh -c bash /run/{command} # buildkit")
        } else if line.starts_with("COPY ") {
            copies(line)
        } else {
            continue;
        };
        let path = format!("opt/{stack_folder}/{number}");
        image = image.layer(&step, Tar::of(&[(&path, b"content")]));
    }
    image
}

/// What BuildKit makes of a COPY.
fn of_buildkit(line: &str) -> String {
    format!("{} # buildkit", line.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What buildah makes of it.
fn of_buildah(line: &str) -> String {
    let directory = line.split_whitespace().last().unwrap();
    format!("/bin/sh -c #(nop) COPY multi:0123 in {directory}  ")
}

/// The base and the child of this repository's own stack.
fn own_chain(copies: fn(&str) -> String) -> BuiltImage {
    let base = BuiltImage::new("x").layer("base", Tar::of(&[("etc/a", b"x")]));
    let base = built("debian/base", "base", &base, copies);
    built("debian/r", "some/other-name:1", &base, copies)
}

/// `rdspec audit` in this repository.
fn audit_here(image: &BuiltImage) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let path = image.save(&folder.path().join("image.tar"));
    let mut command = crate::harness::rdspec();
    command.arg("-C").arg(crate::harness::repository());
    json(&run(command.arg("audit").arg(path).args(["--format", "json"])).expect(0))
}

#[test]
fn layers_belong_to_the_components_that_wrote_them() {
    for copies in [of_buildkit as fn(&str) -> String, of_buildah] {
        let image = own_chain(copies);
        let report = audit_here(&image);
        let of = &report["stack_image"];
        assert_eq!((&of["image"], &of["variant"]), (&"r".into(), &"debian".into()));
        assert_eq!((&of["found"], &of["outdated"]), (&of["planned"], &0.into()));
        assert_eq!(report["base_layers"], 1);
        let layers = report["layers"].as_array().unwrap();
        assert_eq!(layers.len(), image.layers.len());
        assert_eq!(layers[0]["of"], Value::Null);
        assert_eq!(layers[1]["of"]["layer"], "bootstrap");
        for layer in &layers[1..] {
            for owner in layer["of"]["owners"].as_array().unwrap() {
                let file = crate::harness::repository().join(owner["file"].as_str().unwrap());
                let lines = std::fs::read_to_string(&file).unwrap().lines().count() as u64;
                let line = owner["line"].as_u64().unwrap();
                assert!(line <= lines, "{owner}");
            }
        }
        let last = layers.last().unwrap();
        assert_eq!(last["of"]["image"], "r");
        let owner = &last["of"]["owners"][0];
        assert_eq!(owner["file"], "spec/components/jupyter-r.toml");
        let text = std::fs::read_to_string(
            crate::harness::repository().join("spec/components/jupyter-r.toml"),
        );
        let line = owner["line"].as_u64().unwrap();
        let text = text.unwrap();
        let line = text.lines().nth(usize::try_from(line).unwrap() - 1).unwrap();
        assert!(line.contains("kernel.json"), "{line}");
    }
}

#[test]
fn layers_of_another_version_are_owned_and_said_to_be() {
    let mut image = own_chain(of_buildkit);
    let changed = image.layers.iter_mut().find(|(step, _)| step.contains("apt-normal.sh")).unwrap();
    let (start, _) = changed.0.split_once(" # inputs ").unwrap();
    changed.0 = format!("{start} # inputs 0000000000000000 # buildkit");
    let report = audit_here(&image);
    assert_eq!(report["stack_image"]["outdated"], 1);
    assert_eq!(report["stack_image"]["found"], report["stack_image"]["planned"]);
}

#[test]
fn a_folder_without_a_spec_is_no_mistake_and_one_with_errors_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = bad().save(&folder.path().join("image.tar"));
    let mut command = crate::harness::rdspec();
    run(command.arg("-C").arg(folder.path()).arg("audit").arg(&path)).expect(0);
    let stack = Stack::small();
    stack.edit("spec/stack.toml", "demo", "demo demo");
    audit(&stack, &bad(), &[]).expect(2);
}

#[test]
fn one_of_several_images_is_named_after_a_hash_sign() {
    let stack = Stack::small();
    let path = bad().save(&stack.path("image.tar"));
    let named = |name: &str| stack.rdspec(&["audit", &format!("{}#{name}", path.display())]);
    named("example/bad:1").expect(0);
    let message = named("other:1").expect(2).stderr;
    assert!(message.contains("no image is called other:1"), "{message}");
}

#[test]
fn without_an_engine_a_name_is_no_image() {
    let stack = Stack::small();
    let message = stack.rdspec(&["audit", "some/image:1"]).expect(4).stderr;
    assert!(message.contains("there is no file some/image:1"), "{message}");
    let message = stack.rdspec(&["audit", "./missing.tar"]).expect(4).stderr;
    assert!(message.contains("missing.tar"), "{message}");
}

/// dive's definition once more, in another language, on the files of the layers as Python's `tarfile` reads them.
const INDEPENDENT: &str = r#"
import io, json, sys, tarfile
archive = tarfile.open(sys.argv[1])
names = json.load(archive.extractfile("manifest.json"))[0]["Layers"]
sizes, stacked = {}, {}
for name in names:
    layer = tarfile.open(fileobj=archive.extractfile(name))
    members = [(member.name.strip("/"), member) for member in layer]
    present, removed = {}, []
    for path, member in members:
        folder, _, last = path.rpartition("/")
        if last.startswith(".wh."):
            removed.append((folder + "/" if folder else "") + last[4:])
        else:
            present[path] = (member.size if member.isreg() else 0, member.isdir())
    inner = {"/".join(path.split("/")[:n]) for path in [*present, *removed] for n in range(1, path.count("/") + 1)}
    for path, (size, _) in present.items():
        if path not in inner:
            sizes.setdefault(path, []).append(size)
    for path in removed:
        below = [size for other, (size, _) in stacked.items() if other.startswith(path + "/")]
        sizes.setdefault(path, []).append(sum(below) if stacked.get(path, (0, False))[1] else 0)
        for other in [other for other in stacked if other == path or other.startswith(path + "/")]:
            del stacked[other]
    stacked.update(present)
print(sum(min(all) for all in sizes.values()), sum(sum(all) for all in sizes.values()))
"#;

#[test]
fn an_independent_script_computes_the_same_efficiency() {
    let folders = Tar::new()
        .directory("opt", 0o755)
        .directory("opt/dir", 0o755)
        .file("opt/dir/one", 0o644, &[1; 1000])
        .file("opt/dir/two", 0o644, &[2; 500])
        .link("opt/link", EntryType::Symlink, "dir/one")
        .link("opt/hard", EntryType::Link, "opt/dir/two")
        .bytes();
    let removed = Tar::new().file("opt/.wh.dir", 0o644, b"").file("opt/other", 0o644, b"x").bytes();
    let again = Tar::new().file("opt/dir/one", 0o644, &[3; 700]).bytes();
    let image = BuiltImage::new("x:1")
        .layer("a", folders.clone())
        .layer("b", again.clone())
        .layer("c", removed)
        .layer("d", again)
        .layer("e", folders);
    for image in [image, bad()] {
        let folder = tempfile::tempdir().unwrap();
        let path = image.save(&folder.path().join("image.tar"));
        let report = audit_here(&image);
        let all = &report["efficiency"]["all_layers"];
        let printed =
            run(tool("python3", "python3").args(["-c", INDEPENDENT]).arg(&path)).expect(0);
        assert_eq!(printed.stdout.trim(), format!("{} {}", all["minimum"], all["discovered"]));
    }
}
