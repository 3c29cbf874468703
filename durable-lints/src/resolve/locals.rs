//! The bindings of one unit: their types and values.

use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::bindings::{Bindings, Local, Source, Step};
use super::declarations::{Written, ident};
use super::evaluate::{self, State, ValueScope};
use super::names::Names;
use super::paths::{Place, Search, Target};
use super::types::{self, TypeScope, read_generics};
use crate::code::Code;
use crate::syntax::Parsed;
use crate::vocabulary::ApiPath;
use crate::vocabulary::{Constant, Ty};

/// The bindings of one unit.
#[derive(Debug)]
pub struct Locals<'a> {
    pub(super) bindings: Bindings<'a>,
    /// The type parameters of the unit's own signature, read when first needed.
    parameters: RefCell<Option<Arc<[Parameter]>>>,
    /// The types of expressions by their address.
    pub(super) types: RefCell<FxHashMap<usize, Option<Ty>>>,
    /// The types of bindings. One that is being worked out stands here as unknown, so that what
    /// leads back to it ends.
    pub(super) binding_types: RefCell<FxHashMap<usize, Option<Ty>>>,
    /// The values of bindings, as they are when bound.
    values: RefCell<FxHashMap<usize, Option<Constant>>>,
    /// What glob imports inside the unit bring in, by their number and the name.
    globs: RefCell<Globs<'a>>,
    pub(super) depth: Cell<usize>,
    pub(super) steps: Cell<usize>,
    /// Whether a limit was reached, so that what comes out must not be remembered.
    pub(super) cut: Cell<bool>,
}

type Parameter = (Arc<str>, Option<Ty>);
type Globs<'a> = FxHashMap<(usize, Arc<str>), Option<Target<'a>>>;

impl<'a> Locals<'a> {
    /// Reads the bindings of a unit.
    pub fn of(parsed: &'a Parsed) -> Locals<'a> {
        Locals {
            bindings: Bindings::of(parsed),
            parameters: RefCell::default(),
            types: RefCell::default(),
            binding_types: RefCell::default(),
            values: RefCell::default(),
            globs: RefCell::default(),
            depth: Cell::new(0),
            steps: Cell::new(0),
            cut: Cell::new(false),
        }
    }

    /// What a path in the unit means; local `use` declarations and items come first. A local
    /// binding has no path.
    pub fn resolve(&self, code: &Code<'a>, qself: Option<&syn::QSelf>, path: &syn::Path) -> Option<ApiPath> {
        Unit { locals: self, code }.resolve(qself, path)
    }

    /// The type of an expression.
    pub fn type_of(&self, code: &Code<'a>, expr: &'a syn::Expr) -> Option<Ty> {
        Unit { locals: self, code }.type_of(expr)
    }

    /// What a written type means.
    pub fn ty(&self, code: &Code<'a>, ty: &syn::Type) -> Option<Ty> {
        types::read(&Unit { locals: self, code }, ty)
    }

    /// Which binding a name means where it stands.
    pub fn binding(&self, code: &Code<'a>, name: &syn::Ident) -> Option<usize> {
        Unit { locals: self, code }.binding(name)
    }

    /// The value that the binding which a name means is made with, where it takes all of it.
    pub fn bound_to(&self, code: &Code<'a>, name: &syn::Ident) -> Option<&'a syn::Expr> {
        let binding = &self.bindings.all[self.binding(code, name)?];
        match binding.source {
            Source::Value(init) if binding.way.is_empty() => Some(init),
            _ => None,
        }
    }

    /// The value of an expression, where it is fixed in source.
    pub fn constant(&self, code: &Code<'a>, expr: &'a syn::Expr) -> Option<Constant> {
        evaluate::value(&Unit { locals: self, code }, &mut State::default(), expr)
    }
}

/// A unit in its place, for one question.
#[derive(Clone, Copy)]
pub(super) struct Unit<'l, 'a> {
    pub(super) locals: &'l Locals<'a>,
    pub(super) code: &'l Code<'a>,
}

/// Where an identifier stands in the unit.
pub(super) fn place(ident: &syn::Ident) -> u32 {
    ident.span().byte_range().start as u32
}

impl<'a> Unit<'_, 'a> {
    pub(super) fn here(&self) -> Option<Place<'a>> {
        let names: &Names<'a> = self.code.names;
        let (index, file) = names.locate(self.code.file)?;
        names.place(index, file, Some(self.code.item))
    }

    /// The binding that an identifier means, unless something declared nearer hides it.
    pub(super) fn binding(&self, name: &syn::Ident) -> Option<usize> {
        let at = place(name);
        let name = ident(name);
        let found = self.locals.bindings.at(&name, at)?;
        let hidden = self.locals.bindings.local(&name, at).is_some_and(|(scope, _)| {
            let bound = self.locals.bindings.all[found].scope;
            scope.start > bound.start && scope.end <= bound.end
        });
        (!hidden).then_some(found)
    }

    fn local_target(&self, path: &syn::Path) -> Option<Option<Target<'a>>> {
        let first = &path.segments.first()?.ident;
        if self.locals.bindings.locals.is_empty() || path.leading_colon.is_some() {
            return None;
        }
        let (_, local) = self.locals.bindings.local(&ident(first), place(first))?;
        Some(self.follow_local(local, path))
    }

    fn follow_local(&self, local: &Local<'a>, path: &syn::Path) -> Option<Target<'a>> {
        let here = self.here()?;
        let written = Written::of(path);
        let mut search = Search::new(self.code.names);
        match local {
            Local::Use(used) => {
                let target = search.use_path(here, used)?;
                search.extend(here, target, &written.segments[1..])
            }
            _ => {
                let unit = self.code.names.path_of(self.code.file, self.code.item)?;
                Some(Target::Path(format!("{}::{}", unit.0, written.segments.join("::")).into()))
            }
        }
    }

    /// What local glob imports say about the first name of a path.
    fn in_globs(&self, path: &syn::Path) -> Option<Target<'a>> {
        let globs = self.locals.bindings.locals.get("*")?;
        let first = &path.segments.first()?.ident;
        let at = place(first);
        let here = self.here()?;
        let written = Written::of(path);
        let mut search = Search::new(self.code.names);
        let near = globs.iter().enumerate().filter(|(_, (scope, _))| scope.start <= at && at < scope.end);
        near.into_iter().find_map(|(number, (_, local))| {
            let Local::Glob(glob) = local else { return None };
            let key = (number, written.segments.first()?.clone());
            let known = self.locals.globs.borrow().get(&key).cloned();
            let target = known.unwrap_or_else(|| {
                let found = search.local_glob(here, glob, &key.1);
                self.locals.globs.borrow_mut().insert(key, found.clone());
                found
            });
            search.extend(here, target?, &written.segments[1..])
        })
    }

    /// What a path leads to; aliases are not followed yet.
    fn path_target(&self, path: &syn::Path) -> Option<Target<'a>> {
        if let Some(name) = path.get_ident()
            && self.binding(name).is_some()
        {
            return None;
        }
        if let Some(local) = self.local_target(path) {
            return local;
        }
        let first = &path.segments.first()?.ident;
        if path.leading_colon.is_none() && self.parameter(&ident(first)).is_some() {
            return None;
        }
        if let Some(found) = self.in_globs(path) {
            return Some(found);
        }
        self.code.names.target_from(self.code.file, Some(self.code.item), &Written::of(path))
    }

    pub(super) fn resolve(&self, qself: Option<&syn::QSelf>, path: &syn::Path) -> Option<ApiPath> {
        if let Some(qself) = qself
            && qself.position == 0
        {
            // `<T>::name`: the type says where the name belongs.
            let ty = types::read(self, &qself.ty)?;
            let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            return Some(ApiPath(format!("{}::{}", ty.path.0, names.join("::"))));
        }
        let mut search = Search::new(self.code.names);
        let target = self.path_target(path)?;
        self.code.names.canonical(&mut search, target).map(ApiPath)
    }

    /// The value of a binding where it is used.
    fn value_of(&self, state: &mut State, index: usize, at: u32) -> Option<Constant> {
        let bindings = &self.locals.bindings;
        let binding = &bindings.all[index];
        let writes = bindings.writes.get(&binding.name).map_or(&[][..], Vec::as_slice);
        let mut own = writes.iter().filter(|write| {
            (binding.mutable || !write.maybe) && bindings.at(&write.name, write.at) == Some(index)
        });
        let init = match binding.source {
            Source::Value(init) => {
                // A write before the use, or one that a loop around both brings before it.
                let written = own.any(|write| {
                    let together = |repeat: &crate::vocabulary::Span| {
                        let inside = |place| repeat.start <= place && place < repeat.end;
                        repeat.start >= binding.scope.start && inside(write.at) && inside(at)
                    };
                    write.at < at || bindings.loops.iter().any(together)
                });
                if written {
                    return None;
                }
                init
            }
            // `let x; x = value;`
            Source::Declared if binding.scope.start > 0 => match (own.next(), own.next()) {
                (Some(write), None) if write.at < at && !binding.mutable => write.value?,
                _ => return None,
            },
            _ => return None,
        };
        if let Some(known) = self.locals.values.borrow().get(&index) {
            return known.clone();
        }
        if !state.open_binding(index) {
            return None;
        }
        let value = self.bound_value(state, index, init);
        state.close_binding();
        if !state.was_cut() {
            self.locals.values.borrow_mut().insert(index, value.clone());
        }
        value
    }

    /// What a pattern takes out of the value that it is matched against.
    fn bound_value(&self, state: &mut State, index: usize, init: &'a syn::Expr) -> Option<Constant> {
        let binding = &self.locals.bindings.all[index];
        // Of a tuple only the part that is bound has to be fixed.
        let (mut init, mut way) = (init, binding.way.as_slice());
        while let (syn::Expr::Tuple(tuple), [Step::Part(at), rest @ ..]) = (init, way) {
            (init, way) = (tuple.elems.iter().nth(*at)?, rest);
        }
        let mut value = state.deeper(|state| evaluate::value(self, state, init))?;
        for step in way {
            value = match (step, value) {
                (Step::Part(at), Constant::List(parts)) => parts.into_iter().nth(*at)?,
                // A constant that is matched against a pattern stays one.
                (Step::Positional(..), value) => value,
                (_, Constant::Opaque) => Constant::Opaque,
                _ => return None,
            };
        }
        let declared = binding.declared.filter(|_| binding.way.is_empty());
        let declared = declared.and_then(|ty| types::read(self, ty));
        Some(value.typed(declared.as_ref()))
    }
}

impl<'a> ValueScope<'a> for Unit<'_, 'a> {
    fn names(&self) -> &Names<'a> {
        self.code.names
    }

    fn resolve(&self, qself: Option<&syn::QSelf>, path: &syn::Path) -> Option<ApiPath> {
        Unit::resolve(self, qself, path)
    }

    fn local(&self, state: &mut State, name: &syn::Ident) -> Option<Option<Constant>> {
        if let Some(index) = self.binding(name) {
            return Some(self.value_of(state, index, place(name)));
        }
        match self.locals.bindings.local(&ident(name), place(name))? {
            (_, Local::Value(ty, init)) => {
                let value = state.deeper(|state| evaluate::value(self, state, init));
                Some(value.map(|value| value.typed(types::read(self, ty).as_ref())))
            }
            (_, Local::Use(_)) => None,
            _ => Some(None),
        }
    }
}

impl<'a> TypeScope<'a> for Unit<'_, 'a> {
    fn names(&self) -> &Names<'a> {
        self.code.names
    }

    fn target(&self, path: &syn::Path) -> Option<Target<'a>> {
        self.path_target(path)
    }

    fn parameter(&self, name: &str) -> Option<Option<Ty>> {
        if !name.starts_with(|c: char| c.is_uppercase()) {
            return None;
        }
        let generics = &self.code.signature()?.generics;
        if generics.params.is_empty() {
            return self.outer_parameter(name);
        }
        let known = self.locals.parameters.borrow().clone();
        let own = known.unwrap_or_else(|| {
            // While the bounds are read, the parameters themselves are known by name.
            let by_name = generics.type_params().map(|param| (ident(&param.ident), None)).collect();
            *self.locals.parameters.borrow_mut() = Some(by_name);
            let read: Arc<[Parameter]> = read_generics(self, generics).into();
            *self.locals.parameters.borrow_mut() = Some(read.clone());
            read
        });
        match own.iter().find(|(parameter, _)| **parameter == *name) {
            Some((_, bound)) => Some(bound.clone()),
            None => self.outer_parameter(name),
        }
    }

    fn self_ty(&self) -> Option<Ty> {
        self.code.names.self_type(self.code.file, self.code.item)
    }
}

impl Unit<'_, '_> {
    fn outer_parameter(&self, name: &str) -> Option<Option<Ty>> {
        let here = self.here()?;
        self.code.names.is_parameter(here, Some(self.code.item), name).then_some(None)
    }
}
