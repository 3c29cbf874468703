//! Values that are fixed in source.

use super::evaluate::{self, State};
use super::items::parse;
use super::names::Names;
use super::types::{ItemScope, TypeScope};
use super::{PackageIndex, paths};
use crate::outline::ItemKind;
use crate::vocabulary::{ApiPath, Constant};

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
