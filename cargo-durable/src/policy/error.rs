//! What is wrong with a policy, with its place and what mends it.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use durable_lints::finding::Position;

/// A file that people or the tool wrote and that cannot be used as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The file.
    pub file: Utf8PathBuf,
    /// Where in it; `None` where the file as a whole is meant.
    pub at: Option<Position>,
    /// What is wrong.
    pub message: String,
    /// What mends it.
    pub help: Option<String>,
}

impl std::error::Error for PolicyError {}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(at) = self.at {
            write!(f, ":{}:{}", at.line, at.column)?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

impl PolicyError {
    /// An error about a whole file.
    pub fn new(file: &Utf8Path, message: impl Into<String>) -> PolicyError {
        PolicyError { file: file.to_owned(), at: None, message: message.into(), help: None }
    }

    /// The same error, with its place.
    pub fn at(mut self, text: &str, offset: usize) -> PolicyError {
        self.at = Some(position(text, offset));
        self
    }

    /// The same error, with what mends it.
    pub fn help(mut self, help: impl Into<String>) -> PolicyError {
        self.help = Some(help.into());
        self
    }

    /// What the TOML parser says, in our words: an unknown key gets the nearest known one.
    pub fn toml(file: &Utf8Path, text: &str, error: &toml::de::Error) -> PolicyError {
        let said = error.message().trim().lines().collect::<Vec<_>>().join(", ");
        let known = |marker: &str| said.starts_with(marker).then(|| said.split('`').skip(1).step_by(2));
        let mut wrong = PolicyError::new(file, said.clone());
        if let Some(mut words) = known("unknown field").or_else(|| known("unknown variant")) {
            let word = words.next().unwrap_or_default();
            let what = if said.starts_with("unknown field") { "key" } else { "value" };
            let all: Vec<&str> = words.collect();
            wrong.message = format!("unknown {what} `{word}`");
            wrong.help =
                Some(suggestion(word, all.iter().copied()).unwrap_or(format!("one of {}", all.join(", "))));
        }
        match error.span() {
            Some(span) => wrong.at(text, span.start),
            None => wrong,
        }
    }
}

/// The line and column of a byte offset.
pub fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    Position { line: line as u32, column: column as u32 }
}

/// "did you mean …?", where one of the known words is near enough.
pub fn suggestion<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let near = known
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(steps, candidate)| *steps <= candidate.len().max(word.len()) / 3)
        .min()?;
    Some(format!("did you mean `{}`?", near.1))
}
