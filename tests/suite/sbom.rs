//! Bills of materials: what they say, and that an independent validator of SPDX takes them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use rdspec::source::SpecFiles;
use serde_json::{Value, json};

use crate::built::{BuiltImage, Tar};
use crate::harness::{Stack, compiled, output, packages_spec, rdspec, repository, run, spec};

fn sbom(folder: &Path, arguments: &[&str]) -> Value {
    let run = run(rdspec().arg("-C").arg(folder).arg("sbom").args(arguments)).expect(0);
    serde_json::from_str(&run.stdout).unwrap()
}

/// The packages of a document, by their identifiers.
fn packages(document: &Value) -> BTreeMap<&str, &Value> {
    let packages = document["packages"].as_array().unwrap().iter();
    packages.map(|package| (package["SPDXID"].as_str().unwrap(), package)).collect()
}

fn purl(package: &Value) -> &str {
    package["externalRefs"][0]["referenceLocator"].as_str().unwrap()
}

/// What has a relationship of a kind with an element.
fn related<'document>(
    document: &'document Value,
    element: &str,
    kind: &str,
) -> BTreeSet<&'document str> {
    let all = document["relationships"].as_array().unwrap().iter();
    all.filter(|one| one["spdxElementId"] == element && one["relationshipType"] == kind)
        .map(|one| one["relatedSpdxElement"].as_str().unwrap())
        .collect()
}

#[test]
fn the_document_of_the_spec_has_all_that_the_chain_holds() {
    let document = sbom(repository(), &["r"]);
    let packages = packages(&document);
    assert_eq!(related(&document, "SPDXRef-DOCUMENT", "DESCRIBES"), ["SPDXRef-image-r"].into());
    assert_eq!(
        related(&document, "SPDXRef-image-r", "DESCENDANT_OF"),
        ["SPDXRef-image-base"].into()
    );
    assert_eq!(
        related(&document, "SPDXRef-image-base", "DESCENDANT_OF"),
        ["SPDXRef-base-ubuntu"].into()
    );
    let variant = &output().stack.variants[0];
    let mut held = BTreeSet::new();
    for image in variant.images.iter().filter(|image| image.name.as_str() != "geomatics") {
        held.extend(related(&document, &format!("SPDXRef-image-{}", image.name), "CONTAINS"));
        for component in &image.components {
            for package in &component.packages {
                let name = package.as_str();
                let has = |id: &&str| packages[*id]["name"] == name;
                assert!(held.iter().any(has), "{name} of {}", component.name);
            }
        }
    }
    assert!(packages.values().all(|package| package["name"] != "qgis"));
    let firefox = packages["SPDXRef-download-firefox"];
    let pin = variant.images[0].components.iter().flat_map(|one| &one.downloads);
    let pin = pin.clone().find(|download| download.name.as_str() == "firefox").unwrap();
    let artifact = &pin.artifacts[0];
    let sum = json!([{ "algorithm": "SHA256", "checksumValue": artifact.sha256.to_string() }]);
    assert_eq!(firefox["checksums"], sum);
    assert_eq!(firefox["downloadLocation"], artifact.urls[0].text);
    assert_eq!(firefox["versionInfo"], pin.version.as_ref().unwrap().to_string());
    assert_eq!(firefox["licenseDeclared"], "MPL-2.0");
    assert!(purl(firefox).starts_with("pkg:generic/firefox@"), "{firefox:#}");
    assert_eq!(purl(packages["SPDXRef-apt-cron"]), "pkg:deb/ubuntu/cron?distro=ubuntu-24.04");
    let cron = packages["SPDXRef-apt-cron"];
    assert_eq!(
        (&cron["versionInfo"], &cron["licenseDeclared"]),
        (&Value::Null, &"NOASSERTION".into())
    );
    let comment = cron["comment"].as_str().unwrap();
    assert!(comment.starts_with("Brought by cron (spec/components/cron.toml:"), "{comment}");
    assert!(purl(packages["SPDXRef-base-ubuntu"]).starts_with("pkg:oci/ubuntu@sha256:"));
}

/// What a child asks for again is the parent's.
#[test]
fn a_package_that_a_chain_asks_for_twice_is_in_the_document_once() {
    let stack = Stack::small();
    let held = |image: &str| {
        let document = sbom(stack.root(), &["child"]);
        let packages = packages(&document);
        let held = related(&document, &format!("SPDXRef-image-{image}"), "CONTAINS");
        let names = held.into_iter().map(|id| packages[id]["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let packages = "[apt]\npackages = [\"curl\", \"jq\", \"sudo\"]\n\n[check]";
    stack.edit("spec/components/extra.toml", "[check]", packages);
    assert_eq!(held("base"), ["ca-certificates", "curl", "sudo"]);
    assert_eq!(held("child"), ["jq"]);
}

#[test]
fn the_same_spec_gives_the_same_bytes_and_another_one_another_name_space() {
    let stack = Stack::small();
    let first = stack.rdspec(&["sbom", "base"]).expect(0).stdout;
    assert_eq!(stack.rdspec(&["sbom", "base"]).expect(0).stdout, first);
    let space = |text: &str| {
        let document: Value = serde_json::from_str(text).unwrap();
        document["documentNamespace"].as_str().unwrap().to_owned()
    };
    assert!(
        space(&first)
            .starts_with("https://spdx.org/spdxdocs/registry.example.org-demo-base-latest-")
    );
    stack.edit("spec/components/tool.toml", "\"sudo\"", "\"sudo\", \"jq\"");
    assert_ne!(space(&stack.rdspec(&["sbom", "base"]).expect(0).stdout), space(&first));
    let real = sbom(repository(), &["base"]);
    // `source-date-epoch` of the stack.
    assert_eq!(real["creationInfo"]["created"], "2026-01-01T00:00:00Z");
}

/// Every manager, with what the spec pins of each.
#[test]
fn packages_of_every_manager_have_their_type_version_and_sum() {
    let stack = Stack::new(&packages_spec());
    let plans = &compiled(&packages_spec()).plan.images;
    let mut kinds = BTreeSet::new();
    for plan in plans {
        let arguments = [plan.name.as_str(), "--variant", plan.variant.as_str()];
        let document = sbom(stack.root(), &arguments);
        for (id, package) in packages(&document) {
            let purl = purl(package);
            let kind = purl.strip_prefix("pkg:").unwrap().split('/').next().unwrap().to_owned();
            if matches!(kind.as_str(), "pypi" | "npm" | "conda" | "cran") {
                let version = package["versionInfo"].as_str().unwrap();
                let version = version.replace('!', "%21").replace('+', "%2B");
                assert!(purl.contains(&format!("@{version}")), "{id}: {purl}");
            }
            kinds.insert(kind);
        }
    }
    let expected = ["conda", "cran", "deb", "generic", "npm", "oci", "pypi"];
    assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

/// An image of the small stack: a base, and the layer of the packages of its component.
fn built(files: &SpecFiles) -> BuiltImage {
    let output = compiled(files);
    let plan = &output.plan.images[0];
    let dockerfile = output.tree.get(&format!("{}/Dockerfile", plan.folder)).unwrap();
    let text = String::from_utf8(dockerfile.bytes.to_vec()).unwrap();
    let step = |script: &str| {
        let line = text.lines().find(|line| line.contains(&format!("/run/{script} #"))).unwrap();
        format!("RUN /bin/sh -c {}", line.trim())
    };
    let status = |packages: &[(&str, &str)]| {
        let record = |(name, version): &(&str, &str)| {
            format!(
                "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n"
            )
        };
        packages.iter().map(record).collect::<String>().into_bytes()
    };
    let base = Tar::new()
        .file("usr/lib/os-release", 0o644, b"NAME=x\nID=debian\nVERSION_ID=\"12\"\n")
        .file("var/lib/dpkg/status", 0o644, &status(&[("bash", "5.2-1"), ("libc6", "2.36")]))
        .file("var/lib/dpkg/info/bash.list", 0o644, b"/bin/bash\n")
        .file("var/lib/dpkg/info/libc6:amd64.list", 0o644, b"/lib\n");
    let all = [("bash", "5.2-1"), ("libaudit1", "1:3.0"), ("libc6", "2.36"), ("sudo", "1.9")];
    let apt = Tar::new()
        .file("var/lib/dpkg/status", 0o644, &status(&all))
        .file("var/lib/dpkg/info/sudo.list", 0o644, b"/usr/bin/sudo\n")
        .file("var/lib/dpkg/info/libaudit1:amd64.list", 0o644, b"/etc/x\n");
    let tool = Tar::new()
        .file(
            "opt/v/site-packages/a_b-1.dist-info/METADATA",
            0o644,
            b"Metadata-Version: 2.4\nName: A_b\nVersion: 1.0\nLicense-Expression: MIT\n\nText",
        )
        .file(
            "usr/lib/node_modules/n/package.json",
            0o644,
            br#"{"name": "n", "version": "1.0.0", "license": "SEE LICENSE IN x"}"#,
        )
        .file("opt/c/conda-meta/z-1.0-h0_1.json", 0o644, b"{}")
        .file(
            "opt/r/library/cli/DESCRIPTION",
            0o644,
            b"Package: cli\nVersion: 1.0\nBuilt: R 4.2\n",
        );
    BuiltImage::new("x:built")
        .layer("/bin/sh -c #(nop) ADD file", base.bytes())
        .layer(&step("apt-normal.sh"), apt.bytes())
        .layer(&step("tool.sh"), tool.bytes())
}

#[test]
fn a_built_image_is_described_from_its_own_databases() {
    let files = rdspec::workspace::Workspace::new(Stack::small().root()).load().unwrap();
    let stack = Stack::new(&files);
    let archive = built(&files).save(&stack.path("image.tar"));
    let document = sbom(stack.root(), &["base", "--built", archive.to_str().unwrap()]);
    let packages = packages(&document);
    let of = |id: &str| {
        let package = packages[id];
        (
            purl(package),
            package["versionInfo"].as_str().unwrap(),
            package["comment"].as_str().unwrap(),
        )
    };
    let (location, version, comment) = of("SPDXRef-apt-sudo");
    assert_eq!((location, version), ("pkg:deb/debian/sudo@1.9?arch=amd64&distro=debian-12", "1.9"));
    assert_eq!(comment, "Brought by tool (spec/components/tool.toml:4)");
    let (location, _, comment) = of("SPDXRef-apt-libaudit1");
    assert_eq!(location, "pkg:deb/debian/libaudit1@1:3.0?arch=amd64&distro=debian-12");
    assert_eq!(comment, "In the layer apt-normal of base, of tool");
    assert_eq!(of("SPDXRef-apt-bash").2, "In the base image");
    assert_eq!(of("SPDXRef-python-A-b").0, "pkg:pypi/a-b@1.0");
    assert_eq!(
        of("SPDXRef-python-A-b").2,
        "In the layer tool of base, of tool; in /opt/v/site-packages"
    );
    assert_eq!(packages["SPDXRef-python-A-b"]["licenseDeclared"], "MIT");
    assert_eq!(packages["SPDXRef-node-n"]["licenseDeclared"], "NOASSERTION");
    assert_eq!(of("SPDXRef-conda-z").0, "pkg:conda/z@1.0?build=h0_1");
    assert_eq!(of("SPDXRef-r-cli").0, "pkg:cran/cli@1.0");
    let base = related(&document, "SPDXRef-base-debian", "CONTAINS");
    assert_eq!(base, ["SPDXRef-apt-bash", "SPDXRef-apt-libc6"].into());
    assert_eq!(related(&document, "SPDXRef-image-base", "CONTAINS").len(), 6);
}

#[test]
fn what_is_not_there_is_said() {
    let stack = Stack::small();
    let said = |arguments: &[&str], status: i32| stack.rdspec(arguments).expect(status).stderr;
    assert!(said(&["sbom"], 2).contains("<IMAGE>"));
    assert!(said(&["sbom", "bsae"], 2).contains("did you mean `base`?"));
    assert!(said(&["sbom", "base", "--variant", "tow"], 2).contains("did you mean `two`?"));
    assert!(said(&["sbom", "base", "--built", "./gone.tar"], 4).contains("gone.tar"));
}

/// The tools of the SPDX project read each document by the rules of the specification.
#[test]
#[ignore = "needs pyspdxtools: run tests/run"]
fn an_independent_validator_takes_every_document() {
    let program =
        std::env::var("PYSPDXTOOLS").expect("PYSPDXTOOLS names the program; tests/run sets it");
    let folder = tempfile::tempdir().unwrap();
    let validated = |document: &Value, name: &str| {
        let path = folder.path().join(format!("{name}.spdx.json"));
        std::fs::write(&path, document.to_string()).unwrap();
        let output = Command::new(&program).arg("--infile").arg(&path).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&text));
    };
    for files in [spec(), packages_spec()] {
        let stack = Stack::new(&files);
        for plan in &compiled(&files).plan.images {
            let (image, variant) = (plan.name.as_str(), plan.variant.as_str());
            let document = sbom(stack.root(), &[image, "--variant", variant]);
            validated(&document, &format!("{variant}-{image}"));
            // It does find mistakes.
            let mut wrong = document;
            wrong["packages"][0]["downloadLocation"] = "nowhere".into();
            let path = folder.path().join("wrong.spdx.json");
            std::fs::write(&path, wrong.to_string()).unwrap();
            let output = Command::new(&program).arg("--infile").arg(&path).output().unwrap();
            assert!(!output.status.success());
        }
    }
    let files = rdspec::workspace::Workspace::new(Stack::small().root()).load().unwrap();
    let stack = Stack::new(&files);
    let archive = built(&files).save(&stack.path("image.tar"));
    validated(&sbom(stack.root(), &["base", "--built", archive.to_str().unwrap()]), "built");
}
