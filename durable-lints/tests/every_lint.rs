//! The contract that each lint keeps. Its documentation is the test data.

use std::collections::BTreeSet;

use durable_lints::engine::Settings;
use durable_lints::finding::{Finding, Span};
use durable_lints::fix;
use durable_lints::fixture::{self, Example};
use durable_lints::lint::Lint;
use durable_lints::lints::ALL;
use durable_lints::models::{Banned, Models};
use durable_lints::outline::{ItemKind, Outline};

/// Lints that are made while a check is judged have no subject of their own, so no example can be
/// run through the engine; their tests stand with the judge.
fn is_judged(lint: &Lint) -> bool {
    lint.is_judged()
}

fn listing(example: &Example) -> String {
    example.files.iter().map(|(path, text)| format!("--- {path}\n{text}")).collect()
}

fn names(findings: &[Finding]) -> BTreeSet<&'static str> {
    findings.iter().map(|finding| finding.lint.0.name).collect()
}

#[test]
fn the_bad_example_fires_its_lint_and_no_other() {
    for lint in ALL.iter().filter(|lint| !is_judged(lint)) {
        let examples = fixture::examples(lint);
        assert!(examples.iter().any(|example| example.bad), "{} has no bad example", lint.name);
        for example in examples.iter().filter(|example| example.bad) {
            let report = fixture::check(&example.files);
            let unchecked = format!("{:?}", report.unchecked);
            assert_eq!(unchecked, "[]", "{}: an example cannot be checked\n{}", lint.name, listing(example));
            assert_eq!(
                names(&report.findings),
                BTreeSet::from([lint.name]),
                "{}:\n{}",
                lint.name,
                listing(example)
            );
        }
    }
}

#[test]
fn the_good_example_is_silent_under_all() {
    for lint in ALL.iter().filter(|lint| !is_judged(lint)) {
        let examples = fixture::examples(lint);
        assert!(examples.iter().any(|example| !example.bad), "{} has no good example", lint.name);
        for example in examples.iter().filter(|example| !example.bad) {
            let report = fixture::check(&example.files);
            let unchecked = format!("{:?}", report.unchecked);
            assert_eq!(unchecked, "[]", "{}: an example cannot be checked\n{}", lint.name, listing(example));
            let found: Vec<String> = report
                .findings
                .iter()
                .map(|finding| format!("{}: {}", finding.lint.name, finding.message))
                .collect();
            assert_eq!(found, [""; 0], "{}:\n{}", lint.name, listing(example));
        }
    }
}

#[test]
fn a_fix_silences_its_finding_and_still_parses() {
    for lint in ALL.iter().filter(|lint| !is_judged(lint)) {
        for example in fixture::examples(lint).iter().filter(|example| example.bad) {
            let mut files = example.files.clone();
            let report = fixture::check(&files);
            let fixable: Vec<&Finding> =
                report.findings.iter().filter(|finding| finding.fix.is_some()).collect();
            for (path, text) in &mut files {
                let edits: Vec<fix::Edit> = fixable
                    .iter()
                    .filter(|finding| *finding.file == **path)
                    .flat_map(|finding| finding.fix.iter().flat_map(|fix| fix.edits.clone()))
                    .collect();
                *text = fix::apply(text, &edits).0;
                if path.ends_with(".rs") {
                    syn::parse_file(text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", lint.name));
                }
                if path.ends_with(".toml") {
                    text.parse::<toml_edit::DocumentMut>()
                        .unwrap_or_else(|error| panic!("{}: {error}\n{text}", lint.name));
                }
            }
            let left = fixture::check(&files);
            for finding in fixable {
                assert!(
                    !left
                        .findings
                        .iter()
                        .any(|other| other.id == finding.id && other.message == finding.message),
                    "{}: its fix leaves it\n{}",
                    lint.name,
                    listing(&Example { bad: true, files: files.clone() })
                );
            }
        }
    }
}

#[test]
fn the_documentation_is_complete() {
    let banned = Banned { path: "krate::name".into(), message: None, help: None };
    let models = Models { banned: vec![banned], ..Models::default() };
    let mut seen = BTreeSet::new();
    for lint in ALL {
        let name = lint.name;
        assert!(seen.insert(name), "two lints are called {name}");
        let summary = lint.summary();
        assert!(
            summary.len() > 20 && summary.len() < 160,
            "{name}: the first line is its summary: {summary:?}"
        );
        assert!(
            lint.docs.trim_start().lines().next().is_some_and(|line| line.trim_end().ends_with('.')),
            "{name}"
        );
        assert!(!lint.cwe.is_empty() && lint.cwe.iter().all(|cwe| (1..1500).contains(cwe)), "{name}: CWE");
        assert!(lint.docs.contains("## What to do"), "{name}: says what to do instead");
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit()), "{name}");
        let modelled = (lint.modelled)(&models);
        let triggers = lint.triggers.len() + modelled.built_in.len() + modelled.own.len();
        assert_eq!(lint.looks_at_code(), triggers > 0, "{name}: triggers say when it runs");
    }
    assert!(ALL.is_sorted_by_key(|lint| (lint.group, lint.name)));
}

/// Where each lint finds what in the bad examples of its documentation; `UPDATE_EXPECT=1` writes it.
#[test]
fn the_bad_examples_show_what_they_are_about() {
    let mut seen = String::new();
    for lint in ALL.iter().filter(|lint| !is_judged(lint)) {
        for example in fixture::examples(lint).iter().filter(|example| example.bad) {
            let found = fixture::annotated_files(lint, &example.files, true);
            assert!(found.contains("//~") || found.contains("#~"), "{}", lint.name);
            seen += &format!("=== {}\n{found}", lint.name);
        }
    }
    expect_test::expect_file!["seen/examples.txt"].assert_eq(&seen);
}

#[test]
fn the_fast_path_finds_what_the_slow_path_finds() {
    let exhaustive = Settings { exhaustive: true, ..Settings::all(fixture::now()) };
    for lint in ALL.iter().filter(|lint| !is_judged(lint)) {
        for example in fixture::examples(lint) {
            let fast = fixture::check(&example.files);
            let slow = fixture::check_with(&example.files, &exhaustive);
            assert_eq!(fast.findings, slow.findings, "{}:\n{}", lint.name, listing(&example));
        }
    }
}

#[test]
fn what_an_attribute_gives_a_body_is_no_gap() {
    let text = "#[eii(f)]\npub(crate) fn f(seed: u8) -> u8;\nstruct S;\nimpl S {\n    #[cast]\n    fn g(&self) -> &Self;\n}\n";
    let settings = Settings { exhaustive: true, ..Settings::all(fixture::now()) };
    let report = fixture::check_with(&fixture::split("src/lib.rs", text), &settings);
    assert_eq!(format!("{:?}", report.unchecked), "[]");
}

#[test]
fn a_second_use_in_one_function_is_a_second_finding() {
    for lint in ALL.iter().filter(|lint| lint.looks_at_code()) {
        for example in fixture::examples(lint).iter().filter(|example| example.bad) {
            let once = fixture::check(&example.files).findings;
            let Some((twice, body)) = once.iter().find_map(|finding| twice(example, finding)) else {
                continue;
            };
            let within = once.iter().filter(|finding| body.contains(finding.span)).count();
            let found = fixture::check(&twice.files).findings;
            let ids: BTreeSet<&String> = found.iter().map(|finding| &finding.id).collect();
            assert_eq!(found.len(), once.len() + within, "{}:\n{}", lint.name, listing(&twice));
            assert_eq!(ids.len(), found.len(), "{}: two findings, one identity", lint.name);
        }
    }
}

/// An example whose function around a finding does everything twice, and where its body stood.
fn twice(example: &Example, finding: &Finding) -> Option<(Example, Span)> {
    let mut files = example.files.clone();
    let (_, text) = files.iter_mut().find(|(path, _)| *path == *finding.file && path.ends_with(".rs"))?;
    let outline = Outline::new(text, &[]);
    let item = &outline.items[outline.item_at(finding.span.start)? as usize];
    let body = item.body.filter(|body| item.kind == ItemKind::Fn && body.contains(finding.span))?;
    let block = text.get(body.range())?;
    let written = format!("{{ {block} {}", block.strip_prefix('{')?);
    text.replace_range(body.range(), &written);
    Some((Example { bad: true, files }, body))
}
