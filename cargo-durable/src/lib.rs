//! The library behind `cargo durable`.

mod advisory;
pub mod advisory_db;
pub mod analysis;
pub mod bar;
pub mod cache;
pub mod ci;
pub mod cli;
pub mod commands;
pub mod exit;
pub mod git;
pub mod history;
pub mod identity;
pub mod interrupt;
pub mod judge;
pub mod outcome;
pub mod owners;
pub mod policy;
pub mod ratchet;
pub mod render;
pub mod scaffold;
pub mod session;
pub mod watch;
pub mod write;
