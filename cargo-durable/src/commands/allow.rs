//! `cargo durable allow`: findings in, exemptions out.

use std::collections::BTreeSet;
use std::io::Write;

use durable_lints::lint::Level;
use durable_lints::report::Report;

use crate::advisory;
use crate::cli;
use crate::identity::{self, Short};
use crate::judge::{Candidate, Case, candidates};
use crate::outcome::{Exempt, Status};
use crate::policy::{Policy, suggestion};
use crate::ratchet::grant::{GrantError, Granted, Terms, check_terms, exempt, is_in, place, renew};
use crate::ratchet::{Category, Lock};
use crate::render::text::{ITEM, one_line};
use crate::session::Session;

/// Lets findings through for a time and writes `durable.lock`.
///
/// # Errors
/// Where the request does not hold, or a file cannot be read or written; then nothing is changed.
pub fn run(args: &cli::Allow, out: &mut dyn Write) -> anyhow::Result<()> {
    let scope = cli::Selection::all(&args.scope);
    let category = if args.mitigated { Category::Mitigated } else { Category::Waiver };
    let terms = args.terms.read(category).map_err(anyhow::Error::msg)?;
    let session = Session::open(&scope)?;
    let within = args.within.iter().map(|path| path.as_str().trim_end_matches('/').to_owned()).collect();
    let selection = Selection { names: args.findings.clone(), within };
    let granted = allow(&selection, &terms, &session.analysis.report, &session.case())?;
    session.save(&granted.lock)?;
    granted.tell(out)?;
    Ok(())
}

/// Which findings are let through.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Lints, groups, and identities or their first digits (at least four). None means all.
    pub names: Vec<String>,
    /// Only in these files and folders, relative to the root. None means everywhere.
    pub within: Vec<String>,
}

/// Lets the selected findings through. What is let through already stays as it is, unless it is
/// named by its identity: then it is renewed, as is what has expired.
///
/// # Errors
/// Where anything about the request does not hold; then nothing is changed.
pub fn allow(
    selection: &Selection,
    terms: &Terms,
    report: &Report,
    case: &Case<'_>,
) -> Result<Granted, GrantError> {
    let last = check_terms(terms, case.policy, case.today)?;
    let candidates = candidates(report, case);
    let chosen = choose(selection, &candidates, case.policy)?;
    let short = Short::of(candidates.iter().map(|candidate| candidate.judged.finding.id.as_str()));
    let mut lock = case.lock.clone();
    let mut granted = Granted { lock: Lock::default(), added: 0, renewed: 0, lines: Vec::new() };
    for choice in chosen {
        let Choice { candidate: Candidate { judged, exemption }, explicit } = choice;
        let finding = &judged.finding;
        match &judged.status {
            Status::Exempt(exempt) if !explicit => {
                let name = short.cut(&finding.id);
                let held = format!("{} is let through already{}", place(finding), standing(exempt));
                granted.lines.push(format!(
                    "{held}; `cargo durable allow {name}` renews it, `cargo durable exemptions` shortens, transfers or withdraws it"
                ));
                continue;
            }
            Status::AllowedInSource(exempt) => {
                let held = format!("{} is let through in source already{}", place(finding), standing(exempt));
                granted.lines.push(format!("{held}; change or remove the `allow` there"));
                continue;
            }
            Status::Exempt(_) | Status::New => {}
        }
        if judged.level == Level::Forbid {
            return Err(GrantError::Forbidden(place(finding)));
        }
        let most = case.policy.max_term(&finding.lint).after(case.today);
        let last = last.unwrap_or(most);
        if last > most {
            return Err(GrantError::TooLong(last, most, format!(" for `{}`", finding.lint.name)));
        }
        match exemption {
            Some(index) => {
                renew(&mut lock.exemptions[*index], finding, terms, last, case.policy)?;
                granted.renewed += 1;
                granted.lines.push(format!("renewed until {last}: {}", place(finding)));
            }
            None => {
                lock.exemptions.push(exempt(finding, terms, last));
                granted.added += 1;
                granted.lines.push(format!("let through until {last}: {}", place(finding)));
            }
        }
    }
    granted.lock = lock;
    Ok(granted)
}

struct Choice<'a> {
    candidate: &'a Candidate,
    /// Whether it was named by its identity.
    explicit: bool,
}

fn choose<'a>(
    selection: &Selection,
    candidates: &'a [Candidate],
    policy: &Policy,
) -> Result<Vec<Choice<'a>>, GrantError> {
    let mut explicit = BTreeSet::new();
    let mut named = BTreeSet::new();
    for name in &selection.names {
        let plain = name.replace('-', "_");
        if policy.lints().any(|lint| lint.name == plain || lint.group == plain) {
            let of = |candidate: &Candidate| {
                [candidate.judged.finding.lint.name, candidate.judged.finding.lint.group]
                    .contains(&plain.as_str())
            };
            named.extend(
                candidates.iter().enumerate().filter(|(_, candidate)| of(candidate)).map(|(index, _)| index),
            );
        } else if advisory::is_name(name) {
            explicit.extend(by_advisory(name, candidates)?);
        } else {
            explicit.extend(by_identity(name, candidates, policy)?);
        }
    }
    let everything = selection.names.is_empty();
    let within = |candidate: &Candidate| {
        let file = &*candidate.judged.finding.file;
        selection.within.is_empty() || selection.within.iter().any(|folder| is_in(file, folder))
    };
    let chosen: Vec<Choice<'_>> = candidates
        .iter()
        .enumerate()
        .filter(|(index, candidate)| {
            (everything || named.contains(index) || explicit.contains(index)) && within(candidate)
        })
        .map(|(index, candidate)| Choice { candidate, explicit: explicit.contains(&index) })
        .collect();
    if chosen.is_empty() {
        let of = if everything {
            String::new()
        } else {
            format!(": {} has none here", selection.names.join(", "))
        };
        return Err(GrantError::Nothing(of));
    }
    Ok(chosen)
}

/// The findings that an advisory makes, under any of its names.
fn by_advisory(name: &str, candidates: &[Candidate]) -> Result<Vec<usize>, GrantError> {
    let is_about = |candidate: &Candidate| advisory::is_about(&candidate.judged.finding, name);
    let found: Vec<usize> = (0..candidates.len()).filter(|index| is_about(&candidates[*index])).collect();
    match found.is_empty() {
        true => Err(GrantError::Advisory(name.to_owned())),
        false => Ok(found),
    }
}

/// The finding that an identity or its first digits mean.
fn by_identity(name: &str, candidates: &[Candidate], policy: &Policy) -> Result<Vec<usize>, GrantError> {
    let digits = identity::digits(name);
    let meant = |candidate: &Candidate| {
        digits.as_ref().is_some_and(|digits| identity::begins(&candidate.judged.finding.id, digits))
    };
    let found: Vec<usize> = (0..candidates.len()).filter(|index| meant(&candidates[*index])).collect();
    let finding = |index: &usize| &candidates[*index].judged.finding;
    let ids: BTreeSet<&str> = found.iter().map(|index| finding(index).id.as_str()).collect();
    match ids.len() {
        1 => Ok(found),
        0 => {
            let known = policy.lints().flat_map(|lint| [lint.name, lint.group]);
            let help = suggestion(&name.replace('-', "_"), known)
                .unwrap_or("`cargo durable check` shows identities".into());
            Err(GrantError::UnknownName(name.to_owned(), help))
        }
        _ => {
            let short = Short::of(ids.iter().copied());
            let line = |index| {
                format!("{ITEM}{} {}", short.cut(&finding(index).id), one_line(&place(finding(index))))
            };
            Err(GrantError::Ambiguous(name.to_owned(), found.iter().map(line).collect()))
        }
    }
}

/// Until when it is let through, and who answers for it.
fn standing(exempt: &Exempt) -> String {
    let until = exempt.expires.map(|last| format!(" until {last}")).unwrap_or_default();
    let owner = exempt.owner.as_ref().map(|owner| format!(" by `{owner}`")).unwrap_or_default();
    until + &owner
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;
    use crate::judge::Coverage;
    use crate::judge::tests::finding;
    use crate::policy::tests::lints::{PINNED, PLAIN};
    use crate::policy::tests::policy;
    use crate::policy::{Profile, Term};
    use crate::ratchet::Origins;
    use crate::ratchet::grant::Until;

    fn terms(owner: &str, reason: &str, until: Until) -> Terms {
        Terms { owner: owner.into(), reason: reason.into(), until, category: Category::Waiver }
    }

    fn run(
        names: &[&str],
        within: &[&str],
        terms: &Terms,
        policy: &Policy,
        lock: &Lock,
        today: Date,
    ) -> Result<Granted, GrantError> {
        let mut one = finding(PINNED, "src/a.rs", "f", 1);
        one.id = "v1:abcd1111".into();
        let mut two = finding(PINNED, "src/b.rs", "g", 2);
        two.id = "v1:abcd2222".into();
        let report =
            Report { findings: vec![one, two, finding(PLAIN, "src/a.rs", "h", 3)], ..Report::default() };
        let case = Case {
            policy,
            lock,
            today,
            profile: Profile::Default,
            coverage: Coverage::default(),
            origins: Origins::default(),
            ci: None,
        };
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        allow(&Selection { names: words(names), within: words(within) }, terms, &report, &case)
    }

    const TODAY: Date = date(2026, 11, 23);

    #[test]
    fn findings_are_selected_by_lint_group_identity_and_path() {
        let terms = terms("identity", "moves", Until::For(Term { days: 30 }));
        for (names, within, expected) in [
            (&["pinned"][..], &[][..], 2),
            (&["transport"], &["src/a.rs"], 2),
            (&[], &["./src/"], 3),
            (&["v1:abcd2"], &[], 1),
            (&["abcd1111", "plain"], &[], 2),
        ] {
            let granted = run(names, within, &terms, &policy(""), &Lock::default(), TODAY).unwrap();
            assert_eq!(granted.added, expected, "{names:?} {within:?}");
            assert_eq!(granted.lock.exemptions[0].expires, Some(date(2026, 12, 23)));
        }
    }

    #[test]
    fn a_request_that_does_not_hold_changes_nothing() {
        let owners = "[owners.identity]";
        let until = |year| Until::Date(date(year, 1, 31));
        for (names, terms, text, expected) in [
            (
                &["pinned"][..],
                terms("identiy", "r", until(2027)),
                owners,
                "owner `identiy` does not exist; did you mean `identity`?",
            ),
            (
                &["pinned"],
                terms("identity", " ", until(2027)),
                owners,
                "an exemption needs a reason; say why with `--reason`",
            ),
            (
                &["pinned"],
                terms("identity", "r", until(2026)),
                owners,
                "2026-01-31 is over; name a day from 2026-11-23 on",
            ),
            (
                &["pinned"],
                terms("identity", "r", until(2028)),
                owners,
                "2028-01-31 is too far ahead; the last day may be 2027-05-22",
            ),
            (
                &["plain"],
                terms("identity", "r", until(2027)),
                owners,
                "2027-01-31 is too far ahead for `plain`; the last day may be 2026-12-23",
            ),
            (
                &["pined"],
                terms("identity", "r", until(2027)),
                owners,
                "`pined` is no lint, group or identity of a finding; did you mean `pinned`?",
            ),
            (
                &["abcd"],
                terms("identity", "r", until(2027)),
                owners,
                "`abcd` means 2 findings; give more digits:\n  * abcd1111 pinned in src/a.rs:2\n  * abcd2222 pinned in src/b.rs:3",
            ),
            (
                &["supply-chain"],
                terms("identity", "r", until(2027)),
                owners,
                "no finding is selected: supply-chain has none here",
            ),
            (
                &["pinned"],
                terms("identity", "r", until(2027)),
                "lints.pinned = 'forbid'",
                "pinned in src/a.rs:2 is forbidden by the policy: no exemption may cover it; fix it",
            ),
        ] {
            let error = run(names, &[], &terms, &policy(text), &Lock::default(), TODAY).expect_err(expected);
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn a_renewal_is_counted_and_limited() {
        let policy = policy("");
        let mut lock = Lock::default();
        let mut today = TODAY;
        for renewals in 0..=2 {
            let granted =
                run(&["abcd1"], &[], &terms("a", "r", Until::Longest), &policy, &lock, today).unwrap();
            assert_eq!(granted.lock.exemptions[0].renewals, renewals);
            lock = granted.lock;
            today = date(2027 + renewals as i16, 11, 23);
        }
        let error = run(&["pinned"], &["src/a.rs"], &terms("a", "r", Until::Longest), &policy, &lock, today)
            .unwrap_err();
        assert!(matches!(error, GrantError::Renewed(_, _, 2)), "{error}");
    }

    #[test]
    fn what_is_let_through_already_stays_unless_it_is_named() {
        let policy = policy("");
        let first = run(
            &["pinned"],
            &[],
            &terms("a", "r", Until::For(Term { days: 40 })),
            &policy,
            &Lock::default(),
            TODAY,
        )
        .unwrap();
        let again =
            run(&["pinned"], &[], &terms("b", "s", Until::Longest), &policy, &first.lock, TODAY).unwrap();
        assert_eq!((again.added, again.renewed), (0, 0));
        assert_eq!(
            again.lines,
            [
                "pinned in src/a.rs:2 is let through already until 2027-01-02 by `a`; `cargo durable allow abcd1111` renews it, `cargo durable exemptions` shortens, transfers or withdraws it",
                "pinned in src/b.rs:3 is let through already until 2027-01-02 by `a`; `cargo durable allow abcd2222` renews it, `cargo durable exemptions` shortens, transfers or withdraws it",
            ]
        );
        let shorter = run(
            &["abcd1"],
            &[],
            &terms("b", "s", Until::For(Term { days: 10 })),
            &policy,
            &first.lock,
            TODAY,
        )
        .unwrap();
        assert_eq!((shorter.renewed, shorter.lock.exemptions[0].renewals), (1, 0));
    }
}
