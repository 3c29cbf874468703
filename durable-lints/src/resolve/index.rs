//! A package's files with what is derived from them once and shared by all threads.

use std::sync::{Arc, OnceLock, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::declarations;
use super::items::{FieldTypes, ImplTypes};
use super::paths::Plain;
use super::scopes::{Content, FileScopes, Modules, name_of};
use super::{Constant, Signature, Ty};
use crate::flow::Summaries;
use crate::outline::ItemKind;
use crate::subject::{SourceFile, SourcePackage};

/// A package's files, outlined, and what is derived from them on demand. It is shared between
/// threads, so what it remembers is plain data, never a part of `syn`'s tree.
#[derive(Debug, Default)]
pub struct PackageIndex {
    /// What names may mean.
    pub package: SourcePackage,
    /// The files, sorted by path.
    pub files: Vec<SourceFile>,
    /// What its functions do with their parameters.
    pub(crate) summaries: Summaries,
    derived: Derived,
}

/// An item by its file and its position in the file's outline.
pub(super) type ItemId = (u32, u32);

/// Canonical paths.
type Paths = Arc<[Arc<str>]>;

/// The associated items of all types: by the type's last name, then by the member's.
type Members = FxHashMap<Arc<str>, FxHashMap<Arc<str>, Vec<ItemId>>>;

/// Everything derived; each part comes into being when it is first asked for.
#[derive(Debug, Default)]
struct Derived {
    by_path: FxHashMap<Arc<str>, u32>,
    scopes: Vec<OnceLock<FileScopes>>,
    modules: OnceLock<Modules>,
    declared: OnceLock<FxHashSet<Arc<str>>>,
    members: OnceLock<Members>,
    remembered: Remembered,
}

/// Answers that cost a parse or a search.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// What a name means in a file's part of a module, by what it is wanted for.
    pub(super) names: Memo<(u32, u32), FxHashMap<Arc<str>, Option<Plain>>>,
    /// What the globs of a module bring in under a name, by who sees it and what it is wanted for.
    pub(super) globs: Memo<(u32, u32), FxHashMap<Arc<str>, Plain>>,
    /// What the globs of a module bring in from outside of the workspace, by whether private ones count.
    pub(super) outside: Memo<(u32, bool), Option<Paths>>,
    /// The generic parameters of an item.
    pub(super) generics: Memo<ItemId, Arc<[Arc<str>]>>,
    /// The types in the header of an `impl`.
    pub(super) impls: Memo<ItemId, Arc<ImplTypes>>,
    /// The fields of a struct.
    pub(super) fields: Memo<ItemId, Arc<FieldTypes>>,
    /// The signature of a function.
    pub(super) signatures: Memo<ItemId, Option<Arc<Signature>>>,
    /// The type of a constant or static, and what a type alias stands for.
    pub(super) types: Memo<ItemId, Option<Ty>>,
    /// The value of a constant, static, or function without parameters.
    pub(super) constants: Memo<ItemId, Option<Constant>>,
}

/// A map that threads fill together. Whoever computes an answer twice computes the same one.
#[derive(Debug)]
pub(super) struct Memo<K, V>(RwLock<FxHashMap<K, V>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Memo(RwLock::default())
    }
}

impl<K: Eq + std::hash::Hash, V> Memo<K, V> {
    /// Reads the map.
    pub(super) fn read<T>(&self, read: impl FnOnce(&FxHashMap<K, V>) -> T) -> T {
        // A thread that panicked while it held the lock left the map as it was.
        read(&self.0.read().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    /// Writes to the map.
    pub(super) fn write(&self, write: impl FnOnce(&mut FxHashMap<K, V>)) {
        write(&mut self.0.write().unwrap_or_else(|poisoned| poisoned.into_inner()));
    }
}

impl<K: Eq + std::hash::Hash, V: Clone> Memo<K, V> {
    /// The answer, computed where it is not known yet.
    pub(super) fn get_or(&self, key: K, compute: impl FnOnce() -> V) -> V {
        if let Some(known) = self.read(|map| map.get(&key).cloned()) {
            return known;
        }
        let value = compute();
        self.write(|map| {
            map.insert(key, value.clone());
        });
        value
    }
}

impl PackageIndex {
    /// Indexes outlined files.
    pub fn new(package: SourcePackage, files: Vec<SourceFile>) -> PackageIndex {
        let mut derived = Derived::default();
        derived.scopes.resize_with(files.len(), OnceLock::new);
        derived.by_path = (0u32..).zip(&files).map(|(index, file)| (file.path.clone(), index)).collect();
        PackageIndex { package, files, derived, ..PackageIndex::default() }
    }

    /// A file's position.
    pub(super) fn file_number(&self, file: &SourceFile) -> Option<u32> {
        self.derived.by_path.get(&file.path).copied()
    }

    /// What a file declares.
    pub(super) fn scopes(&self, file: u32) -> Option<&FileScopes> {
        let source = self.files.get(file as usize)?;
        Some(self.derived.scopes.get(file as usize)?.get_or_init(|| FileScopes::new(source)))
    }

    /// The package's modules.
    pub(super) fn modules(&self) -> &Modules {
        self.derived.modules.get_or_init(|| Modules::new(&self.files))
    }

    /// In which parts of a module is what.
    pub(super) fn content(&self, module: u32) -> &Content {
        let module = &self.modules().list[module as usize];
        module.content.get_or_init(|| {
            Content::new(module.parts.iter().map(|(file, inline)| self.scopes(*file)?.scope(*inline)))
        })
    }

    /// Whether any module, item, import or variant has a name.
    pub(super) fn declares(&self, name: &str) -> bool {
        let all = || {
            let files = (0u32..).take(self.files.len()).filter_map(|file| self.scopes(file));
            let modules = self.modules().list.iter();
            let modules = modules.filter_map(|module| Some(module.path.rsplit_once("::")?.1.into()));
            files.flat_map(FileScopes::declared).chain(modules).collect()
        };
        self.derived.declared.get_or_init(all).contains(name)
    }

    /// The associated items called `member` of types called `ty`, in any module.
    pub(super) fn members(&self, ty: &str, member: &str) -> &[ItemId] {
        let members = self.derived.members.get_or_init(|| self.find_members());
        members.get(ty).and_then(|members| members.get(member)).map_or(&[], Vec::as_slice)
    }

    fn find_members(&self) -> Members {
        let mut members = Members::default();
        for (file, source) in (0u32..).zip(&self.files) {
            let mut owner: Option<(u32, Option<Arc<str>>)> = None;
            for (index, item) in (0u32..).zip(&source.outline.items) {
                let Some(parent) = item.parent else { continue };
                let around = &source.outline.items[parent as usize];
                if !matches!(around.kind, ItemKind::Impl | ItemKind::Trait) {
                    continue;
                }
                if owner.as_ref().is_none_or(|(known, _)| *known != parent) {
                    let name = match around.kind {
                        ItemKind::Impl => declarations::implementor(&source.text, around.header),
                        _ => Some(name_of(source, around).into()),
                    };
                    owner = Some((parent, name));
                }
                if let Some((_, Some(ty))) = &owner {
                    let of_type = members.entry(ty.clone()).or_default();
                    of_type.entry(name_of(source, item).into()).or_default().push((file, index));
                }
            }
        }
        members
    }

    /// What has been worked out so far.
    pub(super) fn remembered(&self) -> &Remembered {
        &self.derived.remembered
    }
}
