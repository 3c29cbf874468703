//! The files of the repository, and cargo's configuration in it.

use std::sync::Arc;

use camino::Utf8Path;
use rayon::prelude::*;

use super::files::{Files, read_text};
use super::manifests::parse;
use super::tree::{extension_of, name_of};
use super::workspace::View;
use crate::codeowners::LARGEST_ON_GITHUB;
use crate::report::Unchecked;
use crate::subject::{CargoConfig, Repository, RepositoryFile};

/// Longer files are not read whole; a key or a policy is shorter.
const LONGEST: u64 = 64 * 1024;

/// Reads one `.cargo/config.toml`.
pub(super) fn cargo_config(path: &Arc<str>, files: &dyn Files) -> Result<CargoConfig, Unchecked> {
    let text = read_text(files, path)?;
    let document = parse(path, &text)?;
    Ok(CargoConfig { path: path.clone(), document, text: text.into() })
}

/// Lists the files, with the text of those whose name tells that a lint may want it.
pub(super) fn read(view: &View<'_>, root: &Utf8Path) -> Repository {
    let entries = view.tree.entries();
    let wanted = entries.par_iter().filter(|entry| view.has(&entry.path));
    let files = wanted.map(|entry| RepositoryFile {
        path: entry.path.clone(),
        size: entry.stamp.size,
        text: Some(&*entry.path).filter(|path| is_telling(path)).and_then(|path| start(path, view.files)),
    });
    // A tree in memory has no root on the disk; it is a commit or a fixture, with nothing ignored.
    let is_git = root.as_str().is_empty() || root.ancestors().any(|folder| folder.join(".git").exists());
    Repository { files: files.collect(), is_git, whole: view.selection.is_whole() }
}

/// The start of a file as text; keys beside binary data are found too.
fn start(path: &str, files: &dyn Files) -> Option<Arc<str>> {
    let mut bytes = files.read(path).ok()?;
    // What a rule says is only known with those behind it.
    let longest = if name_of(path) == "CODEOWNERS" { LARGEST_ON_GITHUB } else { LONGEST };
    bytes.truncate(longest as usize);
    let text = String::from_utf8(bytes);
    let text = text.or_else(|error| {
        let valid = error.utf8_error().valid_up_to();
        // Cut in the middle of a character, or binary.
        let mut bytes = error.into_bytes();
        let rest = bytes.len() - valid;
        bytes.truncate(valid);
        if rest < 4 { String::from_utf8(bytes).map_err(drop) } else { Err(()) }
    });
    text.ok().map(Arc::from)
}

/// Whether a lint may want to read it.
fn is_telling(path: &str) -> bool {
    const NAMES: [&str; 22] = [
        "CODEOWNERS",
        ".gitignore",
        ".gitattributes",
        ".gitmodules",
        "deny.toml",
        ".deny.toml",
        "audit.toml",
        "clippy.toml",
        ".clippy.toml",
        "rust-toolchain",
        "rust-toolchain.toml",
        "rustfmt.toml",
        ".npmrc",
        ".netrc",
        ".pypirc",
        "credentials",
        "credentials.toml",
        "dependabot.yml",
        "dependabot.yaml",
        "Dockerfile",
        "Containerfile",
        "kubeconfig",
    ];
    const KEYS: [&str; 8] = ["pem", "key", "crt", "cer", "p8", "pk8", "ppk", "asc"];
    let name = name_of(path);
    NAMES.contains(&name)
        || KEYS.contains(&extension_of(path))
        || name.starts_with(".env")
        || name.starts_with("SECURITY")
        || name.starts_with("id_") && !name.contains('.')
        || extension_of(path) == "json" && is_account(name)
}

/// Whether a JSON file is named as the keys of a cloud's service accounts are.
fn is_account(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['_', '-'], "");
    name.contains("serviceaccount") || name.contains("credential")
}
