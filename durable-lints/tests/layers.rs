//! The rooms of the engine know only what lies below them. What still looks up is named here, and has
//! to be true: the list can only shrink.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, from the ground up. Those of one line may know each other.
const LAYERS: &[&[&str]] = &[
    &["vocabulary"],
    &["outline", "codeowners"],
    &["syntax"],
    &["subject"],
    &["models"],
    &["resolve"],
    &["flow"],
    &["code"],
    &["finding", "fix", "lint"],
    &["homes", "report"],
    &["load"],
    &["mentions", "derived", "digests", "prelude"],
    &["lints"],
    &["engine"],
    &["fixture"],
];

/// Who looks up to whom.
const LOOKS_UP: &[(&str, &str)] = &[
    // A lint that was kept is found again by its name.
    ("finding", "lints"),
    // The facade offers flow and types, which ask it for calls and expressions.
    ("flow", "code"),
    ("resolve", "code"),
    // The indexes keep the summaries of functions.
    ("resolve", "flow"),
    ("homes", "load"),
    ("subject", "finding"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|ending| ending == "rs") {
            found.push(entry);
        }
    }
}

/// The rooms that a text names: `crate::room::…` and `use crate::{room::…, …}`.
fn named(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String =
        code.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect();
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let group = rest.strip_prefix('{').map(|rest| rest.split("};").next().unwrap_or_default());
        let word = |text: &str| {
            text.trim()
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        match group {
            Some(group) => rooms.extend(group.split(',').map(word)),
            None => drop(rooms.insert(word(rest))),
        }
    }
    rooms
}

#[test]
fn no_room_knows_what_lies_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let layer: BTreeMap<&str, usize> =
        LAYERS.iter().enumerate().flat_map(|(at, rooms)| rooms.iter().map(move |room| (*room, at))).collect();
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut up: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for file in files {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let room = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if room == "lib" || path.ends_with("tests.rs") || path.ends_with("testing.rs") {
            continue;
        }
        let own = *layer.get(room.as_str()).unwrap_or_else(|| panic!("{path}: `{room}` has no layer"));
        for other in named(&fs::read_to_string(&file).unwrap()) {
            if layer.get(other.as_str()).is_some_and(|at| *at > own) {
                up.entry((room.clone(), other)).or_default().push(path.clone());
            }
        }
    }
    let known: BTreeSet<(String, String)> =
        LOOKS_UP.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    let new: Vec<_> = up.iter().filter(|(arrow, _)| !known.contains(arrow)).collect();
    assert!(new.is_empty(), "these look up: {new:#?}");
    let gone: Vec<_> = known.iter().filter(|arrow| !up.contains_key(arrow)).collect();
    assert!(gone.is_empty(), "these look up no more, so they leave the list: {gone:?}");
}
