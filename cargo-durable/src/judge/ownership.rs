//! Who answers for what: names that nobody has, reviews that are over, code that is nobody's.

use std::collections::BTreeMap;
use std::sync::Arc;

use durable_lints::finding::{Position, Span};
use durable_lints::lint::Lint;
use durable_lints::lints::ownership::{
    overdue_reviews, unenforced_controls, unknown_owners, unowned_security_code,
};
use durable_lints::report::{Report, SecurityItem, Tag, TagScope, Wrong};

use super::Case;
use super::exceptions::owner_help;
use super::own::Own;
use crate::owners::Owners;
use crate::policy::{Policy, suggestion};

/// How many items a finding names.
const MOST_NAMED: usize = 3;

/// What is wrong with the tags in source and manifests.
pub(super) fn tags(report: &Report, case: &Case<'_>) -> Vec<Own> {
    report.tags.iter().filter(|tag| tag.checked).flat_map(|tag| of_tag(Tagged { tag }, case)).collect()
}

fn of_tag(tagged: Tagged<'_>, case: &Case<'_>) -> Vec<Own> {
    let (tag, policy) = (tagged.tag, case.policy);
    let mut out: Vec<Own> = tag.wrong.iter().map(|wrong| tagged.wrong(wrong)).collect();
    if let Some(owner) = tag.owner.as_ref().filter(|owner| !policy.accepts_owner(&owner.text)) {
        let message = format!("owner `{}` of {} does not exist", owner.text, tagged.subject());
        let help = owner_help(policy, &owner.text);
        out.push(tagged.own(&unknown_owners::LINT, (owner.span, owner.start), "owner", message, help));
    }
    if let Some(control) = tag.control.as_ref().filter(|control| !knows_control(policy, &control.text)) {
        let message = format!(
            "control `{}` of {} is declared nowhere, so nothing enforces it",
            control.text,
            tagged.subject()
        );
        let near = suggestion(&control.text, policy.controls.iter().map(|control| control.id.as_str()));
        let help =
            near.unwrap_or_else(|| format!("declare it under [[controls]] in {}", crate::policy::FILE));
        out.push(tagged.own(
            &unenforced_controls::LINT,
            (control.span, control.start),
            "control",
            message,
            help,
        ));
    }
    if let Some(review) = &tag.review_by
        && review.text.parse().is_ok_and(|last: jiff::civil::Date| last < case.today)
    {
        let message = format!("the review of {} was due on {}", tagged.subject(), review.text);
        let help = "review it, then set `review_by` to the day of the next review".to_owned();
        out.push(tagged.own(&overdue_reviews::LINT, (review.span, review.start), "review", message, help));
    }
    out
}

/// A name that may stand where a control is asked for: it is declared, or none is.
fn knows_control(policy: &Policy, id: &str) -> bool {
    policy.controls.is_empty() || policy.controls.iter().any(|control| control.id == id)
}

#[derive(Clone, Copy)]
struct Tagged<'a> {
    tag: &'a Tag,
}

impl Tagged<'_> {
    /// What it is about, for people.
    fn subject(&self) -> String {
        let tag = self.tag;
        match tag.scope {
            TagScope::Item => format!("`{}`", tag.item),
            TagScope::File => "this file".to_owned(),
            TagScope::Package => {
                format!("the package `{}`", tag.package.as_deref().unwrap_or_default())
            }
        }
    }

    fn own(
        &self,
        lint: &'static Lint,
        at: (Span, Position),
        what: &str,
        message: String,
        help: String,
    ) -> Own {
        let tag = self.tag;
        Own {
            lint,
            file: tag.file.clone(),
            text: Arc::from(""),
            span: at.0,
            start: at.1,
            item: tag.item.clone(),
            message,
            help: Some(help),
            identity: [what.to_owned(), format!("{} {}", tag.file, tag.item)],
            owner: None,
        }
    }

    /// Part of a tag that is not understood: told by the lint that would have judged it.
    fn wrong(&self, wrong: &Wrong) -> Own {
        let lint = match wrong.meant.as_deref() {
            Some("control") => &unenforced_controls::LINT,
            Some("review_by") => &overdue_reviews::LINT,
            _ => &unknown_owners::LINT,
        };
        let (what, help) = wrong.message.split_once("; ").unwrap_or((&wrong.message, "correct it"));
        self.own(lint, (wrong.span, wrong.start), what, what.to_owned(), help.to_owned())
    }
}

/// The items that matter to security and that nobody answers for: one finding a file.
pub(super) fn unowned(report: &Report, case: &Case<'_>, owners: Owners<'_>) -> Vec<Own> {
    // Where no owner is declared, everything would be told of.
    if case.policy.owners.is_empty() {
        return Vec::new();
    }
    let mut by_file: BTreeMap<&Arc<str>, Vec<&SecurityItem>> = BTreeMap::new();
    let unowned = report.security.iter().filter(|item| owners.at(&item.file, item.span.start).is_none());
    for item in unowned {
        by_file.entry(&item.file).or_default().push(item);
    }
    by_file.into_iter().map(|(file, items)| of_file(file, &items)).collect()
}

fn of_file(file: &Arc<str>, items: &[&SecurityItem]) -> Own {
    let named: Vec<String> = items
        .iter()
        .take(MOST_NAMED)
        .map(|item| {
            let why: Vec<&str> = item.why.iter().map(|why| why.name()).collect();
            format!("`{}` ({})", item.item, why.join(", "))
        })
        .collect();
    let more = match items.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let matter = if items.len() == 1 { "matters" } else { "matter" };
    let message = format!("nobody answers for what {matter} to security here: {}{more}", named.join(", "));
    let (span, start) = items
        .first()
        .map_or((Span::new(0, 0), Position { line: 1, column: 1 }), |item| (item.span, item.start));
    Own {
        lint: &unowned_security_code::LINT,
        file: file.clone(),
        text: Arc::from(""),
        span,
        start,
        item: String::new(),
        message,
        help: Some(format!(
            "add the file to the `paths` of an owner in {}, or tag it with `#[durable(owner = \"…\")]`",
            crate::policy::FILE
        )),
        identity: ["unowned".to_owned(), file.to_string()],
        owner: None,
    }
}
