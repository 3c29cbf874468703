//! Who answers for what: one answer in every command and format.

use crate::project::Project;

/// A service whose code is partly owned: by an attribute, by its file, by a pattern, by nobody.
const SERVICE: &str = "//- macros/Cargo.toml
[package]
name = \"cargo-durable-macros\"
version = \"0.1.0\"
edition = \"2024\"
//- macros/src/lib.rs
//! Stands in for the attribute.
//- app/Cargo.toml
[package]
name = \"app\"
version = \"0.1.0\"
edition = \"2024\"
[dependencies]
cargo-durable-macros = { path = \"../macros\" }
//- app/Cargo.lock
version = 4

[[package]]
name = \"app\"
version = \"0.1.0\"
dependencies = [\"cargo-durable-macros\"]

[[package]]
name = \"cargo-durable-macros\"
version = \"0.1.0\"
//- app/durable.toml
[owners.identity]
team = \"Identity\"
[owners.data]
paths = [\"/src/db.rs\"]
[owners.legacy]
//- app/src/lib.rs
//! A service.
mod db;
mod file;
mod open;
use durable_macros::durable;

/// The first byte.
#[durable(owner = \"identity\", review_by = \"2026-06-30\")]
pub fn first(bytes: &[u8]) -> u8 {
    // SAFETY: it is not empty.
    unsafe { *bytes.get_unchecked(0) }
}

#[durable(owner = \"data\")]
mod inner {
    /// The last byte.
    #[durable(owner = \"identity\", control = \"MEM-1\")]
    pub fn last(bytes: &[u8]) -> u8 {
        // SAFETY: it is not empty.
        unsafe { *bytes.get_unchecked(bytes.len() - 1) }
    }
    /// Some byte.
    pub fn some(bytes: &[u8]) -> u8 {
        // SAFETY: it has three.
        unsafe { *bytes.get_unchecked(2) }
    }
}
//- app/src/db.rs
/// A pin.
pub fn pin() -> &'static str {
    \"PIN\"
}
/// A number.
pub fn number(at: *const u8) -> u8 {
    // SAFETY: it is valid.
    unsafe { *at }
}
//- app/src/file.rs
durable_macros::durable_file!(owner = \"identity\");
/// A number.
pub fn number(at: *const u8) -> u8 {
    // SAFETY: it is valid.
    unsafe { *at }
}
//- app/src/open.rs
/// A number.
pub fn number(at: *const u8) -> u8 {
    // SAFETY: it is valid.
    unsafe { *at }
}
/// Twice.
pub fn twice(at: *const u8) -> u8 {
    number(at) * 2
}
";

fn service() -> Project {
    Project::new(SERVICE)
}

#[test]
fn every_item_has_the_nearest_that_speaks_for_it() {
    let project = service();
    let listed = project.durable("app", "owners --by item");
    listed.expect(0, &[]);
    let rows: Vec<Vec<&str>> = listed.out.lines().map(|line| line.split_whitespace().collect()).collect();
    let said: Vec<String> = rows.iter().skip(1).map(|row| row.join(" ")).collect();
    assert_eq!(
        said,
        [
            "data src/db.rs:6 db::number unsafe - - paths (durable.toml:3)",
            "identity src/file.rs:3 file::number unsafe - - file (src/file.rs:1)",
            "identity src/lib.rs:9 first unsafe - 2026-06-30 item (src/lib.rs:8)",
            "data src/lib.rs:14 inner - - - item (src/lib.rs:14)",
            "identity src/lib.rs:18 inner::last unsafe MEM-1 - item (src/lib.rs:17)",
            "data src/lib.rs:23 inner::some unsafe - - item (src/lib.rs:14)",
            "nobody src/open.rs:2 open::number unsafe - - -",
        ]
    );
    project.durable("app", "owners --by item --of data").expect(0, &["inner::some"]).without("inner::last");
    project.durable("app", "owners --by item --unowned").expect(0, &["open::number"]).without("db::number");
    project.durable("app", "owners --by item src/db.rs").expect(0, &["db::number"]).without("inner");
}

#[test]
fn the_summary_counts_and_names_what_is_nobodys() {
    let project = service();
    let summary = project.durable("app", "owners");
    summary.expect(
        0,
        &[
            "5 of 6 items that matter to security have an owner (83.3 %)",
            "src/open.rs:2 open::number (unsafe)",
            "answers for nothing: legacy",
        ],
    );
    project.write("//- app/src/open.rs\n#[durable_macros::durable(owner = \"identty\")]\nfn f() {}\n");
    project
        .durable("app", "owners")
        .expect(0, &["src/open.rs:1 owner `identty` of `open::f` does not exist; did you mean `identity`?"]);
    project.durable("app", "owners --by item --of Identity").expect(0, &["inner::last"]);
    project
        .durable("app", "check --show-policy src/file.rs")
        .expect(0, &["owner: identity, set at src/file.rs:1"]);
    project
        .durable("app", "owners --of identty")
        .expect(2, &["no owner `identty`; did you mean `identity`?"]);
    project.durable("app", "owners nowhere").expect(2, &["nowhere is not there"]);
    let json = project.durable("app", "owners --format json --by file");
    let document: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(document["coverage"]["owned"], 5);
    assert_eq!(document["owners"][1]["owner"], "data");
    assert_eq!(document["files"].as_array().unwrap().len(), 7);
}

#[test]
fn a_finding_has_its_owner_in_every_format() {
    let project = service();
    for (format, said) in [
        ("human", "owner: data"),
        ("short", "owner data)"),
        ("json", "\"owner\": \"data\""),
        ("sarif", "\"owner\": \"data\""),
        ("rustc", "owner: data"),
        ("github", "owner: data"),
        ("gitlab", "owner: data"),
    ] {
        let checked =
            project.durable("app", &format!("check -W pinned_certificates --message-format {format}"));
        checked.expect(0, &[said]);
    }
    project.durable("app", "owners --by finding").expect(0, &["pinned_certificates"]);
    project
        .durable("app", "owners --by finding --of identity")
        .expect(0, &["overdue_reviews"])
        .without("pinned");
}

#[test]
fn what_is_wrong_with_tags_is_told_where_it_stands() {
    let project = service();
    project.write(
        "//- app/durable.toml
[owners.identity]
[[controls]]
id = \"MEM-2\"
title = \"Memory\"
cadence = \"90d\"
//- app/src/db.rs
//! Empty.
",
    );
    let checked = project.check("app", "");
    let said: Vec<&str> =
        checked.out.lines().filter(|line| line.contains("[un") || line.contains("[over")).collect();
    assert_eq!(
        said,
        [
            "src/lib.rs:8:43: warning[overdue_reviews]: the review of `first` was due on 2026-06-30 (owner identity)",
            "src/lib.rs:14:19: error[unknown_owners]: owner `data` of `inner` does not exist",
            "src/lib.rs:17:45: error[unenforced_controls]: control `MEM-1` of `inner::last` is declared nowhere, so nothing enforces it (owner identity)",
            "src/lib.rs:23:12: warning[unowned_security_code]: nobody answers for what matters to security here: `inner::some` (unsafe)",
            "src/open.rs:2:8: warning[unowned_security_code]: nobody answers for what matters to security here: `open::number` (unsafe)",
        ]
    );
    // The day of the check decides, never that of the build.
    project.check("app", "--now 2026-06-30").without("overdue_reviews");
}

#[test]
fn a_package_answers_for_what_nothing_nearer_does() {
    let project = service();
    let manifest = project.read("app/Cargo.toml");
    let put = |keys: &str| {
        let text = format!("{manifest}\n[package.metadata.durable]\n{keys}\n");
        project.put("app/Cargo.toml", text.as_bytes());
    };
    put("owner = \"legacy\"\nreview-by = 2026-03-31");
    project
        .durable("app", "owners --by item src/open.rs")
        .expect(0, &["legacy", "open::number", "2026-03-31", "package (Cargo.toml:9)"]);
    project.check("app", "").expect(
        0,
        &["Cargo.toml:10:13: warning[overdue_reviews]: the review of the package `app` was due on 2026-03-31"],
    );
    // Also where only a file is checked, and then nothing is told of the manifest.
    project.check("app", "src/db.rs").without("Cargo.toml");
    project.check("app", "-W memory src/open.rs -W undocumented_unsafe").without("Cargo.toml");
    project
        .durable("app", "check --show-policy src/open.rs")
        .expect(0, &["owner: legacy, set at Cargo.toml:9"]);
    put("ower = \"legacy\"\nreview-by = \"soon\"\ncontrol = 3");
    project.check("app", "").expect(
        1,
        &[
            "Cargo.toml:9:8: error[unknown_owners]: unknown key `ower`",
            "Cargo.toml:10:13: warning[overdue_reviews]: `soon` is no date",
            "Cargo.toml:11:11: error[unenforced_controls]: `control` takes a string",
        ],
    );
}

#[test]
fn a_control_in_force_is_enforced_by_something_that_holds() {
    let project = service();
    let rules = "[lints]\nweak_hashes = \"warn\"\nmemory = \"allow\"\n";
    let control = |keys: &str| format!("[[controls]]\nid = \"C\"\ntitle = \"T\"\n{keys}\n");
    for (keys, said) in [
        ("enforced-by = [\"weak_hashes\"]", Some("`weak_hashes` is at `warn`, which fails no check")),
        ("enforced-by = [\"memory\"]", Some("of the group `memory` is allowed")),
        (
            "enforced-by = [\"clippy::unwrap_used\"]",
            Some("`clippy`, which would tell of `clippy::unwrap_used`, does not run in CI"),
        ),
        ("", Some("it names neither a rule that enforces it nor a review")),
        ("review-by = 2026-11-22", Some("its review was due on 2026-11-22")),
        ("review-by = \"2026-11-23\"", None),
        ("cadence = \"90d\"", None),
        ("enforced-by = [\"reused_nonces\"]", None),
        ("enforced-by = [\"crypto\"]", None),
        ("enforced-by = [\"cargo_deny::bans\", \"rustc::unsafe_code\"]", None),
        ("status = \"planned\"\nenforced-by = [\"weak_hashes\"]", None),
    ] {
        project.put("app/durable.toml", format!("{rules}{}", control(keys)).as_bytes());
        project.put(
            "app/.github/workflows/ci.yml",
            b"on: push\njobs:\n  a:\n    steps:\n      - run: ./ci.sh\n",
        );
        project.put("app/ci.sh", b"# cargo clippy\ncargo deny check\ncargo test\n");
        let checked = project.check("app", "");
        match said {
            Some(said) => {
                let message = format!("error[unenforced_controls]: control `C` is in force, but {said}");
                let message = message.replace("but of", "but `");
                checked.expect(1, &[if said.starts_with("of") { said } else { &message }]);
            }
            None => {
                checked.without("control `C`");
            }
        }
    }
    project.put("app/durable.toml", control("review-by = \"soon\"").as_bytes());
    project.check("app", "").expect(2, &["durable.toml:4:13: `soon` is no date; write it as `2027-01-31`"]);
}

#[test]
fn controls_stand_in_json_and_sarif_with_what_enforces_them() {
    let project = service();
    let policy = "[owners.identity]\n[[controls]]\nid = \"C1\"\ntitle = \"no reused nonces\"\nowner = \"identity\"\n\
         enforced-by = [\"reused_nonces\", \"clippy::x\"]\nclosure = \"none is left\"\n";
    project.put("app/durable.toml", policy.as_bytes());
    let parse = |format: &str| -> serde_json::Value {
        let checked = project.durable("app", &format!("check --message-format {format}"));
        serde_json::from_str(&checked.out).unwrap()
    };
    let control = serde_json::json!({
        "id": "C1",
        "title": "no reused nonces",
        "owner": "identity",
        "status": "in-force",
        "closure": "none is left",
        "cadence": null,
        "review_by": null,
        "automatic": true,
        "enforced_by": [
            { "kind": "lint", "rule": "reused_nonces", "holds": true, "why_not": null },
            { "kind": "tool", "rule": "clippy::x", "holds": null, "why_not": null },
        ],
    });
    assert_eq!(parse("json")["controls"][0], control);
    let taxonomy = &parse("sarif")["runs"][0]["taxonomies"][1];
    assert_eq!(taxonomy["taxa"][0]["id"], "C1");
    assert_eq!(taxonomy["taxa"][0]["properties"], control);
}

#[test]
fn an_owner_is_not_taken_away_in_passing() {
    for (change, said) in [
        (
            ("#[durable(owner = \"identity\", review_by = \"2026-06-30\")]\n", ""),
            "nobody answers for `first` any more, which was `identity`'s",
        ),
        (
            ("#[durable(owner = \"identity\", review", "#[durable(owner = \"data\", review"),
            "`first`, until now `identity`'s, would be `data`'s",
        ),
        (
            ("    #[durable(owner = \"identity\", control = \"MEM-1\")]\n", ""),
            "the control of `inner::last` was `MEM-1`, and would be none",
        ),
        (
            ("    #[durable(owner = \"identity\", control = \"MEM-1\")]\n", ""),
            "`inner::last`, until now `identity`'s, would be `data`'s",
        ),
        (
            ("#[durable(owner = \"data\")]\nmod inner", "mod inner"),
            "nobody answers for `inner` any more, which was `data`'s",
        ),
    ] {
        let project = service();
        project.commit("app");
        project.check("app", "--against HEAD").without("weakened_policy");
        let text = project.read("app/src/lib.rs");
        let changed = text.replace(change.0, change.1);
        assert_ne!(text, changed);
        project.put("app/src/lib.rs", changed.as_bytes());
        project.check("app", "--against HEAD").expect(1, &["error[weakened_policy]", said]);
        project.check("app", "--against HEAD --approve-weakening identity").without("error[weakened_policy]");
    }
    let project = service();
    let policy = project.read("app/durable.toml");
    let handle = |name: &str| {
        policy.replace("[owners.legacy]", &format!("[owners.legacy]\ngithub = \"@acme/{name}\""))
    };
    project.put("app/durable.toml", handle("old").as_bytes());
    project.commit("app");
    project.put("app/durable.toml", handle("new").as_bytes());
    project
        .check("app", "--against HEAD")
        .expect(1, &["owner `legacy`, until now @acme/old, would be @acme/new"]);
    let project = service();
    project.commit("app");
    project.put("app/src/file.rs", b"/// A number.\npub fn number() -> u8 {\n    1\n}\n");
    project
        .check("app", "--against HEAD")
        .expect(1, &["nobody answers for src/file.rs any more, which was `identity`'s"]);
    // What is deleted, moved with its tag or renewed is nobody's loss.
    let project = service();
    project.commit("app");
    let text = project.read("app/src/lib.rs");
    let (head, rest) = text.split_once("/// The first byte.").unwrap();
    let (first, inner) = rest.split_once("#[durable(owner = \"data\")]").unwrap();
    let first = first.replace("2026-06-30", "2027-06-30");
    project.put(
        "app/src/lib.rs",
        format!("{head}#[durable(owner = \"data\")]{inner}\n/// The first byte.{first}").as_bytes(),
    );
    std::fs::remove_file(project.path("app/src/file.rs")).unwrap();
    project.check("app", "--against HEAD").without("weakened_policy");
}

#[test]
fn codeowners_says_what_packages_and_files_say_too() {
    let project = Project::new(SERVICE);
    project.write(
        "//- app/durable.toml
[owners.identity]
github = \"@acme/identity\"
gitlab = \"@acme/identity\"
[owners.data]
contact = \"data@example.com\"
paths = [\"/src/db.rs\"]
[workspace]
//- app/inner/Cargo.toml
[package]
name = \"inner\"
version = \"0.1.0\"
edition = \"2024\"
//- app/inner/src/lib.rs
//! Inner.
",
    );
    let policy = project.read("app/durable.toml").replace("[workspace]\n", "");
    project.put("app/durable.toml", policy.as_bytes());
    let manifest = project.read("app/Cargo.toml");
    let manifest = format!(
        "{manifest}\n[package.metadata.durable]\nowner = \"data\"\n[workspace]\nmembers = [\"inner\"]\n"
    );
    project.put("app/Cargo.toml", manifest.as_bytes());
    project.durable("app", "owners --codeowners").expect(0, &[".github/CODEOWNERS: wrote 4 rules"]);
    let written = project.read("app/.github/CODEOWNERS");
    let rules: Vec<&str> = written.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        rules,
        ["* data@example.com", "/inner/", "/src/db.rs data@example.com", "/src/file.rs @acme/identity"]
    );
    project.durable("app", "owners --codeowners --verify").expect(0, &[]);
    project.put("app/src/file.rs", b"//! Nobody's.\n");
    project.durable("app", "owners --codeowners --verify").expect(1, &["-/src/file.rs @acme/identity"]);
    project.durable("app", "owners --codeowners gitlab").expect(2, &["/inner/Cargo.toml"]);
    project.durable("app", "owners --codeowners --by item").expect(2, &["cannot be used with"]);
}
