//! What images extend: each image after its parent, and no circle.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggest};
use crate::source::Spanned;
use crate::syntax;
use crate::syntax::stack::StackFile;

/// The image of a name; that there is none is reported.
pub(super) fn known_image<'file>(
    file: &'file StackFile,
    name: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<&'file syntax::stack::Image> {
    if let Some((_, image)) = file.images.iter().find(|(key, _)| key.value == name.value) {
        return Some(image);
    }
    let mut diagnostic =
        Diagnostic::new(Code::UnknownImage, &name.span, format!("there is no image `{name}`"))
            .presumes(&["images"]);
    diagnostic.help =
        suggest::help(&name.value, file.images.iter().map(|(key, _)| key.value.as_str()));
    found.push(diagnostic);
    found.lose(file.file, "extends");
    None
}

/// The images' positions, each after the one that it extends; images of a cycle are left out.
pub(super) fn build_order(file: &StackFile, found: &mut Diagnostics) -> Vec<usize> {
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
    found.lose(file.file, "extends");
}
