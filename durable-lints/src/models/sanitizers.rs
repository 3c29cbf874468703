//! What makes outside data safe.

use std::sync::LazyLock;

use crate::models::by_api::ByApi;
use crate::vocabulary::ApiPath;
use crate::vocabulary::Purpose::{self, Any, Argument, Html, Path, Shell, Size, Sql, Url};

/// APIs whose result is safe for some purposes, whatever they are given.
const TABLE: &[(&[Purpose], &[&str])] = &[
    (
        &[Html],
        &[
            "html_escape::encode_text",
            "html_escape::encode_safe",
            "html_escape::encode_double_quoted_attribute",
            "html_escape::encode_single_quoted_attribute",
            "html_escape::encode_quoted_attribute",
            "html_escape::encode_unquoted_attribute",
            "html_escape::encode_text_minimal",
            "html_escape::encode_script",
            "htmlescape::encode_minimal",
            "htmlescape::encode_attribute",
            "v_htmlescape::escape",
            "askama_escape::escape",
            "tera::escape_html",
            "handlebars::html_escape",
            "handlebars::escape_html",
            "ammonia::clean",
            "ammonia::clean_text",
            "ammonia::Builder::clean",
            "xml::escape::escape_str_pcdata",
            "quick_xml::escape::escape",
            "maud::html",
        ],
    ),
    (
        &[Shell],
        &[
            "shlex::try_quote",
            "shlex::try_join",
            "shlex::quote",
            "shlex::join",
            "shlex::Quoter::quote",
            "shell_words::quote",
            "shell_words::join",
            "shell_escape::escape",
            "shell_escape::unix::escape",
            "shell_quote::Sh::quote",
            "shell_quote::Bash::quote",
            "shell_quote::QuoteRefExt::quoted",
        ],
    ),
    (
        &[Sql],
        &[
            "postgres_protocol::escape::escape_identifier",
            "postgres_protocol::escape::escape_literal",
            "tokio_postgres::types::Type",
            "sea_query::Alias::new",
            "clickhouse::sql::Identifier",
        ],
    ),
    (
        &[Path],
        &[
            "std::path::Path::file_name",
            "std::path::PathBuf::file_name",
            "camino::Utf8Path::file_name",
            "std::path::Path::extension",
            "sanitize_filename::sanitize",
            "sanitize_filename::sanitize_with_options",
            "strict_path::PathBoundary::strict_join",
            "strict_path::VirtualRoot::virtual_join",
            "path_jail::join",
            "safe_path::scoped_join",
            "zip::read::ZipFile::enclosed_name",
            "zip::read::ZipFile::mangled_name",
            "actix_web::web::PathConfig",
            "rocket::fs::FileName::as_str",
            "rocket::fs::TempFile::name",
        ],
    ),
    (
        &[Any],
        &[
            "hex::encode",
            "hex::encode_upper",
            "blake3::hash",
            "uuid::Uuid::parse_str",
            "uuid::Uuid::new_v4",
            "uuid::Uuid::new_v5",
            "data_encoding::HEXLOWER",
            "sha2::Sha256::digest",
            "sha2::Digest::digest",
            "sha2::Digest::finalize",
            "md5::compute",
        ],
    ),
    (
        &[Url, Sql, Shell, Html],
        &["urlencoding::encode", "percent_encoding::utf8_percent_encode", "percent_encoding::percent_encode"],
    ),
    (
        &[Sql, Shell, Html, Argument],
        &["base64::encode", "base64::Engine::encode", "base64::engine::general_purpose"],
    ),
    (&[Html], &["regex::escape"]),
];

/// Methods whose result is safe, whatever they are called on. Names that only they have.
const METHODS: &[(&[Purpose], &[&str])] = &[
    (
        &[Path],
        &[
            "file_name",
            "file_stem",
            "extension",
            "enclosed_name",
            "mangled_name",
            "strict_join",
            "virtual_join",
        ],
    ),
    (&[Size], &["min", "clamp", "take"]),
    (&[Any], &["finalize", "to_hex", "hexdigest"]),
];

/// Words in the name of a function that say what its result is made safe for. They are taken at
/// their word: a project's own `escape_html` is where its authors looked, and a second opinion on it is
/// noise at every call.
const WORDS: &[(&[Purpose], &[&str])] = &[
    (
        &[Html],
        &[
            "escape",
            "escaped",
            "sanitize",
            "sanitise",
            "sanitized",
            "encode",
            "clean",
            "encoded",
            "strip_tags",
        ],
    ),
    (&[Path], &["sanitize", "sanitise", "sanitized", "slugify", "slug", "safe", "secure", "confine", "jail"]),
    (&[Shell], &["quote", "quoted", "escape", "escaped", "sanitize"]),
    (&[Sql], &["quote", "quoted", "escape", "escaped", "sanitize", "placeholders"]),
    (&[Url], &["sanitize", "validated", "safe"]),
];

/// Words in the name of a function that decides, by `true` or `Ok`, whether a value is fit for
/// use.
const DECIDERS: &[&str] = &[
    "valid",
    "validate",
    "allowed",
    "allow",
    "safe",
    "permitted",
    "whitelisted",
    "check",
    "ensure",
    "verify",
];

/// What the result of an API is safe for.
pub fn find(api: &ApiPath) -> &'static [Purpose] {
    static BY_API: LazyLock<ByApi<&[Purpose]>> = LazyLock::new(|| {
        TABLE.iter().flat_map(|(purposes, apis)| apis.iter().map(|pattern| (*pattern, *purposes))).collect()
    });
    BY_API.get(api).copied().unwrap_or_default()
}

/// What the result of a method is safe for, by its name.
pub fn of_method(name: &str) -> &'static [Purpose] {
    METHODS.iter().find(|(_, names)| names.contains(&name)).map_or(&[], |(purposes, _)| purposes)
}

/// What the name of a function promises about its result.
pub fn promised_by(name: &str) -> Vec<Purpose> {
    let words: Vec<&str> = name.split('_').collect();
    let promised = WORDS.iter().filter(|(_, wanted)| wanted.iter().any(|word| words.contains(word)));
    // `unescape` and `encode_utf8` promise nothing.
    if words
        .iter()
        .any(|word| word.starts_with("un") || matches!(*word, "utf8" | "json" | "debug" | "default"))
    {
        return Vec::new();
    }
    promised.flat_map(|(purposes, _)| purposes.iter().copied()).collect()
}

/// Whether the name of a function says that it decides whether a value is fit for use.
pub fn decides(name: &str) -> bool {
    name.split('_').any(|word| DECIDERS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_promise_what_they_say() {
        assert_eq!(promised_by("escape_html"), [Html, Shell, Sql]);
        assert!(promised_by("unescape_html").is_empty());
        assert!(promised_by("describe").is_empty());
    }
}
