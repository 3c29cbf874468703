//! The life of every finding, as the git history tells it: commits in, lifetimes out.

pub mod kept;
pub mod lives;
pub mod objects;
pub mod tree;
pub mod walk;

use std::sync::Arc;

use anyhow::Result;
use camino::Utf8PathBuf;
use durable_lints::engine::Settings;
use jiff::Timestamp;

use crate::analysis::Selected;
use crate::bar::Bar;
use crate::cache::Cache;
use kept::Kept;
use lives::{Life, lives};
use objects::{Commit, Objects};
use walk::{Judge, Standing, Walk};

/// What of the history is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// From when on.
    pub since: Option<Timestamp>,
    /// Up to when.
    pub until: Option<Timestamp>,
    /// By which policy.
    pub judge: Judge,
}

/// The life of every finding of a line of commits.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The commits, the oldest first.
    pub commits: Vec<Commit>,
    /// The names of the packages at each commit, sorted.
    pub packages: Vec<Arc<[Arc<str>]>>,
    /// The lives, in the order in which they came.
    pub lives: Vec<Life>,
    /// Whether what stands at the first commit may be older than it.
    pub is_cut: bool,
    /// Remarks in one line each.
    pub notes: Vec<String>,
}

impl History {
    /// Walks the first parents of what is checked out below the root of what is selected.
    ///
    /// # Errors
    /// Where there is no repository, or an object cannot be read.
    pub fn read(selected: &Selected, range: Range, cache: Option<Utf8PathBuf>, bar: &Bar) -> Result<History> {
        let (root, policy) = (selected.root(), selected.policy());
        let (objects, inside) = Objects::around(root)?;
        let line = objects.line(range.since, range.until)?;
        let lints = match range.judge {
            Judge::Today => selected.settings().lints.clone(),
            // Any may be on at some commit.
            Judge::Then => durable_lints::lints::ALL.to_vec(),
        };
        let settings = Settings { lints, ..selected.settings().clone() };
        let key = format!("history of {root} {:?} {} {policy:?}", range.judge, settings.exhaustive);
        let mut kept = Kept::open(Cache::open(cache, &key));
        let walk = Walk {
            objects: &objects.shared(),
            inside: &inside,
            disk: root,
            policy,
            judge: range.judge,
            settings: &settings,
        };
        let standings = walk.standings(&line.commits, &mut kept, bar);
        // What is done is kept, whatever comes of the rest.
        kept.save();
        let standings = standings?;
        let mut notes = Vec::new();
        if line.is_shallow {
            notes.push("this clone is shallow: what stands at its first commit may be older; `git fetch --unshallow` brings the rest".to_owned());
        }
        if standings.len() < line.commits.len() {
            let missing = line.commits.len() - standings.len();
            notes.push(format!(
                "interrupted: {missing} commits were not walked; what was done is kept for the next call"
            ));
        }
        if let Some(last) = line.commits.last().filter(|last| objects.has_submodules(last.tree)) {
            notes.push(format!("submodules are histories of their own and are not walked ({})", short(last)));
        }
        Ok(History {
            packages: standings.iter().map(|standing: &Standing| standing.packages.clone()).collect(),
            lives: lives(&standings, line.is_cut),
            commits: line.commits.into_iter().take(standings.len()).collect(),
            is_cut: line.is_cut,
            notes,
        })
    }
}

/// A commit's id as people read it.
pub fn short(commit: &Commit) -> String {
    commit.id.to_hex_with_len(10).to_string()
}
