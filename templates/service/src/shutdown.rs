//! SIGTERM and Ctrl-C.

use std::io;

use tokio_util::sync::CancellationToken;
use tracing::info;

/// Cancelled when the service shall end.
pub(crate) fn on_signal() -> io::Result<CancellationToken> {
    let stopping = CancellationToken::new();
    let stop = stopping.clone();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            info!("stopping");
            stop.cancel();
        });
    }
    #[cfg(windows)]
    {
        let mut interrupt = tokio::signal::windows::ctrl_c()?;
        tokio::spawn(async move {
            interrupt.recv().await;
            info!("stopping");
            stop.cancel();
        });
    }
    Ok(stopping)
}
