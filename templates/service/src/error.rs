//! What can go wrong: what the client is told, and what the log alone is told.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use durable_macros::durable;
use serde_json::json;
use tracing::{error, warn};

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Config(#[from] crate::config::Invalid),

    #[error("{}: {reason}", path.display())]
    Tls { path: PathBuf, reason: String },

    #[error("{}: is no database of notes that can be opened: {source}", path.display())]
    Database {
        path: PathBuf,
        source: rusqlite::Error,
    },

    #[error("{address}: cannot be listened on: {source}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },

    #[error("signals cannot be awaited: {0}")]
    Signal(io::Error),

    #[error("a thread cannot be started: {0}")]
    Thread(io::Error),
}

/// Why a request is refused or fails. The text is for the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the token is missing or wrong")]
    Unauthorized,
    #[error("no such note")]
    NoNote,
    #[error("a body without its length")]
    LengthRequired,
    #[error("{0}")]
    Invalid(&'static str),
    #[error("too many requests at once")]
    Busy,
    #[error("stopping")]
    Stopping,
    #[error("not done in time")]
    Timeout,
    #[error("the database: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("the thread of the database is gone or panicked")]
    StoreGone,
    #[error("a handler panicked")]
    Panicked,
}

impl Error {
    /// The status, the code that clients can rely on, and what people are told.
    fn told(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "This needs a valid bearer token.",
            ),
            Self::NoNote => (StatusCode::NOT_FOUND, "not_found", NOTHING),
            Self::LengthRequired => (
                StatusCode::LENGTH_REQUIRED,
                "length_required",
                "A body needs a Content-Length and no Transfer-Encoding.",
            ),
            Self::Invalid(what) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", what),
            Self::Busy | Self::Stopping => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Try again later.",
            ),
            Self::Timeout => (
                StatusCode::REQUEST_TIMEOUT,
                "timeout",
                "The request was not done in time.",
            ),
            Self::Database(_) | Self::StoreGone | Self::Panicked => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", INTERNAL)
            }
        }
    }
}

const NOTHING: &str = "There is nothing here.";
const INTERNAL: &str = "Something broke on our side. The request id finds it in our log.";

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.told().0.into_response();
        let more = match self {
            Self::Unauthorized => Some((header::WWW_AUTHENTICATE, "Bearer")),
            Self::Busy | Self::Stopping => Some((header::RETRY_AFTER, "1")),
            // Where the next request begins is a matter of opinion by now.
            Self::LengthRequired => Some((header::CONNECTION, "close")),
            _ => None,
        };
        if let Some((name, value)) = more {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response.extensions_mut().insert(Problem(Arc::new(self)));
        response
    }
}

/// The error behind an answer, on its way to where the request id is known.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Arc<Error>);

impl Problem {
    /// Makes an answer that is an error `application/problem+json`, whoever made it: what a framework says of an
    /// error is not ours to promise.
    #[durable(
        owner = "acme-team",
        guard = "error::tests::the_cause_is_not_told_to_the_client"
    )]
    pub(crate) fn render(response: &mut Response, id: &str) {
        let status = response.status();
        if !status.is_client_error() && !status.is_server_error() {
            return;
        }
        let (code, detail) = match response.extensions_mut().remove::<Self>() {
            Some(Self(cause)) => {
                if status == StatusCode::INTERNAL_SERVER_ERROR {
                    error!(%cause, "failed");
                } else {
                    warn!(%cause, "refused");
                }
                let (_, code, detail) = cause.told();
                (code, detail)
            }
            None => by_status(status),
        };
        let title = status.canonical_reason().unwrap_or("Error");
        let status = status.as_u16();
        let problem = json!({
            "type": "about:blank",
            "title": title,
            "status": status,
            "code": code,
            "detail": detail,
            "request_id": id,
        });
        *response.body_mut() = Body::from(problem.to_string());
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
    }
}

/// What axum refuses by itself.
fn by_status(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST => ("bad_request", "The request cannot be understood."),
        StatusCode::NOT_FOUND => ("not_found", NOTHING),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("method_not_allowed", "This cannot be done to what is here.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "The body is too large."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            "unsupported_media_type",
            "The body has to be `application/json`.",
        ),
        StatusCode::UNPROCESSABLE_ENTITY => ("invalid", "The body is not as it has to be."),
        _ if status.is_client_error() => ("refused", "The request is refused."),
        _ => ("internal", INTERNAL),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn the_cause_is_not_told_to_the_client() {
        let cause = rusqlite::Error::InvalidPath("/srv/secret.db".into());
        let mut response = Error::Database(cause).into_response();
        Problem::render(&mut response, "7");
        let body = to_bytes(response.into_body(), 1 << 10).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let expected = json!({
            "type": "about:blank", "title": "Internal Server Error", "status": 500,
            "code": "internal", "detail": INTERNAL, "request_id": "7",
        });
        assert_eq!(body, expected);
    }
}
