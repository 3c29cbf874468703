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
    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.holds(
            &[
                "use axum::extract::Query; struct Q { host: String }\nasync fn f(Query(q): Query<Q>) { reqwest::get(format!(\"https://{}/status\", q.host)).await; }",
                "use axum::extract::Path;\nasync fn f(Path(path): Path<String>) { reqwest::get(format!(\"https://api.example.com{path}\")).await; }",
                "use axum::Json; struct Q { url: String }\nasync fn f(client: reqwest::Client, Json(q): Json<Q>) { client.post(q.url.as_str()).send().await; }",
                "use axum::extract::Query; struct Q { url: String }\nasync fn f(Query(q): Query<Q>) -> Result<(), ()> { if !q.url.starts_with(\"https://\") { return Err(()); } fetch(&q.url).await; Ok(()) }\nasync fn fetch(url: &str) { reqwest::get(url).await; }",
                "use axum::extract::Query; struct Q { host: String }\nasync fn f(Query(q): Query<Q>) { tokio::net::TcpStream::connect(&q.host).await; }",
                "use axum::extract::State;\nasync fn f(State(client): State<reqwest::Client>, url: String) { client.get(url).send().await; }",
                "use actix_web::{web, HttpResponse};\nasync fn f(pool: web::Data<Pool>, url: String) -> HttpResponse { reqwest::get(url).await; HttpResponse::Ok().finish() }",
                "#[get(\"/<host>/icon\")]\nasync fn icon(host: &str) { fetch(host).await; }\nasync fn fetch(host: &str) { reqwest::get(format!(\"https://{host}/\")).await; }\n//- Cargo.toml\n[package]\nname = \"x\"\n[dependencies]\nrocket = \"0.5\"\nreqwest = \"0.12\"\n",
                "use actix_web::web;\nasync fn f(url: web::Json<String>) { ureq::get(&url.into_inner()).call(); }",
            ],
            &[
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
            ],
        );
    }
}
