//! The graph as a tree of text.

use super::{Graph, Image};

/// How many characters of names a line has.
const WIDTH: usize = 88;

/// How long the name of a layer can be beside which its components stand.
const BESIDE: usize = 40;

/// The tree: images below what they are built on, with their components or, if wanted, their layers.
pub fn tree(graph: &Graph, with_layers: bool) -> String {
    let mut lines = Vec::new();
    for (at, image) in graph.images.iter().enumerate() {
        if image.parent.is_none() {
            let base = image.base.as_deref().unwrap_or("an image that is not shown");
            lines.push(base.to_owned());
            branch(graph, at, "", true, with_layers, &mut lines);
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// One image with its children; `before` is what stands before its line.
fn branch(
    graph: &Graph,
    at: usize,
    before: &str,
    is_last: bool,
    with_layers: bool,
    lines: &mut Vec<String>,
) {
    let Some(image) = graph.images.get(at) else { return };
    let children: Vec<usize> = (0..graph.images.len())
        .filter(|child| graph.images.get(*child).is_some_and(|child| child.parent == Some(at)))
        .collect();
    let corner = if is_last { "└─" } else { "├─" };
    lines.push(format!("{before}{corner} {}: {}", image.name, image.size()));
    let below = format!("{before}{}", if is_last { "   " } else { "│  " });
    let stem = if children.is_empty() { "   " } else { "│  " };
    let content = content(image, with_layers).into_iter();
    lines.extend(content.map(|line| format!("{below}{stem}{line}")));
    for child in &children {
        branch(graph, *child, &below, Some(child) == children.last(), with_layers, lines);
    }
}

/// What stands below the name of an image.
fn content(image: &Image, with_layers: bool) -> Vec<String> {
    if !with_layers {
        return wrapped(&image.components);
    }
    let lengths = image.layers.iter().map(|layer| layer.name.chars().count());
    let widest = lengths.filter(|length| *length <= BESIDE).max().unwrap_or(0);
    let mut lines = Vec::new();
    for layer in &image.layers {
        let of_stack = vec!["the stack".to_owned()];
        let owners = if layer.components.is_empty() { &of_stack } else { &layer.components };
        let mut name = layer.name.as_str();
        if name.chars().count() > BESIDE {
            lines.push(name.to_owned());
            name = "";
        }
        for line in wrapped(owners) {
            lines.push(format!("{name:<widest$}  {line}"));
            name = "";
        }
    }
    lines
}

/// Names with commas between them, in lines that are not too long.
pub fn wrapped(names: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let comma = if at + 1 < names.len() { "," } else { "" };
        match lines.last_mut() {
            Some(line) if line.chars().count() + name.chars().count() + 2 <= WIDTH => {
                line.extend([" ", name, comma]);
            }
            _ => lines.push(format!("{name}{comma}")),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::{Graph, Image, Layer};
    use super::{WIDTH, tree, wrapped};

    fn image(name: &str, parent: Option<usize>, components: &[&str]) -> Image {
        Image {
            name: name.to_owned(),
            parent,
            base: parent.is_none().then(|| "debian:bookworm".to_owned()),
            components: components.iter().map(|name| (*name).to_owned()).collect(),
            layers: vec![
                Layer { name: "bootstrap".to_owned(), components: Vec::new() },
                Layer { name: "apt-normal".to_owned(), components: vec!["a".to_owned()] },
            ],
        }
    }

    #[test]
    fn children_hang_below_their_parents() {
        let graph = Graph {
            stack: "x".to_owned(),
            variant: "v".to_owned(),
            images: vec![
                image("base", None, &["a", "b"]),
                image("left", Some(0), &["c"]),
                image("deep", Some(1), &[]),
                image("right", Some(0), &["d"]),
            ],
        };
        let expected = "\
debian:bookworm
└─ base: 2 components, 2 layers
   │  a, b
   ├─ left: 1 component, 2 layers
   │  │  c
   │  └─ deep: 0 components, 2 layers
   └─ right: 1 component, 2 layers
         d
";
        assert_eq!(tree(&graph, false), expected);
        let layers = tree(&graph, true);
        assert!(layers.contains("   │  bootstrap   the stack\n   │  apt-normal  a\n"), "{layers}");
    }

    #[test]
    fn long_lists_are_wrapped() {
        let names: Vec<String> = (0..60).map(|number| format!("component-{number}")).collect();
        let lines = wrapped(&names);
        assert!(lines.len() > 5 && lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(lines.join(" "), names.join(", "));
    }
}
