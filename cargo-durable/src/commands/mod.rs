//! One file a command.

pub mod completions;
pub mod explain;
pub mod lints;
pub mod man;
