//! `cargo durable owners`: who answers for what.

pub mod codeowners;
mod list;
mod picture;

use std::io::Write;

use anyhow::Result;

use crate::cli;

/// Writes who answers for what, or has CODEOWNERS say it; gives the exit code.
///
/// # Errors
/// Where something cannot be read or written, or the policy cannot be said to the host.
pub fn run(args: &cli::Owners, color: bool, width: usize, out: &mut dyn Write) -> Result<u8> {
    match args.codeowners {
        Some(host) => codeowners::run(host.into(), args, out),
        None => list::run(args, color, width, out),
    }
}
