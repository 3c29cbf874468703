//! The lints of the group `auth`. Written by `cargo tidy`.

pub mod hardcoded_jwt_secrets;
pub mod unvalidated_jwt_claims;
pub mod unverified_jwt_signatures;
