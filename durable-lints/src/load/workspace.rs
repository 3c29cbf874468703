//! From the survey to the typed workspace.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::files::{Files, MemoryFiles};
use super::graph::{self, Source};
use super::packages::{self, Selection};
use super::tree::{Tree, folder_of, is_below, name_of};
use super::{Entry, LoadError, LoadOptions, Selected, Stamp, Survey, Workspace};
use super::{advisories, certificates, lockfile, manifests, repository, workflows};
use crate::subject::Manifest;

/// Reads what the survey saw. What cannot be read is kept in [`Workspace::unchecked`]; the rest is
/// there all the same.
pub fn load(survey: &Survey, options: &LoadOptions, files: &dyn Files) -> Workspace {
    build(survey, options, files, Source::CargoMetadata)
}

/// A workspace from a tree in memory; the graph comes from the lock files alone.
///
/// # Errors
/// Where a path or package of the options is not there.
pub fn load_memory(files: &MemoryFiles, options: &LoadOptions) -> Result<Workspace, LoadError> {
    let files_with_sizes = files.files.iter().map(|(path, bytes)| (path.as_str().into(), bytes.len() as u64));
    load_tree(files_with_sizes, files, options)
}

/// A workspace from files with their sizes in bytes, sorted by path, as a commit has them; the graph comes
/// from the lock files alone.
///
/// # Errors
/// Where a path or package of the options is not there.
pub fn load_tree(
    sized: impl IntoIterator<Item = (Arc<str>, u64)>,
    files: &dyn Files,
    options: &LoadOptions,
) -> Result<Workspace, LoadError> {
    let stamp = |size| Stamp { size, mtime: 0, ctime: 0, inode: 0 };
    let entry = |(path, size)| Entry { path, stamp: stamp(size), linked: false };
    let entries = sized.into_iter().map(entry).collect();
    let survey = survey_tree(entries, options)?;
    packages::check_names(&survey, options, files)?;
    Ok(build(&survey, options, files, Source::LockfileAlone))
}

fn survey_tree(entries: Vec<Entry>, options: &LoadOptions) -> Result<Survey, LoadError> {
    let tree = Tree::new(&entries);
    let select = |path: &str| {
        let is_folder = path.is_empty() || !tree.below(path).is_empty();
        if !is_folder && !tree.has(path) {
            return Err(LoadError::NoSuchPath { path: path.to_owned(), similar: None });
        }
        let bare = is_folder && !tree.has(&in_folder(path, "Cargo.toml"));
        Ok(Selected { path: path.into(), bare, project: Some("".into()) })
    };
    let selected = match &options.paths[..] {
        [] => vec![select("")?],
        paths => paths.iter().map(|path| select(path.as_str())).collect::<Result<_, _>>()?,
    };
    Ok(Survey { root: Utf8PathBuf::new(), selected, unchecked: vec![], files: entries })
}

/// The path of a file in a folder, relative to the root.
pub(super) fn in_folder(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn build(survey: &Survey, options: &LoadOptions, files: &dyn Files, source: Source) -> Workspace {
    let tree = Tree::new(&survey.files);
    let found = manifests::read(tree, files);
    let selection = Selection::new(survey, options, &found);
    let manifests = manifests::subjects(&found, tree);
    let packages = packages::packages(tree, &found, &selection, files);

    let view = View { tree, files, options, selection: &selection };
    let mut workspace = Workspace {
        root: survey.root.clone(),
        unchecked: survey.unchecked.clone(),
        selected: survey.selected.clone(),
        ..Workspace::default()
    };
    // A tree in memory may be a part; what lies on the disk is all there is.
    if source == Source::CargoMetadata {
        workspace.unchecked.extend(packages::without_code(tree, &found, &selection, files));
        workspace.unchecked.extend(packages::targets_outside(&found, &selection));
        workspace.unchecked.extend(packages::missing_members(&found, &selection));
        workspace.notes.extend(packages::unknown_editions(tree, &found, &selection, files));
    }
    let broken = found.unchecked.into_iter().filter(|unchecked| selection.is_own(&unchecked.path));
    workspace.unchecked.extend(broken.filter(|unchecked| selection.has_path(&unchecked.path)));
    let checked = Checked::new(&manifests, &survey.root, tree, &selection);
    workspace.lockfiles =
        view.all(|path| is_lockfile(path, &checked), lockfile::read, &mut workspace.unchecked);
    workspace.cargo_configs =
        view.all(|path| is_config(path, &checked), repository::cargo_config, &mut workspace.unchecked);
    workspace.workflows = view.all(
        |path| workflows::is_workflow(path, &survey.selected) && view.has(path),
        workflows::read,
        &mut workspace.unchecked,
    );
    workspace.certificates = certificates::read(&view, &mut workspace.unchecked);
    workspace.repository = repository::read(&view, &survey.root);
    let advisories = advisories::open(options, &mut workspace.unchecked);
    let roots = graph::Roots { manifests: &manifests, checked: &checked.manifests, advisories };
    graph::resolve(&mut workspace, &view, roots, source);
    workspace.manifests = checked.manifests;
    workspace.all_manifests = manifests;
    workspace.packages = packages;
    workspace.unchecked.sort();
    workspace.unchecked.dedup();
    workspace
}

/// What every reader of one kind of file needs.
pub(super) struct View<'a> {
    pub(super) tree: Tree<'a>,
    pub(super) files: &'a dyn Files,
    pub(super) options: &'a LoadOptions,
    pub(super) selection: &'a Selection<'a>,
}

impl View<'_> {
    /// Whether a file that is not part of a package's code is checked.
    pub(super) fn has(&self, path: &str) -> bool {
        !self.selection.names_packages() && self.selection.has_path(path) && self.selection.is_own(path)
    }

    /// Reads every file that `wanted` picks.
    fn all<T: Send>(
        &self,
        wanted: impl Fn(&str) -> bool,
        read: fn(&Arc<str>, &dyn Files) -> Result<T, crate::report::Unchecked>,
        unchecked: &mut Vec<crate::report::Unchecked>,
    ) -> Vec<T> {
        use rayon::prelude::*;
        let paths: Vec<&Arc<str>> =
            self.tree.entries().iter().map(|entry| &entry.path).filter(|path| wanted(path)).collect();
        let read: Vec<_> = paths.par_iter().map(|path| read(path, self.files)).collect();
        let mut found = Vec::new();
        for result in read {
            match result {
                Ok(value) => found.push(value),
                Err(reason) => unchecked.push(reason),
            }
        }
        found
    }
}

/// The manifests that are checked: those of checked packages, and the workspace roots above them,
/// as what a root says holds for its members.
struct Checked {
    manifests: Vec<Arc<Manifest>>,
    /// The folders of the roots among them.
    roots: Vec<String>,
}

impl Checked {
    fn new(all: &[Arc<Manifest>], root: &Utf8Path, tree: Tree<'_>, selection: &Selection<'_>) -> Checked {
        let wanted = |manifest: &&Arc<Manifest>| {
            selection.is_own(&manifest.path)
                && selection.has_path(&manifest.path)
                && selection.has_name(manifest.package_name())
        };
        let mut manifests: Vec<Arc<Manifest>> = all.iter().filter(wanted).cloned().collect();
        let above: Vec<_> = manifests.iter().filter_map(|manifest| manifest.workspace.clone()).collect();
        manifests.extend(above);
        manifests.sort_by(|a, b| a.path.cmp(&b.path));
        manifests.dedup_by(|a, b| a.path == b.path);
        let roots = manifests.iter().filter(|manifest| manifest.is_root);
        let roots = roots.map(|manifest| folder_of(&manifest.path).to_owned());
        // What a registry's archive brings of its own is not read by cargo.
        let mut roots: Vec<String> =
            roots.filter(|folder| !packages::is_vendored(root, tree, folder)).collect();
        if all.is_empty() {
            // Without any manifest, the folder that was given stands for the root.
            roots.push(String::new());
        }
        Checked { manifests, roots }
    }

    fn has_root(&self, folder: &str) -> bool {
        self.roots.iter().any(|root| root == folder)
    }
}

/// Cargo reads the lock file beside a workspace's root; one beside a member means nothing.
fn is_lockfile(path: &str, checked: &Checked) -> bool {
    name_of(path) == "Cargo.lock" && checked.has_root(folder_of(path))
}

/// Cargo reads configuration from the folder it runs in and all above, so any in a workspace counts.
fn is_config(path: &str, checked: &Checked) -> bool {
    let folder = folder_of(path);
    let holds = name_of(folder) == ".cargo" && matches!(name_of(path), "config.toml" | "config");
    holds && checked.roots.iter().any(|root| is_below(folder, root))
}
