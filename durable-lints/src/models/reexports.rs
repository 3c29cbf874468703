//! Where names come from in the ecosystem: what crates re-export from each other, what the standard
//! library brings into scope, and crates that are not called what their package is.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

/// Packages whose library has another name than the package with `_` for `-`.
const LIBRARIES: &[(&str, &str)] = &[
    ("astral-tokio-tar", "tokio_tar"),
    ("md-5", "md5"),
    ("rust-argon2", "argon2"),
    ("rust-crypto", "crypto"),
    ("rust-ini", "ini"),
    ("rust-s3", "s3"),
    ("sha-1", "sha1"),
    ("xml-rs", "xml"),
];

/// The name of a package's library.
pub fn library_of(package: &str) -> String {
    let listed = LIBRARIES.iter().find(|(name, _)| *name == package);
    listed.map_or_else(|| package.replace('-', "_"), |(_, library)| (*library).to_owned())
}

/// Paths of one crate that are items or modules of another. The longest prefix counts, and what
/// comes out is looked up again.
const REEXPORTS: &[(&str, &str)] = &[
    // TLS.
    ("hyper_tls::native_tls", "native_tls"),
    ("quinn::rustls", "rustls"),
    ("rustls::pki_types", "rustls_pki_types"),
    ("tokio_native_tls::native_tls", "native_tls"),
    ("tokio_rustls::rustls", "rustls"),
    ("ureq::rustls", "rustls"),
    // HTTP types.
    ("actix_web::http::Method", "http::Method"),
    ("actix_web::http::StatusCode", "http::StatusCode"),
    ("actix_web::http::Uri", "http::Uri"),
    ("actix_web::http::Version", "http::Version"),
    ("actix_web::http::header::HeaderName", "http::header::HeaderName"),
    ("actix_web::http::header::HeaderValue", "http::header::HeaderValue"),
    ("actix_web::http::uri", "http::uri"),
    ("actix_web::web::Bytes", "bytes::Bytes"),
    ("actix_web::web::BytesMut", "bytes::BytesMut"),
    ("axum::body::Bytes", "bytes::Bytes"),
    ("axum::http", "http"),
    ("hyper::HeaderMap", "http::HeaderMap"),
    ("hyper::Method", "http::Method"),
    ("hyper::Request", "http::Request"),
    ("hyper::Response", "http::Response"),
    ("hyper::StatusCode", "http::StatusCode"),
    ("hyper::Uri", "http::Uri"),
    ("hyper::Version", "http::Version"),
    ("hyper::body::Bytes", "bytes::Bytes"),
    ("hyper::header", "http::header"),
    ("hyper::http", "http"),
    ("isahc::http", "http"),
    ("oauth2::http", "http"),
    ("openidconnect::http", "http"),
    ("poem::http", "http"),
    ("reqwest::Method", "http::Method"),
    ("reqwest::StatusCode", "http::StatusCode"),
    ("reqwest::Url", "url::Url"),
    ("reqwest::Version", "http::Version"),
    ("reqwest::header", "http::header"),
    ("surf::Url", "url::Url"),
    ("surf::http", "http_types"),
    ("tide::http", "http_types"),
    ("tonic::transport::Uri", "http::Uri"),
    ("tungstenite::http", "http"),
    ("ureq::http", "http"),
    ("warp::http", "http"),
    ("warp::hyper", "hyper"),
    ("oauth2::url", "url"),
    ("openidconnect::url", "url"),
    // Clients and sockets.
    ("async_tungstenite::tungstenite", "tungstenite"),
    ("oauth2::reqwest::Client", "reqwest::Client"),
    ("oauth2::reqwest::ClientBuilder", "reqwest::ClientBuilder"),
    ("oauth2::reqwest::blocking", "reqwest::blocking"),
    ("oauth2::reqwest::redirect", "reqwest::redirect"),
    ("tokio_tungstenite::tungstenite", "tungstenite"),
    // Cookies.
    ("actix_web::cookie", "cookie"),
    ("axum_extra::extract::cookie::Cookie", "cookie::Cookie"),
    ("axum_extra::extract::cookie::Expiration", "cookie::Expiration"),
    ("axum_extra::extract::cookie::Key", "cookie::Key"),
    ("axum_extra::extract::cookie::SameSite", "cookie::SameSite"),
    ("rocket::http::Cookie", "cookie::Cookie"),
    ("rocket::http::SameSite", "cookie::SameSite"),
    ("salvo::http::cookie", "cookie"),
    ("tower_cookies::Cookie", "cookie::Cookie"),
    ("tower_cookies::Key", "cookie::Key"),
    ("tower_cookies::cookie", "cookie"),
    ("tower_sessions::cookie", "cookie"),
    // Cryptography.
    ("aead::rand_core", "rand_core"),
    ("aes::cipher", "cipher"),
    ("aes_gcm::aead", "aead"),
    ("aes_gcm_siv::aead", "aead"),
    ("argon2::password_hash", "password_hash"),
    ("blake2::Digest", "digest::Digest"),
    ("blake2::digest", "digest"),
    ("blowfish::cipher", "cipher"),
    ("cast5::cipher", "cipher"),
    ("cbc::cipher", "cipher"),
    ("cfb_mode::cipher", "cipher"),
    ("chacha20::cipher", "cipher"),
    ("chacha20poly1305::aead", "aead"),
    ("ctr::cipher", "cipher"),
    ("des::cipher", "cipher"),
    ("ecb::cipher", "cipher"),
    ("hmac::Mac", "digest::Mac"),
    ("hmac::digest", "digest"),
    ("k256::elliptic_curve", "elliptic_curve"),
    ("md5::Digest", "digest::Digest"),
    ("md5::digest", "digest"),
    ("ofb::cipher", "cipher"),
    ("p256::elliptic_curve", "elliptic_curve"),
    ("p384::elliptic_curve", "elliptic_curve"),
    ("password_hash::rand_core", "rand_core"),
    ("pbkdf2::password_hash", "password_hash"),
    ("rand::rand_core", "rand_core"),
    ("rc4::cipher", "cipher"),
    ("rsa::pkcs1", "pkcs1"),
    ("rsa::pkcs8", "pkcs8"),
    ("rsa::rand_core", "rand_core"),
    ("rsa::sha2", "sha2"),
    ("scrypt::password_hash", "password_hash"),
    ("secrecy::zeroize", "zeroize"),
    ("sha1::Digest", "digest::Digest"),
    ("sha1::digest", "digest"),
    ("sha2::Digest", "digest::Digest"),
    ("sha2::digest", "digest"),
    ("sha3::Digest", "digest::Digest"),
    ("sha3::digest", "digest"),
    // Databases.
    ("mongodb::bson", "bson"),
    ("sea_orm::prelude::Uuid", "uuid::Uuid"),
    ("sea_orm::sea_query", "sea_query"),
    ("sea_orm::sqlx", "sqlx"),
    ("sqlx::types::Uuid", "uuid::Uuid"),
    ("sqlx::types::chrono", "chrono"),
    // Runtimes.
    ("rocket::futures", "futures"),
    ("rocket::tokio", "tokio"),
    ("smol::fs", "async_fs"),
    ("smol::net", "async_net"),
    ("smol::process", "async_process"),
    ("tokio::time::Duration", "std::time::Duration"),
    // The standard library's own.
    ("std::string::ParseError", "std::convert::Infallible"),
];

/// How often a re-export may lead to another.
const MOST_STEPS: usize = 4;

/// The path that a path of another crate stands for.
pub fn canonical(path: String) -> String {
    type ByCrate = FxHashMap<&'static str, Vec<(&'static str, &'static str)>>;
    static BY_CRATE: OnceLock<ByCrate> = OnceLock::new();
    let by_crate = BY_CRATE.get_or_init(|| {
        let mut by_crate = ByCrate::default();
        for (from, to) in REEXPORTS {
            let krate = from.split("::").next().unwrap_or("");
            by_crate.entry(krate).or_default().push((from, to));
        }
        by_crate
    });
    let mut path = path;
    for _ in 0..MOST_STEPS {
        let krate = path.split("::").next().unwrap_or("");
        let rules = by_crate.get(krate).map_or(&[][..], Vec::as_slice);
        let fits = rules.iter().filter_map(|(from, to)| {
            let rest = path.strip_prefix(from)?;
            (rest.is_empty() || rest.starts_with("::")).then_some((from.len(), rest, *to))
        });
        match fits.max_by_key(|(len, ..)| *len) {
            Some((_, rest, to)) => path = format!("{to}{rest}"),
            None => break,
        }
    }
    path
}

/// What the standard prelude brings into scope.
pub fn prelude(name: &str) -> Option<&'static str> {
    Some(match name {
        "Vec" => "std::vec::Vec",
        "String" => "std::string::String",
        "Box" => "std::boxed::Box",
        "Option" => "std::option::Option",
        "Some" => "std::option::Option::Some",
        "None" => "std::option::Option::None",
        "Result" => "std::result::Result",
        "Ok" => "std::result::Result::Ok",
        "Err" => "std::result::Result::Err",
        "ToString" => "std::string::ToString",
        "ToOwned" => "std::borrow::ToOwned",
        "Into" => "std::convert::Into",
        "From" => "std::convert::From",
        "TryInto" => "std::convert::TryInto",
        "TryFrom" => "std::convert::TryFrom",
        "AsRef" => "std::convert::AsRef",
        "AsMut" => "std::convert::AsMut",
        "Iterator" => "std::iter::Iterator",
        "IntoIterator" => "std::iter::IntoIterator",
        "FromIterator" => "std::iter::FromIterator",
        "Extend" => "std::iter::Extend",
        "DoubleEndedIterator" => "std::iter::DoubleEndedIterator",
        "ExactSizeIterator" => "std::iter::ExactSizeIterator",
        "Clone" => "std::clone::Clone",
        "Default" => "std::default::Default",
        "PartialEq" => "std::cmp::PartialEq",
        "Eq" => "std::cmp::Eq",
        "PartialOrd" => "std::cmp::PartialOrd",
        "Ord" => "std::cmp::Ord",
        "Hash" => "std::hash::Hash",
        "Debug" => "std::fmt::Debug",
        "Copy" => "std::marker::Copy",
        "Send" => "std::marker::Send",
        "Sync" => "std::marker::Sync",
        "Sized" => "std::marker::Sized",
        "Unpin" => "std::marker::Unpin",
        "Drop" => "std::ops::Drop",
        "Fn" => "std::ops::Fn",
        "FnMut" => "std::ops::FnMut",
        "FnOnce" => "std::ops::FnOnce",
        "drop" => "std::mem::drop",
        _ => return None,
    })
}

/// Macros that are always in scope.
pub fn prelude_macro(name: &str) -> Option<&'static str> {
    Some(match name {
        "assert" => "std::assert",
        "assert_eq" => "std::assert_eq",
        "assert_ne" => "std::assert_ne",
        "concat" => "std::concat",
        "dbg" => "std::dbg",
        "debug_assert" => "std::debug_assert",
        "debug_assert_eq" => "std::debug_assert_eq",
        "debug_assert_ne" => "std::debug_assert_ne",
        "env" => "std::env",
        "eprint" => "std::eprint",
        "eprintln" => "std::eprintln",
        "format" => "std::format",
        "format_args" => "std::format_args",
        "include" => "std::include",
        "include_bytes" => "std::include_bytes",
        "include_str" => "std::include_str",
        "matches" => "std::matches",
        "option_env" => "std::option_env",
        "panic" => "std::panic",
        "print" => "std::print",
        "println" => "std::println",
        "stringify" => "std::stringify",
        "thread_local" => "std::thread_local",
        "todo" => "std::todo",
        "unimplemented" => "std::unimplemented",
        "unreachable" => "std::unreachable",
        "vec" => "std::vec",
        "write" => "std::write",
        "writeln" => "std::writeln",
        _ => return None,
    })
}

/// Whether a name is a primitive type's.
pub fn is_primitive(name: &str) -> bool {
    matches!(
        name,
        "bool"
            | "char"
            | "str"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
            | "f32"
            | "f64"
    )
}

/// The names that people take from modules of the standard library with a glob.
const STD_MODULES: &[(&str, &[&str])] = &[
    ("std::collections", &["HashMap", "HashSet", "BTreeMap", "BTreeSet", "VecDeque", "BinaryHeap"]),
    (
        "std::env",
        &["args", "args_os", "current_dir", "current_exe", "set_var", "temp_dir", "var", "var_os", "vars"],
    ),
    ("std::ffi", &["CStr", "CString", "OsStr", "OsString", "c_char", "c_int", "c_void"]),
    ("std::fmt", &["Arguments", "Debug", "Display", "Error", "Formatter", "Result", "Write"]),
    (
        "std::fs",
        &[
            "DirBuilder",
            "DirEntry",
            "File",
            "Metadata",
            "OpenOptions",
            "Permissions",
            "ReadDir",
            "canonicalize",
            "copy",
            "create_dir",
            "create_dir_all",
            "hard_link",
            "metadata",
            "read",
            "read_dir",
            "read_link",
            "read_to_string",
            "remove_dir",
            "remove_dir_all",
            "remove_file",
            "rename",
            "set_permissions",
            "symlink_metadata",
            "write",
        ],
    ),
    (
        "std::io",
        &[
            "BufRead",
            "BufReader",
            "BufWriter",
            "Cursor",
            "Error",
            "ErrorKind",
            "Read",
            "Result",
            "Seek",
            "SeekFrom",
            "Stderr",
            "Stdin",
            "Stdout",
            "Write",
            "copy",
            "stderr",
            "stdin",
            "stdout",
        ],
    ),
    ("std::io::prelude", &["BufRead", "Read", "Seek", "Write"]),
    (
        "std::mem",
        &["ManuallyDrop", "MaybeUninit", "forget", "replace", "swap", "take", "transmute", "zeroed"],
    ),
    (
        "std::net",
        &[
            "IpAddr",
            "Ipv4Addr",
            "Ipv6Addr",
            "Shutdown",
            "SocketAddr",
            "TcpListener",
            "TcpStream",
            "ToSocketAddrs",
            "UdpSocket",
        ],
    ),
    ("std::os::unix::fs", &["MetadataExt", "OpenOptionsExt", "PermissionsExt", "chown", "symlink"]),
    ("std::path", &["Component", "Components", "Path", "PathBuf"]),
    ("std::process", &["Child", "Command", "ExitCode", "ExitStatus", "Output", "Stdio", "abort", "exit"]),
    ("std::rc", &["Rc", "Weak"]),
    (
        "std::sync",
        &[
            "Arc",
            "Barrier",
            "Condvar",
            "LazyLock",
            "Mutex",
            "MutexGuard",
            "Once",
            "OnceLock",
            "RwLock",
            "Weak",
        ],
    ),
    ("std::thread", &["Builder", "JoinHandle", "sleep", "spawn"]),
    ("std::time", &["Duration", "Instant", "SystemTime", "UNIX_EPOCH"]),
];

/// The item of this name in a module of the standard library.
pub fn std_export(module: &str, name: &str) -> Option<String> {
    let (module, names) = STD_MODULES.iter().find(|(path, _)| *path == module)?;
    let module = if *module == "std::io::prelude" { "std::io" } else { module };
    names.contains(&name).then(|| format!("{module}::{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reexports_lead_home() {
        for (from, to) in [
            ("tokio_rustls::rustls::pki_types::CertificateDer", "rustls_pki_types::CertificateDer"),
            ("reqwest::Url::parse", "url::Url::parse"),
            ("reqwest::Urls", "reqwest::Urls"),
            ("axum_extra::extract::cookie::CookieJar", "axum_extra::extract::cookie::CookieJar"),
            ("tokio::process::Command", "tokio::process::Command"),
        ] {
            assert_eq!(canonical(from.to_owned()), to);
        }
    }

    #[test]
    fn every_reexport_ends_somewhere_else() {
        for (from, to) in REEXPORTS {
            let end = canonical((*from).to_owned());
            assert_eq!(canonical(end.clone()), end, "{from} -> {to} goes on");
        }
    }
}
