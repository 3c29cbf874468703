//! What names and texts tell about secrets: whether a name stands for one, whether a text only
//! stands in for one, and which types keep theirs when they are printed.

use crate::vocabulary::Ty;

/// Words that name a secret by themselves.
const SECRETS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "secret",
    "secrets",
    "credential",
    "credentials",
    "jwt",
    "mnemonic",
    "apikey",
    "bearer",
];

/// Words that name a secret together.
const PAIRS: &[(&str, &str)] = &[
    ("api", "key"),
    ("access", "key"),
    ("private", "key"),
    ("signing", "key"),
    ("encryption", "key"),
    ("master", "key"),
    ("secret", "key"),
    ("account", "key"),
    ("connection", "string"),
    ("seed", "phrase"),
    ("recovery", "phrase"),
    ("recovery", "code"),
    ("user", "pwd"),
    ("db", "pwd"),
    ("admin", "pwd"),
];

/// What kind of token is a secret. Parsers, language models, pages and currencies have tokens that are
/// none, so the word alone says nothing.
const TOKENS: &[&str] = &[
    "access",
    "refresh",
    "auth",
    "authorization",
    "authentication",
    "api",
    "bearer",
    "id",
    "session",
    "csrf",
    "xsrf",
    "reset",
    "login",
    "user",
    "jwt",
    "oauth",
    "oauth2",
    "secret",
    "security",
    "service",
    "github",
    "gitlab",
    "slack",
    "discord",
    "telegram",
    "bot",
    "npm",
    "registry",
    "admin",
    "root",
    "vault",
    "deploy",
    "webhook",
    "verification",
    "invite",
    "invitation",
    "activation",
    "device",
    "app",
    "client",
    "personal",
    "pat",
    "identity",
    "sas",
    "join",
    "bootstrap",
    "private",
    "sts",
    "remember",
];

/// Words behind a secret's name that say how it is written and leave it a secret.
const FORMS: &[&str] = &[
    "value",
    "str",
    "string",
    "text",
    "plain",
    "plaintext",
    "raw",
    "bytes",
    "b64",
    "base64",
    "hex",
    "new",
    "old",
    "current",
    "confirm",
    "confirmation",
    "pem",
];

/// Words that turn a name into a question or a measure.
const QUESTIONS: &[&str] = &[
    "is", "has", "had", "use", "uses", "with", "without", "max", "min", "num", "no", "show", "hide", "public",
];

/// The words of a name, split at what is no letter or digit and where the case changes, in lower case.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1);
        let starts = c.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
                || before.is_some_and(char::is_uppercase) && after.is_some_and(|after| after.is_lowercase()));
        if (starts || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a name (of a binding, field, constant, variable or key) says that its value is a secret:
/// `db_password`, `apiKey`, `ACCESS_TOKEN`; not `password_hash`, `next_token` or `secret_name`, and not
/// `token` alone.
pub fn names_secret(name: &str) -> bool {
    let words = words(name);
    if words.first().is_some_and(|first| QUESTIONS.contains(&&**first)) {
        return false;
    }
    let forms = words.iter().rev().take_while(|word| FORMS.contains(&&***word)).count();
    let words = &words[..words.len() - forms];
    match words {
        [.., kind, last] if last == "token" => TOKENS.contains(&&**kind) || SECRETS.contains(&&**kind),
        [.., first, last] if PAIRS.iter().any(|pair| *pair == (&**first, &**last)) => true,
        [.., last] => SECRETS.contains(&&**last),
        [] => false,
    }
}

/// Whether a text only stands in for a secret: empty, a template, a word of documentation, one
/// character repeated or a plain sequence. Weak passwords such as `changeme` are no placeholders.
pub fn is_placeholder(text: &str) -> bool {
    const TELLING: &[&str] = &[
        "example",
        "dummy",
        "sample",
        "placeholder",
        "todo",
        "your",
        "xxx",
        "redacted",
        "replace",
        "insert",
        "fixme",
        "goes-here",
        "goes_here",
        "<",
        "{{",
        "${",
        "%s",
        "...",
        "***",
        "foobar",
        "notreal",
        "not-real",
        "fake",
    ];
    let lower = text.trim().to_ascii_lowercase();
    lower.is_empty()
        || TELLING.iter().any(|word| lower.contains(word))
        || lower.starts_with('$')
        || lower.starts_with('{') && lower.ends_with('}')
        || is_sequence(&lower)
}

/// Whether most characters repeat or follow the one before them: `aaaa`, `12345678`, `abcdef`.
fn is_sequence(text: &str) -> bool {
    let bytes = text.as_bytes();
    let steps =
        bytes.windows(2).filter(|pair| pair[0] == pair[1] || pair[0].wrapping_add(1) == pair[1]).count();
    bytes.len() > 2 && steps * 10 >= (bytes.len() - 1) * 7
}

/// Shannon's entropy of a text in bits per character. Random text of 20 characters has about 4,
/// words have less than 3.
pub fn entropy(text: &str) -> f64 {
    let mut counts = [0usize; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let len = text.len() as f64;
    counts.iter().filter(|count| **count > 0).map(|count| *count as f64 / len).map(|p| -p * p.log2()).sum()
}

/// Types that print something else than what they hold.
const REDACTED: &[&str] = &[
    "secrecy::SecretBox",
    "secrecy::SecretString",
    "secrecy::SecretSlice",
    "secrecy::SecretVec",
    "secrecy::Secret",
    "secrecy::DebugSecret",
    "zeroize::Zeroizing",
    "redact::Secret",
    "veil::Redacted",
    "oauth2::ClientSecret",
    "oauth2::AccessToken",
    "oauth2::RefreshToken",
    "oauth2::AuthorizationCode",
    "oauth2::CsrfToken",
    "oauth2::PkceCodeVerifier",
    "oauth2::ResourceOwnerPassword",
    "openidconnect::ClientSecret",
    "openidconnect::AccessToken",
    "openidconnect::RefreshToken",
    "cookie::Key",
    "jsonwebtoken::EncodingKey",
    "jsonwebtoken::DecodingKey",
    "ed25519_dalek::SigningKey",
    "rustls_pki_types::PrivateKeyDer",
    "rustls::pki_types::PrivateKeyDer",
];

/// Whether a type keeps its secret when it is printed with `{:?}`.
pub fn is_redacted(ty: &Ty) -> bool {
    let ty = ty.peeled();
    REDACTED.iter().any(|redacted| ty.path.is(redacted))
        || ty.path.name() == "Option" && ty.args.first().is_some_and(is_redacted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        for name in [
            "password",
            "db_password",
            "userPassword",
            "API_KEY",
            "apiKey",
            "access_token",
            "refreshToken",
            "client_secret",
            "SECRET_KEY",
            "private_key",
            "password_str",
            "GITHUB_TOKEN",
            "jwt",
            "x-api-key",
        ] {
            assert!(names_secret(name), "{name}");
        }
        for name in [
            "password_hash",
            "token",
            "tokens",
            "next_token",
            "max_tokens",
            "page_token",
            "secret_name",
            "has_password",
            "public_key",
            "api_key_id",
            "token_count",
            "password_field",
            "key",
            "pwd",
            "credentials_path",
            "token_stream",
            "",
            "_",
            "secretary",
        ] {
            assert!(!names_secret(name), "{name}");
        }
    }

    #[test]
    fn stand_ins_are_no_secrets() {
        for text in [
            "",
            "<token>",
            "${TOKEN}",
            "your-api-key",
            "xxxxxxxx",
            "aaaaaa",
            "12345678",
            "AKIAIOSFODNN7EXAMPLE",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["changeme", "hunter2", "Q7ZPLM2XW4TRBN6K"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn entropy_tells_random_text_from_words() {
        assert_eq!(entropy("aaaa"), 0.0);
        assert!(entropy("Q7ZPLM2XW4TRBN6K") > 3.5);
        assert!(entropy("") == 0.0);
    }
}
