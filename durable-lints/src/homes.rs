//! Which package and target of cargo a file belongs to, for readers who know packages by cargo's
//! names for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::load::Target;

/// A package as cargo tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: Arc<str>,
    /// Its version as its manifest or workspace writes it.
    pub version: Arc<str>,
    /// Its folder, relative to the workspace root; empty for the root itself.
    pub folder: Arc<str>,
    /// Its targets.
    pub targets: Vec<Target>,
}

/// The packages that were checked, and the targets that files with findings are part of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Homes {
    /// The packages, sorted by folder.
    packages: Vec<Package>,
    /// For files that a module tree reaches, package and target by position.
    files: BTreeMap<Arc<str>, (u32, u32)>,
}

impl Homes {
    /// Adds a package and the targets of files in it.
    pub(crate) fn add(&mut self, package: Package, files: &[(Arc<str>, u32)]) {
        let number = self.packages.len() as u32;
        for (file, target) in files {
            // A file that several packages share is the first one's.
            self.files.entry(file.clone()).or_insert((number, *target));
        }
        self.packages.push(package);
    }

    /// The package and target that a file is part of. What no target reaches belongs to the package
    /// around it, and what lies in no package is told of with the first, as readers insist on one.
    pub fn of(&self, file: &str) -> Option<(&Package, Option<&Target>)> {
        if let Some((package, target)) = self.files.get(file) {
            let package = self.packages.get(*package as usize)?;
            return Some((package, package.targets.get(*target as usize)));
        }
        let around = self.packages.iter().filter(|package| lies_in(file, &package.folder));
        let package = around.max_by_key(|package| package.folder.len()).or(self.packages.first())?;
        let target = package.targets.iter().find(|target| *target.root == *file);
        Some((package, target.or(package.targets.first())))
    }
}

fn lies_in(file: &str, folder: &str) -> bool {
    folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
