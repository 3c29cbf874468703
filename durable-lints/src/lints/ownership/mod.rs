//! The lints of the group `ownership`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod banned_apis;
pub mod codeowners_gaps;
pub mod expiring_exceptions;
pub mod invalid_exceptions;
pub mod overdue_reviews;
pub mod unenforced_controls;
pub mod unexplained_suppressions;
pub mod unknown_owners;
pub mod unowned_security_code;
pub mod unowned_security_todos;
pub mod weakened_policy;
