//! What APIs mean, as data.

pub mod project;
