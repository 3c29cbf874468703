//! One parsed unit of Rust code: a function, constant, type or macro call in which a trigger
//! occurs, with everything a lint asks about it.

mod made;

use std::cell::OnceCell;

use syn::visit::Visit;

use crate::flow::Flow;
use crate::outline::{Hit, Item, ItemKind};
use crate::resolve::{Locals, Names};
use crate::subject::{SourceFile, SourcePackage, item_path};
use crate::syntax::{Expansion, Parsed, Placed};
use crate::vocabulary::{ApiPath, Span};
use crate::vocabulary::{Constant, Ty};

pub use crate::syntax::Tree;
pub use made::Made;

/// One parsed unit of code in its place.
pub struct Code<'a> {
    /// The package around it.
    pub package: &'a SourcePackage,
    /// The file around it.
    pub file: &'a SourceFile,
    /// The item it is, by position in the file's outline.
    pub item: u32,
    /// What names mean, across the package and the workspace.
    pub names: &'a Names<'a>,
    /// The hits of the running lint's triggers inside this unit.
    pub hits: Vec<Hit>,
    parsed: &'a Parsed,
    exprs: OnceCell<Vec<&'a syn::Expr>>,
    calls: OnceCell<Vec<Call<'a>>>,
    macros: OnceCell<Vec<MacroCall<'a>>>,
    locals: OnceCell<Locals<'a>>,
    flow: OnceCell<Flow<'a>>,
}

/// How a call is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// `path::to::function(…)`; also tuple structs and enum variants.
    Path,
    /// `receiver.method(…)`.
    Method,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// How it is written.
    pub kind: CallKind,
    /// The last name: the method, or the last segment of the path.
    pub name: String,
    /// What the method is called on.
    pub receiver: Option<&'a syn::Expr>,
    /// The arguments, without the receiver.
    pub args: Vec<&'a syn::Expr>,
    /// The whole call.
    pub expr: &'a syn::Expr,
    /// Where the whole call stands.
    pub span: Span,
    /// Where its name stands.
    pub name_span: Span,
    /// What is called, resolved: `reqwest::ClientBuilder::danger_accept_invalid_certs`. For a
    /// method, the receiver's type must be known.
    pub path: Option<ApiPath>,
}

impl Call<'_> {
    /// Whether this calls one of the APIs; see [`ApiPath::is`].
    pub fn is(&self, apis: &[&str]) -> bool {
        self.path.as_ref().is_some_and(|path| apis.iter().any(|api| path.is(api)))
    }

    /// Whether this is a method of this name, whatever it is called on.
    pub fn is_method(&self, name: &str) -> bool {
        self.kind == CallKind::Method && self.name == name
    }
}

/// A macro call, looked into.
#[derive(Clone, Copy, Debug)]
pub struct MacroCall<'a> {
    /// As parsed.
    pub node: &'a syn::Macro,
    /// What its tokens read as.
    pub expansion: &'a Expansion,
    /// The whole call.
    pub span: Span,
}

impl MacroCall<'_> {
    /// The last segment of its path.
    pub fn name(&self) -> String {
        self.node.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
    }
}

impl<'a> Code<'a> {
    pub(crate) fn new(
        package: &'a SourcePackage,
        file: &'a SourceFile,
        item: u32,
        names: &'a Names<'a>,
        parsed: &'a Parsed,
    ) -> Code<'a> {
        Code {
            package,
            file,
            item,
            names,
            hits: Vec::new(),
            parsed,
            exprs: OnceCell::new(),
            calls: OnceCell::new(),
            macros: OnceCell::new(),
            locals: OnceCell::new(),
            flow: OnceCell::new(),
        }
    }

    /// The tree.
    pub fn tree(&self) -> &'a Tree {
        &self.parsed.tree
    }

    /// The outline's item.
    pub fn outline(&self) -> &'a Item {
        &self.file.outline.items[self.item as usize]
    }

    /// The item's own name.
    pub fn name(&self) -> &'a str {
        self.file.text.get(self.outline().name.range()).unwrap_or("")
    }

    /// The path of the item below its crate: `net::tls::<Client as Verifier>::verify`.
    pub fn item_path(&self) -> String {
        item_path(self.file, self.item)
    }

    /// The signature, where this is a function.
    pub fn signature(&self) -> Option<&'a syn::Signature> {
        self.parsed.tree.signature()
    }

    /// The body, where this is a function that has one.
    pub fn block(&self) -> Option<&'a syn::Block> {
        self.parsed.tree.block()
    }

    /// The header of the `impl` or `trait` around a method: `impl<T> Trait for Type<T>`.
    pub fn owner(&self) -> Option<&'a Item> {
        let parent = &self.file.outline.items[self.outline().parent? as usize];
        matches!(parent.kind, ItemKind::Impl | ItemKind::Trait).then_some(parent)
    }

    /// The trait that the `impl` around this implements, resolved.
    pub fn implemented_trait(&self) -> Option<ApiPath> {
        self.names.implemented_trait(self.file, self.outline().parent?)
    }

    /// The type of `Self`, resolved.
    pub fn self_type(&self) -> Option<Ty> {
        self.names.self_type(self.file, self.outline().parent?)
    }

    /// Where a node of the tree stands in the file.
    pub fn span(&self, node: &impl Placed) -> Span {
        self.parsed.place(node)
    }

    /// The text of a span.
    pub fn snippet(&self, span: Span) -> &'a str {
        self.file.text.get(span.range()).unwrap_or("")
    }

    /// Every expression in source order, outer before inner, inside macros too.
    pub fn exprs(&self) -> &[&'a syn::Expr] {
        self.exprs.get_or_init(|| {
            let mut found = Vec::new();
            self.parsed.walk(&mut |expr| found.push(expr), &mut |_| {});
            found
        })
    }

    /// Every macro call, those inside macros too.
    pub fn macros(&self) -> &[MacroCall<'a>] {
        self.macros.get_or_init(|| {
            let mut found = Vec::new();
            self.parsed.walk(&mut |_| {}, &mut |node| found.push(node));
            found
                .into_iter()
                .filter_map(|node| {
                    let expansion = self.parsed.expansion(node)?;
                    Some(MacroCall { node, expansion, span: self.span(node) })
                })
                .collect()
        })
    }

    /// What the tokens of a macro call read as.
    pub fn expansion(&self, node: &syn::Macro) -> Option<&'a Expansion> {
        self.parsed.expansion(node)
    }

    /// Every call in source order, resolved.
    pub fn calls(&self) -> &[Call<'a>] {
        self.calls.get_or_init(|| self.exprs().iter().filter_map(|expr| self.call(expr)).collect())
    }

    /// The call that an expression is.
    pub fn call(&self, expr: &'a syn::Expr) -> Option<Call<'a>> {
        match expr {
            syn::Expr::Call(call) => {
                let syn::Expr::Path(function) = &*call.func else { return None };
                let last = function.path.segments.last()?;
                Some(Call {
                    kind: CallKind::Path,
                    name: last.ident.to_string(),
                    receiver: None,
                    args: call.args.iter().collect(),
                    expr,
                    span: self.span(expr),
                    name_span: self.span(&last.ident),
                    path: self.resolve_in(function.qself.as_ref(), &function.path),
                })
            }
            syn::Expr::MethodCall(call) => Some(Call {
                kind: CallKind::Method,
                name: call.method.to_string(),
                receiver: Some(&call.receiver),
                args: call.args.iter().collect(),
                expr,
                span: self.span(expr),
                name_span: self.span(&call.method),
                path: self.method_path(&call.receiver, &call.method),
            }),
            _ => None,
        }
    }

    fn method_path(&self, receiver: &'a syn::Expr, method: &syn::Ident) -> Option<ApiPath> {
        let ty = self.type_of(receiver)?;
        Some(ApiPath(format!("{}::{method}", ty.peeled().path.0)))
    }

    /// What a path in this unit means: local `use`, the file's, the package's, the dependencies'.
    pub fn resolve(&self, path: &syn::Path) -> Option<ApiPath> {
        self.resolve_in(None, path)
    }

    fn resolve_in(&self, qself: Option<&syn::QSelf>, path: &syn::Path) -> Option<ApiPath> {
        self.locals().resolve(self, qself, path)
    }

    /// The type of an expression, as far as annotations, constructors, fields, signatures of the
    /// workspace and modelled return types tell.
    pub fn type_of(&self, expr: &'a syn::Expr) -> Option<Ty> {
        self.locals().type_of(self, expr)
    }

    /// What a written type means.
    pub fn ty(&self, ty: &syn::Type) -> Option<Ty> {
        self.locals().ty(self, ty)
    }

    /// The value of an expression, where it is fixed in source.
    pub fn constant(&self, expr: &'a syn::Expr) -> Option<Constant> {
        self.locals().constant(self, expr)
    }

    /// Whether an expression is the constant `true` or `false`.
    pub fn is_bool(&self, expr: &'a syn::Expr, value: bool) -> bool {
        self.constant(expr) == Some(Constant::Bool(value))
    }

    /// Which local binding a name means where it stands: two uses of one binding give the same.
    pub fn binding(&self, name: &syn::Ident) -> Option<usize> {
        self.locals().binding(self, name)
    }

    /// What a local name was bound to, where it stands for all of one value. Another binding of the
    /// same name, in another block or later, is another one.
    pub fn bound_to(&self, name: &syn::Ident) -> Option<&'a syn::Expr> {
        self.locals().bound_to(self, name)
    }

    /// Local bindings, their types and values.
    pub fn locals(&self) -> &Locals<'a> {
        self.locals.get_or_init(|| Locals::of(self.parsed))
    }

    /// Where the values of this unit come from.
    pub fn flow(&self) -> &Flow<'a> {
        self.flow.get_or_init(|| Flow::of(self))
    }

    /// Every path of bodies, signatures and types; those of attributes and macros left out.
    pub fn paths(&self) -> Vec<&'a syn::Path> {
        let mut paths = Paths::default();
        self.visit(&mut paths);
        paths.0
    }

    /// Walks the whole tree with a visitor of the lint's own. Macros are not entered: use
    /// [`Code::exprs`] where they matter.
    pub fn visit<V: Visit<'a>>(&self, visitor: &mut V) {
        self.parsed.tree.visit(visitor);
    }
}

#[derive(Default)]
struct Paths<'a>(Vec<&'a syn::Path>);

impl<'a> Visit<'a> for Paths<'a> {
    fn visit_path(&mut self, path: &'a syn::Path) {
        self.0.push(path);
        syn::visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, _: &'a syn::Attribute) {}
}

#[cfg(test)]
mod tests {
    use super::ApiPath;

    #[test]
    fn modules_may_be_left_out_and_types_may_not() {
        let is = |given: &str, pattern| ApiPath(given.into()).is(pattern);
        assert!(is("reqwest::blocking::ClientBuilder::new", "reqwest::ClientBuilder::new"));
        assert!(is("std::fs::File::create", "std::fs::File::create"));
        assert!(is("tokio::fs::write", "tokio::fs::write"));
        assert!(!is("tokio::io::write", "tokio::fs::write"));
        assert!(!is("reqwest::ClientBuilder::new", "reqwest::Client::new"));
        assert!(!is("other::ClientBuilder::new", "reqwest::ClientBuilder::new"));
        assert!(!is("sqlx::query::Query::bind", "sqlx::query"));
        assert!(is("sqlx::query", "sqlx::query"));
    }
}
