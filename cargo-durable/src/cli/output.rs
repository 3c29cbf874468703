//! `--output [FORMAT=]FILE`.

use std::str::FromStr;

use camino::Utf8PathBuf;
use clap::ValueEnum as _;

use crate::policy::suggestion;
use crate::render::Format;

/// A file that the report is also written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The format, where one is named.
    pub format: Option<Format>,
    /// The file.
    pub file: Utf8PathBuf,
}

impl Output {
    /// The file, by its whole path: two ways to write one file are the same.
    pub fn whole(&self) -> std::path::PathBuf {
        std::path::absolute(&self.file).unwrap_or_else(|_| self.file.clone().into())
    }

    /// The format that is named, else the one that the ending of the file stands for, else that of
    /// standard output. `.json` is what several formats write: it stands for the one that is
    /// printed, where that is one of them.
    pub fn format(&self, printed: Format) -> Format {
        let name = self.file.file_name().unwrap_or_default();
        let json = matches!(printed, Format::Json | Format::Sarif | Format::Rustc | Format::Gitlab);
        match self.format {
            Some(format) => format,
            None if name.ends_with(".sarif") || name.ends_with(".sarif.json") => Format::Sarif,
            None if name.ends_with(".json") && !json => Format::Json,
            None => printed,
        }
    }
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Output, String> {
        let is_word = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let named = text.split_once('=').filter(|(name, _)| is_word(name));
        let (format, file) = match named {
            Some((name, file)) => (Some(format(name)?), file),
            None => (None, text),
        };
        match file {
            "" => Err("name a file, as in `sarif=report.sarif`".into()),
            "-" => Err("name a file; what is printed is chosen with `--message-format`".into()),
            // `--output sarif` would leave a file of that name, in the format that is printed.
            name if format.is_none() && Format::from_str(name, false).is_ok() => Err(format!(
                "`{name}` is a format; name a file too, as in `{name}=report`, or write `./{name}`"
            )),
            file => Ok(Output { format, file: file.into() }),
        }
    }
}

fn format(name: &str) -> Result<Format, String> {
    let known = Format::value_variants().iter().filter_map(|format| format.to_possible_value());
    let known: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
    Format::from_str(name, false).map_err(|_| {
        let help = suggestion(name, known.iter().map(String::as_str))
            .unwrap_or_else(|| format!("it is one of {}.", known.join(", ")));
        format!("`{name}` is no format; {help} A file of this name is written `./{name}=…`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_named_or_follows_from_the_ending_or_from_what_is_printed() {
        use Format::{Gitlab, Human, Json, Sarif, Short};
        for (text, printed, format, file) in [
            ("sarif=a.txt", Human, Sarif, "a.txt"),
            ("a.sarif", Json, Sarif, "a.sarif"),
            ("a.sarif.json", Human, Sarif, "a.sarif.json"),
            ("a.json", Human, Json, "a.json"),
            ("gl.json", Gitlab, Gitlab, "gl.json"),
            ("a.txt", Short, Short, "a.txt"),
            ("./sarif=a", Short, Short, "./sarif=a"),
        ] {
            let output: Output = text.parse().unwrap();
            assert_eq!((output.format(printed), output.file.as_str()), (format, file), "{text}");
        }
    }

    #[test]
    fn what_names_no_file_or_format_is_refused() {
        for (text, said) in [
            ("sariff=a", "did you mean `sarif`?"),
            ("xml=a", "it is one of human, short"),
            ("sarif=", "name a file"),
            ("", "name a file"),
            ("json=-", "--message-format"),
            ("sarif", "`sarif` is a format"),
        ] {
            let error = text.parse::<Output>().unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
