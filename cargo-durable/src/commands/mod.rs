//! One file a command; each reads like the list of its steps.

pub mod allow;
pub mod baseline;
pub mod check;
pub mod completions;
pub mod explain;
pub mod fix;
pub mod lints;
pub mod man;

use std::io::IsTerminal as _;

use anyhow::Result;

use crate::cli::{Color, Command, Durable};
use crate::exit;
use crate::render::Options;

/// Runs a command and says how the process ends. Errors are printed here and nowhere else.
pub fn run(durable: &Durable) -> u8 {
    let color = use_color(durable.color);
    match dispatch(&durable.command, color) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => exit::CLEAN,
        Err(error) => {
            eprint!("{}", crate::render::error(&error, color));
            exit::INCOMPLETE
        }
    }
}
