//! Headers of every answer.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use durable_macros::durable;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Nothing that is answered is a page: no browser may guess a type, run, frame, keep or refer to it.
const SECURE: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

#[durable(
    owner = "acme-team",
    guard = "app::tests::a_panic_is_answered_and_tells_nothing"
)]
pub(crate) fn secure(headers: &mut HeaderMap, id: &str) {
    for (name, value) in SECURE {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}
