//! Asking the `git` program, without running anything that the repository configures.

use std::ffi::OsStr;
use std::io;
use std::process::{Command, Output, Stdio};

use camino::{Utf8Path, Utf8PathBuf};

/// What could not be asked, in words.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no program of this name.
    #[error("`git` cannot be started: {0}; install it")]
    NotStarted(io::Error),
    /// The folder is in no repository, or in one that git refuses.
    #[error("{0} is in no git repository that can be read: {1}")]
    NoRepository(Utf8PathBuf, String),
    /// The revision names no commit.
    #[error("`{0}` names no commit; in CI, fetch it first: `git fetch --depth=1 origin {0}`")]
    NoCommit(String),
    /// Git failed.
    #[error("git failed: {0}")]
    Failed(String),
}

/// Settings under which git starts no program of the repository's choosing: no hooks, monitors,
/// pagers, transports or helpers.
const SETTINGS: &[&str] = &[
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.sshCommand=false",
    "core.attributesFile=/dev/null",
    "credential.helper=",
    "protocol.allow=never",
    "diff.external=",
    "submodule.recurse=false",
];

/// A checkout, by a folder in it.
#[derive(Clone, Debug)]
pub struct Repository {
    folder: Utf8PathBuf,
}

/// What differs from the last commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that differ from the index, or that git does not know.
    pub dirty: Vec<String>,
    /// Files that differ between the index and the last commit only.
    pub staged: Vec<String>,
}

impl Repository {
    /// The checkout around a folder.
    ///
    /// # Errors
    /// Where there is none, or git refuses it.
    pub fn around(folder: &Utf8Path) -> Result<Repository, GitError> {
        let repository = Repository { folder: folder.to_owned() };
        let output = repository.run(["rev-parse", "--is-inside-work-tree"])?;
        if output.status.success() && output.stdout.starts_with(b"true") {
            return Ok(repository);
        }
        Err(GitError::NoRepository(folder.to_owned(), said(&output)))
    }

    /// The folder that paths are relative to.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// Where it names none.
    pub fn commit(&self, revision: &str) -> Result<String, GitError> {
        let commit = format!("{revision}^{{commit}}");
        let output = self.run(["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
        let hash = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let is_hash = hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if output.status.success() && is_hash {
            Ok(hash)
        } else {
            Err(GitError::NoCommit(revision.to_owned()))
        }
    }

    /// The bytes of a file, by its path relative to the folder, in a commit of [`Repository::commit`].
    ///
    /// # Errors
    /// Where git fails; a file that is not there is `None`.
    pub fn file(&self, commit: &str, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let object = format!("{commit}:./{path}");
        let found = self.run(["rev-parse", "--verify", "--quiet", "--end-of-options", &object])?;
        if !found.status.success() {
            return Ok(None);
        }
        let hash = String::from_utf8_lossy(&found.stdout).trim().to_owned();
        let output = self.run(["cat-file", "blob", &hash])?;
        if output.status.success() { Ok(Some(output.stdout)) } else { Err(GitError::Failed(said(&output))) }
    }

    /// The files of a commit below the folder that hold all of some words.
    ///
    /// # Errors
    /// Where git fails.
    pub fn files_with(&self, commit: &str, words: &[&str]) -> Result<Vec<String>, GitError> {
        let mut arguments =
            vec!["grep", "--no-textconv", "-l", "-z", "-I", "-F", "--all-match", "--no-color", "--threads=1"];
        for word in words {
            arguments.extend(["-e", *word]);
        }
        arguments.extend([commit, "--"]);
        let output = self.run(arguments)?;
        match output.status.code() {
            Some(0) => Ok(names(&output.stdout)
                .map(|name| name.split_once(':').map_or(name.clone(), |(_, path)| path.to_owned()))
                .collect()),
            Some(1) => Ok(Vec::new()),
            _ => Err(GitError::Failed(said(&output))),
        }
    }

    /// What differs from the last commit below the folder.
    ///
    /// # Errors
    /// Where git fails.
    pub fn changes(&self) -> Result<Changes, GitError> {
        let filters = self.without_filters()?;
        let mut arguments: Vec<&str> = filters.iter().flat_map(|setting| ["-c", setting.as_str()]).collect();
        arguments.extend([
            "status",
            "--porcelain=v1",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignore-submodules=all",
            "--",
            ".",
        ]);
        let output = self.run(arguments)?;
        if !output.status.success() {
            return Err(GitError::Failed(said(&output)));
        }
        let mut changes = Changes::default();
        for line in names(&output.stdout).filter(|line| line.len() > 3) {
            let (state, path) = line.split_at(3);
            let in_tree_only = state.as_bytes()[1] != b' ';
            if in_tree_only { &mut changes.dirty } else { &mut changes.staged }.push(path.to_owned());
        }
        Ok(changes)
    }

    /// Settings that empty every content filter: git would run them to compare a touched file.
    fn without_filters(&self) -> Result<Vec<String>, GitError> {
        let output = self.run([
            "config",
            "--name-only",
            "-z",
            "--get-regexp",
            r"^filter\..*\.(clean|smudge|process|required)$",
        ])?;
        let off = |name: String| {
            if name.ends_with(".required") { format!("{name}=false") } else { format!("{name}=") }
        };
        Ok(names(&output.stdout).map(off).collect())
    }

    fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Result<Output, GitError> {
        let mut command = Command::new("git");
        // Inherited variables could point git to another repository, or to programs.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(name);
        }
        command
            .envs([
                ("GIT_CONFIG_NOSYSTEM", "1"),
                ("GIT_OPTIONAL_LOCKS", "0"),
                ("GIT_NO_LAZY_FETCH", "1"),
                ("GIT_NO_REPLACE_OBJECTS", "1"),
                ("GIT_TERMINAL_PROMPT", "0"),
                ("GIT_LITERAL_PATHSPECS", "1"),
                ("LC_ALL", "C"),
            ])
            .args(["--no-pager", "--no-optional-locks"])
            .args(SETTINGS.iter().flat_map(|setting| ["-c", *setting]))
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        command.output().map_err(GitError::NotStarted)
    }
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().next().unwrap_or("it said nothing").trim().to_owned()
}

fn names(bytes: &[u8]) -> impl Iterator<Item = String> {
    bytes
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .map(|name| String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A repository with one commit of some files.
    pub(crate) fn checkout(files: &[(&str, &str)]) -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
        for (path, text) in files {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), text).unwrap();
        }
        git(&root, &["init", "-q"]);
        commit(&root);
        (folder, root)
    }

    pub(crate) fn commit(root: &Utf8Path) {
        git(root, &["add", "-A"]);
        git(
            root,
            &[
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@example.com",
                "commit",
                "-q",
                "--allow-empty",
                "-m",
                "x",
            ],
        );
    }

    pub(crate) fn git(root: &Utf8Path, arguments: &[&str]) {
        assert!(
            Command::new("git").args(arguments).current_dir(root).status().unwrap().success(),
            "{arguments:?}"
        );
    }

    #[test]
    fn files_of_a_commit_are_read_relative_to_the_folder() {
        let (_keep, root) = checkout(&[("sub/a.txt", "allow durable"), ("b.txt", "b")]);
        std::fs::write(root.join("sub/a.txt"), "new").unwrap();
        let repository = Repository::around(&root.join("sub")).unwrap();
        let head = repository.commit("HEAD").unwrap();
        assert_eq!(repository.file(&head, "a.txt").unwrap().as_deref(), Some(&b"allow durable"[..]));
        assert_eq!(repository.file(&head, "b.txt").unwrap(), None);
        assert_eq!(repository.file(&head, "../b.txt").unwrap().as_deref(), Some(&b"b"[..]));
        assert_eq!(repository.files_with(&head, &["durable", "allow"]).unwrap(), ["a.txt"]);
    }

    #[test]
    fn a_revision_is_never_an_option() {
        let (_keep, root) = checkout(&[("a", "a")]);
        let repository = Repository::around(&root).unwrap();
        for revision in ["--help", "-h", "nope", "", "HEAD:a", "@{push}"] {
            assert!(repository.commit(revision).is_err(), "{revision}");
        }
    }

    #[test]
    fn changes_tell_staged_from_dirty() {
        let (_keep, root) = checkout(&[("a", "a"), ("b", "b")]);
        let repository = Repository::around(&root).unwrap();
        assert_eq!(repository.changes().unwrap(), Changes::default());
        std::fs::write(root.join("a"), "changed").unwrap();
        git(&root, &["add", "a"]);
        std::fs::write(root.join("new"), "n").unwrap();
        let changes = repository.changes().unwrap();
        assert_eq!((changes.staged, changes.dirty), (vec!["a".to_owned()], vec!["new".to_owned()]));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_that_the_repository_configures_is_run() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_keep, root) = checkout(&[("a", "a"), (".gitattributes", "* filter=evil diff=evil\n")]);
        let trap = root.join(".git/trap");
        std::fs::write(&trap, "#!/bin/sh\ntouch \"$(dirname \"$0\")/sprung\"\ncat\n").unwrap();
        std::fs::set_permissions(&trap, std::fs::Permissions::from_mode(0o755)).unwrap();
        for key in [
            "core.fsmonitor",
            "core.pager",
            "core.sshCommand",
            "diff.external",
            "diff.evil.textconv",
            "filter.evil.clean",
            "filter.evil.process",
        ] {
            git(&root, &["config", key, trap.as_str()]);
        }
        git(&root, &["config", "filter.evil.required", "true"]);
        let _ = std::fs::remove_file(root.join(".git/sprung"));
        std::fs::write(root.join("a"), "b").unwrap();
        let repository = Repository::around(&root).unwrap();
        let head = repository.commit("HEAD").unwrap();
        repository.file(&head, "a").unwrap();
        repository.files_with(&head, &["a"]).unwrap();
        let changes = repository.changes().unwrap();
        assert!(changes.dirty.contains(&"a".to_owned()), "{changes:?}");
        assert!(!root.join(".git/sprung").exists());
    }

    #[test]
    fn a_folder_outside_any_repository_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        assert!(matches!(Repository::around(root), Err(GitError::NoRepository(..))));
    }
}
