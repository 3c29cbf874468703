//! What a change weakens in the policy: levels, owners, controls, models, limits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use durable_lints::codeowners::Host;
use durable_lints::lint::Lint;

use super::weakening;
use crate::judge::Own;
use crate::policy::{ControlStatus, Policy, Term};

/// Levels that are lower somewhere: where no pattern speaks, under every pattern then or now, or
/// in a file that has findings.
pub(super) fn levels(before: &Policy, now: &Policy, files: &BTreeSet<&str>) -> Vec<Own> {
    let each = |lint: &'static Lint| {
        let mut out = Vec::new();
        let (was, is) = (before.usual_level(lint), now.usual_level(lint));
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

/// A path that a pattern means.
fn sample(pattern: &str) -> String {
    let path = pattern.trim_matches('/').replace("**", "x").replace(['*', '?'], "x");
    if pattern.ends_with('/') { format!("{path}/x") } else { path }
}

/// Owners, controls, models, `extends` and limits.
pub(super) fn people(before: &Policy, now: &Policy, paths: &[Arc<str>]) -> Vec<Own> {
    let mut out = Vec::new();
    let mut say = |item: String, message: String, what: &str| out.push(weakening(None, item, message, what));
    for owner in before.owners.iter().filter(|owner| now.owner(&owner.id).is_none()) {
        say(format!("owners.{}", owner.id), format!("owner `{}` is removed", owner.id), "owner");
    }
    for owner in &before.owners {
        let Some(same) = now.owner(&owner.id) else { continue };
        if owner.place.file != same.place.file && before.files.contains(&owner.place.file.to_string()) {
            let message = format!(
                "owner `{}` of {} is declared again in {}, which counts instead",
                same.id, owner.place.file, same.place.file
            );
            say(format!("owners.{}", same.id), message, "redefined");
        }
        for host in [Host::Github, Host::Gitlab] {
            let (from, to) = (owner.handles(host), same.handles(host));
            // A mail address is the same to both.
            let is_mail = host == Host::Gitlab && owner.handles(Host::Github) == from;
            if !from.is_empty() && from != to && !is_mail {
                let to = if to.is_empty() { "nobody".to_owned() } else { to.join(" ") };
                let message = format!("owner `{}`, until now {}, would be {to}", same.id, from.join(" "));
                say(format!("owners.{}.{}", same.id, host.name()), message, "handles");
            }
        }
        if lengthened(owner.cadence, same.cadence) {
            say(
                format!("owners.{}.cadence", same.id),
                format!("the reviews of owner `{}` become rarer", same.id),
                "cadence",
            );
        }
        for pattern in &owner.paths.patterns {
            let path = sample(pattern);
            if before.owner_of(&path) != Some(&owner.id) {
                continue;
            }
            if now.owner_of(&path).is_some() {
                continue;
            }
            let message = format!("nobody owns {pattern} any more, which was `{}`'s", same.id);
            say(format!("owners.{}.{pattern}", owner.id), message, "paths");
        }
    }
    for ((from, to), (path, more)) in passed_on(before, now, paths) {
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let message = format!("{path}{more}, until now `{from}`'s, would be `{to}`'s");
        say(format!("owners.{from}.{to}"), message, "passed-on");
    }
    for path in before.files.iter().filter(|path| !now.files.contains(path)) {
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
                if control.status == ControlStatus::InForce && other.status != control.status {
                    let message = format!(
                        "control `{}` is no longer in force: it is {}",
                        control.id,
                        other.status.name()
                    );
                    say(format!("controls.{}.status", control.id), message, "status");
                }
                if control.owner.is_some() && control.owner != other.owner {
                    let to = other.owner.as_ref().map_or("nobody".to_owned(), |owner| format!("`{owner}`"));
                    let from = control.owner.as_deref().unwrap_or_default();
                    let message = format!("control `{}` passes from `{from}` to {to}", control.id);
                    say(format!("controls.{}.owner", control.id), message, "control-owner");
                }
                if lengthened(control.cadence, other.cadence) {
                    let message = format!("the reviews of control `{}` become rarer", control.id);
                    say(format!("controls.{}.cadence", control.id), message, "cadence");
                }
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

/// Whether reviews come less often, or at no time that is set.
fn lengthened(before: Option<Term>, now: Option<Term>) -> bool {
    before.is_some_and(|before| now.is_none_or(|now| now > before))
}

/// The files that pass from one owner to another: the first of them and how many more, by both.
fn passed_on<'a>(
    before: &'a Policy,
    now: &'a Policy,
    paths: &'a [Arc<str>],
) -> BTreeMap<(&'a str, &'a str), (&'a str, usize)> {
    let mut out: BTreeMap<(&str, &str), (&str, usize)> = BTreeMap::new();
    for path in paths {
        if let (Some(from), Some(to)) = (before.owner_of(path), now.owner_of(path))
            && from != to
            && now.owner(from).is_some()
        {
            out.entry((from, to)).and_modify(|(_, more)| *more += 1).or_insert((path, 0));
        }
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
