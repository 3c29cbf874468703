//! Where nodes of a tree stand. `syn` finds a span by printing the node into tokens, so that asking for
//! those of an expression and of all in it costs the square of its depth; here only its ends are
//! walked to.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{AttrStyle, Attribute, Block, Expr};

use crate::vocabulary;

/// A node of a tree that stands somewhere.
pub trait Placed {
    /// Its bytes in the text that was parsed.
    fn place(&self) -> vocabulary::Span;
}

impl<T: Placed + ?Sized> Placed for &T {
    fn place(&self) -> vocabulary::Span {
        (**self).place()
    }
}

impl<T: Placed + ?Sized> Placed for Box<T> {
    fn place(&self) -> vocabulary::Span {
        (**self).place()
    }
}

impl Placed for Expr {
    fn place(&self) -> vocabulary::Span {
        vocabulary::Span::new(start(self), end(self))
    }
}

impl Placed for syn::ExprBinary {
    fn place(&self) -> vocabulary::Span {
        let from = outer(&self.attrs).map_or_else(|| start(&self.left), first_byte);
        vocabulary::Span::new(from, end(&self.right))
    }
}

impl Placed for syn::ExprMacro {
    fn place(&self) -> vocabulary::Span {
        vocabulary::Span::new(
            outer(&self.attrs).map_or_else(|| self.mac.place().start, first_byte),
            self.mac.place().end,
        )
    }
}

impl Placed for syn::ExprUnsafe {
    fn place(&self) -> vocabulary::Span {
        let from = outer(&self.attrs).unwrap_or(self.unsafe_token.span);
        vocabulary::Span::new(first_byte(from), self.block.place().end)
    }
}

impl Placed for Block {
    fn place(&self) -> vocabulary::Span {
        let braces = self.brace_token.span;
        vocabulary::Span::new(first_byte(braces.open()), last_byte(braces.close()))
    }
}

impl Placed for syn::Macro {
    fn place(&self) -> vocabulary::Span {
        vocabulary::Span::new(self.path.place().start, last_byte(self.delimiter.span().close()))
    }
}

/// What is small, or asked for once a unit.
macro_rules! printed {
    ($($node:ty),*) => {
        $(impl Placed for $node {
            fn place(&self) -> vocabulary::Span {
                self.span().byte_range().into()
            }
        })*
    };
}

printed!(
    syn::Ident,
    syn::Path,
    syn::Pat,
    syn::Type,
    syn::ReturnType,
    syn::Attribute,
    syn::Lit,
    syn::LitStr,
    syn::Member,
    syn::ExprPath,
    syn::ExprLit,
    syn::ExprAssign,
    syn::FieldValue,
    syn::Signature,
    syn::Token![self]
);

fn first_byte(span: Span) -> u32 {
    span.byte_range().start as u32
}

fn last_byte(span: Span) -> u32 {
    span.byte_range().end as u32
}

fn outer(attrs: &[Attribute]) -> Option<Span> {
    attrs
        .iter()
        .find(|attribute| matches!(attribute.style, AttrStyle::Outer))
        .map(|attr| attr.pound_token.span)
}

/// Where an expression starts.
fn start(expr: &Expr) -> u32 {
    let mut expr = expr;
    loop {
        // Attributes stand before everything, and what has them is rare.
        let (attrs, leftmost) = match expr {
            Expr::Assign(e) => (&e.attrs, &e.left),
            Expr::Await(e) => (&e.attrs, &e.base),
            Expr::Binary(e) => (&e.attrs, &e.left),
            Expr::Call(e) => (&e.attrs, &e.func),
            Expr::Cast(e) => (&e.attrs, &e.expr),
            Expr::Field(e) => (&e.attrs, &e.base),
            Expr::Index(e) => (&e.attrs, &e.expr),
            Expr::MethodCall(e) => (&e.attrs, &e.receiver),
            Expr::Try(e) => (&e.attrs, &e.expr),
            other => return first_byte(head(other).unwrap_or_else(|| other.span())),
        };
        if let Some(attribute) = outer(attrs) {
            return first_byte(attribute);
        }
        expr = leftmost;
    }
}

/// The first token of an expression that begins with one; `None` where its span is cheap, or no
/// expression.
fn head(expr: &Expr) -> Option<Span> {
    let (attrs, first) = match expr {
        Expr::Array(e) => (&e.attrs, e.bracket_token.span.open()),
        Expr::Async(e) => (&e.attrs, e.async_token.span),
        Expr::Block(e) if e.label.is_none() => (&e.attrs, e.block.brace_token.span.open()),
        Expr::Break(e) => (&e.attrs, e.break_token.span),
        Expr::Closure(e) if e.lifetimes.is_none() => {
            let word = e.constness.map(|token| token.span).or(e.asyncness.map(|token| token.span));
            (&e.attrs, word.or(e.capture.map(|token| token.span)).unwrap_or(e.inputs_begin.span))
        }
        Expr::Closure(e) => (&e.attrs, e.lifetimes.as_ref()?.for_token.span),
        Expr::Const(e) => (&e.attrs, e.const_token.span),
        Expr::ForLoop(e) if e.label.is_none() => (&e.attrs, e.for_token.span),
        Expr::If(e) => (&e.attrs, e.if_token.span),
        Expr::Let(e) => (&e.attrs, e.let_token.span),
        Expr::Loop(e) if e.label.is_none() => (&e.attrs, e.loop_token.span),
        Expr::Macro(e) => (&e.attrs, e.mac.path.span()),
        Expr::Match(e) => (&e.attrs, e.match_token.span),
        Expr::Paren(e) => (&e.attrs, e.paren_token.span.open()),
        Expr::RawAddr(e) => (&e.attrs, e.and_token.span),
        Expr::Reference(e) => (&e.attrs, e.and_token.span),
        Expr::Repeat(e) => (&e.attrs, e.bracket_token.span.open()),
        Expr::Return(e) => (&e.attrs, e.return_token.span),
        Expr::Struct(e) if e.qself.is_none() => (&e.attrs, e.path.span()),
        Expr::Tuple(e) => (&e.attrs, e.paren_token.span.open()),
        Expr::Unary(e) => (&e.attrs, e.op.span()),
        Expr::Unsafe(e) => (&e.attrs, e.unsafe_token.span),
        Expr::While(e) if e.label.is_none() => (&e.attrs, e.while_token.span),
        Expr::Range(e) => {
            let start = e.start.as_ref().and_then(|start| start_span(start));
            (&e.attrs, start.or(e.start.is_none().then(|| e.limits.span()))?)
        }
        Expr::Block(syn::ExprBlock { attrs, label, .. })
        | Expr::ForLoop(syn::ExprForLoop { attrs, label, .. })
        | Expr::Loop(syn::ExprLoop { attrs, label, .. })
        | Expr::While(syn::ExprWhile { attrs, label, .. }) => (attrs, label.as_ref()?.name.span()),
        _ => return None,
    };
    Some(outer(attrs).unwrap_or(first))
}

/// Like [`start`], where the way to it is short.
fn start_span(expr: &Expr) -> Option<Span> {
    match expr {
        Expr::Path(_) | Expr::Lit(_) => Some(expr.span()),
        other => head(other),
    }
}

/// Where an expression ends.
fn end(expr: &Expr) -> u32 {
    let mut expr = expr;
    loop {
        expr = match expr {
            Expr::Array(e) => return last_byte(e.bracket_token.span.close()),
            Expr::Assign(e) => &e.right,
            Expr::Async(e) => return e.block.place().end,
            Expr::Await(e) => return last_byte(e.await_token.span),
            Expr::Binary(e) => &e.right,
            Expr::Block(e) => return e.block.place().end,
            Expr::Break(syn::ExprBreak { expr: Some(value), .. })
            | Expr::Return(syn::ExprReturn { expr: Some(value), .. }) => value,
            Expr::Call(e) => return last_byte(e.paren_token.span.close()),
            Expr::Closure(e) => &e.body,
            Expr::Const(e) => return e.block.place().end,
            Expr::Field(e) => return last_byte(e.member.span()),
            Expr::ForLoop(e) => return e.body.place().end,
            Expr::If(e) => match &e.else_branch {
                Some((_, otherwise)) => otherwise,
                None => return e.then_branch.place().end,
            },
            Expr::Index(e) => return last_byte(e.bracket_token.span.close()),
            Expr::Let(e) => &e.expr,
            Expr::Loop(e) => return e.body.place().end,
            Expr::Macro(e) => return e.mac.place().end,
            Expr::Match(e) => return last_byte(e.brace_token.span.close()),
            Expr::MethodCall(e) => return last_byte(e.paren_token.span.close()),
            Expr::Paren(e) => return last_byte(e.paren_token.span.close()),
            Expr::Range(syn::ExprRange { end: Some(end), .. }) => end,
            Expr::RawAddr(e) => &e.expr,
            Expr::Reference(e) => &e.expr,
            Expr::Repeat(e) => return last_byte(e.bracket_token.span.close()),
            Expr::Struct(e) => return last_byte(e.brace_token.span.close()),
            Expr::Try(e) => return last_byte(e.question_token.span),
            Expr::Tuple(e) => return last_byte(e.paren_token.span.close()),
            Expr::Unary(e) => &e.expr,
            Expr::Unsafe(e) => return e.block.place().end,
            Expr::While(e) => return e.body.place().end,
            other => return last_byte(other.span()),
        };
    }
}

#[cfg(test)]
mod tests {
    use syn::visit::Visit;

    use super::*;

    /// Compares with what printing tells.
    struct Compare(usize);

    impl<'ast> Visit<'ast> for Compare {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            let printed: vocabulary::Span = expr.span().byte_range().into();
            assert_eq!(expr.place(), printed, "{expr:?}");
            self.0 += 1;
            syn::visit::visit_expr(self, expr);
        }
    }

    #[test]
    fn the_ends_are_those_of_what_is_printed() {
        for text in [
            "a + b * -c",
            "a.b(c)?.d.0[e].await",
            "|a, b| a + 1",
            "move || { a }",
            "async move { a }",
            "x = y",
            "'l: loop { break 'l a }",
            "'l: while a { b }",
            "'l: for a in b { c }",
            "'l: { a }",
            "for<'a> |x| x",
            "if a { b } else if c { d } else { e }",
            "if let A(b) = c && d { e }",
            "match a { b if c => d, _ => {} }",
            "[a, b]",
            "[a; 3]",
            "(a, b)",
            "(a)",
            "A { b: c, ..d }",
            "<A as B>::C { d: e }",
            "m!(a)",
            "a::m! { b }",
            "&raw const a",
            "&mut a",
            "return a",
            "return",
            "a..b",
            "..=b",
            "a..",
            "..",
            "a + b..c",
            "a as B<C>",
            "unsafe { a }",
            "const { a }",
            "#[x] a.b()",
            "#[x] |a| b",
            "f(#[y] a + b, #[z] { c })",
            "a::<B>(c)",
            "\"a\"",
            "continue 'a",
            "_",
            "async |x| x",
            "{ #![x] a }",
        ] {
            let expr: Expr = syn::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let mut compare = Compare(0);
            compare.visit_expr(&expr);
            assert!(compare.0 > 0);
        }
    }
}
