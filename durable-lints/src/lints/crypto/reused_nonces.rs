use syn::Expr;
use syn::visit::{self, Visit};

use crate::prelude::*;

declare_lint! {
    /// Two messages encrypted with one nonce and key reveal each other and can be forged.
    ///
    /// A nonce has to differ for every message under a key. With the same one twice, stream ciphers and
    /// counter modes give the two plaintexts' difference away, GCM and Poly1305 give away what
    /// authenticates, and CBC shows which messages begin alike.
    ///
    /// ```rust,bad
    /// use aes_gcm::aead::{Aead, Error};
    /// use aes_gcm::{Aes256Gcm, Nonce};
    ///
    /// fn seal(cipher: &Aes256Gcm, message: &[u8]) -> Result<Vec<u8>, Error> {
    ///     let nonce = Nonce::from_slice(b"unique nonce");
    ///     cipher.encrypt(nonce, message)
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use aes_gcm::Aes256Gcm;
    /// use aes_gcm::aead::{Aead, AeadCore, Error, OsRng};
    ///
    /// fn seal(cipher: &Aes256Gcm, message: &[u8]) -> Result<Vec<u8>, Error> {
    ///     let nonce = Aes256Gcm::generate_nonce(&mut OsRng);
    ///     let mut sealed = nonce.to_vec();
    ///     sealed.extend(cipher.encrypt(&nonce, message)?);
    ///     Ok(sealed)
    /// }
    /// ```
    ///
    /// ## What to do
    /// Draw a random nonce for each message and store it in front of the ciphertext. Under a key for very
    /// many messages, use XChaCha20-Poly1305, whose nonces are long enough to be drawn at random.
    ///
    /// ## Known limits
    /// Nonces that are stored and repeat from run to run are not seen. A constant nonce is passed over
    /// where the same function makes or derives a fresh key. Decryption is not looked at: it takes the
    /// nonce it is given.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[323, 329, 1204],
        triggers: &[
            "new_from_slices", "Encryptor", "Ctr32BE", "Ctr64BE", "Ctr128BE", "Ctr32LE", "Ctr64LE", "Ctr128LE", "ChaCha20",
            "XChaCha20", "Salsa20", "XSalsa20", "Ofb", "NonceSequence", "advance",
        ],
        modelled: |_| Modelled::apis(CALLS.iter().map(|(api, _)| *api).chain(ENCRYPT.iter().copied())),
        crates: CRATES,
        check: Check::Code(check),
    }
}

const CRATES: &[&str] = &[
    "aead",
    "aes-gcm",
    "aes-gcm-siv",
    "aes-siv",
    "ccm",
    "eax",
    "ocb3",
    "ascon-aead",
    "chacha20poly1305",
    "crypto_secretbox",
    "crypto_box",
    "xsalsa20poly1305",
    "cbc",
    "ctr",
    "cfb-mode",
    "ofb",
    "chacha20",
    "salsa20",
    "ring",
    "aws-lc-rs",
    "openssl",
    "boring",
];

/// Methods that encrypt, with the nonce first.
const ENCRYPT: &[&str] =
    &["encrypt", "encrypt_in_place", "encrypt_in_place_detached", "encrypt_inout_detached", "encrypt_inout"];

/// Crates with types that encrypt with a nonce, as code names them.
const AEADS: &[&str] = &[
    "aead",
    "aes_gcm",
    "aes_gcm_siv",
    "aes_siv",
    "ccm",
    "eax",
    "ocb3",
    "ascon_aead",
    "chacha20poly1305",
    "crypto_secretbox",
    "crypto_box",
    "xsalsa20poly1305",
];

/// Crates whose types are made with a key and an initial value.
const STREAMS: &[&str] = &["cbc", "ctr", "cfb_mode", "ofb", "chacha20", "salsa20"];

/// Calls with the position of the nonce.
const CALLS: &[(&str, usize)] = &[
    ("openssl::symm::encrypt", 2),
    ("openssl::symm::encrypt_aead", 2),
    ("boring::symm::encrypt", 2),
    ("boring::symm::encrypt_aead", 2),
    ("ring::aead::Nonce::assume_unique_for_key", 0),
    ("ring::aead::Nonce::try_assume_unique_for_key", 0),
    ("aws_lc_rs::aead::Nonce::assume_unique_for_key", 0),
    ("aws_lc_rs::aead::Nonce::try_assume_unique_for_key", 0),
    ("aws_lc_rs::cipher::EncryptionContext::Iv128", 0),
    ("openssl::symm::Crypter::new", 3),
    ("boring::symm::Crypter::new", 3),
];

/// Calls that give a key of its own to what follows in the function.
const FRESH_KEYS: &[&str] = &[
    "generate_key",
    "generate_in",
    "expand",
    "hkdf",
    "hkdf_sha256",
    "diffie_hellman",
    "exchange",
    "pbkdf2_hmac",
    "hash_password_into",
    "scrypt",
    "agree_ephemeral",
    "encapsulate",
    "decapsulate",
    "x25519",
];

const HELP: &str = "draw a random nonce for each message, and store it in front of the ciphertext";

fn check(code: &Code<'_>, findings: &mut Findings) {
    if code.name() == "advance" {
        unmoved_sequence(code, findings);
        return;
    }
    if code.block().is_none() || reads_only(code) {
        return;
    }
    let doubted = says_why(code);
    let makes_key = code.calls().iter().any(|call| FRESH_KEYS.contains(&&*call.name));
    let mut told: Vec<Span> = Vec::new();
    for call in code.calls() {
        let Some(nonce) = nonce(code, call) else { continue };
        let Some(value) = code.constant(nonce).filter(|_| !is_none(nonce)) else { continue };
        if value.to_bytes().is_some_and(|bytes| PUBLISHED.iter().any(|known| bytes == known)) {
            continue;
        }
        // OpenPGP's CFB begins at zero and encrypts random bytes first.
        let zeros = value.to_bytes().is_none_or(|bytes| bytes.iter().all(|byte| *byte == 0));
        if zeros && call.path.as_ref().is_some_and(|path| path.krate() == "cfb_mode") {
            continue;
        }
        if !makes_key {
            let finding = findings.at(code.span(nonce), "this nonce is the same for every message");
            // SIV modes only show then which messages are equal.
            let cipher = call.receiver.and_then(|cipher| code.type_of(cipher));
            let siv = cipher.is_some_and(|ty| ty.path.name().ends_with("Siv"));
            finding.label(call.name_span, "encrypts with it").help(HELP).less_certain_if(siv || doubted);
        }
        told.push(call.span);
    }
    repeated(code, &told, doubted, findings);
}

/// The nonce that a call encrypts with.
fn nonce<'a>(code: &Code<'a>, call: &Call<'a>) -> Option<&'a Expr> {
    if let Some((_, at)) = CALLS.iter().find(|(api, _)| call.is(&[api])) {
        let encrypts = !call.args.iter().any(|arg| code.snippet(code.span(*arg)).ends_with("Mode::Decrypt"));
        return call.args.get(*at).copied().filter(|_| encrypts);
    }
    if call.kind == CallKind::Method {
        return encrypts(code, call).then(|| call.args.first().copied()).flatten();
    }
    let path = call.path.as_ref()?;
    let of_stream = STREAMS.contains(&path.krate()) && !path.0.contains("Decryptor");
    let makes = matches!(path.name(), "new" | "new_from_slices");
    (of_stream && makes && call.args.len() == 2).then(|| call.args[1])
}

/// Whether a method call encrypts with its first argument as the nonce. Where the type is not known,
/// the argument has to look like one.
fn encrypts<'a>(code: &Code<'a>, call: &Call<'a>) -> bool {
    if !ENCRYPT.contains(&&*call.name) || call.args.len() < 2 {
        return false;
    }
    match &call.path {
        Some(path) => AEADS.contains(&path.krate()),
        None => call.args.first().is_some_and(|nonce| {
            let named = code.snippet(code.span(*nonce)).to_lowercase();
            let fits = code
                .constant(nonce)
                .and_then(|value| value.to_bytes())
                .is_some_and(|bytes| matches!(bytes.len(), 12 | 24));
            fits || named.contains("nonce")
        }),
    }
}

fn is_none(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "None"))
}

/// Whether the function only turns ciphertext back, for which it takes the nonce it was given.
fn reads_only(code: &Code<'_>) -> bool {
    let called = |names: &[&str]| code.calls().iter().any(|call| names.contains(&&*call.name));
    let named =
        |name: &str| code.paths().iter().any(|path| path.segments.iter().any(|part| part.ident == name));
    let opens = called(&["open_in_place", "open_within"]) || named("OpeningKey");
    let seals = called(&["seal_in_place_append_tag", "seal_in_place_separate_tag"]) || named("SealingKey");
    opens && !seals && !called(ENCRYPT)
}

/// Whether its name says that it is about one of the two things for which a nonce may be given: turning
/// back, and a packet of QUIC that is sealed with a key and nonce of its standard.
fn says_why(code: &Code<'_>) -> bool {
    const TURNS_BACK: &[&str] = &["decrypt", "unseal", "open", "decode", "unwrap", "decipher"];
    let mut words = code.name().split('_');
    let turns_back =
        words.clone().any(|word| TURNS_BACK.contains(&word)) && !words.any(|word| word == "encrypt");
    let mut around = code.file.module.iter().map(String::as_str).chain([code.name()]);
    turns_back || around.any(|name| name.split('_').any(|word| word == "retry"))
}

/// The nonces that QUIC publishes for its Retry packets: RFC 9001, RFC 9369, and the drafts before them.
const PUBLISHED: &[[u8; 12]] = &[
    [0x46, 0x15, 0x99, 0xd3, 0x5d, 0x63, 0x2b, 0xf2, 0x23, 0x98, 0x25, 0xbb],
    [0xd8, 0x69, 0x69, 0xbc, 0x2d, 0x7c, 0x6d, 0x99, 0x90, 0xef, 0xb0, 0x4a],
    [0xe5, 0x49, 0x30, 0xf9, 0x7f, 0x21, 0x36, 0xf0, 0x53, 0x0a, 0x8c, 0x1c],
    [0x4d, 0x16, 0x11, 0xd0, 0x55, 0x13, 0xa5, 0x52, 0xc5, 0x87, 0xd5, 0x75],
];

/// A nonce that stays as it is over several encryptions.
fn repeated(code: &Code<'_>, told: &[Span], doubted: bool, findings: &mut Findings) {
    let mut uses: Vec<Use> = Vec::new();
    for call in code.calls().iter().filter(|call| call.kind == CallKind::Method && !told.contains(&call.span))
    {
        if encrypts(code, call)
            && let (Some(cipher), Some(name)) =
                (call.receiver, call.args.first().and_then(|nonce| plain_name(nonce)))
        {
            uses.push(Use {
                call: call.span,
                at: code.span(call.args[0]),
                nonce: name.to_string(),
                binding: code.binding(name),
                cipher: code.snippet(code.span(cipher)).to_owned(),
            });
        }
    }
    if uses.is_empty() {
        return;
    }
    let mut places = Places { code, uses: &uses, trail: Vec::new(), trails: vec![Vec::new(); uses.len()] };
    code.visit(&mut places);
    let trails = places.trails;
    let mut changes = Changes { code, names: Vec::new(), bound: Vec::new() };
    code.visit(&mut changes);
    let Changes { names: changed, bound, .. } = changes;
    for (at, used) in uses.iter().enumerate() {
        let name = &*used.nonce;
        if changed.iter().any(|known| known == name) {
            continue;
        }
        let in_loop = trails[at].iter().any(|step| {
            let Step::Loop(body) = step else { return false };
            let within = |wanted: &str| {
                bound.iter().any(|(known, span)| {
                    wanted.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == known)
                        && body.contains(*span)
                })
            };
            !within(name) && !within(&used.cipher)
        });
        let leaves = trails[at].iter().any(|step| matches!(step, Step::Leaves));
        let earlier = uses[..at].iter().zip(&trails).find(|(other, trail)| {
            other.nonce == used.nonce
                && other.binding == used.binding
                && other.cipher == used.cipher
                && !exclusive(trail, &trails[at])
        });
        if let Some((first, _)) = earlier {
            findings
                .at(used.at, format!("`{name}` encrypts another message"))
                .label(first.at, "the first is encrypted here")
                .help(HELP)
                .less_certain_if(doubted);
        } else if in_loop && !leaves {
            let finding = findings.at(used.at, format!("`{name}` encrypts every message of this loop"));
            let binding = bound.iter().rfind(|(known, span)| known == name && span.end <= used.at.start);
            if let Some((_, binding)) = binding {
                finding.label(*binding, "set once, before the loop");
            }
            finding.help(HELP).less_certain_if(doubted);
        }
    }
}

/// An encryption with a named nonce.
struct Use {
    call: Span,
    at: Span,
    nonce: String,
    /// Which binding the name means there.
    binding: Option<usize>,
    cipher: String,
}

/// A name, through `&` and conversions that keep the value.
fn plain_name(expr: &Expr) -> Option<&syn::Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Reference(inner) if inner.mutability.is_none() => plain_name(&inner.expr),
        Expr::Unary(inner) => plain_name(&inner.expr),
        Expr::Paren(inner) => plain_name(&inner.expr),
        Expr::MethodCall(call)
            if call.args.is_empty()
                && matches!(&*call.method.to_string(), "into" | "as_ref" | "clone" | "as_slice") =>
        {
            plain_name(&call.receiver)
        }
        Expr::Call(call) if call.args.len() == 1 => {
            let Expr::Path(function) = &*call.func else { return None };
            let last = function.path.segments.last()?;
            (last.ident == "from_slice" || last.ident == "from").then(|| plain_name(&call.args[0])).flatten()
        }
        _ => None,
    }
}

/// What lies around a place, from the outside in.
#[derive(Clone, PartialEq)]
enum Step {
    /// One of the ways that a branching expression goes.
    Branch(Span, usize),
    /// The body of a loop.
    Loop(Span),
    /// What is returned, or a block that ends by leaving.
    Leaves,
}

/// Whether a run takes at most one of two places.
fn exclusive(a: &[Step], b: &[Step]) -> bool {
    let differs = a.iter().any(|step| match step {
        Step::Branch(at, way) => {
            b.iter().any(|other| matches!(other, Step::Branch(other, its) if other == at && its != way))
        }
        _ => false,
    });
    differs || a.contains(&Step::Leaves)
}

struct Places<'c, 'a, 'u> {
    code: &'c Code<'a>,
    uses: &'u [Use],
    trail: Vec<Step>,
    trails: Vec<Vec<Step>>,
}

impl Places<'_, '_, '_> {
    fn inside(&mut self, step: Step, run: impl FnOnce(&mut Self)) {
        self.trail.push(step);
        run(self);
        self.trail.pop();
    }

    fn way(&mut self, around: Span, way: usize, leaves: bool, run: impl FnOnce(&mut Self)) {
        self.inside(Step::Branch(around, way), |places| match leaves {
            true => places.inside(Step::Leaves, run),
            false => run(places),
        });
    }
}

impl<'ast> Visit<'ast> for Places<'_, '_, '_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        let span = self.code.span(expr);
        for (at, used) in self.uses.iter().enumerate() {
            if used.call == span {
                self.trails[at] = self.trail.clone();
            }
        }
        match expr {
            Expr::If(branch) => {
                self.visit_expr(&branch.cond);
                self.way(span, 0, ends_by_leaving(&branch.then_branch), |it| {
                    it.visit_block(&branch.then_branch)
                });
                if let Some((_, otherwise)) = &branch.else_branch {
                    self.way(span, 1, false, |it| it.visit_expr(otherwise));
                }
            }
            Expr::Match(choice) => {
                self.visit_expr(&choice.expr);
                for (way, arm) in choice.arms.iter().enumerate() {
                    self.way(span, way, false, |it| it.visit_expr(&arm.body));
                }
            }
            Expr::Return(_) | Expr::Break(_) => self.inside(Step::Leaves, |it| visit::visit_expr(it, expr)),
            Expr::ForLoop(each) => {
                self.visit_expr(&each.expr);
                self.inside(Step::Loop(span), |it| it.visit_block(&each.body));
            }
            Expr::While(each) => self.inside(Step::Loop(span), |it| it.visit_block(&each.body)),
            Expr::Loop(each) => self.inside(Step::Loop(span), |it| it.visit_block(&each.body)),
            _ => visit::visit_expr(self, expr),
        }
    }
}

fn ends_by_leaving(block: &syn::Block) -> bool {
    matches!(
        block.stmts.last(),
        Some(syn::Stmt::Expr(Expr::Return(_) | Expr::Break(_) | Expr::Continue(_), _))
    )
}

/// Which names a unit binds, and which it changes after that.
struct Changes<'c, 'a> {
    code: &'c Code<'a>,
    names: Vec<String>,
    bound: Vec<(String, Span)>,
}

impl<'ast> Visit<'ast> for Changes<'_, '_> {
    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        self.bound.push((pat.ident.to_string(), self.code.span(&pat.ident)));
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let target = match expr {
            Expr::Assign(assign) => Some(&*assign.left),
            Expr::Binary(binary) if is_assigning(&binary.op) => Some(&*binary.left),
            Expr::Reference(inner) if inner.mutability.is_some() => Some(&*inner.expr),
            Expr::MethodCall(call) if changes(call) => Some(&*call.receiver),
            _ => None,
        };
        self.names.extend(target.and_then(first_name));
        visit::visit_expr(self, expr);
    }
}

fn is_assigning(op: &syn::BinOp) -> bool {
    use syn::BinOp::{
        AddAssign, BitAndAssign, BitOrAssign, BitXorAssign, MulAssign, ShlAssign, ShrAssign, SubAssign,
    };
    matches!(
        op,
        AddAssign(_)
            | SubAssign(_)
            | MulAssign(_)
            | BitXorAssign(_)
            | BitOrAssign(_)
            | BitAndAssign(_)
            | ShlAssign(_)
            | ShrAssign(_)
    )
}

/// Whether a method may change what it is called on: all but those known not to.
fn changes(call: &syn::ExprMethodCall) -> bool {
    const KEEP: &[&str] = &[
        "into", "as_ref", "as_slice", "clone", "to_vec", "to_owned", "len", "iter", "as_bytes", "to_bytes",
        "borrow", "deref", "copied", "cloned", "is_empty", "try_into", "unwrap", "expect", "get", "concat",
    ];
    !KEEP.iter().any(|name| call.method == name)
}

fn first_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        Expr::Index(index) => first_name(&index.expr),
        Expr::Field(field) => first_name(&field.base),
        Expr::Paren(inner) => first_name(&inner.expr),
        Expr::Reference(inner) => first_name(&inner.expr),
        Expr::Unary(inner) => first_name(&inner.expr),
        Expr::MethodCall(call) => first_name(&call.receiver),
        _ => None,
    }
}

/// `NonceSequence::advance` that gives the same nonce each time: it changes nothing and draws nothing.
fn unmoved_sequence(code: &Code<'_>, findings: &mut Findings) {
    let implements =
        code.owner().is_some_and(|owner| code.snippet(owner.header).contains("NonceSequence for"));
    let (true, Some(signature)) = (implements, code.signature()) else { return };
    let mut changes = Changes { code, names: Vec::new(), bound: Vec::new() };
    code.visit(&mut changes);
    let is_self = |expr: &Expr| matches!(expr, Expr::Path(path) if path.path.is_ident("self"));
    let is_drawn = |call: &Call<'_>| {
        let name = call.name.to_lowercase();
        ["fill", "random", "rand", "rng", "gen", "getrandom", "next", "now", "fetch_add"]
            .iter()
            .any(|word| name.contains(word))
    };
    // Whatever it changes may be what the nonce is made of.
    let moves = !changes.names.is_empty();
    let draws = code.calls().iter().any(is_drawn);
    // What a helper does with `self` is not known.
    let hands_on = code
        .calls()
        .iter()
        .any(|call| call.args.iter().any(|arg| is_self(arg)) || call.receiver.is_some_and(is_self));
    let made =
        code.calls().iter().any(|call| call.name.ends_with("assume_unique_for_key") || call.name == "from");
    if made && !moves && !draws && !hands_on {
        findings.at(code.span(&signature.ident), "this sequence gives the same nonce every time").help(HELP);
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn each_further_message_is_a_finding() {
        assert_eq!(
            crate::fixture::found(
                &LINT,
                "use aes_gcm::*;\nfn f(c: &Aes256Gcm, n: &Nonce) { c.encrypt(n, a); c.encrypt(n, b); c.encrypt(n, d); }"
            ),
            "2:61 `n` encrypts another message\n2:78 `n` encrypts another message"
        );
        // One that is drawn anew is another one, whatever its name.
        let twice = "let n = draw(); c.encrypt(&n, a); let n = draw(); c.encrypt(&n, a); c.encrypt(&n, b);";
        assert_eq!(
            crate::fixture::found(&LINT, &format!("use aes_gcm::*;\nfn f(c: &Aes256Gcm) {{\n{twice}\n}}")),
            "3:79 `n` encrypts another message"
        );
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use aes_gcm::{Aes256Gcm, aead::Aead};
                fn s(c: &Aes256Gcm, m: &[u8]) {
                    let out = c.encrypt(&[0u8; 12].into(), m);
                //~                     ^^^^^^^^^^^^^^^^^ this nonce is the same for every message
                //~             ------- encrypts with it
                }
            "#]],
            expect![[r#"
                use chacha20poly1305::{XChaCha20Poly1305, XNonce, aead::Aead};
                const N: &[u8; 24] = b"0123456789abcdef01234567";
                fn s(c: &XChaCha20Poly1305, m: &[u8]) {
                    let out = c.encrypt(XNonce::from_slice(N), m);
                //~                     ^^^^^^^^^^^^^^^^^^^^^ this nonce is the same for every message
                //~             ------- encrypts with it
                }
            "#]],
            expect![[r#"
                use aes_gcm::{
                    Aes256Gcm,
                    aead::{Aead, AeadCore, OsRng},
                };
                fn s(cipher: &Aes256Gcm, rows: &[Vec<u8>]) {
                    let nonce = Aes256Gcm::generate_nonce(&mut OsRng);
                //~     ----- set once, before the loop
                    for row in rows {
                        cipher.encrypt(&nonce, row.as_ref());
                //~                    ^^^^^^ `nonce` encrypts every message of this loop
                    }
                }
            "#]],
            expect![[r#"
                use aes_gcm::{
                    Aes256Gcm,
                    aead::{Aead, AeadCore, OsRng},
                };
                fn s(cipher: &Aes256Gcm, a: &[u8], b: &[u8]) {
                    let nonce = Aes256Gcm::generate_nonce(&mut OsRng);
                    let a = cipher.encrypt(&nonce, a);
                //~                        ------ the first is encrypted here
                    let b = cipher.encrypt(&nonce, b);
                //~                        ^^^^^^ `nonce` encrypts another message
                }
            "#]],
            expect![[r#"
                use ring::aead::{Aad, LessSafeKey, Nonce};
                fn s(key: &LessSafeKey, d: &mut Vec<u8>) {
                    let n = Nonce::assume_unique_for_key([0; 12]);
                //~                                      ^^^^^^^ this nonce is the same for every message
                //~                --------------------- encrypts with it
                    key.seal_in_place_append_tag(n, Aad::empty(), d);
                }
            "#]],
            expect![[r#"
                use ring::aead::{Nonce, NonceSequence};
                impl NonceSequence for Fixed {
                    fn advance(&mut self) -> Result<Nonce, ring::error::Unspecified> {
                //~    ^^^^^^^ this sequence gives the same nonce every time
                        Ok(Nonce::assume_unique_for_key([0u8; 12]))
                    }
                }
            "#]],
            expect![[r#"
                use ring::aead::{Nonce, NonceSequence};
                impl NonceSequence for Once {
                    fn advance(&mut self) -> Result<Nonce, ring::error::Unspecified> {
                //~    ^^^^^^^ this sequence gives the same nonce every time
                        Nonce::try_assume_unique_for_key(&self.nonce)
                    }
                }
            "#]],
            expect![[r#"
                use aes_gcm::{Aes256Gcm, Nonce, aead::Aead};
                fn send_with_retry(c: &Aes256Gcm, m: &[u8]) {
                    let out = c.encrypt(Nonce::from_slice(b"unique nonce"), m);
                //~                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: this nonce is the same for every message
                //~             ------- encrypts with it
                }
            "#]],
            expect![[r#"
                use aes_gcm::{Aes256Gcm, Nonce, aead::Aead};
                fn open_session(c: &Aes256Gcm, m: &[u8]) {
                    let out = c.encrypt(Nonce::from_slice(b"unique nonce"), m);
                //~                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: this nonce is the same for every message
                //~             ------- encrypts with it
                }
            "#]],
            expect![[r#"
                use openssl::symm::{Cipher, encrypt};
                fn e(k: &[u8], d: &[u8]) {
                    let iv = b"0123456789abcdef";
                    let c = encrypt(Cipher::aes_256_cbc(), k, Some(iv), d);
                //~                                           ^^^^^^^^ this nonce is the same for every message
                //~         ------- encrypts with it
                }
            "#]],
            expect![[r#"
                type Enc = cbc::Encryptor<aes::Aes128>;
                use cbc::cipher::KeyIvInit;
                fn e(k: &[u8; 16]) {
                    let c = Enc::new(k.into(), &[0u8; 16].into());
                //~                            ^^^^^^^^^^^^^^^^^ this nonce is the same for every message
                //~              --- encrypts with it
                }
            "#]],
            expect![[r#"
                use aes_gcm::{Aes256Gcm, aead::AeadInPlace};
                fn s(c: &Aes256Gcm, m: &mut Vec<u8>) {
                    let nonce = [7u8; 12];
                    c.encrypt_in_place(&nonce.into(), b"", m).unwrap();
                //~                    ^^^^^^^^^^^^^ this nonce is the same for every message
                //~   ---------------- encrypts with it
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "const NONCE: [u8; 12] = [0x46, 0x15, 0x99, 0xd3, 0x5d, 0x63, 0x2b, 0xf2, 0x23, 0x98, 0x25, 0xbb];\nuse aes_gcm::{aead::AeadInPlace, Aes128Gcm};\nfn tag(c: &Aes128Gcm, packet: &[u8]) { let tag = c.encrypt_in_place_detached(&NONCE.into(), packet, &mut []); }",
            "use aes_gcm::{aead::Aead, Aes256Gcm, Nonce};\nfn d(c: &Aes256Gcm, m: &[u8]) { let out = c.decrypt(Nonce::from_slice(b\"unique nonce\"), m); }",
            "use aes_gcm::{aead::{Aead, AeadCore, OsRng}, Aes256Gcm};\nfn s(cipher: &Aes256Gcm, rows: &[Vec<u8>]) { for row in rows { let nonce = Aes256Gcm::generate_nonce(&mut OsRng); cipher.encrypt(&nonce, row.as_ref()); } }",
            "use aes_gcm::{aead::{Aead, OsRng}, Aes256Gcm, KeyInit};\nfn s(m: &[u8]) { let key = Aes256Gcm::generate_key(OsRng); let c = Aes256Gcm::new(&key); c.encrypt(&[0u8; 12].into(), m); }",
            "use aes_gcm::{aead::Aead, Aes256Gcm};\nfn s(cipher: &Aes256Gcm, mut nonce: [u8; 12], rows: &[Vec<u8>]) { for row in rows { cipher.encrypt(&nonce.into(), row.as_ref()); nonce[0] += 1; } }",
            "use aes_gcm::{aead::Aead, Aes256Gcm};\nfn s(cipher: &Aes256Gcm, nonce: &[u8; 12], a: Option<&[u8]>) { match a { Some(a) => cipher.encrypt(nonce.into(), a), None => cipher.encrypt(nonce.into(), b\"\".as_ref()) }; }",
            "use aes_gcm::{aead::Aead, Aes256Gcm};\nfn s(cipher: &Aes256Gcm, nonce: &[u8; 12], a: &[u8]) -> R { if a.is_empty() { return cipher.encrypt(nonce.into(), b\"\".as_ref()); } cipher.encrypt(nonce.into(), a) }",
            "use aes_gcm::{aead::Aead, Aes256Gcm};\nuse rand::RngCore;\nfn s(c: &Aes256Gcm, m: &[u8]) { let mut nonce = [0u8; 12]; rand::rng().fill_bytes(&mut nonce); c.encrypt(&nonce.into(), m); }",
            "use ring::aead::{Nonce, NonceSequence};\nimpl NonceSequence for Counter { fn advance(&mut self) -> Result<Nonce, ring::error::Unspecified> { self.0 += 1; let mut n = [0; 12]; n[4..].copy_from_slice(&self.0.to_be_bytes()); Ok(Nonce::assume_unique_for_key(n)) } }",
            "use ring::aead::{Nonce, NonceSequence};\nimpl NonceSequence for Once { fn advance(&mut self) -> Result<Nonce, ring::error::Unspecified> { self.0.take().ok_or(ring::error::Unspecified) } }",
            "use openssl::symm::{Cipher, encrypt};\nfn e(k: &[u8], d: &[u8]) { let c = encrypt(Cipher::aes_256_cbc(), k, None, d); }",
            "fn e(ciphers: &[(Aes256Gcm, Vec<u8>)], nonce: &[u8; 12]) { for (cipher, m) in ciphers { cipher.encrypt(nonce.into(), m.as_ref()); } }",
        ]);
    }

    #[test]
    fn a_name_that_says_why_makes_it_less_certain() {
        LINT.sees([
            expect![[r#"
                use aes_gcm::{aead::Aead, Aes256Gcm, Nonce};
                fn retry(c: &Aes256Gcm, nonce: &Nonce<U12>, all: &[Vec<u8>]) {
                    let one = c.encrypt(nonce, b"one".as_ref());
                //~                     ----- the first is encrypted here
                    let two = c.encrypt(nonce, b"two".as_ref());
                //~                     ^^^^^ maybe: `nonce` encrypts another message
                }
            "#]],
            expect![[r#"
                use aes_gcm::{aead::Aead, Aes256Gcm, Nonce};
                fn retry(c: &Aes256Gcm, all: &[Vec<u8>]) {
                    let nonce = draw();
                //~     ----- set once, before the loop
                    for each in all {
                        let sealed = c.encrypt(&nonce, each.as_ref());
                //~                            ^^^^^^ maybe: `nonce` encrypts every message of this loop
                    }
                }
            "#]],
            expect![[r#"
                use aes_gcm_siv::{aead::Aead, Aes256GcmSiv, Nonce};
                fn seal(c: &Aes256GcmSiv, m: &[u8]) {
                    let sealed = c.encrypt(Nonce::from_slice(b"unique nonce"), m);
                //~                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: this nonce is the same for every message
                //~                ------- encrypts with it
                }
            "#]],
        ]);
    }
}
