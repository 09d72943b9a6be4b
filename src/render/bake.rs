//! The bake file as JSON: Bake file reference, "file format".
//!
//! Its strings are templates: `${REGISTRY}` is a variable that the environment of a build may set.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Error, json};

use crate::model::secret::SecretName;
use crate::plan::bake::{Bake, Target};

/// Where the file lies in the output folder.
pub const PATH: &str = "docker-bake.json";

/// The output folder, from which bake finds the contexts: it looks from where it is called.
pub const OUTPUT: &str = "generated";

/// Renders the file.
pub(super) fn bake(bake: &Bake) -> Result<String, Error> {
    let file = File {
        remark: format!(
            "Written by `rdspec generate` from {}/: edit the spec, not this file.",
            bake.spec
        ),
        variables: InOrder(vec![
            ("REGISTRY".to_owned(), Variable { default: &bake.registry }),
            ("TAG".to_owned(), Variable { default: &bake.tag }),
            ("CACHE".to_owned(), Variable { default: "" }),
        ]),
        groups: InOrder(
            bake.groups.iter().map(|(name, targets)| (name.clone(), Group { targets })).collect(),
        ),
        targets: InOrder(
            bake.targets.iter().map(|target| (target.name.clone(), written(target))).collect(),
        ),
    };
    let mut text = serde_json::to_string_pretty(&file)?;
    text.push('\n');
    Ok(text)
}

#[derive(Serialize)]
struct File<'plan> {
    /// The name under which JSON for HCL has comments.
    #[serde(rename = "//")]
    remark: String,
    #[serde(rename = "variable")]
    variables: InOrder<Variable<'plan>>,
    #[serde(rename = "group")]
    groups: InOrder<Group<'plan>>,
    #[serde(rename = "target")]
    targets: InOrder<Written>,
}

#[derive(Serialize)]
struct Variable<'plan> {
    default: &'plan str,
}

#[derive(Serialize)]
struct Group<'plan> {
    targets: &'plan [String],
}

/// A target. Labels are in the Dockerfile.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    context: String,
    dockerfile: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    contexts: Option<serde_json::Value>,
    platforms: Vec<String>,
    tags: [String; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    secret: Vec<String>,
    cache_from: [String; 1],
    cache_to: [String; 1],
}

fn written(target: &Target) -> Written {
    let Target { image, suffix, .. } = target;
    // The variable can be emptied, whatever it is in the spec.
    let registry = r#"${REGISTRY != "" ? "${REGISTRY}/" : ""}"#;
    // What is empty, bake leaves out.
    let cache = |mode: &str| {
        let reference = format!("type=registry,ref=${{CACHE}}/{image}:cache{suffix}{mode}");
        [format!(r#"${{CACHE != "" ? "{reference}" : ""}}"#)]
    };
    Written {
        context: format!("{OUTPUT}/{}", target.folder),
        dockerfile: "Dockerfile",
        contexts: target
            .parent
            .as_ref()
            .map(|(name, parent)| json!({ name: format!("target:{parent}") })),
        platforms: target.platforms.clone(),
        tags: [format!("{registry}{image}:${{TAG}}{suffix}")],
        secret: target.secrets.iter().map(secret).collect(),
        cache_from: cache(""),
        cache_to: cache(",mode=max"),
    }
}

/// A secret of a build comes from the variable of the same name that a script has for its file.
fn secret(name: &SecretName) -> String {
    format!("id={name},env={}", name.variable())
}

/// A JSON object whose keys keep their order.
struct InOrder<V>(Vec<(String, V)>);

impl<V: Serialize> Serialize for InOrder<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
