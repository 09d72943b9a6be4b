//! Asks one registry, and shows it who asks where it wants that: a token (the distribution project's "Token
//! Authentication"), or name and password.
//!
//! A login goes to its own registry, and to the token server that this registry itself names if both are of one domain.
//! Tokens go to the registry alone. Neither follows a redirect to another host, and neither is kept.

use std::cell::RefCell;

use reqwest::Url;
use serde::Deserialize;

use super::challenge::{Scheme, schemes};
use super::login::{Login, Logins};
use super::name::{host, of_key};
use crate::upstream::http::{Challenge, Document, Failure, Http, Kind, is_here};
use crate::upstream::{below, json, nonsense};

/// One registry.
pub(super) struct Client<'a> {
    /// Its address.
    base: String,
    /// What its login is under.
    registry: String,
    logins: &'a Logins,
    /// The header that it took the last time.
    taken: RefCell<Option<String>>,
}

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
}

impl<'a> Client<'a> {
    /// The registry of a name. This very machine is asked without encryption.
    pub(super) fn of(registry: &str, logins: &'a Logins) -> Self {
        let scheme = if is_here(registry) { "http" } else { "https" };
        let base = format!("{scheme}://{}", host(registry));
        Self { base, registry: registry.to_owned(), logins, taken: RefCell::default() }
    }

    /// A mirror of docker's registry, by its address.
    pub(super) fn of_mirror(address: &str, logins: &'a Logins) -> Self {
        let registry = of_key(address).unwrap_or(address);
        // An address may have a password, which is nobody's name.
        let registry = registry.rsplit('@').next().unwrap_or_default().to_owned();
        let base = address.trim_end_matches('/').to_owned();
        Self { base, registry, logins, taken: RefCell::default() }
    }

    /// The address of something of a repository.
    pub(super) fn url(&self, repository: &str, path: &str) -> String {
        below(&self.base, &format!("v2/{repository}/{path}"))
    }

    /// A document of a repository.
    pub(super) fn document(
        &self,
        http: &Http,
        url: &str,
        repository: &str,
        accept: &str,
    ) -> Result<Document, Failure> {
        let ask = |authorization: Option<&str>| {
            let mut headers = vec![("accept", accept)];
            headers.extend(authorization.map(|value| ("authorization", value)));
            http.document(url, &headers)
        };
        let taken = self.taken.borrow().clone();
        let refused = match ask(taken.as_deref()) {
            Err(failure) if failure.challenge().is_some() => failure,
            done => return done.map_err(|failure| self.explained(failure)),
        };
        let Some(authorization) = self.authorization(http, url, repository, &refused)? else {
            return Err(self.explained(refused));
        };
        let document = ask(Some(&authorization)).map_err(|failure| self.explained(failure))?;
        *self.taken.borrow_mut() = Some(authorization);
        Ok(document)
    }

    /// The header that a challenge asks for; none where there is nothing to answer with.
    fn authorization(
        &self,
        http: &Http,
        url: &str,
        repository: &str,
        refused: &Failure,
    ) -> Result<Option<String>, Failure> {
        let Some(Challenge { url: by, texts }) = refused.challenge() else { return Ok(None) };
        // A server that the registry redirects to has no claim to a login for the registry.
        if !is_same_server(url, by) {
            return Ok(None);
        }
        let offered: Vec<Scheme> = texts.iter().flat_map(|text| schemes(text)).collect();
        let named = |name: &str| offered.iter().find(|scheme| scheme.name == name);
        if let Some(bearer) = named("bearer") {
            return self.token(http, url, repository, bearer).map(Some);
        }
        match (named("basic"), self.logins.of(&self.registry)) {
            (Some(_), Some(Login::Basic(login))) => Ok(Some(login.clone())),
            _ => Ok(None),
        }
    }

    /// A token of the server that the registry names.
    fn token(
        &self,
        http: &Http,
        url: &str,
        repository: &str,
        bearer: &Scheme,
    ) -> Result<String, Failure> {
        let parameter = |name: &str| bearer.parameters.get(name).map(String::as_str);
        let realm = parameter("realm").unwrap_or_default();
        let mut address = Url::parse(realm)
            .map_err(|_| nonsense(url, &format!("it sends for a token to {realm:?}")))?;
        let default = format!("repository:{repository}:pull");
        let scope = parameter("scope").unwrap_or(&default);
        for (key, value) in [("service", parameter("service")), ("scope", Some(scope))] {
            if let Some(value) = value {
                address.query_pairs_mut().append_pair(key, value);
            }
        }
        let login = match self.logins.of(&self.registry) {
            Some(Login::Basic(login)) => Some(login.as_str()),
            _ => None,
        };
        let is_own = is_of_one_domain(url, realm);
        let sent = login.filter(|_| is_own);
        let headers: Vec<_> = sent.map(|login| ("authorization", login)).into_iter().collect();
        let document = http.secret_document(address.as_str(), &headers).map_err(|failure| {
            if login.is_some() && !is_own && failure.challenge().is_some() {
                let advice = format!(
                    "the login for {} is not sent there: it is another host",
                    self.registry
                );
                return failure.advised(advice);
            }
            self.explained(failure)
        })?;
        let answer: Answer = json(realm, &document.body)?;
        let token = answer.token.or(answer.access_token).filter(|token| !token.is_empty());
        token
            .map(|token| format!("Bearer {token}"))
            .ok_or_else(|| nonsense(realm, "its answer has no token"))
    }

    /// A refusal, with what to do about it.
    fn explained(&self, failure: Failure) -> Failure {
        match &failure.kind {
            Kind::Refused(401 | 403, _) => failure.advised(self.logins.advice(&self.registry)),
            _ => failure,
        }
    }
}

fn is_same_server(left: &str, right: &str) -> bool {
    matches!((Url::parse(left), Url::parse(right)), (Ok(left), Ok(right)) if left.origin() == right.origin())
}

/// Whether two addresses are of one server, or of hosts in one domain, as `registry.gitlab.com` and `gitlab.com` are.
fn is_of_one_domain(left: &str, right: &str) -> bool {
    let (Ok(left), Ok(right)) = (Url::parse(left), Url::parse(right)) else { return false };
    if left.origin() == right.origin() {
        return true;
    }
    let (Some(left), Some(right)) = (left.domain(), right.domain()) else { return false };
    let domain = |host: &str| {
        let labels: Vec<&str> = host.trim_end_matches('.').rsplitn(3, '.').take(2).collect();
        (labels.len() == 2).then(|| labels.join(" ").to_ascii_lowercase())
    };
    domain(left).is_some() && domain(left) == domain(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_stay_in_the_domain_of_their_registry() {
        for (registry, realm, is_own) in [
            ("https://registry-1.docker.io/v2/a", "https://auth.docker.io/token", true),
            ("https://registry.gitlab.com/v2/a", "https://gitlab.com/jwt/auth", true),
            ("https://ghcr.io/v2/a", "https://ghcr.io/token", true),
            ("https://ghcr.io/v2/a", "https://ghcr.io.evil.example/token", false),
            ("https://a.example/v2/a", "https://b.test/token", false),
            ("http://127.0.0.1:1/v2/a", "http://127.0.0.1:2/token", false),
            ("http://127.0.0.1:1/v2/a", "http://127.0.0.1:1/token", true),
            ("http://localhost:1/v2/a", "http://localhost:2/token", false),
            ("https://1.2.3.4/v2/a", "https://9.9.3.4/token", false),
        ] {
            assert_eq!(is_of_one_domain(registry, realm), is_own, "{registry} {realm}");
        }
    }
}
