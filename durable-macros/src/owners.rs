//! The owners that the nearest `durable.toml` declares, with those of the files it extends.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use durable_grammar::policy::{self, Declared};
use durable_grammar::{Value, nearest};

const FILE: &str = "durable.toml";
/// A package that came as a dependency carries one of these: cargo writes them into what it unpacks,
/// checks out or vendors. Its owners are its authors' affair.
const OF_DEPENDENCIES: [&str; 2] = [".cargo-ok", ".cargo-checksum.json"];
/// As `cargo durable` has them.
const MOST_FILES: usize = 100;
const LARGEST_FILE: u64 = 1 << 20;
const MOST_SHOWN: usize = 10;

/// What is known about owners where a package is built.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// The files it comes from, absolute.
    pub(crate) files: Vec<String>,
    /// The ids; empty where every owner is accepted.
    owners: BTreeSet<String>,
}

impl Known {
    /// What counts for the package that is being built.
    pub(crate) fn here() -> Known {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        package
            .and_then(|package| nearest_policy(&package))
            .map(|file| Known::read(&file))
            .unwrap_or_default()
    }

    /// A file that is not understood is named nevertheless: once it is mended, it counts.
    fn read(file: &Path) -> Known {
        let mut known = Known::default();
        let mut next = vec![file.to_owned()];
        let mut all_understood = true;
        while let Some(file) = next.pop() {
            let Some((path, text)) = read_file(&file).filter(|_| known.files.len() < MOST_FILES) else {
                all_understood = false;
                continue;
            };
            if known.files.contains(&path) {
                continue;
            }
            known.files.push(path);
            match policy::read(&text) {
                Some(Declared { owners, extends }) => {
                    known.owners.extend(owners);
                    let folder = file.parent().unwrap_or(Path::new(""));
                    next.extend(extends.iter().map(|extended| folder.join(extended)));
                }
                None => all_understood = false,
            }
        }
        if !all_understood {
            known.owners.clear();
        }
        known
    }

    /// What is wrong with an owner.
    pub(crate) fn refuse(&self, owner: &Value<String>) -> Option<syn::Error> {
        let id = &owner.value;
        if self.owners.is_empty() || self.owners.contains(id) {
            return None;
        }
        let help = match nearest(id, self.owners.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let shown: Vec<&str> = self.owners.iter().map(String::as_str).take(MOST_SHOWN).collect();
                let more = match self.owners.len() - shown.len() {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let shown = shown.join(", ");
                format!("one of {shown}{more}, or declare it under `[owners]` in {FILE}")
            }
        };
        Some(syn::Error::new(owner.span, format!("unknown owner `{id}`; {help}")))
    }
}

/// The first one from the package upwards, within its repository. Outside of any repository it has
/// to lie beside a manifest, so that none is found that has nothing to do with the package.
fn nearest_policy(package: &Path) -> Option<PathBuf> {
    let repository = package.ancestors().find(|folder| folder.join(".git").exists());
    for folder in package.ancestors() {
        if OF_DEPENDENCIES.iter().any(|name| folder.join(name).exists()) {
            return None;
        }
        let file = folder.join(FILE);
        if file.is_file() && (repository.is_some() || folder.join("Cargo.toml").is_file()) {
            return Some(file);
        }
        if Some(folder) == repository {
            return None;
        }
    }
    None
}

/// The path as text, since it is written into the code, and what the file says.
fn read_file(file: &Path) -> Option<(String, String)> {
    // Opening a pipe could hang.
    fs::metadata(file).ok().filter(|found| found.is_file() && found.len() <= LARGEST_FILE)?;
    let path = std::path::absolute(file).ok()?;
    Some((path.to_str()?.to_owned(), fs::read_to_string(file).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        folder
    }

    fn owners(files: &[(&str, &str)], package: &str) -> Option<BTreeSet<String>> {
        let folder = folder(files);
        nearest_policy(&folder.path().join(package)).map(|file| Known::read(&file).owners)
    }

    fn ids(ids: &[&str]) -> Option<BTreeSet<String>> {
        Some(ids.iter().map(|id| (*id).to_owned()).collect())
    }

    const POLICY: &str = "[owners.identity]";

    #[test]
    fn the_nearest_file_within_the_repository_counts() {
        for (files, expected) in [
            (&[(".git/HEAD", ""), ("durable.toml", POLICY), ("a/b/Cargo.toml", "")][..], ids(&["identity"])),
            (&[("durable.toml", POLICY), ("Cargo.toml", "")], ids(&["identity"])),
            (&[("durable.toml", POLICY), ("a/b/durable.toml", ""), ("a/b/Cargo.toml", "")], ids(&[])),
            // Another repository's, or nobody's.
            (&[("durable.toml", POLICY), ("Cargo.toml", ""), ("a/.git", "gitdir: x")], None),
            (&[("durable.toml", POLICY), ("a/b/Cargo.toml", "")], None),
        ] {
            assert_eq!(owners(files, "a/b"), expected, "{files:?}");
        }
    }

    #[test]
    fn a_dependency_is_not_held_to_the_policy_of_who_builds_it() {
        for marker in ["a/.cargo-ok", "a/b/.cargo-checksum.json"] {
            let files = [(".git/HEAD", ""), ("durable.toml", POLICY), (marker, "")];
            assert_eq!(owners(&files, "a/b"), None, "{marker}");
        }
    }

    #[test]
    fn files_that_are_extended_count_too() {
        let extending = ("p/durable.toml", "extends = ['../org.toml']\n[owners.net]");
        let org = ("org.toml", "extends = ['./org.toml']\n[owners.identity]");
        let manifest = ("p/Cargo.toml", "");
        assert_eq!(owners(&[extending, org, manifest], "p"), ids(&["identity", "net"]));
        // Who knows whom it declares.
        assert_eq!(owners(&[extending, manifest], "p"), ids(&[]));
        assert_eq!(owners(&[extending, ("org.toml", "owners = 3"), manifest], "p"), ids(&[]));
    }

    #[test]
    #[cfg(unix)]
    fn a_path_that_no_source_can_name_is_not_asked() {
        use std::os::unix::ffi::OsStrExt as _;
        let odd = std::ffi::OsStr::from_bytes(b"\xff");
        let folder = folder(&[]);
        let package = folder.path().join(odd);
        // Not every file system takes such a name.
        if fs::create_dir(&package).is_ok() {
            fs::write(package.join(FILE), POLICY).expect("a file");
            assert_eq!(Known::read(&package.join(FILE)), Known::default());
        }
    }

    #[test]
    fn an_unknown_owner_is_told_what_to_write() {
        let known = |count: usize| Known {
            owners: (0..count).map(|number| format!("team-{number:02}")).collect(),
            ..Known::default()
        };
        let said = |known: &Known, id: &str| {
            let owner = Value { value: id.to_owned(), span: Span::call_site() };
            known.refuse(&owner).map(|error| error.to_string())
        };
        assert_eq!(said(&known(0), "x"), None);
        assert_eq!(said(&known(3), "team-01"), None);
        assert_eq!(said(&known(3), "tem-01").unwrap(), "unknown owner `tem-01`; did you mean `team-01`?");
        assert_eq!(
            said(&known(2), "identity").unwrap(),
            "unknown owner `identity`; one of team-00, team-01, or declare it under `[owners]` in durable.toml"
        );
        assert!(said(&known(12), "identity").unwrap().contains("team-09 and 2 more, or"));
    }
}
