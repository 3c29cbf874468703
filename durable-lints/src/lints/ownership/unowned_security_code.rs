use std::collections::BTreeSet;

use crate::flow::{Purpose, takes_input};
use crate::lint::Modelled;
use crate::models::{Models, security, sinks, sources};
use crate::outline::ItemKind;
use crate::prelude::*;
use crate::report::Relevance;

declare_lint! {
    /// Code that matters to security has nobody who answers for it, so a fix in it has nobody who keeps it.
    ///
    /// What matters is an item that is unsafe, uses a crate of cryptography, TLS or authentication, takes
    /// what a client sends, or hands data to a database, a shell, a browser or another service. It is
    /// owned by `#[durable(owner = "…")]` on it or around it, by `durable_file!`, by the `paths` of an owner
    /// or by its package. Each file is told of once, with the items that nobody owns.
    ///
    /// ```toml
    /// # durable.toml
    /// [owners.identity]
    /// paths = ["/src/auth/"]      # and src/tls.rs, which talks to rustls, is nobody's
    /// ```
    ///
    /// ## What to do
    /// Add the file to the `paths` of the team that answers for it, or tag the code:
    /// `#[durable(owner = "identity")]`. `cargo durable owners` shows who answers for what.
    ///
    /// ## Known limits
    /// Nothing is told where no owner is declared. Tests, examples and generated code are left out, and so is
    /// code that only reads and writes files. What a glob import brings in is not recognised by its crate.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Medium,
        cwe: &[1053],
        spares_generated: true,
        triggers: &["unsafe"],
        modelled: names,
        check: Check::Security(relevance),
    }
}

/// What a sink of these purposes interprets does harm by itself. Every program opens files.
const PURPOSES: [Purpose; 5] = [Purpose::Sql, Purpose::Shell, Purpose::Program, Purpose::Html, Purpose::Url];

fn names(models: &Models) -> Modelled<'_> {
    let sinks = sinks::names(&PURPOSES);
    let built_in =
        security::crates().chain(sources::REQUEST_TRIGGERS.iter().chain(sources::EXTRACTOR_TRAITS).copied());
    let built_in = built_in.chain(sinks);
    let own = PURPOSES.iter().flat_map(|purpose| models.names_in_flows_to(*purpose).own);
    Modelled { built_in: built_in.collect(), own: own.collect(), crates: Vec::new() }
}

/// Why an item matters to security.
fn relevance(code: &Code<'_>) -> BTreeSet<Relevance> {
    let mut why = BTreeSet::new();
    // What only says how data is laid out does nothing.
    if matches!(code.outline().kind, ItemKind::Struct | ItemKind::Enum | ItemKind::Union | ItemKind::Type) {
        return why;
    }
    if code.hits.iter().any(|hit| !hit.in_string && code.snippet(hit.span) == "unsafe") {
        why.insert(Relevance::Unsafe);
    }
    if code.outline().kind == ItemKind::Impl {
        // What its methods do is told of them; itself, it is what its trait is.
        let api = code.names.implemented_trait(code.file, code.item);
        why.extend(api.as_ref().and_then(security::of_crate));
        let is_extractor = api.is_some_and(|api| sources::EXTRACTOR_TRAITS.contains(&api.name()));
        why.extend(is_extractor.then_some(Relevance::Input));
        return why;
    }
    let paths = code.paths().into_iter().filter_map(|path| code.resolve(path));
    let called = code.calls().iter().filter_map(|call| call.path.clone());
    for api in paths.chain(called) {
        why.extend(security::of_crate(&api));
        let sinks = code.names.models.sinks(&api);
        why.extend(sinks.iter().any(|sink| PURPOSES.contains(&sink.purpose)).then_some(Relevance::Sink));
    }
    why.extend(takes_input(code).then_some(Relevance::Input));
    why
}

#[cfg(test)]
mod tests {
    use crate::fixture;

    /// The items that matter, each with why.
    fn matters(text: &str) -> String {
        let report = fixture::check(&fixture::split("src/lib.rs", text));
        let item = |item: &crate::report::SecurityItem| {
            let why: Vec<&str> = item.why.iter().map(|why| why.name()).collect();
            format!("{}: {}", item.item, why.join(" "))
        };
        report.security.iter().map(item).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_matters_is_known_by_what_it_is_and_uses() {
        for (text, expected) in [
            ("fn f(p: *const u8) -> u8 { unsafe { *p } }", "f: unsafe"),
            ("unsafe fn f() {}", "f: unsafe"),
            ("struct S; unsafe impl Send for S {}", "<Send for S>: unsafe"),
            ("fn f() { ring::rand::SystemRandom::new(); }", "f: crypto"),
            ("use ring::hmac; fn f(k: &hmac::Key) {} fn g() {}", "f: crypto"),
            (
                "use ring::{aead::{self, Nonce}, hmac as mac}; fn f() { Nonce::x(); } fn g() { mac::y(); } fn h(k: aead::K) {}",
                "f: crypto; g: crypto; h: crypto",
            ),
            ("use jsonwebtoken::decode; fn f() { decode(); }", "f: auth"),
            (
                "//- Cargo.toml\n[package]\nname = \"a\"\nversion = \"0.1.0\"\n[dependencies]\nring = \"0.17\"\n//- src/lib.rs\nmod keys;\nfn f() { crate::keys::Key::new(); }\n//- src/keys.rs\npub use ring::hmac::Key;\n",
                "f: crypto",
            ),
            (
                "use axum::{Json, extract::Path}; async fn f(Path(id): Path<u32>) -> Json<u32> { Json(id) }",
                "f: input",
            ),
            (
                "use actix_web::FromRequest; struct User; impl FromRequest for User {}",
                "<FromRequest for User>: input",
            ),
            ("fn f(q: &str) { sqlx::query(q); }", "f: sink"),
            ("use ring::hmac; struct S; impl S { fn f(k: &hmac::Key) {} fn g() {} }", "<S>::f: crypto"),
            (
                "use aead::Aead; struct S<A>(A); impl<A: Aead> Aead for S<A> {} impl<A: Aead> S<A> { fn g() {} }",
                "<< A : Aead > Aead for S < A >>: crypto",
            ),
            ("fn f(p: &str) { std::process::Command::new(p); }", "f: sink"),
            ("static KEY: std::sync::LazyLock<ring::hmac::Key> = x();", "KEY: crypto"),
        ] {
            assert_eq!(matters(text), expected, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it_does_not_matter() {
        for text in [
            "type F = unsafe fn();",
            "fn f() { let s = \"unsafe { ring::hmac }\"; }",
            "struct S { key: ring::hmac::Key }",
            "mod ring { pub fn call() {} } fn f() { self::ring::call(); }",
            "struct Path; fn f(p: Path) {}",
            "fn f() { std::fs::read(\"a\"); }",
            "#[cfg(test)] mod tests { fn f() { unsafe { x() } } }",
            "use ring::hmac; struct Key; fn f(k: Key) {}",
            "enum Json { A } fn f() -> Json { Json::A }",
            "fn query(q: &str) {} fn f() { query(\"a\"); }",
        ] {
            assert_eq!(matters(text), "", "{text}");
        }
    }
}
