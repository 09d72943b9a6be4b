//! R packages from a repository on loopback, and a conda environment by a stand-in for conda, built.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use rdspec::image::tree::Tree;
use rdspec::image::{hygiene, shared_databases, waste};
use tempfile::TempDir;

use crate::harness::{BASE_LAYERS, Engine, both_kinds_of_engines, side_by_side, tail, write_spec};
use crate::loopback::Server;
use crate::trap_stack::sha256;

/// A stack of one image, without the files of its components.
pub(crate) fn stack(name: &str, components: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let stack = format!(
        "[stack]\nname = \"{name}\"\ntag = \"test\"\n[apt]\nrefresh = \"2026-11-23\"\n\
         [bootstrap]\npackages = [\"curl\"]\n[user]\nname = \"jovyan\"\nskeleton = \"/skeleton\"\n\
         [images.base]\nfrom = \"debian:bookworm\"\nunpinned = \"made on this machine\"\ncomponents = [{components}]\n"
    );
    write_spec(folder.path(), "stack.toml", &stack);
    folder
}

/// Builds; everything below some paths is root's, and nothing is left behind.
fn build(engine: &Engine, stack: &Path, image: &str, paths: &[&str]) {
    engine.build(stack, &[]);
    let image = engine.image(image);
    let built = Tree::of(&image.layers).unwrap();
    for path in paths {
        let node = built.get(path).unwrap_or_else(|| panic!("{}: no {path}", engine.name));
        assert_eq!(node.uid, 0, "{}: {path}", engine.name);
        assert_eq!(node.mode & 0o6022, 0, "{}: {path}", engine.name);
    }
    let findings = hygiene::find(&image, BASE_LAYERS);
    assert!(findings.is_empty(), "{}: {findings:#?}", engine.name);
    let split = shared_databases::split(waste::find(&image, BASE_LAYERS).unwrap());
    let other: Vec<_> = split.other.iter().filter(|record| record.bytes > 0).collect();
    assert!(other.is_empty(), "{}: {other:#?}", engine.name);
}

/// A build fails and says so.
fn refuses(engine: &Engine, stack: &Path, message: &str) {
    let output = engine.rdspec_build(stack, &[]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{}: {}", engine.name, tail(&text));
    assert!(text.contains(message), "{}: {}", engine.name, tail(&text));
}

/// Writes an R package of sources, with owners of its own.
const SOURCES: &str = r#"
import io, sys, tarfile
file, name, version, imports = sys.argv[1:]
texts = {"DESCRIPTION": f"Package: {name}\nVersion: {version}\nTitle: Greets\nDescription: Greets.\n"
         "License: GPL-3\nAuthor: Nobody\nMaintainer: Nobody <nobody@example.org>\n"
         + (f"Imports: {imports}\n" if imports else ""),
         "NAMESPACE": "export(greet)\n", f"R/{name}.R": f"greet <- function() cat('hello from {name}\\n')\n",
         "inst/data.txt": "x\n"}
with tarfile.open(file, "w:gz") as archive:
    for path, text in texts.items():
        member = tarfile.TarInfo(f"{name}/{path}")
        member.size, member.uid, member.gid, member.mode = len(text), 1000, 1000, 0o666
        archive.addfile(member, io.BytesIO(text.encode()))
"#;

/// Serves R packages of sources, by name, version and what they import, as a repository of one day; gives its address.
pub(crate) fn serve_r(server: &Server, day: &str, packages: &[(&str, &str, &str)]) -> String {
    let work = tempfile::tempdir().unwrap();
    let mut index = String::new();
    for (name, version, imports) in packages {
        let file = work.path().join(name);
        let mut python = Command::new("python3");
        python.args(["-c", SOURCES]).arg(&file).args([name, version, imports]);
        assert!(python.status().unwrap().success());
        let path = format!("/{day}/src/contrib/{name}_{version}.tar.gz");
        server.serve(&path, &fs::read(file).unwrap());
        write!(index, "Package: {name}\nVersion: {version}\nLicense: GPL-3\n").unwrap();
        if !imports.is_empty() {
            writeln!(index, "Imports: {imports}").unwrap();
        }
        index.push('\n');
    }
    let url = server.serve(&format!("/{day}/src/contrib/PACKAGES"), index.as_bytes());
    url.split("/src/").next().unwrap().to_owned()
}

/// The component that has R.
pub(crate) const R: &str = "summary = \"R\"\n[apt]\npackages = [\"r-base-core\"]\n";

#[test]
#[ignore = "needs engines: run tests/run"]
fn r_packages_come_with_what_they_need_in_the_versions_of_the_spec() {
    let server = Server::own();
    let sources = [("rdspec.whole", "1.0-2", "rdspec.parts"), ("rdspec.parts", "1.0-2", "")];
    let repository = serve_r(&server, "2026-11-01", &sources);
    side_by_side(both_kinds_of_engines(), |engine| {
        let stack = stack("rdspec-r", "\"r\", \"packages\"");
        write_spec(stack.path(), "components/r.toml", R);
        let packages = |version: &str| {
            let text = format!(
                "summary = \"R packages\"\nneeds = [\"r\"]\n[r]\nrepository = \"{repository}\"\npackages = {{ \"rdspec.whole\" = \"{version}\" }}\n"
            );
            write_spec(stack.path(), "components/packages.toml", &text);
        };
        packages("1.0-2");
        let library = "usr/local/lib/R/site-library";
        build(
            engine,
            stack.path(),
            "rdspec-r-base:test",
            &[
                &format!("{library}/rdspec.whole/data.txt"),
                &format!("{library}/rdspec.parts/DESCRIPTION"),
            ],
        );
        let output =
            engine.run_in("rdspec-r-base:test", &["Rscript", "-e", "rdspec.parts::greet()"], "");
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(text, "hello from rdspec.parts\n", "{}", engine.name);
        packages("1.0-3");
        refuses(engine, stack.path(), "rdspec.whole is 1.0-2 in the repository, wanted is 1.0-3");
    });
}

/// Does what the script expects of conda, with files of somebody else's that everybody may write.
const CONDA: &str = r#"#!/bin/bash
set -euo pipefail
for argument in "$@"; do
  case $argument in --prefix=*) prefix=${argument#*=} ;; esac
done
mkdir -p "$prefix/conda-meta" "$prefix/bin" "$CONDA_PKGS_DIRS"
[[ $CONDA_ALWAYS_COPY$MAMBA_ALWAYS_COPY = truetrue && $CONDA_CHANNEL_PRIORITY = strict ]]
touch "$CONDA_PKGS_DIRS/tool-1.2.3-h0_0.conda" ~/.condarc
echo '{}' >"$prefix/conda-meta/tool-1.2.3-h0_0.json"
printf '%s\n' "$@" >"$prefix/arguments"
chown -R 1000:1000 "$prefix"
chmod 6777 "$prefix/bin" "$prefix/arguments"
"#;

#[test]
#[ignore = "needs engines: run tests/run"]
fn a_conda_environment_belongs_to_root_and_has_what_was_asked_for() {
    let url = Server::own().serve("/micromamba-2.0", CONDA.as_bytes());
    let stack = stack("rdspec-conda", "\"tools\"");
    let tools = |package: &str| {
        let text = format!(
            "summary = \"Tools\"\n[downloads.micromamba]\nurl = \"{url}\"\nsha256 = \"{}\"\n\
             install = {{ to = \"/usr/local/bin/micromamba\", mode = \"0755\" }}\n\
             [conda]\nprefix = \"/opt/conda/tools\"\nchannels = [\"conda-forge\"]\npackages = [\"{package}\"]\n",
            sha256(CONDA.as_bytes())
        );
        write_spec(stack.path(), "components/tools.toml", &text);
    };
    for engine in both_kinds_of_engines() {
        tools("tool=1.2.3");
        let made = ["opt/conda/tools/bin", "opt/conda/tools/arguments"];
        build(&engine, stack.path(), "rdspec-conda-base:test", &made);
        let output =
            engine.run_in("rdspec-conda-base:test", &["cat", "/opt/conda/tools/arguments"], "");
        let text = String::from_utf8_lossy(&output.stdout);
        let expected = "create\n--yes\n--prefix=/opt/conda/tools\n--override-channels\n--channel=conda-forge\ntool==1.2.3\n";
        assert_eq!(text, expected, "{}", engine.name);
        tools("tool=1.2");
        refuses(&engine, stack.path(), "the environment has no tool-1.2");
    }
}
