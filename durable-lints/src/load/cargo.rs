//! Runs `cargo metadata` so that nothing the checkout controls can run.
//!
//! Cargo reads its configuration, which names programs to run, from the folder it is started in and
//! all above; rustup picks a toolchain by that folder too. So it is started in the root of the file
//! system, offline and locked, with the variables that name compilers taken away.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use camino::Utf8Path;
use guppy::platform::Platform;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use toml_edit::{Item, Key, Value};

use super::Stamp;
use super::child;
use super::graph::from_metadata;
use super::survey::{checkout, stamp};
use super::tree::{folder_of, join};
use super::without_dev::Copy;
use super::workspace::in_folder;
use crate::subject::{CargoConfig, Lockfile, Manifest, Resolved};

/// A workspace whose graph is wanted.
pub(super) struct Request<'a> {
    /// The folder that paths are relative to.
    pub(super) root: &'a Utf8Path,
    /// The manifest at the workspace's root.
    pub(super) manifest: &'a Manifest,
    /// All manifests of the workspace.
    pub(super) manifests: &'a [Arc<Manifest>],
    /// Its lock file. Without one nothing is resolved, as cargo would write one: it is only asked
    /// whether it accepts the manifests.
    pub(super) lockfile: Option<&'a Lockfile>,
    pub(super) configs: &'a [CargoConfig],
    /// Where results are remembered.
    pub(super) cache: Option<&'a Utf8Path>,
}

/// A graph, and whether it rests on what was read alone.
pub(super) struct Graph {
    pub(super) packages: Vec<Resolved>,
    /// A local package outside of what we read could change without our noticing.
    pub(super) fleeting: bool,
}

/// The packages of the graph, from the cache where nothing changed.
///
/// # Errors
/// Where cargo fails or there is none; the reason in words.
pub(super) fn packages(request: &Request<'_>) -> Result<Graph, String> {
    let cargo = program_outside("cargo", request.root).ok_or("no cargo outside the checkout is in PATH")?;
    let sources = replaced_sources(request);
    let key = key(request, &cargo, &sources);
    if let Some(packages) = recall(request.cache, &key) {
        return Ok(Graph { packages, fleeting: false });
    }
    let packages = run(request, &cargo, &sources)?;
    if request.lockfile.is_none() {
        remember(request.cache, &key, &packages);
        return Ok(Graph { packages, fleeting: false });
    }
    let local = packages.iter().filter(|package| package.source.is_none()).count();
    let fleeting =
        local != request.manifests.iter().filter(|manifest| manifest.package_name().is_some()).count();
    if !fleeting {
        remember(request.cache, &key, &packages);
    }
    Ok(Graph { packages, fleeting })
}

fn run(request: &Request<'_>, cargo: &Path, sources: &[String]) -> Result<Vec<Resolved>, String> {
    let manifest = request.root.join(&*request.manifest.path);
    let target = Target::of(request).map_err(|error| format!("there is no room for its files: {error}"))?;
    let ask = |manifest: &Utf8Path, arguments: &[&str]| {
        let mut command = command(request, cargo, sources, &target)?;
        command.arg("--manifest-path").arg(manifest).args(arguments);
        output(&mut command).or_else(|reason| {
            // The default toolchain, or the one that a variable names, may not be installed.
            let other = Some(()).filter(|()| is_of_rustup(&reason)).and_then(|()| installed_toolchain());
            other.map_or(Err(reason), |toolchain| output(command.env("RUSTUP_TOOLCHAIN", toolchain)))
        })
    };
    let Some(lockfile) = request.lockfile else {
        // What is wrong with the manifests is told also where nothing is resolved.
        return ask(&manifest, &["--no-deps"]).map(|_| Vec::new());
    };
    let reason = match ask(&manifest, &["--locked"]) {
        Ok(json) => return from_metadata(&json, request.manifest),
        Err(reason) => reason,
    };
    // Without the network cargo has only what was downloaded, often for this platform alone.
    let platform = Platform::build_target().map_err(|_| reason.clone())?;
    let platform = ["--filter-platform", platform.triple_str()];
    if let Ok(json) = ask(&manifest, &["--locked", platform[0], platform[1]]) {
        return from_metadata(&json, request.manifest);
    }
    // And where nothing was tested yet, without what tests need.
    let copy = Copy::new(request, lockfile).map_err(|_| reason.clone())?;
    let manifest = copy.manifest().map_err(|_| reason.clone())?;
    let json = ask(&manifest, &platform).map_err(|_| reason.clone())?;
    let packages = from_metadata(&json, request.manifest)?;
    // The copy's lock file shrinks, so cargo was not held to it; what it added would be a guess.
    if packages.iter().all(|package| package.source.is_none() || is_locked(package, lockfile)) {
        Ok(packages)
    } else {
        Err(reason)
    }
}

fn is_locked(package: &Resolved, lockfile: &Lockfile) -> bool {
    let version = package.version.to_string();
    lockfile.packages.iter().any(|locked| locked.name == package.name && locked.version == version)
}

/// Whether it was rustup, and not cargo, that failed.
fn is_of_rustup(reason: &str) -> bool {
    reason.contains("rustup") || (reason.contains("toolchain") && reason.contains("not installed"))
}

/// A toolchain that is there, the stable one before others.
fn installed_toolchain() -> Option<OsString> {
    let folders = std::fs::read_dir(rustup_home()?.join("toolchains")).ok()?.flatten();
    let names = folders.filter(|entry| entry.path().join("bin").is_dir()).map(|entry| entry.file_name());
    names.max_by_key(|name| (name.to_string_lossy().starts_with("stable"), name.clone()))
}

/// Where cargo may write: it keeps what it finds out about the compiler in the target folder of the
/// checkout, and would follow links there.
enum Target {
    /// A folder of our cache, so that it is found out once.
    Kept(PathBuf),
    /// One that is gone with this.
    Passing(TempDir),
}

impl Target {
    fn of(request: &Request<'_>) -> io::Result<Target> {
        let cache = request.cache.map(Utf8Path::as_std_path);
        let cache = cache.filter(|cache| !is_inside(cache, checkout(request.root)));
        match cache {
            Some(cache) => {
                std::fs::create_dir_all(cache)?;
                Ok(Target::Kept(cache.join("target")))
            }
            None => tempfile::tempdir().map(Target::Passing),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Target::Kept(path) => path,
            Target::Passing(folder) => folder.path(),
        }
    }
}

fn command(
    request: &Request<'_>,
    cargo: &Path,
    sources: &[String],
    target: &Target,
) -> Result<Command, String> {
    let neutral = neutral_folder(request.root).ok_or("the checkout is the root of the file system")?;
    for (name, home) in [("CARGO_HOME", home()), ("RUSTUP_HOME", rustup_home())] {
        if home.is_some_and(|home| home.is_relative() || is_inside(&home, checkout(request.root))) {
            return Err(format!("{name} lies in the checkout, which could make cargo run its programs"));
        }
    }
    let mut command = Command::new(cargo);
    command
        .args(["metadata", "--format-version", "1", "--offline", "--color", "never"])
        .args(sources.iter().flat_map(|source| ["--config", source]))
        .current_dir(neutral)
        .env("CARGO_NET_OFFLINE", "true")
        // Cargo keeps there what it found out about the compiler, through links as well.
        .env("CARGO_TARGET_DIR", target.path())
        .env("CARGO_BUILD_BUILD_DIR", target.path())
        .env("RUSTUP_AUTO_INSTALL", "0")
        .env("PATH", safe_path(request.root))
        .stdin(Stdio::null());
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let is_program =
            name.starts_with("RUSTC") || name.starts_with("CARGO_BUILD_RUSTC") || name == "RUSTDOC";
        // A toolchain by its path may be one that the checkout's `rust-toolchain.toml` names.
        let by_path = name == "RUSTUP_TOOLCHAIN" && value.to_string_lossy().contains(['/', '\\']);
        if is_program || by_path {
            command.env_remove(name);
        }
    }
    Ok(command)
}

/// A folder that the checkout has no part in, and whose parents nobody else can write to.
fn neutral_folder(root: &Utf8Path) -> Option<PathBuf> {
    let folder = if cfg!(unix) { PathBuf::from("/") } else { std::env::home_dir()? };
    (!folder.starts_with(root)).then_some(folder)
}

/// Whether a path lies in a checkout, wherever links and `..` lead it.
fn is_inside(path: &Path, checkout: &Utf8Path) -> bool {
    path.canonicalize().unwrap_or_else(|_| path.to_owned()).starts_with(checkout)
}

/// The folders of PATH, those left out that are relative or lie in the checkout around a folder.
fn safe_folders(root: &Utf8Path) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let checkout = checkout(root);
    let is_safe = |folder: &PathBuf| folder.is_absolute() && !is_inside(folder, checkout);
    std::env::split_paths(&path).filter(is_safe).collect()
}

/// PATH for a program that is started on a checkout: nothing is found in the checkout itself.
pub fn safe_path(root: &Utf8Path) -> OsString {
    std::env::join_paths(safe_folders(root)).unwrap_or_default()
}

/// A program in PATH that does not lie in the checkout.
pub fn program_outside(name: &str, root: &Utf8Path) -> Option<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    safe_folders(root).into_iter().map(|folder| folder.join(&name)).find(|path| path.is_file())
}

/// The output of a command within the limits, or why there is none.
fn output(command: &mut Command) -> Result<String, String> {
    let output = child::output(command).map_err(|error| format!("cargo cannot be run: {error}"))?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|_| "its output is not UTF-8".to_owned())
    } else {
        Err(summary(&String::from_utf8_lossy(&output.stderr)))
    }
}

/// Cargo's error in one line: what it says first and the cause it says last.
fn summary(stderr: &str) -> String {
    let lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<&str> =
        lines.filter(|line| !line.starts_with("warning:") && *line != "Caused by:").collect();
    let first = lines.iter().find_map(|line| line.strip_prefix("error: ")).or(lines.first().copied());
    let first = first.unwrap_or("it gave no reason");
    // The cause behind all others says what to mend.
    let cause = lines.last().filter(|last| !last.contains(first) && stderr.contains("Caused by:"));
    let text = cause.map_or(first.to_owned(), |cause| format!("{first}: {cause}"));
    text.chars().filter(|character| !character.is_control()).take(200).collect()
}

/// The checkout's own source replacement, as far as it only points to folders: `cargo vendor` writes
/// it, and cargo started elsewhere would not see it.
fn replaced_sources(request: &Request<'_>) -> Vec<String> {
    const KEYS: [&str; 7] = ["directory", "replace-with", "registry", "git", "branch", "tag", "rev"];
    let folder = folder_of(&request.manifest.path);
    let path = in_folder(folder, ".cargo/config");
    let config = request
        .configs
        .iter()
        .find(|config| config.path.strip_suffix(".toml").unwrap_or(&config.path) == path);
    let tables = config.and_then(|config| config.document.get("source")?.as_table_like());
    let mut sources = Vec::new();
    for (name, item) in tables.into_iter().flat_map(|tables| tables.iter()) {
        for key in KEYS {
            let Some(value) = item.get(key).and_then(Item::as_str) else { continue };
            let value = match key {
                // Cargo takes the folder relative to the one that holds `.cargo`.
                "directory" => match join(folder, value) {
                    Some(path) => request.root.join(path).into_string(),
                    None => continue,
                },
                _ => value.to_owned(),
            };
            let name = Key::new(name);
            sources.push(format!("source.{}.{key}={}", name.display_repr(), Value::from(value)));
        }
    }
    // Without a folder there is nothing that would work without the network.
    if sources.iter().any(|source| source.contains(".directory=")) { sources } else { vec![] }
}

/// Cargo's own folder: what it has downloaded, and its configuration.
pub(super) fn home() -> Option<PathBuf> {
    folder_of_user("CARGO_HOME", ".cargo")
}

fn rustup_home() -> Option<PathBuf> {
    folder_of_user("RUSTUP_HOME", ".rustup")
}

/// The folder that a variable names, else one in the user's home.
fn folder_of_user(variable: &str, name: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    named.or_else(|| Some(std::env::home_dir()?.join(name)))
}

/// What decides how `cargo metadata` ends, beside the checkout: which cargo runs, and what it has
/// downloaded. `cargo fetch` adds to these folders, which changes their stamps.
pub fn what_cargo_rests_on() -> (Vec<Option<OsString>>, Vec<Option<Stamp>>) {
    const VARIABLES: [&str; 4] = ["PATH", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];
    const FOLDERS: [&str; 5] =
        ["registry/index", "registry/cache", "registry/src", "git/db", "git/checkouts"];
    let stamps =
        home().into_iter().flat_map(|home| FOLDERS.map(|folder| home.join(folder))).flat_map(|folder| {
            let inside = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
            let mut folders: Vec<PathBuf> = inside.collect();
            folders.sort();
            folders.push(folder);
            folders.into_iter().map(|folder| std::fs::metadata(folder).ok().map(|folder| stamp(&folder)))
        });
    (VARIABLES.map(std::env::var_os).to_vec(), stamps.collect())
}

/// Everything the result rests on.
fn key(request: &Request<'_>, cargo: &Path, sources: &[String]) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |part: &[u8]| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    };
    add(concat!("metadata 2 ", env!("CARGO_PKG_VERSION")).as_bytes());
    add(cargo.to_string_lossy().as_bytes());
    add(std::env::var_os("RUSTUP_TOOLCHAIN").unwrap_or_default().to_string_lossy().as_bytes());
    add(request.root.as_str().as_bytes());
    // More may be known once more is downloaded.
    add(format!("{:?}", what_cargo_rests_on()).as_bytes());
    sources.iter().for_each(|source| add(source.as_bytes()));
    add(request.lockfile.map_or(&[], |lockfile| lockfile.text.as_bytes()));
    for manifest in request.manifests {
        add(manifest.path.as_bytes());
        add(manifest.text.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    key: String,
    packages: Vec<Resolved>,
}

/// What was remembered; anything wrong with the file counts as nothing.
fn recall(cache: Option<&Utf8Path>, key: &str) -> Option<Vec<Resolved>> {
    let bytes = super::files::read_regular(&cache?.join(format!("metadata-{key}"))).ok()?;
    let (hash, body) = bytes.split_at_checked(blake3::OUT_LEN)?;
    if blake3::hash(body).as_bytes() != hash {
        return None;
    }
    let remembered: Remembered = postcard::from_bytes(body).ok()?;
    (remembered.key == key).then_some(remembered.packages)
}

/// Remembers a result. Where that fails, the next check takes longer and is right all the same.
fn remember(cache: Option<&Utf8Path>, key: &str, packages: &[Resolved]) {
    let Some(folder) = cache else { return };
    let remembered = Remembered { key: key.to_owned(), packages: packages.to_vec() };
    let Ok(body) = postcard::to_stdvec(&remembered) else { return };
    let write = || -> std::io::Result<()> {
        use std::io::Write;
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(blake3::hash(&body).as_bytes())?;
        file.write_all(&body)?;
        // A rename, so that a check beside this one never sees half a file.
        file.persist(folder.join(format!("metadata-{key}"))).map_err(|error| error.error)?;
        Ok(())
    };
    let _ = write();
}
