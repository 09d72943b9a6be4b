//! The spec language as data: every table and key, with what it takes, its default and what it means.
//!
//! The one place from which the JSON Schema ([`schema`]) and the reference ([`reference`]) are made. The parser does not
//! read it; a test of [`parse`](crate::parse) proves that it accepts exactly these keys with values of these types.

pub mod ci;
pub mod component;
pub mod example;
pub mod experiment;
pub mod install;
pub mod reference;
pub mod schema;
pub mod stack;

/// A table of the language.
#[derive(Debug)]
pub struct Table {
    /// How the reference calls it, with `*` for a name that the user chooses: `downloads.*`. Unique in its file.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Its keys, in the order of the reference.
    pub keys: &'static [Key],
    /// Further keys that it has in what a variant lays over it.
    pub overlay: &'static [Key],
    /// Which keys exclude each other.
    pub rules: &'static [Rule],
}

/// How many of some keys a table has. Not checked in what a variant lays over it, as the rest is in the table below.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Exactly one of them.
    One(&'static [&'static str]),
    /// At most one of them.
    OneAtMost(&'static [&'static str]),
}

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What it takes.
    pub value: Type,
    /// What holds where it is absent.
    pub default: Default,
    /// What it means, in Markdown.
    pub about: &'static str,
    /// A value, as TOML; empty for tables, whose keys have theirs.
    pub example: &'static str,
}

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A string.
    Text,
    /// One of some strings.
    OneOf(&'static [&'static str]),
    /// A whole number from the first to the second.
    Integer(i64, i64),
    /// `true` or `false`.
    Flag,
    /// A list of strings; an element may be a table of strings by variant.
    Texts,
    /// A list of whole numbers from the first to the second.
    Integers(i64, i64),
    /// A string, or a list of strings.
    TextOrTexts,
    /// Strings under keys that the user chooses; the word says what the keys are.
    TextMap(&'static str),
    /// Lists of strings under keys that the user chooses; the word says what the keys are.
    TextsMap(&'static str),
    /// A string, or strings by language.
    Prose,
    /// A list of strings, or lists of strings by language.
    Words,
    /// A string, or strings by architecture.
    ByArchitecture,
    /// One table.
    Table(&'static Table),
    /// Tables under keys that the user chooses; the word says what the keys are.
    Tables(&'static str, &'static Table),
    /// Under names of variants, what each lays over the table: the same keys, none of them required.
    Overlays(&'static Table),
}

/// What holds where a key is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// The key has to be there.
    Required,
    /// Nothing.
    Nothing,
    /// This value, as TOML.
    Value(&'static str),
    /// Something that depends, in Markdown.
    Described(&'static str),
}

/// `stack.toml`.
pub const STACK: &Table = &stack::STACK_FILE;

/// `components/<name>.toml`.
pub const COMPONENT: &Table = &component::COMPONENT_FILE;

/// `dev/<image>.toml`.
pub const EXPERIMENTS: &Table = &experiment::EXPERIMENT_FILE;

impl Key {
    /// A key that may be absent.
    const fn new(name: &'static str, value: Type, about: &'static str) -> Self {
        Self { name, value, default: Default::Nothing, about, example: "" }
    }

    /// The key has to be there.
    const fn required(mut self) -> Self {
        self.default = Default::Required;
        self
    }

    /// The value where it is absent, as TOML.
    const fn or(mut self, value: &'static str) -> Self {
        self.default = Default::Value(value);
        self
    }

    /// What holds where it is absent, in words.
    const fn or_else(mut self, description: &'static str) -> Self {
        self.default = Default::Described(description);
        self
    }

    /// A value, as TOML.
    const fn example(mut self, value: &'static str) -> Self {
        self.example = value;
        self
    }
}

impl Table {
    const fn new(name: &'static str, about: &'static str, keys: &'static [Key]) -> Self {
        Self { name, about, keys, overlay: &[], rules: &[] }
    }

    const fn rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    const fn overlay(mut self, keys: &'static [Key]) -> Self {
        self.overlay = keys;
        self
    }

    /// This table and every one below it, each after the one that it stands in; each once.
    pub fn all(&'static self) -> Vec<&'static Self> {
        let mut tables = vec![self];
        let mut at = 0;
        while let Some(table) = tables.get(at).copied() {
            for key in table.keys {
                if let Type::Table(below) | Type::Tables(_, below) | Type::Overlays(below) =
                    key.value
                    && tables.iter().all(|known| known.name != below.name)
                {
                    tables.push(below);
                }
            }
            at += 1;
        }
        tables
    }

    /// The key of a name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().chain(self.overlay).find(|key| key.name == name)
    }
}
