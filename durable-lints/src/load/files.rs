//! Where the texts of files come from: the disk or memory.

use std::collections::BTreeMap;
use std::io::Read;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use crate::report::Unchecked;
use crate::vocabulary::Position;

/// Where the texts of files come from: the disk, a fixture, or a commit of history.
pub trait Files: Sync {
    /// The bytes of a file, by its path relative to the workspace root.
    ///
    /// # Errors
    /// Where the file cannot be read, with the reason in words.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// Whether something is there, by its path relative to the workspace root.
    fn exists(&self, path: &str) -> bool;
}

/// The largest file that is read, in MiB. No source is that long; what is cannot be checked.
pub const LARGEST_MIB: u64 = 64;

/// Files on the disk.
#[derive(Clone, Debug)]
pub struct DiskFiles {
    /// The folder that every path is relative to.
    pub root: Utf8PathBuf,
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        // Paths may come from source (`include_bytes!`), so none may lead out of the checkout.
        if Utf8Path::new(path).components().any(|part| !matches!(part, Utf8Component::Normal(_))) {
            return Err("the path leads out of the checked folder".to_owned());
        }
        let path = self.root.join(path);
        match path.canonicalize_utf8() {
            Ok(real) if real.starts_with(&self.root) => read_regular(&real),
            Ok(_) => Err("the path leads out of the checked folder".to_owned()),
            Err(error) => Err(reason(error)),
        }
    }

    fn exists(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok_and(|metadata| !metadata.is_dir())
    }
}

/// Reads a regular file within the size limit. Others are refused before they are opened: a named
/// pipe would block, a device would never end.
///
/// # Errors
/// Where there is none, or it is a link, no file or too large; the reason in words.
pub fn read_regular(path: &Utf8Path) -> Result<Vec<u8>, String> {
    let limit = LARGEST_MIB << 20;
    let too_large = || format!("the file is larger than the limit of {LARGEST_MIB} MiB");
    let metadata = std::fs::symlink_metadata(path).map_err(reason)?;
    if !metadata.is_file() {
        return Err("this is not a regular file".to_owned());
    }
    if metadata.len() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
    let file = std::fs::File::open(path).map_err(reason)?;
    // It may grow while it is read.
    file.take(limit + 1).read_to_end(&mut bytes).map_err(reason)?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}

fn reason(error: std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "the file is not there any more".to_owned(),
        std::io::ErrorKind::PermissionDenied => "the permission to read it is missing".to_owned(),
        _ => error.to_string(),
    }
}

/// Files in memory, by their path relative to the root.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    /// The bytes of each file.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl MemoryFiles {
    /// A tree of texts.
    pub fn new<P: Into<String>, T: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, T)>) -> MemoryFiles {
        MemoryFiles { files: files.into_iter().map(|(path, text)| (path.into(), text.into())).collect() }
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.files.get(path).cloned().ok_or_else(|| "there is no such file".to_owned())
    }

    fn exists(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }
}

/// The text of a file, or why there is none.
pub(super) fn read_text(files: &dyn Files, path: &str) -> Result<String, Unchecked> {
    let bytes = files.read(path).map_err(|reason| unchecked(path, reason))?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        Unchecked {
            at: Some(position(&before, valid)),
            help: Some("save the file as UTF-8".to_owned()),
            ..unchecked(path, "the file is not UTF-8")
        }
    })
}

/// A file that could not be checked.
pub(super) fn unchecked(path: &str, reason: impl Into<String>) -> Unchecked {
    Unchecked { path: path.into(), at: None, reason: reason.into(), help: None }
}

/// The line and column of a byte offset.
pub(super) fn position(text: &str, offset: usize) -> Position {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let line = memchr::memchr_iter(b'\n', before).count() as u32 + 1;
    // Bytes that continue a character are not counted.
    let column = before[line_start..].iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u32 + 1;
    Position { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_checkout() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        std::fs::write(root.join("here"), "text").unwrap();
        let files = DiskFiles { root };
        assert_eq!(files.read("here"), Ok(b"text".to_vec()));
        for path in ["../here", "/etc/hostname", "a/../../b"] {
            assert_eq!(files.read(path).unwrap_err(), "the path leads out of the checked folder");
        }
        assert_eq!(files.read("").unwrap_err(), "this is not a regular file");
        assert_eq!(files.read("gone").unwrap_err(), "the file is not there any more");
    }

    #[cfg(unix)]
    #[test]
    fn devices_and_large_files_are_refused_without_reading() {
        assert_eq!(read_regular(Utf8Path::new("/dev/zero")).unwrap_err(), "this is not a regular file");
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().join("large")).unwrap();
        std::fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
        assert_eq!(read_regular(&path).unwrap_err(), "the file is larger than the limit of 64 MiB");
    }

    #[test]
    fn positions_count_characters() {
        assert_eq!(position("é\nüx", 5), Position { line: 2, column: 2 });
        assert_eq!(position("", 9), Position { line: 1, column: 1 });
    }
}
