//! Questions about the surveyed files, answered by their sorted paths alone.

use crate::load::Entry;

/// The surveyed files, sorted by path.
#[derive(Clone, Copy)]
pub(super) struct Tree<'a> {
    entries: &'a [Entry],
}

impl<'a> Tree<'a> {
    /// The entries have to be sorted by path.
    pub(super) fn new(entries: &'a [Entry]) -> Tree<'a> {
        Tree { entries }
    }

    /// Every file.
    pub(super) fn entries(self) -> &'a [Entry] {
        self.entries
    }

    /// The file at a path.
    pub(super) fn file(self, path: &str) -> Option<&'a Entry> {
        self.entries.binary_search_by(|entry| (*entry.path).cmp(path)).ok().map(|at| &self.entries[at])
    }

    /// Whether a file is there.
    pub(super) fn has(self, path: &str) -> bool {
        self.file(path).is_some()
    }

    /// Everything below a folder, however deep; the empty folder is the root.
    pub(super) fn below(self, folder: &str) -> &'a [Entry] {
        if folder.is_empty() {
            return self.entries;
        }
        // `/` sorts before `0`, so the folder's files lie between the two.
        let from = self.entries.partition_point(|entry| *entry.path < *format!("{folder}/"));
        let to = self.entries.partition_point(|entry| *entry.path < *format!("{folder}0"));
        &self.entries[from..to]
    }
}

/// The folder of a path: `src` for `src/lib.rs`, empty for `lib.rs`.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub(super) fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// A path with its last extension left out: `x` for `x.rs`.
pub(super) fn stem_of(path: &str) -> &str {
    let name = name_of(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// What follows the last dot of a file's name; empty where there is none.
pub(super) fn extension_of(path: &str) -> &str {
    name_of(path).rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Whether a path is a folder or lies below it. Everything lies below the empty folder.
pub(super) fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A relative path as written in `folder`, made relative to the root. `None` where it is absolute
/// or leads out of the root.
pub(super) fn join(folder: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') || relative.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    // Cargo on Windows takes both slashes, and manifests written there are checked here.
    for part in relative.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether a path lies where projects keep what never ships: tests, fixtures and examples.
pub(super) fn is_test_path(path: &str) -> bool {
    const FOLDERS: [&str; 17] = [
        "test",
        "tests",
        "testing",
        "testdata",
        "test_data",
        "test-data",
        "test-utils",
        "testutil",
        "fixture",
        "fixtures",
        "example",
        "examples",
        "bench",
        "benches",
        "benchmarks",
        "fuzz",
        "mocks",
    ];
    folder_of(path).split('/').any(|part| FOLDERS.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_stay_inside_the_root() {
        assert_eq!(join("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(join("", "x").as_deref(), Some("x"));
        assert_eq!(join("a", "..").as_deref(), Some(""));
        assert_eq!(join("a", "../.."), None);
        assert_eq!(join("a", "/etc/passwd"), None);
        assert_eq!(join("a", r"..\b").as_deref(), Some("b"));
    }

    #[test]
    fn a_folder_is_not_its_longer_namesake() {
        assert!(is_below("a/b.rs", "a") && is_below("a", "a") && is_below("x", ""));
        assert!(!is_below("ab/b.rs", "a"));
    }
}
