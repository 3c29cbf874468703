//! Who owns each of 100,000 files, and CODEOWNERS, beside the walk over them.
//!
//! ```text
//! cargo bench --bench owners
//! ```
//!
//! Fails where the owners take longer than the walk.

use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use cargo_durable::commands::owners::codeowners::{Rows, written};
use cargo_durable::owners::{Owners, Tags};
use cargo_durable::policy::Policy;
use durable_lints::codeowners::Host;
use durable_lints::load::{self, LoadOptions};

const FILES: usize = 100_000;
const FOLDERS: usize = 2000;
const OWNERS: usize = 40;
const PATTERNS: usize = 5;
const ROUNDS: usize = 3;

fn main() -> Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let root = Utf8Path::from_path(folder.path()).unwrap_or(Utf8Path::new("."));
    plant(root)?;
    let policy = Policy::load(root)?;
    let options =
        LoadOptions { paths: vec![root.to_owned()], ..LoadOptions::at(jiff::Timestamp::UNIX_EPOCH) };
    let (mut walk, mut owners) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let survey = load::survey(&options)?;
        walk = walk.min(start.elapsed());
        let paths: Vec<Arc<str>> = survey.files.into_iter().map(|entry| entry.path).collect();
        let start = Instant::now();
        let tags = Tags::default();
        let owned = Owners::new(&policy, &tags).of_files(&paths).into_iter().flatten().count();
        let text = written("", &policy, Host::Github, &Rows::default())?;
        owners = owners.min(start.elapsed());
        println!("{} files, {owned} owned by {OWNERS} owners, {} lines", paths.len(), text.lines().count());
    }
    let ratio = owners.as_secs_f64() / walk.as_secs_f64();
    println!("walk {walk:.1?}, owners and CODEOWNERS {owners:.1?}, ratio {ratio:.2}");
    Ok(if ratio <= 1.0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Folders in folders with files of some kinds, and a policy with patterns of every shape.
fn plant(root: &Utf8Path) -> Result<()> {
    let folder = |i: usize| Utf8PathBuf::from(format!("crates/c{}/src/m{}/p{i}", i % OWNERS, i % 7));
    for i in 0..FOLDERS {
        let folder = root.join(folder(i));
        fs::create_dir_all(&folder)?;
        for j in 0..FILES / FOLDERS {
            let ending = ["rs", "md", "toml", "pem"][j % 4];
            fs::write(folder.join(format!("f{j}.{ending}")), "")?;
        }
    }
    let mut policy = String::new();
    for i in 0..OWNERS {
        let patterns: [String; PATTERNS] = [
            format!("/crates/c{i}/"),
            format!("crates/*/src/m{i}/**"),
            format!("p{i}"),
            format!("f{i}*.pem"),
            format!("crates/c{i}/**/*.toml"),
        ];
        writeln!(policy, "[owners.o{i}]\ngithub = \"@acme/o{i}\"\npaths = {patterns:?}")?;
    }
    Ok(fs::write(root.join("durable.toml"), policy)?)
}
