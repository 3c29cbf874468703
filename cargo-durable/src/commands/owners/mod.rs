//! `cargo durable owners`: who answers for what.

mod list;
mod picture;

use std::io::Write;

use anyhow::Result;

use crate::cli;

/// Writes who answers for what; gives the exit code.
///
/// # Errors
/// Where something cannot be read or written.
pub fn run(args: &cli::Owners, color: bool, width: usize, out: &mut dyn Write) -> Result<u8> {
    list::run(args, color, width, out)
}
