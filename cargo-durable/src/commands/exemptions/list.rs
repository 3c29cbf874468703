//! The list: by owner and date, soonest end first.

use std::io::Write;

use anyhow::{Result, ensure};
use durable_lints::report::InSourceAllow;
use jiff::civil::Date;
use serde::Serialize;

use super::{entries, place, short, unknown_owner};
use crate::analysis::analyse;
use crate::cli;
use crate::commands::lints::Format;
use crate::commands::table;
use crate::judge;
use crate::policy::Term;
use crate::ratchet::Lock;
use crate::render::machine;
use crate::render::text::one_line;

/// One line of the list. The keys are documented in docs/json.md.
#[derive(Serialize)]
struct Row {
    lint: String,
    file: String,
    line: Option<u32>,
    item: String,
    package: String,
    /// Whether it stands in `durable.lock` or in source.
    written: &'static str,
    identity: Option<String>,
    #[serde(skip)]
    short: String,
    owner: Option<String>,
    category: &'static str,
    /// Its last day; without one it is not honoured.
    expires: Option<Date>,
    days_left: Option<i32>,
    renewals: u32,
    /// Whether there is a finding that it is about.
    used: Option<bool>,
    reason: Option<String>,
}

/// Writes the list.
///
/// # Errors
/// Where a file cannot be read, the owner is not known or the writer fails.
pub(super) fn run(args: &cli::Exemptions, color: bool, width: usize, out: &mut dyn Write) -> Result<()> {
    let selection = cli::Selection::all(&args.scope);
    let analysis = analyse(&selection)?;
    let lock = Lock::load(&analysis.root)?;
    let case = analysis.case(&lock, &selection);
    let today = case.today;
    let entries = entries(&analysis.report, &case);
    let short = short(&entries);
    let mut rows: Vec<Row> = entries
        .iter()
        .map(|entry| Row {
            lint: entry.exemption.lint.clone(),
            file: entry.file().to_owned(),
            line: entry.line(),
            item: entry.exemption.item.clone(),
            package: entry.exemption.package.clone(),
            written: "durable.lock",
            identity: Some(entry.id().to_owned()),
            short: short.cut(entry.id()).to_owned(),
            owner: Some(entry.exemption.owner.clone()).filter(|owner| !owner.is_empty()),
            category: entry.exemption.category.name(),
            expires: entry.exemption.expires,
            days_left: days_left(entry.exemption.expires, today),
            renewals: entry.exemption.renewals,
            used: Some(entry.finding.is_some()),
            reason: Some(entry.exemption.reason.clone()).filter(|reason| !reason.is_empty()),
        })
        .collect();
    rows.extend(analysis.report.allows.iter().flat_map(|allow| in_source(allow, today)));
    if let Some(owner) = &args.owner {
        rows.retain(|row| row.owner.as_ref() == Some(owner));
        let known = !rows.is_empty() || analysis.policy.owner(owner).is_some();
        ensure!(known, unknown_owner(owner, &entries, &analysis));
    }
    if let Some(Term { days }) = args.expiring {
        rows.retain(|row| row.days_left.is_none_or(|left| left <= i32::from(days)));
    }
    rows.sort_by(|a, b| {
        let key = |row: &Row| (row.expires, row.owner.clone(), row.lint.clone(), row.file.clone(), row.line);
        key(a).cmp(&key(b)).then_with(|| a.identity.cmp(&b.identity))
    });
    match args.format {
        Format::Json => machine::write_pretty(&rows, out)?,
        Format::Table => write_table(&rows, color, width, out)?,
    }
    Ok(())
}

fn in_source(allow: &InSourceAllow, today: Date) -> Vec<Row> {
    let expires = allow.expires.as_ref().and_then(|text| text.trim().parse::<Date>().ok());
    let row = |lint: &str| Row {
        lint: lint.to_owned(),
        file: allow.file.to_string(),
        line: Some(allow.start.line),
        item: String::new(),
        package: String::new(),
        written: "source",
        identity: None,
        short: "in source".to_owned(),
        owner: allow.owner.clone().filter(|owner| !owner.is_empty()),
        category: judge::category_of(allow).name(),
        expires,
        days_left: days_left(expires, today),
        renewals: 0,
        used: None,
        reason: allow.reason.clone().filter(|reason| !reason.is_empty()),
    };
    allow.lints.iter().map(|(lint, _)| row(&lint.replace('-', "_"))).collect()
}

/// How many days are left after today; below 0 where it is over.
fn days_left(last: Option<Date>, today: Date) -> Option<i32> {
    last.map(|last| (last - today).get_days())
}

fn write_table(rows: &[Row], color: bool, width: usize, out: &mut dyn Write) -> Result<()> {
    if rows.is_empty() {
        writeln!(out, "no exemptions")?;
        return Ok(());
    }
    let cells = |row: &Row| {
        let ends = match (row.expires, row.days_left) {
            (Some(last), Some(..0)) => format!("{last} (over)"),
            (Some(last), _) => last.to_string(),
            (None, _) => "no end".to_owned(),
        };
        let place = place(&row.file, row.line, &row.item);
        let text = |text: &Option<String>| text.as_deref().unwrap_or("-").to_owned();
        [ends, text(&row.owner), row.lint.clone(), place, row.short.clone(), text(&row.reason)]
            .map(|cell| one_line(&cell).into_owned())
    };
    let cells: Vec<[String; 6]> = rows.iter().map(cells).collect();
    let head = ["last day", "owner", "lint", "where", "identity", "reason"];
    table::write(head, &cells, color, width, out)?;
    let over = rows.iter().filter(|row| row.days_left.is_none_or(|left| left < 0)).count();
    let exemptions = if rows.len() == 1 { "exemption" } else { "exemptions" };
    let over = if over == 0 { String::new() } else { format!(", {over} of them over") };
    writeln!(out, "{} {exemptions}{over}", rows.len())?;
    Ok(())
}
