//! How many findings stand how.

use std::collections::BTreeSet;
use std::fmt;

use durable_lints::lint::Level;

use crate::outcome::{Outcome, Status};

/// The counts of an outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// New findings that make the check fail.
    pub(super) denied: u64,
    /// New findings that are shown and let pass.
    pub(super) warnings: u64,
    /// New findings that are recorded and not shown.
    pub(super) audited: u64,
    /// Findings that an exemption in `durable.lock` covers.
    pub(super) exempt: u64,
    /// Findings that an attribute or comment in source covers.
    pub(super) allowed: u64,
    /// Places that could not be checked.
    pub(super) unchecked: u64,
    /// Files looked at.
    pub(super) files: u64,
    /// Packages looked at.
    pub(super) packages: u64,
    /// Rust files that say that a generator wrote them, which spares them matters of style.
    pub(super) generated: u64,
    /// The denying lints that could not look.
    pub(super) not_run: BTreeSet<&'static str>,
}

impl Summary {
    /// Counts an outcome.
    pub(super) fn of(outcome: &Outcome) -> Summary {
        let mut summary = Summary {
            unchecked: outcome.unchecked.len() as u64,
            files: outcome.stats.files,
            packages: outcome.stats.packages,
            generated: outcome.stats.generated,
            not_run: outcome.not_run.iter().map(|missed| missed.lint.name).collect(),
            ..Summary::default()
        };
        for judged in &outcome.findings {
            let count = match (&judged.status, judged.effect()) {
                (Status::Exempt(_), _) => &mut summary.exempt,
                (Status::AllowedInSource(_), _) => &mut summary.allowed,
                (Status::New, Level::Deny | Level::Forbid) => &mut summary.denied,
                (Status::New, Level::Warn) => &mut summary.warnings,
                (Status::New, Level::Audit | Level::Allow) => &mut summary.audited,
            };
            *count += 1;
        }
        summary
    }
}

/// `3 denied, 1 warning; 12 files in 2 packages`.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} denied, {}", self.denied, counted(self.warnings, "warning"))?;
        let rest = [
            (self.exempt, "exempt"),
            (self.allowed, "allowed in source"),
            (self.audited, "audited"),
            (self.unchecked, "not checked"),
        ];
        for (count, what) in rest.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, ", {count} {what}")?;
        }
        let (files, packages) = (counted(self.files, "file"), counted(self.packages, "package"));
        write!(f, "; {files} in {packages}")?;
        if self.generated > 0 {
            write!(f, ", {} generated", self.generated)?;
        }
        self.not_run.iter().try_for_each(|lint| write!(f, ", {lint} not run"))
    }
}

/// `1 file`, `2 files`.
pub fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
