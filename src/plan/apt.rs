//! apt transactions: all packages of one change class of an image in one RUN.
//!
//! Installing one component at a time would rewrite dpkg's and debconf's databases each time, and
//! the order would choose alternatives. So: at most three transactions an image, and the bootstrap.

use std::collections::{BTreeMap, BTreeSet};

use super::download::Fetch;
use super::script::{Apt, RepositoryFiles, Transaction};
use super::{Content, Mount, Sources};
use crate::model::apt::{PackageVersion, Repository};
use crate::model::component::{ChangeClass, Component};
use crate::model::language::Language;
use crate::model::names::PackageName;
use crate::model::stack::{Base, Image, PackageDate, Stack, Variant};
use crate::render::quote;
use crate::source::Spanned;

/// The cache of package lists and packages, shared by all images on the same release.
pub(super) fn cache(stack: &Stack, chain: &[&Image]) -> Mount {
    let release = release(chain);
    // Files in it carry the architecture in their names, so that several can share it.
    let architecture = match stack.architectures.as_slice() {
        [only] => format!("-{}", only.name()),
        _ => String::new(),
    };
    Mount::Cache {
        id: format!("apt-{release}{architecture}"),
        target: super::script::APT,
        locked: true,
    }
}

/// What all images of a chain stand on, as part of a cache's id.
pub(super) fn release(chain: &[&Image]) -> String {
    match chain.first().map(|root| &root.base) {
        Some(Base::External(external)) => {
            external.reference.as_str().rsplit('/').next().unwrap_or_default().replace(':', "-")
        }
        _ => String::new(),
    }
}

/// The first layer of a root image: its packages, and which translations those of every layer keep.
pub(super) fn bootstrap(stack: &Stack, variant: &Variant) -> Apt {
    let packages = variant.bootstrap.iter().map(ToString::to_string).collect();
    let call = Transaction { recommends: false, packages, files: Vec::new() };
    let mut apt = apt(variant, Vec::new(), vec![call]);
    let languages = stack.languages.iter().filter(|_| stack.keeps_translations);
    apt.locale_folders = sorted(languages.flat_map(Language::locale_folders));
    apt
}

/// The packages of all components of one class. Sorted and without duplicates, so that neither the
/// order of components nor a package that moves between two of them changes anything. Versions and what is kept out
/// are those of the whole chain: no transaction may undo what another component asks for.
pub(super) fn transaction(
    variant: &Variant,
    chain: &[&Image],
    class: ChangeClass,
    components: &[&Component],
) -> Apt {
    let mut downloads = Vec::new();
    let mut calls = Vec::new();
    // One call of apt-get for the packages without and one for those with recommended packages; both run in
    // the same layer.
    for recommends in [false, true] {
        let mut call = Transaction { recommends, packages: Vec::new(), files: Vec::new() };
        for component in components.iter().filter(|other| other.recommends == recommends) {
            call.packages.extend(component.packages.iter().map(ToString::to_string));
            for download in component.package_downloads() {
                let fetch = Fetch::of_package(component, download);
                call.files.push(fetch.to.clone());
                downloads.push(fetch);
            }
        }
        calls.push(call);
    }
    downloads.sort_by(|left, right| left.to.cmp(&right.to));
    let mut apt = apt(variant, downloads, calls);
    let in_chain = || chain.iter().flat_map(|image| &image.components);
    pin(&mut apt, in_chain().flat_map(|component| &component.apt.versions));
    apt.purge = sorted(in_chain().flat_map(|other| &other.apt.purge).map(ToString::to_string));
    if apt.transactions.is_empty() && !apt.purge.is_empty() {
        apt.transactions.push(Transaction {
            recommends: false,
            packages: Vec::new(),
            files: Vec::new(),
        });
    }
    // apt-get(8): a hyphen after the name removes a package, or keeps it from being installed.
    for call in &mut apt.transactions {
        call.packages.extend(apt.purge.iter().map(|name| format!("{name}-")));
    }
    apt.hold = sorted(
        components.iter().flat_map(|component| &component.apt.hold).map(ToString::to_string),
    );
    apt.selections = sorted(components.iter().flat_map(|component| selections(component)));
    let repositories = components.iter().flat_map(|component| &component.apt.repositories);
    apt.repositories = repositories.map(|repository| files(class, repository)).collect();
    apt.repositories.sort_by(|left, right| left.name.cmp(&right.name));
    apt
}

/// apt-get(8): an equals sign and a version behind the name of a package choose that version.
fn pin<'spec>(
    apt: &mut Apt,
    versions: impl Iterator<Item = &'spec (Spanned<PackageName>, Spanned<PackageVersion>)>,
) {
    let versions: BTreeMap<&str, &PackageVersion> =
        versions.map(|(name, version)| (name.as_str(), &version.value)).collect();
    for package in apt.transactions.iter_mut().flat_map(|call| &mut call.packages) {
        if let Some(version) = versions.get(package.as_str()) {
            *package = format!("{package}={version}");
        }
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The lines of debconf-set-selections(1): package, question, type, answer.
fn selections(component: &Component) -> impl Iterator<Item = String> {
    component.apt.selections.iter().map(|selection| {
        // `resolve` has refused what the line cannot hold.
        let value = quote::debconf(selection.value.as_str()).unwrap_or_default();
        let kind = selection.kind.name();
        format!("{} {} {kind} {value}", selection.package, selection.question)
    })
}

/// The folder of the repositories of a class in the build context, and where it is mounted. No component's script has
/// such a name.
fn folders(class: ChangeClass) -> (String, String) {
    let name = format!("apt-{}.repositories", class.name());
    (format!("resources/{name}"), format!("/run/{name}"))
}

fn files(class: ChangeClass, repository: &Repository) -> RepositoryFiles {
    let (_, mounted) = folders(class);
    let (key_path, sources_path) = (repository.key_path(), repository.sources_path());
    let file_name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    RepositoryFiles {
        name: repository.name.to_string(),
        key: format!("{mounted}/{}", file_name(&key_path)),
        sources: format!("{mounted}/{}", file_name(&sources_path)),
        key_path,
        sources_path,
    }
}

/// What the repositories of a class add to the build context, and the mount by which its script sees it.
pub(super) fn repositories(
    variant: &Variant,
    class: ChangeClass,
    components: &[&Component],
) -> (Vec<(String, Content)>, Option<Mount>) {
    let (folder, mounted) = folders(class);
    let mut context = Vec::new();
    for component in components {
        for repository in &component.apt.repositories {
            let key_path = repository.key_path();
            let ending = key_path.rsplit('.').next().unwrap_or_default();
            let key = Content::Verbatim(repository.key.bytes.clone());
            context.push((format!("{folder}/{}.{ending}", repository.name), key));
            let sources = Content::Sources(Sources {
                origin: component.origin.clone(),
                uri: repository.uri.clone(),
                suites: repository.suites.iter().map(ToString::to_string).collect(),
                components: repository.components.iter().map(ToString::to_string).collect(),
                architectures: repository.architectures.iter().map(|one| one.name()).collect(),
                without_snapshots: matches!(variant.date(), Some(PackageDate::Snapshot(_))),
                key_path,
            });
            context.push((format!("{folder}/{}.sources", repository.name), sources));
        }
    }
    let mount = (!context.is_empty()).then_some(Mount::Bind { source: folder, target: mounted });
    (context, mount)
}

fn apt(variant: &Variant, downloads: Vec<Fetch>, mut transactions: Vec<Transaction>) -> Apt {
    // What one component wants with recommended packages is not installed without them before.
    let calls = transactions.iter().filter(|call| call.recommends);
    let with_recommends: BTreeSet<String> = calls.flat_map(|call| call.packages.clone()).collect();
    for call in &mut transactions {
        call.packages.retain(|name| call.recommends || !with_recommends.contains(name));
        call.packages.sort_unstable();
        call.packages.dedup();
        call.files.sort_unstable();
    }
    transactions.retain(|call| !call.packages.is_empty() || !call.files.is_empty());
    Apt {
        date: variant.apt.as_ref().map(ToString::to_string).unwrap_or_default(),
        is_snapshot: matches!(variant.date(), Some(PackageDate::Snapshot(_))),
        replaces: false,
        downloads,
        locale_folders: Vec::new(),
        repositories: Vec::new(),
        selections: Vec::new(),
        purge: Vec::new(),
        hold: Vec::new(),
        transactions,
    }
}
