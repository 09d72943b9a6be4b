//! `[apt.repositories.*]`: where packages come from, and the key that they are signed with.

use super::{Context, check, download, key, resource_path};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Name;
use crate::model::apt::{Repository, RepositoryKey, SourcesWord};
use crate::model::architecture::Architecture;
use crate::source::Spanned;
use crate::syntax;
use crate::syntax::component::ComponentFile;

/// Names whose files the base images have.
const DISTRIBUTIONS: [&str; 2] = ["debian", "ubuntu"];

pub(super) fn resolve(
    context: &Context<'_>,
    component: &ComponentFile,
    key_name: &Spanned<String>,
    written: &syntax::packages::Repository,
    found: &mut Diagnostics,
) -> Option<Repository> {
    let mut name = check::named(key_name, Code::BadName, "the repository name", Name::parse, found);
    if DISTRIBUTIONS.contains(&key_name.value.as_str()) {
        let message = format!(
            "/etc/apt/sources.list.d/{key_name}.sources is that of the distribution, in the base image"
        );
        found.push(
            Diagnostic::new(Code::BadName, &key_name.span, message)
                .help("name it after who publishes it"),
        );
        name = None;
    }
    let span = &written.span;
    let help = "give its address: uri = \"https://…\"";
    let uri = check::required(written.uri.as_ref(), span, "uri", help, found)
        .and_then(|uri| address(uri, found));
    let suites = check::required(
        written.suites.as_ref(),
        span,
        "suites",
        "name its suites: suites = [\"bookworm\"], or a path: suites = [\"./\"]",
        found,
    )?;
    let components =
        written.components.as_ref().map(|list| list.value.as_slice()).unwrap_or_default();
    check_parts(written, suites, components, found);
    let suites = words(&suites.value, "the suite", found);
    let components = words(components, "the component", found);
    let architectures = architectures(context, written, found);
    let key = signing_key(context, component, written, name.as_ref(), found);
    let (uri, secure) = uri?;
    Some(Repository {
        name: name?,
        uri,
        secure,
        suites,
        components,
        architectures,
        key: key?,
        span: key_name.span.clone(),
    })
}

/// http or https: what the Release file lists is proven by its signature (apt-secure(8)), so http hides nothing but
/// what is fetched.
fn address(written: &Spanned<String>, found: &mut Diagnostics) -> Option<(String, bool)> {
    let text = written.value.as_str();
    let bad = |message: String| Diagnostic::new(Code::BadUrl, &written.span, message);
    let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => {
            found.push(bad(format!("{text:?} is neither an https nor an http address")));
            return None;
        }
    };
    // RFC 3986 without query and fragment, which the path of a repository has no place for.
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/@!$&()*+,;=%".contains(c);
    if let Some(character) = rest.chars().find(|&c| !allowed(c)) {
        found.push(bad(format!("the address contains {character:?}")));
        return None;
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        found.push(
            bad("the address contains a user name or a password".into())
                .help("it would be readable in the image; use an address that works without"),
        );
        return None;
    }
    if authority.split(':').next().unwrap_or_default().is_empty() {
        found.push(bad(format!("{text:?} names no host")));
        return None;
    }
    Some((text.to_owned(), secure))
}

/// sources.list(5): a suite that ends in `/` is a path, and a path has no components; every other suite has some.
fn check_parts(
    written: &syntax::packages::Repository,
    suites: &Spanned<Vec<Spanned<String>>>,
    components: &[Spanned<String>],
    found: &mut Diagnostics,
) {
    let bad = |span, message: String| Diagnostic::new(Code::BadRepository, span, message);
    if suites.value.is_empty() {
        let help = "name what its vendor calls the suite or distribution: suites = [\"stable\"]";
        check::empty_list(&suites.span, "suites", help, found);
    }
    let (paths, names): (Vec<_>, Vec<_>) =
        suites.value.iter().partition(|suite| suite.value.ends_with('/'));
    if let (Some(path), Some(component)) = (paths.first(), components.first()) {
        found.push(
            bad(&component.span, format!("`{path}` is a path, which has no components"))
                .related(&path.span, "a suite that ends in `/` is a path")
                .help("leave `components` out, or name the suite without `/`"),
        );
    } else if let (Some(name), true) = (names.first(), components.is_empty()) {
        found.push(
            bad(&name.span, format!("the suite `{name}` has no components"))
                .related(&written.span, "of this repository")
                .help("name them: components = [\"main\"]; only a suite that ends in `/`, a path, has none"),
        );
    }
}

fn words(written: &[Spanned<String>], what: &str, found: &mut Diagnostics) -> Vec<SourcesWord> {
    written
        .iter()
        .filter_map(|word| check::named(word, Code::BadRepository, what, SourcesWord::parse, found))
        .collect()
}

/// None where the repository has every architecture of the stack: apt then takes that of the image.
fn architectures(
    context: &Context<'_>,
    written: &syntax::packages::Repository,
    found: &mut Diagnostics,
) -> Vec<Architecture> {
    let Some(list) = &written.architectures else { return Vec::new() };
    let mut architectures = Vec::new();
    for text in &list.value {
        match Architecture::from_name(&text.value)
            .filter(|known| context.architectures.contains(known))
        {
            Some(architecture) => architectures.push(architecture),
            None => found.push(
                Diagnostic::new(
                    Code::BadRepository,
                    &text.span,
                    format!("the stack has no architecture {:?}", text.value),
                )
                .help("use those of `platforms` in stack.toml, without \"linux/\""),
            ),
        }
    }
    if list.value.is_empty() {
        check::empty_list(
            &list.span,
            "architectures",
            "leave it out for those of the stack",
            found,
        );
    }
    architectures.sort_unstable();
    architectures.dedup();
    if architectures.len() == context.architectures.len() { Vec::new() } else { architectures }
}

/// The key file and the fingerprint that the spec pins.
fn signing_key(
    context: &Context<'_>,
    component: &ComponentFile,
    written: &syntax::packages::Repository,
    name: Option<&Name>,
    found: &mut Diagnostics,
) -> Option<RepositoryKey> {
    let span = &written.span;
    let help =
        "put the key that signs the repository into the component's resources: key = \"….asc\"";
    let file = check::required(written.key.as_ref(), span, "key", help, found);
    let help = "pin the key by its full fingerprint, from a source other than the file: fingerprint = \"…\"";
    let pinned = check::required(written.fingerprint.as_ref(), span, "fingerprint", help, found);
    let (file, pinned) = (file?, pinned?);
    let url = written.key_url.as_ref().map(|url| download::check_url(url, found));
    let (certificate, bytes) = key::pinned(context, component, file, pinned, found)?;
    Some(RepositoryKey {
        repository: name?.clone(),
        bytes,
        certificate,
        span: file.span.clone(),
        path: resource_path(&component.name, &file.value),
        url: url.flatten(),
    })
}
