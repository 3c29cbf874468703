use crate::flow::Purpose;
use crate::models::secrets::{is_redacted, names_secret, words};
use crate::prelude::*;

declare_lint! {
    /// A secret is written to a log, where many more people and programs read it than may know it.
    ///
    /// Logs are copied, shipped, kept and searched. What is printed to the terminal or put into an
    /// error's text ends there too.
    ///
    /// ```rust,bad
    /// fn log_in(user: &str, password: &str) {
    ///     tracing::info!(user, password = %password, "login attempt");
    /// }
    /// ```
    ///
    /// ```rust,good
    /// fn log_in(user: &str, password: &str) {
    ///     tracing::info!(user, "login attempt");
    ///     verify(user, password);
    /// }
    /// ```
    ///
    /// ## What to do
    /// Leave it out, log what identifies it (an id, a digest), or hold it in a type that prints
    /// something else, such as `secrecy::SecretString`.
    ///
    /// ## Known limits
    /// A secret is told by its name. The word `token` alone counts only in a text that says so, as
    /// parsers have tokens too. Functions that are there to print a secret they made are not reported.
    /// Structs that hold secrets and are printed as a whole are another lint's.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::High,
        confidence: Confidence::Medium,
        cwe: &[532, 209],
        triggers: &[
            "*password*",
            "*passwd*",
            "*passphrase*",
            "*secret*",
            "*credential*",
            "*api_key*",
            "*apikey*",
            "*access_key*",
            "*private_key*",
            "*signing_key*",
            "*encryption_key*",
            "*master_key*",
            "*access_token*",
            "*refresh_token*",
            "*auth_token*",
            "*api_token*",
            "*id_token*",
            "*bearer*",
            "*session_token*",
            "*reset_token*",
            "*csrf_token*",
            "*user_token*",
            "*bot_token*",
            "*github_token*",
            "*jwt*",
            "*mnemonic*",
            "*seed_phrase*",
            "*connection_string*",
            "{token",
            "token: {",
            "token={",
            "token = {",
            "token {",
            "token '{",
            "token: '{",
        ],
        check: Check::Code(check),
    }
}

/// Where a macro writes to.
#[derive(Clone, Copy, PartialEq)]
enum Sink {
    Log,
    Terminal,
    Error,
}

impl Sink {
    fn of(name: &str) -> Option<Sink> {
        match name {
            "trace" | "debug" | "info" | "warn" | "error" | "log" | "event" | "span" | "trace_span"
            | "debug_span" | "info_span" | "warn_span" | "error_span" => Some(Sink::Log),
            "print" | "println" | "eprint" | "eprintln" | "dbg" => Some(Sink::Terminal),
            "panic" | "todo" | "unreachable" | "unimplemented" | "anyhow" | "bail" | "ensure" | "eyre"
            | "format_err" => Some(Sink::Error),
            _ => None,
        }
    }

    fn shown(self) -> &'static str {
        match self {
            Sink::Log => "the log",
            Sink::Terminal => "the terminal",
            Sink::Error => "the text of an error",
        }
    }
}

fn check(code: &Code<'_>, findings: &mut Findings) {
    project_logs(code, findings);
    let prints_on_purpose = is_for_printing(code);
    for call in code.macros() {
        let name = call.name();
        let Some(sink) = Sink::of(&name) else { continue };
        if sink == Sink::Terminal && name != "dbg" && prints_on_purpose {
            continue;
        }
        let says_token = says_token(call);
        for (position, arg) in call.expansion.args.iter().enumerate() {
            if Some(position) == call.expansion.format || name == "ensure" && position == 0 {
                continue;
            }
            let Some(secret) = secret(code, &arg.expr, arg.name.as_deref(), says_token) else { continue };
            let finding = report(findings, code.span(&arg.expr), &secret, sink);
            // Without a name of its own, a field's name is the expression.
            if name != "dbg" && (arg.sigil.is_none() || arg.name.is_some()) && is_formatted(call, position) {
                let fix = Fix::needs_review("leave the secret out");
                finding.fix(fix.replace(code.span(&arg.expr), "\"[redacted]\""));
            }
        }
        for expr in &call.expansion.captured {
            // A captured name that is defined among the arguments stands for that argument.
            let given = call
                .expansion
                .args
                .iter()
                .any(|arg| arg.name.as_deref().is_some_and(|name| is_ident(expr, name)));
            if !given && let Some(secret) = secret(code, expr, None, says_token) {
                report(findings, code.span(expr), &secret, sink);
            }
        }
    }
}

/// Calls of the functions that the project names as logs of its own.
fn project_logs<'a>(code: &Code<'a>, findings: &mut Findings) {
    if code.names.models.sinks.is_empty() {
        return;
    }
    for call in code.calls() {
        let sinks = call.path.as_ref().map(|path| code.names.models.sinks(path)).unwrap_or_default();
        for sink in sinks.iter().filter(|sink| sink.purpose == Purpose::Log) {
            let Some(argument) = call.args.get(sink.argument) else { continue };
            if let Some(secret) = secret(code, argument, None, false) {
                report(findings, code.span(*argument), &secret, Sink::Log);
            }
        }
    }
}

fn report<'f>(
    findings: &'f mut Findings,
    span: Span,
    secret: &str,
    sink: Sink,
) -> &'f mut crate::finding::Draft {
    findings
        .at(span, format!("`{secret}` looks like a secret and goes to {}", sink.shown()))
        .help("leave it out, log what identifies it, or hold it in a type that prints something else")
}

/// Whether an argument is one that the format string, or tracing's fields, take as a value.
fn is_formatted(call: &MacroCall<'_>, position: usize) -> bool {
    call.expansion.args[position].name.is_some()
        || call.expansion.format.is_some_and(|format| position > format)
}

fn is_ident(expr: &syn::Expr, name: &str) -> bool {
    matches!(expr, syn::Expr::Path(path) if path.path.is_ident(name))
}

/// The name of the secret that an expression hands out, where it is one.
fn secret<'a>(code: &Code<'a>, expr: &'a syn::Expr, field: Option<&str>, says_token: bool) -> Option<String> {
    let (name, exposed) = named(expr)?;
    let by_name = names_secret(&name) || field.is_some_and(names_secret) || says_token && is_token(&name);
    if exposed {
        return Some(name);
    }
    let value = peeled(expr);
    (by_name && is_text(code, value) && code.constant(value).is_none()).then_some(name)
}

/// What an expression calls its value: a binding, a field or a getter, seen through conversions that
/// keep the text. `exposed` tells that a type was asked to hand its secret out.
fn named(expr: &syn::Expr) -> Option<(String, bool)> {
    match expr {
        syn::Expr::Path(path) => Some((path.path.get_ident()?.to_string(), false)),
        syn::Expr::Field(field) => match &field.member {
            syn::Member::Named(name) => Some((name.to_string(), false)),
            syn::Member::Unnamed(_) => None,
        },
        syn::Expr::Reference(inner) => named(&inner.expr),
        syn::Expr::Paren(inner) => named(&inner.expr),
        syn::Expr::Unary(inner) if matches!(inner.op, syn::UnOp::Deref(_)) => named(&inner.expr),
        syn::Expr::Try(inner) => named(&inner.expr),
        syn::Expr::MethodCall(call) => {
            let method = call.method.to_string();
            if method == "expose_secret" {
                let name = named(&call.receiver).map_or_else(|| "expose_secret".to_owned(), |(name, _)| name);
                return Some((name, true));
            }
            if is_conversion(&method) {
                return named(&call.receiver);
            }
            (call.args.is_empty() && names_secret(&method)).then_some((method, false))
        }
        _ => None,
    }
}

/// The expression behind the conversions.
fn peeled(expr: &syn::Expr) -> &syn::Expr {
    match expr {
        syn::Expr::Reference(inner) => peeled(&inner.expr),
        syn::Expr::Paren(inner) => peeled(&inner.expr),
        syn::Expr::Unary(inner) if matches!(inner.op, syn::UnOp::Deref(_)) => peeled(&inner.expr),
        syn::Expr::MethodCall(call) if is_conversion(&call.method.to_string()) => peeled(&call.receiver),
        expr => expr,
    }
}

fn is_conversion(method: &str) -> bool {
    const CONVERSIONS: &[&str] = &[
        "as_str",
        "as_ref",
        "as_deref",
        "to_string",
        "to_owned",
        "clone",
        "unwrap",
        "unwrap_or_default",
        "as_bytes",
        "to_str",
        "to_string_lossy",
        "into_inner",
        "deref",
        "borrow",
        "trim",
    ];
    CONVERSIONS.contains(&method)
}

fn is_token(name: &str) -> bool {
    words(name).last().is_some_and(|word| word == "token")
}

/// Whether the text around the value calls it a token, in a package that talks to services: parsers
/// speak of tokens too.
fn says_token(call: &MacroCall<'_>) -> bool {
    let Some(format) = call.expansion.format.and_then(|at| call.expansion.args.get(at)) else { return false };
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &format.expr else { return false };
    let text = text.value().to_ascii_lowercase();
    const KINDS: &[&str] = &[
        "access", "auth", "bearer", "api", "session", "refresh", "jwt", "login", "oauth", "csrf", "reset",
        "id",
    ];
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.windows(2).any(|pair| KINDS.contains(&pair[0]) && pair[1] == "token")
}

/// Whether the value may be text: a known type that is none, or that prints something else, is fine.
fn is_text<'a>(code: &Code<'a>, value: &'a syn::Expr) -> bool {
    const TEXTS: &[&str] =
        &["String", "str", "Cow", "OsString", "HeaderValue", "CString", "Vec", "[array]", "Zeroizing"];
    let Some(ty) = code.type_of(value) else { return true };
    let ty = ty.peeled();
    if is_redacted(ty) {
        return false;
    }
    let inner = if matches!(ty.path.name(), "Option" | "Result") { ty.args.first() } else { Some(ty) };
    inner.is_none_or(|ty| TEXTS.contains(&ty.path.name()))
}

/// Whether the function is there to print what it makes or was asked for.
fn is_for_printing(code: &Code<'_>) -> bool {
    const VERBS: &[&str] = &[
        "generate", "gen", "keygen", "print", "show", "reveal", "export", "display", "create", "dump",
        "issue", "get", "mint", "derive", "decrypt",
    ];
    words(code.name()).iter().any(|word| VERBS.contains(&&**word))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn logs_of_the_project() {
        const POLICY: &str =
            "\n//- durable.toml\n[[models]]\npath = \"acme::audit\"\nkind = \"sink\"\nfor = \"log\"\n";
        let with = |text: &str| format!("{text}{POLICY}");
        let bad = [
            with("fn f(password: &str) { acme::audit(\"login\", password); }"),
            with("use acme::audit;\nfn f(u: &User) { audit(&u.api_key.clone(), 1); }"),
        ];
        let good = [
            with("fn f(user: &str, password: &str) { acme::audit(user, password.len()); }"),
            with("fn f(password: &str) { other::audit(password); }"),
        ];
        LINT.holds(&bad.each_ref().map(String::as_str), &good.each_ref().map(String::as_str));
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                fn f(password: &str) {
                    println!("{}", password);
                //~                ^^^^^^^^ `password` looks like a secret and goes to the terminal
                //~ fix: leave the secret out
                }
            "#]],
            expect![[r#"
                fn f(api_key: String) {
                    log::debug!("key {api_key}");
                //~             ^^^^^^^^^^^^^^^ `api_key` looks like a secret and goes to the log
                }
            "#]],
            expect![[r#"
                fn f(c: &Config) {
                    tracing::warn!(token = ?c.access_token, "x");
                //~                         ^^^^^^^^^^^^^^ `access_token` looks like a secret and goes to the log
                //~ fix: leave the secret out
                }
            "#]],
            expect![[r#"
                use secrecy::ExposeSecret;
                fn f(pin: &secrecy::SecretString) {
                    info!("{}", pin.expose_secret());
                //~             ^^^^^^^^^^^^^^^^^^^ `pin` looks like a secret and goes to the log
                //~ fix: leave the secret out
                }
            "#]],
            expect![[r#"
                fn f(db_password: &str) -> anyhow::Result<()> {
                    anyhow::bail!("cannot connect with {db_password:?}")
                //~               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `db_password` looks like a secret and goes to the text of an error
                }
            "#]],
            expect![[r#"
                fn f(u: &User) {
                    error!("login of {} with {} failed", u.name, u.password.as_str());
                //~                                              ^^^^^^^^^^^^^^^^^^^ `password` looks like a secret and goes to the log
                //~ fix: leave the secret out
                }
            "#]],
            expect![[r#"
                fn f(client_secret: Option<String>) {
                    dbg!(&client_secret);
                //~      ^^^^^^^^^^^^^^ `client_secret` looks like a secret and goes to the terminal
                }
            "#]],
            expect![[r#"
                fn f(token: &str) {
                    info!("access token: {token}");
                //~       ^^^^^^^^^^^^^^^^^^^^^^^ `token` looks like a secret and goes to the log
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn f(password: &str) { info!(\"{}\", password.len()); }",
            "fn f(token: Token) { println!(\"unexpected {token:?}\"); }",
            "fn f(next_token: &str) { println!(\"page {next_token}\"); }",
            "fn f(password: secrecy::SecretString) { info!(\"{password:?}\"); }",
            "fn f(password: &str) { info!(\"{}\", mask(password)); }",
            "fn f(has_password: bool, secret: bool) { info!(\"{has_password} {secret}\"); }",
            "fn generate_password() { let password = make(); println!(\"{password}\"); }",
            "fn f(password_file: &str) { info!(\"reading {password_file}\"); }",
            "const PASSWORD: &str = \"password\";\nfn f() { eprintln!(\"set {}\", PASSWORD); }",
            "fn f(password: &str) -> String { format!(\"{password}\") }",
            "fn f(e: E) { error!(\"wrong password: {e}\"); }",
            "#[test] fn f(password: &str) { println!(\"{password}\"); }",
        ]);
    }
}
