use crate::prelude::*;

declare_lint! {
    /// Tokens are signed with a secret that stands in the source, so everyone who reads it can forge them.
    ///
    /// Whoever has the key of a symmetric signature can sign. A key in the source is in every clone, in
    /// the history and in the program, and is the same in every deployment.
    ///
    /// ```rust,bad
    /// fn sign(claims: &Claims) -> jsonwebtoken::errors::Result<String> {
    ///     let key = jsonwebtoken::EncodingKey::from_secret(b"secret");
    ///     jsonwebtoken::encode(&jsonwebtoken::Header::default(), claims, &key)
    /// }
    /// ```
    ///
    /// ```rust,good
    /// fn sign(claims: &Claims, secret: &[u8]) -> jsonwebtoken::errors::Result<String> {
    ///     let key = jsonwebtoken::EncodingKey::from_secret(secret);
    ///     jsonwebtoken::encode(&jsonwebtoken::Header::default(), claims, &key)
    /// }
    /// ```
    ///
    /// ## What to do
    /// Read at least 32 random bytes at start-up, from a secret store or a file that only the service can
    /// read, and replace the old secret: it is known. Where others only verify, sign with a key pair.
    ///
    /// ## Known limits
    /// A constant that stands in where the environment gives nothing is reported only where that is
    /// seen in the same function.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[798, 321],
        triggers: &["signer_from_bytes", "verifier_from_bytes", "sign_with_key", "verify_with_key"],
        modelled: |_| Modelled::apis(KEYS.iter().map(|(api, _)| *api)),
        crates: &[
            "jsonwebtoken", "jwt-simple", "josekit", "jwt", "biscuit", "frank_jwt", "salvo", "salvo-jwt-auth", "pasetors",
            "rusty_paseto",
        ],
        check: Check::Code(check),
    }
}

/// What takes a secret, and at which position.
const KEYS: &[(&str, usize)] = &[
    ("jsonwebtoken::EncodingKey::from_secret", 0),
    ("jsonwebtoken::EncodingKey::from_base64_secret", 0),
    ("jsonwebtoken::EncodingKey::from_urlsafe_base64_secret", 0),
    ("jsonwebtoken::DecodingKey::from_secret", 0),
    ("jsonwebtoken::DecodingKey::from_base64_secret", 0),
    ("jsonwebtoken::DecodingKey::from_urlsafe_base64_secret", 0),
    ("jwt_simple::HS256Key::from_bytes", 0),
    ("jwt_simple::HS384Key::from_bytes", 0),
    ("jwt_simple::HS512Key::from_bytes", 0),
    ("jwt_simple::Blake2bKey::from_bytes", 0),
    ("biscuit::Secret::bytes_from_str", 0),
    ("biscuit::jws::Secret::bytes_from_str", 0),
    ("frank_jwt::encode", 1),
    ("frank_jwt::decode", 1),
    ("salvo_jwt_auth::ConstDecoder::from_secret", 0),
    ("salvo::ConstDecoder::from_secret", 0),
    ("pasetors::SymmetricKey::from", 0),
    ("rusty_paseto::PasetoSymmetricKey::from", 0),
];

fn check(code: &Code<'_>, findings: &mut Findings) {
    // Reading a token without its signature takes any key; that is another lint's.
    if code.calls().iter().any(|call| call.is_method("insecure_disable_signature_validation")) {
        return;
    }
    for call in code.calls() {
        let Some(secret) = secret_of(code, call) else { continue };
        let Some(what) = code.constant(secret).as_ref().and_then(describe) else { continue };
        findings
            .at(call.name_span, "anyone who reads this source or the program can forge tokens")
            .label(code.span(secret), what)
            .help("read at least 32 random bytes at start-up, from a secret store or the environment");
    }
}

/// The argument that is the secret, where the call takes one.
fn secret_of<'a>(code: &Code<'a>, call: &Call<'a>) -> Option<&'a syn::Expr> {
    if let Some((_, position)) = KEYS.iter().find(|(api, _)| call.is(&[api])) {
        return call.args.get(*position).copied();
    }
    let josekit =
        call.kind == CallKind::Method && matches!(&*call.name, "signer_from_bytes" | "verifier_from_bytes");
    (josekit || is_hmac_for_jwt(code, call)).then(|| call.args.first().copied()).flatten()
}

/// The crate `jwt` signs with any keyed hash, so that it must be seen to do so.
fn is_hmac_for_jwt(code: &Code<'_>, call: &Call<'_>) -> bool {
    const MAKERS: &[&str] =
        &["hmac::Hmac::new_from_slice", "hmac::SimpleHmac::new_from_slice", "hmac::Hmac::new_varkey"];
    let signs = |call: &Call<'_>| call.is_method("sign_with_key") || call.is_method("verify_with_key");
    call.is(MAKERS) && code.calls().iter().any(signs)
}

/// What a constant is, for people; `None` where it holds no text or bytes.
fn describe(constant: &Constant) -> Option<String> {
    match constant {
        Constant::Str(text) => Some(format!("{} bytes, fixed in source", text.len())),
        Constant::Bytes(bytes) => Some(format!("{} bytes, fixed in source", bytes.len())),
        Constant::List(items) => Some(format!("{} bytes, fixed in source", items.len())),
        Constant::Embedded(path) => Some(format!("`{path}`, compiled in")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                const SECRET: &str = "my-very-long-but-public-secret";
                fn f() {
                    jsonwebtoken::DecodingKey::from_secret(SECRET.as_bytes());
                //~                            ^^^^^^^^^^^ anyone who reads this source or the program can forge tokens
                //~                                        ----------------- 30 bytes, fixed in source
                }
            "#]],
            expect![[r#"
                use jsonwebtoken::EncodingKey as Key;
                fn f() {
                    let s = "secret".to_string();
                    Key::from_secret(s.as_ref());
                //~      ^^^^^^^^^^^ anyone who reads this source or the program can forge tokens
                //~                  ---------- 6 bytes, fixed in source
                }
            "#]],
            expect![[r#"
                use jsonwebtoken::*;
                static KEY: std::sync::LazyLock<EncodingKey> =
                    std::sync::LazyLock::new(|| EncodingKey::from_secret("changeme".as_ref()));
                //~                                          ^^^^^^^^^^^ anyone who reads this source or the program can forge tokens
                //~                                                      ------------------- 8 bytes, fixed in source
            "#]],
            expect![[r#"
                fn f() {
                    let k =
                        jwt_simple::prelude::HS256Key::from_bytes(b"0123456789abcdef0123456789abcdef");
                //~                                    ^^^^^^^^^^ anyone who reads this source or the program can forge tokens
                //~                                               ----------------------------------- 32 bytes, fixed in source
                }
            "#]],
            expect![[r#"
                fn f() {
                    let s = josekit::jws::HS256.signer_from_bytes(b"0123456789abcdef0123456789abcdef");
                //~                             ^^^^^^^^^^^^^^^^^ anyone who reads this source or the program can forge tokens
                //~                                               ----------------------------------- 32 bytes, fixed in source
                }
            "#]],
            expect![[r#"
                use hmac::{Hmac, Mac};
                fn f(c: C) {
                    let key: Hmac<sha2::Sha256> = Hmac::new_from_slice(b"some-secret").unwrap();
                //~                                     ^^^^^^^^^^^^^^ anyone who reads this source or the program can forge tokens
                //~                                                    -------------- 11 bytes, fixed in source
                    c.sign_with_key(&key);
                }
            "#]],
            expect![[r#"
                fn f() {
                    jsonwebtoken::EncodingKey::from_base64_secret("c2VjcmV0").unwrap();
                //~                            ^^^^^^^^^^^^^^^^^^ anyone who reads this source or the program can forge tokens
                //~                                               ---------- 8 bytes, fixed in source
                }
            "#]],
            expect![[r#"
                fn f() {
                    jsonwebtoken::DecodingKey::from_secret(include_bytes!("../jwt.key"));
                //~                            ^^^^^^^^^^^ anyone who reads this source or the program can forge tokens
                //~                                        ---------------------------- `../jwt.key`, compiled in
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn f(s: &str) { jsonwebtoken::EncodingKey::from_secret(s.as_bytes()); }",
            "fn f() { let s = std::env::var(\"JWT_SECRET\").unwrap(); jsonwebtoken::EncodingKey::from_secret(s.as_bytes()); }",
            "fn f(c: &Config) { jsonwebtoken::DecodingKey::from_secret(c.jwt_secret.expose_secret().as_bytes()); }",
            "fn f() { jsonwebtoken::DecodingKey::from_rsa_pem(include_bytes!(\"public.pem\")); }",
            "fn f() { let mut k = [0u8; 32]; rand::fill(&mut k); jsonwebtoken::EncodingKey::from_secret(&k); }",
            "#[cfg(test)] mod t { fn f() { jsonwebtoken::EncodingKey::from_secret(b\"test\"); } }",
            "struct EncodingKey; impl EncodingKey { fn from_secret(b: &[u8]) {} }\nfn f() { EncodingKey::from_secret(b\"x\"); }",
        ]);
    }
}
