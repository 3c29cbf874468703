//! TLS 1.2 and 1.3. The files are read once: a new certificate is taken by a restart, which loses no request.

use std::path::Path;
use std::sync::Arc;

use durable_macros::durable;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::error::Failure;

#[durable(
    owner = "acme-team",
    guard = "service::what_is_not_tls_is_given_no_answer"
)]
pub(crate) fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, Failure> {
    let failure = |path: &Path, reason: String| Failure::Tls {
        path: path.into(),
        reason,
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| failure(certificate, format!("holds no certificate in PEM: {error}")))?;
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| failure(key, format!("holds no private key in PEM: {error}")))?;
    let config = configure(chain, private)
        .map_err(|error| failure(certificate, format!("does not go with the key: {error}")))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn configure(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // HTTP/1.1 alone: each of its limits is known and tested here.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
