//! What stood at the commits of earlier walks: a commit that was walked is never walked again.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::objects::ObjectId;
use super::walk::{Stand, Standing};
use crate::cache::Cache;

/// The standings of commits, those of earlier walks among them.
pub struct Kept {
    cache: Cache,
    stands: Table<Arc<Stand>>,
    packages: Table<Arc<[Arc<str>]>>,
    commits: FxHashMap<(ObjectId, Option<ObjectId>), Row>,
    changed: bool,
}

/// What stood at one commit, by position in the tables.
#[derive(Clone, Serialize, Deserialize)]
struct Row {
    stands: Vec<u32>,
    left: Vec<u32>,
    silenced: Vec<u32>,
    packages: u32,
    unread: Vec<Arc<str>>,
}

/// As it lies on the disk.
#[derive(Default, Serialize, Deserialize)]
struct File {
    stands: Vec<Arc<Stand>>,
    packages: Vec<Arc<[Arc<str>]>>,
    /// The ids of a commit and of the one before it in the line, and what stood there.
    commits: Vec<(Vec<u8>, Vec<u8>, Row)>,
}

impl Kept {
    /// What earlier walks found, as far as the cache of this one has it.
    pub fn open(cache: Cache) -> Kept {
        let file: File = cache.history().unwrap_or_default();
        let id = |bytes: &[u8]| ObjectId::try_from(bytes).ok();
        let commits = file.commits.into_iter().filter_map(|(commit, before, row)| {
            let before = if before.is_empty() { None } else { Some(id(&before)?) };
            Some(((id(&commit)?, before), row))
        });
        Kept {
            commits: commits.collect(),
            stands: Table::of(file.stands),
            packages: Table::of(file.packages),
            changed: false,
            cache,
        }
    }

    /// Whether a commit was walked as the one after another.
    pub fn has(&self, commit: ObjectId, before: Option<ObjectId>) -> bool {
        self.commits.contains_key(&(commit, before))
    }

    /// What stood at a commit.
    pub fn get(&self, commit: ObjectId, before: Option<ObjectId>) -> Option<Standing> {
        let row = self.commits.get(&(commit, before))?;
        let stands = |rows: &[u32]| rows.iter().filter_map(|row| self.stands.get(*row)).collect::<Vec<_>>();
        Some(Standing {
            stands: stands(&row.stands),
            left: stands(&row.left).into_iter().collect(),
            silenced: stands(&row.silenced).into_iter().collect(),
            packages: self.packages.get(row.packages).unwrap_or_default(),
            unread: row.unread.clone(),
        })
    }

    /// Takes in what stood at a commit.
    pub fn add(&mut self, commit: ObjectId, before: Option<ObjectId>, standing: &Standing) {
        let Standing { stands, left, packages, unread, silenced } = standing;
        let mut all = |stands: &mut dyn Iterator<Item = &Arc<Stand>>| -> Vec<u32> {
            let mut rows: Vec<u32> = Vec::new();
            rows.extend(stands.map(|stand| self.stands.row(stand)));
            rows
        };
        let row = Row {
            stands: all(&mut stands.iter()),
            left: all(&mut left.iter()),
            silenced: all(&mut silenced.iter()),
            packages: self.packages.row(packages),
            unread: unread.clone(),
        };
        self.commits.insert((commit, before), row);
        self.changed = true;
    }

    /// Writes it down for the next walk. Where that fails, the next walk only takes longer.
    pub fn save(self) {
        if !self.changed {
            return;
        }
        let bytes = |id: &ObjectId| id.as_bytes().to_vec();
        let commits = self.commits.iter().map(|((commit, before), row)| {
            (bytes(commit), before.as_ref().map(bytes).unwrap_or_default(), row.clone())
        });
        let file =
            File { commits: commits.collect(), stands: self.stands.rows, packages: self.packages.rows };
        self.cache.keep_history(&file);
    }
}

/// Values that are kept once.
struct Table<T> {
    rows: Vec<T>,
    numbers: FxHashMap<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Table<T> {
    fn of(rows: Vec<T>) -> Table<T> {
        Table { numbers: rows.iter().cloned().zip(0..).collect(), rows }
    }

    fn row(&mut self, value: &T) -> u32 {
        if let Some(known) = self.numbers.get(value) {
            return *known;
        }
        let row = self.rows.len() as u32;
        self.rows.push(value.clone());
        self.numbers.insert(value.clone(), row);
        row
    }

    fn get(&self, row: u32) -> Option<T> {
        self.rows.get(row as usize).cloned()
    }
}
