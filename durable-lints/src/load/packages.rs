//! Which package each Rust file belongs to, and which packages are checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8Path;
use globset::Glob;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use toml_edit::Item;

use super::cargo::home;
use super::dependencies::declared;
use super::files::{position, unchecked};
use super::manifests::{self, Manifests, Parsed};
use super::targets::{claimed_folder, outline};
use super::tree::{Tree, extension_of, folder_of, is_below, join, name_of};
use super::workspace::in_folder;
use super::{Entry, Files, LoadError, LoadOptions, PackageFiles, Selected, Survey};
use crate::report::Unchecked;
use crate::subject::{DependencyKind, SourcePackage};

/// What is checked, decided once for packages and files.
pub(super) struct Selection<'a> {
    selected: &'a [Selected],
    options: &'a LoadOptions,
    /// Folders of vendored sources and of packages that tests use as data, unless asked for.
    left_out: FxHashSet<&'a str>,
    /// Folders of packages that others are built with.
    ships: FxHashSet<Arc<str>>,
}

impl<'a> Selection<'a> {
    /// Vendored sources are left out where they lie under a package of the checkout's own: they are
    /// somebody else's to mend. So are packages that lie among a package's tests and belong to no
    /// workspace: they are data, and often wrong on purpose. A member is never left out, whatever lies
    /// beside its manifest.
    pub(super) fn new(survey: &'a Survey, options: &'a LoadOptions, manifests: &Manifests) -> Selection<'a> {
        let at: FxHashMap<&str, usize> =
            manifests.parsed.iter().enumerate().map(|(at, parsed)| (&*parsed.folder, at)).collect();
        let marks = survey.files.iter().filter(|entry| name_of(&entry.path) == VENDOR_MARK);
        let vendored: FxHashSet<&str> = marks.map(|entry| folder_of(&entry.path)).collect();
        let reached =
            reached_by_path(manifests, |folder| !vendored.contains(folder) && !is_test_data(folder, &at));
        let is_own = |folder: &str| match at.get(folder) {
            Some(&at) => {
                reached.contains(folder)
                    || manifests.roots[at] != at
                    || manifests.roots.iter().filter(|root| **root == at).count() > 1
            }
            None => false,
        };
        let asked = |folder: &str| {
            survey.selected.iter().any(|selected| {
                is_below(&selected.path, folder) || selected.bare && is_below(folder, &selected.path)
            })
        };
        let manifests = survey.files.iter().filter(|entry| name_of(&entry.path) == "Cargo.toml");
        let data = manifests.map(|entry| folder_of(&entry.path)).filter(|folder| is_test_data(folder, &at));
        let left_out =
            vendored.iter().copied().chain(data).filter(|folder| !is_own(folder) && !asked(folder)).collect();
        Selection { selected: &survey.selected, options, left_out, ships: reached }
    }

    /// Whether a file is part of the checkout's own sources.
    pub(super) fn is_own(&self, path: &str) -> bool {
        if self.left_out.is_empty() {
            return true;
        }
        let mut at = path;
        loop {
            match at {
                _ if self.left_out.contains(at) => return false,
                "" => return true,
                _ => at = folder_of(at),
            }
        }
    }

    /// Whether a path lies in what was asked for.
    pub(super) fn has_path(&self, path: &str) -> bool {
        self.selected.iter().any(|selected| is_below(path, &selected.path))
    }

    /// Whether everything is checked.
    pub(super) fn is_whole(&self) -> bool {
        self.selected.iter().any(|selected| selected.path.is_empty())
            && self.options.packages.is_empty()
            && self.options.exclude.is_empty()
    }

    /// Whether only packages that were named are checked.
    pub(super) fn names_packages(&self) -> bool {
        !self.options.packages.is_empty()
    }

    /// Whether a package of this name is checked; `None` is what belongs to no package.
    pub(super) fn has_name(&self, name: Option<&str>) -> bool {
        let named = |specs: &[String]| name.is_some_and(|name| matches_any(specs, name));
        (self.options.packages.is_empty() || named(&self.options.packages)) && !named(&self.options.exclude)
    }

    /// Whether the manifest of a package of this name is checked.
    fn has_manifest(&self, own: &Parsed, name: Option<&str>) -> bool {
        self.is_own(&own.folder) && self.has_path(&own.path) && self.has_name(name)
    }

    fn has_package(&self, package: &PackageFiles) -> bool {
        self.has_name(Some(&package.package.name).filter(|name| !name.is_empty()).map(|name| &**name))
            && (package.files.iter().any(|entry| self.has_path(&entry.path))
                || package.targets.iter().any(|target| self.has_path(&target.root)))
    }
}

/// The folders of packages that another one, itself neither vendored nor data, depends on by path:
/// those are built as they lie here, whatever stands beside their manifests.
fn reached_by_path(manifests: &Manifests, counts: impl Fn(&str) -> bool) -> FxHashSet<Arc<str>> {
    let each = manifests.parsed.iter().zip(&manifests.roots).filter(|(own, _)| counts(&own.folder));
    let declared = each.clone().flat_map(|(own, root)| declared(own, Some(&manifests.parsed[*root])));
    let built = declared.filter(|found| found.dependency.kind != DependencyKind::Dev);
    let patched = each.flat_map(|(own, _)| patched(own));
    built.filter_map(|found| found.folder).chain(patched).map(Arc::from).collect()
}

/// The folders that a manifest puts in the place of packages from elsewhere.
fn patched(own: &manifests::Parsed) -> Vec<String> {
    let tables = |item: &Item| -> Vec<Item> {
        item.as_table_like()
            .into_iter()
            .flat_map(|table| table.iter())
            .map(|(_, item)| item.clone())
            .collect()
    };
    let patch = own.document.get("patch").into_iter().flat_map(tables).flat_map(|source| tables(&source));
    let replace = own.document.get("replace").into_iter().flat_map(tables);
    let paths = patch.chain(replace).filter_map(|item| Some(item.get("path")?.as_str()?.to_owned()));
    paths.filter_map(|path| join(&own.folder, &path)).collect()
}

/// Whether a folder lies among the tests of a package or workspace around it.
fn is_test_data(folder: &str, manifests: &FxHashMap<&str, usize>) -> bool {
    const DATA: [&str; 5] = ["tests", "fixtures", "testdata", "test-data", "test_data"];
    let mut at = folder;
    let mut among = false;
    while !at.is_empty() {
        among |= DATA.contains(&name_of(at));
        at = folder_of(at);
        if among && manifests.contains_key(at) {
            return true;
        }
    }
    false
}

/// What `cargo vendor` puts beside the manifests of others. Cargo's registry folder has a mark of its
/// own, which anyone can make and no checkout needs.
const VENDOR_MARK: &str = ".cargo-checksum.json";

/// Whether a folder holds a package out of a registry: one that was vendored, or any where cargo
/// unpacks what it downloads.
pub(super) fn is_vendored(root: &Utf8Path, tree: Tree<'_>, folder: &str) -> bool {
    tree.has(&in_folder(folder, VENDOR_MARK))
        || home().is_some_and(|home| root.as_std_path().starts_with(home.join("registry/src")))
}

/// Whether a package name is meant by one of these, which may be globs as in cargo.
fn matches_any(specs: &[String], name: &str) -> bool {
    specs.iter().any(|spec| {
        let plain = plain_name(spec);
        plain == name || Glob::new(plain).is_ok_and(|glob| glob.compile_matcher().is_match(name))
    })
}

/// The name in a package specification: `serde` in `serde@1.0`.
fn plain_name(spec: &str) -> &str {
    spec.split_once('@').map_or(spec, |(name, _)| name)
}

/// Refuses names of packages that are not there. Without `-p` and `--exclude` this reads nothing.
pub(super) fn check_names(
    survey: &Survey,
    options: &LoadOptions,
    files: &dyn Files,
) -> Result<(), LoadError> {
    if options.packages.is_empty() && options.exclude.is_empty() {
        return Ok(());
    }
    let known = names(survey, files);
    for spec in options.packages.iter().chain(&options.exclude) {
        if !known.iter().any(|name| matches_any(std::slice::from_ref(spec), name)) {
            return Err(LoadError::UnknownPackage {
                name: spec.clone(),
                root: survey.root.clone(),
                similar: closest(plain_name(spec), &known),
                known,
            });
        }
    }
    Ok(())
}

/// The names of the packages that a survey saw, sorted.
pub(super) fn names(survey: &Survey, files: &dyn Files) -> Vec<String> {
    let manifests = manifests::read(Tree::new(&survey.files), files);
    let name =
        |parsed: &manifests::Parsed| Some(parsed.document.get("package")?.get("name")?.as_str()?.to_owned());
    let mut names: Vec<String> = manifests.parsed.iter().filter_map(name).collect();
    names.sort();
    names.dedup();
    names
}

/// The name that comes closest, if any comes close.
pub(super) fn closest(name: &str, known: &[String]) -> Option<String> {
    let distance = |other: &&String| strsim::damerau_levenshtein(name, other);
    let best = known.iter().min_by_key(distance)?;
    (distance(&best) <= name.chars().count().div_ceil(3)).then(|| best.clone())
}

/// The packages of the tree with their files, sorted by folder: those that are checked and those
/// that they depend on.
pub(super) fn packages(
    tree: Tree<'_>,
    manifests: &Manifests,
    selection: &Selection<'_>,
    files: &dyn Files,
) -> Vec<PackageFiles> {
    let mut packages = with_manifests(tree, manifests, selection, files);
    packages.extend(
        manifests.broken.iter().filter(|folder| selection.is_own(folder)).map(|folder| broken(folder)),
    );
    packages.push(broken(""));
    let loose = packages.len() - 1;
    share_out(tree, selection, &mut packages, loose);
    let local = local_dependencies(manifests, &packages);
    for (package, local) in packages.iter_mut().zip(local) {
        package.local_dependencies = local;
    }
    for package in &mut packages {
        package.selected = selection.has_package(package);
    }
    kept(packages)
}

fn with_manifests(
    tree: Tree<'_>,
    manifests: &Manifests,
    selection: &Selection<'_>,
    files: &dyn Files,
) -> Vec<PackageFiles> {
    let numbers = (0..manifests.parsed.len()).into_par_iter();
    let asked = asked_features(manifests);
    let build = |at: usize| {
        let (own, around) = (&manifests.parsed[at], &manifests.parsed[manifests.roots[at]]);
        let outline = outline(own, around, tree, files).filter(|_| selection.is_own(&own.folder))?;
        let dependencies = declared(own, Some(around)).into_iter().map(|found| found.dependency).collect();
        let asked = asked.get(&*own.folder).map_or(&[][..], |asked| asked);
        Some(PackageFiles {
            package: SourcePackage {
                name: outline.name,
                krate: outline.krate,
                edition: outline.edition,
                dependencies,
                shipped_features: shipped_features(own, asked),
                any_crate: false,
            },
            version: outline.version,
            targets: outline.targets,
            ships: selection.ships.contains(&own.folder),
            ..broken(&own.folder)
        })
    };
    numbers.filter_map(build).collect()
}

/// The checked packages without any code: cargo refuses them, and there is nothing that could be
/// found in them.
pub(super) fn without_code(
    tree: Tree<'_>,
    manifests: &Manifests,
    selection: &Selection<'_>,
    files: &dyn Files,
) -> Vec<Unchecked> {
    let each = manifests.parsed.iter().zip(&manifests.roots).filter_map(|(own, root)| {
        let outline = outline(own, &manifests.parsed[*root], tree, files)?;
        let checked = selection.has_manifest(own, Some(&outline.name));
        let code = tree.below(&own.folder).iter().any(|entry| extension_of(&entry.path) == "rs");
        (checked && !code && outline.targets.is_empty()).then(|| Unchecked {
            help: Some("add one, or name its file with `path` under `[lib]` or `[[bin]]`".into()),
            ..unchecked(&own.path, "the package has no code: neither src/lib.rs nor src/main.rs is there")
        })
    });
    each.collect()
}

/// The targets of checked packages whose files lie outside of what is checked: the compiler would
/// read them, and here nobody does.
pub(super) fn targets_outside(manifests: &Manifests, selection: &Selection<'_>) -> Vec<Unchecked> {
    let checked = manifests.parsed.iter().filter(|own| {
        let name = own.document.get("package").and_then(|package| package.get("name")?.as_str());
        name.is_some() && selection.has_manifest(own, name)
    });
    checked.flat_map(outside).collect()
}

fn outside(own: &manifests::Parsed) -> Vec<Unchecked> {
    let path = |item: &Item| item.get("path").and_then(Item::as_str).map(str::to_owned);
    let document = &own.document;
    let library = document.get("lib").and_then(path);
    let programs = document.get("bin").and_then(Item::as_array_of_tables);
    let programs = programs.into_iter().flat_map(|tables| tables.iter());
    let programs = programs.filter_map(|table| Some(table.get("path")?.as_str()?.to_owned()));
    let script = document.get("package").and_then(|package| Some(package.get("build")?.as_str()?.to_owned()));
    let written = library.into_iter().chain(programs).chain(script);
    let unread = written.filter(|written| join(&own.folder, written).is_none()).map(|written| Unchecked {
        help: Some("check the folder that holds both".into()),
        ..unchecked(&own.path, format!("the target `{written}` leads out of the checked folder"))
    });
    unread.collect()
}

/// The features that packages ask of others by path in what they ship, by the others' folders.
fn asked_features(manifests: &Manifests) -> FxHashMap<String, Vec<String>> {
    let mut asked: FxHashMap<String, Vec<String>> = FxHashMap::default();
    for (own, root) in manifests.parsed.iter().zip(&manifests.roots) {
        for found in declared(own, Some(&manifests.parsed[*root])) {
            if let (Some(folder), true) = (found.folder, found.dependency.kind != DependencyKind::Dev) {
                asked.entry(folder).or_default().extend(found.dependency.features);
            }
        }
    }
    asked
}

/// The features of a package that ship: those that are asked for, the default ones, and what they
/// bring with them.
fn shipped_features(manifest: &manifests::Parsed, asked: &[String]) -> Vec<String> {
    let table = manifest.document.get("features").and_then(Item::as_table_like);
    let mut shipped: Vec<String> = asked.to_vec();
    shipped.push("default".to_owned());
    let mut at = 0;
    while at < shipped.len() {
        let brings = table.and_then(|table| table.get(&shipped[at])?.as_array());
        for feature in brings.into_iter().flatten().filter_map(|feature| feature.as_str()) {
            if !shipped.iter().any(|known| known == feature) {
                shipped.push(feature.to_owned());
            }
        }
        at += 1;
    }
    shipped
}

/// Members that a workspace names and that are not there: what is to be checked was not checked out.
pub(super) fn missing_members(manifests: &Manifests, selection: &Selection<'_>) -> Vec<Unchecked> {
    let asked = |folder: &str| selection.has_path(folder) && !selection.names_packages();
    let own = manifests.parsed.iter().filter(|root| selection.is_own(&root.folder));
    let missing =
        own.flat_map(|root| manifests.missing_members(root).map(move |(member, at)| (root, member, at)));
    let missing = missing.filter(|(_, member, _)| asked(member));
    let tell = |(root, member, at): (&Parsed, String, Option<usize>)| {
        Unchecked {
        at: at.map(|at| position(&root.text, at)),
        help: Some("check it out (`git submodule update --init` where it is a submodule), or take it out of `members`".into()),
        ..unchecked(&root.path, format!("the workspace member `{member}` is not there"))
    }
    };
    missing.map(tell).collect()
}

/// Editions that this release does not know, so that cargo may refuse the package or mean something
/// else by its code.
pub(super) fn unknown_editions(
    tree: Tree<'_>,
    manifests: &Manifests,
    selection: &Selection<'_>,
    files: &dyn Files,
) -> Vec<String> {
    const KNOWN: [u16; 4] = [2015, 2018, 2021, 2024];
    let each = manifests.parsed.iter().zip(&manifests.roots).filter_map(|(own, root)| {
        let outline = outline(own, &manifests.parsed[*root], tree, files)?;
        let checked = selection.has_manifest(own, Some(&outline.name));
        (checked && !KNOWN.contains(&outline.edition)).then(|| {
            format!(
                "{} says edition {}, which this release does not know; its code is read as that of {}",
                own.path, outline.edition, KNOWN[3]
            )
        })
    });
    each.collect()
}

/// Files without a usable manifest, so that every crate counts as present.
fn broken(folder: &str) -> PackageFiles {
    PackageFiles {
        package: SourcePackage { edition: 2021, any_crate: true, ..SourcePackage::default() },
        version: "".into(),
        folder: folder.into(),
        targets: vec![],
        files: vec![],
        local_dependencies: vec![],
        ships: false,
        selected: false,
    }
}

/// Gives each Rust file to the innermost package around it.
fn share_out(tree: Tree<'_>, selection: &Selection<'_>, packages: &mut [PackageFiles], loose: usize) {
    let owners: FxHashMap<Arc<str>, usize> =
        packages[..loose].iter().enumerate().map(|(at, package)| (package.folder.clone(), at)).collect();
    let claims = claims(&packages[..loose], &owners);
    let mut folder = None;
    for entry in tree.entries().iter().filter(|entry| extension_of(&entry.path) == "rs") {
        if entry.linked || !selection.is_own(&entry.path) {
            continue;
        }
        // Neighbours share their owner, and the files come sorted.
        let own = folder_of(&entry.path);
        let owner = match folder {
            Some((last, owner)) if last == own => owner,
            _ => owner(own, &owners).unwrap_or(loose),
        };
        folder = Some((own, owner));
        let owner = if owner == loose { claimed(&entry.path, &claims).unwrap_or(loose) } else { owner };
        packages[owner].files.push(entry.clone());
    }
}

fn owner(folder: &str, owners: &FxHashMap<Arc<str>, usize>) -> Option<usize> {
    let mut folder = folder;
    loop {
        match owners.get(folder) {
            Some(owner) => return Some(*owner),
            None if folder.is_empty() => return None,
            None => folder = folder_of(folder),
        }
    }
}

/// Targets may lie outside their package's folder (`path = "../tests/all.rs"`); they and what lies
/// beside them belong to the package where no other has them.
fn claims(packages: &[PackageFiles], owners: &FxHashMap<Arc<str>, usize>) -> BTreeMap<String, usize> {
    let mut claims = BTreeMap::new();
    for (at, package) in packages.iter().enumerate() {
        for target in &package.targets {
            let elsewhere = owner(folder_of(&target.root), owners).is_none();
            if let Some(folder) = claimed_folder(target, &package.folder).filter(|_| elsewhere) {
                claims.entry(folder.to_owned()).or_insert(at);
            } else if elsewhere {
                claims.entry(target.root.to_string()).or_insert(at);
            }
        }
    }
    claims
}

fn claimed(path: &str, claims: &BTreeMap<String, usize>) -> Option<usize> {
    if claims.is_empty() {
        return None;
    }
    let mut at = path;
    loop {
        match claims.get(at) {
            Some(owner) => return Some(*owner),
            None if at.is_empty() => return None,
            None => at = folder_of(at),
        }
    }
}

/// For each package those that it depends on by path.
fn local_dependencies(manifests: &Manifests, packages: &[PackageFiles]) -> Vec<Vec<usize>> {
    let usable = packages.iter().enumerate().filter(|(_, package)| !package.package.any_crate);
    let at: FxHashMap<&str, usize> = usable.map(|(at, package)| (&*package.folder, at)).collect();
    let mut local = vec![vec![]; packages.len()];
    for (number, parsed) in manifests.parsed.iter().enumerate() {
        let Some(&own) = at.get(&*parsed.folder) else {
            continue;
        };
        let found = declared(parsed, Some(&manifests.parsed[manifests.roots[number]])).into_iter();
        local[own] =
            found.filter_map(|found| at.get(&*found.folder?).copied()).filter(|to| *to != own).collect();
        local[own].sort_unstable();
        local[own].dedup();
    }
    local
}

/// Leaves out what is neither checked nor depended on, and what has no files.
fn kept(packages: Vec<PackageFiles>) -> Vec<PackageFiles> {
    let mut keep: FxHashSet<usize> = FxHashSet::default();
    let mut queue: Vec<usize> = (0..packages.len()).filter(|at| packages[*at].selected).collect();
    while let Some(at) = queue.pop() {
        if keep.insert(at) {
            queue.extend(&packages[at].local_dependencies);
        }
    }
    let mut order: Vec<usize> = keep.into_iter().collect();
    order.sort_by_key(|at| (packages[*at].folder.clone(), packages[*at].package.any_crate));
    let moved: FxHashMap<usize, usize> = order.iter().enumerate().map(|(new, old)| (*old, new)).collect();
    let mut slots: Vec<Option<PackageFiles>> = packages.into_iter().map(Some).collect();
    let mut kept: Vec<PackageFiles> = order.iter().filter_map(|at| slots[*at].take()).collect();
    for package in &mut kept {
        package.local_dependencies.iter_mut().for_each(|at| *at = moved.get(at).copied().unwrap_or(*at));
        package.local_dependencies.sort_unstable();
        package.files.sort_by(|a: &Entry, b: &Entry| a.path.cmp(&b.path));
    }
    kept
}
