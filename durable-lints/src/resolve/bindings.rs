//! What a unit binds and where: parameters, `let`, patterns, closures, local items, and what is
//! written to afterwards.

use rustc_hash::FxHashMap;
use std::sync::Arc;

use syn::visit::{self, Visit};
use syn::{Expr, Pat};

use super::declarations::{Leaf, Written, ident};
use crate::syntax::{Parsed, Placed, Tree};
use crate::vocabulary::Span;

/// One name that a pattern binds. Places are bytes of the unit's own text.
#[derive(Debug)]
pub(super) struct Binding<'a> {
    pub(super) name: Arc<str>,
    /// Where it can be seen: from behind its declaration to the end of the block around.
    pub(super) scope: Span,
    pub(super) mutable: bool,
    /// The type written beside the pattern.
    pub(super) declared: Option<&'a syn::Type>,
    pub(super) source: Source<'a>,
    /// The way from the source to the binding.
    pub(super) way: Vec<Step<'a>>,
}

/// Where a binding's value comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    /// A parameter of the function, or `let x;`.
    Declared,
    /// `let … = value`, `match value`.
    Value(&'a Expr),
    /// `for … in values`.
    Item(&'a Expr),
    /// A closure's parameter by position.
    Closure(&'a syn::ExprClosure, usize),
}

/// One step into a pattern.
#[derive(Clone, Debug)]
pub(super) enum Step<'a> {
    /// A part of a tuple.
    Part(usize),
    /// A field of a tuple struct or variant.
    Positional(&'a syn::Path, usize),
    /// A field of a struct or variant.
    Named(&'a syn::Path, Arc<str>),
    /// An element of a slice.
    Element,
    /// Something that is not followed.
    Unknown,
}

/// A write to a name.
#[derive(Debug)]
pub(super) struct Write<'a> {
    pub(super) name: Arc<str>,
    pub(super) at: u32,
    /// A method call that may write, where the binding is mutable.
    pub(super) maybe: bool,
    /// What a plain assignment to the whole name assigns.
    pub(super) value: Option<&'a Expr>,
}

/// Something declared inside a body.
#[derive(Debug)]
pub(super) enum Local<'a> {
    /// `use`.
    Use(Written),
    /// `use …::*`.
    Glob(Written),
    /// `const` or `static`.
    Value(&'a syn::Type, &'a Expr),
    /// Any other item.
    Item,
}

/// A unit's bindings.
#[derive(Debug, Default)]
pub(super) struct Bindings<'a> {
    pub(super) all: Vec<Binding<'a>>,
    by_name: FxHashMap<Arc<str>, Visible>,
    pub(super) writes: FxHashMap<Arc<str>, Vec<Write<'a>>>,
    pub(super) loops: Vec<Span>,
    /// Items by name; globs under `*`.
    pub(super) locals: FxHashMap<Arc<str>, Vec<(Span, Local<'a>)>>,
    locals_by_name: FxHashMap<Arc<str>, Visible>,
    /// By the closure's address, the call that it is an argument of: what the method is called on, and its name.
    pub(super) closures: FxHashMap<usize, (&'a Expr, Arc<str>)>,
}

impl<'a> Bindings<'a> {
    /// Reads the bindings of a unit.
    pub(super) fn of(parsed: &'a Parsed) -> Bindings<'a> {
        let mut collector =
            Collector { parsed, found: Bindings::default(), ends: Vec::new(), lets: Vec::new() };
        if let Some(signature) = parsed.tree.signature() {
            let scope = parsed.tree.block().map_or(Span::new(0, 0), |block| Span::new(0, close_of(block)));
            collector.parameters(signature, scope);
        }
        match &parsed.tree {
            Tree::Fn(function) => collector.visit_block(&function.block),
            Tree::Method(method) => collector.visit_block(&method.block),
            Tree::TraitFn(method) => {
                if let Some(block) = &method.default {
                    collector.visit_block(block);
                }
            }
            tree => tree.visit(&mut collector),
        }
        let mut found = collector.found;
        let mut scopes: FxHashMap<Arc<str>, Vec<(Span, usize)>> = FxHashMap::default();
        for (number, binding) in found.all.iter().enumerate() {
            scopes.entry(binding.name.clone()).or_default().push((binding.scope, number));
        }
        found.by_name = scopes.into_iter().map(|(name, scopes)| (name, Visible::new(scopes))).collect();
        let locals = found.locals.iter().map(|(name, locals)| {
            let scopes = locals.iter().enumerate().map(|(number, (scope, _))| (*scope, number));
            (name.clone(), Visible::new(scopes.collect()))
        });
        found.locals_by_name = locals.collect();
        found
    }

    /// The binding that a name means at a place: the latest that can be seen from there.
    pub(super) fn at(&self, name: &str, place: u32) -> Option<usize> {
        self.by_name.get(name)?.at(place)
    }

    /// The innermost local declaration of a name that can be seen from a place.
    pub(super) fn local(&self, name: &str, place: u32) -> Option<(Span, &Local<'a>)> {
        let number = self.locals_by_name.get(name)?.at(place)?;
        self.locals.get(name)?.get(number).map(|(scope, local)| (*scope, local))
    }
}

/// Which of several declarations of one name can be seen from where.
#[derive(Debug, Default)]
struct Visible(Vec<Candidate>);

#[derive(Debug)]
struct Candidate {
    scope: Span,
    number: usize,
    /// The nearest one before it that can be seen for longer.
    outer: Option<usize>,
}

impl Visible {
    fn new(mut scopes: Vec<(Span, usize)>) -> Visible {
        scopes.sort_unstable_by_key(|(scope, number)| (scope.start, *number));
        let mut all: Vec<Candidate> = Vec::with_capacity(scopes.len());
        for (scope, number) in scopes {
            let mut outer = all.len().checked_sub(1);
            while let Some(at) = outer.filter(|at| all[*at].scope.end <= scope.end) {
                outer = all[at].outer;
            }
            all.push(Candidate { scope, number, outer });
        }
        Visible(all)
    }

    /// The latest that can be seen from a place.
    fn at(&self, place: u32) -> Option<usize> {
        let mut at = self.0.partition_point(|candidate| candidate.scope.start <= place).checked_sub(1);
        while let Some(candidate) = at.map(|at| &self.0[at]) {
            if place < candidate.scope.end {
                return Some(candidate.number);
            }
            at = candidate.outer;
        }
        None
    }
}

/// What tells one node of the tree from the others.
pub(super) fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

fn close_of(block: &syn::Block) -> u32 {
    block.brace_token.span.close().byte_range().end as u32
}

fn open_of(block: &syn::Block) -> u32 {
    block.brace_token.span.open().byte_range().start as u32
}

fn start(span: proc_macro2::Span) -> u32 {
    span.byte_range().start as u32
}

struct Collector<'a> {
    parsed: &'a Parsed,
    found: Bindings<'a>,
    /// Where the blocks around end.
    ends: Vec<u32>,
    /// Where what `let` in a condition binds can last be seen.
    lets: Vec<u32>,
}

impl<'a> Collector<'a> {
    fn end(&self) -> u32 {
        self.ends.last().copied().unwrap_or(u32::MAX)
    }

    fn parameters(&mut self, signature: &'a syn::Signature, scope: Span) {
        for input in &signature.inputs {
            if let syn::FnArg::Typed(param) = input {
                self.bind(&param.pat, Source::Declared, Some(&param.ty), Vec::new(), scope);
            }
        }
    }

    fn bind(
        &mut self,
        pattern: &'a Pat,
        source: Source<'a>,
        declared: Option<&'a syn::Type>,
        way: Vec<Step<'a>>,
        scope: Span,
    ) {
        let longer = |step: Step<'a>| {
            let mut way = way.clone();
            way.push(step);
            way
        };
        match pattern {
            Pat::Ident(pattern) => {
                if let Some((_, inner)) = &pattern.subpat {
                    self.bind(inner, source, declared, way.clone(), scope);
                }
                let name = ident(&pattern.ident);
                let plain =
                    pattern.subpat.is_none() && pattern.mutability.is_none() && pattern.by_ref.is_none();
                // A capital in a pattern is a constant or variant, not a binding.
                if plain && name.starts_with(|c: char| c.is_uppercase()) {
                    return;
                }
                let mutable = pattern.mutability.is_some();
                self.found.all.push(Binding { name, scope, mutable, declared, source, way });
            }
            Pat::Type(pattern) => self.bind(&pattern.pat, source, Some(&pattern.ty), way, scope),
            Pat::Reference(pattern) => self.bind(&pattern.pat, source, declared, way, scope),
            Pat::Paren(pattern) => self.bind(&pattern.pat, source, declared, way, scope),
            Pat::Guard(pattern) => self.bind(&pattern.pat, source, declared, way, scope),
            Pat::Or(pattern) => {
                if let Some(first) = pattern.cases.first() {
                    self.bind(first, source, declared, way, scope);
                }
            }
            Pat::Tuple(pattern) => {
                self.bind_parts(pattern.elems.iter(), source, declared, &way, scope, &Step::Part)
            }
            Pat::TupleStruct(pattern) => {
                let step = |at| Step::Positional(&pattern.path, at);
                self.bind_parts(pattern.elems.iter(), source, declared, &way, scope, &step);
            }
            Pat::Slice(pattern) => {
                self.bind_parts(pattern.elems.iter(), source, declared, &way, scope, &|_| Step::Element);
            }
            Pat::Struct(pattern) => {
                for field in &pattern.fields {
                    let name = match &field.member {
                        syn::Member::Named(name) => ident(name),
                        syn::Member::Unnamed(at) => at.index.to_string().into(),
                    };
                    self.bind(&field.pat, source, declared, longer(Step::Named(&pattern.path, name)), scope);
                }
            }
            _ => {}
        }
    }

    fn bind_parts(
        &mut self,
        parts: impl Iterator<Item = &'a Pat>,
        source: Source<'a>,
        declared: Option<&'a syn::Type>,
        way: &[Step<'a>],
        scope: Span,
        step: &dyn Fn(usize) -> Step<'a>,
    ) {
        // Behind `..` the position is not known.
        let mut behind_rest = false;
        for (at, part) in parts.enumerate() {
            behind_rest |= matches!(part, Pat::Rest(_));
            let mut way = way.to_vec();
            way.push(if behind_rest { Step::Unknown } else { step(at) });
            self.bind(part, source, declared, way, scope);
        }
    }

    fn write(&mut self, target: &'a Expr, maybe: bool, value: Option<&'a Expr>) {
        let Some((name, whole)) = root(target) else { return };
        let at = start(name.span());
        let name = ident(name);
        let value = value.filter(|_| whole);
        self.found.writes.entry(name.clone()).or_default().push(Write { name, at, maybe, value });
    }

    fn in_block(&mut self, end: u32, run: impl FnOnce(&mut Self)) {
        self.ends.push(end);
        run(self);
        self.ends.pop();
    }

    fn condition(&mut self, condition: &'a Expr, end: u32) {
        self.lets.push(end);
        self.visit_expr(condition);
        self.lets.pop();
    }

    fn local(&mut self, item: &'a syn::Item, scope: Span) {
        let mut add = |name: Arc<str>, local| {
            self.found.locals.entry(name).or_default().push((scope, local));
        };
        match item {
            syn::Item::Use(item) => {
                for Leaf { name, path } in use_leaves(item) {
                    match name {
                        Some(name) => add(name, Local::Use(path)),
                        None => add("*".into(), Local::Glob(path)),
                    }
                }
            }
            syn::Item::Const(item) => add(ident(&item.ident), Local::Value(&item.ty, &item.expr)),
            syn::Item::Static(item) if matches!(item.mutability, syn::StaticMutability::None) => {
                add(ident(&item.ident), Local::Value(&item.ty, &item.expr));
            }
            syn::Item::Static(item) => add(ident(&item.ident), Local::Item),
            syn::Item::Fn(item) => add(ident(&item.sig.ident), Local::Item),
            syn::Item::Struct(item) => add(ident(&item.ident), Local::Item),
            syn::Item::Enum(item) => add(ident(&item.ident), Local::Item),
            syn::Item::Mod(item) => add(ident(&item.ident), Local::Item),
            syn::Item::Trait(item) => add(ident(&item.ident), Local::Item),
            syn::Item::Type(item) => add(ident(&item.ident), Local::Item),
            _ => {}
        }
    }
}

/// The name that a place expression begins with, and whether it is the whole of it.
fn root(expr: &Expr) -> Option<(&syn::Ident, bool)> {
    let mut expr = expr;
    let mut whole = true;
    // Bounded by the depth of the tree.
    loop {
        expr = match expr {
            Expr::Path(path) => return path.path.get_ident().map(|name| (name, whole)),
            Expr::Paren(inner) => &inner.expr,
            Expr::Group(inner) => &inner.expr,
            Expr::Reference(inner) => &inner.expr,
            Expr::Field(inner) => &inner.base,
            Expr::Index(inner) => &inner.expr,
            Expr::Unary(inner) => &inner.expr,
            Expr::MethodCall(inner) => &inner.receiver,
            _ => return None,
        };
        whole &= matches!(expr, Expr::Path(_) | Expr::Paren(_) | Expr::Group(_));
    }
}

/// Beginnings of the names of methods that only read, whatever they are called on.
const READERS: &[&str] = &[
    "as_",
    "borrow",
    "bytes",
    "chars",
    "chunks",
    "clon",
    "cmp",
    "concat",
    "contains",
    "copied",
    "count",
    "deref",
    "ends_with",
    "eq",
    "expect",
    "find",
    "first",
    "get",
    "hash",
    "into",
    "is_",
    "iter",
    "join",
    "last",
    "len",
    "lines",
    "map",
    "max",
    "min",
    "ne",
    "ok",
    "parse",
    "position",
    "repeat",
    "replace",
    "rfind",
    "split",
    "starts_with",
    "strip",
    "to_",
    "trim",
    "try_into",
    "unwrap",
    "windows",
];

/// Whether a method may change what it is called on.
fn may_write(method: &syn::Ident) -> bool {
    let name = method.to_string();
    let reads = READERS.iter().any(|reader| name.starts_with(reader));
    !reads
        || name.contains("mut")
        || matches!(name.as_str(), "split_off" | "get_or_insert" | "get_or_insert_with")
}

/// The leaves of a `use` declaration inside a body.
fn use_leaves(item: &syn::ItemUse) -> Vec<Leaf> {
    fn walk(tree: &syn::UseTree, path: &Written, leaves: &mut Vec<Leaf>, depth: usize) {
        if depth > 32 {
            return;
        }
        let with = |name: &syn::Ident| {
            let mut path = path.clone();
            if name != "self" || path.segments.is_empty() {
                path.segments.push(ident(name));
            }
            path
        };
        match tree {
            syn::UseTree::Path(tree) => walk(&tree.tree, &with(&tree.ident), leaves, depth + 1),
            syn::UseTree::Name(tree) => {
                let path = with(&tree.ident);
                leaves.push(Leaf { name: path.segments.last().cloned(), path });
            }
            syn::UseTree::Rename(tree) => {
                leaves.push(Leaf { name: Some(ident(&tree.rename)), path: with(&tree.ident) });
            }
            syn::UseTree::Glob(_) => leaves.push(Leaf { name: None, path: path.clone() }),
            syn::UseTree::Group(tree) => {
                for item in &tree.items {
                    walk(item, path, leaves, depth + 1);
                }
            }
        }
    }
    let mut leaves = Vec::new();
    let base = Written { global: item.leading_colon.is_some(), segments: Vec::new() };
    walk(&item.tree, &base, &mut leaves, 0);
    leaves
}

impl<'a> Visit<'a> for Collector<'a> {
    fn visit_block(&mut self, block: &'a syn::Block) {
        let scope = Span::new(open_of(block), close_of(block));
        for stmt in &block.stmts {
            if let syn::Stmt::Item(item) = stmt {
                self.local(item, scope);
            }
        }
        self.in_block(scope.end, |this| visit::visit_block(this, block));
    }

    fn visit_local(&mut self, local: &'a syn::Local) {
        let mut source = Source::Declared;
        if let Some(init) = &local.init {
            self.visit_expr(&init.expr);
            if let Some((_, otherwise)) = &init.diverge {
                self.visit_expr(otherwise);
            }
            source = Source::Value(&init.expr);
        }
        let scope = Span::new(start(local.semi_token.span), self.end());
        self.bind(&local.pat, source, None, Vec::new(), scope);
    }

    fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
        let scope = Span::new(open_of(&function.block), close_of(&function.block));
        self.parameters(&function.sig, scope);
        self.visit_block(&function.block);
    }

    fn visit_impl_item_fn(&mut self, method: &'a syn::ImplItemFn) {
        let scope = Span::new(open_of(&method.block), close_of(&method.block));
        self.parameters(&method.sig, scope);
        self.visit_block(&method.block);
    }

    fn visit_expr_if(&mut self, branch: &'a syn::ExprIf) {
        self.condition(&branch.cond, close_of(&branch.then_branch));
        self.visit_block(&branch.then_branch);
        if let Some((_, otherwise)) = &branch.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_expr_while(&mut self, repeat: &'a syn::ExprWhile) {
        let end = close_of(&repeat.body);
        self.found.loops.push(Span::new(start(repeat.while_token.span), end));
        self.condition(&repeat.cond, end);
        self.visit_block(&repeat.body);
    }

    fn visit_expr_loop(&mut self, repeat: &'a syn::ExprLoop) {
        self.found.loops.push(Span::new(open_of(&repeat.body), close_of(&repeat.body)));
        self.visit_block(&repeat.body);
    }

    fn visit_expr_for_loop(&mut self, repeat: &'a syn::ExprForLoop) {
        self.visit_expr(&repeat.expr);
        let scope = Span::new(open_of(&repeat.body), close_of(&repeat.body));
        self.found.loops.push(scope);
        self.bind(&repeat.pat, Source::Item(&repeat.expr), None, Vec::new(), scope);
        self.visit_block(&repeat.body);
    }

    fn visit_expr_let(&mut self, binding: &'a syn::ExprLet) {
        self.visit_expr(&binding.expr);
        let end = self.lets.last().copied().unwrap_or_else(|| self.end());
        let scope = Span::new(binding.expr.place().end, end);
        self.bind(&binding.pat, Source::Value(&binding.expr), None, Vec::new(), scope);
    }

    fn visit_expr_match(&mut self, choice: &'a syn::ExprMatch) {
        self.visit_expr(&choice.expr);
        let from = |arm: &syn::Arm| match &arm.pat {
            Pat::Guard(guarded) => start(guarded.if_token.span),
            _ => start(arm.fat_arrow_token.spans[0]),
        };
        let close = choice.brace_token.span.close().byte_range().start as u32;
        for (at, arm) in choice.arms.iter().enumerate() {
            let end = choice.arms.get(at + 1).map_or(close, from);
            self.bind(&arm.pat, Source::Value(&choice.expr), None, Vec::new(), Span::new(from(arm), end));
            if let Pat::Guard(guarded) = &arm.pat {
                self.condition(&guarded.guard, end);
            }
            self.in_block(end, |this| this.visit_expr(&arm.body));
        }
    }

    fn visit_expr_closure(&mut self, closure: &'a syn::ExprClosure) {
        let scope = Span::new(start(closure.inputs_end.span), closure.body.place().end);
        for (at, input) in closure.inputs.iter().enumerate() {
            self.bind(input, Source::Closure(closure, at), None, Vec::new(), scope);
        }
        self.found.loops.push(scope);
        self.in_block(scope.end, |this| this.visit_expr(&closure.body));
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        for arg in &call.args {
            if let Expr::Closure(closure) = arg {
                let known = (&*call.receiver, ident(&call.method));
                self.found.closures.insert(address(closure), known);
            }
        }
        if may_write(&call.method) {
            self.write(&call.receiver, true, None);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_assign(&mut self, assign: &'a syn::ExprAssign) {
        self.visit_expr(&assign.right);
        self.write(&assign.left, false, Some(&assign.right));
        self.visit_expr(&assign.left);
    }

    fn visit_expr_binary(&mut self, binary: &'a syn::ExprBinary) {
        use syn::BinOp::*;
        if matches!(
            binary.op,
            AddAssign(_)
                | SubAssign(_)
                | MulAssign(_)
                | DivAssign(_)
                | RemAssign(_)
                | BitXorAssign(_)
                | BitAndAssign(_)
                | BitOrAssign(_)
                | ShlAssign(_)
                | ShrAssign(_)
        ) {
            self.write(&binary.left, false, None);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_reference(&mut self, reference: &'a syn::ExprReference) {
        if reference.mutability.is_some() {
            self.write(&reference.expr, false, None);
        }
        self.visit_expr(&reference.expr);
    }

    fn visit_expr_raw_addr(&mut self, address: &'a syn::ExprRawAddr) {
        self.write(&address.expr, false, None);
        self.visit_expr(&address.expr);
    }

    fn visit_macro(&mut self, node: &'a syn::Macro) {
        let Some(expansion) = self.parsed.expansion(node) else { return };
        let span = match &node.delimiter {
            syn::MacroDelimiter::Paren(token) => token.span,
            syn::MacroDelimiter::Brace(token) => token.span,
            syn::MacroDelimiter::Bracket(token) => token.span,
        };
        let scope = Span::new(start(span.open()), span.close().byte_range().end as u32);
        if node.path.segments.last().is_some_and(|name| name.ident == "write" || name.ident == "writeln")
            && let Some(target) = expansion.args.first()
        {
            self.write(&target.expr, false, None);
        }
        for stmt in &expansion.stmts {
            if let syn::Stmt::Item(item) = stmt {
                self.local(item, scope);
            }
        }
        self.in_block(scope.end, |this| {
            for arg in &expansion.args {
                this.visit_expr(&arg.expr);
            }
            for stmt in &expansion.stmts {
                this.visit_stmt(stmt);
            }
        });
    }

    fn visit_attribute(&mut self, _: &'a syn::Attribute) {}
}
