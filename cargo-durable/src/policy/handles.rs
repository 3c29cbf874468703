//! What an owner is called where its code is hosted.

use std::fmt;

use durable_lints::codeowners::{Host, is_owner};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Owner;

/// One handle, or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handles(pub Vec<String>);

impl Handles {
    /// The first that a host would not accept.
    pub fn refused(&self, host: Host) -> Option<&str> {
        self.0.iter().map(String::as_str).find(|handle| !is_owner(host, handle))
    }
}

impl Owner {
    /// Who it is to a host: the handles that it declares, else its mail address; nobody where it has neither.
    pub fn handles(&self, host: Host) -> Vec<&str> {
        let declared = match host {
            Host::Github => &self.github,
            Host::Gitlab => &self.gitlab,
        };
        let mail =
            self.contact.as_deref().filter(|contact| !contact.starts_with('@') && is_owner(host, contact));
        match declared.0.as_slice() {
            [] => mail.into_iter().collect(),
            declared => declared.iter().map(String::as_str).collect(),
        }
    }
}

/// The key of `[owners.X]` with the handles for a host.
pub fn key(host: Host) -> &'static str {
    match host {
        Host::Github => "github",
        Host::Gitlab => "gitlab",
    }
}

impl<'de> Deserialize<'de> for Handles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Handles, D::Error> {
        deserializer.deserialize_any(HandlesVisitor)
    }
}

struct HandlesVisitor;

impl<'de> Visitor<'de> for HandlesVisitor {
    type Value = Handles;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a handle such as \"@acme/identity\", or a list of them")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Handles, E> {
        Ok(Handles(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Handles, A::Error> {
        let mut handles = Vec::new();
        while let Some(handle) = list.next_element()? {
            handles.push(handle);
        }
        Ok(Handles(handles))
    }
}

impl JsonSchema for Handles {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Handles".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "`@user`, `@group/team` or a mail address, or a list of them.",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
        })
    }
}
