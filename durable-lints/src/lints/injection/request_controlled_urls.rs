use crate::flow::Purpose;
use crate::models::sources;
use crate::prelude::*;

declare_lint! {
    /// A client makes this service call any server, those behind its firewall included.
    ///
    /// Whoever chooses the host of an outgoing request reaches what only the service can reach: the
    /// metadata address of the cloud, databases, admin pages. `https://api.example.com{path}` without a
    /// slash lets `@evil.example` choose the host as well.
    ///
    /// ```rust,bad
    /// use axum::extract::Query;
    ///
    /// async fn preview(Query(target): Query<Target>, client: reqwest::Client) -> reqwest::Result<String> {
    ///     client.get(&target.url).send().await?.text().await
    /// }
    ///
    /// struct Target {
    ///     url: String,
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use axum::extract::Query;
    ///
    /// async fn preview(Query(target): Query<Target>, client: reqwest::Client) -> Result<String, Error> {
    ///     let url = url::Url::parse(&target.url)?;
    ///     if !matches!(url.host_str(), Some("img.example.com")) {
    ///         return Err(Error::Host);
    ///     }
    ///     Ok(client.get(url).send().await?.text().await?)
    /// }
    ///
    /// struct Target {
    ///     url: String,
    /// }
    /// ```
    ///
    /// ## What to do
    /// Compare the parsed host with a fixed or configured set, and turn redirects off
    /// (`redirect::Policy::none()`). Where any host has to be allowed, resolve it with a resolver that
    /// refuses private addresses. Where only the path varies, write scheme, host and the slash in code.
    ///
    /// ## Known limits
    /// Addresses that are stored first and called later (webhooks) are not followed through the database.
    /// An argument is one place, however many values make it up and wherever it goes from there.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[918],
        triggers: &["reqwest", "TcpStream", "connect_async", "from_shared", "ureq", "Agent"],
        modelled: |models| models.names_in_flows_to(Purpose::Url),
        crates: sources::FRAMEWORKS,
        check: Check::Code(check),
    }
}

fn check(code: &Code<'_>, findings: &mut Findings) {
    let mut told: Vec<Span> = Vec::new();
    for (sink, _) in code.flow().threats(Purpose::Url) {
        // Behind a base address of unknown origin, the client chooses a path only.
        if !sink.value.head.iter().any(|kind| kind.is_hostile()) {
            continue;
        }
        let Some(origin) = sink.request(code).filter(|_| !told.contains(&sink.argument)) else { continue };
        told.push(sink.argument);
        findings
            .at(sink.argument, "a client chooses the server that this request goes to")
            .primary(sink.reach())
            .label(origin.span, format!("{} enters here", origin.what))
            .help("compare the parsed host with a fixed set before the request, and do not follow redirects")
            // Where the value ends in another function, what that does with it is known less well.
            .less_certain_if(sink.via.is_some() || sink.is_checked_by_name());
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use axum::extract::Query;
                struct Q {
                    host: String,
                }
                async fn f(Query(q): Query<Q>) {
                //~        -------- `Query` extractor `Query(q)` enters here
                    reqwest::get(format!("https://{}/status", q.host)).await;
                //~              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a client chooses the server that this request goes to
                //~              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `reqwest::get`
                }
            "#]],
            expect![[r#"
                use axum::extract::Path;
                async fn f(Path(path): Path<String>) {
                //~        ---------- `Path` extractor `Path(path)` enters here
                    reqwest::get(format!("https://api.example.com{path}")).await;
                //~              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a client chooses the server that this request goes to
                //~              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `reqwest::get`
                }
            "#]],
            expect![[r#"
                use axum::Json;
                struct Q {
                    url: String,
                }
                async fn f(client: reqwest::Client, Json(q): Json<Q>) {
                //~                                 ------- `Json` extractor `Json(q)` enters here
                    client.post(q.url.as_str()).send().await;
                //~             ^^^^^^^^^^^^^^ a client chooses the server that this request goes to
                //~             ^^^^^^^^^^^^^^ reaches `reqwest::Client::post`
                }
            "#]],
            expect![[r#"
                use axum::extract::Query;
                struct Q {
                    url: String,
                }
                async fn f(Query(q): Query<Q>) -> Result<(), ()> {
                //~        -------- `Query` extractor `Query(q)` enters here
                    if !q.url.starts_with("https://") {
                        return Err(());
                    }
                    fetch(&q.url).await;
                //~       ^^^^^^ maybe: a client chooses the server that this request goes to
                //~       ^^^^^^ reaches `reqwest::get` in `fetch`
                    Ok(())
                }
                async fn fetch(url: &str) {
                    reqwest::get(url).await;
                }
            "#]],
            expect![[r#"
                use axum::extract::Query;
                struct Q {
                    host: String,
                }
                async fn f(Query(q): Query<Q>) {
                //~        -------- `Query` extractor `Query(q)` enters here
                    tokio::net::TcpStream::connect(&q.host).await;
                //~                                ^^^^^^^ a client chooses the server that this request goes to
                //~                                ^^^^^^^ reaches `tokio::net::TcpStream::connect`
                }
            "#]],
            expect![[r#"
                use axum::extract::State;
                async fn f(State(client): State<reqwest::Client>, url: String) {
                //~                                               --- `String` extractor `url` enters here
                    client.get(url).send().await;
                //~            ^^^ a client chooses the server that this request goes to
                //~            ^^^ reaches `reqwest::Client::get`
                }
            "#]],
            expect![[r#"
                use actix_web::{HttpResponse, web};
                async fn f(pool: web::Data<Pool>, url: String) -> HttpResponse {
                //~                               --- `String` extractor `url` enters here
                    reqwest::get(url).await;
                //~              ^^^ a client chooses the server that this request goes to
                //~              ^^^ reaches `reqwest::get`
                    HttpResponse::Ok().finish()
                }
            "#]],
            expect![[r##"
                #[get("/<host>/icon")]
                async fn icon(host: &str) {
                //~           ---- route parameter `host` enters here
                    fetch(host).await;
                //~       ^^^^ maybe: a client chooses the server that this request goes to
                //~       ^^^^ reaches `reqwest::get` in `fetch`
                }
                async fn fetch(host: &str) {
                    reqwest::get(format!("https://{host}/")).await;
                }
                [package]
                name = "x"
                [dependencies]
                rocket = "0.5"
                reqwest = "0.12"
            "##]],
            expect![[r#"
                use actix_web::web;
                async fn f(url: web::Json<String>) {
                //~        --- `Json` extractor `url` enters here
                    ureq::get(&url.into_inner()).call();
                //~           ^^^^^^^^^^^^^^^^^ a client chooses the server that this request goes to
                //~           ^^^^^^^^^^^^^^^^^ reaches `ureq::get`
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use axum::extract::Path;\nasync fn f(Path(id): Path<String>) { reqwest::get(format!(\"https://api.example.com/v1/{id}\")).await; }",
            "use axum::extract::{Path, State}; struct Config { base: String }\nasync fn f(State(config): State<Config>, Path(id): Path<String>) { reqwest::get(format!(\"{}/users/{id}\", config.base)).await; }",
            "use axum::extract::Path;\nasync fn f(base: &str, Path(id): Path<String>) { reqwest::get(format!(\"{base}/users/{id}\")).await; }",
            "use axum::extract::Path;\nasync fn f(Path(port): Path<u16>) { tokio::net::TcpStream::connect(format!(\"localhost:{port}\")).await; }",
            "use axum::extract::Query; struct Q { q: String }\nasync fn f(Query(q): Query<Q>, client: reqwest::Client) { client.get(\"https://example.com/search\").query(&[(\"q\", &q.q)]).send().await; }",
            "fn f(url: &str) { reqwest::blocking::get(url); }",
            "use axum::{extract::Request, response::Response};\nasync fn forward(req: Request, path: String, nodes: Vec<String>) -> Response { reqwest::get(path).await; todo!() }",
            "use axum::{Form, extract::State}; use uuid::Uuid; struct Login { password: String } enum Step { Start, Cred(Cred) } struct Cred { session: Uuid, text: String } struct Answer { session: Uuid, token_url: Url } struct Server { sessions: Sessions }\nimpl Server { async fn auth(&self, step: &Step) -> Result<Answer, Error> { match step { Step::Cred(cred) => { let known = self.sessions.read().get(&cred.session).cloned().ok_or(Error::Session)?; known.check(&cred.text, &self.sessions).map(|url| Answer { session: cred.session, token_url: url }) } Step::Start => Err(Error::Session) } } }\nasync fn f(State(server): State<Server>, Form(login): Form<Login>) { let answer = server.auth(&Step::Cred(Cred { session: Uuid::new_v4(), text: login.password })).await.unwrap(); reqwest::get(answer.token_url).await; }",
            "use actix_web::HttpRequest;\nfn adapt(request: &HttpRequest, url: String, client: &reqwest::Client) -> reqwest::RequestBuilder { client.request(request.method().clone(), url) }",
            "use actix_web::web;\nasync fn load(pool: web::Data<Pool>, url: String) -> Result<Page, Error> { pool.store(reqwest::get(url).await?).await }",
        ]);
    }

    #[test]
    fn what_is_checked_by_name_alone_is_less_certain() {
        LINT.sees([expect![[r#"
            use axum::extract::Path;
            async fn f(Path(url): Path<String>, limiter: Limiter) {
            //~        --------- `Path` extractor `Path(url)` enters here
                if limiter.check(&url) {
                    reqwest::get(url).await;
            //~                  ^^^ maybe: a client chooses the server that this request goes to
            //~                  ^^^ reaches `reqwest::get`
                }
            }
        "#]]]);
    }
}
