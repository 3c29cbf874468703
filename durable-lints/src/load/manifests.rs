//! Manifests: read, parsed, and put together into workspaces.

use std::collections::VecDeque;
use std::sync::Arc;

use camino::Utf8Path;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use toml_edit::{Document, Item};

use super::dependencies::declared;
use super::files::{Files, position, read_regular, read_text, unchecked};
use super::tree::{Tree, folder_of, is_below, join, name_of};
use crate::report::Unchecked;
use crate::subject::Manifest;

/// A manifest that could be parsed, before it is known what workspace it belongs to.
pub(super) struct Parsed {
    pub(super) path: Arc<str>,
    pub(super) folder: Arc<str>,
    pub(super) text: Arc<str>,
    pub(super) document: Document<String>,
}

/// The manifests of a tree.
pub(super) struct Manifests {
    /// Those that could be parsed, sorted by path.
    pub(super) parsed: Vec<Parsed>,
    /// For each of them the workspace root it belongs to: itself where it is one, or belongs to none.
    pub(super) roots: Vec<usize>,
    /// The folders of those that could not.
    pub(super) broken: Vec<Arc<str>>,
    pub(super) unchecked: Vec<Unchecked>,
}

impl Manifests {
    /// The folders that a workspace names as members, not by a pattern, and that hold no manifest,
    /// with where they are named.
    pub(super) fn missing_members(&self, root: &Parsed) -> impl Iterator<Item = (String, Option<usize>)> {
        let table = root.document.get("workspace");
        let array = table.and_then(|table| table.get("members")?.as_array());
        let named = array.into_iter().flatten().filter_map(|value| Some((value.as_str()?, value.span())));
        let plain = named.filter(|(member, _)| !member.contains(['*', '?', '[', '{']));
        let folders = plain.filter_map(|(member, span)| Some((join(&root.folder, member)?, span)));
        let known = |folder: &str| {
            let parsed = self.parsed.iter().map(|parsed| &parsed.folder);
            parsed.chain(&self.broken).any(|known| **known == *folder)
        };
        let missing = folders.filter(move |(folder, _)| !known(folder));
        missing.map(|(folder, span)| (folder, span.map(|span| span.start)))
    }
}

/// Reads every `Cargo.toml` of the tree.
pub(super) fn read(tree: Tree<'_>, files: &dyn Files) -> Manifests {
    let paths: Vec<&Arc<str>> =
        tree.entries().iter().map(|entry| &entry.path).filter(|path| name_of(path) == "Cargo.toml").collect();
    let read: Vec<_> = paths.par_iter().map(|path| read_one(path, files)).collect();
    let mut manifests = Manifests { parsed: vec![], roots: vec![], broken: vec![], unchecked: vec![] };
    for (path, result) in paths.iter().zip(read) {
        match result {
            Ok(parsed) => manifests.parsed.push(parsed),
            Err(reason) => {
                manifests.broken.push(folder_of(path).into());
                manifests.unchecked.push(reason);
            }
        }
    }
    manifests.roots = roots(&manifests.parsed);
    manifests
}

fn read_one(path: &Arc<str>, files: &dyn Files) -> Result<Parsed, Unchecked> {
    let text = read_text(files, path)?;
    let document = parse(path, &text)?;
    Ok(Parsed { path: path.clone(), folder: folder_of(path).into(), text: text.into(), document })
}

/// Parses a TOML file; what is wrong is said with its place. The parser itself limits nesting.
pub(super) fn parse(path: &str, text: &str) -> Result<Document<String>, Unchecked> {
    Document::parse(text.to_owned()).map_err(|error| match conflict(text) {
        Some(at) => Unchecked {
            at: Some(position(text, at)),
            help: Some("resolve the merge conflict".to_owned()),
            ..unchecked(path, "the file has merge-conflict markers")
        },
        None => Unchecked {
            at: error.span().map(|span| position(text, span.start)),
            ..unchecked(path, format!("this is not valid TOML: {}", error.message().trim()))
        },
    })
}

/// Where git's first conflict marker stands.
fn conflict(text: &str) -> Option<usize> {
    memchr::memmem::find_iter(text.as_bytes(), b"<<<<<<< ")
        .find(|at| *at == 0 || text.as_bytes()[at - 1] == b'\n')
}

/// Reads one manifest from the disk for what it says about its workspace; `None` where it cannot.
pub(super) fn read_outline(path: &Utf8Path) -> Option<Document<String>> {
    let text = String::from_utf8(read_regular(path).ok()?).ok()?;
    Document::parse(text).ok()
}

/// Whether a workspace's manifest, read alone, names the package in `folder` as a member.
pub(super) fn is_named(workspace: Document<String>, folder: &str) -> bool {
    let root = Parsed { path: "Cargo.toml".into(), folder: "".into(), text: "".into(), document: workspace };
    let claim = Claim::of(&root);
    claim.members.is_match(folder) && !claim.excludes(folder)
}

/// Whether the package in `folder` belongs to the workspace at the root of the tree.
pub(super) fn is_member(tree: Tree<'_>, files: &dyn Files, folder: &str) -> bool {
    let manifests = read(tree, files);
    let at = |folder: &str| manifests.parsed.iter().position(|parsed| *parsed.folder == *folder);
    match (at(folder), at("")) {
        (Some(package), Some(root)) => manifests.roots[package] == root,
        // A manifest that cannot be read is looked at together with what is around it.
        _ => !manifests.broken.is_empty() && manifests.broken.iter().any(|broken| **broken == *folder),
    }
}

/// For each manifest the workspace root it belongs to.
fn roots(parsed: &[Parsed]) -> Vec<usize> {
    let by_folder: FxHashMap<&str, usize> =
        parsed.iter().enumerate().map(|(at, parsed)| (&*parsed.folder, at)).collect();
    let mut roots: Vec<usize> = (0..parsed.len()).collect();
    let mut workspaces: Vec<usize> = roots.iter().copied().filter(|at| is_workspace(&parsed[*at])).collect();
    // The innermost workspace claims first, as cargo looks upward from the member.
    workspaces.sort_by_key(|at| std::cmp::Reverse(parsed[*at].folder.len()));
    for root in workspaces {
        for member in members(root, parsed, &by_folder) {
            if roots[member] == member && !is_workspace(&parsed[member]) {
                roots[member] = root;
            }
        }
    }
    roots
}

fn is_workspace(parsed: &Parsed) -> bool {
    parsed.document.get("workspace").is_some_and(Item::is_table_like)
}

/// The members of one workspace: those it names, and what they reach by path inside its folder.
fn members(root: usize, parsed: &[Parsed], by_folder: &FxHashMap<&str, usize>) -> Vec<usize> {
    let workspace = &parsed[root];
    let claim = Claim::of(workspace);
    let named = (0..parsed.len()).filter(|at| claim.names(&parsed[*at]));
    let mut queue: VecDeque<usize> = std::iter::once(root).chain(named).collect();
    let mut seen = vec![false; parsed.len()];
    let mut members = Vec::new();
    while let Some(at) = queue.pop_front() {
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        members.push(at);
        let reached = declared(&parsed[at], Some(workspace)).into_iter().filter_map(|found| found.folder);
        let reached = reached.filter_map(|folder| by_folder.get(&*folder).copied());
        queue.extend(reached.filter(|at| claim.may_reach(&parsed[*at])));
    }
    members
}

/// What a `[workspace]` table says about its members.
struct Claim<'a> {
    folder: &'a str,
    members: GlobSet,
    /// Members as written, for `exclude`, which a longer `members` entry overrides.
    plain: Vec<String>,
    exclude: Vec<String>,
}

impl Claim<'_> {
    fn of(workspace: &Parsed) -> Claim<'_> {
        let listed = |key: &str| -> Vec<String> {
            let table = workspace.document.get("workspace");
            let array = table.and_then(|table| table.get(key)?.as_array());
            let written = array.into_iter().flatten().filter_map(|value| value.as_str());
            written.filter_map(|path| join(&workspace.folder, path)).collect()
        };
        let plain = listed("members");
        let mut globs = GlobSetBuilder::new();
        for pattern in &plain {
            if let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() {
                globs.add(glob);
            }
        }
        let members = globs.build().unwrap_or_default();
        Claim { folder: &workspace.folder, members, plain, exclude: listed("exclude") }
    }

    fn excludes(&self, folder: &str) -> bool {
        let named = self.plain.iter().any(|member| is_below(folder, member));
        !named && self.exclude.iter().any(|excluded| is_below(folder, excluded))
    }

    fn names(&self, package: &Parsed) -> bool {
        self.members.is_match(&*package.folder) && !self.excludes(&package.folder) && self.agrees(package)
    }

    fn may_reach(&self, package: &Parsed) -> bool {
        is_below(&package.folder, self.folder)
            && !self.excludes(&package.folder)
            && !is_workspace(package)
            && self.agrees(package)
    }

    /// Whether the package names no other workspace as its own.
    fn agrees(&self, package: &Parsed) -> bool {
        let named = package.document.get("package").and_then(|table| table.get("workspace")?.as_str());
        named.is_none_or(|named| join(&package.folder, named).as_deref() == Some(self.folder))
    }
}

/// The manifests as lints see them, in the order of `parsed`.
pub(super) fn subjects(manifests: &Manifests, tree: Tree<'_>) -> Vec<Arc<Manifest>> {
    let parsed = &manifests.parsed;
    let build = |at: usize, root: Option<&Arc<Manifest>>| {
        let (own, around) = (&parsed[at], &parsed[manifests.roots[at]]);
        let dependencies = declared(own, Some(around)).into_iter().map(|found| found.dependency);
        let lockfile = if around.folder.is_empty() {
            "Cargo.lock".into()
        } else {
            format!("{}/Cargo.lock", around.folder)
        };
        Arc::new(Manifest {
            path: own.path.clone(),
            text: own.text.clone(),
            document: own.document.clone(),
            dependencies: dependencies.collect(),
            workspace: root.cloned(),
            is_root: manifests.roots[at] == at,
            has_lockfile: tree.has(&lockfile),
        })
    };
    let is_root = |at: &usize| manifests.roots[*at] == *at;
    let all = 0..parsed.len();
    let roots: FxHashMap<usize, Arc<Manifest>> =
        all.clone().into_par_iter().filter(is_root).map(|at| (at, build(at, None))).collect();
    let subject =
        |at: usize| roots.get(&at).cloned().unwrap_or_else(|| build(at, roots.get(&manifests.roots[at])));
    all.into_par_iter().map(subject).collect()
}
