//! Values: where they come from and what was done to them.

use crate::flow::Origin;
use crate::vocabulary::{OriginKind, Purpose};

/// Where a value comes from and what has been done to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// Where it may come from. Empty: nothing is known (a parameter of unknown origin) unless `constant`.
    pub origins: Vec<Origin>,
    /// Whether every part of it is fixed in source, or a scalar that cannot carry text.
    pub constant: bool,
    /// Whether it is a number, truth value, date or the like. It may still have origins: a size
    /// that a client chooses.
    pub scalar: bool,
    /// Whether text that is not fixed in source was put into a larger text: `format!`, `+`, `push_str`.
    pub built: bool,
    /// Whether some part of it is of unknown origin.
    pub unknown: bool,
    /// What it has been made safe for: by a sanitizer, or by a guard that dominates the use.
    pub safe_for: Vec<Purpose>,
    /// The constant text that it begins with, where that is known.
    pub prefix: Option<String>,
    /// The kinds of data that may stand at its beginning, before any text of unknown origin.
    pub head: Vec<OriginKind>,
}

impl Value {
    pub(crate) fn fixed() -> Value {
        Value { constant: true, ..Value::default() }
    }

    pub(crate) fn unknown() -> Value {
        Value { unknown: true, ..Value::default() }
    }

    pub(crate) fn of_origin(origin: Origin) -> Value {
        Value { head: vec![origin.kind], origins: vec![origin], ..Value::default() }
    }

    /// Whether it is safe for a purpose whatever it holds.
    pub fn is_safe_for(&self, purpose: Purpose) -> bool {
        self.safe_for.contains(&purpose) || self.safe_for.contains(&Purpose::Any)
    }

    /// The first origin that an attacker chooses.
    pub fn hostile(&self) -> Option<&Origin> {
        self.origins.iter().find(|origin| origin.kind.is_hostile())
    }

    /// The hostile origin because of which this value must not be used for a purpose.
    pub fn threat(&self, purpose: Purpose) -> Option<&Origin> {
        let leads = |origin: &&Origin| match purpose {
            Purpose::Url | Purpose::Argument => self.head.contains(&origin.kind),
            _ => true,
        };
        let hostile = self.origins.iter().filter(|origin| origin.kind.is_hostile());
        hostile.filter(leads).find(|_| self.threats(purpose))
    }

    /// Whether outside data in this value, whoever chooses it, could do harm in a purpose.
    pub(crate) fn threats(&self, purpose: Purpose) -> bool {
        if self.is_safe_for(purpose) {
            return false;
        }
        match purpose {
            Purpose::Size => !self.origins.is_empty(),
            _ if self.constant => false,
            Purpose::Url => !self.head.is_empty() && !self.prefix.as_deref().is_some_and(fixes_authority),
            // What follows other text cannot be an option.
            Purpose::Argument => !self.head.is_empty() && self.prefix.as_deref().unwrap_or("").is_empty(),
            _ => true,
        }
    }

    pub(crate) fn add_origin(&mut self, origin: &Origin) {
        let known = |have: &Origin| have.kind == origin.kind && have.span == origin.span;
        // A value with more origins than this has made its point.
        if self.origins.len() < 8 && !self.origins.iter().any(known) {
            self.origins.push(origin.clone());
        }
    }

    pub(crate) fn add_head(&mut self, kinds: &[OriginKind]) {
        for kind in kinds {
            if !self.head.contains(kind) {
                self.head.push(*kind);
            }
        }
    }

    pub(crate) fn make_safe(&mut self, purposes: &[Purpose]) {
        for purpose in purposes {
            if !self.safe_for.contains(purpose) {
                self.safe_for.push(*purpose);
            }
        }
    }

    /// Makes it a number or the like: harmless as text, its origin kept for sizes.
    pub(crate) fn make_scalar(&mut self) {
        self.constant = true;
        self.scalar = true;
        self.built = false;
        self.prefix = None;
        self.head.clear();
    }

    /// What it is where either may be.
    pub(crate) fn join(&self, other: &Value) -> Value {
        let mut joined = self.clone();
        other.origins.iter().for_each(|origin| joined.add_origin(origin));
        joined.add_head(&other.head);
        joined.constant &= other.constant;
        joined.scalar &= other.scalar;
        joined.built |= other.built;
        joined.unknown |= other.unknown;
        joined.safe_for = common_safety([self, other]);
        joined.prefix = match (&self.prefix, &other.prefix) {
            (Some(one), Some(two)) => Some(common_prefix(one, two).to_owned()),
            _ => None,
        };
        joined
    }
}

/// What all of these are safe for. What is constant and has no origin is safe for everything.
pub(crate) fn common_safety<'v>(values: impl IntoIterator<Item = &'v Value>) -> Vec<Purpose> {
    let mut values: Vec<&Value> =
        values.into_iter().filter(|value| !(value.constant && value.origins.is_empty())).collect();
    // A number is harmless beside text, whoever chose it.
    if values.iter().any(|value| !value.constant) {
        values.retain(|value| !value.constant);
    }
    // Beside what an attacker chooses, what is only unknown (`base` in `base.join(name)`) does not count.
    // In a function, the same goes for its parameters, which an attacker may choose.
    if values.iter().any(|value| value.hostile().is_some()) {
        values.retain(|value| value.hostile().is_some());
    } else if values.iter().any(|value| !value.origins.is_empty()) {
        values.retain(|value| !value.origins.is_empty());
    }
    let mut values = values.into_iter();
    let Some(first) = values.next() else { return Vec::new() };
    let mut safe = first.safe_for.clone();
    for value in values {
        // Safe for anything is safe for each, so the narrower promise of the other one holds.
        if safe.contains(&Purpose::Any) {
            let narrower = &value.safe_for;
            safe.retain(|purpose| value.is_safe_for(*purpose));
            narrower
                .iter()
                .filter(|purpose| !safe.contains(purpose))
                .copied()
                .collect::<Vec<_>>()
                .into_iter()
                .for_each(|purpose| safe.push(purpose));
        } else {
            safe.retain(|purpose| value.is_safe_for(*purpose));
        }
    }
    safe
}

fn common_prefix<'t>(one: &'t str, two: &str) -> &'t str {
    let same = one.char_indices().zip(two.chars()).take_while(|((_, a), b)| a == b);
    let end = same.last().map_or(0, |((at, c), _)| at + c.len_utf8());
    &one[..end]
}

/// Whether a text that begins like this has its server fixed: `https://host/`, and not
/// `https://host`, which `@evil.example` turns into a user name.
fn fixes_authority(prefix: &str) -> bool {
    let after = prefix.split_once("://").map_or(prefix, |(_, after)| after);
    let scheme = after.len() < prefix.len();
    match after.find(['/', '?', '#']) {
        Some(end) => end > 0 || !scheme,
        // `TcpStream::connect(format!("host:{port}"))`
        None => !scheme && after.contains(':'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_fixed_by_what_ends_it() {
        assert!(fixes_authority("https://api.example.com/"));
        assert!(!fixes_authority("https://api.example.com"));
        assert!(!fixes_authority("https://"));
        assert!(!fixes_authority(""));
        assert!(fixes_authority("/relative/"));
    }

    #[test]
    fn prefixes_meet() {
        assert_eq!(common_prefix("Übung", "Über"), "Üb");
    }
}
