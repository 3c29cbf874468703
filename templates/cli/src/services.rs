//! A file of services: one a line, its name and its port; `#` begins a comment.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use durable_macros::durable;

use crate::error::Error;

/// The largest file that is read; what is no file, such as `/dev/zero`, ends here as well.
pub(crate) const MAX_BYTES: u64 = 1 << 20;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) port: u16,
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Invalid {
    #[error("the line is not UTF-8")]
    NotText,
    #[error("a line is `NAME PORT`")]
    Shape,
    #[error("{0:?} is no name: letters, digits and `-` of ASCII, at most 63")]
    Name(String),
    #[error("{0:?} is no port from 1 to 65535")]
    Port(String),
    #[error("port {port} belongs to line {first} already")]
    Taken { port: u16, first: usize },
}

pub(crate) fn read(path: &Path) -> Result<Vec<Service>, Error> {
    let unreadable = |source| Error::Unreadable {
        path: path.into(),
        source,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let read = file
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if read as u64 > MAX_BYTES {
        return Err(Error::TooLarge { path: path.into() });
    }
    parse(&bytes).map_err(|(line, source)| Error::Invalid {
        path: path.into(),
        line,
        source,
    })
}

/// Whatever the bytes are: services that hold to all of the rules, or the first line that does not.
#[durable(
    owner = "acme-team",
    guard = "services::tests::what_breaks_a_rule_is_refused_with_its_line"
)]
fn parse(bytes: &[u8]) -> Result<Vec<Service>, (usize, Invalid)> {
    let mut services = Vec::new();
    let mut taken = BTreeMap::new();
    for (line, bytes) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        if let Some(service) = parse_line(bytes).map_err(|invalid| (line, invalid))? {
            let port = service.port;
            if let Some(first) = taken.insert(port, line) {
                return Err((line, Invalid::Taken { port, first }));
            }
            services.push(service);
        }
    }
    Ok(services)
}

fn parse_line(bytes: &[u8]) -> Result<Option<Service>, Invalid> {
    let text = str::from_utf8(bytes).map_err(|_| Invalid::NotText)?;
    let text = text.split_once('#').map_or(text, |(before, _)| before);
    let mut words = text.split_ascii_whitespace();
    match (words.next(), words.next(), words.next()) {
        (None, ..) => Ok(None),
        (Some(name), Some(port), None) => Ok(Some(Service {
            name: parse_name(name)?,
            port: parse_port(port)?,
        })),
        _ => Err(Invalid::Shape),
    }
}

fn parse_name(name: &str) -> Result<String, Invalid> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if name.len() <= 63 && name.bytes().all(allowed) {
        Ok(name.into())
    } else {
        Err(Invalid::Name(name.into()))
    }
}

fn parse_port(text: &str) -> Result<u16, Invalid> {
    match text.parse() {
        // `+80` is a number to the standard library.
        Ok(port) if port > 0 && !text.starts_with('+') => Ok(port),
        _ => Err(Invalid::Port(text.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_are_no_services() {
        let services = parse(b"# all\r\n\nweb 443 # TLS\r\n").unwrap();
        let web = Service {
            name: "web".into(),
            port: 443,
        };
        assert_eq!(services, [web]);
    }

    #[test]
    fn what_breaks_a_rule_is_refused_with_its_line() {
        for (text, line, invalid) in [
            (&b"web"[..], 1, Invalid::Shape),
            (b"web 443 tcp", 1, Invalid::Shape),
            (b"web 1\n\xff 2", 2, Invalid::NotText),
            (b"../web 443", 1, Invalid::Name("../web".into())),
            (b"web 0", 1, Invalid::Port("0".into())),
            (b"web +80", 1, Invalid::Port("+80".into())),
            (b"web 65536", 1, Invalid::Port("65536".into())),
            (b"a 1\nb 2\nc 1", 3, Invalid::Taken { port: 1, first: 1 }),
        ] {
            assert_eq!(parse(text), Err((line, invalid)), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn a_name_has_at_most_63_characters() {
        let name = "a".repeat(63);
        assert_eq!(parse_name(&name), Ok(name.clone()));
        assert!(parse_name(&format!("{name}a")).is_err());
    }
}
