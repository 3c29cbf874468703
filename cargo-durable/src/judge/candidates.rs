//! The findings that somebody may let through.

use std::collections::BTreeMap;

use durable_lints::lint::Level;
use durable_lints::report::Report;

use super::{Case, Matches, judge_case};
use crate::outcome::Judged;

/// A finding, how it stands, and the exemption in `durable.lock` that is about it.
pub struct Candidate {
    /// The finding, judged.
    pub judged: Judged,
    /// The exemption's position.
    pub exemption: Option<usize>,
}

/// The findings that a check would show, or has let through. What the judge says about exceptions
/// is no candidate: no exception covers an exception.
pub fn candidates(report: &Report, case: &Case<'_>) -> Vec<Candidate> {
    let judged: Vec<Judged> = judge_case(report.clone(), case)
        .findings
        .into_iter()
        .filter(|judged| judged.level >= Level::Warn && !judged.finding.lint.is_judged())
        .collect();
    let matches = Matches::of(&report.findings, case);
    let exemptions: BTreeMap<&str, usize> = matches
        .pairs()
        .map(|(finding, exemption)| (report.findings[finding].id.as_str(), exemption))
        .collect();
    let candidate = |judged: Judged| {
        let exemption = exemptions.get(judged.finding.id.as_str()).copied();
        Candidate { judged, exemption }
    };
    judged.into_iter().map(candidate).collect()
}
