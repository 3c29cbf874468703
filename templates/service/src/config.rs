//! The configuration: a file in TOML, then the environment, which wins. What is not known is refused.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use durable_macros::durable;
use secrecy::SecretString;
use serde::Deserialize;
use toml::{Table, Value};

use crate::limits::Limits;
use crate::token::Token;

const PREFIX: &str = "ACME_WIDGET_";
/// The largest file that is read.
const MAX_BYTES: u64 = 64 << 10;

#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) database: PathBuf,
    pub(crate) token: Token,
    pub(crate) limits: Limits,
}

/// The file, or a part of it that one variable brings. The token is no part of it: a configuration is shown and shared.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    listen: SocketAddr,
    certificate: PathBuf,
    key: PathBuf,
    database: PathBuf,
    token_file: Option<PathBuf>,
    limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8443).into(),
            certificate: "config/certificate.pem".into(),
            key: "config/key.pem".into(),
            database: "notes.db".into(),
            token_file: None,
            limits: Limits::default(),
        }
    }
}

/// What is wrong, where, and what mends it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Invalid {
    #[error("{}: cannot be read: {source}; give a file that can as the one argument", path.display())]
    Unreadable { path: PathBuf, source: io::Error },

    #[error("{}:{line}: {message}; see config/example.toml", path.display())]
    File {
        path: PathBuf,
        line: usize,
        message: String,
    },

    #[error("{variable}: {message}; mend or unset it")]
    Variable { variable: String, message: String },

    #[error("there is no token; name a file that holds one as `token_file` or {PREFIX}TOKEN_FILE")]
    NoToken,

    #[error(
        "{from}: a token is 32 characters or more, all printable ASCII without spaces; `openssl rand -hex 32` makes one"
    )]
    Token { from: String },
}

impl Config {
    pub(crate) fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Invalid> {
        let mut table = match file {
            Some(path) => parse(path, &text(path)?)?,
            None => Table::new(),
        };
        let mut token = None;
        for (variable, value) in variables {
            let variable = variable.to_string_lossy().into_owned();
            let Some(key) = variable.strip_prefix(PREFIX) else {
                continue;
            };
            let invalid = |message: &str| Invalid::Variable {
                variable: variable.clone(),
                message: message.into(),
            };
            let value = value.into_string().map_err(|_| invalid("is not UTF-8"))?;
            if key == "TOKEN" {
                token = Some((variable, SecretString::from(value)));
                continue;
            }
            let part = part(key, value).map_err(|error| invalid(error.message()))?;
            put(&mut table, part);
        }
        let settings: Settings =
            Value::Table(table)
                .try_into()
                .map_err(|error: toml::de::Error| Invalid::Variable {
                    variable: PREFIX.into(),
                    message: error.message().into(),
                })?;
        Ok(Self {
            token: secret(token, settings.token_file)?,
            listen: settings.listen,
            certificate: settings.certificate,
            key: settings.key,
            database: settings.database,
            limits: settings.limits,
        })
    }
}

fn parse(path: &Path, text: &str) -> Result<Table, Invalid> {
    // The error itself shows the line, and with it whatever stands there.
    let invalid = |error: toml::de::Error| Invalid::File {
        path: path.into(),
        line: error.span().map_or(1, |span| {
            let before = text.bytes().take(span.start);
            1 + before.filter(|byte| *byte == b'\n').count()
        }),
        message: error.message().into(),
    };
    toml::from_str::<Settings>(text).map_err(invalid)?;
    toml::from_str(text).map_err(invalid)
}

/// What one variable says: `LIMITS_HEADERS` is `headers` of `[limits]`. Limits are numbers, all else is text.
fn part(key: &str, value: String) -> Result<Table, toml::de::Error> {
    let key = key.to_ascii_lowercase();
    let mut part = Table::new();
    match key.strip_prefix("limits_") {
        Some(limit) => {
            let number = value.parse().map_or(Value::String(value), Value::Integer);
            let limits = Table::from_iter([(limit.to_owned(), number)]);
            part.insert("limits".into(), Value::Table(limits));
        }
        None => {
            part.insert(key, Value::String(value));
        }
    }
    Settings::deserialize(part.clone())?;
    Ok(part)
}

fn put(table: &mut Table, part: Table) {
    for (key, value) in part {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(part)) => put(inner, part),
            (_, value) => {
                table.insert(key, value);
            }
        }
    }
}

/// The token of the environment, else that of the file.
#[durable(
    owner = "acme-team",
    guard = "config::tests::what_is_wrong_is_named_and_no_secret_is_told"
)]
fn secret(given: Option<(String, SecretString)>, file: Option<PathBuf>) -> Result<Token, Invalid> {
    let (from, secret) = match (given, file) {
        (Some(given), _) => given,
        (None, Some(path)) => {
            let text = text(&path)?;
            (path.display().to_string(), text.trim_end().into())
        }
        (None, None) => return Err(Invalid::NoToken),
    };
    Token::new(secret).ok_or(Invalid::Token { from })
}

fn text(path: &Path) -> Result<String, Invalid> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text))
        .map_err(|source| Invalid::Unreadable {
            path: path.into(),
            source,
        })?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const TOKEN: &str = "correct-horse-battery-staple-0000";

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let variables = variables
            .iter()
            .map(|(name, value)| (format!("{PREFIX}{name}").into(), value.into()));
        Config::load(Some(file.path()), variables).map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_wins() {
        let text = "listen = '[::1]:1'\n[limits]\nheaders = 7\nconnections = 8";
        let variables = [("TOKEN", TOKEN), ("LIMITS_HEADERS", "9"), ("DATABASE", "x")];
        let config = load(text, &variables).unwrap();
        assert_eq!(config.listen.to_string(), "[::1]:1");
        assert_eq!(config.limits.headers.get(), 9);
        assert_eq!(config.limits.connections.get(), 8);
        assert_eq!(config.database, Path::new("x"));
        assert!(!format!("{config:?}").contains(TOKEN));
    }

    #[test]
    fn what_is_wrong_is_named_and_no_secret_is_told() {
        let good = ("TOKEN", TOKEN);
        let inline = format!("\ntoken = '{TOKEN}'");
        let broken = format!("\n# {TOKEN}\nlisten = {TOKEN}");
        for (text, variables, said) in [
            ("", &[][..], "TOKEN_FILE"),
            ("", &[("TOKEN", "short-secret")], "TOKEN: a token is 32"),
            (
                "",
                &[("TOKEN_FILE", "/no/such")],
                "/no/such: cannot be read",
            ),
            ("", &[good, ("LISTEN", "x")], "LISTEN: "),
            ("", &[good, ("LISEN", "x")], "LISEN: unknown field `lisen`"),
            ("", &[good, ("LIMITS_HEADERS", "0")], "LIMITS_HEADERS: "),
            ("", &[good, ("LIMITS_HEADERS", "many")], "LIMITS_HEADERS: "),
            ("", &[good, ("LIMITS_HEADER_BYTES", "9")], "8192 or more"),
            (&inline, &[good], ":2: unknown field `token`"),
            (&broken, &[good], ":3: "),
            ("[limits]\nheaders = -1", &[good], ":2: "),
            ("[limits]\nhaeders = 1", &[good], ":2: unknown field"),
        ] {
            let error = load(text, variables).unwrap_err();
            assert!(error.contains(said), "{error}\n{said}");
            assert!(
                !error.contains(TOKEN) && !error.contains("short-secret"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_token_may_come_from_a_file() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "{TOKEN}").unwrap();
        let path = file.path().to_str().unwrap();
        assert!(load("", &[("TOKEN_FILE", path)]).is_ok());
        assert!(load(&format!("token_file = '{path}'"), &[]).is_ok());
    }

    #[test]
    fn the_example_is_what_holds_without_it() {
        let example = include_str!("../config/example.toml");
        let file: Settings = toml::from_str(example).unwrap();
        let shown = |settings: Settings| {
            (
                settings.listen,
                settings.key,
                settings.database,
                format!("{:?}", settings.limits),
            )
        };
        assert_eq!(shown(file), shown(Settings::default()));
    }
}
