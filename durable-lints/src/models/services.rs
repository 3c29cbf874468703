//! Which packages are services: programs that others connect to.

use crate::subject::Code;

/// Packages with which servers are written.
pub const SERVERS: &[&str] = &[
    "actix-web",
    "axum",
    "axum-server",
    "dropshot",
    "gotham",
    "hyper-util",
    "iron",
    "jsonrpsee-server",
    "lambda_http",
    "ntex",
    "pingora",
    "poem",
    "poem-openapi",
    "rocket",
    "rouille",
    "salvo",
    "thruster",
    "tide",
    "tiny_http",
    "tonic",
    "trillium",
    "viz",
    "warp",
    "xitca-web",
];

/// Whether the code is part of a service: its package depends on a server framework, or its file
/// listens to a socket itself.
pub fn is_service(code: &Code<'_>) -> bool {
    const LISTENERS: &[&str] = &["TcpListener", "UnixListener", "TlsAcceptor", "SslAcceptor"];
    code.package.depends_on(SERVERS) || LISTENERS.iter().any(|name| code.file.text.contains(name))
}
