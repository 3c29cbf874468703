//! What cargo's copies of registry indexes say of the locked packages.
//!
//! Cargo keeps an entry for every package that it has resolved, as it was when it last asked. They are
//! read as data: a header, then `VERSION \0 JSON \0` for each version.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use semver::Version;
use serde::Deserialize;

use super::files::read_regular;
use crate::subject::{Index, Resolved};

/// The folders where cargo keeps what it knows of the index of crates.io.
pub fn cargo_indexes() -> Vec<Utf8PathBuf> {
    let Some(home) = super::cargo::home() else { return Vec::new() };
    let folders = std::fs::read_dir(home.join("registry/index")).into_iter().flatten().flatten();
    let caches = folders.filter_map(|entry| {
        let name = entry.file_name();
        let name = name.to_str()?;
        let is_public = name.starts_with("index.crates.io-") || name.starts_with("github.com-");
        is_public.then(|| Utf8PathBuf::from_path_buf(entry.path().join(".cache")).ok()).flatten()
    });
    let mut caches: Vec<Utf8PathBuf> = caches.collect();
    caches.sort();
    caches
}

/// Looks up the public packages; gives the files that were asked along, whether they are there or not.
pub(super) fn read(folders: &[Utf8PathBuf], packages: &[Resolved]) -> (Index, BTreeSet<Arc<str>>) {
    let mut index = Index::default();
    let mut files = BTreeSet::new();
    for package in packages.iter().filter(|package| package.is_public()) {
        let version = package.version.to_string();
        for file in folders.iter().map(|folder| folder.join(path(&package.name))) {
            let told = read_regular(&file).ok().and_then(|bytes| is_yanked(&bytes, &version));
            index.known |= told.is_some();
            if told == Some(true) {
                index.yanked.insert((package.name.clone(), package.version.clone()));
            }
            files.insert(file.as_str().into());
        }
    }
    (index, files)
}

/// Where the index keeps a package: `se/rd/serde`.
fn path(name: &str) -> Utf8PathBuf {
    let name = name.to_lowercase();
    let folder = match (name.len(), name.get(..2), name.get(2..4)) {
        (1 | 2, ..) => name.len().to_string(),
        (3, ..) => format!("3/{}", name.get(..1).unwrap_or_default()),
        (_, Some(first), Some(second)) => format!("{first}/{second}"),
        _ => String::new(),
    };
    Utf8Path::new(&folder).join(name)
}

/// Whether a version is yanked; `None` where the entry does not tell.
fn is_yanked(bytes: &[u8], version: &str) -> Option<bool> {
    #[derive(Deserialize)]
    struct Release {
        vers: Version,
        yanked: bool,
    }
    const CACHE_VERSION: u8 = 3;
    let body = bytes.strip_prefix(&[CACHE_VERSION])?.get(4..)?;
    // The version of the whole comes before the first release.
    let mut parts = body.split(|byte| *byte == 0).skip(1);
    while let (Some(name), Some(json)) = (parts.next(), parts.next()) {
        if name == version.as_bytes() {
            let release: Release = serde_json::from_slice(json).ok()?;
            return (release.vers.to_string() == version).then_some(release.yanked);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_tells_of_its_versions_alone() {
        let entry = b"\x03\x02\0\0\0etag\x000.1.0\0{\"name\":\"a\",\"vers\":\"0.1.0\",\"yanked\":true}\x000.1.1\0{\"vers\":\"0.1.1\",\"yanked\":false}\0";
        assert_eq!(is_yanked(entry, "0.1.0"), Some(true));
        assert_eq!(is_yanked(entry, "0.1.1"), Some(false));
        assert_eq!(is_yanked(entry, "0.1.2"), None);
        assert_eq!(is_yanked(&entry[1..], "0.1.0"), None);
        assert_eq!(is_yanked(&entry[..20], "0.1.0"), None);
    }

    #[test]
    fn a_package_has_its_place() {
        let places = ["a", "ab", "abc", "Serde"].map(|name| path(name).into_string());
        assert_eq!(places, ["1/a", "2/ab", "3/a/abc", "se/rd/serde"]);
    }
}
