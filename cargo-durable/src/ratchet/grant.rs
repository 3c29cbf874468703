//! Findings let through: what the request has to say, and the exemptions that come of it.

use std::io::{self, Write};

use durable_lints::finding::Finding;
use jiff::civil::Date;

use super::{Category, Exemption, Lock};
use crate::policy::{Policy, Term, suggestion};
use crate::render::text::one_line;

/// What an exemption says.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Who answers for it.
    pub owner: String,
    /// Why it is let through.
    pub reason: String,
    /// Its last day.
    pub until: Until,
    /// Whether it is accepted for now, or met by other means.
    pub category: Category,
}

/// The last day of an exemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// A day.
    Date(Date),
    /// So many days from today.
    For(Term),
    /// As long as the policy allows.
    Longest,
}

/// Why nothing is let through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The owner is not declared.
    #[error("owner `{0}` does not exist; {1}")]
    UnknownOwner(String, String),
    /// The reason is empty.
    #[error("an exemption needs a reason; say why with `--reason`")]
    NoReason,
    /// The last day is over.
    #[error("{0} is over; name a day from {1} on")]
    Over(Date, Date),
    /// The term is longer than the policy or a lint allows.
    #[error("{0} is too far ahead{2}; the last day may be {1}")]
    TooLong(Date, Date, String),
    /// A name means nothing.
    #[error("`{0}` is no lint, group or identity of a finding; {1}")]
    UnknownName(String, String),
    /// An advisory concerns nothing here.
    #[error(
        "no finding is about the advisory `{0}`; `cargo durable check` with the same `--advisory-db` shows which there are"
    )]
    Advisory(String),
    /// The first digits mean several findings.
    #[error("`{0}` means {n} findings; give more digits:{list}", n = .1.len(), list = .1.concat())]
    Ambiguous(String, Vec<String>),
    /// Nothing is selected.
    #[error("no finding is selected{0}")]
    Nothing(String),
    /// The policy forbids it.
    #[error("{0} is forbidden by the policy: no exemption may cover it; fix it")]
    Forbidden(String),
    /// It was renewed as often as is allowed.
    #[error(
        "the exemption from `{0}` in {1} was renewed {2} times, which is all that is allowed; fix it, or have the control's owner change the policy"
    )]
    Renewed(String, String, u32),
}

/// The exemptions after findings were let through.
#[derive(Clone, Debug)]
pub struct Granted {
    /// All of them, to be saved.
    pub lock: Lock,
    /// How many came.
    pub added: usize,
    /// How many were renewed.
    pub renewed: usize,
    /// What was done and left, one line each.
    pub lines: Vec<String>,
}

impl Granted {
    /// Says what was done, a line each, and how much it is.
    ///
    /// # Errors
    /// Where the writer fails.
    pub fn tell(&self, out: &mut dyn Write) -> io::Result<()> {
        for line in &self.lines {
            writeln!(out, "{}", one_line(line))?;
        }
        writeln!(out, "durable.lock: {} added, {} renewed", self.added, self.renewed)
    }
}

/// Refuses an owner that the policy does not know.
///
/// # Errors
/// Where it does not.
pub fn check_owner(owner: &str, policy: &Policy) -> Result<(), GrantError> {
    if policy.accepts_owner(owner) {
        return Ok(());
    }
    let ids: Vec<&str> = policy.owners.iter().map(|owner| owner.id.as_str()).collect();
    let help = suggestion(owner, ids.iter().copied()).unwrap_or_else(|| match ids.as_slice() {
        [] => "name who answers for it".to_owned(),
        ids => format!("one of {}", ids.join(", ")),
    });
    Err(GrantError::UnknownOwner(owner.to_owned(), help))
}

/// The last day, where the request names one for all.
///
/// # Errors
/// Where the owner, the reason or the day does not hold.
pub fn check_terms(terms: &Terms, policy: &Policy, today: Date) -> Result<Option<Date>, GrantError> {
    check_owner(&terms.owner, policy)?;
    if terms.reason.trim().is_empty() {
        return Err(GrantError::NoReason);
    }
    let last = match terms.until {
        Until::Date(date) => date,
        Until::For(term) => term.after(today),
        Until::Longest => return Ok(None),
    };
    let most = policy.longest_term().after(today);
    match last {
        last if last < today => Err(GrantError::Over(last, today)),
        last if last > most => Err(GrantError::TooLong(last, most, String::new())),
        last => Ok(Some(last)),
    }
}

/// A new exemption from a finding.
pub fn exempt(finding: &Finding, terms: &Terms, last: Date) -> Exemption {
    let exemption = Exemption {
        lint: finding.lint.name.to_owned(),
        owner: terms.owner.trim().to_owned(),
        category: terms.category,
        expires: Some(last),
        reason: terms.reason.trim().to_owned(),
        ..Exemption::default()
    };
    exemption.following(finding)
}

/// Renews an exemption, and brings it to where its finding is now. To shorten it is no renewal.
///
/// # Errors
/// Where it was renewed as often as is allowed.
pub fn renew(
    entry: &mut Exemption,
    finding: &Finding,
    terms: &Terms,
    last: Date,
    policy: &Policy,
) -> Result<(), GrantError> {
    let longer = entry.expires.is_none_or(|old| last > old);
    if longer && entry.renewals >= policy.renewals {
        return Err(GrantError::Renewed(entry.lint.clone(), entry.at.clone(), entry.renewals));
    }
    let renewals = entry.renewals + u32::from(longer);
    *entry = Exemption { renewals, place: entry.place, ..exempt(finding, terms, last) };
    Ok(())
}

/// Whether a file is the given one or lies in the given folder.
pub fn is_in(file: &str, folder: &str) -> bool {
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    matches!(folder, "" | ".")
        || file.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A finding in a few words.
pub fn place(finding: &Finding) -> String {
    format!("{} in {}:{}", finding.lint.name, finding.file, finding.start.line)
}
