//! What a change lets through, or puts out of sight, in the files that are checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use durable_lints::finding::Finding;
use durable_lints::load::Files;
use durable_lints::report::InSourceAllow;
use toml_edit::{Document, Item};

use super::{Before, weakening};
use crate::judge::{Own, covers};
use crate::outcome::{Outcome, Status};
use crate::policy::Place;
use crate::ratchet::matching::{Mark, Step, pair};
use crate::ratchet::origins;

/// The texts of the files with in-source allows; a report from the cache brings none.
fn texts(outcome: &Outcome, files: &dyn Files, allows: &[InSourceAllow]) -> BTreeMap<Arc<str>, Arc<str>> {
    let text = |file: &Arc<str>| match outcome.sources.get(file) {
        Some(text) => Some(text.clone()),
        None => files.read(file).ok().map(|bytes: Vec<u8>| Arc::from(&*String::from_utf8_lossy(&bytes))),
    };
    allows.iter().filter_map(|allow| Some((allow.file.clone(), text(&allow.file)?))).collect()
}

/// In-source allows of which there are more than before, and findings that are new under an old one.
/// Allows are compared by their text without layout, wherever it stands, so that code may move.
pub(super) fn allows(
    before: &Before,
    base: &Outcome,
    outcome: &Outcome,
    files: &dyn Files,
    allows: &[InSourceAllow],
) -> Vec<Own> {
    let texts = texts(outcome, files, allows);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut out = Vec::new();
    let mut old: Vec<&InSourceAllow> = Vec::new();
    for allow in allows.iter().filter(|allow| !allow.lints.is_empty()) {
        let source = texts.get(&allow.file);
        let text = source.and_then(|text| text.get(allow.span.range())).map(without_layout);
        // A text that is not at hand cannot have been there before, as far as can be told.
        let known = text.as_ref().map_or(0, |text| before.allows.matches(text.as_str()).count());
        let count =
            seen.entry(text.unwrap_or_else(|| format!("{}:{}", allow.file, allow.start.line))).or_default();
        *count += 1;
        if *count <= known {
            old.push(allow);
            continue;
        }
        let names: Vec<&str> = allow.lints.iter().map(|(name, _)| name.as_str()).collect();
        let message = format!("an `allow` of {} is added or changed in source", names.join(", "));
        let place =
            source.map(|text| Place { file: allow.file.clone(), text: text.clone(), span: allow.span });
        let mut own = weakening(place.as_ref(), allow.file.to_string(), message, "allow");
        (own.file, own.span, own.start) = (allow.file.clone(), allow.span, allow.start);
        own.owner = allow.owner.clone();
        out.push(own);
    }
    out.extend(under_old_allows(base, outcome, files, &old));
    out
}

/// Findings that an allow of before covers and did not cover then: it was given for others.
fn under_old_allows(
    base: &Outcome,
    outcome: &Outcome,
    files: &dyn Files,
    old: &[&InSourceAllow],
) -> Vec<Own> {
    let is_allowed = |status: &Status| matches!(status, Status::AllowedInSource(_));
    let then: Vec<&Finding> = findings(base, is_allowed);
    let now: Vec<&Finding> = findings(outcome, is_allowed);
    let known = known(&then, &now, files);
    let new = now.iter().enumerate().filter(|(index, _)| !known.contains(index)).map(|(_, finding)| *finding);
    new.filter_map(|finding| {
        let allow = old.iter().find(|allow| covers(allow, finding))?;
        let message = format!(
            "the `allow` in line {} covers a finding that it was not given for: {}",
            allow.start.line, finding.message
        );
        Some(at(finding, message, "under", allow.owner.clone()))
    })
    .collect()
}

/// Findings that are gone because nobody looks there any more: the code is as it was, and now counts
/// as test code. `everywhere` is what a look at all code finds now.
pub(super) fn hidden(
    base: &Outcome,
    outcome: &Outcome,
    files: &dyn Files,
    looked_at: impl Fn(&Finding) -> bool,
    everywhere: impl FnOnce() -> anyhow::Result<Vec<Finding>>,
) -> anyhow::Result<Vec<Own>> {
    let any = |_: &Status| true;
    let (then, now) = (findings(base, any), findings(outcome, any));
    let still: BTreeSet<(&str, &str)> = now.iter().map(|found| (found.lint.name, &*found.tokens)).collect();
    let gone: Vec<&Finding> = then
        .iter()
        .copied()
        .filter(|found| !still.contains(&(found.lint.name, &*found.tokens)) && looked_at(found))
        .collect();
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let everywhere = everywhere()?;
    let there: Vec<&Finding> = everywhere.iter().collect();
    let hidden = known(&gone, &there, files);
    Ok(hidden
        .into_iter()
        .map(|index| {
            let finding = there[index];
            let message = format!(
                "this is as it was, and now counts as test code, where nothing is said of: {}",
                finding.message
            );
            at(finding, message, "hidden", None)
        })
        .collect())
}

/// The positions of those findings of now that were there then.
fn known(then: &[&Finding], now: &[&Finding], files: &dyn Files) -> BTreeSet<usize> {
    let old: Vec<Mark<'_>> = then.iter().map(|finding| Mark::from(*finding)).collect();
    let new: Vec<Mark<'_>> = now.iter().map(|finding| Mark::from(*finding)).collect();
    let left = |index: usize| origins::has_left(files, old[index].file, old[index].item);
    let pairs = pair(&old, &new, left).into_iter().flatten();
    pairs.filter(|(_, step)| *step != Step::Edited).map(|(index, _)| index).collect()
}

fn findings(outcome: &Outcome, wanted: impl Fn(&Status) -> bool) -> Vec<&Finding> {
    outcome.findings.iter().filter(|judged| wanted(&judged.status)).map(|judged| &judged.finding).collect()
}

fn at(finding: &Finding, message: String, what: &str, owner: Option<String>) -> Own {
    let mut own = weakening(None, finding.item.clone(), message, what);
    (own.file, own.span, own.start) = (finding.file.clone(), finding.span, finding.start);
    own.identity[1] = finding.id.clone();
    own.owner = owner;
    own
}

/// Changed files that give cargo another program for `cargo durable`, or code another standing.
pub(super) fn files(before: &Before, files: &dyn Files, now: &[Arc<str>]) -> Vec<Own> {
    let each = |path: &Arc<str>| {
        let checks = checks(path);
        if checks.is_empty() {
            return Vec::new();
        }
        let Ok(text) = files.read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()) else {
            return Vec::new();
        };
        let old = before.files.files.get(&**path).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let said = checks.iter().filter_map(|check| {
            let now = check(&text)?;
            (old.as_deref().and_then(check).as_ref() != Some(&now)).then_some(now)
        });
        said.map(|message| {
            let mut own = weakening(None, path.to_string(), message, "file");
            own.file = path.clone();
            own
        })
        .collect()
    };
    now.iter().flat_map(each).collect()
}

/// What a text brings, in words, where it brings it.
type Brings = fn(&str) -> Option<String>;

fn checks(path: &str) -> &'static [Brings] {
    let name = path.rsplit('/').next().unwrap_or(path);
    let in_cargo = path.starts_with(".cargo/") || path.contains("/.cargo/");
    match name {
        "config" | "config.toml" if in_cargo => &[alias, include],
        "rust-toolchain" | "rust-toolchain.toml" => &[toolchain],
        _ if name.ends_with(".rs") => &[generated],
        _ => &[],
    }
}

fn alias(text: &str) -> Option<String> {
    let config = Document::parse(text).ok()?;
    let alias = config.get("alias")?.get("durable")?;
    let words = alias.to_string();
    Some(format!(
        "`cargo durable` now means {} here; a gate has to call `cargo-durable check` itself",
        words.trim()
    ))
}

fn include(text: &str) -> Option<String> {
    let config = Document::parse(text).ok()?;
    let files = config.get("include")?.to_string();
    Some(format!(
        "cargo's configuration now includes {}, which may give `cargo durable` another meaning; a gate has to \
         call `cargo-durable check` itself",
        files.trim()
    ))
}

fn toolchain(text: &str) -> Option<String> {
    let file = Document::parse(text).ok()?;
    let path = file.get("toolchain")?.get("path").and_then(Item::as_str)?;
    Some(format!(
        "cargo and its commands are now taken from `{path}`; a gate has to call `cargo-durable check` itself"
    ))
}

fn generated(text: &str) -> Option<String> {
    durable_lints::subject::is_generated(text)
        .then(|| "this file now says that a generator wrote it, which spares it matters of style".to_owned())
}

pub(super) fn without_layout(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
