//! Which exemption is about which finding, one to one.

use durable_lints::finding::Finding;

use super::Case;
use crate::ratchet::matching::{Mark, pair};

/// The pairs of findings and exemptions, by their positions.
#[derive(Clone, Debug)]
pub struct Matches {
    /// For each finding its exemption.
    exemptions: Vec<Option<usize>>,
    /// For each exemption its finding.
    findings: Vec<Option<usize>>,
}

impl Matches {
    /// Pairs the exemptions of a case with findings.
    pub fn of(findings: &[Finding], case: &Case<'_>) -> Matches {
        let entries = &case.lock.exemptions;
        let old: Vec<Mark<'_>> = entries.iter().map(Mark::from).collect();
        let new: Vec<Mark<'_>> = findings.iter().map(Mark::from).collect();
        let pairs = pair(&old, &new, |old| case.has_left(&entries[old]));
        let mut matches = Matches { exemptions: vec![None; findings.len()], findings: Vec::new() };
        for (exemption, pair) in pairs.into_iter().enumerate() {
            let finding = pair.map(|(finding, _)| finding);
            matches.findings.push(finding);
            if let Some(finding) = finding {
                matches.exemptions[finding] = Some(exemption);
            }
        }
        matches
    }

    /// The exemption that is about a finding.
    pub fn exemption(&self, finding: usize) -> Option<usize> {
        self.exemptions.get(finding).copied().flatten()
    }

    /// The finding that an exemption is about.
    pub fn finding(&self, exemption: usize) -> Option<usize> {
        self.findings.get(exemption).copied().flatten()
    }

    /// Every pair, as (finding, exemption).
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let pairs = self.exemptions.iter().enumerate();
        pairs.filter_map(|(finding, exemption)| Some((finding, (*exemption)?)))
    }
}
