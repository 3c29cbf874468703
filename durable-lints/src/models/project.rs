//! What a project says about its own APIs under `[[models]]` in `durable.toml`.

use serde::{Deserialize, Serialize};

/// One `[[models]]` entry, checked and complete.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProjectModel {
    /// The function, method or macro by its full path: `acme_db::Client::raw`, in segments.
    pub path: Vec<String>,
    /// What it means.
    pub kind: ModelKind,
    /// The argument that is meant, from 0 and without the receiver; `None` means every argument.
    pub argument: Option<u8>,
    /// Which kind of injection a sink opens or a sanitizer closes. A sink has one; a sanitizer
    /// without one closes all.
    pub purpose: Option<Purpose>,
    /// The full path of the type that a call returns; only with [`ModelKind::Returns`].
    pub returns: Option<String>,
    /// What is wrong with a call, in place of the lint's own words.
    pub message: Option<String>,
    /// What to do instead.
    pub help: Option<String>,
}

/// What a modelled API means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelKind {
    /// What it returns is controlled by whoever sends a request.
    Source,
    /// It interprets its argument.
    Sink,
    /// What it returns is harmless for its purpose.
    Sanitizer,
    /// It must not be called.
    Banned,
    /// It returns a known type.
    Returns,
}

/// What a sink interprets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
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
