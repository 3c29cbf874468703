//! Runs the lints: scan, outline, parse on demand, check, and give every finding its identity.

mod attributes;
mod comments;
mod embeds;
pub(crate) mod identity;
mod metadata;
mod modules;
mod package;
mod scan;
mod subjects;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rayon::prelude::*;

use crate::lint::Lint;
use crate::load::{Files, Workspace};
use crate::models::Models;
use crate::report::{Report, Stats, Tag, TagScope, Unchecked};

pub use identity::has_item;
pub use package::PackageResult;
use scan::Scan;

/// The stack of each worker. The parser recurses as deep as code nests, and the deepest code that
/// is handed to it ([`crate::outline::MAX_NESTING`]) has to fit. Only what is touched is ever paid for.
const STACK_BYTES: usize = 512 << 20;

/// More threads than this only cost their start, unless there are as many processors.
const MOST_THREADS: usize = 64;

/// What the engine is asked to do.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The lints to run.
    pub lints: Vec<&'static Lint>,
    /// Whether to parse and look at everything, as if every place were a hit: slow, and the
    /// measure that the fast path is held to.
    pub exhaustive: bool,
    /// Whether every lint looks at all code, tests and examples included: how code that was moved out
    /// of sight is told from code that was mended.
    pub everywhere: bool,
    /// What ecosystem APIs mean, the project's own models included.
    pub models: Arc<Models>,
    /// The time of the check.
    pub now: Timestamp,
}

impl Settings {
    /// Every registered lint, the built-in models, the fast path.
    pub fn all(now: Timestamp) -> Settings {
        Settings {
            lints: crate::lints::ALL.to_vec(),
            exhaustive: false,
            everywhere: false,
            models: Arc::default(),
            now,
        }
    }
}

/// Results of packages that are known from an earlier run.
pub trait Memory: Sync {
    /// The digest of a file's content, where it is known without reading the file.
    fn content(&self, path: &str) -> Option<[u8; 32]>;
    /// Keeps the digest of a file that was read.
    fn keep_content(&self, path: &Arc<str>, digest: [u8; 32]);
    /// The result of a package, by the digest of everything that it depends on.
    fn result(&self, key: &[u8; 32]) -> Option<Arc<PackageResult>>;
    /// Keeps a result.
    fn keep_result(&self, key: [u8; 32], result: &Arc<PackageResult>);
}

/// Remembers nothing.
pub struct NoMemory;

impl Memory for NoMemory {
    fn content(&self, _: &str) -> Option<[u8; 32]> {
        None
    }
    fn keep_content(&self, _: &Arc<str>, _: [u8; 32]) {}
    fn result(&self, _: &[u8; 32]) -> Option<Arc<PackageResult>> {
        None
    }
    fn keep_result(&self, _: [u8; 32], _: &Arc<PackageResult>) {}
}

/// What a run reports while it goes on.
pub trait Progress: Sync {
    /// So many packages of so many are done.
    fn packages(&self, done: usize, of: usize);
    /// Whether the run should end early; what was not reached is then told as unchecked.
    fn cancelled(&self) -> bool;
}

/// Shows nothing and never ends early.
pub struct NoProgress;

impl Progress for NoProgress {
    fn packages(&self, _: usize, _: usize) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// Checks a workspace. The result does not depend on the number of threads or on the memory.
pub fn check(
    workspace: &Workspace,
    files: &dyn Files,
    settings: &Settings,
    memory: &dyn Memory,
    progress: &dyn Progress,
) -> Report {
    let checked = with_engine(settings, |engine| engine.check(workspace, files, memory, progress));
    // Without threads of our own there is no stack to parse on, and a crash tells nothing.
    checked.unwrap_or_else(|error| Report {
        unchecked: vec![Unchecked {
            path: workspace.root.as_str().into(),
            at: None,
            reason: error.to_string(),
            help: Some("raise the limit on threads or virtual memory (`ulimit -v`, `ulimit -u`)".into()),
        }],
        ..Report::default()
    })
}

/// The lints made ready once, for many workspaces.
pub struct Engine<'a> {
    settings: &'a Settings,
    scan: Scan<'a>,
}

/// There are no threads to work on.
#[derive(Debug, thiserror::Error)]
#[error("no worker threads can be started: {0}")]
pub struct NoThreads(rayon::ThreadPoolBuildError);

/// Makes the lints ready and runs what asks them, on threads whose stack is deep enough for any code.
///
/// # Errors
/// Where threads cannot be started.
pub fn with_engine<T: Send>(
    settings: &Settings,
    run: impl FnOnce(&Engine<'_>) -> T + Send,
) -> Result<T, NoThreads> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads()).stack_size(STACK_BYTES).build();
    let scan = || Scan::new(&settings.lints, &settings.models);
    pool.map(|pool| pool.install(|| run(&Engine { settings, scan: scan() }))).map_err(NoThreads)
}

/// How many threads work: what `RAYON_NUM_THREADS` asks for, as long as that is of any use.
pub fn threads() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let asked = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.parse().ok());
    match asked {
        None | Some(0) => processors,
        Some(asked) => asked.min(MOST_THREADS.max(processors)),
    }
}

/// Holds what runs outside of the engine's own pool to the same number of threads, where one was asked
/// for. Later calls change nothing.
pub fn bound_threads() {
    if std::env::var_os("RAYON_NUM_THREADS").is_some() {
        // Where threads have been started already, there are some, and that is all that is needed.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads()).build_global();
    }
}

impl Engine<'_> {
    /// Checks a workspace as at the time of the settings.
    pub fn check(
        &self,
        workspace: &Workspace,
        files: &dyn Files,
        memory: &dyn Memory,
        progress: &dyn Progress,
    ) -> Report {
        self.check_at(self.settings.now, workspace, files, memory, progress)
    }

    /// Checks a workspace as at a time: what is due later is not told.
    pub fn check_at(
        &self,
        now: Timestamp,
        workspace: &Workspace,
        files: &dyn Files,
        memory: &dyn Memory,
        progress: &dyn Progress,
    ) -> Report {
        let run = package::Run::new(workspace, files, self.settings, &self.scan, memory, progress);
        check_here(&run, workspace, files, self.settings, now)
    }
}

fn check_here(
    run: &package::Run<'_>,
    workspace: &Workspace,
    files: &dyn Files,
    settings: &Settings,
    now: Timestamp,
) -> Report {
    let checked = run.selected();
    let results: Vec<Arc<PackageResult>> = checked.par_iter().map(|index| run.package(*index)).collect();
    let mut report = subjects::check(workspace, files, settings, &results, now);

    for result in &results {
        report.findings.extend(result.findings.iter().cloned());
        report.allows.extend(result.allows.iter().cloned());
        report.tags.extend(result.tags.iter().cloned());
        report.security.extend(result.security.iter().cloned());
        report.unchecked.extend(result.unchecked.iter().cloned());
        report.rests_on.extend(result.beyond.iter().map(|beyond| beyond.path.clone()));
        report.rests_on.extend(result.embeds.iter().filter_map(|embed| embed.target.clone()));
        add(&mut report.stats, result.stats);
    }
    let checked_manifest = |path: &str| workspace.manifests.iter().any(|manifest| *manifest.path == *path);
    for manifest in workspace.all_manifests.iter().filter(|manifest| manifest.package_name().is_some()) {
        report
            .packages
            .push(manifest.path.strip_suffix("Cargo.toml").unwrap_or("").trim_end_matches('/').into());
        let tag = metadata::read(manifest);
        report.tags.extend(tag.map(|tag| Tag { checked: checked_manifest(&tag.file), ..tag }));
    }
    report.packages.sort();
    report.rests_on.extend(workspace.rests_on.iter().cloned());
    report.fleeting = workspace.fleeting;
    let today = TimeZone::UTC.to_datetime(now).date();
    report.findings.retain(|finding| finding.due.is_none_or(|due| due < today));
    let selected = |path: &str| path.is_empty() || workspace.is_selected(path);
    report.findings.retain(|finding| selected(&finding.file));
    report.allows.retain(|allow| selected(&allow.file));
    report.security.retain(|item| selected(&item.file));
    report.tags.retain(|tag| tag.scope == TagScope::Package || selected(&tag.file));
    report.unchecked.retain(|unchecked| selected(&unchecked.path));
    report.unchecked.extend(workspace.unchecked.iter().cloned());
    report.stats.files = workspace.checked_files();
    if report.stats.files == 0 && report.unchecked.is_empty() {
        report.unchecked.extend(workspace.selected.iter().map(|selected| nothing_in(&selected.path)));
    }
    report.notes.extend(workspace.notes.iter().cloned());
    for (index, result) in checked.iter().zip(&results) {
        let package = &workspace.packages[*index];
        if !package.version.is_empty() {
            report.homes.add(package.told(), &result.targets);
        }
    }
    finish(&mut report);
    report
}

fn add(total: &mut Stats, more: Stats) {
    total.packages += more.packages;
    total.bytes += more.bytes;
    total.generated += more.generated;
}

/// Green would be a claim about something, and here is nothing.
fn nothing_in(path: &Arc<str>) -> Unchecked {
    Unchecked {
        path: if path.is_empty() { ".".into() } else { path.clone() },
        at: None,
        reason: "there is nothing to check: no Rust file, manifest, workflow or certificate".into(),
        help: Some("name a package, a workspace, or a folder or file of them".into()),
    }
}

/// Puts everything in its one order, so that the same input gives the same bytes.
fn finish(report: &mut Report) {
    report.findings.sort_by(|a, b| {
        (&a.file, a.span, a.lint.name, &a.message).cmp(&(&b.file, b.span, b.lint.name, &b.message))
    });
    // A file that several packages share is found in once for each.
    report
        .findings
        .dedup_by(|a, b| a.file == b.file && a.span == b.span && a.lint == b.lint && a.message == b.message);
    identity::distinguish(&mut report.findings);
    report.allows.sort_by(|a, b| (&a.file, a.span).cmp(&(&b.file, b.span)));
    report.allows.dedup_by(|a, b| a.file == b.file && a.span == b.span);
    report.tags.sort_by(|a, b| (&a.file, a.span).cmp(&(&b.file, b.span)));
    report.tags.dedup_by(|a, b| a.file == b.file && a.span == b.span);
    report.security.sort_by(|a, b| (&a.file, a.span).cmp(&(&b.file, b.span)));
    report.security.dedup_by(|a, b| a.file == b.file && a.span == b.span);
    let unique: BTreeSet<Unchecked> = report.unchecked.drain(..).collect();
    report.unchecked = unique.into_iter().collect();
    report.rests_on.sort();
    report.rests_on.dedup();
    let mut seen = BTreeSet::new();
    report.notes.retain(|note| seen.insert(note.clone()));
}
