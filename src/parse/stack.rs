//! `stack.toml`.

use toml::Spanned as TomlSpanned;
use toml::de::DeValue;

use super::decode::{Table, as_string, wrong_type};
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Span};
use crate::syntax::{
    AptSettings, Base, Bootstrap, Image, Package, Stack, StackFile, User, Variant,
};

pub(super) fn parse(file: FileId, text: &str, found: &mut Diagnostics) -> Option<StackFile> {
    let mut root = super::root(file, text, "stack.toml", found)?;
    let stack = match root.table("stack", found) {
        Some(table) => stack(table, found),
        None => Stack {
            span: Span::new(file, 0..0),
            name: None,
            registry: None,
            tag: None,
            platforms: None,
            default_variant: None,
            source_date_epoch: None,
        },
    };
    let apt = root.table("apt", found).map(|mut table| {
        let settings = AptSettings { refresh: table.string("refresh", found) };
        table.finish(found);
        settings
    });
    let bootstrap = root.table("bootstrap", found).map(|mut table| {
        let bootstrap =
            Bootstrap { span: table.span(), packages: packages(file, &mut table, found) };
        table.finish(found);
        bootstrap
    });
    let user = root.table("user", found).map(|table| user(table, found));
    let images = root
        .tables("images", found)
        .into_iter()
        .map(|(name, table)| (name, image(table, found)))
        .collect();
    let variants = root
        .tables("variants", found)
        .into_iter()
        .map(|(name, table)| (name, variant(table, found)))
        .collect();
    root.finish(found);
    Some(StackFile { file, stack, apt, bootstrap, user, images, variants })
}

fn stack(mut table: Table<'_>, found: &mut Diagnostics) -> Stack {
    let stack = Stack {
        span: table.span(),
        name: table.string("name", found),
        registry: table.string("registry", found),
        tag: table.string("tag", found),
        platforms: table.spanned_strings("platforms", found).map(|list| list.value),
        default_variant: table.string("default-variant", found),
        source_date_epoch: table.integer("source-date-epoch", found),
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
    };
    table.finish(found);
    user
}

fn base(table: &mut Table<'_>, found: &mut Diagnostics) -> Base {
    Base {
        from: table.string("from", found),
        digest: table.string("digest", found),
        unpinned: table.string("unpinned", found),
    }
}

fn image(mut table: Table<'_>, found: &mut Diagnostics) -> Image {
    let image = Image {
        base: base(&mut table, found),
        extends: table.string("extends", found),
        components: table.strings("components", found),
    };
    table.finish(found);
    image
}

fn variant(mut table: Table<'_>, found: &mut Diagnostics) -> Variant {
    let variant = Variant {
        without: table.strings("without", found),
        replace: table.string_map("replace", found),
        images: table
            .tables("images", found)
            .into_iter()
            .map(|(name, mut image)| {
                let base = base(&mut image, found);
                image.finish(found);
                (name, base)
            })
            .collect(),
    };
    table.finish(found);
    variant
}

/// `packages = ["git", { ubuntu = "bsdtar", debian = "libarchive-tools" }]`
pub(super) fn packages(
    file: FileId,
    table: &mut Table<'_>,
    found: &mut Diagnostics,
) -> Option<Vec<Package>> {
    let (_, elements) = table.list("packages", "a list of package names", found)?;
    Some(elements.into_iter().filter_map(|element| package(file, element, found)).collect())
}

fn package(
    file: FileId,
    element: TomlSpanned<DeValue<'_>>,
    found: &mut Diagnostics,
) -> Option<Package> {
    if let Some(name) = as_string(file, &element) {
        return Some(Package::Everywhere(name));
    }
    let span = Span::new(file, element.span());
    if !element.get_ref().is_table() {
        let wanted = "package names, or tables of a package name by variant";
        found.push(wrong_type(file, &element, "`packages`", wanted));
        return None;
    }
    let DeValue::Table(names) = element.into_inner() else { return None };
    Some(Package::ByVariant(
        Table::new(file, "a package by variant", span, names).into_string_map(found),
    ))
}
