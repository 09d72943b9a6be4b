//! The tables of a component that install something: packages of every kind, and downloads.

use super::decode::Table;
use crate::diagnostic::Diagnostics;
use crate::syntax::packages::{
    Apt, Checksums, Conda, Debconf, Download, Install, Locales, Npm, Pip, PipPackage, R,
    Repository, Unpack, Upstream,
};

/// The keys of `upstream` that name a source of versions.
pub(super) const SOURCES: &[&str] =
    &["github", "git", "pypi", "npm", "crates", "apt", "oci", "json", "text"];

pub(super) fn apt(mut table: Table<'_>, found: &mut Diagnostics) -> Apt {
    let apt = Apt {
        span: table.span(),
        packages: table.spanned_strings("packages", found),
        recommends: table.boolean("recommends", found),
        versions: table.string_map("versions", found),
        hold: table.strings("hold", found),
        purge: table.strings("purge", found),
        debconf: table.entries("debconf", found, debconf),
        repositories: table.entries("repositories", found, repository),
    };
    table.finish(found);
    apt
}

fn debconf(mut table: Table<'_>, found: &mut Diagnostics) -> Debconf {
    let debconf = Debconf {
        span: table.span(),
        package: table.string("package", found),
        kind: table.string("type", found),
        value: table.string("value", found),
    };
    table.finish(found);
    debconf
}

fn repository(mut table: Table<'_>, found: &mut Diagnostics) -> Repository {
    let repository = Repository {
        span: table.span(),
        uri: table.string("uri", found),
        suites: table.spanned_strings("suites", found),
        components: table.spanned_strings("components", found),
        architectures: table.spanned_strings("architectures", found),
        key: table.string("key", found),
        key_url: table.string("key-url", found),
        fingerprint: table.string("fingerprint", found),
    };
    table.finish(found);
    repository
}

pub(super) fn download(mut table: Table<'_>, found: &mut Diagnostics) -> Download {
    let sha256 = match table.string_or_table("sha256", found) {
        None => None,
        Some(Ok(sum)) => Some(Checksums::Any(sum)),
        Some(Err(sums)) => {
            let span = sums.span();
            Some(Checksums::ByArchitecture(span, sums.into_string_map(found)))
        }
    };
    let download = Download {
        span: table.span(),
        version: table.string("version", found),
        variables: table.string_map("variables", found),
        url: table.string("url", found),
        mirrors: table.strings("mirrors", found),
        size: table.integer("size", found),
        sha256,
        install: table.table("install", found).map(|table| install(table, found)),
        unpack: table.table("unpack", found).map(|table| unpack(table, found)),
        deb: table.boolean("deb", found),
        script: table.boolean("script", found),
        evidence: table.string("evidence", found),
        license: table.string("license", found),
        upstream: table.table("upstream", found).map(|table| upstream(table, found)),
    };
    table.finish(found);
    download
}

fn install(mut table: Table<'_>, found: &mut Diagnostics) -> Install {
    let install = Install {
        span: table.span(),
        to: table.string("to", found),
        mode: table.string("mode", found),
    };
    table.finish(found);
    install
}

fn unpack(mut table: Table<'_>, found: &mut Diagnostics) -> Unpack {
    let unpack = Unpack {
        span: table.span(),
        to: table.string("to", found),
        strip: table.integer("strip", found),
        select: table.strings("select", found),
        format: table.string("format", found),
    };
    table.finish(found);
    unpack
}

fn upstream(mut table: Table<'_>, found: &mut Diagnostics) -> Upstream {
    let mut source = Vec::new();
    for key in table.keys() {
        if let Some(name) = SOURCES.iter().copied().find(|name| *name == key.value) {
            source.extend(table.string(name, found).map(|value| (key, value)));
        }
    }
    table.knows(SOURCES);
    let upstream = Upstream {
        span: table.span(),
        source,
        tag: table.string("tag", found),
        pointer: table.string("pointer", found),
        regex: table.string("regex", found),
        asset: table.string("asset", found),
        allow: table.string("allow", found),
        ignore: table.strings("ignore", found),
        group: table.string("group", found),
        prerelease: table.boolean("prerelease", found),
        minimum_age: table.string("minimum-age", found),
        require: table.string("require", found),
        key: table.string("key", found),
        fingerprint: table.string("fingerprint", found),
    };
    table.finish(found);
    upstream
}

/// The `upstream` of a base image: its source is the repository of the image itself.
pub(super) fn base_upstream(mut table: Table<'_>, found: &mut Diagnostics) -> Upstream {
    let tag = table.string("tag", found);
    Upstream { tag, ..version_rules(table, found) }
}

/// Which versions are taken, where nothing has to be said about who knows them: `[bump.*]`.
pub(super) fn version_rules(mut table: Table<'_>, found: &mut Diagnostics) -> Upstream {
    let upstream = Upstream {
        span: table.span(),
        source: Vec::new(),
        tag: None,
        pointer: None,
        regex: None,
        asset: None,
        allow: table.string("allow", found),
        ignore: table.strings("ignore", found),
        group: table.string("group", found),
        prerelease: table.boolean("prerelease", found),
        minimum_age: table.string("minimum-age", found),
        require: None,
        key: None,
        fingerprint: None,
    };
    table.finish(found);
    upstream
}

pub(super) fn conda(mut table: Table<'_>, found: &mut Diagnostics) -> Conda {
    let conda = Conda {
        span: table.span(),
        program: table.string("program", found),
        prefix: table.string("prefix", found),
        channels: table.spanned_strings("channels", found),
        packages: table.spanned_strings("packages", found),
    };
    table.finish(found);
    conda
}

pub(super) fn pip(mut table: Table<'_>, found: &mut Diagnostics) -> Pip {
    let pip = Pip {
        span: table.span(),
        prefix: table.string("prefix", found),
        python: table.string("python", found),
        system_packages: table.boolean("system-packages", found),
        requirements: table.string("requirements", found),
        packages: table.entries("packages", found, pip_package),
        index: table.string("index", found),
    };
    table.finish(found);
    pip
}

fn pip_package(mut table: Table<'_>, found: &mut Diagnostics) -> PipPackage {
    let package = PipPackage {
        span: table.span(),
        version: table.string("version", found),
        sha256: table.spanned_strings("sha256", found),
    };
    table.finish(found);
    package
}

pub(super) fn npm(mut table: Table<'_>, found: &mut Diagnostics) -> Npm {
    let npm = Npm {
        span: table.span(),
        program: table.string("program", found),
        prefix: table.string("prefix", found),
        packages: table.string_map("packages", found),
        manifest: table.string("manifest", found),
        lock: table.string("lock", found),
        scripts: table.boolean("scripts", found),
    };
    table.finish(found);
    npm
}

pub(super) fn r(mut table: Table<'_>, found: &mut Diagnostics) -> R {
    let r = R {
        span: table.span(),
        program: table.string("program", found),
        library: table.string("library", found),
        repository: table.string("repository", found),
        packages: table.string_map("packages", found),
    };
    table.finish(found);
    r
}

pub(super) fn locales(mut table: Table<'_>, found: &mut Diagnostics) -> Locales {
    let locales = Locales {
        span: table.span(),
        generate: table.spanned_strings("generate", found),
        default: table.string("default", found),
    };
    table.finish(found);
    locales
}
