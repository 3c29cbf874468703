//! The lints of the group `ci`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod ci_privileged_untrusted_code;
pub mod ci_secrets_visible_to_builds;
pub mod ci_unhardened_workflows;
pub mod ci_unlocked_cargo;
