//! The resolved dependencies of each workspace: by `cargo metadata`, else from `Cargo.lock` alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guppy::graph::cargo::{CargoOptions, CargoResolverVersion, CargoSet};
use guppy::graph::feature::{FeatureSet, StandardFeatures};
use guppy::graph::{DependencyDirection, PackageGraph, PackageMetadata};
use guppy::{CargoMetadata, PackageId};
use rayon::prelude::*;
use semver::Version;
use toml_edit::Item;

use super::cargo::{self, Request};
use super::tree::{folder_of, is_test_path};
use super::workspace::{View, in_folder};
use super::{Workspace, index, packages};
use crate::subject::{AdvisoryDb, Dependencies, LockedPackage, Lockfile, Manifest, Resolved};

/// Where graphs come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// `cargo metadata`, and lock files where it fails.
    CargoMetadata,
    /// Lock files, as for trees that are not on the disk.
    LockfileAlone,
}

/// The manifests whose graphs are wanted.
pub(super) struct Roots<'a> {
    /// Every manifest.
    pub(super) manifests: &'a [Arc<Manifest>],
    /// Those that are checked.
    pub(super) checked: &'a [Arc<Manifest>],
    pub(super) advisories: AdvisoryDb,
}

/// What a folder that `cargo durable new` makes projects from has beside its manifest.
const TEMPLATE_MARK: &str = "template.toml";

/// Fills in the graphs, and the notes about what they do not know.
pub(super) fn resolve(workspace: &mut Workspace, view: &View<'_>, roots: Roots<'_>, source: Source) {
    let is_wanted = |manifest: &&Arc<Manifest>| {
        // The hundreds of little packages among the fixtures of some tools are resolved by nobody.
        let is_fixture = is_test_path(&manifest.path) && !manifest.has_lockfile;
        let folder = folder_of(&manifest.path);
        manifest.is_root && !is_fixture && !packages::is_vendored(&workspace.root, view.tree, folder)
    };
    let wanted: Vec<&Arc<Manifest>> = roots.checked.iter().filter(is_wanted).collect();
    let resolved: Vec<(Dependencies, Gap, Read)> =
        wanted.par_iter().map(|root| resolve_one(root, workspace, view, &roots, source)).collect();
    let mut gaps = Vec::new();
    for (dependencies, gap, read) in resolved {
        workspace.rests_on.extend(read);
        workspace.fleeting |= matches!(gap, Gap::Beyond);
        gaps.push((dependencies.root.path.clone(), gap));
        workspace.dependencies.push(dependencies);
    }
    workspace.notes.extend(notes(&gaps));
}

/// What a graph does not know.
enum Gap {
    Nothing,
    /// Nothing, but it tells of packages that lie outside of the root.
    Beyond,
    /// There is no lock file, so no version is known.
    Unlocked,
    /// There is none, and cargo does not accept the manifests, for this reason.
    Refused(String),
    /// `cargo metadata` failed, for this reason.
    Unresolved(String),
}

/// The files of cargo's indexes that were asked.
type Read = BTreeSet<Arc<str>>;

fn resolve_one(
    root: &Arc<Manifest>,
    workspace: &Workspace,
    view: &View<'_>,
    roots: &Roots<'_>,
    source: Source,
) -> (Dependencies, Gap, Read) {
    let belongs = |manifest: &&Arc<Manifest>| {
        manifest.workspace.as_ref().map_or(&manifest.path, |around| &around.path) == &root.path
    };
    let manifests: Vec<Arc<Manifest>> = roots.manifests.iter().filter(belongs).cloned().collect();
    let folder = folder_of(&root.path);
    let lockfile = workspace.lockfiles.iter().find(|lockfile| folder_of(&lockfile.path) == folder).cloned();
    let request = Request {
        root: &workspace.root,
        manifest: root,
        manifests: &manifests,
        lockfile: lockfile.as_deref(),
        configs: &workspace.cargo_configs,
        cache: view.options.cache_dir.as_deref(),
    };
    // Without a lock file cargo only says whether it takes the manifests; that is worth its start for
    // what was asked for, not for each of a thousand packages below it.
    let in_passing = lockfile.is_none() && !folder.is_empty();
    let alone = source == Source::LockfileAlone || is_test_path(&root.path) || in_passing;
    let asked = if alone { None } else { Some(cargo::packages(&request)) };
    let (packages, gap) = match (&lockfile, asked) {
        (None, Some(Err(reason))) => (vec![], Gap::Refused(reason)),
        (None, _) if needs_versions(&manifests) && !is_resolved_elsewhere(root, workspace, view) => {
            (vec![], Gap::Unlocked)
        }
        (None, _) => (vec![], Gap::Nothing),
        (Some(lockfile), None) => (from_lockfile(lockfile), Gap::Nothing),
        (Some(lockfile), Some(Ok(graph))) => {
            let gap = if graph.fleeting { Gap::Beyond } else { Gap::Nothing };
            (with_locked(graph.packages, lockfile), gap)
        }
        (Some(lockfile), Some(Err(reason))) => (from_lockfile(lockfile), Gap::Unresolved(reason)),
    };
    let advisories = roots.advisories.clone();
    let now = view.options.now;
    let (index, read) = index::read(&view.options.cargo_indexes, &packages);
    (Dependencies { root: root.clone(), manifests, lockfile, packages, advisories, index, now }, gap, read)
}

/// Whether any dependency comes from elsewhere, so that a lock file would say which version.
fn needs_versions(manifests: &[Arc<Manifest>]) -> bool {
    manifests.iter().flat_map(|manifest| &manifest.dependencies).any(|dependency| dependency.path.is_none())
}

/// Whether the versions of a package are decided in another place: by the lock file of a workspace that
/// reaches it by path, or, for a template, by each project that is made from it.
fn is_resolved_elsewhere(root: &Manifest, workspace: &Workspace, view: &View<'_>) -> bool {
    let by_path =
        |locked: &LockedPackage| locked.source.is_none() && Some(locked.name.as_str()) == root.package_name();
    workspace.lockfiles.iter().flat_map(|lockfile| &lockfile.packages).any(by_path)
        || view.tree.has(&in_folder(folder_of(&root.path), TEMPLATE_MARK))
}

fn notes(gaps: &[(Arc<str>, Gap)]) -> Vec<String> {
    let unlocked: Vec<&str> =
        gaps.iter().filter(|(_, gap)| matches!(gap, Gap::Unlocked)).map(|(path, _)| &**path).collect();
    let unresolved: Vec<(&str, &str)> = gaps
        .iter()
        .filter_map(
            |(path, gap)| if let Gap::Unresolved(reason) = gap { Some((&**path, &**reason)) } else { None },
        )
        .collect();
    let refused = gaps
        .iter()
        .filter_map(|(path, gap)| if let Gap::Refused(reason) = gap { Some((path, reason)) } else { None });
    let mut notes: Vec<String> = refused
        .map(|(path, reason)| format!("`cargo metadata --manifest-path {path}` failed ({reason}); what was checked may not be what is built"))
        .collect();
    if let [first, rest @ ..] = &unlocked[..] {
        notes.push(format!(
            "the versions of the dependencies of {first}{} are unknown, as no Cargo.lock is part of the checkout; \
             `cargo generate-lockfile --manifest-path {first}` makes one",
            and_more(rest.len())
        ));
    }
    if let [(first, reason), rest @ ..] = &unresolved[..] {
        notes.push(format!(
            "the features of the dependencies of {first}{} and which of them ship are unknown, as `cargo metadata` \
             failed ({reason}); `cargo fetch --manifest-path {first}` may mend it",
            and_more(rest.len())
        ));
    }
    notes
}

fn and_more(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" and {count} more") }
}

/// The graph as the lock file alone tells it.
fn from_lockfile(lockfile: &Lockfile) -> Vec<Resolved> {
    let mut by_name: BTreeMap<&str, Vec<Version>> = BTreeMap::new();
    for package in &lockfile.packages {
        if let Ok(version) = Version::parse(&package.version) {
            by_name.entry(&package.name).or_default().push(version);
        }
    }
    let mut dependents: BTreeMap<(&str, Version), BTreeSet<(String, Version)>> = BTreeMap::new();
    for package in &lockfile.packages {
        let Ok(own) = Version::parse(&package.version) else { continue };
        for dependency in &package.dependencies {
            // `name`, `name version` or `name version (source)`: as much as makes it unambiguous.
            let mut words = dependency.split(' ');
            let name = words.next().unwrap_or("");
            let version = words.next().and_then(|version| Version::parse(version).ok());
            let only = || by_name.get(name).and_then(|versions| versions.first().cloned());
            if let Some(version) = version.or_else(only) {
                dependents.entry((name, version)).or_default().insert((package.name.clone(), own.clone()));
            }
        }
    }
    let resolved = lockfile.packages.iter().filter_map(|package| {
        let version = Version::parse(&package.version).ok()?;
        let dependents = dependents.remove(&(&*package.name, version.clone())).unwrap_or_default();
        Some(Resolved {
            name: package.name.clone(),
            version,
            source: package.source.clone(),
            features: None,
            ships: None,
            dependents: dependents.into_iter().collect(),
        })
    });
    sorted(resolved.collect())
}

/// Adds what is locked but was left out of the resolution: packages for other platforms.
fn with_locked(mut packages: Vec<Resolved>, lockfile: &Lockfile) -> Vec<Resolved> {
    let known: BTreeSet<(String, Version)> =
        packages.iter().map(|package| (package.name.clone(), package.version.clone())).collect();
    let locked = from_lockfile(lockfile).into_iter();
    packages
        .extend(locked.filter(|package| !known.contains(&(package.name.clone(), package.version.clone()))));
    sorted(packages)
}

fn sorted(mut packages: Vec<Resolved>) -> Vec<Resolved> {
    packages.sort_by(|a, b| (&a.name, &a.version, &a.source).cmp(&(&b.name, &b.version, &b.source)));
    packages
}

/// Reads the output of `cargo metadata`.
pub(super) fn from_metadata(json: &str, manifest: &Manifest) -> Result<Vec<Resolved>, String> {
    let metadata = CargoMetadata::parse_json(json).map_err(|error| error.to_string())?;
    let graph = metadata.build_graph().map_err(|error| error.to_string())?;
    let resolver = resolver(manifest);
    let shipping = build(&graph, resolver, false)?;
    let everything = build(&graph, resolver, true)?;
    let ships = shipping.target_features().to_package_set();
    let resolved = graph.packages().map(|package| Resolved {
        name: package.name().to_owned(),
        version: package.version().clone(),
        source: package.source().external_source().map(str::to_owned),
        features: Some(features(&package, &[&shipping, &everything])),
        ships: Some(ships.contains(package.id()).unwrap_or(false)),
        dependents: dependents(&package),
    });
    Ok(sorted(resolved.collect()))
}

/// What cargo would build for the members with their default features, on every platform.
fn build(graph: &PackageGraph, resolver: CargoResolverVersion, tests: bool) -> Result<CargoSet<'_>, String> {
    let mut options = CargoOptions::new();
    options.set_resolver(resolver).set_include_dev(tests);
    let members: FeatureSet<'_> = graph.resolve_workspace().to_feature_set(StandardFeatures::Default);
    members.into_cargo_set(&options).map_err(|error| error.to_string())
}

fn features(package: &PackageMetadata<'_>, sets: &[&CargoSet<'_>]) -> Vec<String> {
    let id: &PackageId = package.id();
    let lists = sets.iter().flat_map(|set| [set.target_features(), set.host_features()]);
    let lists = lists.filter_map(|set| set.features_for(id).ok().flatten());
    let names: BTreeSet<String> =
        lists.flat_map(|list| list.named_features().map(str::to_owned).collect::<Vec<_>>()).collect();
    names.into_iter().collect()
}

fn dependents(package: &PackageMetadata<'_>) -> Vec<(String, Version)> {
    let links = package.direct_links_directed(DependencyDirection::Reverse);
    let from = links.map(|link| (link.from().name().to_owned(), link.from().version().clone()));
    from.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The resolver of the workspace: as written, else what the edition of the root package brings.
fn resolver(manifest: &Manifest) -> CargoResolverVersion {
    let document = &manifest.document;
    let written =
        ["workspace", "package"].iter().find_map(|table| document.get(table)?.get("resolver")?.as_str());
    let edition = document.get("package").and_then(|package| package.get("edition"));
    match (written, edition.and_then(Item::as_str)) {
        (Some("1"), _) => CargoResolverVersion::V1,
        (Some("2"), _) | (None, Some("2021")) => CargoResolverVersion::V2,
        (Some(_), _) | (None, Some("2024")) => CargoResolverVersion::V3,
        (None, _) => CargoResolverVersion::V1,
    }
}
