//! What `fix` leaves, and why.

use std::collections::BTreeMap;

use durable_lints::fix::Applicability;

use super::draft::{Draft, fix_of};
use crate::outcome::{Judged, Outcome, Status};

/// One line for each reason that something is left.
pub(super) fn told(outcome: &Outcome, draft: &Draft, unsafe_fixes: bool) -> Vec<String> {
    let shown = || outcome.findings.iter().filter(|judged| judged.shown());
    let needs_review =
        |judged: &&Judged| fix_of(judged).is_some_and(|fix| fix.applicability == Applicability::NeedsReview);
    let mut lines = Vec::new();
    let without = by_lint(shown().filter(|judged| fix_of(judged).is_none()));
    lines.extend(without.map(|(count, lints)| {
        let (findings, them) = if count == 1 { ("finding has", "it") } else { ("findings have", "them") };
        format!("{count} {findings} no fix to offer: {lints}; `cargo durable check` shows {them}")
    }));
    // Of files that were left alone it was said already.
    let wanted = |judged: &&Judged| {
        fix_of(judged).is_some()
            && (unsafe_fixes || !needs_review(judged))
            && !draft.refused.contains_key(&judged.finding.file)
    };
    let overlapping = by_lint(shown().filter(wanted).filter(|judged| !draft.tried(judged)));
    lines.extend(overlapping.map(|(count, lints)| {
        let fixes = if count == 1 { "fix overlaps" } else { "fixes overlap" };
        format!("{count} {fixes} others: {lints}; run again")
    }));
    let in_vain = by_lint(shown().filter(wanted).filter(|judged| draft.tried(judged)));
    lines.extend(in_vain.map(|(count, lints)| {
        let (findings, code) = if count == 1 { ("finding is", "its") } else { ("findings are", "their") };
        format!("{count} {findings} still there after the fix: {lints}; change {code} code by hand")
    }));
    let let_be =
        outcome.findings.iter().filter(|judged| judged.status != Status::New && fix_of(judged).is_some());
    let let_be = let_be.count();
    if let_be > 0 {
        let findings = if let_be == 1 { "finding that is" } else { "findings that are" };
        lines.push(format!("{let_be} {findings} exempt or allowed in source could be fixed and were let be"));
    }
    let review = shown().filter(needs_review).count();
    if review > 0 && !unsafe_fixes {
        let (are, them) = if review == 1 { ("1 more fix needs", "it") } else { ("more fixes need", "them") };
        let count = if review == 1 { String::new() } else { format!("{review} ") };
        lines.push(format!(
            "{count}{are} a look; apply {them} with `--unsafe-fixes`, or see {them} with `--diff`"
        ));
    }
    lines
}

/// How many there are, and of which lints; `None` where there are none.
fn by_lint<'a>(findings: impl Iterator<Item = &'a Judged>) -> Option<(usize, String)> {
    let mut lints: BTreeMap<&str, usize> = BTreeMap::new();
    findings.for_each(|judged| *lints.entry(judged.finding.lint.name).or_default() += 1);
    let named: Vec<String> = lints.iter().map(|(lint, count)| format!("{count} of `{lint}`")).collect();
    (!lints.is_empty()).then(|| (lints.values().sum(), named.join(", ")))
}
