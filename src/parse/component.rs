//! `components/<name>.toml`.

use std::cell::Cell;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::decode::{Reader, Table};
use super::{overlay, packages};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Span, Spanned};
use crate::syntax::Entry;
use crate::syntax::component::{
    Account, ComponentFile, Directory, File, Group, Healthcheck, Link, Prose, Route, Runtime,
    Script, Service, Shortcut, SudoRule, Words,
};

/// Reads the file as each variant has it. Variants for which it says the same share one value.
pub(super) fn parse(
    file: FileId,
    name: &str,
    text: &str,
    variants: &[String],
    found: &mut Diagnostics,
) -> Option<Vec<Arc<ComponentFile>>> {
    let mut read: Vec<Arc<ComponentFile>> = Vec::with_capacity(variants.len());
    for (index, variant) in variants.iter().enumerate() {
        // A syntax error was reported for the first variant.
        let again = &mut Diagnostics::default();
        let table = super::root(file, text, if index == 0 { &mut *found } else { again })?;
        let reader = Reader {
            file,
            variant: variant.clone(),
            variants: variants.to_vec(),
            depends: Cell::new(false),
        };
        let component = Arc::new(for_variant(&reader, name, text, table, found));
        if !reader.depends.get() {
            return Some(vec![component; variants.len()]);
        }
        read.push(component);
    }
    Some(read)
}

fn for_variant<'input>(
    reader: &'input Reader,
    name: &str,
    text: &str,
    mut table: DeTable<'input>,
    found: &mut Diagnostics,
) -> ComponentFile {
    if let Some((key, value)) = table.remove_entry("variants") {
        if value.get_ref().is_table() {
            reader.depends.set(true);
            if let DeValue::Table(variants) = value.into_inner() {
                lay_over(reader, variants, &mut table, found);
            }
        } else {
            table.insert(key, value);
        }
    }
    let mut root = Table::new(reader, "a component", Span::new(reader.file, 0..0), table);
    if root.has("variants") {
        root.table("variants", found); // no table, which this says
    }
    let (sudo, sudo_rules) =
        root.table("sudo", found).map(|table| sudo(table, found)).unwrap_or_default();
    let component = ComponentFile {
        file: reader.file,
        name: name.to_owned(),
        span: Span::new(reader.file, 0..text.lines().next().map_or(0, str::len)),
        summary: root.string("summary", found),
        change_class: root.string("change-class", found),
        needs: root.strings("needs", found),
        after: root.strings("after", found),
        provides: root.strings("provides", found),
        accept: root.string_map("accept", found),
        groups: root.entries("groups", found, group),
        users: root.entries("users", found, account),
        apt: root.table("apt", found).map(|table| packages::apt(table, found)),
        bump: root.entries("bump", found, packages::version_rules),
        downloads: root.entries("downloads", found, packages::download),
        conda: root.table("conda", found).map(|table| packages::conda(table, found)),
        pip: root.table("pip", found).map(|table| packages::pip(table, found)),
        npm: root.table("npm", found).map(|table| packages::npm(table, found)),
        r: root.table("r", found).map(|table| packages::r(table, found)),
        locales: root.table("locales", found).map(|table| packages::locales(table, found)),
        files: root.entries("files", found, file_entry),
        links: root.entries("links", found, link),
        directories: root.entries("directories", found, directory),
        script: root.table("script", found).map(|table| script(table, found)),
        environment: root.string_map("environment", found),
        environment_prepend: root
            .table("environment-prepend", found)
            .map(|table| table.into_list_map(found))
            .unwrap_or_default(),
        services: root.entries("services", found, service),
        routes: root.entries("routes", found, route),
        shortcuts: root.entries("shortcuts", found, shortcut),
        sudo,
        sudo_rules,
        runtime: root.table("runtime", found).map(|table| runtime(table, found)),
        check: root.table("check", found).map(|table| check(table, found)).unwrap_or_default(),
    };
    root.knows(&["variants"]);
    root.finish(found);
    component
}

/// `[variants.*]` of a component: lays the table of the variant that is read over the plain tables.
fn lay_over<'input>(
    reader: &'input Reader,
    variants: DeTable<'input>,
    plain: &mut DeTable<'input>,
    found: &mut Diagnostics,
) {
    for (key, own) in variants {
        let span = Span::new(reader.file, key.span());
        let key = Spanned::new(key.into_inner().into_owned(), span);
        reader.known_variant(&key, found);
        if !own.get_ref().is_table() {
            let name = format!("[variants.{key}]");
            found.push(super::wrong_type::not_a_table(reader.file, &own, &name));
            continue;
        }
        let DeValue::Table(mut own) = own.into_inner() else { continue };
        if key.value != reader.variant {
            continue;
        }
        if let Some((drop_key, drop)) = own.remove_entry("drop") {
            let mut only = DeTable::new();
            only.insert(drop_key, drop);
            let name = format!("[variants.{key}]");
            let mut table = Table::new(reader, &name, key.span.clone(), only);
            for path in table.strings("drop", found) {
                if !overlay::drop_key(plain, &path.value) {
                    let message = format!("there is nothing at `{path}` to drop");
                    found.push(
                        Diagnostic::new(Code::UnknownKey, &path.span, message)
                            .help("name a key of the plain tables, such as \"downloads.tini\""),
                    );
                }
            }
        }
        if let Some((inner, _)) = own.remove_entry("variants") {
            let span = Span::new(reader.file, inner.span());
            let message = format!("[variants.{key}] has no key `variants`");
            found.push(
                Diagnostic::new(Code::UnknownKey, &span, message)
                    .label("unknown key")
                    .help("a variant has no variants of its own"),
            );
        }
        overlay::lay_over(plain, own);
    }
}

fn group(mut table: Table<'_>, found: &mut Diagnostics) -> Group {
    let group = Group { span: table.span(), gid: table.integer("gid", found) };
    table.finish(found);
    group
}

fn account(mut table: Table<'_>, found: &mut Diagnostics) -> Account {
    let account = Account {
        span: table.span(),
        uid: table.integer("uid", found),
        gid: table.integer("gid", found),
        group: table.string("group", found),
        groups: table.strings("groups", found),
        home: table.string("home", found),
        shell: table.string("shell", found),
    };
    table.finish(found);
    account
}

fn file_entry(mut table: Table<'_>, found: &mut Diagnostics) -> File {
    let file = File {
        span: table.span(),
        source: table.string("source", found),
        content: table.string("content", found),
        mode: table.string("mode", found),
        owner: table.string("owner", found),
        template: table.boolean("template", found),
    };
    table.finish(found);
    file
}

fn link(mut table: Table<'_>, found: &mut Diagnostics) -> Link {
    let link = Link { span: table.span(), to: table.string("to", found) };
    table.finish(found);
    link
}

fn directory(mut table: Table<'_>, found: &mut Diagnostics) -> Directory {
    let directory = Directory {
        span: table.span(),
        mode: table.string("mode", found),
        owner: table.string("owner", found),
    };
    table.finish(found);
    directory
}

fn script(mut table: Table<'_>, found: &mut Diagnostics) -> Script {
    let script = Script {
        span: table.span(),
        run: table.string("run", found),
        source: table.string("source", found),
        undo: table.string("undo", found),
        user: table.string("user", found),
        writable: table.strings("writable", found),
        inputs: table.strings("inputs", found),
        secrets: table.strings("secrets", found),
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
        directory: table.string("directory", found),
        environment: table.string_map("environment", found),
        ports: table.integers("ports", found),
        restart: table.string("restart", found),
        start_seconds: table.integer("start-seconds", found),
        start_retries: table.integer("start-retries", found),
        stop_signal: table.string("stop-signal", found),
        stop_seconds: table.integer("stop-seconds", found),
    };
    table.finish(found);
    service
}

fn route(mut table: Table<'_>, found: &mut Diagnostics) -> Route {
    let route = Route {
        span: table.span(),
        port: table.integer("port", found),
        to: table.string("to", found),
        websocket: table.boolean("websocket", found),
        buffering: table.boolean("buffering", found),
        timeout: table.string("timeout", found),
        same_origin: table.boolean("same-origin", found),
    };
    table.finish(found);
    route
}

fn prose(table: &mut Table<'_>, key: &'static str, found: &mut Diagnostics) -> Option<Prose> {
    match table.string_or_table(key, found)? {
        Ok(text) => Some(Prose::Any(text)),
        Err(texts) => Some(Prose::ByLanguage(texts.span(), texts.into_string_map(found))),
    }
}

fn shortcut(mut table: Table<'_>, found: &mut Diagnostics) -> Shortcut {
    let keywords = table.strings_or_table("keywords", found).map(|words| match words {
        Ok(words) => Words::Any(words),
        Err(words) => Words::ByLanguage(words.span(), words.into_list_map(found)),
    });
    let shortcut = Shortcut {
        span: table.span(),
        name: prose(&mut table, "name", found),
        comment: prose(&mut table, "comment", found),
        generic_name: prose(&mut table, "generic-name", found),
        keywords,
        exec: table.string("exec", found),
        url: table.string("url", found),
        icon: table.string("icon", found),
        categories: table.strings("categories", found),
        mime_types: table.strings("mime-types", found),
        terminal: table.boolean("terminal", found),
        startup_notify: table.boolean("startup-notify", found),
        working_directory: table.string("working-directory", found),
        desktop: table.boolean("desktop", found),
        menu: table.boolean("menu", found),
    };
    table.finish(found);
    shortcut
}

fn sudo(
    mut table: Table<'_>,
    found: &mut Diagnostics,
) -> (Vec<Spanned<String>>, Vec<Entry<SudoRule>>) {
    let sudo = (table.strings("commands", found), table.entries("rules", found, sudo_rule));
    table.finish(found);
    sudo
}

fn sudo_rule(mut table: Table<'_>, found: &mut Diagnostics) -> SudoRule {
    let rule = SudoRule {
        span: table.span(),
        command: table.string("command", found),
        run_as: table.string("run-as", found),
        password: table.boolean("password", found),
        tags: table.strings("tags", found),
        unsafe_because: table.string("unsafe", found),
    };
    table.finish(found);
    rule
}

fn check(mut table: Table<'_>, found: &mut Diagnostics) -> Vec<Spanned<String>> {
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
        volumes: table.strings("volumes", found),
        working_directory: table.string("working-directory", found),
        stop_signal: table.string("stop-signal", found),
        healthcheck,
    };
    table.finish(found);
    runtime
}
