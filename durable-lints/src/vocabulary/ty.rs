//! Types, as far as lints need them.

use std::sync::Arc;

use super::ApiPath;

/// A type as far as lints need it. References, lifetimes and mutability are dropped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ty {
    /// The canonical path: `std::vec::Vec`, `reqwest::Client`; primitives by name; `(tuple)`, `[array]`,
    /// `{closure}` for what has no path.
    pub path: ApiPath,
    /// The type arguments; the parts of tuples, the element of arrays and slices. What is not known
    /// among them is [`Ty::UNKNOWN`].
    pub args: Vec<Ty>,
}

/// Wrappers that hand their content through: what is called on them is mostly called on it.
const TRANSPARENT: &[&str] = &[
    "actix_web::web::Data",
    "axum::extract::Extension",
    "axum::extract::State",
    "axum::Extension",
    "once_cell::sync::Lazy",
    "once_cell::unsync::Lazy",
    "parking_lot::MutexGuard",
    "parking_lot::RwLockReadGuard",
    "parking_lot::RwLockWriteGuard",
    "rocket::State",
    "std::borrow::Cow",
    "std::boxed::Box",
    "std::cell::LazyCell",
    "std::cell::Ref",
    "std::cell::RefMut",
    "std::mem::ManuallyDrop",
    "std::pin::Pin",
    "std::rc::Rc",
    "std::sync::Arc",
    "std::sync::LazyLock",
    "std::sync::MutexGuard",
    "std::sync::RwLockReadGuard",
    "std::sync::RwLockWriteGuard",
    "tokio::sync::MutexGuard",
    "tokio::sync::OwnedMutexGuard",
    "tokio::sync::RwLockReadGuard",
    "tokio::sync::RwLockWriteGuard",
    "zeroize::Zeroizing",
];

impl Ty {
    /// The path of a type argument that is not known.
    pub const UNKNOWN: &'static str = "_";

    /// A type without arguments.
    pub fn plain(path: impl Into<String>) -> Ty {
        Ty { path: ApiPath(path.into()), args: Vec::new() }
    }

    /// A type with one argument; `None` is one that is not known.
    pub fn of(path: impl Into<String>, arg: Option<Ty>) -> Ty {
        Ty { path: ApiPath(path.into()), args: vec![Ty::part(arg)] }
    }

    /// A tuple.
    pub fn tuple(parts: Vec<Option<Ty>>) -> Ty {
        Ty { path: ApiPath("(tuple)".into()), args: parts.into_iter().map(Ty::part).collect() }
    }

    /// A part of a larger type. Types that are built of themselves (`let x = (x, x);`, again and
    /// again) double with each step, so what is larger than people write is unknown.
    fn part(part: Option<Ty>) -> Ty {
        const MOST_NAMES: usize = 64;
        part.filter(|ty| ty.names(MOST_NAMES) < MOST_NAMES).unwrap_or_else(|| Ty::plain(Ty::UNKNOWN))
    }

    /// How many names a type is made of, counted no further than `most`.
    fn names(&self, most: usize) -> usize {
        self.args.iter().fold(1, |sum, arg| if sum >= most { sum } else { sum + arg.names(most - sum) })
    }

    /// The type behind smart pointers, guards and what else hands its content through.
    pub fn peeled(&self) -> &Ty {
        match self.args.first() {
            Some(inner) if inner.is_known() && self.is_transparent() => inner.peeled(),
            _ => self,
        }
    }

    fn is_transparent(&self) -> bool {
        let name = self.path.name();
        TRANSPARENT.iter().any(|path| path.ends_with(name) && self.path.is(path))
    }

    fn is_known(&self) -> bool {
        self.path.0 != Ty::UNKNOWN
    }

    /// Itself where it is known.
    pub(crate) fn known(self) -> Option<Ty> {
        self.is_known().then_some(self)
    }

    /// A type argument by position, where it is known.
    pub fn arg(&self, at: usize) -> Option<Ty> {
        self.args.get(at).filter(|arg| arg.is_known()).cloned()
    }

    /// Whether the path is exactly one of these.
    pub fn is_any(&self, paths: &[&str]) -> bool {
        paths.contains(&self.path.0.as_str())
    }

    /// Whether this is an `Option` or a `Result`.
    pub fn is_fallible(&self) -> bool {
        self.is_any(&["std::option::Option", "std::result::Result"])
    }

    /// The type of the items that iterating over it gives.
    pub fn item(&self) -> Option<Ty> {
        let ty = self.peeled();
        match ty.path.0.as_str() {
            "std::collections::HashMap"
            | "std::collections::BTreeMap"
            | "indexmap::IndexMap"
            | "indexmap::map::IndexMap" => Some(Ty::tuple(vec![ty.arg(0), ty.arg(1)])),
            "std::vec::Vec"
            | "[array]"
            | "std::option::Option"
            | "std::iter::Iterator"
            | "std::iter::IntoIterator"
            | "std::collections::HashSet"
            | "std::collections::BTreeSet"
            | "std::collections::VecDeque"
            | "std::collections::BinaryHeap"
            | "std::ops::Range"
            | "smallvec::SmallVec"
            | "indexmap::IndexSet" => ty.arg(0),
            "std::env::Args" => Some(Ty::plain("std::string::String")),
            _ => None,
        }
    }

    /// The type with the placeholders of parameters filled in.
    pub(crate) fn filled(&self, params: &[Arc<str>], args: &[Ty]) -> Ty {
        if let Some(param) = self.path.0.strip_prefix('?') {
            let at = params.iter().position(|name| **name == *param);
            let arg = at.and_then(|at| args.get(at)).cloned();
            return arg.unwrap_or_else(|| Ty::plain(Ty::UNKNOWN));
        }
        let args = self.args.iter().map(|arg| arg.filled(params, args)).collect();
        Ty { path: self.path.clone(), args }
    }

    /// The placeholder of a type parameter.
    pub(crate) fn placeholder(name: &str) -> Ty {
        Ty::plain(format!("?{name}"))
    }
}
