//! Where a unit makes use of something. What declares a thing (a signature, the type of a binding or
//! constant) and what makes it say the same, so a declaration counts only where nothing else tells.

use syn::visit::{self, Visit};

use crate::code::Code;
use crate::finding::Span;

/// The places among `found` that are mistakes of their own, in order: each use, and a declaration
/// once where what it declares does not say the same.
pub(crate) fn places<T: Ord>(code: &Code<'_>, mut found: Vec<(Span, T)>) -> Vec<(Span, T)> {
    found.sort();
    found.dedup();
    let declarations = declarations(code);
    let is_said = |what: &T, known: &[(Span, T)], within: Span| {
        known.iter().any(|(span, other)| other == what && within.contains(*span))
    };
    let repeats = |at: usize| {
        let (span, what) = &found[at];
        declarations.iter().filter(|declaration| declaration.written.contains(*span)).any(|declaration| {
            is_said(what, &found, declaration.made) || is_said(what, &found[..at], declaration.written)
        })
    };
    let own: Vec<bool> = (0..found.len()).map(|at| !repeats(at)).collect();
    found.into_iter().zip(own).filter_map(|(place, own)| own.then_some(place)).collect()
}

/// Where a type is written, and where a value of it is made.
struct Declaration {
    written: Span,
    made: Span,
}

fn declarations(code: &Code<'_>) -> Vec<Declaration> {
    let mut search = Search { code, found: Vec::new() };
    code.visit(&mut search);
    let mut found = search.found;
    if let (Some(signature), Some(block)) = (code.signature(), code.block()) {
        found.push(Declaration { written: code.span(signature), made: code.span(block) });
    }
    found
}

struct Search<'c, 'a> {
    code: &'c Code<'a>,
    found: Vec<Declaration>,
}

impl Search<'_, '_> {
    fn declared(&mut self, ty: &syn::Type, value: &syn::Expr) {
        self.found.push(Declaration { written: self.code.span(ty), made: self.code.span(value) });
    }
}

impl<'a> Visit<'a> for Search<'_, 'a> {
    fn visit_local(&mut self, local: &'a syn::Local) {
        if let (syn::Pat::Type(typed), Some(init)) = (&local.pat, &local.init) {
            self.declared(&typed.ty, &init.expr);
        }
        visit::visit_local(self, local);
    }

    fn visit_item_const(&mut self, item: &'a syn::ItemConst) {
        self.declared(&item.ty, &item.expr);
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &'a syn::ItemStatic) {
        self.declared(&item.ty, &item.expr);
        visit::visit_item_static(self, item);
    }
}
