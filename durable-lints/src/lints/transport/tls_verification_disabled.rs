use crate::prelude::*;

declare_lint! {
    /// A TLS client accepts any certificate, so anyone on the path can read and change its traffic.
    ///
    /// Every TLS library has a switch for tests that turns certificate verification off. Left on in
    /// code that ships, the connection is encrypted to whoever answers. A second switch leaves out only
    /// the name: then whoever has a valid certificate for any name at all can answer.
    ///
    /// ```rust,bad
    /// fn client() -> reqwest::Result<reqwest::Client> {
    ///     reqwest::Client::builder().danger_accept_invalid_certs(true).build()
    /// }
    /// ```
    ///
    /// ```rust,good
    /// fn client(authority: reqwest::Certificate) -> reqwest::Result<reqwest::Client> {
    ///     reqwest::Client::builder().add_root_certificate(authority).build()
    /// }
    /// ```
    ///
    /// ## What to do
    /// Remove the call. To trust a private authority, add its certificate to the roots and keep the
    /// verification on.
    ///
    /// ## Known limits
    /// A switch that a person turns on for one run (`--insecure`) arrives as a variable and is not
    /// reported, and neither is what runs only under a condition that speaks of verification. Each switch
    /// of a chain is a finding of its own.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[295, 297],
        triggers: &[
            "danger_accept_invalid_certs",
            "tls_danger_accept_invalid_certs",
            "dangerous_accept_invalid_certs",
            "with_danger_accept_invalid_certs",
            "with_allow_invalid_certificates",
            "danger_accept_invalid_hostnames",
            "tls_danger_accept_invalid_hostnames",
            "dangerous_accept_invalid_hostnames",
            "with_danger_skip_domain_validation",
            "allow_invalid_hostnames",
            "verify_hostname",
            "set_verify_hostname",
            "ssl_verify_host",
            "proxy_ssl_verify_host",
            "doh_ssl_verify_host",
            "DANGER_ACCEPT_INVALID_HOSTS",
            "tlsAllowInvalidHostnames=true",
            "set_no_tls_verify",
            "disable_verification",
            "tls_cert_verification",
            "ssl_verify_peer",
            "proxy_ssl_verify_peer",
            "doh_ssl_verify_peer",
            "enable_server_cert_auth",
            "trust_cert",
            "disable_x509_verification",
            "insecure_skip_verify",
            "accept_invalid_certs",
            "allow_invalid_certificates",
            "DANGER_ACCEPT_INVALID_CERTS",
            "set_verify",
            "set_verify_callback",
            "set_custom_verify_callback",
            "set_cert_verify_callback",
            "cert_verification",
            "danger_skip_tls_verify",
            "allow_invalid_certs",
            "TcpTls",
            "TlsMode",
            "CertificateValidation",
            "enable.ssl.certificate.verification",
            "tlsInsecure=true",
            "tlsAllowInvalidCertificates=true",
            "TrustServerCertificate=",
            "verify_ca=false",
            "#insecure",
        ],
        crates: &[
            "reqwest", "native-tls", "async-native-tls", "tokio-native-tls", "attohttpc", "isahc", "openssl", "boring",
            "tokio-openssl", "tokio-boring", "ureq", "wreq", "rquest", "curl", "lettre", "mail-send", "imap", "ldap3",
            "mysql", "mysql_async", "tiberius", "mongodb", "redis", "fred", "deadpool-redis", "bb8-redis", "rdkafka", "kube",
            "kube-client", "sentry", "object_store", "s2n-tls", "hickory-resolver", "paho-mqtt", "jsonschema", "elasticsearch",
            "opensearch", "sqlx", "diesel", "sea-orm", "oauth2", "openidconnect",
        ],
        check: Check::Code(check),
    }
}

/// Methods that turn verification off when given this constant. All of them are of one library's
/// making: no other type of the ecosystem has a method of the same name and another meaning.
const SWITCHES: &[(&str, bool)] = &[
    ("danger_accept_invalid_certs", true),
    ("tls_danger_accept_invalid_certs", true),
    ("dangerous_accept_invalid_certs", true),
    ("with_danger_accept_invalid_certs", true),
    ("with_allow_invalid_certificates", true),
    ("set_no_tls_verify", true),
    ("disable_verification", true),
    ("accept_invalid_certs", true),
    ("danger_skip_tls_verify", true),
    ("cert_verification", false),
    ("tls_cert_verification", false),
    ("ssl_verify_peer", false),
    ("proxy_ssl_verify_peer", false),
    ("doh_ssl_verify_peer", false),
    ("enable_server_cert_auth", false),
];

/// Methods that leave the name in the certificate unchecked when given this constant.
const NAME_SWITCHES: &[(&str, bool)] = &[
    ("danger_accept_invalid_hostnames", true),
    ("tls_danger_accept_invalid_hostnames", true),
    ("dangerous_accept_invalid_hostnames", true),
    ("with_danger_skip_domain_validation", true),
    ("verify_hostname", false),
    ("set_verify_hostname", false),
    ("ssl_verify_host", false),
    ("proxy_ssl_verify_host", false),
    ("doh_ssl_verify_host", false),
];

/// Methods that turn verification off by being called, with the crate that they belong to.
const CALLS: &[&str] = &[
    "tiberius::Config::trust_cert",
    "s2n_tls::config::Builder::disable_x509_verification",
    "hickory_resolver::TlsConfig::insecure_skip_verify",
    "mail_send::SmtpClientBuilder::allow_invalid_certs",
];

/// Values that turn verification off wherever they are used.
const VALUES: &[&str] = &[
    "isahc::config::SslOption::DANGER_ACCEPT_INVALID_CERTS",
    "redis::cluster::TlsMode::Insecure",
    "elasticsearch::cert::CertificateValidation::None",
    "opensearch::cert::CertificateValidation::None",
];
const NAME_VALUES: &[&str] = &["isahc::config::SslOption::DANGER_ACCEPT_INVALID_HOSTS"];

/// Methods that take a function that decides about certificates in the library's place.
const CALLBACKS: &[&str] = &["set_verify_callback", "set_custom_verify_callback", "set_cert_verify_callback"];

/// What a connection string says where it turns verification off, in lower case, and how it begins.
const IN_STRINGS: &[(&str, &[&str])] = &[
    ("tlsinsecure=true", &["mongodb"]),
    ("tlsallowinvalidcertificates=true", &["mongodb"]),
    ("tlsallowinvalidhostnames=true", &["mongodb"]),
    ("trustservercertificate=true", &["server=", "data source=", "jdbc:sqlserver:"]),
    ("trustservercertificate=yes", &["server=", "data source=", "jdbc:sqlserver:"]),
    ("verify_ca=false", &["mysql:"]),
    ("#insecure", &["rediss:"]),
];

/// Fields that turn verification off when they are `true` or `Some(true)`.
const FIELDS: &[&str] = &["accept_invalid_certs", "allow_invalid_certificates"];
const NAME_FIELDS: &[&str] = &["allow_invalid_hostnames"];

const MESSAGE: &str = "this client accepts any certificate";
const ANY_NAME: &str = "this client accepts a valid certificate of anybody, whatever its name";
const HELP: &str = "remove it; to trust a private authority, add its certificate to the roots";

fn check(code: &Code<'_>, findings: &mut Findings) {
    let conditions = Conditions::of(code);
    let unclear = |place: Span| within(&conditions.unclear, place);
    let unasked = |call: &&Call<'_>| !within(&conditions.asked, call.span) && call.name != code.name();
    for call in code.calls().iter().filter(unasked) {
        if let Some((off, message)) = switch(call)
            && let [flag] = call.args[..]
            && code.is_bool(flag, off)
        {
            let span = code.span(flag);
            findings
                .at(call.name_span, message)
                .label(span, format!("`{off}` turns the verification off"))
                .help(HELP)
                .fix(Fix::needs_review("turn the verification back on").replace(span, (!off).to_string()))
                .less_certain_if(unclear(call.span));
        } else if call.is(CALLS)
            || verifies_nothing(code, call)
            || decides_yes(code, call)
            || sets_property(code, call)
        {
            findings.at(call.name_span, MESSAGE).help(HELP).less_certain_if(unclear(call.span));
        }
    }
    for expr in code.exprs() {
        // Where an expression of many operands begins is not known at once, so only few are asked.
        let tells = matches!(
            expr,
            syn::Expr::Struct(_) | syn::Expr::Assign(_) | syn::Expr::Path(_) | syn::Expr::Lit(_)
        );
        if !tells || within(&conditions.asked, code.span(*expr)) {
            continue;
        }
        let unclear = unclear(code.span(*expr));
        match expr {
            syn::Expr::Struct(literal) => {
                for field in &literal.fields {
                    let syn::Member::Named(name) = &field.member else { continue };
                    let insecure = name == "insecure"
                        && literal.path.segments.last().is_some_and(|variant| variant.ident == "TcpTls");
                    let message = if insecure { Some(MESSAGE) } else { field_effect(name) };
                    if let Some(message) = message.filter(|_| is_true(code, &field.expr)) {
                        findings.at(code.span(field), message).help(HELP).less_certain_if(unclear);
                    }
                }
            }
            syn::Expr::Assign(assign) => {
                if let syn::Expr::Field(field) = &*assign.left
                    && let syn::Member::Named(name) = &field.member
                    && let Some(message) = field_effect(name)
                    && is_true(code, &assign.right)
                {
                    findings.at(code.span(assign), message).help(HELP).less_certain_if(unclear);
                }
            }
            syn::Expr::Path(path) => {
                let Some(resolved) = code.resolve(&path.path) else { continue };
                let is = |values: &[&str]| values.iter().any(|value| resolved.is(value));
                let message = if is(VALUES) { Some(MESSAGE) } else { is(NAME_VALUES).then_some(ANY_NAME) };
                if let Some(message) = message.filter(|_| !is_compared(code, path)) {
                    findings.at(code.span(path), message).help(HELP).less_certain_if(unclear);
                }
            }
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                let lower = text.value().to_lowercase();
                // One text may turn off both; each part of it is told.
                let off = IN_STRINGS.iter().filter(|(part, starts)| {
                    lower.contains(part)
                        && starts
                            .iter()
                            .any(|start| lower.starts_with(start) || lower.contains(&format!(";{start}")))
                });
                for (part, _) in off {
                    let message = if part.contains("hostname") { ANY_NAME } else { MESSAGE };
                    findings
                        .at(part_span(code, expr, part), message)
                        .primary(format!("`{part}` turns the verification off"))
                        .help(HELP)
                        .less_certain_if(unclear);
                }
            }
            _ => {}
        }
    }
}

/// What a method turns off, by the constant that does it.
fn switch(call: &Call<'_>) -> Option<(bool, &'static str)> {
    let in_table = |table: &[(&str, bool)], message| {
        let known = table.iter().find(|(name, _)| call.is_method(name));
        known.map(|(_, off)| (*off, message))
    };
    in_table(SWITCHES, MESSAGE).or_else(|| in_table(NAME_SWITCHES, ANY_NAME))
}

fn field_effect(name: &syn::Ident) -> Option<&'static str> {
    let is = |fields: &[&str]| fields.iter().any(|field| name == field);
    if is(FIELDS) { Some(MESSAGE) } else { is(NAME_FIELDS).then_some(ANY_NAME) }
}

/// Where a part of a text stands; the whole literal where it is written in another way.
fn part_span(code: &Code<'_>, literal: &syn::Expr, part: &str) -> Span {
    let span = code.span(literal);
    let at = code.snippet(span).to_ascii_lowercase().find(part);
    at.map_or(span, |at| Span::new(span.start + at as u32, span.start + (at + part.len()) as u32))
}

/// What runs under a condition, as far as the condition tells whether somebody asked for it.
#[derive(Default)]
struct Conditions {
    /// It speaks of verification, so it is the same as handing the condition to the switch.
    asked: Vec<Span>,
    /// It may.
    unclear: Vec<Span>,
}

impl Conditions {
    fn of(code: &Code<'_>) -> Conditions {
        let mut conditions = Conditions::default();
        let mut add = |condition: &[Span], runs: Span| {
            let text: String = condition.iter().map(|span| code.snippet(*span).to_lowercase()).collect();
            let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
            if has(SAYS) || has(LEAVES_OUT) && has(CHECKS) {
                conditions.asked.push(runs);
            } else if has(LEAVES_OUT) {
                conditions.unclear.push(runs);
            }
        };
        for expr in code.exprs() {
            match expr {
                syn::Expr::If(branch) => {
                    let condition = [code.span(&*branch.cond)];
                    add(&condition, code.span(&branch.then_branch));
                    if let Some((_, otherwise)) = &branch.else_branch {
                        add(&condition, code.span(&**otherwise));
                    }
                }
                syn::Expr::Match(choice) => {
                    for arm in &choice.arms {
                        add(&[code.span(&*choice.expr), code.span(&arm.pat)], code.span(&*arm.body));
                    }
                }
                _ => {}
            }
        }
        conditions
    }
}

/// What a condition that is about verification says.
const SAYS: &[&str] =
    &["insecure", "verif", "danger", "trust", "selfsigned", "self_signed", "debug_assertions"];
/// What it may say, and of what it then has to say so: `skip_cache` is another matter.
const LEAVES_OUT: &[&str] = &["skip", "bypass", "ignore", "disable", "invalid", "unsafe", "allow", "accept"];
const CHECKS: &[&str] = &["tls", "ssl", "cert", "hostname"];

fn within(spans: &[Span], place: Span) -> bool {
    spans.iter().any(|span| span.contains(place))
}

/// `Some(true)` or `true`.
fn is_true<'a>(code: &Code<'a>, expr: &'a syn::Expr) -> bool {
    match expr {
        syn::Expr::Call(call) if call.args.len() == 1 => {
            matches!(&*call.func, syn::Expr::Path(path) if path.path.is_ident("Some"))
                && code.is_bool(&call.args[0], true)
        }
        expr => code.is_bool(expr, true),
    }
}

/// `set_verify(SslVerifyMode::NONE)` on a client. A server that asks for no client certificate says
/// the same of its acceptor, which is the usual thing.
fn verifies_nothing(code: &Code<'_>, call: &Call<'_>) -> bool {
    let [mode] = call.args[..] else { return false };
    let syn::Expr::Path(mode) = mode else { return false };
    let none = code.resolve(&mode.path).is_some_and(|path| {
        path.is("openssl::ssl::SslVerifyMode::NONE") || path.is("boring::ssl::SslVerifyMode::NONE")
    });
    let server = call.path.as_ref().is_some_and(|path| path.0.contains("Acceptor"))
        || code.snippet(code.outline().span).contains("SslAcceptor");
    call.is_method("set_verify") && none && !server
}

/// A callback that gives the same answer, yes, for every certificate.
fn decides_yes<'a>(code: &Code<'a>, call: &Call<'a>) -> bool {
    let Some(syn::Expr::Closure(closure)) = call.args.last() else { return false };
    if call.kind != CallKind::Method || !CALLBACKS.contains(&&*call.name) {
        return false;
    }
    let mut body = &*closure.body;
    while let syn::Expr::Block(block) = body {
        // What comes before the answer logs, or leaves early with another one.
        let early = code.snippet(code.span(body)).contains("return");
        let Some(syn::Stmt::Expr(last, None)) = block.block.stmts.last().filter(|_| !early) else {
            return false;
        };
        body = last;
    }
    match body {
        syn::Expr::Call(answer) => {
            let ok = matches!(&*answer.func, syn::Expr::Path(path) if path.path.is_ident("Ok"));
            // `Ok(true)` and `Ok(())`.
            ok && answer.args.first().is_some_and(|value| {
                code.is_bool(value, true) || matches!(value, syn::Expr::Tuple(unit) if unit.elems.is_empty())
            }) && !code.snippet(code.span(&*closure.body)).contains('?')
        }
        answer => code.is_bool(answer, true),
    }
}

/// librdkafka is configured by names.
fn sets_property<'a>(code: &Code<'a>, call: &Call<'a>) -> bool {
    let [name, value] = call.args[..] else { return false };
    let text = |expr: &'a syn::Expr| code.constant(expr).and_then(|value| value.as_str().map(str::to_owned));
    call.is_method("set")
        && text(name).as_deref() == Some("enable.ssl.certificate.verification")
        && text(value).as_deref() == Some("false")
}

/// Whether a value is looked for rather than set.
fn is_compared(code: &Code<'_>, path: &syn::ExprPath) -> bool {
    let span = code.span(path);
    code.exprs().iter().any(|expr| match expr {
        syn::Expr::Binary(binary) => {
            matches!(binary.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_)) && code.span(binary).contains(span)
        }
        syn::Expr::MethodCall(call) => {
            call.method == "contains" && call.args.iter().any(|arg| code.span(arg).contains(span))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn each_weakness_is_a_finding() {
        let any = "this client accepts any certificate";
        let name = "this client accepts a valid certificate of anybody, whatever its name";
        let found = |text: &str| crate::fixture::found(&LINT, text);
        assert_eq!(
            found(
                "fn c() { reqwest::Client::builder().danger_accept_invalid_certs(true).danger_accept_invalid_hostnames(true); }"
            ),
            format!("1:37 {any}\n1:71 {name}")
        );
        assert_eq!(
            found(
                "fn c() { let a = b().danger_accept_invalid_certs(true); let c = d().danger_accept_invalid_certs(true); }"
            ),
            format!("1:22 {any}\n1:69 {any}")
        );
        assert_eq!(
            found(
                "const U: &str = \"mongodb://x/?tlsAllowInvalidCertificates=true&tlsAllowInvalidHostnames=true\";"
            ),
            format!("1:31 {any}\n1:64 {name}")
        );
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                const INSECURE: bool = true;
                fn c() {
                    let b = reqwest::ClientBuilder::new();
                    b.danger_accept_invalid_certs(INSECURE);
                //~   ^^^^^^^^^^^^^^^^^^^^^^^^^^^ this client accepts any certificate
                //~                               -------- `true` turns the verification off
                //~ fix: turn the verification back on
                }
            "#]],
            expect![[r#"
                use openssl::ssl::*;
                fn c(mut b: SslConnectorBuilder) {
                    b.set_verify(SslVerifyMode::NONE);
                //~   ^^^^^^^^^^ this client accepts any certificate
                }
            "#]],
            expect![[r#"
                fn c(easy: &mut curl::easy::Easy) {
                    easy.ssl_verify_peer(false).unwrap();
                //~      ^^^^^^^^^^^^^^^ this client accepts any certificate
                //~                      ----- `false` turns the verification off
                //~ fix: turn the verification back on
                }
            "#]],
            expect![[r#"
                fn c() {
                    let o = sentry::ClientOptions { accept_invalid_certs: true, ..Default::default() };
                //~                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^ this client accepts any certificate
                }
            "#]],
            expect![[r#"
                fn c(o: &mut mongodb::options::TlsOptions) {
                    o.allow_invalid_certificates = Some(true);
                //~ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this client accepts any certificate
                }
            "#]],
            expect![[r#"
                use openssl::ssl::*;
                fn c(b: &mut SslConnectorBuilder) {
                    b.set_verify_callback(SslVerifyMode::PEER, |_, _| true);
                //~   ^^^^^^^^^^^^^^^^^^^ this client accepts any certificate
                }
            "#]],
            expect![[r#"
                fn c(b: &mut boring::ssl::SslConnectorBuilder) {
                    b.set_custom_verify_callback(boring::ssl::SslVerifyMode::PEER, |_| {
                //~   ^^^^^^^^^^^^^^^^^^^^^^^^^^ this client accepts any certificate
                        tracing::debug!("checked");
                        Ok(())
                    });
                }
            "#]],
            expect![[r#"
                fn c() {
                    let a = redis::ConnectionAddr::TcpTls {
                        host: h,
                        port: 6380,
                        insecure: true,
                //~     ^^^^^^^^^^^^^^ this client accepts any certificate
                        tls_params: None,
                    };
                }
            "#]],
            expect![[r#"
                fn c(b: redis::cluster::ClusterClientBuilder) {
                    b.tls(redis::cluster::TlsMode::Insecure);
                //~       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this client accepts any certificate
                }
            "#]],
            expect![[r#"
                use elasticsearch::cert::CertificateValidation;
                fn c(b: TransportBuilder) {
                    b.cert_validation(CertificateValidation::None);
                //~                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^ this client accepts any certificate
                }
            "#]],
            expect![[r#"
                fn c(config: &mut rdkafka::ClientConfig) {
                    config.set("enable.ssl.certificate.verification", "false");
                //~        ^^^ this client accepts any certificate
                }
            "#]],
            expect![[r#"
                const URL: &str = "mongodb://db.example.net/?tls=true&tlsAllowInvalidCertificates=true";
                //~                                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this client accepts any certificate
                //~                                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `tlsallowinvalidcertificates=true` turns the verification off
            "#]],
            expect![[r#"
                fn c() {
                    tiberius::Config::from_ado_string("server=tcp:db,1433;TrustServerCertificate=true");
                //~                                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ this client accepts any certificate
                //~                                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ `trustservercertificate=true` turns the verification off
                }
            "#]],
            expect![[r#"
                fn c(b: native_tls::TlsConnectorBuilder) {
                    b.danger_accept_invalid_hostnames(true);
                //~   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this client accepts a valid certificate of anybody, whatever its name
                //~                                   ---- `true` turns the verification off
                //~ fix: turn the verification back on
                }
            "#]],
            expect![[r#"
                use openssl::ssl::*;
                fn c(c: ConnectConfiguration) {
                    c.verify_hostname(false).into_ssl("x");
                //~   ^^^^^^^^^^^^^^^ this client accepts a valid certificate of anybody, whatever its name
                //~                   ----- `false` turns the verification off
                //~ fix: turn the verification back on
                }
            "#]],
            expect![[r#"
                fn c(o: &mut mongodb::options::TlsOptions) {
                    o.allow_invalid_hostnames = Some(true);
                //~ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this client accepts a valid certificate of anybody, whatever its name
                }
            "#]],
            expect![[r#"
                fn c(skip_cache: bool, b: reqwest::ClientBuilder) {
                    if skip_cache {
                        b.danger_accept_invalid_certs(true);
                //~       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: this client accepts any certificate
                //~                                   ---- `true` turns the verification off
                //~ fix: turn the verification back on
                    }
                }
            "#]],
            expect![[r#"
                fn c(use_tls: bool, b: reqwest::ClientBuilder) {
                    if use_tls {
                        b.danger_accept_invalid_certs(true);
                //~       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ this client accepts any certificate
                //~                                   ---- `true` turns the verification off
                //~ fix: turn the verification back on
                    }
                }
            "#]],
            expect![[r#"
                fn c() {
                    let r = vec![reqwest::Client::builder().danger_accept_invalid_certs(!false)];
                //~                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^ this client accepts any certificate
                //~                                                                     ------ `true` turns the verification off
                //~ fix: turn the verification back on
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn c(insecure: bool) { reqwest::Client::builder().danger_accept_invalid_certs(insecure); }",
            "fn c() { reqwest::Client::builder().danger_accept_invalid_certs(false); }",
            "use openssl::ssl::*;\nfn s(mut b: SslAcceptorBuilder) { b.set_verify(SslVerifyMode::NONE); }",
            "use openssl::ssl::*;\nfn c(b: &mut SslConnectorBuilder) { b.set_verify_callback(SslVerifyMode::PEER, |ok, _| ok); }",
            "fn c(b: &mut openssl::ssl::SslConnectorBuilder, pin: Vec<u8>) { b.set_verify_callback(m, move |ok, x| { if x.current_cert().map(d) != Some(pin) { return false; } true }); }",
            "fn c() { let a = redis::ConnectionAddr::TcpTls { host: h, port: 6380, insecure: false, tls_params: None }; }",
            "use openssl::ssl::*;\nfn c(c: ConnectConfiguration, check: bool) { c.verify_hostname(check); c.verify_hostname(true); }",
            "fn c(m: redis::cluster::TlsMode) -> bool { m == redis::cluster::TlsMode::Insecure }",
            "fn c(insecure: bool, mut b: reqwest::ClientBuilder) { if insecure { b = b.danger_accept_invalid_certs(true); } }",
            "fn c(o: Opts, b: reqwest::ClientBuilder) { if o.ignore_cert_errors { b.danger_accept_invalid_certs(true); } }",
            "fn c(t: Trust, mut b: native_tls::TlsConnectorBuilder) { match t { Trust::All => { b.danger_accept_invalid_certs(true); } Trust::Roots => {} } }",
            "fn help() -> &'static str { \"add tlsInsecure=true to trust every server\" }",
            "#[cfg(test)] mod t { fn c() { reqwest::Client::builder().danger_accept_invalid_certs(true); } }",
            "// danger_accept_invalid_certs(true)\nfn c() { let s = \"danger_accept_invalid_certs(true)\"; }",
            "//- Cargo.toml\n[package]\nname = \"x\"\nversion = \"1.0.0\"\n//- src/lib.rs\nfn c(b: Own) { b.danger_accept_invalid_certs(true); }",
        ]);
    }

    #[test]
    fn a_condition_that_may_be_about_it_makes_it_less_certain() {
        LINT.sees([
            expect![[r#"
                fn f(skip: bool, b: reqwest::ClientBuilder) {
                    if skip {
                        b.danger_accept_invalid_certs(true);
                //~       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: this client accepts any certificate
                //~                                   ---- `true` turns the verification off
                //~ fix: turn the verification back on
                    }
                }
            "#]],
            expect![[r#"
                fn f(skip: bool, easy: &mut curl::easy::Easy) {
                    if skip {
                        easy.ssl_verify_peer(false).unwrap();
                //~          ^^^^^^^^^^^^^^^ maybe: this client accepts any certificate
                //~                          ----- `false` turns the verification off
                //~ fix: turn the verification back on
                    }
                }
            "#]],
            expect![[r#"
                fn f(skip: bool) {
                    if skip {
                        let o = sentry::ClientOptions { accept_invalid_certs: true, ..Default::default() };
                //~                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: this client accepts any certificate
                    }
                }
            "#]],
            expect![[r#"
                fn f(skip: bool, o: &mut mongodb::options::TlsOptions) {
                    if skip {
                        o.allow_invalid_certificates = Some(true);
                //~     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: this client accepts any certificate
                    }
                }
            "#]],
            expect![[r#"
                fn f(skip: bool, b: TransportBuilder) {
                    if skip {
                        b.cert_validation(elasticsearch::cert::CertificateValidation::None);
                //~                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: this client accepts any certificate
                    }
                }
            "#]],
            expect![[r#"
                fn f(skip: bool) -> &'static str {
                    if skip {
                        return "mongodb://db.example.net/?tls=true&tlsAllowInvalidCertificates=true";
                //~                                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: this client accepts any certificate
                //~                                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `tlsallowinvalidcertificates=true` turns the verification off
                    }
                    ""
                }
            "#]],
            expect![[r#"
                use openssl::ssl::*;
                fn f(skip: bool, mut b: SslConnectorBuilder) {
                    if skip {
                        b.set_verify(SslVerifyMode::NONE);
                //~       ^^^^^^^^^^ maybe: this client accepts any certificate
                    }
                }
            "#]],
        ]);
    }
}
