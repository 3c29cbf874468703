//! The bindings of one unit: their types and values.

use std::marker::PhantomData;

use crate::resolve::{Constant, Ty};
use crate::subject::{ApiPath, Code};
use crate::syntax::Parsed;

/// The bindings of one unit.
#[derive(Debug)]
pub struct Locals<'a>(PhantomData<&'a ()>);

impl<'a> Locals<'a> {
    /// Reads the bindings of a unit.
    pub fn of(parsed: &'a Parsed) -> Locals<'a> {
        let _ = parsed;
        Locals(PhantomData)
    }

    /// What a path in the unit means; local `use` declarations come first.
    pub fn resolve(&self, code: &Code<'a>, qself: Option<&syn::QSelf>, path: &syn::Path) -> Option<ApiPath> {
        let _ = qself;
        code.names.resolve(code.file, Some(code.item), path)
    }

    /// The type of an expression.
    pub fn type_of(&self, code: &Code<'a>, expr: &'a syn::Expr) -> Option<Ty> {
        let _ = (code, expr);
        None
    }

    /// What a written type means.
    pub fn ty(&self, code: &Code<'a>, ty: &syn::Type) -> Option<Ty> {
        let _ = (code, ty);
        None
    }

    /// The value of an expression, where it is fixed in source.
    pub fn constant(&self, code: &Code<'a>, expr: &'a syn::Expr) -> Option<Constant> {
        let _ = (code, expr);
        None
    }
}
