use syn::Expr;
use syn::visit::{self, Visit};

use crate::derived::{self, Derived};
use crate::prelude::*;

declare_lint! {
    /// A certificate verifier accepts every certificate, so anyone on the path can pose as the peer.
    ///
    /// rustls asks a `ServerCertVerifier` (or `ClientCertVerifier`) whether to trust a peer. One that can
    /// only say yes, that turns every no of another verifier into a yes, or that trusts the very
    /// certificate it was shown leaves a connection that is encrypted to whoever answers.
    ///
    /// ```rust,bad
    /// use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
    /// use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    ///
    /// #[derive(Debug)]
    /// struct AcceptAll;
    ///
    /// impl ServerCertVerifier for AcceptAll {
    ///     fn verify_server_cert(
    ///         &self,
    ///         _end_entity: &CertificateDer<'_>,
    ///         _intermediates: &[CertificateDer<'_>],
    ///         _server_name: &ServerName<'_>,
    ///         _ocsp_response: &[u8],
    ///         _now: UnixTime,
    ///     ) -> Result<ServerCertVerified, rustls::Error> {
    ///         Ok(ServerCertVerified::assertion())
    ///     }
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use std::sync::Arc;
    ///
    /// use rustls::client::WebPkiServerVerifier;
    /// use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
    /// use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    ///
    /// #[derive(Debug)]
    /// struct Logged(Arc<WebPkiServerVerifier>);
    ///
    /// impl ServerCertVerifier for Logged {
    ///     fn verify_server_cert(
    ///         &self,
    ///         end_entity: &CertificateDer<'_>,
    ///         intermediates: &[CertificateDer<'_>],
    ///         server_name: &ServerName<'_>,
    ///         ocsp_response: &[u8],
    ///         now: UnixTime,
    ///     ) -> Result<ServerCertVerified, rustls::Error> {
    ///         self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    ///     }
    /// }
    /// ```
    ///
    /// ## What to do
    /// Let `rustls::client::WebPkiServerVerifier` with the roots you trust, or `rustls_platform_verifier`,
    /// decide, hand on its errors, and only add checks of your own to it.
    ///
    /// ## Known limits
    /// A verifier whose checks are in functions that it calls is trusted to check. One that exists only
    /// under a feature called `dangerous` or `insecure`, or in debug builds, is not reported. One that
    /// accepts everything is one place: nothing can make it worse.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[295, 297],
        triggers: &["verify_server_cert", "verify_client_cert"],
        check: Check::Code(check),
    }
}

const TRAITS: &[&str] = &["ServerCertVerifier", "ClientCertVerifier"];
const HELP: &str =
    "let `rustls::client::WebPkiServerVerifier` decide and hand on its errors; add only checks on top";

fn check(code: &Code<'_>, findings: &mut Findings) {
    let Some((name, block)) = verification(code) else { return };
    let Some(signature) = code.signature() else { return };
    let outcomes = Outcomes::of(block);
    let at = code.span(&signature.ident);
    if outcomes.only_accepts() {
        let finding =
            findings.at(at, format!("this verifier accepts every certificate: `{name}` can only succeed"));
        if let Some(success) = outcomes.results.first() {
            finding.label(code.span(*success), "whatever the certificate is");
        }
        finding.help(HELP);
        return;
    }
    for arm in forgiving_arms(block) {
        findings
            .at(
                code.span(&arm.pat),
                "this verifier accepts certificates that no trusted authority has signed",
            )
            .label(code.span(&*arm.body), "the error becomes a success")
            .help(HELP);
    }
    let certificates = signature.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(input) if code.snippet(code.span(&*input.ty)).contains("Certificate") => {
            Some(derived::bound(&input.pat))
        }
        _ => None,
    });
    let presented = Derived::of(code, certificates.flatten(), &|_| false);
    for call in code.calls() {
        let adds =
            matches!(call.name.as_str(), "add" | "add_parsable_certificates" | "add_server_trust_anchors");
        if adds && call.kind == CallKind::Method && call.args.iter().any(|arg| presented.holds(arg)) {
            findings
                .at(call.span, "this verifier trusts the certificate that the peer presents")
                .primary("every certificate is signed by itself, or by what comes with it")
                .help(HELP);
        }
    }
}

/// The name and body of a verifier's decision, where the unit is one.
fn verification<'a>(code: &Code<'a>) -> Option<(&'a str, &'a syn::Block)> {
    let name = code.name();
    if !matches!(name, "verify_server_cert" | "verify_client_cert") {
        return None;
    }
    let owner = code.owner()?;
    let header = code.snippet(owner.header);
    let implements = TRAITS.iter().any(|name| header.contains(name)) && header.contains(" for ");
    (implements && !is_marked(code)).then_some((name, code.block()?))
}

/// Whether the verifier, or a module around it, is compiled only under a feature that says what it
/// is, or only for debugging.
fn is_marked(code: &Code<'_>) -> bool {
    let outline = &code.file.outline;
    outline.ancestors(code.item).any(|item| {
        outline.attributes(item, &code.file.text).any(|attribute| {
            let text: String = code.snippet(attribute.span).chars().filter(|c| !c.is_whitespace()).collect();
            let condition = text.starts_with("#[cfg(") && !text.starts_with("#[cfg(not(");
            let marked = ["danger", "insecure", "debug_assertions"].iter().any(|mark| text.contains(mark));
            condition && marked
        })
    })
}

/// How a function may end.
#[derive(Default)]
struct Outcomes<'a> {
    /// What it returns.
    results: Vec<&'a Expr>,
    /// Whether it may fail another way: `?`, `unwrap`, `panic!`.
    may_stop: bool,
}

impl<'a> Outcomes<'a> {
    fn of(block: &'a syn::Block) -> Outcomes<'a> {
        let mut outcomes = Outcomes::default();
        outcomes.visit_block(block);
        last(block, &mut outcomes.results);
        outcomes
    }

    fn only_accepts(&self) -> bool {
        !self.may_stop && !self.results.is_empty() && self.results.iter().all(|result| is_success(result))
    }
}

impl<'a> Visit<'a> for Outcomes<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Return(result) => {
                if let Some(result) = &result.expr {
                    leaves(result, &mut self.results);
                }
            }
            Expr::Try(tried) => self.may_stop |= !is_beside_the_point(&tried.expr),
            Expr::MethodCall(call) if call.method == "unwrap" || call.method == "expect" => {
                self.may_stop |= !is_beside_the_point(&call.receiver);
            }
            // What a closure returns is not what the function returns.
            Expr::Closure(_) | Expr::Async(_) => return,
            _ => {}
        }
        visit::visit_expr(self, expr);
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        const STOPS: &[&str] = &[
            "panic",
            "assert",
            "assert_eq",
            "assert_ne",
            "bail",
            "ensure",
            "unimplemented",
            "todo",
            "unreachable",
        ];
        let name = call.path.segments.last().map(|segment| segment.ident.to_string());
        self.may_stop |= name.is_some_and(|name| STOPS.contains(&&*name));
    }

    fn visit_item(&mut self, _: &'a syn::Item) {}
}

/// Whether a failure here says nothing about trust: a lock, or a certificate that cannot be parsed.
fn is_beside_the_point(expr: &Expr) -> bool {
    const LOCKS: &[&str] = &["lock", "read", "write", "borrow_mut", "send"];
    const PARSERS: &[&str] =
        &["from_der", "parse_x509_certificate", "try_from", "from_pem", "duration_since"];
    match expr {
        Expr::MethodCall(call) => {
            let hands_on = ["map_err", "ok", "ok_or", "ok_or_else", "context", "with_context", "or_else"];
            let name = call.method.to_string();
            LOCKS.contains(&&*name) || (hands_on.contains(&&*name) && is_beside_the_point(&call.receiver))
        }
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => {
                path.path.segments.last().is_some_and(|last| PARSERS.iter().any(|name| last.ident == name))
            }
            _ => false,
        },
        Expr::Await(inner) => is_beside_the_point(&inner.base),
        Expr::Paren(inner) => is_beside_the_point(&inner.expr),
        _ => false,
    }
}

fn last<'a>(block: &'a syn::Block, results: &mut Vec<&'a Expr>) {
    if let Some(syn::Stmt::Expr(expr, None)) = block.stmts.last() {
        leaves(expr, results);
    }
}

/// The expressions that one expression may give, through its branches.
fn leaves<'a>(expr: &'a Expr, results: &mut Vec<&'a Expr>) {
    match expr {
        Expr::If(branch) => {
            last(&branch.then_branch, results);
            if let Some((_, otherwise)) = &branch.else_branch {
                leaves(otherwise, results);
            }
        }
        Expr::Match(choice) => choice.arms.iter().for_each(|arm| leaves(&arm.body, results)),
        Expr::Block(inner) => last(&inner.block, results),
        Expr::Unsafe(inner) => last(&inner.block, results),
        Expr::Paren(inner) => leaves(&inner.expr, results),
        // Returns and macros are looked at where the whole body is.
        Expr::Return(_) | Expr::Macro(_) => {}
        other => results.push(other),
    }
}

/// `Ok(…)`, or what turns every error into it.
fn is_success(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => {
            matches!(&*call.func, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Ok"))
        }
        Expr::MethodCall(call) if call.method == "or" => call.args.first().is_some_and(is_success),
        Expr::MethodCall(call) if call.method == "or_else" => match call.args.first() {
            Some(Expr::Closure(closure)) => {
                let mut results = Vec::new();
                leaves(&closure.body, &mut results);
                !results.is_empty() && results.iter().all(|result| is_success(result))
            }
            _ => false,
        },
        _ => false,
    }
}

/// The arms of the match that a body ends with which forgive an error that says the certificate is
/// not to be trusted. What is checked before that match may be all that matters, so a body with
/// other branches is left alone.
fn forgiving_arms(block: &syn::Block) -> Vec<&syn::Arm> {
    let Some((end, before)) = block.stmts.split_last() else { return Vec::new() };
    let syn::Stmt::Expr(Expr::Match(choice), None) = end else { return Vec::new() };
    if !before.iter().all(|stmt| matches!(stmt, syn::Stmt::Local(_) | syn::Stmt::Macro(_))) {
        return Vec::new();
    }
    let forgiving = choice.arms.iter().filter(|arm| {
        let mut results = Vec::new();
        leaves(&arm.body, &mut results);
        let accepts = matches!(results[..], [result] if is_success(result)) && !has_branches(&arm.body);
        accepts && forgives(&arm.pat)
    });
    forgiving.collect()
}

fn has_branches(expr: &Expr) -> bool {
    #[derive(Default)]
    struct Branches(bool);
    impl<'ast> Visit<'ast> for Branches {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            self.0 |= matches!(expr, Expr::If(_) | Expr::Match(_) | Expr::Try(_));
            visit::visit_expr(self, expr);
        }
    }
    let mut branches = Branches::default();
    branches.visit_expr(expr);
    branches.0
}

/// `Err(_)`, `Err(Error::InvalidCertificate(_))` or `…(CertificateError::UnknownIssuer)`.
fn forgives(pat: &syn::Pat) -> bool {
    use syn::Pat;
    let called = |path: &syn::Path, name: &str| path.segments.last().is_some_and(|last| last.ident == name);
    match pat {
        Pat::TupleStruct(outer) if called(&outer.path, "Err") => {
            outer.elems.first().is_some_and(|inner| match inner {
                Pat::Wild(_) => true,
                Pat::Ident(bound) => bound.subpat.as_ref().is_some_and(|(_, inner)| forgives(inner)),
                inner => forgives(inner),
            })
        }
        Pat::TupleStruct(error) if called(&error.path, "InvalidCertificate") => error
            .elems
            .first()
            .is_some_and(|inner| matches!(inner, Pat::Wild(_) | Pat::Rest(_)) || forgives(inner)),
        Pat::Path(path) => {
            ["UnknownIssuer", "BadSignature", "Revoked"].iter().any(|name| called(&path.path, name))
        }
        Pat::Or(or) => or.cases.iter().any(forgives),
        Pat::Paren(inner) => forgives(&inner.pat),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::LINT;

    fn verifier(body: &str) -> String {
        format!(
            "use rustls::client::danger::*; use rustls::{{Error, CertificateError}};\n\
             impl ServerCertVerifier for V {{\n    fn verify_server_cert(&self, end_entity: &CertificateDer<'_>, \
             intermediates: &[CertificateDer<'_>], name: &ServerName<'_>, ocsp: &[u8], now: UnixTime) \
             -> Result<ServerCertVerified, Error> {{\n{body}\n    }}\n}}"
        )
    }

    const ACCEPTS: &str = "Ok(ServerCertVerified::assertion())";

    #[test]
    fn each_forgiven_error_is_a_finding() {
        let what = "this verifier accepts certificates that no trusted authority has signed";
        let arm = |error: &str| {
            format!("Err(Error::InvalidCertificate(CertificateError::{error})) => {ACCEPTS},\n")
        };
        let body = format!(
            "match self.inner.verify_server_cert(end_entity, intermediates, name, ocsp, now) {{\n{}{}other => other }}",
            arm("UnknownIssuer"),
            arm("Revoked")
        );
        assert_eq!(crate::fixture::found(&LINT, &verifier(&body)), format!("5:1 {what}\n6:1 {what}"));
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        let bad = [
            "tracing::warn!(\"not verified\"); return Ok(ServerCertVerified::assertion());",
            "self.seen.lock().unwrap().push(end_entity.clone().into_owned()); Ok(ServerCertVerified::assertion())",
            "let _ = webpki::EndEntityCert::try_from(end_entity)?; Ok(ServerCertVerified::assertion())",
            "match self.inner.verify_server_cert(end_entity, intermediates, name, ocsp, now) { Ok(ok) => Ok(ok), Err(e) => { log::warn!(\"{e}\"); Ok(ServerCertVerified::assertion()) } }",
            "self.inner.verify_server_cert(end_entity, intermediates, name, ocsp, now).or_else(|_| Ok(ServerCertVerified::assertion()))",
            "Ok(self.inner.verify_server_cert(end_entity, intermediates, name, ocsp, now).unwrap_or(ServerCertVerified::assertion()))",
            "match self.inner.verify_server_cert(end_entity, intermediates, name, ocsp, now) { Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => Ok(ServerCertVerified::assertion()), other => other }",
            "let mut roots = RootCertStore::empty(); roots.add(end_entity.clone().into_owned())?; let cert = ParsedCertificate::try_from(end_entity)?; verify_server_cert_signed_by_trust_anchor(&cert, &roots, intermediates, now, ALL)?; Ok(ServerCertVerified::assertion())",
            "let issuer = intermediates.last().unwrap_or(end_entity); let mut roots = RootCertStore::empty(); roots.add(issuer.clone())?; self.with(&roots, end_entity)",
            "if self.loud { println!(\"{name:?}\"); } if self.fast { Ok(ServerCertVerified::assertion()) } else { Ok(ServerCertVerified::assertion()) }",
        ]
        .map(verifier);
        let good = [
            "self.inner.verify_server_cert(end_entity, intermediates, name, ocsp, now)",
            "self.inner.verify_server_cert(end_entity, intermediates, name, ocsp, now)?; Ok(ServerCertVerified::assertion())",
            "match self.inner.verify_server_cert(end_entity, intermediates, name, ocsp, now) { Err(Error::InvalidCertificate(CertificateError::NotValidForName)) => Ok(ServerCertVerified::assertion()), other => other }",
            "if self.pins.contains(&hash(end_entity)) { Ok(ServerCertVerified::assertion()) } else { Err(Error::General(\"pin\".into())) }",
            "if hash(end_entity) != self.pin { return Err(Error::General(\"pin\".into())); } Ok(ServerCertVerified::assertion())",
            "for pin in &self.pins { if pin.matches(end_entity) { return Ok(ServerCertVerified::assertion()); } } Err(Error::General(\"pin\".into()))",
            "self.check(end_entity).map(|_| ServerCertVerified::assertion())",
            "assert!(self.pins.contains(&hash(end_entity))); Ok(ServerCertVerified::assertion())",
            "Ok(self.inner.verify_server_cert(end_entity, intermediates, name, ocsp, now).unwrap())",
            "if !self.roots.add(1) { return Err(Error::General(\"no\".into())); } let chain = check(end_entity, &self.roots)?; Ok(ServerCertVerified::assertion())",
        ]
        .map(verifier);
        let gated = format!(
            "#[cfg(feature = \"dangerous_configuration\")]\nmod insecure {{ {} }}",
            verifier(ACCEPTS)
        );
        let mut bad: Vec<&str> = bad.iter().map(String::as_str).collect();
        let mut good: Vec<&str> = good.iter().map(String::as_str).collect();
        bad.extend([
            "impl rustls::server::danger::ClientCertVerifier for Any { fn verify_client_cert(&self, _: &CertificateDer<'_>, _: &[CertificateDer<'_>], _: UnixTime) -> Result<ClientCertVerified, Error> { Ok(ClientCertVerified::assertion()) } }",
            "impl rustls::client::ServerCertVerifier for V { fn verify_server_cert(&self, a: &rustls::Certificate, b: &[rustls::Certificate], c: &rustls::ServerName, d: &mut dyn Iterator<Item = &[u8]>, e: &[u8], f: SystemTime) -> Result<ServerCertVerified, rustls::Error> { Ok(ServerCertVerified::assertion()) } }",
        ]);
        good.extend([
            &*gated,
            "impl Checker { fn verify_server_cert(&self, cert: &[u8]) -> Result<(), Error> { Ok(()) } }",
            "#[cfg(test)] mod t { impl ServerCertVerifier for V { fn verify_server_cert(&self) -> Result<A, E> { Ok(A) } } }",
        ]);
        LINT.sees_in_file(&bad, &good);
    }
}
