use std::sync::Arc;

use durable_lints::finding::{Finding, LintRef, Position, Span};
use durable_lints::lint::{Confidence, Lint};
use durable_lints::report::{InSourceAllow, Report, Unchecked, Wrong};
use jiff::civil::date;

use super::*;
use crate::policy::tests::lints::{PINNED, PLAIN};
use crate::policy::tests::policy;

pub(crate) fn finding(lint: &'static Lint, file: &str, item: &str, at: u32) -> Finding {
    Finding {
        lint: LintRef(lint),
        file: file.into(),
        package: Some("app".into()),
        item: item.to_owned(),
        span: Span::new(at, at + 4),
        start: Position { line: at + 1, column: 1 },
        end: Position { line: at + 1, column: 5 },
        message: "pinned".into(),
        label: String::new(),
        labels: Vec::new(),
        help: None,
        fix: None,
        id: format!("v1:{file}{item}"),
        tokens: format!("tokens of {item}"),
        confidence: lint.confidence,
        due: None,
    }
}

fn entry(file: &str, item: &str, rest: &str) -> String {
    format!(
        "{{ lint = \"pinned\", at = \"{file}\", package = \"app\", item = \"{item}\", id = \"v1:{file}{item}\", tokens = \"tokens of {item}\", {rest} }}"
    )
}

fn lock(entries: &[String]) -> Lock {
    Lock::parse(&format!(
        "version = 1\nexemptions = [\n{}]\n",
        entries.iter().map(|entry| format!("{entry},\n")).collect::<String>()
    ))
    .unwrap()
}

fn allow(names: &[&str], expires: Option<&str>) -> InSourceAllow {
    InSourceAllow {
        file: "src/a.rs".into(),
        span: Span::new(0, 8),
        start: Position { line: 1, column: 1 },
        covers: Span::new(0, 100),
        lints: names.iter().map(|name| ((*name).to_owned(), Span::new(2, 4))).collect(),
        owner: Some("identity".into()),
        reason: Some("moves".into()),
        expires: expires.map(str::to_owned),
        mitigated: false,
        wrong: Vec::new(),
    }
}

/// One line a finding: its level, standing, lint, place and message.
fn lines(report: Report, policy: &Policy, lock: &Lock, profile: Profile) -> Vec<String> {
    let case = Case {
        policy,
        lock,
        today: date(2026, 11, 23),
        profile,
        coverage: Coverage::default(),
        origins: Origins::default(),
        ci: None,
    };
    let line = |judged: &Judged| {
        let standing = match &judged.status {
            Status::New => "new",
            Status::Exempt(_) => "exempt",
            Status::AllowedInSource(_) => "allowed",
        };
        let at = &judged.finding.start;
        format!(
            "{} {standing} {} {}:{} {}",
            judged.level, judged.finding.lint.name, judged.finding.file, at.line, judged.finding.message
        )
    };
    judge_case(report, &case).findings.iter().map(line).collect()
}

fn report(findings: Vec<Finding>) -> Report {
    Report { findings, ..Report::default() }
}

const GOOD: &str = "owner = \"identity\", expires = 2027-02-28, reason = \"moves\"";

#[test]
fn an_exemption_lets_its_finding_through_and_no_other() {
    let findings = vec![finding(PINNED, "src/a.rs", "f", 1), finding(PINNED, "src/a.rs", "g", 9)];
    let said = lines(report(findings), &policy(""), &lock(&[entry("src/a.rs", "f", GOOD)]), Profile::Default);
    assert_eq!(said, ["deny exempt pinned src/a.rs:2 pinned", "deny new pinned src/a.rs:10 pinned"]);
}

#[test]
fn what_a_lint_is_less_sure_of_is_denied_only_where_a_policy_says_so() {
    let unsure = || {
        let finding = finding(PINNED, "src/a.rs", "f", 1);
        report(vec![Finding { confidence: Confidence::Medium, ..finding }])
    };
    for (text, profile, level) in [
        ("", Profile::Default, "warn"),
        ("", Profile::Strict, "deny"),
        ("[lints]\npinned = \"deny\"", Profile::Default, "deny"),
        ("[lints]\npinned = { level = \"deny\", paths = [\"/lib/\"] }", Profile::Default, "warn"),
        ("[lints]\npinned = \"audit\"", Profile::Default, "audit"),
    ] {
        let said = lines(unsure(), &policy(text), &lock(&[]), profile);
        assert_eq!(said, [format!("{level} new pinned src/a.rs:2 pinned")], "{text}");
    }
}

#[test]
fn each_thing_that_is_wrong_with_an_exemption_is_said() {
    for (rest, expected) in [
        (
            "owner = \"identity\", expires = 2026-11-22, reason = \"r\"",
            "invalid_exceptions durable.lock:3 exemption from `pinned` in src/a.rs expired on 2026-11-22 (owner identity)",
        ),
        (
            "owner = \"identity\", expires = 2026-11-23, reason = \"r\"",
            "expiring_exceptions durable.lock:3 exemption from `pinned` in src/a.rs ends on 2026-11-23 (owner identity)",
        ),
        (
            "owner = \"identity\", expires = 2026-12-22, reason = \"r\"",
            "expiring_exceptions durable.lock:3 exemption from `pinned` in src/a.rs ends on 2026-12-22 (owner identity)",
        ),
        (
            "owner = \"identity\", expires = 2027-05-23, reason = \"r\"",
            "invalid_exceptions durable.lock:3 exemption from `pinned` in src/a.rs lasts until 2027-05-23; it may until 2027-05-22",
        ),
        (
            "owner = \"identity\", reason = \"r\"",
            "invalid_exceptions durable.lock:3 exemption from `pinned` in src/a.rs has no last day",
        ),
        (
            "owner = \"identity\", expires = 2027-02-28, reason = \" \"",
            "invalid_exceptions durable.lock:3 exemption from `pinned` in src/a.rs gives no reason",
        ),
        (
            "expires = 2027-02-28, reason = \"r\"",
            "invalid_exceptions durable.lock:3 exemption from `pinned` in src/a.rs names no owner",
        ),
        (
            "owner = \"identiy\", expires = 2027-02-28, reason = \"r\"",
            "unknown_owners durable.lock:3 owner `identiy` of the exemption from `pinned` in src/a.rs does not exist",
        ),
        (
            "owner = \"identity\", expires = 2027-02-28, renewals = 3, reason = \"r\"",
            "invalid_exceptions durable.lock:3 exemption from `pinned` in src/a.rs was renewed 3 times; 2 are allowed",
        ),
    ] {
        let lock = lock(&[entry("src/a.rs", "f", rest)]);
        let said = lines(
            report(vec![finding(PINNED, "src/a.rs", "f", 1)]),
            &policy("[owners.identity]"),
            &lock,
            Profile::Default,
        );
        assert!(said[0].ends_with(expected), "{rest}\n said: {said:#?}\n want: {expected}");
        assert_eq!(said.len(), 2, "{said:#?}");
        let honoured = !rest.contains("2026-11-22") && rest.contains("expires");
        assert_eq!(said[1].contains("exempt"), honoured, "{rest}");
    }
}

#[test]
fn an_exemption_that_covers_nothing_is_stale_only_where_one_looked() {
    let lock = lock(&[entry("src/a.rs", "f", GOOD)]);
    let said = lines(report(vec![]), &policy(""), &lock, Profile::Default);
    assert_eq!(
        said,
        [
            "deny new invalid_exceptions durable.lock:3 exemption from `pinned` in src/a.rs covers nothing any more"
        ]
    );
    let unchecked = Unchecked { path: "src/a.rs".into(), at: None, reason: String::new(), help: None };
    let report = Report { unchecked: vec![unchecked], ..Report::default() };
    assert_eq!(lines(report, &policy(""), &lock, Profile::Default), [""; 0]);
    assert_eq!(lines(Report::default(), &policy("lints.pinned = 'allow'"), &lock, Profile::Default), [""; 0]);
    for (folder, count) in [("src", 1), ("src/a.rs", 1), ("", 1), ("tests", 0), ("sr", 0)] {
        let coverage = Coverage { folders: vec![folder.to_owned()], not_run: Vec::new() };
        let policy = policy("");
        let case = Case {
            policy: &policy,
            lock: &lock,
            today: date(2026, 11, 23),
            profile: Profile::Default,
            coverage,
            origins: Origins::default(),
            ci: None,
        };
        assert_eq!(judge_case(Report::default(), &case).findings.len(), count, "{folder}");
    }
}

#[test]
fn what_is_forbidden_is_never_let_through() {
    let mut report = report(vec![finding(PINNED, "src/a.rs", "f", 1)]);
    report.allows = vec![allow(&["transport"], Some("2026-12-23"))];
    let said = lines(
        report,
        &policy("lints.pinned = 'forbid'"),
        &lock(&[entry("src/a.rs", "f", GOOD)]),
        Profile::Default,
    );
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(said[0].ends_with("covers what the policy forbids"));
    assert_eq!(said[1], "forbid new pinned src/a.rs:2 pinned");
}

#[test]
fn an_allow_in_source_covers_what_it_names_inside_its_item() {
    let mut report = report(vec![
        finding(PINNED, "src/a.rs", "f", 1),
        finding(PLAIN, "src/a.rs", "f", 5),
        finding(PINNED, "src/a.rs", "g", 200),
    ]);
    report.allows = vec![allow(&["pinned"], Some("2027-02-28"))];
    let said = lines(report, &policy(""), &Lock::default(), Profile::Default);
    assert_eq!(
        said,
        [
            "deny allowed pinned src/a.rs:2 pinned",
            "warn new plain src/a.rs:6 pinned",
            "deny new pinned src/a.rs:201 pinned"
        ]
    );
}

#[test]
fn each_thing_that_is_wrong_with_an_allow_is_said() {
    for (names, expires, expected) in [
        (
            &["pinned"][..],
            Some("2026-11-22"),
            "deny new invalid_exceptions src/a.rs:1 this `allow` expired on 2026-11-22",
        ),
        (
            &["pinned"],
            Some("2026-12-01"),
            "warn new expiring_exceptions src/a.rs:1 this `allow` ends on 2026-12-01",
        ),
        (
            &["pinned"],
            Some("2036-12-01"),
            "deny new invalid_exceptions src/a.rs:1 this `allow` lasts until 2036-12-01; it may until 2027-05-22",
        ),
        (&["pinned"], None, "deny new unexplained_suppressions src/a.rs:1 this `allow` gives no end"),
        (
            &["pinned", "pined"],
            Some("2027-02-28"),
            "deny new invalid_exceptions src/a.rs:1 `pined` is no lint or group",
        ),
        (&["pinned", "supply-chain"], Some("2027-02-28"), ""),
        (
            &["pinned", "plain"],
            Some("2026-12-22"),
            "deny new invalid_exceptions src/a.rs:1 this `allow` of `plain` covers nothing",
        ),
    ] {
        let mut report = report(vec![finding(PINNED, "src/a.rs", "f", 1)]);
        report.allows = vec![allow(names, expires)];
        let said = lines(report, &policy(""), &Lock::default(), Profile::Default);
        assert!(
            said.iter().any(|line| line == expected) || expected.is_empty(),
            "{names:?} {expires:?}\n said: {said:#?}\n want: {expected}"
        );
    }
}

#[test]
fn an_allow_that_is_not_understood_says_why_and_does_not_count() {
    let mut report = report(vec![finding(PINNED, "src/a.rs", "f", 1)]);
    let wrong = |message: &str, meant: &str| Wrong {
        start: Position { line: 1, column: 1 },
        span: Span::new(0, 4),
        message: message.to_owned(),
        meant: Some(meant.to_owned()),
    };
    let mistakes = vec![
        wrong("`soon` is no date; write it as `YYYY-MM-DD`", "expires"),
        wrong("unknown key `ower`; did you mean `owner`?", "owner"),
    ];
    report.allows = vec![InSourceAllow { owner: None, wrong: mistakes, ..allow(&["pinned"], None) }];
    let said = lines(report, &policy(""), &Lock::default(), Profile::Default);
    assert_eq!(
        said,
        [
            "deny new invalid_exceptions src/a.rs:1 unknown key `ower`, so this `allow` does not count",
            "deny new invalid_exceptions src/a.rs:1 `soon` is no date, so this `allow` does not count",
            "deny new pinned src/a.rs:2 pinned",
        ]
    );
}

#[test]
fn profiles_raise_or_only_report() {
    let findings = || report(vec![finding(PINNED, "src/a.rs", "f", 1), finding(PLAIN, "src/a.rs", "f", 5)]);
    let lock = lock(&[entry("src/a.rs", "f", GOOD)]);
    assert_eq!(
        lines(findings(), &policy(""), &lock, Profile::Strict),
        ["deny exempt pinned src/a.rs:2 pinned", "deny new plain src/a.rs:6 pinned"]
    );
    assert_eq!(
        lines(findings(), &policy(""), &lock, Profile::Audit),
        ["deny new pinned src/a.rs:2 pinned", "warn new plain src/a.rs:6 pinned"]
    );
    let (policy, today) = (policy(""), date(2026, 11, 23));
    let (coverage, origins) = (Coverage::default(), Origins::default());
    let case =
        Case { policy: &policy, lock: &lock, today, profile: Profile::Audit, coverage, origins, ci: None };
    assert_eq!(judge_case(findings(), &case).denied(), 0);
}

#[test]
fn an_exemption_follows_its_finding_and_says_so() {
    let lock = lock(&[entry("src/a.rs", "f", GOOD)]);
    let moved = finding(PINNED, "src/b.rs", "f", 1);
    let policy = policy("");
    let case = Case {
        policy: &policy,
        lock: &lock,
        today: date(2026, 11, 23),
        profile: Profile::Default,
        coverage: Coverage::default(),
        origins: Origins::default(),
        ci: None,
    };
    let outcome = judge_case(report(vec![moved]), &case);
    assert!(matches!(outcome.findings[0].status, Status::Exempt(_)));
    assert_eq!(
        outcome.notes,
        [
            "1 exemption follows code that moved or was edited; `cargo durable fix` brings durable.lock up to date"
        ]
    );
    assert_eq!(outcome.denied(), 0);
}

#[test]
fn lowering_what_a_platform_forbids_is_a_finding_of_its_own() {
    let place = crate::policy::Place {
        file: Arc::from("durable.toml"),
        text: Arc::from("pinned = 'warn'"),
        span: Span::new(0, 6),
    };
    let mut policy = policy("");
    policy.lowered.push(crate::policy::Lowered {
        name: "pinned".into(),
        by: "../platform/durable.toml".into(),
        place,
    });
    let said = lines(Report::default(), &policy, &Lock::default(), Profile::Default);
    assert_eq!(
        said,
        [
            "deny new weakened_policy durable.toml:1 `pinned` is forbidden by ../platform/durable.toml and cannot be lowered"
        ]
    );
}

#[test]
fn the_lock_only_tightens_by_itself() {
    let entries = [
        entry("src/a.rs", "f", GOOD),
        entry("src/a.rs", "g", GOOD),
        entry("src/a.rs", "h", GOOD).replace("pinned", "retired"),
    ];
    let lock = lock(&entries);
    let moved = finding(PINNED, "src/b.rs", "f", 1);
    let policy = policy("");
    let case = Case {
        policy: &policy,
        lock: &lock,
        today: date(2026, 11, 23),
        profile: Profile::Default,
        coverage: Coverage::default(),
        origins: Origins::default(),
        ci: None,
    };
    let tight = tightened(&report(vec![moved]), &case);
    let left: Vec<_> = tight.exemptions.iter().map(|entry| (&*entry.lint, &*entry.id, &*entry.at)).collect();
    assert_eq!(left, [("pinned", "v1:src/b.rsf", "src/b.rs"), ("retired", "v1:src/a.rsh", "src/a.rs")]);
}
