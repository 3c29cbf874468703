//! How much of everything, and how long. What is beyond is refused; nothing waits without a bound.

use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use durable_macros::durable;
use serde::{Deserialize, Deserializer};
use tokio::sync::Semaphore;

use crate::error::Error;

/// hyper's least, below which it panics.
const LEAST_HEADER_BYTES: usize = 8192;

/// `[limits]` of the configuration.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// The largest body, in bytes.
    body_bytes: NonZero<u32>,
    /// The request line and all headers together, in bytes.
    #[serde(deserialize_with = "header_bytes")]
    pub(crate) header_bytes: usize,
    /// How many headers.
    pub(crate) headers: NonZero<u16>,
    /// Connections at once; one more is closed.
    pub(crate) connections: NonZero<u16>,
    /// Requests at once; one more is answered with 503.
    requests: NonZero<u16>,
    /// From the connection to the end of the TLS handshake.
    #[serde(rename = "handshake_ms", deserialize_with = "milliseconds")]
    pub(crate) handshake: Duration,
    /// To wait for a request and read its headers.
    #[serde(rename = "header_ms", deserialize_with = "milliseconds")]
    pub(crate) header: Duration,
    /// From the headers of a request to its answer; reading the body is part of it.
    #[serde(rename = "request_ms", deserialize_with = "milliseconds")]
    pub(crate) request: Duration,
    /// The age at which a connection takes no more requests, so that whoever does not read answers is rid of.
    #[serde(rename = "connection_ms", deserialize_with = "milliseconds")]
    pub(crate) connection: Duration,
    /// From a signal until new connections are refused: `/health/ready` says so meanwhile.
    #[serde(rename = "notice_ms", deserialize_with = "milliseconds")]
    pub(crate) notice: Duration,
    /// For the requests that are left after that.
    #[serde(rename = "shutdown_ms", deserialize_with = "milliseconds")]
    pub(crate) shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let count = |count: u16| NonZero::new(count).unwrap_or(NonZero::<u16>::MIN);
        Self {
            body_bytes: count(16 << 10).into(),
            header_bytes: 16 << 10,
            headers: count(64),
            connections: count(1024),
            requests: count(256),
            handshake: Duration::from_secs(5),
            header: Duration::from_secs(10),
            request: Duration::from_secs(10),
            connection: Duration::from_secs(300),
            notice: Duration::from_secs(1),
            shutdown: Duration::from_secs(20),
        }
    }
}

impl Limits {
    pub(crate) fn body(&self) -> usize {
        usize::try_from(self.body_bytes.get()).unwrap_or(usize::MAX)
    }

    pub(crate) fn requests(&self) -> Arc<Semaphore> {
        Arc::new(Semaphore::new(self.requests.get().into()))
    }
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let ms = NonZero::<u32>::deserialize(deserializer)?;
    Ok(Duration::from_millis(ms.get().into()))
}

fn header_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let bytes = u32::deserialize(deserializer)?;
    usize::try_from(bytes)
        .ok()
        .filter(|bytes| *bytes >= LEAST_HEADER_BYTES)
        .ok_or_else(|| serde::de::Error::custom("header_bytes has to be 8192 or more"))
}

/// Answers at once where all places are taken, as a queue would only make everybody late.
#[durable(
    owner = "acme-team",
    guard = "limits::tests::one_request_too_many_is_told_to_come_back"
)]
pub(crate) async fn shed(
    State(places): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let _place = places.try_acquire().map_err(|_| Error::Busy)?;
    Ok(next.run(request).await)
}

pub(crate) async fn end_in_time(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    tokio::time::timeout(limit, next.run(request))
        .await
        .map_err(|_| Error::Timeout)
}

/// hyper drops a `Content-Length` beside a `Transfer-Encoding`; a proxy before it may hold to the other one, and
/// requests are smuggled through the difference. Nobody here needs chunks.
pub(crate) async fn refuse_chunked(request: Request, next: Next) -> Result<Response, Error> {
    if request.headers().contains_key(header::TRANSFER_ENCODING) {
        return Err(Error::LengthRequired);
    }
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn one_request_too_many_is_told_to_come_back() {
        let places = Arc::new(Semaphore::new(1));
        let app = Router::new()
            .route("/", get(async || "here"))
            .layer(from_fn_with_state(places.clone(), shed));
        let status = async || {
            let request = Request::get("/").body(Body::empty()).unwrap();
            app.clone().oneshot(request).await.unwrap().status()
        };
        let taken = places.acquire().await.unwrap();
        assert_eq!(status().await, StatusCode::SERVICE_UNAVAILABLE);
        drop(taken);
        assert_eq!(status().await, StatusCode::OK);
    }
}
