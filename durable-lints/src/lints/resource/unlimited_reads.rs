use syn::Expr;

use crate::models::services::is_service;
use crate::prelude::*;

declare_lint! {
    /// A peer decides how much memory a read takes, so one of them can take all of it.
    ///
    /// A reader that goes on until the end, or until a newline that never comes, keeps what it was
    /// sent. Compressed data is worse: a kilobyte unpacks to a gigabyte.
    ///
    /// ```rust,bad
    /// use std::io::Read;
    /// use flate2::read::GzDecoder;
    /// async fn import(body: axum::extract::Request<bytes::Bytes>) -> std::io::Result<Vec<u8>> {
    ///     let body = body.into_body();
    ///     let mut records = Vec::new();
    ///     GzDecoder::new(&body[..]).read_to_end(&mut records)?;
    ///     Ok(records)
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use std::io::Read;
    /// use flate2::read::GzDecoder;
    /// const MOST: u64 = 16 * 1024 * 1024;
    /// async fn import(body: axum::extract::Request<bytes::Bytes>) -> std::io::Result<Vec<u8>> {
    ///     let body = body.into_body();
    ///     let mut records = Vec::new();
    ///     GzDecoder::new(&body[..]).take(MOST).read_to_end(&mut records)?;
    ///     Ok(records)
    /// }
    /// ```
    ///
    /// ## What to do
    /// Put `take(limit)` between the source and the read, and treat a full buffer as an error. For
    /// lines, use `LinesCodec::new_with_max_length`.
    ///
    /// ## Known limits
    /// Only services are looked at. The data must be seen to come from a socket or a request in the
    /// same function; a function that mentions a limit of its own is believed.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::High,
        cwe: &[400, 409, 770],
        triggers: &[
            "TcpStream", "UnixStream", "TcpListener", "UnixListener", "TlsStream", "GzDecoder", "MultiGzDecoder",
            "ZlibDecoder", "DeflateDecoder", "BzDecoder", "XzDecoder", "FrameDecoder", "BrotliDecoder", "ZstdDecoder",
            "Decompressor", "decode_all", "copy_decode", "decompress_size_prepended", "decompress_vec",
            "decompress_to_vec", "decompress_to_vec_zlib", "LinesCodec", "max_frame_length", "ZipArchive",
        ],
        check: Check::Code(check),
    }
}

/// Methods that read until the end, or until a byte that may never come.
const READS: &[&str] = &["read_to_end", "read_to_string", "read_line", "read_until", "lines"];

const STREAMS: &[&str] = &[
    "std::net::TcpStream",
    "std::os::unix::net::UnixStream",
    "tokio::net::TcpStream",
    "tokio::net::UnixStream",
    "tokio::net::tcp::OwnedReadHalf",
    "tokio::net::tcp::ReadHalf",
    "tokio::net::unix::OwnedReadHalf",
    "async_std::net::TcpStream",
    "async_net::TcpStream",
    "tokio_rustls::TlsStream",
    "tokio_rustls::server::TlsStream",
    "tokio_rustls::client::TlsStream",
    "tokio_native_tls::TlsStream",
    "native_tls::TlsStream",
    "openssl::ssl::SslStream",
];

/// Constructors of readers that unpack what they read.
const DECODERS: &[&str] = &[
    "flate2::GzDecoder::new",
    "flate2::MultiGzDecoder::new",
    "flate2::ZlibDecoder::new",
    "flate2::DeflateDecoder::new",
    "zstd::Decoder::new",
    "brotli::Decompressor::new",
    "brotli_decompressor::Decompressor::new",
    "xz2::XzDecoder::new",
    "liblzma::XzDecoder::new",
    "bzip2::BzDecoder::new",
    "lz4_flex::FrameDecoder::new",
    "snap::FrameDecoder::new",
    "async_compression::GzipDecoder::new",
    "async_compression::ZlibDecoder::new",
    "async_compression::DeflateDecoder::new",
    "async_compression::BrotliDecoder::new",
    "async_compression::ZstdDecoder::new",
];

/// Functions that unpack all of their argument at once.
const UNPACKERS: &[&str] = &[
    "zstd::decode_all",
    "zstd::stream::copy_decode",
    "zstd::stream::decode_all",
    "lz4_flex::decompress_size_prepended",
    "lz4_flex::block::decompress_size_prepended",
    "snap::raw::Decoder::decompress_vec",
    "miniz_oxide::inflate::decompress_to_vec",
    "miniz_oxide::inflate::decompress_to_vec_zlib",
];

/// Frames longer than this are no limit.
const LARGEST_FRAME: i128 = 1 << 30;

const HELP: &str = "put `.take(limit)` before the read, and treat a full buffer as an error";

fn check(code: &Code<'_>, findings: &mut Findings) {
    if !is_service(code.package, code.file) {
        return;
    }
    let limited = is_limited(code);
    for call in code.calls() {
        if call.is(&["tokio_util::codec::LinesCodec::new"]) {
            if !code.file.mentions("stdin") {
                findings
                    .at(call.span, "a line may be as long as the peer likes")
                    .help("use `LinesCodec::new_with_max_length`");
            }
        } else if call.is_method("max_frame_length") {
            let Some(limit) = call.args.first() else { continue };
            if code
                .constant(limit)
                .and_then(|limit| limit.as_int())
                .is_some_and(|limit| limit >= LARGEST_FRAME)
            {
                findings
                    .at(code.span(*limit), "a frame may be as long as the peer likes")
                    .help("set a length that fits the protocol");
            }
        } else if !limited {
            reads(code, call, findings);
        }
    }
}

fn reads<'a>(code: &Code<'a>, call: &Call<'a>, findings: &mut Findings) {
    if call.kind == CallKind::Method && READS.contains(&&*call.name) {
        let Some(receiver) = call.receiver else { return };
        if is_stream(code, receiver) && !is_bounded(code, receiver) {
            findings.at(call.name_span, "the peer decides when this read ends").help(HELP);
        } else if is_unpacked_entry(code, receiver) {
            findings.at(call.name_span, "a small archive can expand without bound here").help(HELP);
        }
    } else if call.is(UNPACKERS) || call.is(DECODERS) && is_drained(code) {
        let Some(source) = call.args.first() else { return };
        let value = code.flow().value(source);
        let Some(origin) = value.origins.iter().find(|origin| origin.kind.is_hostile()) else { return };
        findings
            .at(call.span, "a small message can expand without bound here")
            .label(origin.span, format!("{} is the sender's", origin.what))
            .help("limit what comes out: `.take(limit)` on the decoder, or a function with a limit");
    }
}

/// Whether the unit mentions a limit of its own.
fn is_limited(code: &Code<'_>) -> bool {
    const LIMITS: &[&str] = &["take", "limit", "with_limit", "decoder_with_limit", "max_mem_limit"];
    code.calls().iter().any(|call| {
        LIMITS.contains(&&*call.name) && call.args.len() == usize::from(call.kind == CallKind::Method)
            || call.name.contains("limit")
    })
}

/// Whether all that a decoder gives is kept: what is copied to a file takes no memory.
fn is_drained(code: &Code<'_>) -> bool {
    code.calls().iter().any(|call| {
        (call.kind == CallKind::Method && ["read_to_end", "read_to_string"].contains(&&*call.name))
            || call.is(&["std::io::read_to_string"])
    })
}

fn is_bounded<'a>(code: &Code<'a>, reader: &'a Expr) -> bool {
    code.flow().value(reader).is_safe_for(crate::flow::Purpose::Size)
}

/// Whether a reader is a socket, buffers around it left out.
fn is_stream<'a>(code: &Code<'a>, reader: &'a Expr) -> bool {
    let Some(ty) = code.type_of(reader) else { return wraps_stream(code, reader) };
    let mut ty = ty.peeled().clone();
    loop {
        if STREAMS.iter().any(|stream| ty.path.is(stream)) {
            return true;
        }
        let name = ty.path.name();
        if !["BufReader", "BufStream", "ReadHalf"].contains(&name) {
            return false;
        }
        let Some(inner) = ty.arg(0) else { return wraps_stream(code, reader) };
        ty = inner.peeled().clone();
    }
}

/// `BufReader::new(stream)`, here or where the binding is made.
fn wraps_stream<'a>(code: &Code<'a>, reader: &'a Expr) -> bool {
    const WRAPPERS: &[&str] = &[
        "std::io::BufReader::new",
        "tokio::io::BufReader::new",
        "tokio::io::BufStream::new",
        "std::io::BufReader::with_capacity",
    ];
    let Expr::Path(path) = reader else {
        return code.call(reader).is_some_and(|call| {
            call.is(WRAPPERS) && call.args.last().is_some_and(|inner| is_stream_itself(code, inner))
        });
    };
    let init = path.path.get_ident().and_then(|name| code.bound_to(name));
    init.is_some_and(|init| !matches!(init, Expr::Path(_)) && wraps_stream(code, init))
}

fn is_stream_itself<'a>(code: &Code<'a>, expr: &'a Expr) -> bool {
    match expr {
        Expr::Reference(inner) => is_stream_itself(code, &inner.expr),
        expr => code.type_of(expr).is_some_and(|ty| {
            let ty = ty.peeled();
            STREAMS.iter().any(|stream| ty.path.is(stream))
        }),
    }
}

/// Whether a reader is an entry of a zip archive that a peer sent.
fn is_unpacked_entry<'a>(code: &Code<'a>, reader: &'a Expr) -> bool {
    let is_zip = code.calls().iter().any(|call| call.is(&["zip::ZipArchive::new"]));
    let value = code.flow().value(reader);
    is_zip && value.hostile().is_some() && !value.is_safe_for(crate::flow::Purpose::Size)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn each_read_is_a_finding() {
        let read = "{ let mut r = BufReader::new(s.by_ref()); let mut r = BufReader::new(s); r.read_line(&mut line).unwrap(); }";
        let text = format!(
            "use std::io::*; use std::net::*;\nfn f(l: TcpListener, s: &TcpStream) {{\n{read}\n{read}\n}}"
        );
        let found = crate::fixture::found(&LINT, &text);
        let lines: Vec<&str> = found.lines().map(|line| &line[..2]).collect();
        assert_eq!(lines, ["3:", "4:"], "{found}");
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use std::io::{Cursor, Read};
                async fn unpack(mut form: axum::extract::Multipart) {
                    let field = form.next_field().await.unwrap().unwrap();
                    let body = field.bytes().await.unwrap();
                    let mut archive = zip::ZipArchive::new(Cursor::new(body)).unwrap();
                    let mut entry = archive.by_index(0).unwrap();
                    let mut text = String::new();
                    entry.read_to_string(&mut text).unwrap();
                //~       ^^^^^^^^^^^^^^ a small archive can expand without bound here
                }
            "#]],
            expect![[r#"
                use std::io::Read;
                use std::net::{TcpListener, TcpStream};
                fn f(mut s: TcpStream) {
                    let mut v = String::new();
                    s.read_to_string(&mut v).unwrap();
                //~   ^^^^^^^^^^^^^^ the peer decides when this read ends
                }
            "#]],
            expect![[r#"
                use std::io::*;
                fn f(l: std::net::TcpListener) {
                    for s in l.incoming() {
                        let s: std::net::TcpStream = s.unwrap();
                        let mut r = BufReader::new(s);
                        let mut line = String::new();
                        r.read_line(&mut line).unwrap();
                //~       ^^^^^^^^^ the peer decides when this read ends
                    }
                }
            "#]],
            expect![[r#"
                use tokio::io::*;
                use tokio::net::TcpListener;
                async fn f(l: TcpListener) {
                    let (mut s, _) = l.accept().await.unwrap();
                    let mut v = vec![];
                    s.read_to_end(&mut v).await.unwrap();
                //~   ^^^^^^^^^^^ the peer decides when this read ends
                }
            "#]],
            expect![[r#"
                async fn f(body: axum::extract::Json<Vec<u8>>) {
                //~        ---- `Json` extractor `body` is the sender's
                    let out = zstd::stream::decode_all(&body.0[..]);
                //~           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a small message can expand without bound here
                }
            "#]],
            expect![[r#"
                use tokio::net::TcpListener;
                use tokio_util::codec::{Framed, LinesCodec};
                fn f(s: S) {
                    let f = Framed::new(s, LinesCodec::new());
                //~                        ^^^^^^^^^^^^^^^^^ a line may be as long as the peer likes
                }
            "#]],
            expect![[r#"
                use axum::Router;
                fn f() {
                    tokio_util::codec::LengthDelimitedCodec::builder()
                        .max_frame_length(usize::MAX)
                //~                       ^^^^^^^^^^ a frame may be as long as the peer likes
                        .new_codec();
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use std::net::{TcpListener, TcpStream}; use std::io::Read;\nfn f(s: TcpStream) { let mut v = String::new(); s.take(99).read_to_string(&mut v).unwrap(); }",
            "use axum::Router;\nfn f() { tokio_util::codec::LinesCodec::new_with_max_length(4096); }",
            "use axum::Router; use flate2::read::GzDecoder; use std::io::Read;\nfn f(file: std::fs::File) { let mut v = vec![]; GzDecoder::new(file).read_to_end(&mut v).unwrap(); }",
            "use std::net::TcpListener;\nfn f(text: &str, s: &std::net::TcpStream) { for line in text.lines() { g(line, s); } }",
            "use axum::Router;\nfn f() { tokio_util::codec::LengthDelimitedCodec::builder().max_frame_length(8 << 20).new_codec(); }",
            "//- Cargo.toml\n[package]\nname = \"x\"\nversion = \"1.0.0\"\n//- src/lib.rs\nuse std::net::TcpStream; use std::io::Read;\nfn f(mut s: TcpStream) { let mut v = String::new(); s.read_to_string(&mut v).unwrap(); }",
        ]);
    }
}
