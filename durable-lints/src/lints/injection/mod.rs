//! The lints of the group `injection`. Written by `cargo tidy`.

pub mod dynamic_shell_commands;
pub mod dynamic_sql_strings;
pub mod request_controlled_paths;
pub mod request_controlled_urls;
