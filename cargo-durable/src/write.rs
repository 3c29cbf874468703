//! Writing a file whole or not at all, and by one process at a time.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::NamedTempFile;

/// Replaces a file. A symbolic link stays one, and its target is replaced; permissions stay.
///
/// A device or pipe is written to, not replaced.
///
/// # Errors
/// Where the disk refuses; then the old file is as it was.
pub fn atomically(path: &Utf8Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path).map(|metadata| metadata.file_type()) {
        Ok(kind) if kind.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(kind) if !kind.is_file() => {
            return fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
        }
        _ => {}
    }
    let target = match path.canonicalize_utf8() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        other => other?,
    };
    sweep(folder_of(&target));
    put(written_beside(&target, bytes)?, &target)
}

/// The right to change files below a root, which one process has at a time; it ends with the process.
pub struct Hold {
    root: Utf8PathBuf,
    /// Locked until it is closed.
    _lock: Option<File>,
    swept: RefCell<BTreeSet<Utf8PathBuf>>,
}

/// Why a file is left as it is.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Another process has the right to change files, and keeps it.
    #[error(
        "another `cargo durable` has been changing files below {0} for {n} seconds; run again when it has ended",
        n = PATIENCE.as_secs()
    )]
    Held(Utf8PathBuf),
    /// It is not what was read.
    #[error("it changed while it was checked; run again")]
    Changed,
    /// A link leads elsewhere.
    #[error("it leads to {0}, which is outside {1}; replace the link with a file")]
    Outside(Utf8PathBuf, Utf8PathBuf),
    /// It is a device, pipe or folder.
    #[error("it is no regular file")]
    NoFile,
    /// The disk refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// So long another process is waited for. It writes what it has found already, which takes no second.
const PATIENCE: Duration = Duration::from_secs(10);

impl Hold {
    /// Waits for the right to change files below a root.
    ///
    /// # Errors
    /// Where another process keeps it for too long, or there is no such folder.
    pub fn of(root: &Utf8Path) -> Result<Hold, WriteError> {
        let root = root.canonicalize_utf8()?;
        let lock = lock_file(&root)?;
        let start = Instant::now();
        let lock = loop {
            match lock.try_lock() {
                Ok(()) => break Some(lock),
                Err(TryLockError::WouldBlock) if start.elapsed() > PATIENCE => {
                    return Err(WriteError::Held(root));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(20)),
                // Some network file systems know no locks. What changed is told there all the same.
                Err(TryLockError::Error(_)) => break None,
            }
        };
        Ok(Hold { root, _lock: lock, swept: RefCell::default() })
    }

    /// Replaces a file below the root, or the file that a link there leads to, where it still holds
    /// what was read (`None`: there was none).
    ///
    /// # Errors
    /// Where it does not, lies outside the root, is no regular file, or the disk refuses; then it is as
    /// it was.
    pub fn replace(&self, path: &Utf8Path, read: Option<&[u8]>, bytes: &[u8]) -> Result<(), WriteError> {
        let target = inside(&self.root, path)?;
        let folder = folder_of(&target);
        if self.swept.borrow_mut().insert(folder.to_owned()) {
            sweep(folder);
        }
        let file = written_beside(&target, bytes)?;
        // An editor asks for no lock, so the comparison comes last.
        let now = match fs::read(&target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            other => Some(other?),
        };
        if now.as_deref() != read {
            return Err(WriteError::Changed);
        }
        put(file, &target).map_err(WriteError::Io)
    }
}

/// Where a file below a root really lies, which is no link itself and may not exist yet.
///
/// # Errors
/// Where that is outside the root, or no regular file.
pub fn inside(root: &Utf8Path, path: &Utf8Path) -> Result<Utf8PathBuf, WriteError> {
    let root = root.canonicalize_utf8()?;
    let path = root.join(path);
    let target = match path.canonicalize_utf8() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A link that leads nowhere is replaced itself.
            let folder = folder_of(&path).canonicalize_utf8()?;
            folder.join(path.file_name().ok_or(WriteError::NoFile)?)
        }
        other => other?,
    };
    if !target.starts_with(&root) {
        return Err(WriteError::Outside(target, root));
    }
    match fs::metadata(&target) {
        Ok(metadata) if !metadata.is_file() => Err(WriteError::NoFile),
        _ => Ok(target),
    }
}

/// What is locked for a root: the folder itself, so that nothing is left behind and everybody who sees
/// the folder meets there.
#[cfg(unix)]
fn lock_file(root: &Utf8Path) -> io::Result<File> {
    File::open(root)
}

/// Elsewhere folders cannot be locked.
#[cfg(not(unix))]
fn lock_file(root: &Utf8Path) -> io::Result<File> {
    let name = format!("cargo-durable-{}.lock", blake3::hash(root.as_str().as_bytes()).to_hex());
    File::options().create(true).write(true).truncate(false).open(std::env::temp_dir().join(name))
}

fn folder_of(path: &Utf8Path) -> &Utf8Path {
    path.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(Utf8Path::new("."))
}

const PREFIX: &str = ".cargo-durable-";
const SUFFIX: &str = ".tmp";
const RANDOM: usize = 16;

/// Whether a path is named as our temporary files are.
pub fn is_temporary(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let random = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    random.is_some_and(|random| {
        random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// A new file beside another that will replace it, locked as long as this process lives.
fn written_beside(target: &Utf8Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    // A new file gets what the umask leaves; the library alone would make it private.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM).tempfile_in(folder_of(target))?;
    // Where there are no locks, nobody sweeps either.
    let _ = file.as_file().try_lock();
    file.write_all(bytes)?;
    if let Ok(metadata) = fs::metadata(target) {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

fn put(file: NamedTempFile, target: &Utf8Path) -> io::Result<()> {
    file.persist(target).map(drop).map_err(|error| error.error)
}

/// Removes the temporary files that killed processes left in a folder: those whose writer, who would
/// lock them, is no more.
fn sweep(folder: &Utf8Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_str().is_some_and(is_temporary);
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let Ok(file) = File::open(entry.path()) else { continue };
        if file.try_lock().is_ok() {
            // Another run may have been faster; either way it is gone.
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
        (folder, root)
    }

    #[test]
    fn only_what_was_read_is_replaced() {
        let (_keep, root) = root();
        let hold = Hold::of(&root).unwrap();
        let path = Utf8Path::new("a");
        hold.replace(path, None, b"one").unwrap();
        assert!(matches!(hold.replace(path, None, b"two"), Err(WriteError::Changed)));
        assert!(matches!(hold.replace(path, Some(b"zero"), b"two"), Err(WriteError::Changed)));
        assert_eq!(fs::read(root.join("a")).unwrap(), b"one");
        hold.replace(path, Some(b"one"), b"two").unwrap();
        assert_eq!(fs::read(root.join("a")).unwrap(), b"two");
        assert_eq!(fs::read_dir(&root).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_is_not_written_through() {
        let (_keep, outside) = root();
        let (_also, root) = root();
        fs::write(outside.join("a"), "theirs").unwrap();
        std::os::unix::fs::symlink(outside.join("a"), root.join("a")).unwrap();
        std::os::unix::fs::symlink(&outside, root.join("sub")).unwrap();
        let hold = Hold::of(&root).unwrap();
        for path in ["a", "sub/a", "sub/new", "../a"] {
            let said = hold.replace(Utf8Path::new(path), Some(b"theirs"), b"ours").unwrap_err();
            assert!(matches!(said, WriteError::Outside(..)), "{path}: {said}");
        }
        assert_eq!(fs::read(outside.join("a")).unwrap(), b"theirs");
        fs::create_dir(root.join("folder")).unwrap();
        assert!(matches!(hold.replace(Utf8Path::new("folder"), None, b""), Err(WriteError::NoFile)));
    }

    #[test]
    fn what_the_killed_left_goes_and_nothing_else() {
        let (_keep, root) = root();
        let left = [".cargo-durable-0123456789abcdef.tmp", ".cargo-durable-config.tmp", ".cargo-durable-"];
        left.iter().for_each(|name| fs::write(root.join(name), "x").unwrap());
        let written = written_beside(&root.join("other"), b"by a process that lives").unwrap();
        Hold::of(&root).unwrap().replace(Utf8Path::new("a"), None, b"a").unwrap();
        assert_eq!(left.map(|name| root.join(name).exists()), [false, true, true]);
        assert!(written.path().exists());
    }
}
