//! A comparison for a person: sizes, packages, settings, files by folder.
//!
//! Takes a [`Comparison`], gives lines: `+` is new, `-` is gone, `~` is not the same.

use crate::commands::table::{Align, aligned};
use crate::comparison::folders::Folder;
use crate::comparison::settings::Setting;
use crate::comparison::{Comparison, PackageChange, Side};
use crate::model::size::display;

/// Longer values are cut.
const WIDEST: usize = 60;

/// Writes the comparison; with `all_files`, every file.
pub(super) fn write(comparison: &Comparison, all_files: bool) -> String {
    let mut parts = vec![head(comparison)];
    for side in [&comparison.old, &comparison.new] {
        parts.extend(unreadable(side));
    }
    if !comparison.packages.is_empty() {
        parts.push(packages(&comparison.packages));
    }
    if !comparison.settings.is_empty() {
        parts.push(settings(&comparison.settings));
    }
    if !comparison.files.is_empty() {
        parts.push(folders(&comparison.folders));
        if all_files {
            let lines: Vec<String> =
                comparison.files.iter().map(|difference| format!("  {difference}\n")).collect();
            parts.push(format!("every file (left is old, right is new)\n{}", lines.concat()));
        }
    }
    if comparison.is_same() {
        parts.push("nothing differs\n".to_owned());
    }
    parts.join("\n")
}

fn head(comparison: &Comparison) -> String {
    let row = |name: &str, side: &Side| {
        [
            name.to_owned(),
            side.reference.clone(),
            display(side.size),
            format!("in {} layers", side.layers),
            format!("{} files", side.files),
        ]
    };
    let rows = [row("old", &comparison.old), row("new", &comparison.new)];
    let (left, right) = (Align::Left, Align::Right);
    let grown = i128::from(comparison.new.size) - i128::from(comparison.old.size);
    aligned(&rows, [left, left, right, left, right], 0) + &format!("size {}\n", signed(grown))
}

fn signed(bytes: i128) -> String {
    let sign = if bytes < 0 { "-" } else { "+" };
    format!("{sign}{}", display(u64::try_from(bytes.unsigned_abs()).unwrap_or(u64::MAX)))
}

fn unreadable(side: &Side) -> Option<String> {
    if side.unreadable_package_lists.is_empty() {
        return None;
    }
    let paths: Vec<String> =
        side.unreadable_package_lists.iter().map(|path| format!("  /{path}\n")).collect();
    Some(format!("packages of {} are not told whole by\n{}", side.reference, paths.concat()))
}

fn packages(changes: &[PackageChange]) -> String {
    let mark = |change: &PackageChange| match (change.old.is_empty(), change.new.is_empty()) {
        (true, _) => "+",
        (_, true) => "-",
        _ => "~",
    };
    let versions = |versions: &std::collections::BTreeSet<String>| {
        versions.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    let rows: Vec<[String; 5]> = changes
        .iter()
        .map(|change| {
            let (old, new) = (versions(&change.old), versions(&change.new));
            let arrow = if old.is_empty() || new.is_empty() { "" } else { " -> " };
            [
                mark(change).to_owned(),
                change.package.manager.to_string(),
                change.package.name.clone(),
                format!("{old}{arrow}{new}"),
                change.package.place.clone().unwrap_or_default(),
            ]
        })
        .collect();
    format!("packages: {}\n{}", counts(changes, mark), aligned(&rows, [Align::Left; 5], 2))
}

fn counts<T>(changes: &[T], mark: impl Fn(&T) -> &'static str) -> String {
    let count = |wanted| changes.iter().filter(|change| mark(change) == wanted).count();
    format!("{} added, {} removed, {} changed", count("+"), count("-"), count("~"))
}

fn settings(settings: &[Setting]) -> String {
    let mark = |setting: &Setting| match (&setting.old, &setting.new) {
        (None, _) => "+",
        (_, None) => "-",
        _ => "~",
    };
    let rows: Vec<[String; 3]> = settings
        .iter()
        .map(|setting| {
            let values: Vec<String> =
                setting.old.iter().chain(&setting.new).map(|value| shortened(value)).collect();
            [mark(setting).to_owned(), setting.name.clone(), values.join(" -> ")]
        })
        .collect();
    format!("settings: {}\n{}", counts(settings, mark), aligned(&rows, [Align::Left; 3], 2))
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}

fn folders(folders: &[Folder]) -> String {
    let sum = |count: fn(&Folder) -> usize| folders.iter().map(count).sum::<usize>();
    let number = |sign: &str, count: usize| match count {
        0 => String::new(),
        count => format!("{sign}{count}"),
    };
    let rows: Vec<[String; 5]> = folders
        .iter()
        .map(|folder| {
            [
                number("+", folder.added),
                number("-", folder.removed),
                number("~", folder.changed),
                if folder.grown == 0 { String::new() } else { signed(folder.grown) },
                if folder.path.is_empty() { "/".to_owned() } else { folder.path.clone() },
            ]
        })
        .collect();
    let (left, right) = (Align::Left, Align::Right);
    format!(
        "files: {} added, {} removed, {} changed\n{}",
        sum(|folder| folder.added),
        sum(|folder| folder.removed),
        sum(|folder| folder.changed),
        aligned(&rows, [right, right, right, right, left], 2)
    )
}
