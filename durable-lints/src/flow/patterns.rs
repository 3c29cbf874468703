//! What patterns bind, and what matching them proves.

use syn::{Expr, Pat};

use crate::flow::analysis::{Analysis, member};
use crate::flow::fact::Fact;
use crate::vocabulary::Purpose;

impl<'a> Analysis<'_, 'a> {
    /// Binds the names of a pattern to a fact and its parts.
    pub(super) fn bind(&mut self, pat: &'a Pat, fact: &Fact<'a>) {
        match pat {
            Pat::Ident(ident) => {
                self.env.bind(&ident.ident.to_string(), fact.clone());
                if let Some((_, inner)) = &ident.subpat {
                    self.bind(inner, fact);
                }
            }
            Pat::Type(typed) => {
                self.bind(&typed.pat, fact);
            }
            Pat::Paren(inner) => self.bind(&inner.pat, fact),
            Pat::Reference(inner) => self.bind(&inner.pat, fact),
            Pat::Guard(inner) => self.bind(&inner.pat, fact),
            Pat::Tuple(tuple) => {
                for (at, elem) in tuple.elems.iter().enumerate() {
                    self.bind(elem, &fact.part(&at.to_string()));
                }
            }
            Pat::Slice(slice) => {
                for elem in &slice.elems {
                    self.bind(elem, &self.element(fact));
                }
            }
            Pat::TupleStruct(node) => {
                // What is in an error is told to people, and seldom what was asked for.
                let error = node.path.segments.last().is_some_and(|segment| segment.ident == "Err");
                let fact = if error { Fact::unknown() } else { fact.clone() };
                let single = node.elems.len() == 1;
                for (at, elem) in node.elems.iter().enumerate() {
                    let part = if single { fact.clone() } else { fact.part(&at.to_string()) };
                    self.bind(elem, &part);
                }
            }
            Pat::Struct(node) => {
                for field in &node.fields {
                    self.bind(&field.pat, &fact.part(&member(&field.member)));
                }
            }
            Pat::Or(alternatives) => {
                // All bind the same names.
                if let Some(first) = alternatives.cases.first() {
                    self.bind(first, fact);
                }
            }
            _ => {}
        }
    }

    /// Takes note that an expression matched a pattern: where the pattern holds constants only, the
    /// value is one of them. Tells whether it is.
    pub(super) fn refine_by_pattern(&mut self, subject: &'a Expr, pat: &Pat) -> bool {
        match (subject, pat) {
            (Expr::Tuple(subject), Pat::Tuple(pats)) => {
                let pairs = subject.elems.iter().zip(&pats.elems);
                pairs.fold(false, |_, (subject, pat)| {
                    self.refine_by_pattern(subject, pat);
                    false
                })
            }
            (Expr::Paren(subject), _) => self.refine_by_pattern(&subject.expr, pat),
            (Expr::Reference(subject), _) => self.refine_by_pattern(&subject.expr, pat),
            (_, Pat::Lit(lit)) if matches!(&lit.lit, syn::Lit::Bool(_)) => {
                if let syn::Lit::Bool(value) = &lit.lit {
                    self.refine(subject, value.value);
                }
                false
            }
            _ if is_fixed(pat) => {
                self.prove(subject, &[Purpose::Any]);
                true
            }
            _ => {
                if says_yes(pat) {
                    self.assume_ensured(subject);
                }
                false
            }
        }
    }
}

/// Whether a pattern holds for constants only.
pub(super) fn is_fixed(pat: &Pat) -> bool {
    match pat {
        Pat::Lit(_) | Pat::Range(_) | Pat::Const(_) => true,
        Pat::Path(path) => !path.path.is_ident("None"),
        // A constant by its spelling: what is written in capitals binds nothing.
        Pat::Ident(ident) => {
            ident.subpat.as_ref().is_some_and(|(_, inner)| is_fixed(inner))
                || (ident.subpat.is_none()
                    && ident.by_ref.is_none()
                    && ident.mutability.is_none()
                    && ident.ident != "None"
                    && ident.ident.to_string().starts_with(|c: char| c.is_uppercase()))
        }
        Pat::Or(or) => or.cases.iter().all(is_fixed),
        Pat::Paren(inner) => is_fixed(&inner.pat),
        Pat::Reference(inner) => is_fixed(&inner.pat),
        Pat::Guard(inner) => is_fixed(&inner.pat),
        Pat::TupleStruct(node) => !node.elems.is_empty() && node.elems.iter().all(is_fixed),
        Pat::Tuple(node) => !node.elems.is_empty() && node.elems.iter().all(is_fixed),
        Pat::Slice(node) => !node.elems.is_empty() && node.elems.iter().all(is_fixed),
        _ => false,
    }
}

/// Whether a pattern is what a check gives when it agrees: `Ok(…)`, `Some(…)`.
fn says_yes(pat: &Pat) -> bool {
    match pat {
        Pat::TupleStruct(node) => {
            node.path.segments.last().is_some_and(|segment| segment.ident == "Ok" || segment.ident == "Some")
        }
        _ => false,
    }
}
