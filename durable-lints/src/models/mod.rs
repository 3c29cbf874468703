//! What ecosystem APIs mean, as data.

pub mod reexports;
pub mod types;
