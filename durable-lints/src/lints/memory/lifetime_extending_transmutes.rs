use syn::visit::{self, Visit};
use syn::{Expr, Stmt, Type};

use crate::prelude::*;

declare_lint! {
    /// A borrow is transmuted into a `'static` one, so memory can be read after it was freed.
    ///
    /// The compiler keeps every borrow shorter than what it borrows from. A transmute to `'static`
    /// takes that away: nothing stops the reference from being kept, sent to a thread or returned
    /// after its owner is gone.
    ///
    /// ```rust,bad
    /// fn print_later(name: String) {
    ///     // SAFETY: the thread is quick.
    ///     let text = unsafe { std::mem::transmute::<&str, &'static str>(&name) };
    ///     std::thread::spawn(move || println!("{text}"));
    /// }
    /// ```
    ///
    /// ```rust,good
    /// fn print_soon(name: String) {
    ///     std::thread::scope(|scope| {
    ///         scope.spawn(|| println!("{name}"));
    ///     });
    /// }
    /// ```
    ///
    /// ## What to do
    /// Own the data (`Arc`, `String`), use `std::thread::scope`, or let the lifetime be a parameter.
    /// For a struct that borrows from itself, a crate such as `ouroboros` or `self_cell` proves what
    /// the transmute asserts.
    ///
    /// ## Known limits
    /// The target must be written: in the turbofish, as the type of the `let`, or as what the
    /// function returns. Lifetimes that are extended through raw pointers are not seen. In an `unsafe fn`
    /// the caller answers for the lifetime, so nothing is reported there. A sound extension is
    /// reported too: only a person can tell.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::High,
        cwe: &[416, 825],
        modelled: |_| Modelled::apis(TRANSMUTES.iter().copied()),
        check: Check::Code(check),
    }
}

const TRANSMUTES: &[&str] = &[
    "std::mem::transmute",
    "std::mem::transmute_copy",
    "std::intrinsics::transmute",
    "std::intrinsics::transmute_unchecked",
];

/// Methods that lend what they are called on.
const LENDING: &[&str] = &[
    "as_str",
    "as_ref",
    "as_mut",
    "as_bytes",
    "as_slice",
    "as_mut_slice",
    "as_path",
    "as_deref",
    "deref",
    "deref_mut",
    "borrow",
    "borrow_mut",
    "iter",
    "iter_mut",
    "by_ref",
];

/// Guards, which lend what they lock.
const GUARDS: &[&str] = &[
    "std::sync::MutexGuard",
    "std::sync::RwLockReadGuard",
    "std::sync::RwLockWriteGuard",
    "std::cell::Ref",
    "std::cell::RefMut",
    "parking_lot::MutexGuard",
    "parking_lot::RwLockReadGuard",
    "parking_lot::RwLockWriteGuard",
    "tokio::sync::MutexGuard",
    "libloading::Symbol",
];

fn check(code: &Code<'_>, findings: &mut Findings) {
    // What a constant borrows from is constant too.
    let Some(block) = code.block() else { return };
    // The caller of an unsafe function answers for the lifetime.
    if code.signature().is_some_and(|signature| matches!(signature.safety, syn::Safety::Unsafe(_))) {
        return;
    }
    // What no longer borrows may say so: `into_owned`, `make_static`.
    let becomes_owned = ["own", "static"].iter().any(|word| code.name().contains(word));
    for call in code.calls().iter().filter(|call| call.kind == CallKind::Path && call.is(TRANSMUTES)) {
        let [value] = call.args[..] else { continue };
        let (from, to) = turbofish(call.expr);
        let target = to.or_else(|| expected(code, block, call.expr));
        let Some(target) = target else { continue };
        let wanted = lifetimes(target);
        if wanted.fixed == 0 || is_short_reference(target) || is_global(value) {
            continue;
        }
        let lends = match from {
            Some(from) => {
                let given = lifetimes(from);
                given.free > 0
                    && wanted.fixed > given.fixed
                    && !(becomes_owned && matches!(from, Type::Path(_)))
            }
            None => is_lent(code, value),
        };
        if lends {
            findings
                .at(call.span, "a borrow becomes `'static` here and can outlive what it borrows from")
                .label(code.span(target), "the lifetime that is asserted")
                .help("own the data, use a scoped thread, or hand the lifetime on as a parameter");
        }
    }
}

/// The types between the angle brackets of `transmute::<From, To>`, where they are written.
fn turbofish(call: &Expr) -> (Option<&Type>, Option<&Type>) {
    let Expr::Call(call) = call else { return (None, None) };
    let Expr::Path(path) = &*call.func else { return (None, None) };
    let Some(last) = path.path.segments.last() else { return (None, None) };
    let syn::PathArguments::AngleBracketed(args) = &last.arguments else { return (None, None) };
    let mut types = args.args.iter().filter_map(|arg| match arg {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    let written = |ty: Option<&'_ Type>| ty.is_some_and(|ty| !matches!(ty, Type::Infer(_)));
    let (from, to) = (types.next(), types.next());
    (from.filter(|ty| written(Some(ty))), to.filter(|ty| written(Some(ty))))
}

/// The type that is written where the value of an expression goes: of the `let`, or of the return.
fn expected<'a>(code: &Code<'a>, block: &'a syn::Block, expr: &Expr) -> Option<&'a Type> {
    let mut search = Expected { expr, found: None };
    code.visit(&mut search);
    if search.found.is_some() {
        return search.found;
    }
    let syn::ReturnType::Type(_, returned) = &code.signature()?.output else { return None };
    let returns = block_gives(block, expr)
        || code.exprs().iter().any(
            |other| matches!(other, Expr::Return(back) if back.expr.as_deref().is_some_and(|value| gives(value, expr))),
        );
    returns.then_some(&**returned)
}

struct Expected<'e, 'a> {
    expr: &'e Expr,
    found: Option<&'a Type>,
}

impl<'a> Visit<'a> for Expected<'_, 'a> {
    fn visit_local(&mut self, local: &'a syn::Local) {
        if let (syn::Pat::Type(pattern), Some(init)) = (&local.pat, &local.init)
            && gives(&init.expr, self.expr)
        {
            self.found = Some(&pattern.ty);
        }
        visit::visit_local(self, local);
    }
}

/// Whether an expression is another one, blocks, parentheses and `Some(…)` around it left out.
fn gives(outer: &Expr, inner: &Expr) -> bool {
    std::ptr::eq(outer, inner)
        || match outer {
            Expr::Paren(outer) => gives(&outer.expr, inner),
            Expr::Group(outer) => gives(&outer.expr, inner),
            Expr::Unsafe(outer) => block_gives(&outer.block, inner),
            Expr::Block(outer) => block_gives(&outer.block, inner),
            Expr::If(outer) => {
                block_gives(&outer.then_branch, inner)
                    || outer.else_branch.as_ref().is_some_and(|(_, otherwise)| gives(otherwise, inner))
            }
            Expr::Match(outer) => outer.arms.iter().any(|arm| gives(&arm.body, inner)),
            Expr::Call(outer) => {
                let wraps = matches!(&*outer.func, Expr::Path(path) if path.path.is_ident("Some") || path.path.is_ident("Ok"));
                wraps && outer.args.iter().any(|arg| gives(arg, inner))
            }
            _ => false,
        }
}

fn block_gives(block: &syn::Block, inner: &Expr) -> bool {
    matches!(block.stmts.last(), Some(Stmt::Expr(last, None)) if gives(last, inner))
}

/// The lifetimes of a type: how many are `'static`, and how many are shorter.
#[derive(Default)]
struct Lifetimes {
    fixed: u32,
    free: u32,
}

impl<'a> Visit<'a> for Lifetimes {
    fn visit_type_reference(&mut self, reference: &'a syn::TypeReference) {
        self.free += u32::from(reference.lifetime.is_none());
        visit::visit_type_reference(self, reference);
    }

    fn visit_lifetime(&mut self, lifetime: &'a syn::Lifetime) {
        match lifetime.ident == "static" {
            true => self.fixed += 1,
            false => self.free += 1,
        }
    }

    // Pointers promise no lifetime.
    fn visit_type_ptr(&mut self, _: &'a syn::TypePtr) {}

    // A function borrows nothing, whatever it takes and returns.
    fn visit_type_fn_ptr(&mut self, _: &'a syn::TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments(&mut self, _: &'a syn::ParenthesizedGenericArguments) {}
}

fn lifetimes(ty: &Type) -> Lifetimes {
    let mut lifetimes = Lifetimes::default();
    lifetimes.visit_type(ty);
    lifetimes
}

/// Whether the borrow itself stays as short as it was, as in `&(dyn Any + 'static)`.
fn is_short_reference(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static"))
}

/// Whether a value is a borrow of a constant or static, by the way such names are written.
fn is_global(value: &Expr) -> bool {
    match value {
        Expr::Reference(inner) => is_global(&inner.expr),
        Expr::Paren(inner) => is_global(&inner.expr),
        Expr::Index(inner) => is_global(&inner.expr),
        Expr::MethodCall(inner) => is_global(&inner.receiver),
        Expr::Lit(_) => true,
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        }),
        _ => false,
    }
}

/// Whether a value is a borrow for sure.
fn is_lent<'a>(code: &Code<'a>, value: &'a Expr) -> bool {
    match value {
        Expr::Reference(_) => true,
        Expr::Paren(inner) => is_lent(code, &inner.expr),
        Expr::MethodCall(call) if LENDING.iter().any(|name| call.method == name) => true,
        Expr::Path(path) => match path.path.get_ident() {
            Some(name) if name == "self" => {
                let receiver = code.signature().and_then(syn::Signature::receiver);
                receiver.is_some_and(|receiver| match &receiver.kind {
                    syn::ReceiverKind::Reference(_, lifetime, _) => {
                        lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static")
                    }
                    _ => false,
                })
            }
            Some(name) => is_lent_binding(code, name) || is_guard(code, value),
            None => false,
        },
        _ => is_guard(code, value),
    }
}

fn is_guard<'a>(code: &Code<'a>, value: &'a Expr) -> bool {
    code.type_of(value).is_some_and(|ty| GUARDS.iter().any(|guard| ty.path.is(guard)))
}

/// Whether every binding of this name in the unit is written as a borrow.
fn is_lent_binding(code: &Code<'_>, name: &syn::Ident) -> bool {
    struct Search<'n> {
        name: &'n syn::Ident,
        lent: u32,
        other: u32,
    }
    impl Search<'_> {
        fn found(&mut self, lent: bool) {
            match lent {
                true => self.lent += 1,
                false => self.other += 1,
            }
        }
    }
    impl<'a> Visit<'a> for Search<'_> {
        fn visit_pat_type(&mut self, pattern: &'a syn::PatType) {
            if matches!(&*pattern.pat, syn::Pat::Ident(bound) if bound.ident == *self.name) {
                let found = lifetimes(&pattern.ty);
                self.found(found.free > 0 && found.fixed == 0);
            }
        }

        fn visit_local(&mut self, local: &'a syn::Local) {
            match (&local.pat, &local.init) {
                (syn::Pat::Ident(bound), Some(init)) if bound.ident == *self.name => {
                    let lent = matches!(&*init.expr, Expr::Reference(inner) if !is_global(&inner.expr));
                    self.found(lent);
                    self.visit_expr(&init.expr);
                }
                _ => visit::visit_local(self, local),
            }
        }

        fn visit_pat_ident(&mut self, bound: &'a syn::PatIdent) {
            if bound.ident == *self.name {
                self.found(false);
            }
        }
    }
    let mut search = Search { name, lent: 0, other: 0 };
    code.visit(&mut search);
    search.lent > 0 && search.other == 0
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use std::mem;
                fn f(s: &str) -> &'static str {
                //~              ------------ the lifetime that is asserted
                    unsafe { mem::transmute(s) }
                //~          ^^^^^^^^^^^^^^^^^ a borrow becomes `'static` here and can outlive what it borrows from
                }
            "#]],
            expect![[r#"
                use std::mem::transmute;
                fn f(v: Vec<u8>) {
                    let s: &'static [u8] = unsafe { transmute(v.as_slice()) };
                //~                                 ^^^^^^^^^^^^^^^^^^^^^^^ a borrow becomes `'static` here and can outlive what it borrows from
                //~        ------------- the lifetime that is asserted
                    keep(s);
                }
            "#]],
            expect![[r#"
                fn f<'a>(b: Box<dyn FnOnce() + Send + 'a>) {
                    let j: Box<dyn FnOnce() + Send + 'static> = unsafe { core::mem::transmute(b) };
                //~                                                      ^^^^^^^^^^^^^^^^^^^^^^^ a borrow becomes `'static` here and can outlive what it borrows from
                //~        ---------------------------------- the lifetime that is asserted
                    run(j);
                }
            "#]],
            expect![[r#"
                fn f(s: &S) {
                    run(unsafe { std::mem::transmute::<Frame<'_>, Frame<'static>>(s.frame()) })
                //~              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a borrow becomes `'static` here and can outlive what it borrows from
                //~                                               -------------- the lifetime that is asserted
                }
            "#]],
            expect![[r#"
                struct S;
                impl S {
                    fn f(&self) -> Option<&'static S> {
                //~                ------------------ the lifetime that is asserted
                        if x() {
                            return Some(unsafe { std::mem::transmute(self) });
                //~                              ^^^^^^^^^^^^^^^^^^^^^^^^^ a borrow becomes `'static` here and can outlive what it borrows from
                        }
                        None
                    }
                }
            "#]],
            expect![[r#"
                fn f() {
                    let n = 1;
                    let r = &n;
                    let s: &'static i32 = unsafe { std::mem::transmute_copy(&r) };
                //~                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a borrow becomes `'static` here and can outlive what it borrows from
                //~        ------------ the lifetime that is asserted
                }
            "#]],
            expect![[r#"
                fn f(m: &Mutex<u8>) {
                    let g = unsafe {
                        std::mem::transmute::<MutexGuard<'_, u8>, MutexGuard<'static, u8>>(
                //~ ^@3:9-5:10 a borrow becomes `'static` here and can outlive what it borrows from
                //~                                               ----------------------- the lifetime that is asserted
                            m.lock().unwrap(),
                        )
                    };
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn f(p: usize) -> fn(&'static str) { unsafe { std::mem::transmute(p) } }",
            "fn f(p: *const u8) -> &'static u8 { unsafe { std::mem::transmute(p) } }",
            "fn f(s: &'static str) -> &'static [u8] { unsafe { std::mem::transmute(s) } }",
            "fn f<'a>(s: &'a [u8]) -> &'a str { unsafe { std::mem::transmute::<&[u8], &str>(s) } }",
            "static TABLE: [u8; 4] = [0; 4];\nfn f() -> &'static [i8; 4] { unsafe { std::mem::transmute(&TABLE) } }",
            "fn f(b: Box<u8>) -> &'static u8 { unsafe { std::mem::transmute(b) } }",
            "static X: &'static [u8] = unsafe { std::mem::transmute(&Y) };",
            "fn transmute(s: &str) -> &'static str { \"\" }\nfn f(s: &str) -> &'static str { transmute(s) }",
            "fn f(v: &u8) { id(unsafe { std::mem::transmute::<&dyn Any, &(dyn Any + 'static)>(v) }); }",
            "fn f(p: *mut (dyn F + '_)) { keep(unsafe { std::mem::transmute::<*mut (dyn F + '_), *mut (dyn F + 'static)>(p) }); }",
            "unsafe fn f(s: &str) -> &'static str { std::mem::transmute(s) }",
            "impl<'a> V<'a> { fn into_owned(self) -> V<'static> { unsafe { std::mem::transmute::<V<'a>, V<'static>>(self.copied()) } } }",
            "fn f(x: f32) -> u32 { unsafe { std::mem::transmute::<f32, u32>(x) } }",
        ]);
    }
}
