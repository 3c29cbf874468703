//! Whether triggers lose anything: every crate of cargo's registry folder with them and without.
//!
//! ```text
//! cargo bench --bench exhaustive              every crate that cargo has unpacked
//! cargo bench --bench exhaustive -- FOLDER    the crates in a folder
//! ```
//!
//! Fails where a crate has a finding that only the slow path sees.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};
use rayon::prelude::*;

fn main() -> Result<ExitCode> {
    let folder = std::env::args().skip(1).find(|arg| arg != "--bench").map(PathBuf::from);
    let folders = match folder {
        Some(folder) => vec![folder],
        None => children(&registry()?.join("registry/src"))?,
    };
    let mut crates = Vec::new();
    for folder in folders {
        crates.extend(children(&folder)?.into_iter().filter(|path| path.join("Cargo.toml").is_file()));
    }
    anyhow::ensure!(
        !crates.is_empty(),
        "there is no crate; build something first, or name a folder of crates"
    );
    let lost: Vec<String> = crates.par_iter().map(|path| lost(path)).collect::<Result<Vec<_>>>()?.concat();
    println!("{} crates, {} findings that only the slow path sees", crates.len(), lost.len());
    lost.iter().for_each(|line| println!("  {line}"));
    Ok(if lost.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn registry() -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).context("no home folder")
}

fn children(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder.read_dir().with_context(|| folder.display().to_string())?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

/// The findings of one way that the other has not. What cannot be parsed is met by the slow path alone.
fn lost(path: &Path) -> Result<Vec<String>> {
    let [fast, slow] = [found(path, &[])?, found(path, &["--exhaustive"])?];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(fast.symmetric_difference(&slow).map(|line| format!("{name}/{line}")).collect())
}

fn found(path: &Path, more: &[&str]) -> Result<BTreeSet<String>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-durable"));
    command.args(["check", ".", "--profile", "audit", "--message-format", "short", "--no-cache", "--quiet"]);
    let output = command.args(more).current_dir(path).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text
        .lines()
        .filter(|line| line.contains(": warning[") || line.contains(": error["))
        .map(str::to_owned)
        .collect())
}
