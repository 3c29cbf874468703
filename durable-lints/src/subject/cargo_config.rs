//! `.cargo/config.toml`.

use std::sync::Arc;

use toml_edit::Document;

/// One `.cargo/config.toml` (or the older `.cargo/config`), parsed with spans.
#[derive(Clone, Debug)]
pub struct CargoConfig {
    /// Relative to the workspace root, with `/` between its parts.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// The parsed document.
    pub document: Document<String>,
}
