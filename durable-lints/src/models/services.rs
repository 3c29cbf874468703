//! Which packages are services: programs that others connect to.

use crate::subject::{SourceFile, SourcePackage};

/// Packages with which servers are written.
pub const SERVERS: &[&str] = &[
    "actix-web",
    "axum",
    "axum-server",
    "dropshot",
    "gotham",
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
/// listens to a socket itself. Loose files, without a manifest, have to name the framework.
pub fn is_service(package: &SourcePackage, file: &SourceFile) -> bool {
    let named =
        |text: &str| SERVERS.iter().any(|server| text.contains(&format!("{}::", server.replace('-', "_"))));
    let serves = match package.any_crate {
        true => file.has("names a server framework", "", named),
        false => package.depends_on(SERVERS),
    };
    serves || listens(file)
}

/// Whether a file names what accepts connections, so that whoever connects may be its peer.
pub fn listens(file: &SourceFile) -> bool {
    const LISTENERS: &[&str] =
        &["TcpListener", "UnixListener", "TlsListener", "TlsAcceptor", "SslAcceptor", "TcpSocket"];
    LISTENERS.iter().any(|name| file.mentions(name))
}
