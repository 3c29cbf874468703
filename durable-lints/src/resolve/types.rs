//! Light types: a path and its arguments, references dropped.

use std::sync::Arc;

use super::declarations::{self, Written};
use super::names::Names;
use super::paths::{Search, Target};
use crate::vocabulary::{ApiPath, Ty};

/// Traits that say little about what a value is, left out when a type is known by its bounds alone.
const MARKERS: &[&str] = &[
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Display",
    "Eq",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Send",
    "Sized",
    "Sync",
    "Unpin",
    "UnwindSafe",
    "RefUnwindSafe",
    "Serialize",
];

/// How deep types may nest; people stop at six.
const DEEPEST: usize = 40;

/// What the names in a written type may mean.
pub(super) trait TypeScope<'a> {
    /// The names of the package.
    fn names(&self) -> &Names<'a>;
    /// What a path leads to; aliases are not followed yet.
    fn target(&self, path: &syn::Path) -> Option<Target<'a>>;
    /// Whether a name is a type parameter, and what is known of it then.
    fn parameter(&self, name: &str) -> Option<Option<Ty>>;
    /// What `Self` is.
    fn self_ty(&self) -> Option<Ty>;
}

/// What a written type means.
pub(super) fn read<'a>(scope: &dyn TypeScope<'a>, ty: &syn::Type) -> Option<Ty> {
    read_at(scope, ty, 0)?.known()
}

fn read_at<'a>(scope: &dyn TypeScope<'a>, ty: &syn::Type, depth: usize) -> Option<Ty> {
    if depth > DEEPEST {
        return None;
    }
    match ty {
        syn::Type::Path(ty) if ty.qself.is_none() => read_path(scope, &ty.path, depth),
        syn::Type::Reference(ty) => read_at(scope, &ty.elem, depth + 1),
        syn::Type::Paren(ty) => read_at(scope, &ty.elem, depth + 1),
        syn::Type::Group(ty) => read_at(scope, &ty.elem, depth + 1),
        syn::Type::Ptr(ty) => Some(Ty::of("(pointer)", read_at(scope, &ty.elem, depth + 1))),
        syn::Type::Array(ty) => Some(Ty::of("[array]", read_at(scope, &ty.elem, depth + 1))),
        syn::Type::Slice(ty) => Some(Ty::of("[array]", read_at(scope, &ty.elem, depth + 1))),
        syn::Type::Tuple(ty) => {
            Some(Ty::tuple(ty.elems.iter().map(|part| read_at(scope, part, depth + 1)).collect()))
        }
        syn::Type::ImplTrait(ty) => read_bounds(scope, ty.bounds.iter(), depth + 1),
        syn::Type::TraitObject(ty) => read_bounds(scope, ty.bounds.iter(), depth + 1),
        syn::Type::FnPtr(_) => Some(Ty::plain("{closure}")),
        _ => None,
    }
}

/// A path used as a type.
pub(super) fn read_path<'a>(scope: &dyn TypeScope<'a>, path: &syn::Path, depth: usize) -> Option<Ty> {
    let last = path.segments.last()?;
    if path.segments.len() == 1 {
        if last.ident == "Self" {
            return scope.self_ty();
        }
        if let Some(parameter) = scope.parameter(&declarations::ident(&last.ident)) {
            return parameter;
        }
    }
    let args = read_args(scope, &last.arguments, depth);
    let names = scope.names();
    let mut search = Search::new(names);
    match scope.target(path)? {
        Target::Item(index, file, item) => {
            if let Some((params, template)) = names.alias_type(index, file, item) {
                return template.filled(&params, &args).known();
            }
            let path = names.canonical(&mut search, Target::Item(index, file, item))?;
            Some(Ty { path: ApiPath(path), args })
        }
        target => {
            let path = names.canonical(&mut search, target)?;
            Some(spelled_out(path, args))
        }
    }
}

/// The many aliases of `Result` in other crates are all `Result`.
fn spelled_out(path: String, mut args: Vec<Ty>) -> Ty {
    if path.ends_with("::Result") && path != "std::result::Result" {
        let krate = path.split("::").next().unwrap_or("");
        let error = match path.as_str() {
            "std::io::Result" => "std::io::Error".to_owned(),
            "std::fmt::Result" => "std::fmt::Error".to_owned(),
            "std::thread::Result" => Ty::UNKNOWN.to_owned(),
            _ => format!("{krate}::Error"),
        };
        if args.is_empty() {
            args.push(Ty::tuple(Vec::new()));
        }
        if args.len() == 1 {
            args.push(Ty::plain(error));
        }
        return Ty { path: ApiPath("std::result::Result".into()), args };
    }
    Ty { path: ApiPath(path), args }
}

/// The type arguments behind a path's segment.
pub(super) fn read_args<'a>(scope: &dyn TypeScope<'a>, args: &syn::PathArguments, depth: usize) -> Vec<Ty> {
    let unknown = || Ty::plain(Ty::UNKNOWN);
    match args {
        syn::PathArguments::AngleBracketed(args) => {
            let mut read = Vec::new();
            for arg in &args.args {
                match arg {
                    syn::GenericArgument::Type(ty) => {
                        read.push(read_at(scope, ty, depth + 1).unwrap_or_else(unknown));
                    }
                    // `Iterator<Item = T>` and `Future<Output = T>` have one thing to say.
                    syn::GenericArgument::AssocType(bound) => {
                        read.push(read_at(scope, &bound.ty, depth + 1).unwrap_or_else(unknown));
                    }
                    _ => {}
                }
            }
            read
        }
        _ => Vec::new(),
    }
}

/// A type known by its bounds: the one trait among them that says what it is.
pub(super) fn read_bounds<'b, 'a>(
    scope: &dyn TypeScope<'a>,
    bounds: impl Iterator<Item = &'b syn::TypeParamBound>,
    depth: usize,
) -> Option<Ty> {
    let mut traits = bounds.filter_map(|bound| match bound {
        syn::TypeParamBound::Trait(bound) => {
            let name = bound.path.segments.last()?;
            (!MARKERS.iter().any(|marker| name.ident == marker)).then_some(&bound.path)
        }
        _ => None,
    });
    match (traits.next(), traits.next()) {
        (Some(path), None) if depth <= DEEPEST => {
            let last = path.segments.last()?;
            if last.ident == "Fn" || last.ident == "FnMut" || last.ident == "FnOnce" {
                return Some(Ty::plain("{closure}"));
            }
            read_path(scope, path, depth + 1)
        }
        _ => None,
    }
}

/// The type parameters of a signature with what their bounds tell.
pub(super) fn read_generics<'a>(
    scope: &dyn TypeScope<'a>,
    generics: &syn::Generics,
) -> Vec<(Arc<str>, Option<Ty>)> {
    let of_where = |name: &syn::Ident| {
        let predicates = generics.where_clause.iter().flat_map(|clause| clause.predicates.iter());
        let name = name.clone();
        predicates.filter_map(move |predicate| match predicate {
            syn::WherePredicate::Type(bound) => match &bound.bounded_ty {
                syn::Type::Path(ty) if ty.path.is_ident(&name) => Some(bound.bounds.iter()),
                _ => None,
            },
            _ => None,
        })
    };
    let params = generics.params.iter().filter_map(|param| match param {
        syn::GenericParam::Type(param) => {
            let bounds = param.bounds.iter().chain(of_where(&param.ident).flatten());
            Some((declarations::ident(&param.ident), read_bounds(scope, bounds, 0)))
        }
        _ => None,
    });
    params.collect()
}

/// The names in an item of a file.
pub(super) struct ItemScope<'n, 'a> {
    pub(super) names: &'n Names<'a>,
    pub(super) at: super::paths::Place<'a>,
    pub(super) item: Option<u32>,
    /// Type parameters that are known better than by name.
    pub(super) parameters: Vec<(Arc<str>, Option<Ty>)>,
    /// Whether the header of the `impl` itself is read: what `Self` is comes out of that.
    pub(super) in_impl_header: bool,
}

impl<'a> TypeScope<'a> for ItemScope<'_, 'a> {
    fn names(&self) -> &Names<'a> {
        self.names
    }

    fn target(&self, path: &syn::Path) -> Option<Target<'a>> {
        if self.in_impl_header && path.segments.first().is_some_and(|first| first.ident == "Self") {
            return None;
        }
        self.names.target_in(self.at, self.item, &Written::of(path))
    }

    fn parameter(&self, name: &str) -> Option<Option<Ty>> {
        if let Some((_, known)) = self.parameters.iter().find(|(parameter, _)| **parameter == *name) {
            return Some(known.clone());
        }
        self.names.is_parameter(self.at, self.item, name).then_some(None)
    }

    fn self_ty(&self) -> Option<Ty> {
        if self.in_impl_header {
            return None;
        }
        self.names.self_ty_in(self.at, self.item)
    }
}
