//! X.509 certificates: in files of their own, in files that source embeds, and in source itself.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use memchr::memmem;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::files::{position, unchecked};
use super::tree::{extension_of, is_test_path};
use super::workspace::View;
use super::{Embed, Files};
use crate::report::Unchecked;
use crate::subject::Certificate;
use crate::vocabulary::Span;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// The certificates that are files of their own.
pub(super) fn read(view: &View<'_>, unchecked: &mut Vec<Unchecked>) -> Vec<Certificate> {
    let entries = view.tree.entries().par_iter();
    let wanted = entries.filter(|entry| {
        matches!(extension_of(&entry.path), "pem" | "crt" | "cer" | "der") && view.has(&entry.path)
    });
    let read: Vec<Found> = wanted.map(|entry| in_file(&entry.path, view.files, view.options.now)).collect();
    let mut certificates = Vec::new();
    for mut found in read {
        certificates.append(&mut found.certificates);
        unchecked.append(&mut found.unchecked);
    }
    certificates
}

/// The certificates that source embeds, from other files (`include_bytes!("ca.pem")`) or as text.
/// What is no certificate, or cannot be read, is passed over: any file may be embedded.
pub fn embedded_certificates(files: &dyn Files, embeds: &[Embed], now: Timestamp) -> Vec<Certificate> {
    let mut texts: FxHashMap<&str, Arc<str>> = FxHashMap::default();
    let mut certificates = Vec::new();
    for embed in embeds {
        let text = texts.entry(&embed.file).or_insert_with(|| source_text(files, &embed.file)).clone();
        let Some(target) = &embed.target else {
            certificates.extend(certificates_in_source(&embed.file, &text, embed.span, now));
            continue;
        };
        for certificate in in_file(target, files, now).certificates {
            certificates.push(Certificate {
                path: embed.file.clone(),
                text: text.clone(),
                span: embed.span,
                embedded_from: Some(target.clone()),
                embedded: true,
                test: is_test_path(&embed.file),
                ..certificate
            });
        }
    }
    certificates
}

fn source_text(files: &dyn Files, path: &str) -> Arc<str> {
    files.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default().into()
}

/// The certificates written into source, inside a literal or a macro call such as `concat!`: line
/// breaks may be real, escaped (`\n`) or continued (`\` at the end of a line).
pub fn certificates_in_source(
    path: &Arc<str>,
    text: &Arc<str>,
    within: Span,
    now: Timestamp,
) -> Vec<Certificate> {
    let Some(source) = text.get(within.range()) else {
        return vec![];
    };
    let found = blocks(source.as_bytes()).into_iter().filter_map(|block| {
        let der = decoded(&unescaped(&source[block.body]))?;
        let span = Span::from(block.whole).shifted(within.start);
        let certificate = certificate(path, text, span, der, now)?;
        Some(Certificate { embedded: true, ..certificate })
    });
    found.collect()
}

#[derive(Default)]
struct Found {
    certificates: Vec<Certificate>,
    unchecked: Vec<Unchecked>,
}

fn in_file(path: &Arc<str>, files: &dyn Files, now: Timestamp) -> Found {
    let bytes = match files.read(path) {
        Ok(bytes) => bytes,
        Err(reason) => return Found { unchecked: vec![unchecked(path, reason)], ..Found::default() },
    };
    let blocks = blocks(&bytes);
    if blocks.is_empty() {
        let empty: Arc<str> = "".into();
        // Keys, requests and lists have these extensions too, so what is no certificate is passed over.
        let certificates = certificate(path, &empty, Span::default(), bytes, now).into_iter().collect();
        return Found { certificates, ..Found::default() };
    }
    // Spans are of the bytes; they are of the text too wherever there is one.
    let text: Arc<str> = String::from_utf8(bytes.clone()).unwrap_or_default().into();
    let mut found = Found::default();
    for block in blocks {
        let body = String::from_utf8_lossy(&bytes[block.body]);
        let span = if text.is_empty() { Span::default() } else { Span::from(block.whole) };
        match decoded(&body).and_then(|der| certificate(path, &text, span, der, now)) {
            Some(certificate) => found.certificates.push(certificate),
            None if is_test_path(path) => {}
            None => found.unchecked.push(Unchecked {
                at: Some(position(&text, span.start as usize)),
                ..unchecked(path, "this block is not a certificate that can be read")
            }),
        }
    }
    found
}

/// A PEM block: all of it, and what stands between its two lines.
struct Block {
    whole: Range<usize>,
    body: Range<usize>,
}

fn blocks(bytes: &[u8]) -> Vec<Block> {
    let begins = memmem::find_iter(bytes, BEGIN).map(|at| (at, at + BEGIN.len()));
    let mut ends = memmem::find_iter(bytes, END).peekable();
    let mut blocks = Vec::new();
    let mut last = 0;
    for (start, body) in begins {
        while ends.peek().is_some_and(|end| *end < body) {
            ends.next();
        }
        // A block without an end must not swallow the one after it.
        let Some(&end) = ends.peek() else { break };
        if start >= last {
            blocks.push(Block { whole: start..end + END.len(), body: body..end });
            last = end;
        }
    }
    blocks
}

/// The body of a block as a string literal holds it, with its escapes, quotes and commas left out.
fn unescaped(source: &str) -> String {
    let mut body = String::with_capacity(source.len());
    let mut characters = source.chars();
    while let Some(character) = characters.next() {
        match character {
            // `\n`, `\r`, `\t`, and the end of a continued line.
            '\\' => drop(characters.next()),
            '"' | ',' | '#' => {}
            _ => body.push(character),
        }
    }
    body
}

fn decoded(body: &str) -> Option<Vec<u8>> {
    let body: String = body.split_whitespace().collect();
    let block = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    pem::parse(block).ok().map(pem::Pem::into_contents)
}

fn certificate(
    path: &Arc<str>,
    text: &Arc<str>,
    span: Span,
    der: Vec<u8>,
    now: Timestamp,
) -> Option<Certificate> {
    let (_, parsed) = X509Certificate::from_der(&der).ok()?;
    let validity = parsed.validity();
    let found = Certificate {
        path: path.clone(),
        text: text.clone(),
        span,
        embedded_from: None,
        subject: parsed.subject().to_string(),
        not_before: timestamp(validity.not_before.timestamp()),
        not_after: timestamp(validity.not_after.timestamp()),
        is_ca: parsed.is_ca(),
        signature_algorithm: parsed.signature_algorithm.algorithm.to_id_string(),
        rsa_bits: rsa_bits(&parsed),
        embedded: false,
        test: is_test_path(path),
        now,
        der: vec![],
    };
    Some(Certificate { der, ..found })
}

/// Certificates may be dated beyond what a timestamp holds (`99991231235959Z` is common).
fn timestamp(seconds: i64) -> Timestamp {
    let end = if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(seconds).unwrap_or(end)
}

fn rsa_bits(certificate: &X509Certificate<'_>) -> Option<u32> {
    let Ok(PublicKey::RSA(key)) = certificate.public_key().parsed() else {
        return None;
    };
    let zeros = key.modulus.iter().take_while(|byte| **byte == 0).count();
    let modulus = &key.modulus[zeros..];
    let first = modulus.first()?;
    u32::try_from(modulus.len() * 8).ok().map(|bits| bits - first.leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::MemoryFiles;

    const PEM: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBgzCCASmgAwIBAgIUayM6rWOeIehWQnqOmfUs7HuMtUAwCgYIKoZIzj0EAwIw\n\
        FzEVMBMGA1UEAwwMZHVyYWJsZS50ZXN0MB4XDTI2MTEyMzIzMjUyNFoXDTM2MTEy\n\
        MDIzMjUyNFowFzEVMBMGA1UEAwwMZHVyYWJsZS50ZXN0MFkwEwYHKoZIzj0CAQYI\n\
        KoZIzj0DAQcDQgAEICwJ5tFFUyuqo/EKtB3pi3K4oKYymrbQGPzss6mGQ78j/eku\n\
        CFcb7o53f0VVp73PNLSZ8Rh2trMTsrZiImXlUaNTMFEwHQYDVR0OBBYEFFYi5a5y\n\
        A15t+fdgB7iwCJT4EYFRMB8GA1UdIwQYMBaAFFYi5a5yA15t+fdgB7iwCJT4EYFR\n\
        MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgPjkeO0fAKnO1j4Bw\n\
        H8V7HyXDXK8hrhWre1xnpfEGy9ICIQD5mtSGd8mUJcwxR1mI+inDpqEDWeJaog09\n\
        9rAiApt1aA==\n\
        -----END CERTIFICATE-----";

    fn show(found: &[Certificate]) -> Vec<String> {
        let one = |found: &Certificate| {
            let text = found.text.get(found.span.range()).unwrap_or("");
            let (from, end) = (found.embedded_from.as_deref().unwrap_or("-"), text.len());
            format!(
                "{} {} {from} ca={} test={} {end} bytes",
                found.path, found.subject, found.is_ca, found.test
            )
        };
        found.iter().map(one).collect()
    }

    #[test]
    fn a_file_may_hold_several_and_text_between_them() {
        let text = format!(
            "root\n{PEM}\n# next\n{PEM}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
        );
        let files = MemoryFiles::new([("ca.pem", text)]);
        let found = in_file(&"ca.pem".into(), &files, Timestamp::UNIX_EPOCH);
        let line = format!("ca.pem CN=durable.test - ca=true test=false {} bytes", PEM.len());
        assert_eq!(show(&found.certificates), [line.clone(), line]);
        assert_eq!(found.certificates[0].signature_algorithm, "1.2.840.10045.4.3.2");
        assert_eq!(found.certificates[0].not_before.to_string(), "2026-11-23T23:25:24Z");
        assert_eq!(found.unchecked.len(), 1);
    }

    #[test]
    fn the_bytes_alone_are_a_certificate_too() {
        let der = pem::parse(PEM).unwrap().into_contents();
        let files =
            MemoryFiles::new([("ca.der", der.clone()), ("no.der", vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff])]);
        assert_eq!(in_file(&"ca.der".into(), &files, Timestamp::UNIX_EPOCH).certificates.len(), 1);
        assert!(in_file(&"no.der".into(), &files, Timestamp::UNIX_EPOCH).certificates.is_empty());
        for at in 0..der.len() {
            let mut broken = der.clone();
            broken[at] ^= 0xff;
            let _ = certificate(&"x".into(), &"".into(), Span::default(), broken, Timestamp::UNIX_EPOCH);
            let _ = certificate(
                &"x".into(),
                &"".into(),
                Span::default(),
                der[..at].to_vec(),
                Timestamp::UNIX_EPOCH,
            );
        }
    }

    #[test]
    fn source_may_write_one_in_many_ways() {
        let escaped = format!("\"{}\"", PEM.replace('\n', "\\n"));
        let continued = format!("\"{}\"", PEM.replace('\n', "\\n\\\n    "));
        let joined = format!("concat!(\"{}\")", PEM.replace('\n', "\\n\",\n    \""));
        let raw = format!("r#\"{PEM}\"#");
        for literal in [escaped, continued, joined, raw] {
            let text: Arc<str> = format!("const CA: &str = {literal};").into();
            let within = Span::new(17, text.len() as u32);
            let found = certificates_in_source(&"src/tls.rs".into(), &text, within, Timestamp::UNIX_EPOCH);
            assert_eq!(found.len(), 1, "{text}");
            assert!(found[0].embedded && text[found[0].span.range()].ends_with("CERTIFICATE-----"));
        }
    }

    #[test]
    fn what_source_embeds_is_found_at_the_call() {
        let source = "static CA: &[u8] = include_bytes!(\"../ca.pem\");";
        let files = MemoryFiles::new([("src/tls.rs", source), ("ca.pem", PEM)]);
        let span = Span::new(19, 47);
        let embed = Embed { file: "src/tls.rs".into(), span, target: Some("ca.pem".into()) };
        let gone = Embed { target: Some("gone.pem".into()), ..embed.clone() };
        let found = embedded_certificates(&files, &[embed, gone], Timestamp::UNIX_EPOCH);
        assert_eq!(show(&found), ["src/tls.rs CN=durable.test ca.pem ca=true test=false 28 bytes"]);
    }
}
