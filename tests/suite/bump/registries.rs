//! Container registries: how tags are listed, and who gets to see a login.

use std::path::Path;

use super::sources::bumped;
use super::{Answer, Fake, bump, command, component, spec, stack_with};
use crate::harness::{Run, Stack, run};

/// `me:secret`, as docker writes it.
const LOGIN: &str = "bWU6c2VjcmV0";
const TAGS: &str = "/v2/team/tool/tags/list?n=1000";
const TOKEN: &str = "/token?service=registry&scope=repository%3Ateam%2Ftool%3Apull";

/// A folder with docker's configuration.
pub(super) fn docker_config(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.json"), text).unwrap();
    folder
}

/// The same, with a login for a registry.
pub(super) fn login(fake: &Fake) -> tempfile::TempDir {
    docker_config(&format!(
        "{{ \"auths\": {{ \"{}\": {{ \"auth\": \"{LOGIN}\" }} }} }}",
        host(fake)
    ))
}

fn host(fake: &Fake) -> String {
    fake.address().trim_start_matches("http://").to_owned()
}

fn upstream(fake: &Fake) -> String {
    format!("oci = \"{}/team/tool\", tag = 'v(?<version>.+)'", host(fake))
}

fn tags(names: &[&str]) -> Answer {
    Answer::json(&format!("{{ \"name\": \"team/tool\", \"tags\": {names:?} }}"))
}

/// What a registry says to somebody whom it does not know, with a token server.
pub(super) fn challenge(token_server: &str) -> Answer {
    let challenge = format!(
        "Bearer realm=\"{token_server}/token\",service=\"registry\",scope=\"repository:team/tool:pull\""
    );
    Answer::status(401).header("WWW-Authenticate", &challenge).body(
        "{ \"errors\": [{ \"code\": \"UNAUTHORIZED\", \"message\": \"authentication required\" }] }",
    )
}

fn configured(folder: &Path) -> [(&'static str, String); 1] {
    [("DOCKER_CONFIG", folder.to_str().unwrap().to_owned())]
}

/// Bumps a tool of which only the tags are served.
fn refused(fake: &Fake, configuration: Option<&Path>) -> (Run, Stack) {
    let old = component(fake, &upstream(fake));
    let stack = stack_with(&old);
    let mut command = command(&stack, fake, &["bump"]);
    if let Some(folder) = configuration {
        command.env("DOCKER_CONFIG", folder);
    }
    let run = run(&mut command).expect(4);
    assert_eq!(spec(&stack), old);
    assert!(!run.stdout.contains(LOGIN) && !run.stderr.contains(LOGIN));
    (run, stack)
}

fn logins_seen(fake: &Fake) -> usize {
    let asked = fake.all_asked().into_iter();
    asked
        .filter(|one| one.headers.get("authorization").is_some_and(|it| it.contains(LOGIN)))
        .count()
}

#[test]
fn tags_come_page_by_page() {
    let fake = Fake::start();
    let next = "</v2/team/tool/tags/list?n=1000&last=v0.9>; rel=\"next\"";
    fake.serve(TAGS, tags(&["latest", "v0.9"]).header("Link", next));
    fake.serve(
        "/v2/team/tool/tags/list?n=1000&last=v0.9",
        tags(&["v1.0.0", "v1.1.0", "v1.2.0-rc1"]),
    );
    bumped(&fake, &upstream(&fake), &[]);
    assert!(fake.all_asked().iter().all(|one| !one.headers.contains_key("authorization")));
}

#[test]
fn a_token_is_fetched_where_the_registry_names_a_server_of_tokens() {
    let fake = Fake::start();
    let asks = challenge(&fake.address());
    let last = "/v2/team/tool/tags/list?n=1000&last=v1.0.0";
    let first = tags(&["v1.0.0"]).header("Link", &format!("<{}{last}>; rel=next", fake.address()));
    fake.serve(TAGS, first.only_for("Bearer abc", asks.clone()));
    fake.serve(last, tags(&["v1.1.0"]).only_for("Bearer abc", asks));
    fake.serve(TOKEN, Answer::json("{ \"access_token\": \"abc\", \"expires_in\": 300 }"));
    bumped(&fake, &upstream(&fake), &[]);
    assert_eq!(fake.asked(TOKEN).len(), 1, "one token serves for all pages");
    assert!(!fake.asked(TOKEN)[0].headers.contains_key("authorization"));

    // With a login, the server of tokens gets to see it, and nobody else.
    let folder = login(&fake);
    let given = Answer::json("{ \"token\": \"abc\" }");
    let wanted = format!("Basic {LOGIN}");
    fake.serve(TOKEN, given.header("ETag", "\"t\"").only_for(&wanted, Answer::status(401)));
    bumped(&fake, &upstream(&fake), &configured(folder.path()));
    assert_eq!(logins_seen(&fake), 1);
}

#[test]
fn a_registry_without_tokens_gets_the_login_of_docker() {
    let fake = Fake::start();
    let asks = Answer::status(401).header("WWW-Authenticate", "Basic realm=\"registry\"");
    fake.serve(TAGS, tags(&["v1.0.0", "v1.1.0"]).only_for(&format!("Basic {LOGIN}"), asks));
    let (run, _) = refused(&fake, None);
    let advice = format!("`docker login {}`", host(&fake));
    assert!(
        run.stdout.contains("is refused (401)") && run.stdout.contains(&advice),
        "{}",
        run.stdout
    );
    bumped(&fake, &upstream(&fake), &configured(login(&fake).path()));
}

#[test]
fn a_login_that_is_not_taken_is_said_and_not_shown() {
    let fake = Fake::start();
    fake.serve(TAGS, challenge(&fake.address()));
    fake.serve(
        TOKEN,
        Answer::status(401).body("{ \"details\": \"incorrect username or password\" }"),
    );
    let (run, _) = refused(&fake, Some(login(&fake).path()));
    assert!(run.stdout.contains("does not take the login for"), "{}", run.stdout);
    // A token that the registry does not take either is not asked for again and again.
    fake.serve(TOKEN, Answer::json("{ \"token\": \"abc\" }").header("ETag", "\"t\""));
    let (run, stack) = refused(&fake, Some(login(&fake).path()));
    assert!(run.stdout.contains("is refused (401): authentication required"), "{}", run.stdout);
    let kept = crate::harness::files_below(&stack.path("."));
    let secrets = [LOGIN.as_bytes(), b"secret", b"\"token\""];
    for (path, file) in kept {
        let has = |secret: &&[u8]| file.bytes.windows(secret.len()).any(|part| part == *secret);
        assert!(!secrets.iter().any(has), "{path} has a secret");
    }
}

#[test]
fn logins_that_cannot_be_used_are_explained() {
    let fake = Fake::start();
    let asks = Answer::status(401).header("WWW-Authenticate", "Basic realm=\"registry\"");
    fake.serve(TAGS, tags(&["v1.1.0"]).only_for(&format!("Basic {LOGIN}"), asks));
    for (configuration, said) in [
        (
            format!("{{ \"credHelpers\": {{ \"{}\": \"pass\" }} }}", host(&fake)),
            "kept by docker-credential-pass, which rdspec does not run",
        ),
        ("{ \"credsStore\": \"desktop\" }".to_owned(), "kept by docker-credential-desktop"),
        (format!("{{ \"auths\": {LOGIN} }}"), "is no JSON at line 1"),
    ] {
        let (run, _) = refused(&fake, Some(docker_config(&configuration).path()));
        assert!(run.stdout.contains(said), "{}", run.stdout);
    }
    let asks = Answer::status(401).header("WWW-Authenticate", "Negotiate");
    fake.serve(TAGS, asks);
    refused(&fake, Some(login(&fake).path()));
    assert_eq!(logins_seen(&fake), 0);
}

#[test]
fn a_server_of_tokens_without_encryption_is_not_asked() {
    let fake = Fake::start();
    fake.serve(TAGS, challenge("http://auth.example"));
    let (run, _) = refused(&fake, Some(login(&fake).path()));
    assert!(
        run.stdout.contains("http://auth.example/token") && run.stdout.contains("is not https"),
        "{}",
        run.stdout
    );
    fake.serve(TAGS, challenge("file://"));
    let (run, _) = refused(&fake, Some(login(&fake).path()));
    assert!(run.stdout.contains("is not https"), "{}", run.stdout);
}

#[test]
fn a_login_goes_to_no_other_host() {
    let (fake, other) = (Fake::start(), Fake::start());
    let folder = login(&fake);
    // A server of tokens elsewhere gives what it gives to everybody.
    fake.serve(TAGS, tags(&["v1.1.0"]).only_for("Bearer abc", challenge(&other.address())));
    other.serve(TOKEN, Answer::json("{ \"token\": \"abc\" }"));
    bumped(&fake, &upstream(&fake), &configured(folder.path()));
    other.serve(TOKEN, Answer::status(401));
    let (run, _) = refused(&fake, Some(folder.path()));
    assert!(run.stdout.contains("is not sent there: it is another host"), "{}", run.stdout);

    // A redirect takes neither a login nor a token along, and cannot ask for them.
    let basic = Answer::status(401).header("WWW-Authenticate", "Basic realm=\"registry\"");
    let away = Answer::redirect(&format!("{}/elsewhere", other.address()));
    fake.serve(TAGS, away.only_for(&format!("Basic {LOGIN}"), basic.clone()));
    other.serve("/elsewhere", basic);
    refused(&fake, Some(folder.path()));
    other.serve("/elsewhere", challenge(&other.address()));
    refused(&fake, Some(folder.path()));
    let asked = other.asked("/elsewhere");
    assert!(asked.len() >= 2 && asked.iter().all(|one| !one.headers.contains_key("authorization")));
    assert_eq!(logins_seen(&other), 0);
}

#[test]
fn a_list_that_goes_on_elsewhere_is_not_followed() {
    let (fake, other) = (Fake::start(), Fake::start());
    let next = format!("<{}/more>; rel=\"next\"", other.address());
    fake.serve(TAGS, tags(&["v1.1.0"]).header("Link", &next));
    let (run, _) = refused(&fake, None);
    assert!(run.stdout.contains("on another server"), "{}", run.stdout);
    assert!(other.all_asked().is_empty());

    let circle = format!("<{TAGS}>; rel=\"next\"");
    fake.serve(TAGS, tags(&["v1.1.0"]).header("Link", &circle));
    let (run, _) = refused(&fake, None);
    assert!(run.stdout.contains("have more than"), "{}", run.stdout);
}

#[test]
fn short_names_are_asked_of_dockers_mirrors() {
    let fake = Fake::start();
    fake.serve("/v2/library/tool/tags/list?n=1000", tags(&["1.1.0"]));
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".config/docker");
    std::fs::create_dir_all(&folder).unwrap();
    let mirrors = format!("{{ \"registry-mirrors\": [\"{}/\"] }}", fake.address());
    std::fs::write(folder.join("daemon.json"), mirrors).unwrap();
    let home = ("HOME", home.path().to_str().unwrap().to_owned());
    bumped(&fake, "oci = \"tool\"", std::slice::from_ref(&home));
}

#[test]
fn a_registry_that_lists_nothing_is_a_failure() {
    let fake = Fake::start();
    fake.serve(TAGS, Answer::json("{ \"name\": \"team/tool\", \"tags\": null }"));
    let (run, stack) = refused(&fake, None);
    assert!(run.stdout.contains("lists no version at all"), "{}", run.stdout);
    fake.serve(TAGS, Answer::json("[]"));
    let run = bump(&stack, &fake, &[]).expect(4);
    assert!(run.stdout.contains("not what its interface promises"), "{}", run.stdout);
}
