//! The library behind `cargo durable`.

pub mod commands;
pub mod exit;
pub mod outcome;
pub mod render;
pub mod policy;
pub mod ratchet;
pub mod write;
