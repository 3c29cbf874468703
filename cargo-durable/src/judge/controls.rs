//! What enforces the controls of a policy.

use std::collections::BTreeSet;

use durable_lints::lint::{Level, Lint};
use durable_lints::lints::ownership::unenforced_controls;

use super::Case;
use super::own::Own;
use crate::ci::Ci;
use crate::policy::{Control, ControlStatus, Policy, position};

/// What a rule of a control is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforcer {
    /// One of our lints.
    Lint,
    /// A group of them.
    Group,
    /// A rule of another tool.
    Tool,
    /// A review by people.
    Review,
}

impl Enforcer {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Enforcer::Lint => "lint",
            Enforcer::Group => "group",
            Enforcer::Tool => "tool",
            Enforcer::Review => "review",
        }
    }
}

/// One thing that enforces a control, or is meant to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enforcement {
    /// What it is.
    pub kind: Enforcer,
    /// Its name as the policy writes it; empty for reviews.
    pub rule: String,
    /// Whether it does; `None` where that cannot be told from here.
    pub holds: Option<bool>,
    /// Why it does not, as the end of a sentence that begins with the control.
    pub why_not: Option<String>,
}

/// A control and what enforces it.
#[derive(Clone, Debug)]
pub struct ControlState {
    /// The control.
    pub control: Control,
    /// What enforces it, in the policy's order; the review of a manual one.
    pub enforcement: Vec<Enforcement>,
}

impl ControlState {
    /// Whether rules enforce it, rather than reviews.
    pub fn is_automatic(&self) -> bool {
        !self.control.enforced_by.is_empty()
    }
}

/// Every control of the policy with what enforces it.
pub(super) fn states(case: &Case<'_>) -> Vec<ControlState> {
    let state = |control: &Control| {
        let rules = control.enforced_by.iter().map(|rule| by_rule(case.policy, case.ci.as_ref(), rule));
        let mut enforcement: Vec<Enforcement> = rules.collect();
        if enforcement.is_empty() {
            enforcement.push(by_review(case, control));
        }
        ControlState { control: control.clone(), enforcement }
    };
    case.policy.controls.iter().map(state).collect()
}

fn by_rule(policy: &Policy, ci: Option<&Ci>, rule: &str) -> Enforcement {
    let enforcement = |kind, holds, why_not: String| Enforcement {
        kind,
        rule: rule.to_owned(),
        holds,
        why_not: (holds == Some(false)).then_some(why_not),
    };
    if let Some((tool, _)) = rule.split_once("::") {
        let runs = ci.map(|ci| ci.runs(tool));
        return enforcement(
            Enforcer::Tool,
            runs,
            format!("`{tool}`, which would tell of `{rule}`, does not run in CI"),
        );
    }
    let plain = rule.replace('-', "_");
    if let Some(lint) = policy.lints().find(|lint| lint.name == plain) {
        let level = policy.usual_level(lint);
        let why_not = match level {
            Level::Allow => format!("`{rule}` is allowed"),
            _ => format!("`{rule}` is at `{level}`, which fails no check"),
        };
        return enforcement(Enforcer::Lint, Some(level >= Level::Deny), why_not);
    }
    let lints: Vec<&Lint> = policy.lints().filter(|lint| lint.group == plain).collect();
    let allowed: Vec<&str> =
        lints.iter().filter(|lint| policy.usual_level(lint) == Level::Allow).map(|lint| lint.name).collect();
    let denies = lints.iter().any(|lint| policy.usual_level(lint) >= Level::Deny);
    let why_not = match allowed.first() {
        Some(first) => format!("`{first}` of the group `{rule}` is allowed"),
        None => format!("no lint of the group `{rule}` fails a check"),
    };
    enforcement(Enforcer::Group, Some(denies && allowed.is_empty()), why_not)
}

fn by_review(case: &Case<'_>, control: &Control) -> Enforcement {
    let (holds, why_not) = match control.review_by {
        Some(last) if last < case.today => (Some(false), format!("its review was due on {last}")),
        Some(_) => (Some(true), String::new()),
        // Who reviewed what is not on record.
        None if control.cadence.is_some() => (None, String::new()),
        None => (Some(false), "it names neither a rule that enforces it nor a review".to_owned()),
    };
    let why_not = (holds == Some(false)).then_some(why_not);
    Enforcement { kind: Enforcer::Review, rule: String::new(), holds, why_not }
}

/// The controls that are called in force, and are not: a finding for each thing that does not hold.
pub(super) fn unenforced(case: &Case<'_>, states: &[ControlState]) -> Vec<Own> {
    let in_force = states.iter().filter(|state| state.control.status == ControlStatus::InForce);
    let mut seen = BTreeSet::new();
    let each = |state: &ControlState| {
        let control = state.control.clone();
        let missing = state.enforcement.iter().filter_map(|enforcement| {
            Some((enforcement.kind, enforcement.rule.clone(), enforcement.why_not.clone()?))
        });
        missing.map(move |(kind, rule, why_not)| own(&control, kind, &rule, &why_not)).collect::<Vec<Own>>()
    };
    let all = in_force.flat_map(each);
    let owner = |own: Own| Own { owner: own.owner.filter(|owner| case.policy.accepts_owner(owner)), ..own };
    all.filter(|own| seen.insert(own.identity.clone())).map(owner).collect()
}

fn own(control: &Control, kind: Enforcer, rule: &str, why_not: &str) -> Own {
    let help = match kind {
        Enforcer::Lint | Enforcer::Group => {
            "deny it under [lints], or give the control the `status` that it has"
        }
        Enforcer::Tool => "run the tool in CI, or name what does enforce the control",
        Enforcer::Review => {
            "review it and set `review-by` to the day of the next review, or name in `enforced-by` what enforces it"
        }
    };
    Own {
        lint: &unenforced_controls::LINT,
        file: control.place.file.clone(),
        text: control.place.text.clone(),
        span: control.id_span,
        start: position(&control.place.text, control.id_span.start as usize),
        item: format!("controls.{}", control.id),
        message: format!("control `{}` is in force, but {why_not}", control.id),
        help: Some(help.to_owned()),
        identity: [rule.to_owned(), control.id.clone()],
        owner: control.owner.clone(),
    }
}
