//! A project that is made beside its place and moved there when it is whole.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use super::source::Files;
use crate::interrupt::HalfMade;

/// A folder that is gone unless it is kept, also after Ctrl-C.
pub struct Stage {
    half_made: HalfMade,
    folder: TempDir,
    target: Utf8PathBuf,
}

impl Stage {
    /// Begins a project at a place where nothing is yet.
    ///
    /// # Errors
    /// Where something is, or nothing can be written beside it.
    pub fn at(target: &Utf8Path) -> Result<Stage> {
        Stage::is_free(target)?;
        let parent = folder_around(target);
        let mut builder = tempfile::Builder::new();
        let made = HalfMade::make(|| builder.prefix(".cargo-durable-").suffix(".tmp").tempdir_in(parent));
        let (half_made, folder) = made.with_context(|| format!("nothing can be written in {parent}"))?;
        Ok(Stage { half_made, folder, target: target.to_owned() })
    }

    /// Whether a project can be made at a place.
    ///
    /// # Errors
    /// Where something is there already.
    pub fn is_free(target: &Utf8Path) -> Result<()> {
        match fs::symlink_metadata(target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let parent = folder_around(target);
                ensure!(parent.is_dir(), "{target} cannot be made: there is no folder {parent}");
                Ok(())
            }
            Err(error) => bail!("{target} cannot be made: {error}"),
            Ok(metadata) if metadata.is_dir() => {
                let is_empty = fs::read_dir(target)?.next().is_none();
                ensure!(is_empty, "{target} is there and not empty; name a folder that is not there yet");
                Ok(())
            }
            Ok(_) => bail!("{target} is there already; name a folder that is not there yet"),
        }
    }

    /// Writes the files of the project.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn fill(&self, files: &Files) -> Result<()> {
        for (path, bytes) in files {
            let written = self.half_made.change(|| write(&self.folder.path().join(path), bytes));
            written.with_context(|| format!("{path} cannot be written"))?;
        }
        Ok(())
    }

    /// Begins a git repository in it, with hooks from a folder in it if one is given.
    ///
    /// # Errors
    /// Where there is no git, or it refuses.
    pub fn begin_repository(&self, hooks: Option<&str>) -> Result<()> {
        let git = |arguments: &[&str]| -> Result<()> {
            let mut command = Command::new("git");
            command.args(arguments).current_dir(self.folder.path());
            // A hook of git has these set for the repository that it runs in.
            command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").env_remove("GIT_INDEX_FILE");
            let ran = self.half_made.change(|| command.output());
            let ran = ran.context("git cannot be run; `--vcs none` does without it")?;
            let said = String::from_utf8_lossy(&ran.stderr);
            let what = arguments.join(" ");
            ensure!(ran.status.success(), "git {what} failed: {}; `--vcs none` does without it", said.trim());
            Ok(())
        };
        git(&["init", "--quiet"])?;
        hooks.map_or(Ok(()), |folder| git(&["config", "core.hooksPath", folder]))
    }

    /// Moves the project to its place.
    ///
    /// # Errors
    /// Where something is there by now, or the disk refuses.
    pub fn keep(self) -> Result<()> {
        let Stage { half_made, folder, target } = self;
        half_made.finish(|| {
            open_to_others(folder.path())?;
            // An empty folder gives way; another one makes the disk refuse.
            Stage::is_free(&target)?;
            let _ = fs::remove_dir(&target);
            fs::rename(folder.path(), &target).with_context(|| format!("{target} cannot be made"))?;
            let _ = folder.keep();
            Ok(())
        })
    }
}

fn folder_around(target: &Utf8Path) -> &Utf8Path {
    target.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or(Utf8Path::new("."))
}

fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, bytes)?;
    // A template has no modes: neither the embedded ones nor what Windows checks out. A script says what it is.
    #[cfg(unix)]
    if bytes.starts_with(b"#!") {
        use std::os::unix::fs::PermissionsExt as _;
        let mut permissions = fs::metadata(file)?.permissions();
        // Whoever may read it may run it.
        permissions.set_mode(permissions.mode() | (permissions.mode() & 0o444) >> 2);
        fs::set_permissions(file, permissions)?;
    }
    Ok(())
}

/// A temporary folder is its owner's alone; a project is as open as any other folder of theirs.
fn open_to_others(folder: &Path) -> io::Result<()> {
    let fresh = folder.join(".cargo-durable-mode");
    fs::create_dir(&fresh)?;
    let usual = fs::metadata(&fresh)?.permissions();
    fs::remove_dir(&fresh)?;
    fs::set_permissions(folder, usual)
}
