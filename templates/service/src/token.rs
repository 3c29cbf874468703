//! The bearer token that guards writes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use durable_macros::durable;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::error::Error;

/// 32 characters of hexadecimal digits are 128 bits.
const LEAST: usize = 32;

#[derive(Clone, Debug)]
pub(crate) struct Token(Arc<SecretString>);

impl Token {
    /// The token, unless it is one that can be guessed or cannot be sent.
    pub(crate) fn new(text: SecretString) -> Option<Self> {
        let bytes = text.expose_secret().as_bytes();
        let fits = bytes.len() >= LEAST && bytes.iter().all(u8::is_ascii_graphic);
        fits.then(|| Self(Arc::new(text)))
    }

    /// The time that it takes tells at most the length.
    #[durable(
        owner = "acme-team",
        guard = "token::tests::the_whole_token_and_nothing_else_is_right"
    )]
    fn allows(&self, headers: &HeaderMap) -> bool {
        let mut given = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (given.next(), given.next()) else {
            return false;
        };
        let Some(given) = value.as_bytes().strip_prefix(b"Bearer ") else {
            return false;
        };
        given.ct_eq(self.0.expose_secret().as_bytes()).into()
    }
}

/// Whatever is no reading needs the token, before anything of the body is read. A new route is guarded without a word.
#[durable(
    owner = "acme-team",
    guard = "service::writing_needs_the_token_before_the_body"
)]
pub(crate) async fn guard_writes(
    State(token): State<Token>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    if request.method().is_safe() || token.allows(request.headers()) {
        Ok(next.run(request).await)
    } else {
        Err(Error::Unauthorized)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn token() -> Token {
        Token::new("a".repeat(LEAST).into()).unwrap()
    }

    #[test]
    fn the_whole_token_and_nothing_else_is_right() {
        let right = format!("Bearer {}", "a".repeat(LEAST));
        for (value, allowed) in [
            (right.as_str(), true),
            ("", false),
            ("Bearer ", false),
            (&right[..right.len() - 1], false),
            (&format!("{right}a"), false),
            (&right.replace("aa", "ab"), false),
            (&right.replace("Bearer", "Basic"), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            assert_eq!(token().allows(&headers), allowed, "{value}");
            // Whoever sends two means one of them for somebody else.
            headers.append(header::AUTHORIZATION, HeaderValue::from_static("Basic x"));
            assert!(!token().allows(&headers), "{value}");
        }
    }

    #[test]
    fn what_can_be_guessed_or_not_be_sent_is_no_token() {
        for text in ["", "short", &"a b".repeat(LEAST), &"ä".repeat(LEAST)] {
            assert!(Token::new(text.into()).is_none(), "{text}");
        }
        assert!(!format!("{:?}", token()).contains("aa"));
    }
}
