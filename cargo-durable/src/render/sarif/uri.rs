//! Paths as URI references.

use std::fmt::Write as _;

/// A relative path: `src/new%20syntax.rs`.
pub(super) fn relative(path: &str) -> String {
    encode(path)
}

/// An absolute path: `file:///a/b.rs`.
pub(super) fn file(path: &str) -> String {
    let path = path.replace('\\', "/");
    match path.strip_prefix("//") {
        Some(share) => format!("file://{}", encode(share)),
        None => format!("file:///{}", drive(path.trim_start_matches('/'))),
    }
}

/// A folder, with the slash at its end that a base needs.
pub(super) fn folder(path: &str) -> String {
    let mut uri = file(path);
    if !uri.ends_with('/') {
        uri.push('/');
    }
    uri
}

/// Whether a path is absolute, on whatever system it was written.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || path.starts_with("\\\\") || has_drive(path)
}

fn has_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'\\' | b'/')
}

/// The colon of a drive stays as it is.
fn drive(path: &str) -> String {
    if has_drive(path) { format!("{}:{}", &path[..1], encode(&path[2..])) } else { encode(path) }
}

/// Encodes everything but the unreserved characters and the slash; the colon too, since before
/// the first slash it would end a scheme.
fn encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{file, folder, is_absolute, relative};

    #[test]
    fn paths_are_encoded() {
        assert_eq!(relative("a:b/ç #%?[1]\u{1b}.rs"), "a%3Ab/%C3%A7%20%23%25%3F%5B1%5D%1B.rs");
        assert_eq!(folder("/work space"), "file:///work%20space/");
        assert_eq!(folder("/"), "file:///");
        assert_eq!(file("C:\\a b\\c.rs"), "file:///C:/a%20b/c.rs");
        assert_eq!(file("\\\\host\\share"), "file://host/share");
        assert!(is_absolute("/a") && is_absolute("C:\\a") && !is_absolute("a/b") && !is_absolute("c:"));
    }
}
