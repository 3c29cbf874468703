//! A project on the disk, written from one text, and the command run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A certificate pin as curl and OkHttp write it: the finding that most of these tests look for.
pub(crate) const PIN: &str = "sha256/GZZB/KAYpP1hsIaM+h8dIbsNFG3SR6BBtTHAdMebPvE=";

/// A library that pins a certificate, and nothing else that a lint is about.
pub(crate) const PINNED: &str = "//- app/Cargo.toml
[package]
name = \"app\"
version = \"0.1.0\"
edition = \"2024\"
//- app/Cargo.lock
version = 4

[[package]]
name = \"app\"
version = \"0.1.0\"
//- app/durable.toml
[owners.identity]
team = \"Identity\"
[lints]
pinned_certificates = \"deny\"
//- app/src/lib.rs
//! Talks to the bank.

/// The pin.
pub fn pin() -> &'static str {
    \"PIN\"
}
";

/// A folder with projects in it, gone at the end of the test.
pub(crate) struct Project {
    folder: TempDir,
}

/// What the command said and how it ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    pub(crate) fn new(text: &str) -> Project {
        let project = Project { folder: tempfile::tempdir().unwrap() };
        project.write(text);
        project
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes the files of a text; `//- path` begins each, `PIN` stands for a pin.
    pub(crate) fn write(&self, text: &str) {
        for part in text.split("//- ").skip(1) {
            let (path, text) = part.split_once('\n').unwrap();
            self.put(path, text.replace("PIN", PIN).as_bytes());
        }
    }

    pub(crate) fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// Runs git in a folder, untouched by the user's settings.
    pub(crate) fn git(&self, folder: &str, arguments: &str) {
        self.git_at(folder, arguments, None);
    }

    /// Runs git in a folder as on a day.
    pub(crate) fn git_at(&self, folder: &str, arguments: &str, day: Option<&str>) {
        let settings = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        command.args(settings).args(arguments.split(' ')).current_dir(self.path(folder));
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        if let Some(day) = day {
            let time = format!("{day}T12:00:00Z");
            command.env("GIT_AUTHOR_DATE", &time).env("GIT_COMMITTER_DATE", &time);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Commits all there is.
    pub(crate) fn commit(&self, folder: &str) {
        if !self.path(folder).join(".git").exists() {
            self.git(folder, "init -q -b main");
        }
        self.git(folder, "add -A");
        self.git(folder, "commit -q --allow-empty -m change");
    }

    /// Commits all there is as on a day.
    pub(crate) fn commit_on(&self, folder: &str, day: &str, title: &str) {
        if !self.path(folder).join(".git").exists() {
            self.git(folder, "init -q -b main");
        }
        self.git(folder, "add -A");
        self.git_at(folder, &format!("commit -q --allow-empty -m {title}"), Some(day));
    }

    /// The command, to be run in a folder, on the day that all tests are on.
    pub(crate) fn command(&self, folder: &str, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-durable"));
        command.args(arguments.split_whitespace()).current_dir(self.path(folder));
        let has_day = !arguments.starts_with("explain") && !arguments.starts_with("new");
        if has_day && !arguments.contains("--now") {
            command.args(["--now", "2026-11-23"]);
        }
        command.env("CARGO_DURABLE_CACHE", self.path("cache")).env("NO_COLOR", "1");
        command
    }

    pub(crate) fn durable(&self, folder: &str, arguments: &str) -> Ran {
        Ran::from(self.command(folder, arguments).output().unwrap())
    }

    /// `check` with a line for each finding.
    pub(crate) fn check(&self, folder: &str, arguments: &str) -> Ran {
        self.durable(folder, &format!("check --message-format short {arguments}"))
    }

    pub(crate) fn baseline(&self, folder: &str) {
        self.durable(folder, "baseline --owner identity --reason moving --for 60d").expect(0, &[]);
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

impl Ran {
    /// The exit code and some of what was said.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32, said: &[&str]) -> &Ran {
        let Ran { out, err, .. } = self;
        assert_eq!(self.code, code, "{out}\n{err}");
        assert!(!err.contains("panicked"), "{err}");
        for said in said {
            assert!(out.contains(said) || err.contains(said), "no `{said}` in\n{out}\n{err}");
        }
        self
    }

    #[track_caller]
    pub(crate) fn without(&self, said: &str) -> &Ran {
        assert!(!self.out.contains(said), "`{said}` in\n{}", self.out);
        self
    }
}

/// Whether a file is there.
pub(crate) fn exists(path: impl AsRef<Path>) -> bool {
    path.as_ref().symlink_metadata().is_ok()
}
