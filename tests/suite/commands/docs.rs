//! `rdspec docs`: tables of what each image holds, as an independent reader of Markdown sees them.

use std::fmt::Write as _;
use std::fs;

use proptest::collection::vec;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use rdspec::render::quote::markdown::{address, text};

use crate::harness::{Stack, output, rdspec, repository, run};

/// The tables of the desktop.
const TABLES: &str = "tests/desktop/images.md";

/// The cells of all tables, row by row, and the number of other events that a text would not make.
fn cells(page: &str) -> (Vec<Vec<String>>, usize) {
    let (mut rows, mut markup) = (Vec::new(), 0);
    for event in Parser::new_ext(page, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::TableRow) => rows.push(Vec::new()),
            Event::Start(Tag::TableCell) => {
                rows.last_mut()
                    .into_iter()
                    .for_each(|row: &mut Vec<String>| row.push(String::new()));
            }
            Event::Text(text) => {
                if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
                    cell.push_str(&text);
                }
            }
            Event::Start(
                Tag::Table(_)
                | Tag::TableHead
                | Tag::Link { .. }
                | Tag::Heading { .. }
                | Tag::Paragraph,
            )
            | Event::End(
                TagEnd::Table
                | TagEnd::TableHead
                | TagEnd::TableRow
                | TagEnd::TableCell
                | TagEnd::Link
                | TagEnd::Heading(_)
                | TagEnd::Paragraph,
            ) => {}
            _ => markup += 1,
        }
    }
    (rows, markup)
}

fn docs(arguments: &[&str]) -> String {
    run(rdspec().arg("-C").arg(repository()).arg("docs").args(arguments)).expect(0).stdout
}

#[test]
fn the_tables_of_the_repository_are_those_of_the_stack() {
    let mut command = rdspec();
    command.arg("-C").arg(repository()).args(["docs", "--write", TABLES, "--check"]);
    let run = run(&mut command);
    assert_eq!(
        run.status,
        Some(0),
        "{TABLES} is old: run `rdspec docs --write {TABLES}`\n{}",
        run.stdout
    );
}

#[test]
fn every_package_and_download_has_a_row() {
    let (rows, _) = cells(&docs(&[]));
    let variant = &output().stack.variants[0];
    let components = || variant.images.iter().flat_map(|image| &image.components);
    for component in components() {
        let packages = component.packages.iter().map(ToString::to_string);
        let downloads = component.downloads.iter().map(|download| download.name.to_string());
        for name in packages.chain(downloads) {
            let has =
                |row: &&Vec<String>| row[0] == name && row[5].contains(component.name.as_str());
            assert!(rows.iter().any(|row| has(&row)), "{name} of {}", component.name);
        }
    }
    let row = |name: &str| rows.iter().find(|row| row[0] == name).unwrap().clone();
    let firefox = row("firefox");
    assert_eq!(firefox[2..], ["download", firefox[3].as_str(), "MPL-2.0", "firefox"]);
    assert!(firefox[1].ends_with("esr") && firefox[3].starts_with("https://archive.mozilla.org/"));
    let qgis = row("qgis");
    let date = variant.date().unwrap();
    assert_eq!(qgis[1..3], [format!("of {date}"), "apt package".to_owned()]);
    assert_eq!(qgis[3], "https://qgis.org/ubuntu, archive of ubuntu:24.04");
    assert_eq!(row("curl")[5], "the stack");
}

#[test]
fn one_image_and_another_variant_can_be_asked_for() {
    let page = docs(&["r", "--variant", "debian"]);
    assert!(page.contains("# What is in the images of remote-desktop (debian)\n"), "{page}");
    assert!(page.contains("\n## r\n") && !page.contains("## geomatics"), "{page}");
    assert!(page.contains("It has what base has, and:\n\n| name |"), "{page}");
    assert!(page.contains("| r-base | of "), "{page}");
}

#[test]
fn a_file_is_written_and_kept_true() {
    let stack = Stack::small();
    let docs = |arguments: &[&str]| stack.rdspec(&[&["docs"], arguments].concat());
    let missing = docs(&["--write", "docs/images.md", "--check"]).expect(1);
    assert!(missing.stdout.contains("+## base"), "{}", missing.stdout);
    assert!(!stack.path("docs").exists());
    let run = docs(&["--write", "docs/images.md"]).expect(0);
    assert_eq!((run.stdout.as_str(), run.stderr.contains("wrote docs/images.md")), ("", true));
    let written = fs::read_to_string(stack.path("docs/images.md")).unwrap();
    assert_eq!(written, docs(&[]).expect(0).stdout);
    docs(&["--write", "docs/images.md", "--check"]).expect(0);
    stack.edit("spec/components/tool.toml", "\"sudo\"", "\"sudo\", \"jq\"");
    let run = docs(&["--write", "docs/images.md", "--check"]).expect(1);
    assert!(run.stdout.contains("+| jq | of 2026-11-23 | apt package |"), "{}", run.stdout);
    assert!(run.stderr.contains("run the same without --check"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(stack.path("docs/images.md")).unwrap(), written);
    docs(&["--check"]).expect(2);
}

#[test]
fn a_file_of_somebody_else_stays() {
    let stack = Stack::small();
    let before = std::fs::read(stack.path("spec/stack.toml")).unwrap();
    for more in [&[][..], &["--check"]] {
        let arguments = [&["docs", "--write", "spec/stack.toml"], more].concat();
        let run = stack.rdspec(&arguments).expect(2);
        assert!(run.stderr.contains("is no file of `rdspec docs`"), "{}", run.stderr);
    }
    assert_eq!(std::fs::read(stack.path("spec/stack.toml")).unwrap(), before);
}

/// Strings of everything that Markdown finds special, and anything else.
fn strings() -> impl Strategy<Value = Vec<String>> {
    let string = prop_oneof![
        "[-'\"\\\\$`!*_#&;|<>(){}\\[\\]~:/.@+=, a-c0-9]{1,16}",
        "&[a-z]{2,5};|<[a-z]+>|https?://[a-z.]{3,9}|www\\.[a-z]+\\.org|\\$[a-z]+\\$",
        "\\PC{1,12}",
    ];
    vec(string, 50)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_reader_of_markdown_reads_back_every_text(values in strings()) {
        let mut page = String::from("| x | y |\n|---|---|\n");
        for value in &values {
            writeln!(page, "| {} | z |", text(value).unwrap()).unwrap();
        }
        let (rows, markup) = cells(&page);
        let read: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        prop_assert_eq!(read, values);
        prop_assert!(rows.iter().all(|row| row.len() == 2 && row[1] == "z"));
        prop_assert_eq!(markup, 0);
    }

    #[test]
    fn a_reader_of_markdown_reads_back_every_address(path in "[a-zA-Z0-9._~!&'()*+,;=:@%/?#-]{0,30}") {
        let url = format!("https://example.org/{path}");
        let (rows, _) = cells(&format!("| x |\n|---|\n| {} |\n", address(&url).unwrap()));
        prop_assert_eq!(&rows[0][0], &url);
    }
}
