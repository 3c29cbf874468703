//! The lints of the group `auth`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod hardcoded_jwt_secrets;
pub mod unvalidated_jwt_claims;
pub mod unverified_jwt_signatures;
