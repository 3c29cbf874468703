//! The lints of the group `injection`. Written by `cargo tidy`.

// A lint is documented by its static.
#![allow(missing_docs)]

pub mod dynamic_shell_commands;
pub mod dynamic_sql_strings;
pub mod request_controlled_paths;
pub mod request_controlled_urls;
