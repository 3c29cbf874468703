//! What paths mean.

use super::declarations::Written;
use super::paths::{Search, Target};
use super::scopes::{module_of, name_of};
use crate::models;
use crate::outline::ItemKind;
use crate::resolve::PackageIndex;
use crate::subject::SourceFile;
use crate::vocabulary::ApiPath;
use crate::vocabulary::{Constant, Ty};

/// What names mean inside one package.
#[derive(Debug)]
pub struct Names<'a> {
    /// The package itself.
    pub own: &'a PackageIndex,
    /// The packages of the same workspace that it depends on (directly or not).
    pub others: Vec<&'a PackageIndex>,
    /// What ecosystem APIs mean, the project's own included.
    pub models: &'a crate::models::Models,
}

/// An item of the workspace that a path leads to.
#[derive(Clone, Copy, Debug)]
pub struct Definition<'a> {
    /// Its package.
    pub index: &'a PackageIndex,
    /// Its file.
    pub file: &'a SourceFile,
    /// Its position in the file's outline.
    pub item: u32,
}

/// A function's parameters and result, as far as their types are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Names (empty for patterns) and types, `self` left out.
    pub params: Vec<(String, Option<Ty>)>,
    /// Whether it takes `self`.
    pub takes_self: bool,
    /// What it returns; for an `async` function what awaiting it gives.
    pub output: Option<Ty>,
}

impl<'a> Names<'a> {
    /// What a path written in an item of a file means. `item` is any item in the outline; the scope
    /// is its module (and, for `Self`, the `impl` around it).
    pub fn resolve(&self, file: &SourceFile, item: Option<u32>, path: &syn::Path) -> Option<ApiPath> {
        self.resolve_written(file, item, &Written::of(path))
    }

    pub(super) fn resolve_written(
        &self,
        file: &SourceFile,
        item: Option<u32>,
        path: &Written,
    ) -> Option<ApiPath> {
        let target = self.target_from(file, item, path)?;
        let mut search = Search::new(self);
        self.canonical(&mut search, target).map(ApiPath)
    }

    pub(super) fn target_from(
        &self,
        file: &SourceFile,
        item: Option<u32>,
        path: &Written,
    ) -> Option<Target<'a>> {
        let (index, number) = self.locate(file)?;
        let at = self.place(index, number, item)?;
        self.target_in(at, item, path)
    }

    /// The package and number of a file.
    pub(super) fn locate(&self, file: &SourceFile) -> Option<(&'a PackageIndex, u32)> {
        let mut all = std::iter::once(self.own).chain(self.others.iter().copied());
        all.find_map(|index| Some((index, index.file_number(file)?)))
    }

    /// The item of the workspace that a canonical path leads to.
    pub fn definition(&self, path: &ApiPath) -> Option<Definition<'a>> {
        let (index, file, item) = self.find(&path.0)?;
        Some(Definition { index, file: &index.files[file as usize], item })
    }

    pub(super) fn find(&self, path: &str) -> Option<(&'a PackageIndex, u32, u32)> {
        let (parent, name) = path.rsplit_once("::")?;
        let mut all = std::iter::once(self.own).chain(self.others.iter().copied());
        all.find_map(|index| {
            if let Some(module) = index.modules().by_path(parent) {
                return self.find_in_module(index, module, name);
            }
            let (module, owner) = parent.rsplit_once("::")?;
            // The type may be declared elsewhere than its path tells, but not in another package.
            index.modules().by_path(module)?;
            self.find_member(index, parent, owner, name)
        })
    }

    fn find_in_module(
        &self,
        index: &'a PackageIndex,
        module: u32,
        name: &str,
    ) -> Option<(&'a PackageIndex, u32, u32)> {
        let mut found: Option<(bool, u32, u32)> = None;
        for part in index.content(module).declaring(name) {
            let (file, inline) = &index.modules().list[module as usize].parts[*part];
            let Some(scope) = index.scopes(*file).and_then(|scopes| scopes.scope(*inline)) else { continue };
            for item in scope.items(name) {
                let outline = &index.files[*file as usize].outline.items[item as usize];
                let better = found.is_none_or(|(test, ..)| test && !outline.test);
                if outline.kind != ItemKind::Mod && better {
                    found = Some((outline.test, *file, item));
                }
            }
        }
        found.map(|(_, file, item)| (index, file, item))
    }

    /// An associated item: one of the type's own before those of traits.
    fn find_member(
        &self,
        index: &'a PackageIndex,
        owner_path: &str,
        owner: &str,
        name: &str,
    ) -> Option<(&'a PackageIndex, u32, u32)> {
        let mut of_trait = None;
        for (file, item) in index.members(owner, name) {
            let source = &index.files[*file as usize];
            let parent = source.outline.items[*item as usize].parent?;
            if source.outline.items[parent as usize].kind == ItemKind::Trait {
                if self.item_path(index, *file, parent).as_deref() == Some(owner_path) {
                    return Some((index, *file, *item));
                }
                continue;
            }
            let types = self.impl_types(index, *file, parent);
            if types.self_ty.as_ref().is_some_and(|ty| ty.path.0 == owner_path) {
                match types.implements {
                    None => return Some((index, *file, *item)),
                    Some(_) => of_trait = of_trait.or(Some((index, *file, *item))),
                }
            }
        }
        of_trait
    }

    /// The canonical path of an item: `my_app::auth::Tokens::verify`.
    pub fn path_of(&self, file: &SourceFile, item: u32) -> Option<ApiPath> {
        let (index, number) = self.locate(file)?;
        let outline = file.outline.items.get(item as usize)?;
        if outline.kind == ItemKind::Impl {
            return Some(self.self_type(file, item)?.path);
        }
        if module_of(file, outline).is_some() {
            return self.item_path(index, number, item).map(ApiPath);
        }
        let owner = self.self_type(file, outline.parent?)?;
        Some(ApiPath(format!("{}::{}", owner.path.0, name_of(file, outline))))
    }

    /// The trait that an `impl` implements.
    pub fn implemented_trait(&self, file: &SourceFile, item: u32) -> Option<ApiPath> {
        let (index, number) = self.locate(file)?;
        let at = self.place(index, number, Some(item))?;
        let (item, outline) = self.self_item(at, Some(item))?;
        (outline.kind == ItemKind::Impl).then(|| self.impl_types(index, number, item).implements.clone())?
    }

    /// The type that an `impl` is for; inside a trait, the trait.
    pub fn self_type(&self, file: &SourceFile, item: u32) -> Option<Ty> {
        let (index, number) = self.locate(file)?;
        let at = self.place(index, number, Some(item))?;
        self.self_ty_in(at, Some(item))
    }

    /// The type of a field of a struct of the workspace, or of a modelled struct. Smart pointers
    /// and what else hands its content through are looked behind.
    pub fn field(&self, ty: &Ty, field: &str) -> Option<Ty> {
        if ty.path.0 == "(tuple)" {
            return ty.arg(field.parse().ok()?);
        }
        if let Some((index, file, item)) = self.find(&ty.path.0) {
            let fields = self.fields(index, file, item);
            let (_, found) = fields.fields.iter().find(|(name, _)| **name == *field)?;
            return found.as_ref()?.filled(&fields.params, &ty.args).known();
        }
        if let Some(found) = models::types::field(ty, field) {
            return Some(found);
        }
        let inner = models::types::dereferenced(ty)?;
        self.field(&inner, field)
    }

    /// The signature of a function or method of the workspace, or a modelled one. Tuple structs and
    /// variants of enums count as functions that return their type.
    pub fn signature(&self, path: &ApiPath) -> Option<Signature> {
        if let Some((index, file, item)) = self.find(&path.0) {
            return match index.files[file as usize].outline.items[item as usize].kind {
                ItemKind::Fn => self.signature_of(index, file, item).map(|found| (*found).clone()),
                ItemKind::Struct => {
                    let output = Some(Ty::plain(path.0.clone()));
                    Some(Signature { output, ..Signature::default() })
                }
                _ => None,
            };
        }
        if let Some((parent, name)) = path.0.rsplit_once("::")
            && let Some((index, file, item)) = self.find(parent)
            && index.scopes(file).is_some_and(|scopes| scopes.has_variant(item, name))
        {
            let output = Some(Ty::plain(parent));
            return Some(Signature { output, ..Signature::default() });
        }
        let output = Some(models::types::returned(path)?);
        Some(Signature { output, ..Signature::default() })
    }

    /// The value of a constant or static of the workspace.
    pub fn constant(&self, path: &ApiPath) -> Option<Constant> {
        super::constants::of_path(self, path)
    }
}
