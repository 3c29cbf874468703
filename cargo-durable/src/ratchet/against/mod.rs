//! What a change weakens: policy, exemptions and in-source allows then and now.

mod before;
mod exemptions;
mod owners;
mod policy;
mod source;

use std::collections::BTreeSet;
use std::sync::Arc;

use durable_lints::finding::{Finding, Position, Span};
use durable_lints::lint::Level;
use durable_lints::lints::ownership::weakened_policy;
use durable_lints::load::Files;
use durable_lints::report::{InSourceAllow, Report};

pub use before::{Before, at};

use super::Origins;
use super::lock::Category;
use crate::judge::{Case, Coverage, Own, judge_case};
use crate::outcome::{Exempt, Outcome, Status};
use crate::policy::{self as policies, Place, Policy, Profile};

/// Why a weakened policy is not let through.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// The owner does not exist.
    #[error("--approve-weakening names `{0}`, who is no owner in durable.toml; {1}")]
    UnknownOwner(String, String),
}

/// What a change is judged by.
pub struct Change<'a> {
    /// What was before.
    pub before: &'a Before,
    /// What the lints of now find in what was before.
    pub base: Report,
    /// What is judged now.
    pub case: &'a Case<'a>,
    /// The files as they are now.
    pub files: &'a dyn Files,
    /// The in-source allows as they are now.
    pub allows: &'a [InSourceAllow],
    /// The paths of the files that are checked now.
    pub paths: &'a [Arc<str>],
    /// What a look at all code finds now, tests included; asked for where findings are gone.
    pub everywhere: &'a dyn Fn() -> anyhow::Result<Report>,
}

/// Adds a finding for everything that is weaker than before. With an owner who answers for it,
/// they are on record and let through.
///
/// # Errors
/// Where that owner does not exist, or the checked tree cannot be looked at once more.
pub fn judge(outcome: &mut Outcome, change: Change<'_>, approved_by: Option<&str>) -> anyhow::Result<()> {
    let Change { before, case, files, .. } = change;
    let policy = case.policy;
    if let Some(owner) = approved_by {
        check_owner(owner, &before.policy, policy)?;
    }
    let base = outcome_before(&change);
    let findings: Vec<Finding> = (outcome.findings.iter())
        .filter(|judged| !judged.finding.lint.is_judged())
        .map(|judged| judged.finding.clone())
        .collect();
    let named: BTreeSet<&str> = outcome.files.iter().map(|file| &**file).collect();
    let mut own = self::policy::levels(&before.policy, policy, &named);
    own.extend(self::policy::people(&before.policy, policy, change.paths));
    own.extend(exemptions::exemptions(&before.lock, case, &findings));
    own.extend(source::allows(before, &base, outcome, files, change.allows));
    let everywhere = || Ok((change.everywhere)()?.findings);
    let looked_at = |found: &Finding| {
        case.coverage.file(&found.file) && policy.level(&found.lint, &found.file) > Level::Allow
    };
    own.extend(source::hidden(&base, outcome, files, looked_at, everywhere)?);
    own.extend(source::files(before, files, change.paths));
    let side = |policy, tags| owners::Side { policy, tags };
    own.extend(owners::taken(side(&before.policy, &base.tags), side(policy, &outcome.tags), files));
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
                    category: Category::Waiver.name(),
                });
            }
        }
    }
    Ok(())
}

/// How what was before stood, under the policy and exemptions of then, on the day of now.
fn outcome_before(change: &Change<'_>) -> Outcome {
    let Change { before, case, .. } = change;
    let case = Case {
        policy: &before.policy,
        lock: &before.lock,
        today: case.today,
        profile: case.profile,
        coverage: Coverage::default(),
        origins: Origins::of(&before.files),
        ci: None,
    };
    let mut outcome = judge_case(change.base.clone(), &case);
    outcome.findings.retain(|judged| !judged.finding.lint.is_judged());
    outcome
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
    let nowhere = Place { file: policies::FILE.into(), text: Arc::from(""), span: Span::new(0, 0) };
    let place = place.unwrap_or(&nowhere);
    let start = if place.text.is_empty() {
        Position { line: 1, column: 1 }
    } else {
        policies::position(&place.text, place.span.start as usize)
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

#[cfg(test)]
mod tests;
