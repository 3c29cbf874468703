//! What a lint is: a plain static with its documentation, metadata and check.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::finding::Findings;
use crate::models::Models;

use crate::code::Code;
pub use crate::models::Modelled;
use crate::subject::{
    CargoConfig, Certificate, Dependencies, Lockfile, Manifest, Repository, SourceFile, Workflow,
};
use crate::vocabulary::Relevance;

/// What happens when a lint finds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
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

/// Every level with its name, in order of strictness.
pub const LEVELS: [(Level, &str); 5] = [
    (Level::Allow, "allow"),
    (Level::Audit, "audit"),
    (Level::Warn, "warn"),
    (Level::Deny, "deny"),
    (Level::Forbid, "forbid"),
];

impl Level {
    /// Its name.
    pub fn name(self) -> &'static str {
        LEVELS[self as usize].1
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Level, String> {
        let found = LEVELS.iter().find(|(_, name)| *name == text).map(|(level, _)| *level);
        found.ok_or_else(|| format!("unknown level `{text}`: one of allow, audit, warn, deny, forbid"))
    }
}

/// What an attacker gains at worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Little by itself.
    Low,
    /// Something under conditions.
    Medium,
    /// Much.
    High,
    /// Everything that the code guards.
    Critical,
}

impl Severity {
    /// Its name.
    pub fn name(self) -> &'static str {
        ["low", "medium", "high", "critical"][self as usize]
    }

    /// The score that SARIF viewers sort by (`security-severity`, 0.0 to 10.0).
    pub fn score(self) -> &'static str {
        ["2.0", "5.0", "7.5", "9.5"][self as usize]
    }
}

/// How often the lint is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It rests on names or on incomplete knowledge of types.
    Medium,
    /// It rests on resolved names and values.
    High,
}

/// Which code a lint looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Libraries and binaries, without their tests.
    Shipping,
    /// Shipping code, examples, benches and build scripts, without tests.
    NonTest,
    /// Build scripts and procedural macros.
    Build,
    /// Everything.
    All,
}

/// What a lint looks at, and the function that does.
pub enum Check {
    /// One parsed function, constant, static, type or macro call in which a trigger occurs.
    Code(fn(&Code<'_>, &mut Findings)),
    /// The same, for what the judge wants to know of it: why it matters to security.
    Security(fn(&Code<'_>) -> BTreeSet<Relevance>),
    /// One Rust file in which a trigger occurs, by its outline and tokens.
    Source(fn(&SourceFile, &mut Findings)),
    /// One `Cargo.toml`.
    Manifest(fn(&Manifest, &mut Findings)),
    /// One `Cargo.lock`.
    Lockfile(fn(&Lockfile, &mut Findings)),
    /// One `.cargo/config.toml`.
    CargoConfig(fn(&CargoConfig, &mut Findings)),
    /// The resolved dependencies of a workspace.
    Dependencies(fn(&Dependencies, &mut Findings)),
    /// One certificate or key, from a file of its own or embedded in source.
    Certificate(fn(&Certificate, &mut Findings)),
    /// One GitHub workflow or action.
    Workflow(fn(&Workflow, &mut Findings)),
    /// The files of the repository.
    Repository(fn(&Repository, &mut Findings)),
    /// Nothing of its own: its findings are made while a check is judged, from policy and exemptions.
    Judge,
}

/// A lint: one file under `lints/<group>/`, named as the file is.
pub struct Lint {
    /// Its name: what is found, so that "allow …" reads well.
    pub name: &'static str,
    /// The folder it lives in.
    pub group: &'static str,
    /// Its documentation in Markdown; the first line is the summary.
    pub docs: &'static str,
    /// The level it has where no policy says otherwise.
    pub level: Level,
    /// What an attacker gains at worst.
    pub severity: Severity,
    /// How often it is right.
    pub confidence: Confidence,
    /// The weaknesses it finds, as CWE numbers.
    pub cwe: &'static [u32],
    /// The version that brought it.
    pub since: &'static str,
    /// Which code it looks at; only for [`Check::Code`] and [`Check::Source`].
    pub scope: Scope,
    /// Whether it passes over files that say that a generator wrote them: for what is a matter of
    /// style, which nobody mends by hand there.
    pub spares_generated: bool,
    /// What must occur for the lint to have anything to look at. A trigger made of identifier
    /// characters matches a whole identifier in code or a whole word in a string literal; any other
    /// matches inside string literals only. `*part*` also matches longer identifiers and words, and
    /// its hit is then the whole of them.
    pub triggers: &'static [&'static str],
    /// Whether its triggers match whole words in comments and documentation as well: only for
    /// [`Check::Source`], which reads the comments itself.
    pub reads_comments: bool,
    /// Further triggers and crates: those of the tables that the check goes by, and what a project adds to
    /// them. A lint whose project says something of its own that concerns it has no need of `crates`.
    pub modelled: fn(&Models) -> Modelled<'_>,
    /// Crates (as their package names) of which the package must depend on one. Empty: none needed.
    pub crates: &'static [&'static str],
    /// The longest term an exemption from this lint may have, in days; 0 leaves it to the policy.
    pub max_term_days: u32,
    /// The check.
    pub check: Check,
    /// Further subjects in which the same mistake is made: flags stand in cargo's configuration, in
    /// manifests and in workflows.
    pub also: &'static [Check],
}

impl Lint {
    /// What [`declare_lint!`](crate::declare_lint) fills in where a lint says nothing.
    pub const BASE: Lint = Lint {
        name: "",
        group: "",
        docs: "",
        level: Level::Warn,
        severity: Severity::Medium,
        confidence: Confidence::High,
        cwe: &[],
        since: "0.1.0",
        scope: Scope::Shipping,
        spares_generated: false,
        triggers: &[],
        reads_comments: false,
        modelled: |_| Modelled::default(),
        crates: &[],
        max_term_days: 0,
        check: Check::Source(|_, _| {}),
        also: &[],
    };

    /// Every check of the lint: the one that names its natural subject first.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        std::iter::once(&self.check).chain(self.also)
    }

    /// Whether it looks at Rust code, so that triggers say where.
    pub fn looks_at_code(&self) -> bool {
        self.checks().any(|check| matches!(check, Check::Code(_) | Check::Security(_) | Check::Source(_)))
    }

    /// Whether its findings are made while a check is judged, so that no exemption is about them.
    pub fn is_judged(&self) -> bool {
        matches!(self.check, Check::Judge | Check::Security(_))
    }

    /// The first line of the documentation, without its full stop.
    pub fn summary(&self) -> &'static str {
        self.docs.trim_start().lines().next().unwrap_or("").trim().trim_end_matches('.')
    }
}

impl fmt::Debug for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Splits a module path into a lint's group and name: the last two segments. Both are checked at
/// compile time, as a lint is a static.
pub const fn group_and_name(path: &'static str) -> (&'static str, &'static str) {
    let (before, name) = split_last(path);
    let (_, group) = split_last(before);
    (group, name)
}

const fn split_last(path: &'static str) -> (&'static str, &'static str) {
    let bytes = path.as_bytes();
    let mut at = bytes.len();
    while at > 0 && bytes[at - 1] != b':' {
        at -= 1;
    }
    let (before, last) = path.split_at(at);
    match before.len() {
        0..2 => (before, last),
        len => (before.split_at(len - 2).0, last),
    }
}

/// Declares a lint in its own file. The documentation is the page, the `explain` text and the
/// SARIF help; its fenced `bad` and `good` examples are the lint's contract tests.
#[macro_export]
macro_rules! declare_lint {
    ($(#[doc = $doc:literal])* pub static $name:ident = { $($field:ident: $value:expr),* $(,)? }) => {
        $(#[doc = $doc])*
        pub static $name: $crate::lint::Lint = $crate::lint::Lint {
            name: $crate::lint::group_and_name(module_path!()).1,
            group: $crate::lint::group_and_name(module_path!()).0,
            docs: concat!($($doc, "\n"),*),
            $($field: $value,)*
            ..$crate::lint::Lint::BASE
        };
    };
}
