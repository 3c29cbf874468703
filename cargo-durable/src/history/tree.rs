//! The files of one commit after the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use durable_lints::load::{Files, is_read};
use gix::ThreadSafeRepository;

use super::objects::{ObjectId, Objects};

/// What a commit has below the root.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// By path relative to the root.
    pub files: BTreeMap<Arc<str>, Blob>,
    id: Option<ObjectId>,
}

/// A file.
#[derive(Clone, Debug)]
pub struct Blob {
    /// Its id.
    pub id: ObjectId,
    /// Its size in bytes.
    pub size: u64,
    /// What it holds, or why that is not known. Files that lints seldom ask for are read when one does.
    content: Option<Result<Arc<[u8]>, String>>,
}

impl Tree {
    /// Becomes the tree of another commit. Gives the paths that are another file now.
    ///
    /// # Errors
    /// Where a tree cannot be read.
    pub fn become_of(&mut self, id: Option<ObjectId>, objects: &Objects) -> Result<Vec<Arc<str>>> {
        if id == self.id {
            return Ok(Vec::new());
        }
        let changes = objects.changes(self.id, id)?;
        // What became a folder is gone before what lies in it comes.
        for gone in changes.iter().filter(|change| change.now.is_none()) {
            self.files.remove(&gone.path);
        }
        for change in &changes {
            if let Some(id) = change.now {
                let content = is_read(&change.path).then(|| objects.blob(id).map(Arc::<[u8]>::from));
                let size = match &content {
                    Some(Ok(bytes)) => bytes.len() as u64,
                    _ => objects.size(id),
                };
                let blob = Blob { id, size, content };
                self.files.insert(change.path.clone(), blob);
            }
        }
        self.id = id;
        Ok(changes.into_iter().map(|change| change.path).collect())
    }
}

/// The files of a commit, as the engine asks for them.
pub struct FilesAt<'a> {
    /// The commit's.
    pub tree: &'a Tree,
    /// Where the contents of those are that were not read yet.
    pub objects: &'a ThreadSafeRepository,
}

impl Files for FilesAt<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let blob = self.tree.files.get(path).ok_or("there is no such file")?;
        match &blob.content {
            Some(content) => content.as_ref().map(|content| content.to_vec()).map_err(Clone::clone),
            None => Objects::of_thread(self.objects).blob(blob.id),
        }
    }

    fn exists(&self, path: &str) -> bool {
        self.tree.files.contains_key(path)
    }
}
