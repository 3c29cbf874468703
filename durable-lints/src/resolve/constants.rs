//! Values that are fixed in source.

use std::sync::Arc;

use super::evaluate::{self, State};
use super::items::parse;
use super::names::Names;
use super::types::{ItemScope, Ty, TypeScope};
use super::{PackageIndex, paths};
use crate::outline::ItemKind;
use crate::subject::ApiPath;

/// A value that is fixed in source.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// A boolean.
    Bool(bool),
    /// An integer of any width.
    Int(i128),
    /// A floating-point number.
    Float(f64),
    /// A character.
    Char(char),
    /// A string, escapes resolved.
    Str(Arc<str>),
    /// A byte string or an array of bytes.
    Bytes(Arc<[u8]>),
    /// An array, slice, `vec!` or tuple of constants.
    List(Vec<Constant>),
    /// A file embedded by `include_str!` or `include_bytes!`, as the path is written;
    /// `env!("CARGO_MANIFEST_DIR")` in it is written as `$CARGO_MANIFEST_DIR`.
    Embedded(Arc<str>),
    /// A duration in nanoseconds.
    Duration(u128),
    /// Fixed in source, but of a value that is not followed: a `const` of a struct type, a call of a
    /// function without parameters that returns a constant.
    Opaque,
}

impl Constant {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Constant::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The integer.
    pub fn as_int(&self) -> Option<i128> {
        match self {
            Constant::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The bytes of a string, byte string or list of small integers.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        match self {
            Constant::Str(text) => Some(text.as_bytes().to_vec()),
            Constant::Bytes(bytes) => Some(bytes.to_vec()),
            Constant::List(parts) => parts.iter().map(|part| u8::try_from(part.as_int()?).ok()).collect(),
            _ => None,
        }
    }

    /// How it reads in a formatted text, where that is plain.
    pub(super) fn displayed(&self) -> Option<String> {
        match self {
            Constant::Str(text) => Some(text.to_string()),
            Constant::Int(value) => Some(value.to_string()),
            Constant::Bool(value) => Some(value.to_string()),
            Constant::Char(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// A list of small integers as the bytes that its declared type makes of it.
    pub(super) fn typed(self, ty: Option<&Ty>) -> Constant {
        let of_bytes = ty.is_some_and(|ty| {
            let ty = ty.peeled();
            ty.is_any(&["[array]", "std::vec::Vec"])
                && ty.arg(0).is_some_and(|element| element.is_any(&["u8"]))
        });
        match (&self, of_bytes) {
            (Constant::List(_), true) => match self.to_bytes() {
                Some(bytes) => Constant::Bytes(bytes.into()),
                None => self,
            },
            _ => self,
        }
    }
}

/// Values longer than this are tables; that they are fixed is all that is told.
const MAX_VALUE_BYTES: usize = 64_000;
/// Functions longer than this compute something.
const MAX_FUNCTION_BYTES: u32 = 4_000;

/// The value of a constant, static or function without parameters of the workspace.
pub(super) fn of_path(names: &Names<'_>, path: &ApiPath) -> Option<Constant> {
    of_path_in(names, &mut State::default(), path)
}

pub(super) fn of_path_in(names: &Names<'_>, state: &mut State, path: &ApiPath) -> Option<Constant> {
    let (index, file, item) = names.find(&path.0)?;
    let memo = &index.remembered().constants;
    if let Some(known) = memo.read(|map| map.get(&(file, item)).cloned()) {
        return known;
    }
    let id = (std::ptr::from_ref(index), file, item);
    if !state.enter(id) {
        return None;
    }
    let value = of_item(names, state, index, file, item);
    state.leave();
    // What was cut short inside another evaluation may be known when asked by itself.
    if !state.was_cut() || state.is_outermost() {
        memo.write(|map| {
            map.insert((file, item), value.clone());
        });
    }
    value
}

fn of_item<'a>(
    names: &Names<'a>,
    state: &mut State,
    index: &'a PackageIndex,
    file: u32,
    item: u32,
) -> Option<Constant> {
    let source = &index.files[file as usize];
    let outline = &source.outline.items[item as usize];
    let at = names.place(index, file, Some(item))?;
    let scope =
        ItemValues(ItemScope { names, at, item: Some(item), parameters: Vec::new(), in_impl_header: false });
    let body = source.snippet(outline.body?);
    match outline.kind {
        ItemKind::Const | ItemKind::Static => {
            // What can be changed is not fixed.
            if source.snippet(outline.header).contains("static mut ") {
                return None;
            }
            if body.len() > MAX_VALUE_BYTES {
                return Some(Constant::Opaque);
            }
            let value = evaluate::value(&scope, state, &parse::<syn::Expr>(body)?)?;
            Some(value.typed(names.value_type(index, file, item).as_ref()))
        }
        ItemKind::Fn if outline.span.len() <= MAX_FUNCTION_BYTES => {
            let signature = names.signature_of(index, file, item)?;
            if signature.takes_self || !signature.params.is_empty() {
                return None;
            }
            let block: syn::Block = parse(body)?;
            let value = evaluate::block(&scope, state, &block)?;
            Some(value.typed(signature.output.as_ref()))
        }
        _ => None,
    }
}

/// What names in the value of an item may mean.
struct ItemValues<'n, 'a>(ItemScope<'n, 'a>);

impl<'a> evaluate::ValueScope<'a> for ItemValues<'_, 'a> {
    fn names(&self) -> &Names<'a> {
        self.0.names
    }

    fn resolve(&self, qself: Option<&syn::QSelf>, path: &syn::Path) -> Option<ApiPath> {
        if qself.is_some_and(|qself| qself.position == 0) {
            return None;
        }
        let mut search = paths::Search::new(self.0.names);
        let target = self.0.target(path)?;
        self.0.names.canonical(&mut search, target).map(ApiPath)
    }

    fn local(&self, _: &mut State, _: &syn::Ident) -> Option<Option<Constant>> {
        None
    }
}
