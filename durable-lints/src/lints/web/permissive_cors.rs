use crate::prelude::*;

declare_lint! {
    /// Every website may call this API from its visitors' browsers and read what it answers.
    ///
    /// A browser keeps the pages of one site from reading another's answers unless that site says
    /// otherwise. Saying so to all is right for public data and wrong for an API that changes things or
    /// knows who is calling: one inside a company's network, say, becomes readable from outside.
    ///
    /// ```rust,bad
    /// use axum::{Router, routing::post};
    /// use tower_http::cors::CorsLayer;
    ///
    /// fn app() -> Router {
    ///     Router::new().route("/transfer", post(transfer)).layer(CorsLayer::permissive())
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use axum::{Router, http::HeaderValue, routing::post};
    /// use tower_http::cors::CorsLayer;
    ///
    /// fn app() -> Router {
    ///     let cors = CorsLayer::new().allow_origin([HeaderValue::from_static("https://app.example.net")]);
    ///     Router::new().route("/transfer", post(transfer)).layer(cors)
    /// }
    /// ```
    ///
    /// ## What to do
    /// List the origins of the front ends that need the API.
    ///
    /// ## Known limits
    /// Only packages are looked at in whose code something is changed by a request or someone logs in: a
    /// route other than GET, cookies, sessions, tokens. A layer that is meant for development is told by
    /// `debug_assertions` alone.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Medium,
        confidence: Confidence::Medium,
        cwe: &[942],
        triggers: &[
            "CorsLayer",
            "AllowOrigin",
            "allow_origin",
            "allow_any_origin",
            "send_wildcard",
            "AllowedOrigins",
            "CorsMiddleware",
            "Cors",
            "access-control-allow-origin",
            "Access-Control-Allow-Origin",
            "ACCESS_CONTROL_ALLOW_ORIGIN",
            "AccessControlAllowOrigin",
        ],
        crates: &[
            "tower-http", "actix-cors", "warp", "rocket_cors", "salvo", "salvo-cors", "tide", "axum", "actix-web", "rocket",
            "poem", "hyper", "http",
        ],
        check: Check::Code(check),
    }
}

/// Calls that let every origin in.
const ALL_ORIGINS: &[&str] = &[
    "tower_http::cors::CorsLayer::permissive",
    "tower_http::cors::AllowOrigin::any",
    "actix_cors::Cors::permissive",
    "rocket_cors::AllowedOrigins::all",
    "salvo_cors::Cors::permissive",
    "salvo_cors::AllowOrigin::any",
    "salvo::cors::Cors::permissive",
    "salvo::cors::AllowOrigin::any",
];

/// Values of `allow_origin` that mean every origin.
const ANY: &[&str] =
    &["tower_http::cors::Any", "salvo_cors::Any", "salvo::cors::Any", "tide::security::Origin::Any"];

const MESSAGE: &str = "every website may call this API from a browser";
const HELP: &str = "list the origins of the front ends";

fn check(code: &Code<'_>, findings: &mut Findings) {
    // Credentials together with every origin are a finding of their own.
    let with_credentials =
        code.calls().iter().any(|call| matches!(&*call.name, "allow_credentials" | "supports_credentials"));
    let for_development = code.snippet(code.outline().span).contains("debug_assertions");
    if with_credentials || for_development {
        return;
    }
    let mut handles = None;
    for call in code.calls() {
        let Some(span) = opens_all(code, call) else { continue };
        if *handles.get_or_insert_with(|| handles_more_than_reading(code)) {
            findings.at(span, MESSAGE).help(HELP);
        }
    }
}

/// Where a call lets every origin in.
fn opens_all<'a>(code: &Code<'a>, call: &Call<'a>) -> Option<Span> {
    let opens = match &*call.name {
        "allow_any_origin" | "send_wildcard" => call.kind == CallKind::Method && call.args.is_empty(),
        "allow_origin" => call.args.first().is_some_and(|origin| is_any(code, origin)),
        "header" | "insert_header" | "append_header" | "insert" | "append" => is_wildcard_header(code, call),
        _ => call.is(ALL_ORIGINS),
    };
    opens.then_some(call.name_span)
}

/// `Any`, `"*"`, `"*".parse()…`, `HeaderValue::from_static("*")`.
fn is_any<'a>(code: &Code<'a>, origin: &'a syn::Expr) -> bool {
    if let syn::Expr::Path(path) = origin {
        let resolved = code.resolve(&path.path);
        if resolved.is_some_and(|path| ANY.iter().any(|any| path.is(any))) {
            return true;
        }
    }
    is_star(code, origin)
}

fn is_star<'a>(code: &Code<'a>, value: &'a syn::Expr) -> bool {
    if matches!(code.constant(value), Some(Constant::Str(text)) if &*text == "*") {
        return true;
    }
    match value {
        syn::Expr::MethodCall(call) => is_star(code, &call.receiver),
        syn::Expr::Call(call) => {
            let of_text = matches!(&*call.func, syn::Expr::Path(path)
                if path.path.segments.last().is_some_and(|last| last.ident.to_string().starts_with("from")));
            of_text && call.args.first().is_some_and(|value| is_star(code, value))
        }
        syn::Expr::Try(inner) => is_star(code, &inner.expr),
        _ => false,
    }
}

/// `("Access-Control-Allow-Origin", "*")`, as two arguments or one pair.
fn is_wildcard_header<'a>(code: &Code<'a>, call: &Call<'a>) -> bool {
    let pair: Vec<&syn::Expr> = match call.args[..] {
        [syn::Expr::Tuple(pair)] => pair.elems.iter().collect(),
        _ => call.args.clone(),
    };
    let [name, value] = pair[..] else { return false };
    let written = code.snippet(code.span(name)).to_ascii_lowercase();
    let written = written.replace(['_', '-'], "");
    written.contains("accesscontrolalloworigin") && is_star(code, value)
}

/// Whether the package changes something on request, or knows who calls. Only then is it of use to
/// another site to call it.
fn handles_more_than_reading(code: &Code<'_>) -> bool {
    const SIGNS: &[&str] = &[
        "post(",
        "put(",
        "patch(",
        "delete(",
        "#[post",
        "#[put",
        "#[patch",
        "#[delete",
        "Method::POST",
        "Method::PUT",
        "CookieJar",
        "AuthSession",
        "SessionMiddleware",
        "SessionManagerLayer",
        "IdentityMiddleware",
        "BearerAuth",
        "BasicAuth",
        "jsonwebtoken",
        "AUTHORIZATION",
    ];
    let files = code.names.own.files.iter().filter(|file| file.role.ships() && !file.test);
    files.into_iter().any(|file| SIGNS.iter().any(|sign| file.mentions(sign)))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use tower_http::cors::{Any, CorsLayer};
                fn f() -> Router {
                    Router::new()
                        .route("/", axum::routing::post(g))
                        .layer(CorsLayer::new().allow_methods(Any).allow_origin(Any))
                //~                                                ^^^^^^^^^^^^ every website may call this API from a browser
                }
            "#]],
            expect![[r##"
                #[post("/")]
                async fn g() {}
                fn f() {
                    let cors = actix_cors::Cors::default().allow_any_origin();
                //~                                        ^^^^^^^^^^^^^^^^ every website may call this API from a browser
                }
            "##]],
            expect![[r#"
                fn f() {
                    let c = warp::cors().allow_any_origin().build();
                //~                      ^^^^^^^^^^^^^^^^ every website may call this API from a browser
                    let r = warp::post().map(g);
                }
                fn h() {
                    x.post(y)
                }
            "#]],
            expect![[r#"
                use axum::routing::delete;
                fn f() {
                    Router::new().route("/", delete(g));
                    let c = tower_http::cors::CorsLayer::new()
                        .allow_origin(tower_http::cors::AllowOrigin::any());
                //~                                                  ^^^ every website may call this API from a browser
                }
            "#]],
            expect![[r##"
                #[post("/")]
                fn f() -> HttpResponse {
                    HttpResponse::Ok().insert_header(("Access-Control-Allow-Origin", "*")).finish()
                //~                    ^^^^^^^^^^^^^ every website may call this API from a browser
                }
            "##]],
            expect![[r#"
                use tower_http::cors::CorsLayer;
                #[post("/")]
                fn g() {}
                fn f() {
                    CorsLayer::new().allow_origin("*".parse::<HeaderValue>().unwrap());
                //~                  ^^^^^^^^^^^^ every website may call this API from a browser
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use tower_http::cors::CorsLayer;\nfn f() -> Router { Router::new().route(\"/\", axum::routing::get(g)).layer(CorsLayer::permissive()) }",
            "use tower_http::cors::CorsLayer;\n#[post(\"/\")]\nfn g() {}\nfn f(o: HeaderValue) { CorsLayer::new().allow_origin(o); }",
            "#[post(\"/\")]\nfn g() {}\nfn f() { actix_cors::Cors::default().allowed_origin(\"https://app.example.net\"); }",
            "use tower_http::cors::CorsLayer;\n#[post(\"/\")]\nfn g() {}\nfn f() -> CorsLayer { if cfg!(debug_assertions) { CorsLayer::permissive() } else { CorsLayer::new() } }",
            "#[post(\"/\")]\nfn g() {}\nfn f(m: &mut M) { m.insert(\"x-origin\", \"*\"); }",
            "struct Cors; #[post(\"/\")]\nfn g() {}\nfn f() { Cors::permissive() }",
        ]);
    }
}
