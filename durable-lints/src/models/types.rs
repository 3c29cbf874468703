//! What the functions and methods of the ecosystem return, and what public fields hold.
//!
//! A type is written as in Rust, by its canonical path; `Vec`, `String`, `Option`, `Result` stand for
//! the standard library's. `Self` is the type the method belongs to, `~::Name` a type of the same
//! crate and module, so that `reqwest::blocking` stays blocking. What an `async` function gives when
//! awaited is what it returns.

use std::sync::LazyLock;

use crate::models::by_api::ByApi;
use crate::models::reexports;
use crate::vocabulary::ApiPath;
use crate::vocabulary::Ty;

/// Functions and methods with what they return, sorted by crate.
const RETURNS: &[(&str, &str)] = &[
    ("actix_web::HttpRequest::connection_info", "actix_web::dev::ConnectionInfo"),
    ("actix_web::HttpRequest::cookie", "Option<cookie::Cookie>"),
    ("actix_web::HttpRequest::headers", "actix_http::header::HeaderMap"),
    ("actix_web::HttpRequest::match_info", "actix_web::dev::Path"),
    ("actix_web::HttpRequest::method", "http::Method"),
    ("actix_web::HttpRequest::path", "str"),
    ("actix_web::HttpRequest::query_string", "str"),
    ("actix_web::HttpRequest::uri", "http::Uri"),
    ("actix_cors::Cors::default", "Self"),
    ("actix_cors::Cors::permissive", "Self"),
    ("aes_gcm::Aes256Gcm::generate_key", "Self"),
    ("async_fs::File::create", "Result<async_fs::File>"),
    ("async_fs::File::open", "Result<async_fs::File>"),
    ("cookie::Cookie::build", "cookie::CookieBuilder"),
    ("cookie::CookieBuilder::build", "cookie::Cookie"),
    ("cookie::CookieBuilder::finish", "cookie::Cookie"),
    ("cookie::CookieJar::get", "Option<cookie::Cookie>"),
    ("axum_extra::extract::cookie::CookieJar::get", "Option<cookie::Cookie>"),
    ("axum_extra::extract::CookieJar::get", "Option<cookie::Cookie>"),
    ("hmac::Hmac::new_from_slice", "Result<Self>"),
    ("http::HeaderMap::get", "Option<http::HeaderValue>"),
    ("http::HeaderValue::to_str", "Result<str>"),
    ("http::Request::builder", "http::request::Builder"),
    ("http::Request::headers", "http::HeaderMap"),
    ("http::Request::into_parts", "(http::request::Parts, _)"),
    ("http::Request::method", "http::Method"),
    ("http::Request::uri", "http::Uri"),
    ("http::Response::builder", "http::response::Builder"),
    ("http::Response::headers", "http::HeaderMap"),
    ("http::Response::headers_mut", "http::HeaderMap"),
    ("http::Response::status", "http::StatusCode"),
    ("http::request::Builder::body", "Result<http::Request>"),
    ("http::response::Builder::body", "Result<http::Response>"),
    ("http::Uri::path", "str"),
    ("http::Uri::query", "Option<str>"),
    ("jsonwebtoken::Validation::new", "Self"),
    ("jsonwebtoken::decode_header", "Result<jsonwebtoken::Header>"),
    ("lettre::SmtpTransport::builder_dangerous", "lettre::transport::smtp::SmtpTransportBuilder"),
    ("lettre::SmtpTransport::relay", "Result<lettre::transport::smtp::SmtpTransportBuilder>"),
    ("lettre::SmtpTransport::starttls_relay", "Result<lettre::transport::smtp::SmtpTransportBuilder>"),
    ("native_tls::TlsConnector::builder", "native_tls::TlsConnectorBuilder"),
    ("native_tls::TlsConnector::new", "Result<native_tls::TlsConnector>"),
    ("native_tls::TlsConnectorBuilder::build", "Result<native_tls::TlsConnector>"),
    ("openssl::ssl::SslAcceptor::mozilla_intermediate", "Result<openssl::ssl::SslAcceptorBuilder>"),
    ("openssl::ssl::SslAcceptor::mozilla_intermediate_v5", "Result<openssl::ssl::SslAcceptorBuilder>"),
    ("openssl::ssl::SslAcceptor::mozilla_modern", "Result<openssl::ssl::SslAcceptorBuilder>"),
    ("openssl::ssl::SslAcceptor::mozilla_modern_v5", "Result<openssl::ssl::SslAcceptorBuilder>"),
    ("openssl::ssl::SslAcceptorBuilder::build", "openssl::ssl::SslAcceptor"),
    ("openssl::ssl::SslConnector::builder", "Result<openssl::ssl::SslConnectorBuilder>"),
    ("openssl::ssl::SslConnector::configure", "Result<openssl::ssl::ConnectConfiguration>"),
    ("openssl::ssl::SslConnectorBuilder::build", "openssl::ssl::SslConnector"),
    ("openssl::ssl::SslContext::builder", "Result<openssl::ssl::SslContextBuilder>"),
    ("postgres::Client::connect", "Result<postgres::Client>"),
    ("rand::rng", "rand::rngs::ThreadRng"),
    ("rand::thread_rng", "rand::rngs::ThreadRng"),
    ("reqwest::Client::builder", "~::ClientBuilder"),
    ("reqwest::Client::delete", "~::RequestBuilder"),
    ("reqwest::Client::execute", "Result<~::Response>"),
    ("reqwest::Client::get", "~::RequestBuilder"),
    ("reqwest::Client::head", "~::RequestBuilder"),
    ("reqwest::Client::new", "~::Client"),
    ("reqwest::Client::patch", "~::RequestBuilder"),
    ("reqwest::Client::post", "~::RequestBuilder"),
    ("reqwest::Client::put", "~::RequestBuilder"),
    ("reqwest::Client::request", "~::RequestBuilder"),
    ("reqwest::ClientBuilder::build", "Result<~::Client>"),
    ("reqwest::RequestBuilder::build", "Result<~::Request>"),
    ("reqwest::RequestBuilder::send", "Result<~::Response>"),
    ("reqwest::RequestBuilder::try_clone", "Option<~::RequestBuilder>"),
    ("reqwest::Response::bytes", "Result<bytes::Bytes>"),
    ("reqwest::Response::error_for_status", "Result<~::Response>"),
    ("reqwest::Response::headers", "http::HeaderMap"),
    ("reqwest::Response::status", "http::StatusCode"),
    ("reqwest::Response::text", "Result<String>"),
    ("reqwest::Response::url", "url::Url"),
    ("reqwest::get", "Result<~::Response>"),
    ("reqwest::blocking::get", "Result<~::Response>"),
    ("rusqlite::Connection::open", "Result<rusqlite::Connection>"),
    ("rusqlite::Connection::open_in_memory", "Result<rusqlite::Connection>"),
    ("rusqlite::Connection::open_with_flags", "Result<rusqlite::Connection>"),
    ("rusqlite::Connection::prepare", "Result<rusqlite::Statement>"),
    ("rusqlite::Connection::transaction", "Result<rusqlite::Transaction>"),
    ("rusqlite::Connection::unchecked_transaction", "Result<rusqlite::Transaction>"),
    ("rustls::ClientConfig::builder", "rustls::ConfigBuilder<rustls::ClientConfig>"),
    ("rustls::ClientConfig::builder_with_protocol_versions", "rustls::ConfigBuilder<rustls::ClientConfig>"),
    ("rustls::ClientConfig::builder_with_provider", "rustls::ConfigBuilder<rustls::ClientConfig>"),
    ("rustls::ClientConfig::dangerous", "rustls::client::danger::DangerousClientConfig"),
    ("rustls::ConfigBuilder::dangerous", "rustls::client::danger::DangerousClientConfigBuilder<_>"),
    ("rustls::ConfigBuilder::with_client_auth_cert", "Result<rustls::ClientConfig>"),
    ("rustls::ConfigBuilder::with_no_client_auth", "<0>"),
    ("rustls::ConfigBuilder::with_protocol_versions", "Result<Self>"),
    ("rustls::ConfigBuilder::with_safe_default_protocol_versions", "Result<Self>"),
    ("rustls::ConfigBuilder::with_single_cert", "Result<rustls::ServerConfig>"),
    ("rustls::RootCertStore::empty", "Self"),
    ("rustls::ServerConfig::builder", "rustls::ConfigBuilder<_>"),
    (
        "rustls::client::danger::DangerousClientConfigBuilder::with_custom_certificate_verifier",
        "rustls::ConfigBuilder<rustls::ClientConfig>",
    ),
    ("std::env::args", "std::env::Args"),
    ("std::env::current_dir", "Result<std::path::PathBuf>"),
    ("std::env::temp_dir", "std::path::PathBuf"),
    ("std::env::var", "Result<String>"),
    ("std::env::var_os", "Option<std::ffi::OsString>"),
    ("std::fs::File::create", "Result<Self>"),
    ("std::fs::File::create_new", "Result<Self>"),
    ("std::fs::File::metadata", "Result<std::fs::Metadata>"),
    ("std::fs::File::open", "Result<Self>"),
    ("std::fs::File::options", "std::fs::OpenOptions"),
    ("std::fs::Metadata::permissions", "std::fs::Permissions"),
    ("std::fs::OpenOptions::open", "Result<std::fs::File>"),
    ("std::fs::canonicalize", "Result<std::path::PathBuf>"),
    ("std::fs::metadata", "Result<std::fs::Metadata>"),
    ("std::fs::read", "Result<Vec<u8>>"),
    ("std::fs::read_to_string", "Result<String>"),
    ("std::io::stdin", "std::io::Stdin"),
    ("std::net::TcpListener::bind", "Result<Self>"),
    ("std::net::TcpStream::connect", "Result<Self>"),
    ("std::path::Path::display", "std::path::Display"),
    ("std::path::Path::canonicalize", "Result<std::path::PathBuf>"),
    ("std::path::Path::components", "std::path::Components"),
    ("std::path::Path::extension", "Option<std::ffi::OsStr>"),
    ("std::path::Path::file_name", "Option<std::ffi::OsStr>"),
    ("std::path::Path::join", "std::path::PathBuf"),
    ("std::path::Path::parent", "Option<std::path::Path>"),
    ("std::path::Path::to_path_buf", "std::path::PathBuf"),
    ("std::path::Path::to_str", "Option<str>"),
    ("std::path::PathBuf::as_path", "std::path::Path"),
    ("std::path::PathBuf::display", "std::path::Display"),
    ("std::path::PathBuf::canonicalize", "Result<std::path::PathBuf>"),
    ("std::path::PathBuf::extension", "Option<std::ffi::OsStr>"),
    ("std::path::PathBuf::file_name", "Option<std::ffi::OsStr>"),
    ("std::path::PathBuf::join", "std::path::PathBuf"),
    ("std::path::PathBuf::parent", "Option<std::path::Path>"),
    ("std::path::PathBuf::to_str", "Option<str>"),
    ("std::process::Command::output", "Result<std::process::Output>"),
    ("std::process::Command::spawn", "Result<std::process::Child>"),
    ("std::process::Command::status", "Result<std::process::ExitStatus>"),
    ("std::str::from_utf8", "Result<str>"),
    ("std::string::String::as_bytes", "[u8]"),
    ("std::string::String::as_str", "str"),
    ("std::string::String::bytes", "std::iter::Iterator<u8>"),
    ("std::string::String::chars", "std::iter::Iterator<char>"),
    ("std::string::String::from_utf8", "Result<String>"),
    ("std::string::String::from_utf8_lossy", "std::borrow::Cow<str>"),
    ("std::string::String::into_boxed_str", "std::boxed::Box<str>"),
    ("std::string::String::into_bytes", "Vec<u8>"),
    ("std::string::String::is_empty", "bool"),
    ("std::string::String::len", "usize"),
    ("std::time::Duration::from_millis", "Self"),
    ("std::time::Duration::from_secs", "Self"),
    ("std::time::Instant::now", "Self"),
    ("std::time::SystemTime::now", "Self"),
    ("str::as_bytes", "[u8]"),
    ("str::bytes", "std::iter::Iterator<u8>"),
    ("str::chars", "std::iter::Iterator<char>"),
    ("str::from_utf8", "Result<str>"),
    ("str::is_empty", "bool"),
    ("str::len", "usize"),
    ("str::lines", "std::iter::Iterator<str>"),
    ("str::replace", "String"),
    ("str::repeat", "String"),
    ("str::rsplit", "std::iter::Iterator<str>"),
    ("str::rsplit_once", "Option<(str, str)>"),
    ("str::split", "std::iter::Iterator<str>"),
    ("str::split_once", "Option<(str, str)>"),
    ("str::split_whitespace", "std::iter::Iterator<str>"),
    ("str::splitn", "std::iter::Iterator<str>"),
    ("str::strip_prefix", "Option<str>"),
    ("str::strip_suffix", "Option<str>"),
    ("str::to_lowercase", "String"),
    ("str::to_ascii_lowercase", "String"),
    ("str::to_ascii_uppercase", "String"),
    ("str::to_uppercase", "String"),
    ("str::trim", "str"),
    ("str::trim_end", "str"),
    ("str::trim_end_matches", "str"),
    ("str::trim_matches", "str"),
    ("str::trim_start", "str"),
    ("str::trim_start_matches", "str"),
    ("tempfile::NamedTempFile::path", "std::path::Path"),
    ("tar::Archive::entries", "Result<std::iter::Iterator<Result<tar::Entry>>>"),
    ("tar::Archive::new", "Self"),
    ("tokio::fs::File::create", "Result<Self>"),
    ("tokio::fs::File::open", "Result<Self>"),
    ("tokio::fs::File::options", "tokio::fs::OpenOptions"),
    ("tokio::fs::OpenOptions::open", "Result<tokio::fs::File>"),
    ("tokio::fs::read", "Result<Vec<u8>>"),
    ("tokio::fs::read_to_string", "Result<String>"),
    ("tokio::net::TcpListener::accept", "Result<(tokio::net::TcpStream, std::net::SocketAddr)>"),
    ("tokio::net::TcpListener::bind", "Result<Self>"),
    ("tokio::net::TcpStream::connect", "Result<Self>"),
    ("tokio::process::Command::output", "Result<std::process::Output>"),
    ("tokio::process::Command::spawn", "Result<tokio::process::Child>"),
    ("tokio::process::Command::status", "Result<std::process::ExitStatus>"),
    ("tonic::Request::get_ref", "<0>"),
    ("tonic::Request::into_inner", "<0>"),
    ("tonic::Request::metadata", "tonic::metadata::MetadataMap"),
    ("tonic::transport::Channel::from_shared", "Result<tonic::transport::Endpoint>"),
    ("tonic::transport::Channel::from_static", "tonic::transport::Endpoint"),
    ("tonic::transport::Endpoint::connect", "Result<tonic::transport::Channel>"),
    ("tonic::transport::Endpoint::from_shared", "Result<Self>"),
    ("tonic::transport::Endpoint::from_static", "Self"),
    ("tonic::transport::Server::builder", "Self"),
    ("ureq::Agent::config_builder", "ureq::config::ConfigBuilder"),
    ("ureq::agent", "ureq::Agent"),
    ("ureq::builder", "ureq::AgentBuilder"),
    ("ureq::delete", "ureq::Request"),
    ("ureq::get", "ureq::Request"),
    ("ureq::post", "ureq::Request"),
    ("ureq::put", "ureq::Request"),
    ("url::Url::host_str", "Option<str>"),
    ("url::Url::join", "Result<url::Url>"),
    ("url::Url::parse", "Result<url::Url>"),
    ("url::Url::path", "str"),
    ("url::Url::query", "Option<str>"),
    ("url::Url::scheme", "str"),
    ("zip::ZipArchive::by_index", "Result<zip::read::ZipFile>"),
    ("zip::ZipArchive::by_name", "Result<zip::read::ZipFile>"),
    ("zip::ZipArchive::new", "Result<Self>"),
];

/// Types whose methods without a model of their own return the type itself when they configure it:
/// those with such a name, and these.
const CHAINED: &[&str] = &[
    "actix_cors::Cors",
    "async_process::Command",
    "cookie::Cookie",
    "http::request::Builder",
    "http::response::Builder",
    "reqwest::RequestBuilder",
    "std::fs::DirBuilder",
    "std::fs::OpenOptions",
    "std::process::Command",
    "tokio::fs::OpenOptions",
    "tokio::process::Command",
    "tonic::transport::Endpoint",
    "tonic::transport::Server",
    "tower_http::cors::CorsLayer",
    "ureq::Request",
];

/// Endings of names of types that are configured by chained calls.
const CHAINED_ENDINGS: &[&str] = &["Builder", "Options", "Config", "Settings"];

/// Public fields of types, by the type's path and the field.
const FIELDS: &[(&str, &str, &str)] = &[
    ("actix_multipart::form::tempfile::TempFile", "file", "tempfile::NamedTempFile"),
    ("actix_multipart::form::tempfile::TempFile", "file_name", "Option<String>"),
    ("axum::Json", "0", "<0>"),
    ("axum::Form", "0", "<0>"),
    ("axum::Extension", "0", "<0>"),
    ("axum::extract::Extension", "0", "<0>"),
    ("axum::extract::Form", "0", "<0>"),
    ("axum::extract::Json", "0", "<0>"),
    ("axum::extract::Path", "0", "<0>"),
    ("axum::extract::Query", "0", "<0>"),
    ("axum::extract::RawQuery", "0", "Option<String>"),
    ("axum::extract::State", "0", "<0>"),
    ("axum_extra::TypedHeader", "0", "<0>"),
    ("http::request::Parts", "headers", "http::HeaderMap"),
    ("http::request::Parts", "method", "http::Method"),
    ("http::request::Parts", "uri", "http::Uri"),
    ("http::response::Parts", "headers", "http::HeaderMap"),
    ("http::response::Parts", "status", "http::StatusCode"),
    ("jsonwebtoken::TokenData", "claims", "<0>"),
    ("jsonwebtoken::TokenData", "header", "jsonwebtoken::Header"),
    ("rustls::client::danger::DangerousClientConfig", "cfg", "rustls::ClientConfig"),
    ("std::process::Output", "stderr", "Vec<u8>"),
    ("std::process::Output", "stdout", "Vec<u8>"),
];

/// Extractors whose fields and methods are those of their content.
const DEREF_TO_CONTENT: &[&str] = &[
    "actix_multipart::form::MultipartForm",
    "actix_web::web::Form",
    "actix_web::web::Json",
    "actix_web::web::Path",
    "actix_web::web::Query",
    "actix_web::web::ReqData",
    "axum::Form",
    "axum::Json",
    "axum::extract::Form",
    "axum::extract::Json",
    "axum::extract::Path",
    "axum::extract::Query",
    "axum_extra::TypedHeader",
    "poem::web::Data",
    "poem::web::Form",
    "poem::web::Json",
    "poem::web::Path",
    "poem::web::Query",
    "rocket::form::Form",
    "rocket::serde::json::Json",
];

/// Whether methods of a type that have no model return the type itself.
pub fn is_chained(ty: &Ty) -> bool {
    let name = ty.path.name();
    CHAINED_ENDINGS.iter().any(|ending| name.ends_with(ending)) || CHAINED.iter().any(|path| ty.path.is(path))
}

/// Whether a type is an extractor that carries its content as a tuple struct and dereferences to it.
pub fn is_extractor(ty: &Ty) -> bool {
    let name = ty.path.name();
    DEREF_TO_CONTENT.iter().any(|path| path.ends_with(name) && ty.path.is(path))
}

/// The type of a public field of a modelled type.
pub fn field(ty: &Ty, field: &str) -> Option<Ty> {
    let found = FIELDS.iter().find(|(path, name, _)| *name == field && ty.path.is(path));
    if let Some((_, _, holds)) = found {
        return filled(&Notation::read(holds)?, &ty.path, &ty.args);
    }
    // `.0` is what every extractor holds.
    (field == "0" && is_extractor(ty)).then(|| ty.arg(0)).flatten()
}

/// What a value gives when it is dereferenced: the content of smart pointers and extractors.
pub fn dereferenced(ty: &Ty) -> Option<Ty> {
    let peeled = ty.peeled();
    if peeled != ty {
        return Some(peeled.clone());
    }
    if is_extractor(ty) {
        return ty.arg(0);
    }
    match ty.path.0.as_str() {
        "std::string::String" => Some(Ty::plain("str")),
        "std::path::PathBuf" => Some(Ty::plain("std::path::Path")),
        _ => None,
    }
}

/// What a function or method returns, where its type arguments do not matter.
pub fn returned(path: &ApiPath) -> Option<Ty> {
    returned_from(path, &[])
}

/// What a method returns on a type with these arguments.
pub fn returned_from(path: &ApiPath, args: &[Ty]) -> Option<Ty> {
    static BY_API: LazyLock<ByApi<Notation>> = LazyLock::new(|| {
        RETURNS.iter().filter_map(|(api, returns)| Some((*api, Notation::read(returns)?))).collect()
    });
    let notation = BY_API.get(path)?;
    filled(notation, path, args)
}

/// A type as the tables write it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Notation {
    Type(String, Vec<Notation>),
    /// `<0>`: a type argument of the receiver.
    Argument(usize),
}

impl Notation {
    fn read(text: &str) -> Option<Notation> {
        let (notation, rest) = Notation::read_some(text.trim())?;
        rest.trim().is_empty().then_some(notation)
    }

    fn read_some(text: &str) -> Option<(Notation, &str)> {
        if let Some(rest) = text.strip_prefix('<') {
            let (number, rest) = rest.split_once('>')?;
            return Some((Notation::Argument(number.parse().ok()?), rest));
        }
        if let Some(rest) = text.strip_prefix('[') {
            let (element, rest) = Notation::read_some(rest)?;
            return Some((Notation::Type("[array]".into(), vec![element]), rest.strip_prefix(']')?));
        }
        if let Some(rest) = text.strip_prefix('(') {
            let (parts, rest) = Notation::read_list(rest, ')')?;
            return Some((Notation::Type("(tuple)".into(), parts), rest));
        }
        let end = text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | ':' | '~'));
        let (name, rest) = text.split_at(end.unwrap_or(text.len()));
        let name = reexports::prelude(name).unwrap_or(name).to_owned();
        match rest.strip_prefix('<') {
            Some(rest) => {
                let (args, rest) = Notation::read_list(rest, '>')?;
                Some((Notation::Type(name, args), rest))
            }
            None => Some((Notation::Type(name, Vec::new()), rest)),
        }
    }

    fn read_list(mut text: &str, closing: char) -> Option<(Vec<Notation>, &str)> {
        let mut parts = Vec::new();
        loop {
            let (part, rest) = Notation::read_some(text.trim_start())?;
            parts.push(part);
            let rest = rest.trim_start();
            if let Some(rest) = rest.strip_prefix(closing) {
                return Some((parts, rest));
            }
            text = rest.strip_prefix(',')?;
        }
    }
}

/// A notation as a type, for the path that was asked for.
fn filled(notation: &Notation, given: &ApiPath, args: &[Ty]) -> Option<Ty> {
    match notation {
        Notation::Argument(at) => args.get(*at).filter(|arg| arg.path.0 != Ty::UNKNOWN).cloned(),
        Notation::Type(name, parts) => {
            let parts = parts.iter().map(|part| filled(part, given, args));
            let parts: Vec<Ty> = parts.map(|part| part.unwrap_or_else(|| Ty::plain(Ty::UNKNOWN))).collect();
            let path = match name.as_str() {
                "Self" => given.0.rsplit_once("::")?.0.to_owned(),
                name => match name.strip_prefix("~::") {
                    Some(name) => format!("{}::{name}", modules(&given.0)),
                    None => name.to_owned(),
                },
            };
            let args = if name == "Self" { args.to_vec() } else { parts };
            Some(Ty { path: ApiPath(path), args })
        }
    }
}

/// The crate and modules of a path to a type, its method, or a function.
fn modules(path: &str) -> &str {
    let mut end = 0;
    for (at, part) in path.match_indices("::").map(|(at, _)| (at, &path[at + 2..])) {
        end = at;
        if part.starts_with(|c: char| c.is_uppercase()) {
            break;
        }
    }
    &path[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_read_as_types() {
        for (api, returns) in RETURNS {
            assert!(Notation::read(returns).is_some(), "{api}: {returns}");
        }
        for (path, _, holds) in FIELDS {
            assert!(Notation::read(holds).is_some(), "{path}: {holds}");
        }
    }

    #[test]
    fn blocking_stays_blocking() {
        let of = |path: &str| returned(&ApiPath(path.into())).map(|ty| ty.path.0).unwrap_or_default();
        assert_eq!(of("reqwest::blocking::Client::builder"), "reqwest::blocking::ClientBuilder");
        assert_eq!(of("reqwest::Client::builder"), "reqwest::ClientBuilder");
        assert_eq!(of("std::fs::File::open"), "std::result::Result");
        assert_eq!(of("other::Client::builder"), "");
    }
}
