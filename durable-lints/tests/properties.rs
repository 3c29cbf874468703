//! What holds for every text. The texts are the examples of the lints, cut, repeated and mixed at
//! random, because those reach deeper than random characters do.
//! `PROPTEST_CASES=20000` looks longer.

use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::ops::Range;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use durable_lints::engine::{self, Memory, NoProgress, PackageResult, Settings};
use durable_lints::fixture::{self, Files};
use durable_lints::lints::ALL;
use durable_lints::load::{self, LoadOptions, MemoryFiles};
use durable_lints::outline::lexer::Lexer;
use durable_lints::outline::{Item, ItemKind, Outline};
use durable_lints::report::Report;
use proptest::prelude::*;
use proptest::sample::Index;

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

/// Choices made from a seed, so that a case can be told by one number.
fn chooser(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        // SplitMix64.
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % below.max(1) as u64) as usize
    }
}

/// An example with parts of others in it.
fn spliced(seed: u64) -> Files {
    let examples = examples();
    let mut choose = chooser(seed);
    let mut files = examples[choose(examples.len())].clone();
    for _ in 0..choose(5) {
        fixture::splice(&mut files, &examples[choose(examples.len())], &mut choose);
    }
    files
}

/// Rust files of several examples that each can be parsed, spliced where the seed says so; modules of
/// one crate, as (name, text).
fn modules(seed: u64) -> Files {
    let mut choose = chooser(seed);
    let mut modules = Vec::new();
    while modules.len() < 4 {
        let number = modules.len();
        let found = spliced(choose(usize::MAX) as u64).into_iter().find(|(path, text)| {
            path == "src/lib.rs" && syn::parse_file(text).is_ok() && !text.contains("mod ")
        });
        modules.extend(found.map(|(_, text)| (format!("m{number}"), text)));
    }
    modules
}

/// A crate of modules, each in the file that it is said to be in.
fn krate(modules: &[(String, String)], file: impl Fn(&str) -> (String, String)) -> Files {
    let mut root = String::new();
    let mut files = Vec::new();
    for (name, text) in modules {
        let (path, attribute) = file(name);
        root += &format!("{attribute}pub mod {name};\n");
        files.push((path, text.clone()));
    }
    files.push(("src/lib.rs".to_owned(), root));
    // What belongs to no package is known by its file, and crates that are not depended on are not looked for.
    let crates: BTreeSet<&str> = ALL.iter().flat_map(|lint| lint.crates).copied().collect();
    let crates: String = crates.iter().map(|name| format!("{name} = \"1\"\n")).collect();
    let package = "[package]\nname = \"spliced\"\nversion = \"1.0.0\"\nedition = \"2024\"\n";
    files.push(("Cargo.toml".to_owned(), format!("{package}[dependencies]\n{crates}")));
    files
}

fn ids(report: &Report) -> Vec<String> {
    let mut ids: Vec<String> =
        report.findings.iter().map(|found| format!("{} {}", found.id, found.lint.name)).collect();
    ids.sort();
    ids
}

/// What rustfmt makes of a text; nothing where it is not installed or refuses.
fn formatted(text: &str) -> Option<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path", "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    rustfmt.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = rustfmt.wait_with_output().ok()?;
    let formatted = String::from_utf8(output.stdout).ok()?;
    (output.status.success()).then_some(formatted)
}

/// A text with each token on a line of its own, as no formatter writes it.
fn torn(text: &str) -> String {
    let mut out = String::new();
    let mut before = 0;
    for token in Lexer::new(text) {
        let between = &text[before as usize..token.start as usize];
        out += between;
        // Where there is room between two tokens there may be more of it, but a macro may tell joint
        // punctuation from separate.
        if !between.is_empty() {
            out += "\n\t ";
        }
        out += token.text(text);
        before = token.end;
    }
    out + &text[before as usize..]
}

/// A text with its top-level items in another order, where that order means nothing: of macros only what
/// comes later knows them, and what has two meanings is no Rust. Imports keep their order among each
/// other, as two examples may import one name.
fn reordered(text: &str, seed: u64) -> Option<String> {
    let outline = Outline::new(text, &[]);
    let items: Vec<&Item> = outline.children(None).map(|(_, item)| item).collect();
    // What stands between two items, a comment, goes along with the second.
    let ends: Vec<usize> = items.iter().map(|item| item.span.range().end).collect();
    let written = |item: &Item| {
        let Range { start, end } = item.span.range();
        let before = ends.iter().copied().filter(|end| *end <= start).max();
        &text[before.unwrap_or(start)..end]
    };
    let (imports, others): (Vec<_>, Vec<_>) =
        items.iter().copied().partition(|item| item.kind == ItemKind::Use);
    let imported: String = imports.iter().map(|item| written(item)).collect();
    let mut names = BTreeSet::new();
    for item in &others {
        let name = &text[item.name.range()];
        let is_macro = matches!(item.kind, ItemKind::MacroRules | ItemKind::MacroCall);
        let is_known = !name.is_empty() && (imported.contains(name) || !names.insert(name));
        if is_macro || is_known {
            return None;
        }
    }
    let first = imports.iter().chain(&others).map(|item| item.span.start).min()?;
    let mut choose = chooser(seed);
    let (mut imports, mut others) = (imports.into_iter().peekable(), others);
    let mut out = text[..first as usize].to_owned();
    while imports.peek().is_some() || !others.is_empty() {
        let import = if others.is_empty() || choose(2) == 0 { imports.next() } else { None };
        let next = match import {
            Some(import) => import,
            None if others.is_empty() => continue,
            None => others.remove(choose(others.len())),
        };
        out += written(next);
        out += "\n";
    }
    Some(out)
}

/// Remembers every package.
#[derive(Default)]
struct Remembered(Mutex<HashMap<[u8; 32], Arc<PackageResult>>>);

impl Memory for Remembered {
    fn content(&self, _: &str) -> Option<[u8; 32]> {
        None
    }
    fn keep_content(&self, _: &Arc<str>, _: [u8; 32]) {}
    fn result(&self, key: &[u8; 32]) -> Option<Arc<PackageResult>> {
        self.0.lock().unwrap().get(key).cloned()
    }
    fn keep_result(&self, key: [u8; 32], result: &Arc<PackageResult>) {
        self.0.lock().unwrap().insert(key, result.clone());
    }
}

fn check_remembering(files: &[(String, String)], memory: &Remembered) -> Report {
    let files = MemoryFiles::new(files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())));
    let workspace = load::load_memory(&files, &LoadOptions::at(fixture::now())).unwrap_or_default();
    engine::check(&workspace, &files, &Settings::all(fixture::now()), memory, &NoProgress)
}

proptest! {
    // Few files offer a fix: with fewer cases a fix that drops a bracket passes.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..few(200) })]

    #[test]
    fn spliced_texts_are_survived_and_no_fix_breaks_one(seed: u64) {
        let files = spliced(seed);
        if let Err(wrong) = fixture::check_soundly(&files) {
            prop_assert!(false, "{}\n{}", wrong, fixture::joined(&files));
        }
    }
}

proptest! {
    // Each case checks several files several times.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..few(10) })]

    #[test]
    fn rustfmt_changes_no_identity(seed: u64) {
        let modules = modules(seed);
        let formatted: Files = modules
            .iter()
            .map(|(name, text)| (name.clone(), formatted(text).unwrap_or_else(|| torn(text))))
            .collect();
        assert_same(&krate(&modules, in_file), &krate(&formatted, in_file))?;
    }

    #[test]
    fn layout_changes_no_identity(seed: u64) {
        let modules = modules(seed);
        let torn: Files = modules.iter().map(|(name, text)| (name.clone(), torn(text))).collect();
        assert_same(&krate(&modules, in_file), &krate(&torn, in_file))?;
    }

    #[test]
    fn the_order_of_items_changes_no_identity(seed: u64) {
        let modules = modules(seed);
        let reordered: Files = modules
            .iter()
            .map(|(name, text)| (name.clone(), reordered(text, seed).unwrap_or_else(|| text.clone())))
            .collect();
        assert_same(&krate(&modules, in_file), &krate(&reordered, in_file))?;
    }

    #[test]
    fn the_name_of_a_file_changes_no_identity(seed: u64) {
        let modules = modules(seed);
        let folder = |name: &str| (format!("src/{name}/mod.rs"), String::new());
        let elsewhere = |name: &str| (format!("src/x/{name}.y.rs"), format!("#[path = \"x/{name}.y.rs\"] "));
        let here = krate(&modules, in_file);
        assert_same(&here, &krate(&modules, folder))?;
        assert_same(&here, &krate(&modules, elsewhere))?;
    }

    #[test]
    fn neither_the_order_of_files_nor_memory_changes_what_is_found(seed: u64) {
        let mut files = krate(&modules(seed), in_file);
        let memory = Remembered::default();
        let first = check_remembering(&files, &memory);
        prop_assert!(!memory.0.lock().unwrap().is_empty(), "nothing is remembered");
        let mut choose = chooser(seed);
        for last in (1..files.len()).rev() {
            files.swap(last, choose(last + 1));
        }
        prop_assert_eq!(&first.findings, &check_remembering(&files, &memory).findings);
        prop_assert_eq!(&first.findings, &check_remembering(&files, &Remembered::default()).findings);
    }
}

/// So many cases, where the environment does not say how many.
fn few(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let told = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig { cases: if told { default.cases } else { cases }, ..default }
}

fn in_file(name: &str) -> (String, String) {
    (format!("src/{name}.rs"), String::new())
}

fn assert_same(left: &Files, right: &Files) -> Result<(), TestCaseError> {
    let (was, is) = (ids(&fixture::check(left)), ids(&fixture::check(right)));
    prop_assert_eq!(was, is, "\n{}\n=====\n{}", fixture::joined(left), fixture::joined(right));
    Ok(())
}
