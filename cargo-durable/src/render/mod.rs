//! An [`Outcome`] in, text out: one file a format.
//!
//! Nothing outside this module knows a format, and no format changes what a run means or its exit
//! code. The same outcome gives the same bytes.

mod controls;
pub mod docs;
mod github;
mod gitlab;
mod human;
pub mod json;
pub(crate) mod machine;
mod rustc;
mod sarif;
mod short;
mod statistics;
mod summary;
pub(crate) mod text;
mod window;

#[cfg(test)]
pub(crate) mod fixture;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use durable_lints::lint::{Level, Lint};

use crate::identity::{self, Short};
use crate::outcome::{Judged, Outcome, Status};

pub use summary::counted;

/// How an outcome is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with the source and the suggested change.
    #[default]
    Human,
    /// For people and grep: one line a finding.
    Short,
    /// Everything there is, documented in docs/json.md.
    Json,
    /// SARIF 2.1.0, for code scanning services.
    Sarif,
    /// What `cargo check --message-format=json` writes, for rust-analyzer and other editors.
    Rustc,
    /// Annotations of a GitHub workflow run.
    Github,
    /// A GitLab code quality report.
    Gitlab,
}

/// What the formats need to know besides the outcome.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// Whether styles may be written; only the human formats do.
    pub color: bool,
    /// The width of the terminal in columns; 0 where it is unknown.
    pub width: usize,
    /// Whether people are also shown what is exempt, allowed in source or only audited.
    pub show_exempt: bool,
    /// Whether people are shown findings and errors only: no notes and no summary.
    pub quiet: bool,
    /// Whether people are shown every warning, however many there are of a lint.
    pub verbose: bool,
    /// Whether people and JSON get a table of counts by lint.
    pub statistics: bool,
    /// The version of the tool.
    pub version: &'a str,
}

/// The files that a format draws or counts columns in, which takes their text.
pub fn with_text(format: Format, outcome: &Outcome, options: &Options<'_>) -> BTreeSet<Arc<str>> {
    let file = |judged: &Judged| judged.finding.file.clone();
    match format {
        Format::Human => {
            let drawn = human::drawn(outcome, options).0.into_iter().map(file);
            let unchecked = outcome.unchecked.iter().filter(|place| place.at.is_some());
            drawn.chain(unchecked.map(|place| place.path.clone())).collect()
        }
        Format::Short | Format::Github | Format::Gitlab => BTreeSet::new(),
        Format::Json | Format::Sarif | Format::Rustc => outcome.findings.iter().map(file).collect(),
    }
}

/// Writes an outcome.
///
/// # Errors
/// Where the writer fails.
pub fn render(
    format: Format,
    outcome: &Outcome,
    options: &Options<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::write(outcome, options, out),
        Format::Short => short::write(outcome, options, out),
        Format::Json => json::write(outcome, options, out),
        Format::Sarif => sarif::write(outcome, options, out),
        Format::Rustc => rustc::write(outcome, options, out),
        Format::Github => github::write(outcome, options, out),
        Format::Gitlab => gitlab::write(outcome, options, out),
    }
}

/// The page of a lint.
pub fn page(lint: &Lint, version: &str) -> String {
    let repository = env!("CARGO_PKG_REPOSITORY");
    format!("{repository}/blob/v{version}/durable-lints/docs/{}.md", lint.name)
}

/// The findings that a format for people shows.
fn shown<'a>(outcome: &'a Outcome, options: &Options<'_>) -> impl Iterator<Item = &'a Judged> {
    let all = options.show_exempt;
    outcome.findings.iter().filter(move |judged| all || judged.shown())
}

/// How findings are named to `allow`.
struct Names(Short);

impl Names {
    fn of(outcome: &Outcome) -> Names {
        let named = outcome.findings.iter().filter(|judged| identity::can_be_named(judged));
        Names(Short::of(named.map(|judged| judged.finding.id.as_str())))
    }

    /// The first digits of its identity, where an exemption may cover it.
    fn name<'a>(&self, judged: &'a Judged) -> Option<&'a str> {
        identity::can_be_named(judged).then(|| self.0.cut(&judged.finding.id))
    }
}

/// `error`, `warning` or `note`: the words that compilers, editors and SARIF share.
fn word(judged: &Judged) -> &'static str {
    match (&judged.status, judged.effect()) {
        (Status::New, Level::Deny | Level::Forbid) => "error",
        (Status::New, Level::Warn) => "warning",
        _ => "note",
    }
}

/// Sorts what fails first, where a service shows or keeps only the first so many.
fn failing_first<'a>(findings: impl Iterator<Item = &'a Judged>) -> Vec<&'a Judged> {
    let mut findings: Vec<&Judged> = findings.collect();
    findings.sort_by_key(|judged| match word(judged) {
        "error" => 0,
        "warning" => 1,
        _ => 2,
    });
    findings
}
