//! Light types: a path and its arguments, references dropped.

use crate::subject::ApiPath;

/// A type as far as lints need it. References, lifetimes and mutability are dropped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ty {
    /// The canonical path: `std::vec::Vec`, `reqwest::Client`; primitives by name; `(tuple)`, `[array]`,
    /// `{closure}` for what has no path.
    pub path: ApiPath,
    /// The type arguments; the parts of tuples, the element of arrays and slices.
    pub args: Vec<Ty>,
}

/// Wrappers that hand their content through: what is called on them is mostly called on it.
const TRANSPARENT: &[&str] = &["std::boxed::Box", "std::sync::Arc", "std::rc::Rc"];

impl Ty {
    /// The type behind smart pointers.
    pub fn peeled(&self) -> &Ty {
        match self.args.first() {
            Some(inner) if TRANSPARENT.contains(&self.path.0.as_str()) => inner.peeled(),
            _ => self,
        }
    }
}
