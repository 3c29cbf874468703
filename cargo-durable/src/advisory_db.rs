//! Where the advisory database is: a folder, a clone that another tool made, or a git URL.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cache::Cache;
use crate::git::{self, Access};

/// What `--advisory-db` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdvisoryDb {
    /// A folder.
    Folder(Utf8PathBuf),
    /// `default`: the newest clone that cargo-audit or cargo-deny made.
    Default,
    /// A git URL, fetched into the cache folder.
    Url(String),
}

impl FromStr for AdvisoryDb {
    type Err = String;

    fn from_str(text: &str) -> Result<AdvisoryDb, String> {
        match text.split_once("://") {
            _ if text.is_empty() => Err("expected a folder, `default` or a git URL".to_owned()),
            _ if text == "default" => Ok(AdvisoryDb::Default),
            Some(("https" | "file", _)) => Ok(AdvisoryDb::Url(text.to_owned())),
            Some((scheme, _)) => Err(format!(
                "`{scheme}:` is not fetched from; name an `https:` URL, or the folder of a clone that you made"
            )),
            None => Ok(AdvisoryDb::Folder(text.into())),
        }
    }
}

impl AdvisoryDb {
    /// The folder to read. A URL is fetched now.
    ///
    /// # Errors
    /// Where there is no clone, or it cannot be fetched.
    pub fn folder(&self) -> Result<Utf8PathBuf> {
        match self {
            AdvisoryDb::Folder(folder) => Ok(folder.clone()),
            AdvisoryDb::Default => newest_clone(),
            AdvisoryDb::Url(url) => fetched(url),
        }
    }
}

/// cargo-audit keeps one clone, cargo-deny one for each URL.
fn newest_clone() -> Result<Utf8PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let home = home.and_then(|home| Utf8PathBuf::from_path_buf(home).ok());
    let home = home.context("there is no home folder in which clones could be")?;
    let of_deny = home.join("advisory-dbs").read_dir_utf8().into_iter().flatten().flatten();
    let clones = of_deny.map(|entry| entry.path().to_owned()).chain([home.join("advisory-db")]);
    let newest =
        clones.filter(|folder| folder.join("crates").is_dir()).max_by_key(|folder| fetched_at(folder));
    newest.with_context(|| {
        format!(
            "`--advisory-db default` finds no clone in {} or {}; `cargo audit` or `cargo deny fetch` makes one, or name a \
             folder or URL",
            home.join("advisory-db"),
            home.join("advisory-dbs")
        )
    })
}

/// When a clone was last fetched, as far as git's own files tell.
fn fetched_at(folder: &Utf8Path) -> SystemTime {
    let marks = ["FETCH_HEAD", "HEAD"].map(|name| folder.join(".git").join(name));
    let times = marks.iter().filter_map(|mark| mark.metadata().ok()?.modified().ok());
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

fn fetched(url: &str) -> Result<Utf8PathBuf> {
    let Some(cache) = Cache::default_folder() else {
        bail!("there is no cache folder to fetch {url} into; set CARGO_DURABLE_CACHE to one");
    };
    let name = blake3::hash(url.as_bytes()).to_hex();
    let folder = cache.join("advisory-dbs").join(&name[..16]);
    let fetched = git::fetch(url, "HEAD", &folder, Access::Anonymous);
    fetched.and_then(|repository| repository.check_out()).with_context(|| {
        let kept = if folder.join("crates").is_dir() {
            format!("; its last state is in {folder}")
        } else {
            String::new()
        };
        format!("the advisory database cannot be fetched from {url}{kept}")
    })?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_a_url_or_a_folder() {
        let read = |text: &str| text.parse::<AdvisoryDb>();
        assert_eq!(read("default"), Ok(AdvisoryDb::Default));
        assert_eq!(read("./default"), Ok(AdvisoryDb::Folder("./default".into())));
        assert_eq!(read("https://a.example/db"), Ok(AdvisoryDb::Url("https://a.example/db".into())));
        for no in ["", "ssh://a.example/db", "ext::sh", "http://a.example/db"] {
            let said = read(no);
            assert!(said.is_err() || matches!(said, Ok(AdvisoryDb::Folder(_))) && no == "ext::sh", "{no}");
        }
    }
}
