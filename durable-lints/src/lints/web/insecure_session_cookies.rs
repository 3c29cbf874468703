use crate::models::secrets::words;
use crate::prelude::*;

declare_lint! {
    /// A session cookie can be read on the wire or by any script on the page, and with it the session.
    ///
    /// Without `Secure` a browser also sends a cookie over plain HTTP, without `HttpOnly` every script
    /// on the page can read it. For a cookie that stands for a login both are needed.
    ///
    /// ```rust,bad
    /// use axum_extra::extract::cookie::{Cookie, CookieJar};
    ///
    /// fn log_in(jar: CookieJar, id: String) -> CookieJar {
    ///     let cookie = Cookie::build(("session", id)).path("/").build();
    ///     jar.add(cookie)
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
    ///
    /// fn log_in(jar: CookieJar, id: String) -> CookieJar {
    ///     let cookie = Cookie::build(("session", id)).path("/").secure(true).http_only(true);
    ///     jar.add(cookie.same_site(SameSite::Lax).build())
    /// }
    /// ```
    ///
    /// ## What to do
    /// Set `secure(true)`, `http_only(true)` and `same_site(SameSite::Lax)`. For development over plain
    /// HTTP, take the first from the configuration.
    ///
    /// ## Known limits
    /// Which cookie stands for a login is told by its name (session, sid, auth, token, jwt, remember).
    /// A cookie whose attributes are set in another function is reported where it is made. Each attribute
    /// that is missing is a finding of its own.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Medium,
        cwe: &[614, 1004, 1275],
        triggers: &[
            "Cookie",
            "cookie_secure",
            "cookie_http_only",
            "SessionManagerLayer",
            "SessionConfig",
            "CsrfConfig",
            "CookieConfig",
            "secure_cookie",
            "set_http_only",
            "set_secure",
            "http_only",
            "SET_COOKIE",
            "set-cookie",
            "Set-Cookie",
        ],
        crates: &[
            "cookie", "axum-extra", "actix-web", "actix-session", "tower-cookies", "tower-sessions", "axum_session",
            "axum_csrf", "rocket", "salvo", "poem", "warp", "hyper", "axum", "http", "tide",
        ],
        check: Check::Code(check),
    }
}

const HELP: &str = "set `.secure(true).http_only(true).same_site(SameSite::Lax)`";

fn check(code: &Code<'_>, findings: &mut Findings) {
    if code.snippet(code.outline().span).contains("debug_assertions") {
        return;
    }
    for call in code.calls() {
        switched_off(code, call, findings);
        missing(code, call, findings);
        raw_header(code, call, findings);
    }
}

/// An attribute set to `false`.
fn switched_off<'a>(code: &Code<'a>, call: &Call<'a>, findings: &mut Findings) {
    let [flag] = call.args[..] else { return };
    let (attribute, known) = match &*call.name {
        "cookie_secure" | "secure_cookie" => ("Secure", true),
        "cookie_http_only" => ("HttpOnly", true),
        "with_secure" => {
            ("Secure", is_on(code, call, &["SessionManagerLayer", "SessionConfig", "CsrfConfig"]))
        }
        "with_http_only" => ("HttpOnly", is_on(code, call, &["SessionManagerLayer", "SessionConfig"])),
        "secure" | "set_secure" => {
            ("Secure", is_on(code, call, &["Cookie", "CookieBuilder", "CookieConfig"]))
        }
        "http_only" | "set_http_only" => {
            ("HttpOnly", is_on(code, call, &["Cookie", "CookieBuilder", "CookieConfig"]))
        }
        _ => return,
    };
    if call.kind != CallKind::Method || !known || !code.is_bool(flag, false) {
        return;
    }
    if attribute == "HttpOnly" && is_for_scripts(code, call) {
        return;
    }
    let span = code.span(flag);
    findings
        .at(call.name_span, format!("this cookie is sent without `{attribute}`"))
        .label(span, "switched off here")
        .help(HELP)
        .fix(Fix::needs_review(format!("send it with `{attribute}`")).replace(span, "true"));
}

/// Whether a method is called on one of these types. Where its type is not known, one of them is
/// named in the unit.
fn is_on<'a>(code: &Code<'a>, call: &Call<'a>, types: &[&str]) -> bool {
    match &call.path {
        Some(path) => {
            let mut segments = path.0.rsplit("::").skip(1);
            segments.next().is_some_and(|ty| types.contains(&ty))
        }
        None => {
            let text = code.snippet(code.outline().span);
            words_of_code(text).any(|word| types.contains(&word))
        }
    }
}

fn words_of_code(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// Whether the cookie's content is made for scripts: a token that they send back, or a preference.
fn is_for_scripts<'a>(code: &Code<'a>, call: &Call<'a>) -> bool {
    let name = call.receiver.and_then(|receiver| cookie_name(code, receiver));
    match name {
        Some(name) => !is_session(&name),
        None => words_of_code(code.snippet(code.outline().span)).any(|word| {
            let word = word.to_ascii_lowercase();
            word.contains("csrf") || word.contains("xsrf")
        }),
    }
}

/// The name of the cookie that a chain of builder calls makes.
fn cookie_name<'a>(code: &Code<'a>, chain: &'a syn::Expr) -> Option<String> {
    let mut chain = chain;
    while let syn::Expr::MethodCall(call) = chain {
        chain = &call.receiver;
    }
    let call = code.call(chain).filter(|call| is_maker(call))?;
    name_of(code, &call)
}

/// `Cookie::build` and `Cookie::new` of the crate `cookie` and those that hand it on.
fn is_maker(call: &Call<'_>) -> bool {
    const CRATES: &[&str] = &[
        "cookie",
        "axum_extra",
        "actix_web",
        "tower_cookies",
        "rocket",
        "salvo",
        "salvo_core",
        "tide",
        "warp",
    ];
    let path = call.path.as_ref().filter(|path| CRATES.contains(&path.krate()));
    path.is_some_and(|path| path.0.ends_with("::Cookie::build") || path.0.ends_with("::Cookie::new"))
}

fn name_of<'a>(code: &Code<'a>, call: &Call<'a>) -> Option<String> {
    let first = match *call.args.first()? {
        syn::Expr::Tuple(pair) => pair.elems.first()?,
        name => name,
    };
    match code.constant(first)? {
        Constant::Str(name) => Some(name.to_string()),
        _ => None,
    }
}

/// Whether a cookie of this name stands for a login.
fn is_session(name: &str) -> bool {
    const SESSION: &[&str] =
        &["session", "sessionid", "sessid", "sid", "auth", "token", "jwt", "remember", "phpsessid"];
    let words = words(name);
    let csrf = words.iter().any(|word| word.contains("csrf") || word.contains("xsrf"));
    !csrf && words.iter().any(|word| SESSION.contains(&&**word))
}

/// A session cookie that is made and given its attributes in this unit, with one of them left out.
fn missing<'a>(code: &Code<'a>, call: &Call<'a>, findings: &mut Findings) {
    if !is_maker(call) || is_removal(code, call) {
        return;
    }
    let Some(name) = name_of(code, call).filter(|name| is_session(name)) else { return };
    let made = code.made(call);
    // Each attribute has its place, so that who may leave out one may not leave out the other.
    for (place, attribute, setters) in [
        (call.span, "Secure", ["secure", "set_secure"]),
        (call.name_span, "HttpOnly", ["http_only", "set_http_only"]),
    ] {
        if made.method(&setters).is_none() {
            let message = format!("the cookie `{name}` is sent without `{attribute}`");
            findings.at(place, message).help(HELP).less_certain_if(made.handed_on);
        }
    }
}

/// Whether the unit takes the cookie back, or keeps it in a jar that sets the attributes itself.
fn is_removal<'a>(code: &Code<'a>, call: &Call<'a>) -> bool {
    const REMOVERS: &[&str] = &[
        "removal",
        "make_removal",
        "remove",
        "remove_private",
        "add_private",
        "permanent_removal",
        "del_cookie",
    ];
    let value = match call.args[..] {
        [syn::Expr::Tuple(pair)] => pair.elems.get(1),
        [_, value] => Some(value),
        // A cookie without a value is made to take another back.
        _ => None,
    };
    value.is_none_or(|value| is_empty(code, value))
        || code.calls().iter().any(|other| REMOVERS.contains(&&*other.name) && other.kind == CallKind::Method)
        || code.calls().iter().any(|other| expires_at_once(code, other))
}

fn is_empty<'a>(code: &Code<'a>, value: &'a syn::Expr) -> bool {
    matches!(code.constant(value), Some(Constant::Str(text)) if text.is_empty())
}

/// `max_age(Duration::ZERO)`, `max_age(Duration::seconds(0))`.
fn expires_at_once(code: &Code<'_>, call: &Call<'_>) -> bool {
    let [age] = call.args[..] else { return false };
    let written = code.snippet(code.span(age)).replace(' ', "");
    matches!(&*call.name, "max_age" | "set_max_age")
        && (written.contains("ZERO") || written.ends_with("(0)") || written.contains("(0)."))
}

/// A `Set-Cookie` header written by hand.
fn raw_header<'a>(code: &Code<'a>, call: &Call<'a>, findings: &mut Findings) {
    let values: Vec<&syn::Expr> = match call.args[..] {
        [syn::Expr::Tuple(pair)] => pair.elems.iter().collect(),
        _ => call.args.clone(),
    };
    let [name, value] = values[..] else { return };
    let written = code.snippet(code.span(name)).to_ascii_lowercase().replace(['_', '-'], "");
    if !written.contains("setcookie") {
        return;
    }
    let Some((span, text)) = text_of(code, value) else { return };
    let Some((cookie, attributes)) = text.split_once('=') else { return };
    let lower = attributes.to_ascii_lowercase();
    let (content, attributes) = lower.split_once(';').unwrap_or((&lower, ""));
    let attributes: Vec<&str> = attributes.split(';').map(str::trim).collect();
    // What is filled in later may be an attribute.
    let open = attributes.iter().any(|attribute| attribute.starts_with('{'));
    let gone = content.is_empty()
        || attributes.contains(&"max-age=0")
        || attributes.iter().any(|a| a.contains("1970"));
    if !is_session(cookie) || open || gone {
        return;
    }
    for (place, attribute) in [(span, "Secure"), (code.span(name), "HttpOnly")] {
        if !attributes.contains(&&*attribute.to_ascii_lowercase()) {
            findings
                .at(place, format!("the cookie `{}` is sent without `{attribute}`", cookie.trim()))
                .help("add `; Secure; HttpOnly; SameSite=Lax`");
        }
    }
}

/// The text or format string of a value, looked for through calls and macros around it.
fn text_of<'a>(code: &Code<'a>, value: &'a syn::Expr) -> Option<(Span, String)> {
    match value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
            Some((code.span(text), text.value()))
        }
        syn::Expr::Macro(call) => {
            let expansion = code.expansion(&call.mac)?;
            text_of(code, &expansion.args.get(expansion.format?)?.expr)
        }
        syn::Expr::Reference(inner) => text_of(code, &inner.expr),
        syn::Expr::Try(inner) => text_of(code, &inner.expr),
        syn::Expr::MethodCall(call) => text_of(code, &call.receiver),
        syn::Expr::Call(call) if call.args.len() == 1 => text_of(code, &call.args[0]),
        syn::Expr::Path(_) => {
            let span = code.span(value);
            match code.constant(value)? {
                Constant::Str(text) => Some((span, text.to_string())),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn each_attribute_that_is_missing_is_a_finding() {
        let found = |text: &str| crate::fixture::found(&LINT, text);
        assert_eq!(
            found(
                "use cookie::Cookie;\nfn f(v: &str) { let a = Cookie::build((\"session\", v)).secure(true).http_only(true); let b = Cookie::build((\"token\", v)).http_only(true); }"
            ),
            "2:93 the cookie `token` is sent without `Secure`"
        );
        assert_eq!(
            found("use cookie::Cookie;\nfn f(v: &str) { let a = Cookie::build((\"session\", v)); }"),
            "2:25 the cookie `session` is sent without `Secure`\n2:33 the cookie `session` is sent without `HttpOnly`"
        );
        assert_eq!(
            found("fn f(r: R, v: &str) { r.header(\"Set-Cookie\", format!(\"sid={v}; Path=/\")); }"),
            "1:32 the cookie `sid` is sent without `HttpOnly`\n1:54 the cookie `sid` is sent without `Secure`"
        );
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                fn f(s: S) {
                    tower_sessions::SessionManagerLayer::new(s).with_secure(false);
                //~                                             ^^^^^^^^^^^ this cookie is sent without `Secure`
                //~                                                         ----- switched off here
                //~ fix: send it with `Secure`
                }
            "#]],
            expect![[r#"
                use actix_session::SessionMiddleware;
                fn f(s: S, k: K) {
                    SessionMiddleware::builder(s, k).cookie_secure(false).build();
                //~                                  ^^^^^^^^^^^^^ this cookie is sent without `Secure`
                //~                                                ----- switched off here
                //~ fix: send it with `Secure`
                }
            "#]],
            expect![[r#"
                use cookie::Cookie;
                fn f(v: String) {
                    let mut c = Cookie::new("auth_token", v);
                    c.set_http_only(true);
                    c.set_secure(false);
                //~   ^^^^^^^^^^ this cookie is sent without `Secure`
                //~              ----- switched off here
                //~ fix: send it with `Secure`
                }
            "#]],
            expect![[r#"
                use actix_web::cookie::Cookie;
                const NAME: &str = "sid";
                fn f(v: String) -> Cookie<'static> {
                    Cookie::build(NAME, v).path("/").secure(true).finish()
                //~         ^^^^^ the cookie `sid` is sent without `HttpOnly`
                }
            "#]],
            expect![[r#"
                fn f(id: &str) {
                    response.header(SET_COOKIE, format!("session={id}; Path=/; HttpOnly"))
                //~                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the cookie `session` is sent without `Secure`
                }
            "#]],
            expect![[r#"
                use rocket::http::{Cookie, CookieJar};
                fn f(jar: &CookieJar<'_>, id: String) {
                    jar.add(Cookie::new("session_id", id));
                //~         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the cookie `session_id` is sent without `Secure`
                //~                 ^^^ the cookie `session_id` is sent without `HttpOnly`
                }
            "#]],
            expect![[r#"
                fn f(id: &str, h: &mut HeaderMap) {
                    h.insert(
                        header::SET_COOKIE,
                //~     ^^^^^^^^^^^^^^^^^^ the cookie `jwt` is sent without `HttpOnly`
                        HeaderValue::from_str(&format!("jwt={}; Secure", id)).unwrap(),
                    );
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use cookie::Cookie;\nfn f(c: &Config, v: String) { Cookie::build((\"session\", v)).secure(c.tls).http_only(true).build(); }",
            "use cookie::Cookie;\nfn f(v: String) { Cookie::build((\"theme\", v)).path(\"/\").build(); }",
            "use cookie::Cookie;\nfn f(v: String) { Cookie::build((\"csrf_token\", v)).secure(true).http_only(false).build(); }",
            "use axum_extra::extract::cookie::{Cookie, CookieJar};\nfn f(jar: CookieJar) -> CookieJar { jar.remove(Cookie::build(\"session\")) }",
            "use cookie::Cookie;\nfn f() { Cookie::build((\"session\", \"\")).path(\"/\").build(); }",
            "fn f(id: &str) { response.header(SET_COOKIE, format!(\"session={id}; Path=/; HttpOnly; Secure; SameSite=Lax\")) }",
            "fn f() { response.header(SET_COOKIE, \"session=; Max-Age=0\") }",
            "struct Door; impl Door { fn secure(self, b: bool) {} }\nfn f(d: Door) { d.secure(false); }",
            "use rocket::http::{Cookie, CookieJar};\nfn f(jar: &CookieJar<'_>, id: String) { jar.add_private(Cookie::new(\"session\", id)); }",
        ]);
    }

    #[test]
    fn what_is_handed_on_is_less_certain() {
        LINT.sees([expect![[r#"
            use cookie::Cookie;
            fn f(id: &str) {
                let mut cookie = Cookie::new("session", id);
            //~                  ^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: the cookie `session` is sent without `Secure`
            //~                          ^^^ maybe: the cookie `session` is sent without `HttpOnly`
                harden(&mut cookie);
                jar.add(cookie);
            }
        "#]]]);
    }
}
