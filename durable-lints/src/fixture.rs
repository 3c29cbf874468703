//! Lints run over small texts: the examples in their documentation, and what tests write.
//!
//! A text may hold several files, each after a line `//- path`. Without such a line it is one file,
//! named after its language. Where no `Cargo.toml` is among them, every crate counts as a
//! dependency.

mod annotated;
mod sound;
mod splice;

use std::path::{Component, Path};
use std::sync::Arc;

use camino::Utf8PathBuf;
use serde::Deserialize;

use crate::engine::{self, NoMemory, NoProgress, Settings};
use crate::finding::Finding;
use crate::lint::Lint;
use crate::load::{self, LoadOptions, MemoryFiles};
use crate::models::Models;
use crate::models::project::{ModelKind, ProjectModel, Purpose};
use crate::report::Report;

pub use annotated::{annotated, annotated_files};
pub use sound::check_soundly;
pub use splice::splice;

/// Files, as (path, text).
pub type Files = Vec<(String, String)>;

/// One fenced example of a lint's documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Whether the lint must find something in it; otherwise every lint must be silent.
    pub bad: bool,
    /// Its files.
    pub files: Files,
}

/// The files that a language's example is by default.
const DEFAULT_PATHS: &[(&str, &str)] = &[
    ("rust", "src/lib.rs"),
    ("toml", "Cargo.toml"),
    ("yaml", ".github/workflows/ci.yml"),
    ("lock", "Cargo.lock"),
    ("pem", "certs/server.pem"),
    ("text", "file.txt"),
];

/// The examples in a lint's documentation: fences marked `bad` or `good`, as `rust,bad` or
/// `toml,good .cargo/config.toml`.
pub fn examples(lint: &Lint) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut open: Option<(bool, String, String)> = None;
    for line in lint.docs.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let (tags, path) = info.split_once(' ').unwrap_or((info, ""));
                let mut tags = tags.split(',');
                let language = tags.next().unwrap_or("");
                let default = DEFAULT_PATHS
                    .iter()
                    .find(|(name, _)| *name == language)
                    .map_or("file.txt", |(_, path)| path);
                let path = if path.is_empty() { default } else { path.trim() };
                let kind = tags.find(|tag| matches!(*tag, "bad" | "good"));
                open = Some((
                    kind == Some("bad"),
                    if kind.is_some() { path.to_owned() } else { String::new() },
                    String::new(),
                ));
            }
            (Some(_), Some(_)) => {
                if let Some((bad, path, text)) = open.take()
                    && !path.is_empty()
                {
                    examples.push(Example { bad, files: split(&path, &text) });
                }
            }
            (Some((_, _, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    examples
}

/// Splits a text at its `//- path` lines; what comes before the first is the file `path`.
pub fn split(path: &str, text: &str) -> Files {
    let mut files = vec![(path.to_owned(), String::new())];
    for line in text.lines() {
        match line.trim_start().strip_prefix("//- ").or_else(|| line.trim_start().strip_prefix("#- ")) {
            Some(path) => files.push((path.trim().to_owned(), String::new())),
            None => {
                if let Some((_, text)) = files.last_mut() {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
    }
    files.retain(|(_, text)| !text.trim().is_empty());
    files
}

/// One text of several files, as [`split`] takes it apart.
pub fn joined(files: &[(String, String)]) -> String {
    let file = |(path, text): &(String, String)| format!("//- {path}\n{}\n", text.trim_end_matches('\n'));
    files.iter().map(file).collect()
}

/// The day on which every fixture is checked.
pub fn now() -> jiff::Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

/// Checks files in memory with every registered lint.
pub fn check(files: &[(String, String)]) -> Report {
    check_with(files, &Settings::all(now()))
}

/// Checks files in memory. Those below `advisory-db/` are the advisory database, those below
/// `cargo-index/` what the registry said of packages, a line for each version.
pub fn check_with(files: &[(String, String)], settings: &Settings) -> Report {
    let own = files.iter().find(|(path, _)| path == "durable.toml");
    let own = own.map(|(_, text)| Settings { models: models(text), ..settings.clone() });
    let settings = own.as_ref().unwrap_or(settings);
    let (advisories, files): (Vec<_>, Vec<_>) =
        files.iter().filter(|(path, _)| is_below(path)).partition(|(path, _)| path.starts_with(ADVISORIES));
    let (entries, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|(path, _)| path.starts_with(INDEX));
    let index = cargo_index(&entries).ok().flatten();
    let cargo_indexes =
        index.iter().filter_map(|folder| Utf8PathBuf::from_path_buf(folder.path().into()).ok()).collect();
    let database = advisory_db(&advisories).ok().flatten();
    let advisory_db =
        database.as_ref().and_then(|folder| Utf8PathBuf::from_path_buf(folder.path().into()).ok());
    let options = LoadOptions { advisory_db, cargo_indexes, ..LoadOptions::at(now()) };
    let files = MemoryFiles::new(files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())));
    let workspace = load::load_memory(&files, &options).unwrap_or_default();
    engine::check(&workspace, &files, settings, &NoMemory, &NoProgress)
}

/// The models of an example's policy. The rest of a policy judges findings and does not make them.
fn models(policy: &str) -> Arc<Models> {
    #[derive(Default, Deserialize)]
    struct Policy {
        #[serde(default)]
        models: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        path: String,
        kind: ModelKind,
        argument: Option<u8>,
        r#for: Option<Purpose>,
        returns: Option<String>,
        message: Option<String>,
        help: Option<String>,
    }
    let policy: Policy = toml::from_str(policy).unwrap_or_default();
    let model = |entry: Entry| ProjectModel {
        path: entry.path.split("::").map(str::to_owned).collect(),
        kind: entry.kind,
        argument: entry.argument,
        purpose: entry.r#for,
        returns: entry.returns,
        message: entry.message,
        help: entry.help,
    };
    let models: Vec<ProjectModel> = policy.models.into_iter().map(model).collect();
    Arc::new(Models::with(&models))
}

/// Whether a path stays in its folder: some files are written to the disk, and fuzzers name files too.
fn is_below(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

const ADVISORIES: &str = "advisory-db/";

const INDEX: &str = "cargo-index/";

/// Writes entries of the registry's index as cargo keeps them.
fn cargo_index(files: &[&(String, String)]) -> std::io::Result<Option<tempfile::TempDir>> {
    if files.is_empty() {
        return Ok(None);
    }
    let folder = tempfile::tempdir()?;
    for (path, text) in files {
        let path = folder.path().join(path.trim_start_matches(INDEX));
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut entry = b"\x03\x02\0\0\0etag\0".to_vec();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let version = line.split('"').skip_while(|word| *word != "vers").nth(2).unwrap_or_default();
            entry.extend(
                [version.as_bytes(), line.as_bytes()].into_iter().flat_map(|part| [part, b"\0"]).flatten(),
            );
        }
        std::fs::write(path, entry)?;
    }
    Ok(Some(folder))
}

/// Writes advisories where the database's reader finds them: it knows folders alone. Documentation
/// cannot hold a fence in a fence, so `~~~` stands for the one that an advisory begins with.
fn advisory_db(files: &[&(String, String)]) -> std::io::Result<Option<tempfile::TempDir>> {
    if files.is_empty() {
        return Ok(None);
    }
    let folder = tempfile::tempdir()?;
    for (path, text) in files {
        let path = folder.path().join(path.trim_start_matches(ADVISORIES));
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text.replace("~~~", "```"))?;
    }
    Ok(Some(folder))
}

/// What one lint finds in a text, a line each, as tests compare it: `line:column message`.
pub fn found(lint: &'static Lint, text: &str) -> String {
    let files = split(default_path(lint), text);
    let line =
        |finding: &Finding| format!("{}:{} {}", finding.start.line, finding.start.column, finding.message);
    let [fast, slow] = [false, true].map(|exhaustive| {
        let settings = Settings { lints: vec![lint], exhaustive, ..Settings::all(now()) };
        let report = check_with(&files, &settings);
        assert!(report.unchecked.is_empty(), "{:?} in:\n{text}", report.unchecked);
        report.findings.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    assert_eq!(fast, slow, "{} finds more without its triggers in:\n{text}", lint.name);
    fast
}

fn default_path(lint: &Lint) -> &'static str {
    use crate::lint::Check;
    match lint.check {
        Check::Manifest(_) | Check::Dependencies(_) => "Cargo.toml",
        Check::Lockfile(_) => "Cargo.lock",
        Check::CargoConfig(_) => ".cargo/config.toml",
        Check::Workflow(_) => ".github/workflows/ci.yml",
        Check::Certificate(_) => "certs/server.pem",
        _ => "src/lib.rs",
    }
}

impl Lint {
    /// Holds what the lint finds in texts to what stands in them; `UPDATE_EXPECT=1` writes it there.
    ///
    /// # Panics
    /// Where they differ; this is for tests.
    #[cfg(test)]
    #[track_caller]
    pub(crate) fn sees(&'static self, texts: impl IntoIterator<Item = expect_test::Expect>) {
        for text in texts {
            let seen = annotated(self, text.data());
            assert!(annotated::finds(&seen), "{} is silent about:{}", self.name, text.data());
            text.assert_eq(&seen);
        }
    }

    /// The same for texts that are put together, whose snapshot is a file in `tests/seen`; and [`Self::is_silent_about`]
    /// the others.
    ///
    /// # Panics
    /// As [`Self::sees`].
    #[cfg(test)]
    #[track_caller]
    pub(crate) fn sees_in_file(&'static self, bad: &[&str], good: &[&str]) {
        let seen = bad.iter().map(|text| {
            let seen = annotated(self, text);
            assert!(annotated::finds(&seen), "{} is silent about:\n{text}", self.name);
            format!("=== {}\n{seen}", self.name)
        });
        let seen: String = seen.collect();
        let file = format!("{}/tests/seen/{}.txt", env!("CARGO_MANIFEST_DIR"), self.name);
        expect_test::expect_file![file].assert_eq(&seen);
        self.is_silent_about(good);
    }

    /// Asserts that the lint finds something in every text that `bad` holds and nothing in any that
    /// `good` holds: the other ways to write the mistake, and the look-alikes that are fine.
    ///
    /// # Panics
    /// Where it does not; this is for tests.
    #[track_caller]
    pub fn holds(&'static self, bad: &[&str], good: &[&str]) {
        for text in bad {
            assert_ne!(found(self, text), "", "{} is silent about:\n{text}", self.name);
        }
        self.is_silent_about(good);
    }

    /// Asserts that the lint finds nothing in any of the texts.
    ///
    /// # Panics
    /// Where it does; this is for tests.
    #[track_caller]
    pub fn is_silent_about(&'static self, good: &[&str]) {
        for text in good {
            assert_eq!(found(self, text), "", "{} speaks about:\n{text}", self.name);
        }
    }
}
