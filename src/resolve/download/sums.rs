//! `sha256` of a download: one sum for each architecture of the stack.

use super::super::{Context, check};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::architecture::Architecture;
use crate::model::names::Sha256;
use crate::source::Spanned;
use crate::syntax;
use crate::syntax::packages::Checksums;

/// Sums that were really committed somewhere and are of no file that anybody wants.
const DUMMIES: &[(&str, &str)] = &[
    (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "this is the sum of an empty file",
    ),
    (
        "c646a66470eb299f4659ddd712d3280a7dda735c97fe3b8467a7a6ba4b426c28",
        "this is the sum of an archive of noVNC 1.3.0 that its host made on request and served for a day",
    ),
];

/// The sum for each architecture of the stack.
pub(super) fn sums(
    context: &Context<'_>,
    written: &syntax::packages::Download,
    found: &mut Diagnostics,
) -> Option<Vec<(Architecture, Spanned<Sha256>)>> {
    match &written.sha256 {
        None => {
            found.push(
                Diagnostic::new(Code::MissingSha256, &written.span, "the download has no `sha256`")
                    .label("nothing unverified is installed")
                    .help(
                        "add sha256 = \"…\", or one sum for each architecture: { amd64 = \"…\" }",
                    ),
            );
            None
        }
        Some(Checksums::Any(sum)) => {
            let by_machine = written
                .url
                .as_ref()
                .is_some_and(|url| url.value.contains("arch") || url.value.contains("machine"))
                && written.url.as_ref().is_some_and(|url| url.value.contains("{{"));
            if by_machine && context.architectures.len() > 1 {
                found.push(
                    Diagnostic::new(
                        Code::MissingSha256,
                        &sum.span,
                        "the URL differs between architectures, and there is one sum for all",
                    )
                    .help("give one for each: sha256 = { amd64 = \"…\", arm64 = \"…\" }"),
                );
            }
            let sum = sha256(sum, found)?;
            Some(context.architectures.iter().map(|&arch| (arch, sum.clone())).collect())
        }
        Some(Checksums::ByArchitecture(span, by_name)) => {
            let mut sums = Vec::new();
            for (name, sum) in by_name {
                let Some(architecture) = Architecture::from_name(&name.value) else {
                    let mut diagnostic = Diagnostic::new(
                        Code::BadPlatform,
                        &name.span,
                        format!("rdspec does not know the architecture {:?}", name.value),
                    );
                    diagnostic.help = crate::diagnostic::suggest::help(
                        &name.value,
                        Architecture::ALL.map(Architecture::name),
                    );
                    found.push(diagnostic);
                    continue;
                };
                sums.extend(sha256(sum, found).map(|sum| (architecture, sum)));
            }
            let mut wanted = Vec::new();
            for &architecture in &context.architectures {
                let sum = sums.iter().find(|(candidate, _)| *candidate == architecture);
                if let Some((_, sum)) = sum {
                    wanted.push((architecture, sum.clone()));
                } else if !by_name.iter().any(|(name, _)| name.value == architecture.name()) {
                    let name = architecture.name();
                    found.push(
                        Diagnostic::new(
                            Code::MissingSha256,
                            span,
                            format!("the stack is built for {name}, and there is no sum for it"),
                        )
                        .help(format!("add {name} = \"…\"")),
                    );
                }
            }
            Some(wanted)
        }
    }
}

pub(in super::super) fn sha256(
    written: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<Spanned<Sha256>> {
    let sum = check::named(written, Code::BadSha256, "the sum", Sha256::parse, found)?;
    let known = DUMMIES.iter().find(|(dummy, _)| *dummy == sum.as_str()).map(|(_, why)| *why);
    let why = known.or_else(|| repeats(sum.as_str()).then_some("this is a placeholder, not a sum"));
    if let Some(why) = why {
        found.push(
            Diagnostic::new(Code::DummySha256, &written.span, why)
                .help("download the file yourself and take `sha256sum` of it"),
        );
        return None;
    }
    Some(Spanned::new(sum, written.span.clone()))
}

/// Whether a text is one group of characters, over and over.
fn repeats(text: &str) -> bool {
    let bytes = text.as_bytes();
    [1, 2, 4, 8, 16]
        .into_iter()
        .any(|group| bytes.iter().eq(bytes.iter().take(group).cycle().take(bytes.len())))
}
