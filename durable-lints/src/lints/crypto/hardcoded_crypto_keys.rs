use crate::prelude::*;

declare_lint! {
    /// A key compiled into the program is known to everyone who has the program or its source.
    ///
    /// What is encrypted, signed or authenticated with a constant is open to every reader of the source
    /// and of the binary, for all installations at once, and the key cannot be changed without losing
    /// what it protects.
    ///
    /// ```rust,bad
    /// use aes_gcm::{Aes256Gcm, Key, KeyInit};
    ///
    /// fn cipher() -> Aes256Gcm {
    ///     Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(b"an example very very secret key."))
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use aes_gcm::aes::cipher::InvalidLength;
    /// use aes_gcm::{Aes256Gcm, KeyInit};
    ///
    /// fn cipher(key_from_the_store: &[u8]) -> Result<Aes256Gcm, InvalidLength> {
    ///     Aes256Gcm::new_from_slice(key_from_the_store)
    /// }
    /// ```
    ///
    /// ## What to do
    /// Read the key at start from a secret store, a protected file or the environment, and replace the one
    /// that was committed: it is in the history for good.
    ///
    /// ## Known limits
    /// Private keys in PEM or DER are another lint's matter. Constants that protocols publish (a salt, a
    /// label, QUIC's retry key) are passed over by their names.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[321, 798],
        triggers: &[
            "Aes128", "Aes192", "Aes256", "Aes128Gcm", "Aes256Gcm", "Aes128GcmSiv", "Aes256GcmSiv", "Aes128Siv",
            "Aes256Siv", "Aes128SivAead", "Aes256SivAead", "AesGcm", "ChaCha20Poly1305", "XChaCha20Poly1305",
            "XSalsa20Poly1305", "XSalsa20", "Salsa20", "ChaCha20", "XChaCha20", "ChaCha20Legacy",
            "XChaCha20Poly1305", "Hmac", "SimpleHmac", "Cmac", "hmac", "UnboundKey", "UnboundCipherKey",
            "RandomizedNonceKey", "from_seed_unchecked", "from_seed_and_public_key", "encrypt_aead",
            "decrypt_aead", "symm", "Crypter",
            "Cipher", "PKey", "SigningKey", "StaticSecret", "SecretKey", "Keypair", "Key",
            "SymmetricKey", "Fernet", "Csrf", "SessionMiddleware", "SessionHandler", "new_magic_crypt",
        ],
        crates: &[
            "aes", "aes-gcm", "aes-gcm-siv", "aes-siv", "chacha20", "chacha20poly1305", "salsa20", "xsalsa20poly1305",
            "cbc", "ctr", "cfb-mode", "ofb", "hmac", "cmac", "crypto_secretbox", "crypto_box", "ring", "aws-lc-rs",
            "openssl", "boring", "ed25519-dalek", "x25519-dalek", "k256", "p256", "p384", "secp256k1", "cookie",
            "actix-web", "actix-session", "axum-extra", "tower-cookies", "tower-sessions", "rocket", "salvo", "tide",
            "poem", "magic-crypt", "pasetors", "fernet", "orion", "sodiumoxide", "biscotti", "axum_csrf",
        ],
        check: Check::Code(check),
    }
}

/// Crates all of whose types are made with the key as their first argument.
const KEYED_CRATES: &[&str] = &[
    "aes",
    "aes_gcm",
    "aes_gcm_siv",
    "aes_siv",
    "cbc",
    "cfb_mode",
    "chacha20",
    "chacha20poly1305",
    "cmac",
    "crypto_box",
    "crypto_secretbox",
    "ctr",
    "hmac",
    "ofb",
    "salsa20",
    "xsalsa20poly1305",
];
const CONSTRUCTORS: &[&str] =
    &["new", "new_from_slice", "new_from_slices", "inner_iv_init", "new_varkey", "new_var"];

/// Functions with the position of the key among their arguments.
const KEYED: &[(&str, usize)] = &[
    ("ring::aead::UnboundKey::new", 1),
    ("ring::aead::chacha20_poly1305_openssh::SealingKey::new", 0),
    ("ring::hmac::Key::new", 1),
    ("ring::signature::Ed25519KeyPair::from_seed_unchecked", 0),
    ("ring::signature::Ed25519KeyPair::from_seed_and_public_key", 0),
    ("aws_lc_rs::aead::UnboundKey::new", 1),
    ("aws_lc_rs::aead::RandomizedNonceKey::new", 1),
    ("aws_lc_rs::cipher::UnboundCipherKey::new", 1),
    ("aws_lc_rs::hmac::Key::new", 1),
    ("aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked", 0),
    ("aws_lc_rs::signature::Ed25519KeyPair::from_seed_and_public_key", 0),
    ("openssl::symm::encrypt", 1),
    ("openssl::symm::decrypt", 1),
    ("openssl::symm::encrypt_aead", 1),
    ("openssl::symm::decrypt_aead", 1),
    ("openssl::symm::Crypter::new", 2),
    ("openssl::pkey::PKey::hmac", 0),
    ("boring::symm::encrypt", 1),
    ("boring::symm::decrypt", 1),
    ("boring::symm::encrypt_aead", 1),
    ("boring::symm::decrypt_aead", 1),
    ("boring::symm::Crypter::new", 2),
    ("ed25519_dalek::SigningKey::from_bytes", 0),
    ("ed25519_dalek::SecretKey::from_bytes", 0),
    ("ed25519_dalek::Keypair::from_bytes", 0),
    ("x25519_dalek::StaticSecret::from", 0),
    ("k256::SecretKey::from_slice", 0),
    ("k256::SecretKey::from_bytes", 0),
    ("k256::ecdsa::SigningKey::from_slice", 0),
    ("k256::ecdsa::SigningKey::from_bytes", 0),
    ("p256::SecretKey::from_slice", 0),
    ("p256::SecretKey::from_bytes", 0),
    ("p256::ecdsa::SigningKey::from_slice", 0),
    ("p256::ecdsa::SigningKey::from_bytes", 0),
    ("p384::ecdsa::SigningKey::from_slice", 0),
    ("secp256k1::SecretKey::from_slice", 0),
    ("secp256k1::SecretKey::from_byte_array", 0),
    ("cookie::Key::from", 0),
    ("cookie::Key::try_from", 0),
    ("cookie::Key::derive_from", 0),
    ("biscotti::Key::from", 0),
    ("axum_csrf::Key::from", 0),
    ("pasetors::keys::SymmetricKey::from", 0),
    ("fernet::Fernet::new", 0),
    ("orion::aead::SecretKey::from_slice", 0),
    ("orion::auth::SecretKey::from_slice", 0),
    ("sodiumoxide::crypto::secretbox::Key::from_slice", 0),
    ("sodiumoxide::crypto::auth::Key::from_slice", 0),
    ("poem::middleware::Csrf::key", 0),
    ("tide::sessions::SessionMiddleware::new", 1),
    ("salvo::session::SessionHandler::builder", 1),
    ("salvo_session::SessionHandler::builder", 1),
];

/// The traits through which the types of the keyed crates are made.
const TRAITS: &[&str] = &["KeyInit", "KeyIvInit", "Mac", "NewAead", "NewCipher", "FromBlockCipher"];

/// Words of names that are no secrets, or no shipped ones.
const PUBLIC_WORDS: &[&str] = &[
    "salt",
    "info",
    "label",
    "domain",
    "context",
    "retry",
    "test",
    "seed_prefix",
    "public",
    "example",
    "kat",
    "vector",
];

fn check(code: &Code<'_>, findings: &mut Findings) {
    if has_public_word(code.name()) || code.file.module.iter().any(|module| has_public_word(module)) {
        return;
    }
    for call in code.calls() {
        if let Some((what, at)) = keyed(call)
            && let Some(key) = call.args.get(at)
            && let Some(value) = code.constant(key)
            && is_key(code, key, &value, &what)
            && !is_placeholder(code, &value)
        {
            report(code.span(*key), &what, findings);
        }
    }
    for call in code.macros().iter().filter(|call| call.name() == "new_magic_crypt") {
        if let Some(key) = call.expansion.args.first()
            && code.constant(&key.expr).is_some()
        {
            report(code.span(&key.expr), "MagicCrypt", findings);
        }
    }
}

fn report(key: Span, what: &str, findings: &mut Findings) {
    findings
        .at(key, format!("the key for `{what}` is a constant"))
        .primary("everyone who has the program has this key")
        .help(
            "read the key at start from a secret store or the environment, and replace this one everywhere",
        );
}

/// What a call makes with a key, and the key's position among the arguments.
fn keyed(call: &Call<'_>) -> Option<(String, usize)> {
    let path = call.path.as_ref()?;
    if let Some((api, at)) = KEYED.iter().find(|(api, _)| path.is(api)) {
        let what = api.rsplit("::").find(|part| part.starts_with(|c: char| c.is_uppercase()));
        return Some((what.unwrap_or(api).to_owned(), *at));
    }
    let mut from_end = path.0.rsplit("::");
    let (name, owner) = (from_end.next()?, from_end.next()?);
    let makes = CONSTRUCTORS.contains(&name);
    let of_crate = KEYED_CRATES.contains(&path.krate()) || TRAITS.contains(&owner);
    (makes && of_crate && call.kind == CallKind::Path && !matches!(owner, "Nonce" | "Tag"))
        .then(|| (owner.to_owned(), 0))
}

/// Whether a constant given as the key is one that should be secret.
fn is_key<'a>(code: &Code<'a>, key: &'a syn::Expr, value: &Constant, what: &str) -> bool {
    let bytes = value.to_bytes();
    let empty = bytes.as_ref().is_some_and(Vec::is_empty);
    let keyed_hash = matches!(what, "Hmac" | "SimpleHmac" | "Mac" | "Key");
    // HKDF's extraction without a salt is an HMAC under zeros.
    let zeros = bytes.as_ref().is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0));
    !empty && !(keyed_hash && (zeros || is_protocol_label(bytes.as_deref()))) && !is_named_public(code, key)
}

/// Zeros that stand in `default` until a key is set.
fn is_placeholder(code: &Code<'_>, value: &Constant) -> bool {
    code.name() == "default" && value.to_bytes().is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0))
}

/// Keys of an HMAC that a standard publishes: BIP 32's and SLIP 10's seeds, Telegram's web apps, the
/// prefixes of signed cloud requests.
fn is_protocol_label(bytes: Option<&[u8]>) -> bool {
    let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("");
    text.ends_with(" seed") || text == "WebAppData" || text.starts_with("Noise_") || text.starts_with("tls13")
}

/// Whether a name in the expression says that it is public.
fn is_named_public<'a>(code: &Code<'a>, key: &'a syn::Expr) -> bool {
    let within = code.span(key);
    let parts = code.exprs().iter().filter(|part| within.contains(code.span(**part)));
    parts.into_iter().any(|part| match part {
        syn::Expr::Path(path) => {
            path.path.segments.iter().any(|name| has_public_word(&name.ident.to_string()))
        }
        _ => false,
    })
}

/// Whether one of a name's words says that what it names is public.
fn has_public_word(name: &str) -> bool {
    let name = name.to_lowercase();
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    words.any(|word| PUBLIC_WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use aes_gcm::{Aes256Gcm, KeyInit};
                const KEY: [u8; 32] = [
                    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                    24, 25, 26, 27, 28, 29, 30, 31, 32,
                ];
                fn c() {
                    let key = KEY;
                    let c = Aes256Gcm::new(&key.into());
                //~                        ^^^^^^^^^^^ the key for `Aes256Gcm` is a constant
                //~                        ^^^^^^^^^^^ everyone who has the program has this key
                }
            "#]],
            expect![[r#"
                use hmac::{Hmac, Mac};
                use sha2::Sha256;
                type HmacSha256 = Hmac<Sha256>;
                fn sign(m: &[u8]) {
                    let mut mac = HmacSha256::new_from_slice(b"my secret and secure key").unwrap();
                //~                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^ the key for `Hmac` is a constant
                //~                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^ everyone who has the program has this key
                    mac.update(m);
                }
            "#]],
            expect![[r#"
                fn c() {
                    let key =
                        hex::decode("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
                            .unwrap();
                    let c = chacha20poly1305::XChaCha20Poly1305::new_from_slice(&key).unwrap();
                //~                                                             ^^^^ the key for `XChaCha20Poly1305` is a constant
                //~                                                             ^^^^ everyone who has the program has this key
                }
            "#]],
            expect![[r#"
                use ring::hmac;
                fn sign(m: &[u8]) -> hmac::Tag {
                    let key = hmac::Key::new(hmac::HMAC_SHA256, "s3cr3t".as_bytes());
                //~                                             ^^^^^^^^^^^^^^^^^^^ the key for `Key` is a constant
                //~                                             ^^^^^^^^^^^^^^^^^^^ everyone who has the program has this key
                    hmac::sign(&key, m)
                }
            "#]],
            expect![[r#"
                use cookie::Key;
                fn jar() -> Key {
                    Key::from(b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
                //~           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the key for `Key` is a constant
                //~           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ everyone who has the program has this key
                }
            "#]],
            expect![[r#"
                use axum_extra::extract::cookie::Key;
                static SECRET: &str = "keyboard cat keyboard cat keyboard cat keyboard cat keyboard cat";
                fn jar() -> Key {
                    Key::derive_from(SECRET.as_bytes())
                //~                  ^^^^^^^^^^^^^^^^^ the key for `Key` is a constant
                //~                  ^^^^^^^^^^^^^^^^^ everyone who has the program has this key
                }
            "#]],
            expect![[r#"
                use openssl::symm::{Cipher, encrypt};
                fn e(iv: &[u8], d: &[u8]) {
                    let c = encrypt(
                        Cipher::aes_128_cbc(),
                        b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F",
                //~     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the key for `openssl::symm::encrypt` is a constant
                //~     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ everyone who has the program has this key
                        Some(iv),
                        d,
                    );
                }
            "#]],
            expect![[r#"
                use ed25519_dalek::SigningKey;
                fn k() -> SigningKey {
                    SigningKey::from_bytes(&[7u8; 32])
                //~                        ^^^^^^^^^^ the key for `SigningKey` is a constant
                //~                        ^^^^^^^^^^ everyone who has the program has this key
                }
            "#]],
            expect![[r#"
                type Enc = cbc::Encryptor<aes::Aes128>;
                use cbc::cipher::KeyIvInit;
                fn e(iv: &[u8; 16]) {
                    let c = Enc::new(&[0x42; 16].into(), iv.into());
                //~                  ^^^^^^^^^^^^^^^^^^ the key for `Encryptor` is a constant
                //~                  ^^^^^^^^^^^^^^^^^^ everyone who has the program has this key
                }
            "#]],
            expect![[r#"
                use magic_crypt::new_magic_crypt;
                fn m() {
                    let mc = new_magic_crypt!("magickey", 256);
                //~                           ^^^^^^^^^^ the key for `MagicCrypt` is a constant
                //~                           ^^^^^^^^^^ everyone who has the program has this key
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use aes_gcm::{Aes256Gcm, KeyInit};\nuse rand::RngCore;\nfn c() { let mut key = [0u8; 32]; rand::rngs::OsRng.fill_bytes(&mut key); let c = Aes256Gcm::new(&key.into()); }",
            "use aes_gcm::{Aes256Gcm, KeyInit, aead::OsRng};\nfn c() { let key = Aes256Gcm::generate_key(OsRng); let c = Aes256Gcm::new(&key); }",
            "use hmac::{Hmac, Mac};\nfn derive(seed: &[u8]) { let mut m = Hmac::<sha2::Sha512>::new_from_slice(b\"Bitcoin seed\").unwrap(); m.update(seed); }",
            "use cookie::Key;\nfn jar() -> Key { Key::from(std::env::var(\"COOKIE_KEY\").unwrap().as_bytes()) }",
            "use ring::hmac;\nfn extract(ikm: &[u8]) { let salt = hmac::Key::new(hmac::HMAC_SHA256, &[0u8; 32]); hmac::sign(&salt, ikm); }",
            "use ring::aead;\nconst RETRY_INTEGRITY_KEY: [u8; 16] = [0xbe, 0x0c, 0x69, 0x0b, 0x9f, 0x66, 0x57, 0x5a, 0x1d, 0x76, 0x6b, 0x54, 0xe3, 0x68, 0xc8, 0x4e];\nfn tag() { let key = aead::UnboundKey::new(&aead::AES_128_GCM, &RETRY_INTEGRITY_KEY); }",
            "#[cfg(test)] mod t { fn c() { let c = aes_gcm::Aes256Gcm::new(&[7u8; 32].into()); } }",
            "use aes_gcm::{Aes256Gcm, KeyInit};\nfn c(key: &[u8; 32]) { let c = Aes256Gcm::new(key.into()); }",
            "use cookie::Key;\nfn jar() -> Key { Key::generate() }",
            "use std::collections::HashMap;\nfn m(map: &mut HashMap<String, Key>) { map.insert(\"a\".into(), Key::new(\"b\")); }",
        ]);
    }
}
