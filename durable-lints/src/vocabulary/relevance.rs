//! Why code matters to security.

use serde::{Deserialize, Serialize};

/// Why an item matters to security.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relevance {
    /// It asserts what the compiler cannot check.
    Unsafe,
    /// It uses a crate of cryptography or TLS.
    Crypto,
    /// It tells who somebody is or what they may do.
    Auth,
    /// It takes what a client sends.
    Input,
    /// It hands data to what interprets it: a database, a shell, a browser, another service.
    Sink,
}

impl Relevance {
    /// Its name.
    pub fn name(self) -> &'static str {
        ["unsafe", "crypto", "auth", "input", "sink"][self as usize]
    }
}
