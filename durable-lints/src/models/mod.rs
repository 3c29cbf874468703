//! What ecosystem APIs mean, as data.

pub mod project;
pub(crate) mod reexports;
pub(crate) mod types;

/// The built-in tables together with a project's own models.
#[derive(Clone, Debug, Default)]
pub struct Models {}
