//! A report after judgement: what every renderer reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use durable_lints::finding::Finding;
use durable_lints::homes::Homes;
use durable_lints::lint::Level;
use durable_lints::report::{NotRun, Stats, Unchecked};
use jiff::civil::Date;

use crate::judge::ControlState;
use crate::owners::Tags;

/// How a finding stands after judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nobody let it through.
    New,
    /// An exemption in `durable.lock` covers it.
    Exempt(Exempt),
    /// An attribute or comment in source covers it.
    AllowedInSource(Exempt),
}

/// What lets a finding through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exempt {
    /// Who answers for it.
    pub owner: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Its last day.
    pub expires: Option<Date>,
    /// `waiver` or `mitigated`.
    pub category: &'static str,
}

/// A finding with its level, standing and owner.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The finding.
    pub finding: Finding,
    /// Its level under the policy.
    pub level: Level,
    /// How it stands.
    pub status: Status,
    /// The team that answers for the place, where one does.
    pub owner: Option<String>,
    /// Whether it is shown and nothing more, whatever its level is: so does the audit profile.
    pub only_reported: bool,
}

impl Judged {
    /// What comes of it: its level, or a warning where things are only reported.
    pub fn effect(&self) -> Level {
        if self.only_reported { Level::Warn } else { self.level }
    }

    /// Whether it makes the check fail.
    pub fn fails(&self) -> bool {
        self.status == Status::New && self.effect() >= Level::Deny
    }

    /// Whether people are shown it.
    pub fn shown(&self) -> bool {
        self.status == Status::New && self.effect() >= Level::Warn
    }
}

/// A report after judgement.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Every finding at `audit` or above, sorted by file, place and lint.
    pub findings: Vec<Judged>,
    /// The files that any lint found something in, whatever its level there.
    pub files: BTreeSet<Arc<str>>,
    /// What could not be checked.
    pub unchecked: Vec<Unchecked>,
    /// Remarks in one line each, with the command that mends what they tell of.
    pub notes: Vec<String>,
    /// Denying lints that could not look and that nobody asked for by name.
    pub not_run: Vec<NotRun>,
    /// The texts of the files that have findings.
    pub sources: BTreeMap<Arc<str>, Arc<str>>,
    /// How much was looked at.
    pub stats: Stats,
    /// The packages and targets that files belong to.
    pub homes: Homes,
    /// The folder that every path is relative to.
    pub root: camino::Utf8PathBuf,
    /// The controls of the policy, and what enforces each.
    pub controls: Vec<ControlState>,
    /// Who answers for what, as source and manifests say.
    pub tags: Tags,
}

impl Outcome {
    /// Findings that make the check fail.
    pub fn denied(&self) -> usize {
        self.findings.iter().filter(|judged| judged.fails()).count()
    }
}
