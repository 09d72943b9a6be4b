//! The built-in templates, and the environment that keeps them honest: strict about what is undefined, no
//! printing of anything that was not quoted.

use std::borrow::Cow;

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

use super::quote::{self, Unrepresentable};

/// Every template, by its path in `templates/`.
const SOURCES: &[(&str, &str)] = &[
    ("Dockerfile.j2", include_str!("../../templates/Dockerfile.j2")),
    ("layers.Dockerfile.j2", include_str!("../../templates/layers.Dockerfile.j2")),
    ("runtime.Dockerfile.j2", include_str!("../../templates/runtime.Dockerfile.j2")),
    ("dev.Dockerfile.j2", include_str!("../../templates/dev.Dockerfile.j2")),
    ("checks.sh.j2", include_str!("../../templates/checks.sh.j2")),
    ("docs.md.j2", include_str!("../../templates/docs.md.j2")),
    ("stack.mmd.j2", include_str!("../../templates/graph/stack.mmd.j2")),
    ("stack.dot.j2", include_str!("../../templates/graph/stack.dot.j2")),
    ("stack.svg.j2", include_str!("../../templates/graph/stack.svg.j2")),
    ("dockerignore.j2", include_str!("../../templates/dockerignore.j2")),
    ("service.conf.j2", include_str!("../../templates/resources/files/service.conf.j2")),
    ("route.conf.j2", include_str!("../../templates/resources/files/route.conf.j2")),
    ("shortcut.desktop.j2", include_str!("../../templates/resources/files/shortcut.desktop.j2")),
    ("apt.sources.j2", include_str!("../../templates/resources/apt.sources.j2")),
    ("requirements.txt.j2", include_str!("../../templates/resources/packages/requirements.txt.j2")),
    ("rules.j2", include_str!("../../templates/resources/sudoers/rules.j2")),
    ("start.sh.j2", include_str!("../../templates/resources/tools/start.sh.j2")),
    ("environment.sh.j2", include_str!("../../templates/resources/tools/environment.sh.j2")),
    ("fonts.sh.j2", include_str!("../../templates/resources/tools/fonts.sh.j2")),
    ("finish.sh.j2", include_str!("../../templates/resources/tools/finish.sh.j2")),
    ("fetch.sh.j2", include_str!("../../templates/resources/tools/fetch.sh.j2")),
    ("fetch_one.sh.j2", include_str!("../../templates/resources/tools/fetch_one.sh.j2")),
    ("locales.sh.j2", include_str!("../../templates/resources/tools/locales.sh.j2")),
    ("conda.sh.j2", include_str!("../../templates/resources/tools/conda.sh.j2")),
    ("r.sh.j2", include_str!("../../templates/resources/tools/r.sh.j2")),
    ("npm.sh.j2", include_str!("../../templates/resources/tools/npm.sh.j2")),
    ("pip.sh.j2", include_str!("../../templates/resources/tools/pip.sh.j2")),
    ("apt.sh.j2", include_str!("../../templates/resources/tools/apt.sh.j2")),
    ("apt_remove.sh.j2", include_str!("../../templates/resources/tools/apt_remove.sh.j2")),
    ("accounts.sh.j2", include_str!("../../templates/resources/tools/accounts.sh.j2")),
    ("remove.sh.j2", include_str!("../../templates/resources/tools/remove.sh.j2")),
    ("users.sh.j2", include_str!("../../templates/resources/tools/users.sh.j2")),
    ("component.sh.j2", include_str!("../../templates/resources/tools/component.sh.j2")),
    ("user.sh.j2", include_str!("../../templates/resources/tools/user.sh.j2")),
    ("sudoers.sh.j2", include_str!("../../templates/resources/tools/sudoers.sh.j2")),
    ("directories.sh.j2", include_str!("../../templates/resources/tools/directories.sh.j2")),
    ("workflows/images.yml.j2", include_str!("../../templates/workflows/images.yml.j2")),
    ("workflows/runner.j2", include_str!("../../templates/workflows/runner.j2")),
    ("workflows/install.yml.j2", include_str!("../../templates/workflows/install.yml.j2")),
    ("workflows/free_disk.yml.j2", include_str!("../../templates/workflows/free_disk.yml.j2")),
    ("workflows/login.yml.j2", include_str!("../../templates/workflows/login.yml.j2")),
    ("workflows/may_read.yml.j2", include_str!("../../templates/workflows/may_read.yml.j2")),
    ("workflows/secrets.yml.j2", include_str!("../../templates/workflows/secrets.yml.j2")),
    ("workflows/build.j2", include_str!("../../templates/workflows/build.j2")),
    ("workflows/bump.yml.j2", include_str!("../../templates/workflows/bump.yml.j2")),
    ("workflows/verify.yml.j2", include_str!("../../templates/workflows/verify.yml.j2")),
];

/// The templates, ready to render.
pub struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// Compiles the templates.
    ///
    /// # Errors
    /// A template with a syntax error: a defect of rdspec.
    pub fn new() -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_syntax(syntax()?);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_formatter(|output, _, value| {
            if let Some(text) = value.as_str().filter(|_| value.is_safe()) {
                return output.write_str(text).map_err(Error::from);
            }
            if value.kind() == ValueKind::Number {
                return write!(output, "{value}").map_err(Error::from);
            }
            let message = format!("{value:?} would be printed without being quoted");
            Err(Error::new(ErrorKind::BadEscape, message))
        });
        add_filters(&mut environment);
        for (name, source) in SOURCES {
            environment.add_template(name, source)?;
        }
        Ok(Self { environment })
    }

    /// Renders one template.
    ///
    /// # Errors
    /// Data that does not fit the template: a defect of rdspec.
    pub fn render(&self, name: &str, data: Value) -> Result<String, Error> {
        self.environment.get_template(name)?.render(data)
    }
}

/// Adds the filters that quote a value for a language.
pub fn add_filters(environment: &mut Environment<'_>) {
    environment.add_filter("word", |text: Cow<'_, str>| safe(quote::word(&text)));
    environment.add_filter("shell", |text: Cow<'_, str>| safe(quote::shell(&text)));
    environment.add_filter("docker", |text: Cow<'_, str>| safe(quote::dockerfile(&text)));
    environment.add_filter("exec", |words: Vec<String>| safe(quote::json(&words)));
    environment.add_filter("json", |text: Cow<'_, str>| safe(quote::json_string(&text)));
    environment.add_filter("comment", |text: Cow<'_, str>| safe(quote::comment(&text)));
    environment.add_filter("deb822", |text: Cow<'_, str>| safe(quote::deb822(&text)));
    environment.add_filter("dpkg", |text: Cow<'_, str>| safe(quote::dpkg(&text)));
    environment.add_filter("pip", |text: Cow<'_, str>| safe(quote::pip(&text)));
    environment.add_filter("r", |text: Cow<'_, str>| safe(quote::r(&text)));
    environment.add_filter("sudoers", |text: Cow<'_, str>| safe(quote::sudoers(&text)));
    environment.add_filter("nginx", |text: Cow<'_, str>| safe(quote::nginx::parameter(&text)));
    environment.add_filter("nginx_part", |text: Cow<'_, str>| safe(quote::nginx::part(&text)));
    environment.add_filter("markdown", |text: Cow<'_, str>| safe(quote::markdown::text(&text)));
    environment
        .add_filter("markdown_address", |text: Cow<'_, str>| safe(quote::markdown::address(&text)));
    environment.add_filter("xml", |text: Cow<'_, str>| safe(quote::picture::xml(&text)));
    environment.add_filter("mermaid", |text: Cow<'_, str>| safe(quote::picture::mermaid(&text)));
    environment.add_filter("dot", |text: Cow<'_, str>| safe(quote::picture::dot(&text)));
    environment.add_filter("desktop", |text: Cow<'_, str>| safe(quote::desktop::string(&text)));
    environment.add_filter("desktop_list", |words: Vec<String>| safe(quote::desktop::list(&words)));
    environment.add_filter("desktop_exec", |words: Vec<String>| safe(quote::desktop::exec(&words)));
    environment.add_filter("supervisor", |text: Cow<'_, str>| safe(quote::supervisor(&text)));
    environment.add_filter("supervisor_value", |text: Cow<'_, str>| {
        safe(quote::supervisor_environment(&text))
    });
    environment.add_filter("yaml", |text: Cow<'_, str>| safe(quote::yaml::workflow(&text)));
    environment.add_filter("expression", |text: Cow<'_, str>| safe(quote::yaml::expression(&text)));
    // For the user's own shell text, which is not a value in somebody else's.
    environment
        .add_filter("verbatim", |text: Cow<'_, str>| Value::from_safe_string(text.into_owned()));
}

/// How templates are written: blocks vanish with their line, and a comment sign that is none of bash's, which has
/// `${#array[@]}`.
///
/// # Errors
/// None: the signs are constants that do not collide.
pub fn syntax() -> Result<minijinja::syntax::SyntaxConfig, Error> {
    minijinja::syntax::SyntaxConfig::builder()
        .comment_delimiters("{##", "##}")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
}

fn safe(quoted: Result<String, Unrepresentable>) -> Result<Value, Error> {
    quoted.map(Value::from_safe_string).map_err(|problem| {
        let message = format!("{} cannot hold {:?}", problem.language, problem.value);
        Error::new(ErrorKind::BadEscape, message)
    })
}
