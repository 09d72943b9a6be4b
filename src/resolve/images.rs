//! Images and variants: what each image is built on and which components it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::inheritance::{build_order, known_image};
use super::precedence::{self, KnownNames};
use super::stack::PartialStack;
use super::{check, component, label, ownership, template, upstream};
use crate::diagnostic::{COMPONENT, Code, Diagnostic, Diagnostics, suggest};
use crate::model::reference::{Digest, Reference};
use crate::model::stack::{Base, External};
use crate::model::{Component, Image, Name, Variant};
use crate::parallel;
use crate::parse::Syntax;
use crate::source::Spanned;
use crate::syntax;
use crate::syntax::component::ComponentFile;
use crate::syntax::stack::StackFile;

/// What each component is in one variant, resolved once however many images list it.
type Resolved<'spec> = BTreeMap<&'spec str, Option<Arc<Component>>>;

/// The keys that say which components an image has.
pub(super) const LISTS: &[&str] =
    &["images", "extends", "components", "variants", "add", "without", "replace", LISTED];

/// Stands for a name in such a list that is no component's.
const LISTED: &str = "a listed name";

pub(super) fn resolve(stack: &mut PartialStack<'_>, syntax: &Syntax, found: &mut Diagnostics) {
    let Some(plain) = syntax.stacks.first() else { return };
    if plain.images.is_empty() {
        let help = "name at least one image: [images.base] with `from` and `components`";
        check::missing_in(plain.file, stack.context.files, "images", help, found);
    }
    let known = KnownNames::of(syntax.components.values().flatten().map(AsRef::as_ref));
    let mut used = BTreeSet::new();
    // Components by the address of their file as the variant has it: variants share what is the same.
    let mut resolved: BTreeMap<*const ComponentFile, Option<Arc<Component>>> = BTreeMap::new();
    for (index, file) in syntax.stacks.iter().enumerate() {
        let Some(name) = stack.context.variants.get(index).cloned() else { continue };
        check_variant(plain, file, found);
        let mut order = build_order(file, found);
        // An image that only a variant names is a slip, which was reported; its table is not a whole image.
        order.retain(|&at| plain.images.iter().any(|(key, _)| *key == file.images[at].0));
        let mut names: BTreeMap<&str, &Spanned<String>> = BTreeMap::new();
        for listed in file.images.iter().flat_map(|(_, image)| listed(file, image)) {
            used.insert(listed.written.value.as_str());
            if let Some(name) = listed.used {
                names.entry(name.value.as_str()).or_insert(name);
            }
        }
        used.extend(names.keys());
        let as_written = |name: &str| syntax.components.get(name).and_then(|all| all.get(index));
        let new: Vec<&Arc<ComponentFile>> = names
            .keys()
            .filter_map(|name| as_written(name))
            .filter(|written| !resolved.contains_key(&Arc::as_ptr(written)))
            .collect();
        let context = &stack.context;
        let work = |written: &&Arc<ComponentFile>, found: &mut Diagnostics| {
            component::resolve(context, written, found).map(Arc::new)
        };
        let results = parallel::map_checked(&new, parallel::COMPONENTS, found, work);
        for (written, _) in new.iter().zip(&results).filter(|(_, result)| result.is_none()) {
            found.lose(written.file, COMPONENT);
        }
        resolved.extend(new.into_iter().map(Arc::as_ptr).zip(results));
        let mut components = Resolved::new();
        for (key, name) in names {
            let component = if let Some(written) = as_written(key) {
                resolved.get(&Arc::as_ptr(written)).cloned().flatten()
            } else {
                unknown_component(stack, name, syntax, found);
                None
            };
            components.insert(key, component);
        }
        let variant = resolve_variant(stack, file, &name, &order, &components, &known, found);
        stack.variants.push(variant);
    }
    report_unused(stack, syntax, &used, found);
}

/// Images and components that a variant names have to exist.
fn check_variant(plain: &StackFile, file: &StackFile, found: &mut Diagnostics) {
    let names: BTreeSet<&str> = file
        .images
        .iter()
        .flat_map(|(_, image)| &image.components)
        .map(|name| name.value.as_str())
        .collect();
    for name in file.without.iter().chain(file.replace.iter().map(|(old, _)| old)) {
        if !names.contains(name.value.as_str()) {
            let message = format!("no image lists the component `{name}`");
            let mut diagnostic = Diagnostic::new(Code::UnknownComponent, &name.span, message)
                .presumes(&["images", "components"]);
            diagnostic.help = suggest::help(&name.value, names.iter().copied());
            found.push(diagnostic);
        }
    }
    for (old, _) in &file.replace {
        if let Some(without) = file.without.iter().find(|without| without.value == old.value) {
            let message = format!("the variant replaces `{old}` and leaves it out");
            found.push(
                Diagnostic::new(Code::ConflictingKeys, &old.span, message)
                    .related(&without.span, "left out here")
                    .help("remove one of the two"),
            );
        }
    }
    let is_empty = |file: &StackFile| {
        file.images.iter().flat_map(|(_, image)| listed(file, image)).all(|one| one.used.is_none())
    };
    if let Some(key) = &file.variant
        && is_empty(file)
        && !is_empty(plain)
    {
        let message = format!("the variant `{key}` leaves no component in any image");
        found.push(
            Diagnostic::new(Code::ConflictingKeys, &key.span, message)
                .help("keep some, or remove the variant"),
        );
    }
    for (key, image) in &file.images {
        known_image(plain, key, found);
        for name in &image.add {
            let mut removed = file.without.iter().chain(&image.without);
            if let Some(without) = removed.find(|without| without.value == name.value) {
                let message = format!("the variant adds `{name}` and leaves it out");
                found.push(
                    Diagnostic::new(Code::ConflictingKeys, &name.span, message)
                        .related(&without.span, "left out here")
                        .help("remove one of the two"),
                );
            }
        }
        for name in &image.without {
            if image.components.iter().all(|listed| listed.value != name.value) {
                let message = format!("`{key}` does not list the component `{name}`");
                let mut diagnostic = Diagnostic::new(Code::UnknownComponent, &name.span, message)
                    .presumes(&["images", "components"]);
                let names = image.components.iter().map(|name| name.value.as_str());
                diagnostic.help = suggest::help(&name.value, names);
                found.push(diagnostic);
            }
        }
    }
}

/// An entry of an image's `components`, and what the variant has in its place, if anything.
struct Listed<'file> {
    written: &'file Spanned<String>,
    used: Option<&'file Spanned<String>>,
}

/// What an image lists, with the changes of the variant.
fn listed<'file>(
    file: &'file StackFile,
    image: &'file syntax::stack::Image,
) -> impl Iterator<Item = Listed<'file>> {
    let contains =
        |names: &[Spanned<String>], name: &str| names.iter().any(|other| other.value == name);
    image.components.iter().chain(&image.add).map(move |written| {
        let name = written.value.as_str();
        let used = if contains(&file.without, name) || contains(&image.without, name) {
            None
        } else {
            let replaced = file.replace.iter().find(|(old, _)| old.value == name);
            Some(replaced.map_or(written, |(_, new)| new))
        };
        Listed { written, used }
    })
}

fn resolve_variant(
    stack: &PartialStack<'_>,
    file: &StackFile,
    name: &Name,
    order: &[usize],
    components: &Resolved<'_>,
    known: &KnownNames<'_>,
    found: &mut Diagnostics,
) -> Variant {
    let bootstrap = file
        .bootstrap
        .as_ref()
        .and_then(|bootstrap| bootstrap.packages.as_ref())
        .map(|packages| check::packages(&packages.value, found))
        .unwrap_or_default();
    let mut resolved = Variant {
        name: name.clone(),
        is_default: file.variant.is_none(),
        apt: super::stack::apt(file, found),
        bootstrap,
        images: Vec::new(),
    };
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    for &at in order {
        let (key, image) = &file.images[at];
        let Some(name) = check::named(key, Code::BadName, "the image name", Name::parse, found)
        else {
            found.lose(file.file, "extends");
            continue;
        };
        let list: Vec<_> = listed(file, image)
            .filter_map(|listed| {
                let name = listed.used?;
                Some((components.get(name.value.as_str())?.clone()?, name))
            })
            .collect();
        let Some(base) = base(image, key, found) else {
            found.lose(file.file, "extends");
            continue;
        };
        let parent = match &base {
            Base::Parent(parent) => positions.get(parent.as_str()).copied(),
            Base::External(_) => None,
        };
        precedence::check(&resolved, parent, &list, known, found);
        let components = list.into_iter().map(|(component, _)| component).collect();
        positions.insert(key.value.as_str(), resolved.images.len());
        let labels = label::labels(&file.stack.labels, &image.labels, found);
        let size = image.max_size.as_ref().or(file.stack.max_size.as_ref());
        let max_size = size.and_then(|size| label::size(size, found));
        resolved.images.push(Image {
            name,
            span: key.span.clone(),
            base,
            parent,
            components,
            labels,
            max_size,
            rendered: BTreeMap::new(),
        });
    }
    ownership::check(&stack.context, file, &resolved, found);
    template::render(stack, &mut resolved, found);
    resolved
}

fn unknown_component(
    stack: &PartialStack<'_>,
    name: &Spanned<String>,
    syntax: &Syntax,
    found: &mut Diagnostics,
) {
    let files = stack.context.files;
    let path = format!("components/{name}.toml");
    if files.get(&path).is_some() {
        return; // Its file has a syntax error, which is reported there.
    }
    found.lose(name.span.file, LISTED);
    let mut diagnostic = Diagnostic::new(
        Code::UnknownComponent,
        &name.span,
        format!("there is no component `{name}`"),
    )
    .label(format!("{}/{path} does not exist", files.root()));
    let known = || syntax.components.keys().map(String::as_str);
    let plain = name.value.trim_start_matches("components/").trim_end_matches(".toml");
    let near = known().find(|known| *known == plain);
    diagnostic.help = Some(match near.or_else(|| suggest::nearest(&name.value, known())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "create the file, or take the name out of the list".to_owned(),
    });
    found.push(diagnostic);
}

fn base(
    image: &syntax::stack::Image,
    key: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<Base> {
    if let Some(parent) = &image.extends {
        let external = [&image.base.from, &image.base.digest, &image.base.unpinned];
        let external = external.into_iter().flatten().map(|extra| &extra.span);
        for extra in external.chain(image.base.upstream.as_ref().map(|extra| &extra.span)) {
            found.push(
                Diagnostic::new(
                    Code::ConflictingKeys,
                    extra,
                    format!("`{key}` extends `{parent}`, so it has no base image of its own"),
                )
                .related(&parent.span, "extends")
                .help("keep `extends` for an image of this stack, `from` for one from elsewhere"),
            );
        }
        return check::named(parent, Code::BadName, "the image name", Name::parse, found)
            .map(Base::Parent);
    }
    let base = &image.base;
    let Some(from) = &base.from else {
        let help = "an image starts `from` a base image, or `extends` an image of this stack";
        check::missing_all(&key.span, &["from", "extends"], help, found);
        return None;
    };
    let reference =
        check::named(from, Code::BadReference, "the base image", Reference::parse, found)
            .map(|reference| Spanned::new(reference, from.span.clone()));
    let digest = base.digest.as_ref().and_then(|digest| {
        let checked = check::named(digest, Code::BadDigest, "the digest", Digest::parse, found)?;
        Some(Spanned::new(checked, digest.span.clone()))
    });
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
            .help(format!(
                "add digest = \"sha256:…\", which `docker buildx imagetools inspect {from}` prints, or say why it has none: unpinned = \"reason\""
            )),
        ),
        (Some(digest), Some(reason)) => found.push(
            Diagnostic::new(
                Code::ConflictingKeys,
                &reason.span,
                "the base image has a digest and a reason for having none",
            )
            .related(&digest.span, "the digest")
            .help("keep `digest`: a base image that has one is pinned"),
        ),
        _ => {}
    }
    if let (Some(upstream), Some(reason)) = (&base.upstream, &base.unpinned) {
        let message = "the base image has no digest, so it does not move to new tags";
        found.push(
            Diagnostic::new(Code::ConflictingKeys, &upstream.span, message)
                .related(&reason.span, "why it has none")
                .help("give it a digest, or remove `upstream`"),
        );
    }
    let reference = reference?;
    let upstream = base.upstream.as_ref();
    let upstream =
        upstream.and_then(|written| upstream::of_base(written, &reference, found)).map(Box::new);
    Some(Base::External(External { reference, digest, unpinned, upstream }))
}

/// Component files that no image uses are checked all the same, and reported.
fn report_unused(
    stack: &PartialStack<'_>,
    syntax: &Syntax,
    used: &BTreeSet<&str>,
    found: &mut Diagnostics,
) {
    for (name, files) in &syntax.components {
        let Some(file) = files.first().filter(|_| !used.contains(name.as_str())) else { continue };
        component::resolve(&stack.context, file, found);
        found.push(
            Diagnostic::new(
                Code::UnusedComponent,
                &file.span,
                format!("no image lists the component `{name}`"),
            )
            .presumes(LISTS)
            .help("add its name to `components` of an image in stack.toml, or remove the file"),
        );
    }
}
