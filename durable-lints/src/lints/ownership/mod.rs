//! Who answers for what, and for how long exceptions hold. The judge makes these findings.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod expiring_exceptions;
pub mod invalid_exceptions;
pub mod unexplained_suppressions;
pub mod unknown_owners;
pub mod weakened_policy;
