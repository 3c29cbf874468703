//! The lints of the group `web`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod insecure_session_cookies;
pub mod permissive_cors;
pub mod unescaped_html_responses;
