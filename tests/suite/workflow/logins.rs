//! Who logs in where, and when: before what needs it, and with no more rights than that takes.

use rdspec::source::SpecFiles;
use serde_json::Value;

use super::{jobs, read, steps, text};
use crate::harness::{compiled, contents, spec};

const SECRETS: &str = "";
const TOKEN: &str = "login = { github-token = true }\n";

/// Workflows with every login that there can be, for linters.
pub(super) fn all() -> [String; 3] {
    let (own, source) = (image("ghcr.io"), "path = \".\"".to_owned());
    [(SECRETS, &own), (TOKEN, &own), (SECRETS, &source)]
        .map(|(login, rdspec)| written("ghcr.io/team/ubuntu:24.04", login, rdspec))
}

fn workflow(from: &str, login: &str, rdspec: &str) -> Value {
    read(&written(from, login, rdspec))
}

/// The workflow of a small stack on GitHub's registry: on what its base image is built, and where rdspec comes from.
fn written(from: &str, login: &str, rdspec: &str) -> String {
    let stack = format!(
        "[stack]\nname = \"demo\"\nregistry = \"ghcr.io/team\"\n\n\
         [images.base]\nfrom = \"{from}\"\nunpinned = \"a test\"\n\n\
         [ci]\n{login}rdspec = {{ {rdspec} }}\n"
    );
    let files = [("stack.toml".to_owned(), stack.into_bytes())].into();
    text(&compiled(&SpecFiles::new("spec", files)))
}

/// With the token of the run, images can be pushed to GitHub's own registry, also that of an Enterprise: only by the jobs
/// that do.
#[test]
fn the_token_of_the_run_writes_packages_where_it_pushes() {
    for registry in ["ghcr.io/team", "containers.github.example.org/team"] {
        let mut files = contents(&spec());
        let mut stack = String::from_utf8(files["stack.toml"].clone()).unwrap();
        for (old, new) in [
            (
                "login = { username = \"REGISTRY_USERNAME\", password = \"REGISTRY_PASSWORD\" }",
                "login = { github-token = true }",
            ),
            ("registry = \"k8scc01covidacr.azurecr.io\"", &format!("registry = \"{registry}\"")),
        ] {
            assert!(stack.contains(old), "{old}");
            stack = stack.replace(old, new);
        }
        files.insert("stack.toml".to_owned(), stack.into_bytes());
        let text = text(&compiled(&SpecFiles::new("spec", files)));
        assert!(!text.contains("secrets."), "{text}");
        for (id, job) in jobs(&read(&text)) {
            let wanted = match id.as_str() {
                "affected" => Some("read"),
                id if id.starts_with("image-") => Some("write"),
                _ => None,
            };
            let packages = job["permissions"].get("packages").map(|one| one.as_str().unwrap());
            assert_eq!(packages, wanted, "{id}");
        }
    }
}

fn image(registry: &str) -> String {
    format!("image = \"{registry}/tools/rdspec:1\", digest = \"sha256:{}\"", "0".repeat(64))
}

/// The place of the login among the steps, and whether it is only for runs that have the secrets.
fn login(job: &Value) -> Option<(usize, bool)> {
    let logins: Vec<usize> = steps(job)
        .iter()
        .enumerate()
        .filter(|(_, step)| step["name"] == "Log in to the registry")
        .map(|(position, _)| position)
        .collect();
    assert!(logins.len() < 2, "{job}");
    let position = *logins.first()?;
    let condition = steps(job)[position].get("if");
    assert!(condition.is_none_or(|condition| condition == "env.HAS_LOGIN == 'true'"));
    if condition.is_some() {
        let wanted = "${{ secrets.REGISTRY_PASSWORD != '' }}";
        assert_eq!(job["env"]["HAS_LOGIN"], wanted, "the condition never holds");
    }
    Some((position, condition.is_some()))
}

fn place(job: &Value, name: &str) -> usize {
    steps(job).iter().position(|step| step["name"] == name).unwrap()
}

#[test]
fn rdspec_out_of_an_image_on_the_stacks_registry_is_pulled_after_the_login() {
    for account in [SECRETS, TOKEN] {
        let workflow = workflow("debian:bookworm", account, &image("ghcr.io"));
        for id in ["check", "affected", "image-base", "bump", "verify"] {
            let job = &workflow["jobs"][id];
            let (login, is_guarded) = login(job).unwrap_or_else(|| panic!("{id} has no login"));
            assert!(login < place(job, "Install rdspec"), "{id}");
            assert_eq!(is_guarded, account == SECRETS && id != "image-base", "{id}");
            let wanted = match id {
                _ if account == SECRETS => None,
                "image-base" => Some("write"),
                _ => Some("read"),
            };
            let packages = job["permissions"].get("packages").map(|one| one.as_str().unwrap());
            assert_eq!(packages, wanted, "{id}");
        }
        assert_eq!(login(&workflow["jobs"]["published"]), None);
    }
}

#[test]
fn what_everybody_may_pull_is_installed_before_any_login() {
    for rdspec in [&image("quay.io"), "path = \".\""] {
        let workflow = workflow("debian:bookworm", TOKEN, rdspec);
        for (id, job) in jobs(&workflow) {
            let login = login(job).map(|(position, _)| position);
            let logs_in = id == "affected" || id.starts_with("image-");
            assert_eq!(login.is_some(), logs_in, "{id}");
            if let Some(login) = login {
                assert!(login > place(job, "Install rdspec"), "{id}");
            }
            assert_eq!(job["permissions"].get("packages").is_some(), logs_in, "{id}");
        }
    }
}

#[test]
fn pins_of_base_images_on_the_stacks_registry_are_asked_for_after_a_login() {
    for account in [SECRETS, TOKEN] {
        let workflow = workflow("ghcr.io/team/ubuntu:24.04", account, "path = \".\"");
        for (id, asks) in [
            ("bump", "Write what is newer and proven"),
            ("verify", "Ask every upstream for what is pinned"),
        ] {
            let job = &workflow["jobs"][id];
            let (login, is_guarded) = login(job).unwrap_or_else(|| panic!("{id} has no login"));
            assert!(place(job, "Install rdspec") < login && login < place(job, asks), "{id}");
            assert_eq!(is_guarded, account == SECRETS, "{id}");
            let packages = job["permissions"].get("packages");
            assert_eq!(packages.is_some_and(|one| one == "read"), account == TOKEN, "{id}");
        }
        assert_eq!(login(&workflow["jobs"]["check"]), None);
    }
    let elsewhere = workflow("quay.io/team/ubuntu:24.04", TOKEN, "path = \".\"");
    assert_eq!(login(&elsewhere["jobs"]["bump"]), None);
}
