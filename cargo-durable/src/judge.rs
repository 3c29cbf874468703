//! From a report to an outcome: levels, in-source allows, exemptions and owners, and what is wrong
//! with those exceptions themselves.

mod candidates;
mod controls;
mod exceptions;
mod matches;
mod own;
mod ownership;
#[cfg(test)]
pub(crate) mod tests;

use durable_lints::finding::Finding;
use durable_lints::lint::{Level, Lint};
use durable_lints::report::{InSourceAllow, NotRun, Report};
use jiff::civil::Date;

use crate::ci::Ci;
use crate::outcome::{Exempt, Judged, Outcome, Status};
use crate::owners::{Owners, Tags};
use crate::policy::{Policy, Profile};
use crate::ratchet::lock::Lock;
use crate::ratchet::{Category, Exemption, Origins};

pub use candidates::{Candidate, candidates};
pub use controls::{ControlState, Enforcement, Enforcer};
pub use exceptions::tightened;
pub use matches::Matches;
pub use own::{Own, add};

/// What a run looked at, so that an exception outside it is not called unused.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// The files and folders that were checked, relative to the root; none means all.
    pub folders: Vec<String>,
    /// Lints that could not run: without an advisory database, say.
    pub not_run: Vec<String>,
}

impl Coverage {
    /// Whether a file lies in what was checked.
    pub fn file(&self, path: &str) -> bool {
        let below = |folder: &String| {
            path.strip_prefix(folder.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.folders.is_empty() || self.folders.iter().any(|folder| folder.is_empty() || below(folder))
    }

    /// Takes in which lints could not look.
    pub fn missed(&mut self, report: &Report) {
        self.not_run = report.not_run.iter().map(|missed| missed.lint.name.to_owned()).collect();
    }

    /// Whether all that lies below the root was checked.
    pub fn is_whole(&self) -> bool {
        self.file("")
    }

    fn lint(&self, lint: &Lint) -> bool {
        !self.not_run.iter().any(|name| name == lint.name)
    }
}

/// What a report is judged by.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The exemptions.
    pub lock: &'a Lock,
    /// The day of the check.
    pub today: Date,
    /// How strictly to look.
    pub profile: Profile,
    /// What was looked at.
    pub coverage: Coverage,
    /// The tree that was checked.
    pub origins: Origins<'a>,
    /// What runs in CI, where the policy asks and it is known.
    pub ci: Option<Ci>,
}

impl Case<'_> {
    /// Whether an exemption may follow code that moved: its item is gone from where it was, and this
    /// run looked there. A run over a part lends nothing to copies of what it did not load.
    fn has_left(&self, entry: &Exemption) -> bool {
        self.coverage.file(&entry.at) && self.origins.has_left(entry)
    }

    fn level(&self, lint: &Lint, file: &str) -> Level {
        self.policy.level_under(self.profile, lint, file)
    }

    /// The level of a finding: where nobody has set one, a lint does not deny what it is less sure of.
    fn level_of(&self, finding: &Finding) -> Level {
        let (lint, file) = (&finding.lint, &*finding.file);
        let level = self.level(lint, file);
        let weaker = finding.confidence < lint.confidence;
        let unset = self.profile != Profile::Strict && !self.policy.sets(lint, file);
        if weaker && unset { level.min(Level::Warn) } else { level }
    }

    /// Whether everything there is, is reported, and nothing fails.
    fn only_reports(&self) -> bool {
        self.profile == Profile::Audit
    }

    /// The lint of this name, as far as the policy knows it.
    fn lint(&self, name: &str) -> Option<&'static Lint> {
        self.policy.lints().find(|lint| lint.name == name)
    }
}

/// Judges a report.
pub fn judge_case(report: Report, case: &Case<'_>) -> Outcome {
    let matches = Matches::of(&report.findings, case);
    let uses = uses(&report, case);
    let mut own = own::lowered(case.policy);
    own.extend(exceptions::in_lock(&report, case, &matches));
    own.extend(exceptions::in_source(&report, case, &uses));
    let tags = Tags::of(&report);
    let owners = Owners::new(case.policy, &tags);
    own.extend(ownership::tags(&report, case));
    own.extend(ownership::unowned(&report, case, owners));
    let controls = controls::states(case);
    own.extend(controls::unenforced(case, &controls));
    own.extend(exceptions::controls(case.policy));
    let mut notes = report.notes;
    // Who set a level wants to know; who did not is told in the summary.
    let (asked, not_run): (Vec<NotRun>, Vec<NotRun>) =
        report.not_run.into_iter().partition(|missed| case.policy.sets(&missed.lint, ""));
    for NotRun { reason, .. } in asked {
        if !notes.contains(&reason) {
            notes.push(reason);
        }
    }
    let mut not_run: Vec<NotRun> =
        not_run.into_iter().filter(|missed| case.level(&missed.lint, "") >= Level::Deny).collect();
    not_run.dedup();
    notes.extend(moved(&report.findings, case.lock, &matches));
    let files = report.findings.iter().map(|finding| finding.file.clone()).collect();
    let judged = report.findings.into_iter().enumerate().filter_map(|(index, finding)| {
        let level = case.level_of(&finding);
        let status = match level {
            // Everything there is, also what was let through.
            _ if case.only_reports() => Status::New,
            Level::Forbid => Status::New,
            _ => status(index, &report.allows, case, &matches, &uses),
        };
        let owner = owners.at(&finding.file, finding.span.start).map(|answer| answer.owner.to_owned());
        let only_reported = case.only_reports();
        let kept = only_reported || level > Level::Allow;
        kept.then_some(Judged { finding, level, status, owner, only_reported })
    });
    let findings = judged.collect();
    let mut outcome = Outcome {
        findings,
        files,
        unchecked: report.unchecked,
        notes,
        not_run,
        sources: Default::default(),
        stats: report.stats,
        homes: report.homes,
        root: Default::default(),
        controls,
        tags,
    };
    own::add(&mut outcome, own, case.policy, case.only_reports(), |own| case.level(own.lint, &own.file));
    outcome
}

/// For each finding the in-source allow that covers it, as (allow, name in it).
fn uses(report: &Report, case: &Case<'_>) -> Vec<Option<(usize, usize)>> {
    let find = |finding: &Finding| {
        report.allows.iter().enumerate().find_map(|(index, allow)| {
            let name = name_for(allow, finding)?;
            holds(allow, case.today).then_some((index, name))
        })
    };
    report.findings.iter().map(find).collect()
}

/// Which of the names of an in-source allow means a finding that lies where it covers.
fn name_for(allow: &InSourceAllow, finding: &Finding) -> Option<usize> {
    let here = allow.file == finding.file && allow.covers.contains(finding.span);
    allow.lints.iter().position(|(name, _)| here && names(name, &finding.lint))
}

/// Whether an in-source allow is about a finding, as far as its place and names go.
pub fn covers(allow: &InSourceAllow, finding: &Finding) -> bool {
    name_for(allow, finding).is_some()
}

/// Whether a name, as written, means a lint or its group.
fn names(written: &str, lint: &Lint) -> bool {
    let plain = written.replace('-', "_");
    plain == lint.name || plain == lint.group
}

/// An in-source allow holds up to its last day. One that gives none is for another lint to refuse;
/// one that cannot be understood as a whole holds never.
fn holds(allow: &InSourceAllow, today: Date) -> bool {
    allow.wrong.is_empty() && last_day(allow).is_none_or(|last| today <= last)
}

/// The last day that an in-source allow gives.
fn last_day(allow: &InSourceAllow) -> Option<Date> {
    allow.expires.as_ref()?.parse().ok()
}

/// Why an in-source allow lets findings through.
pub fn category_of(allow: &InSourceAllow) -> Category {
    if allow.mitigated { Category::Mitigated } else { Category::Waiver }
}

fn status(
    index: usize,
    allows: &[InSourceAllow],
    case: &Case<'_>,
    matches: &Matches,
    uses: &[Option<(usize, usize)>],
) -> Status {
    if let Some((allow, _)) = uses[index] {
        let allow = &allows[allow];
        return Status::AllowedInSource(Exempt {
            owner: allow.owner.clone(),
            reason: allow.reason.clone(),
            expires: last_day(allow),
            category: category_of(allow).name(),
        });
    }
    let exemption = matches.exemption(index).map(|exemption| &case.lock.exemptions[exemption]);
    match exemption.filter(|exemption| exemption.expires.is_some_and(|last| case.today <= last)) {
        Some(exemption) => Status::Exempt(Exempt {
            owner: Some(exemption.owner.clone()).filter(|owner| !owner.is_empty()),
            reason: Some(exemption.reason.clone()).filter(|reason| !reason.is_empty()),
            expires: exemption.expires,
            category: exemption.category.name(),
        }),
        None => Status::New,
    }
}

/// One line about exemptions whose code moved or was edited.
fn moved(findings: &[Finding], lock: &Lock, matches: &Matches) -> Option<String> {
    let is_moved =
        |(finding, exemption): &(usize, usize)| lock.exemptions[*exemption].id != findings[*finding].id;
    let count = matches.pairs().filter(is_moved).count();
    let (exemptions, follow) = if count == 1 { ("exemption", "follows") } else { ("exemptions", "follow") };
    (count > 0).then(|| {
        format!("{count} {exemptions} {follow} code that moved or was edited; `cargo durable fix` brings durable.lock up to date")
    })
}
