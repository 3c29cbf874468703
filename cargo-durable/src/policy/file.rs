//! `durable.toml` as written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use durable_lints::lint::Level;
use durable_lints::lints::ALL;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::{Handles, Term};

/// The policy of a repository for `cargo durable`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "durable.toml")]
pub struct PolicyFile {
    /// Policies this one builds on, by their paths relative to this file. What they forbid cannot
    /// be lowered here; their owners, controls and models are known here too.
    #[schemars(with = "Vec<String>")]
    pub extends: Vec<Spanned<String>>,
    /// Who answers for what, by id.
    #[schemars(with = "BTreeMap<String, OwnerEntry>")]
    pub owners: BTreeMap<Spanned<String>, OwnerEntry>,
    /// Levels by lint or group. A lint beats its group.
    #[schemars(with = "LintEntries")]
    pub lints: BTreeMap<Spanned<String>, LintEntry>,
    /// The limits of exemptions.
    pub exemptions: ExemptionLimits,
    /// Security requirements of this project, beside those that are built in.
    pub controls: Vec<ControlEntry>,
    /// What APIs of this project mean for the lints.
    pub models: Vec<ModelEntry>,
}

/// A team that answers for code and exceptions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OwnerEntry {
    /// The team's name for people.
    pub team: Option<String>,
    /// How to reach it.
    pub contact: Option<String>,
    /// Who it is on GitHub: `@user`, `@group/team` or a mail address, or a list of them.
    #[schemars(with = "Option<Handles>")]
    pub github: Option<Spanned<Handles>>,
    /// Who it is on GitLab: `@user`, `@group/subgroup` or a mail address, or a list of them.
    #[schemars(with = "Option<Handles>")]
    pub gitlab: Option<Spanned<Handles>>,
    /// The files it answers for, as in CODEOWNERS. The last match in the file wins.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub paths: Vec<Spanned<String>>,
    /// How often it reviews: `14d`, `2w`.
    pub cadence: Option<Term>,
}

/// A level, or a level with the files it is for.
#[derive(Clone, Debug)]
pub struct LintEntry {
    /// The level; `None` leaves it as it is.
    pub level: Option<Level>,
    /// Files in which the lint is off.
    pub exclude: Vec<Spanned<String>>,
    /// The only files this entry is about.
    pub paths: Option<Vec<Spanned<String>>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LintTable")]
struct LintTable {
    /// The level; without one only the files change.
    #[schemars(with = "Option<LevelName>")]
    level: Option<Level>,
    /// Files in which the lint is off.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    exclude: Vec<Spanned<String>>,
    /// The only files this entry is about.
    #[schemars(with = "Option<Vec<String>>")]
    paths: Option<Vec<Spanned<String>>>,
}

/// What happens when a lint finds something.
#[derive(JsonSchema)]
#[schemars(rename = "Level", rename_all = "lowercase")]
#[allow(dead_code)]
enum LevelName {
    /// Nothing: the lint does not run.
    Allow,
    /// It is recorded and not shown.
    Audit,
    /// It is shown.
    Warn,
    /// It is shown and the check fails.
    Deny,
    /// As deny; nothing may lower it and no exemption covers it.
    Forbid,
}

impl<'de> Deserialize<'de> for LintEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LintEntry, D::Error> {
        deserializer.deserialize_any(LintVisitor)
    }
}

struct LintVisitor;

impl<'de> Visitor<'de> for LintVisitor {
    type Value = LintEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a level such as \"deny\", or a table such as { level = \"deny\", exclude = [\"vendor/**\"] }",
        )
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<LintEntry, E> {
        let level = text.parse().map_err(E::custom)?;
        Ok(LintEntry { level: Some(level), exclude: Vec::new(), paths: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<LintEntry, A::Error> {
        let table = LintTable::deserialize(MapAccessDeserializer::new(map))?;
        Ok(LintEntry { level: table.level, exclude: table.exclude, paths: table.paths })
    }
}

impl JsonSchema for LintEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LintEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let level = generator.subschema_for::<LevelName>();
        let table = generator.subschema_for::<LintTable>();
        json_schema!({ "description": "A level, or a level with the files it is for.", "anyOf": [level, table] })
    }
}

/// The table of levels, for the schema: it knows the names, so that editors complete and check them.
struct LintEntries;

impl JsonSchema for LintEntries {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LintEntries".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let entry = generator.subschema_for::<LintEntry>();
        let described = |(name, about): (&str, &str)| {
            (name.to_owned(), serde_json::json!({ "description": about, "allOf": [entry] }))
        };
        let properties: serde_json::Map<_, _> = known().into_iter().map(described).collect();
        json_schema!({
            "type": "object",
            "properties": properties,
            "propertyNames": { "enum": spellings() },
            "additionalProperties": entry,
        })
    }
}

/// What enforces a control, for the schema.
struct Enforcing;

impl JsonSchema for Enforcing {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Enforcing".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A lint or group, or the rule of another tool.",
            "anyOf": [{ "enum": spellings() }, { "type": "string", "pattern": "::" }],
        })
    }
}

/// The groups and lints with a line about each.
fn known() -> BTreeMap<&'static str, &'static str> {
    let groups = ALL.iter().map(|lint| (lint.group, "A group of lints."));
    groups.chain(ALL.iter().map(|lint| (lint.name, lint.summary()))).collect()
}

/// Their names as they may be written.
fn spellings() -> BTreeSet<String> {
    known().keys().flat_map(|name| [(*name).to_owned(), name.replace('_', "-")]).collect()
}

/// The limits of exemptions. Of several files the strictest counts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ExemptionLimits {
    /// The longest term of an exemption: `180d`, `2w`. A lint may set a shorter one.
    pub max_term: Option<Term>,
    /// How often an exemption may be renewed.
    pub renewals: Option<u32>,
}

/// One security requirement.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ControlEntry {
    /// Its id, by which `#[durable(control = "…")]` names it.
    #[schemars(with = "String")]
    pub id: Spanned<String>,
    /// What it requires, in one line.
    pub title: String,
    /// Who answers for it: an id under `[owners]`.
    #[schemars(with = "Option<String>")]
    pub owner: Option<Spanned<String>>,
    /// The lints, groups or rules of other tools (`clippy::unwrap_used`) that enforce it. Without
    /// any it is enforced by reviews.
    #[serde(default)]
    #[schemars(with = "Vec<Enforcing>")]
    pub enforced_by: Vec<Spanned<String>>,
    /// How often it is reviewed, where it is enforced by reviews.
    pub cadence: Option<Term>,
    /// The last day on which its next review is in time, where it is enforced by reviews.
    #[schemars(with = "Option<String>")]
    pub review_by: Option<Spanned<DayEntry>>,
    /// Where it stands.
    #[serde(default)]
    pub status: ControlStatus,
    /// What has to be true for it to be closed.
    pub closure: Option<String>,
}

/// A day: `2027-01-31`, with or without quotes.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum DayEntry {
    /// As TOML has dates.
    Date(toml::value::Datetime),
    /// As text.
    Text(String),
}

/// Where a control stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ControlStatus {
    /// Decided, not yet enforced.
    Planned,
    /// Enforced.
    #[default]
    InForce,
    /// Closed: nothing is left to do.
    Closed,
    /// Given up.
    Retired,
}

impl ControlStatus {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            ControlStatus::Planned => "planned",
            ControlStatus::InForce => "in-force",
            ControlStatus::Closed => "closed",
            ControlStatus::Retired => "retired",
        }
    }
}

/// What an API means for the lints.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModelEntry {
    /// The function, method or macro by its full path: `acme_db::Client::raw`.
    #[schemars(with = "String")]
    pub path: Spanned<String>,
    /// What it is.
    pub kind: ModelKindName,
    /// The argument that is meant, from 0 and without the receiver; all without this key.
    pub argument: Option<u8>,
    /// What a sink interprets, or a sanitizer makes harmless.
    #[serde(rename = "for")]
    pub purpose: Option<PurposeName>,
    /// The full path of the type it returns, with `kind = "returns"`.
    pub returns: Option<String>,
    /// What is wrong with a call.
    pub message: Option<String>,
    /// What to do instead.
    pub help: Option<String>,
}

/// What an API is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ModelKind")]
pub enum ModelKindName {
    /// What it returns is controlled by whoever sends a request.
    Source,
    /// It interprets its argument.
    Sink,
    /// What it returns is harmless.
    Sanitizer,
    /// It must not be called.
    Banned,
    /// It returns a known type.
    Returns,
}

/// What a sink interprets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Purpose")]
pub enum PurposeName {
    /// SQL text.
    Sql,
    /// A path of the file system.
    Path,
    /// The address of a request.
    Url,
    /// A command line.
    Shell,
    /// Markup.
    Html,
    /// A log line.
    Log,
}

impl JsonSchema for Term {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Term".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Days or weeks: 90d, 2w. At most ten years.",
            "type": "string",
            "pattern": "^[0-9]+[dw]$",
        })
    }
}

/// The JSON Schema of `durable.toml` for editors, as draft 7, which all of them know.
pub fn schema() -> String {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    let schema = generator.into_root_schema_for::<PolicyFile>();
    // A schema is a tree of JSON values: it always can be written.
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
