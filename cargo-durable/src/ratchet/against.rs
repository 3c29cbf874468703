//! What a change weakens: policy, exemptions and in-source allows then and now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::Utf8Path;
use durable_lints::finding::{Position, Span};
use durable_lints::lint::Lint;
use durable_lints::lints::ownership::weakened_policy;
use durable_lints::load::Files as _;
use durable_lints::report::InSourceAllow;

use super::lock::{self, Exemption, Lock};
use super::matching::{Mark, pair};
use crate::git::{GitError, Repository};
use crate::judge::Own;
use crate::outcome::{Exempt, Outcome, Status};
use crate::policy::{self, DiskFiles, Place, Policy, PolicyFiles, Profile};

/// A repository as it was at a commit.
#[derive(Clone, Debug)]
pub struct Before {
    /// Its policy.
    pub policy: Policy,
    /// Its exemptions.
    pub lock: Lock,
    /// What could not be read and is taken as not there.
    pub notes: Vec<String>,
    /// The texts of its files that let findings through in source, without layout.
    allows: String,
}

/// Why a weakened policy is not let through.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// The owner does not exist.
    #[error("--approve-weakening names `{0}`, who is no owner in durable.toml; {1}")]
    UnknownOwner(String, String),
}

/// Reads policy, exemptions and in-source allows as they were at a revision. A policy that could
/// not be read then is taken as none, or a broken one could never be mended.
///
/// # Errors
/// Where the revision names no commit, or git fails.
pub fn at(repository: &Repository, revision: &str) -> Result<Before, GitError> {
    let commit = repository.commit(revision)?;
    let files =
        AtCommit { repository, commit: &commit, disk: DiskFiles { root: repository.folder().to_owned() } };
    let mut notes = Vec::new();
    let policy = Policy::read(&files, durable_lints::lints::ALL).unwrap_or_else(|error| {
        notes.push(format!("the policy at {revision} is not valid and counts as none: {error}"));
        Policy::defaults()
    });
    let text = files.text(lock::FILE)?;
    let lock = text.map_or(Ok(Lock::default()), |text| Lock::parse(&text)).unwrap_or_else(|error| {
        notes.push(format!("durable.lock at {revision} is not valid and counts as empty: {error}"));
        Lock::default()
    });
    let mut allows = String::new();
    for path in repository.files_with(&commit, &["durable", "allow"])? {
        allows.push_str(&without_layout(&files.text(&path)?.unwrap_or_default()));
        allows.push('\n');
    }
    Ok(Before { policy, lock, notes, allows })
}

/// The files of a policy at a commit; what lies outside the repository is read as it is now.
struct AtCommit<'a> {
    repository: &'a Repository,
    commit: &'a str,
    disk: DiskFiles,
}

impl AtCommit<'_> {
    fn text(&self, path: &str) -> Result<Option<String>, GitError> {
        let bytes = self.repository.file(self.commit, path)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }
}

impl PolicyFiles for AtCommit<'_> {
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
        if !path.is_absolute()
            && let Some(text) = self.text(path.as_str()).map_err(|error| error.to_string())?
        {
            return Ok(Some(text));
        }
        let leaves = path.is_absolute() || path.starts_with("..");
        if leaves { self.disk.read(path) } else { Ok(None) }
    }
}

/// Adds a finding for everything that is weaker than before. With an owner who answers for it,
/// they are on record and let through.
///
/// # Errors
/// Where that owner does not exist.
pub fn judge(
    outcome: &mut Outcome,
    before: &Before,
    policy: &Policy,
    lock: &Lock,
    allows: &[InSourceAllow],
    approved_by: Option<&str>,
) -> Result<(), ApprovalError> {
    if let Some(owner) = approved_by {
        check_owner(owner, &before.policy, policy)?;
    }
    let files: BTreeSet<&str> = outcome.files.iter().map(|file| &**file).collect();
    let mut own = levels(&before.policy, policy, &files);
    own.extend(people(&before.policy, policy));
    own.extend(exemptions(&before.lock, lock));
    let texts = texts(outcome, allows);
    own.extend(in_source(before, allows, &texts));
    let identities: BTreeSet<[String; 2]> = own.iter().map(|own| own.identity.clone()).collect();
    outcome.notes.extend(before.notes.iter().cloned());
    let older = outcome.findings.iter().map(|judged| judged.finding.id.clone()).collect::<BTreeSet<_>>();
    // The stricter of then, now and this call, or a change could switch off the gate that it has to
    // pass.
    let level = |own: &Own| {
        let now =
            policy.level(own.lint, &own.file).max(policy.level_under(Profile::Default, own.lint, &own.file));
        before.policy.level(own.lint, &own.file).max(now)
    };
    crate::judge::add(outcome, own, policy, false, level);
    if let Some(owner) = approved_by {
        if !identities.is_empty() {
            let things = if identities.len() == 1 { "weakening is" } else { "weakenings are" };
            outcome.notes.push(format!("{} {things} approved by {owner}", identities.len()));
        }
        for judged in &mut outcome.findings {
            if judged.finding.lint.name == weakened_policy::LINT.name && !older.contains(&judged.finding.id) {
                judged.status = Status::Exempt(Exempt {
                    owner: Some(owner.to_owned()),
                    reason: Some("approved with --approve-weakening".into()),
                    expires: None,
                    category: lock::Category::Waiver.name(),
                });
            }
        }
    }
    Ok(())
}

/// The owner has to have existed before the change, or the change could bring its own approver.
/// Only the change that declares the first owners may name one of them.
fn check_owner(owner: &str, before: &Policy, now: &Policy) -> Result<(), ApprovalError> {
    let declared = if before.owners.is_empty() { now } else { before };
    if declared.owner(owner).is_some() {
        return Ok(());
    }
    let ids: Vec<&str> = declared.owners.iter().map(|owner| owner.id.as_str()).collect();
    let help = if ids.is_empty() {
        "declare it under [owners]".to_owned()
    } else {
        format!("one of {}", ids.join(", "))
    };
    Err(ApprovalError::UnknownOwner(owner.to_owned(), help))
}

fn weakening(place: Option<&Place>, item: String, message: String, what: &str) -> Own {
    let nowhere = Place { file: policy::FILE.into(), text: Arc::from(""), span: Span::new(0, 0) };
    let place = place.unwrap_or(&nowhere);
    let start = if place.text.is_empty() {
        Position { line: 1, column: 1 }
    } else {
        policy::position(&place.text, place.span.start as usize)
    };
    Own {
        lint: &weakened_policy::LINT,
        file: place.file.clone(),
        text: place.text.clone(),
        span: place.span,
        start,
        identity: [what.to_owned(), item.clone()],
        item,
        message,
        help: Some("take it back, or name who answers for it with `--approve-weakening OWNER`".into()),
        owner: None,
    }
}

/// Levels that are lower somewhere: where no pattern speaks, under every pattern then or now, or
/// in a file that has findings.
fn levels(before: &Policy, now: &Policy, files: &BTreeSet<&str>) -> Vec<Own> {
    let each = |lint: &'static Lint| {
        let mut out = Vec::new();
        let (was, is) = (before.level(lint, ELSEWHERE), now.level(lint, ELSEWHERE));
        let own = |message: String, what: &str| {
            weakening(now.place_of(lint), format!("lints.{}", lint.name), message, what)
        };
        if is < was {
            out.push(own(format!("the level of `{}` is lowered from {was} to {is}", lint.name), "level"));
        }
        let patterns: BTreeSet<&str> = before.patterns_of(lint).chain(now.patterns_of(lint)).collect();
        let samples: Vec<(String, String)> = patterns
            .iter()
            .map(|pattern| (sample(pattern), (*pattern).to_owned()))
            .chain(files.iter().map(|file| ((*file).to_owned(), (*file).to_owned())))
            .collect();
        let lower = samples.iter().find(|(path, _)| {
            let (there, here) = (before.level(lint, path), now.level(lint, path));
            here < there && (there, here) != (was, is)
        });
        if let Some((path, shown)) = lower {
            let (there, here) = (before.level(lint, path), now.level(lint, path));
            let message =
                format!("the level of `{}` in {shown} is lowered from {there} to {here}", lint.name);
            out.push(own(message, "scope"));
        }
        out
    };
    now.lints().flat_map(each).collect()
}

/// A path that no sensible pattern means.
const ELSEWHERE: &str = "\u{1}/\u{1}";

/// A path that a pattern means.
fn sample(pattern: &str) -> String {
    let path = pattern.trim_matches('/').replace("**", "x").replace(['*', '?'], "x");
    if pattern.ends_with('/') { format!("{path}/x") } else { path }
}

/// Owners, controls, models, `extends` and limits.
fn people(before: &Policy, now: &Policy) -> Vec<Own> {
    let mut out = Vec::new();
    let mut say = |item: String, message: String, what: &str| out.push(weakening(None, item, message, what));
    for owner in before.owners.iter().filter(|owner| now.owner(&owner.id).is_none()) {
        say(format!("owners.{}", owner.id), format!("owner `{}` is removed", owner.id), "owner");
    }
    for owner in &before.owners {
        let Some(same) = now.owner(&owner.id) else { continue };
        for pattern in owner.paths.patterns.iter().filter(|pattern| now.owner_of(&sample(pattern)).is_none())
        {
            let message = format!("nobody owns {pattern} any more, which was `{}`'s", same.id);
            say(format!("owners.{}.{pattern}", owner.id), message, "paths");
        }
    }
    for path in before.extends.iter().filter(|path| !now.extends.contains(path)) {
        say(format!("extends.{path}"), format!("{path} is no longer extended"), "extends");
    }
    for control in &before.controls {
        match now.controls.iter().find(|other| other.id == control.id) {
            None => say(
                format!("controls.{}", control.id),
                format!("control `{}` is removed", control.id),
                "control",
            ),
            Some(other) => {
                for rule in control.enforced_by.iter().filter(|rule| !other.enforced_by.contains(rule)) {
                    let message = format!("control `{}` is no longer enforced by `{rule}`", control.id);
                    say(format!("controls.{}.{rule}", control.id), message, "enforced");
                }
            }
        }
    }
    models(before, now, &mut say);
    if now.longest_term() > before.longest_term() {
        let message =
            format!("`max-term` is raised from {} to {}", before.longest_term(), now.longest_term());
        say("exemptions.max-term".into(), message, "max-term");
    }
    if now.renewals > before.renewals {
        let message = format!("`renewals` is raised from {} to {}", before.renewals, now.renewals);
        say("exemptions.renewals".into(), message, "renewals");
    }
    out
}

/// A sanitizer makes the lints find less; every other model makes them find more.
fn models(before: &Policy, now: &Policy, say: &mut impl FnMut(String, String, &str)) {
    use durable_lints::models::project::ModelKind::Sanitizer;
    for model in before.models.iter().filter(|model| model.kind != Sanitizer && !now.models.contains(model)) {
        let path = model.path.join("::");
        say(format!("models.{path}"), format!("the model of `{path}` is removed or changed"), "model");
    }
    for model in now.models.iter().filter(|model| model.kind == Sanitizer && !before.models.contains(model)) {
        let path = model.path.join("::");
        say(format!("models.{path}"), format!("`{path}` now counts as a sanitizer"), "sanitizer");
    }
}

/// Exemptions that were added, or last longer.
fn exemptions(before: &Lock, now: &Lock) -> Vec<Own> {
    let old: Vec<Mark<'_>> = before.exemptions.iter().map(Mark::from).collect();
    let new: Vec<Mark<'_>> = now.exemptions.iter().map(Mark::from).collect();
    let mut origin: BTreeMap<usize, &Exemption> = BTreeMap::new();
    for (from, to) in pair(&old, &new).into_iter().enumerate() {
        if let Some(to) = to {
            origin.insert(to, &before.exemptions[from]);
        }
    }
    let each = |(index, entry): (usize, &Exemption)| {
        let what = format!("exemption from `{}` in {}", entry.lint, entry.at);
        let message = match origin.get(&index) {
            None => format!("{what} is added"),
            Some(old) if old.expires.is_some() && entry.expires.is_none_or(|end| Some(end) > old.expires) => {
                let until = entry.expires.map_or("without end".to_owned(), |end| format!("until {end}"));
                format!("{what} is renewed {until}")
            }
            Some(old) if entry.renewals < old.renewals => {
                format!("the renewals of the {what} are counted back")
            }
            Some(old) if !old.owner.is_empty() && entry.owner.is_empty() => {
                format!("the {what} loses its owner")
            }
            Some(_) => return None,
        };
        let place = Place { file: lock::FILE.into(), text: now.text.clone(), span: entry.place };
        let mut own = weakening(Some(&place), entry.item.clone(), message, "exemption");
        own.identity[1] = entry.id.clone();
        own.owner = Some(entry.owner.clone()).filter(|owner| !owner.is_empty());
        Some(own)
    };
    now.exemptions.iter().enumerate().filter_map(each).collect()
}

/// The texts of the files with in-source allows; a report from the cache brings none.
fn texts(outcome: &Outcome, allows: &[InSourceAllow]) -> BTreeMap<Arc<str>, Arc<str>> {
    let files = durable_lints::load::DiskFiles { root: outcome.root.clone() };
    let text = |file: &Arc<str>| match outcome.sources.get(file) {
        Some(text) => Some(text.clone()),
        None => files.read(file).ok().map(|bytes: Vec<u8>| Arc::from(&*String::from_utf8_lossy(&bytes))),
    };
    allows.iter().filter_map(|allow| Some((allow.file.clone(), text(&allow.file)?))).collect()
}

/// In-source allows of which there are more than before. They are compared by their text without
/// layout, wherever it stands, so that code may move.
fn in_source(before: &Before, allows: &[InSourceAllow], texts: &BTreeMap<Arc<str>, Arc<str>>) -> Vec<Own> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut out = Vec::new();
    for allow in allows {
        let source = texts.get(&allow.file);
        let text = source.and_then(|text| text.get(allow.span.range())).map(without_layout);
        // A text that is not at hand cannot have been there before, as far as can be told.
        let known = text.as_ref().map_or(0, |text| before.allows.matches(text.as_str()).count());
        let count =
            seen.entry(text.unwrap_or_else(|| format!("{}:{}", allow.file, allow.start.line))).or_default();
        *count += 1;
        if *count > known {
            let names: Vec<&str> = allow.lints.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!("an `allow` of {} is added or changed in source", names.join(", "));
            let place =
                source.map(|text| Place { file: allow.file.clone(), text: text.clone(), span: allow.span });
            let mut own = weakening(place.as_ref(), allow.file.to_string(), message, "allow");
            (own.file, own.span, own.start) = (allow.file.clone(), allow.span, allow.start);
            own.owner = allow.owner.clone();
            out.push(own);
        }
    }
    out
}

fn without_layout(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
#[path = "against_tests.rs"]
mod tests;
