//! `[locales]`: names, the default, and what they are made of.

use std::collections::BTreeSet;

use super::check;
use super::images::LISTS;
use crate::diagnostic::{COMPONENT, Code, Diagnostic, Diagnostics};
use crate::model::locale::{Locale, Locales};
use crate::model::names::{EnvironmentName, Line};
use crate::model::{Component, Image, Variant};
use crate::source::Span;
use crate::syntax;

/// The locale that every glibc has, without being generated.
const BUILT_IN: &str = "C.UTF-8";

pub(super) fn resolve(
    written: &syntax::packages::Locales,
    found: &mut Diagnostics,
) -> Option<Locales> {
    let help = "name the locales: generate = [\"en_CA.UTF-8\"]";
    let names = check::required(written.generate.as_ref(), &written.span, "generate", help, found)?;
    let mut generate = Vec::with_capacity(names.value.len());
    for name in &names.value {
        let locale = check::named(name, Code::BadLocale, "the locale", Locale::parse, found);
        generate.extend(locale);
    }
    generate.sort();
    generate.dedup();
    let default = written.default.as_ref().and_then(|default| {
        if default.value != BUILT_IN {
            check::named(default, Code::BadLocale, "the default", Locale::parse, found)?;
        }
        Some((default.value.clone(), default.span.clone()))
    });
    Some(Locales { generate, default, span: written.span.clone() })
}

/// The default is LANG at run time.
pub(super) fn set_default(
    locales: Option<&Locales>,
    environment: &mut Vec<(EnvironmentName, Line, Span)>,
    found: &mut Diagnostics,
) {
    let Some((default, span)) = locales.and_then(|locales| locales.default.as_ref()) else {
        return;
    };
    if let Some((_, _, first)) = environment.iter().find(|(name, _, _)| name.as_str() == "LANG") {
        let message = "`default` of [locales] sets `LANG`, and so does [environment]";
        found.push(
            Diagnostic::new(Code::DuplicateEnvironment, span, message)
                .related(first, "here")
                .help("keep one of them"),
        );
    } else if let (Ok(name), Ok(value)) = (EnvironmentName::parse("LANG"), Line::parse(default)) {
        environment.push((name, value, span.clone()));
    }
}

/// Locales are made of the definitions of the package `locales`, and a default is one that somebody makes.
pub(super) fn check(variant: &Variant, image: &Image, chain: &[&Image], found: &mut Diagnostics) {
    let parents = chain.iter().take(chain.len().saturating_sub(1));
    let inherited: Vec<&Component> =
        parents.flat_map(|parent| &parent.components).map(AsRef::as_ref).collect();
    let own: Vec<&Component> = image.components.iter().map(AsRef::as_ref).collect();
    let made: BTreeSet<String> = inherited
        .iter()
        .chain(&own)
        .filter_map(|component| component.locales.as_ref())
        .flat_map(|locales| locales.generate.iter().map(ToString::to_string))
        .collect();
    let has_definitions = |component: &Component| {
        component.packages.iter().any(|package| package.as_str() == "locales")
    };
    let is_there = inherited.iter().any(|component| has_definitions(component))
        || variant.bootstrap.iter().any(|package| package.as_str() == "locales");
    for component in &own {
        let Some(locales) = &component.locales else { continue };
        let laid_before = crate::plan::order::closure(component, &own);
        if !is_there && !laid_before.into_iter().any(has_definitions) {
            found.push(
                Diagnostic::new(
                    Code::MissingPackage,
                    &locales.span,
                    "locales are made of the definitions in the package `locales`, which is not there",
                )
                .presumes(&[LISTS, &["apt", "packages", "provides", COMPONENT]].concat())
                .help("add it to [apt] packages of this component, or need a component that has it"),
            );
        }
        let Some((default, span)) = &locales.default else { continue };
        if default != BUILT_IN && !made.contains(default) {
            found.push(
                Diagnostic::new(Code::BadLocale, span, format!("no component generates {default}"))
                    .help("add it to `generate`"),
            );
        }
    }
}
