//! `durable.lock`: what is let through, for how long, and how it is found again after an edit.

pub mod against;
pub mod grant;
pub mod lock;
pub mod matching;
pub mod origins;

pub use lock::{Category, Exemption, Lock, Made, Templated};
pub use origins::Origins;
