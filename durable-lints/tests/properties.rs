//! What holds for every text. The texts are the examples of the lints, cut, repeated and mixed at
//! random, because those reach deeper than random characters do.
//! `PROPTEST_CASES=20000` looks longer.

use durable_lints::engine::Settings;
use durable_lints::fixture;
use durable_lints::lints::ALL;
use proptest::prelude::*;
use proptest::sample::Index;

type Files = Vec<(String, String)>;

/// What breaks readers: openings without an end, deep nesting, odd characters.
const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "\"",
    "'",
    "r#\"",
    "/*",
    "*/",
    "//",
    "\r\n",
    "\0",
    "\u{feff}",
    "é",
    "🦀",
    "#[",
    "]",
    "#![allow(x)]",
    "macro_rules! m { ($x:expr) => { $x }; }",
    "unsafe {",
    "fn f(",
    "#[cfg(test)]",
    "[[[[",
    "<<<<<<< HEAD\n",
    "'a",
    "b'\\xff'",
    "-----BEGIN PRIVATE KEY-----\n",
    "= \"*\"",
    "${{ github.head_ref }}",
    "- run: |\n",
];

fn examples() -> Vec<Files> {
    ALL.iter().flat_map(|lint| fixture::examples(lint)).map(|example| example.files).collect()
}

/// The nearest place at or before `at` where a text may be cut.
fn cut(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// An edit: a range of the text gives way to a piece, or to another part of the text.
#[derive(Clone, Debug)]
struct Edit {
    from: Index,
    len: usize,
    piece: Option<Index>,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = (any::<Index>(), 0usize..40, proptest::option::of(any::<Index>()));
    let edit = edit.prop_map(|(from, len, piece)| Edit { from, len, piece });
    proptest::collection::vec(edit, 0..4)
}

fn edited(mut text: String, edits: &[Edit]) -> String {
    for edit in edits {
        let from = cut(&text, edit.from.index(text.len() + 1));
        let to = cut(&text, from + edit.len).max(from);
        let piece = match edit.piece {
            Some(piece) => PIECES[piece.index(PIECES.len())].to_owned(),
            None => text[from..to].repeat(2),
        };
        text.replace_range(from..to, &piece);
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived_and_findings_lie_inside_it(example: Index, file: Index, edits in edits()) {
        let mut files = example.get(&examples()).clone();
        let file = file.index(files.len());
        files[file].1 = edited(files[file].1.clone(), &edits);
        for finding in &fixture::check(&files).findings {
            let text = files.iter().find(|(path, _)| **path == *finding.file).map(|(_, text)| text.as_str());
            let inside = text.unwrap_or("").get(finding.span.range()).is_some();
            prop_assert!(inside, "{} at {:?} of {}", finding.lint.name, finding.span, finding.file);
        }
    }

    #[test]
    fn looking_everywhere_finds_nothing_more(example: Index, file: Index, edits in edits()) {
        let mut files = example.get(&examples()).clone();
        let file = file.index(files.len());
        files[file].1 = edited(files[file].1.clone(), &edits);
        let everywhere = Settings { exhaustive: true, ..Settings::all(fixture::now()) };
        let said = |settings: &Settings| {
            let report = fixture::check_with(&files, settings);
            report.findings.iter().map(|found| format!("{} {}", found.id, found.message)).collect::<Vec<_>>()
        };
        prop_assert_eq!(said(&Settings::all(fixture::now())), said(&everywhere));
    }

    #[test]
    fn what_stands_above_does_not_change_an_identity(example: Index, lines in 1usize..9) {
        let files = example.get(&examples()).clone();
        let moved: Files = files.iter().map(|(path, text)| {
            let above = if path.ends_with(".rs") { "// above\n".repeat(lines) } else { String::new() };
            (path.clone(), above + text)
        }).collect();
        let ids = |files: &Files| {
            let mut ids: Vec<_> = fixture::check(files).findings.iter().map(|found| found.id.clone()).collect();
            ids.sort();
            ids
        };
        prop_assert_eq!(ids(&files), ids(&moved));
    }
}
