//! A project that is made beside its place and moved there when it is whole.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

/// A folder that is gone unless it is kept.
pub struct Stage {
    folder: TempDir,
    target: Utf8PathBuf,
}

impl Stage {
    /// Begins a project at a place where nothing is yet.
    ///
    /// # Errors
    /// Where something is, or nothing can be written beside it.
    pub fn at(target: &Utf8Path) -> Result<Stage> {
        is_free(target)?;
        let parent =
            target.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
        ensure!(parent.is_dir(), "{target} cannot be made: there is no folder {parent}");
        let folder = tempfile::Builder::new().prefix(".cargo-durable-").suffix(".tmp").tempdir_in(parent);
        let folder = folder.with_context(|| format!("nothing can be written in {parent}"))?;
        Ok(Stage { folder, target: target.to_owned() })
    }

    /// Where the project is until it is kept.
    ///
    /// # Errors
    /// Where the path is not UTF-8.
    pub fn folder(&self) -> Result<&Utf8Path> {
        Utf8Path::from_path(self.folder.path()).context("the folder's path is not UTF-8")
    }

    /// Writes the files of the project.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn fill(&self, files: &BTreeMap<Utf8PathBuf, Vec<u8>>) -> Result<()> {
        for (path, bytes) in files {
            let file = self.folder()?.join(path);
            let folder = file.parent().unwrap_or(self.folder()?);
            let write = || -> io::Result<()> {
                fs::create_dir_all(folder)?;
                fs::write(&file, bytes)
            };
            write().with_context(|| format!("{path} cannot be written"))?;
        }
        Ok(())
    }

    /// Moves the project to its place.
    ///
    /// # Errors
    /// Where something is there by now, or the disk refuses.
    pub fn keep(self) -> Result<()> {
        open_to_others(self.folder.path())?;
        // An empty folder gives way; another one makes the disk refuse.
        is_free(&self.target)?;
        let _ = fs::remove_dir(&self.target);
        fs::rename(self.folder.path(), &self.target)
            .with_context(|| format!("{} cannot be made", self.target))?;
        let _ = self.folder.keep();
        Ok(())
    }
}

/// A temporary folder is its owner's alone; a project is as open as any other folder of theirs.
fn open_to_others(folder: &std::path::Path) -> io::Result<()> {
    let fresh = folder.join(".cargo-durable-mode");
    fs::create_dir(&fresh)?;
    let usual = fs::metadata(&fresh)?.permissions();
    fs::remove_dir(&fresh)?;
    fs::set_permissions(folder, usual)
}

fn is_free(target: &Utf8Path) -> Result<()> {
    match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => bail!("{target} cannot be made: {error}"),
        Ok(metadata) if metadata.is_dir() => {
            let is_empty = fs::read_dir(target)?.next().is_none();
            ensure!(is_empty, "{target} is there and not empty; name a folder that is not there yet");
            Ok(())
        }
        Ok(_) => bail!("{target} is there already; name a folder that is not there yet"),
    }
}
