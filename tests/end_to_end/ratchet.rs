//! What is let through stays let through wherever it goes; what is new is refused.

use crate::project::{PINNED, Project};

/// A baselined project whose `src/lib.rs` is then another one.
#[track_caller]
fn after(files: &str, code: i32, said: &[&str]) {
    let project = Project::new(PINNED);
    project.baseline("app");
    project.write(files);
    project.check("app", "").expect(code, said);
}

const PIN_FN: &str = "pub fn pin() -> &'static str {\n    \"PIN\"\n}\n";

#[test]
fn an_exemption_follows_its_finding() {
    let lib = |text: &str| format!("//- app/src/lib.rs\n{text}");
    after(&lib(&format!("\n\n// new lines\nfn f() {{}}\n\n{PIN_FN}")), 0, &["1 exempt"]);
    after(&lib("pub fn pin() -> &'static str { /* here */ \"PIN\" }"), 0, &["1 exempt"]);
    after(&format!("{}//- app/src/tls.rs\n{PIN_FN}", lib("pub mod tls;\n")), 0, &["1 exempt"]);
    after(&lib("pub fn pin() -> String {\n    \"PIN\".to_owned()\n}"), 0, &["1 exempt"]);
}

#[test]
fn a_renamed_file_keeps_its_exemption() {
    let project = Project::new(PINNED);
    project.write(&format!("//- app/src/lib.rs\nmod a;\n//- app/src/a.rs\n{PIN_FN}"));
    project.baseline("app");
    std::fs::rename(project.path("app/src/a.rs"), project.path("app/src/b.rs")).unwrap();
    project.write("//- app/src/lib.rs\nmod b;\n");
    project.check("app", "").expect(0, &["1 exempt"]);
}

#[test]
fn a_swap_is_one_gone_and_one_new() {
    let other = "//- app/src/lib.rs\npub fn other() { connect(\"PIN\", 1) }\n";
    after(other, 1, &["error[pinned_certificates]", "covers nothing any more"]);
}

#[test]
fn two_candidates_for_one_exemption_are_both_new() {
    let two = "//- app/src/lib.rs\npub fn a() -> &'static str { \"PIN\" }\npub fn b() -> &'static str { \"PIN\" }\n";
    after(two, 1, &["src/lib.rs:1:", "src/lib.rs:2:", "covers nothing any more"]);
}

#[test]
fn only_what_is_new_is_shown() {
    let project = Project::new(PINNED);
    project.baseline("app");
    project.write(&format!("//- app/src/lib.rs\n{PIN_FN}\npub fn more() {{ connect(\"PIN\", 1) }}\n"));
    project.check("app", "").expect(1, &["src/lib.rs:5:", "1 exempt"]).without("src/lib.rs:2:");
}

#[test]
fn an_expired_exemption_is_not_honoured() {
    let project = Project::new(PINNED);
    project.baseline("app");
    project.check("app", "--now 2027-01-22").expect(0, &["1 exempt"]);
    project.check("app", "--now 2027-01-23").expect(1, &["error[pinned_certificates]"]);
}
