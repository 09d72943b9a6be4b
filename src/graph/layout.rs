//! Where everything of the picture is: cards below each other, each a little to the right of what it is built on.
//!
//! Takes a graph, gives numbers of pixels. A name is as wide as a font of fixed width has it, so that nothing depends on
//! the fonts of a machine.

use serde::Serialize;

use super::{Graph, Image};

/// The width of the whole picture.
const WIDTH: usize = 860;
/// Between the edge of the picture and what is in it.
const MARGIN: usize = 20;
/// How far a child is to the right of its parent.
const INDENT: usize = 34;
/// Between two cards.
const GAP: usize = 18;
/// Between the edge of a card and what is in it.
const PADDING: usize = 14;
/// The height of the title of a card, and of a card that is nothing but a title.
const TITLE: usize = 34;
/// The height of a chip.
const CHIP: usize = 22;
/// Between two chips.
const SPACE: usize = 6;
/// On either side of the text of a chip.
const AROUND: usize = 8;
/// Tenths of a pixel that a character of the chips' font is wide: 12 pixels high, six tenths of that wide.
const CHARACTER: usize = 72;
/// How wide the name of a layer can be beside which its components stand.
const BESIDE: usize = 260;
/// Where the tip of an arrow begins, before the card.
const TIP: usize = 7;

/// The picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// Its width.
    pub width: usize,
    /// Its height.
    pub height: usize,
    /// What it shows, for those who cannot see it.
    pub title: String,
    /// Images from elsewhere and of the stack.
    pub cards: Vec<Card>,
    /// What is built on what.
    pub arrows: Vec<Arrow>,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Card {
    /// Left edge.
    pub x: usize,
    /// Upper edge.
    pub y: usize,
    /// Its width.
    pub width: usize,
    /// Its height.
    pub height: usize,
    /// Where its title begins.
    pub title_x: usize,
    /// The line that its title stands on.
    pub title_y: usize,
    /// The end of its note.
    pub note_x: usize,
    /// Its name.
    pub title: String,
    /// How much it has.
    pub note: String,
    /// Whether it is from elsewhere.
    pub is_base: bool,
    /// Names of layers.
    pub labels: Vec<Label>,
    /// Names of components.
    pub chips: Vec<Chip>,
}

/// The name of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// Where it begins.
    pub x: usize,
    /// The line that it stands on.
    pub y: usize,
    /// The name.
    pub text: String,
}

/// The name of a component in its box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chip {
    /// Left edge.
    pub x: usize,
    /// Upper edge.
    pub y: usize,
    /// Its width.
    pub width: usize,
    /// Its height.
    pub height: usize,
    /// The middle of its text.
    pub middle: usize,
    /// The line that its text stands on.
    pub baseline: usize,
    /// The name.
    pub text: String,
    /// Whether it is no component.
    pub is_stack: bool,
}

/// A line down from a card and to the right, to a card that is built on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Arrow {
    /// Where it goes down.
    pub x: usize,
    /// Where it begins.
    pub from: usize,
    /// Where it turns.
    pub to: usize,
    /// Where its line ends and its tip begins.
    pub end: usize,
    /// The point of its tip.
    pub tip: usize,
}

/// Lays out a graph, with components or with layers.
pub fn picture(graph: &Graph, with_layers: bool) -> Picture {
    let mut cards: Vec<Card> = Vec::new();
    let mut arrows = Vec::new();
    let mut y = MARGIN;
    // For each image, its card.
    let mut places: Vec<usize> = Vec::new();
    for image in &graph.images {
        let parent = image.parent.and_then(|parent| places.get(parent)).copied();
        let below = parent.unwrap_or_else(|| {
            let base = image.base.clone().unwrap_or_default();
            let card =
                Card { is_base: true, ..empty_card(MARGIN, y, base, "from elsewhere".into()) };
            y += card.height + GAP;
            cards.push(card);
            cards.len() - 1
        });
        let Some(on) = cards.get(below) else { continue };
        let card = card(image, on.x + INDENT, y, with_layers);
        arrows.push(Arrow {
            x: on.x + INDENT / 2,
            from: on.y + on.height,
            to: card.y + TITLE / 2,
            end: card.x - TIP,
            tip: card.x,
        });
        y += card.height + GAP;
        places.push(cards.len());
        cards.push(card);
    }
    let widest = cards.iter().map(|card| card.x + card.width).max().unwrap_or(0);
    let title = format!("The images of the stack {} ({})", graph.stack, graph.variant);
    Picture {
        width: widest.max(WIDTH - MARGIN) + MARGIN,
        height: y - GAP + MARGIN,
        title,
        cards,
        arrows,
    }
}

fn empty_card(x: usize, y: usize, title: String, note: String) -> Card {
    let needed = text_width(&title) * 4 / 3 + text_width(&note) + 3 * PADDING;
    let width = (WIDTH - MARGIN).saturating_sub(x).max(needed);
    Card {
        x,
        y,
        width,
        height: TITLE,
        title_x: x + PADDING,
        title_y: y + TITLE / 2 + 5,
        note_x: x + width - PADDING,
        title,
        note,
        is_base: false,
        labels: Vec::new(),
        chips: Vec::new(),
    }
}

fn card(image: &Image, x: usize, y: usize, with_layers: bool) -> Card {
    let mut card = empty_card(x, y, image.name.clone(), image.size());
    let mut y = y + TITLE;
    if with_layers {
        let widths = image.layers.iter().map(|layer| text_width(&layer.name));
        let widest = widths.filter(|width| *width <= BESIDE).max().unwrap_or(0);
        let left = card.title_x + widest + PADDING;
        for layer in &image.layers {
            let label = Label { x: card.title_x, y: baseline(y), text: layer.name.clone() };
            card.labels.push(label);
            if text_width(&layer.name) > BESIDE {
                y += CHIP;
            }
            y = chips(&mut card, &layer.components, left, y) + SPACE;
        }
    } else if !image.components.is_empty() {
        let left = card.title_x;
        y = chips(&mut card, &image.components, left, y) + SPACE;
    }
    if y > card.y + TITLE {
        card.height = y - SPACE + PADDING - card.y;
    }
    card
}

/// Sets chips beside and below each other; gives where the last ones end.
fn chips(card: &mut Card, names: &[String], left: usize, mut y: usize) -> usize {
    let right = card.x + card.width - PADDING;
    let of_stack = ["the stack".to_owned()];
    let (names, is_stack) = if names.is_empty() { (&of_stack[..], true) } else { (names, false) };
    let mut x = left;
    for name in names {
        let width = text_width(name) + 2 * AROUND;
        if x > left && x + width > right {
            x = left;
            y += CHIP + SPACE;
        }
        card.chips.push(Chip {
            x,
            y,
            width,
            height: CHIP,
            middle: x + width / 2,
            baseline: baseline(y),
            text: name.clone(),
            is_stack,
        });
        x += width + SPACE;
    }
    y + CHIP
}

/// The line that a text of a chip stands on.
fn baseline(y: usize) -> usize {
    y + CHIP / 2 + 4
}

fn text_width(text: &str) -> usize {
    (text.chars().count() * CHARACTER).div_ceil(10)
}

#[cfg(test)]
mod tests {
    use super::super::{Graph, Image, Layer};
    use super::{Picture, picture};

    fn graph(components: usize) -> Graph {
        let image = |name: &str, parent: Option<usize>| Image {
            name: name.to_owned(),
            parent,
            base: parent.is_none().then(|| "debian:bookworm".to_owned()),
            components: (0..components).map(|number| format!("component-{number}")).collect(),
            layers: vec![Layer {
                name: "apt-normal ".repeat(components % 7 + 1),
                components: (0..components / 2).map(|number| format!("c-{number}")).collect(),
            }],
        };
        let images =
            vec![image("a", None), image("b", Some(0)), image("c", Some(0)), image("d", None)];
        Graph { stack: "x".to_owned(), variant: "v".to_owned(), images }
    }

    /// Nothing sticks out, and no two chips or cards touch.
    fn check(picture: &Picture) {
        let mut below = 0;
        for card in &picture.cards {
            assert!(card.y >= below && card.x + card.width <= picture.width, "{card:#?}");
            below = card.y + card.height;
            for (at, chip) in card.chips.iter().enumerate() {
                assert!(
                    chip.x >= card.x && chip.x + chip.width <= card.x + card.width,
                    "{chip:#?}"
                );
                assert!(chip.y >= card.y && chip.y + chip.height <= below, "{chip:#?}");
                for other in &card.chips[..at] {
                    let beside = other.x + other.width <= chip.x || chip.x + chip.width <= other.x;
                    let under = other.y + other.height <= chip.y;
                    assert!(beside || under, "{other:#?} is over {chip:#?}");
                }
            }
        }
        assert!(below <= picture.height);
    }

    #[test]
    fn nothing_overlaps_however_much_there_is() {
        for components in [0, 1, 7, 80] {
            for with_layers in [false, true] {
                check(&picture(&graph(components), with_layers));
            }
        }
    }

    #[test]
    fn every_image_has_a_card_and_an_arrow_from_what_it_is_built_on() {
        let picture = picture(&graph(3), false);
        let titles: Vec<&str> = picture.cards.iter().map(|card| card.title.as_str()).collect();
        assert_eq!(titles, ["debian:bookworm", "a", "b", "c", "debian:bookworm", "d"]);
        let from: Vec<usize> = picture
            .arrows
            .iter()
            .map(|arrow| {
                let ends = |card: &super::Card| card.y + card.height == arrow.from;
                picture.cards.iter().position(ends).unwrap()
            })
            .collect();
        assert_eq!(from, [0, 1, 1, 4]);
    }
}
