//! Facts: a value and what the analysis knows of it besides.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::flow::Origin;
use crate::flow::commands::Command;
use crate::flow::env::Place;
use crate::flow::value::{Value, common_safety};
use crate::vocabulary::Purpose;

/// Small facts that travel with a value.
pub(super) mod mark {
    /// A reader of an archive.
    pub(crate) const ARCHIVE: u16 = 1;
    /// An entry of an archive.
    pub(crate) const ENTRY: u16 = 1 << 1;
    /// A response that says it is HTML.
    pub(crate) const HTML: u16 = 1 << 2;
    /// A path with links and `..` resolved.
    pub(crate) const CANONICAL: u16 = 1 << 3;
    /// The host of the URL that this is a view of.
    pub(crate) const HOST: u16 = 1 << 4;
    /// A text that was found to hold no `..`.
    pub(crate) const NO_PARENT: u16 = 1 << 5;
    /// A text that was found to be no absolute path.
    pub(crate) const NOT_ABSOLUTE: u16 = 1 << 6;
    /// A filter of warp: closures on it are given what the client sent.
    pub(crate) const WARP: u16 = 1 << 7;
}

/// What is known of the value of an expression or binding.
#[derive(Clone, Debug, Default)]
pub(super) struct Fact<'a> {
    pub(super) value: Value,
    /// The whole text, where it is constant and known.
    pub(super) text: Option<Rc<str>>,
    /// Fields of a struct, parts of a tuple, elements of an array, as far as they are known apart.
    pub(super) parts: Option<Rc<BTreeMap<String, Fact<'a>>>>,
    pub(super) marks: u16,
    /// What it was derived from, so that a check of it is a check of that.
    pub(super) view: Option<Rc<Place>>,
    /// The closure or condition that it is.
    pub(super) expr: Option<&'a syn::Expr>,
    /// The program it will start.
    pub(super) command: Option<Rc<Command>>,
    /// It is never there: control goes elsewhere, or it is `Err` or `None`.
    pub(super) never: bool,
}

impl<'a> Fact<'a> {
    pub(super) fn unknown() -> Fact<'a> {
        Value::unknown().into()
    }

    pub(super) fn fixed() -> Fact<'a> {
        Value::fixed().into()
    }

    pub(super) fn scalar() -> Fact<'a> {
        Value { constant: true, scalar: true, ..Value::default() }.into()
    }

    pub(super) fn never() -> Fact<'a> {
        Fact { never: true, ..Fact::fixed() }
    }

    pub(super) fn of_origin(origin: Origin) -> Fact<'a> {
        Value::of_origin(origin).into()
    }

    pub(super) fn text(text: &str) -> Fact<'a> {
        let value = Value { prefix: Some(text.to_owned()), ..Value::fixed() };
        Fact { value, text: Some(text.into()), ..Fact::default() }
    }

    pub(super) fn has(&self, mark: u16) -> bool {
        self.marks & mark != 0
    }

    pub(super) fn marked(mut self, mark: u16) -> Fact<'a> {
        self.marks |= mark;
        self
    }

    /// Whether data of a known origin, a parameter included, is in it.
    pub(super) fn is_outside(&self) -> bool {
        !self.value.origins.is_empty()
    }

    pub(super) fn into_scalar(mut self) -> Fact<'a> {
        self.value.make_scalar();
        self.text = None;
        self.parts = None;
        self
    }

    pub(super) fn safe(mut self, purposes: &[Purpose]) -> Fact<'a> {
        self.make_safe(purposes);
        self
    }

    pub(super) fn make_safe(&mut self, purposes: &[Purpose]) {
        self.value.make_safe(purposes);
        if let Some(parts) = &mut self.parts {
            Rc::make_mut(parts).values_mut().for_each(|part| part.make_safe(purposes));
        }
    }

    /// A field or part; where it is not known apart, the whole stands for it.
    pub(super) fn part(&self, name: &str) -> Fact<'a> {
        match self.parts.as_ref().and_then(|parts| parts.get(name)) {
            Some(part) => part.clone(),
            None => Fact { view: None, marks: self.marks & !mark::HOST, ..self.whole() },
        }
    }

    /// Itself after the scope has ended that began with this binding.
    pub(super) fn outliving(mut self, scope: usize) -> Fact<'a> {
        self.view = self.view.filter(|view| view.slot < scope);
        self
    }

    /// Itself with parts that have none themselves: what holds a fact twice, and is held twice, and
    /// so on, would grow without end.
    fn shallow(mut self) -> Fact<'a> {
        if let Some(parts) = &mut self.parts
            && parts.values().any(|part| part.parts.is_some())
        {
            Rc::make_mut(parts).values_mut().for_each(|part| part.parts = None);
        }
        self
    }

    /// Itself without knowledge of its parts.
    pub(super) fn whole(&self) -> Fact<'a> {
        Fact { parts: None, command: None, expr: None, ..self.clone() }
    }

    pub(super) fn set_part(&mut self, name: &str, part: Fact<'a>) {
        let whole = self.value.join(&part.value);
        let parts = Rc::make_mut(self.parts.get_or_insert_default());
        parts.insert(name.to_owned(), part.shallow());
        self.value = whole;
        self.text = None;
    }

    /// A struct, tuple or array of parts.
    pub(super) fn of_parts(parts: impl IntoIterator<Item = (String, Fact<'a>)>) -> Fact<'a> {
        let parts: BTreeMap<String, Fact<'a>> =
            parts.into_iter().map(|(name, part)| (name, part.shallow())).collect();
        let mut whole = Fact::all(parts.values());
        whole.parts = Some(Rc::new(parts));
        whole
    }

    /// What stands for any of several facts, as an element stands for a collection.
    pub(super) fn all<'f>(facts: impl IntoIterator<Item = &'f Fact<'a>>) -> Fact<'a>
    where
        'a: 'f,
    {
        let mut facts = facts.into_iter();
        let Some(first) = facts.next() else { return Fact::fixed() };
        let mut all = first.whole();
        for fact in facts {
            all = all.join(&fact.whole());
        }
        all
    }

    /// What it is where either may be.
    pub(super) fn join(&self, other: &Fact<'a>) -> Fact<'a> {
        if self.never {
            return other.clone();
        }
        if other.never {
            return self.clone();
        }
        let parts = match (&self.parts, &other.parts) {
            (Some(one), Some(two)) if Rc::ptr_eq(one, two) => Some(one.clone()),
            (Some(one), Some(two)) => {
                let names = one.keys().chain(two.keys());
                Some(Rc::new(
                    names.map(|name| (name.clone(), self.part(name).join(&other.part(name)))).collect(),
                ))
            }
            _ => None,
        };
        Fact {
            value: self.value.join(&other.value),
            text: self.text.clone().filter(|text| other.text.as_ref() == Some(text)),
            parts,
            marks: if self.value.constant || other.value.constant {
                self.marks | other.marks
            } else {
                self.marks & other.marks
            },
            view: self.view.clone().filter(|view| other.view.as_ref() == Some(view)),
            expr: self.expr.filter(|expr| other.expr.is_some_and(|other| std::ptr::eq(*expr, other))),
            command: self.command.clone().or_else(|| other.command.clone()),
            never: false,
        }
    }

    /// Texts put one behind the other.
    pub(super) fn concat(parts: &[Fact<'a>]) -> Fact<'a> {
        let values = || parts.iter().map(|part| &part.value);
        let mut value = Value { constant: values().all(|value| value.constant), ..Value::default() };
        let texts: Option<String> = parts.iter().map(|part| part.text.as_deref()).collect();
        if let Some(text) = texts {
            return Fact::text(&text);
        }
        value.safe_for = common_safety(values());
        let mut prefix = String::new();
        let mut leading = true;
        for part in parts {
            if leading {
                prefix.push_str(part.text.as_deref().or(part.value.prefix.as_deref()).unwrap_or(""));
                leading = part.text.is_some();
            }
        }
        value.prefix = Some(prefix);
        // A number in a text is text that is fixed enough: its origin ends here.
        let moving: Vec<&Value> = values().filter(|value| !value.constant).collect();
        for part in &moving {
            part.origins.iter().for_each(|origin| value.add_origin(origin));
            value.unknown |= part.unknown || part.origins.is_empty();
        }
        if let Some(first) = moving.first() {
            value.head = first.head.clone();
        }
        let text_around = parts.iter().any(|part| part.text.as_deref() != Some("")) && parts.len() > 1;
        value.built = moving.iter().any(|part| part.built) || (!moving.is_empty() && text_around);
        value.into()
    }
}

impl From<Value> for Fact<'_> {
    fn from(value: Value) -> Self {
        Fact { value, ..Fact::default() }
    }
}
