//! How a value was made: the call that made it, and what was called on it since.

use syn::Expr;

use super::{Call, CallKind, Code};

/// So many names are gone through from one to the next.
const MOST_NAMES: usize = 16;

/// What was done to a value since a call made it, as far as the unit shows.
#[derive(Clone, Debug, Default)]
pub struct Made<'a> {
    /// The methods that were called on it, in source order, those under a condition too.
    pub methods: Vec<Call<'a>>,
    /// Whether a function was given it, which may call further ones.
    pub handed_on: bool,
}

impl<'a> Made<'a> {
    /// The last of its methods that has one of these names.
    pub fn method(&self, names: &[&str]) -> Option<&Call<'a>> {
        self.methods.iter().rfind(|call| names.contains(&&*call.name))
    }
}

impl<'a> Code<'a> {
    /// The call that made the value which an expression is, or is built on: through chains of methods,
    /// `?`, `.await`, references, and names that stand for one value.
    pub fn maker(&self, expr: &'a Expr) -> Option<Call<'a>> {
        let (mut expr, mut names) = (expr, 0);
        loop {
            expr = match expr {
                Expr::MethodCall(call) => &call.receiver,
                Expr::Paren(inner) => &inner.expr,
                Expr::Reference(inner) => &inner.expr,
                Expr::Try(inner) => &inner.expr,
                Expr::Await(inner) => &inner.base,
                Expr::Unary(inner) if matches!(inner.op, syn::UnOp::Deref(_)) => &inner.expr,
                Expr::Path(path) if names < MOST_NAMES => {
                    names += 1;
                    self.bound_to(path.path.get_ident()?)?
                }
                Expr::Call(_) => return self.call(expr),
                _ => return None,
            }
        }
    }

    /// What was done to the value that a call makes.
    pub fn made(&self, maker: &Call<'a>) -> Made<'a> {
        let is_it = |expr: &'a Expr| self.maker(expr).is_some_and(|found| found.span == maker.span);
        let mut made = Made::default();
        for call in self.calls() {
            if call.receiver.is_some_and(is_it) {
                made.methods.push(call.clone());
            }
            // `Some(value)` and `Ok(value)` only hold it.
            let holds = call.name.starts_with(char::is_uppercase);
            let is_lent = |arg: &&'a Expr| matches!(arg, Expr::Reference(lent) if lent.mutability.is_some());
            let given = call.args.iter().copied().filter(|arg| call.kind == CallKind::Path || is_lent(arg));
            made.handed_on |= !holds && given.into_iter().any(is_it);
        }
        made.methods.sort_by_key(|call| call.name_span.start);
        made
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::resolve::testing::for_each_unit;

    /// Each call of `Jar::new`, with what was called on the value and whether it was handed on.
    fn jars(text: &str) -> String {
        let mut said = String::new();
        for_each_unit(text, |code| {
            for maker in code.calls().iter().filter(|call| call.name == "new") {
                let made = code.made(maker);
                let methods: Vec<&str> = made.methods.iter().map(|call| call.name.as_str()).collect();
                let handed_on = if made.handed_on { ", handed on" } else { "" };
                let _ = writeln!(said, "{}: {}{handed_on}", code.name(), methods.join(" "));
            }
        });
        said
    }

    #[test]
    fn what_is_called_on_a_value_is_called_on_it_whatever_its_name() {
        let text = "
fn chain() { Jar::new().a().b(); }
fn named() { let mut jar = Jar::new(); jar.a(); let other = Jar::new(); jar.b(); other.c(); }
fn shadowed() { let jar = Jar::new().a(); let jar = jar.b(); { let jar = Jar::new(); jar.c(); } jar.d(); }
fn replaced() { let mut jar = Jar::new(); jar = jar.a(); if x { jar = jar.b(); } }
async fn tried() -> R { let jar = Jar::new().a()?; (&mut jar).b().await?; }
fn looped() { let jar = jar; jar.a(); let y = Jar::new(); }
fn lent() { let mut jar = Jar::new(); fill(&mut jar); }
fn given() { let jar = Jar::new(); shelf.put(jar.a()); }
fn passed() { let jar = Jar::new(); fill(jar); }
fn held() -> Option<Jar> { let jar = Jar::new(); Some(jar.a()) }
";
        assert_eq!(
            jars(text),
            "chain: a b
named: a b
named: c
shadowed: a b d
shadowed: c
replaced: a b
tried: a b
looped: 
lent: , handed on
given: a
passed: , handed on
held: a
"
        );
    }
}
