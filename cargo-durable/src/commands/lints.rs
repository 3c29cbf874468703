//! `cargo durable lints`: what there is.

use std::io::{self, Write};

use durable_lints::lint::Lint;
use serde::Serialize;

use super::table;
use crate::render::page;

/// How the list is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table for people.
    #[default]
    Table,
    /// For programs.
    Json,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    group: &'a str,
    level: &'a str,
    severity: &'a str,
    cwe: &'a [u32],
    since: &'a str,
    max_term_days: u32,
    summary: &'a str,
    url: String,
}

/// Writes every lint as a JSON array.
///
/// # Errors
/// Where the writer fails.
pub fn write_json(lints: &[&Lint], version: &str, out: &mut dyn Write) -> io::Result<()> {
    let entries: Vec<Entry<'_>> = lints
        .iter()
        .map(|lint| Entry {
            name: lint.name,
            group: lint.group,
            level: lint.level.name(),
            severity: lint.severity.name(),
            cwe: lint.cwe,
            since: lint.since,
            max_term_days: lint.max_term_days,
            summary: lint.summary(),
            url: page(lint, version),
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}

/// Writes every lint as a line of a table; the summary is cut at the width (0: unlimited).
///
/// # Errors
/// Where the writer fails.
pub fn write_table(lints: &[&Lint], color: bool, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let head = ["lint", "group", "level", "severity", "CWE", "what it finds"];
    let rows: Vec<[String; 6]> = lints.iter().map(|lint| row(lint)).collect();
    table::write(head, &rows, color, width, out)
}

fn row(lint: &Lint) -> [String; 6] {
    let cwe: Vec<String> = lint.cwe.iter().map(u32::to_string).collect();
    [
        lint.name.to_owned(),
        lint.group.to_owned(),
        lint.level.to_string(),
        lint.severity.name().to_owned(),
        cwe.join(" "),
        lint.summary().to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture::{CHECKS, FLAGS};

    #[test]
    fn the_table_fits_the_width() {
        let mut out = Vec::new();
        write_table(&[&FLAGS, &CHECKS], false, 80, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "lint             group      level  severity  CWE     what it finds
missing_flags    build      warn   medium    190     A profile leaves overflow …
disabled_checks  transport  deny   critical  295 20  A TLS client accepts any c…
"
        );
    }

    #[test]
    fn json_lists_every_lint() {
        let mut out = Vec::new();
        write_json(&[&CHECKS], "0.1.0", &mut out).unwrap();
        let list: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(list[0]["name"], "disabled_checks");
        assert_eq!(list[0]["cwe"], serde_json::json!([295, 20]));
    }
}
