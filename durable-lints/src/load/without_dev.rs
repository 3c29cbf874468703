//! A copy of a workspace's manifests without what only tests need.
//!
//! `cargo build` downloads what it builds, and `cargo metadata` wants the tests' dependencies too. It
//! has no option to leave them out, so in a clone that was only built it is asked about a copy.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;
use toml_edit::{Item, TableLike, value};

use super::cargo::Request;
use super::tree::{folder_of, join};
use super::workspace::in_folder;
use crate::subject::{Lockfile, Manifest};

/// The copy, gone when this is dropped.
pub(super) struct Copy {
    folder: TempDir,
    manifest: String,
}

impl Copy {
    /// Writes the manifests and the lock file; each package gets an empty library.
    pub(super) fn new(request: &Request<'_>, lockfile: &Lockfile) -> io::Result<Copy> {
        let folder = tempfile::tempdir()?;
        let copy = Copy { folder, manifest: request.manifest.path.to_string() };
        let root = folder_of(&request.manifest.path);
        copy.write(&in_folder(root, "Cargo.lock"), &lockfile.text)?;
        for manifest in request.manifests {
            let own = folder_of(&manifest.path);
            let (text, has_build_script) = stripped(request, manifest);
            copy.write(&manifest.path, &text)?;
            if manifest.package_name().is_some() {
                copy.write(&in_folder(own, "src/lib.rs"), "")?;
            }
            if has_build_script {
                copy.write(&in_folder(own, BUILD_SCRIPT), "")?;
            }
        }
        Ok(copy)
    }

    /// The manifest at the root of the copy.
    pub(super) fn manifest(&self) -> io::Result<Utf8PathBuf> {
        let folder = Utf8Path::from_path(self.folder.path()).ok_or(io::ErrorKind::InvalidFilename)?;
        Ok(folder.join(&self.manifest))
    }

    fn write(&self, path: &str, text: &str) -> io::Result<()> {
        let path = self.folder.path().join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)
    }
}

const BUILD_SCRIPT: &str = "build.rs";

/// A manifest without tests and their dependencies, and whether its package has a build script.
fn stripped(request: &Request<'_>, manifest: &Manifest) -> (String, bool) {
    const TARGETS: [&str; 4] = ["bin", "test", "bench", "example"];
    const DEV: [&str; 2] = ["dev-dependencies", "dev_dependencies"];
    let mut document = manifest.document.clone().into_mut();
    let folder = folder_of(&manifest.path);
    let root = document.as_table_mut();
    for key in TARGETS.iter().chain(&DEV) {
        root.remove(key);
    }
    for (_, target) in table(root.get_mut("target")).into_iter().flat_map(|targets| targets.iter_mut()) {
        if let Some(target) = target.as_table_like_mut() {
            DEV.iter().for_each(|key| drop(target.remove(key)));
        }
    }
    if let Some(library) = table(root.get_mut("lib")) {
        library.remove("path");
    }
    let mut has_build_script = false;
    if let Some(package) = table(root.get_mut("package")) {
        has_build_script = match package.get("build") {
            Some(build) => build.as_bool() != Some(false),
            None => request.root.join(in_folder(folder, BUILD_SCRIPT)).is_file(),
        };
        package.insert("build", if has_build_script { value(BUILD_SCRIPT) } else { value(false) });
        package.remove("default-run");
        package.remove("autolib");
    }
    absolute(root, request, folder);
    // Nothing above the copy is its workspace.
    if manifest.path == request.manifest.path && root.get("workspace").is_none() {
        root.insert("workspace", toml_edit::table());
    }
    (document.to_string(), has_build_script)
}

/// Lets every path that leads out of the copy lead into the checkout.
fn absolute(table: &mut dyn TableLike, request: &Request<'_>, folder: &str) {
    for (key, item) in table.iter_mut() {
        if key == "path"
            && let Some(path) = item.as_str()
        {
            let is_copied = join(folder, path).is_some_and(|path| {
                let path = in_folder(&path, "Cargo.toml");
                request.manifests.iter().any(|manifest| *manifest.path == *path)
            });
            if !is_copied {
                *item = value(request.root.join(folder).join(path).into_string());
            }
        } else if let Some(table) = item.as_table_like_mut() {
            absolute(table, request, folder);
        }
    }
}

fn table(item: Option<&mut Item>) -> Option<&mut dyn TableLike> {
    item?.as_table_like_mut()
}
