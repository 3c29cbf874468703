//! `durable.lock`: what is let through, for how long, and how it is found again after an edit.

pub mod against;
pub mod homes;
pub mod lock;
pub mod matching;

pub use homes::Homes;
pub use lock::{Category, Exemption, Lock};
