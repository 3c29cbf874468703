//! What macro calls do with their arguments.

use syn::Expr;

use crate::flow::analysis::Analysis;
use crate::flow::fact::Fact;
use crate::flow::{SinkUse, address};
use crate::syntax::Expansion;
use crate::vocabulary::Purpose;

impl<'a> Analysis<'_, 'a> {
    pub(super) fn macro_call(&mut self, node: &'a syn::Macro) -> Fact<'a> {
        let name = node.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let Some(expansion) = self.code.expansion(node) else { return Fact::unknown() };
        match name.as_str() {
            "format" | "format_args" | "concat_string" => self.formatted(expansion, 0),
            "write" | "writeln" => {
                let text = self.formatted(expansion, 1);
                if let Some(target) = expansion.args.first() {
                    let old = self.eval(&target.expr);
                    // A file or socket is no text that grows.
                    if old.value.constant || old.text.is_some() || old.value.built {
                        self.assign_to(&target.expr, Fact::concat(&[old, text]));
                    }
                }
                Fact::fixed()
            }
            "concat" | "stringify" | "include_str" | "include_bytes" | "env" | "file" | "module_path"
            | "line" => {
                let facts = self.arguments(expansion);
                if name == "concat" { Fact::concat(&facts) } else { Fact::fixed() }
            }
            "vec" => self.list(node, expansion),
            "dbg" => self.arguments(expansion).pop().unwrap_or_default(),
            "json" | "smallvec" | "hashmap" | "btreemap" | "params" | "args" => {
                Fact::all(&self.arguments(expansion))
            }
            "matches" => {
                self.arguments(expansion);
                Fact::scalar()
            }
            "assert" | "debug_assert" | "ensure" => {
                self.arguments(expansion);
                if let Some(condition) = expansion.args.first() {
                    self.refine(&condition.expr, true);
                }
                Fact::fixed()
            }
            "panic" | "todo" | "unimplemented" | "unreachable" | "bail" => {
                self.arguments(expansion);
                self.env.dead = true;
                Fact::never()
            }
            "print" | "println" | "eprint" | "eprintln" | "trace" | "debug" | "info" | "warn" | "error" => {
                self.arguments(expansion);
                Fact::fixed()
            }
            "cmd" => {
                self.arguments(expansion);
                Fact::unknown()
            }
            _ => {
                self.arguments(expansion);
                let scope = self.env.len();
                self.statements(&expansion.stmts);
                self.env.truncate(scope);
                Fact::unknown()
            }
        }
    }

    fn arguments(&mut self, expansion: &'a Expansion) -> Vec<Fact<'a>> {
        let facts = expansion.args.iter().map(|arg| self.eval(&arg.expr)).collect();
        expansion.captured.iter().for_each(|expr| drop(self.eval(expr)));
        facts
    }

    /// `vec![a, b]` and `vec![a; n]`.
    fn list(&mut self, node: &syn::Macro, expansion: &'a Expansion) -> Fact<'a> {
        let facts = self.arguments(expansion);
        let repeated =
            node.tokens.clone().into_iter().any(
                |token| matches!(&token, proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ';'),
            );
        if repeated {
            if let (Some(size), Some(fact)) = (expansion.args.get(1), facts.get(1)) {
                self.sink(SinkUse {
                    call: self.span(node),
                    argument: self.span(&size.expr),
                    expr: Some(&size.expr),
                    purpose: Purpose::Size,
                    value: fact.value.clone(),
                    sink: "vec!".to_owned(),
                    via: None,
                });
            }
            return facts.first().map_or_else(Fact::fixed, Fact::whole);
        }
        if facts.len() > crate::flow::analysis::MOST_PARTS {
            return Fact::all(&facts);
        }
        Fact::of_parts(facts.into_iter().enumerate().map(|(at, fact)| (at.to_string(), fact)))
    }

    /// The text that a format string makes of its arguments.
    fn formatted(&mut self, expansion: &'a Expansion, position: usize) -> Fact<'a> {
        let facts = self.arguments(expansion);
        let position = expansion.format.unwrap_or(position);
        let Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(format), .. })) =
            expansion.args.get(position).map(|arg| &arg.expr)
        else {
            return Fact::concat(facts.get(position..).unwrap_or(&[]));
        };
        let mut next = position + 1;
        let mut parts = Vec::new();
        for piece in pieces(&format.value()) {
            parts.push(match piece {
                Piece::Text(text) => Fact::text(&text),
                Piece::Argument(name) if name.is_empty() => {
                    next += 1;
                    facts.get(next - 1).cloned().unwrap_or_else(Fact::unknown)
                }
                Piece::Argument(name) => match name.parse::<usize>() {
                    Ok(at) => facts.get(position + 1 + at).cloned().unwrap_or_else(Fact::unknown),
                    Err(_) => self.named(expansion, &facts, &name),
                },
            });
        }
        Fact::concat(&parts)
    }

    fn named(&self, expansion: &'a Expansion, facts: &[Fact<'a>], name: &str) -> Fact<'a> {
        if let Some(at) = expansion.args.iter().position(|arg| arg.name.as_deref() == Some(name)) {
            return facts.get(at).cloned().unwrap_or_else(Fact::unknown);
        }
        if let Some(fact) = self.env.slot(name).and_then(|slot| self.env.at(slot)) {
            return fact.clone();
        }
        let captured = expansion
            .captured
            .iter()
            .find(|expr| matches!(expr, Expr::Path(path) if path.path.is_ident(name)));
        let value = captured.and_then(|expr| self.value_at(address(expr)).cloned());
        let constant = captured.and_then(|expr| self.code.constant(expr));
        match (constant, value) {
            (Some(crate::resolve::Constant::Str(text)), _) => Fact::text(&text),
            (_, Some(value)) => value.into(),
            _ => Fact::unknown(),
        }
    }
}

/// The expressions that a format string puts into its text, each with the fixed text since the
/// one before. What the string says of an expression that is not there is left out.
pub(crate) fn holes(expansion: &Expansion) -> Vec<(String, &Expr)> {
    let Some(position) = expansion.format else { return Vec::new() };
    let Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(format), .. })) =
        expansion.args.get(position).map(|arg| &arg.expr)
    else {
        return Vec::new();
    };
    let given = |at: usize| expansion.args.get(at).map(|arg| &arg.expr);
    let named = |name: &str| {
        let arg = expansion.args.iter().find(|arg| arg.name.as_deref() == Some(name));
        let captured = || {
            let mut all = expansion.captured.iter();
            all.find(|expr| matches!(expr, Expr::Path(path) if path.path.is_ident(name)))
        };
        arg.map(|arg| &arg.expr).or_else(captured)
    };
    let (mut found, mut before, mut next) = (Vec::new(), String::new(), position);
    for piece in pieces(&format.value()) {
        match piece {
            Piece::Text(text) => before.push_str(&text),
            Piece::Argument(name) => {
                let expr = if name.is_empty() {
                    next += 1;
                    given(next)
                } else {
                    name.parse::<usize>().map_or_else(|_| named(&name), |at| given(position + 1 + at))
                };
                found.extend(expr.map(|expr| (std::mem::take(&mut before), expr)));
            }
        }
    }
    found
}

enum Piece {
    Text(String),
    /// The name or number; empty for the next one.
    Argument(String),
}

/// The pieces of a format string.
fn pieces(format: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' if chars.peek() == Some(&'{') => {
                chars.next();
                text.push('{');
            }
            '}' => {
                if chars.peek() == Some(&'}') {
                    chars.next();
                }
                text.push('}');
            }
            '{' => {
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                let inside: String = chars.by_ref().take_while(|c| *c != '}').collect();
                pieces.push(Piece::Argument(inside.split(':').next().unwrap_or("").trim().to_owned()));
            }
            c => text.push(c),
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}
