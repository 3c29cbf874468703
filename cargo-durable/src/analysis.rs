//! From a selection to a report: survey, remember, load, run, keep. What `check`, `fix`, `allow` and
//! `baseline` have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use durable_lints::engine::{self, NoMemory, NoProgress, PackageResult, Settings};
use durable_lints::lint::{Check, Lint};
use durable_lints::lints::ownership::unowned_security_code;
use durable_lints::load::{self, DiskFiles, Files, LoadOptions, MemoryFiles, Survey};
use durable_lints::models::Models;
use durable_lints::report::{Report, Stats};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::bar::Bar;
use crate::cache::Cache;
use crate::ci::Ci;
use crate::cli::{Look, Selection};
use crate::interrupt;
use crate::judge::{Case, Coverage};
use crate::outcome::Outcome;
use crate::owners::Tags;
use crate::policy::Policy;
use crate::ratchet::{Lock, Origins};
use crate::render::counted;
use crate::watch::Watch;

/// A report, where its paths lead, and the policy that lies there.
pub struct Analysis {
    /// What was found.
    pub report: Report,
    /// The root that every path is relative to.
    pub root: Utf8PathBuf,
    /// The policy at the root.
    pub policy: Policy,
    /// What was looked at.
    pub coverage: Coverage,
    /// The files below the root.
    pub files: DiskFiles,
    /// The paths of those that the walk saw.
    pub paths: Vec<Arc<str>>,
    /// How long it took.
    pub watch: Watch,
}

impl Analysis {
    /// What the report is judged by.
    pub fn case<'a>(&'a self, lock: &'a Lock, selection: &Selection) -> Case<'a> {
        let today = TimeZone::UTC.to_datetime(selection.now()).date();
        let profile = selection.profile;
        let (policy, coverage, origins) = (&self.policy, self.coverage.clone(), Origins::of(&self.files));
        // Only whoever sees all of the checkout knows what CI runs.
        let ci = (policy.asks_for_tools() && coverage.is_whole()).then(|| Ci::read(&self.files, &self.paths));
        Case { policy, lock, today, profile, coverage, origins, ci: ci.flatten() }
    }
}

/// What is selected, surveyed, with the policy at its root.
pub struct Selected {
    survey: Survey,
    options: LoadOptions,
    settings: Settings,
    policy: Policy,
    coverage: Coverage,
    watch: Watch,
}

impl Selected {
    /// Surveys what is selected and reads the policy.
    ///
    /// # Errors
    /// Where the selection names what is not there, or the policy cannot be read.
    pub fn new(selection: &Selection) -> Result<Selected> {
        let cached = !selection.scope.no_cache;
        let mut watch = Watch::start();
        let advisory_db = selection.scope.advisories()?;
        let cache = Cache::default_folder().filter(|_| cached);
        let options = LoadOptions { advisory_db, ..selection.options(cache) };
        let survey = load::survey(&options)?;
        watch.lap(format!("surveyed {} below {}", counted(survey.files.len() as u64, "file"), survey.root));
        one_project(&survey)?;
        let mut policy = Policy::load(&survey.root)?;
        policy.set(&selection.levels.0)?;
        let settings = settings(selection, &policy, options.now);
        let coverage = coverage(&survey, &options);
        watch.lap(format!("read the policy: {} to run", counted(settings.lints.len() as u64, "lint")));
        Ok(Selected { survey, options, settings, policy, coverage, watch })
    }

    /// The root that every path is relative to.
    pub fn root(&self) -> &Utf8Path {
        &self.survey.root
    }

    /// The policy that lies there, with what the call asks for.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What the engine is asked to do under that policy.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Looks at it with the texts of some files changed, remembering nothing; gives the texts that
    /// were looked at along.
    ///
    /// # Errors
    /// Where it cannot be looked at.
    pub fn with(&self, changed: &BTreeMap<Arc<str>, Arc<str>>) -> Result<(Analysis, Snapshot)> {
        let files = Snapshot::new(&self.survey.root, changed);
        // What cargo says of the files on the disk must not be remembered of the changed ones.
        let options = LoadOptions { cache_dir: None, ..self.options.clone() };
        let report = fresh(&self.survey, &options, &self.settings, &NoMemory, &files)?;
        let mut coverage = self.coverage.clone();
        coverage.missed(&report);
        let analysis = Analysis {
            report,
            root: self.survey.root.clone(),
            policy: self.policy.clone(),
            coverage,
            files: DiskFiles { root: self.survey.root.clone() },
            paths: Vec::new(),
            watch: self.watch.clone(),
        };
        Ok((analysis, files))
    }
}

/// Surveys what is selected, reads the policy at its root, and answers from the cache where nothing
/// changed.
///
/// # Errors
/// Where the selection names what is not there, or the policy cannot be read.
pub fn analyse(selection: &Selection) -> Result<Analysis> {
    let Selected { survey, options, settings, policy, mut coverage, mut watch } = Selected::new(selection)?;
    let root = survey.root.clone();
    let paths = survey.files.iter().map(|entry| entry.path.clone()).collect();
    let files = DiskFiles { root: root.clone() };
    let (report, from) = match selection.scope.no_cache {
        false => remembered(survey, &options, &settings)?,
        true => (fresh(&survey, &options, &settings, &NoMemory, &files)?, "cache not asked"),
    };
    coverage.missed(&report);
    let Stats { files: count, packages, .. } = report.stats;
    watch.lap(format!("checked {} in {}, {from}", counted(count, "file"), counted(packages, "package")));
    Ok(Analysis { report, root, policy, coverage, files, paths, watch })
}

/// One call has one policy: that at its root. Projects below it that have their own are not held
/// to another, nor to none.
///
/// # Errors
/// Where there are such projects.
fn one_project(survey: &Survey) -> Result<()> {
    let has = |folder: &str| {
        let policies = [crate::policy::FILE, crate::ratchet::lock::FILE].into_iter();
        policies.map(|file| Utf8Path::new(folder).join(file)).find(|file| survey.root.join(file).is_file())
    };
    let around = survey.selected.iter().filter_map(|selected| selected.project.as_deref());
    // A folder that is no project may hold several.
    let bare = |path: &str| {
        let mut bare = survey.selected.iter().filter(|selected| selected.project.is_none());
        bare.any(|selected| Utf8Path::new(path).starts_with(&*selected.path))
    };
    let inside = survey.files.iter().filter_map(|entry| entry.path.strip_suffix("/Cargo.toml"));
    let own = has("").is_none();
    let projects: BTreeSet<&str> = around.chain(inside.filter(|folder| own && bare(folder))).collect();
    let own: Vec<(&str, Utf8PathBuf)> = projects
        .into_iter()
        .filter(|folder| !folder.is_empty())
        .filter_map(|folder| Some((folder, has(folder)?)))
        .collect();
    let Some((first, _)) = own.first() else { return Ok(()) };
    let files: Vec<&str> = own.iter().map(|(_, file)| file.as_str()).collect();
    bail!(
        "{} below {} would not count, as one call has one policy; check each project in a call of its own, such as \
         `cargo durable check {}`",
        files.join(", "),
        survey.root,
        survey.root.join(first)
    )
}

fn settings(selection: &Selection, policy: &Policy, now: Timestamp) -> Settings {
    let mut lints = policy.enabled(selection.profile);
    // What matters to security is looked for where somebody can answer for it, or who asks wants to know.
    let is_security = |lint: &'static Lint| matches!(lint.check, Check::Security(_));
    match selection.look {
        Look::Tags => lints.clear(),
        Look::Security if !lints.iter().any(|lint| is_security(lint)) => {
            lints.push(&unowned_security_code::LINT)
        }
        Look::Lints if policy.owners.is_empty() => lints.retain(|lint| !is_security(lint)),
        Look::Security | Look::Lints => {}
    }
    Settings {
        lints,
        exhaustive: selection.scope.exhaustive,
        everywhere: false,
        models: Arc::new(Models::with(&policy.models)),
        now,
    }
}

/// What the lints of a policy find in the files of a commit. Packages that are known are not looked
/// at again.
///
/// # Errors
/// Where the files hold nothing that can be loaded.
pub fn of_files(files: &MemoryFiles, selection: &Selection, policy: &Policy) -> Result<Report> {
    let options = LoadOptions::at(selection.now());
    let workspace = load::load_memory(files, &options)?;
    let settings = settings(selection, policy, options.now);
    let folder = Cache::default_folder().filter(|_| !selection.scope.no_cache);
    let cache = Cache::open(folder, "of a commit");
    Ok(engine::check(&workspace, files, &settings, &Results(&cache), &NoProgress))
}

/// What the lints of a policy find where every lint looks at all code, tests included.
///
/// # Errors
/// As [`analyse`].
pub fn everywhere(selection: &Selection, policy: &Policy) -> Result<Report> {
    let options = selection.options(None);
    let survey = load::survey(&options)?;
    let settings = Settings { everywhere: true, ..settings(selection, policy, options.now) };
    let files = DiskFiles { root: survey.root.clone() };
    fresh(&survey, &options, &settings, &NoMemory, &files)
}

/// The results of packages, which go by content; digests of files go by path, and those of a commit
/// have the paths of the files on the disk.
struct Results<'a>(&'a Cache);

impl engine::Memory for Results<'_> {
    fn content(&self, _: &str) -> Option<[u8; 32]> {
        None
    }
    fn keep_content(&self, _: &Arc<str>, _: [u8; 32]) {}
    fn result(&self, key: &[u8; 32]) -> Option<Arc<PackageResult>> {
        self.0.result(key)
    }
    fn keep_result(&self, key: [u8; 32], result: &Arc<PackageResult>) {
        self.0.keep_result(key, result);
    }
}

/// What holds around a path.
pub struct Around {
    /// The root.
    pub root: Utf8PathBuf,
    /// The path relative to it.
    pub place: Arc<str>,
    /// The policy that holds there for this call.
    pub policy: Policy,
    /// Who answers for what there, as source and manifests say.
    pub tags: Tags,
}

/// What holds around a path.
///
/// # Errors
/// Where the path leads nowhere, or the policy cannot be read.
pub fn policy_around(selection: &Selection, path: &Utf8Path) -> Result<Around> {
    let options = LoadOptions { paths: vec![path.to_owned()], ..selection.options(None) };
    let survey = load::survey(&options)?;
    let mut policy = Policy::load(&survey.root)?;
    policy.set(&selection.levels.0)?;
    let place = survey.selected.first().map_or_else(|| Arc::from(""), |selected| selected.path.clone());
    let settings = Settings { lints: Vec::new(), ..settings(selection, &policy, options.now) };
    let files = DiskFiles { root: survey.root.clone() };
    let tags = Tags::of(&fresh(&survey, &options, &settings, &NoMemory, &files)?);
    Ok(Around { root: survey.root, place, policy, tags })
}

/// The files as they were when first read, so that what is judged is what was read; some of them
/// changed.
pub struct Snapshot {
    disk: DiskFiles,
    read: Mutex<BTreeMap<String, Result<Vec<u8>, String>>>,
}

impl Snapshot {
    fn new(root: &Utf8Path, changed: &BTreeMap<Arc<str>, Arc<str>>) -> Snapshot {
        let text = |(path, text): (&Arc<str>, &Arc<str>)| (path.to_string(), Ok(text.as_bytes().to_vec()));
        let read = Mutex::new(changed.iter().map(text).collect());
        Snapshot { disk: DiskFiles { root: root.to_owned() }, read }
    }

    /// The text of a file, where it is one.
    pub fn text(&self, path: &str) -> Option<Arc<str>> {
        String::from_utf8(self.read(path).ok()?).ok().map(Arc::from)
    }
}

impl Files for Snapshot {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let lock = || self.read.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(known) = lock().get(path) {
            return known.clone();
        }
        let read = self.disk.read(path);
        lock().entry(path.to_owned()).or_insert(read).clone()
    }

    fn exists(&self, path: &str) -> bool {
        self.disk.exists(path)
    }
}

fn coverage(survey: &Survey, options: &LoadOptions) -> Coverage {
    let named = !options.packages.is_empty() || !options.exclude.is_empty();
    let nowhere = vec!["\0".to_owned()];
    let folders: Vec<String> = survey.selected.iter().map(|selected| selected.path.to_string()).collect();
    // Which folders named packages have is not known here; nothing is then called unused.
    Coverage { folders: if named { nowhere } else { folders }, not_run: Vec::new() }
}

fn remembered(survey: Survey, options: &LoadOptions, settings: &Settings) -> Result<(Report, &'static str)> {
    let mut cache = Cache::open(Cache::default_folder(), &key(&survey, options, settings));
    match cache.known(&survey) {
        Some(report) => Ok((report, "cache hit: nothing changed")),
        None => {
            let files = DiskFiles { root: survey.root.clone() };
            let report = fresh(&survey, options, settings, &cache, &files)?;
            // What was cut short is no answer for the next run.
            if !interrupt::happened() {
                cache.keep(survey, &report);
            }
            Ok((report, "cache miss: something changed or is new"))
        }
    }
}

fn fresh(
    survey: &Survey,
    options: &LoadOptions,
    settings: &Settings,
    memory: &dyn engine::Memory,
    files: &dyn Files,
) -> Result<Report> {
    let workspace = load::load(survey, options, files);
    let bar = Bar::new("Checking", "packages");
    let report = engine::check(&workspace, files, settings, memory, &bar);
    bar.clear();
    Ok(report)
}

/// Everything but the files that a report depends on.
fn key(survey: &Survey, options: &LoadOptions, settings: &Settings) -> String {
    let lints: Vec<&str> = settings.lints.iter().map(|lint: &&'static Lint| lint.name).collect();
    // Certificates and advisories are judged by the day; a finer time would spare nothing.
    let day = options.now.to_string().chars().take(10).collect::<String>();
    let database = options.advisory_db.as_ref().map(|folder| {
        let real = folder.canonicalize_utf8().unwrap_or_else(|_| folder.clone());
        (real, load::stamp_of_folder(folder))
    });
    format!(
        "{} {:?} {:?} {:?} {day} {database:?} {lints:?} {:?} {} {:?}",
        survey.root,
        // What the paths, the workspace and the current folder come to.
        survey.selected,
        options.packages,
        options.exclude,
        settings.models,
        settings.exhaustive,
        load::what_cargo_rests_on()
    )
}

/// The texts of those of the files that are not known yet.
pub fn texts(outcome: &Outcome, paths: BTreeSet<Arc<str>>) -> Vec<(Arc<str>, Arc<str>)> {
    let files = DiskFiles { root: outcome.root.clone() };
    let unknown = paths.into_iter().filter(|path| !outcome.sources.contains_key(path));
    unknown
        .filter_map(|path| {
            let bytes = files.read(&path).ok()?;
            Some((path, String::from_utf8_lossy(&bytes).into()))
        })
        .collect()
}
