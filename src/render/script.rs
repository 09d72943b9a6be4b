//! Scripts and small configuration files.

use minijinja::{Error, Value, context};

use super::templates::Templates;
use crate::model::names::Line;
use crate::model::path::AbsolutePath;
use crate::model::route::{Route, ServicePath, nginx_time};
use crate::model::service::{Service, StopSignal};
use crate::model::sudo::{SudoRule, Tag};
use crate::plan::ImagePlan;
use crate::plan::download::DOWNLOADS;
use crate::plan::script::{SUDOERS_TARGET, Script, ScriptKind};

/// Plain data for a template.
pub(super) fn data(value: &impl serde::Serialize) -> Value {
    Value::from(minijinja::value::Serde(value))
}

/// A script of `resources/tools`.
pub(super) fn script(templates: &Templates, script: &Script) -> Result<String, Error> {
    let (template, content) = match &script.kind {
        ScriptKind::Apt(apt) => ("apt.sh.j2", data(apt)),
        ScriptKind::Users(users) => ("users.sh.j2", data(users)),
        ScriptKind::Component(component) => ("component.sh.j2", data(component.as_ref())),
        ScriptKind::User(user) => ("user.sh.j2", data(user)),
        ScriptKind::Sudoers { rules } => {
            ("sudoers.sh.j2", context! { rules => rules.clone(), source => SUDOERS_TARGET })
        }
        ScriptKind::Directories(directories) => ("directories.sh.j2", data(directories)),
        ScriptKind::PackageRemoval(removal) => ("apt_remove.sh.j2", data(removal)),
        ScriptKind::AccountChanges(changes) => ("accounts.sh.j2", data(changes)),
        ScriptKind::Removal(removal) => ("remove.sh.j2", data(removal)),
    };
    templates.render(
        template,
        context! {
            name => script.name.as_str(),
            origin => script.origin.as_str(),
            epoch => script.source_date_epoch,
            downloads_cache => DOWNLOADS,
            inherited => script.inherited.clone(),
            leftovers => script.kind.leftovers(),
            removes_snake_oil => script.kind.may_make_host_secrets(),
            data => content,
        },
    )
}

/// A program for supervisor: its configuration file reference, `[program:x]`.
pub(super) fn service(
    templates: &Templates,
    origin: &str,
    service: &Service,
) -> Result<String, Error> {
    templates.render(
        "service.conf.j2",
        context! {
            origin,
            name => service.name.as_str(),
            command => service.command.as_str(),
            priority => service.priority,
            directory => service.directory.as_ref().map(AbsolutePath::as_str),
            restart => service.restart.supervisor(),
            start_seconds => service.start_seconds,
            start_retries => service.start_retries,
            stop_signal => service.stop_signal.map(StopSignal::name),
            stop_seconds => service.stop_seconds,
            environment => data(&service.environment.iter().collect::<Vec<_>>()),
        },
    )
}

/// A file that nginx includes in its server (its documentation, ngx_http_proxy_module).
pub(super) fn route(templates: &Templates, origin: &str, route: &Route) -> Result<String, Error> {
    let origin_of_port = format!("http://127.0.0.1:{}", route.port);
    let to = route.to.as_ref().map(ServicePath::as_str);
    let without_slash = Some(route.path.stem()).filter(|stem| {
        // Nobody can ask for an empty path.
        route.path.is_prefix() && !stem.is_empty()
    });
    templates.render(
        "route.conf.j2",
        context! {
            origin,
            path => route.path.as_str(),
            is_prefix => route.path.is_prefix(),
            without_slash,
            upstream => format!("{origin_of_port}{}", to.unwrap_or_default()),
            origin_of_port,
            to => to.unwrap_or(route.path.as_str()),
            websocket => route.websocket,
            buffering => route.buffering,
            timeout => route.timeout.as_ref().map(nginx_time),
            same_origin => route.same_origin,
        },
    )
}

/// A drop-in of /etc/sudoers.d: sudoers(5), "user specification". A command without arguments gets `""`,
/// which allows none; left out, sudo would allow any.
pub(super) fn sudoers(
    templates: &Templates,
    origin: &str,
    user: &str,
    rules: &[SudoRule],
) -> Result<String, Error> {
    let rules: Vec<Value> = rules
        .iter()
        .map(|rule| {
            context! {
                program => rule.program.as_str(),
                arguments => rule.arguments.clone(),
                run_as => rule.run_as.as_str(),
                password => rule.password,
                tags => rule.tags.iter().copied().map(Tag::name).collect::<Vec<_>>(),
                reason => rule.unsafe_because.as_ref().map(Line::as_str),
            }
        })
        .collect();
    templates.render("rules.j2", context! { origin, user, rules })
}

/// `checks.sh`: every check of the image and of its parents, reported as TAP 14.
pub(super) fn checks(templates: &Templates, image: &ImagePlan) -> Result<String, Error> {
    let checks: Vec<Value> = image
        .checks
        .iter()
        .map(|(component, command)| {
            context! {
                component => component.as_str(),
                command => command.as_str(),
                delimiter => delimiter(command),
            }
        })
        .collect();
    templates.render(
        "checks.sh.j2",
        context! { reference => image.reference.as_str(), spec => image.spec.as_str(), checks },
    )
}

/// A here-document delimiter that is no line of the text.
fn delimiter(text: &str) -> String {
    let mut delimiter = String::from("CHECK");
    while text.lines().any(|line| line == delimiter) {
        delimiter.push('_');
    }
    delimiter
}
