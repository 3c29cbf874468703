//! Commits in, what stood at each out.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};
use durable_lints::engine::{self, Engine, Memory, NoProgress, PackageResult, Settings, with_engine};
use durable_lints::lint::Level;
use durable_lints::lints::find;
use durable_lints::load::{Files as _, LoadOptions, Workspace, load_tree};
use durable_lints::report::Report;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::kept::Kept;
use super::objects::{Commit, Objects};
use super::tree::{FilesAt, Tree};
use crate::bar::Bar;
use crate::ci::Ci;
use crate::interrupt;
use crate::judge::{Case, Coverage, judge_case};
use crate::outcome::{Judged, Outcome, Status};
use crate::policy::{self, Policy, PolicyFiles, Profile};
use crate::ratchet::origins::has_left;
use crate::ratchet::{Lock, Origins, lock};

/// A result of a package that no commit asked for in so long is let go.
const FORGOTTEN_AFTER: usize = 40;
/// So many stretches of the line for each thread: the first commit of a stretch costs a whole check.
const STRETCHES: usize = 4;
/// A shorter stretch is not worth its first commit.
const SHORTEST: usize = 50;

/// A finding as it stood at a commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stand {
    /// The lint.
    pub lint: Arc<str>,
    /// Its level under the policy.
    pub level: Level,
    /// The package; empty where there is none.
    pub package: Arc<str>,
    /// The file, relative to the root.
    pub file: Arc<str>,
    /// The line it starts in, from 1.
    pub line: u32,
    /// The item around it.
    pub item: Arc<str>,
    /// The hashes of its tokens.
    pub tokens: Arc<str>,
    /// Its identity.
    pub id: Arc<str>,
    /// Who answers for the place.
    pub owner: Option<Arc<str>>,
    /// What lets it through, where something does.
    pub exempt: Option<Exempt>,
}

/// What lets a finding through.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Exempt {
    /// Its last day.
    pub expires: Option<Date>,
}

/// What stood at a commit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// The findings, in the order of `check`.
    pub stands: Vec<Arc<Stand>>,
    /// Those that stood at the commit before, not here, and whose item is gone from its file.
    pub left: FxHashSet<Arc<Stand>>,
    /// The names of the packages, sorted.
    pub packages: Arc<[Arc<str>]>,
    /// The files and folders that could not be looked at.
    pub unread: Vec<Arc<str>>,
    /// Those that stood at the commit before, or were silenced there, and not here, where the policy of this
    /// commit lets the lint look no more.
    pub silenced: FxHashSet<Arc<Stand>>,
}

/// By which policy commits are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Judge {
    /// Today's.
    Today,
    /// The one in force at each commit.
    Then,
}

/// What is walked, and how it is judged.
pub struct Walk<'a> {
    /// The objects.
    pub objects: &'a gix::ThreadSafeRepository,
    /// The root's folder in the repository.
    pub inside: &'a Utf8Path,
    /// Where the root lies on the disk, for policies that are extended from outside of the repository.
    pub disk: &'a Utf8Path,
    /// Today's policy.
    pub policy: &'a Policy,
    /// By which policy.
    pub judge: Judge,
    /// What the engine is asked to do.
    pub settings: &'a Settings,
}

impl Walk<'_> {
    /// What stood at each commit of a line, the oldest first. What is kept from earlier walks is not walked
    /// again; what an interrupt leaves undone is missing at the end.
    ///
    /// # Errors
    /// Where objects cannot be read.
    pub fn standings(&self, commits: &[Commit], kept: &mut Kept, bar: &Bar) -> Result<Vec<Standing>> {
        let previous = |index: usize| index.checked_sub(1).map(|before| commits[before].id);
        let known = |index: usize| kept.has(commits[index].id, previous(index));
        let missing: Vec<usize> = (0..commits.len()).filter(|index| !known(*index)).collect();
        let done = AtomicUsize::new(commits.len() - missing.len());
        bar.done(done.load(Ordering::Relaxed), commits.len());
        // What a policy silenced is carried from commit to commit; there, one thread walks all of them.
        let stretch = match self.judge {
            Judge::Today => missing.len().div_ceil(STRETCHES * engine::threads()).max(SHORTEST),
            Judge::Then => missing.len().max(1),
        };
        let runs = missing.chunk_by(|a, b| a + 1 == *b).flat_map(|run| run.chunks(stretch));
        let before = |run: &[usize]| run[0].checked_sub(1);
        let runs: Vec<(&[usize], Option<Standing>)> = runs
            .map(|run| (run, before(run).and_then(|index| kept.get(commits[index].id, previous(index)))))
            .collect();
        let walked = with_engine(self.settings, |engine| {
            let walk = |(run, known): &(&[usize], Option<Standing>)| {
                let mut thread = Thread::new(self, engine);
                let mut found = Vec::new();
                // What the commit before the first has, is what the first is compared with.
                match (known, before(run)) {
                    (Some(known), _) => thread.before = standing_or_silenced(known),
                    (None, Some(index)) => drop(thread.step(&commits[index])?),
                    (None, None) => {}
                }
                for index in *run {
                    if interrupt::happened() {
                        break;
                    }
                    found.push((*index, thread.step(&commits[*index])?));
                    bar.done(done.fetch_add(1, Ordering::Relaxed) + 1, commits.len());
                }
                Ok(found)
            };
            runs.par_iter().map(walk).collect::<Result<Vec<_>>>()
        })??;
        for (index, standing) in walked.into_iter().flatten() {
            kept.add(commits[index].id, previous(index), &standing);
        }
        let standings = (0..commits.len()).map_while(|index| kept.get(commits[index].id, previous(index)));
        Ok(standings.collect())
    }
}

/// What one thread carries from commit to commit.
struct Thread<'a> {
    walk: &'a Walk<'a>,
    engine: &'a Engine<'a>,
    objects: Objects,
    tree: Tree,
    workspace: Option<Workspace>,
    recent: Recent,
    before: Vec<Arc<Stand>>,
    known: FxHashSet<Arc<Stand>>,
}

impl<'a> Thread<'a> {
    fn new(walk: &'a Walk<'a>, engine: &'a Engine<'a>) -> Thread<'a> {
        Thread {
            walk,
            engine,
            objects: Objects::of_thread(walk.objects),
            tree: Tree::default(),
            workspace: None,
            recent: Recent::default(),
            before: Vec::new(),
            known: FxHashSet::default(),
        }
    }

    /// What stands at a commit.
    fn step(&mut self, commit: &Commit) -> Result<Standing> {
        let folder = self.objects.folder(commit.tree, self.walk.inside)?;
        let had = self.tree.files.len();
        let changed = self.tree.become_of(folder, &self.objects)?;
        let is_content = |path: &Arc<str>| path.ends_with(".rs") && self.tree.files.contains_key(path);
        // Only manifests and the list of files tell what the packages are.
        if self.workspace.is_none() || had != self.tree.files.len() || !changed.iter().all(is_content) {
            self.workspace = Some(self.load(commit)?);
        }
        let files = FilesAt { tree: &self.tree, objects: self.walk.objects };
        let Some(workspace) = &self.workspace else { return Ok(Standing::default()) };
        self.recent.turn();
        let known = Known { tree: &self.tree, recent: &self.recent };
        let report = self.engine.check_at(commit.time, workspace, &files, &known, &NoProgress);
        let packages = names(workspace);
        // Where nothing is, nothing is left unread.
        let is_empty = report.stats.files == 0;
        let policy = self.policy(&files);
        let outcome = judged(commit, report, &policy, &files);
        let unread = outcome.unchecked.iter().map(|unchecked| unchecked.path.clone());
        let mut unread: Vec<Arc<str>> = if is_empty { Vec::new() } else { unread.collect() };
        let packages_unread: Vec<Arc<str>> = unread.iter().filter_map(package_of).collect();
        let is_known =
            |judged: &&Judged| !packages_unread.iter().any(|folder| is_below(&judged.finding.file, folder));
        let judged = outcome.findings.iter().filter(is_known);
        let stands: Vec<Arc<Stand>> = judged.map(|judged| intern(&mut self.known, judged)).collect();
        unread.extend(packages_unread);
        let here: FxHashSet<(&str, &str)> = stands.iter().map(|stand| (&*stand.id, &*stand.file)).collect();
        let gone = self.before.iter().filter(|stand| !here.contains(&(&stand.id, &stand.file)));
        let gone: Vec<&Arc<Stand>> = gone.collect();
        let is_silent = |stand: &&Arc<Stand>| {
            find(&stand.lint)
                .is_some_and(|lint| policy.level_under(Profile::Default, lint, &stand.file) == Level::Allow)
        };
        let silenced = gone.iter().copied().filter(is_silent).cloned().collect();
        let has_left = |stand: &&Arc<Stand>| has_left(&files, &stand.file, &stand.item);
        let left = gone.iter().copied().filter(has_left).cloned().collect();
        let standing = Standing { stands, left, packages, unread, silenced };
        self.before = standing_or_silenced(&standing);
        Ok(standing)
    }

    fn load(&self, commit: &Commit) -> Result<Workspace> {
        let files = FilesAt { tree: &self.tree, objects: self.walk.objects };
        let sized = self.tree.files.iter().map(|(path, blob)| (path.clone(), blob.size));
        let loaded = load_tree(sized, &files, &LoadOptions::at(commit.time));
        loaded.with_context(|| format!("the files of commit {} cannot be loaded", commit.id))
    }

    /// The policy that a commit is judged by.
    fn policy(&self, files: &FilesAt<'_>) -> Cow<'a, Policy> {
        if self.walk.judge == Judge::Today {
            return Cow::Borrowed(self.walk.policy);
        }
        let disk = policy::DiskFiles { root: self.walk.disk.to_owned() };
        let read = Policy::read(&PolicyAt { files, disk }, durable_lints::lints::ALL);
        // One that was not valid then decided nothing.
        Cow::Owned(read.unwrap_or_else(|_| Policy::defaults()))
    }
}

/// The folder of a manifest: where that cannot be read, what its files are is not known, and what is found
/// in them goes by other names.
fn package_of(path: &Arc<str>) -> Option<Arc<str>> {
    match path.strip_suffix("Cargo.toml")? {
        "" => Some(".".into()),
        folder => folder.strip_suffix('/').map(Arc::from),
    }
}

/// Whether a file is, or lies in, what a path names.
pub(super) fn is_below(file: &str, path: &str) -> bool {
    path == "." || file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a later commit is compared with.
fn standing_or_silenced(standing: &Standing) -> Vec<Arc<Stand>> {
    standing.stands.iter().chain(&standing.silenced).cloned().collect()
}

/// What `check` says of a commit on its day.
fn judged(commit: &Commit, report: Report, policy: &Policy, files: &FilesAt<'_>) -> Outcome {
    let text = files.read(lock::FILE).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    // What was not valid then let nothing through.
    let lock = text.and_then(|text| Lock::parse(&text).ok()).unwrap_or_default();
    let mut coverage = Coverage::default();
    coverage.missed(&report);
    let paths = || files.tree.files.keys().cloned().collect::<Vec<_>>();
    let ci = if policy.asks_for_tools() { Ci::read(files, &paths()) } else { None };
    let today = TimeZone::UTC.to_datetime(commit.time).date();
    let (profile, origins) = (Profile::Default, Origins::of(files));
    judge_case(report, &Case { policy, lock: &lock, today, profile, coverage, origins, ci })
}

fn intern(known: &mut FxHashSet<Arc<Stand>>, judged: &Judged) -> Arc<Stand> {
    let stand = stand(judged);
    if let Some(known) = known.get(&stand) {
        return known.clone();
    }
    let stand = Arc::new(stand);
    known.insert(stand.clone());
    stand
}

fn stand(judged: &Judged) -> Stand {
    let Judged { finding, level, status, owner, .. } = judged;
    let exempt = match status {
        Status::New => None,
        Status::Exempt(exempt) | Status::AllowedInSource(exempt) => Some(Exempt { expires: exempt.expires }),
    };
    Stand {
        lint: finding.lint.name.into(),
        level: *level,
        package: finding.package.clone().unwrap_or_default(),
        file: finding.file.clone(),
        line: finding.start.line,
        item: finding.item.as_str().into(),
        tokens: finding.tokens.as_str().into(),
        id: finding.id.as_str().into(),
        owner: owner.as_deref().map(Arc::from),
        exempt,
    }
}

/// The names of the packages that are checked.
fn names(workspace: &Workspace) -> Arc<[Arc<str>]> {
    let checked = workspace.packages.iter().filter(|package| package.selected && !package.version.is_empty());
    let names: BTreeSet<Arc<str>> = checked.map(|package| package.package.name.clone()).collect();
    names.into_iter().collect()
}

/// The policy as a commit has it; what lies outside of the repository's folder is read as it is now.
struct PolicyAt<'a> {
    files: &'a FilesAt<'a>,
    disk: policy::DiskFiles,
}

impl PolicyFiles for PolicyAt<'_> {
    fn read(&self, path: &Utf8Path) -> Result<Option<String>, String> {
        if self.is_outside(path) {
            return self.disk.read(path);
        }
        let path: Utf8PathBuf = path.components().filter(|part| part.as_str() != ".").collect();
        if !self.files.exists(path.as_str()) {
            return Ok(None);
        }
        let bytes = self.files.read(path.as_str())?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn is_outside(&self, path: &Utf8Path) -> bool {
        path.is_absolute() || path.components().any(|part| part.as_str() == "..")
    }
}

/// Results of packages by the digest of all that they rest on, each with the turn in which it was last asked for.
type Results = FxHashMap<[u8; 32], (Arc<PackageResult>, usize)>;

/// The results of packages at recent commits.
#[derive(Default)]
struct Recent {
    turn: usize,
    results: Mutex<Results>,
}

impl Recent {
    /// Goes on to the next commit.
    fn turn(&mut self) {
        self.turn += 1;
        let turn = self.turn;
        let results = self.results.get_mut().unwrap_or_else(PoisonError::into_inner);
        results.retain(|_, (_, used)| *used + FORGOTTEN_AFTER > turn);
    }
}

/// What is known of a commit before it is looked at.
struct Known<'a> {
    tree: &'a Tree,
    recent: &'a Recent,
}

impl Memory for Known<'_> {
    /// The id of a file tells its content as well as any other digest.
    fn content(&self, path: &str) -> Option<[u8; 32]> {
        let blob = self.tree.files.get(path)?;
        let mut digest = [0; 32];
        digest[..blob.id.as_bytes().len()].copy_from_slice(blob.id.as_bytes());
        Some(digest)
    }

    fn keep_content(&self, _: &Arc<str>, _: [u8; 32]) {}

    fn result(&self, key: &[u8; 32]) -> Option<Arc<PackageResult>> {
        let mut results = self.recent.results.lock().unwrap_or_else(PoisonError::into_inner);
        let (result, used) = results.get_mut(key)?;
        *used = self.recent.turn;
        Some(result.clone())
    }

    fn keep_result(&self, key: [u8; 32], result: &Arc<PackageResult>) {
        let mut results = self.recent.results.lock().unwrap_or_else(PoisonError::into_inner);
        results.insert(key, (result.clone(), self.recent.turn));
    }
}
