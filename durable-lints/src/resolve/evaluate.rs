//! Evaluates expressions whose value is fixed in source.

use proc_macro2::{Delimiter, Group, TokenTree};
use syn::{BinOp, Expr, Lit, UnOp};

use super::constants;
use super::declarations::ident;
use super::names::Names;
use super::{PackageIndex, format};
use crate::vocabulary::{ApiPath, Constant};

/// What names in an expression may mean.
pub(super) trait ValueScope<'a> {
    /// The names of the package.
    fn names(&self) -> &Names<'a>;
    /// What a path means.
    fn resolve(&self, qself: Option<&syn::QSelf>, path: &syn::Path) -> Option<ApiPath>;
    /// The value of a local binding; the outer `None` where no such binding is in scope.
    fn local(&self, state: &mut State, name: &syn::Ident) -> Option<Option<Constant>>;
}

/// What keeps an evaluation short.
#[derive(Debug, Default)]
pub(super) struct State {
    depth: usize,
    steps: u32,
    items: Vec<(*const PackageIndex, u32, u32)>,
    bindings: Vec<usize>,
    cut: bool,
}

const DEEPEST: usize = 100;
const MOST_STEPS: u32 = 50_000;
/// Arrays longer than this are fixed, and that is all that is told.
const MOST_BYTES: usize = 65_536;

impl State {
    /// Begins the evaluation of an item. Says no where it is being evaluated already.
    pub(super) fn enter(&mut self, item: (*const PackageIndex, u32, u32)) -> bool {
        if self.items.contains(&item) || self.items.len() > 32 {
            self.cut = true;
            return false;
        }
        self.items.push(item);
        true
    }

    /// Ends the evaluation of an item.
    pub(super) fn leave(&mut self) {
        self.items.pop();
    }

    /// Begins the evaluation of a local binding. Says no where it is being evaluated already.
    pub(super) fn open_binding(&mut self, binding: usize) -> bool {
        if self.bindings.contains(&binding) {
            self.cut = true;
            return false;
        }
        self.bindings.push(binding);
        true
    }

    /// Ends the evaluation of a local binding.
    pub(super) fn close_binding(&mut self) {
        self.bindings.pop();
    }

    /// Whether something was left out.
    pub(super) fn was_cut(&self) -> bool {
        self.cut
    }

    /// Whether no item is being evaluated.
    pub(super) fn is_outermost(&self) -> bool {
        self.items.is_empty() && self.depth == 0
    }

    pub(super) fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.steps += 1;
        if self.depth >= DEEPEST || self.steps > MOST_STEPS {
            self.cut = true;
            return None;
        }
        self.depth += 1;
        let found = run(self);
        self.depth -= 1;
        found
    }
}

type Scope<'s, 'a> = &'s dyn ValueScope<'a>;

/// The value of an expression.
pub(super) fn value<'a>(scope: Scope<'_, 'a>, state: &mut State, expr: &Expr) -> Option<Constant> {
    state.deeper(|state| evaluate(scope, state, expr))
}

/// The value of a block: of its last expression, where nothing comes before that.
pub(super) fn block<'a>(scope: Scope<'_, 'a>, state: &mut State, block: &syn::Block) -> Option<Constant> {
    let (last, before) = block.stmts.split_last()?;
    // What comes before is harmless where it declares items or binds names, which scopes know.
    let harmless = |stmt: &syn::Stmt| matches!(stmt, syn::Stmt::Item(_) | syn::Stmt::Local(_));
    if !before.iter().all(harmless) {
        return None;
    }
    match last {
        syn::Stmt::Expr(Expr::Return(returned), _) => value(scope, state, returned.expr.as_deref()?),
        syn::Stmt::Expr(expr, None) => value(scope, state, expr),
        syn::Stmt::Macro(mac) if mac.semi_token.is_none() => {
            state.deeper(|state| of_macro(scope, state, &mac.mac))
        }
        _ => None,
    }
}

fn evaluate<'a>(scope: Scope<'_, 'a>, state: &mut State, expr: &Expr) -> Option<Constant> {
    match expr {
        Expr::Lit(lit) => literal(&lit.lit),
        Expr::Path(path) => of_path(scope, state, path),
        Expr::Paren(inner) => value(scope, state, &inner.expr),
        Expr::Group(inner) => value(scope, state, &inner.expr),
        // What is lent for writing is about to change.
        Expr::Reference(inner) if inner.mutability.is_none() => value(scope, state, &inner.expr),
        Expr::Unary(unary) => of_unary(&unary.op, value(scope, state, &unary.expr)?),
        Expr::Binary(binary) => {
            let left = value(scope, state, &binary.left)?;
            let right = value(scope, state, &binary.right)?;
            of_binary(&binary.op, left, right)
        }
        Expr::Cast(cast) => of_cast(value(scope, state, &cast.expr)?, &cast.ty),
        Expr::Array(array) => list(scope, state, array.elems.iter()),
        Expr::Tuple(tuple) => {
            let parts: Option<Vec<_>> = tuple.elems.iter().map(|part| value(scope, state, part)).collect();
            parts.map(Constant::List)
        }
        Expr::Repeat(repeat) => {
            let element = value(scope, state, &repeat.expr)?;
            Some(repeated(element, is_byte(&repeat.expr), value(scope, state, &repeat.len)))
        }
        Expr::Index(index) => of_index(scope, state, index),
        Expr::Field(field) => of_field(scope, state, field),
        Expr::Block(inner) if inner.label.is_none() => block(scope, state, &inner.block),
        Expr::Unsafe(inner) => block(scope, state, &inner.block),
        Expr::Const(inner) => block(scope, state, &inner.block),
        Expr::If(branch) => {
            let (_, otherwise) = branch.else_branch.as_ref()?;
            let values = [block(scope, state, &branch.then_branch)?, value(scope, state, otherwise)?];
            same(values.into_iter())
        }
        Expr::Match(choice) => {
            let arms = choice.arms.iter().filter(|arm| !diverges(&arm.body));
            let values: Option<Vec<_>> = arms.map(|arm| value(scope, state, &arm.body)).collect();
            same(values?.into_iter())
        }
        Expr::Struct(literal) => {
            let fixed = literal.rest.is_none()
                && literal.fields.iter().all(|field| value(scope, state, &field.expr).is_some());
            fixed.then_some(Constant::Opaque)
        }
        Expr::Macro(mac) => of_macro(scope, state, &mac.mac),
        Expr::Call(call) => of_call(scope, state, call),
        Expr::MethodCall(call) => of_method(scope, state, call),
        Expr::Try(inner) => value(scope, state, &inner.expr),
        _ => None,
    }
}

/// Whether an arm gives no value because it leaves.
fn diverges(expr: &Expr) -> bool {
    match expr {
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
        Expr::Macro(mac) => mac.mac.path.segments.last().is_some_and(|name| {
            ["panic", "unreachable", "todo", "unimplemented", "bail"].iter().any(|known| name.ident == known)
        }),
        _ => false,
    }
}

/// The one value that all branches have; fixed but not followed where they differ.
fn same(mut values: impl Iterator<Item = Constant>) -> Option<Constant> {
    let first = values.next()?;
    Some(if values.all(|value| value == first) { first } else { Constant::Opaque })
}

fn literal(lit: &Lit) -> Option<Constant> {
    Some(match lit {
        Lit::Str(text) => Constant::Str(text.value().into()),
        Lit::ByteStr(bytes) => Constant::Bytes(bytes.value().into()),
        Lit::CStr(text) => Constant::Bytes(text.value().into_bytes().into()),
        Lit::Byte(byte) => Constant::Int(byte.value().into()),
        Lit::Char(character) => Constant::Char(character.value()),
        Lit::Int(number) => Constant::Int(number.base10_parse().ok()?),
        Lit::Float(number) => Constant::Float(number.base10_parse().ok()?),
        Lit::Bool(value) => Constant::Bool(value.value),
        _ => return None,
    })
}

fn of_path<'a>(scope: Scope<'_, 'a>, state: &mut State, path: &syn::ExprPath) -> Option<Constant> {
    if path.qself.is_none()
        && let Some(name) = path.path.get_ident()
        && let Some(local) = scope.local(state, name)
    {
        return local;
    }
    let resolved = scope.resolve(path.qself.as_ref(), &path.path)?;
    if let Some(limit) = limit(&resolved) {
        return Some(limit);
    }
    if let Some(definition) = scope.names().definition(&resolved) {
        use crate::outline::ItemKind::{Const, Static, Struct};
        return match definition.file.outline.items[definition.item as usize].kind {
            Const | Static => constants::of_path_in(scope.names(), state, &resolved),
            // A unit struct; the constructor of a tuple struct is no value that matters.
            Struct => Some(Constant::Opaque),
            _ => None,
        };
    }
    // Constants of other crates are fixed, and so are variants without fields.
    let name = resolved.name();
    let is_constant = name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let is_variant = name.starts_with(|c: char| c.is_uppercase())
        && resolved.0.rsplit("::").nth(1).is_some_and(|owner| owner.starts_with(|c: char| c.is_uppercase()));
    (is_constant || is_variant).then_some(Constant::Opaque)
}

/// `u32::MAX` and its like.
fn limit(path: &ApiPath) -> Option<Constant> {
    let (owner, name) = path.0.strip_prefix("std::").unwrap_or(&path.0).split_once("::")?;
    let bits: u32 = match owner.trim_start_matches(['u', 'i']) {
        "8" => 8,
        "16" => 16,
        "32" => 32,
        "64" | "size" => 64,
        _ => return None,
    };
    let signed = owner.starts_with('i');
    match name {
        "MAX" if signed => Some(Constant::Int((1 << (bits - 1)) - 1)),
        "MAX" => Some(Constant::Int((1 << bits) - 1)),
        "MIN" if signed => Some(Constant::Int(-(1 << (bits - 1)))),
        "MIN" => Some(Constant::Int(0)),
        "BITS" => Some(Constant::Int(bits.into())),
        _ => None,
    }
}

fn of_unary(op: &UnOp, operand: Constant) -> Option<Constant> {
    match (op, operand) {
        (UnOp::Deref(_), value) => Some(value),
        (UnOp::Not(_), Constant::Bool(value)) => Some(Constant::Bool(!value)),
        (UnOp::Neg(_), Constant::Int(value)) => value.checked_neg().map(Constant::Int),
        (UnOp::Neg(_), Constant::Float(value)) => Some(Constant::Float(-value)),
        // What `!` gives depends on the width.
        (_, _) => Some(Constant::Opaque),
    }
}

fn of_binary(op: &BinOp, left: Constant, right: Constant) -> Option<Constant> {
    use Constant::{Bool, Duration, Float, Int, Opaque, Str};
    Some(match (op, left, right) {
        (BinOp::And(_), Bool(a), Bool(b)) => Bool(a && b),
        (BinOp::Or(_), Bool(a), Bool(b)) => Bool(a || b),
        (BinOp::Eq(_), a, b) if a != Opaque && b != Opaque => Bool(a == b),
        (BinOp::Ne(_), a, b) if a != Opaque && b != Opaque => Bool(a != b),
        (op, Int(a), Int(b)) => of_integers(op, a, b)?,
        (BinOp::Add(_), Float(a), Float(b)) => Float(a + b),
        (BinOp::Sub(_), Float(a), Float(b)) => Float(a - b),
        (BinOp::Mul(_), Float(a), Float(b)) => Float(a * b),
        (BinOp::Div(_), Float(a), Float(b)) => Float(a / b),
        (BinOp::Add(_), Str(a), Str(b)) => Str(format!("{a}{b}").into()),
        (BinOp::Add(_), Duration(a), Duration(b)) => Duration(a.checked_add(b)?),
        (BinOp::Sub(_), Duration(a), Duration(b)) => Duration(a.checked_sub(b)?),
        (BinOp::Mul(_), Duration(a), Int(b)) => Duration(a.checked_mul(b.try_into().ok()?)?),
        (BinOp::Div(_), Duration(a), Int(b)) => Duration(a.checked_div(b.try_into().ok()?)?),
        (BinOp::AddAssign(_) | BinOp::SubAssign(_) | BinOp::MulAssign(_) | BinOp::DivAssign(_), ..) => {
            return None;
        }
        _ => Opaque,
    })
}

fn of_integers(op: &BinOp, a: i128, b: i128) -> Option<Constant> {
    use Constant::{Bool, Int};
    Some(match op {
        BinOp::Add(_) => Int(a.checked_add(b)?),
        BinOp::Sub(_) => Int(a.checked_sub(b)?),
        BinOp::Mul(_) => Int(a.checked_mul(b)?),
        BinOp::Div(_) => Int(a.checked_div(b)?),
        BinOp::Rem(_) => Int(a.checked_rem(b)?),
        BinOp::Shl(_) => {
            let by = u32::try_from(b).ok().filter(|by| *by < 120)?;
            Int(a.checked_mul(1i128.checked_shl(by)?)?)
        }
        BinOp::Shr(_) => Int(a.checked_shr(u32::try_from(b).ok()?)?),
        BinOp::BitAnd(_) => Int(a & b),
        BinOp::BitOr(_) => Int(a | b),
        BinOp::BitXor(_) => Int(a ^ b),
        BinOp::Lt(_) => Bool(a < b),
        BinOp::Le(_) => Bool(a <= b),
        BinOp::Gt(_) => Bool(a > b),
        BinOp::Ge(_) => Bool(a >= b),
        _ => return None,
    })
}

fn of_cast(operand: Constant, ty: &syn::Type) -> Option<Constant> {
    let syn::Type::Path(path) = ty else { return Some(operand) };
    let name = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
    Some(match (operand, name.as_str()) {
        (Constant::Int(value), "u8") => Constant::Int(i128::from(value as u8)),
        (Constant::Int(value), "i8") => Constant::Int(i128::from(value as i8)),
        (Constant::Int(value), "u16") => Constant::Int(i128::from(value as u16)),
        (Constant::Int(value), "i16") => Constant::Int(i128::from(value as i16)),
        (Constant::Int(value), "u32") => Constant::Int(i128::from(value as u32)),
        (Constant::Int(value), "i32") => Constant::Int(i128::from(value as i32)),
        (Constant::Int(value), "u64" | "usize") => Constant::Int(i128::from(value as u64)),
        (Constant::Int(value), "i64" | "isize") => Constant::Int(i128::from(value as i64)),
        (Constant::Int(value), "f32" | "f64") => Constant::Float(value as f64),
        (Constant::Int(value), "char") => Constant::Char(u8::try_from(value).ok()?.into()),
        (Constant::Char(value), "u8" | "u32" | "u64" | "usize") => Constant::Int((value as u32).into()),
        (Constant::Bool(value), _) => Constant::Int(value.into()),
        (Constant::Float(value), "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64") => {
            Constant::Int(value as i128)
        }
        (value, _) => value,
    })
}

/// Whether an element says by itself that it is a byte.
fn is_byte(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Byte(_) => true,
            Lit::Int(number) => number.suffix() == "u8",
            _ => false,
        },
        Expr::Cast(cast) => matches!(&*cast.ty, syn::Type::Path(path) if path.path.is_ident("u8")),
        _ => false,
    }
}

fn list<'a, 'e>(
    scope: Scope<'_, 'a>,
    state: &mut State,
    elements: impl ExactSizeIterator<Item = &'e Expr> + Clone,
) -> Option<Constant> {
    let bytes = elements.clone().any(is_byte);
    let long = elements.len() > MOST_BYTES;
    let values: Option<Vec<Constant>> = elements.map(|element| value(scope, state, element)).collect();
    let values = values?;
    if long {
        return Some(Constant::Opaque);
    }
    let all = Constant::List(values);
    Some(match all.to_bytes() {
        Some(raw) if bytes => Constant::Bytes(raw.into()),
        _ => all,
    })
}

fn repeated(element: Constant, is_byte: bool, len: Option<Constant>) -> Constant {
    // A length that is not known (a generic constant) still repeats what is known.
    let Some(len) = len.as_ref().and_then(Constant::as_int).and_then(|len| usize::try_from(len).ok()) else {
        return Constant::Opaque;
    };
    match element.as_int().and_then(|byte| u8::try_from(byte).ok()) {
        _ if len > MOST_BYTES => Constant::Opaque,
        Some(byte) if is_byte => Constant::Bytes(vec![byte; len].into()),
        Some(_) | None if len <= 4096 => Constant::List(vec![element; len]),
        _ => Constant::Opaque,
    }
}

fn of_index<'a>(scope: Scope<'_, 'a>, state: &mut State, index: &syn::ExprIndex) -> Option<Constant> {
    let whole = value(scope, state, &index.expr)?;
    let Expr::Range(range) = &*index.index else {
        let at = value(scope, state, &index.index)?;
        let at = at.as_int().and_then(|at| usize::try_from(at).ok());
        return match (whole, at) {
            (Constant::List(parts), Some(at)) => parts.get(at).cloned(),
            (Constant::Bytes(bytes), Some(at)) => bytes.get(at).map(|byte| Constant::Int((*byte).into())),
            _ => Some(Constant::Opaque),
        };
    };
    if range.start.is_none() && range.end.is_none() {
        return Some(whole);
    }
    let mut end_of = |end: &Option<Box<Expr>>, otherwise: usize| match end {
        Some(end) => value(scope, state, end).and_then(|at| usize::try_from(at.as_int()?).ok()),
        None => Some(otherwise),
    };
    let len = match &whole {
        Constant::Str(text) => text.len(),
        Constant::Bytes(bytes) => bytes.len(),
        Constant::List(parts) => parts.len(),
        _ => return Some(Constant::Opaque),
    };
    let inclusive = usize::from(matches!(range.limits, syn::RangeLimits::Closed(_)) && range.end.is_some());
    // A part of what is fixed is fixed only where its ends are.
    let (from, to) = (end_of(&range.start, 0)?, end_of(&range.end, len)?.checked_add(inclusive)?);
    match whole {
        Constant::Str(text) => text.get(from..to).map(|part| Constant::Str(part.into())),
        Constant::Bytes(bytes) => bytes.get(from..to).map(|part| Constant::Bytes(part.into())),
        Constant::List(parts) => parts.get(from..to).map(|part| Constant::List(part.to_vec())),
        _ => None,
    }
}

fn of_field<'a>(scope: Scope<'_, 'a>, state: &mut State, field: &syn::ExprField) -> Option<Constant> {
    match (value(scope, state, &field.base)?, &field.member) {
        (Constant::List(parts), syn::Member::Unnamed(at)) => parts.get(at.index as usize).cloned(),
        (Constant::Opaque, _) => Some(Constant::Opaque),
        _ => None,
    }
}

fn of_macro<'a>(scope: Scope<'_, 'a>, state: &mut State, mac: &syn::Macro) -> Option<Constant> {
    let name = ident(&mac.path.segments.last()?.ident);
    match &*name {
        "concat" => {
            let mut text = String::new();
            for part in arguments(mac)? {
                text.push_str(&value(scope, state, &part)?.displayed()?);
            }
            Some(Constant::Str(text.into()))
        }
        "include_str" | "include_bytes" => {
            let file = arguments(mac)?.into_iter().next()?;
            let path = embedded_path(&file).or_else(|| value(scope, state, &file)?.displayed())?;
            Some(Constant::Embedded(path.into()))
        }
        "hex" => hex(&value(scope, state, arguments(mac)?.first()?)?),
        "vec" | "array" | "smallvec" | "bytes" => {
            let list: TokenTree = Group::new(Delimiter::Bracket, mac.tokens.clone()).into();
            value(scope, state, &syn::parse2(list.into()).ok()?)
        }
        "stringify" => Some(Constant::Str(mac.tokens.to_string().into())),
        "module_path" | "file" | "line" | "column" => Some(Constant::Opaque),
        "format" | "format_args" | "formatcp" | "concatcp" | "const_format" => {
            format::value(scope, state, &arguments(mac)?)
        }
        "cstr" => value(scope, state, arguments(mac)?.first()?),
        _ => None,
    }
}

/// The path inside `include_str!` and its like: literals, and the folder that cargo puts in front.
fn embedded_path(expr: &Expr) -> Option<String> {
    let Expr::Macro(mac) = expr else { return None };
    let args = arguments(&mac.mac)?;
    match mac.mac.path.segments.last()?.ident.to_string().as_str() {
        "env" => match args.first()? {
            Expr::Lit(syn::ExprLit { lit: Lit::Str(name), .. }) => Some(format!("${}", name.value())),
            _ => None,
        },
        "concat" => {
            let part = |part: &Expr| match part {
                Expr::Lit(lit) => literal(&lit.lit)?.displayed(),
                other => embedded_path(other),
            };
            args.iter().map(part).collect()
        }
        _ => None,
    }
}

/// The arguments of a macro, where they are expressions.
pub(super) fn arguments(mac: &syn::Macro) -> Option<Vec<Expr>> {
    let parser = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
    mac.parse_body_with(parser).ok().map(|args| args.into_iter().collect())
}

fn hex(text: &Constant) -> Option<Constant> {
    let Some(text) = text.as_str() else { return Some(Constant::Opaque) };
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | ':'))
        .map(|c| c.to_digit(16).map(|digit| digit as u8))
        .collect();
    let bytes: Vec<u8> =
        digits?.chunks(2).map(|pair| pair.iter().fold(0, |all, digit| all * 16 + digit)).collect();
    Some(Constant::Bytes(bytes.into()))
}

/// Functions of one argument that hand it on, whatever type they make of it.
const CONVERSIONS: &[&str] = &[
    "from",
    "from_slice",
    "from_bytes",
    "from_array",
    "from_static",
    "from_str",
    "try_from",
    "clone_from_slice",
    "from_iter",
    "from_string",
];

fn of_call<'a>(scope: Scope<'_, 'a>, state: &mut State, call: &syn::ExprCall) -> Option<Constant> {
    let Expr::Path(function) = &*call.func else { return None };
    let path = scope.resolve(function.qself.as_ref(), &function.path)?;
    let args: Vec<&Expr> = call.args.iter().collect();
    if let Some(duration) = of_duration(scope, state, &path, &args) {
        return Some(duration);
    }
    let (owner, name) = path.0.rsplit_once("::")?;
    match (args.as_slice(), name) {
        ([], "new") if matches!(owner, "std::string::String") => Some(Constant::Str("".into())),
        ([], _) => constants::of_path_in(scope.names(), state, &path),
        ([closure], "new") if is_lazy(owner) => match closure {
            Expr::Closure(closure) if closure.inputs.is_empty() => value(scope, state, &closure.body),
            _ => None,
        },
        ([one], "new") if is_wrapper(owner) => value(scope, state, one),
        ([one], "Some" | "Ok") if owner.starts_with("std::") => value(scope, state, one),
        ([one], "as_bytes" | "from_utf8" | "from_utf8_unchecked")
            if owner.starts_with("std::") || owner == "str" =>
        {
            value(scope, state, one)
        }
        ([one, ..], "decode") if path.krate() == "hex" => hex(&value(scope, state, one)?),
        ([one, ..], "decode") if path.krate() == "base64" => {
            value(scope, state, one).map(|_| Constant::Opaque)
        }
        ([one], name) if CONVERSIONS.contains(&name) => {
            // What a conversion of the workspace does is its own business.
            let own = scope.names().find(owner).is_some();
            value(scope, state, one).map(|value| if own { Constant::Opaque } else { value })
        }
        _ => None,
    }
}

fn is_wrapper(owner: &str) -> bool {
    matches!(
        owner,
        "std::sync::Arc"
            | "std::rc::Rc"
            | "std::boxed::Box"
            | "std::path::Path"
            | "std::ffi::OsStr"
            | "std::ffi::CString"
            | "zeroize::Zeroizing"
    )
}

fn is_lazy(owner: &str) -> bool {
    matches!(
        owner,
        "std::sync::LazyLock"
            | "std::cell::LazyCell"
            | "once_cell::sync::Lazy"
            | "once_cell::unsync::Lazy"
            | "lazy_static::lazy::Lazy"
    )
}

fn of_duration<'a>(
    scope: Scope<'_, 'a>,
    state: &mut State,
    path: &ApiPath,
    args: &[&Expr],
) -> Option<Constant> {
    let (owner, name) = path.0.rsplit_once("::")?;
    if !matches!(owner, "std::time::Duration" | "chrono::Duration" | "chrono::TimeDelta" | "time::Duration") {
        return None;
    }
    let name = name.trim_start_matches("try_");
    let unit: u128 = match name.strip_prefix("from_").unwrap_or(name) {
        "nanos" | "nanoseconds" => 1,
        "micros" | "microseconds" => 1_000,
        "millis" | "milliseconds" => 1_000_000,
        "secs" | "seconds" | "secs_f64" | "secs_f32" => 1_000_000_000,
        "mins" | "minutes" => 60_000_000_000,
        "hours" => 3_600_000_000_000,
        "days" => 86_400_000_000_000,
        "weeks" => 604_800_000_000_000,
        "zero" => return Some(Constant::Duration(0)),
        _ => return None,
    };
    match value(scope, state, args.first()?)? {
        Constant::Int(count) => Some(Constant::Duration(u128::try_from(count).ok()?.checked_mul(unit)?)),
        Constant::Float(count) if count >= 0.0 => Some(Constant::Duration((count * unit as f64) as u128)),
        _ => Some(Constant::Opaque),
    }
}

/// Methods that hand on what they are called on.
const IDENTITIES: &[&str] = &[
    "as_bytes",
    "as_path",
    "as_ref",
    "as_slice",
    "as_str",
    "borrow",
    "boxed",
    "clone",
    "cloned",
    "copied",
    "deref",
    "expect",
    "into",
    "into_boxed_slice",
    "into_boxed_str",
    "into_bytes",
    "into_owned",
    "into_string",
    "into_vec",
    "iter",
    "into_iter",
    "ok",
    "to_bytes",
    "to_owned",
    "to_path_buf",
    "to_string",
    "to_vec",
    "try_into",
    "unwrap",
    "leak",
    "collect",
    "unwrap_or_default",
];

fn of_method<'a>(scope: Scope<'_, 'a>, state: &mut State, call: &syn::ExprMethodCall) -> Option<Constant> {
    let name = ident(&call.method);
    // `STANDARD.decode(text)`: what is decoded is fixed where the text is.
    if &*name == "decode" && call.args.len() == 1 {
        value(scope, state, &call.receiver)?;
        value(scope, state, call.args.first()?)?;
        return Some(Constant::Opaque);
    }
    if call.args.is_empty() || matches!(&*name, "expect") {
        let receiver = value(scope, state, &call.receiver)?;
        return of_plain_method(&name, receiver);
    }
    let receiver = value(scope, state, &call.receiver)?;
    let args: Option<Vec<Constant>> = call.args.iter().map(|arg| value(scope, state, arg)).collect();
    match (&*name, receiver, args?.as_slice()) {
        ("repeat", Constant::Str(text), [Constant::Int(times)]) => {
            let times = usize::try_from(*times).ok()?;
            let short = text.len().checked_mul(times).is_some_and(|len| len <= MOST_BYTES);
            Some(if short { Constant::Str(text.repeat(times).into()) } else { Constant::Opaque })
        }
        ("pow", Constant::Int(base), [Constant::Int(exponent)]) => {
            base.checked_pow(u32::try_from(*exponent).ok()?).map(Constant::Int)
        }
        ("max", Constant::Int(a), [Constant::Int(b)]) => Some(Constant::Int(a.max(*b))),
        ("min", Constant::Int(a), [Constant::Int(b)]) => Some(Constant::Int(a.min(*b))),
        ("join", Constant::List(parts), [Constant::Str(between)]) => {
            let parts: Option<Vec<String>> = parts.iter().map(Constant::displayed).collect();
            Some(parts.map_or(Constant::Opaque, |parts| Constant::Str(parts.join(between).into())))
        }
        (
            "join" | "replace" | "trim_matches" | "trim_end_matches" | "trim_start_matches"
            | "saturating_mul" | "saturating_add" | "wrapping_add" | "wrapping_mul" | "unwrap_or" | "concat"
            | "with_capacity",
            ..,
        ) => Some(Constant::Opaque),
        _ => None,
    }
}

fn of_plain_method(name: &str, receiver: Constant) -> Option<Constant> {
    Some(match (name, receiver) {
        ("as_bytes" | "into_bytes", Constant::Str(text)) => Constant::Bytes(text.as_bytes().into()),
        (name, value) if IDENTITIES.contains(&name) => value,
        ("len", value) => match value {
            Constant::Str(text) => Constant::Int(text.len() as i128),
            Constant::Bytes(bytes) => Constant::Int(bytes.len() as i128),
            Constant::List(parts) => Constant::Int(parts.len() as i128),
            _ => Constant::Opaque,
        },
        ("concat", Constant::List(parts)) => {
            let parts: Option<String> = parts.iter().map(Constant::displayed).collect();
            parts.map_or(Constant::Opaque, |text| Constant::Str(text.into()))
        }
        ("trim", Constant::Str(text)) => Constant::Str(text.trim().into()),
        ("to_lowercase" | "to_ascii_lowercase", Constant::Str(text)) => {
            Constant::Str(text.to_lowercase().into())
        }
        ("to_uppercase" | "to_ascii_uppercase", Constant::Str(text)) => {
            Constant::Str(text.to_uppercase().into())
        }
        (
            "trim" | "parse" | "as_secs" | "as_millis" | "to_be_bytes" | "to_le_bytes" | "to_ne_bytes"
            | "trim_end" | "trim_start",
            _,
        ) => Constant::Opaque,
        _ => return None,
    })
}
