//! Exemptions are listed, shortened, handed over and withdrawn by command; findings are named to
//! `allow` by what `check` shows.

use crate::project::{PINNED, Project};

/// Two pins in two files, both let through until 2027-01-22, and two owners.
fn project() -> Project {
    let project = Project::new(PINNED);
    project.write(
        "//- app/durable.toml
[owners.identity]
[owners.net]
[lints]
pinned_certificates = \"deny\"
//- app/src/lib.rs
pub mod tls;
pub fn pin() -> &'static str { \"PIN\" }
//- app/src/tls.rs
pub fn other() { connect(\"PIN\", 1) }
",
    );
    project.baseline("app");
    project
}

/// The identities that the list shows, in its order.
fn identities(project: &Project) -> Vec<String> {
    let list = project.durable("app", "exemptions");
    list.expect(0, &[]);
    let column = list.out.lines().next().unwrap().find("identity").unwrap();
    let rows = list.out.lines().filter(|line| line.starts_with("20"));
    rows.map(|row| row[column..].split_whitespace().next().unwrap().to_owned()).collect()
}

#[test]
fn the_list_is_by_date_and_owner() {
    let project = project();
    let id = &identities(&project)[1];
    project.durable("app", &format!("exemptions shorten {id} --until 2026-12-01")).expect(0, &[]);
    let first = &identities(&project)[0];
    assert_eq!(first, id, "the soonest end comes first");
    project.durable("app", &format!("exemptions transfer {id} --to net")).expect(0, &[]);
    let all = project.durable("app", "exemptions");
    all.expect(0, &["last day", "src/tls.rs:1", "2026-12-01", "2027-01-22", "moving", "2 exemptions"]);
    project.durable("app", "exemptions --owner net").expect(0, &["1 exemption"]).without("src/lib.rs");
    project.durable("app", "exemptions --expiring 30d").expect(0, &["2026-12-01"]).without("2027-01-22");
    let over = project.durable("app", "exemptions --now 2027-01-10");
    over.expect(0, &["2026-12-01 (over)", "2 exemptions, 1 of them over"]);
}

#[test]
fn the_list_is_also_for_programs_and_knows_of_source() {
    let project = project();
    project.write(
        "//- app/src/tls.rs
#[durable(allow(pinned_certificates), owner = \"net\", reason = \"agreed\", expires = \"2026-12-31\")]
pub fn other() { connect(\"PIN\", 1) }
",
    );
    let list = project.durable("app", "exemptions --format json");
    let list: Vec<serde_json::Value> = serde_json::from_str(&list.out).unwrap();
    let row = |written: &str| list.iter().find(|row| row["written"] == written).unwrap();
    assert_eq!(row("source")["owner"], "net");
    assert_eq!(row("source")["days_left"], 38);
    assert_eq!(row("durable.lock")["expires"], "2027-01-22");
    project.durable("app", "exemptions withdraw --in src/tls.rs --owner net").expect(2, &["src/tls.rs:1"]);
}

#[test]
fn an_owner_without_exemptions_is_told_from_a_misspelt_one() {
    let project = project();
    project.durable("app", "exemptions --owner net").expect(0, &["no exemptions"]);
    project.durable("app", "exemptions --owner identiy").expect(2, &["did you mean `identity`?"]);
}

#[test]
fn an_exemption_is_shortened_and_never_lengthened() {
    let project = project();
    let id = &identities(&project)[0];
    let shorten = |end: &str| project.durable("app", &format!("exemptions shorten {id} {end}"));
    let before = project.read("app/durable.lock");
    shorten("--until 2027-01-22").expect(2, &["nothing is changed", "ends on 2027-01-22"]);
    shorten("--until 2027-02-01").expect(2, &["`cargo durable allow`"]);
    shorten("--until 2026-11-22").expect(2, &["2026-11-22 is over", "withdraw"]);
    shorten("").expect(2, &["--until"]);
    assert_eq!(project.read("app/durable.lock"), before);
    shorten("--for 10d").expect(0, &["until 2026-12-03 instead of 2027-01-22", "1 shortened"]);
    assert_eq!(project.read("app/durable.lock").matches("2026-12-03").count(), 1);
    assert!(!project.read("app/durable.lock").contains("renewals"));
    project.check("app", "--now 2026-12-04").expect(1, &["1 exempt"]);
}

#[test]
fn an_exemption_is_handed_over() {
    let project = project();
    project
        .durable("app", "exemptions transfer --owner identity --to ne")
        .expect(2, &["did you mean `net`?"]);
    let all = project.durable("app", "exemptions transfer --owner identity --to net");
    all.expect(0, &["from `identity` to `net`", "2 transferred"]);
    assert_eq!(project.read("app/durable.lock").matches("owner = \"net\"").count(), 2);
    project.durable("app", "exemptions transfer pinned_certificates --to net").expect(2, &["already"]);
}

#[test]
fn what_is_withdrawn_is_refused_again() {
    let project = project();
    project.durable("app", "exemptions withdraw transport --in src/tls.rs").expect(0, &["1 withdrawn"]);
    project.check("app", "").expect(1, &["src/tls.rs:1", "1 exempt"]).without("src/lib.rs:2");
    project.durable("app", "exemptions withdraw pinned_certificates").expect(0, &["1 withdrawn"]);
    project.check("app", "").expect(1, &["2 denied"]);
}

#[test]
fn what_did_not_match_is_named_and_nothing_is_written() {
    let project = project();
    let before = project.read("app/durable.lock");
    for (which, said) in [
        ("", "required"),
        ("pinned_certificate", "did you mean `pinned_certificates`?"),
        ("weak_hashes", "no exemption from `weak_hashes`"),
        ("ffff0000ffff", "no exemption with the identity `ffff0000ffff`"),
        ("pinned_certificates ffff0000ffff", "`ffff0000ffff`"),
        ("pinned_certificates --in src/nowhere.rs", "`src/nowhere.rs`"),
        ("pinned_certificates --in src --in src/nowhere.rs", "`src/nowhere.rs`"),
        ("pinned_certificates --owner net", "`net`"),
    ] {
        project.durable("app", &format!("exemptions withdraw {which}")).expect(2, &[said]);
    }
    assert_eq!(project.read("app/durable.lock"), before);
}

#[test]
fn a_prefix_of_two_is_an_error_that_lists_both() {
    let project = project();
    let mut ids: Vec<String> = project
        .read("app/durable.lock")
        .split("id = \"v1:")
        .skip(1)
        .map(|rest| rest[..32].to_owned())
        .collect();
    // Two entries that cover nothing stand for two whose first digits happen to be the same.
    let lock = project.read("app/durable.lock");
    let (one, two) = ("abcdef0123456789abcdef0123456789", "abcdef0199456789abcdef0123456789");
    let lock = lock.replace(&ids.remove(0), one).replace(&ids.remove(0), two);
    project.put("app/durable.lock", lock.as_bytes());
    project.write("//- app/src/lib.rs\n//- app/src/tls.rs\n");
    let both = project.durable("app", "exemptions withdraw abcdef");
    both.expect(2, &["`abcdef` means 2 exemptions", "\n  * abcdef012", "\n  * abcdef019"]);
    project.durable("app", "exemptions withdraw abcdef012").expect(0, &["1 withdrawn"]);
}

#[test]
fn what_check_shows_is_what_allow_takes() {
    let project = Project::new(PINNED);
    let short = project.check("app", "");
    let line = short.expect(1, &[]).out.lines().next().unwrap().to_owned();
    let id = line.rsplit_once(" (").unwrap().1.trim_end_matches(')').to_owned();
    assert!(id.len() >= 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{line}");
    project.durable("app", "check").expect(1, &[&format!("= identity: {id}\n")]);
    let allow = format!("allow {id} --owner identity --reason agreed --for 40d");
    project.durable("app", &allow).expect(0, &["1 added"]);
    project.check("app", "").expect(0, &["1 exempt"]);
}

#[test]
fn what_is_let_through_already_says_until_when_by_whom_and_what_changes_it() {
    let project = project();
    let allow = project.durable("app", "allow pinned_certificates --owner net --reason again");
    allow.expect(
        0,
        &["already until 2027-01-22 by `identity`", "`cargo durable allow ", "`cargo durable exemptions`"],
    );
}
