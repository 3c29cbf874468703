//! `cargo durable check --show-policy PATH`: what holds for a place, and who says so.

use std::io::{self, Write};
use std::iter;

use durable_lints::lint::Lint;

use crate::analysis::Around;
use crate::owners::Owners;
use crate::policy::{self, Origin, Place, Policy, Profile, position};
use crate::render::text::one_line;

/// Writes the owner of a file, or of the files in a folder, and the level of every lint there.
///
/// # Errors
/// Where the writer fails.
pub fn write(around: &Around, profile: Profile, out: &mut dyn Write) -> io::Result<()> {
    let Around { root, place: path, policy, tags } = around;
    let is_folder = root.join(&**path).is_dir();
    let shown = if path.is_empty() { "." } else { &**path };
    // What holds in a folder is what holds for a file in it that no pattern knows by its name.
    let path = if is_folder { format!("{}/\u{1}", path.trim_end_matches('/')) } else { path.to_string() };
    let path = path.trim_start_matches('/');

    let shown = one_line(shown);
    writeln!(out, "{shown}{}", if is_folder { " (for files directly in it)" } else { "" })?;
    match Owners::new(policy, tags).of_file(path) {
        Some(answer) => {
            let (file, line) = answer.said_at();
            writeln!(out, "owner: {}, set at {}:{line}", one_line(answer.owner), one_line(file))?;
        }
        None => writeln!(out, "owner: nobody")?,
    }
    match policy::path(root).is_file() {
        true => writeln!(
            out,
            "policy: {}",
            iter::once(policy::FILE)
                .chain(policy.files.iter().map(String::as_str))
                .map(one_line)
                .collect::<Vec<_>>()
                .join(", which extends ")
        )?,
        false => writeln!(out, "policy: none")?,
    }
    if profile == Profile::Audit {
        writeln!(out, "profile: audit, so that nothing fails")?;
    }
    let rows: Vec<[String; 3]> = policy.lints().map(|lint| row(policy, profile, lint, path)).collect();
    let width = rows.iter().map(|[name, ..]| name.len()).max().unwrap_or_default();
    writeln!(out, "\n{:width$}  level   set at", "lint")?;
    for [name, level, origin] in rows {
        writeln!(out, "{name:width$}  {level:6}  {origin}")?;
    }
    Ok(())
}

fn row(policy: &Policy, profile: Profile, lint: &Lint, path: &str) -> [String; 3] {
    let (level, origin) = policy.decide(profile, lint, path);
    let origin = match origin {
        Origin::Lint => "default".to_owned(),
        Origin::Policy(at) => place(at) + &group(at, lint),
        Origin::Excluded(at) => format!("{}{}, which leaves the file out", place(at), group(at, lint)),
        Origin::Call(set) => format!("--{} {} (command line)", set.level, set.name),
        Origin::Profile(Profile::Strict) => "--profile strict".to_owned(),
        Origin::Profile(_) => "--profile".to_owned(),
    };
    [lint.name.to_owned(), level.to_string(), origin]
}

fn place(place: &Place) -> String {
    format!("{}:{}", one_line(&place.file), position(&place.text, place.span.start as usize).line)
}

/// The group that an entry is about, where it is not about the lint alone.
fn group(place: &Place, lint: &Lint) -> String {
    if policy::names(place, lint) { String::new() } else { format!(" (group {})", lint.group) }
}
