use crate::models::secrets::words;
use crate::prelude::*;

declare_lint! {
    /// A token is read without its signature being checked, so anyone can write one that is believed.
    ///
    /// The claims of a JSON Web Token say whatever its sender wrote. Only the signature tells that the
    /// issuer wrote them, and the functions found here leave it aside.
    ///
    /// ```rust,bad
    /// fn admin(token: &str) -> bool {
    ///     let decoded = jsonwebtoken::dangerous::insecure_decode::<Claims>(token);
    ///     decoded.is_ok_and(|token| token.claims.admin)
    /// }
    /// ```
    ///
    /// ```rust,good
    /// fn admin(token: &str, key: &jsonwebtoken::DecodingKey) -> bool {
    ///     let validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    ///     let decoded = jsonwebtoken::decode::<Claims>(token, key, &validation);
    ///     decoded.is_ok_and(|token| token.claims.admin)
    /// }
    /// ```
    ///
    /// ## What to do
    /// Decode with a key and the one algorithm that the issuer uses. To choose the key, read only the
    /// header (`decode_header`).
    ///
    /// ## Known limits
    /// A token that is taken apart by hand (split at its dots, decoded from base64) is not recognised.
    /// A function that reads a token unverified and then verifies it is taken to choose the key so.
    /// Where a function or module says by its name that it reads what is unverified, the key, the issuer
    /// or the expiry, it is a warning.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[347, 287],
        modelled: |_| Modelled::apis([READERS, METHODS, NONE].into_iter().flatten().copied()),
        crates: &["jsonwebtoken", "josekit", "jwt", "biscuit", "pasetors"],
        check: Check::Code(check),
    }
}

/// Functions that read a token and leave its signature aside.
const READERS: &[&str] = &[
    "jsonwebtoken::insecure_decode",
    "jsonwebtoken::insecure_decode_claims",
    "jsonwebtoken::dangerous_insecure_decode",
    "jsonwebtoken::dangerous_insecure_decode_with_validation",
    "jsonwebtoken::dangerous_unsafe_decode",
    "josekit::jwt::decode_unsecured",
    "josekit::jwt::encode_unsecured",
    "jwt::Token::parse_unverified",
];

/// Methods of one library's making that do the same.
const METHODS: &[&str] = &[
    "insecure_disable_signature_validation",
    "decode_unsecured",
    "encode_unsecured",
    "unverified_payload",
    "untrusted_payload",
];

/// The algorithm that signs nothing.
const NONE: &[&str] = &["jwt::AlgorithmType::None", "biscuit::jwa::SignatureAlgorithm::None"];

/// Functions that check a signature.
const VERIFIERS: &[&str] = &["jsonwebtoken::decode", "josekit::jwt::decode_with_verifier"];
const VERIFYING_METHODS: &[&str] =
    &["verify_with_key", "verify_with_store", "into_decoded", "decode_with_jwks"];

fn check(code: &Code<'_>, findings: &mut Findings) {
    for call in code.calls() {
        let reads = call.is(READERS) || is_method_of(call, METHODS);
        if !reads || verifies_later(code, call) {
            continue;
        }
        let finding = findings
            .at(call.name_span, format!("`{}` trusts whatever the sender wrote into the token", call.name))
            .help("decode with a key and the issuer's algorithm; to choose the key, read only the header");
        if says_so(code) {
            finding.less_certain();
        }
        if call.is_method("insecure_disable_signature_validation")
            && let Some(statement) = own_statement(code, call)
        {
            finding.fix(Fix::needs_review("check the signature").delete(statement));
        }
    }
    for expr in code.exprs() {
        if let syn::Expr::Path(path) = expr
            && code.resolve(&path.path).is_some_and(|path| NONE.iter().any(|none| path.is(none)))
            && !is_compared(code, expr)
        {
            findings
                .at(code.span(path), "the algorithm `None` signs nothing, so anyone can write such a token")
                .help("use the algorithm of the issuer's key");
        }
    }
}

/// Whether the code says by its name that nothing is verified yet, or reads only what chooses the
/// key or a time to show: whoever wrote it knew.
fn says_so(code: &Code<'_>) -> bool {
    const WORDS: [&str; 12] = [
        "unverified",
        "insecure",
        "unsafe",
        "untrusted",
        "unchecked",
        "peek",
        "kid",
        "key",
        "issuer",
        "iss",
        "expiration",
        "expiry",
    ];
    let path = code.item_path();
    path.split(|c: char| !is_word(c)).flat_map(words).any(|word| WORDS.contains(&&*word))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_method_of(call: &Call<'_>, names: &[&str]) -> bool {
    call.kind == CallKind::Method && names.contains(&&*call.name)
}

/// Whether a verifying call follows in the function. What was read before it then chooses the key.
/// A validation that was switched off is what the next `decode` runs with, so it takes a second one.
fn verifies_later(code: &Code<'_>, call: &Call<'_>) -> bool {
    let after = code.calls().iter().filter(|other| other.span.start > call.span.start);
    let verifiers =
        after.filter(|other| other.is(VERIFIERS) || is_method_of(other, VERIFYING_METHODS)).count();
    let pasetors = call.is_method("untrusted_payload")
        && code.calls().iter().any(|other| other.name == "verify" || other.name == "decrypt");
    verifiers > usize::from(call.is_method("insecure_disable_signature_validation")) || pasetors
}

/// `==`, `!=` and patterns look at an algorithm to refuse it.
fn is_compared(code: &Code<'_>, expr: &syn::Expr) -> bool {
    let at = code.span(expr);
    code.exprs().iter().any(|around| match around {
        syn::Expr::Binary(binary) => {
            matches!(binary.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_)) && code.span(binary).contains(at)
        }
        syn::Expr::Macro(call) => {
            let name = call.mac.path.segments.last().map(|segment| segment.ident.to_string());
            code.span(call).contains(at)
                && name.is_some_and(|name| name.starts_with("assert") || name == "matches")
        }
        _ => false,
    })
}

/// The statement that a call is, where it is one by itself.
fn own_statement(code: &Code<'_>, call: &Call<'_>) -> Option<Span> {
    let after = code.file.text.get(call.span.end as usize..)?;
    let plain = matches!(call.receiver?, syn::Expr::Path(_) | syn::Expr::Field(_));
    (plain && after.starts_with(';')).then(|| Span::new(call.span.start, call.span.end + 1))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;
    use crate::fixture;
    use crate::lint::Confidence;

    #[test]
    fn what_says_that_it_is_unverified_is_less_certain() {
        let confidence = |text: &str| {
            let report = fixture::check(&fixture::split("src/lib.rs", text));
            report.findings.iter().map(|finding| finding.confidence).collect::<Vec<_>>()
        };
        let read = "jsonwebtoken::dangerous::insecure_decode::<C>(t)";
        assert_eq!(confidence(&format!("pub fn key_id(t: &str) {{ {read}; }}")), [Confidence::Medium]);
        assert_eq!(
            confidence(&format!("pub mod unverified {{ pub fn decode(t: &str) {{ {read}; }} }}")),
            [Confidence::Medium]
        );
        assert_eq!(confidence(&format!("pub fn claims(t: &str) {{ {read}; }}")), [Confidence::High]);
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use jsonwebtoken::*;
                fn f(t: &str, k: &DecodingKey) {
                    let mut v = Validation::default();
                    v.insecure_disable_signature_validation();
                //~   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `insecure_disable_signature_validation` trusts whatever the sender wrote into the token
                //~ fix: check the signature
                    decode::<C>(t, k, &v);
                }
            "#]],
            expect![[r#"
                use jsonwebtoken::dangerous_insecure_decode as read;
                fn f(t: &str) {
                    let c = read::<C>(t).unwrap().claims;
                //~         ^^^^ `read` trusts whatever the sender wrote into the token
                }
            "#]],
            expect![[r#"
                fn f(t: &str) -> Result<(), E> {
                    let (payload, _) = josekit::jwt::decode_unsecured(t)?;
                //~                                  ^^^^^^^^^^^^^^^^ `decode_unsecured` trusts whatever the sender wrote into the token
                    Ok(())
                }
            "#]],
            expect![[r#"
                use jwt::{Header, Token};
                fn f(t: &str) {
                    let token: Token<Header, C, _> = Token::parse_unverified(t).unwrap();
                //~                                         ^^^^^^^^^^^^^^^^ `parse_unverified` trusts whatever the sender wrote into the token
                }
            "#]],
            expect![[r#"
                use biscuit::jwa::SignatureAlgorithm;
                fn f() {
                    let h =
                        RegisteredHeader { algorithm: SignatureAlgorithm::None, ..Default::default() };
                //~                                   ^^^^^^^^^^^^^^^^^^^^^^^^ the algorithm `None` signs nothing, so anyone can write such a token
                }
            "#]],
            expect![[r#"
                fn f(t: &pasetors::token::UntrustedToken<P, V4>) -> &[u8] {
                    t.untrusted_payload()
                //~   ^^^^^^^^^^^^^^^^^ `untrusted_payload` trusts whatever the sender wrote into the token
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn f(t: &str) { let kid = jsonwebtoken::decode_header(t).unwrap().kid; }",
            "fn f(t: &str, k: &K, v: &V) { let iss = jsonwebtoken::dangerous::insecure_decode::<C>(t).unwrap().claims.iss; jsonwebtoken::decode::<C>(t, k.of(&iss), v); }",
            "fn f(a: jwt::AlgorithmType) -> bool { a == jwt::AlgorithmType::None }",
            "fn f(x: &Own) { x.decode(); x.payload(); }",
            "fn insecure_decode(t: &str) {} fn g(t: &str) { insecure_decode(t) }",
            "#[test] fn f(t: &str) { let c = jsonwebtoken::dangerous::insecure_decode::<C>(t); }",
        ]);
    }
}
