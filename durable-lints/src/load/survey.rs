//! The walk: every file below the checked paths with its stamp, nothing read.

use std::fs::Metadata;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use camino::{Utf8Path, Utf8PathBuf};
use ignore::{DirEntry, ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkState};
use rayon::slice::ParallelSliceMut;
use rustc_hash::FxHashSet;

use super::files::{DiskFiles, unchecked};
use super::tree::{Tree, extension_of, folder_of};
use super::{Entry, LoadError, LoadOptions, Selected, Stamp, Survey, manifests, packages};
use crate::report::Unchecked;

/// Finds the root and stamps every file below it.
///
/// # Errors
/// Where a path leads nowhere or a package is not there, so that nothing can be checked as asked.
pub fn survey(options: &LoadOptions) -> Result<Survey, LoadError> {
    let current = current_folder()?;
    let places = places(options, &current)?;
    let root = common_root(&places);
    let tracked = (options.tracked)(&root);
    let mut walk = Walk::new(&root);
    walk.heeds_ignore_files = tracked.is_some();
    for place in &places {
        walk.enter(place);
    }
    walk.add_tracked(tracked.unwrap_or_default(), &places);
    let (files, unchecked) = walk.finish();
    let selected = places.iter().map(|place| place.selected(&root, options)).collect();
    let survey = Survey { root, files, selected, unchecked };
    packages::check_names(&survey, options, &DiskFiles { root: survey.root.clone() })?;
    Ok(survey)
}

/// A path to check and the workspace or package around it.
struct Place {
    path: Utf8PathBuf,
    /// The folder of the workspace or package; none for bare folders.
    around: Option<Utf8PathBuf>,
    is_folder: bool,
    /// Whether it was found by looking around the current folder, as cargo does.
    found: bool,
}

impl Place {
    fn selected(&self, root: &Utf8Path, options: &LoadOptions) -> Selected {
        // `-p` names any member, as does `--exclude`, from wherever one stands.
        let widened = options.workspace || !options.packages.is_empty() || !options.exclude.is_empty();
        let path = match &self.around {
            Some(around) if self.found && widened => around,
            _ => &self.path,
        };
        let bare = self.is_folder && !path.join("Cargo.toml").is_file();
        let project = self.around.as_ref().map(|around| relative(around, root).into());
        Selected { path: relative(path, root).into(), bare, project }
    }
}

fn places(options: &LoadOptions, current: &Utf8Path) -> Result<Vec<Place>, LoadError> {
    if !options.paths.is_empty() {
        return options.paths.iter().map(|path| place(path, current)).collect();
    }
    let folder = match &options.manifest_path {
        Some(path) => {
            let full = existing(path, current)?;
            if full.file_name() != Some("Cargo.toml") || !full.is_file() {
                return Err(LoadError::NotAManifest { path: path.to_string() });
            }
            full.parent().unwrap_or(&full).to_owned()
        }
        None => package_around(current).unwrap_or_else(|| current.to_owned()),
    };
    let around = workspace_around(&folder);
    Ok(vec![Place { path: folder, around, is_folder: true, found: true }])
}

fn place(path: &Utf8Path, current: &Utf8Path) -> Result<Place, LoadError> {
    let path = existing(path, current)?;
    let is_folder = path.is_dir();
    let folder = if is_folder { path.clone() } else { path.parent().unwrap_or(&path).to_owned() };
    let around = package_around(&folder).and_then(|package| workspace_around(&package));
    Ok(Place { path, around, is_folder, found: false })
}

/// The path made absolute, without links and `..` in it.
fn existing(path: &Utf8Path, current: &Utf8Path) -> Result<Utf8PathBuf, LoadError> {
    let full = current.join(path);
    full.canonicalize_utf8().map_err(|error| {
        let path = path.to_string();
        // A link that is there may lead nowhere, or in a circle.
        match full.symlink_metadata() {
            Ok(_) => LoadError::Unreachable { path, reason: error.to_string() },
            Err(_) => LoadError::NoSuchPath { path, similar: sibling(&full) },
        }
    })
}

fn sibling(path: &Utf8Path) -> Option<String> {
    let name = path.file_name()?;
    let siblings = path.parent()?.read_dir_utf8().ok()?;
    let names: Vec<String> = siblings.flatten().map(|entry| entry.file_name().to_owned()).collect();
    packages::closest(name, &names)
}

fn current_folder() -> Result<Utf8PathBuf, LoadError> {
    let folder = std::env::current_dir().and_then(|folder| folder.canonicalize());
    let folder = folder.map_err(|error| LoadError::CurrentFolder { reason: error.to_string() })?;
    Utf8PathBuf::from_path_buf(folder)
        .map_err(|path| LoadError::NotUtf8 { path: path.to_string_lossy().into() })
}

/// The nearest folder with a manifest, from `folder` upward.
fn package_around(folder: &Utf8Path) -> Option<Utf8PathBuf> {
    folder.ancestors().find(|folder| folder.join("Cargo.toml").is_file()).map(Utf8Path::to_owned)
}

/// The folder of the workspace that a package is a member of, else its own.
fn workspace_around(package: &Utf8Path) -> Option<Utf8PathBuf> {
    let own = manifests::read_outline(&package.join("Cargo.toml"));
    if own.as_ref().is_some_and(|own| own.get("workspace").is_some()) {
        return Some(package.to_owned());
    }
    if let Some(named) = own.as_ref().and_then(|own| own.get("package")?.get("workspace")?.as_str()) {
        let folder = package.join(named).canonicalize_utf8().ok();
        // Nobody's word but its own leads out of a checkout.
        let is_agreed = |folder: &Utf8PathBuf| is_one_checkout(folder, package) || claims(folder, package);
        return folder.filter(is_agreed).or_else(|| Some(package.to_owned()));
    }
    let claims = |folder: &&Utf8Path| claims(folder, package);
    let root = package.ancestors().skip(1).find(claims);
    Some(root.unwrap_or(package).to_owned())
}

/// Whether a folder is a workspace in the repository that a package lies in.
fn is_one_checkout(folder: &Utf8Path, package: &Utf8Path) -> bool {
    let checkout = checkout(package);
    let outline = manifests::read_outline(&folder.join("Cargo.toml"));
    folder.starts_with(checkout) && outline.is_some_and(|outline| outline.get("workspace").is_some())
}

/// The outermost repository around a folder; where there is none, the folder itself.
pub(super) fn checkout(folder: &Utf8Path) -> &Utf8Path {
    let repositories = folder.ancestors().filter(|folder| folder.join(".git").exists());
    repositories.last().unwrap_or(folder)
}

/// Whether the manifest in `folder` is a workspace with the package as a member.
fn claims(folder: &Utf8Path, package: &Utf8Path) -> bool {
    let outline = manifests::read_outline(&folder.join("Cargo.toml"));
    let Some(workspace) = outline.filter(|outline| outline.get("workspace").is_some()) else {
        return false;
    };
    let package = relative(package, folder);
    if Utf8Path::new(&package).is_absolute() {
        return false;
    }
    if manifests::is_named(workspace, &package) {
        return true;
    }
    // Path dependencies make members too, and only the other manifests tell them.
    let mut walk = Walk::new(folder);
    walk.add(folder);
    let (files, _) = walk.finish();
    manifests::is_member(Tree::new(&files), &DiskFiles { root: folder.to_owned() }, &package)
}

/// The deepest folder that holds every place and the workspaces around them.
fn common_root(places: &[Place]) -> Utf8PathBuf {
    let mut folders = places.iter().map(|place| match (&place.around, place.is_folder) {
        (Some(around), _) => around.as_path(),
        (None, true) => &place.path,
        (None, false) => place.path.parent().unwrap_or(&place.path),
    });
    let first = folders.next().unwrap_or(Utf8Path::new("/")).to_owned();
    folders.fold(first, |root, folder| {
        let shared = root.ancestors().find(|ancestor| folder.starts_with(ancestor));
        shared.map_or_else(|| root.clone(), Utf8Path::to_owned)
    })
}

/// A path below `root`, with `/` between its parts.
fn relative(path: &Utf8Path, root: &Utf8Path) -> String {
    let rest = path.strip_prefix(root).unwrap_or(path);
    rest.components().map(|part| part.as_str()).collect::<Vec<_>>().join("/")
}

/// Several walks below one root, put together.
struct Walk<'a> {
    root: &'a Utf8Path,
    /// Whether what git ignores is left out.
    heeds_ignore_files: bool,
    found: Mutex<Found>,
    /// The ignore files that are none, and why. What lies beside them is not looked at.
    refused: Arc<Mutex<Vec<(PathBuf, String)>>>,
}

#[derive(Default)]
struct Found {
    files: Vec<Entry>,
    unchecked: Vec<Unchecked>,
}

impl<'a> Walk<'a> {
    fn new(root: &'a Utf8Path) -> Walk<'a> {
        Walk { root, heeds_ignore_files: true, found: Mutex::default(), refused: Arc::default() }
    }

    /// What is tracked is part of the checkout, whatever ignore files and markers say.
    fn add_tracked(&self, tracked: Vec<String>, places: &[Place]) {
        let mut visitor = Visitor { root: self.root, own: Found::default(), found: &self.found };
        let known: FxHashSet<Arc<str>> =
            lock(&self.found).files.iter().map(|entry| entry.path.clone()).collect();
        for path in tracked.iter().filter(|path| !known.contains(path.as_str())) {
            let full = self.root.join(path);
            let wanted = |place: &Place| full.starts_with(place.around.as_ref().unwrap_or(&place.path));
            if path.contains(char::REPLACEMENT_CHARACTER) && is_read(path) {
                visitor.unnameable(full.as_std_path());
                continue;
            }
            // A file that is tracked and not there was deleted.
            if let Ok(metadata) = full.symlink_metadata()
                && places.iter().any(wanted)
            {
                visitor.entry(&full, metadata.file_type(), || Ok(metadata));
            }
        }
    }

    fn enter(&mut self, place: &Place) {
        if let Some(around) = &place.around {
            self.add(around);
        }
        // What was asked for by name is checked even where git ignores it.
        if place.around.as_ref() != Some(&place.path) {
            self.add(&place.path);
        }
    }

    fn add(&mut self, from: &Utf8Path) {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        let above = from.ancestors().filter_map(|folder| refused_ignore_file(folder.as_std_path()));
        let refused: Vec<(PathBuf, String)> = above.collect();
        let heeds_ignore_files = self.heeds_ignore_files && refused.is_empty();
        lock(&self.refused).extend(refused);
        let below = self.refused.clone();
        let walk = WalkBuilder::new(from)
            .hidden(false)
            // What is checked depends on the checkout alone, not on who checks it.
            .git_global(false)
            .git_exclude(false)
            .ignore(false)
            .git_ignore(heeds_ignore_files)
            .parents(heeds_ignore_files)
            .threads(threads)
            .filter_entry(move |entry| {
                if is_left_out(entry) {
                    return false;
                }
                let is_below = heeds_ignore_files && entry.depth() > 0;
                // The walk would open it as soon as it enters the folder.
                let refused = refused_ignore_file(entry.path()).filter(|_| is_below);
                let is_entered = refused.is_none();
                lock(&below).extend(refused);
                is_entered
            })
            .build_parallel();
        walk.visit(&mut Visitors { root: self.root, found: &self.found });
    }

    fn finish(self) -> (Vec<Entry>, Vec<Unchecked>) {
        let mut found = self.found.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        for (path, reason) in lock(&self.refused).drain(..) {
            let shown = path.strip_prefix(self.root).unwrap_or(&path).to_string_lossy();
            let help = Some("replace it with a file of patterns, or remove it".to_owned());
            found.unchecked.push(Unchecked { help, ..unchecked(&shown, reason) });
        }
        found.files.par_sort_unstable_by(|a, b| a.path.cmp(&b.path));
        found.files.dedup_by(|a, b| a.path == b.path);
        found.unchecked.sort();
        found.unchecked.dedup();
        (found.files, found.unchecked)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The ignore file of a folder, where opening it would hang or fill the memory.
fn refused_ignore_file(folder: &Path) -> Option<(PathBuf, String)> {
    const LARGEST: u64 = 1 << 20;
    let path = folder.join(".gitignore");
    // What is not there, or leads nowhere, is not opened.
    let metadata = std::fs::metadata(&path).ok()?;
    let reason = match () {
        () if !metadata.is_file() => "this is not a regular file".to_owned(),
        () if metadata.len() > LARGEST => {
            format!("the file is larger than the limit of {} MiB", LARGEST >> 20)
        }
        () => return None,
    };
    Some((path, reason))
}

/// Git's own files, and folders of caches by the tag that cargo puts into `target`.
fn is_left_out(entry: &DirEntry) -> bool {
    if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return false;
    }
    entry.file_name() == ".git" || is_cache(entry.path())
}

fn is_cache(folder: &Path) -> bool {
    const SIGNATURE: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";
    let tag = folder.join("CACHEDIR.TAG");
    // A pipe would never open.
    if !std::fs::metadata(&tag).is_ok_and(|metadata| metadata.is_file()) {
        return false;
    }
    let mut start = [0; SIGNATURE.len()];
    let read = std::fs::File::open(tag).and_then(|mut tag| tag.read_exact(&mut start));
    let signed = read.is_ok() && start == SIGNATURE;
    // A tag must not be a way to hide a package's sources.
    signed && !folder.ends_with("src") && !folder.join("Cargo.toml").exists()
}

struct Visitors<'a> {
    root: &'a Utf8Path,
    found: &'a Mutex<Found>,
}

impl<'a> ParallelVisitorBuilder<'a> for Visitors<'a> {
    fn build(&mut self) -> Box<dyn ParallelVisitor + 'a> {
        Box::new(Visitor { root: self.root, own: Found::default(), found: self.found })
    }
}

/// One thread's share, handed over once at its end.
struct Visitor<'a> {
    root: &'a Utf8Path,
    own: Found,
    found: &'a Mutex<Found>,
}

impl Drop for Visitor<'_> {
    fn drop(&mut self) {
        let mut found = lock(self.found);
        found.files.append(&mut self.own.files);
        found.unchecked.append(&mut self.own.unchecked);
    }
}

impl ParallelVisitor for Visitor<'_> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        match entry {
            Ok(entry) => self.file(&entry),
            Err(error) => self.failed(&error),
        }
        WalkState::Continue
    }
}

impl Visitor<'_> {
    fn file(&mut self, entry: &DirEntry) {
        let Some(kind) = entry.file_type().filter(|kind| !kind.is_dir()) else {
            return;
        };
        let Some(path) = Utf8Path::from_path(entry.path()) else {
            return self.unnameable(entry.path());
        };
        self.entry(path, kind, || entry.metadata());
    }

    fn entry(
        &mut self,
        path: &Utf8Path,
        kind: std::fs::FileType,
        metadata: impl FnOnce() -> Result<Metadata, ignore::Error>,
    ) {
        let name = relative(path, self.root);
        let linked = kind.is_symlink();
        let metadata = match () {
            () if kind.is_file() => metadata(),
            // What only has to be there may lead anywhere; what is read may not lead out.
            () if linked => match std::fs::metadata(path) {
                Ok(metadata)
                    if metadata.is_file() && (!is_read(&name) || is_code(&name) && self.is_inside(path)) =>
                {
                    Ok(metadata)
                }
                Ok(metadata) if !metadata.is_file() && !metadata.is_dir() => return self.irregular(&name),
                _ => return,
            },
            () => return self.irregular(&name),
        };
        match metadata {
            Ok(metadata) => self.own.files.push(Entry { path: name.into(), stamp: stamp(&metadata), linked }),
            Err(error) => self.failed(&error),
        }
    }

    fn is_inside(&self, path: &Utf8Path) -> bool {
        path.canonicalize_utf8().is_ok_and(|real| real.starts_with(self.root))
    }

    /// A pipe or device, which would hang or never end.
    fn irregular(&mut self, name: &str) {
        if is_read(name) {
            self.own.unchecked.push(unchecked(name, "this is not a regular file"));
        }
    }

    fn unnameable(&mut self, path: &Path) {
        let shown = path.strip_prefix(self.root).unwrap_or(path).to_string_lossy().into_owned();
        if is_read(&shown) {
            let help = Some("rename the file".to_owned());
            self.own.unchecked.push(Unchecked { help, ..unchecked(&shown, "the file's name is not UTF-8") });
        }
    }

    fn failed(&mut self, error: &ignore::Error) {
        let (path, reason) = place_of(error);
        // A file that vanished while we walked is not there to be checked.
        if error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
            return;
        }
        let shown =
            path.map(|path| path.strip_prefix(self.root).unwrap_or(path).to_string_lossy().into_owned());
        self.own.unchecked.push(unchecked(shown.as_deref().unwrap_or("."), reason));
    }
}

/// The path inside an error of the walk, and the reason without it.
fn place_of(error: &ignore::Error) -> (Option<&Path>, String) {
    match error {
        ignore::Error::WithPath { path, err } => (Some(path), place_of(err).1),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => place_of(err),
        ignore::Error::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            (None, "the permission to read it is missing".to_owned())
        }
        error => (None, error.to_string()),
    }
}

/// Whether lints read files of this name, so that one that cannot be read has to be told.
pub fn is_read(path: &str) -> bool {
    const EXTENSIONS: [&str; 9] = ["rs", "toml", "lock", "yml", "yaml", "pem", "crt", "cer", "der"];
    EXTENSIONS.contains(&extension_of(path)) || folder_of(path).ends_with(".cargo")
}

/// Whether cargo or the compiler reads a file of this name, through links as well. Other documents
/// are checked where they lie.
fn is_code(path: &str) -> bool {
    matches!(extension_of(path), "rs" | "toml" | "lock") || folder_of(path).ends_with(".cargo")
}

#[cfg(unix)]
pub(super) fn stamp(metadata: &Metadata) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    Stamp {
        size: metadata.size(),
        mtime: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        ctime: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        inode: metadata.ino(),
    }
}

#[cfg(not(unix))]
pub(super) fn stamp(metadata: &Metadata) -> Stamp {
    let modified = metadata.modified().ok();
    let since = modified.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    Stamp {
        size: metadata.len(),
        mtime: since.map_or(0, |since| since.as_nanos() as i64),
        ctime: 0,
        inode: 0,
    }
}
