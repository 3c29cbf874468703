//! What every request meets first and every answer passes last.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use durable_macros::durable;
use futures_util::FutureExt;
use tracing::{Instrument, info, info_span};
use uuid::Uuid;

use crate::error::{Error, Problem};
use crate::headers;

/// Gives the request an id of ours, as one that comes along is somebody else's text; answers even where a handler panics;
/// and logs one line, without headers, query or body.
#[durable(
    owner = "acme-team",
    guard = "app::tests::a_panic_is_answered_and_tells_nothing"
)]
pub(crate) async fn answer(request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().to_string();
    let span = info_span!("request", id);
    let begun = Instant::now();
    let method = request.method().clone();
    // What is no printable ASCII is escaped.
    let path = request.uri().path().escape_default().to_string();
    async {
        let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let mut response = answered.unwrap_or_else(|_| Error::Panicked.into_response());
        Problem::render(&mut response, &id);
        headers::secure(response.headers_mut(), &id);
        let status = response.status().as_u16();
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        info!(%method, path, status, ms, "answered");
        response
    }
    .instrument(span)
    .await
}
