use crate::mentions;
use crate::outline::ItemKind;
use crate::prelude::*;

declare_lint! {
    /// A broken or outdated cipher lets an attacker recover what it encrypts.
    ///
    /// DES falls to a search of its keys, RC4 and RC2 to their structure. 3DES, Blowfish, CAST5 and IDEA
    /// encrypt in blocks of 64 bits, which leak plaintext after some gigabytes under one key.
    ///
    /// ```rust,bad
    /// use cbc::cipher::KeyIvInit;
    ///
    /// fn encryptor(key: &[u8; 24], iv: &[u8; 8]) -> cbc::Encryptor<des::TdesEde3> {
    ///     cbc::Encryptor::<des::TdesEde3>::new(key.into(), iv.into())
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
    ///
    /// fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ///     ChaCha20Poly1305::new(key.into())
    /// }
    /// ```
    ///
    /// ## What to do
    /// Use `aes_gcm::Aes256Gcm` or `chacha20poly1305::ChaCha20Poly1305`. To read old data, decrypt it once
    /// and write it anew.
    ///
    /// ## Known limits
    /// Code that only decrypts is not reported, nor are implementations of protocols that prescribe such a
    /// cipher (NTLM, Kerberos, VNC, PDF and others), told by the names of modules and packages. A
    /// signature or a type that only says again what the code beside it does is no place of its own.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[327],
        triggers: &[
            "Des", "TdesEde2", "TdesEde3", "TdesEee2", "TdesEee3", "Rc2", "Rc4", "Blowfish", "BlowfishLE", "Cast5", "Idea",
            "des_cbc", "des_ecb", "des_ede3", "des_ede3_cbc", "des_ede3_cfb64", "des_ede3_ecb", "des_ede3_ofb",
            "des_ede_cbc", "rc4", "rc2_cbc", "rc2_40_cbc", "bf_cbc", "bf_ecb", "bf_cfb64", "bf_ofb", "cast5_cbc",
            "cast5_ecb", "cast5_cfb64", "cast5_ofb", "idea_cbc", "idea_ecb", "idea_cfb64", "idea_ofb", "seed_cbc",
            "seed_ecb", "seed_cfb128", "seed_ofb", "DES_FOR_LEGACY_USE_ONLY", "DES_EDE_FOR_LEGACY_USE_ONLY",
            "DES_EDE3_FOR_LEGACY_USE_ONLY", "new_magic_crypt",
        ],
        crates: &["des", "rc2", "rc4", "blowfish", "cast5", "idea", "openssl", "boring", "aws-lc-rs", "magic-crypt"],
        check: Check::Code(check),
    }
}

/// Ciphers as types, with what is wrong with them.
const TYPES: &[(&str, &str)] = &[
    ("des::Des", "its 56-bit keys can be searched in a day"),
    ("des::TdesEde2", SMALL_BLOCKS),
    ("des::TdesEde3", SMALL_BLOCKS),
    ("des::TdesEee2", SMALL_BLOCKS),
    ("des::TdesEee3", SMALL_BLOCKS),
    ("rc2::Rc2", "related keys and small blocks give plaintext away"),
    ("rc4::Rc4", BIASED),
    ("blowfish::Blowfish", SMALL_BLOCKS),
    ("blowfish::BlowfishLE", SMALL_BLOCKS),
    ("cast5::Cast5", SMALL_BLOCKS),
    ("idea::Idea", SMALL_BLOCKS),
    ("aws_lc_rs::cipher::DES_FOR_LEGACY_USE_ONLY", "its 56-bit keys can be searched in a day"),
    ("aws_lc_rs::cipher::DES_EDE_FOR_LEGACY_USE_ONLY", SMALL_BLOCKS),
    ("aws_lc_rs::cipher::DES_EDE3_FOR_LEGACY_USE_ONLY", SMALL_BLOCKS),
];
const SMALL_BLOCKS: &str = "its 64-bit blocks repeat, and repeated blocks give plaintext away";
const BIASED: &str = "its output is biased, and enough of it gives plaintext away";

/// Types whose functions choose a cipher by name, and the beginnings of the names that are broken.
const CHOOSERS: &[&str] = &["openssl::symm::Cipher", "openssl::cipher::Cipher", "boring::symm::Cipher"];
const CHOICES: &[(&str, &str)] = &[
    ("des_ede", SMALL_BLOCKS),
    ("des_", "its 56-bit keys can be searched in a day"),
    ("rc4", BIASED),
    ("rc2_", "related keys and small blocks give plaintext away"),
    ("bf_", SMALL_BLOCKS),
    ("cast5_", SMALL_BLOCKS),
    ("idea_", SMALL_BLOCKS),
    ("seed_", "it is used nowhere else and no longer looked at"),
];

const HELP: &str = "use `aes_gcm::Aes256Gcm` or `chacha20poly1305::ChaCha20Poly1305`";

/// Words of module and package names of protocols and formats that prescribe such a cipher.
const PRESCRIBED: &[&str] = &[
    "ntlm",
    "pkcs5",
    "pkcs8",
    "russh",
    "ntlmssp",
    "kerberos",
    "krb",
    "krb5",
    "smb",
    "vnc",
    "rfb",
    "pdf",
    "zip",
    "rdp",
    "cfb",
    "office",
    "msoffice",
    "mschap",
    "mschapv2",
    "bcrypt",
    "ssh",
    "openpgp",
    "pgp",
    "pkcs12",
    "p12",
    "netlogon",
    "samr",
    "sasl",
    "bittorrent",
    "mse",
    "snmp",
    "emv",
    "desfire",
    "mifare",
    "tacacs",
    "keepass",
    "kdb",
    "jks",
    "torrent",
    "vmess",
    "shadowsocks",
    "crypt",
];

fn check(code: &Code<'_>, findings: &mut Findings) {
    // What declares or implements is no use yet; the use is where it is made or named for a purpose.
    let kind = code.outline().kind;
    let declares = matches!(
        kind,
        ItemKind::Struct | ItemKind::Enum | ItemKind::Union | ItemKind::Trait | ItemKind::Impl
    );
    if declares || only_decrypts(code) {
        return;
    }
    let mut found: Vec<(Span, (String, &str))> = Vec::new();
    for path in code.paths() {
        // `Des::new` is found by its type; `des::Des` as an argument of another type by itself.
        for length in (1..=path.segments.len()).rev() {
            let part = prefix(path, length);
            if let Some((name, why)) = code.resolve(&part).as_ref().and_then(broken) {
                let end = path
                    .segments
                    .iter()
                    .nth(length - 1)
                    .map_or(code.span(path), |last| code.span(&last.ident));
                found.push((code.span(&path.segments[0].ident).to(end), (name, why)));
                break;
            }
        }
    }
    for call in code.calls() {
        if let Some((name, why)) = call.path.as_ref().and_then(chosen)
            && !is_decrypted(code, call)
        {
            found.push((call.span, (name, why)));
        }
    }
    for call in code.macros().iter().filter(|call| call.name() == "new_magic_crypt") {
        if let [_, bits, ..] = &call.expansion.args[..]
            && code.constant(&bits.expr) == Some(Constant::Int(64))
        {
            found.push((call.span, ("DES".to_owned(), "its 56-bit keys can be searched in a day")));
        }
    }
    // A name may tell of a protocol that leaves no choice, or of something else.
    let doubted = is_prescribed(code);
    for (span, (name, why)) in mentions::places(code, found) {
        let message = format!("`{name}` is a broken cipher: {why}");
        findings.at(span, message).help(HELP).less_certain_if(doubted);
    }
}

fn broken(path: &ApiPath) -> Option<(String, &'static str)> {
    let (api, why) = TYPES.iter().find(|(api, _)| path.is(api))?;
    Some((api.rsplit("::").next().unwrap_or(api).to_owned(), why))
}

fn chosen(path: &ApiPath) -> Option<(String, &'static str)> {
    let name = path.name();
    let (_, why) = CHOICES.iter().find(|(start, _)| name.starts_with(start))?;
    CHOOSERS.iter().any(|chooser| path.is(&format!("{chooser}::{name}"))).then(|| (name.to_owned(), *why))
}

fn prefix(path: &syn::Path, length: usize) -> syn::Path {
    syn::Path {
        leading_colon: path.leading_colon,
        segments: path.segments.iter().take(length).cloned().collect(),
    }
}

fn is_prescribed(code: &Code<'_>) -> bool {
    let modules = code.file.module.iter().map(String::as_str);
    let mut names = modules.chain([&*code.package.name, &*code.file.path]);
    names.any(|name| {
        let name = name.to_lowercase();
        name.split(|c: char| !c.is_alphanumeric()).any(|word| PRESCRIBED.contains(&word))
    })
}

/// Whether the unit reads what others have encrypted.
fn only_decrypts(code: &Code<'_>) -> bool {
    let name = code.name().to_lowercase();
    if name.contains("decrypt") && !name.contains("encrypt") {
        return true;
    }
    let text = code.snippet(code.outline().span).to_lowercase();
    let reads = text.contains("decrypt");
    let writes = text.replace("decryptor", "").contains("encrypt");
    reads && !writes
}

/// Whether the call is an argument of one that decrypts.
fn is_decrypted(code: &Code<'_>, cipher: &Call<'_>) -> bool {
    code.calls().iter().any(|call| {
        let reads = call.name.contains("decrypt")
            || call.args.iter().any(|arg| code.snippet(code.span(*arg)).ends_with("Mode::Decrypt"));
        reads && call.span != cipher.span && call.span.contains(cipher.span)
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn each_use_is_a_finding() {
        let what = "`Des` is a broken cipher: its 56-bit keys can be searched in a day";
        let found = |text: &str| crate::fixture::found(&LINT, &format!("use des::Des;\n{text}"));
        assert_eq!(
            found("fn e(k: &[u8; 8]) -> Des { let a: Des = Des::new(k.into()); Des::new(k.into()) }"),
            format!("2:41 {what}\n2:61 {what}")
        );
        assert_eq!(found("fn e(a: &Des, b: &Des) { a.encrypt_block(x); }"), format!("2:10 {what}"));
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                //- src/lib.rs
                mod ntlm;
                //- src/ntlm.rs
                fn e(k: &[u8; 8]) {
                    des::Des::new(k.into()).encrypt_block(b);
                //~ ^^^^^^^^ maybe: `Des` is a broken cipher: its 56-bit keys can be searched in a day
                }
            "#]],
            expect![[r#"
                use des::Des;
                use des::cipher::{BlockEncrypt, KeyInit};
                fn e(k: &[u8; 8], b: &mut [u8; 8]) {
                    Des::new(k.into()).encrypt_block(b.into());
                //~ ^^^ `Des` is a broken cipher: its 56-bit keys can be searched in a day
                }
            "#]],
            expect![[r#"
                type Enc = cbc::Encryptor<des::Des>;
                //~                       ^^^^^^^^ `Des` is a broken cipher: its 56-bit keys can be searched in a day
            "#]],
            expect![[r#"
                use rc4::{KeyInit, Rc4, StreamCipher};
                fn e(k: &[u8; 16], d: &mut [u8]) {
                    let mut c = Rc4::<rc4::consts::U16>::new(k.into());
                //~             ^^^ `Rc4` is a broken cipher: its output is biased, and enough of it gives plaintext away
                    c.apply_keystream(d);
                }
            "#]],
            expect![[r#"
                use openssl::symm::{Cipher, encrypt};
                fn e(k: &[u8], iv: &[u8], d: &[u8]) {
                    let c = encrypt(Cipher::des_ede3_cbc(), k, Some(iv), d);
                //~                 ^^^^^^^^^^^^^^^^^^^^^^ `des_ede3_cbc` is a broken cipher: its 64-bit blocks repeat, and repeated blocks give plaintext away
                }
            "#]],
            expect![[r#"
                use blowfish::Blowfish as Cipher;
                fn e(k: &[u8]) {
                    let c: Cipher = Cipher::new_from_slice(k).unwrap();
                //~                 ^^^^^^ `Blowfish` is a broken cipher: its 64-bit blocks repeat, and repeated blocks give plaintext away
                    c.encrypt_block(x);
                }
            "#]],
            expect![[r#"
                fn e(k: &[u8], d: &[u8]) {
                    let cipher = openssl::symm::Cipher::rc4();
                //~              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `rc4` is a broken cipher: its output is biased, and enough of it gives plaintext away
                    openssl::symm::encrypt(cipher, k, None, d);
                }
            "#]],
            expect![[r#"
                fn k() {
                    let key = aws_lc_rs::cipher::UnboundCipherKey::new(
                        &aws_lc_rs::cipher::DES_FOR_LEGACY_USE_ONLY,
                //~      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `DES_FOR_LEGACY_USE_ONLY` is a broken cipher: its 56-bit keys can be searched in a day
                        k,
                    );
                }
            "#]],
            expect![[r#"
                use magic_crypt::new_magic_crypt;
                fn m(k: &str) {
                    let mc = new_magic_crypt!(k, 64);
                //~          ^^^^^^^^^^^^^^^^^^^^^^^ `DES` is a broken cipher: its 56-bit keys can be searched in a day
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn d(k: &[u8; 24], iv: &[u8; 8], b: &mut [u8]) { cbc::Decryptor::<des::TdesEde3>::new(k.into(), iv.into()).decrypt_padded_mut::<Pkcs7>(b); }",
            "use openssl::symm::{Cipher, decrypt};\nfn d(k: &[u8], iv: &[u8], d: &[u8]) { let c = decrypt(Cipher::des_ede3_cbc(), k, Some(iv), d); }",
            "use openssl::symm::Cipher;\nfn e() -> Cipher { Cipher::aes_256_gcm() }",
            "struct Des; impl Des { fn new() -> Des { Des } }\nfn f() { let d = Des::new(); }",
            "#[cfg(test)] mod t { fn e(k: &[u8; 8]) { des::Des::new(k.into()); } }",
            "use serde::Deserialize as Des;\nfn f<T: Des>(t: T) {}",
        ]);
    }
}
