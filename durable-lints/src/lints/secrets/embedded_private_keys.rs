use crate::models::secrets::{entropy, is_placeholder, words};
use crate::prelude::*;

declare_lint! {
    /// A private key is part of the program, so everyone who has a copy of it has the key.
    ///
    /// A key in a string or in a file that the compiler embeds is in every copy of the program, in every
    /// clone of the repository and in its history. It cannot be replaced without a release.
    ///
    /// ```rust,bad
    /// static SERVER_KEY: &[u8] = include_bytes!("../keys/server.key");
    /// ```
    ///
    /// ```rust,good
    /// fn server_key(config: &Config) -> std::io::Result<Vec<u8>> {
    ///     std::fs::read(&config.key_file)
    /// }
    /// ```
    ///
    /// ## What to do
    /// Read the key at run time, from a file that only the service can read (mode 0600) or from a secret
    /// store, and replace the old one: it is known.
    ///
    /// ## Known limits
    /// An embedded file is told to be a key by its name, or by what it is handed to. A literal is one place,
    /// however many keys it holds.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[321, 798],
        triggers: &["PRIVATE KEY-----", "PRIVATE KEY BLOCK-----", "include_bytes", "include_str", "from_pkcs8_pem"],
        modelled: |_| Modelled::apis(TAKERS.iter().copied()),
        check: Check::Code(check),
    }
}

/// What takes a private key as its first argument.
const TAKERS: &[&str] = &[
    "jsonwebtoken::EncodingKey::from_rsa_pem",
    "jsonwebtoken::EncodingKey::from_ec_pem",
    "jsonwebtoken::EncodingKey::from_ed_pem",
    "jsonwebtoken::EncodingKey::from_rsa_der",
    "jsonwebtoken::EncodingKey::from_ec_der",
    "jsonwebtoken::EncodingKey::from_ed_der",
    "openssl::pkey::PKey::private_key_from_pem",
    "openssl::pkey::PKey::private_key_from_der",
    "openssl::rsa::Rsa::private_key_from_pem",
    "boring::pkey::PKey::private_key_from_pem",
    "russh::keys::decode_secret_key",
    "native_tls::Identity::from_pkcs12",
    "reqwest::Identity::from_pkcs12_der",
];

const HELP: &str = "read it at run time, from a file of mode 0600 or a secret store, and replace this one";

fn check(code: &Code<'_>, findings: &mut Findings) {
    for expr in code.exprs() {
        if let syn::Expr::Lit(literal) = expr
            && is_key_text(literal)
        {
            findings
                .at(
                    code.span(literal),
                    "a private key is part of the program: everyone who has it has the key",
                )
                .help(HELP);
        }
    }
    for call in code.macros() {
        if !matches!(&*call.name(), "include_bytes" | "include_str") {
            continue;
        }
        if let Some(file) = embedded(code, call).filter(|file| is_key_file(file)) {
            embeds(findings, call.span, &file);
        }
    }
    for call in code.calls().iter().filter(|call| call.is(TAKERS)) {
        let constant = call.args.first().and_then(|key| code.constant(key));
        // A file that is named as a key is reported where it is embedded.
        if let Some(Constant::Embedded(file)) = constant
            && !is_key_file(&file)
        {
            embeds(findings, call.name_span, &file);
        }
    }
}

fn embeds(findings: &mut Findings, span: Span, file: &str) {
    let message = format!("a private key is part of the program ({file}): everyone who has it has the key");
    findings.at(span, message).help(HELP);
}

/// The file that an `include_…!` names: the last text in it, as `concat!` puts folders first.
fn embedded(code: &Code<'_>, call: &MacroCall<'_>) -> Option<String> {
    let written = code.snippet(call.span);
    let (before, _) = written.rsplit_once('"')?;
    let (_, file) = before.rsplit_once('"')?;
    Some(file.to_owned())
}

/// Whether a text or byte string holds a private key with its content, not only the marker that a
/// parser looks for.
fn is_key_text(literal: &syn::ExprLit) -> bool {
    let text = match &literal.lit {
        syn::Lit::Str(text) => text.value(),
        syn::Lit::ByteStr(bytes) => String::from_utf8_lossy(&bytes.value()).into_owned(),
        syn::Lit::CStr(text) => text.value().to_string_lossy().into_owned(),
        _ => return false,
    };
    holds_private_key(&text)
}

/// Whether a text holds a private key in PEM form, with its content.
fn holds_private_key(text: &str) -> bool {
    private_keys(text).next().is_some()
}

/// Where the private keys of a text in PEM form begin.
pub(super) fn private_keys(text: &str) -> impl Iterator<Item = usize> {
    let blocks = text.match_indices("-----BEGIN ");
    blocks.filter_map(|(at, begin)| {
        let (label, body) = text[at + begin.len()..].split_once("-----")?;
        let private = label.ends_with("PRIVATE KEY") || label == "PGP PRIVATE KEY BLOCK";
        (private && is_key_body(body)).then_some(at)
    })
}

/// Whether what follows the first marker is at least the shortest key: 48 bytes in base64.
fn is_key_body(body: &str) -> bool {
    const SHORTEST: usize = 60;
    // Lines such as `DEK-Info: …` say how the key is encrypted.
    let lines = body.split("-----").next().unwrap_or("").lines();
    let content: String = lines.filter(|line| !line.contains(':')).flat_map(str::chars).collect();
    let content: String = content.replace("\\n", "").chars().filter(|c| !c.is_whitespace()).collect();
    let base64 =
        content.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    base64 && content.len() >= SHORTEST && entropy(&content) > 4.0 && !is_placeholder(&content[..SHORTEST])
}

/// Whether a file is named as private keys are.
pub(super) fn is_key_file(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or("").to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    let words = words(stem);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&&**word));
    if has(&["pub", "public", "pubkey", "license", "licence", "verify", "verifying"]) {
        return false;
    }
    match ending {
        "key" | "p12" | "pfx" | "jks" | "ppk" | "keystore" => true,
        "p8" | "pk8" => true,
        "pem" | "der" => {
            // `alg-rsa-encryption.der` names an algorithm.
            has(&["key", "privkey", "private", "privatekey", "secret"])
                || has(&["rsa"]) && !has(&["alg", "algorithm", "encryption"])
                || stem.ends_with("key")
        }
        "" => matches!(&*name, "id_rsa" | "id_ed25519" | "id_ecdsa" | "id_dsa"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{LINT, is_key_file};

    const BODY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2";

    /// Keys are put together here, so that no scanner takes this file for a leak.
    fn key(kind: &str) -> String {
        format!("-----BEGIN {kind} KEY-----\\n{BODY}\\nOFiZzr9Jk+2HHrUSyJs=\\n-----END {kind} KEY-----")
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        let bad = [
            format!("const K: &str = \"{}\";", key("PRIVATE")),
            format!("fn f() {{ parse(b\"{}\"); }}", key("EC PRIVATE")),
            format!("fn f() {{ parse(r\"{}\"); }}", key("RSA PRIVATE").replace("\\n", "\n")),
            "fn f() { let id = include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/id_ed25519\")); }"
                .to_owned(),
            "fn f() { jsonwebtoken::EncodingKey::from_rsa_pem(include_bytes!(\"../jwt.pem\")).unwrap(); }"
                .to_owned(),
            "fn f() { let id = native_tls::Identity::from_pkcs12(include_bytes!(\"id.p12\"), \"pw\"); }"
                .to_owned(),
            "static KEY: &str = include_str!(\"tls/privkey.pem\");".to_owned(),
        ];
        let good = [
            "fn f(t: &str) -> bool { t.starts_with(\"-----BEGIN PRIVATE KEY-----\") }".to_owned(),
            format!("const K: &str = \"{}\";", key("PUBLIC")),
            "const C: &[u8] = include_bytes!(\"../ca.pem\");".to_owned(),
            "const C: &[u8] = include_bytes!(\"../public.key\");".to_owned(),
            "const C: &str = include_str!(\"../license.key\");".to_owned(),
            "fn f() { jsonwebtoken::DecodingKey::from_rsa_pem(include_bytes!(\"../jwt.pem\")).unwrap(); }"
                .to_owned(),
            "const T: &str = \"-----BEGIN PRIVATE KEY-----\\n<your key>\\n-----END PRIVATE KEY-----\";"
                .to_owned(),
            format!("#[cfg(test)] mod t {{ const K: &str = \"{}\"; }}", key("PRIVATE")),
        ];
        LINT.holds(&bad.each_ref().map(|text| &**text), &good.each_ref().map(|text| &**text));
        let said: Vec<String> = bad.iter().map(|text| crate::fixture::found(&LINT, text)).collect();
        expect![[r#"
            1:17 a private key is part of the program: everyone who has it has the key
            1:16 a private key is part of the program: everyone who has it has the key
            1:16 a private key is part of the program: everyone who has it has the key
            1:19 a private key is part of the program (/id_ed25519): everyone who has it has the key
            1:37 a private key is part of the program (../jwt.pem): everyone who has it has the key
            1:53 a private key is part of the program (id.p12): everyone who has it has the key
            1:20 a private key is part of the program (tls/privkey.pem): everyone who has it has the key"#]]
        .assert_eq(&said.join("\n"));
    }

    #[test]
    fn names_of_key_files() {
        assert!(
            ["a/server.key", "k.p12", "server-key.pem", "id_rsa", "private.der"].into_iter().all(is_key_file)
        );
        assert!(
            !["a.pem", "data/alg-rsa-pss-sha256.der", "pub.key", "keyboard.txt", "id_rsa.pub", "key.rs", ""]
                .into_iter()
                .any(is_key_file)
        );
    }
}
