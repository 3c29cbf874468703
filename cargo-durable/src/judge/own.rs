//! Findings that the judge makes itself, about exceptions and policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use durable_lints::finding::{Finding, LintRef, Position, Span};
use durable_lints::lint::{Level, Lint};
use durable_lints::lints::ownership::weakened_policy;

use crate::outcome::{Judged, Outcome, Status};
use crate::owners::Owners;
use crate::policy::{Policy, position};

/// A finding of the judge before it has its level and identity.
#[derive(Clone, Debug)]
pub struct Own {
    /// The lint.
    pub lint: &'static Lint,
    /// The file, relative to the root.
    pub file: Arc<str>,
    /// Its text; empty where it is not at hand.
    pub text: Arc<str>,
    /// The place in it.
    pub span: Span,
    /// Where the place starts, for texts that are not at hand.
    pub start: Position,
    /// The item or entry it is about.
    pub item: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// What identifies it: the problem, and what has it.
    pub identity: [String; 2],
    /// Who answers for it.
    pub owner: Option<String>,
}

/// Attempts to lower what an extended file forbids.
pub(super) fn lowered(policy: &Policy) -> Vec<Own> {
    let own = |lowered: &crate::policy::Lowered| Own {
        lint: &weakened_policy::LINT,
        file: lowered.place.file.clone(),
        text: lowered.place.text.clone(),
        span: lowered.place.span,
        start: position(&lowered.place.text, lowered.place.span.start as usize),
        item: format!("lints.{}", lowered.name),
        message: format!("`{}` is forbidden by {} and cannot be lowered", lowered.name, lowered.by),
        help: Some("remove this line, which has no effect".into()),
        identity: ["lowered".into(), lowered.name.clone()],
        owner: None,
    };
    policy.lowered.iter().map(own).collect()
}

/// Adds findings of the judge to an outcome, each with its level, and keeps the outcome sorted.
pub fn add(
    outcome: &mut Outcome,
    own: Vec<Own>,
    policy: &Policy,
    only_reported: bool,
    level: impl Fn(&Own) -> Level,
) {
    let mut equals: BTreeMap<String, u32> = BTreeMap::new();
    for own in own {
        let level = level(&own);
        outcome.files.insert(own.file.clone());
        if level == Level::Allow && !only_reported {
            continue;
        }
        if !own.text.is_empty() {
            outcome.sources.entry(own.file.clone()).or_insert_with(|| own.text.clone());
        }
        let owner = own.owner.clone().or_else(|| {
            let owners = Owners::new(policy, &outcome.tags);
            owners.at(&own.file, own.span.start).map(|answer| answer.owner.to_owned())
        });
        let finding = complete(own, &mut equals);
        outcome.findings.push(Judged { finding, level, status: Status::New, owner, only_reported });
    }
    outcome.findings.sort_by(|a, b| key(&a.finding).cmp(&key(&b.finding)));
}

fn key(finding: &Finding) -> (&str, Span, &str, &str) {
    (&finding.file, finding.span, finding.lint.name, &finding.id)
}

fn complete(own: Own, equals: &mut BTreeMap<String, u32>) -> Finding {
    let tokens = hash(&[&own.identity[0], &own.identity[1]]);
    let base = hash(&[own.lint.name, &own.item, &tokens]);
    let ordinal = equals.entry(base.clone()).or_insert(0);
    let id = hash(&[&base, &ordinal.to_string()]);
    *ordinal += 1;
    let end = if own.text.is_empty() { own.start } else { position(&own.text, own.span.end as usize) };
    Finding {
        lint: LintRef(own.lint),
        file: own.file,
        package: None,
        item: own.item,
        span: own.span,
        start: own.start,
        end,
        message: own.message,
        label: String::new(),
        labels: Vec::new(),
        help: own.help,
        fix: None,
        id: format!("v1:{}", &id[..32]),
        tokens: tokens[..16].to_owned(),
        confidence: own.lint.confidence,
        due: None,
    }
}

/// The parts are kept apart by a byte that none of them holds.
fn hash(parts: &[&str]) -> String {
    blake3::hash(parts.join("\0").as_bytes()).to_hex().to_string()
}
