//! Images and variants: what each image is built on and which components it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::stack::PartialStack;
use super::{check, component, ownership};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::model::names::{Digest, Reference};
use crate::model::stack::{Base, External};
use crate::model::{Component, Image, Name, Variant};
use crate::source::Spanned;
use crate::syntax::{self, ComponentFile, StackFile};

type Components<'spec> = BTreeMap<&'spec str, &'spec ComponentFile>;

pub(super) fn resolve(
    stack: &mut PartialStack<'_>,
    file: &StackFile,
    components: &Components<'_>,
    found: &mut Diagnostics,
) {
    if file.images.is_empty() {
        check::missing(
            &file.stack.span,
            "images",
            "name at least one image: [images.base] with `from` and `components`",
            found,
        );
    }
    check_variants(file, found);
    let order = build_order(file, found);
    let mut used = BTreeSet::new();
    for (index, variant) in stack.context.variants.clone().iter().enumerate() {
        let overrides = index.checked_sub(1).and_then(|at| file.variants.get(at)).map(|(_, v)| v);
        let resolved =
            resolve_variant(stack, file, overrides, variant, &order, components, &mut used, found);
        stack.variants.push(resolved);
    }
    report_unused(stack, components, &used, found);
}

/// Images and components that a variant names have to exist.
fn check_variants(file: &StackFile, found: &mut Diagnostics) {
    let listed: BTreeSet<&str> = file
        .images
        .iter()
        .flat_map(|(_, image)| image.components.iter().map(|name| name.value.as_str()))
        .collect();
    for (_, variant) in &file.variants {
        for name in variant.without.iter().chain(variant.replace.iter().map(|(old, _)| old)) {
            if !listed.contains(name.value.as_str()) {
                let message = format!("no image lists the component `{name}`");
                let mut diagnostic = Diagnostic::new(Code::UnknownComponent, &name.span, message);
                diagnostic.help = suggest::help(&name.value, listed.iter().copied());
                found.push(diagnostic);
            }
        }
        for (name, _) in &variant.images {
            known_image(file, name, found);
        }
    }
}

fn known_image<'file>(
    file: &'file StackFile,
    name: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<&'file syntax::Image> {
    if let Some((_, image)) = file.images.iter().find(|(key, _)| key.value == name.value) {
        return Some(image);
    }
    let mut diagnostic =
        Diagnostic::new(Code::UnknownImage, &name.span, format!("there is no image `{name}`"));
    diagnostic.help =
        suggest::help(&name.value, file.images.iter().map(|(key, _)| key.value.as_str()));
    found.push(diagnostic);
    None
}

/// The images' positions, each after the one that it extends; images of a cycle are left out.
fn build_order(file: &StackFile, found: &mut Diagnostics) -> Vec<usize> {
    let position: BTreeMap<&str, usize> =
        file.images.iter().enumerate().map(|(at, (key, _))| (key.value.as_str(), at)).collect();
    let parent: Vec<Option<usize>> = file
        .images
        .iter()
        .map(|(_, image)| {
            let parent = image.extends.as_ref()?;
            known_image(file, parent, found)?;
            position.get(parent.value.as_str()).copied()
        })
        .collect();
    let mut order = Vec::with_capacity(parent.len());
    let mut placed = vec![false; parent.len()];
    let mut in_cycle = vec![false; parent.len()];
    for start in 0..parent.len() {
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(image) = at.filter(|&image| !placed[image] && !in_cycle[image]) {
            if let Some(first) = path.iter().position(|&earlier| earlier == image) {
                let cycle = &path[first..];
                report_cycle(file, cycle, found);
                for &image in cycle {
                    in_cycle[image] = true;
                }
                break;
            }
            path.push(image);
            at = parent[image];
        }
        for image in path.into_iter().rev() {
            let broken = in_cycle[image] || parent[image].is_some_and(|parent| in_cycle[parent]);
            if broken {
                in_cycle[image] = true;
            } else {
                placed[image] = true;
                order.push(image);
            }
        }
    }
    order
}

fn report_cycle(file: &StackFile, cycle: &[usize], found: &mut Diagnostics) {
    let mut names: Vec<&str> = cycle.iter().map(|&at| file.images[at].0.value.as_str()).collect();
    names.extend(names.first().copied());
    let spans: Vec<_> = cycle.iter().filter_map(|&at| file.images[at].1.extends.as_ref()).collect();
    let Some(first) = spans.first() else { return };
    let message = format!("images extend each other in a circle: {}", names.join(" -> "));
    let mut diagnostic = Diagnostic::new(Code::ImageCycle, &first.span, message)
        .help("one of them has to start `from` an image from elsewhere");
    for other in spans.iter().skip(1) {
        diagnostic = diagnostic.related(&other.span, "and this one");
    }
    found.push(diagnostic);
}

#[expect(clippy::too_many_arguments, reason = "one call; a struct for it would name nothing")]
fn resolve_variant(
    stack: &PartialStack<'_>,
    file: &StackFile,
    overrides: Option<&syntax::Variant>,
    variant: &Name,
    order: &[usize],
    components: &Components<'_>,
    used: &mut BTreeSet<String>,
    found: &mut Diagnostics,
) -> Variant {
    let bootstrap = file
        .bootstrap
        .as_ref()
        .and_then(|bootstrap| bootstrap.packages.as_ref())
        .map(|packages| stack.context.packages(packages, variant, found))
        .unwrap_or_default();
    let mut resolved = Variant {
        name: variant.clone(),
        is_default: overrides.is_none(),
        bootstrap,
        images: Vec::new(),
    };
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    let mut cache: BTreeMap<String, Option<Arc<Component>>> = BTreeMap::new();
    for &at in order {
        let (key, image) = &file.images[at];
        let Some(name) = check::named(key, Code::BadName, "the image name", Name::parse, found)
        else {
            continue;
        };
        let base = base(image, key, overrides, found);
        let mut list = Vec::new();
        for written in &image.components {
            let Some(name) = after_overrides(written, overrides) else {
                used.insert(written.value.clone());
                continue;
            };
            used.insert(name.value.clone());
            used.insert(written.value.clone());
            let component = cache.entry(name.value.clone()).or_insert_with(|| {
                let Some(file) = components.get(name.value.as_str()) else {
                    unknown_component(stack, name, components, found);
                    return None;
                };
                component::resolve(&stack.context, file, variant, found).map(Arc::new)
            });
            list.extend(component.clone().map(|component| (component, name)));
        }
        let Some(base) = base else { continue };
        let parent = match &base {
            Base::Parent(parent) => positions.get(parent.as_str()).copied(),
            Base::External(_) => None,
        };
        ownership::check_components(&resolved, parent, &list, found);
        let components = list.into_iter().map(|(component, _)| component).collect();
        positions.insert(key.value.as_str(), resolved.images.len());
        resolved.images.push(Image { name, span: key.span.clone(), base, parent, components });
    }
    ownership::check(&stack.context, stack.refresh.is_some(), file, &resolved, found);
    resolved
}

/// The component that a variant has in the place of `written`, if it has one.
fn after_overrides<'file>(
    written: &'file Spanned<String>,
    overrides: Option<&'file syntax::Variant>,
) -> Option<&'file Spanned<String>> {
    let Some(overrides) = overrides else { return Some(written) };
    if overrides.without.iter().any(|name| name.value == written.value) {
        return None;
    }
    let replaced = overrides.replace.iter().find(|(old, _)| old.value == written.value);
    Some(replaced.map_or(written, |(_, new)| new))
}

fn unknown_component(
    stack: &PartialStack<'_>,
    name: &Spanned<String>,
    components: &Components<'_>,
    found: &mut Diagnostics,
) {
    let files = stack.context.files;
    let path = format!("components/{name}.toml");
    if files.get(&path).is_some() {
        return; // Its file has a syntax error, which is reported there.
    }
    let mut diagnostic = Diagnostic::new(
        Code::UnknownComponent,
        &name.span,
        format!("there is no component `{name}`"),
    )
    .label(format!("{}/{path} does not exist", files.root()));
    diagnostic.help = suggest::help(&name.value, components.keys().copied());
    found.push(diagnostic);
}

fn base(
    image: &syntax::Image,
    key: &Spanned<String>,
    overrides: Option<&syntax::Variant>,
    found: &mut Diagnostics,
) -> Option<Base> {
    let variant = overrides
        .and_then(|overrides| overrides.images.iter().find(|(name, _)| name.value == key.value));
    if let Some(parent) = &image.extends {
        let external = [&image.base.from, &image.base.digest, &image.base.unpinned];
        let inner =
            variant.into_iter().flat_map(|(_, base)| [&base.from, &base.digest, &base.unpinned]);
        for extra in external.into_iter().chain(inner).flatten() {
            found.push(
                Diagnostic::new(
                    Code::ConflictingKeys,
                    &extra.span,
                    format!("`{key}` extends `{parent}`, so it has no base image of its own"),
                )
                .related(&parent.span, "extends"),
            );
        }
        return check::named(parent, Code::BadName, "the image name", Name::parse, found)
            .map(Base::Parent);
    }
    let base = variant.map_or(&image.base, |(_, base)| base);
    let table = variant.map_or(&key.span, |(key, _)| &key.span);
    let from = check::required(
        base.from.as_ref(),
        table,
        "from",
        "an image starts `from` a base image, or `extends` an image of this stack",
        found,
    )?;
    let reference =
        check::named(from, Code::BadReference, "the base image", Reference::parse, found);
    let digest = base
        .digest
        .as_ref()
        .map(|digest| check::named(digest, Code::BadDigest, "the digest", Digest::parse, found));
    let unpinned =
        base.unpinned.as_ref().and_then(|reason| check::line(reason, "the reason", found));
    match (&base.digest, &base.unpinned) {
        (None, None) => found.push(
            Diagnostic::new(
                Code::UnpinnedBase,
                &from.span,
                format!("the base image `{from}` has no digest"),
            )
            .label("the tag can move at any time")
            .help("add digest = \"sha256:…\", or say why it has none: unpinned = \"reason\""),
        ),
        (Some(digest), Some(reason)) => found.push(
            Diagnostic::new(
                Code::ConflictingKeys,
                &reason.span,
                "the base image has a digest and a reason for having none",
            )
            .related(&digest.span, "the digest"),
        ),
        _ => {}
    }
    Some(Base::External(External { reference: reference?, digest: digest.flatten(), unpinned }))
}

/// Component files that no image uses are checked all the same, and reported.
fn report_unused(
    stack: &PartialStack<'_>,
    components: &Components<'_>,
    used: &BTreeSet<String>,
    found: &mut Diagnostics,
) {
    let Some(variant) = stack.context.variants.first() else { return };
    for (name, file) in components {
        if used.contains(*name) {
            continue;
        }
        component::resolve(&stack.context, file, variant, found);
        found.push(
            Diagnostic::new(
                Code::UnusedComponent,
                &file.span,
                format!("no image lists the component `{name}`"),
            )
            .help("add its name to `components` of an image in stack.toml, or remove the file"),
        );
    }
}
