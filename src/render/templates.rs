//! The built-in templates, and the environment that keeps them honest: strict about what is undefined, no
//! printing of anything that was not quoted.

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

use super::quote::{self, Unrepresentable};

/// Every template, by its path in `templates/`.
const SOURCES: &[(&str, &str)] = &[
    ("Dockerfile.j2", include_str!("../../templates/Dockerfile.j2")),
    ("checks.sh.j2", include_str!("../../templates/checks.sh.j2")),
    ("dockerignore.j2", include_str!("../../templates/dockerignore.j2")),
    ("service.conf.j2", include_str!("../../templates/resources/files/service.conf.j2")),
    ("rules.j2", include_str!("../../templates/resources/sudoers/rules.j2")),
    ("start.sh.j2", include_str!("../../templates/resources/tools/start.sh.j2")),
    ("environment.sh.j2", include_str!("../../templates/resources/tools/environment.sh.j2")),
    ("finish.sh.j2", include_str!("../../templates/resources/tools/finish.sh.j2")),
    ("apt.sh.j2", include_str!("../../templates/resources/tools/apt.sh.j2")),
    ("users.sh.j2", include_str!("../../templates/resources/tools/users.sh.j2")),
    ("component.sh.j2", include_str!("../../templates/resources/tools/component.sh.j2")),
    ("user.sh.j2", include_str!("../../templates/resources/tools/user.sh.j2")),
    ("sudoers.sh.j2", include_str!("../../templates/resources/tools/sudoers.sh.j2")),
    ("directories.sh.j2", include_str!("../../templates/resources/tools/directories.sh.j2")),
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
        // `{#` would collide with bash's `${#array[@]}`.
        environment.set_syntax(
            minijinja::syntax::SyntaxConfig::builder()
                .comment_delimiters("{##", "##}")
                .trim_blocks(true)
                .lstrip_blocks(true)
                .keep_trailing_newline(true)
                .build()?,
        );
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_formatter(|output, _, value| {
            if value.is_safe() || value.kind() == ValueKind::Number {
                return write!(output, "{value}").map_err(Error::from);
            }
            let message = format!("{value:?} would be printed without being quoted");
            Err(Error::new(ErrorKind::BadEscape, message))
        });
        environment.add_filter("word", |text: String| safe(quote::word(&text)));
        environment.add_filter("shell", |text: String| safe(quote::shell(&text)));
        environment.add_filter("docker", |text: String| safe(quote::dockerfile(&text)));
        environment.add_filter("exec", |words: Vec<String>| safe(quote::json(&words)));
        environment.add_filter("comment", |text: String| safe(quote::comment(&text)));
        environment.add_filter("sudoers", |text: String| safe(quote::sudoers(&text)));
        environment.add_filter("supervisor", |text: String| safe(quote::supervisor(&text)));
        environment.add_filter("supervisor_value", |text: String| {
            safe(quote::supervisor_environment(&text))
        });
        // For the user's own shell text, which is not a value in somebody else's.
        environment.add_filter("verbatim", Value::from_safe_string);
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

fn safe(quoted: Result<String, Unrepresentable>) -> Result<Value, Error> {
    quoted.map(Value::from_safe_string).map_err(|problem| {
        let message = format!("{} cannot hold {:?}", problem.language, problem.value);
        Error::new(ErrorKind::BadEscape, message)
    })
}
