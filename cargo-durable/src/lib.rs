//! The library behind `cargo durable`.

pub mod exit;
pub mod outcome;
pub mod policy;
