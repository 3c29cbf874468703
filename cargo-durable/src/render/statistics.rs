//! How many findings of which lint stand how.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use durable_lints::lint::Level;
use schemars::JsonSchema;
use serde::Serialize;

use crate::outcome::{Outcome, Status};

/// The counts of a lint at one level. A lint has several rows where its level differs by file.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LintStatistics")]
pub(super) struct Row {
    /// The lint.
    lint: &'static str,
    /// Its level.
    level: &'static str,
    /// New findings that make the check fail.
    denied: u64,
    /// New findings that are shown and let pass.
    warnings: u64,
    /// New findings that are recorded only.
    audited: u64,
    /// Findings that an exemption in durable.lock covers.
    exempt: u64,
    /// Findings that an attribute or comment in source covers.
    allowed: u64,
}

/// A row for each lint and level that has findings: what fails most first, then by name.
pub(super) fn rows(outcome: &Outcome) -> Vec<Row> {
    let mut rows: BTreeMap<(&str, Level), Row> = BTreeMap::new();
    for judged in &outcome.findings {
        let (lint, level) = (judged.finding.lint.name, judged.level);
        let none =
            Row { lint, level: level.name(), denied: 0, warnings: 0, audited: 0, exempt: 0, allowed: 0 };
        let row = rows.entry((lint, level)).or_insert(none);
        let count = match &judged.status {
            Status::Exempt(_) => &mut row.exempt,
            Status::AllowedInSource(_) => &mut row.allowed,
            Status::New if judged.fails() => &mut row.denied,
            Status::New if judged.shown() => &mut row.warnings,
            Status::New => &mut row.audited,
        };
        *count += 1;
    }
    let mut rows: Vec<Row> = rows.into_values().collect();
    // The order by name is kept among equals.
    rows.sort_by_key(|row| std::cmp::Reverse([row.denied, row.warnings, row.exempt + row.allowed]));
    rows
}

/// The rows for people; what source and what `durable.lock` lets through is one count.
pub(super) fn table(outcome: &Outcome) -> String {
    let rows = rows(outcome);
    let width = rows.iter().map(|row| row.lint.len()).chain(["lint".len()]).max().unwrap_or_default();
    let mut text = format!("{:width$}  level   denied  warned  exempt  audited\n", "lint");
    for Row { lint, level, denied, warnings, audited, exempt, allowed } in rows {
        let exempt = exempt + allowed;
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{lint:width$}  {level:6}  {denied:6}  {warnings:6}  {exempt:6}  {audited:7}");
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::render::fixture::{OPTIONS, rich, written_with};
    use crate::render::{Format, Options};

    #[test]
    fn what_fails_most_comes_first() {
        let text =
            written_with(Format::Short, &rich(), &Options { statistics: true, quiet: true, ..OPTIONS });
        let table = "lint             level   denied  warned  exempt  audited
disabled_checks  deny         1       0       2        0
missing_flags    warn         0       1       0        0

";
        assert!(text.ends_with(table), "{text}");
    }
}
