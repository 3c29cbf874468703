//! Commits, trees and blobs, read from the object database itself: nothing is checked out, and no
//! program of the repository's runs.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use durable_lints::load::LARGEST_MIB;
use gix::diff::tree::Recorder;
use gix::diff::tree::recorder::Change;
use gix::objs::TreeRefIter;
use gix::objs::tree::EntryKind;
use jiff::Timestamp;

pub use gix::ObjectId;

/// A repository's objects.
#[derive(Clone)]
pub struct Objects {
    repository: gix::Repository,
}

/// A commit of the line that is walked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// What it holds.
    pub tree: ObjectId,
    /// When it was made, as its committer's clock says.
    pub time: Timestamp,
    /// The first line of its message.
    pub title: String,
    /// Its parents, the first first.
    pub parents: Vec<ObjectId>,
}

/// A line of first parents, the oldest commit first.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// The commits.
    pub commits: Vec<Commit>,
    /// Whether what the first one has may be older than it: its parents are not here, or were not asked for.
    pub is_cut: bool,
    /// Whether the clone lacks the parents of the first.
    pub is_shallow: bool,
}

/// A change of one file between two trees.
pub struct Changed {
    /// Relative to the top of the tree.
    pub path: Arc<str>,
    /// What it holds now; `None` where it is gone.
    pub now: Option<ObjectId>,
}

impl Objects {
    /// The objects of the repository around a folder, and the folder's path in it.
    ///
    /// # Errors
    /// Where there is no repository.
    pub fn around(folder: &Utf8Path) -> Result<(Objects, Utf8PathBuf)> {
        let folder = folder.canonicalize_utf8().with_context(|| format!("{folder} cannot be read"))?;
        let Some(top) = folder.ancestors().find(|folder| folder.join(".git").exists()) else {
            bail!("{folder} is in no git repository: history is read from one");
        };
        let inside = folder.strip_prefix(top).unwrap_or(Utf8Path::new("")).to_owned();
        // No configuration but the repository's own is read, and none of it names a program here.
        let options = gix::open::Options::isolated();
        let mut repository = gix::open_opts(top, options)
            .with_context(|| format!("the git repository at {top} cannot be opened"))?;
        // Trees and blobs are asked for again and again while a line is walked.
        repository.object_cache_size(64 << 20);
        Ok((Objects { repository }, inside))
    }

    /// For another thread.
    pub fn shared(&self) -> gix::ThreadSafeRepository {
        self.repository.clone().into_sync()
    }

    /// On this thread.
    pub fn of_thread(shared: &gix::ThreadSafeRepository) -> Objects {
        let mut repository = shared.to_thread_local();
        repository.object_cache_size(64 << 20);
        Objects { repository }
    }

    /// The first parents of what is checked out, made within a time; `since` cuts the line behind the last
    /// commit before it, which stands for what was there when the time began. An empty repository has none.
    ///
    /// # Errors
    /// Where a commit cannot be read.
    pub fn line(&self, since: Option<Timestamp>, until: Option<Timestamp>) -> Result<Line> {
        let head = self.repository.head().context("what is checked out cannot be read")?;
        if head.is_unborn() {
            return Ok(Line::default());
        }
        let mut next =
            Some(self.repository.head_id().context("what is checked out cannot be read")?.detach());
        let shallow = self.repository.shallow_commits().ok().flatten();
        let mut line = Line::default();
        while let Some(id) = next {
            let commit = self.commit(id)?;
            next = commit.parents.first().copied();
            if shallow.as_ref().is_some_and(|ends| ends.iter().any(|end| *end == id)) && next.is_some() {
                (line.is_cut, line.is_shallow, next) = (true, true, None);
            }
            let is_before = since.is_some_and(|since| commit.time < since);
            if until.is_none_or(|until| commit.time <= until) {
                line.commits.push(commit);
            }
            if is_before {
                line.is_cut |= next.is_some();
                break;
            }
        }
        line.commits.reverse();
        Ok(line)
    }

    fn commit(&self, id: ObjectId) -> Result<Commit> {
        let unread = || format!("commit {id} cannot be read");
        let commit = self.repository.find_commit(id).with_context(unread)?;
        let decoded = commit.decode().with_context(unread)?;
        let seconds = commit.time().with_context(unread)?.seconds;
        let title = decoded.message.split(|byte| *byte == b'\n').next().unwrap_or_default();
        Ok(Commit {
            id,
            tree: commit.tree_id().with_context(unread)?.detach(),
            time: Timestamp::from_second(seconds).unwrap_or_default(),
            title: String::from_utf8_lossy(title).trim().to_owned(),
            parents: commit.parent_ids().map(gix::Id::detach).collect(),
        })
    }

    /// The tree of a folder in the tree of a commit; `None` where there is none.
    ///
    /// # Errors
    /// Where a tree cannot be read.
    pub fn folder(&self, tree: ObjectId, path: &Utf8Path) -> Result<Option<ObjectId>> {
        if path.as_str().is_empty() {
            return Ok(Some(tree));
        }
        let top = self.repository.find_tree(tree).with_context(|| format!("tree {tree} cannot be read"))?;
        let found = top.lookup_entry_by_path(path.as_std_path());
        let found = found.with_context(|| format!("{path} cannot be looked up in tree {tree}"))?;
        Ok(found.filter(|entry| entry.mode().is_tree()).map(|entry| entry.object_id()))
    }

    /// What is another file in one tree than in the other: files alone, neither links nor submodules.
    ///
    /// # Errors
    /// Where a tree cannot be read.
    pub fn changes(&self, from: Option<ObjectId>, to: Option<ObjectId>) -> Result<Vec<Changed>> {
        let read = |id: Option<ObjectId>| match id {
            Some(id) => {
                let tree = self.repository.find_tree(id);
                tree.map(|tree| tree.data.clone()).with_context(|| format!("tree {id} cannot be read"))
            }
            None => Ok(Vec::new()),
        };
        let (old, new) = (read(from)?, read(to)?);
        let kind = self.repository.object_hash();
        let mut recorder = Recorder::default();
        gix::diff::tree(
            TreeRefIter::from_bytes(&old, kind),
            TreeRefIter::from_bytes(&new, kind),
            gix::diff::tree::State::default(),
            &self.repository.objects,
            &mut recorder,
        )
        .context("two trees cannot be compared")?;
        let is_file = |kind: EntryKind| matches!(kind, EntryKind::Blob | EntryKind::BlobExecutable);
        let change = |change| {
            let (path, now) = match change {
                Change::Deletion { path, .. } => (path, None),
                Change::Addition { entry_mode, oid, path, .. }
                | Change::Modification { entry_mode, oid, path, .. } => {
                    (path, is_file(entry_mode.kind()).then_some(oid))
                }
            };
            // A name that is not UTF-8 names nothing that cargo or the compiler would read.
            let path = String::from_utf8(path.into()).ok()?;
            Some(Changed { path: path.into(), now })
        };
        Ok(recorder.records.into_iter().filter_map(change).collect())
    }

    /// Whether a tree holds a submodule somewhere.
    pub fn has_submodules(&self, tree: ObjectId) -> bool {
        let found = self.repository.find_tree(tree).ok();
        found.is_some_and(|tree| tree.lookup_entry_by_path(".gitmodules").ok().flatten().is_some())
    }

    /// The size of a file in bytes; 0 where the clone lacks it.
    pub fn size(&self, id: ObjectId) -> u64 {
        self.repository.find_header(id).map_or(0, |header| header.size())
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// Where the clone lacks it, or it is larger than what is checked; the reason in words.
    pub fn blob(&self, id: ObjectId) -> Result<Vec<u8>, String> {
        if self.size(id) > LARGEST_MIB << 20 {
            return Err(format!("the file is larger than the limit of {LARGEST_MIB} MiB"));
        }
        let blob = self.repository.find_blob(id);
        blob.map(|mut blob| blob.take_data()).map_err(|_| "its content is not in this clone".to_owned())
    }
}
