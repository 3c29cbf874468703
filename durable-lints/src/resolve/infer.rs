//! The types of expressions, as far as annotations, constructors, fields, signatures of the
//! workspace and modelled return types tell. What is not known stays unknown.

use syn::{Expr, Lit};

use super::bindings::{Local, Source, Step, address};
use super::declarations::ident;
use super::locals::{Unit, place};
use super::std_methods;
use super::types::{self, read_args, read_path};
use crate::models;
use crate::outline::ItemKind;
use crate::vocabulary::{ApiPath, Ty};

/// How deep one question may lead; chains of calls are as deep as they are long.
const DEEPEST: usize = 150;
/// How many expressions one question may lead through.
const MOST_STEPS: usize = 10_000;
/// How many layers of pointers and wrappers a method may lie behind.
const MOST_LAYERS: usize = 6;

const STRING: &str = "std::string::String";

impl<'a> Unit<'_, 'a> {
    /// The type of an expression.
    pub(super) fn type_of(&self, expr: &'a Expr) -> Option<Ty> {
        // Wrappers of nothing are cheaper to see through than to look up.
        match expr {
            Expr::Paren(inner) => return self.type_of(&inner.expr),
            Expr::Group(inner) => return self.type_of(&inner.expr),
            Expr::Lit(lit) => return literal(&lit.lit),
            _ => {}
        }
        let locals = self.locals;
        if let Some(known) = locals.types.borrow().get(&address(expr)) {
            return known.clone();
        }
        locals.steps.set(if locals.depth.get() == 0 { 0 } else { locals.steps.get() + 1 });
        if locals.depth.get() >= DEEPEST || locals.steps.get() > MOST_STEPS {
            locals.cut.set(true);
            return None;
        }
        locals.depth.set(locals.depth.get() + 1);
        let found = self.infer(expr).and_then(Ty::known);
        locals.depth.set(locals.depth.get() - 1);
        if locals.depth.get() == 0 {
            locals.types.borrow_mut().insert(address(expr), found.clone());
            locals.cut.set(false);
        } else if !locals.cut.get() {
            locals.types.borrow_mut().insert(address(expr), found.clone());
        }
        found
    }

    fn infer(&self, expr: &'a Expr) -> Option<Ty> {
        match expr {
            Expr::Path(path) => self.type_of_path(path),
            Expr::Reference(inner) => self.type_of(&inner.expr),
            Expr::Unary(unary) => {
                let ty = self.type_of(&unary.expr)?;
                match unary.op {
                    syn::UnOp::Deref(_) => Some(pointee(&ty).unwrap_or(ty)),
                    _ => Some(ty),
                }
            }
            Expr::Try(inner) => Some(unwrapped(self.type_of(&inner.expr)?)),
            Expr::Await(inner) => {
                let ty = self.type_of(&inner.base)?;
                if ty.is_any(&["std::future::Future"]) { ty.arg(0) } else { Some(ty) }
            }
            Expr::Cast(cast) => types::read(self, &cast.ty),
            Expr::Call(call) => self.type_of_call(call),
            Expr::MethodCall(call) => self.type_of_method(call),
            Expr::Field(field) => {
                let name = match &field.member {
                    syn::Member::Named(name) => ident(name).to_string(),
                    syn::Member::Unnamed(at) => at.index.to_string(),
                };
                self.code.names.field(&self.type_of(&field.base)?, &name)
            }
            Expr::Index(index) => {
                let ty = self.type_of(&index.expr)?.peeled().clone();
                if matches!(&*index.index, Expr::Range(_)) {
                    return Some(if ty.is_any(&[STRING]) { Ty::plain("str") } else { ty });
                }
                match ty.path.name() {
                    "HashMap" | "BTreeMap" | "IndexMap" => ty.arg(1),
                    _ => ty.item(),
                }
            }
            Expr::Struct(literal) => self.type_at_path(&literal.path),
            Expr::Tuple(tuple) => {
                Some(Ty::tuple(tuple.elems.iter().map(|part| self.type_of(part)).collect()))
            }
            Expr::Array(array) => {
                Some(Ty::of("[array]", array.elems.first().and_then(|first| self.type_of(first))))
            }
            Expr::Repeat(repeat) => Some(Ty::of("[array]", self.type_of(&repeat.expr))),
            Expr::Range(range) => {
                let ends = [&range.start, &range.end];
                Some(Ty::of("std::ops::Range", ends.into_iter().flatten().find_map(|end| self.type_of(end))))
            }
            Expr::Block(block) => self.type_of_block(&block.block),
            Expr::Unsafe(block) => self.type_of_block(&block.block),
            Expr::Async(block) => self.type_of_block(&block.block),
            Expr::Const(block) => self.type_of_block(&block.block),
            Expr::If(branch) => {
                let otherwise = || self.type_of(&branch.else_branch.as_ref()?.1);
                self.type_of_block(&branch.then_branch).or_else(otherwise)
            }
            Expr::Match(choice) => choice.arms.iter().find_map(|arm| self.type_of(&arm.body)),
            Expr::Closure(_) => Some(Ty::plain("{closure}")),
            Expr::Binary(binary) => self.type_of_binary(binary),
            Expr::Macro(mac) => self.type_of_macro(&mac.mac),
            _ => None,
        }
    }

    fn type_of_block(&self, block: &'a syn::Block) -> Option<Ty> {
        match block.stmts.last()? {
            syn::Stmt::Expr(expr, None) => self.type_of(expr),
            syn::Stmt::Macro(mac) if mac.semi_token.is_none() => self.type_of_macro(&mac.mac),
            _ => None,
        }
    }

    fn type_of_binary(&self, binary: &'a syn::ExprBinary) -> Option<Ty> {
        use syn::BinOp::*;
        match binary.op {
            And(_) | Or(_) | Eq(_) | Ne(_) | Lt(_) | Le(_) | Gt(_) | Ge(_) => Some(Ty::plain("bool")),
            Add(_) | Sub(_) | Mul(_) | Div(_) | Rem(_) | BitXor(_) | BitAnd(_) | BitOr(_) | Shl(_)
            | Shr(_) => self.type_of(&binary.left).or_else(|| self.type_of(&binary.right)),
            _ => None,
        }
    }

    fn type_of_macro(&self, mac: &'a syn::Macro) -> Option<Ty> {
        let name = ident(&mac.path.segments.last()?.ident);
        match &*name {
            "format" => Some(Ty::plain(STRING)),
            "concat" | "stringify" | "env" | "include_str" | "file" | "module_path" => Some(Ty::plain("str")),
            "include_bytes" => Some(Ty::of("[array]", Some(Ty::plain("u8")))),
            "vec" => {
                let first = self.code.expansion(mac)?.args.first();
                Some(Ty::of("std::vec::Vec", first.and_then(|arg| self.type_of(&arg.expr))))
            }
            "json" => Some(Ty::plain("serde_json::Value")),
            "matches" | "cfg" => Some(Ty::plain("bool")),
            _ => None,
        }
    }

    /// The type of a binding, constant, unit struct or variant.
    fn type_of_path(&self, path: &'a syn::ExprPath) -> Option<Ty> {
        if path.qself.is_none()
            && let Some(name) = path.path.get_ident()
        {
            if name == "self" {
                return types::TypeScope::self_ty(self);
            }
            if let Some(binding) = self.binding(name) {
                return self.type_of_binding(binding);
            }
            if let Some((_, Local::Value(ty, _))) = self.locals.bindings.local(&ident(name), place(name)) {
                return types::read(self, ty);
            }
        }
        let names = self.code.names;
        let resolved = self.resolve(path.qself.as_ref(), &path.path)?;
        if resolved.0 == "std::option::Option::None" {
            return Some(Ty::of("std::option::Option", None));
        }
        if let Some((index, file, item)) = names.find(&resolved.0) {
            return match index.files[file as usize].outline.items[item as usize].kind {
                ItemKind::Const | ItemKind::Static => names.value_type(index, file, item),
                ItemKind::Struct => Some(Ty::plain(resolved.0)),
                _ => None,
            };
        }
        // A variant of an enum of the workspace.
        names.signature(&resolved).filter(|found| found.params.is_empty() && !found.takes_self)?;
        let (owner, _) = resolved.0.rsplit_once("::")?;
        names.find(owner).map(|_| Ty::plain(owner))
    }

    fn type_of_binding(&self, index: usize) -> Option<Ty> {
        if let Some(known) = self.locals.binding_types.borrow().get(&index) {
            return known.clone();
        }
        self.locals.binding_types.borrow_mut().insert(index, None);
        let found = self.bound_type(index);
        if self.locals.cut.get() {
            self.locals.binding_types.borrow_mut().remove(&index);
        } else {
            self.locals.binding_types.borrow_mut().insert(index, found.clone());
        }
        found
    }

    fn bound_type(&self, index: usize) -> Option<Ty> {
        let binding = &self.locals.bindings.all[index];
        let mut ty = match (binding.declared, binding.source) {
            (Some(ty), _) => types::read(self, ty).or_else(|| self.type_of_source(binding.source)),
            (None, source) => self.type_of_source(source),
        };
        // `let x; x = value;`
        if binding.declared.is_none() && binding.way.is_empty() && matches!(binding.source, Source::Declared)
        {
            let writes = self.locals.bindings.writes.get(&binding.name)?;
            let own = |at| self.locals.bindings.at(&binding.name, at) == Some(index);
            let first = writes.iter().find(|write| own(write.at) && write.value.is_some())?;
            ty = self.type_of(first.value?);
        }
        let mut at = ty;
        for step in &binding.way {
            at = self.stepped(at, step);
        }
        at
    }

    fn type_of_source(&self, source: Source<'a>) -> Option<Ty> {
        match source {
            Source::Declared => None,
            Source::Value(value) => self.type_of(value),
            Source::Item(values) => self.type_of(values)?.item(),
            Source::Closure(closure, at) => {
                let (receiver, method) = self.locals.bindings.closures.get(&address(closure))?;
                std_methods::closure_parameter(&self.type_of(receiver)?, method, at)
            }
        }
    }

    /// One step into a pattern.
    fn stepped(&self, ty: Option<Ty>, step: &Step<'a>) -> Option<Ty> {
        let names = self.code.names;
        match step {
            Step::Part(at) => ty?.peeled().arg(*at),
            Step::Element => ty?.item(),
            Step::Unknown => None,
            Step::Positional(path, at) => {
                let resolved = self.resolve(None, path);
                match resolved.as_ref().map(|path| path.0.as_str()) {
                    Some("std::option::Option::Some" | "std::result::Result::Ok") => ty?.arg(0),
                    Some("std::result::Result::Err") => ty?.arg(1),
                    Some(resolved) => {
                        let ty = ty.unwrap_or_else(|| Ty::plain(resolved));
                        names.field(&ty, &at.to_string())
                    }
                    None => None,
                }
            }
            Step::Named(path, field) => {
                let ty = ty.or_else(|| self.resolve(None, path).map(|path| Ty::plain(path.0)))?;
                names.field(&ty, field)
            }
        }
    }

    fn type_at_path(&self, path: &syn::Path) -> Option<Ty> {
        let ty = read_path(self, path, 0)?;
        // A variant with fields is written like a struct.
        match ty.path.0.rsplit_once("::") {
            Some((owner, _)) if self.is_variant(&ty.path) => Some(Ty::plain(owner)),
            _ => Some(ty),
        }
    }

    fn is_variant(&self, path: &ApiPath) -> bool {
        let Some((owner, name)) = path.0.rsplit_once("::") else { return false };
        let found = self.code.names.find(owner);
        found.is_some_and(|(index, file, item)| {
            index.scopes(file).is_some_and(|scopes| scopes.has_variant(item, name))
        })
    }

    fn type_of_call(&self, call: &'a syn::ExprCall) -> Option<Ty> {
        let Expr::Path(function) = &*call.func else { return None };
        let path = self.resolve(function.qself.as_ref(), &function.path)?;
        let first = || self.type_of(call.args.first()?);
        match path.0.as_str() {
            "std::option::Option::Some" => return Some(Ty::of("std::option::Option", first())),
            "std::result::Result::Ok" => return Some(result(first(), None)),
            "std::result::Result::Err" => return Some(result(None, first())),
            "std::mem::take" | "std::mem::replace" => return first(),
            _ => {}
        }
        if let Some(signature) = self.code.names.signature(&path)
            && self.code.names.definition(&path).is_some()
        {
            return signature.output;
        }
        if self.is_variant(&path) {
            return Some(Ty::plain(path.0.rsplit_once("::")?.0));
        }
        // `Type::<Arg>::function` says what the type's arguments are.
        let owner_args = function.path.segments.iter().rev().nth(1);
        let mut args = owner_args.map_or_else(Vec::new, |owner| read_args(self, &owner.arguments, 0));
        let (owner, name) = path.0.rsplit_once("::")?;
        if args.is_empty()
            && matches!(name, "new" | "from" | "pin" | "new_cyclic")
            && std_methods::wraps(owner)
        {
            args.push(first().unwrap_or_else(|| Ty::plain(Ty::UNKNOWN)));
        }
        models::types::returned_from(&path, &args).or_else(|| constructed(owner, name, args))
    }

    fn type_of_method(&self, call: &'a syn::ExprMethodCall) -> Option<Ty> {
        let receiver = self.type_of(&call.receiver)?;
        let name = ident(&call.method);
        if let Some(found) = std_methods::universal(&receiver, &name) {
            return Some(found);
        }
        let mut layer = receiver;
        for _ in 0..MOST_LAYERS {
            if let Some(found) = self.method_on(&layer, &name, call) {
                return found;
            }
            layer = models::types::dereferenced(&layer)?;
        }
        None
    }

    /// What a method gives on exactly this type; the outer `None` where the type does not have it.
    fn method_on(&self, ty: &Ty, name: &str, call: &'a syn::ExprMethodCall) -> Option<Option<Ty>> {
        let path = ApiPath(format!("{}::{name}", ty.path.0));
        let names = self.code.names;
        if let Some((index, file, item)) = names.find(&path.0) {
            return Some(names.signature_of(index, file, item).and_then(|found| found.output.clone()));
        }
        if let Some(found) = models::types::returned_from(&path, &ty.args) {
            return Some(Some(found));
        }
        let closure = |at: usize| match call.args.iter().nth(at) {
            Some(Expr::Closure(closure)) => self.type_of(&closure.body),
            Some(Expr::Path(function)) => {
                let path = self.resolve(function.qself.as_ref(), &function.path)?;
                names.signature(&path)?.output
            }
            _ => None,
        };
        let turbofish = || {
            let args = syn::PathArguments::AngleBracketed(call.turbofish.clone()?);
            read_args(self, &args, 0).into_iter().next()
        };
        if let Some(found) = std_methods::returned(ty, name, &closure, &turbofish) {
            return Some(found);
        }
        let foreign = names.find(&ty.path.0).is_none() && !ty.path.0.starts_with(['(', '[', '{']);
        (foreign && models::types::is_chained(ty)).then(|| chained(ty, name))
    }
}

/// What a method without a model gives on a type that is configured by chained calls.
fn chained(ty: &Ty, name: &str) -> Option<Ty> {
    match name {
        "build" | "finish" => {
            let built = ty.path.0.strip_suffix("Builder").filter(|built| !built.ends_with("::"))?;
            Some(result(Some(Ty::plain(built)), None))
        }
        _ => Some(ty.clone()),
    }
}

/// What an associated function without a model makes, by how such functions are called everywhere.
fn constructed(owner: &str, name: &str, args: Vec<Ty>) -> Option<Ty> {
    let of_type = owner.rsplit("::").next()?.starts_with(|c: char| c.is_uppercase());
    if !of_type {
        return None;
    }
    let makes_self = matches!(name, "new" | "default" | "try_from" | "try_new" | "empty")
        || name.starts_with("from_")
        || name.starts_with("with_")
        || name.starts_with("new_")
        || name == "from";
    if makes_self {
        return Some(Ty { path: ApiPath(owner.to_owned()), args });
    }
    (name == "builder" && owner.contains("::")).then(|| Ty::plain(format!("{owner}Builder")))
}

fn literal(lit: &Lit) -> Option<Ty> {
    let suffixed = |suffix: &str| (!suffix.is_empty()).then(|| Ty::plain(suffix));
    match lit {
        Lit::Str(_) => Some(Ty::plain("str")),
        Lit::ByteStr(_) => Some(Ty::of("[array]", Some(Ty::plain("u8")))),
        Lit::Byte(_) => Some(Ty::plain("u8")),
        Lit::Char(_) => Some(Ty::plain("char")),
        Lit::Bool(_) => Some(Ty::plain("bool")),
        Lit::Int(number) => suffixed(number.suffix()),
        Lit::Float(number) => suffixed(number.suffix()),
        _ => None,
    }
}

fn result(ok: Option<Ty>, err: Option<Ty>) -> Ty {
    let mut parts = Ty::tuple(vec![ok, err]);
    parts.path = ApiPath("std::result::Result".into());
    parts
}

/// The content of an `Option` or `Result`; anything else stays what it is, as constructors that may
/// fail are known by the type they make.
fn unwrapped(ty: Ty) -> Ty {
    if ty.is_fallible() { ty.arg(0).unwrap_or_else(|| Ty::plain(Ty::UNKNOWN)) } else { ty }
}

/// What a smart pointer points to.
fn pointee(ty: &Ty) -> Option<Ty> {
    let pointer = [
        "std::boxed::Box",
        "std::sync::Arc",
        "std::rc::Rc",
        "std::sync::MutexGuard",
        "std::sync::LazyLock",
        "once_cell::sync::Lazy",
        "zeroize::Zeroizing",
        "(pointer)",
    ];
    if ty.is_any(&pointer) { ty.arg(0) } else { models::types::dereferenced(ty) }
}
