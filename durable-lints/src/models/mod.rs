//! What ecosystem APIs mean, as data.

pub mod project;
pub mod secrets;

/// The built-in tables together with a project's own models.
#[derive(Clone, Debug, Default)]
pub struct Models {}
