//! X.509 certificates and private keys, in files of their own or embedded in source.

use std::sync::Arc;

use jiff::Timestamp;

use crate::vocabulary::Span;

/// One certificate that was found and could be read.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The file that holds or embeds it, relative to the workspace root: where the finding goes.
    pub path: Arc<str>,
    /// The text of that file; empty where it is binary.
    pub text: Arc<str>,
    /// Where in that file: the PEM block, or the `include_bytes!` call.
    pub span: Span,
    /// The file that holds the bytes, where that is another one than `path`.
    pub embedded_from: Option<Arc<str>>,
    /// The DER bytes.
    pub der: Vec<u8>,
    /// The subject, as `CN=…, O=…`.
    pub subject: String,
    /// The start of its validity.
    pub not_before: Timestamp,
    /// The end of its validity.
    pub not_after: Timestamp,
    /// Whether it may sign other certificates.
    pub is_ca: bool,
    /// The signature algorithm's object identifier, dotted.
    pub signature_algorithm: String,
    /// The length of an RSA modulus in bits.
    pub rsa_bits: Option<u32>,
    /// Whether source code embeds it, so that it ships inside the program.
    pub embedded: bool,
    /// Whether it lies where tests, fixtures and examples are kept.
    pub test: bool,
    /// The time of the check.
    pub now: Timestamp,
}
