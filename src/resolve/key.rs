//! Keys that sign what others publish: a file of the component, and the fingerprint that the spec pins.

use bytes::Bytes;

use super::{Context, check};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::apt::Fingerprint;
use crate::source::Spanned;
use crate::syntax::component::ComponentFile;
use crate::verify::openpgp::Certificate;

/// The key in a file, which has to hold exactly the key whose fingerprint is pinned; and the file's bytes.
pub(super) fn pinned(
    context: &Context<'_>,
    component: &ComponentFile,
    file: &Spanned<String>,
    pinned: &Spanned<String>,
    found: &mut Diagnostics,
) -> Option<(Certificate, Bytes)> {
    let plain = Spanned::new(pinned.value.replace(' ', ""), pinned.span.clone());
    let fingerprint =
        check::named(&plain, Code::BadFingerprint, "the fingerprint", Fingerprint::parse, found);
    let bytes = context.resource(&component.name, &file.value, &file.span, found)?;
    let certificate = match Certificate::parse(&bytes) {
        Ok(certificate) => certificate,
        Err(problem) => {
            let message = format!("the key file {problem}");
            found.push(
                Diagnostic::new(Code::BadKey, &file.span, message)
                    .help("`gpg --export --armor FINGERPRINT` writes such a file"),
            );
            return None;
        }
    };
    if fingerprint?.as_str().eq_ignore_ascii_case(&certificate.fingerprint) {
        return Some((certificate, bytes));
    }
    let message = format!("the key file holds another key: {}", certificate.fingerprint);
    let mut diagnostic = Diagnostic::new(Code::BadKey, &file.span, message)
        .help("do not copy the fingerprint from the file: ask its publisher which key is theirs")
        .related(&pinned.span, "the key that is pinned");
    if let Some(user) = certificate.user_ids.first() {
        diagnostic = diagnostic.label(format!("of {user}"));
    }
    found.push(diagnostic);
    None
}
