//! What an orchestrator asks: to restart what is not live, and to send nothing to what is not ready.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::notes::Store;

pub(crate) fn routes(store: Store, stopping: CancellationToken) -> Router {
    Router::new()
        .route("/health/live", get(StatusCode::NO_CONTENT))
        .route("/health/ready", get(ready))
        .with_state((store, stopping))
}

async fn ready(
    State((store, stopping)): State<(Store, CancellationToken)>,
) -> Result<StatusCode, Error> {
    if stopping.is_cancelled() {
        return Err(Error::Stopping);
    }
    store.is_there().await?;
    Ok(StatusCode::NO_CONTENT)
}
