//! What a newcomer gets wrong in the first hour is said as it is, with what mends it.

use crate::project::{PINNED, Project};

/// A package of its own with a pin in it.
fn named(name: &str) -> String {
    PINNED.replace("//- app/", &format!("//- {name}/")).replace("\"app\"", &format!("\"{name}\""))
}

#[test]
fn an_allow_says_what_is_wrong_with_it_and_not_that_something_is_missing() {
    for (written, line, said) in [
        (
            "owner = \"identity\", reason = \"r\", expires = \"2027-2-1\"",
            "error[invalid_exceptions]: `2027-2-1` is no date, so this `allow` does not count",
            "YYYY-MM-DD",
        ),
        (
            "ower = \"identity\", reason = \"r\", expires = \"2027-02-01\"",
            "error[invalid_exceptions]: unknown key `ower`, so this `allow` does not count",
            "did you mean `owner`?",
        ),
        (
            "owner = \"identity\", reason = \"r\", expires = \"2027-02-01\", category = \"x\"",
            "error[invalid_exceptions]: `x` is no category, so this `allow` does not count",
            "it is `waiver` or `mitigated`",
        ),
    ] {
        let project = Project::new(PINNED);
        let source = project.read("app/src/lib.rs");
        let attribute = format!("#[durable(allow(pinned_certificates), {written})]\npub fn");
        project.put("app/src/lib.rs", source.replace("pub fn", &attribute).as_bytes());
        project.put("app/durable.toml", b"[owners.identity]\n[lints]\npinned_certificates = \"deny\"\n");
        let ran = project.durable("app", "check");
        ran.expect(1, &[line, said, "error[pinned_certificates]"]).without("gives no");
        let comment = written.replace("expires = \"2027-02-01\"", "expires=2027-02-01");
        let manifest = project.read("app/Cargo.toml") + &format!("# durable: allow(weak_hashes) {comment}\n");
        project.put("app/Cargo.toml", manifest.as_bytes());
        let ran = project.durable("app", "check Cargo.toml");
        ran.expect(1, &[line, said]).without("gives no");
    }
}

#[test]
fn an_allow_may_be_a_mitigation() {
    let project = Project::new(PINNED);
    let source = project.read("app/src/lib.rs");
    let attribute = "#[durable(allow(pinned_certificates), owner = \"identity\", reason = \"r\", \
                     expires = \"2027-02-01\", category = \"mitigated\")]\npub fn";
    project.put("app/src/lib.rs", source.replace("pub fn", attribute).as_bytes());
    let ran = project.durable("app", "check --message-format json");
    ran.expect(0, &["\"category\": \"mitigated\""]);
}

#[test]
fn a_word_in_the_lock_that_is_no_category_is_refused() {
    let project = Project::new(PINNED);
    project.baseline("app");
    let lock = project.read("app/durable.lock").replace("\"waiver\"", "\"mitigatd\"");
    project.put("app/durable.lock", lock.as_bytes());
    project.check("app", "").expect(2, &["unknown value `mitigatd`; did you mean `mitigated`?"]);
}

#[test]
fn a_policy_by_url_is_not_fetched_and_is_named_whole() {
    let project = Project::new(PINNED);
    project.put("app/durable.toml", b"extends = [\"https://example.org/platform/durable.toml\"]\n");
    let said =
        "durable.toml:1:12: `https://example.org/platform/durable.toml` is a URL, and nothing is fetched";
    project.check("app", "").expect(2, &[said, "submodule"]);
}

#[test]
fn projects_with_policies_of_their_own_are_not_checked_in_one_call() {
    let project = Project::new(&(named("one") + &named("two")));
    for call in ["one two", "one/src two/src", "one", "two", "."] {
        let ran = project.check(".", call);
        match call {
            "one" | "two" => ran.expect(1, &["error[pinned_certificates]"]),
            _ => ran.expect(2, &["one/durable.toml, two/durable.toml", "cargo durable check", "of its own"]),
        };
    }
    // A policy at the root of a folder is the one that holds in it.
    project.put("durable.toml", b"[lints]\npinned_certificates = \"deny\"\n");
    project.check(".", ".").expect(1, &["2 denied"]);
    project.check(".", "one two").expect(2, &["one/durable.toml"]);
}

#[test]
fn a_policy_inside_a_project_is_not_passed_over_in_silence() {
    let project = Project::new(&(PINNED.to_owned() + &named("app/tools")));
    let note = "tools/durable.toml does not hold here";
    project.durable("app", "check").expect(1, &[note, "`cargo durable check tools`"]);
    project.durable("app", "check src").expect(1, &[]).without(note);
    // What is extended holds.
    project.put("app/durable.toml", b"extends = [\"tools/durable.toml\"]\n");
    project.durable("app", "check").expect(1, &[]).without(note);
}

#[test]
#[cfg(unix)]
fn a_link_in_a_circle_does_not_suggest_itself() {
    let project = Project::new(PINNED);
    std::os::unix::fs::symlink("loop", project.path("app/loop")).unwrap();
    let ran = project.check("app", "loop");
    ran.expect(2, &["`loop` cannot be followed: "]);
    assert!(!ran.err.contains("did you mean"), "{}", ran.err);
}

#[test]
fn a_pattern_that_means_no_file_is_told_where_all_is_checked() {
    let policy = "[owners.identity]\npaths = [\"/src/\", \"/crates/auth/\"]\n[lints]\n\
                  crypto = { level = \"deny\", exclude = [\"vendr/**\"] }\n\
                  pinned_certificates = { level = \"warn\", paths = [\"*.rs\"] }\n";
    let project = Project::new(PINNED);
    project.put("app/durable.toml", policy.as_bytes());
    let note = "no file is meant by patterns of durable.toml: `/crates/auth/` (line 1), `vendr/**` (line 4);";
    project.durable("app", "check").expect(0, &[note]);
    for part in ["src", "-p app"] {
        project.durable("app", &format!("check {part}")).expect(0, &[]).without("no file is meant");
    }
}

#[test]
fn what_cargo_would_refuse_is_told() {
    let project = Project::new(PINNED);
    project.write(
        "//- ws/Cargo.toml
[workspace]
members = [\"one\", \"gone\", \"crates/*\"]
//- ws/one/Cargo.toml
[package]
name = \"one\"
version = \"0.1.0\"
edition = \"2024\"
//- ws/one/src/lib.rs
//! Nothing.
",
    );
    let gone = "the workspace member `gone` is not there";
    project.durable("ws", "check").expect(2, &["Cargo.toml:2:19", gone, "git submodule update --init"]);
    project.durable("ws", "check one").expect(0, &[]).without(gone);

    let manifest = project.read("app/Cargo.toml").replace("2024", "2030");
    project.put("app/Cargo.toml", manifest.as_bytes());
    let edition = "Cargo.toml says edition 2030, which this release does not know";
    let refused = "failed (failed to parse manifest";
    project.durable("app", "check").expect(1, &[edition, refused, "2030"]);
    // Without a lock file nothing is resolved, and cargo is asked all the same; it writes none.
    std::fs::remove_file(project.path("app/Cargo.lock")).unwrap();
    project.durable("app", "check").expect(1, &[edition, refused]);
    project.put("app/Cargo.toml", manifest.replace("2030", "2024").as_bytes());
    project.durable("app", "check").expect(1, &[]).without("cargo metadata");
    assert!(!crate::project::exists(project.path("app/Cargo.lock")));
}
