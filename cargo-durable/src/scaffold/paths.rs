//! Which paths a project may have, on every system that it may be checked out on.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// Names of devices, which Windows takes for no files.
const DEVICES: &[&str] = &["aux", "con", "nul", "prn"];

/// Whether a name in small letters, without what follows its first point, is a device on Windows.
pub(super) fn is_device(name: &str) -> bool {
    let numbered = name.strip_prefix("com").or(name.strip_prefix("lpt"));
    DEVICES.contains(&name)
        || numbered.is_some_and(|rest| rest.len() == 1 && rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a path lies inside a project and names a file everywhere.
///
/// # Errors
/// Where it does not, with the reason.
pub(super) fn is_place(path: &Utf8Path) -> Result<()> {
    ensure!(!path.as_str().is_empty(), "a file without a name");
    for part in path.components() {
        let Utf8Component::Normal(name) = part else { bail!("{path} leads out of the project") };
        let lower = name.to_ascii_lowercase();
        ensure!(lower != ".git" && !lower.starts_with("git~"), "{path} would be part of git's own folder");
        let other = name.chars().find(|c| c.is_control() || r#"<>:"|?*\"#.contains(*c));
        if let Some(other) = other {
            bail!("{path} has {other:?}, which Windows takes in no name");
        }
        ensure!(!name.ends_with(['.', ' ']), "{path} ends in a point or a space, which Windows leaves out");
        let stem = lower.split('.').next().unwrap_or_default();
        ensure!(!is_device(stem), "{path} is a device on Windows");
    }
    Ok(())
}

/// Whether files can lie beside each other where large and small letters are the same.
///
/// # Errors
/// Where two of them take one place.
pub(super) fn are_apart<'a>(paths: impl Iterator<Item = &'a Utf8PathBuf>) -> Result<()> {
    let mut seen: BTreeMap<String, (&Utf8Path, bool)> = BTreeMap::new();
    for path in paths {
        for place in path.ancestors().filter(|place| !place.as_str().is_empty()) {
            let is_file = place == path;
            let (other, was_file) = *seen.entry(place.as_str().to_lowercase()).or_insert((place, is_file));
            ensure!(
                other == place && is_file == was_file,
                "{other} and {path} take one place where large and small letters are the same"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_inside_and_have_names_everywhere() {
        for path in ["a", ".github/workflows/ci.yml", "über/ß.rs", "a b", "com", "console.rs", ".gitignore"]
        {
            assert!(is_place(path.into()).is_ok(), "{path}");
        }
        for path in [
            "",
            "/a",
            "../a",
            "a/../../b",
            "..",
            ".git/config",
            "a/.GIT/hooks/x",
            "GIT~1/x",
            "a:b",
            "a\\b",
            "a\nb",
            "nul",
            "src/Con.rs",
            "lpt1.txt",
            "a.",
            "a /b",
            "a*",
        ] {
            assert!(is_place(path.into()).is_err(), "{path:?}");
        }
    }

    #[test]
    fn two_files_take_two_places() {
        let apart = |paths: &[&str]| {
            let paths: Vec<Utf8PathBuf> = paths.iter().map(Utf8PathBuf::from).collect();
            are_apart(paths.iter()).map_err(|error| error.to_string())
        };
        assert_eq!(apart(&["a", "b/a", "b/c"]), Ok(()));
        for paths in [&["README", "readme"][..], &["src/a", "SRC/b"], &["a", "a/b"]] {
            assert!(apart(paths).unwrap_err().contains("take one place"), "{paths:?}");
        }
    }
}
