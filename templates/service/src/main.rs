//! Keeps notes, over HTTPS.

mod app;
mod config;
mod edge;
mod error;
mod headers;
mod health;
mod limits;
mod logging;
mod notes;
mod server;
mod shutdown;
mod tls;
mod token;

use std::process::ExitCode;

use tokio::net::TcpListener;
use tracing::{error, info};

use config::Config;
use error::Failure;
use notes::Store;

fn main() -> ExitCode {
    logging::start();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            error!(%failure, "the service ends");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run() -> Result<(), Failure> {
    let file = std::env::args_os().nth(1);
    let config = Config::load(file.as_ref().map(AsRef::as_ref), std::env::vars_os())?;
    let tls = tls::acceptor(&config.certificate, &config.key)?;
    let store = Store::open(&config.database)?;
    let stopping = shutdown::on_signal().map_err(Failure::Signal)?;
    let app = app::router(&config.limits, store, config.token, stopping.clone());
    let unbound = |source| Failure::Listen {
        address: config.listen,
        source,
    };
    let listener = TcpListener::bind(config.listen).await.map_err(unbound)?;
    let address = listener.local_addr().map_err(unbound)?;
    info!(%address, "listening");
    server::serve(listener, tls, app, config.limits, stopping).await;
    info!("stopped");
    Ok(())
}
