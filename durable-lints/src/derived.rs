//! Which expressions of a unit are made from given values: the question of lints that ask what is
//! compared with what. Scopes and the order of statements are left aside: a name holds such a value
//! where it ever does.

use rustc_hash::FxHashSet;
use syn::visit::{self, Visit};
use syn::{Expr, Pat};

use crate::code::Code;

/// Methods that put their arguments into what they are called on.
const ABSORBING: &[&str] = &[
    "update",
    "input",
    "chain_update",
    "extend",
    "push",
    "insert",
    "write_all",
    "extend_from_slice",
    "copy_from_slice",
];

/// The local names that hold something made from given values.
pub(crate) struct Derived<'p> {
    names: FxHashSet<String>,
    is_source: &'p dyn Fn(&Expr) -> bool,
}

impl<'p> Derived<'p> {
    /// Follows the values in `names` and those that `is_source` knows through the bindings,
    /// assignments, loops, patterns and closures of a unit.
    pub(crate) fn of<'a>(
        code: &Code<'a>,
        names: impl IntoIterator<Item = String>,
        is_source: &'p dyn Fn(&Expr) -> bool,
    ) -> Derived<'p> {
        let mut steps = Steps::default();
        code.visit(&mut steps);
        let mut derived = Derived { names: names.into_iter().collect(), is_source };
        loop {
            let before = derived.names.len();
            steps.0.retain(|(names, from)| {
                let made = derived.holds(from);
                if made {
                    derived.names.extend(names.iter().cloned());
                }
                !made
            });
            if derived.names.len() == before {
                return derived;
            }
        }
    }

    /// Whether an expression is made from one of the values, in any part.
    pub(crate) fn holds(&self, expr: &Expr) -> bool {
        let mut search = Search { derived: self, found: false };
        search.visit_expr(expr);
        search.found
    }
}

struct Search<'d, 'p> {
    derived: &'d Derived<'p>,
    found: bool,
}

impl<'ast> Visit<'ast> for Search<'_, '_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        if self.found {
            return;
        }
        let named = match expr {
            Expr::Path(path) => {
                path.path.get_ident().is_some_and(|name| self.derived.names.contains(&name.to_string()))
            }
            _ => false,
        };
        if named || (self.derived.is_source)(expr) {
            self.found = true;
        } else {
            visit::visit_expr(self, expr);
        }
    }
}

/// What flows where: names, and the expression whose value they take.
#[derive(Default)]
struct Steps<'a>(Vec<(Vec<String>, &'a Expr)>);

impl<'a> Steps<'a> {
    fn bind(&mut self, pat: &Pat, from: &'a Expr) {
        let names = bound(pat);
        if !names.is_empty() {
            self.0.push((names, from));
        }
    }
}

impl<'a> Visit<'a> for Steps<'a> {
    fn visit_local(&mut self, local: &'a syn::Local) {
        if let Some(init) = &local.init {
            self.bind(&local.pat, &init.expr);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Let(binding) => self.bind(&binding.pat, &binding.expr),
            Expr::Match(choice) => choice.arms.iter().for_each(|arm| self.bind(&arm.pat, &choice.expr)),
            Expr::ForLoop(each) => self.bind(&each.pat, &each.expr),
            Expr::Assign(assign) => {
                self.0.extend(root(&assign.left).map(|name| (vec![name], &*assign.right)))
            }
            Expr::MethodCall(call) => {
                let absorbs = ABSORBING.iter().any(|name| call.method == name);
                let target = root(&call.receiver).filter(|_| absorbs);
                for arg in &call.args {
                    if let Some(target) = &target {
                        self.0.push((vec![target.clone()], arg));
                    }
                    if let Expr::Closure(closure) = arg {
                        closure.inputs.iter().for_each(|pat| self.bind(pat, &call.receiver));
                    }
                }
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
    }
}

/// The local name that a place expression begins with; a field of `self` is none.
fn root(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string).filter(|name| name != "self"),
        Expr::Field(field) => root(&field.base),
        Expr::Index(index) => root(&index.expr),
        Expr::Reference(inner) => root(&inner.expr),
        Expr::Unary(inner) => root(&inner.expr),
        Expr::Paren(inner) => root(&inner.expr),
        _ => None,
    }
}

/// The names that a pattern binds.
pub(crate) fn bound(pat: &Pat) -> Vec<String> {
    #[derive(Default)]
    struct Names(Vec<String>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
            let name = pat.ident.to_string();
            // `None` and constants in patterns look like bindings; no binding begins like them.
            if !name.starts_with(|c: char| c.is_uppercase()) {
                self.0.push(name);
            }
            visit::visit_pat_ident(self, pat);
        }

        fn visit_expr(&mut self, _: &'ast Expr) {}
    }
    let mut names = Names::default();
    names.visit_pat(pat);
    names.0
}

/// What a local name is bound to, where one place of the unit binds it: by `let`, a loop, a pattern or
/// as what a closure is given. `&name`, `name.clone()` and `Arc::new(name)` ask for the name.
pub(crate) fn source<'a>(code: &Code<'a>, expr: &'a Expr) -> Option<&'a Expr> {
    let name = match expr {
        Expr::Path(path) => path.path.get_ident()?.to_string(),
        Expr::Reference(inner) => return source(code, &inner.expr),
        Expr::Unary(inner) => return source(code, &inner.expr),
        Expr::Paren(inner) => return source(code, &inner.expr),
        Expr::MethodCall(call) if call.args.is_empty() => return source(code, &call.receiver),
        Expr::Call(call) if call.args.len() == 1 => return source(code, &call.args[0]),
        _ => return None,
    };
    let mut steps = Steps::default();
    code.visit(&mut steps);
    let mut from = steps.0.into_iter().filter(|(names, _)| names.contains(&name)).map(|(_, from)| from);
    let found = from.next()?;
    from.next().is_none().then_some(found)
}
