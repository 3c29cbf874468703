//! Keeps what is derived from the lint files current: the module lists, the names in the
//! attribute's grammar, the page of each lint, and what the fuzzer starts from.
//! It writes what has changed and then fails once, so that CI refuses what is stale and a second
//! local run is quiet. `cargo tidy` runs it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use durable_lints::fixture;
use durable_lints::lint::Lint;
use durable_lints::lints::ALL;
use durable_lints::models::Models;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The names in a folder, sorted: folders, or Rust files but `mod.rs`, without their ending.
fn names(folder: &Path, folders: bool) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.is_dir() == folders && path.file_name().is_some_and(|name| name != "mod.rs"))
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}

/// Writes a file where its text differs; says whether it did.
fn update(path: &Path, text: &str) -> bool {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return false;
    }
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a writable folder");
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    true
}

fn group_list(group: &str, lints: &[String]) -> String {
    let mut text = format!(
        "//! The lints of the group `{group}`. Written by `cargo tidy`.\n\n\
         // A lint is documented by its static.\n#![allow(missing_docs)]\n\n"
    );
    for lint in lints {
        writeln!(text, "pub mod {lint};").expect("a string");
    }
    text
}

fn list(groups: &[(String, Vec<String>)]) -> String {
    let mut text = String::from(
        "//! Every lint, one file each. Written by `cargo tidy` from the files that are there.\n\n",
    );
    for (group, _) in groups {
        writeln!(text, "pub mod {group};").expect("a string");
    }
    text += "\nuse crate::lint::Lint;\n\n/// Every lint, sorted by group and name.\n#[rustfmt::skip]\npub static ALL: &[&Lint] = &[\n";
    for (group, lints) in groups {
        for lint in lints {
            writeln!(text, "    &{group}::{lint}::LINT,").expect("a string");
        }
    }
    text += "];\n\n/// The lint of this name.\npub fn find(name: &str) -> Option<&'static Lint> {\n    ALL.iter().find(|lint| lint.name == name).copied()\n}\n";
    text
}

/// What the attribute lets stand in `allow(…)`.
fn allowed_names() -> String {
    let names: BTreeSet<&str> = ALL.iter().flat_map(|lint| [lint.name, lint.group]).collect();
    let mut text = String::from(
        "//! What `allow(…)` may name. Written by `cargo tidy`.\n\n/// Every lint and group, sorted.\n#[rustfmt::skip]\npub static NAMES: &[&str] = &[\n",
    );
    for name in names {
        writeln!(text, "    \"{name}\",").expect("a string");
    }
    text + "];\n"
}

fn page(lint: &Lint) -> String {
    let mut text = format!("# `{}`\n\n", lint.name);
    for line in lint.docs.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        writeln!(text, "{line}").expect("a string");
    }
    let cwe: Vec<String> = lint
        .cwe
        .iter()
        .map(|number| format!("[CWE-{number}](https://cwe.mitre.org/data/definitions/{number}.html)"))
        .collect();
    writeln!(
        text,
        "\n---\n\nGroup `{}`, level `{}`, severity {}, {}; since {}.",
        lint.group,
        lint.level,
        lint.severity.name(),
        cwe.join(", "),
        lint.since
    )
    .expect("a string");
    text
}

#[test]
fn lists_and_pages_are_current() {
    let folder = root().join("src/lints");
    let groups: Vec<(String, Vec<String>)> = names(&folder, true)
        .into_iter()
        .map(|group| {
            let lints = names(&folder.join(&group), false);
            (group, lints)
        })
        .collect();
    let mut changed = update(&folder.join("mod.rs"), &list(&groups));
    for (group, lints) in &groups {
        changed |= update(&folder.join(group).join("mod.rs"), &group_list(group, lints));
    }
    changed |= update(&root().join("../durable-macros/grammar/src/names.rs"), &allowed_names());
    let docs = root().join("docs");
    for lint in ALL {
        changed |= update(&docs.join(format!("{}.md", lint.name)), &page(lint));
    }
    if docs.exists() {
        for entry in fs::read_dir(&docs).expect("a readable folder") {
            let path = entry.expect("a readable folder").path();
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            if !ALL.iter().any(|lint| lint.name == stem) {
                fs::remove_file(&path).expect("a removable page");
                changed = true;
            }
        }
    }
    assert!(!changed, "lists or pages were not current and have been written: look at them and run again");
}

/// The fuzzer's seeds: each example of each lint, by the name of its file.
fn seeds() -> BTreeMap<String, String> {
    let mut seeds = BTreeMap::new();
    for lint in ALL {
        for (number, example) in fixture::examples(lint).iter().enumerate() {
            let kind = if example.bad { "bad" } else { "good" };
            let name = format!("{}-{number}-{kind}.txt", lint.name);
            seeds.insert(name, fixture::joined(&example.files));
        }
    }
    seeds
}

/// What lints look for, in the form of libFuzzer's dictionaries.
fn dictionary() -> String {
    let models = Models::default();
    let words: BTreeSet<&str> = ALL
        .iter()
        .flat_map(|lint| lint.triggers.iter().copied().chain((lint.modelled)(&models).built_in))
        .map(|word| word.trim_matches('*'))
        .filter(|word| !word.is_empty())
        .collect();
    let mut text = String::from("# The triggers of all lints. Written by `cargo tidy`.\n");
    for word in words {
        text.push('"');
        for byte in word.bytes() {
            match byte {
                b'"' | b'\\' => write!(text, "\\{}", byte as char).expect("a string"),
                b' '..=b'~' => text.push(byte as char),
                _ => write!(text, "\\x{byte:02X}").expect("a string"),
            }
        }
        text += "\"\n";
    }
    text
}

#[test]
fn the_fuzzer_starts_from_all_that_lints_look_for() {
    let fuzz = root().join("../fuzz");
    let corpus = fuzz.join("corpus/engine");
    let seeds = seeds();
    let mut changed = update(&fuzz.join("engine.dict"), &dictionary());
    for (name, text) in &seeds {
        changed |= update(&corpus.join(name), text);
    }
    for entry in fs::read_dir(&corpus).expect("a readable folder") {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.ends_with(".txt") && !seeds.contains_key(&name) {
            fs::remove_file(&path).expect("a removable seed");
            changed = true;
        }
    }
    let reached: BTreeSet<&str> = seeds
        .values()
        .flat_map(|text| fixture::check(&fixture::split("src/lib.rs", text)).findings)
        .map(|finding| finding.lint.0.name)
        .collect();
    for lint in ALL.iter().filter(|lint| !lint.is_judged()) {
        assert!(reached.contains(lint.name), "no seed of the fuzzer reaches {}", lint.name);
    }
    assert!(!changed, "seeds or the dictionary were not current and have been written: run again");
}
