//! Keeps what is derived from the lint files current: the module lists, and the page of each lint.
//! It writes what has changed and then fails once, so that CI refuses what is stale and a second
//! local run is quiet. `cargo tidy` runs it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use durable_lints::lint::Lint;
use durable_lints::lints::ALL;

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
