//! `history`: what a repository's commits tell of its findings.

use expect_test::{Expect, expect};

use crate::project::{PINNED, Project};

const CLEAN: &str = "//- app/src/lib.rs\n//! Talks to the bank.\n";

/// What `history` prints, with `COMMIT` for the ids.
#[expect(clippy::needless_pass_by_value, reason = "as `expect!` gives it")]
fn tells(project: &Project, arguments: &str, expected: Expect) {
    let ran = project.durable("app", &format!("history {arguments}"));
    ran.expect(0, &[]);
    let is_id = |word: &str| word.len() == 10 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let line = |line: &str| {
        let words: Vec<&str> =
            line.split(' ').map(|word| if is_id(word) { "COMMIT" } else { word }).collect();
        words.join(" ") + "\n"
    };
    expected.assert_eq(&ran.out.lines().map(line).collect::<String>());
}

/// Introduced on day 0, fixed on day 10, elsewhere from day 20 on, back on day 40, fixed on day 50, back
/// and exempted, and the exemption ends.
fn known_life() -> Project {
    let project = Project::new(PINNED);
    project.commit_on("app", "2026-01-01", "begin");
    project.write(CLEAN);
    project.commit_on("app", "2026-01-11", "unpin");
    project.write(
        "//- app/src/lib.rs\n//! Talks to the bank.\n\npub mod bank;\n//- app/src/bank.rs\n//! The bank.\n",
    );
    project.commit_on("app", "2026-01-21", "modules");
    let pinned = "//! The bank.\n\n/// The pin.\npub fn pin() -> &'static str {\n    \"PIN\"\n}\n";
    project.write(&format!("//- app/src/bank.rs\n{pinned}"));
    project.commit_on("app", "2026-02-10", "pin-again");
    project.write("//- app/src/bank.rs\n//! The bank.\n");
    project.commit_on("app", "2026-02-20", "unpin-again");
    project.write(&format!("//- app/src/bank.rs\n{pinned}"));
    let allow =
        "allow pinned_certificates --owner identity --reason moving --expires 2026-03-31 --now 2026-03-02";
    project.durable("app", allow).expect(0, &[]);
    project.commit_on("app", "2026-03-02", "pin-for-now");
    project.write("//- app/README.md\nTalks to the bank.\n");
    project.commit_on("app", "2026-04-05", "readme");
    project
}

#[test]
fn a_known_life_is_told_as_it_was() {
    let project = known_life();
    tells(
        &project,
        "",
        expect![[r#"
            2026-01-01 COMMIT begin
              introduced pinned_certificates src/lib.rs:5 pin
            2026-01-11 COMMIT unpin
              removed    pinned_certificates src/lib.rs:5 pin, after 10 days
            2026-02-10 COMMIT pin-again
              returned   pinned_certificates src/bank.rs:5 bank::pin, fixed for 30 days
            2026-02-20 COMMIT unpin-again
              removed    pinned_certificates src/bank.rs:5 bank::pin, after 10 days
            2026-03-02 COMMIT pin-for-now
              returned   pinned_certificates src/bank.rs:5 bank::pin, fixed for 10 days, let through until 2026-03-31
            2026-04-05 COMMIT readme
              introduced invalid_exceptions durable.lock:4 bank::pin (identity)
              refused    pinned_certificates src/bank.rs:5 bank::pin

            7 commits from 2026-01-01 to 2026-04-05
            listed: 2 introduced, 2 fixed or removed, 2 returned, 2 open
            others (`--all` lists them): 1 introduced, 1 fixed or removed
        "#]],
    );
    // A second call walks nothing and says the same; so does one that keeps nothing.
    let said = project.durable("app", "history --format json").out;
    assert_eq!(project.durable("app", "history --format json --no-cache").out, said);
}

#[test]
fn what_stood_before_the_time_that_is_asked_for_may_be_older() {
    let project = known_life();
    tells(
        &project,
        "--since 2026-02-15 --until 2026-03-10",
        expect![[r#"
            2026-02-10 COMMIT pin-again
              found      pinned_certificates src/bank.rs:5 bank::pin
            2026-02-20 COMMIT unpin-again
              removed    pinned_certificates src/bank.rs:5 bank::pin, after at least 10 days
            2026-03-02 COMMIT pin-for-now
              returned   pinned_certificates src/bank.rs:5 bank::pin, fixed for 10 days, let through until 2026-03-31

            3 commits from 2026-02-10 to 2026-03-02
            listed: 1 at the beginning, 1 fixed or removed, 1 returned, 1 exempt
            others (`--all` lists them): 1 introduced, 1 open
        "#]],
    );
}

#[test]
fn what_the_policy_of_a_commit_does_not_look_for_is_not_fixed() {
    let project = Project::new(PINNED);
    project.commit_on("app", "2026-01-01", "begin");
    project.write("//- app/durable.toml\n[lints]\npinned_certificates = \"allow\"\n");
    project.commit_on("app", "2026-01-11", "look-away");
    project.write("//- app/README.md\nTalks.\n");
    project.commit_on("app", "2026-01-12", "readme");
    project.write("//- app/durable.toml\n[lints]\npinned_certificates = \"deny\"\n");
    project.commit_on("app", "2026-01-21", "look-again");
    tells(
        &project,
        "--policy then",
        expect![[r#"
        2026-01-01 COMMIT begin
          introduced pinned_certificates src/lib.rs:5 pin
        2026-01-11 COMMIT look-away
          off        pinned_certificates src/lib.rs:5 pin
        2026-01-21 COMMIT look-again
          seen       pinned_certificates src/lib.rs:5 pin

        4 commits from 2026-01-01 to 2026-01-21
        listed: 1 introduced, 1 open
    "#]],
    );
    tells(
        &project,
        "--lint pinned_certificates",
        expect![[r#"
        2026-01-01 COMMIT begin
          introduced pinned_certificates src/lib.rs:5 pin

        4 commits from 2026-01-01 to 2026-01-21
        listed: 1 introduced, 1 open
    "#]],
    );
}

#[test]
fn a_file_that_is_none_is_not_fixed_and_a_merge_is_one_step() {
    let project = Project::new(PINNED);
    project.commit_on("app", "2026-01-01", "begin");
    project.put("app/src/lib.rs", b"pub fn pin() -> &'static str { \"\xff\" }");
    project.commit_on("app", "2026-01-02", "latin");
    project.write(PINNED);
    project.commit_on("app", "2026-01-03", "utf8");
    let manifest = project.read("app/Cargo.toml");
    project.put("app/Cargo.toml", format!("{manifest}{manifest}").as_bytes());
    project.commit_on("app", "2026-01-03", "twice");
    project.put("app/Cargo.toml", manifest.as_bytes());
    project.commit_on("app", "2026-01-03", "once");
    project.git("app", "checkout -q -b work");
    project.write(CLEAN);
    project.commit_on("app", "2026-01-04", "unpin");
    project.git("app", "checkout -q main");
    project.write("//- app/README.md\nTalks.\n");
    project.commit_on("app", "2026-01-05", "readme");
    project.git_at("app", "merge -q --no-ff -m merge-work work", Some("2026-01-06"));
    tells(
        &project,
        "",
        expect![[r#"
            2026-01-01 COMMIT begin
              introduced pinned_certificates src/lib.rs:5 pin
            2026-01-02 COMMIT latin
              unread     pinned_certificates src/lib.rs:5 pin
            2026-01-03 COMMIT utf8
              seen       pinned_certificates src/lib.rs:5 pin
            2026-01-03 COMMIT twice
              unread     pinned_certificates src/lib.rs:5 pin
            2026-01-03 COMMIT once
              seen       pinned_certificates src/lib.rs:5 pin
            2026-01-06 COMMIT merge-work
              removed    pinned_certificates src/lib.rs:5 pin, after 5 days

            7 commits from 2026-01-01 to 2026-01-06
            listed: 1 introduced, 1 fixed or removed
        "#]],
    );
}

/// What else stands in a file of which a part cannot be parsed is found all the same.
#[test]
fn a_part_that_cannot_be_parsed_hides_nothing_else() {
    let project = Project::new(PINNED);
    project.commit_on("app", "2026-01-01", "begin");
    let text = project.read("app/src/lib.rs");
    let broken = "/// None.\npub fn none() { let = unsafe { 1 }; }\n";
    project.put("app/src/lib.rs", format!("{text}{broken}").as_bytes());
    project.check("app", "").expect(2, &["error[pinned_certificates]", "cannot be parsed"]);
    project.commit_on("app", "2026-01-02", "broken");
    project.durable("app", "history").expect(0, &["introduced", "1 open"]).without("unread");
}

/// An exemption ends on its day, whether there is a commit or not.
#[test]
fn what_lets_a_finding_through_ends_on_its_day() {
    let project = Project::new(PINNED);
    let allow = "allow pinned_certificates --owner identity --reason moving --expires 2026-03-31";
    project.durable("app", &format!("{allow} --now 2026-03-02")).expect(0, &[]);
    project.commit_on("app", "2026-03-02", "begin");
    project.durable("app", "history --now 2026-03-31").expect(0, &["listed: 1 introduced, 1 exempt"]);
    project.durable("app", "history --now 2026-04-01").expect(0, &["listed: 1 introduced, 1 open"]);
}

#[test]
fn where_there_is_no_history_that_is_said() {
    let project = Project::new(PINNED);
    project.durable("app", "history").expect(2, &["is in no git repository"]);
    project.git("app", "init -q -b main");
    project.durable("app", "history").expect(0, &["there is no commit in this time"]);
    project.commit_on("app", "2026-01-01", "begin");
    project
        .durable("app", "history --lint pined_certificates")
        .expect(2, &["there is no lint or group", "pinned_certificates"]);
    project.durable("app", "history --package ap").expect(2, &["has a package `ap`", "`app`"]);
    project
        .durable("app", "history --owner identiti")
        .expect(2, &["there is no owner `identiti`", "`identity`"]);
    project.durable("app", "history --since 2026-02-01").expect(0, &["2026-01-01", "introduced"]);
}
