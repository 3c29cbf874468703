//! Connections: as many as are allowed, each within its times.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use durable_macros::durable;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::limits::Limits;

/// Where no connection can be accepted, files are used up: trying again at once would only burn the processor.
const PAUSE: Duration = Duration::from_millis(100);

#[durable(
    owner = "acme-team",
    guard = "service::one_connection_too_many_is_closed"
)]
pub(crate) async fn serve(
    listener: TcpListener,
    tls: TlsAcceptor,
    app: Router,
    limits: Limits,
    stopping: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(limits.connections.get().into()));
    let connections = TaskTracker::new();
    let closing = CancellationToken::new();
    let noticed = async {
        stopping.cancelled().await;
        sleep(limits.notice).await;
    };
    tokio::pin!(noticed);
    loop {
        let accepted = tokio::select! {
            () = &mut noticed => break,
            accepted = listener.accept() => accepted,
        };
        let socket = match accepted {
            Ok((socket, _)) => socket,
            Err(error) => {
                warn!(%error, "no connection can be accepted");
                sleep(PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            warn!("a connection is closed: there are too many");
            continue;
        };
        let (tls, app, closing) = (tls.clone(), app.clone(), closing.clone());
        connections.spawn(async move {
            // How a connection breaks is the client's matter, and a log of it would be written by anybody.
            let _ = connection(socket, tls, app, limits, closing).await;
            drop(place);
        });
    }
    drop(listener);
    closing.cancel();
    connections.close();
    if timeout(limits.shutdown, connections.wait()).await.is_err() {
        warn!(left = connections.len(), "connections are cut off");
    }
}

type Ended = Box<dyn std::error::Error + Send + Sync>;

async fn connection(
    socket: TcpStream,
    tls: TlsAcceptor,
    app: Router,
    limits: Limits,
    closing: CancellationToken,
) -> Result<(), Ended> {
    let stream = timeout(limits.handshake, tls.accept(socket)).await??;
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_headers(limits.headers.get().into())
        .max_buf_size(limits.header_bytes)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    tokio::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return Ok(ended?),
        () = closing.cancelled() => {}
        () = sleep(limits.connection) => {}
    }
    connection.as_mut().graceful_shutdown();
    Ok(timeout(limits.request, connection).await??)
}
