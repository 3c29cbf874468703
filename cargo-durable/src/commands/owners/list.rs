//! Who answers for what: a summary, or every file, item or finding with its owner.

use std::io::Write;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::picture::{
    Counts, Coverage, Drawing, FileRow, FindingRow, Held, ItemRow, OwnerRow, Picture, UnknownRow,
};
use crate::analysis::{Analysis, analyse};
use crate::cli::{self, By, Look};
use crate::commands::lints::Format;
use crate::commands::table;
use crate::exit;
use crate::judge::judge_case;
use crate::policy::{FILE, Policy, suggestion};
use crate::ratchet::Lock;
use crate::render::machine;
use crate::render::text::one_line;

/// So many of what nobody answers for stand in the summary.
const MOST_SHOWN: usize = 10;

/// The version of the JSON document.
const VERSION: u32 = 1;

/// What `--format json` writes; documented in docs/json.md.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    owners: &'a [OwnerRow],
    nobody: Counts,
    coverage: Coverage,
    items: &'a [ItemRow],
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<&'a [FileRow]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<&'a [FindingRow]>,
    idle: Vec<&'a str>,
    unknown: &'a [UnknownRow],
    unchecked: usize,
}

/// Writes who answers for what; 2 where some of it could not be looked at.
///
/// # Errors
/// Where the policy, the lock file or what is named cannot be read, the owner is not known, or the
/// writer fails.
pub(super) fn run(args: &cli::Owners, color: bool, width: usize, out: &mut dyn Write) -> Result<u8> {
    let selection = cli::Selection { look: Look::Security, ..cli::Selection::all(&args.scope) };
    let mut analysis = analyse(&selection)?;
    let lock = Lock::load(&analysis.root)?;
    let report = std::mem::take(&mut analysis.report);
    let security = report.security.clone();
    let case = analysis.case(&lock, &selection);
    let outcome = judge_case(report, &case);
    let (policy, paths, today) = (&analysis.policy, &*analysis.paths, case.today);
    let asked = below(&args.paths, &analysis)?;
    let within =
        |file: &str| asked.is_empty() || asked.iter().any(|path| Utf8Path::new(file).starts_with(path));
    let drawing = Drawing {
        policy,
        lock: &lock,
        outcome: &outcome,
        security: &security,
        paths,
        today,
        within: &within,
    };
    let mut picture = drawing.picture();
    let of = args.of.as_deref().map(|named| owner_named(named, policy, &picture)).transpose()?;
    picture.narrow(of.as_deref(), args.unowned);
    let unchecked = outcome.unchecked.len();
    match args.format {
        Format::Json => json(&picture, args.by, unchecked, out)?,
        Format::Table => match args.by {
            By::Owner => summary(&picture, policy, color, width, out)?,
            By::Item => items(&picture.items, color, width, out)?,
            By::File => files(&picture.files, color, width, out)?,
            By::Finding => findings(&picture.findings, color, width, out)?,
        },
    }
    if unchecked > 0 {
        let places = if unchecked == 1 { "1 place".to_owned() } else { format!("{unchecked} places") };
        let message = format!("{places} could not be looked at; `cargo durable check` says which");
        if args.format == Format::Table {
            writeln!(out, "{message}")?;
        }
        return Ok(exit::INCOMPLETE);
    }
    Ok(exit::CLEAN)
}

/// The id of an owner that is named by it, or by the name of the team.
fn owner_named(owner: &str, policy: &Policy, picture: &Picture) -> Result<String> {
    let known = || picture.owners.iter().map(|row| row.owner.as_str());
    let team = policy.owners.iter().find(|other| other.team.as_deref() == Some(owner));
    if let Some(id) = known().find(|id| *id == owner).or(team.map(|team| team.id.as_str())) {
        return Ok(id.to_owned());
    }
    match suggestion(owner, known()) {
        Some(help) => bail!("there is no owner `{owner}`; {help}"),
        None if known().next().is_none() => {
            bail!("there is no owner `{owner}`; declare it under [owners] in {FILE}")
        }
        None => bail!("there is no owner `{owner}`; one of {}", known().collect::<Vec<_>>().join(", ")),
    }
}

/// The named files and folders relative to the root.
fn below(paths: &[Utf8PathBuf], analysis: &Analysis) -> Result<Vec<Utf8PathBuf>> {
    let relative = |path: &Utf8PathBuf| {
        let whole = path.canonicalize_utf8();
        let Ok(whole) = whole else { bail!("{path} is not there; name a file or folder of the checkout") };
        let root = analysis.root.canonicalize_utf8()?;
        match whole.strip_prefix(&root) {
            Ok(below) => Ok(below.to_owned()),
            Err(_) => bail!("{path} lies outside of {root}"),
        }
    };
    paths.iter().map(relative).collect()
}

fn json(picture: &Picture, by: By, unchecked: usize, out: &mut dyn Write) -> Result<()> {
    let document = Document {
        version: VERSION,
        owners: &picture.owners,
        nobody: picture.nobody,
        coverage: picture.coverage,
        items: &picture.items,
        files: (by == By::File).then_some(&*picture.files),
        findings: (by == By::Finding).then_some(&*picture.findings),
        idle: picture.idle(),
        unknown: &picture.unknown,
        unchecked,
    };
    Ok(machine::write_pretty(&document, out)?)
}

fn summary(picture: &Picture, policy: &Policy, color: bool, width: usize, out: &mut dyn Write) -> Result<()> {
    let row = |owner: &str, team: &str, counts: &Counts| {
        let number = |count: usize| count.to_string();
        [
            one_line(owner).into_owned(),
            number(counts.files),
            number(counts.security_items),
            number(counts.tagged_items),
            number(counts.findings),
            number(counts.exemptions),
            number(counts.controls),
            number(counts.overdue_reviews),
            one_line(team).into_owned(),
        ]
    };
    let rows = picture.owners.iter();
    let mut rows: Vec<[String; 9]> =
        rows.map(|owner| row(&owner.owner, owner.team.as_deref().unwrap_or("-"), &owner.counts)).collect();
    rows.push(row("nobody", "", &picture.nobody));
    let head = [
        "owner",
        "files",
        "security items",
        "tagged",
        "findings",
        "exemptions",
        "controls",
        "overdue",
        "team",
    ];
    table::write(head, &rows, color, width, out)?;
    writeln!(out)?;
    coverage(picture, out)?;
    let nobodys = picture.items.iter().filter(|row| row.held.owner.is_none() && !row.why.is_empty());
    let nobodys: Vec<&ItemRow> = nobodys.collect();
    if !nobodys.is_empty() && !policy.owners.is_empty() {
        writeln!(out, "\nnobody answers for")?;
        for row in nobodys.iter().take(MOST_SHOWN) {
            writeln!(out, "  {} ({})", place(&row.file, row.line, &row.item), why(row))?;
        }
        if let more @ 1.. = nobodys.len().saturating_sub(MOST_SHOWN) {
            writeln!(out, "  and {more} more: `cargo durable owners --by item --unowned`")?;
        }
    }
    let idle: Vec<String> = picture.idle().into_iter().map(|id| one_line(id).into_owned()).collect();
    if !idle.is_empty() {
        writeln!(out, "\nanswers for nothing: {}", idle.join(", "))?;
    }
    if !picture.unknown.is_empty() {
        writeln!(out, "\nunknown")?;
        for row in &picture.unknown {
            let help = row.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
            let line = format!("{}:{} {}{help}", row.file, row.line, row.message);
            writeln!(out, "  {}", one_line(&line))?;
        }
    }
    Ok(())
}

fn coverage(picture: &Picture, out: &mut dyn Write) -> Result<()> {
    let Coverage { security_items, owned, percent } = picture.coverage;
    match percent {
        Some(percent) => writeln!(
            out,
            "{owned} of {security_items} items that matter to security have an owner ({percent:.1} %)"
        )?,
        None => writeln!(out, "no item here matters to security, as far as the lints know")?,
    }
    Ok(())
}

fn items(rows: &[ItemRow], color: bool, width: usize, out: &mut dyn Write) -> Result<()> {
    let text = |text: &Option<String>| text.as_deref().unwrap_or("-").to_owned();
    let cells = |row: &ItemRow| {
        [
            owner(&row.held),
            place(&row.file, row.line, &row.item),
            if row.why.is_empty() { "-".to_owned() } else { why(row) },
            text(&row.control),
            text(&row.review_by),
            basis(&row.held),
        ]
        .map(|cell| one_line(&cell).into_owned())
    };
    let cells: Vec<[String; 6]> = rows.iter().map(cells).collect();
    table::write(["owner", "item", "why", "control", "review by", "said by"], &cells, color, width, out)?;
    Ok(())
}

fn files(rows: &[FileRow], color: bool, width: usize, out: &mut dyn Write) -> Result<()> {
    let cells = |row: &FileRow| {
        [owner(&row.held), row.file.to_string(), basis(&row.held)].map(|cell| one_line(&cell).into_owned())
    };
    let cells: Vec<[String; 3]> = rows.iter().map(cells).collect();
    table::write(["owner", "file", "said by"], &cells, color, width, out)?;
    Ok(())
}

fn findings(rows: &[FindingRow], color: bool, width: usize, out: &mut dyn Write) -> Result<()> {
    let cells = |row: &FindingRow| {
        [
            owner(&row.held),
            row.level.to_owned(),
            row.lint.to_owned(),
            place(&row.file, row.line, &row.item),
            basis(&row.held),
        ]
        .map(|cell| one_line(&cell).into_owned())
    };
    let cells: Vec<[String; 5]> = rows.iter().map(cells).collect();
    table::write(["owner", "level", "lint", "where", "said by"], &cells, color, width, out)?;
    Ok(())
}

fn owner(held: &Held) -> String {
    held.owner.clone().unwrap_or_else(|| "nobody".to_owned())
}

/// Who says so, and where.
fn basis(held: &Held) -> String {
    match (held.by, &held.said_at) {
        (Some(by), Some(spot)) => format!("{by} ({}:{})", spot.file, spot.line),
        _ => "-".to_owned(),
    }
}

fn place(file: &str, line: u32, item: &str) -> String {
    let item = if item.is_empty() { String::new() } else { format!(" {item}") };
    format!("{file}:{line}{item}")
}

fn why(row: &ItemRow) -> String {
    row.why.iter().map(|why| why.name()).collect::<Vec<_>>().join(", ")
}
