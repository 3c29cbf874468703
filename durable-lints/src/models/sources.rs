//! Where outside data enters.

use std::sync::LazyLock;

use crate::models::by_api::ByApi;
use crate::vocabulary::ApiPath;
use crate::vocabulary::OriginKind::{self, Archive, Network, Operator, Request};

/// Types of handler parameters that hold what a client sent.
pub const EXTRACTORS: &[&str] = &[
    "axum::extract::Path",
    "axum::extract::Query",
    "axum::extract::Form",
    "axum::extract::Json",
    "axum::extract::RawQuery",
    "axum::extract::RawForm",
    "axum::extract::RawPathParams",
    "axum::extract::OriginalUri",
    "axum::extract::Request",
    "axum::extract::Multipart",
    "axum::extract::Host",
    "axum::extract::ws::WebSocket",
    "axum::extract::ws::Message",
    "axum::Json",
    "axum::Form",
    "axum_extra::extract::Query",
    "axum_extra::extract::Form",
    "axum_extra::extract::Multipart",
    "axum_extra::extract::Host",
    "axum_extra::extract::CookieJar",
    "axum_extra::TypedHeader",
    "actix_web::web::Path",
    "actix_web::web::Query",
    "actix_web::web::Json",
    "actix_web::web::Form",
    "actix_web::web::Bytes",
    "actix_web::web::Payload",
    "actix_web::web::Header",
    "actix_web::HttpRequest",
    "actix_multipart::Multipart",
    "actix_multipart::form::MultipartForm",
    "rocket::form::Form",
    "rocket::serde::json::Json",
    "rocket::Data",
    "rocket::http::RawStr",
    "rocket::http::CookieJar",
    "poem::web::Path",
    "poem::web::Query",
    "poem::web::Form",
    "poem::web::Json",
    "poem::web::Multipart",
    "poem::Request",
    "poem::Body",
    "poem_openapi::param::Path",
    "poem_openapi::param::Query",
    "poem_openapi::param::Header",
    "poem_openapi::payload::Json",
    "salvo::Request",
    "salvo_core::Request",
    "salvo::oapi::extract::PathParam",
    "salvo::oapi::extract::QueryParam",
    "salvo::oapi::extract::HeaderParam",
    "salvo::oapi::extract::CookieParam",
    "salvo::oapi::extract::JsonBody",
    "salvo::oapi::extract::FormBody",
    "tide::Request",
    "dropshot::Path",
    "dropshot::Query",
    "dropshot::TypedBody",
    "dropshot::UntypedBody",
    "dropshot::StreamingBody",
    "tonic::Request",
    "tonic::Streaming",
    "hyper::body::Incoming",
    "warp::multipart::FormData",
];

/// Traits by which a type takes itself out of a request.
pub const EXTRACTOR_TRAITS: &[&str] = &[
    "FromRequest",
    "FromRequestParts",
    "OptionalFromRequest",
    "OptionalFromRequestParts",
    "FromData",
    "FromParam",
    "FromForm",
];

/// Types of parameters that only handlers have, without being outside data themselves. With one of
/// them, a bare `String` or `HeaderMap` among the other parameters is the client's.
pub const HANDLER_PARAMETERS: &[&str] = &[
    "axum::extract::State",
    "axum::extract::ConnectInfo",
    "axum::extract::MatchedPath",
    "axum::Extension",
    "axum::extract::Extension",
    "actix_web::web::Data",
    "actix_web::web::ReqData",
    "rocket::State",
    "poem::web::Data",
    "dropshot::RequestContext",
];

/// Types that are the client's in the signature of a handler, and nothing special elsewhere.
pub const BARE_EXTRACTORS: &[&str] = &[
    "std::string::String",
    "String",
    "bytes::Bytes",
    "http::HeaderMap",
    "http::Uri",
    "axum::http::HeaderMap",
];

/// Attributes that make a function a handler of actix, rocket, poem or salvo.
pub const HANDLER_ATTRIBUTES: &[&str] =
    &["get", "post", "put", "patch", "delete", "head", "options", "route", "handler", "endpoint", "connect"];

/// Attributes of an `impl` whose methods' parameters come from a GraphQL client.
pub const RESOLVER_ATTRIBUTES: &[&str] =
    &["Object", "Subscription", "graphql_object", "graphql_subscription"];

/// Accessors on request types that do not give what the client chose.
pub const TRUSTED_ACCESSORS: &[&str] = &[
    "app_data",
    "app_config",
    "data",
    "extensions",
    "extensions_mut",
    "state",
    "method",
    "version",
    "peer_addr",
    "local_addr",
    "local_cache",
    "guard",
    "rocket",
    "pattern",
    "match_pattern",
    "match_name",
    "resource_map",
    "full_url",
    "conn_data",
    "path_ref",
    "context",
    "log",
];

/// Methods whose result is this program's own choice, though they are called on what a client sent:
/// where an upload was put.
const OWN: &[&str] = &[
    "tempfile::NamedTempFile::path",
    "tempfile::NamedTempFile::into_temp_path",
    "tempfile::TempPath::to_path_buf",
    "rocket::fs::TempFile::path",
    "salvo_core::http::form::FilePart::path",
    "salvo::http::form::FilePart::path",
];

/// Types of which every value is outside data, and calls that give it.
const TABLE: &[(OriginKind, &[&str])] = &[
    (
        Request,
        &[
            "actix_web::HttpRequest",
            "actix_web::dev::ServiceRequest",
            "actix_multipart::Field",
            "actix_multipart::Multipart",
            "actix_multipart::form::tempfile::TempFile",
            "axum::extract::multipart::Field",
            "axum::extract::Multipart",
            "axum::extract::ws::WebSocket",
            "multer::Field",
            "poem::web::Field",
            "salvo_core::Request",
            "salvo::Request",
            "salvo_core::http::form::FilePart",
            "tide::Request",
            "warp::multipart::Part",
            "warp::path::param",
            "warp::path::tail",
            "warp::path::peek",
            "warp::path::full",
            "warp::query",
            "warp::query::query",
            "warp::query::raw",
            "warp::query::raw",
            "warp::header",
            "warp::header::header",
            "warp::header::headers_cloned",
            "warp::body::json",
            "warp::body::form",
            "warp::body::bytes",
            "warp::body::stream",
            "warp::body::aggregate",
            "rocket::fs::FileName::dangerous_unsafe_unsanitized_raw",
        ],
    ),
    (
        Network,
        &[
            "std::net::TcpStream",
            "std::net::UdpSocket::recv_from",
            "std::os::unix::net::UnixStream",
            "tokio::net::TcpStream",
            "tokio::net::UnixStream",
            "tokio::net::UdpSocket",
            "tokio::net::tcp::OwnedReadHalf",
            "tokio_rustls::TlsStream",
            "tokio_rustls::client::TlsStream",
            "tokio_rustls::server::TlsStream",
            "tokio_native_tls::TlsStream",
            "native_tls::TlsStream",
            "async_std::net::TcpStream",
            "smol::net::TcpStream",
            "reqwest::Response",
            "reqwest::blocking::Response",
            "reqwest::get",
            "reqwest::blocking::get",
            "ureq::Response",
            "ureq::Body",
            "isahc::Body",
            "attohttpc::Response",
            "surf::Response",
            "std::net::TcpStream::connect",
            "tokio::net::TcpStream::connect",
            "std::net::TcpListener::accept",
            "std::net::TcpListener::incoming",
            "tokio::net::TcpListener::accept",
            "tokio::net::UnixListener::accept",
            "tungstenite::Message",
            "tungstenite::WebSocket",
            "tokio_tungstenite::WebSocketStream",
        ],
    ),
    (
        Archive,
        &[
            "zip::read::ZipFile::name",
            "zip::read::ZipFile::name_raw",
            "zip::ZipFile::name",
            "zip::ZipFile::name_raw",
            "tar::Entry::path",
            "tar::Entry::path_bytes",
            "tar::Entry::link_name",
            "tar::Header::path",
            "tokio_tar::Entry::path",
            "tokio_tar::Entry::path_bytes",
            "tokio_tar::Entry::link_name",
            "astral_tokio_tar::Entry::path",
            "async_tar::Entry::path",
            "async_zip::ZipEntry::filename",
            "sevenz_rust::SevenZArchiveEntry::name",
            "sevenz_rust2::ArchiveEntry::name",
            "ar::Header::identifier",
        ],
    ),
    (
        Operator,
        &[
            "std::env::args",
            "std::env::args_os",
            "std::env::var",
            "std::env::var_os",
            "std::env::vars",
            "std::env::current_dir",
            "std::env::current_exe",
            "std::env::home_dir",
            "std::io::stdin",
            "tokio::io::stdin",
            "std::io::Stdin",
            "clap::ArgMatches",
            "pico_args::Arguments",
        ],
    ),
];

/// Constructors of archive readers. What their entries are called comes from the archive.
pub const ARCHIVES: &[&str] = &[
    "tar::Archive::new",
    "tokio_tar::Archive::new",
    "astral_tokio_tar::Archive::new",
    "async_tar::Archive::new",
    "zip::ZipArchive::new",
    "zip::read::ZipArchive::new",
    "zip::read::read_zipfile_from_stream",
    "sevenz_rust::SevenZReader::new",
];

/// Types of archive readers and of their entries.
pub const ARCHIVE_TYPES: &[&str] = &[
    "tar::Archive",
    "tokio_tar::Archive",
    "astral_tokio_tar::Archive",
    "async_tar::Archive",
    "zip::ZipArchive",
    "tar::Entry",
    "tokio_tar::Entry",
    "astral_tokio_tar::Entry",
    "async_tar::Entry",
    "zip::read::ZipFile",
];

/// Methods of archive readers that give entries.
pub const ARCHIVE_ENTRIES: &[&str] =
    &["entries", "entries_with_seek", "by_index", "by_name", "by_index_raw", "by_index_decrypt"];

/// Methods of entries that give a name as the archive has it.
pub const ENTRY_NAMES: &[&str] =
    &["name", "name_raw", "path", "path_bytes", "link_name", "link_name_bytes", "filename", "file_names"];

/// Identifiers that occur in a function that holds a request source of its own. A lint about
/// request data can use them as triggers, as the sink may stand in another function.
pub const REQUEST_TRIGGERS: &[&str] = &[
    "Path",
    "Query",
    "Form",
    "Json",
    "RawQuery",
    "RawForm",
    "RawPathParams",
    "OriginalUri",
    "Request",
    "HttpRequest",
    "ServiceRequest",
    "Multipart",
    "MultipartForm",
    "Host",
    "CookieJar",
    "TypedHeader",
    "WebSocket",
    "Payload",
    "Field",
    "TempFile",
    "Data",
    "TypedBody",
    "UntypedBody",
    "StreamingBody",
    "PathParam",
    "QueryParam",
    "JsonBody",
    "FormBody",
    "HeaderMap",
    "Incoming",
    "graphql_object",
    // The routes of rocket, whose handlers need no type of the framework: `"/<host>/icon.png"`.
    "/<",
    "?<",
];

/// The packages of which a service depends on one: where no client can send anything, there is
/// nothing to find.
pub const FRAMEWORKS: &[&str] = &[
    "axum",
    "axum-extra",
    "actix-web",
    "actix-multipart",
    "rocket",
    "warp",
    "poem",
    "poem-openapi",
    "salvo",
    "salvo_core",
    "tide",
    "dropshot",
    "tonic",
    "hyper",
    "async-graphql",
    "juniper",
    "tungstenite",
    "tokio-tungstenite",
    "multer",
];

/// What the result of a call, or a value of a type, is.
pub fn find(api: &ApiPath) -> Option<OriginKind> {
    static BY_API: LazyLock<ByApi<OriginKind>> = LazyLock::new(|| {
        TABLE.iter().flat_map(|(kind, apis)| apis.iter().map(|pattern| (*pattern, *kind))).collect()
    });
    BY_API.get(api).copied()
}

/// Whether the result of a method is not the client's, whatever it is called on.
pub fn is_own(api: &ApiPath) -> bool {
    OWN.iter().any(|pattern| api.is(pattern))
}

/// Whether some method of this name gives what is not the client's; see [`is_own`].
pub fn is_own_name(name: &str) -> bool {
    OWN.iter().any(|path| path.rsplit("::").next() == Some(name))
}

/// Whether a parameter of this type is what a client sent.
pub fn is_extractor(ty: &ApiPath) -> bool {
    EXTRACTORS.iter().any(|pattern| ty.is(pattern))
}

/// Text that a function must hold somewhere to have a source of its own; cheaper than parsing it.
pub fn may_hold_source(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "env::var",
        "env::args",
        "stdin()",
        "TcpStream",
        "reqwest::",
        "HttpRequest",
        "match_info",
        "parse()",
    ];
    WORDS.iter().any(|word| text.contains(word))
}
