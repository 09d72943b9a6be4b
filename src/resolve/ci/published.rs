//! Where `[ci]` publishes, and under which tags: what the keys of `[ci]` and of `[stack]` have to be for each other.
//!
//! Takes both tables as they were written, gives mistakes alone. What a key may be by itself is checked where it is read.

use super::super::Context;
use super::super::check as checks;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Name;
use crate::model::ci::Ci;
use crate::model::reference::{self, Tag};
use crate::model::stack::tag_suffix;
use crate::source::{Span, Spanned};
use crate::syntax;
use crate::syntax::stack::StackFile;

/// Tags that the workflow itself pushes, and for what.
const OWN_TAGS: &[(&str, &str)] = &[
    ("cache", "the tag of the layers that later builds begin with"),
    ("candidate", "the tag of an image that is not yet proven to be the one that was scanned"),
];

/// GitHub's own registry, and what the names of those of GitHub Enterprise begin with ("Working with the Container
/// registry").
const GITHUB: (&str, &str) = ("ghcr.io", "containers.");

/// Checks that there is somewhere to push to, by somebody whom that place knows, and that no image gets another one's tag.
/// What is the same in both is only known where both could be resolved.
pub(in crate::resolve) fn check(
    file: &StackFile,
    context: &Context<'_>,
    resolved: Option<(&Ci, &Tag)>,
    found: &mut Diagnostics,
) {
    let Some(ci) = &file.ci else { return };
    if file.stack.registry.is_none() {
        let help = "say where images are published: registry = \"…\" in [stack]; or remove [ci]";
        checks::missing(&ci.span, "stack.registry", help, found);
    }
    token_stays_at_github(file, ci, found);
    if let Some((resolved, tag)) = resolved {
        tags_differ(&pushed(file, ci, resolved, tag), &suffixes(resolved, context), found);
    }
}

/// The token of a run writes to the repository: no other registry is to see it.
fn token_stays_at_github(file: &StackFile, ci: &syntax::ci::Ci, found: &mut Diagnostics) {
    let token = ci.login.as_ref().and_then(|login| login.github_token.as_ref());
    let (Some(token), Some(registry)) = (token.filter(|token| token.value), &file.stack.registry)
    else {
        return;
    };
    let host = reference::host(&registry.value);
    if host != GITHUB.0 && !host.starts_with(GITHUB.1) {
        let message = format!("the token of the repository would be sent to {host:?}");
        found.push(
            Diagnostic::new(Code::ConflictingKeys, &token.span, message)
                .related(&registry.span, "not GitHub's own registry")
                .help(
                    "name the secrets of a login there: `username` and `password`. The token is for ghcr.io, and for the \
                     `containers.<host>` of GitHub Enterprise",
                ),
        );
    }
}

/// A tag that the workflow pushes in every variant, with what follows it there.
struct Pushed<'written> {
    tag: String,
    /// What it is, in a few words.
    role: &'static str,
    /// Where it is written; nowhere for the workflow's own and for defaults.
    span: Option<&'written Span>,
    is_own: bool,
}

/// Reports each tag that some image gets from another one in a variant, once.
fn tags_differ(pushed: &[Pushed<'_>], variants: &[Suffix<'_>], found: &mut Diagnostics) {
    for (position, later) in pushed.iter().enumerate() {
        let clash = pushed[..position].iter().find_map(|earlier| {
            let (at, other) = match later.span {
                Some(_) => (later, earlier),
                None => (earlier, later),
            };
            Some((at, other, at.span?, clash(at, other, variants)?))
        });
        let Some((at, other, span, (own, theirs))) = clash else { continue };
        let mut diagnostic =
            Diagnostic::new(Code::BadReference, span, message(at, other, own, theirs));
        if let Some(second) = other.span {
            diagnostic = diagnostic.related(second, "the other one");
        }
        found.push(diagnostic.help(if other.is_own {
            "images that people use need another tag"
        } else {
            "choose another: behind each tag comes `-` and the name of the variant, unless that is the default one"
        }));
    }
}

fn message(one: &Pushed<'_>, other: &Pushed<'_>, own: &Suffix<'_>, theirs: &Suffix<'_>) -> String {
    let Pushed { tag, role, .. } = other;
    if one.tag == *tag {
        return format!("`{tag}` is {role}");
    }
    let full = format!("{}{}", one.tag, own.suffix);
    let subject = if own.suffix.is_empty() {
        format!("`{full}` is")
    } else {
        format!("`{}` becomes `{full}` in the variant `{}`, which is", one.tag, own.name)
    };
    if theirs.suffix.is_empty() {
        return format!("{subject} {role}");
    }
    format!("{subject} what {role}, `{tag}`, becomes in the variant `{}`", theirs.name)
}

/// A variant that is built, with what follows its tags.
struct Suffix<'spec> {
    name: &'spec Name,
    suffix: String,
}

fn suffixes<'spec>(resolved: &'spec Ci, context: &Context<'_>) -> Vec<Suffix<'spec>> {
    let suffix = |name: &'spec Name| Suffix {
        name,
        suffix: tag_suffix(name, context.variants.first() == Some(name)),
    };
    resolved.variants.iter().map(suffix).collect()
}

/// All tags, those first that the others have to differ from.
fn pushed<'written>(
    file: &'written StackFile,
    ci: &'written syntax::ci::Ci,
    resolved: &Ci,
    tag: &Tag,
) -> Vec<Pushed<'written>> {
    let own = OWN_TAGS.iter().map(|(tag, role)| Pushed {
        tag: (*tag).to_owned(),
        role,
        span: None,
        is_own: true,
    });
    let named = |role, tag, span| Pushed { tag, role, span, is_own: false };
    let span = |written: &'written Option<Spanned<String>>| written.as_ref().map(|one| &one.span);
    let of_branch = named("the tag of the branch", resolved.branch.tag(), span(&ci.branch));
    let of_stack = named("the tag of the stack", tag.to_string(), span(&file.stack.tag));
    let more = ci.tags.iter().map(|tag| named("another tag", tag.value.clone(), Some(&tag.span)));
    own.chain([of_branch, of_stack]).chain(more).collect()
}

/// The variants in which two tags become the same. One tag that is written twice is one tag, unless it is the workflow's.
fn clash<'spec>(
    one: &Pushed<'_>,
    other: &Pushed<'_>,
    variants: &'spec [Suffix<'spec>],
) -> Option<(&'spec Suffix<'spec>, &'spec Suffix<'spec>)> {
    if one.tag == other.tag && !other.is_own {
        return None;
    }
    let pairs = variants.iter().flat_map(|own| variants.iter().map(move |theirs| (own, theirs)));
    let mut pairs = pairs.filter(|(own, theirs)| {
        format!("{}{}", one.tag, own.suffix) == format!("{}{}", other.tag, theirs.suffix)
    });
    pairs.next()
}
