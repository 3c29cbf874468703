//! The controls of a policy, as the documents for programs tell of them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::judge::{ControlState, Enforcement};
use crate::outcome::Outcome;

/// A security requirement of the policy.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Control")]
pub(super) struct ControlView<'a> {
    /// Its id.
    pub(super) id: &'a str,
    /// What it requires.
    pub(super) title: &'a str,
    /// Who answers for it.
    owner: Option<&'a str>,
    /// `planned`, `in-force`, `closed` or `retired`.
    status: &'a str,
    /// What has to be true for it to be closed.
    closure: Option<&'a str>,
    /// How often it is reviewed: `90d`.
    cadence: Option<String>,
    /// The last day on which its next review is in time, `YYYY-MM-DD`.
    review_by: Option<String>,
    /// Whether rules enforce it, rather than reviews.
    automatic: bool,
    /// What enforces it, or is meant to.
    enforced_by: Vec<EnforcementView<'a>>,
}

/// One thing that enforces a control.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Enforcement")]
struct EnforcementView<'a> {
    /// `lint`, `group`, `tool` or `review`.
    kind: &'a str,
    /// The lint, the group or the other tool's rule; empty for a review.
    rule: &'a str,
    /// Whether it does enforce it; `null` where that cannot be told from the checkout.
    holds: Option<bool>,
    /// Why it does not.
    why_not: Option<&'a str>,
}

/// Those of an outcome, in the policy's order.
pub(super) fn of(outcome: &Outcome) -> Vec<ControlView<'_>> {
    outcome.controls.iter().map(view).collect()
}

fn view(state: &ControlState) -> ControlView<'_> {
    let control = &state.control;
    ControlView {
        id: &control.id,
        title: &control.title,
        owner: control.owner.as_deref(),
        status: control.status.name(),
        closure: control.closure.as_deref(),
        cadence: control.cadence.map(|cadence| cadence.to_string()),
        review_by: control.review_by.map(|day| day.to_string()),
        automatic: state.is_automatic(),
        enforced_by: state.enforcement.iter().map(enforcement).collect(),
    }
}

fn enforcement(enforcement: &Enforcement) -> EnforcementView<'_> {
    let Enforcement { kind, rule, holds, why_not } = enforcement;
    EnforcementView { kind: kind.name(), rule, holds: *holds, why_not: why_not.as_deref() }
}
