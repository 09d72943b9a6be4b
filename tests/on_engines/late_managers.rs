//! Package managers and downloads late: of each kind something changes its version, something goes and something comes,
//! all in one turn of `rdspec dev`, which makes what a build in place makes.

use std::fmt::Write as _;
use std::path::Path;

use tempfile::TempDir;

use crate::harness::{both_kinds_of_engines, side_by_side, tail, write_spec};
use crate::late::{Explained, dev, same};
use crate::loopback::Server;
use crate::trap_stack::{archive, sha256};
use crate::{managers, packages, python};

const IMAGE: &str = "rdspec-late-base:test";

/// What each kind needs: R, in the layer that the test of R packages has, too; pip; stand-ins for npm and conda, whose
/// own images are large and which are the same to `rdspec dev`: programs that fill a folder.
const NEEDED: &[&str] = &["r", "python", "stand-ins"];

/// A kind of component: writes one with a name and a version into a stack.
type Kind = fn(&Path, &Server, &str, &str);

const KINDS: &[(&str, Kind)] = &[
    ("conda", conda),
    ("deb", deb),
    ("npm", npm),
    ("pip", pip),
    ("r-package", r_package),
    ("tool", tool),
];

#[test]
#[ignore = "needs engines: run tests/run"]
fn what_package_managers_make_late_is_what_they_make_in_place() {
    side_by_side(both_kinds_of_engines(), |engine| {
        let server = Server::own();
        let stack = stack(&server);
        write(stack.path(), &server, &[("changes", "1.0"), ("goes", "1.0")]);
        engine.build(stack.path(), &[]);
        write(stack.path(), &server, &[("changes", "1.1"), ("comes", "1.0")]);
        let (succeeded, said) = dev(engine, stack.path(), &[]);
        assert!(succeeded, "{}: {}", engine.name, tail(&said));
        println!("{said}");
        engine.build(stack.path(), &[]);
        same(engine, &format!("{IMAGE}-dev"), IMAGE, EXPLAINED);
        let output = engine.run_in(IMAGE, &["bash", "-s"], HAS_WHAT_CHANGED);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    });
}

/// What no two builds of R packages have in common, late or not.
const EXPLAINED: &[Explained] = &[(
    "usr/local/lib/R/site-library/*/help/paths.rds",
    "R notes how long the name of the folder was in which it unpacked the package; the name is another one each time",
)];

/// The build in place, with which the late image is compared, is the one that is meant.
const HAS_WHAT_CHANGED: &str = r#"
set -eux
test -e /opt/conda/changes/conda-meta/tool-1.1-h0_0.json
dpkg-query --show --showformat='${Version}' rdspec-changes | grep -Fx 1.1
grep -Fx 'changes 1.1' /opt/npm/changes/node_modules/greeter/tool.txt
test "$(/opt/pip/changes/bin/python -c 'import changes; print(changes.version)')" = 1.1
Rscript -e 'stopifnot(packageVersion("rdspec.changes") == "1.1", packageVersion("rdspec.parts") == "1.0")'
grep -Fx 'changes 1.1' /opt/tool/changes/tool.txt
test ! -e /opt/conda/goes -a ! -e /opt/npm/goes -a ! -e /opt/pip/goes -a ! -e /opt/tool/goes
test ! -e /usr/bin/rdspec-goes -a ! -e /usr/bin/time -a ! -e /usr/local/lib/R/site-library/rdspec.goes
"#;

fn stack(server: &Server) -> TempDir {
    let stack = managers::stack("rdspec-late", "");
    write_spec(stack.path(), "components/r.toml", managers::R);
    // Packages of the class that comes last, so that another one is no reason to install R again.
    let python =
        "summary = \"pip\"\nchange-class = \"volatile\"\n[apt]\npackages = [\"python3-pip\"]\n";
    write_spec(stack.path(), "components/python.toml", python);
    let mut text = "summary = \"Programs that fill a folder\"\n".to_owned();
    for (name, program) in [("conda", CONDA), ("npm", NPM)] {
        let url = server.serve(&format!("/{name}"), program.as_bytes());
        let sha256 = sha256(program.as_bytes());
        write!(
            text,
            "[downloads.{name}]\nurl = \"{url}\"\nsha256 = \"{sha256}\"\n\
             install = {{ to = \"/opt/stand-ins/{name}\", mode = \"0755\" }}\n"
        )
        .unwrap();
    }
    write_spec(stack.path(), "components/stand-ins.toml", &text);
    stack
}

/// Writes the list of components, and of each kind one for each name.
fn write(stack: &Path, server: &Server, names: &[(&str, &str)]) {
    let mut components: Vec<String> = NEEDED.iter().map(|name| format!("\"{name}\"")).collect();
    for (kind, write) in KINDS {
        for (name, version) in names {
            write(stack, server, name, version);
            components.push(format!("\"{kind}-{name}\""));
        }
    }
    let with = managers::stack("rdspec-late", &components.join(", "));
    let list = std::fs::read_to_string(with.path().join("spec/stack.toml")).unwrap();
    write_spec(stack, "stack.toml", &list);
}

fn component(stack: &Path, name: &str, text: &str) {
    let text = format!("summary = \"{name}\"\n{text}");
    write_spec(stack, &format!("components/{name}.toml"), &text);
}

fn conda(stack: &Path, _: &Server, name: &str, version: &str) {
    let text = format!(
        "needs = [\"stand-ins\"]\n[conda]\nprogram = \"/opt/stand-ins/conda\"\nprefix = \"/opt/conda/{name}\"\n\
         channels = [\"conda-forge\"]\npackages = [\"tool={version}\"]\n"
    );
    component(stack, &format!("conda-{name}"), &text);
}

/// Writes down what it is asked for, as conda does.
const CONDA: &str = r#"#!/bin/bash
set -euo pipefail
for argument in "$@"; do
  case $argument in
    --prefix=*) prefix=${argument#*=} && mkdir -p "$prefix/conda-meta" ;;
    *==*) echo '{}' >"$prefix/conda-meta/${argument%%==*}-${argument##*==}-h0_0.json" ;;
  esac
done
"#;

fn npm(stack: &Path, server: &Server, name: &str, version: &str) {
    let url =
        server.serve(&format!("/{name}-{version}.tgz"), &archive(&format!("{name} {version}\n")));
    let component_name = format!("npm-{name}");
    let text = format!(
        "needs = [\"stand-ins\"]\n[npm]\nprogram = \"/opt/stand-ins/npm\"\nprefix = \"/opt/npm/{name}\"\n\
         manifest = \"package.json\"\nlock = \"package-lock.json\"\n"
    );
    component(stack, &component_name, &text);
    let file = |file: &str, text: &str| {
        write_spec(stack, &format!("resources/{component_name}/{file}"), text);
    };
    let dependencies = format!(r#""dependencies": {{ "greeter": "^{version}.0" }}"#);
    file("package.json", &format!(r#"{{ "name": "x", {dependencies} }}"#));
    let integrity = format!("sha512-{}==", "A".repeat(86));
    let lock = format!(
        r#"{{ "name": "x", "lockfileVersion": 3, "requires": true, "packages": {{
            "": {{ "name": "x", {dependencies} }},
            "node_modules/greeter": {{ "version": "{version}.0", "resolved": "{url}",
                "integrity": "{integrity}" }}
        }} }}"#
    );
    file("package-lock.json", &lock);
}

/// Fetches what the lock names, as npm does.
const NPM: &str = r#"#!/bin/bash
set -euo pipefail
for argument in "$@"; do
  case $argument in --prefix=*) prefix=${argument#*=} ;; esac
done
[[ " $* " == *" ci "* ]]
url=$(sed -n 's/.*"resolved": "\([^"]*\)".*/\1/p' "$prefix/package-lock.json")
mkdir -p "$prefix/node_modules/greeter"
curl --fail --silent --show-error "$url" | tar -xz --directory="$prefix/node_modules/greeter" --strip-components=1
"#;

fn pip(stack: &Path, server: &Server, name: &str, version: &str) {
    let sha256 = python::serve(server, name, version, "");
    let index = server.serve("/simple", b"");
    let text = format!(
        "needs = [\"python\"]\n[pip]\nprefix = \"/opt/pip/{name}\"\nindex = \"{index}\"\n\
         [pip.packages.{name}]\nversion = \"{version}\"\nsha256 = [\"{sha256}\"]\n"
    );
    component(stack, &format!("pip-{name}"), &text);
}

/// All of them bring the same package along, which the one that goes leaves behind for the others.
fn r_package(stack: &Path, server: &Server, name: &str, version: &str) {
    let package = format!("rdspec.{name}");
    let day = format!("{name}-{version}/2026-11-01");
    let sources = [(package.as_str(), version, "rdspec.parts"), ("rdspec.parts", "1.0", "")];
    let repository = managers::serve_r(server, &day, &sources);
    let text = format!(
        "needs = [\"r\"]\n[r]\nrepository = \"{repository}\"\npackages = {{ \"{package}\" = \"{version}\" }}\n"
    );
    component(stack, &format!("r-package-{name}"), &text);
}

/// A Debian package that is no archive's, and depends on one that is.
fn deb(stack: &Path, server: &Server, name: &str, version: &str) {
    let depends = match name {
        "goes" => "time",
        "comes" => "tree",
        _ => "bc",
    };
    let work = tempfile::tempdir().unwrap();
    let bytes = packages::debian_package(work.path(), name, version, depends);
    let download = download(server, &format!("rdspec-{name}_{version}_all.deb"), &bytes);
    let text = format!("change-class = \"volatile\"\n{download}deb = true\n");
    component(stack, &format!("deb-{name}"), &text);
}

/// A pinned archive that is unpacked, and a file that lies where it is told to.
fn tool(stack: &Path, server: &Server, name: &str, version: &str) {
    let bytes = archive(&format!("{name} {version}\n"));
    let download = download(server, &format!("tool-{name}-{version}.tar.gz"), &bytes);
    let text = format!("{download}unpack = {{ to = \"/opt/tool/{name}\", strip = 1 }}\n");
    component(stack, &format!("tool-{name}"), &text);
}

fn download(server: &Server, file: &str, bytes: &[u8]) -> String {
    let url = server.serve(&format!("/{file}"), bytes);
    format!("[downloads.it]\nurl = \"{url}\"\nsha256 = \"{}\"\n", sha256(bytes))
}
