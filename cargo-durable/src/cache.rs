//! What earlier runs found out, kept by content, so that nothing unchanged is looked at twice.
//!
//! Two kinds of files lie in the cache folder. `runs/KEY` holds one whole report with the stamps
//! of every file it rests on: where all stamps still agree, it is the answer. `packages/KEY` holds
//! the result of one package, named by the digest of its content, its dependencies' content, the
//! lints and this program. Every file begins with a digest of its name and of itself and is put in
//! place by a rename: a damaged, cut, swapped or foreign file is as good as none, runs side by side
//! do not disturb each other, and the folder may be deleted at any time.

use std::fs;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use camino::{Utf8Path, Utf8PathBuf};
use durable_lints::engine::{Memory, PackageResult};
use durable_lints::load::{Entry, Stamp, Survey, read_regular, stamp_of_file};
use durable_lints::report::Report;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Times on common file systems tick this coarsely: a file that changed twice within it may keep
/// its stamp, so what changed just before a survey is not trusted.
const CLOCK_TICK: Duration = Duration::from_millis(20);

/// What was not used for this long is swept away.
const KEEP: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The cache of one run.
pub struct Cache {
    folder: Option<Utf8PathBuf>,
    run: String,
    program: [u8; 32],
    surveyed: SystemTime,
    contents: rustc_hash::FxHashMap<Arc<str>, [u8; 32]>,
    read: Mutex<Vec<(Arc<str>, [u8; 32])>>,
    /// Set once writing fails; one full disk is enough to know.
    full: AtomicBool,
}

/// A whole report and what it rests on.
#[derive(Serialize, Deserialize)]
struct Run {
    surveyed: Duration,
    files: Vec<Entry>,
    contents: Vec<Option<[u8; 32]>>,
    /// The stamps of [`Report::rests_on`], in its order.
    beyond: Vec<Option<Stamp>>,
    report: Report,
}

impl Cache {
    /// Opens the cache for one run. `key` tells everything the report depends on but the files: the
    /// root, the selection, the lints, the models, the day.
    pub fn open(folder: Option<Utf8PathBuf>, key: &str) -> Cache {
        let program = program();
        let run =
            blake3::Hasher::new().update(&program).update(key.as_bytes()).finalize().to_hex().to_string();
        Cache {
            folder,
            run,
            program,
            surveyed: SystemTime::now(),
            contents: Default::default(),
            read: Mutex::default(),
            full: AtomicBool::new(false),
        }
    }

    /// The folder that caches live in by default: `CARGO_DURABLE_CACHE`, else the user's cache folder.
    pub fn default_folder() -> Option<Utf8PathBuf> {
        let set =
            |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty()).map(Utf8PathBuf::from);
        set("CARGO_DURABLE_CACHE")
            .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("cargo-durable")))
            .or_else(|| set("LOCALAPPDATA").map(|folder| folder.join("cargo-durable")))
            .or_else(|| set("HOME").map(|folder| folder.join(".cache/cargo-durable")))
            .filter(|folder| folder.is_absolute())
    }

    /// What was found in the surveyed files, where nothing changed since.
    pub fn known(&mut self, survey: &Survey) -> Option<Report> {
        let run = self.path("runs", &self.run).and_then(|path| load::<Run>(&path))?;
        if run.files == survey.files
            && survey.unchecked.is_empty()
            && !survey.files.iter().any(|file| is_racy(&file.stamp, run.surveyed))
            && run.beyond == stamps(&survey.root, &run.report)
            && !run.beyond.iter().flatten().any(|stamp| is_racy(stamp, run.surveyed))
        {
            return Some(run.report);
        }
        let unchanged: rustc_hash::FxHashSet<&Entry> = survey.files.iter().collect();
        self.contents = run
            .files
            .iter()
            .zip(&run.contents)
            .filter(|(file, _)| unchanged.contains(file) && !is_racy(&file.stamp, run.surveyed))
            .filter_map(|(file, content)| Some((file.path.clone(), (*content)?)))
            .collect();
        None
    }

    /// Keeps a report with the stamps of the files it rests on.
    pub fn keep(&self, survey: Survey, report: &Report) {
        if report.fleeting {
            return;
        }
        let Some(path) = self.path("runs", &self.run) else { return };
        let mut contents = self.contents.clone();
        contents.extend(self.read.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).drain(..));
        let contents = survey.files.iter().map(|file| contents.get(&file.path).copied()).collect();
        let surveyed = self.surveyed.duration_since(UNIX_EPOCH).unwrap_or_default();
        let beyond = stamps(&survey.root, report);
        let run = Run { surveyed, files: survey.files, contents, beyond, report: report.clone() };
        self.store(&path, &run);
        self.tag();
        self.sweep();
    }

    /// What earlier walks of a history under the same key found.
    pub fn history<T: DeserializeOwned>(&self) -> Option<T> {
        load(&self.path("history", &self.run)?)
    }

    /// Keeps what a walk of a history found.
    pub fn keep_history(&self, value: &impl Serialize) {
        let Some(path) = self.path("history", &self.run) else { return };
        self.store(&path, value);
        self.tag();
        self.sweep();
    }

    fn path(&self, kind: &str, key: &str) -> Option<Utf8PathBuf> {
        Some(self.folder.as_ref()?.join(kind).join(key))
    }

    fn package_path(&self, key: &[u8; 32]) -> Option<Utf8PathBuf> {
        let key = blake3::Hasher::new().update(&self.program).update(key).finalize().to_hex();
        self.path("packages", &key)
    }

    fn store(&self, path: &Utf8Path, value: &impl Serialize) {
        if !self.full.load(Ordering::Relaxed) && store(path, value).is_err() {
            self.full.store(true, Ordering::Relaxed);
        }
    }

    /// Marks the folder as a cache, so that no check, backup or search looks into it wherever it lies.
    fn tag(&self) {
        let Some(tag) = self.folder.as_ref().map(|folder| folder.join("CACHEDIR.TAG")) else { return };
        if !tag.exists() {
            // Without the tag the cache still works; the next check may just not be the fastest.
            let _ = fs::write(tag, "Signature: 8a477f597d28d172789f06886806bc55\n");
        }
    }

    /// Removes what was not used for long, once a week.
    fn sweep(&self) {
        let Some(folder) = &self.folder else { return };
        let mark = folder.join("swept");
        let age = |path: &std::path::Path| fs::metadata(path).ok()?.modified().ok()?.elapsed().ok();
        if age(mark.as_std_path()).is_some_and(|age| age < KEEP / 4) || fs::write(&mark, "").is_err() {
            return;
        }
        for kind in ["runs", "packages", "history"] {
            for entry in fs::read_dir(folder.join(kind)).into_iter().flatten().flatten() {
                if age(&entry.path()).is_some_and(|age| age > KEEP) {
                    // Another run may have been faster; either way it is gone.
                    let _ = fs::remove_file(entry.path());
                }
            }
        }
    }
}

impl Memory for Cache {
    fn content(&self, path: &str) -> Option<[u8; 32]> {
        self.contents.get(path).copied()
    }

    fn keep_content(&self, path: &Arc<str>, digest: [u8; 32]) {
        self.read.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((path.clone(), digest));
    }

    fn result(&self, key: &[u8; 32]) -> Option<Arc<PackageResult>> {
        load(&self.package_path(key)?).map(Arc::new)
    }

    fn keep_result(&self, key: [u8; 32], result: &Arc<PackageResult>) {
        if let Some(path) = self.package_path(&key) {
            self.store(&path, &**result);
        }
    }
}

/// Whether a file may have changed again after the survey without its stamp telling.
fn is_racy(stamp: &Stamp, surveyed: Duration) -> bool {
    let changed = Duration::from_nanos(stamp.mtime.max(stamp.ctime).max(0) as u64);
    changed + CLOCK_TICK >= surveyed
}

/// What tells this program from any other build of it.
fn program() -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    if let Ok(path) = std::env::current_exe()
        && let Ok(metadata) = fs::metadata(&path)
    {
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        hasher.update(format!("{} {modified:?}", metadata.len()).as_bytes());
    }
    *hasher.finalize().as_bytes()
}

fn stamps(root: &Utf8Path, report: &Report) -> Vec<Option<Stamp>> {
    report.rests_on.iter().map(|path| stamp_of_file(&root.join(&**path))).collect()
}

fn load<T: DeserializeOwned>(path: &Utf8Path) -> Option<T> {
    let bytes = read_regular(path).ok()?;
    let (digest, payload) = bytes.split_at_checked(32)?;
    (digest == seal(path, payload)).then(|| postcard::from_bytes(payload).ok()).flatten()
}

/// Binds a content to the name that tells what it answers.
fn seal(path: &Utf8Path, payload: &[u8]) -> [u8; 32] {
    let name = path.file_name().unwrap_or_default();
    *blake3::Hasher::new().update(name.as_bytes()).update(b"\0").update(payload).finalize().as_bytes()
}

fn store(path: &Utf8Path, value: &impl Serialize) -> io::Result<()> {
    let payload = postcard::to_stdvec(value).map_err(io::Error::other)?;
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&seal(path, &payload))?;
    file.write_all(&payload)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
