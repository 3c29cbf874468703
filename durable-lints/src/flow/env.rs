//! The environment: what is known of each binding at one place.

use std::rc::Rc;

use crate::flow::fact::Fact;

/// A binding, or a field of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The binding, by position in the environment.
    pub(super) slot: usize,
    /// The field; deeper ones are not told apart.
    pub(super) field: Option<String>,
}

/// What is known of each binding. Inner scopes are at the end.
#[derive(Clone, Debug, Default)]
pub(super) struct Env<'a> {
    slots: Vec<(Rc<str>, Rc<Fact<'a>>)>,
    /// Whether control cannot come here.
    pub(super) dead: bool,
}

impl<'a> Env<'a> {
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Ends the scopes that began after the environment had this length.
    pub(super) fn truncate(&mut self, length: usize) {
        self.slots.truncate(length);
    }

    pub(super) fn bind(&mut self, name: &str, fact: Fact<'a>) {
        self.slots.push((name.into(), Rc::new(fact)));
    }

    pub(super) fn slot(&self, name: &str) -> Option<usize> {
        self.slots.iter().rposition(|(bound, _)| **bound == *name)
    }

    pub(super) fn at(&self, slot: usize) -> Option<&Fact<'a>> {
        self.slots.get(slot).map(|(_, fact)| &**fact)
    }

    pub(super) fn read(&self, place: &Place) -> Fact<'a> {
        let Some(fact) = self.at(place.slot) else { return Fact::unknown() };
        match &place.field {
            Some(field) => fact.part(field),
            None => fact.clone(),
        }
    }

    pub(super) fn write(&mut self, place: &Place, new: Fact<'a>) {
        let Some((_, fact)) = self.slots.get_mut(place.slot) else { return };
        match &place.field {
            Some(field) => Rc::make_mut(fact).set_part(field, new),
            None => *fact = Rc::new(new),
        }
    }

    /// Changes a place without touching what is known of the whole around it.
    pub(super) fn refine(&mut self, place: &Place, change: impl FnOnce(&mut Fact<'a>)) {
        let Some((_, fact)) = self.slots.get_mut(place.slot) else { return };
        let fact = Rc::make_mut(fact);
        match &place.field {
            Some(field) => {
                let mut part = fact.part(field);
                change(&mut part);
                Rc::make_mut(fact.parts.get_or_insert_default()).insert(field.clone(), part);
            }
            None => change(fact),
        }
    }

    /// What holds where control may come from either. Both began from the same bindings.
    pub(super) fn join(self, other: Env<'a>) -> Env<'a> {
        if self.dead {
            return other;
        }
        if other.dead {
            return self;
        }
        let mut joined = self;
        joined.slots.truncate(other.slots.len());
        for ((_, mine), (_, theirs)) in joined.slots.iter_mut().zip(&other.slots) {
            if !Rc::ptr_eq(mine, theirs) {
                *mine = Rc::new(mine.join(theirs));
            }
        }
        joined
    }
}
