//! Who the user is to container registries: the `auths` of docker's configuration.
//!
//! Takes the text of the configuration, gives logins. Programs that keep logins elsewhere (`credsStore`, `credHelpers`)
//! are not run; that there is one is remembered, so that it can be said. No login is ever printed.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::name::of_key;

/// The logins of a user, by registry.
#[derive(Clone, Debug, Default)]
pub struct Logins {
    by_registry: BTreeMap<String, Login>,
    /// The program that keeps the logins of all other registries.
    store: Option<String>,
    /// Why the configuration could not be read.
    problem: Option<String>,
}

/// How the user logs in to a registry.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Login {
    /// The value of an `Authorization` header (RFC 7617).
    Basic(String),
    /// In a way that rdspec does not know, in a few words that continue "the login … is".
    Elsewhere(String),
}

/// Nobody sees a password.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Basic(_) => f.write_str("Basic(…)"),
            Self::Elsewhere(how) => f.debug_tuple("Elsewhere").field(how).finish(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Configuration {
    auths: BTreeMap<String, Entry>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    /// Name, colon and password in base64: exactly what follows `Basic` in a header.
    auth: Option<String>,
    identitytoken: Option<String>,
}

impl Logins {
    /// Reads docker's config.json. Where it cannot be read there are no logins, and the reason is remembered.
    pub fn read(text: &str) -> Self {
        let configuration: Configuration = match serde_json::from_str(text) {
            Ok(configuration) => configuration,
            // The message may quote the text, so only the place is told.
            Err(error) => {
                let problem = format!("line {}, column {}", error.line(), error.column());
                return Self { problem: Some(problem), ..Self::default() };
            }
        };
        let mut by_registry = BTreeMap::new();
        for (key, entry) in configuration.auths {
            if let (Some(registry), Some(login)) = (of_key(&key), login(entry)) {
                by_registry.insert(registry.to_owned(), login);
            }
        }
        // docker asks the helper of a registry before it reads its own file.
        for (key, program) in configuration.cred_helpers {
            if let Some(registry) = of_key(&key) {
                by_registry.insert(registry.to_owned(), kept_by(&program));
            }
        }
        let store = configuration.creds_store.filter(|program| !program.is_empty());
        Self { by_registry, store, problem: None }
    }

    pub(super) fn of(&self, registry: &str) -> Option<&Login> {
        self.by_registry.get(registry)
    }

    /// What to do where a registry refuses, and the user has no login for it or another one is needed.
    pub(super) fn advice(&self, registry: &str) -> String {
        if let Some(problem) = &self.problem {
            return format!(
                "docker's config.json is no JSON at {problem}, so its logins are not known"
            );
        }
        let store = self.store.as_deref().map(kept_by);
        match self.by_registry.get(registry).or(store.as_ref()) {
            Some(Login::Basic(_)) => format!(
                "it does not take the login for {registry} of docker's config.json: `docker login {registry}` again"
            ),
            Some(Login::Elsewhere(how)) => format!(
                "the login for {registry} is {how}, which rdspec does not run; docker's config.json needs it in `auths`"
            ),
            None => format!(
                "see whether the name is right; if it is, `docker login {registry}`: some registries refuse what they do not have"
            ),
        }
    }
}

fn kept_by(program: &str) -> Login {
    Login::Elsewhere(format!("kept by docker-credential-{program}"))
}

fn login(entry: Entry) -> Option<Login> {
    if entry.identitytoken.is_some_and(|token| !token.is_empty()) {
        return Some(Login::Elsewhere("an identity token of `docker login`".to_owned()));
    }
    let auth = entry.auth.filter(|auth| !auth.is_empty())?;
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    auth.chars().all(is_base64).then(|| Login::Basic(format!("Basic {auth}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_read_as_docker_writes_them() {
        let text = r#"{ "auths": { "https://index.docker.io/v1/": { "auth": "bWU6eA==" }, "quay.io": {},
            "ghcr.io": { "auth": "a\nb" }, "x.example": { "auth": "bWU6", "identitytoken": "t" } },
            "credHelpers": { "gcr.io": "gcloud" } }"#;
        let logins = Logins::read(text);
        assert_eq!(logins.of("docker.io"), Some(&Login::Basic("Basic bWU6eA==".to_owned())));
        assert_eq!((logins.of("quay.io"), logins.of("ghcr.io")), (None, None));
        assert!(
            matches!(logins.of("gcr.io"), Some(Login::Elsewhere(how)) if how.contains("docker-credential-gcloud"))
        );
        assert!(matches!(logins.of("x.example"), Some(Login::Elsewhere(_))));
        assert!(!format!("{logins:?}").contains("bWU6"));
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        assert!(Logins::read("{ \"credsStore\": \"pass\" }").advice("a.b").contains("-pass"));
        let broken = Logins::read("{ \"auths\": secret");
        let advice = broken.advice("a.b");
        assert!(advice.contains("line 1") && !advice.contains("secret"), "{advice}");
    }
}
