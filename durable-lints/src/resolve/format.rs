//! The text of `format!` where all its parts are fixed.

use syn::{Expr, Lit};

use super::evaluate::{State, ValueScope, value as evaluated};
use crate::vocabulary::Constant;

/// A piece of a format string.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(String),
    /// What stands in braces before a colon, and whether something stands behind it.
    Hole(&'t str, bool),
}

fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut found = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let brace = &rest[at..at + 1];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            plain.push_str(brace);
            rest = after;
            continue;
        }
        let end = rest.find('}').filter(|_| brace == "{")?;
        let (name, spec) =
            rest[..end].split_once(':').map_or((&rest[..end], ""), |(name, spec)| (name, spec));
        if !plain.is_empty() {
            found.push(Piece::Text(std::mem::take(&mut plain)));
        }
        found.push(Piece::Hole(name.trim(), !spec.is_empty()));
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        found.push(Piece::Text(plain));
    }
    Some(found)
}

/// The value of `format!(…)`, where every part is fixed.
pub(super) fn value<'a>(scope: &dyn ValueScope<'a>, state: &mut State, args: &[Expr]) -> Option<Constant> {
    let (first, rest) = args.split_first()?;
    let Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) = first else { return None };
    let (text, span) = (text.value(), text.span());
    let named = |name: &str| {
        rest.iter().find_map(|arg| match arg {
            Expr::Assign(assign) => match &*assign.left {
                Expr::Path(path) if path.path.is_ident(name) => Some(&*assign.right),
                _ => None,
            },
            _ => None,
        })
    };
    let (mut whole, mut followed, mut next) = (String::new(), true, 0);
    for piece in pieces(&text)? {
        let (name, with_spec) = match piece {
            Piece::Text(text) => {
                whole.push_str(&text);
                continue;
            }
            Piece::Hole(name, with_spec) => (name, with_spec),
        };
        let part = if name.is_empty() {
            next += 1;
            evaluated(scope, state, rest.get(next - 1)?)?
        } else if let Ok(at) = name.parse::<usize>() {
            evaluated(scope, state, rest.get(at)?)?
        } else if let Some(arg) = named(name) {
            evaluated(scope, state, arg)?
        } else {
            let mut captured: syn::Ident = syn::parse_str(name).ok()?;
            captured.set_span(span);
            let path = syn::ExprPath { attrs: Vec::new(), qself: None, path: captured.into() };
            evaluated(scope, state, &Expr::Path(path))?
        };
        match part.displayed() {
            Some(part) if !with_spec => whole.push_str(&part),
            _ => followed = false,
        }
    }
    Some(if followed { Constant::Str(whole.into()) } else { Constant::Opaque })
}
