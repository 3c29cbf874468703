use std::fs;
use std::sync::Arc;

use durable_lints::finding::Span;
use durable_lints::fix::{Edit, Fix};
use durable_lints::lint::Level;

use super::draft::compatible;
use super::*;
use crate::git::tests::{checkout, git};
use crate::judge::tests::finding;
use crate::outcome::{Judged, Status};
use crate::policy::tests::lints::PINNED;

const TEXT: &str = "let a = true; // kept\nlet b = true;\n";

fn judged(file: &str, fix: Fix) -> Judged {
    let mut finding = finding(PINNED, file, "f", fix.edits[0].span.start);
    finding.fix = Some(fix);
    Judged { finding, level: Level::Deny, status: Status::New, owner: None, only_reported: false }
}

fn replace(at: usize, with: &str) -> Fix {
    Fix::safe("turn it off").replace(Span::new(at as u32, at as u32 + 4), with)
}

fn outcome(root: &Utf8Path, findings: Vec<Judged>) -> Outcome {
    let texts = findings.iter().map(|judged| (judged.finding.file.clone(), Arc::from(TEXT))).collect();
    Outcome { findings, sources: texts, root: root.to_owned(), ..Outcome::default() }
}

/// Looks again as a lint would: a finding is there as long as what it wants changed is.
fn again(outcome: &Outcome, changed: &Texts) -> Outcome {
    let mut outcome = outcome.clone();
    for (file, text) in changed {
        outcome.sources.insert(file.clone(), text.clone());
        for judged in outcome.findings.iter_mut().filter(|judged| judged.finding.file == *file) {
            let fix = judged.finding.fix.as_mut().unwrap();
            let line = if fix.edits[0].span.start < 22 { "let a = true" } else { "let b = true" };
            match text.find(line) {
                Some(at) => fix.edits[0].span = Span::new(at as u32 + 8, at as u32 + 12),
                None => fix.edits.clear(),
            }
        }
        outcome
            .findings
            .retain(|judged| judged.finding.fix.as_ref().is_some_and(|fix| !fix.edits.is_empty()));
    }
    outcome
}

fn run(outcome: &Outcome, options: Options) -> Result<Fixed, FixError> {
    let judge =
        |changed: &Texts| Ok(Verdict { outcome: again(outcome, changed), tightened: Lock::default() });
    fix(&outcome.root, &judge, &Lock::default(), options)
}

#[test]
fn fixes_are_applied_and_all_else_stays() {
    let (_keep, root) = checkout(&[("src/a.rs", TEXT)]);
    let review = Fix::needs_review("b").replace(Span::new(30, 34), "false");
    let outcome = outcome(&root, vec![judged("src/a.rs", replace(8, "false")), judged("src/a.rs", review)]);
    let shown = run(&outcome, Options { diff: true, ..Options::default() }).unwrap();
    assert_eq!(
        shown.diff,
        "--- a/src/a.rs\n+++ b/src/a.rs\n@@ -1,2 +1,2 @@\n-let a = true; // kept\n+let a = false; // kept\n let b = true;\n\n\
         These need a look, and `--unsafe-fixes` applies them:\n\
         --- a/src/a.rs\n+++ b/src/a.rs\n@@ -1,2 +1,2 @@\n let a = false; // kept\n-let b = true;\n+let b = false;\n"
    );
    assert_eq!(fs::read_to_string(root.join("src/a.rs")).unwrap(), TEXT);
    let fixed = run(&outcome, Options::default()).unwrap();
    assert_eq!(
        fixed.lines,
        [
            "applied 1 fix in src/a.rs",
            "1 more fix needs a look; apply it with `--unsafe-fixes`, or see it with `--diff`"
        ]
    );
    assert_eq!(fs::read_to_string(root.join("src/a.rs")).unwrap(), "let a = false; // kept\nlet b = true;\n");
    git(&root, &["checkout", "-q", "."]);
    assert_eq!(run(&outcome, Options { unsafe_fixes: true, ..Options::default() }).unwrap().applied, 2);
    assert_eq!(
        fs::read_to_string(root.join("src/a.rs")).unwrap(),
        "let a = false; // kept\nlet b = false;\n"
    );
}

#[test]
fn of_two_that_overlap_the_first_wins_and_shared_edits_count_once() {
    let import = || Edit { span: Span::new(0, 0), text: "use x;\n".into() };
    let with_import = |at| {
        let mut fix = replace(at, "false");
        fix.edits.insert(0, import());
        fix
    };
    let [one, clash, two] = [with_import(8), replace(9, "x"), with_import(30)].map(|fix| judged("a.rs", fix));
    let (edits, applied) = compatible(&[&one, &clash, &two]);
    assert_eq!(applied, [&one, &two]);
    assert_eq!(durable_lints::fix::apply(TEXT, &edits).0, "use x;\nlet a = false; // kept\nlet b = false;\n");
}

#[test]
fn a_tree_that_is_not_safe_to_change_is_refused() {
    let (_keep, root) = checkout(&[("src/a.rs", TEXT)]);
    let outcome = outcome(&root, vec![judged("src/a.rs", replace(8, "false"))]);
    fs::write(root.join("other"), "x").unwrap();
    let error = run(&outcome, Options::default()).unwrap_err().to_string();
    assert!(error.ends_with("pass `--allow-dirty`:\n  * other (dirty)"), "{error}");
    git(&root, &["add", "other"]);
    let error = run(&outcome, Options::default()).unwrap_err().to_string();
    assert!(error.ends_with("pass `--allow-staged`:\n  * other (staged)"), "{error}");
    assert_eq!(fs::read_to_string(root.join("src/a.rs")).unwrap(), TEXT);
    assert!(run(&outcome, Options { allow_staged: true, ..Options::default() }).is_ok());

    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    fs::write(root.join("a.rs"), TEXT).unwrap();
    let outcome = self::outcome(root, vec![judged("a.rs", replace(8, "false"))]);
    assert!(matches!(run(&outcome, Options::default()), Err(FixError::NoVersionControl)));
    assert_eq!(run(&outcome, Options { allow_no_vcs: true, ..Options::default() }).unwrap().applied, 1);
}

#[test]
fn a_file_that_is_another_one_by_now_is_left_alone() {
    let (_keep, root) = checkout(&[("src/a.rs", "let a = true; // edited meanwhile\n")]);
    let outcome = outcome(&root, vec![judged("src/a.rs", replace(8, "false"))]);
    let fixed = run(&outcome, Options::default()).unwrap();
    assert_eq!(fixed.lines, ["left src/a.rs alone: it changed while it was checked; run again"]);
    assert_eq!(fixed.applied, 0);
}

#[test]
fn a_byte_order_mark_stays() {
    let (_keep, root) = checkout(&[("a.rs", &format!("\u{feff}{TEXT}"))]);
    run(&outcome(&root, vec![judged("a.rs", replace(8, "false"))]), Options::default()).unwrap();
    assert!(fs::read_to_string(root.join("a.rs")).unwrap().starts_with("\u{feff}let a = false;"));
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay_and_nothing_outside_is_written() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let (_keep, root) = checkout(&[("real/a.rs", TEXT), (".gitignore", "linked.rs\nout.rs\n")]);
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x.rs"), TEXT).unwrap();
    symlink(root.join("real/a.rs"), root.join("linked.rs")).unwrap();
    symlink(outside.path().join("x.rs"), root.join("out.rs")).unwrap();
    fs::set_permissions(root.join("real/a.rs"), fs::Permissions::from_mode(0o755)).unwrap();
    git(&root, &["update-index", "--chmod=+x", "real/a.rs"]);
    let findings = vec![judged("linked.rs", replace(8, "false")), judged("out.rs", replace(8, "false"))];
    let fixed = run(&outcome(&root, findings), Options { allow_dirty: true, ..Options::default() }).unwrap();
    assert_eq!(fixed.applied, 1);
    assert!(fixed.lines.iter().any(|line| line.contains("which is outside")), "{:?}", fixed.lines);
    assert!(root.join("linked.rs").is_symlink());
    assert!(fs::read_to_string(root.join("real/a.rs")).unwrap().starts_with("let a = false"));
    assert_eq!(fs::metadata(root.join("real/a.rs")).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(fs::read_to_string(outside.path().join("x.rs")).unwrap(), TEXT);
}

#[test]
fn exemptions_that_are_not_needed_leave_the_lock() {
    let entry = "{ lint = \"pinned\", at = \"a.rs\", id = \"v1:1\", expires = 2027-01-31, reason = \"r\" }";
    let lock = Lock::parse(&format!("version = 1\nexemptions = [\n  {entry},\n]\n")).unwrap();
    let (_keep, root) = checkout(&[("a.rs", TEXT), ("durable.lock", &lock.text)]);
    let empty = Lock { exemptions: Vec::new(), ..lock.clone() };
    let judge = |_: &Texts| Ok(Verdict { outcome: outcome(&root, vec![]), tightened: empty.clone() });
    let fixed = fix(&root, &judge, &lock, Options::default()).unwrap();
    assert_eq!(fixed.lines, ["removed 1 exemption that covers nothing any more"]);
    assert_eq!(Lock::load(&root).unwrap().exemptions, []);
}

#[test]
fn a_fix_that_mends_nothing_is_applied_once() {
    let (_keep, root) = checkout(&[("a.rs", TEXT)]);
    let stubborn = Fix::safe("add a line").insert(0, "// mended\n");
    let first = outcome(&root, vec![judged("a.rs", stubborn)]);
    let judge = |changed: &Texts| {
        let mut outcome = first.clone();
        outcome.sources.extend(changed.clone());
        Ok(Verdict { outcome, tightened: Lock::default() })
    };
    let fixed = fix(&root, &judge, &Lock::default(), Options::default()).unwrap();
    assert_eq!(fixed.applied, 1);
    assert_eq!(fs::read_to_string(root.join("a.rs")).unwrap(), format!("// mended\n{TEXT}"));
    assert!(
        fixed.lines[1].starts_with("1 finding is still there after the fix: 1 of `pinned`"),
        "{:?}",
        fixed.lines
    );
}
