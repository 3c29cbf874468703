//! A certificate for development: `cargo run --example certificate -- config` writes it, its key and a token.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1).unwrap_or("config".into());
    let folder = Path::new(&folder);
    let names = ["localhost".into(), "127.0.0.1".into(), "::1".into()];
    let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
    secret(&folder.join("key.pem"), &made.signing_key.serialize_pem())?;
    fs::write(folder.join("certificate.pem"), made.cert.pem())?;
    let token = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(|id| id.simple().to_string());
    secret(&folder.join("token"), &token.concat())
}

/// A new file that its owner alone may read.
fn secret(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
