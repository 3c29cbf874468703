//! Which crates make code matter to security: what keeps secrets, and what tells who somebody is.

use crate::vocabulary::ApiPath;
use crate::vocabulary::Relevance::{self, Auth, Crypto};

/// Crates by the names that code uses.
const CRATES: &[(Relevance, &[&str])] = &[
    (
        Crypto,
        &[
            "aead",
            "aes",
            "aes_gcm",
            "aes_gcm_siv",
            "aes_siv",
            "age",
            "aws_lc_rs",
            "blowfish",
            "boring",
            "cbc",
            "ccm",
            "cfb_mode",
            "chacha20",
            "chacha20poly1305",
            "cmac",
            "crypto_box",
            "crypto_secretbox",
            "ctr",
            "curve25519_dalek",
            "des",
            "dryoc",
            "dsa",
            "eax",
            "ecdsa",
            "ed25519",
            "ed25519_dalek",
            "elliptic_curve",
            "hkdf",
            "hmac",
            "k256",
            "libsodium_sys",
            "minisign",
            "minisign_verify",
            "native_tls",
            "ocb3",
            "openssl",
            "orion",
            "p256",
            "p384",
            "p521",
            "pgp",
            "poly1305",
            "rc4",
            "rcgen",
            "ring",
            "rsa",
            "rustls",
            "rustls_pki_types",
            "secp256k1",
            "sequoia_openpgp",
            "snow",
            "sodiumoxide",
            "tokio_native_tls",
            "tokio_openssl",
            "tokio_rustls",
            "webpki",
            "x25519_dalek",
            "xsalsa20poly1305",
        ],
    ),
    (
        Auth,
        &[
            "actix_identity",
            "actix_session",
            "actix_web_httpauth",
            "argon2",
            "axum_login",
            "bcrypt",
            "biscuit",
            "biscuit_auth",
            "casbin",
            "josekit",
            "jsonwebtoken",
            "jwt",
            "jwt_simple",
            "keyring",
            "oauth2",
            "openidconnect",
            "pam",
            "password_auth",
            "password_hash",
            "pbkdf2",
            "samael",
            "scrypt",
            "totp_rs",
            "tower_sessions",
            "webauthn_rs",
        ],
    ),
];

/// Why code that uses an API matters to security, by the crate alone.
pub fn of_crate(api: &ApiPath) -> Option<Relevance> {
    let krate = api.krate();
    CRATES.iter().find(|(_, names)| names.binary_search(&krate).is_ok()).map(|(relevance, _)| *relevance)
}

/// The names of the crates.
pub fn crates() -> impl Iterator<Item = &'static str> {
    CRATES.iter().flat_map(|(_, names)| names.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::CRATES;

    #[test]
    fn crates_can_be_searched() {
        for (_, names) in CRATES {
            assert!(names.is_sorted());
        }
    }
}
