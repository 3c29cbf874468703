use crate::models::secrets::{entropy, is_placeholder};
use crate::prelude::*;

declare_lint! {
    /// A provider's access token is in the source, so everyone who reads or runs the program has it.
    ///
    /// Tokens of known providers are told by their prefix, length and alphabet, by their checksum where
    /// they have one, and by how random they look. It counts that the token is there, not what the code
    /// does with it: it also stays in the history of the repository.
    ///
    /// ```rust,bad
    /// const ACCESS_KEY_ID: &str = concat!("AKIA", "Q7ZPLM2XW4TRBN6K");
    /// ```
    ///
    /// ```rust,good
    /// fn access_key_id() -> Result<String, std::env::VarError> {
    ///     std::env::var("AWS_ACCESS_KEY_ID")
    /// }
    /// ```
    ///
    /// ## What to do
    /// Revoke the token at its provider first, as deleting the line does not take it out of history.
    /// Then read the new one from the environment or a secret store at run time.
    ///
    /// ## Known limits
    /// Comments and tests are not looked at, nor are tokens in a file that also holds the pattern of such
    /// tokens: those are the samples of what looks for leaks. Tokens without a prefix of their own (an AWS secret access
    /// key, say) cannot be told from other random text.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[798],
        scope: Scope::NonTest,
        triggers: &[
            "*AKIA*", "*ASIA*", "*ghp_*", "*gho_*", "*ghu_*", "*ghs_*", "*ghr_*", "*github_pat_*", "glpat-",
            "*npm_*", "*cio*", "pypi-AgEIcHlwaS5vcmc", "xoxb-", "xoxp-", "xoxa-", "xoxs-", "xoxe.xoxp-",
            "xapp-1-", "hooks.slack.com/services/", "discord.com/api/webhooks/",
            "discordapp.com/api/webhooks/", "*sk_live_*", "*rk_live_*", "*AIza*", "sk-ant-", "sk-proj-",
            "*hf_*", "SG.", "*dop_v1_*", "*shpat_*", "*shpss_*", "AccountKey=", "AGE-SECRET-KEY-1",
        ],
        check: Check::Source(check),
    }
}

/// How a provider writes its tokens.
struct Format {
    /// With its article, which goes by the sound: `an AWS`, `an npm`, `a GitHub`.
    provider: &'static str,
    prefix: &'static str,
    /// How many characters follow the prefix.
    len: std::ops::RangeInclusive<usize>,
    alphabet: Alphabet,
    proof: Proof,
}

/// The characters that a token may hold behind its prefix.
#[derive(Clone, Copy)]
enum Alphabet {
    /// `A-Z` and `2-7`.
    Base32,
    /// Letters and digits.
    Alphanumeric,
    /// Lower-case hexadecimal digits.
    Hex,
    /// Letters, digits, `_` and `-`.
    Url,
    /// Letters, digits, `_`, `-` and the given character.
    UrlAnd(u8),
    /// Letters, digits, `+`, `/` and `=`.
    Base64,
    /// Bech32 in capitals.
    Bech32,
}

/// What proves a token beyond its form.
#[derive(Clone, Copy, PartialEq)]
enum Proof {
    /// It looks random.
    Random,
    /// Its last six characters are the CRC-32 of the rest in base 62.
    Crc32,
    /// It has a capital letter, a small letter and a digit.
    Mixed,
    /// As mixed, and this occurs in it.
    Has(&'static str),
}

const fn format(
    provider: &'static str,
    prefix: &'static str,
    len: std::ops::RangeInclusive<usize>,
    alphabet: Alphabet,
    proof: Proof,
) -> Format {
    Format { provider, prefix, len, alphabet, proof }
}

#[rustfmt::skip]
const FORMATS: &[Format] = &[
    format("an AWS", "AKIA", 16..=16, Alphabet::Base32, Proof::Random),
    format("an AWS", "ASIA", 16..=16, Alphabet::Base32, Proof::Random),
    format("a GitHub", "ghp_", 36..=36, Alphabet::Alphanumeric, Proof::Crc32),
    format("a GitHub", "gho_", 36..=36, Alphabet::Alphanumeric, Proof::Crc32),
    format("a GitHub", "ghu_", 36..=36, Alphabet::Alphanumeric, Proof::Crc32),
    format("a GitHub", "ghs_", 36..=36, Alphabet::Alphanumeric, Proof::Crc32),
    format("a GitHub", "ghr_", 36..=76, Alphabet::Alphanumeric, Proof::Crc32),
    format("a GitHub", "github_pat_", 82..=82, Alphabet::Url, Proof::Mixed),
    format("a GitLab", "glpat-", 20..=64, Alphabet::UrlAnd(b'.'), Proof::Mixed),
    format("an npm", "npm_", 36..=36, Alphabet::Alphanumeric, Proof::Crc32),
    format("a crates.io", "cio", 32..=32, Alphabet::Alphanumeric, Proof::Mixed),
    format("a PyPI", "pypi-AgEIcHlwaS5vcmc", 50..=400, Alphabet::Url, Proof::Mixed),
    format("a Slack", "xoxb-", 40..=80, Alphabet::Url, Proof::Mixed),
    format("a Slack", "xoxp-", 40..=100, Alphabet::Url, Proof::Random),
    format("a Slack", "xoxa-", 40..=100, Alphabet::Url, Proof::Random),
    format("a Slack", "xoxs-", 40..=100, Alphabet::Url, Proof::Random),
    format("a Slack", "xoxe.xoxp-", 100..=250, Alphabet::Url, Proof::Mixed),
    format("a Slack", "xapp-1-", 60..=120, Alphabet::Url, Proof::Random),
    format("a Slack webhook", "hooks.slack.com/services/", 42..=50, Alphabet::UrlAnd(b'/'), Proof::Mixed),
    format("a Discord webhook", "discord.com/api/webhooks/", 80..=95, Alphabet::UrlAnd(b'/'), Proof::Mixed),
    format("a Discord webhook", "discordapp.com/api/webhooks/", 80..=95, Alphabet::UrlAnd(b'/'), Proof::Mixed),
    format("a Stripe", "sk_live_", 24..=120, Alphabet::Alphanumeric, Proof::Mixed),
    format("a Stripe", "rk_live_", 24..=120, Alphabet::Alphanumeric, Proof::Mixed),
    format("a Google", "AIza", 35..=35, Alphabet::Url, Proof::Mixed),
    format("an Anthropic", "sk-ant-", 80..=140, Alphabet::Url, Proof::Mixed),
    format("an OpenAI", "sk-proj-", 48..=200, Alphabet::Url, Proof::Mixed),
    format("a Hugging Face", "hf_", 34..=34, Alphabet::Alphanumeric, Proof::Mixed),
    format("a SendGrid", "SG.", 66..=66, Alphabet::UrlAnd(b'.'), Proof::Has(".")),
    format("a DigitalOcean", "dop_v1_", 64..=64, Alphabet::Hex, Proof::Random),
    format("a Shopify", "shpat_", 32..=32, Alphabet::Hex, Proof::Random),
    format("a Shopify", "shpss_", 32..=32, Alphabet::Hex, Proof::Random),
    format("an Azure storage", "AccountKey=", 88..=88, Alphabet::Base64, Proof::Has("==")),
    format("an age", "AGE-SECRET-KEY-1", 58..=58, Alphabet::Bech32, Proof::Random),
];

fn check(file: &SourceFile, findings: &mut Findings) {
    let mut done = 0;
    for hit in file.outline.hits.iter().filter(|hit| hit.in_string) {
        // A hit is the whole word around its trigger, and a word may open with more than one.
        if hit.span.start < done {
            continue;
        }
        let Some((format, span)) = token_at(file, hit.span) else { continue };
        done = span.end;
        if is_told_by_pattern(file, format) {
            continue;
        }
        findings
            .at(span, format!("this literal is {} credential", format.provider))
            .primary(format!("`{}…`", format.prefix))
            .help("revoke it, as it stays in the history; read the new one from the environment or a secret store");
    }
}

/// Whether the file also holds the pattern of such tokens: what looks for leaks comes with samples.
fn is_told_by_pattern(file: &SourceFile, format: &Format) -> bool {
    file.has("holds a pattern of", format.prefix, |text| {
        text.match_indices(format.prefix).any(|(at, prefix)| {
            let rest = &text[at + prefix.len()..];
            rest.starts_with(['[', '(', '\\']) && !rest.starts_with("\\n")
        })
    })
}

/// The token that begins where a trigger was found. What a word only ends in is no prefix.
fn token_at(file: &SourceFile, word: Span) -> Option<(&'static Format, Span)> {
    let text = &*file.text;
    let rest = text.get(word.start as usize..)?;
    let before = text.as_bytes().get((word.start as usize).wrapping_sub(1));
    if before.is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    FORMATS.iter().filter(|format| rest.starts_with(format.prefix)).find_map(|format| {
        let (body, end) = body(text, word.start as usize + format.prefix.len(), format.alphabet);
        let proven = format.len.contains(&body.len()) && is_proven(&body, format.proof);
        proven.then(|| (format, Span::new(word.start, end as u32)))
    })
}

/// What follows the prefix, and where it ends; the parts of `concat!("…", "…")` count as one text.
fn body(text: &str, from: usize, alphabet: Alphabet) -> (String, usize) {
    const LONGEST: usize = 512;
    let mut body = String::new();
    let mut end = from;
    while let Some(byte) = text.as_bytes().get(end).filter(|_| body.len() < LONGEST) {
        if alphabet.has(*byte) {
            body.push(char::from(*byte));
            end += 1;
            continue;
        }
        let Some(next) = text.get(end..).and_then(next_part) else { break };
        end += next;
    }
    (body, end)
}

/// The length of `", "` between two literals.
fn next_part(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('"')?.trim_start().strip_prefix(',')?.trim_start().strip_prefix('"')?;
    Some(rest.len() - after.len())
}

impl Alphabet {
    fn has(self, byte: u8) -> bool {
        match self {
            Alphabet::Base32 => matches!(byte, b'A'..=b'Z' | b'2'..=b'7'),
            Alphabet::Alphanumeric => byte.is_ascii_alphanumeric(),
            Alphabet::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Alphabet::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Alphabet::UrlAnd(more) => Alphabet::Url.has(byte) || byte == more,
            Alphabet::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
            Alphabet::Bech32 => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        }
    }
}

fn is_proven(body: &str, proof: Proof) -> bool {
    let random = entropy(body) > 3.0 && !is_placeholder(body);
    random
        && match proof {
            Proof::Random => true,
            Proof::Crc32 => has_checksum(body),
            Proof::Mixed => is_mixed(body),
            Proof::Has(part) => is_mixed(body) && body.contains(part),
        }
}

fn is_mixed(body: &str) -> bool {
    let has = |is: fn(&u8) -> bool| body.bytes().any(|byte| is(&byte));
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// Whether the last six characters are the CRC-32 of those before them, in base 62 with digits
/// first and small letters last.
fn has_checksum(body: &str) -> bool {
    let Some((random, given)) = body.len().checked_sub(6).and_then(|at| body.split_at_checked(at)) else {
        return false;
    };
    let mut rest = u64::from(crc32(random.as_bytes()));
    given.bytes().rev().all(|byte| {
        const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
        digit == byte
    })
}

/// The CRC-32 of zip files and Ethernet.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    };
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    use super::{FORMATS, LINT, crc32};

    /// Tokens are put together here, so that no scanner takes this file for a leak.
    fn source(prefix: &str, body: &str) -> String {
        format!("fn f() -> &'static str {{ \"{prefix}{body}\" }}")
    }

    #[test]
    fn tokens_of_many_providers() {
        let bad = [
            source("AKIA", "Q7ZPLM2XW4TRBN6K"),
            source("ghp", "_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"),
            source("https://x:ghs", "_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17@github.com/o/r"),
            source("Bearer xo", "xb-704911853260-8152093764418-q7RvX2mKp9LdT4wZ0sHbN6yc"),
            source("sk_", "live_51H8f2KJzAbCdEf9GhIjKlMnOp"),
            source("https://hooks.slack.com/services/", "T0A1B2C3D/B0E1F2G3H/aZ9xK2mQ7wP4vR8tY1nL5cD3"),
            source("key=AI", "zaSyD9x8K2mQ7wP4vR8tY1nL5cD3eF6gH0jBz"),
            "const K: &[u8] = concat!(\"hf_\", \"qWmZrTkXvLpNcHsBdGjYfKwQzRtMxVbN72\").as_bytes();"
                .to_owned(),
        ];
        let good = [
            "fn f(t: &str) -> bool { t.starts_with(\"ghp_\") || t.starts_with(\"AKIA\") }".to_owned(),
            "fn f() -> &'static str { r\"ghp_[A-Za-z0-9]{36}|AKIA[A-Z0-9]{16}\" }".to_owned(),
            format!("const P: &str = \"AKIA[A-Z0-9]{{16}}\";\n{}", source("AKIA", "Q7ZPLM2XW4TRBN6K")),
            source("AKIA", "IOSFODNN7EXAMPLE"),
            source("ghp", "_aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"),
            source("sk_", "live_xxxxxxxxxxxxxxxxxxxxxxxx"),
            source("sk_", "test_51H8f2KJzAbCdEf9GhIjKlMnOp"),
            source("npm_", "config_registry"),
            source("ci", "omputed-something-and-more-than-that-99"),
            format!("#[cfg(test)] mod t {{ {} }}", source("AKIA", "Q7ZPLM2XW4TRBN6K")),
            format!("// {}\nfn f() {{}}", source("AKIA", "Q7ZPLM2XW4TRBN6K")),
            source("iVBORw0KGgoAKIA", "Q7ZPLM2XW4TRBN6KAAAA"),
        ];
        LINT.holds(&bad.each_ref().map(|text| &**text), &good.each_ref().map(|text| &**text));
    }

    #[test]
    fn every_prefix_is_a_trigger() {
        for format in FORMATS {
            let of = |trigger: &&str| trigger.trim_matches('*') == format.prefix;
            assert!(LINT.triggers.iter().any(of), "{}", format.prefix);
        }
    }

    #[test]
    fn each_provider_has_its_article() {
        let article = |prefix: &str| FORMATS.iter().find(|format| format.prefix == prefix).unwrap().provider;
        assert_eq!((article("AKIA"), article("ghp_"), article("npm_")), ("an AWS", "a GitHub", "an npm"));
        for format in FORMATS {
            let (article, name) = format.provider.split_once(' ').unwrap();
            assert!(matches!(article, "a" | "an") && !name.is_empty(), "{}", format.provider);
        }
    }

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
