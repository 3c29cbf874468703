//! The service, started with a certificate of its own on a port that is free; it ends with the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

pub(crate) const TOKEN: &str = "correct-horse-battery-staple-0000";
const PREFIX: &str = "ACME_WIDGET_";
/// What takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    log: String,
    address: SocketAddr,
    certificate: CertificateDer<'static>,
    _folder: TempDir,
}

impl Running {
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        let (mut child, folder, certificate) = spawn(settings);
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let mut running = Self {
            child,
            stderr,
            log: String::new(),
            address: ([0, 0, 0, 0], 0).into(),
            certificate,
            _folder: folder,
        };
        let line: serde_json::Value = serde_json::from_str(&running.wait_for("listening")).unwrap();
        let address = line.pointer("/fields/address").unwrap();
        running.address = address.as_str().unwrap().parse().unwrap();
        running
    }

    /// A service that does not start: its exit code and its log.
    pub(crate) fn refused(settings: &[(&str, &str)]) -> (Option<i32>, String) {
        let (mut child, _folder, _) = spawn(settings);
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut log = String::new();
        stderr.read_line(&mut log).unwrap();
        if log.contains("listening") {
            child.kill().unwrap();
        }
        (child.wait().unwrap().code(), log)
    }

    /// The next line of the log that holds a text.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            self.stderr.read_line(&mut line).unwrap();
            self.log.push_str(&line);
            assert!(!line.is_empty(), "no {text}\n{}", self.log);
            if line.contains(text) {
                return line;
            }
        }
    }

    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Ends the service: its exit code and its log.
    pub(crate) fn stop(&mut self) -> (Option<i32>, String) {
        // It may have ended by itself.
        if self.child.try_wait().unwrap().is_none() {
            self.terminate();
        }
        self.stderr.read_to_string(&mut self.log).unwrap();
        (self.child.wait().unwrap().code(), self.log.clone())
    }

    pub(crate) fn is_listening(&self) -> bool {
        TcpStream::connect(self.address).is_ok()
    }

    pub(crate) fn plain(&self) -> Stream<TcpStream> {
        Stream(tcp(self.address))
    }

    pub(crate) fn connect(&self) -> Stream<impl Read + Write + use<>> {
        Stream(tls(self.address, self.certificate.clone()).unwrap())
    }

    pub(crate) fn connect_trusting_another(&self) -> std::io::Result<()> {
        let (_, other) = certificate();
        tls(self.address, other).map(drop)
    }

    pub(crate) fn ask(&self, request: &str) -> String {
        self.ask_bytes(request.as_bytes())
    }

    pub(crate) fn ask_bytes(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        stream.send(request);
        stream.rest()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Stream<S>(S);

impl<S: Read + Write> Stream<S> {
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
        self.0.flush().unwrap();
    }

    pub(crate) fn read_continue(&mut self) {
        let expected = b"HTTP/1.1 100 Continue\r\n\r\n";
        let mut bytes = [0; 25];
        self.0.read_exact(&mut bytes).unwrap();
        assert_eq!(bytes.as_slice(), expected);
    }

    /// All that comes until the service closes; that it closes is part of what is tested.
    pub(crate) fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        if let Err(error) = self.0.read_to_end(&mut bytes) {
            assert_ne!(
                error.kind(),
                std::io::ErrorKind::WouldBlock,
                "it stays open"
            );
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_acme-widget")
}

fn spawn(settings: &[(&str, &str)]) -> (Child, TempDir, CertificateDer<'static>) {
    let folder = TempDir::new().unwrap();
    let (made, certificate) = certificate();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let certificate_file = file("certificate.pem", made.cert.pem());
    let key_file = file("key.pem", made.signing_key.serialize_pem());
    let database = folder.path().join("notes.db");
    let usual = [
        ("LISTEN", "127.0.0.1:0"),
        ("TOKEN", TOKEN),
        ("DATABASE", database.to_str().unwrap()),
        ("CERTIFICATE", certificate_file.to_str().unwrap()),
        ("KEY", key_file.to_str().unwrap()),
        ("LIMITS_NOTICE_MS", "1"),
    ];
    let mut command = Command::new(program());
    for (name, value) in usual.iter().chain(settings) {
        command.env(format!("{PREFIX}{name}"), value);
    }
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    (child, folder, certificate)
}

type Made = rcgen::CertifiedKey<rcgen::KeyPair>;

fn certificate() -> (Made, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    let der = made.cert.der().clone();
    (made, der)
}

fn tcp(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn tls(
    address: SocketAddr,
    trusted: CertificateDer<'static>,
) -> std::io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = "localhost".try_into().unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = tcp(address);
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    assert_eq!(connection.alpn_protocol(), Some(&b"http/1.1"[..]));
    Ok(StreamOwned::new(connection, stream))
}
