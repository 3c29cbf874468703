use syn::{Expr, Pat};

use crate::derived::{self, Derived};
use crate::digests::{count, is_digest, is_pin, is_written_pin};
use crate::outline::ItemKind;
use crate::prelude::*;
use crate::syntax::Parsed;

declare_lint! {
    /// A certificate pin in source stops every deployed build on the day the certificate is renewed.
    ///
    /// A pin is the digest of a certificate or of its public key, compared with what the peer presents.
    /// Compiled in, it cannot follow a renewal: public certificates live 200 days at most (100 from March
    /// 2027, 47 from March 2029), and a key that has leaked has to go the same hour. The people cut off
    /// by a stale pin then ship a build that does not verify at all.
    ///
    /// ```rust,bad
    /// use std::sync::Arc;
    ///
    /// use rustls::client::WebPkiServerVerifier;
    /// use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
    /// use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    /// use sha2::{Digest, Sha256};
    ///
    /// const PIN: [u8; 32] = *include_bytes!("api.sha256");
    ///
    /// #[derive(Debug)]
    /// struct Pinned(Arc<WebPkiServerVerifier>);
    ///
    /// impl ServerCertVerifier for Pinned {
    ///     fn verify_server_cert(
    ///         &self,
    ///         end_entity: &CertificateDer<'_>,
    ///         intermediates: &[CertificateDer<'_>],
    ///         server_name: &ServerName<'_>,
    ///         ocsp_response: &[u8],
    ///         now: UnixTime,
    ///     ) -> Result<ServerCertVerified, rustls::Error> {
    ///         if Sha256::digest(end_entity.as_ref())[..] != PIN[..] {
    ///             return Err(rustls::Error::General("unknown certificate".into()));
    ///         }
    ///         self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    ///     }
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use std::collections::HashSet;
    /// use std::sync::Arc;
    ///
    /// use rustls::client::WebPkiServerVerifier;
    /// use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
    /// use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    /// use sha2::{Digest, Sha256};
    ///
    /// #[derive(Debug)]
    /// struct Pinned {
    ///     inner: Arc<WebPkiServerVerifier>,
    ///     /// Read from signed configuration at start and whenever that changes.
    ///     pins: HashSet<[u8; 32]>,
    /// }
    ///
    /// impl ServerCertVerifier for Pinned {
    ///     fn verify_server_cert(
    ///         &self,
    ///         end_entity: &CertificateDer<'_>,
    ///         intermediates: &[CertificateDer<'_>],
    ///         server_name: &ServerName<'_>,
    ///         ocsp_response: &[u8],
    ///         now: UnixTime,
    ///     ) -> Result<ServerCertVerified, rustls::Error> {
    ///         let digest: [u8; 32] = Sha256::digest(end_entity.as_ref()).into();
    ///         if !self.pins.contains(&digest) {
    ///             return Err(rustls::Error::General("unknown certificate".into()));
    ///         }
    ///         self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    ///     }
    /// }
    /// ```
    ///
    /// ## What to do
    /// Verify against the public authorities or one of your own, which is what renewals are made for.
    /// Where a pin is required, pin public keys rather than certificates, always with a backup key, and
    /// read the set from signed configuration that says until when it counts, so that it changes
    /// without a release.
    ///
    /// ## Known limits
    /// Pins that come from configuration, from pairing or from a first connection are not reported.
    /// Certificates embedded as the only roots that a client trusts are another matter. What is compared
    /// or made with a list of pins is one place.
    pub static LINT = {
        severity: Severity::High,
        cwe: &[324, 547, 671],
        triggers: &[
            "verify_server_cert",
            "verify_client_cert",
            "ServerCertVerifier",
            "ClientCertVerifier",
            "with_custom_certificate_verifier",
            "set_certificate_verifier",
            "with_client_cert_verifier",
            "tls_config_with_verifier",
            "CertificateDer",
            "X509Ref",
            "X509Certificate",
            "peer_certificate",
            "peer_certificates",
            "peer_cert_chain",
            "peer_certs",
            "set_verify_callback",
            "set_custom_verify_callback",
            "pinned_public_key",
            "sha256/",
            "sha1/",
        ],
        check: Check::Code(check),
    }
}

/// Where a verifier is put to use; whatever digest it is made with there is a pin.
const INSTALLS: &[&str] = &[
    "with_custom_certificate_verifier",
    "set_certificate_verifier",
    "with_client_cert_verifier",
    "tls_config_with_verifier",
];
const VERIFIERS: &[&str] = &["ServerCertVerifier", "ClientCertVerifier"];
/// What gives the certificates that the peer has presented.
const PRESENTED: &[&str] = &["peer_certificate", "peer_certificates", "peer_cert_chain", "peer_certs"];
/// What a verifier's callback is handed, as the last of its parameters.
const CALLBACKS: &[&str] = &["set_verify_callback", "set_custom_verify_callback"];
const TYPES: &[&str] = &["CertificateDer", "X509Ref", "X509Certificate", "X509", "rustls::Certificate"];

fn check(code: &Code<'_>, findings: &mut Findings) {
    written_pins(code, findings);
    if code.block().is_none() || is_raw_key_mode(code) {
        return;
    }
    let mut places = comparisons(code, &presented_names(code), true);
    places.extend(installations(code));
    places.sort_by_key(|place| place.at);
    places.dedup_by_key(|place| place.at);
    for place in places {
        report(code, &place, findings);
    }
    for call in code.calls().iter().filter(|call| call.is_method("pinned_public_key")) {
        if let [pins] = call.args[..]
            && let Some(value) = code.constant(pins)
            && !is_written_pin(&value)
        {
            report(
                code,
                &Place { at: call.span, pin: code.span(pins), elsewhere: None, value: Some(value) },
                findings,
            );
        }
    }
}

/// A pin that is fixed in source and what it is held against.
struct Place {
    /// The comparison, or the call that hands the pin over.
    at: Span,
    /// The pin as it is written there.
    pin: Span,
    /// Where it is fixed, when that is another place.
    elsewhere: Option<String>,
    value: Option<Constant>,
}

fn report(code: &Code<'_>, place: &Place, findings: &mut Findings) {
    let single = place.value.as_ref().is_some_and(|value| count(value) == 1);
    let whole = !["spki", "public_key", "subject_pki", "pinned_public_key"]
        .iter()
        .any(|word| code.snippet(code.outline().span).to_lowercase().contains(word));
    let finding = findings.at(
        place.at,
        "a certificate pin is compiled in: builds with it stop connecting when the certificate is renewed",
    );
    let mut what = match &place.elsewhere {
        Some(place) => format!("fixed in source, in {place}"),
        None => "fixed in source".to_owned(),
    };
    if single {
        what += ", without a backup";
    }
    finding.label(place.pin, what);
    finding.help(if whole {
        "verify against roots instead; a pin that must be is one of the public key, with a backup, read from signed configuration"
    } else {
        "verify against roots instead; a pin that must be has a backup and is read from signed configuration"
    });
}

/// The pin format that HTTP key pinning has made common says itself what it is.
fn written_pins(code: &Code<'_>, findings: &mut Findings) {
    for expr in code.exprs() {
        let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = expr else { continue };
        let value = Constant::Str(text.value().into());
        if is_written_pin(&value) {
            let span = code.span(*expr);
            findings
                .at(span, "a certificate pin is compiled in: builds with it stop connecting when the key is renewed")
                .help("verify against roots instead; a pin that must be has a backup and is read from signed configuration");
        }
    }
}

/// Whether the verifier is told to expect bare public keys: then the key is the identity itself.
fn is_raw_key_mode(code: &Code<'_>) -> bool {
    code.owner().is_some_and(|owner| code.snippet(owner.span).contains("requires_raw_public_keys"))
}

/// The parameters that hold what a peer presents.
fn presented_names(code: &Code<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for input in code.signature().iter().flat_map(|signature| &signature.inputs) {
        let syn::FnArg::Typed(input) = input else { continue };
        let ty = code.snippet(code.span(&*input.ty));
        let words: Vec<&str> = ty.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).collect();
        let fits = |word: &str| TYPES.iter().any(|ty| word == *ty || word.ends_with(&format!("::{ty}")));
        let verifies = matches!(code.name(), "verify_server_cert" | "verify_client_cert");
        if words.iter().any(|word| fits(word)) || (verifies && ty.contains("Certificate")) {
            names.extend(derived::bound(&input.pat));
        }
    }
    for call in code.calls() {
        if let Some(Expr::Closure(closure)) = call.args.last()
            && CALLBACKS.contains(&&*call.name)
        {
            names.extend(closure.inputs.last().into_iter().flat_map(derived::bound));
        }
    }
    names
}

/// Where something made from what the peer presents is compared with a pin.
fn comparisons<'a>(code: &Code<'a>, presented: &[String], follow: bool) -> Vec<Place> {
    let is_presented = |expr: &Expr| matches!(expr, Expr::MethodCall(call) if PRESENTED.iter().any(|name| call.method == name));
    let peer = Derived::of(code, presented.iter().cloned(), &is_presented);
    if !code.exprs().iter().any(|expr| peer.holds(expr)) {
        return Vec::new();
    }
    // What is fixed is asked of the whole unit once; what is made from it may lie behind `any(|pin| …)`.
    let fixed: Vec<(Span, Constant)> = code
        .exprs()
        .iter()
        .filter_map(|expr| Some((code.span(*expr), code.constant(expr).filter(is_pin)?)))
        .collect();
    let is_fixed = |expr: &Expr| fixed.iter().any(|(span, _)| *span == code.span(expr));
    let pins = Derived::of(code, [], &is_fixed);
    let value = |expr: &'a Expr| {
        let span = code.span(expr);
        let inside = fixed.iter().find(|(fixed, _)| span.contains(*fixed));
        inside.or_else(|| fixed.first().filter(|_| pins.holds(expr))).map(|(_, value)| value.clone())
    };
    let mut places = Vec::new();
    for (at, sides) in compared(code) {
        for (shown, expected) in [(sides[0], sides[1]), (sides[1], sides[0])] {
            if !peer.holds(shown) || peer.holds(expected) {
                continue;
            }
            let pin = code.span(expected);
            if pins.holds(expected) {
                places.push(Place { at, pin, elsewhere: None, value: value(expected) });
            } else if let Some((elsewhere, value)) = in_field(code, expected) {
                places.push(Place { at, pin, elsewhere: Some(elsewhere), value: Some(value) });
            }
        }
    }
    places.extend(matched(code, &peer));
    if follow {
        places.extend(in_helpers(code, &peer));
    }
    places.retain(|place| !place.value.as_ref().is_some_and(is_written_pin));
    places
}

/// The two sides of everything in a unit that compares.
fn compared<'a>(code: &Code<'a>) -> Vec<(Span, [&'a Expr; 2])> {
    const METHODS: &[&str] = &[
        "eq",
        "ne",
        "ct_eq",
        "ct_ne",
        "contains",
        "contains_key",
        "eq_ignore_ascii_case",
        "any",
        "all",
        "get",
        "position",
        "starts_with",
    ];
    const FUNCTIONS: &[&str] = &[
        "constant_time_eq",
        "constant_time_eq_32",
        "verify_slices_are_equal",
        "fixed_time_eq",
        "eq",
        "memeq",
        "ct_eq",
        "compare",
        "fingerprints_match",
    ];
    let mut found = Vec::new();
    for expr in code.exprs() {
        match expr {
            Expr::Binary(binary) if matches!(binary.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_)) => {
                found.push((code.span(*expr), [&*binary.left, &*binary.right]));
            }
            Expr::MethodCall(call) if METHODS.iter().any(|name| call.method == name) => {
                // `any(|pin| pin == digest)` is found by the comparison inside it.
                if let Some(other) = call.args.first().filter(|arg| !matches!(arg, Expr::Closure(_))) {
                    found.push((code.span(*expr), [&*call.receiver, other]));
                }
            }
            Expr::Call(call) if call.args.len() == 2 => {
                let Expr::Path(function) = &*call.func else { continue };
                if function
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| FUNCTIONS.iter().any(|name| last.ident == name))
                {
                    found.push((code.span(*expr), [&call.args[0], &call.args[1]]));
                }
            }
            _ => {}
        }
    }
    for call in code.macros() {
        let name = call.name();
        let compares = ["assert_eq", "assert_ne", "matches"].iter().any(|known| name == *known);
        if let [left, right, ..] = &call.expansion.args[..]
            && compares
        {
            found.push((call.span, [&left.expr, &right.expr]));
        }
    }
    found
}

/// `match digest { PIN => …, "ab…" => … }`.
fn matched(code: &Code<'_>, peer: &Derived<'_>) -> Vec<Place> {
    let mut places = Vec::new();
    for expr in code.exprs() {
        let Expr::Match(choice) = expr else { continue };
        if !peer.holds(&choice.expr) {
            continue;
        }
        for pat in choice.arms.iter().flat_map(|arm| alternatives(&arm.pat)) {
            if let Some(value) = pattern_value(code, pat).filter(is_pin) {
                places.push(Place {
                    at: code.span(pat),
                    pin: code.span(pat),
                    elsewhere: None,
                    value: Some(value),
                });
            }
        }
    }
    places
}

fn alternatives(pat: &Pat) -> Vec<&Pat> {
    match pat {
        Pat::Or(or) => or.cases.iter().flat_map(alternatives).collect(),
        Pat::Guard(guarded) => alternatives(&guarded.pat),
        Pat::Paren(inner) => alternatives(&inner.pat),
        Pat::Reference(inner) => alternatives(&inner.pat),
        Pat::TupleStruct(outer) => outer.elems.iter().flat_map(alternatives).collect(),
        other => vec![other],
    }
}

fn pattern_value(code: &Code<'_>, pat: &Pat) -> Option<Constant> {
    match pat {
        Pat::Lit(lit) => match &lit.lit {
            syn::Lit::Str(text) => Some(Constant::Str(text.value().into())),
            syn::Lit::ByteStr(bytes) => Some(Constant::Bytes(bytes.value().into())),
            _ => None,
        },
        Pat::Ident(name) => code.names.constant(&code.resolve(&name.ident.clone().into())?),
        Pat::Path(path) => code.names.constant(&code.resolve(&path.path)?),
        _ => None,
    }
}

/// A helper of the same file that is given what the peer presents, and compares that.
fn in_helpers(code: &Code<'_>, peer: &Derived<'_>) -> Vec<Place> {
    let mut places = Vec::new();
    for call in code.calls() {
        let given: Vec<usize> = (0..call.args.len()).filter(|at| peer.holds(call.args[*at])).collect();
        if given.is_empty() {
            continue;
        }
        let Some(item) = helper(code, call) else { continue };
        let outline = &code.file.outline.items[item as usize];
        let text = code.snippet(outline.span);
        // One that names a certificate itself is looked at by itself.
        if LINT.triggers.iter().any(|trigger| text.contains(trigger)) {
            continue;
        }
        let found = elsewhere(code, item, |helper| {
            let names = helper.signature().into_iter().flat_map(|signature| {
                let typed = signature.inputs.iter().filter_map(|input| match input {
                    syn::FnArg::Typed(input) => Some(derived::bound(&input.pat)),
                    syn::FnArg::Receiver(_) => None,
                });
                typed
                    .enumerate()
                    .filter(|(at, _)| given.contains(at))
                    .flat_map(|(_, names)| names)
                    .collect::<Vec<_>>()
            });
            // A helper that calls on is not followed: one step is what people write.
            comparisons(helper, &names.collect::<Vec<_>>(), false)
        });
        places.extend(found.into_iter().flatten());
    }
    places
}

/// The function of the same file that a call leads to.
fn helper(code: &Code<'_>, call: &Call<'_>) -> Option<u32> {
    let outline = &code.file.outline;
    let on_self = matches!(call.receiver, Some(Expr::Path(path)) if path.path.is_ident("self"));
    let free = call.kind == CallKind::Path;
    if !on_self && !free {
        return None;
    }
    (0u32..)
        .zip(&outline.items)
        .find(|(number, item)| {
            item.kind == ItemKind::Fn
                && *number != code.item
                && code.snippet(item.name) == call.name
                && !item.test
        })
        .map(|(number, _)| number)
}

/// Looks at another unit of the same file.
fn elsewhere<R>(code: &Code<'_>, item: u32, look: impl FnOnce(&Code<'_>) -> R) -> Option<R> {
    let outline = &code.file.outline.items[item as usize];
    let parent = outline.parent.map(|parent| code.file.outline.items[parent as usize].kind);
    let parsed = Parsed::new(&code.file.text, outline, parent).ok()?;
    Some(look(&Code::new(code.package, code.file, item, code.names, &parsed)))
}

/// The pin that `self.field` is made with, where this file says it: in a literal of the verifier, or
/// in a call of its constructor. Constructors called where the verifier is installed are found there.
fn in_field<'a>(code: &Code<'a>, expected: &'a Expr) -> Option<(String, Constant)> {
    let field = self_field(expected).or_else(|| self_field(derived::source(code, expected)?))?;
    let owner = code.owner()?;
    let header = code.snippet(owner.header);
    let ty = header.rsplit_once(" for ").map_or(header.trim_start_matches("impl "), |(_, ty)| ty);
    let ty =
        ty.trim().split(|c: char| !(c.is_alphanumeric() || c == '_')).next().filter(|ty| !ty.is_empty())?;
    let items = (0u32..).zip(&code.file.outline.items);
    for (number, item) in items {
        let text = code.snippet(item.span);
        let wanted = matches!(item.kind, ItemKind::Fn | ItemKind::Const | ItemKind::Static)
            && number != code.item
            && !item.test
            && (text.contains(ty) || text.contains("Self"))
            && !INSTALLS.iter().any(|name| text.contains(name));
        if !wanted {
            continue;
        }
        let found = elsewhere(code, number, |unit| made_with(unit, ty, &field)).flatten();
        if let Some(value) = found {
            return Some((format!("`{}`", code.snippet(item.name)), value));
        }
    }
    None
}

/// `self.field`, through what is done to it on the way.
fn self_field(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Field(field) => match (&*field.base, &field.member) {
            (Expr::Path(base), member) if base.path.is_ident("self") => Some(match member {
                syn::Member::Named(name) => name.to_string(),
                syn::Member::Unnamed(index) => index.index.to_string(),
            }),
            (base, _) => self_field(base),
        },
        Expr::MethodCall(call) => self_field(&call.receiver),
        Expr::Reference(inner) => self_field(&inner.expr),
        Expr::Unary(inner) => self_field(&inner.expr),
        Expr::Index(index) => self_field(&index.expr),
        Expr::Paren(inner) => self_field(&inner.expr),
        _ => None,
    }
}

/// The pin that a unit makes a value of the type with.
fn made_with(unit: &Code<'_>, ty: &str, field: &str) -> Option<Constant> {
    let in_impl = unit.owner().is_some_and(|owner| {
        let header = unit.snippet(owner.header);
        header.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == ty)
    });
    let is_it = |path: &syn::Path, from_end: usize| {
        let segment = path.segments.iter().rev().nth(from_end);
        segment.is_some_and(|segment| segment.ident == ty || (in_impl && segment.ident == "Self"))
    };
    for expr in unit.exprs() {
        match expr {
            Expr::Struct(literal) if is_it(&literal.path, 0) => {
                let given = literal.fields.iter().find(|given| match &given.member {
                    syn::Member::Named(name) => name == field,
                    syn::Member::Unnamed(index) => index.index.to_string() == field,
                });
                if let Some(value) = given.and_then(|given| pin_in(unit, &given.expr)) {
                    return Some(value);
                }
            }
            Expr::Call(call) => {
                let Expr::Path(function) = &*call.func else { continue };
                let makes = is_it(&function.path, 0)
                    || (is_it(&function.path, 1) && function.path.segments.len() > 1);
                if makes && let Some(value) = call.args.iter().find_map(|arg| pin_in(unit, arg)) {
                    return Some(value);
                }
            }
            _ => {}
        }
    }
    None
}

/// The digest that an expression, or a part of it, is fixed to.
fn pin_in<'a>(code: &Code<'a>, expr: &'a Expr) -> Option<Constant> {
    let within = code.span(expr);
    let parts = code.exprs().iter().filter(|part| within.contains(code.span(**part)));
    parts.into_iter().find_map(|part| code.constant(part).filter(is_digest))
}

/// Where a verifier is made with a digest on its way into a configuration, or as what a function
/// returns.
fn installations(code: &Code<'_>) -> Vec<Place> {
    let mut places = Vec::new();
    for call in code.calls().iter().filter(|call| INSTALLS.contains(&&*call.name)) {
        let Some(verifier) = call.args.last() else { continue };
        let made = derived::source(code, verifier).unwrap_or(verifier);
        if let Some(value) = pin_in(code, made).filter(|value| !is_written_pin(value)) {
            places.push(Place {
                at: call.name_span,
                pin: code.span(made),
                elsewhere: None,
                value: Some(value),
            });
        }
    }
    let output = code.signature().map(|signature| code.span(&signature.output));
    let makes_verifier =
        output.is_some_and(|output| VERIFIERS.iter().any(|name| code.snippet(output).contains(name)));
    if makes_verifier && places.is_empty() {
        for call in code.calls().iter().filter(|call| call.kind == CallKind::Path) {
            let makes = call.name.starts_with(|c: char| c.is_uppercase())
                || matches!(&*call.name, "new" | "from" | "with_pin" | "with_pins");
            if let Some(value) = call.args.iter().find_map(|arg| code.constant(arg).filter(is_digest))
                && makes
                && !is_written_pin(&value)
            {
                // What the verifier is made with is made with the same pin.
                if !places.iter().any(|place: &Place| place.at.contains(call.span)) {
                    places.push(Place { at: call.span, pin: call.span, elsewhere: None, value: Some(value) });
                }
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::LINT;

    const HEX: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90";

    /// A verifier with this body; `PIN` is a constant of the file.
    fn verifier(body: &str) -> String {
        format!(
            "use rustls::client::danger::*; use sha2::{{Digest, Sha256}};\nconst PIN: &str = \"{HEX}\";\n\
             impl ServerCertVerifier for V {{\n    fn verify_server_cert(&self, end_entity: &CertificateDer<'_>, \
             intermediates: &[CertificateDer<'_>], name: &ServerName<'_>, ocsp: &[u8], now: UnixTime) \
             -> Result<ServerCertVerified, Error> {{\n{body}\n    }}\n}}\n"
        )
    }

    #[track_caller]
    fn holds(bad: &[String], good: &[String]) {
        LINT.holds(
            &bad.iter().map(String::as_str).collect::<Vec<_>>(),
            &good.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }

    #[test]
    fn pins_in_verifiers() {
        let bytes = format!("{:?}", [7u8; 31].iter().chain(&[8]).collect::<Vec<_>>());
        let bad = [
            "let fp = hex::encode(Sha256::digest(end_entity)); if fp != PIN { return Err(e()); } Ok(ok())".to_owned(),
            "let fp = hex::encode(Sha256::digest(end_entity.as_ref())); if !PIN.eq_ignore_ascii_case(&fp) { return Err(e()); } Ok(ok())".to_owned(),
            format!("const PINS: &[&str] = &[\"{HEX}\"]; let fp = hex::encode(Sha256::digest(end_entity)); if PINS.contains(&fp.as_str()) {{ Ok(ok()) }} else {{ Err(e()) }}"),
            format!("let mut h = Sha256::new(); h.update(end_entity.as_ref()); let fp = h.finalize(); const P: [u8; 32] = {bytes}; if fp.as_slice() == P {{ Ok(ok()) }} else {{ Err(e()) }}"),
            "let want = hex::decode(PIN).unwrap(); let d = ring::digest::digest(&ring::digest::SHA256, end_entity.as_ref()); if ring::constant_time::verify_slices_are_equal(d.as_ref(), &want).is_err() { return Err(e()); } Ok(ok())".to_owned(),
            "let (_, cert) = X509Certificate::from_der(end_entity)?; let spki = Sha256::digest(cert.public_key().raw); match hex::encode(spki).as_str() { PIN => Ok(ok()), _ => Err(e()) }".to_owned(),
            "for cert in std::iter::once(end_entity).chain(intermediates) { let d = hex::encode(Sha256::digest(cert)); if d == PIN { return Ok(ok()); } } Err(e())".to_owned(),
            "if end_entity.as_ref() == include_bytes!(\"server.der\") { Ok(ok()) } else { Err(e()) }".to_owned(),
            format!("let fp = hex::encode(Sha256::digest(end_entity)); if [\"{HEX}\"].iter().any(|pin| *pin == fp) {{ Ok(ok()) }} else {{ Err(e()) }}"),
            format!("let fp = hex::encode(Sha256::digest(end_entity)); if matches!(fp.as_str(), \"{HEX}\") {{ Ok(ok()) }} else {{ Err(e()) }}"),
        ]
        .map(|body| verifier(&body));
        let good = [
            "let fp = hex::encode(Sha256::digest(end_entity)); if fp != self.pin { return Err(e()); } Ok(ok())",
            "let fp = hex::encode(Sha256::digest(end_entity)); if !self.pins.iter().any(|pin| *pin == fp) { return Err(e()); } Ok(ok())",
            "let want = std::env::var(\"API_PIN\").unwrap(); if hex::encode(Sha256::digest(end_entity)) != want { return Err(e()); } Ok(ok())",
            "if end_entity.as_ref().len() > 65536 { return Err(e()); } self.0.verify_server_cert(end_entity, intermediates, name, ocsp, now)",
            "let (_, cert) = X509Certificate::from_der(end_entity)?; if cert.subject().to_string() != \"CN=api\" { return Err(e()); } Ok(ok())",
            "let seen = self.store.lock().unwrap().insert(Sha256::digest(end_entity)); if !seen { return Err(e()); } Ok(ok())",
        ]
        .map(verifier);
        holds(&bad, &good);
    }

    #[test]
    fn pins_that_come_through_fields_helpers_and_constructors() {
        let compares =
            verifier("if hex::encode(Sha256::digest(end_entity)) != self.pin { return Err(e()); } Ok(ok())");
        let any = verifier(
            "let d = hex::encode(Sha256::digest(end_entity)); if self.pins.iter().any(|p| p == &d) { Ok(ok()) } else { Err(e()) }",
        );
        let helped = verifier("if !known(end_entity.as_ref()) { return Err(e()); } Ok(ok())");
        let bad = [
            format!("{compares}impl V {{ fn new() -> Self {{ Self {{ pin: PIN.to_string() }} }} }}"),
            format!(
                "{compares}impl V {{ fn new(pin: String) -> Self {{ Self {{ pin }} }} }}\nfn make() -> V {{ V::new(PIN.into()) }}"
            ),
            format!(
                "{any}impl Default for V {{ fn default() -> Self {{ V {{ pins: vec![PIN.to_owned()] }} }} }}"
            ),
            format!("{helped}fn known(der: &[u8]) -> bool {{ hex::encode(Sha256::digest(der)) == PIN }}"),
            format!(
                "fn config() -> rustls::ClientConfig {{ rustls::ClientConfig::builder().dangerous().with_custom_certificate_verifier(std::sync::Arc::new(Pinned::new(\"{HEX}\"))).with_no_client_auth() }}"
            ),
            format!(
                "const PINS: [&str; 2] = [\"{HEX}\", \"{HEX}\"];\nfn config(c: &mut rustls::ClientConfig) {{ let v = Pinned {{ pins: PINS.to_vec() }}; c.dangerous().set_certificate_verifier(std::sync::Arc::new(v)); }}"
            ),
            format!(
                "fn verifier() -> std::sync::Arc<dyn rustls::client::danger::ServerCertVerifier> {{ std::sync::Arc::new(Pinned::new(\"{HEX}\")) }}"
            ),
        ];
        let good = [
            format!("{compares}impl V {{ fn new(pin: String) -> Self {{ Self {{ pin }} }} }}\nfn make(c: &Config) -> V {{ V::new(c.pin.clone()) }}"),
            format!("{any}impl V {{ fn new(pins: Vec<String>) -> Self {{ V {{ pins }} }} }}"),
            format!("{compares}#[cfg(test)] mod tests {{ fn v() -> super::V {{ super::V {{ pin: \"{HEX}\".into() }} }} }}"),
            "fn config(r: rustls::RootCertStore) { rustls::ClientConfig::builder().dangerous().with_custom_certificate_verifier(std::sync::Arc::new(Logged::new(r))); }".to_owned(),
            "const ROOTS: &[u8] = include_bytes!(\"roots.pem\");\nfn v() -> std::sync::Arc<dyn rustls::client::danger::ServerCertVerifier> { webpki(ROOTS) }".to_owned(),
        ];
        holds(&bad, &good);
    }

    #[test]
    fn pins_of_other_libraries() {
        let bad = [
            "fn c(easy: &mut curl::easy::Easy) { easy.pinned_public_key(\"sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=\").unwrap(); }".to_owned(),
            "fn c(easy: &mut curl::easy::Easy) { easy.pinned_public_key(\"server.pub\").unwrap(); }".to_owned(),
            "static PINS: &[&str] = &[\"sha256/YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=\"];".to_owned(),
            format!("use openssl::{{hash::MessageDigest, ssl::*}};\nfn c(b: &mut SslConnectorBuilder) {{ b.set_verify_callback(SslVerifyMode::PEER, |ok, ctx| {{ let d = ctx.current_cert().unwrap().digest(MessageDigest::sha256()).unwrap(); ok && hex::encode(d) == \"{HEX}\" }}); }}"),
            format!("fn c(s: &native_tls::TlsStream<T>) -> bool {{ let cert = s.peer_certificate().unwrap().unwrap(); let d = sha256::digest(cert.to_der().unwrap()); d == \"{HEX}\" }}"),
            format!("fn c(conn: &rustls::ClientConnection) {{ let certs = conn.peer_certificates().unwrap(); let d = blake3::hash(&certs[0]); assert_eq!(d.to_hex().as_str(), \"{HEX}\"); }}"),
            format!("fn pinned(cert: &openssl::x509::X509Ref) -> bool {{ let d = cert.digest(openssl::hash::MessageDigest::sha256()).unwrap(); openssl::memcmp::eq(&d, &hex_literal::hex!(\"{HEX}\")) }}"),
        ];
        let good = [
            "fn c(easy: &mut curl::easy::Easy, pin: &str) { easy.pinned_public_key(pin).unwrap(); }".to_owned(),
            "const IMAGE: &str = \"ubuntu@sha256:9b1702dcfe32c873a770a32cfd306dd7fc1c4fd134adfb783db68defc8894b3c\";".to_owned(),
            format!("fn c(cert: &openssl::x509::X509Ref, bytes: &[u8]) -> bool {{ let s = cert.subject_name(); sha256::digest(bytes) == \"{HEX}\" }}"),
            "/// Use `sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=`.\nfn help() -> &'static str { \"such as sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE=\" }".to_owned(),
            "fn path(d: &str) -> String { format!(\"blobs/sha256/{d}\") }".to_owned(),
            "fn c(s: &native_tls::TlsStream<T>, known: &str) -> bool { hex::encode(s.peer_certificate().unwrap().unwrap().to_der().unwrap()) == known }".to_owned(),
        ];
        holds(&bad, &good);
    }
}
