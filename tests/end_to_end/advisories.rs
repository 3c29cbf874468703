//! Advisories, yanked versions, and where they are read from. A small database is written here.

use std::fs;

use crate::project::{Project, Ran};

/// A package with two versions of `archive` locked, and `quiet`.
const APP: &str = "//- app/Cargo.toml
[package]
name = \"app\"
version = \"0.1.0\"
edition = \"2024\"
[dependencies]
archive = \"1\"
old = \"1\"
quiet = \"1\"
//- app/src/lib.rs
//! Unpacks.
//- app/Cargo.lock
version = 4

[[package]]
name = \"app\"
version = \"0.1.0\"
dependencies = [\"archive 1.1.0\", \"old\", \"quiet\"]

[[package]]
name = \"archive\"
version = \"0.9.3\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
checksum = \"SUM\"

[[package]]
name = \"archive\"
version = \"1.1.0\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
checksum = \"SUM\"

[[package]]
name = \"old\"
version = \"1.0.0\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
checksum = \"SUM\"
dependencies = [\"archive 0.9.3\"]

[[package]]
name = \"quiet\"
version = \"1.0.0\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
checksum = \"SUM\"
";

fn advisory(folder: &str, number: u32, package: &str, fields: &str, patched: &str) -> String {
    format!(
        "//- {folder}/crates/{package}/RUSTSEC-2026-{number:04}.md\n```toml\n[advisory]\nid = \"RUSTSEC-2026-{number:04}\"\n\
         package = \"{package}\"\ndate = \"2026-11-01\"\n{fields}\n[versions]\npatched = [{patched}]\n```\n\n# Wrong {number}\n\nText.\n"
    )
}

fn project() -> Project {
    let project = Project::new(&APP.replace("SUM", &"3f".repeat(32)));
    let cve = "aliases = [\"CVE-2026-1234\"]";
    project.write(&advisory("db", 1, "archive", cve, "\">= 1.2.0\""));
    project.write(&advisory("db", 2, "archive", "", "\">= 1.3.0\""));
    project.write(&advisory("db", 3, "quiet", "informational = \"unmaintained\"", ""));
    project.write(&advisory("db", 4, "quiet", "informational = \"unsound\"", "\">= 1.0.1\""));
    project.write(&advisory("db", 5, "quiet", "informational = \"notice\"", ""));
    project
}

/// Runs with a cargo home of the test's own.
fn run(project: &Project, arguments: &str) -> Ran {
    let mut command = project.command("app", arguments);
    command.env("CARGO_HOME", project.path("home")).env_remove("CARGO_DURABLE_ADVISORY_DB");
    Ran::from(command.output().unwrap())
}

#[test]
fn the_help_names_a_command_that_works() {
    let project = project();
    let found = run(&project, "check --advisory-db ../db");
    found.expect(
        1,
        &[
            "`cargo update archive@1.1.0` brings a patched version, 1.2.0 or later (brought by app 0.1.0)",
            "no patched version is compatible with 0.9.3, so no `cargo update` of it helps: old 1.0.0 has to move",
            "`cargo update quiet` brings a patched version, 1.0.1 or later",
        ],
    );
}

#[test]
fn each_kind_has_a_level_of_its_own() {
    let project = project();
    let check = |arguments: &str| run(&project, &format!("check --message-format short {arguments}"));
    let found = check("--advisory-db ../db -A vulnerable_dependencies");
    found.expect(
        0,
        &["warning[unmaintained_dependencies]: quiet 1.0.0", "warning[unsound_dependencies]: quiet 1.0.0"],
    );
    found.without("RUSTSEC-2026-0005");
    let found = check(
        "--advisory-db ../db -A vulnerable_dependencies -D unsound_dependencies -A unmaintained_dependencies",
    );
    found.expect(1, &["error[unsound_dependencies]"]).without("unmaintained");
}

#[test]
fn an_exemption_names_an_advisory_and_is_about_no_other() {
    let project = project();
    let terms = "--owner me --reason later --for 30d --advisory-db ../db";
    run(&project, &format!("allow RUSTSEC-2026-0009 {terms}"))
        .expect(2, &["the advisory `RUSTSEC-2026-0009`"]);
    run(&project, &format!("allow cve-2026-1234 {terms}")).expect(0, &["2 added"]);
    assert!(project.read("app/durable.lock").contains("RUSTSEC-2026-0001 archive 1.1.0"));
    let found = run(&project, "check --message-format short --advisory-db ../db");
    found.expect(1, &["RUSTSEC-2026-0002"]).without("RUSTSEC-2026-0001");
    // The first is withdrawn and a third comes: what was let through for the first is nothing to it.
    fs::remove_file(project.path("db/crates/archive/RUSTSEC-2026-0001.md")).unwrap();
    project.write(&advisory("db", 6, "archive", "", "\">= 1.4.0\""));
    run(&project, "check --message-format short --advisory-db ../db")
        .expect(1, &["RUSTSEC-2026-0006", "archive 0.9.3"]);
    // Without a database nobody can tell whether the entries are still needed.
    run(&project, "check --message-format short")
        .expect(0, &["vulnerable_dependencies not run"])
        .without("covers");
    run(&project, "exemptions withdraw RUSTSEC-2026-0001").expect(0, &["2"]);
    assert!(!project.read("app/durable.lock").contains("RUSTSEC-2026-0001"));
}

#[test]
fn a_missing_database_can_be_a_failure() {
    let project = project();
    run(&project, "check").expect(0, &["vulnerable_dependencies not run"]).without("no advisory database");
    run(&project, "check -v").expect(0, &["no advisory database was given"]);
    run(&project, "check -D vulnerable_dependencies").expect(0, &["no advisory database was given"]);
    run(&project, "check --require-advisory-db").expect(2, &["`--require-advisory-db` asks for one"]);
    run(&project, "check --require-advisory-db --advisory-db ../db").expect(1, &["RUSTSEC-2026-0001"]);
    let broken = run(&project, "check --advisory-db ../nowhere");
    broken.expect(2, &["the advisory database cannot be read"]).without("not run");
}

#[test]
fn the_clones_of_other_tools_are_used_on_request() {
    let project = project();
    run(&project, "check --advisory-db default").expect(2, &["finds no clone in", "cargo audit"]);
    project.write(&advisory("home/advisory-dbs/github.com-1", 7, "quiet", "", ""));
    run(&project, "check --advisory-db default").expect(1, &["RUSTSEC-2026-0007"]);
    // cargo-audit's is newer.
    project.write(&advisory("home/advisory-db", 8, "quiet", "", ""));
    project.put("home/advisory-db/.git/FETCH_HEAD", b"");
    run(&project, "check --advisory-db default")
        .expect(1, &["RUSTSEC-2026-0008"])
        .without("RUSTSEC-2026-0007");
}

#[test]
fn a_url_is_fetched_each_time_it_is_named() {
    let project = project();
    project.commit("db");
    let url = format!("file://{}", project.path("db").display());
    let check = || run(&project, &format!("check --message-format short --advisory-db {url}"));
    check().expect(1, &["RUSTSEC-2026-0001"]).without("RUSTSEC-2026-0010");
    project.write(&advisory("db", 10, "quiet", "", ""));
    check().expect(1, &["RUSTSEC-2026-0001"]).without("RUSTSEC-2026-0010");
    project.commit("db");
    check().expect(1, &["RUSTSEC-2026-0010"]);
    fs::rename(project.path("db"), project.path("gone")).unwrap();
    check().expect(2, &["cannot be fetched from file://", "its last state is in"]);
    run(&project, "check --advisory-db ssh://a.example/db").expect(2, &["`ssh:` is not fetched from"]);
}

#[test]
fn yanked_is_what_cargo_last_heard() {
    let project = project();
    let check = |arguments: &str| run(&project, &format!("check --message-format short {arguments}"));
    check("").expect(0, &[]).without("yanked");
    check("-W yanked_dependencies").expect(0, &["whether locked versions are yanked is not known"]);
    let entry = |yanked: bool| {
        format!(
            "\x03\x02\0\0\0etag\x001.0.0\0{{\"name\":\"quiet\",\"vers\":\"1.0.0\",\"yanked\":{yanked}}}\0"
        )
    };
    let place = "home/registry/index/index.crates.io-1/.cache/qu/ie/quiet";
    project.put(place, entry(false).as_bytes());
    check("-W yanked_dependencies").expect(0, &[]).without("yanked");
    project.put(place, entry(true).as_bytes());
    check("").expect(0, &["warning[yanked_dependencies]: quiet 1.0.0 was yanked"]);
}

#[test]
fn what_tests_alone_need_may_be_missing() {
    let project = Project::new(
        "//- app/Cargo.toml
[package]
name = \"app\"
version = \"0.1.0\"
edition = \"2024\"
[dependencies]
there = { version = \"1\", features = [\"more\"] }
[dev-dependencies]
missing = \"1\"
[[test]]
name = \"all\"
path = \"checks/all.rs\"
//- app/checks/all.rs
//- app/src/lib.rs
//! Does it.
//- app/.cargo/config.toml
[source.crates-io]
replace-with = \"vendored\"
[source.vendored]
directory = \"vendor\"
//- app/vendor/there/Cargo.toml
[package]
name = \"there\"
version = \"1.0.0\"
edition = \"2024\"
[features]
more = []
//- app/vendor/there/src/lib.rs
//- app/vendor/there/.cargo-checksum.json
{\"files\":{},\"package\":\"3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f\"}
//- app/Cargo.lock
version = 4

[[package]]
name = \"app\"
version = \"0.1.0\"
dependencies = [
 \"missing\",
 \"there\",
]

[[package]]
name = \"missing\"
version = \"1.0.0\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
checksum = \"3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f\"

[[package]]
name = \"there\"
version = \"1.0.0\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
checksum = \"3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f\"
",
    );
    run(&project, "check").expect(0, &[]).without("cargo metadata");
    // What the build needs and is not there stays told.
    fs::remove_dir_all(project.path("app/vendor/there")).unwrap();
    run(&project, "check --no-cache").expect(0, &["`cargo metadata` failed"]);
}
