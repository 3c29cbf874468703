//! What a run of the engine says: findings, what was let through in source, what was not checked.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, LintRef, Position, Span};
use crate::homes::Homes;

pub use crate::vocabulary::Relevance;

/// Everything a run of the engine found out. Levels, owners and exemptions come later: they are
/// policy, and the engine knows none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The findings, sorted by file, place and lint.
    pub findings: Vec<Finding>,
    /// The `#[durable(allow(…))]` attributes and `# durable: allow(…)` comments.
    pub allows: Vec<InSourceAllow>,
    /// Who answers for what, as source and manifests say.
    pub tags: Vec<Tag>,
    /// The items that matter to security, where that was asked for.
    pub security: Vec<SecurityItem>,
    /// The manifests of the packages: what lies around a manifest belongs to its package.
    pub packages: Vec<Arc<str>>,
    /// What could not be checked; any entry makes the check end with exit code 2.
    pub unchecked: Vec<Unchecked>,
    /// What was checked with less knowledge than it could have been, and the command that mends it.
    pub notes: Vec<String>,
    /// Lints that could not look for want of knowledge.
    pub not_run: Vec<NotRun>,
    /// How much was looked at.
    pub stats: Stats,
    /// Files that the report rests on whether the walk saw them or not: what source embeds, and what
    /// the module tree reaches by a path of its own.
    pub rests_on: Vec<Arc<str>>,
    /// Whether the report rests on something that no stamp tells of, so that no later run may take
    /// it for its own.
    pub fleeting: bool,
    /// The packages and targets that files belong to.
    pub homes: Homes,
}

/// A lint that could not look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRun {
    /// The lint.
    pub lint: LintRef,
    /// What is missing, and the command that mends it.
    pub reason: String,
}

/// How much a run looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Packages.
    pub packages: u64,
    /// Files of every kind that lints looked at.
    pub files: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Rust files that say that a generator wrote them.
    pub generated: u64,
}

/// A file or place that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unchecked {
    /// The file, relative to the workspace root where it lies below it.
    pub path: Arc<str>,
    /// Where in it, if that is known.
    pub at: Option<Position>,
    /// What is in the way.
    pub reason: String,
    /// What mends it.
    pub help: Option<String>,
}

/// A finding let through in source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InSourceAllow {
    /// The file.
    pub file: Arc<str>,
    /// Where the attribute or comment stands.
    pub span: Span,
    /// Where it stands, for people.
    pub start: Position,
    /// The code or table it covers.
    pub covers: Span,
    /// The lints or groups it names, with the place of each.
    pub lints: Vec<(String, Span)>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Its last day, as `YYYY-MM-DD`.
    pub expires: Option<String>,
    /// Whether it is met by other means, rather than accepted for now.
    pub mitigated: bool,
    /// What in it cannot be understood.
    pub wrong: Vec<Wrong>,
}

/// What a tag is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagScope {
    /// A package: `[package.metadata.durable]`.
    Package,
    /// A file: `durable_file!(…)`.
    File,
    /// An item and what is in it: `#[durable(…)]`.
    Item,
}

/// Who answers for what lies inside: an attribute, `durable_file!(…)` or a package's metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The file that it is written in.
    pub file: Arc<str>,
    /// The package around it.
    pub package: Option<Arc<str>>,
    /// The path of the item; that of the module where it is about a file, empty for a package.
    pub item: String,
    /// What it is about.
    pub scope: TagScope,
    /// Whether it stands in test code.
    pub test: bool,
    /// Whether it stands in what is checked, so that what is wrong with it is told.
    pub checked: bool,
    /// Where it stands.
    pub span: Span,
    /// Where it stands, for people.
    pub start: Position,
    /// What it is about, in the same file; nothing for a package.
    pub covers: Span,
    /// Who answers.
    pub owner: Option<Said>,
    /// The control that is met.
    pub control: Option<Said>,
    /// The last day of the next review, as `YYYY-MM-DD`.
    pub review_by: Option<Said>,
    /// The test that would catch a regression.
    pub guard: Option<Said>,
    /// Why.
    pub reason: Option<Said>,
    /// What in it cannot be understood.
    pub wrong: Vec<Wrong>,
}

/// One value of a tag and its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The value.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Where it stands, for people.
    pub start: Position,
}

/// An item that matters to security.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityItem {
    /// Its file.
    pub file: Arc<str>,
    /// The package around it.
    pub package: Option<Arc<str>>,
    /// Its path.
    pub item: String,
    /// Its name, or its header where it has none.
    pub span: Span,
    /// Where that stands, for people.
    pub start: Position,
    /// Why, in the order of [`Relevance`].
    pub why: Vec<Relevance>,
}

/// A part of an in-source allow or a tag that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// Where it stands.
    pub span: Span,
    /// Where it stands, for people.
    pub start: Position,
    /// What is wrong, and behind a `;` what mends it.
    pub message: String,
    /// The key that was meant, as far as it can be told.
    pub meant: Option<String>,
}
