//! Tables of APIs that are asked for every call there is: most stand in none.

use rustc_hash::FxHashMap;

use crate::vocabulary::{ApiPath, ends};

/// What is known about APIs, found by their last name.
pub(super) struct ByApi<T>(FxHashMap<&'static str, Vec<(&'static str, T)>>);

impl<T> FromIterator<(&'static str, T)> for ByApi<T> {
    fn from_iter<I: IntoIterator<Item = (&'static str, T)>>(rows: I) -> ByApi<T> {
        let mut found = ByApi(FxHashMap::default());
        for (pattern, meaning) in rows {
            found.0.entry(ends(pattern).1).or_default().push((pattern, meaning));
        }
        found
    }
}

impl<T> ByApi<T> {
    /// The first row about an API.
    pub(super) fn get(&self, api: &ApiPath) -> Option<&T> {
        let rows = self.0.get(api.name())?;
        rows.iter().find(|(pattern, _)| api.is(pattern)).map(|(_, meaning)| meaning)
    }
}
