//! From files to one policy.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use durable_lints::codeowners::Host;
use durable_lints::finding::Span;
use durable_lints::lint::{Level, Lint};
use durable_lints::models::project::{ModelKind, ProjectModel, Purpose};
use jiff::civil::Date;
use toml::Spanned;

use super::file::{
    ControlEntry, DayEntry, LintEntry, ModelEntry, ModelKindName, OwnerEntry, PolicyFile, PurposeName,
};
use super::{
    Control, Decision, FILE, Handles, Lowered, Owner, Ownership, Paths, Place, Policy, PolicyError, Rule,
    Term, suggestion,
};

const DEFAULT_MAX_TERM: Term = Term { days: 180 };
const DEFAULT_RENEWALS: u32 = 2;
/// Each file is read while the one that extends it is kept, so there have to be bounds.
const MOST_FILES: usize = 100;
/// No policy is this large; what is, is another file.
const LARGEST_FILE: u64 = 1 << 20;

/// Where the files of a policy come from: the disk, or a commit.
pub trait PolicyFiles {
    /// The text of a file by its path relative to the root (it may start with `..`) or absolute;
    /// `None` where there is none.
    ///
    /// # Errors
    /// Where there is one that cannot be read, with the reason.
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String>;

    /// Whether a file lies outside the root, where it may be anything of the user's: no error repeats
    /// its words.
    fn is_outside(&self, path: &Utf8Path) -> bool;
}

/// The files as they lie on the disk.
#[derive(Clone, Debug)]
pub struct DiskFiles {
    /// The folder that paths are relative to.
    pub root: Utf8PathBuf,
}

impl PolicyFiles for DiskFiles {
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
        let path = self.root.join(path);
        let metadata = match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| error.to_string())?,
        };
        // Opening a pipe or device could hang.
        if !metadata.is_file() {
            return Err("it is no file".into());
        }
        if metadata.len() > LARGEST_FILE {
            return Err(format!("it is larger than {} KiB", LARGEST_FILE >> 10));
        }
        let bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
        String::from_utf8(bytes).map(Some).map_err(|_| "it is not UTF-8".into())
    }

    fn is_outside(&self, path: &Utf8Path) -> bool {
        let real = |path: &Utf8Path| path.canonicalize_utf8();
        match (real(&self.root), real(&self.root.join(path))) {
            (Ok(root), Ok(path)) => !path.starts_with(root),
            _ => true,
        }
    }
}

/// One file of a policy, parsed.
struct Layer {
    path: Utf8PathBuf,
    text: Arc<str>,
    file: PolicyFile,
}

impl Layer {
    fn place(&self, range: Range<usize>) -> Place {
        Place { file: self.path.as_str().into(), text: self.text.clone(), span: Span::from(range) }
    }

    fn error(&self, range: Range<usize>, message: impl Into<String>) -> PolicyError {
        PolicyError::new(&self.path, message).at(&self.text, range.start)
    }

    fn paths(&self, patterns: &[Spanned<String>]) -> Result<Paths, PolicyError> {
        let texts: Vec<String> = patterns.iter().map(|pattern| pattern.get_ref().clone()).collect();
        Paths::new(&texts).map_err(|(index, message)| self.error(patterns[index].span(), message))
    }

    fn handles(&self, host: Host, entry: Option<&Spanned<Handles>>) -> Result<Handles, PolicyError> {
        let Some(entry) = entry else { return Ok(Handles::default()) };
        let Some(handle) = entry.get_ref().refused(host) else { return Ok(entry.get_ref().clone()) };
        let message = format!("`{handle}` is no owner that {} accepts", host.name());
        Err(self.error(entry.span(), message).help("write `@user`, `@group/team` or a mail address"))
    }

    fn rule(&self, name: &Spanned<String>, entry: &LintEntry) -> Result<Rule, PolicyError> {
        Ok(Rule {
            level: entry.level,
            paths: entry.paths.as_deref().map(|paths| self.paths(paths)).transpose()?,
            exclude: self.paths(&entry.exclude)?,
            place: self.place(name.span()),
        })
    }
}

pub(super) fn without_file(lints: &[&'static Lint]) -> Policy {
    let decide = |lint: &&'static Lint| Decision { lint, rules: Vec::new(), floors: Vec::new(), call: None };
    Policy {
        owners: Vec::new(),
        controls: Vec::new(),
        models: Vec::new(),
        files: Vec::new(),
        lowered: Vec::new(),
        max_term: DEFAULT_MAX_TERM,
        renewals: DEFAULT_RENEWALS,
        decisions: lints.iter().map(decide).collect(),
        ownership: Ownership::default(),
    }
}

pub(super) fn read(files: &dyn PolicyFiles, lints: &[&'static Lint]) -> Result<Policy, PolicyError> {
    let mut layers = Vec::new();
    gather(files, Utf8Path::new(FILE), None, &mut Vec::new(), &mut BTreeSet::new(), &mut layers)?;
    let mut policy = without_file(lints);
    for layer in &layers {
        add_lints(layer, &mut policy)?;
        add_people(layer, &mut policy)?;
        for model in &layer.file.models {
            policy.models.push(model_of(layer, model)?);
        }
    }
    set_limits(&layers, &mut policy);
    policy.ownership =
        Ownership::of(&policy.owners).map_err(|message| PolicyError::new(Utf8Path::new(FILE), message))?;
    policy.models.sort();
    policy.models.dedup();
    let extended = layers.iter().filter(|layer| layer.path != FILE);
    policy.files = extended.map(|layer| layer.path.to_string()).collect();
    Ok(policy)
}

/// Reads a file after those it extends, so that the nearest comes last.
fn gather(
    files: &dyn PolicyFiles,
    path: &Utf8Path,
    asked: Option<(&Layer, Range<usize>)>,
    above: &mut Vec<Utf8PathBuf>,
    done: &mut BTreeSet<Utf8PathBuf>,
    layers: &mut Vec<Layer>,
) -> Result<(), PolicyError> {
    let at = |message: String| match &asked {
        Some((layer, range)) => layer.error(range.clone(), message),
        None => PolicyError::new(path, message),
    };
    if above.iter().any(|file| file == path) {
        let ring =
            above.iter().map(|file| file.as_str()).chain([path.as_str()]).collect::<Vec<_>>().join(" -> ");
        return Err(
            at(format!("policies extend each other in a ring: {ring}")).help("remove one of the `extends`")
        );
    }
    if done.contains(path) {
        return Ok(());
    }
    if above.len() + done.len() >= MOST_FILES {
        let message = format!("{path} would be one more file than the {MOST_FILES} that a policy may have");
        return Err(at(message).help("have a few files say what many do"));
    }
    let text = match files.read(path).map_err(|reason| at(format!("{path} cannot be read: {reason}")))? {
        Some(text) => text,
        None if asked.is_none() => return Ok(()),
        None => {
            return Err(
                at(format!("{path} does not exist")).help("correct the path, which is relative to this file")
            );
        }
    };
    let file = toml::from_str(&text).map_err(|error| match files.is_outside(path) {
        false => PolicyError::toml(path, &text, &error),
        true => foreign(path, &text, &error),
    })?;
    let layer = Layer { path: path.to_owned(), text: text.into(), file };
    above.push(path.to_owned());
    for extended in &layer.file.extends {
        // As a path, `https://` would lose a slash, and the error would name what nobody wrote.
        if extended.get_ref().contains("://") {
            let message = format!("`{}` is a URL, and nothing is fetched", extended.get_ref());
            let help = "bring the policy into the checkout, as a submodule or a copy, and name its path";
            return Err(layer.error(extended.span(), message).help(help));
        }
        let target = normal(&path.parent().unwrap_or(Utf8Path::new("")).join(extended.get_ref()));
        gather(files, &target, Some((&layer, extended.span())), above, done, layers)?;
    }
    above.pop();
    done.insert(path.to_owned());
    layers.push(layer);
    Ok(())
}

/// What is wrong with a file that may be no policy at all: where, and none of its words.
fn foreign(path: &Utf8Path, text: &str, error: &toml::de::Error) -> PolicyError {
    let wrong = PolicyError::new(path, "no policy can be read from here on");
    let wrong = match error.span() {
        Some(span) => wrong.at(text, span.start),
        None => wrong,
    };
    wrong.help(
        "it lies outside the project, so what it says is not shown; correct it there, or extend another file",
    )
}

/// The path without `.` and without `..` behind a folder, so that one file has one name.
fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut out = Utf8PathBuf::new();
    for part in path.components() {
        let can_go_up = matches!(out.components().next_back(), Some(Utf8Component::Normal(_)));
        match part {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if can_go_up => drop(out.pop()),
            other => out.push(other),
        }
    }
    out
}

fn add_lints(layer: &Layer, policy: &mut Policy) -> Result<(), PolicyError> {
    let mut groups = Vec::new();
    let mut single = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, entry) in &layer.file.lints {
        let plain = name.get_ref().replace('-', "_");
        if !seen.insert(plain.clone()) {
            return Err(layer.error(name.span(), format!("`{plain}` is decided about twice")));
        }
        let rule = layer.rule(name, entry)?;
        if policy.lints().any(|lint| lint.name == plain) {
            single.push((plain, rule));
        } else if policy.lints().any(|lint| lint.group == plain) {
            groups.push((plain, rule));
        } else {
            return Err(unknown_lint(layer, name, policy));
        }
    }
    let weaker = |rule: &Rule| {
        rule.level.is_some_and(|level| level < Level::Forbid) || !rule.exclude.patterns.is_empty()
    };
    for (name, rule) in groups.iter().chain(&single) {
        let concerned = |decision: &&Decision| decision.lint.name == name || decision.lint.group == name;
        let mut floors = policy.decisions.iter().filter(concerned).map(|decision| decision.floors.first());
        // A group may be lowered around a lint that is forbidden alone; that lint stays as it is.
        if weaker(rule)
            && let Some(Some(first)) = floors.next().filter(|_| floors.all(|floor| floor.is_some()))
        {
            let by = first.place.file.clone();
            policy.lowered.push(Lowered { name: name.clone(), by, place: rule.place.clone() });
        }
    }
    let own_file = layer.path == FILE;
    for decision in &mut policy.decisions {
        let by_name = single.iter().find(|(name, _)| *name == decision.lint.name).map(|(_, rule)| rule);
        let by_group = groups.iter().find(|(name, _)| *name == decision.lint.group).map(|(_, rule)| rule);
        insert(decision, by_name, by_group, own_file);
    }
    Ok(())
}

/// Puts the rules of a nearer file before those of the files it extends. A lint beats its group,
/// wherever either stands, so rules for a group come behind all rules for the lint.
fn insert(decision: &mut Decision, by_name: Option<&Rule>, by_group: Option<&Rule>, own_file: bool) {
    if let Some(forbidding) = by_name.filter(|rule| rule.level.is_some()).or(by_group)
        && forbidding.level == Some(Level::Forbid)
        && !own_file
    {
        decision.floors.push(forbidding.clone());
    }
    if let Some(rule) = by_group {
        let behind_names = decision.rules.iter().filter(|rule| names(&rule.place, decision.lint)).count();
        decision.rules.insert(behind_names, rule.clone());
    }
    if let Some(rule) = by_name {
        decision.rules.insert(0, rule.clone());
    }
}

/// Whether an entry is about a lint alone, not about its group.
pub fn names(place: &Place, lint: &Lint) -> bool {
    let written = place.text.get(place.span.range()).unwrap_or("");
    written.trim_matches(['"', '\'']).replace('-', "_") == lint.name
}

fn unknown_lint(layer: &Layer, name: &Spanned<String>, policy: &Policy) -> PolicyError {
    let plain = name.get_ref().replace('-', "_");
    let known = policy.lints().flat_map(|lint| [lint.name, lint.group]);
    let help = suggestion(&plain, known).unwrap_or("`cargo durable lints` lists all".into());
    layer.error(name.span(), format!("unknown lint or group `{}`", name.get_ref())).help(help)
}

fn add_people(layer: &Layer, policy: &mut Policy) -> Result<(), PolicyError> {
    let mut owners: Vec<(&Spanned<String>, &OwnerEntry)> = layer.file.owners.iter().collect();
    // The order in the file decides which of several owners of a file wins.
    owners.sort_by_key(|(id, _)| id.span().start);
    for (id, entry) in owners {
        if id.get_ref().trim().is_empty() {
            return Err(layer.error(id.span(), "an owner needs an id"));
        }
        let owner = Owner {
            id: id.get_ref().clone(),
            team: entry.team.clone(),
            contact: entry.contact.clone(),
            github: layer.handles(Host::Github, entry.github.as_ref())?,
            gitlab: layer.handles(Host::Gitlab, entry.gitlab.as_ref())?,
            paths: layer.paths(&entry.paths)?,
            pattern_spans: entry.paths.iter().map(|pattern| Span::from(pattern.span())).collect(),
            cadence: entry.cadence,
            place: layer.place(id.span()),
        };
        // Declared again, it is the nearer file that counts.
        policy.owners.retain(|other| other.id != owner.id);
        policy.owners.push(owner);
    }
    for entry in &layer.file.controls {
        let control = control_of(layer, entry, policy)?;
        policy.controls.push(control);
    }
    Ok(())
}

fn control_of(layer: &Layer, entry: &ControlEntry, policy: &Policy) -> Result<Control, PolicyError> {
    let id = entry.id.get_ref();
    if id.trim().is_empty() {
        return Err(layer.error(entry.id.span(), "a control needs an id"));
    }
    if policy.controls.iter().any(|control| control.id == *id) {
        return Err(layer.error(entry.id.span(), format!("there is a control `{id}` already")));
    }
    for rule in &entry.enforced_by {
        let name = rule.get_ref().replace('-', "_");
        let known = policy.lints().any(|lint| lint.name == name || lint.group == name);
        if !known && !rule.get_ref().contains("::") {
            return Err(unknown_lint(layer, rule, policy));
        }
    }
    Ok(Control {
        id: id.clone(),
        title: entry.title.clone(),
        owner: entry.owner.as_ref().map(|owner| owner.get_ref().clone()),
        enforced_by: entry.enforced_by.iter().map(|rule| rule.get_ref().clone()).collect(),
        cadence: entry.cadence,
        review_by: entry.review_by.as_ref().map(|day| day_of(layer, day)).transpose()?,
        status: entry.status,
        closure: entry.closure.clone(),
        place: layer.place(entry.owner.as_ref().unwrap_or(&entry.id).span()),
        id_span: Span::from(entry.id.span()),
    })
}

fn day_of(layer: &Layer, day: &Spanned<DayEntry>) -> Result<Date, PolicyError> {
    let text = match day.get_ref() {
        DayEntry::Date(date) => date.to_string(),
        DayEntry::Text(text) => text.clone(),
    };
    text.parse()
        .map_err(|_| layer.error(day.span(), format!("`{text}` is no date")).help("write it as `2027-01-31`"))
}

/// Of several files the strictest limit counts, so that a platform's cannot be raised.
fn set_limits(layers: &[Layer], policy: &mut Policy) {
    let limits = || layers.iter().map(|layer| &layer.file.exemptions);
    policy.max_term = limits().filter_map(|limits| limits.max_term).min().unwrap_or(DEFAULT_MAX_TERM);
    policy.renewals = limits().filter_map(|limits| limits.renewals).min().unwrap_or(DEFAULT_RENEWALS);
}

fn model_of(layer: &Layer, entry: &ModelEntry) -> Result<ProjectModel, PolicyError> {
    let span = entry.path.span();
    let path: Vec<String> = entry.path.get_ref().split("::").map(str::to_owned).collect();
    let is_name = |part: &String| {
        !part.is_empty()
            && !part.starts_with(|c: char| c.is_ascii_digit())
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    if path.len() < 2 || !path.iter().all(is_name) {
        let message = format!("`{}` is no full path of an API", entry.path.get_ref());
        return Err(layer.error(span, message).help("write it from its crate on: `acme_db::Client::raw`"));
    }
    if entry.kind == ModelKindName::Sink && entry.purpose.is_none() {
        return Err(layer.error(span, "a sink needs `for`").help("one of sql, path, url, shell, html, log"));
    }
    if (entry.kind == ModelKindName::Returns) != entry.returns.is_some() {
        return Err(layer
            .error(span, "`returns` and `kind = \"returns\"` belong together")
            .help("name the type's full path"));
    }
    Ok(ProjectModel {
        path,
        kind: kind_of(entry.kind),
        argument: entry.argument,
        purpose: entry.purpose.map(purpose_of),
        returns: entry.returns.clone(),
        message: entry.message.clone(),
        help: entry.help.clone(),
    })
}

fn kind_of(name: ModelKindName) -> ModelKind {
    match name {
        ModelKindName::Source => ModelKind::Source,
        ModelKindName::Sink => ModelKind::Sink,
        ModelKindName::Sanitizer => ModelKind::Sanitizer,
        ModelKindName::Banned => ModelKind::Banned,
        ModelKindName::Returns => ModelKind::Returns,
    }
}

fn purpose_of(name: PurposeName) -> Purpose {
    match name {
        PurposeName::Sql => Purpose::Sql,
        PurposeName::Path => Purpose::Path,
        PurposeName::Url => Purpose::Url,
        PurposeName::Shell => Purpose::Shell,
        PurposeName::Html => Purpose::Html,
        PurposeName::Log => Purpose::Log,
    }
}
