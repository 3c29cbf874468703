//! A repository as it was at a commit.

use std::cell::RefCell;

use camino::{Utf8Path, Utf8PathBuf};
use durable_lints::load::{MemoryFiles, is_read};

use super::source::without_layout;
use crate::git::{GitError, Repository};
use crate::policy::{self, DiskFiles, Policy, PolicyFiles};
use crate::ratchet::lock::{self, Lock};

/// A repository as it was at a commit.
#[derive(Clone, Debug)]
pub struct Before {
    /// Its policy.
    pub policy: Policy,
    /// Its exemptions.
    pub lock: Lock,
    /// What is known less well than it could be.
    pub notes: Vec<String>,
    /// The files that lints read.
    pub files: MemoryFiles,
    /// The texts of its files that let findings through in source, without layout.
    pub(super) allows: String,
}

/// Reads what a change is compared with: the last commit that it has in common with a revision. A
/// policy that was not valid then counts as none, or a broken one could never be mended; one that
/// cannot be read is an error.
///
/// # Errors
/// Where the revision names no commit, nothing is in common with it, git fails, or the clone lacks a
/// file.
pub fn at(repository: &Repository, revision: &str) -> Result<Before, GitError> {
    let commit = repository.merge_base(&repository.commit(revision)?, revision)?;
    let commit = &commit;
    let mut notes = Vec::new();
    let home = home_of_policy(repository, commit)?;
    let files = AtCommit {
        repository,
        commit,
        home: home.clone(),
        disk: DiskFiles { root: repository.folder().join(&home) },
        failed: RefCell::new(None),
        outside: RefCell::new(Vec::new()),
    };
    let policy = Policy::read(&files, durable_lints::lints::ALL);
    if let Some(error) = files.failed.borrow_mut().take() {
        return Err(error);
    }
    let policy = policy.unwrap_or_else(|error| {
        notes.push(format!("the policy at {revision} is not valid and counts as none: {error}"));
        Policy::defaults()
    });
    for path in files.outside.borrow().iter() {
        notes.push(format!(
            "{path} lies outside of what git knows at {revision}, and is compared as it is now"
        ));
    }
    let text = files.text(lock::FILE)?;
    let lock = text.map_or(Ok(Lock::default()), |text| Lock::parse(&text)).unwrap_or_else(|error| {
        notes.push(format!("durable.lock at {revision} is not valid and counts as empty: {error}"));
        Lock::default()
    });
    let files: Vec<(String, Vec<u8>)> = repository.files(commit, is_read)?;
    let mut allows = String::new();
    for (_, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        if text.contains("durable") && text.contains("allow") {
            allows.push_str(&without_layout(&text));
            allows.push('\n');
        }
    }
    Ok(Before { policy, lock, notes, files: MemoryFiles::new(files), allows })
}

/// The folder of the policy, relative to that of the repository: a change may move the root of the
/// workspace, and with it out of sight of its policy. Then the one counts that held before.
fn home_of_policy(repository: &Repository, commit: &str) -> Result<Utf8PathBuf, GitError> {
    let here = Utf8PathBuf::new();
    if repository.file(commit, policy::FILE)?.is_some() {
        return Ok(here);
    }
    let mut above = here.clone();
    for folder in repository.folders_above()? {
        above.push("..");
        let was_root = repository.file(commit, above.join(policy::FILE).as_str())?.is_some()
            && repository.file(commit, above.join("Cargo.toml").as_str())?.is_some();
        let is_root = folder.join(policy::FILE).exists() && folder.join("Cargo.toml").exists();
        if was_root && !is_root {
            return Ok(above);
        }
    }
    Ok(here)
}

/// The files of a policy at a commit; what lies outside the repository is read as it is now.
struct AtCommit<'a> {
    repository: &'a Repository,
    commit: &'a str,
    /// The folder of the policy, relative to the repository's.
    home: Utf8PathBuf,
    disk: DiskFiles,
    /// Git's first failure: what it hides must not count as absent.
    failed: RefCell<Option<GitError>>,
    outside: RefCell<Vec<Utf8PathBuf>>,
}

impl AtCommit<'_> {
    fn text(&self, path: &str) -> Result<Option<String>, GitError> {
        let bytes = self.repository.file(self.commit, self.home.join(path).as_str())?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }
}

impl PolicyFiles for AtCommit<'_> {
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
        if !path.is_absolute() && !self.repository.is_outside(&self.home.join(path)) {
            return self.text(path.as_str()).map_err(|error| {
                let said = error.to_string();
                self.failed.borrow_mut().get_or_insert(error);
                said
            });
        }
        self.outside.borrow_mut().push(path.to_owned());
        self.disk.read(path)
    }

    fn is_outside(&self, path: &Utf8Path) -> bool {
        path.is_absolute() || self.repository.is_outside(&self.home.join(path))
    }
}
