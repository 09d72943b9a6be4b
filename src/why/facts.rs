//! Everything that an image gets from the spec, with its names, the layer that it is in, and who brings it.

use crate::inventory::{self, Kind as PackageKind, Package};
use crate::model::Image;
use crate::model::component::Component;
use crate::model::download::DownloadAction;
use crate::model::places;
use crate::model::stack::{Stack, User, Variant};
use crate::plan::script::ScriptKind;
use crate::plan::{FILES, ImagePlan, Instruction};
use crate::source::Span;

use super::Kind;

/// Something that an image has.
pub(super) struct Fact<'stack> {
    pub(super) kind: Kind,
    /// By what it can be asked for, its own name first.
    pub(super) names: Vec<String>,
    /// The component; none for the stack itself.
    pub(super) component: Option<&'stack Component>,
    /// Where it is written, as nearly as the model knows.
    pub(super) span: Option<&'stack Span>,
    /// The layer of its image; none for what is no file.
    pub(super) layer: Option<String>,
}

/// Collects the facts of one image.
struct Facts<'stack> {
    plan: &'stack ImagePlan,
    found: Vec<Fact<'stack>>,
}

/// All that an image adds to what it is built on.
pub(super) fn of<'stack>(
    stack: &'stack Stack,
    variant: &'stack Variant,
    image: &'stack Image,
    plan: &'stack ImagePlan,
) -> Vec<Fact<'stack>> {
    let mut facts = Facts { plan, found: Vec::new() };
    for package in inventory::asked_for(variant, image) {
        facts.package(&package);
    }
    if let Some(user) = stack.user.as_ref().filter(|_| image.parent.is_none()) {
        facts.user(user);
    }
    for component in &image.components {
        facts.component(component);
        facts.files(component);
        facts.services(component);
        facts.container(component);
        facts.accounts(component);
    }
    facts.made_for_files(image);
    facts.found
}

impl<'stack> Facts<'stack> {
    fn add(
        &mut self,
        kind: Kind,
        name: &impl ToString,
        component: Option<&'stack Component>,
        span: Option<&'stack Span>,
        layer: Option<&str>,
    ) {
        let layer = layer.map(str::to_owned);
        self.found.push(Fact { kind, names: vec![name.to_string()], component, span, layer });
    }

    /// Adds a further name of what was added last.
    fn also(&mut self, name: &str) {
        if let Some(fact) = self.found.last_mut()
            && fact.names.iter().all(|known| known != name)
        {
            fact.names.push(name.to_owned());
        }
    }

    /// A package, once for each component that brings it.
    fn package(&mut self, package: &Package<'stack>) {
        for bringer in &package.brought_by {
            let apt = bringer.component.map_or("bootstrap".to_owned(), apt_layer);
            let layer = match (package.kind, bringer.component) {
                (PackageKind::BaseImage, _) => None,
                (PackageKind::Apt, _) => Some(apt.as_str()),
                (PackageKind::Download, Some(component)) => {
                    let is_package = component
                        .package_downloads()
                        .any(|download| download.name.as_str() == package.name);
                    Some(if is_package { apt.as_str() } else { component.name.as_str() })
                }
                (_, component) => component.map(|component| component.name.as_str()),
            };
            let kind = Kind::Package(package.kind);
            self.add(kind, &package.name, bringer.component, bringer.span, layer);
            self.aliases(package);
        }
    }

    /// Other names by which people know a package.
    fn aliases(&mut self, package: &Package<'stack>) {
        match package.kind {
            PackageKind::Python => {
                if let Ok(name) = crate::model::pip::PythonName::parse(&package.name) {
                    self.also(&name.normalized());
                }
            }
            PackageKind::Download => {
                for url in package.files.iter().flat_map(|file| &file.urls) {
                    let path = url.split(['?', '#']).next().unwrap_or_default();
                    if let Some((_, name)) =
                        path.rsplit_once('/').filter(|(_, name)| !name.is_empty())
                    {
                        self.also(name);
                    }
                }
            }
            PackageKind::BaseImage => {
                if let Some(tag) = package.version.pinned() {
                    self.also(&format!("{}:{tag}", package.name));
                }
                if let Some((_, name)) = package.name.rsplit_once('/') {
                    self.also(name);
                }
            }
            _ => {}
        }
    }

    /// The user of the images, and the places of its home.
    fn user(&mut self, user: &'stack User) {
        let (span, layer) = (Some(&user.span), Some("users"));
        self.add(Kind::User, &user.name, None, span, layer);
        self.add(Kind::Group, &user.name, None, span, layer);
        self.add(Kind::Home, &user.skeleton, None, span, layer);
        self.add(Kind::Home, &user.home, None, span, None);
    }

    fn component(&mut self, component: &'stack Component) {
        let owner = Some(component);
        let layer = component.has_script().then_some(component.name.as_str());
        self.add(Kind::Component, &component.name, owner, Some(&component.span), layer);
        for (provided, span) in &component.provides {
            self.add(Kind::Component, &provided, owner, Some(span), layer);
        }
        let apt = apt_layer(component);
        for package in &component.apt.purge {
            let kind = Kind::KeptOut;
            self.add(kind, &package.value, owner, Some(&package.span), Some(&apt));
        }
        for repository in &component.apt.repositories {
            let (span, layer) = (Some(&repository.span), Some(apt.as_str()));
            self.add(Kind::Repository, &repository.name, owner, span, layer);
            self.also(&repository.uri);
            self.add(Kind::RepositoryFile, &repository.sources_path(), owner, span, layer);
            self.add(Kind::RepositoryFile, &repository.key_path(), owner, span, layer);
        }
    }

    /// Directories that no component declares, and that are made for what lies in them.
    fn made_for_files(&mut self, image: &'stack Image) {
        let kinds = self.plan.scripts.iter().map(|script| &script.kind);
        let made = kinds.filter_map(|kind| match kind {
            ScriptKind::Directories(made) => Some(&made.directories),
            _ => None,
        });
        for directory in made.flatten() {
            if self.found.iter().any(|fact| fact.names.contains(&directory.path)) {
                continue;
            }
            let below = |path: &str| {
                path.strip_prefix(&directory.path).is_some_and(|rest| rest.starts_with('/'))
            };
            let components = image.components.iter().map(AsRef::as_ref);
            let owners: Vec<&Component> = components
                .filter(|component| {
                    component.files.iter().any(|file| below(file.path.as_str()))
                        || component.links.iter().any(|link| below(link.path.as_str()))
                        || component.directories.iter().any(|one| below(one.path.as_str()))
                })
                .collect();
            let (kind, layer) = (Kind::Directory, Some("directories"));
            if owners.is_empty() {
                self.add(kind, &directory.path, None, None, layer);
            }
            for owner in owners {
                self.add(kind, &directory.path, Some(owner), Some(&owner.span), layer);
            }
        }
    }

    /// What lies at paths that the spec names.
    fn files(&mut self, component: &'stack Component) {
        let owner = Some(component);
        let own = Some(component.name.as_str());
        for file in &component.files {
            let layer = self.copy(component, file.path.as_str());
            self.add(Kind::File, &file.path, owner, Some(&file.span), layer.as_deref());
        }
        for link in &component.links {
            self.add(Kind::Link, &link.path, owner, Some(&link.span), Some("directories"));
        }
        for directory in &component.directories {
            let span = Some(&directory.span);
            self.add(Kind::Directory, &directory.path, owner, span, Some("directories"));
        }
        for download in &component.downloads {
            let span = Some(&download.span);
            match &download.action {
                DownloadAction::Install { to, .. } => {
                    self.add(Kind::Installed, to, owner, span, own);
                }
                DownloadAction::Unpack { to, .. } => self.add(Kind::Unpacked, to, owner, span, own),
                DownloadAction::Package | DownloadAction::Script { .. } => {}
            }
        }
        for (prefix, span) in component.prefixes() {
            self.add(Kind::Environment, &prefix, owner, Some(span), own);
        }
        for package in component.r.iter().flat_map(|r| &r.packages) {
            self.add(Kind::Environment, &package.folder, owner, Some(&package.span), own);
        }
        for path in component.script.iter().flat_map(|script| &script.writable) {
            self.add(Kind::Writable, &path, owner, None, own);
        }
    }

    /// What is written from data: services, routes, shortcuts, sudo rules.
    fn services(&mut self, component: &'stack Component) {
        let owner = Some(component);
        for service in &component.services {
            let path = places::service_path(&service.name);
            let layer = path.as_ref().and_then(|path| self.copy(component, path.as_str()));
            let (span, layer) = (Some(&service.span), layer.as_deref());
            self.add(Kind::Service, &service.name, owner, span, layer);
            if let Some(path) = path {
                self.add(Kind::ServiceFile, &path, owner, span, layer);
            }
            for (port, span) in &service.ports {
                self.add(Kind::ServicePort, &port, owner, Some(span), layer);
            }
            for name in service.environment.keys() {
                self.add(Kind::ServiceVariable, &name, owner, span, layer);
            }
        }
        for route in &component.routes {
            let path = places::route_path(&route.path);
            let layer = path.as_ref().and_then(|path| self.copy(component, path.as_str()));
            let (span, layer) = (Some(&route.span), layer.as_deref());
            self.add(Kind::Route, &route.path, owner, span, layer);
            if !route.path.stem().is_empty() {
                self.also(route.path.stem());
            }
            if let Some(path) = path {
                self.add(Kind::RouteFile, &path, owner, span, layer);
            }
            self.add(Kind::RoutePort, &route.port, owner, Some(&route.port_span), layer);
        }
        for shortcut in &component.shortcuts {
            let span = Some(&shortcut.span);
            let paths = [&shortcut.on_desktop, &shortcut.in_menu];
            for path in paths.into_iter().flatten() {
                let layer = self.copy(component, path.as_str());
                self.add(Kind::Shortcut, &path, owner, span, layer.as_deref());
                self.also(shortcut.name.as_str());
            }
        }
        for rule in &component.sudo {
            self.add(Kind::SudoRule, &rule.program, owner, Some(&rule.span), Some("sudoers"));
        }
        if let Some(path) = places::sudoers_path(&component.name)
            && !component.sudo.is_empty()
        {
            self.add(Kind::SudoFile, &path, owner, Some(&component.sudo_span), Some("sudoers"));
        }
    }

    /// What the container is like.
    fn container(&mut self, component: &'stack Component) {
        let owner = Some(component);
        for (port, span) in &component.runtime.ports {
            self.add(Kind::Port, &port, owner, Some(span), None);
        }
        for (path, span) in &component.runtime.volumes {
            self.add(Kind::Volume, &path, owner, Some(span), None);
        }
        for (name, _, span) in &component.environment {
            self.add(Kind::Variable, &name, owner, Some(span), None);
        }
        for (name, _, span) in &component.environment_prepend {
            self.add(Kind::Variable, &name, owner, Some(span), None);
        }
        for name in component.script.iter().flat_map(|script| script.environment.keys()) {
            let layer = Some(component.name.as_str());
            self.add(Kind::ScriptVariable, &name, owner, Some(&component.span), layer);
        }
        let is_set = component.environment.iter().any(|(name, ..)| name.as_str() == "LANG");
        let default = component.locales.as_ref().and_then(|one| one.default.as_ref());
        if let Some((_, span)) = default.filter(|_| !is_set) {
            self.add(Kind::Variable, &"LANG", owner, Some(span), None);
        }
    }

    fn accounts(&mut self, component: &'stack Component) {
        let (owner, layer) = (Some(component), Some("users"));
        for account in &component.accounts {
            self.add(Kind::User, &account.name, owner, Some(&account.span), layer);
        }
        for group in &component.groups {
            self.add(Kind::Group, &group.name, owner, Some(&group.span), layer);
        }
    }

    /// The layer that copies a file of a component.
    fn copy(&self, component: &Component, path: &str) -> Option<String> {
        let source = format!("{FILES}/{}{path}", component.name);
        let layers = self.plan.layers.iter().zip(&self.plan.estimates);
        let copies = |instruction: &Instruction| match instruction {
            Instruction::Copy(copy) => copy.sources.contains(&source),
            Instruction::Run(_) => false,
        };
        let mut found = layers.filter(|(layer, _)| copies(&layer.instruction));
        found.next().map(|(_, estimated)| estimated.name.clone())
    }
}

/// The layer of the apt packages of a component.
fn apt_layer(component: &Component) -> String {
    format!("apt-{}", component.change_class.name())
}
