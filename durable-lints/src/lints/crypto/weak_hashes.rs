use syn::visit::{self, Visit};

use crate::mentions;
use crate::outline::ItemKind;
use crate::prelude::*;

declare_lint! {
    /// A hash with practical collisions decides what is genuine, so a forgery can pass as the original.
    ///
    /// For MD5 and SHA-1 two texts with the same hash can be made at will. Where the hash is signed, or
    /// stands for a certificate, a licence or a token, the second text is accepted as the first.
    ///
    /// ```rust,bad
    /// use rsa::pkcs1v15::SigningKey;
    /// use sha1::Sha1;
    ///
    /// fn signer(key: rsa::RsaPrivateKey) -> SigningKey<Sha1> {
    ///     SigningKey::<Sha1>::new(key)
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use rsa::pkcs1v15::SigningKey;
    /// use sha2::Sha256;
    ///
    /// fn signer(key: rsa::RsaPrivateKey) -> SigningKey<Sha256> {
    ///     SigningKey::<Sha256>::new(key)
    /// }
    /// ```
    ///
    /// ## What to do
    /// Use SHA-256 (`sha2::Sha256`) or BLAKE3. To read old signatures, verify them once and sign anew.
    ///
    /// ## Known limits
    /// Where no construction says what the hash is for, the names around it decide. MD5 and SHA-1 as
    /// cache keys, ETags, object names and in protocols that prescribe them are not reported, nor is
    /// HMAC with SHA-1, which collisions do not touch. A signature or a type that only says again what
    /// the code beside it does is no place of its own.
    pub static LINT = {
        cwe: &[327, 328],
        confidence: Confidence::Medium,
        triggers: &[
            "Md5", "Md4", "Md2", "Sha1", "md5", "sha1", "md4", "sha1_smol",
            "SHA1_FOR_LEGACY_USE_ONLY",
            "RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY",
            "RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY",
            "RSA_PKCS1_SHA1_FOR_LEGACY_USE_ONLY",
        ],
        crates: &[
            "md5", "md-5", "md4", "md2", "sha1", "sha-1", "sha1_smol", "sha1collisiondetection", "openssl", "boring", "ring", "aws-lc-rs", "rust-crypto",
        ],
        check: Check::Code(check),
    }
}

/// The hashes, as types.
const HASHES: &[(&str, &str)] = &[
    ("md5::Md5", "MD5"),
    ("md4::Md4", "MD4"),
    ("md2::Md2", "MD2"),
    ("sha1::Sha1", "SHA-1"),
    ("sha1::Sha1Core", "SHA-1"),
    ("sha1_smol::Sha1", "SHA-1"),
    ("crypto::md5::Md5", "MD5"),
    ("crypto::sha1::Sha1", "SHA-1"),
];

/// What computes a hash or chooses one.
const COMPUTATIONS: &[(&str, &str)] = &[
    ("md5::compute", "MD5"),
    ("md5::Context::new", "MD5"),
    ("md5::Md5::new", "MD5"),
    ("md5::Md5::digest", "MD5"),
    ("md5::Md5::default", "MD5"),
    ("md4::Md4::new", "MD4"),
    ("md4::Md4::digest", "MD4"),
    ("sha1::Sha1::new", "SHA-1"),
    ("sha1::Sha1::digest", "SHA-1"),
    ("sha1::Sha1::default", "SHA-1"),
    ("sha1::Sha1::from", "SHA-1"),
    ("sha1_smol::Sha1::new", "SHA-1"),
    ("sha1_smol::Sha1::from", "SHA-1"),
    ("openssl::sha::sha1", "SHA-1"),
    ("openssl::hash::MessageDigest::md5", "MD5"),
    ("openssl::hash::MessageDigest::sha1", "SHA-1"),
    ("boring::hash::MessageDigest::md5", "MD5"),
    ("boring::hash::MessageDigest::sha1", "SHA-1"),
];

/// Constructions in which a collision is a forgery, with the hashes that break them.
const SIGNED: &[&str] = &[
    "rsa::pkcs1v15::SigningKey",
    "rsa::pkcs1v15::VerifyingKey",
    "rsa::pkcs1v15::Pkcs1v15Sign",
    "rsa::Pkcs1v15Sign",
    "rsa::pss::SigningKey",
    "rsa::pss::BlindedSigningKey",
    "rsa::pss::VerifyingKey",
    "rsa::pss::Pss",
    "rsa::Pss",
];
const KEYED: &[&str] = &["hmac::Hmac", "hmac::SimpleHmac"];

/// Calls that sign or verify with the hash among their arguments.
const SIGNERS: &[&str] = &[
    "openssl::sign::Signer::new",
    "openssl::sign::Verifier::new",
    "openssl::x509::X509Builder::sign",
    "openssl::x509::X509ReqBuilder::sign",
    "boring::sign::Signer::new",
    "boring::sign::Verifier::new",
    "boring::x509::X509Builder::sign",
];

const HELP: &str = "use `sha2::Sha256`, or `blake3` where speed matters";

fn check(code: &Code<'_>, findings: &mut Findings) {
    if code.outline().kind == ItemKind::Impl {
        return;
    }
    // What is a role by name alone is none where another name speaks against it.
    let doubted = has_word(code, PRESCRIBED);
    let mut found: Vec<(Span, String)> = Vec::new();
    for path in code.paths() {
        found.extend(in_construction(code, path));
        if let Some(resolved) = code.resolve(path)
            && matches!(resolved.krate(), "ring" | "aws_lc_rs")
            && resolved.name().starts_with("RSA_PKCS1_")
            && resolved.name().ends_with("SHA1_FOR_LEGACY_USE_ONLY")
        {
            found.push((code.span(path), "SHA-1 carries a signature".to_owned()));
        }
    }
    for call in code.calls() {
        let Some(hash) = computed(call) else { continue };
        let signer = code.calls().iter().find(|outer| {
            let given = outer.args.iter().any(|arg| code.span(*arg).contains(call.span));
            given
                && (outer.is(SIGNERS)
                    || (outer.path.is_none() && outer.is_method("sign") && outer.args.len() == 2))
        });
        if let Some(signer) = signer {
            let message = format!("{hash} carries a signature");
            // A scheme that names the hash has told of what is given beside it.
            if !found.iter().any(|(span, known)| signer.span.contains(*span) && *known == message) {
                found.push((call.span, message));
            }
        } else if let Some(role) = role(code, call).filter(|_| !doubted) {
            found.push((call.span, format!("{hash} decides about {role}")));
        }
    }
    for (span, message) in mentions::places(code, found) {
        let message = format!("{message}, and two texts with the same hash can be made");
        findings.at(span, message).help(HELP).less_certain_if(doubted);
    }
}

/// `SigningKey<Sha1>`, `Pkcs1v15Sign::new::<Sha1>()`, `Hmac<Md5>`.
fn in_construction(code: &Code<'_>, path: &syn::Path) -> Option<(Span, String)> {
    let hash = path.segments.iter().find_map(|segment| {
        let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
        arguments.args.iter().find_map(|argument| match argument {
            syn::GenericArgument::Type(syn::Type::Path(ty)) => weak(&code.resolve(&ty.path)?),
            _ => None,
        })
    })?;
    let owner = (1..=path.segments.len()).rev().find_map(|length| {
        let segments =
            path.segments.iter().take(length).map(|segment| syn::PathSegment::from(segment.ident.clone()));
        let part = syn::Path { leading_colon: path.leading_colon, segments: segments.collect() };
        let resolved = code.resolve(&part)?;
        let is = |apis: &[&str]| apis.iter().any(|api| resolved.is(api));
        if is(SIGNED) {
            Some("carries a signature")
        } else if is(KEYED) && hash != "SHA-1" {
            Some("authenticates messages")
        } else {
            None
        }
    })?;
    Some((code.span(path), format!("{hash} {owner}")))
}

fn weak(path: &ApiPath) -> Option<&'static str> {
    HASHES.iter().find(|(api, _)| path.is(api)).map(|(_, name)| *name)
}

fn computed(call: &Call<'_>) -> Option<&'static str> {
    let path = call.path.as_ref()?;
    COMPUTATIONS.iter().find(|(api, _)| path.is(api)).map(|(_, name)| *name)
}

/// What a result is for, by the name it is bound to or the name of the function: words that stand for
/// something an attacker wants to forge.
const ROLES: &[(&str, &str)] = &[
    ("signature", "a signature"),
    ("sig", "a signature"),
    ("sign", "a signature"),
    ("signed", "a signature"),
    ("token", "a token"),
    ("certificate", "a certificate"),
    ("cert", "a certificate"),
    ("licence", "a licence"),
    ("license", "a licence"),
    ("hmac", "a message's origin"),
    ("mac", "a message's origin"),
    ("authenticity", "a message's origin"),
];

/// Words that may tell of uses where nobody gains from a collision, or where a protocol leaves no choice.
const PRESCRIBED: &[&str] = &[
    "ntlm",
    "postgres",
    "pg",
    "mysql",
    "digest_auth",
    "websocket",
    "ws",
    "sec",
    "accept",
    "git",
    "oid",
    "torrent",
    "bittorrent",
    "bencode",
    "info_hash",
    "uuid",
    "etag",
    "cache",
    "cached",
    "gravatar",
    "avatar",
    "pwned",
    "hibp",
    "radius",
    "kerberos",
    "krb",
    "krb5",
    "rtmp",
    "sip",
    "snmp",
    "tacacs",
    "totp",
    "hotp",
    "otp",
    "tls",
    "ssh",
    "openpgp",
    "pgp",
    "dnssec",
    "ocsp",
    "wpa",
    "cram",
    "sasl",
    "scram",
    "skip",
    "deprecated",
    "legacy",
    "rtsp",
    "lastfm",
    "subsonic",
    "alipay",
    "wechat",
    "weixin",
    "bilibili",
    "qq",
    "tencent",
    "aliyun",
    "oss",
];

/// The role of a hash that is computed here.
fn role(code: &Code<'_>, call: &Call<'_>) -> Option<&'static str> {
    let mut names = vec![code.name().to_owned()];
    let mut bindings = Bindings { code, call: call.span, names: &mut names };
    code.visit(&mut bindings);
    let words: Vec<String> = names.iter().flat_map(|name| words(name)).collect();
    ROLES.iter().find(|(word, _)| words.iter().any(|known| known == word)).map(|(_, role)| *role)
}

/// The names of the `let`s, fields and assignments around a call.
struct Bindings<'c, 'a, 'n> {
    code: &'c Code<'a>,
    call: Span,
    names: &'n mut Vec<String>,
}

impl<'ast> Visit<'ast> for Bindings<'_, '_, '_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init
            && self.code.span(&*init.expr).contains(self.call)
        {
            self.names.extend(crate::derived::bound(&local.pat));
        }
        visit::visit_local(self, local);
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        if let syn::Member::Named(name) = &field.member
            && self.code.span(&field.expr).contains(self.call)
        {
            self.names.push(name.to_string());
        }
        visit::visit_field_value(self, field);
    }
}

fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut()
            && c.is_alphanumeric()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the unit, its modules or its package have one of the words in their names.
fn has_word(code: &Code<'_>, known: &[&str]) -> bool {
    let owner = code.owner().map_or("", |owner| code.snippet(owner.header));
    let around = code.file.outline.ancestors(code.item).map(|item| code.snippet(item.name));
    let modules = code.file.module.iter().map(String::as_str).chain(around);
    let mut names = modules.chain([&*code.package.name, owner]);
    names.any(|name| words(name).iter().any(|word| known.contains(&&**word)))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn each_use_is_a_finding() {
        let end = ", and two texts with the same hash can be made";
        assert_eq!(
            crate::fixture::found(
                &LINT,
                "fn f(a: &str) { let signature = md5::compute(a); let token = sha1::Sha1::digest(a); let sig = md5::compute(b); }"
            ),
            format!(
                "1:33 MD5 decides about a signature{end}\n1:62 SHA-1 decides about a token{end}\n1:95 MD5 decides about a signature{end}"
            )
        );
        assert_eq!(
            crate::fixture::found(
                &LINT,
                "use rsa::pss::SigningKey; use sha1::Sha1;\nfn f(k: K) -> SigningKey<Sha1> { SigningKey::<Sha1>::new(k) }"
            ),
            format!("2:34 SHA-1 carries a signature{end}")
        );
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use openssl::{hash::MessageDigest, sign::Signer};
                fn s(k: &openssl::pkey::PKey<P>) {
                    let s = Signer::new(MessageDigest::sha1(), k).unwrap();
                //~                     ^^^^^^^^^^^^^^^^^^^^^ SHA-1 carries a signature, and two texts with the same hash can be made
                }
            "#]],
            expect![[r#"
                type HmacMd5 = hmac::Hmac<md5::Md5>;
                //~            ^^^^^^^^^^^^^^^^^^^^ MD5 authenticates messages, and two texts with the same hash can be made
            "#]],
            expect![[r#"
                fn v(k: &rsa::RsaPublicKey, h: &[u8], s: &[u8]) {
                    k.verify(rsa::Pkcs1v15Sign::new::<sha1::Sha1>(), h, s).unwrap();
                //~          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ SHA-1 carries a signature, and two texts with the same hash can be made
                }
            "#]],
            expect![[r#"
                use md5::{Digest, Md5};
                fn sign_request(body: &[u8]) -> String {
                    hex::encode(Md5::digest(body))
                //~             ^^^^^^^^^^^^^^^^^ MD5 decides about a signature, and two texts with the same hash can be made
                }
            "#]],
            expect![[r#"
                fn f(parts: &str) {
                    let signature = format!("{:x}", md5::compute(parts));
                //~                                 ^^^^^^^^^^^^^^^^^^^ MD5 decides about a signature, and two texts with the same hash can be made
                }
            "#]],
            expect![[r#"
                use sha1::{Digest, Sha1};
                fn reset_token(user: &str) -> String {
                    let mut h = Sha1::new();
                //~             ^^^^^^^^^^^ SHA-1 decides about a token, and two texts with the same hash can be made
                    h.update(user);
                    hex::encode(h.finalize())
                }
            "#]],
            expect![[r#"
                fn v(k: &[u8]) {
                    let k = ring::signature::UnparsedPublicKey::new(
                        &ring::signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
                //~      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ SHA-1 carries a signature, and two texts with the same hash can be made
                        k,
                    );
                }
            "#]],
            expect![[r#"
                mod cache {
                    fn signer(k: rsa::RsaPrivateKey) {
                        let s = rsa::pss::SigningKey::<sha1::Sha1>::new(k);
                //~             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ SHA-1 carries a signature, and two texts with the same hash can be made
                    }
                }
            "#]],
            expect![[r#"
                use sha1::Sha1 as Hash;
                fn signer(k: rsa::RsaPrivateKey) {
                    let s = rsa::pss::SigningKey::<Hash>::new(k);
                //~         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ SHA-1 carries a signature, and two texts with the same hash can be made
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use md5::{Digest, Md5};\nfn etag(body: &[u8]) -> String { hex::encode(Md5::digest(body)) }",
            "type HmacSha1 = hmac::Hmac<sha1::Sha1>;",
            "fn key(path: &str) -> String { let name = format!(\"{:x}\", md5::compute(path)); name }",
            "use sha1::{Digest, Sha1};\nfn sec_websocket_accept(k: &str) -> Vec<u8> { let mut sign = Sha1::new(); sign.update(k); sign.finalize().to_vec() }",
            "use sha1::{Digest, Sha1};\nmod git { fn tokenless(b: &[u8]) { let sig = sha1::Sha1::digest(b); } }",
            "use sha2::{Digest, Sha256};\nfn sign(b: &[u8]) { let signature = Sha256::digest(b); }",
            "#[cfg(test)] mod t { fn sign(b: &[u8]) { let signature = md5::compute(b); } }",
            "use openssl::{hash::MessageDigest, sign::Signer};\nfn s(k: &openssl::pkey::PKey<P>) { let s = Signer::new(MessageDigest::sha256(), k).unwrap(); }",
        ]);
    }
}
