//! Where templates are: in this command, in a folder, in a git repository.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::str::FromStr;

use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use include_dir::{Dir, include_dir};

use super::paths::is_place;
use crate::git::{self, Access, Repository};
use crate::interrupt::HalfMade;

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../templates");

/// A template is read by people; a folder with more than this is something else.
const MOST_FILES: usize = 5_000;
/// As [`MOST_FILES`], in bytes for all files together.
const MOST_BYTES: usize = 64 << 20;
/// What lies in a template's folder and is not part of it.
const ASIDE: &[&str] = &[".git", "target"];

/// Files by their paths.
pub(super) type Files = BTreeMap<Utf8PathBuf, Vec<u8>>;

/// What `--template` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// One of those that come with the command, by its name.
    BuiltIn(String),
    /// A folder.
    Folder(Utf8PathBuf),
    /// A folder in a git repository.
    Git {
        /// The repository, as git takes it.
        url: String,
        /// A branch, a tag or a commit; without one what the repository has checked out.
        revision: Option<String>,
        /// The folder in it; empty for all of it.
        folder: Utf8PathBuf,
    },
}

/// A template's files and which state of it they are.
pub(super) struct Found {
    pub(super) files: Files,
    pub(super) version: String,
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Source, String> {
        let (place, fragment) = text.rsplit_once('#').unwrap_or((text, ""));
        if is_repository(place)? {
            let (revision, folder) = fragment.split_once(':').unwrap_or((fragment, ""));
            let revision = Some(revision).filter(|revision| !revision.is_empty()).map(str::to_owned);
            if revision.as_ref().is_some_and(|revision| revision.starts_with('-')) {
                return Err("a branch, tag or commit begins with no `-`".to_owned());
            }
            return Ok(Source::Git {
                url: place.to_owned(),
                revision,
                folder: folder.trim_matches('/').into(),
            });
        }
        if text.starts_with('.') || text.contains(['/', '\\']) {
            return Ok(Source::Folder(text.into()));
        }
        Ok(Source::BuiltIn(text.to_owned()))
    }
}

/// Whether a text names a git repository: a URL, or `user@host:path` as ssh has it.
fn is_repository(text: &str) -> Result<bool, String> {
    if let Some((scheme, _)) = text.split_once("://") {
        return match scheme {
            "https" | "ssh" | "file" => Ok(true),
            _ => Err(format!("a template comes over `https`, `ssh` or `file`, not `{scheme}`")),
        };
    }
    let (host, path) = text.split_once(':').unwrap_or((text, ""));
    Ok(host.contains('@') && !host.contains(['/', '\\']) && !host.starts_with('-') && !path.is_empty())
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::BuiltIn(name) => out.write_str(name),
            Source::Folder(folder) => out.write_str(folder.as_str()),
            Source::Git { url, revision, folder } => {
                out.write_str(&without_password(url))?;
                match (revision.as_deref(), folder.as_str()) {
                    (None, "") => Ok(()),
                    (revision, "") => write!(out, "#{}", revision.unwrap_or_default()),
                    (revision, folder) => write!(out, "#{}:{folder}", revision.unwrap_or_default()),
                }
            }
        }
    }
}

/// A URL as it may be shown and kept.
fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            let _ = parsed.set_password(None);
            parsed.into()
        }
        _ => url.to_owned(),
    }
}

impl Source {
    /// What a project made from it calls it.
    pub(super) fn name(&self) -> String {
        let last = |path: &str| {
            path.trim_end_matches('/').rsplit(['/', ':', '\\']).next().unwrap_or(path).to_owned()
        };
        match self {
            Source::BuiltIn(name) => name.clone(),
            Source::Folder(folder) => {
                let whole = camino::absolute_utf8(folder).unwrap_or_else(|_| folder.clone());
                whole.file_name().unwrap_or("template").to_owned()
            }
            Source::Git { url, folder, .. } if folder.as_str().is_empty() => {
                last(url).trim_end_matches(".git").to_owned()
            }
            Source::Git { folder, .. } => last(folder.as_str()),
        }
    }

    /// Its files.
    ///
    /// # Errors
    /// Where there are none, they cannot be read, or one of them is no file that a project could have.
    pub(super) fn read(&self) -> Result<Found> {
        match self {
            Source::BuiltIn(name) => {
                let files = built_in(name)?;
                Ok(Found { files, version: env!("CARGO_PKG_VERSION").to_owned() })
            }
            Source::Folder(folder) => {
                ensure!(folder.is_dir(), "there is no folder {folder}");
                let mut files = Files::new();
                read_folder(folder, Utf8Path::new(""), &mut files)?;
                let version = digest_of_all(&files);
                Ok(Found { files, version })
            }
            Source::Git { url, revision, folder } => {
                let made = HalfMade::make(tempfile::tempdir);
                let (_half_made, place) = made.context("there is no place to fetch a repository into")?;
                let place = Utf8Path::from_path(place.path()).context("the folder's path is not UTF-8")?;
                let revision = revision.as_deref().unwrap_or("HEAD");
                let repository =
                    git::fetch(url, revision, place, Access::AsUser).context("it cannot be fetched")?;
                let files = read_commit(&repository, folder)?;
                Ok(Found { files, version: repository.commit("FETCH_HEAD")? })
            }
        }
    }
}

/// The names of the folders that come with the command.
pub(super) fn built_in_names() -> Vec<String> {
    BUILT_IN.dirs().filter_map(|folder| folder.path().to_str()).map(str::to_owned).collect()
}

fn built_in(name: &str) -> Result<Files> {
    fn add(folder: &Dir<'_>, top: &str, files: &mut Files) -> Result<()> {
        for file in folder.files() {
            let path = file.path().strip_prefix(top)?.to_str().context("a path that is not UTF-8")?;
            files.insert(path.replace('\\', "/").into(), file.contents().to_vec());
        }
        folder.dirs().try_for_each(|folder| add(folder, top, files))
    }
    let folder = BUILT_IN.get_dir(name).filter(|_| !name.contains('/'));
    let mut files = Files::new();
    add(folder.with_context(|| format!("no template `{name}` comes with this command"))?, name, &mut files)?;
    Ok(files)
}

fn read_folder(top: &Utf8Path, inside: &Utf8Path, files: &mut Files) -> Result<()> {
    let folder = top.join(inside);
    let entries = folder.read_dir_utf8().with_context(|| format!("{folder} cannot be read"))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("a name in {folder} cannot be read"))?;
        let path = inside.join(entry.file_name());
        if ASIDE.contains(&path.as_str()) {
            continue;
        }
        let kind = entry.file_type().with_context(|| format!("{path} cannot be read"))?;
        if kind.is_dir() {
            read_folder(top, &path, files)?;
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).with_context(|| format!("{path} cannot be read"))?;
            add(path, bytes, files)?;
        } else if kind.is_symlink() {
            bail!("{path} is a link; put the file itself in its place");
        } else {
            bail!("{path} is no regular file; take it out");
        }
    }
    Ok(())
}

fn read_commit(repository: &Repository, folder: &Utf8Path) -> Result<Files> {
    let at = |path: &str| Utf8Path::new(path).strip_prefix(folder).map(Utf8Path::to_owned).ok();
    let is_aside =
        |path: &Utf8Path| path.components().next().is_some_and(|part| ASIDE.contains(&part.as_str()));
    let commit = repository.commit("FETCH_HEAD")?;
    if let Some(odd) = repository.odd_entries(&commit)?.iter().find_map(|path| at(path)) {
        bail!("{odd} is a link or a submodule; put the files themselves in its place");
    }
    let mut files = Files::new();
    for (path, bytes) in repository.files(&commit, |path| at(path).is_some_and(|path| !is_aside(&path)))? {
        if let Some(path) = at(&path) {
            add(path, bytes, &mut files)?;
        }
    }
    ensure!(!files.is_empty(), "the repository has no folder {folder}");
    Ok(files)
}

fn add(path: Utf8PathBuf, bytes: Vec<u8>, files: &mut Files) -> Result<()> {
    is_place(&path)?;
    files.insert(path, bytes);
    let size: usize = files.values().map(Vec::len).sum();
    ensure!(
        files.len() <= MOST_FILES && size <= MOST_BYTES,
        "it has more than {MOST_FILES} files or {} MiB; a template is smaller",
        MOST_BYTES >> 20
    );
    Ok(())
}

/// The digest of a file's content. Line ends are those of Unix, whatever git makes of them in a checkout.
pub(super) fn digest(bytes: &[u8]) -> String {
    let is_text = !bytes.contains(&0) && bytes.windows(2).any(|two| two == b"\r\n");
    let unix = is_text.then(|| String::from_utf8_lossy(bytes).replace("\r\n", "\n"));
    blake3::hash(unix.as_deref().map_or(bytes, str::as_bytes)).to_hex().to_string()
}

fn digest_of_all(files: &Files) -> String {
    let mut hasher = blake3::Hasher::new();
    for (path, bytes) in files {
        hasher.update(format!("{path}\n{}\n", digest(bytes)).as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_a_path_or_a_repository() {
        let git = |url: &str, revision: Option<&str>, folder: &str| Source::Git {
            url: url.to_owned(),
            revision: revision.map(str::to_owned),
            folder: folder.into(),
        };
        for (text, expected, shown) in [
            ("cli", Source::BuiltIn("cli".into()), "cli"),
            ("./cli", Source::Folder("./cli".into()), "./cli"),
            ("../a#b", Source::Folder("../a#b".into()), "../a#b"),
            ("https://h/o/t.git", git("https://h/o/t.git", None, ""), "https://h/o/t.git"),
            (
                "https://u:secret@h/o/t#v1",
                git("https://u:secret@h/o/t", Some("v1"), ""),
                "https://u@h/o/t#v1",
            ),
            ("git@h:o/t#v1:rust/svc/", git("git@h:o/t", Some("v1"), "rust/svc"), "git@h:o/t#v1:rust/svc"),
            ("file:///t#:svc", git("file:///t", None, "svc"), "file:///t#:svc"),
        ] {
            let source: Source = text.parse().unwrap();
            assert_eq!(source, expected, "{text}");
            assert_eq!(source.to_string(), shown);
        }
        for text in ["http://h/t", "ext::sh://x", "--upload-pack=x://y", "https://h/t#-x"] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
        let names = ["https://h/o/t.git", "git@h:t", "https://h/o/t#v:rust/svc", "./a/b/", "cli"];
        assert_eq!(names.map(|text| text.parse::<Source>().unwrap().name()), ["t", "t", "svc", "b", "cli"]);
    }

    #[test]
    fn a_digest_is_that_of_the_text() {
        assert_eq!(digest(b"a\r\nb\r\n"), digest(b"a\nb\n"));
        assert_ne!(digest(b"a\r\n\0"), digest(b"a\n\0"));
        assert_ne!(digest(b"a"), digest(b"b"));
    }
}
