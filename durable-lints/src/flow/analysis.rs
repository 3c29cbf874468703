//! The walk over one unit.

use std::collections::hash_map::Entry;

use crate::syntax::Placed;
use rustc_hash::FxHashMap;
use syn::Expr;

use crate::code::{Call, Code, Tree};
use crate::flow::checked::Checked;
use crate::flow::env::{Env, Place};
use crate::flow::fact::{Fact, mark};
use crate::flow::summary::Summary;
use crate::flow::{Flow, Origin, SinkUse, Value, Via, address, handlers};
use crate::models::propagators;
use crate::outline::ItemKind;
use crate::vocabulary::ApiPath;
use crate::vocabulary::Span;
use crate::vocabulary::{Constant, Ty};
use crate::vocabulary::{OriginKind, Purpose, SELF};

/// Expressions that are visited in one unit before the rest counts as unknown. Only generated code
/// is longer.
const MOST_STEPS: u32 = 60_000;

/// Expressions inside each other that are followed. Code that people write stays far below.
const DEEPEST: u32 = 300;

/// Loops inside each other that run twice; those further inside run once.
const MOST_DOUBLED: usize = 3;

/// Parts of an array or tuple that are told apart.
pub(super) const MOST_PARTS: usize = 32;

/// One function, closure or async block that `return` and `?` leave.
#[derive(Debug, Default)]
pub(super) struct Frame<'a> {
    pub(super) result: Option<Fact<'a>>,
    /// What each parameter is known to be safe for wherever the function says yes.
    ensures: Option<Vec<Vec<Purpose>>>,
}

pub(super) struct Analysis<'c, 'a> {
    pub(super) code: &'c Code<'a>,
    /// How many calls deep summaries may still be asked for.
    pub(super) depth: u8,
    pub(super) env: Env<'a>,
    pub(super) frames: Vec<Frame<'a>>,
    /// For each loop around: how long the environment was, and what holds where it is left.
    loops: Vec<(usize, Option<Env<'a>>, Fact<'a>)>,
    pub(super) values: FxHashMap<usize, Value>,
    calls: FxHashMap<usize, &'c Call<'a>>,
    sinks: Vec<SinkUse<'a>>,
    sink_at: FxHashMap<(Span, Purpose, Option<Span>), usize>,
    plain_enums: FxHashMap<ApiPath, bool>,
    pub(super) checked_types: FxHashMap<ApiPath, Checked>,
    /// Slots of the function's own parameters, by position.
    pub(super) parameters: Vec<(u8, usize)>,
    pub(super) returns_bool: bool,
    steps: u32,
    nesting: u32,
    /// How many conditions that bindings stand for are being looked into.
    pub(super) conditions: u8,
}

/// Analyses a unit for its lints.
pub(super) fn run<'a>(code: &Code<'a>, depth: u8) -> Flow<'a> {
    let mut analysis = Analysis::new(code, depth);
    analysis.unit();
    Flow { values: analysis.values, sinks: analysis.sinks }
}

/// Analyses a function for its callers.
pub(super) fn summarise(code: &Code<'_>, depth: u8) -> Summary {
    let mut analysis = Analysis::new(code, depth);
    analysis.unit();
    let frame = analysis.frames.pop().unwrap_or_default();
    let result = frame.result.unwrap_or_else(Fact::fixed);
    let ensured = frame.ensures.unwrap_or_default();
    let ensures = analysis.parameters.iter().map(|(position, _)| *position).zip(ensured);
    let ensures = ensures.filter(|(_, purposes)| !purposes.is_empty()).collect();
    Summary::new(code, result.value, result.text.as_deref(), ensures, &analysis.sinks)
}

impl<'c, 'a> Analysis<'c, 'a> {
    fn new(code: &'c Code<'a>, depth: u8) -> Analysis<'c, 'a> {
        Analysis {
            code,
            depth,
            env: Env::default(),
            frames: vec![Frame::default()],
            loops: Vec::new(),
            values: FxHashMap::default(),
            calls: code.calls().iter().map(|call| (address(call.expr), call)).collect(),
            sinks: Vec::new(),
            sink_at: FxHashMap::default(),
            plain_enums: FxHashMap::default(),
            checked_types: FxHashMap::default(),
            parameters: Vec::new(),
            returns_bool: false,
            steps: 0,
            nesting: 0,
            conditions: 0,
        }
    }

    fn unit(&mut self) {
        match self.code.tree() {
            Tree::Item(item) => match &**item {
                syn::Item::Const(item) => drop(self.eval(&item.expr)),
                syn::Item::Static(item) => drop(self.eval(&item.expr)),
                _ => {}
            },
            Tree::AssocConst(item) => drop(self.eval(&item.expr)),
            Tree::Macro(node) => drop(self.macro_call(node)),
            Tree::Fn(_) | Tree::Method(_) | Tree::TraitFn(_) => self.function(),
        }
    }

    fn function(&mut self) {
        let (Some(signature), Some(block)) = (self.code.signature(), self.code.block()) else { return };
        self.returns_bool = matches!(&signature.output, syn::ReturnType::Type(_, ty)
            if matches!(&**ty, syn::Type::Path(path) if path.path.is_ident("bool")));
        handlers::bind_parameters(self, signature);
        let tail = self.block(block);
        if !self.env.dead {
            let tail_expr = match block.stmts.last() {
                Some(syn::Stmt::Expr(expr, None)) => Some(expr),
                _ => None,
            };
            self.leave(tail, tail_expr);
        }
    }

    /// The function, closure or async block ends here with a value.
    pub(super) fn leave(&mut self, result: Fact<'a>, expr: Option<&'a Expr>) {
        if self.frames.len() == 1 {
            self.note_ensured(&result, expr);
        }
        let Some(frame) = self.frames.last_mut() else { return };
        frame.result = Some(match frame.result.take() {
            Some(before) => before.join(&result),
            None => result,
        });
    }

    /// Where a function says yes, what its parameters are safe for is what it ensures.
    fn note_ensured(&mut self, result: &Fact<'a>, expr: Option<&'a Expr>) {
        let is_false = |expr: &Expr| matches!(expr, Expr::Lit(lit) if matches!(&lit.lit, syn::Lit::Bool(lit) if !lit.value));
        if result.never || expr.is_some_and(is_false) {
            return;
        }
        let before = self.env.clone();
        if self.returns_bool
            && let Some(expr) = expr
        {
            self.refine(expr, true);
        }
        let safe: Vec<Vec<Purpose>> = self
            .parameters
            .iter()
            .map(|(_, slot)| self.env.at(*slot).map(|fact| fact.value.safe_for.clone()).unwrap_or_default())
            .collect();
        self.env = before;
        let Some(frame) = self.frames.last_mut() else { return };
        frame.ensures = Some(match frame.ensures.take() {
            None => safe,
            Some(mut known) => {
                for (known, safe) in known.iter_mut().zip(&safe) {
                    let any = safe.contains(&Purpose::Any);
                    known.retain(|purpose| any || safe.contains(purpose));
                }
                known
            }
        });
    }

    pub(super) fn call_info(&self, expr: &Expr) -> Option<&'c Call<'a>> {
        self.calls.get(&address(expr)).copied()
    }

    pub(super) fn span(&self, node: &impl Placed) -> Span {
        self.code.span(node)
    }

    pub(super) fn origin(&self, kind: OriginKind, node: &impl Placed, what: impl Into<String>) -> Origin {
        Origin { kind, span: self.span(node), what: what.into() }
    }

    /// The fact of an expression, remembered as what holds at its place.
    pub(super) fn eval(&mut self, expr: &'a Expr) -> Fact<'a> {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.nesting >= DEEPEST {
            return Fact::unknown();
        }
        self.nesting += 1;
        let mut fact = self.eval_inner(expr);
        self.nesting -= 1;
        if !fact.value.constant && !fact.never {
            fact = self.cut_by_type(expr, fact);
        }
        self.remember(expr, &fact);
        fact
    }

    fn remember(&mut self, expr: &Expr, fact: &Fact<'a>) {
        if fact.never {
            return;
        }
        match self.values.entry(address(expr)) {
            Entry::Vacant(entry) => drop(entry.insert(fact.value.clone())),
            // The second round of a loop knows more than the first.
            Entry::Occupied(mut entry) if *entry.get() != fact.value => {
                let joined = entry.get().join(&fact.value);
                entry.insert(joined);
            }
            Entry::Occupied(_) => {}
        }
    }

    /// What the type of an expression tells of its value: numbers carry no text, and everything
    /// that comes out of a socket is outside data.
    fn cut_by_type(&mut self, expr: &'a Expr, fact: Fact<'a>) -> Fact<'a> {
        let may_tell = matches!(
            expr,
            Expr::Path(_)
                | Expr::Field(_)
                | Expr::MethodCall(_)
                | Expr::Call(_)
                | Expr::Try(_)
                | Expr::Await(_)
                | Expr::Index(_)
                | Expr::Unary(_)
        );
        let Some(ty) = may_tell.then(|| self.code.type_of(expr)).flatten() else { return fact };
        let fact = self.cut_to(fact, &ty);
        if fact.value.constant {
            return fact;
        }
        if fact.value.hostile().is_none()
            && let Some(kind) = self.code.names.models.source(&ty.peeled().path)
        {
            let what = format!("`{}`", ty.peeled().path.name());
            let mut fact = Fact { value: fact.value.clone(), ..fact };
            fact.value.add_origin(&self.origin(kind, expr, what));
            fact.value.add_head(&[kind]);
            return fact;
        }
        fact
    }

    /// What a value can be whose type this is.
    fn cut_to(&mut self, fact: Fact<'a>, ty: &Ty) -> Fact<'a> {
        if self.is_scalar(ty) {
            return self.as_scalar(fact, ty);
        }
        match fact.is_outside() && self.checked(ty) == Checked::Everywhere {
            true => fact.safe(&[Purpose::Any]),
            false => fact,
        }
    }

    pub(super) fn as_scalar(&self, fact: Fact<'a>, ty: &Ty) -> Fact<'a> {
        let small = propagators::is_small(ty.peeled().path.name());
        let fact = fact.into_scalar();
        if small { fact.safe(&[Purpose::Size]) } else { fact }
    }

    /// Whether values of a type cannot carry text.
    pub(super) fn is_scalar(&mut self, ty: &Ty) -> bool {
        let ty = ty.peeled();
        let name = ty.path.name();
        if propagators::is_scalar(name) {
            return true;
        }
        if propagators::is_wrapper(name) && !ty.args.is_empty() {
            // Of a result, what went well decides: errors go other ways.
            let deciding = if name == "Result" { &ty.args[..1] } else { &ty.args[..] };
            return deciding.iter().all(|arg| self.is_scalar(arg));
        }
        self.is_plain_enum(&ty.path)
    }

    /// Whether a type is an enum of the workspace without data.
    fn is_plain_enum(&mut self, path: &ApiPath) -> bool {
        if let Some(known) = self.plain_enums.get(path) {
            return *known;
        }
        let definition = self.code.names.definition(path);
        let plain = definition.is_some_and(|definition| {
            let Some(item) = definition.file.outline.items.get(definition.item as usize) else {
                return false;
            };
            item.kind == ItemKind::Enum
                && syn::parse_str::<syn::ItemEnum>(definition.file.snippet(item.span))
                    .is_ok_and(|item| item.variants.iter().all(|variant| variant.fields.is_empty()))
        });
        self.plain_enums.insert(path.clone(), plain);
        plain
    }

    fn eval_inner(&mut self, expr: &'a Expr) -> Fact<'a> {
        match expr {
            Expr::Lit(lit) => literal(&lit.lit),
            Expr::Path(path) => self.path(expr, path),
            Expr::Field(field) => self.field(expr, field),
            Expr::Call(call) => self.call(expr, call),
            Expr::MethodCall(call) => self.method_call(expr, call),
            Expr::Macro(node) => self.macro_call(&node.mac),
            Expr::Closure(closure) => self.closure_value(expr, closure),
            Expr::Paren(inner) => self.eval(&inner.expr),
            Expr::Group(inner) => self.eval(&inner.expr),
            Expr::Reference(inner) => self.eval(&inner.expr),
            Expr::RawAddr(inner) => self.eval(&inner.expr),
            Expr::Await(inner) => self.eval(&inner.base),
            Expr::Try(inner) => {
                let fact = self.eval(&inner.expr);
                self.assume_ensured(&inner.expr);
                if fact.never { Fact::fixed() } else { fact }
            }
            Expr::Unary(unary) => {
                let fact = self.eval(&unary.expr);
                if matches!(unary.op, syn::UnOp::Deref(_)) { fact } else { Fact { text: None, ..fact } }
            }
            Expr::Cast(cast) => {
                let fact = self.eval(&cast.expr).into_scalar();
                let small = matches!(&*cast.ty, syn::Type::Path(path)
                    if path.path.get_ident().is_some_and(|name| propagators::is_small(&name.to_string())));
                if small { fact.safe(&[Purpose::Size]) } else { fact }
            }
            Expr::Binary(binary) => self.binary(binary),
            Expr::Assign(assign) => self.assign(assign),
            Expr::Block(block) => self.block(&block.block),
            Expr::Unsafe(block) => self.block(&block.block),
            Expr::Const(block) => self.block(&block.block),
            Expr::Async(block) => self.framed(|analysis| analysis.block(&block.block)),
            Expr::TryBlock(block) => self.framed(|analysis| analysis.block(&block.block)),
            Expr::If(branch) => self.branch(branch),
            Expr::Match(matched) => self.matched(matched),
            Expr::Let(bound) => {
                let fact = self.eval(&bound.expr);
                let fact = self.as_view(fact, &bound.expr);
                self.bind(&bound.pat, &fact);
                Fact::scalar()
            }
            Expr::Loop(node) => self.looped(|analysis| drop(analysis.block(&node.body))),
            Expr::While(node) => self.looped(|analysis| {
                let scope = analysis.env.len();
                analysis.eval(&node.cond);
                let skipped = analysis.env.clone();
                analysis.refine(&node.cond, true);
                analysis.block(&node.body);
                analysis.env.truncate(scope);
                let mut skipped = skipped;
                skipped.truncate(scope);
                analysis.meet(skipped);
            }),
            Expr::ForLoop(node) => self.for_loop(node),
            Expr::Return(node) => {
                let fact = node.expr.as_deref().map_or_else(Fact::fixed, |expr| self.eval(expr));
                self.leave(fact, node.expr.as_deref());
                self.env.dead = true;
                Fact::never()
            }
            Expr::Break(node) => {
                let fact = node.expr.as_deref().map_or_else(Fact::never, |expr| self.eval(expr));
                self.leave_loop(fact);
                Fact::never()
            }
            Expr::Continue(_) => {
                self.leave_loop(Fact::never());
                Fact::never()
            }
            Expr::Tuple(tuple) => self.parts(tuple.elems.iter()),
            Expr::Array(array) => self.parts(array.elems.iter()),
            Expr::Repeat(repeat) => {
                self.eval(&repeat.len);
                self.eval(&repeat.expr).whole()
            }
            Expr::Index(index) => {
                let fact = self.eval(&index.expr);
                self.eval(&index.index);
                match &*index.index {
                    Expr::Lit(lit) => match &lit.lit {
                        syn::Lit::Int(at) => fact.part(at.base10_digits()),
                        _ => fact.whole(),
                    },
                    _ => Fact { text: None, ..fact.whole() },
                }
            }
            Expr::Range(range) => {
                let ends: Vec<Fact<'a>> =
                    [&range.start, &range.end].into_iter().flatten().map(|end| self.eval(end)).collect();
                Fact::all(&ends)
            }
            Expr::Struct(node) => self.structure(expr, node),
            Expr::Yield(node) => {
                node.expr.as_deref().map(|expr| self.eval(expr));
                Fact::unknown()
            }
            _ => Fact::unknown(),
        }
    }

    fn path(&mut self, expr: &'a Expr, path: &'a syn::ExprPath) -> Fact<'a> {
        if let Some(name) = path.path.get_ident() {
            let name = name.to_string();
            if let Some(fact) = self.env.slot(&name).and_then(|slot| self.env.at(slot)) {
                return fact.clone();
            }
            if name == "self" {
                return Fact::of_origin(self.origin(OriginKind::Parameter(SELF), expr, "`self`"));
            }
            if name == "None" {
                return Fact::never();
            }
        }
        if let Some(constant) = self.code.constant(expr) {
            return constant_fact(&constant);
        }
        // Constants and statics by their spelling; variants and unit structs hold nothing.
        let last = path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if last.starts_with(|c: char| c.is_uppercase()) { Fact::fixed() } else { Fact::unknown() }
    }

    fn field(&mut self, expr: &'a Expr, field: &'a syn::ExprField) -> Fact<'a> {
        let base = self.eval(&field.base);
        let _ = expr;
        base.part(&member(&field.member))
    }

    fn parts(&mut self, elems: impl Iterator<Item = &'a Expr>) -> Fact<'a> {
        let facts: Vec<Fact<'a>> = elems.map(|elem| self.eval(elem)).collect();
        if facts.len() > MOST_PARTS {
            return Fact::all(&facts);
        }
        Fact::of_parts(facts.into_iter().enumerate().map(|(at, fact)| (at.to_string(), fact)))
    }

    fn structure(&mut self, expr: &'a Expr, node: &'a syn::ExprStruct) -> Fact<'a> {
        let rest = node.rest.as_deref().map(|rest| self.eval(rest));
        let ty = self.code.type_of(expr);
        let mut parts = Vec::new();
        for field in &node.fields {
            let name = member(&field.member);
            let mut fact = self.eval(&field.expr);
            // What a field is declared to be tells more than the expression that fills it.
            if fact.is_outside()
                && !fact.value.constant
                && let Some(declared) = ty.as_ref().and_then(|ty| self.code.names.field(ty, &name))
            {
                fact = self.cut_to(fact, &declared);
            }
            parts.push((name, fact));
        }
        let mut whole = Fact::of_parts(parts);
        if let Some(rest) = rest {
            whole.value = whole.value.join(&rest.value);
        }
        whole
    }

    fn binary(&mut self, node: &'a syn::ExprBinary) -> Fact<'a> {
        use syn::BinOp;
        if matches!(node.op, BinOp::And(_) | BinOp::Or(_)) {
            self.eval(&node.left);
            let before = self.env.clone();
            let scope = before.len();
            self.refine(&node.left, matches!(node.op, BinOp::And(_)));
            self.eval(&node.right);
            // Bindings of a chain of `let` live on into the branch.
            if self.env.len() == scope {
                self.env = before;
            }
            return Fact::scalar();
        }
        let left = self.eval(&node.left);
        let right = self.eval(&node.right);
        match node.op {
            BinOp::Add(_) if left.value.scalar || right.value.scalar => arithmetic(&left, &right),
            BinOp::Add(_) => Fact::concat(&[left, right]),
            BinOp::AddAssign(_) => {
                let sum =
                    if right.value.scalar { arithmetic(&left, &right) } else { Fact::concat(&[left, right]) };
                self.assign_to(&node.left, sum);
                Fact::fixed()
            }
            BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::BitOrAssign(_) => {
                self.assign_to(&node.left, arithmetic(&left, &right));
                Fact::fixed()
            }
            BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => {
                Fact::scalar()
            }
            // A remainder or a masked number is as small as what it is cut by.
            BinOp::Rem(_) | BinOp::BitAnd(_) if !right.is_outside() => {
                arithmetic(&left, &right).safe(&[Purpose::Size])
            }
            // `base / name` of path crates appends.
            BinOp::Div(_) if !left.value.scalar && !right.value.constant => Fact::concat(&[left, right]),
            _ => arithmetic(&left, &right),
        }
    }

    fn assign(&mut self, node: &'a syn::ExprAssign) -> Fact<'a> {
        let fact = self.eval(&node.right);
        match &*node.left {
            Expr::Tuple(tuple) => {
                for (at, target) in tuple.elems.iter().enumerate() {
                    self.assign_to(target, fact.part(&at.to_string()));
                }
            }
            // One element of many: the others stay as they are.
            Expr::Index(index) => {
                self.eval(&index.index);
                if let Some(place) = self.place(&index.expr) {
                    let old = self.env.read(&place);
                    self.env.write(&place, old.join(&fact));
                }
            }
            target => self.assign_to(target, fact),
        }
        Fact::fixed()
    }

    pub(super) fn assign_to(&mut self, target: &'a Expr, fact: Fact<'a>) {
        if let Some(place) = self.place(target) {
            self.env.write(&place, fact);
        }
    }

    /// The binding or field that an expression names, through references and dereferences.
    pub(super) fn place(&self, expr: &Expr) -> Option<Place> {
        match expr {
            Expr::Path(path) => {
                let slot = self.env.slot(&path.path.get_ident()?.to_string())?;
                Some(Place { slot, field: None })
            }
            Expr::Field(field) => {
                let base = self.place(&field.base)?;
                let field = base.field.or_else(|| Some(member(&field.member)));
                Some(Place { slot: base.slot, field })
            }
            Expr::Paren(inner) => self.place(&inner.expr),
            Expr::Group(inner) => self.place(&inner.expr),
            Expr::Reference(inner) => self.place(&inner.expr),
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => self.place(&unary.expr),
            Expr::Index(index) => self.place(&index.expr),
            Expr::Await(inner) => self.place(&inner.base),
            Expr::Try(inner) => self.place(&inner.expr),
            Expr::MethodCall(call) if call.args.is_empty() => {
                let through =
                    ["as_mut", "as_ref", "by_ref", "borrow_mut", "get_mut", "iter_mut", "as_mut_slice"];
                through
                    .contains(&call.method.to_string().as_str())
                    .then(|| self.place(&call.receiver))
                    .flatten()
            }
            _ => None,
        }
    }

    pub(super) fn block(&mut self, block: &'a syn::Block) -> Fact<'a> {
        let scope = self.env.len();
        let fact = self.statements(&block.stmts);
        self.env.truncate(scope);
        fact.outliving(scope)
    }

    pub(super) fn statements(&mut self, stmts: &'a [syn::Stmt]) -> Fact<'a> {
        let mut tail = Fact::fixed();
        for stmt in stmts {
            // What cannot be reached does nothing, but lints may ask about it: it is unknown.
            if self.env.dead {
                return Fact::never();
            }
            tail = Fact::fixed();
            match stmt {
                syn::Stmt::Local(local) => self.local(local),
                syn::Stmt::Expr(expr, semicolon) => {
                    let fact = self.eval(expr);
                    self.assume_ensured_statement(expr);
                    if semicolon.is_none() {
                        tail = fact;
                    }
                }
                syn::Stmt::Macro(stmt) => {
                    let fact = self.macro_call(&stmt.mac);
                    if stmt.semi_token.is_none() {
                        tail = fact;
                    }
                }
                syn::Stmt::Item(_) => {}
            }
        }
        if self.env.dead { Fact::never() } else { tail }
    }

    fn local(&mut self, local: &'a syn::Local) {
        let Some(init) = &local.init else {
            self.bind(&local.pat, &Fact::fixed());
            return;
        };
        let mut fact = self.eval(&init.expr);
        if let syn::Pat::Type(typed) = &local.pat {
            fact = self.cut_by_annotation(fact, &typed.ty);
        }
        if let Some((_, otherwise)) = &init.diverge {
            let before = self.env.clone();
            self.eval(otherwise);
            self.env = before;
            self.refine_by_pattern(&init.expr, &local.pat);
        }
        if fact.expr.is_none() && is_condition(&init.expr) {
            fact.expr = Some(&init.expr);
        }
        if fact.never {
            fact = Fact::fixed();
        }
        let fact = self.as_view(fact, &init.expr);
        self.bind(&local.pat, &fact);
    }

    /// Remembers what a new binding was derived from: `let host = url.host_str()?`.
    fn as_view(&self, mut fact: Fact<'a>, expr: &Expr) -> Fact<'a> {
        if fact.is_outside()
            && let Some((place, host)) = self.target(expr, 0)
        {
            fact.view = Some(place.into());
            if host {
                fact.marks |= mark::HOST;
            }
        }
        fact
    }

    pub(super) fn cut_by_annotation(&mut self, fact: Fact<'a>, ty: &syn::Type) -> Fact<'a> {
        match self.code.ty(ty) {
            Some(ty) if self.is_scalar(&ty) => self.as_scalar(fact, &ty),
            Some(_) => fact,
            None => match ty {
                syn::Type::Path(path) => {
                    let name = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
                    let plain = Ty { path: ApiPath(name.clone()), args: Vec::new() };
                    if propagators::is_scalar(&name) { self.as_scalar(fact, &plain) } else { fact }
                }
                _ => fact,
            },
        }
    }

    /// What holds here is also what holds there.
    pub(super) fn meet(&mut self, other: Env<'a>) {
        let mine = std::mem::take(&mut self.env);
        self.env = mine.join(other);
    }

    fn branch(&mut self, node: &'a syn::ExprIf) -> Fact<'a> {
        let scope = self.env.len();
        let before = self.env.clone();
        self.eval(&node.cond);
        self.refine(&node.cond, true);
        let yes = self.block(&node.then_branch);
        self.env.truncate(scope);
        let then = std::mem::replace(&mut self.env, before);
        // What the condition changed (`set.insert(x)`) holds on the other side too; its bindings do not.
        self.refine(&node.cond, false);
        let no = match &node.else_branch {
            Some((_, otherwise)) => self.eval(otherwise),
            None => Fact::never(),
        };
        self.env.truncate(scope);
        self.meet(then);
        if self.env.dead { Fact::never() } else { yes.join(&no) }
    }

    fn matched(&mut self, node: &'a syn::ExprMatch) -> Fact<'a> {
        let subject = self.eval(&node.expr);
        let scope = self.env.len();
        let before = self.env.clone();
        let mut after: Option<Env<'a>> = None;
        let mut result = Fact::never();
        for arm in &node.arms {
            self.env = before.clone();
            let (pat, guard) = match &arm.pat {
                syn::Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
                pat => (pat, None),
            };
            let fixed = self.refine_by_pattern(&node.expr, pat);
            let bound = if fixed { subject.clone().safe(&[Purpose::Any]) } else { subject.clone() };
            self.bind(pat, &bound);
            if let Some(guard) = guard {
                self.eval(guard);
                self.refine(guard, true);
            }
            let fact = self.eval(&arm.body).outliving(scope);
            self.env.truncate(scope);
            result = result.join(&fact);
            let env = std::mem::take(&mut self.env);
            after = Some(match after {
                Some(joined) => joined.join(env),
                None => env,
            });
        }
        self.env = after.unwrap_or(before);
        result
    }

    /// Runs a body twice, so that what one round leaves behind is seen by the next.
    fn looped(&mut self, mut body: impl FnMut(&mut Self)) -> Fact<'a> {
        let scope = self.env.len();
        self.loops.push((scope, None, Fact::never()));
        // Twice at each level would be a thousand times at the tenth.
        let rounds = if self.loops.len() > MOST_DOUBLED { 1 } else { 2 };
        for _ in 0..rounds {
            let before = self.env.clone();
            body(self);
            self.env.truncate(scope);
            self.meet(before);
        }
        let (_, left, value) = self.loops.pop().unwrap_or_default();
        if let Some(left) = left {
            self.meet(left);
        }
        value
    }

    fn leave_loop(&mut self, fact: Fact<'a>) {
        if let Some((scope, left, value)) = self.loops.last_mut() {
            let mut here = self.env.clone();
            here.truncate(*scope);
            *left = Some(match left.take() {
                Some(known) => known.join(here),
                None => here,
            });
            *value = value.join(&fact);
        }
        self.env.dead = true;
    }

    fn for_loop(&mut self, node: &'a syn::ExprForLoop) -> Fact<'a> {
        let items = self.eval(&node.expr);
        let element = self.element(&items);
        self.looped(|analysis| {
            let scope = analysis.env.len();
            analysis.bind(&node.pat, &element);
            analysis.block(&node.body);
            analysis.env.truncate(scope);
        });
        self.assume_components_checked(node);
        Fact::fixed()
    }

    /// What stands for one element of a collection.
    pub(super) fn element(&self, items: &Fact<'a>) -> Fact<'a> {
        match &items.parts {
            Some(parts) if parts.keys().all(|key| key.starts_with(|c: char| c.is_ascii_digit())) => {
                Fact::all(parts.values())
            }
            _ => Fact { text: None, ..items.whole() },
        }
    }

    /// Runs something that `return` and `?` leave on its own.
    pub(super) fn framed(&mut self, body: impl FnOnce(&mut Self) -> Fact<'a>) -> Fact<'a> {
        let dead = self.env.dead;
        self.frames.push(Frame::default());
        let loops = std::mem::take(&mut self.loops);
        let tail = body(self);
        self.loops = loops;
        self.env.dead = dead;
        let frame = self.frames.pop().unwrap_or_default();
        match frame.result {
            Some(result) => result.join(&tail),
            None => tail,
        }
    }

    /// A closure where it is written: run with nothing known of what it will be given.
    fn closure_value(&mut self, expr: &'a Expr, closure: &'a syn::ExprClosure) -> Fact<'a> {
        let result = self.run_closure(closure, &[]);
        Fact { expr: Some(expr), ..result }
    }

    /// Runs a closure, with facts for its parameters as far as they are known.
    pub(super) fn run_closure(&mut self, closure: &'a syn::ExprClosure, given: &[Fact<'a>]) -> Fact<'a> {
        let scope = self.env.len();
        let before = self.env.clone();
        let result = self.framed(|analysis| {
            for (at, pat) in closure.inputs.iter().enumerate() {
                let mut fact = given.get(at).cloned().unwrap_or_else(Fact::unknown);
                if let syn::Pat::Type(typed) = pat {
                    fact = analysis.cut_by_annotation(fact, &typed.ty);
                }
                analysis.bind(pat, &fact);
            }
            analysis.eval(&closure.body)
        });
        self.env.truncate(scope);
        // It may run or not.
        self.meet(before);
        result.outliving(scope)
    }

    /// Notes that a value reaches a sink.
    pub(super) fn sink(&mut self, found: SinkUse<'a>) {
        if self.env.dead {
            return;
        }
        let key = (found.argument, found.purpose, found.via.as_ref().map(|via| via.span));
        match self.sink_at.entry(key) {
            Entry::Occupied(at) => {
                if let Some(known) = self.sinks.get_mut(*at.get()) {
                    known.value = known.value.join(&found.value);
                }
            }
            Entry::Vacant(entry) => {
                entry.insert(self.sinks.len());
                self.sinks.push(found);
            }
        }
    }

    /// Notes that an argument of a call is used for a purpose.
    pub(super) fn argument_sink(
        &mut self,
        call: &Expr,
        argument: &'a Expr,
        fact: &Fact<'a>,
        purpose: Purpose,
        sink: &str,
    ) {
        self.sink(SinkUse {
            call: self.span(call),
            argument: self.span(argument),
            expr: Some(argument),
            purpose,
            value: fact.value.clone(),
            sink: sink.to_owned(),
            via: None::<Via>,
        });
    }
}

pub(super) fn member(member: &syn::Member) -> String {
    match member {
        syn::Member::Named(name) => name.to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

fn literal<'a>(lit: &syn::Lit) -> Fact<'a> {
    match lit {
        syn::Lit::Str(text) => Fact::text(&text.value()),
        syn::Lit::Char(char) => Fact::text(&char.value().to_string()),
        syn::Lit::Int(_) | syn::Lit::Float(_) | syn::Lit::Bool(_) => Fact::scalar(),
        _ => Fact::fixed(),
    }
}

fn constant_fact<'a>(constant: &Constant) -> Fact<'a> {
    match constant {
        Constant::Str(text) => Fact::text(text),
        Constant::Char(char) => Fact::text(&char.to_string()),
        Constant::Bool(_) | Constant::Int(_) | Constant::Float(_) | Constant::Duration(_) => Fact::scalar(),
        _ => Fact::fixed(),
    }
}

/// The result of arithmetic: a number with the origins of both.
fn arithmetic<'a>(left: &Fact<'a>, right: &Fact<'a>) -> Fact<'a> {
    Fact { text: None, parts: None, ..left.join(right) }.into_scalar()
}

/// Whether an expression reads as a condition that a later `if` may stand on.
fn is_condition(expr: &Expr) -> bool {
    match expr {
        Expr::Binary(binary) => {
            use syn::BinOp;
            matches!(
                binary.op,
                BinOp::And(_)
                    | BinOp::Or(_)
                    | BinOp::Eq(_)
                    | BinOp::Ne(_)
                    | BinOp::Lt(_)
                    | BinOp::Le(_)
                    | BinOp::Gt(_)
                    | BinOp::Ge(_)
            )
        }
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Not(_)) && is_condition(&unary.expr),
        Expr::MethodCall(call) => {
            propagators::method(&call.method.to_string()) == Some(propagators::Method::Measure)
        }
        Expr::Macro(node) => node.mac.path.is_ident("matches"),
        Expr::Paren(inner) => is_condition(&inner.expr),
        _ => false,
    }
}

/// Marks of a fact that say what kind of text was ruled out.
pub(super) const RULED_OUT: u16 = mark::NO_PARENT | mark::NOT_ABSOLUTE;
