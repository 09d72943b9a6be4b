//! `stack.toml` without its images: names, platforms, the user, the variants' names.

use std::collections::BTreeSet;
use std::sync::Mutex;

use super::{Context, account, check, ci, language};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::architecture::Architecture;
use crate::model::ci::Ci;
use crate::model::names::{Date, Snapshot, UserName};
use crate::model::path::AbsolutePath;
use crate::model::profile::Profile;
use crate::model::reference::{Registry, Tag};
use crate::model::stack::{PackageDate, User};
use crate::model::{Name, Stack, Variant};
use crate::parse::DEFAULT_VARIANT;
use crate::source::{Spanned, SpecFiles};
use crate::syntax;

/// 2026-01-01T00:00:00Z: any constant serves where the spec does not choose one.
const DEFAULT_SOURCE_DATE_EPOCH: u64 = 1_767_225_600;

/// A stack whose images are not resolved yet.
pub(super) struct PartialStack<'spec> {
    pub(super) context: Context<'spec>,
    pub(super) name: Name,
    registry: Option<Registry>,
    tag: Tag,
    source_date_epoch: u64,
    keeps_translations: bool,
    ci: Option<Ci>,
    pub(super) variants: Vec<Variant>,
}

impl PartialStack<'_> {
    pub(super) fn finish(self, profile: Profile) -> Stack {
        Stack {
            name: self.name,
            registry: self.registry,
            tag: self.tag,
            architectures: self.context.architectures,
            languages: self.context.languages,
            source_date_epoch: self.source_date_epoch,
            keeps_translations: self.keeps_translations,
            user: self.context.user,
            variants: self.variants,
            ci: self.ci,
            profile,
            root: self.context.files.root().to_owned(),
        }
    }
}

pub(super) fn resolve<'spec>(
    files: &'spec SpecFiles,
    file: &syntax::stack::StackFile,
    found: &mut Diagnostics,
) -> Option<PartialStack<'spec>> {
    let stack = &file.stack;
    let name = check::required(
        stack.name.as_ref(),
        &stack.span,
        "stack.name",
        "every image is called <stack>-<image>; give the stack a name: name = \"…\" in [stack]",
        found,
    )
    .and_then(|name| check::named(name, Code::BadName, "the stack name", Name::parse, found));
    let registry = stack.registry.as_ref().and_then(|registry| {
        check::named(registry, Code::BadReference, "the registry", Registry::parse, found)
    });
    let tag = match &stack.tag {
        Some(tag) => check::named(tag, Code::BadReference, "the tag", Tag::parse, found),
        None => Tag::parse("latest").ok(),
    };
    let source_date_epoch = match &stack.source_date_epoch {
        Some(epoch) => check::number(epoch, "`source-date-epoch`", 0..=253_402_300_799, found),
        None => Some(DEFAULT_SOURCE_DATE_EPOCH),
    };
    let architectures = architectures(stack, found);
    let languages = language::of_stack(stack.languages.as_ref(), found);
    let variants = variant_names(file, found);
    let user = file.user.as_ref().and_then(|user| user_account(user, found));
    let mut templates = minijinja::Environment::new();
    // Release builds name what is undefined, too.
    templates.set_debug(true);
    templates.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    // A URL needs a few steps; a loop in it is a mistake that must not hang the compiler.
    templates.set_fuel(Some(10_000));
    let context = Context {
        files,
        variants: variants?,
        architectures,
        languages,
        user,
        user_is_declared: file.user.is_some(),
        bootstrap_span: file.bootstrap.as_ref().map(|bootstrap| bootstrap.span.clone()),
        used_resources: Mutex::new(BTreeSet::new()),
        templates,
    };
    let ci = file.ci.as_ref().and_then(|ci| ci::resolve(ci, &context, found));
    ci::published::check(file, &context, ci.as_ref().zip(tag.as_ref()), found);
    Some(PartialStack {
        context,
        ci,
        // Whatever it is called, the rest is checked.
        name: name.or_else(|| Name::parse("unnamed").ok())?,
        registry,
        tag: tag.or_else(|| Tag::parse("latest").ok())?,
        source_date_epoch: source_date_epoch.unwrap_or(DEFAULT_SOURCE_DATE_EPOCH),
        keeps_translations: stack.languages.is_some(),
        variants: Vec::new(),
    })
}

/// `[apt]`: from when the packages are.
pub(super) fn apt(
    file: &syntax::stack::StackFile,
    found: &mut Diagnostics,
) -> Option<Spanned<PackageDate>> {
    let apt = file.apt.as_ref()?;
    let refresh = apt.refresh.as_ref().and_then(|written| {
        let date = check::named(written, Code::BadDate, "the refresh date", Date::parse, found)?;
        Some(Spanned::new(PackageDate::Refresh(date), written.span.clone()))
    });
    let snapshot = apt.snapshot.as_ref().and_then(|written| {
        let time = check::named(written, Code::BadDate, "the snapshot", Snapshot::parse, found)?;
        Some(Spanned::new(PackageDate::Snapshot(time), written.span.clone()))
    });
    if let (Some(refresh), Some(snapshot)) = (&apt.refresh, &apt.snapshot) {
        found.push(
            Diagnostic::new(
                Code::ConflictingKeys,
                &snapshot.span,
                "packages come from a snapshot or from a refresh date, not both",
            )
            .related(&refresh.span, "the refresh date")
            .help("keep `snapshot` where the archives offer snapshots and apt is 2.7 or later"),
        );
    }
    snapshot.or(refresh)
}

fn architectures(stack: &syntax::stack::Stack, found: &mut Diagnostics) -> Vec<Architecture> {
    let Some(platforms) = stack.platforms.as_ref().map(|list| &list.value) else {
        return vec![Architecture::Amd64];
    };
    let mut architectures = Vec::new();
    for platform in platforms {
        match Architecture::from_platform(&platform.value) {
            Some(architecture) if architectures.contains(&architecture) => {
                check::twice(platform, &platform.value, found);
            }
            Some(architecture) => architectures.push(architecture),
            None => found.push(
                Diagnostic::new(
                    Code::BadPlatform,
                    &platform.span,
                    format!("rdspec does not build for {:?}", platform.value),
                )
                .help("use \"linux/amd64\" or \"linux/arm64\""),
            ),
        }
    }
    if platforms.is_empty() {
        let span = stack.platforms.as_ref().map_or(&stack.span, |list| &list.span);
        check::empty_list(span, "platforms", "leave it out for linux/amd64", found);
    }
    architectures
}

fn variant_names(file: &syntax::stack::StackFile, found: &mut Diagnostics) -> Option<Vec<Name>> {
    let default = match &file.stack.default_variant {
        Some(name) => check::named(name, Code::BadName, "the variant name", Name::parse, found),
        None => Name::parse(DEFAULT_VARIANT).ok(),
    };
    let mut names = vec![default?];
    for key in &file.variants {
        let name = check::named(key, Code::BadName, "the variant name", Name::parse, found)?;
        if names.contains(&name) {
            found.push(
                Diagnostic::new(
                    Code::ConflictingKeys,
                    &key.span,
                    format!("`{name}` is the default variant, which the plain tables describe"),
                )
                .help("change the plain tables, or rename one of the two"),
            );
        }
        // generated/<variant>/ and generated/<image>/ lie side by side.
        if let Some((image, _)) = file.images.iter().find(|(image, _)| image.value == key.value) {
            found.push(
                Diagnostic::new(
                    Code::ConflictingKeys,
                    &key.span,
                    format!(
                        "the variant `{name}` and the image `{name}` would be written to one folder"
                    ),
                )
                .related(&image.span, "the image"),
            );
        }
        names.push(name);
    }
    Some(names)
}

fn user_account(user: &syntax::stack::User, found: &mut Diagnostics) -> Option<User> {
    let name = check::required(
        user.name.as_ref(),
        &user.span,
        "user.name",
        "say who the finished images run as",
        found,
    )
    .and_then(|name| {
        check::named(name, Code::BadUserName, "the user name", UserName::parse, found)
    });
    let mut id = |number: Option<&Spanned<i64>>, key: &str| match number {
        Some(number) => account::id(number, key, found),
        None => Some(1000),
    };
    let uid = id(user.uid.as_ref(), "uid");
    let gid = id(user.gid.as_ref(), "gid");
    let mut path = |written: Option<&Spanned<String>>, what: &str, default: &str| match written {
        Some(path) => check::path(path, what, found)
            .filter(|checked| account::colon(checked, &path.span, what, found)),
        None => AbsolutePath::parse(default).ok(),
    };
    let home_default = format!("/home/{}", name.as_ref().map_or("user", UserName::as_str));
    let home = path(user.home.as_ref(), "the home", &home_default);
    let skeleton = path(user.skeleton.as_ref(), "the skeleton", "/usr/local/share/home-skeleton");
    let shell = account::field(user.shell.as_ref(), "the shell", "/bin/bash", found);
    let mut replaces = Vec::new();
    for other in &user.replaces {
        replaces.extend(check::named(
            other,
            Code::BadUserName,
            "the user name",
            UserName::parse,
            found,
        ));
    }
    let groups = account::memberships(&user.groups, found);
    let (name, home, skeleton) = (name?, home?, skeleton?);
    if home.is_in(&skeleton) || skeleton.is_in(&home) {
        let span =
            user.skeleton.as_ref().or(user.home.as_ref()).map_or(&user.span, |text| &text.span);
        found.push(
            Diagnostic::new(Code::HomePath, span, "the skeleton and the home lie in each other")
                .help("a volume over the home would hide the skeleton; put it elsewhere"),
        );
    }
    Some(User {
        name,
        uid: uid?,
        gid: gid?,
        home,
        skeleton,
        shell: shell?,
        replaces,
        groups,
        span: user.span.clone(),
    })
}
