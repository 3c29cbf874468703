//! Which files on the disk are not what git's index says, found out without a filter.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::PathBuf;

use super::{GitError, LINK, Repository, next_of_batch};

/// The mode of a submodule in git's index.
const SUBMODULE: &str = "160000";

/// A larger file is compared byte for byte only.
const LARGEST_TEXT: u64 = 16 << 20;

/// An entry of the index.
struct Entry<'a> {
    hash: &'a str,
    mode: &'a str,
    path: &'a [u8],
}

/// The files that differ, by what `git ls-files --stage -t -z` printed.
pub(super) fn dirty(repository: &Repository, index: &[u8]) -> Result<BTreeSet<String>, GitError> {
    let mut dirty = BTreeSet::new();
    let mut regular: Vec<(Entry<'_>, PathBuf)> = Vec::new();
    let mut unlike: Vec<(Entry<'_>, PathBuf)> = Vec::new();
    // git reads relative paths from the top of the checkout.
    let folder =
        std::path::absolute(&repository.folder).map_err(|error| GitError::Failed(error.to_string()))?;
    for line in index.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
        let Some((tag, stage, entry)) = entry(line) else {
            return Err(GitError::Failed(format!(
                "`{}` is no entry of an index",
                String::from_utf8_lossy(line)
            )));
        };
        let place = folder.join(path_of(entry.path));
        let kind = fs::symlink_metadata(&place).map(|metadata| metadata.file_type());
        match kind {
            _ if entry.mode == SUBMODULE => {}
            // What a sparse checkout leaves out was not deleted by anybody.
            Err(_) if tag == "S" => {}
            Ok(kind) if stage == "0" && kind.is_symlink() && entry.mode == LINK => {
                unlike.push((entry, place))
            }
            // Opening a pipe or device could hang; git dies at what it cannot open.
            Ok(kind)
                if stage == "0" && kind.is_file() && entry.mode != LINK && File::open(&place).is_ok() =>
            {
                regular.push((entry, place));
            }
            _ => drop(dirty.insert(name(&entry))),
        }
    }
    let asked: Vec<u8> = regular.iter().flat_map(|(_, place)| quoted(place)).collect();
    let hashes = repository.answers(&["hash-object", "--no-filters", "--stdin-paths"], &asked)?;
    let hashes = String::from_utf8_lossy(&hashes);
    let mut hashes = hashes.lines();
    unlike.extend(regular.into_iter().filter(|(entry, _)| hashes.next() != Some(entry.hash)));
    dirty.extend(really(repository, unlike)?.iter().map(name));
    Ok(dirty)
}

/// Those whose content differs in more than what git converts without a program.
fn really<'a>(
    repository: &Repository,
    unlike: Vec<(Entry<'a>, PathBuf)>,
) -> Result<Vec<Entry<'a>>, GitError> {
    let size = |place: &PathBuf| fs::symlink_metadata(place).map_or(0, |metadata| metadata.len());
    let lines = |entries: &[(Entry<'a>, PathBuf)]| {
        entries.iter().map(|(entry, _)| format!("{}\n", entry.hash)).collect::<String>()
    };
    // A conversion back makes no file larger, so no larger content is asked for.
    let facts =
        repository.answers(&["cat-file", "--batch-check=%(objectsize)"], lines(&unlike).as_bytes())?;
    let facts = String::from_utf8_lossy(&facts);
    let mut facts = facts.lines().map(|line| line.trim().parse::<u64>().ok());
    let (may_be_same, mut dirty): (Vec<_>, Vec<_>) = unlike.into_iter().partition(|(_, place)| {
        facts
            .next()
            .flatten()
            .is_some_and(|kept| kept <= LARGEST_TEXT && kept <= size(place).max(LARGEST_POINTER))
    });
    let contents = repository.answers(&["cat-file", "--batch"], lines(&may_be_same).as_bytes())?;
    let mut rest = &contents[..];
    for (entry, place) in may_be_same {
        let kept = next_of_batch(&mut rest)
            .ok_or_else(|| GitError::Failed(format!("the content of {} cannot be read", name(&entry))))?;
        let same = if entry.mode == LINK {
            fs::read_link(&place).is_ok_and(|target| bytes_of(&target) == kept)
        } else {
            pointed_size(&kept) == Some(size(&place))
                || content(&place).is_some_and(|now| unix_lines(&now) == kept)
        };
        if !same {
            dirty.push((entry, place));
        }
    }
    Ok(dirty.into_iter().map(|(entry, _)| entry).collect())
}

/// `TAG MODE HASH STAGE`, a tab, the path.
fn entry(line: &[u8]) -> Option<(&str, &str, Entry<'_>)> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let mut facts = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
    let (tag, mode, hash, stage) = (facts.next()?, facts.next()?, facts.next()?, facts.next()?);
    Some((tag, stage, Entry { hash, mode, path: &line[tab + 1..] }))
}

fn name(entry: &Entry<'_>) -> String {
    String::from_utf8_lossy(entry.path).into_owned()
}

fn content(place: &PathBuf) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(place).ok()?.take(LARGEST_TEXT).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The bytes with `\n` for each `\r\n`, as git commits a text where it converts line ends.
fn unix_lines(bytes: &[u8]) -> Vec<u8> {
    let ends_line = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
    (0..bytes.len()).filter(|at| !ends_line(*at)).map(|at| bytes[at]).collect()
}

/// The specification of Git LFS allows a pointer no more bytes.
const LARGEST_POINTER: u64 = 1024;

/// The size of the file that a Git LFS pointer stands for.
fn pointed_size(kept: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(kept).ok().filter(|text| text.len() as u64 <= LARGEST_POINTER)?;
    let text = text.strip_prefix("version https://git-lfs.github.com/spec/v1\n")?;
    text.lines().find_map(|line| line.strip_prefix("size ")?.parse().ok())
}

/// A path as `hash-object --stdin-paths` reads it whatever it holds, on a line of its own.
fn quoted(place: &std::path::Path) -> Vec<u8> {
    let mut line = vec![b'"'];
    for byte in bytes_of(place) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b':' => line.push(byte),
            _ => line.extend(format!("\\{byte:03o}").bytes()),
        }
    }
    line.extend(b"\"\n");
    line
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// The bytes of a path as git writes it.
#[cfg(unix)]
fn bytes_of(path: &std::path::Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(not(unix))]
fn bytes_of(path: &std::path::Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::Repository;
    use super::super::tests::{checkout, commit, git};

    fn dirty(root: &camino::Utf8Path) -> Vec<String> {
        Repository::around(root).unwrap().changes().unwrap().dirty
    }

    #[test]
    fn line_ends_and_large_files_that_git_converts_are_no_changes() {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 2000\n";
        let (_keep, root) = checkout(&[("a.rs", "a\nb\n"), ("b.bin", pointer), ("c.rs", "c\n")]);
        std::fs::write(root.join("a.rs"), "a\r\nb\r\n").unwrap();
        std::fs::write(root.join("b.bin"), [0; 2000]).unwrap();
        std::fs::write(root.join("c.rs"), "c\r\r\n").unwrap();
        assert_eq!(dirty(&root), ["c.rs"]);
        std::fs::write(root.join("a.rs"), "a\r\nx\r\n").unwrap();
        std::fs::write(root.join("b.bin"), [0; 2001]).unwrap();
        assert_eq!(dirty(&root), ["a.rs", "b.bin", "c.rs"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_names_and_what_is_gone_are_told_apart() {
        let (_keep, root) = checkout(&[("sub/a\n\"b\\\r", "a"), ("é b", "b"), ("gone", "c")]);
        std::os::unix::fs::symlink("somewhere", root.join("sub/link")).unwrap();
        commit(&root);
        assert_eq!(dirty(&root), [""; 0]);
        assert_eq!(dirty(&root.join("sub")), [""; 0]);
        std::fs::remove_file(root.join("gone")).unwrap();
        std::fs::remove_file(root.join("sub/link")).unwrap();
        std::os::unix::fs::symlink("elsewhere", root.join("sub/link")).unwrap();
        std::fs::write(root.join("sub/a\n\"b\\\r"), "A").unwrap();
        assert_eq!(dirty(&root), ["gone", "sub/a\n\"b\\\r", "sub/link"]);
        assert_eq!(dirty(&root.join("sub")), ["a\n\"b\\\r", "link"]);
        git(&root, &["update-index", "--skip-worktree", "gone"]);
        assert_eq!(dirty(&root).len(), 2);
    }
}
