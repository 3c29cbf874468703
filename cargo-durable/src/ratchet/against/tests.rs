use jiff::civil::date;

use durable_lints::load::DiskFiles;

use super::*;
use crate::git::Repository;
use crate::git::tests::{checkout, commit};
use crate::policy::Profile;
use crate::ratchet::Lock;

const OWNERS: &str = "[owners.identity]\npaths = ['src/auth/']\n[owners.data]\n";

/// What is said about a change from one policy and lock to others, by the approver.
fn change(
    before: [&str; 2],
    now: [&str; 2],
    allows: &[InSourceAllow],
    approver: Option<&str>,
) -> Result<Vec<String>, String> {
    let lock = |entries: &str| format!("version = 1\nexemptions = [\n{entries}]\n");
    let (_keep, root) =
        checkout(&[("durable.toml", before[0]), ("durable.lock", &lock(before[1])), ("src/a.rs", SOURCE)]);
    let repository = Repository::around(&root).unwrap();
    let old = at(&repository, "HEAD").unwrap();
    std::fs::write(root.join("durable.toml"), now[0]).unwrap();
    std::fs::write(root.join("durable.lock"), lock(now[1])).unwrap();
    commit(&root);
    let (policy, lock) = (Policy::load(&root).unwrap(), Lock::load(&root).unwrap());
    // Nothing was looked at, so no exemption is called unused.
    let coverage = Coverage { folders: vec!["nowhere".into()], not_run: Vec::new() };
    let files = DiskFiles { root: root.clone() };
    let case = Case {
        policy: &policy,
        lock: &lock,
        today: date(2026, 11, 23),
        profile: Profile::Default,
        coverage,
        origins: Origins::of(&files),
        ci: None,
    };
    let mut outcome = judge_case(Report::default(), &case);
    let change = Change {
        before: &old,
        base: Report::default(),
        case: &case,
        files: &DiskFiles { root },
        allows,
        paths: &["src/auth/key.rs".into()],
        everywhere: &|| Ok(Report::default()),
    };
    judge(&mut outcome, change, approver).map_err(|error| error.to_string())?;
    let denied = outcome.denied();
    assert_eq!(denied == 0, approver.is_some() || outcome.findings.is_empty());
    Ok(outcome
        .findings
        .iter()
        .map(|judged| format!("{} {}", judged.finding.file, judged.finding.message))
        .collect())
}

const SOURCE: &str = "#[durable(owner = \"identity\", allow(weak_hashes))]\nfn f() {}\n";

const ENTRY: &str = "  { lint = \"undocumented_unsafe\", at = \"src/a.rs\", item = \"f\", id = \"v1:1\", tokens = \"t1\", owner = \"identity\", category = \"waiver\", expires = 2027-01-31, reason = \"r\" },\n";

fn lints(text: &str) -> String {
    format!("{OWNERS}[lints]\n{text}")
}

#[test]
fn every_way_to_weaken_a_policy_is_found() {
    for (before, now, expected) in [
        (
            lints("undocumented_unsafe = 'deny'"),
            lints("undocumented_unsafe = 'warn'"),
            "durable.toml the level of `undocumented_unsafe` is lowered from deny to warn",
        ),
        (
            lints("undocumented_unsafe = 'forbid'"),
            lints("memory = 'deny'"),
            "durable.toml the level of `undocumented_unsafe` is lowered from forbid to deny",
        ),
        (
            lints("undocumented_unsafe = 'deny'"),
            lints("undocumented_unsafe = { level = 'deny', exclude = ['src/ffi/**'] }"),
            "durable.toml the level of `undocumented_unsafe` in src/ffi/** is lowered from deny to allow",
        ),
        (
            lints("undocumented_unsafe = { level = 'deny', paths = ['src/', 'lib/'] }"),
            lints("undocumented_unsafe = { level = 'deny', paths = ['src/'] }"),
            "durable.toml the level of `undocumented_unsafe` in lib/ is lowered from deny to warn",
        ),
        (
            OWNERS.into(),
            "[owners.identity]\npaths = ['src/auth/']".into(),
            "durable.toml owner `data` is removed",
        ),
        (
            OWNERS.into(),
            "[owners.identity]\n[owners.data]".into(),
            "durable.toml nobody owns src/auth/ any more, which was `identity`'s",
        ),
        (
            format!("{OWNERS}[exemptions]\nmax-term = '90d'"),
            OWNERS.into(),
            "durable.toml `max-term` is raised from 90d to 180d",
        ),
        (
            OWNERS.into(),
            format!("{OWNERS}[exemptions]\nrenewals = 5"),
            "durable.toml `renewals` is raised from 2 to 5",
        ),
        (
            format!("{OWNERS}[[controls]]\nid = 'A'\ntitle = 't'\ncadence = '90d'"),
            OWNERS.into(),
            "durable.toml control `A` is removed",
        ),
        (
            format!("{OWNERS}[[controls]]\nid = 'A'\ntitle = 't'\ncadence = '90d'"),
            format!("{OWNERS}[[controls]]\nid = 'A'\ntitle = 't'\ncadence = '90d'\nstatus = 'retired'"),
            "durable.toml control `A` is no longer in force: it is retired",
        ),
        (
            format!("{OWNERS}[[controls]]\nid = 'A'\ntitle = 't'\ncadence = '90d'\nowner = 'identity'"),
            format!("{OWNERS}[[controls]]\nid = 'A'\ntitle = 't'\ncadence = '90d'\nowner = 'data'"),
            "durable.toml control `A` passes from `identity` to `data`",
        ),
        (
            OWNERS.into(),
            "[owners.identity]\n[owners.data]\npaths = ['src/auth/']".into(),
            "durable.toml src/auth/key.rs, until now `identity`'s, would be `data`'s",
        ),
        (
            format!("{OWNERS}[[models]]\npath = 'a::b'\nkind = 'banned'"),
            OWNERS.into(),
            "durable.toml the model of `a::b` is removed or changed",
        ),
        (
            OWNERS.into(),
            format!("{OWNERS}[[models]]\npath = 'a::b'\nkind = 'sanitizer'"),
            "durable.toml `a::b` now counts as a sanitizer",
        ),
    ] {
        let said = change([&before, ""], [&now, ""], &[], None).unwrap();
        assert_eq!(said, [expected], "{before}\n---\n{now}");
        assert_eq!(change([&before, ""], [&now, ""], &[], Some("identity")).unwrap().len(), 1);
    }
}

#[test]
fn what_is_as_strict_or_stricter_is_no_weakening() {
    for (before, now) in [
        (lints("undocumented_unsafe = 'warn'"), lints("undocumented_unsafe = 'deny'")),
        (lints("undocumented_unsafe = 'deny'"), lints("memory = 'deny'")),
        (
            lints("undocumented_unsafe = { exclude = ['a', 'b'] }"),
            lints("undocumented_unsafe = { exclude = ['a'] }"),
        ),
        (OWNERS.into(), format!("{OWNERS}[owners.third]\n[exemptions]\nmax-term = '30d'\nrenewals = 1")),
    ] {
        assert_eq!(
            change([&before, ENTRY], [&now, ENTRY], &[], None).unwrap(),
            [""; 0],
            "{before}\n---\n{now}"
        );
    }
    assert_eq!(change([OWNERS, ENTRY], [OWNERS, ""], &[], None).unwrap(), [""; 0]);
}

#[test]
fn exemptions_are_compared_by_identity() {
    let renewed = ENTRY.replace("2027-01-31", "2027-02-28");
    let moved = ENTRY.replace("src/a.rs", "src/b.rs").replace("v1:1", "v1:2");
    let other = ENTRY.replace("\"f\"", "\"g\"").replace("v1:1", "v1:2");
    for (before, now, expected) in [
        ("", ENTRY, &["durable.lock exemption from `undocumented_unsafe` in src/a.rs is added"][..]),
        (
            ENTRY,
            &renewed,
            &["durable.lock exemption from `undocumented_unsafe` in src/a.rs is renewed until 2027-02-28"],
        ),
        // The item is still where it was, so nothing moved.
        (ENTRY, &moved, &["durable.lock exemption from `undocumented_unsafe` in src/b.rs is added"]),
        (
            ENTRY,
            &ENTRY.replace("\"identity\"", "\"data\""),
            &[
                "durable.lock the exemption from `undocumented_unsafe` in src/a.rs passes from `identity` to `data`",
            ],
        ),
        (
            ENTRY,
            &ENTRY.replace("\"r\"", "\"s\""),
            &["durable.lock the exemption from `undocumented_unsafe` in src/a.rs has another reason: s"],
        ),
        (
            ENTRY,
            &ENTRY.replace("waiver", "mitigated"),
            &["durable.lock the exemption from `undocumented_unsafe` in src/a.rs now counts as mitigated"],
        ),
        (&renewed, ENTRY, &[]),
        (ENTRY, &other, &["durable.lock exemption from `undocumented_unsafe` in src/a.rs is added"]),
    ] {
        assert_eq!(change([OWNERS, before], [OWNERS, now], &[], None).unwrap(), expected);
    }
}

#[test]
fn an_allow_in_source_counts_once_for_each_time_it_was_there() {
    let allow = InSourceAllow {
        file: "src/a.rs".into(),
        span: Span::new(0, SOURCE.find('\n').unwrap() as u32),
        start: Position { line: 1, column: 1 },
        covers: Span::new(0, 4),
        lints: vec![("weak_hashes".into(), Span::new(0, 4))],
        owner: None,
        reason: None,
        expires: None,
        mitigated: false,
        wrong: Vec::new(),
    };
    assert_eq!(change([OWNERS, ""], [OWNERS, ""], std::slice::from_ref(&allow), None).unwrap(), [""; 0]);
    let said = change([OWNERS, ""], [OWNERS, ""], &[allow.clone(), allow], None).unwrap();
    assert_eq!(said, ["src/a.rs an `allow` of weak_hashes is added or changed in source"]);
}

#[test]
fn only_an_owner_who_was_there_before_approves() {
    let weaker = lints("undocumented_unsafe = 'allow'");
    let now = format!("{weaker}\n[owners.mallory]\n");
    assert_eq!(
        change([OWNERS, ""], [&now, ""], &[], Some("mallory")).unwrap_err(),
        "--approve-weakening names `mallory`, who is no owner in durable.toml; one of identity, data"
    );
    assert!(change(["", ""], [&now, ""], &[], Some("mallory")).is_ok());
    assert!(change(["", ""], ["lints.memory = 'allow'", ""], &[], Some("me")).is_err());
}

#[test]
fn a_change_cannot_switch_off_its_own_gate() {
    let said = change([OWNERS, ""], [&lints("ownership = 'allow'"), ""], &[], None).unwrap();
    assert!(
        said.contains(
            &"durable.toml the level of `weakened_policy` is lowered from deny to allow".to_owned()
        ),
        "{said:?}"
    );
    let excluded = lints("weakened_policy = { exclude = ['durable.lock'] }");
    let said = change([OWNERS, ""], [&excluded, ENTRY], &[], None).unwrap();
    assert!(
        said.contains(&"durable.lock exemption from `undocumented_unsafe` in src/a.rs is added".to_owned()),
        "{said:?}"
    );
}

#[test]
fn a_policy_that_was_broken_counts_as_none() {
    let said = change(["lints = 3", ""], [OWNERS, ""], &[], None).unwrap();
    assert_eq!(said, [""; 0]);
}
