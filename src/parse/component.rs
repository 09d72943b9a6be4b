//! `components/<name>.toml`.

use super::decode::Table;
use super::stack::packages;
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Span};
use crate::syntax::{
    Apt, Checksums, ComponentFile, Download, File, Healthcheck, Install, Runtime, Script, Service,
    Unpack,
};

pub(super) fn parse(
    file: FileId,
    name: &str,
    text: &str,
    found: &mut Diagnostics,
) -> Option<ComponentFile> {
    let mut root = super::root(file, text, "a component", found)?;
    let component = ComponentFile {
        file,
        name: name.to_owned(),
        span: Span::new(file, 0..text.lines().next().map_or(0, str::len)),
        summary: root.string("summary", found),
        change_class: root.string("change-class", found),
        needs: root.strings("needs", found),
        apt: root.table("apt", found).map(|table| apt(file, table, found)),
        downloads: entries(&mut root, "downloads", found, download),
        files: entries(&mut root, "files", found, file_entry),
        script: root.table("script", found).map(|table| script(table, found)),
        environment: root.string_map("environment", found),
        services: entries(&mut root, "services", found, service),
        sudo: root.table("sudo", found).map(|table| sudo(table, found)).unwrap_or_default(),
        runtime: root.table("runtime", found).map(|table| runtime(table, found)),
        check: root.table("check", found).map(|table| check(table, found)).unwrap_or_default(),
    };
    root.finish(found);
    Some(component)
}

fn entries<'input, T>(
    root: &mut Table<'input>,
    key: &'static str,
    found: &mut Diagnostics,
    read: impl Fn(Table<'input>, &mut Diagnostics) -> T,
) -> Vec<crate::syntax::Entry<T>> {
    root.tables(key, found)
        .into_iter()
        .map(|(name, table)| {
            let value = read(table, found);
            (name, value)
        })
        .collect()
}

fn apt(file: FileId, mut table: Table<'_>, found: &mut Diagnostics) -> Apt {
    let apt = Apt {
        span: table.span(),
        packages: packages(file, &mut table, found),
        recommends: table.boolean("recommends", found),
    };
    table.finish(found);
    apt
}

fn download(mut table: Table<'_>, found: &mut Diagnostics) -> Download {
    let sha256 = match table.string_or_table("sha256", found) {
        None => None,
        Some(Ok(sum)) => Some(Checksums::Any(sum)),
        Some(Err(sums)) => {
            let span = sums.span();
            Some(Checksums::ByArchitecture(span, sums.into_string_map(found)))
        }
    };
    let install = table.table("install", found).map(|mut table| {
        let install = Install {
            span: table.span(),
            to: table.string("to", found),
            mode: table.string("mode", found),
        };
        table.finish(found);
        install
    });
    let unpack = table.table("unpack", found).map(|mut table| {
        let unpack = Unpack {
            span: table.span(),
            to: table.string("to", found),
            strip: table.integer("strip", found),
        };
        table.finish(found);
        unpack
    });
    let download = Download {
        span: table.span(),
        version: table.string("version", found),
        url: table.string("url", found),
        mirrors: table.strings("mirrors", found),
        sha256,
        install,
        unpack,
    };
    table.finish(found);
    download
}

fn file_entry(mut table: Table<'_>, found: &mut Diagnostics) -> File {
    let file = File {
        span: table.span(),
        source: table.string("source", found),
        content: table.string("content", found),
        mode: table.string("mode", found),
        owner: table.string("owner", found),
    };
    table.finish(found);
    file
}

fn script(mut table: Table<'_>, found: &mut Diagnostics) -> Script {
    let script = Script {
        span: table.span(),
        run: table.string("run", found),
        source: table.string("source", found),
        user: table.string("user", found),
        writable: table.strings("writable", found),
        inputs: table.strings("inputs", found),
        environment: table.string_map("environment", found),
    };
    table.finish(found);
    script
}

fn service(mut table: Table<'_>, found: &mut Diagnostics) -> Service {
    let service = Service {
        span: table.span(),
        command: table.string("command", found),
        priority: table.integer("priority", found),
        environment: table.string_map("environment", found),
    };
    table.finish(found);
    service
}

fn sudo(mut table: Table<'_>, found: &mut Diagnostics) -> Vec<crate::source::Spanned<String>> {
    let commands = table.strings("commands", found);
    table.finish(found);
    commands
}

fn check(mut table: Table<'_>, found: &mut Diagnostics) -> Vec<crate::source::Spanned<String>> {
    let commands = table.string_or_strings("run", found).unwrap_or_default();
    table.finish(found);
    commands
}

fn runtime(mut table: Table<'_>, found: &mut Diagnostics) -> Runtime {
    let healthcheck = table.table("healthcheck", found).map(|mut table| {
        let healthcheck = Healthcheck {
            span: table.span(),
            command: table.spanned_strings("command", found),
            interval: table.string("interval", found),
            timeout: table.string("timeout", found),
            start_period: table.string("start-period", found),
            retries: table.integer("retries", found),
        };
        table.finish(found);
        healthcheck
    });
    let runtime = Runtime {
        entrypoint: table.spanned_strings("entrypoint", found),
        command: table.spanned_strings("command", found),
        ports: table.integers("ports", found),
        working_directory: table.string("working-directory", found),
        stop_signal: table.string("stop-signal", found),
        healthcheck,
    };
    table.finish(found);
    runtime
}
