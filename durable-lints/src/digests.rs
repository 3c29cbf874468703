//! Values that look like what certificates and keys are recognised by: digests in bytes, in
//! hexadecimal and in base64, and whole certificates.

use crate::resolve::Constant;

/// Whether a value can be what a certificate is held against.
pub(crate) fn is_pin(value: &Constant) -> bool {
    match value {
        // A whole certificate or key.
        Constant::Bytes(bytes) if bytes.len() > 64 => true,
        Constant::Embedded(_) => true,
        Constant::Str(text) if text.contains("-----BEGIN ") => true,
        Constant::List(parts) => is_digest(value) || parts.iter().any(is_pin),
        value => is_digest(value),
    }
}

/// Whether a value is a digest, or holds one.
pub(crate) fn is_digest(value: &Constant) -> bool {
    const LENGTHS: &[usize] = &[20, 28, 32, 48, 64];
    match value {
        Constant::Bytes(bytes) => {
            LENGTHS.contains(&bytes.len()) && bytes.iter().any(|byte| *byte != bytes[0])
        }
        Constant::Str(text) => is_text_digest(text),
        Constant::List(parts) => match value_bytes(parts) {
            Some(bytes) => is_digest(&Constant::Bytes(bytes.into())),
            None => parts.iter().any(is_digest),
        },
        _ => false,
    }
}

fn value_bytes(parts: &[Constant]) -> Option<Vec<u8>> {
    let byte = |part: &Constant| match part {
        Constant::Int(value) => u8::try_from(*value).ok(),
        _ => None,
    };
    parts.iter().map(byte).collect()
}

/// Hexadecimal, with or without colons, or base64; `sha256:` may come before.
fn is_text_digest(text: &str) -> bool {
    let lower = text.trim();
    let named =
        ["sha256:", "SHA256:", "sha256-", "sha1:", "SHA1:", "sha384-", "sha512-", "sha256/", "sha256//"];
    let bare = named.iter().rev().find_map(|name| lower.strip_prefix(name)).unwrap_or(lower).trim();
    let digits: String = bare.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    let is_hex =
        matches!(digits.len(), 40 | 56 | 64 | 96 | 128) && digits.chars().all(|c| c.is_ascii_hexdigit());
    (is_hex && digits.chars().any(|c| !digits.starts_with(c))) || is_base64_digest(bare)
}

/// The base64 of 20, 32, 48 or 64 bytes, of mixed characters as a digest is and a word is not.
fn is_base64_digest(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padded = text.len() - body.len();
    let length = matches!((body.len(), padded), (27, 0 | 1) | (43, 0 | 1) | (64, 0) | (86, 0 | 2));
    let alphabet = body.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_'));
    let mixed = body.chars().any(|c| c.is_ascii_digit())
        && body.chars().any(|c| c.is_ascii_lowercase())
        && body.chars().any(|c| c.is_ascii_uppercase());
    length && alphabet && mixed
}

/// How many pins a value holds.
pub(crate) fn count(value: &Constant) -> usize {
    match value {
        Constant::List(parts) if value_bytes(parts).is_none() => parts.iter().map(count).sum(),
        Constant::Str(text) => text.split(';').count(),
        value => usize::from(is_pin(value)),
    }
}

/// `sha256/…`, also in lists with `;`, as curl and OkHttp write it.
pub(crate) fn is_written_pin(value: &Constant) -> bool {
    match value {
        Constant::Str(text) => text.split(';').all(|pin| {
            let pin = pin.trim();
            let digest = pin.strip_prefix("sha256/").or_else(|| pin.strip_prefix("sha1/"));
            // A digest itself may begin with a slash.
            digest.is_some_and(|digest| {
                is_base64_digest(digest) || digest.strip_prefix('/').is_some_and(is_base64_digest)
            })
        }),
        Constant::List(parts) => !parts.is_empty() && parts.iter().any(is_written_pin),
        _ => false,
    }
}
