//! The files of the repository, for lints about what is there and what is missing.

use std::sync::Arc;

/// One file of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryFile {
    /// Relative to the workspace root, with `/` between its parts.
    pub path: Arc<str>,
    /// Its size in bytes.
    pub size: u64,
    /// Its text, where a lint may want it (small files with telling names).
    pub text: Option<Arc<str>>,
}

/// All files that the walk saw, sorted by path.
#[derive(Clone, Debug, Default)]
pub struct Repository {
    /// The files.
    pub files: Vec<RepositoryFile>,
    /// Whether the root is under git, so that what is ignored is known to be left out.
    pub is_git: bool,
    /// Whether these are all the files of the root, so that what is not among them is missing. False
    /// where only some packages or folders are checked.
    pub whole: bool,
}

impl Repository {
    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<&RepositoryFile> {
        let at = self.files.binary_search_by(|file| (*file.path).cmp(path)).ok()?;
        self.files.get(at)
    }
}
