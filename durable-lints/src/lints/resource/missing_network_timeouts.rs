use crate::models::services::is_service;
use crate::prelude::*;

declare_lint! {
    /// A service waits for a peer without a deadline, so silent peers use up its tasks.
    ///
    /// Most HTTP clients have no timeout unless one is set. A server that accepts and never answers
    /// then holds a task, a connection and what the request has in memory, for ever.
    ///
    /// ```rust,bad
    /// fn client() -> axum::Extension<reqwest::Client> {
    ///     axum::Extension(reqwest::Client::new())
    /// }
    /// ```
    ///
    /// ```rust,bad
    /// fn client() -> reqwest::Result<axum::Extension<reqwest::Client>> {
    ///     Ok(axum::Extension(reqwest::Client::builder().user_agent("shop").build()?))
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use std::time::Duration;
    /// fn client() -> reqwest::Result<axum::Extension<reqwest::Client>> {
    ///     let limit = Duration::from_secs(30);
    ///     Ok(axum::Extension(reqwest::Client::builder().timeout(limit).build()?))
    /// }
    /// ```
    ///
    /// ## What to do
    /// Set `.timeout(…)` on the client, or `.read_timeout(…)` where downloads may take long. Give
    /// hyper's connection builders a timer, or their header timeout does nothing.
    ///
    /// ## Known limits
    /// Only services are looked at. A file that sets a timeout somewhere is believed to set it for
    /// every request it makes.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Medium,
        cwe: &[400, 1088],
        triggers: &[
            "reqwest", "Client", "ClientBuilder", "ureq", "Agent", "AgentBuilder", "isahc", "HttpClient",
            "header_read_timeout", "client_request_timeout",
        ],
        modelled: |_| Modelled::apis(SERVERS.iter().copied()),
        crates: &["reqwest", "ureq", "isahc", "hyper", "hyper-util", "actix-web"],
        check: Check::Code(check),
    }
}

/// Calls that make a request or client without any deadline, with who has none.
const ENDLESS: &[(&str, &str)] = &[
    ("reqwest::Client::new", "reqwest's client"),
    ("reqwest::Client::default", "reqwest's client"),
    ("reqwest::get", "reqwest's client"),
    ("ureq::get", "ureq's default agent"),
    ("ureq::post", "ureq's default agent"),
    ("ureq::put", "ureq's default agent"),
    ("ureq::delete", "ureq's default agent"),
    ("ureq::agent", "ureq's default agent"),
    ("ureq::Agent::new_with_defaults", "ureq's default agent"),
    ("ureq::Agent::new", "ureq's default agent"),
    ("isahc::get", "isahc's client"),
    ("isahc::get_async", "isahc's client"),
    ("isahc::HttpClient::new", "isahc's client"),
];

/// Builders of clients that have no deadline unless it is set.
const BUILDERS: &[&str] = &[
    "reqwest::Client::builder",
    "reqwest::ClientBuilder::new",
    "ureq::AgentBuilder::new",
    "ureq::builder",
    "ureq::Agent::config_builder",
    "isahc::HttpClient::builder",
    "isahc::HttpClientBuilder::new",
];

/// Builders of server connections that have no deadline unless they have a timer.
const SERVERS: &[&str] =
    &["hyper::server::conn::http1::Builder::new", "hyper_util::server::conn::auto::Builder::new"];

fn check(code: &Code<'_>, findings: &mut Findings) {
    if !is_service(code.package, code.file) {
        return;
    }
    let has_deadline = code.file.has("sets a deadline", "", sets_deadline);
    for call in code.calls() {
        if turned_off(code, call) {
            findings
                .at(call.span, "the deadline is turned off, so a silent peer is waited for without end")
                .help("give it the longest time that an honest peer needs");
        } else if has_deadline || is_blocking_reqwest(call) {
            continue;
        } else if let Some((_, who)) = ENDLESS.iter().find(|(api, _)| call.is(&[api])) {
            findings
                .at(call.span, format!("{who} has no timeout, so a silent server is waited for without end"))
                .help("build a client with `.timeout(…)` and use it for every request");
        } else if call.is(BUILDERS) && builds(code) {
            let finding = findings
                .at(call.span, "this client has no timeout, so a silent server is waited for without end")
                .help("set `.timeout(…)`, or `.read_timeout(…)` for long downloads");
            if call.path.as_ref().is_some_and(|path| path.krate() == "reqwest") {
                let deadline = ".timeout(std::time::Duration::from_secs(30))";
                finding.fix(Fix::needs_review("wait for 30 seconds at most").insert(call.span.end, deadline));
            }
        } else if call.is(SERVERS) && serves_without_timer(code, call) {
            findings
                .at(call.span, "this server has no timer, so clients may take for ever to send their headers")
                .help("set `.timer(TokioTimer::new())`; the header timeout needs it");
        }
    }
}

/// `.header_read_timeout(None)` and `client_request_timeout(Duration::ZERO)`.
fn turned_off<'a>(code: &Code<'a>, call: &Call<'a>) -> bool {
    let [value] = call.args[..] else { return false };
    let none = || matches!(value, syn::Expr::Path(path) if path.path.is_ident("None"));
    match &*call.name {
        "header_read_timeout" => none(),
        "client_request_timeout" => is_zero(code, value),
        "timeout" => none() && call.is(&["reqwest::blocking::ClientBuilder::timeout"]),
        _ => false,
    }
}

fn is_zero<'a>(code: &Code<'a>, value: &'a syn::Expr) -> bool {
    let zero = |path: &syn::ExprPath| {
        code.resolve(&path.path).is_some_and(|path| path.is("std::time::Duration::ZERO"))
    };
    matches!(code.constant(value), Some(Constant::Duration(0) | Constant::Int(0)))
        || matches!(value, syn::Expr::Path(path) if zero(path))
}

/// The blocking client waits for 30 seconds unless it is told otherwise.
fn is_blocking_reqwest(call: &Call<'_>) -> bool {
    call.path.as_ref().is_some_and(|path| path.krate() == "reqwest" && path.0.contains("::blocking::"))
}

/// Whether the client is made in this unit, so that nobody else can set the deadline.
fn builds(code: &Code<'_>) -> bool {
    code.calls().iter().any(|call| call.is_method("build") || call.is_method("new_agent"))
}

/// Whether a builder serves what it is given before it has a timer. That of both versions has one for each.
fn serves_without_timer<'a>(code: &Code<'a>, builder: &Call<'a>) -> bool {
    let made = code.made(builder);
    let serves = made.method(&["serve_connection", "serve_connection_with_upgrades"]).is_some();
    serves && made.method(&["timer"]).is_none()
}

/// Whether a text sets a deadline for more than the connecting.
fn sets_deadline(text: &str) -> bool {
    text.match_indices("timeout").any(|(at, _)| {
        let before = text[..at].trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let word = &text[before.len()..];
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        let called = after.starts_with('(') && !after.starts_with("(None");
        called
            && !matches!(
                word,
                "connect_timeout"
                    | "pool_idle_timeout"
                    | "timeout_connect"
                    | "header_read_timeout"
                    | "client_request_timeout"
            )
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use axum::Router;
                use reqwest::Client;
                async fn f(u: &str) {
                    let c = Client::new();
                //~         ^^^^^^^^^^^^^ reqwest's client has no timeout, so a silent server is waited for without end
                    c.get(u).send().await;
                }
            "#]],
            expect![[r#"
                use axum::Router;
                async fn f() {
                    let r = reqwest::get("https://example.com").await;
                //~         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ reqwest's client has no timeout, so a silent server is waited for without end
                }
            "#]],
            expect![[r#"
                use axum::Router;
                use reqwest::ClientBuilder;
                fn f() {
                    ClientBuilder::new().connect_timeout(D).build().unwrap();
                //~ ^^^^^^^^^^^^^^^^^^^^ this client has no timeout, so a silent server is waited for without end
                //~ fix: wait for 30 seconds at most
                }
            "#]],
            expect![[r#"
                use axum::Router;
                fn f() {
                    ureq::get("https://example.com").call().unwrap();
                //~ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ ureq's default agent has no timeout, so a silent server is waited for without end
                }
            "#]],
            expect![[r#"
                use axum::Router;
                fn f() {
                    reqwest::blocking::Client::builder().timeout(None).build();
                //~ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the deadline is turned off, so a silent peer is waited for without end
                }
            "#]],
            expect![[r#"
                use hyper::server::conn::http1;
                use tokio::net::TcpListener;
                async fn f(io: Io) {
                    http1::Builder::new().serve_connection(io, s()).await;
                //~ ^^^^^^^^^^^^^^^^^^^^^ this server has no timer, so clients may take for ever to send their headers
                }
            "#]],
            expect![[r#"
                use hyper_util::server::conn::auto::Builder;
                use tokio::net::TcpListener;
                async fn f(io: Io) {
                    Builder::new(E).serve_connection(io, s()).await;
                //~ ^^^^^^^^^^^^^^^ this server has no timer, so clients may take for ever to send their headers
                }
            "#]],
            expect![[r#"
                use std::time::Duration;
                fn f() {
                    actix_web::HttpServer::new(a).client_request_timeout(Duration::ZERO);
                //~ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the deadline is turned off, so a silent peer is waited for without end
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use axum::Router;\nfn f() { reqwest::blocking::Client::new(); }",
            "use axum::Router;\nasync fn f(c: &reqwest::Client, u: &str) { c.get(u).timeout(D).send().await; }\nfn g() -> reqwest::Client { reqwest::Client::new() }",
            "use axum::Router;\nasync fn f() { tokio::time::timeout(D, reqwest::get(\"https://example.com\")).await; }",
            "use axum::Router;\nfn base() -> reqwest::ClientBuilder { reqwest::Client::builder().user_agent(\"a\") }",
            "use tokio::net::TcpListener;\nuse hyper::server::conn::http1;\nasync fn f(io: Io) { http1::Builder::new().timer(TokioTimer::new()).serve_connection(io, s()).await; }",
            "use axum::Router;\nuse my::Client;\nfn f() { Client::new(); }",
            "//- Cargo.toml\n[package]\nname = \"x\"\nversion = \"1.0.0\"\n[dependencies]\nreqwest = \"0.13\"\n//- src/lib.rs\nfn f() { reqwest::Client::new(); }",
        ]);
    }
}
