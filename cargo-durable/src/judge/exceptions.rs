//! What is wrong with exemptions, in-source allows and the owners they name.

use std::collections::BTreeSet;
use std::sync::Arc;

use durable_lints::finding::Span;
use durable_lints::lint::{Level, Lint};
use durable_lints::lints::ownership::{
    expiring_exceptions, invalid_exceptions, unexplained_suppressions, unknown_owners,
};
use durable_lints::report::{InSourceAllow, Report};
use jiff::ToSpan;
use jiff::civil::Date;

use super::own::Own;
use super::{Case, Matches, names};
use crate::policy::{Policy, Term, position, suggestion};
use crate::ratchet::lock::FILE;
use crate::ratchet::matching::Mark;
use crate::ratchet::{Exemption, Lock};

const WARN_AHEAD_DAYS: i64 = 30;

const RENEW: &str = "fix the finding, or renew with `cargo durable allow`, a reason and a date";

/// What is wrong with the exemptions in `durable.lock`.
pub(super) fn in_lock(report: &Report, case: &Case<'_>, matches: &Matches) -> Vec<Own> {
    let each = case.lock.exemptions.iter().enumerate();
    each.flat_map(|(index, entry)| of_entry(report, case, entry, matches.finding(index).is_some())).collect()
}

fn of_entry(report: &Report, case: &Case<'_>, entry: &Exemption, used: bool) -> Vec<Own> {
    let subject = format!("exemption from `{}` in {}", entry.lint, entry.at);
    let own = |lint: &'static Lint, what: &str, message: String, help: String| Own {
        lint,
        file: FILE.into(),
        text: case.lock.text.clone(),
        span: entry.place,
        start: position(&case.lock.text, entry.place.start as usize),
        item: entry.item.clone(),
        message,
        help: Some(help),
        identity: [what.to_owned(), entry.id.clone()],
        owner: Some(entry.owner.clone()).filter(|owner| !owner.is_empty()),
    };
    let invalid = |what: &str, message: String, help: &str| {
        own(&invalid_exceptions::LINT, what, message, help.to_owned())
    };
    let Some(lint) = case.lint(&entry.lint) else {
        let help = suggestion(&entry.lint, case.policy.lints().map(|lint| lint.name))
            .unwrap_or("update cargo durable, or remove the line".into());
        return vec![invalid("unknown", format!("{subject} names no lint that this release knows"), &help)];
    };
    if !used && let Some(other) = report.findings.iter().find(|finding| finding.id == entry.id) {
        if Mark::from(other).agrees_with(&Mark::from(entry)) {
            return vec![invalid("twice", format!("{subject} is there twice"), "remove one of the lines")];
        }
        let lies = format!(
            "{subject} does not say what its id stands for: `{}` in {}, `{}`",
            other.lint.name, other.file, other.item
        );
        let help = "restore the line from version control; `cargo durable allow` makes entries";
        return vec![invalid("disagrees", lies, help)];
    }
    if !used {
        let stale = format!("{subject} covers nothing any more");
        let known = was_looked_at(report, case, lint, &entry.at);
        return Vec::from_iter(known.then(|| invalid("stale", stale, "`cargo durable fix` removes it")));
    }
    let mut out = Vec::new();
    if case.level(lint, &entry.at) == Level::Forbid {
        out.push(invalid(
            "forbidden",
            format!("{subject} covers what the policy forbids"),
            "fix the finding",
        ));
    }
    match entry.expires {
        None => out.push(invalid("endless", format!("{subject} has no last day"), "add `expires`")),
        Some(last) => {
            let (end, owner) =
                (End::of(last, case.today, case.policy.max_term(lint)), owner_in_brackets(&entry.owner));
            match end {
                End::Past => {
                    out.push(invalid("expired", format!("{subject} expired on {last}{owner}"), RENEW))
                }
                End::TooFar(most) => out.push(invalid(
                    "long",
                    format!("{subject} lasts until {last}; it may until {most}"),
                    "bring its end forward",
                )),
                End::Near => out.push(own(
                    &expiring_exceptions::LINT,
                    "near",
                    format!("{subject} ends on {last}{owner}"),
                    RENEW.to_owned(),
                )),
                End::Fine => {}
            }
        }
    }
    if entry.renewals > case.policy.renewals {
        let message =
            format!("{subject} was renewed {} times; {} are allowed", entry.renewals, case.policy.renewals);
        out.push(invalid(
            "renewals",
            message,
            "fix the finding, or have the control's owner change the policy",
        ));
    }
    if entry.reason.trim().is_empty() {
        out.push(invalid(
            "reason",
            format!("{subject} gives no reason"),
            "say why with `cargo durable allow --reason`",
        ));
    }
    if entry.owner.trim().is_empty() {
        out.push(invalid(
            "owner",
            format!("{subject} names no owner"),
            "say who answers with `cargo durable allow --owner`",
        ));
    } else if !case.policy.accepts_owner(&entry.owner) {
        let message = format!("owner `{}` of the {subject} does not exist", entry.owner);
        out.push(own(&unknown_owners::LINT, "owner", message, owner_help(case.policy, &entry.owner)));
    }
    out
}

fn owner_in_brackets(owner: &str) -> String {
    if owner.is_empty() { String::new() } else { format!(" (owner {owner})") }
}

pub(super) fn owner_help(policy: &Policy, owner: &str) -> String {
    let near = suggestion(owner, policy.owners.iter().map(|owner| owner.id.as_str()));
    near.unwrap_or_else(|| {
        format!("declare it under [owners] in {}, or name one that is there", crate::policy::FILE)
    })
}

/// Whether the run would have seen a finding, so that its absence means something.
fn was_looked_at(report: &Report, case: &Case<'_>, lint: &Lint, file: &str) -> bool {
    let unreadable = report.unchecked.iter().any(|unchecked| {
        file.strip_prefix(&*unchecked.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    case.coverage.file(file)
        && case.coverage.lint(lint)
        && !unreadable
        && case.level(lint, file) > Level::Allow
}

/// How an end lies to today.
enum End {
    Past,
    Near,
    Fine,
    TooFar(Date),
}

impl End {
    fn of(last: Date, today: Date, term: Term) -> End {
        let most = term.after(today);
        if last < today {
            End::Past
        } else if last > most {
            End::TooFar(most)
        } else if last < today.saturating_add(WARN_AHEAD_DAYS.days()) {
            End::Near
        } else {
            End::Fine
        }
    }
}

/// What is wrong with the allows in source.
pub(super) fn in_source(report: &Report, case: &Case<'_>, uses: &[Option<(usize, usize)>]) -> Vec<Own> {
    let used: BTreeSet<(usize, usize)> = uses.iter().flatten().copied().collect();
    let mut out = Vec::new();
    for (index, allow) in report.allows.iter().enumerate() {
        let place = InSource { report, case, allow };
        place.mistakes(&mut out);
        place.explanation(&mut out);
        place.end(&mut out);
        for name in 0..allow.lints.len() {
            place.name(name, used.contains(&(index, name)), &mut out);
        }
    }
    out
}

struct InSource<'a> {
    report: &'a Report,
    case: &'a Case<'a>,
    allow: &'a InSourceAllow,
}

impl InSource<'_> {
    fn own(
        &self,
        lint: &'static Lint,
        span: Span,
        what: &str,
        message: String,
        help: impl Into<String>,
    ) -> Own {
        let names: Vec<&str> = self.allow.lints.iter().map(|(name, _)| name.as_str()).collect();
        Own {
            lint,
            file: self.allow.file.clone(),
            text: Arc::from(""),
            span,
            start: self.allow.start,
            item: String::new(),
            message,
            help: Some(help.into()),
            identity: [what.to_owned(), format!("{} {}", self.allow.file, names.join(" "))],
            owner: self.allow.owner.clone(),
        }
    }

    fn mistakes(&self, out: &mut Vec<Own>) {
        for wrong in &self.allow.wrong {
            let (what, help) = wrong.message.split_once("; ").unwrap_or((&wrong.message, "correct it"));
            let message = format!("{what}, so this `allow` does not count");
            let own = self.own(&invalid_exceptions::LINT, wrong.span, what, message, help);
            out.push(Own { start: wrong.start, ..own });
        }
    }

    fn explanation(&self, out: &mut Vec<Own>) {
        if self.allow.lints.is_empty() {
            return;
        }
        let said = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        let parts = [
            ("owner", "owner", &self.allow.owner),
            ("reason", "reason", &self.allow.reason),
            ("end", "expires", &self.allow.expires),
        ];
        // What is there and not as it should be is told already.
        let wrong = |key: &str| self.allow.wrong.iter().any(|wrong| wrong.meant.as_deref() == Some(key));
        let missing = parts.iter().filter(|(_, key, text)| !said(text) && !wrong(key));
        let missing: Vec<&str> = missing.map(|(name, ..)| *name).collect();
        if !missing.is_empty() {
            let message = format!("this `allow` gives no {}", missing.join(", no "));
            let help = "add `owner = \"…\"`, `reason = \"…\"` and `expires = \"YYYY-MM-DD\"`";
            out.push(self.own(
                &unexplained_suppressions::LINT,
                self.allow.span,
                "unexplained",
                message,
                help,
            ));
        }
        if let Some(owner) = self.allow.owner.as_ref().filter(|owner| said(&Some((*owner).clone())))
            && !self.case.policy.accepts_owner(owner)
        {
            let message = format!("owner `{owner}` of this `allow` does not exist");
            out.push(self.own(
                &unknown_owners::LINT,
                self.allow.span,
                "owner",
                message,
                owner_help(self.case.policy, owner),
            ));
        }
    }

    fn end(&self, out: &mut Vec<Own>) {
        let Some(last) = super::last_day(self.allow) else { return };
        let mut invalid = |lint: &'static Lint, what: &str, message: String, help: &str| {
            out.push(self.own(lint, self.allow.span, what, message, help));
        };
        match End::of(last, self.case.today, self.shortest_term()) {
            End::Past => invalid(
                &invalid_exceptions::LINT,
                "expired",
                format!("this `allow` expired on {last}"),
                "fix the finding, or decide about it anew",
            ),
            End::TooFar(most) => invalid(
                &invalid_exceptions::LINT,
                "long",
                format!("this `allow` lasts until {last}; it may until {most}"),
                "bring its end forward",
            ),
            End::Near => invalid(
                &expiring_exceptions::LINT,
                "near",
                format!("this `allow` ends on {last}"),
                "fix the finding before, or decide about it anew",
            ),
            End::Fine => {}
        }
    }

    fn shortest_term(&self) -> Term {
        let named = self
            .case
            .policy
            .lints()
            .filter(|lint| self.allow.lints.iter().any(|(name, _)| names(name, lint)));
        named.map(|lint| self.case.policy.max_term(lint)).min().unwrap_or(self.case.policy.longest_term())
    }

    fn name(&self, index: usize, used: bool, out: &mut Vec<Own>) {
        let (name, span) = &self.allow.lints[index];
        let meant: Vec<&Lint> = self.case.policy.lints().filter(|lint| names(name, lint)).collect();
        if meant.is_empty() {
            let known = self.case.policy.lints().flat_map(|lint| [lint.name, lint.group]);
            let help = suggestion(&name.replace('-', "_"), known)
                .unwrap_or("`cargo durable lints` lists all".into());
            let message = format!("`{name}` is no lint or group");
            return out.push(self.own(&invalid_exceptions::LINT, *span, "unknown", message, help));
        }
        let case = self.case;
        let forbidden = meant.iter().any(|lint| {
            lint.name == name.replace('-', "_") && case.level(lint, &self.allow.file) == Level::Forbid
        });
        if forbidden {
            let message = format!("`{name}` is forbidden, so this `allow` does not count");
            return out.push(self.own(
                &invalid_exceptions::LINT,
                *span,
                "forbidden",
                message,
                "fix the finding",
            ));
        }
        let expired = !super::holds(self.allow, case.today);
        let known = meant.iter().any(|lint| was_looked_at(self.report, case, lint, &self.allow.file));
        if !used && !expired && known {
            let message = format!("this `allow` of `{name}` covers nothing");
            out.push(self.own(&invalid_exceptions::LINT, *span, "stale", message, "remove it"));
        }
    }
}

/// Controls whose owner does not exist.
pub(super) fn controls(policy: &Policy) -> Vec<Own> {
    let unknown = |control: &&crate::policy::Control| {
        control.owner.as_ref().is_some_and(|owner| !policy.accepts_owner(owner))
    };
    let own = |control: &crate::policy::Control| {
        let owner = control.owner.as_deref().unwrap_or_default();
        Own {
            lint: &unknown_owners::LINT,
            file: control.place.file.clone(),
            text: control.place.text.clone(),
            span: control.place.span,
            start: position(&control.place.text, control.place.span.start as usize),
            item: format!("controls.{}", control.id),
            message: format!("owner `{owner}` of the control `{}` does not exist", control.id),
            help: Some(owner_help(policy, owner)),
            identity: ["control".into(), control.id.clone()],
            owner: None,
        }
    };
    policy.controls.iter().filter(unknown).map(own).collect()
}

/// The exemptions without those that cover nothing any more, and with the others where their
/// findings are now. What this release does not know, or the run did not look at, stays.
pub fn tightened(report: &Report, case: &Case<'_>) -> Lock {
    let matches = Matches::of(&report.findings, case);
    let keep = |(index, entry): (usize, &Exemption)| match matches.finding(index) {
        Some(finding) => Some(entry.clone().following(&report.findings[finding])),
        None => {
            let stale =
                case.lint(&entry.lint).is_some_and(|lint| was_looked_at(report, case, lint, &entry.at));
            (!stale).then(|| entry.clone())
        }
    };
    let exemptions = case.lock.exemptions.iter().enumerate().filter_map(keep).collect();
    Lock { exemptions, ..case.lock.clone() }
}
