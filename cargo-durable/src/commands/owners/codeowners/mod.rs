//! `cargo durable owners --codeowners`: the owners of the policy, written where a host reads them.

mod block;
mod overruled;
mod rows;

use std::fs;
use std::io::{self, ErrorKind, Write};

use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use durable_lints::codeowners::{Host, LARGEST_ON_GITHUB};

use crate::analysis::{Analysis, analyse};
use crate::cli::Look;
use crate::owners::{Owners, Tags};
use crate::policy::Policy;
use crate::render::counted;
use crate::render::text::{diff_lines, one_line, unified};
use crate::write::{self, Hold, WriteError};
use crate::{cli, exit};

pub use rows::Rows;

/// Writes what the policy says between the marker lines of the host's file, or says whether it stands there.
///
/// # Errors
/// Where an owner or pattern cannot be said to the host, the markers are damaged, or the file cannot be read
/// or written; then nothing is changed.
pub fn run(host: Host, args: &cli::Owners, out: &mut dyn Write) -> Result<u8> {
    let selection = cli::Selection { look: Look::Tags, ..cli::Selection::all(&args.scope) };
    let Analysis { report, root, policy, paths, .. } = &analyse(&selection)?;
    is_top(root, host)?;
    let tags = Tags::of(report);
    let owners = Owners::new(policy, &tags);
    let lines = rows::lines(policy, host, &Rows::of(owners, report))?;
    let hold = (!args.verify).then(|| Hold::of(root)).transpose()?;
    let (file, old) = read(root, host)?;
    let text = old.as_deref().unwrap_or_default();
    let new = block::put(text, &lines, host).with_context(|| format!("{file} is left alone"))?;
    ensure!(
        host != Host::Github || new.len() as u64 <= LARGEST_ON_GITHUB,
        "{file} would be larger than 3 MiB, which GitHub does not read; name folders instead of files in durable.toml"
    );
    let is_same = old.as_deref() == Some(&*new);
    let count = counted(lines.len() as u64, "rule");
    match hold {
        _ if is_same => writeln!(out, "{file}: {count}, as in durable.toml")?,
        None => {
            write!(out, "{}", diff_lines(&unified(file.as_str(), text, &new)))?;
            writeln!(
                out,
                "{file} does not say what durable.toml says; `{}` writes it",
                block::command(host)
            )?;
        }
        Some(hold) => {
            if let Some(folder) = root.join(&file).parent() {
                fs::create_dir_all(folder).with_context(|| format!("{folder} cannot be made"))?;
            }
            let written = hold.replace(&file, old.as_deref().map(str::as_bytes), new.as_bytes());
            written.with_context(|| format!("{file} is left alone"))?;
            writeln!(out, "{file}: wrote {count}")?;
        }
    }
    let overruled = overruled::told(&new, host, policy, owners, paths).context(file.clone())?;
    for line in &overruled {
        writeln!(out, "{file}:{}", one_line(line))?;
    }
    if let Some(first) = report.unchecked.first() {
        let path = one_line(&first.path);
        writeln!(
            out,
            "{path} could not be read, so what it says of its owner is missing; `cargo durable check` says why"
        )?;
        return Ok(exit::INCOMPLETE);
    }
    let is_true = is_same && overruled.is_empty();
    Ok(if args.verify && !is_true { exit::DENIED } else { exit::CLEAN })
}

/// The text of a file with what the policy says in it.
///
/// # Errors
/// As [`run`], but for what touches the disk.
pub fn written(text: &str, policy: &Policy, host: Host, rows: &Rows) -> Result<String> {
    block::put(text, &rows::lines(policy, host, rows)?, host)
}

/// Hosts read the file at the top of a repository, and its patterns start there.
fn is_top(root: &Utf8Path, host: Host) -> Result<()> {
    let top = root.ancestors().find(|folder| folder.join(".git").exists());
    ensure!(
        top.is_none_or(|top| top == root),
        "{} reads CODEOWNERS at the top of the repository, which is {}, and the workspace is {root}; move durable.toml and \
         the workspace there, or write CODEOWNERS by hand",
        host.name(),
        top.unwrap_or(root)
    );
    Ok(())
}

/// The file that the host reads, and its text; where there is none, the one to write.
fn read(root: &Utf8Path, host: Host) -> Result<(Utf8PathBuf, Option<String>)> {
    let is_missing =
        |error: &io::Error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
    for place in host.places() {
        // A link that leads out is not followed: what lies there would be shown in a diff.
        let target = match write::inside(root, place.into()) {
            Err(WriteError::Io(error)) if is_missing(&error) => continue,
            other => other.with_context(|| format!("{place} is left alone"))?,
        };
        let bytes = match fs::metadata(&target) {
            Err(error) if is_missing(&error) => continue,
            Ok(metadata) if metadata.len() > LARGEST_ON_GITHUB => {
                bail!("{place} is left alone: it is larger than 3 MiB")
            }
            _ => fs::read(&target).with_context(|| format!("{place} cannot be read"))?,
        };
        let text = String::from_utf8(bytes).ok();
        let text = text.with_context(|| format!("{place} is not UTF-8; save it as UTF-8"))?;
        return Ok((place.into(), Some(text)));
    }
    Ok((host.new_place().into(), None))
}
