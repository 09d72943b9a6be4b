//! `stack.toml`.

use std::cell::Cell;

use toml::de::{DeTable, DeValue};

use super::decode::{Reader, Table};
use super::{DEFAULT_VARIANT, overlay};
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Span, Spanned};
use crate::syntax::stack::{AptSettings, Base, Bootstrap, Image, Stack, StackFile, User};

/// What a variant can lay over the plain tables.
const OVERLAID: &[&str] = &["apt", "images"];

/// Reads the file as each variant has it, the default one first.
pub(super) fn parse(file: FileId, text: &str, found: &mut Diagnostics) -> Option<Vec<StackFile>> {
    let plain = super::root(file, text, found)?;
    let default = plain
        .get("stack")
        .and_then(|stack| stack.get_ref().get("default-variant"))
        .and_then(|name| name.get_ref().as_str())
        .unwrap_or(DEFAULT_VARIANT);
    let keys: Vec<Spanned<String>> = match plain.get("variants").map(toml::Spanned::get_ref) {
        Some(DeValue::Table(variants)) => {
            let mut keys: Vec<_> = variants
                .keys()
                .map(|key| {
                    let span = Span::new(file, key.span());
                    Spanned::new(key.get_ref().clone().into_owned(), span)
                })
                .collect();
            keys.sort_by_key(|key| key.span.start);
            keys
        }
        _ => Vec::new(),
    };
    let names: Vec<String> = std::iter::once(default.to_owned())
        .chain(keys.iter().map(|key| key.value.clone()))
        .collect();
    let mut stacks = Vec::with_capacity(names.len());
    for (index, variant) in names.iter().enumerate() {
        let reader = Reader {
            file,
            variant: variant.clone(),
            variants: names.clone(),
            depends: Cell::new(false),
        };
        let key = index.checked_sub(1).and_then(|at| keys.get(at));
        stacks.push(for_variant(&reader, plain.clone(), key, &keys, found));
    }
    Some(stacks)
}

fn for_variant<'input>(
    reader: &'input Reader,
    mut plain: DeTable<'input>,
    key: Option<&Spanned<String>>,
    keys: &[Spanned<String>],
    found: &mut Diagnostics,
) -> StackFile {
    // Taken out with its key, which is put back for the message if it is no table.
    let variants = plain.remove_entry("variants");
    let mut overrides = (Vec::new(), Vec::new());
    if let Some((variants_key, variants)) = variants {
        if variants.get_ref().is_table() {
            if let (Some(key), DeValue::Table(mut variants)) = (key, variants.into_inner())
                && let Some(own) = variants.remove(key.value.as_str())
            {
                overrides = variant(reader, key, own, &mut plain, found);
            }
        } else {
            plain.insert(variants_key, variants);
        }
    }
    let mut root = Table::new(reader, "stack.toml", Span::new(reader.file, 0..0), plain);
    if root.has("variants") {
        root.table("variants", found); // no table, which this says
    }
    let stack = match root.table("stack", found) {
        Some(table) => stack(table, found),
        None => no_stack(reader.file),
    };
    let apt = root.table("apt", found).map(|mut table| {
        let settings = AptSettings {
            span: table.span(),
            refresh: table.string("refresh", found),
            snapshot: table.string("snapshot", found),
        };
        table.finish(found);
        settings
    });
    let bootstrap = root.table("bootstrap", found).map(|mut table| {
        let bootstrap =
            Bootstrap { span: table.span(), packages: table.spanned_strings("packages", found) };
        table.finish(found);
        bootstrap
    });
    let user = root.table("user", found).map(|table| user(table, found));
    let images = root
        .tables("images", found)
        .into_iter()
        .map(|(name, table)| (name, image(table, key.is_some(), found)))
        .collect();
    let ci = root.table("ci", found).map(|table| super::ci::parse(table, found));
    let accept = root.string_map("accept", found);
    root.finish(found);
    StackFile {
        file: reader.file,
        variant: key.cloned(),
        variants: keys.to_vec(),
        without: overrides.0,
        replace: overrides.1,
        accept,
        stack,
        apt,
        bootstrap,
        user,
        images,
        ci,
    }
}

type Overrides = (Vec<Spanned<String>>, Vec<(Spanned<String>, Spanned<String>)>);

/// Lays the tables of a variant over the plain ones; gives what is left of it: `without` and `replace`.
fn variant<'input>(
    reader: &'input Reader,
    key: &Spanned<String>,
    own: toml::Spanned<DeValue<'input>>,
    plain: &mut DeTable<'input>,
    found: &mut Diagnostics,
) -> Overrides {
    let name = format!("[variants.{key}]");
    if !own.get_ref().is_table() {
        found.push(super::wrong_type::not_a_table(reader.file, &own, &name));
        found.lose(reader.file, "variants");
        return Overrides::default();
    }
    let DeValue::Table(mut own) = own.into_inner() else { return Overrides::default() };
    let mut over = DeTable::new();
    for overlaid in OVERLAID {
        if let Some((key, value)) = own.remove_entry(*overlaid) {
            over.insert(key, value);
        }
    }
    overlay::lay_over(plain, over);
    let mut table = Table::new(reader, &name, key.span.clone(), own);
    let overrides = (table.strings("without", found), table.string_map("replace", found));
    table.knows(OVERLAID);
    table.finish(found);
    overrides
}

fn no_stack(file: FileId) -> Stack {
    Stack {
        span: Span::new(file, 0..0),
        name: None,
        registry: None,
        tag: None,
        platforms: None,
        default_variant: None,
        source_date_epoch: None,
        languages: None,
        max_size: None,
        labels: Vec::new(),
    }
}

fn stack(mut table: Table<'_>, found: &mut Diagnostics) -> Stack {
    let stack = Stack {
        span: table.span(),
        name: table.string("name", found),
        registry: table.string("registry", found),
        tag: table.string("tag", found),
        platforms: table.spanned_strings("platforms", found),
        default_variant: table.string("default-variant", found),
        source_date_epoch: table.integer("source-date-epoch", found),
        languages: table.spanned_strings("languages", found),
        max_size: table.string("max-size", found),
        labels: table.string_map("labels", found),
    };
    table.finish(found);
    stack
}

fn user(mut table: Table<'_>, found: &mut Diagnostics) -> User {
    let user = User {
        span: table.span(),
        name: table.string("name", found),
        uid: table.integer("uid", found),
        gid: table.integer("gid", found),
        home: table.string("home", found),
        skeleton: table.string("skeleton", found),
        shell: table.string("shell", found),
        replaces: table.strings("replaces", found),
        groups: table.strings("groups", found),
    };
    table.finish(found);
    user
}

/// An image; `add` and `without` are keys of variants only.
fn image(mut table: Table<'_>, in_variant: bool, found: &mut Diagnostics) -> Image {
    let image = Image {
        span: table.span(),
        base: Base {
            from: table.string("from", found),
            digest: table.string("digest", found),
            unpinned: table.string("unpinned", found),
            upstream: table
                .table("upstream", found)
                .map(|table| super::packages::base_upstream(table, found)),
        },
        extends: table.string("extends", found),
        components: table.strings("components", found),
        add: if in_variant { table.strings("add", found) } else { Vec::new() },
        without: if in_variant { table.strings("without", found) } else { Vec::new() },
        max_size: table.string("max-size", found),
        labels: table.string_map("labels", found),
    };
    table.finish(found);
    image
}
