//! The language as JSON Schema (draft 2020-12), with which editors complete and check TOML files.
//!
//! It knows keys, types, and which keys exclude each other. What a value means is the compiler's to check.

use serde_json::{Map, Value, json};

use super::{Default, Key, Rule, Table, Type};

/// The draft that the schemas follow.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a file.
pub fn of(file: &'static Table, title: &str) -> Value {
    let mut definitions = Map::new();
    for below in file.all() {
        for mode in [Mode::Plain, Mode::Overlay] {
            definitions.insert(definition(below, mode), table(below, mode));
        }
    }
    let mut root = Map::new();
    root.insert("$schema".into(), DRAFT.into());
    root.insert("title".into(), title.into());
    root.insert("$ref".into(), reference(file, Mode::Plain));
    root.insert("$defs".into(), definitions.into());
    root.into()
}

/// Whether a table stands by itself or is laid over another one by a variant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plain,
    Overlay,
}

fn definition(table: &Table, mode: Mode) -> String {
    let name = if table.name.is_empty() { "file" } else { table.name };
    match mode {
        Mode::Plain => name.to_owned(),
        Mode::Overlay => format!("{name}:overlay"),
    }
}

fn reference(table: &Table, mode: Mode) -> Value {
    format!("#/$defs/{}", definition(table, mode)).into()
}

fn table(table: &Table, mode: Mode) -> Value {
    let further: &[Key] = if mode == Mode::Overlay { table.overlay } else { &[] };
    // A variant has no variants of its own.
    let keys = table
        .keys
        .iter()
        .filter(|key| mode == Mode::Plain || !matches!(key.value, Type::Overlays(_)));
    let mut properties = Map::new();
    for key in keys.chain(further) {
        properties.insert(key.name.to_owned(), property(key, mode));
    }
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("description".into(), table.about.into());
    schema.insert("properties".into(), properties.into());
    schema.insert("additionalProperties".into(), false.into());
    if mode == Mode::Plain {
        let required: Vec<&str> = table
            .keys
            .iter()
            .filter(|key| key.default == Default::Required)
            .map(|key| key.name)
            .collect();
        if !required.is_empty() {
            schema.insert("required".into(), required.into());
        }
        let rules: Vec<Value> = table.rules.iter().map(rule).collect();
        if !rules.is_empty() {
            schema.insert("allOf".into(), rules.into());
        }
    }
    schema.into()
}

fn rule(rule: &Rule) -> Value {
    let present = |key: &&str| json!({ "required": [key] });
    match rule {
        Rule::One(keys) => json!({ "oneOf": keys.iter().map(present).collect::<Vec<_>>() }),
        Rule::OneAtMost(keys) => {
            let none = json!({ "not": { "anyOf": keys.iter().map(present).collect::<Vec<_>>() } });
            let mut choices: Vec<Value> = keys.iter().map(present).collect();
            choices.push(none);
            json!({ "oneOf": choices })
        }
    }
}

fn property(key: &Key, mode: Mode) -> Value {
    let mut schema = value(key.value, mode);
    schema.insert("description".into(), key.about.into());
    if let Default::Value(default) = key.default
        && let Some(default) = from_toml(default)
    {
        schema.insert("default".into(), default);
    }
    if let Some(example) = from_toml(key.example) {
        schema.insert("examples".into(), json!([example]));
    }
    schema.into()
}

fn value(value: Type, mode: Mode) -> Map<String, Value> {
    let text = || json!({ "type": "string" });
    let map = |below: &Value| json!({ "type": "object", "additionalProperties": below });
    let schema = match value {
        Type::Text => text(),
        Type::OneOf(choices) => json!({ "enum": choices }),
        Type::Integer(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Type::Flag => json!({ "type": "boolean" }),
        Type::Texts => texts(),
        Type::Integers(least, most) => {
            json!({ "type": "array", "items": { "type": "integer", "minimum": least, "maximum": most } })
        }
        Type::TextOrTexts => json!({ "anyOf": [text(), texts()] }),
        Type::TextMap(_) => map(&text()),
        Type::TextsMap(_) => map(&texts()),
        Type::Prose | Type::ByArchitecture => json!({ "anyOf": [text(), map(&text())] }),
        Type::Words => json!({ "anyOf": [texts(), map(&texts())] }),
        Type::Table(below) => json!({ "$ref": reference(below, mode) }),
        Type::Tables(_, below) => map(&json!({ "$ref": reference(below, mode) })),
        Type::Overlays(below) => map(&json!({ "$ref": reference(below, Mode::Overlay) })),
    };
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

/// A list of strings, of which each may differ between variants.
fn texts() -> Value {
    let by_variant = json!({
        "type": "object",
        "description": "The value of each variant; nothing for those that are absent.",
        "additionalProperties": { "type": "string" },
    });
    json!({ "type": "array", "items": { "anyOf": [{ "type": "string" }, by_variant] } })
}

/// A TOML value as JSON; none for an empty text.
pub(crate) fn from_toml(text: &str) -> Option<Value> {
    let table: toml::Table = toml::from_str(&format!("value = {text}")).ok()?;
    serde_json::to_value(table.get("value")?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::{COMPONENT, EXPERIMENTS, STACK};
    use super::*;

    #[test]
    fn every_reference_leads_to_a_definition() {
        for file in [STACK, COMPONENT, EXPERIMENTS] {
            let schema = of(file, "a file");
            let text = schema.to_string();
            for part in text.split("\"$ref\":\"#/$defs/").skip(1) {
                let name = part.split('"').next().unwrap();
                assert!(schema["$defs"].get(name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn variants_require_nothing_and_have_keys_of_their_own() {
        let schema = of(STACK, "stack.toml");
        assert_eq!(schema["$defs"]["user"]["required"], json!(["name"]));
        let image = &schema["$defs"]["images.*:overlay"];
        assert!(image.get("allOf").is_none());
        assert!(image["properties"].get("add").is_some());
        assert!(schema["$defs"]["images.*"]["properties"].get("add").is_none());
    }

    #[test]
    fn defaults_and_examples_are_values() {
        let schema = of(STACK, "stack.toml");
        assert_eq!(schema["$defs"]["user"]["properties"]["uid"]["default"], json!(1000));
        let replaces = &schema["$defs"]["user"]["properties"]["replaces"];
        assert_eq!(replaces["examples"], json!([["ubuntu"]]));
    }
}
