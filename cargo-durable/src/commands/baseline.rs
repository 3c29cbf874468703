//! `cargo durable baseline`: all existing findings are let through once, so that from then on only
//! new ones are refused.

use std::io::Write;

use durable_lints::lint::Level;
use durable_lints::report::Report;

use crate::cli;
use crate::judge::{Case, candidates};
use crate::outcome::Status;
use crate::ratchet::grant::{GrantError, Granted, Terms, check_terms, exempt, place, renew};
use crate::ratchet::{Category, Lock};
use crate::session::Session;

/// Takes the baseline and writes `durable.lock`.
///
/// # Errors
/// Where the request does not hold, or a file cannot be read or written; then nothing is changed.
pub fn run(args: &cli::Baseline, out: &mut dyn Write) -> anyhow::Result<()> {
    let terms = args.terms.read(Category::Waiver).map_err(anyhow::Error::msg)?;
    let session = Session::open(&args.selection)?;
    let granted = baseline(&terms, &session.analysis.report, &session.case(), args.again)?;
    session.save(&granted.lock)?;
    granted.tell(out)?;
    Ok(())
}

/// Why no baseline is taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// There is one.
    #[error(
        "durable.lock has {0} exemptions already; a baseline is taken once. Let single findings through with `cargo durable allow`, or take a new baseline with `--again`"
    )]
    Taken(usize),
    /// The terms do not hold.
    #[error(transparent)]
    Terms(#[from] GrantError),
}

/// Lets every finding through that a check would show. A lint that asks for a shorter term gets it.
/// What is forbidden, or was renewed too often, is left and told.
///
/// With `again`, there may be exemptions: those that hold stay as they are, those that have expired
/// are renewed.
///
/// # Errors
/// Where there is a baseline already, or the terms do not hold; then nothing is changed.
pub fn baseline(
    terms: &Terms,
    report: &Report,
    case: &Case<'_>,
    again: bool,
) -> Result<Granted, BaselineError> {
    if !again && !case.lock.exemptions.is_empty() {
        return Err(BaselineError::Taken(case.lock.exemptions.len()));
    }
    let last = check_terms(terms, case.policy, case.today)?;
    let mut lock = case.lock.clone();
    let mut granted = Granted { lock: Lock::default(), added: 0, renewed: 0, lines: Vec::new() };
    for candidate in candidates(report, case) {
        let finding = &candidate.judged.finding;
        if candidate.judged.status != Status::New {
            continue;
        }
        if candidate.judged.level == Level::Forbid {
            granted.lines.push(format!("left, as the policy forbids it: {}", place(finding)));
            continue;
        }
        let most = case.policy.max_term(&finding.lint).after(case.today);
        let last = last.map_or(most, |last| last.min(most));
        match candidate.exemption.map(|index| &mut lock.exemptions[index]) {
            None => {
                lock.exemptions.push(exempt(finding, terms, last));
                granted.added += 1;
            }
            Some(entry) => match renew(entry, finding, terms, last, case.policy) {
                Ok(()) => granted.renewed += 1,
                Err(error) => granted.lines.push(format!("left: {error}")),
            },
        }
    }
    granted.lock = lock;
    granted.lines.push(summary(&granted, terms));
    Ok(granted)
}

fn summary(granted: &Granted, terms: &Terms) -> String {
    let count =
        |number: usize| if number == 1 { "1 finding".to_owned() } else { format!("{number} findings") };
    let renewed =
        if granted.renewed > 0 { format!(", {} renewed", count(granted.renewed)) } else { String::new() };
    format!("{} let through{renewed}; `{}` answers for them", count(granted.added), terms.owner)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::judge::tests::finding;
    use crate::judge::{Coverage, judge_case};
    use crate::policy::tests::lints::{PINNED, PLAIN};
    use crate::policy::tests::policy;
    use crate::policy::{Profile, Term};
    use crate::ratchet::grant::Until;
    use crate::ratchet::{Category, Origins};

    #[test]
    fn a_baseline_is_taken_once_and_leaves_nothing_new() {
        let policy = policy("");
        let mut report = Report {
            findings: vec![finding(PINNED, "src/a.rs", "f", 1), finding(PLAIN, "src/a.rs", "h", 3)],
            ..Report::default()
        };
        let terms = Terms {
            owner: "identity".into(),
            reason: "baseline".into(),
            until: Until::For(Term { days: 90 }),
            category: Category::Waiver,
        };
        let empty = Lock::default();
        let case = |lock| Case {
            policy: &policy,
            lock,
            today: date(2026, 11, 23),
            profile: Profile::Default,
            coverage: Coverage::default(),
            origins: Origins::default(),
            ci: None,
        };
        let granted = baseline(&terms, &report, &case(&empty), false).unwrap();
        assert_eq!(granted.lines, ["2 findings let through; `identity` answers for them"]);
        let ends: Vec<_> = granted.lock.exemptions.iter().filter_map(|entry| entry.expires).collect();
        assert_eq!(ends, [date(2027, 2, 21), date(2026, 12, 23)]);

        let lock = Lock::parse(&granted.lock.render()).unwrap();
        assert_eq!(judge_case(report.clone(), &case(&lock)).denied(), 0);
        assert_eq!(baseline(&terms, &report, &case(&lock), false).unwrap_err(), BaselineError::Taken(2));

        report.findings.push(finding(PINNED, "src/new.rs", "g", 1));
        assert_eq!(judge_case(report.clone(), &case(&lock)).denied(), 1);
        let again = baseline(&terms, &report, &case(&lock), true).unwrap();
        assert_eq!((again.added, again.renewed, again.lock.exemptions.len()), (1, 0, 3));
    }

    #[test]
    fn what_is_forbidden_is_left_and_told() {
        let policy = policy("lints.pinned = 'forbid'");
        let report = Report { findings: vec![finding(PINNED, "src/a.rs", "f", 1)], ..Report::default() };
        let terms = Terms {
            owner: "a".into(),
            reason: "b".into(),
            until: Until::Longest,
            category: Category::Waiver,
        };
        let lock = Lock::default();
        let case = Case {
            policy: &policy,
            lock: &lock,
            today: date(2026, 11, 23),
            profile: Profile::Default,
            coverage: Coverage::default(),
            origins: Origins::default(),
            ci: None,
        };
        let granted = baseline(&terms, &report, &case, false).unwrap();
        assert_eq!(granted.lines[0], "left, as the policy forbids it: pinned in src/a.rs:2");
        assert_eq!(granted.added, 0);
    }
}
