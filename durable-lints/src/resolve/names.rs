//! What paths mean.

use crate::resolve::{Constant, PackageIndex, Ty};
use crate::subject::{ApiPath, SourceFile};

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
    /// What it returns.
    pub output: Option<Ty>,
}

impl<'a> Names<'a> {
    /// What a path written in an item of a file means. `item` is any item in the outline; the scope
    /// is its module (and, for `Self`, the `impl` around it).
    pub fn resolve(&self, file: &SourceFile, item: Option<u32>, path: &syn::Path) -> Option<ApiPath> {
        let _ = (file, item, path);
        None
    }

    /// The item of the workspace that a canonical path leads to.
    pub fn definition(&self, path: &ApiPath) -> Option<Definition<'a>> {
        let _ = path;
        None
    }

    /// The canonical path of an item: `my_app::auth::Tokens::verify`.
    pub fn path_of(&self, file: &SourceFile, item: u32) -> Option<ApiPath> {
        let _ = (file, item);
        None
    }

    /// The trait that an `impl` implements.
    pub fn implemented_trait(&self, file: &SourceFile, item: u32) -> Option<ApiPath> {
        let _ = (file, item);
        None
    }

    /// The type that an `impl` is for.
    pub fn self_type(&self, file: &SourceFile, item: u32) -> Option<Ty> {
        let _ = (file, item);
        None
    }

    /// The type of a field of a struct of the workspace, or of a modelled struct.
    pub fn field(&self, ty: &Ty, field: &str) -> Option<Ty> {
        let _ = (ty, field);
        None
    }

    /// The signature of a function or method of the workspace, or a modelled one.
    pub fn signature(&self, path: &ApiPath) -> Option<Signature> {
        let _ = path;
        None
    }

    /// The value of a constant or static of the workspace.
    pub fn constant(&self, path: &ApiPath) -> Option<Constant> {
        let _ = path;
        None
    }
}
