//! Asking the `git` program, without running anything that the repository configures.

mod worktree;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, Seek as _, Write as _};
use std::process::{Command, Output, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use durable_lints::load::{self, program_outside, safe_path};

use crate::write;

/// The files below a folder that git tracks, relative to it: none where there is no repository, and
/// `None` where there is one and git cannot be asked.
pub fn tracked(folder: &Utf8Path) -> Option<Vec<String>> {
    if !folder.ancestors().any(|folder| folder.join(".git").exists()) {
        return Some(Vec::new());
    }
    let repository = Repository { folder: folder.to_owned() };
    // Whom the folder belongs to does not matter here: nothing that it configures is run.
    let listed = repository.run(["-c", "safe.directory=*", "ls-files", "-z", "--cached"]).ok()?;
    listed.status.success().then(|| names(&listed.stdout).collect())
}

/// What could not be asked, in words.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no program of this name, or it does not end.
    #[error("`git` cannot be run: {0}")]
    NotStarted(io::Error),
    /// The folder is in no repository, or in one that git refuses.
    #[error("{0} is in no git repository that can be read: {1}")]
    NoRepository(Utf8PathBuf, String),
    /// The revision names no commit, and what may mend that.
    #[error("`{0}` names no commit{1}")]
    NoCommit(String, String),
    /// The checked-out commit and the revision have no commit in common.
    #[error(
        "`{0}` and the checked-out commit have no commit in common here, so there is nothing to compare with{1}"
    )]
    NoCommonCommit(String, String),
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
    "core.attributesFile=/dev/null",
    "protocol.allow=never",
    "diff.external=",
    "submodule.recurse=false",
];

/// Settings under which git is nobody: it starts no program that knows passwords or keys.
const ANONYMOUS: &[&str] = &["core.sshCommand=false", "credential.helper="];

/// Variables by which a user tells git how to log in.
const LOGIN: &[&str] = &["GIT_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT"];

/// As whom another repository is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// As nobody, over https.
    Anonymous,
    /// As the user, with what their git knows of passwords and keys, and over ssh too.
    AsUser,
}

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

    /// The folders above this one, as far as the checkout goes, the nearest first.
    ///
    /// # Errors
    /// Where git fails.
    pub fn folders_above(&self) -> Result<Vec<Utf8PathBuf>, GitError> {
        let up = self.output(&["rev-parse", "--show-cdup"])?;
        let count = String::from_utf8_lossy(&up).trim().split("../").count() - 1;
        Ok(self.folder.ancestors().skip(1).take(count).map(Utf8Path::to_owned).collect())
    }

    /// Whether a path relative to the folder leads out of the checkout.
    pub fn is_outside(&self, path: &Utf8Path) -> bool {
        let above = self.folders_above().map_or(0, |folders| folders.len());
        let mut depth = above as isize;
        let steps = path.components().map(|part| match part {
            camino::Utf8Component::ParentDir => -1,
            camino::Utf8Component::Normal(_) => 1,
            _ => 0,
        });
        steps.into_iter().any(|step| {
            depth += step;
            depth < 0
        })
    }

    /// The commit that a revision names. A branch comes before a tag of the same name: a tag can be
    /// pushed by people who cannot push to the branch.
    ///
    /// # Errors
    /// Where it names none.
    pub fn commit(&self, revision: &str) -> Result<String, GitError> {
        let end = revision.find(['^', '~', '@', ':']).unwrap_or(revision.len());
        let (name, rest) = revision.split_at(end);
        let is_hash = name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let branches = ["refs/remotes/", "refs/heads/"].map(|kind| format!("{kind}{name}{rest}"));
        let named = !name.is_empty() && name != "HEAD" && !is_hash;
        let tries = branches.into_iter().filter(|_| named).chain([revision.to_owned()]);
        for revision in tries {
            if let Some(hash) = self.hash(&format!("{revision}^{{commit}}"))? {
                return Ok(hash);
            }
        }
        let help = fetching(revision).map(|fetch| format!("; in CI, fetch it first: `{fetch}`"));
        Err(GitError::NoCommit(revision.to_owned(), help.unwrap_or_default()))
    }

    fn hash(&self, revision: &str) -> Result<Option<String>, GitError> {
        let output = self.run(["rev-parse", "--verify", "--quiet", "--end-of-options", revision])?;
        let hash = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let is_hash = hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        Ok(Some(hash).filter(|_| output.status.success() && is_hash))
    }

    /// The last commit that the checked-out one and another have in common: what a change is
    /// compared with, so that it answers for nothing that others did meanwhile.
    ///
    /// # Errors
    /// Where none is known, which in a shallow clone may only mean that it was not fetched.
    pub fn merge_base(&self, commit: &str, revision: &str) -> Result<String, GitError> {
        let output = self.run(["merge-base", "HEAD", commit])?;
        let hash = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() && hash.len() >= 40 {
            return Ok(hash);
        }
        let shallow = self.run(["rev-parse", "--is-shallow-repository"])?.stdout.starts_with(b"true");
        let help = match (shallow, fetching(revision)) {
            (true, Some(fetch)) => fetch.replacen("git fetch", "git fetch --unshallow", 1),
            (true, None) => "git fetch --unshallow".to_owned(),
            (false, _) => return Err(GitError::NoCommonCommit(revision.to_owned(), String::new())),
        };
        Err(GitError::NoCommonCommit(
            revision.to_owned(),
            format!("; this clone is shallow: `{help}`, or `fetch-depth: 0` in actions/checkout"),
        ))
    }

    /// The bytes of a file, by its path relative to the folder, in a commit of [`Repository::commit`].
    /// A link is followed inside the repository.
    ///
    /// # Errors
    /// Where git fails or the clone lacks the file's content; a file that is not there is `None`.
    pub fn file(&self, commit: &str, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let mut path = Utf8PathBuf::from(path);
        for _ in 0..MOST_LINKS {
            let listed = self.output(&["ls-tree", "-z", commit, "--", path.as_str()])?;
            let Some(found) = listing(&listed).next() else { return Ok(None) };
            if found.kind != "blob" {
                return Ok(None);
            }
            let content = self.output(&["cat-file", "blob", &found.hash])?;
            if found.mode != LINK {
                return Ok(Some(content));
            }
            path = path.parent().unwrap_or(Utf8Path::new("")).join(&*String::from_utf8_lossy(&content));
        }
        Err(GitError::Failed(format!("{path} is a link that leads to no file")))
    }

    /// The files of a commit below the folder, by their paths relative to it, as far as they are
    /// `wanted`. Links are left out.
    ///
    /// # Errors
    /// Where git fails or the clone lacks the content of a file.
    pub fn files(
        &self,
        commit: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<(String, Vec<u8>)>, GitError> {
        let listed = self.output(&["ls-tree", "-r", "-z", commit])?;
        let found: Vec<Listed> = listing(&listed)
            .filter(|found| found.kind == "blob" && found.mode != LINK && wanted(&found.path))
            .collect();
        let hashes: Vec<&str> = found.iter().map(|found| found.hash.as_str()).collect();
        let stdout = self.answers(&["cat-file", "--batch"], hashes.join("\n").as_bytes())?;
        let mut rest = &stdout[..];
        let mut files = Vec::with_capacity(found.len());
        for found in found {
            let content = next_of_batch(&mut rest).ok_or_else(|| {
                GitError::Failed(format!("the content of {} is not in this clone", found.path))
            })?;
            files.push((found.path, content));
        }
        Ok(files)
    }

    /// Puts the files of a fetched commit into its folder, links as files that hold their target.
    ///
    /// # Errors
    /// Where git fails.
    pub fn check_out(&self) -> Result<(), GitError> {
        self.output(&["-c", "core.symlinks=false", "reset", "--quiet", "--hard", "FETCH_HEAD"]).map(drop)
    }

    /// What a commit has below the folder that is neither a file nor a folder: links and submodules.
    ///
    /// # Errors
    /// Where git fails.
    pub fn odd_entries(&self, commit: &str) -> Result<Vec<String>, GitError> {
        let listed = self.output(&["ls-tree", "-r", "-z", commit])?;
        let odd = listing(&listed).filter(|found| found.kind != "blob" || found.mode == LINK);
        Ok(odd.map(|found| found.path).collect())
    }

    /// What git prints when it reads some lines.
    fn answers(&self, arguments: &[&str], lines: &[u8]) -> Result<Vec<u8>, GitError> {
        let failed = |error: io::Error| GitError::Failed(error.to_string());
        // A file and no pipe: git may print before it has read everything.
        let mut asked = tempfile::tempfile().map_err(failed)?;
        asked.write_all(lines).and_then(|()| asked.rewind()).map_err(failed)?;
        let output =
            load::output(self.command()?.args(arguments).stdin(asked)).map_err(GitError::NotStarted)?;
        if output.status.success() { Ok(output.stdout) } else { Err(GitError::Failed(said(&output))) }
    }

    fn output(&self, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        let output = self.run(arguments)?;
        if output.status.success() { Ok(output.stdout) } else { Err(GitError::Failed(said(&output))) }
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

    /// What differs from the last commit below the folder, as bytes: what a content filter would make
    /// of a file is not known, as filters are programs. Line ends that git converts are known, and a
    /// file whose content Git LFS keeps elsewhere is compared by its size.
    ///
    /// # Errors
    /// Where git fails.
    pub fn changes(&self) -> Result<Changes, GitError> {
        let head = match self.hash("HEAD^{tree}")? {
            Some(tree) => tree,
            None => String::from_utf8_lossy(&self.output(&["hash-object", "-t", "tree", "--stdin"])?)
                .trim()
                .to_owned(),
        };
        let mut arguments = vec!["diff-index", "--cached", "--name-only", "-z", "--relative", "--no-renames"];
        arguments.extend(["--no-ext-diff", "--no-textconv", "--ignore-submodules=all", &head, "--"]);
        let staged: BTreeSet<String> = names(&self.output(&arguments)?).collect();
        // `status` and `diff` would run filters, and with an index of the checkout's making on any file.
        let index = self.output(&["ls-files", "--stage", "-t", "-z"])?;
        let others = self.output(&["ls-files", "--others", "--exclude-standard", "-z"])?;
        let mut dirty = worktree::dirty(self, &index)?;
        dirty.extend(names(&others).filter(|path| !write::is_temporary(path)));
        let staged = staged.into_iter().filter(|path| !dirty.contains(path)).collect();
        Ok(Changes { dirty: dirty.into_iter().collect(), staged })
    }

    fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Result<Output, GitError> {
        load::output(self.command()?.args(arguments)).map_err(GitError::NotStarted)
    }

    /// A command that runs nothing of the checkout's choosing.
    fn command(&self) -> Result<Command, GitError> {
        self.command_as(Access::Anonymous)
    }

    fn command_as(&self, access: Access) -> Result<Command, GitError> {
        let missing = || {
            GitError::NotStarted(io::Error::other("there is none in PATH outside the checkout; install it"))
        };
        let program = program_outside("git", &self.folder).ok_or_else(missing)?;
        let mut command = Command::new(program);
        // Inherited variables could point git to another repository, or to programs.
        for name in std::env::vars_os().map(|(name, _)| name) {
            let is_kept = access == Access::AsUser && LOGIN.iter().any(|login| name == *login);
            if name.to_string_lossy().starts_with("GIT_") && !is_kept {
                command.env_remove(name);
            }
        }
        let settings = match access {
            Access::Anonymous => [SETTINGS, ANONYMOUS],
            Access::AsUser => [SETTINGS, &["protocol.ssh.allow=always"]],
        };
        if access == Access::Anonymous {
            command.env("GIT_CONFIG_NOSYSTEM", "1");
        }
        command
            .envs([
                ("GIT_OPTIONAL_LOCKS", "0"),
                ("GIT_NO_LAZY_FETCH", "1"),
                ("GIT_NO_REPLACE_OBJECTS", "1"),
                ("GIT_TERMINAL_PROMPT", "0"),
                ("GIT_LITERAL_PATHSPECS", "1"),
                ("LC_ALL", "C"),
            ])
            .env("PATH", safe_path(&self.folder))
            .args(["--no-pager", "--no-optional-locks"])
            .args(settings.into_iter().flatten().flat_map(|setting| ["-c", *setting]))
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        Ok(command)
    }
}

/// Brings one commit of a repository, as `FETCH_HEAD`, into a folder of ours, which only it is in. This is
/// the one thing that uses the network, and only where a URL was asked for by name.
///
/// # Errors
/// Where git fails; then the folder is as it was.
pub fn fetch(url: &str, revision: &str, folder: &Utf8Path, access: Access) -> Result<Repository, GitError> {
    // What is fetched is data: no links that lead elsewhere, and nothing but these two ways to it.
    const SETTINGS: &[&str] = &[
        "protocol.https.allow=always",
        "protocol.file.allow=always",
        "fetch.fsckObjects=true",
        "core.symlinks=false",
        "core.autocrlf=false",
    ];
    let failed = |error: io::Error| GitError::Failed(format!("{folder}: {error}"));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let repository = Repository { folder: folder.to_owned() };
    if !folder.join(".git").is_dir() {
        repository.output(&["init", "--quiet", "--template="])?;
    }
    let mut command = repository.command_as(access)?;
    // git gives up where the other side says nothing for so long.
    command.envs([("GIT_HTTP_LOW_SPEED_LIMIT", "1"), ("GIT_HTTP_LOW_SPEED_TIME", "30")]);
    command.args(SETTINGS.iter().flat_map(|setting| ["-c", *setting]));
    command.args([
        "fetch",
        "--quiet",
        "--depth=1",
        "--no-tags",
        "--no-recurse-submodules",
        "--",
        url,
        revision,
    ]);
    let output = command.output().map_err(GitError::NotStarted)?;
    if !output.status.success() {
        return Err(GitError::Failed(said(&output)));
    }
    Ok(repository)
}

/// The command that fetches a branch as a remote's: `origin/main` is `main` at `origin`.
fn fetching(revision: &str) -> Option<String> {
    let is_name = |text: &str| {
        !text.is_empty()
            && !text.starts_with('-')
            && text.chars().all(|c| c.is_alphanumeric() || "-_./".contains(c))
    };
    let name = revision.strip_prefix("refs/remotes/").unwrap_or(revision);
    let (remote, branch) = name.split_once('/')?;
    (is_name(remote) && is_name(branch))
        .then(|| format!("git fetch {remote} +refs/heads/{branch}:refs/remotes/{remote}/{branch}"))
}

/// How many links in a row are followed.
const MOST_LINKS: usize = 8;

/// The mode of a link in git's trees.
const LINK: &str = "120000";

/// An entry of a tree.
struct Listed {
    mode: String,
    kind: String,
    hash: String,
    path: String,
}

/// The entries that `git ls-tree -z` prints.
fn listing(bytes: &[u8]) -> impl Iterator<Item = Listed> {
    names(bytes).filter_map(|line| {
        let (facts, path) = line.split_once('\t')?;
        let mut facts = facts.split(' ').map(str::to_owned);
        Some(Listed { mode: facts.next()?, kind: facts.next()?, hash: facts.next()?, path: path.to_owned() })
    })
}

/// The next content in the output of `git cat-file --batch`: `HASH blob SIZE`, the bytes, a line break.
fn next_of_batch(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(&rest[..end]).ok()?;
    let size: usize = head.split(' ').nth(2)?.parse().ok()?;
    let content = rest.get(end + 1..end + 1 + size)?.to_vec();
    *rest = rest.get(end + 2 + size..)?;
    Some(content)
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
        std::fs::write(root.join(".cargo-durable-0123456789abcdef.tmp"), "left by a run that was killed")
            .unwrap();
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
