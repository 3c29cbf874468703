//! Every route, and what lies around it.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tokio_util::sync::CancellationToken;

use crate::limits::Limits;
use crate::notes::{self, Store};
use crate::token::{self, Token};
use crate::{edge, health, limits};

/// The last layer that is added is the first that a request meets.
pub(crate) fn router(
    limits: &Limits,
    store: Store,
    token: Token,
    stopping: CancellationToken,
) -> Router {
    let notes = notes::routes(store.clone())
        .layer(DefaultBodyLimit::max(limits.body()))
        .layer(from_fn_with_state(token, token::guard_writes))
        .layer(from_fn_with_state(limits.requests(), limits::shed));
    // Health is asked past the limit on requests: a busy service is not a dead one.
    let routes = notes.merge(health::routes(store, stopping));
    around(routes, limits)
}

/// What holds for every answer, that to a path without a route as well.
fn around(routes: Router, limits: &Limits) -> Router {
    routes
        .layer(from_fn_with_state(limits.request, limits::end_in_time))
        .layer(from_fn(limits::refuse_chunked))
        .layer(from_fn(edge::answer))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode};
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_and_tells_nothing() {
        async fn broken() {
            panic!("the password is hunter2");
        }
        let app = around(
            Router::new().route("/broken", get(broken)),
            &Limits::default(),
        );
        let request = Request::get("/broken").body(Body::empty()).unwrap();
        let response = app.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        let body = to_bytes(response.into_body(), 1 << 10).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("\"code\":\"internal\""), "{body}");
        assert!(!body.contains("hunter2"), "{body}");
    }
}
