//! Exemptions that a change adds, widens or passes on.

use std::collections::BTreeMap;

use durable_lints::finding::Finding;

use super::weakening;
use crate::judge::{Case, Matches, Own};
use crate::policy::Place;
use crate::ratchet::lock::{self, Category, Exemption, Lock};
use crate::ratchet::matching::{Mark, Step, pair};

/// What is new about the exemptions. An entry is known by what it covers now, whatever it says of
/// itself; it was there before only where an entry of before was given for the same statement in the
/// same item, or for one that moved here and is gone from where it was.
pub(super) fn exemptions(before: &Lock, case: &Case<'_>, findings: &[Finding]) -> Vec<Own> {
    let entries = &case.lock.exemptions;
    let matches = Matches::of(findings, case);
    let covered = |entry: usize| matches.finding(entry).map(|finding| &findings[finding]);
    let marks: Vec<Mark<'_>> = entries
        .iter()
        .enumerate()
        .map(|(index, entry)| covered(index).map_or_else(|| Mark::from(entry), Mark::from))
        .collect();
    let old: Vec<Mark<'_>> = before.exemptions.iter().map(Mark::from).collect();
    let mut origin: BTreeMap<usize, (&Exemption, Step)> = BTreeMap::new();
    let pairs = pair(&old, &marks, |old| case.origins.has_left(&before.exemptions[old]));
    for (from, pair) in pairs.into_iter().enumerate() {
        origin.extend(pair.map(|(to, step)| (to, (&before.exemptions[from], step))));
    }
    let each = entries.iter().enumerate().flat_map(|(index, entry)| {
        let what = What { entry, covered: covered(index) };
        what.changes(origin.get(&index).copied())
            .into_iter()
            .map(move |message| own(case.lock, entry, message))
    });
    each.collect()
}

fn own(lock: &Lock, entry: &Exemption, message: String) -> Own {
    let place = Place { file: lock::FILE.into(), text: lock.text.clone(), span: entry.place };
    let mut own = weakening(Some(&place), entry.item.clone(), message, "exemption");
    own.identity[1] = entry.id.clone();
    own.owner = Some(entry.owner.clone()).filter(|owner| !owner.is_empty());
    own
}

/// An entry and the finding that it covers.
struct What<'a> {
    entry: &'a Exemption,
    covered: Option<&'a Finding>,
}

impl What<'_> {
    /// What the entry is for, as the approver has to see it: what will be covered.
    fn named(&self) -> String {
        match self.covered {
            Some(finding) => format!("exemption from `{}` in {}", finding.lint.name, finding.file),
            None => format!("exemption from `{}` in {}", self.entry.lint, self.entry.at),
        }
    }

    fn shown(&self) -> String {
        match self.covered {
            Some(finding) => format!(" for line {}: {}", finding.start.line, finding.message),
            None => String::new(),
        }
    }

    fn changes(&self, origin: Option<(&Exemption, Step)>) -> Vec<String> {
        let (what, entry) = (self.named(), self.entry);
        let Some((old, step)) = origin else {
            return vec![format!("{what} is added{}", self.shown())];
        };
        let mut out = Vec::new();
        if step == Step::Edited {
            out.push(format!("{what} now covers another statement{}", self.shown()));
        }
        if old.expires.is_some() && entry.expires.is_none_or(|end| Some(end) > old.expires) {
            let until = entry.expires.map_or("without end".to_owned(), |end| format!("until {end}"));
            out.push(format!("{what} is renewed {until}"));
        } else if entry.renewals < old.renewals {
            out.push(format!("the renewals of the {what} are counted back"));
        }
        if entry.owner != old.owner && !old.owner.is_empty() {
            out.push(match entry.owner.as_str() {
                "" => format!("the {what} loses its owner"),
                owner => format!("the {what} passes from `{}` to `{owner}`", old.owner),
            });
        }
        if entry.reason != old.reason && !old.reason.is_empty() {
            out.push(format!("the {what} has another reason: {}", entry.reason));
        }
        if (old.category, entry.category) == (Category::Waiver, Category::Mitigated) {
            out.push(format!("the {what} now counts as mitigated"));
        }
        out
    }
}
