//! The picture of the stack: what Graphviz, a reader of XML and a reader of Mermaid's labels see in it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use proptest::collection::vec;
use proptest::prelude::*;
use rdspec::render::quote::picture::{dot, mermaid, xml};

use crate::harness::{Stack, output, rdspec, repository, run, tool};

/// The picture that the README shows.
const PICTURE: &str = "tests/desktop/stack.svg";

fn graph(arguments: &[&str]) -> String {
    run(rdspec().arg("-C").arg(repository()).arg("graph").args(arguments)).expect(0).stdout
}

/// All components and images of the default variant of this repository's stack.
fn names() -> BTreeSet<String> {
    let variant = &output().stack.variants[0];
    let images = variant.images.iter();
    images
        .flat_map(|image| {
            let components = image.components.iter().map(|one| one.name.to_string());
            components.chain([image.name.to_string()])
        })
        .collect()
}

/// The texts of a document, by the reader of XML that Python has.
fn texts(document: &str) -> Vec<String> {
    let script = "import json, sys, xml.etree.ElementTree as tree\n\
         root = tree.fromstring(sys.stdin.buffer.read())\n\
         print(json.dumps([one.text or '' for one in root.iter() if one.tag.endswith('}text')]))";
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, document.as_bytes()).unwrap();
    let mut command = tool("python3", "python3");
    let input = fs::File::open(file.path()).unwrap();
    let output = command.args(["-c", script]).stdin(input).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What Graphviz draws of a text in its language.
fn drawn(text: &str) -> Vec<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    let run = run(tool("dot", "graphviz").arg("-Tsvg").arg(file.path())).expect(0);
    assert!(!run.stderr.contains("syntax error"), "{}", run.stderr);
    // It draws a space as one that does not break.
    texts(&run.stdout).into_iter().map(|text| text.replace('\u{a0}', " ")).collect()
}

#[test]
fn the_picture_of_the_readme_is_that_of_the_stack() {
    let on_disk = fs::read_to_string(repository().join(PICTURE)).unwrap_or_default();
    let is_true = on_disk == graph(&["--format", "svg"]);
    assert!(is_true, "{PICTURE} is old: run `rdspec graph --format svg >{PICTURE}`");
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    assert!(readme.contains(&format!("]({PICTURE})")));
}

#[test]
fn the_svg_is_xml_with_every_name_and_nothing_from_elsewhere() {
    for layers in [&[][..], &["--layers"]] {
        let svg = graph(&[&["--format", "svg"], layers].concat());
        let texts: BTreeSet<String> = texts(&svg).into_iter().collect();
        let missing: Vec<String> =
            names().into_iter().filter(|name| !texts.contains(name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert_eq!(svg.matches("http").count(), 1, "only the name space of SVG");
        assert!(!svg.contains("href") && !svg.contains("@import") && !svg.contains("url("));
    }
}

#[test]
fn graphviz_draws_every_name() {
    for layers in [&[][..], &["--layers"]] {
        let words: BTreeSet<String> = drawn(&graph(&[&["--format", "dot"], layers].concat()))
            .iter()
            .flat_map(|line| line.split([',', ' ', ':']).map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let missing: Vec<String> =
            names().into_iter().filter(|name| !words.contains(name)).collect();
        assert!(missing.is_empty(), "{missing:?} in {words:?}");
    }
}

/// A reader of labels as the documentation of Mermaid has them: `#` and a number up to `;` is a character.
fn read_back(label: &str) -> String {
    let mut text = String::new();
    let mut rest = label;
    while let Some((before, after)) = rest.split_once('#') {
        let (code, behind) = after.split_once(';').unwrap();
        text.push_str(before);
        text.push(char::from_u32(code.parse().unwrap()).unwrap());
        rest = behind;
    }
    text + rest
}

#[test]
fn mermaid_has_every_name_and_the_chain() {
    let text = graph(&["--format", "mermaid"]);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert_eq!(lines[..4], ["---", "title: \"remote-desktop (ubuntu)\"", "---", "flowchart TD"]);
    let labels = lines.iter().filter_map(|line| Some(line.split_once('"')?.1.split_once('"')?.0));
    let words: BTreeSet<String> = labels
        .flat_map(|label| label.split("<br/>").map(read_back).collect::<Vec<_>>())
        .flat_map(|line| line.split([',', ' ']).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let missing: Vec<String> = names().into_iter().filter(|name| !words.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?} in {words:?}");
    let arrows: Vec<&&str> = lines.iter().filter(|line| line.contains("-->")).collect();
    assert_eq!(arrows, [&"base0 --> image0", &"image0 --> image1", &"image1 --> image2"]);
    // Every other line is a node, with balanced signs around its label.
    let nodes = lines[4..].iter().filter(|line| !line.contains("-->"));
    let is_node = |line: &&&str| {
        let (start, end) = (line.find('"').unwrap(), line.rfind('"').unwrap());
        start < end
            && matches!((&line[..start], &line[end + 1..]), (open, "]" | "])") if open.ends_with(['[', '(']))
    };
    assert!(nodes.clone().count() == 4 && nodes.clone().all(|line| is_node(&line)), "{text}");
    let layers = graph(&["--format", "mermaid", "--layers", "--variant", "debian"]);
    let count = |sign: &str| layers.lines().filter(|line| line.trim().starts_with(sign)).count();
    assert_eq!(count("subgraph "), 3, "{layers}");
    assert_eq!(count("end"), 3, "{layers}");
}

#[test]
fn one_image_is_shown_with_what_it_is_built_on() {
    let text = graph(&["r", "--variant", "debian"]);
    assert!(text.starts_with("debian:bookworm\n└─ base: "), "{text}");
    assert!(text.contains("   └─ r: ") && !text.contains("geomatics"), "{text}");
    let stack = Stack::small();
    let said = |arguments: &[&str]| stack.rdspec(arguments).expect(2).stderr;
    assert!(said(&["graph", "bsae"]).contains("did you mean `base`?"));
    assert!(said(&["graph", "--variant", "tow"]).contains("did you mean `two`?"));
    let expected = "debian:bookworm\n└─ base: 1 component, 9 layers\n   │  tool\n   └─ child: 1 component, 2 layers\n         extra\n";
    assert_eq!(stack.rdspec(&["graph"]).expect(0).stdout, expected);
}

/// Strings of everything that some of the languages find special, and anything else, without those that XML has not.
fn strings() -> impl Strategy<Value = Vec<String>> {
    let string = prop_oneof!["[-'\"\\\\$`!#&;|<>(){}\\[\\]%=, a-cnNlGE]{1,12}", "\\PC{1,12}"];
    vec(string.prop_filter("XML has it", |text| xml(text).is_ok()), 60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_reader_of_xml_reads_back_every_string(values in strings()) {
        let mut document = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\">");
        for value in &values {
            write!(document, "<text>{}</text>", xml(value).unwrap()).unwrap();
        }
        document.push_str("</svg>");
        prop_assert_eq!(texts(&document), values);
    }

    #[test]
    fn graphviz_reads_back_every_string(values in strings()) {
        let mut text = String::from("digraph x { layout=osage; node [shape=plaintext];\n");
        for (at, value) in values.iter().enumerate() {
            writeln!(text, "n{at} [label=\"x{}x\"];", dot(value).unwrap()).unwrap();
        }
        text.push('}');
        let expected: BTreeSet<String> = values.iter().map(|value| format!("x{value}x").replace('\u{a0}', " ")).collect();
        prop_assert_eq!(drawn(&text).into_iter().collect::<BTreeSet<String>>(), expected);
    }

    #[test]
    fn labels_of_mermaid_have_no_markup(values in strings()) {
        for value in values {
            let label = mermaid(&value).unwrap();
            prop_assert!(!label.contains(['"', '<', '>', '&', '`']), "{}", label);
            prop_assert_eq!(read_back(&label), value);
        }
    }
}
