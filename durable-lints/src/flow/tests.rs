//! Rust in, one line out for each argument of a sink that is not harmless:
//! `purpose: argument text <- origins`, with what is known of the value besides.

use std::fmt::Write;

use super::{OriginKind, SinkUse};
use crate::code::Code;
use crate::resolve::testing::for_each_unit;

/// The sinks that hostile data reaches.
fn threats(text: &str) -> String {
    said(text, |sink| sink.threat().is_some())
}

/// Every sink.
fn sinks(text: &str) -> String {
    said(text, |_| true)
}

fn said(text: &str, wanted: impl Fn(&SinkUse<'_>) -> bool) -> String {
    let mut said = String::new();
    for_each_unit(text, |code| {
        for sink in code.flow().sinks().iter().filter(|sink| wanted(sink)) {
            let _ = writeln!(said, "{}", line(code, sink));
        }
    });
    said
}

fn line(code: &Code<'_>, sink: &SinkUse<'_>) -> String {
    let mut origins: Vec<String> = sink
        .value
        .origins
        .iter()
        .map(|origin| match origin.kind {
            OriginKind::Parameter(super::SELF) => "self".to_owned(),
            OriginKind::Parameter(at) => format!("parameter {at}"),
            kind => format!("{kind:?}").to_lowercase(),
        })
        .collect();
    origins.sort();
    origins.dedup();
    let mut line = format!("{:?}: {} <- {}", sink.purpose, code.snippet(sink.argument), origins.join(", "));
    if sink.value.constant {
        line.push_str(" constant");
    }
    if sink.value.built {
        line.push_str(" built");
    }
    if !sink.value.safe_for.is_empty() {
        let _ = write!(line, " safe for {:?}", sink.value.safe_for);
    }
    if let Some(via) = &sink.via {
        let _ = write!(line, " via {}", via.function.name());
    }
    line
}

#[test]
fn sql_in_the_shapes_people_write() {
    let text = r#"
use axum::extract::{Path, Query};
use axum::Json;
struct Search { name: String, page: u32 }
async fn formatted(Query(q): Query<Search>, db: sqlx::PgPool) {
    let sql = format!("SELECT * FROM users WHERE name = '{}'", q.name);
    sqlx::query(&sql).fetch_all(&db).await;
}
async fn captured(Path(name): Path<String>) {
    sqlx::query(&format!("DELETE FROM users WHERE name = '{name}'"));
}
async fn added(Json(search): Json<Search>, conn: rusqlite::Connection) {
    let sql = "SELECT * FROM t WHERE n = ".to_string() + &search.name;
    conn.execute(&sql, []).unwrap();
}
async fn pushed(Query(q): Query<Search>, client: tokio_postgres::Client) {
    let mut sql = String::from("SELECT * FROM t");
    if !q.name.is_empty() {
        sql.push_str(" WHERE n = ");
        sql += &q.name;
    }
    client.query(&sql, &[]).await.unwrap();
}
async fn handed_on(Path(name): Path<String>, db: sqlx::PgPool) { load(&db, &name).await; }
async fn load(db: &sqlx::PgPool, name: &str) {
    let sql = statement(name);
    sqlx::query(&sql).fetch_one(db).await;
}
fn statement(name: &str) -> String { format!("SELECT * FROM t WHERE n = '{}'", name) }
async fn listed(Json(names): Json<Vec<String>>) {
    let list = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(",");
    sqlx::raw_sql(&format!("SELECT * FROM t WHERE n IN ({list})"));
}
"#;
    assert_eq!(
        threats(text),
        "Sql: &sql <- request built\n\
         Sql: &format!(\"DELETE FROM users WHERE name = '{name}'\") <- request built\n\
         Sql: &sql <- request built\n\
         Sql: &sql <- request built\n\
         Sql: &name <- request built via load\n\
         Sql: &format!(\"SELECT * FROM t WHERE n IN ({list})\") <- request built\n"
    );
}

#[test]
fn sql_that_is_fine() {
    let text = r#"
use axum::extract::{Path, Query};
struct Search { name: String, page: u32, sort: String, order: Order }
enum Order { Up, Down }
const TABLE: &str = "users";
async fn bound(Query(q): Query<Search>, db: sqlx::PgPool) {
    sqlx::query("SELECT * FROM users WHERE name = $1").bind(q.name).fetch_all(&db).await;
}
async fn number(Path(id): Path<u64>, Query(q): Query<Search>) {
    sqlx::query(&format!("SELECT * FROM {TABLE} WHERE id = {id} LIMIT {}", q.page));
}
async fn chosen(Query(q): Query<Search>) {
    let column = match q.sort.as_str() { "name" => "name", _ => "id" };
    sqlx::query(&format!("SELECT * FROM t ORDER BY {column}"));
}
async fn allowed(Query(q): Query<Search>) -> Result<(), Error> {
    const COLUMNS: &[&str] = &["id", "name"];
    if !COLUMNS.contains(&q.sort.as_str()) {
        return Err(Error::Column);
    }
    sqlx::query(&format!("SELECT * FROM t ORDER BY {}", q.sort));
    Ok(())
}
async fn placeholders(Query(q): Query<Search>, ids: Vec<i64>) {
    let marks = std::iter::repeat("?").take(ids.len()).collect::<Vec<_>>().join(", ");
    sqlx::query(&format!("SELECT * FROM t WHERE id IN ({marks})"));
}
async fn parsed(Query(q): Query<Search>) {
    let id: i64 = q.name.parse().unwrap();
    sqlx::query(&format!("SELECT * FROM t WHERE id = {id}"));
}
async fn plain_enum(Query(q): Query<Search>) {
    sqlx::query(&format!("SELECT * FROM t ORDER BY id {}", q.order));
}
"#;
    assert_eq!(threats(text), "");
}

#[test]
fn shells() {
    let bad = r#"
use std::process::Command;
fn chained(name: &str) { Command::new("sh").arg("-c").arg(format!("gzip {name}")).status(); }
fn listed(name: String) { Command::new("/bin/bash").args(["-c", &format!("gzip {}", name)]).output(); }
fn stepwise(name: String) {
    let mut command = Command::new("sh");
    command.arg("-c");
    command.arg(&name);
    command.spawn();
}
fn windows(name: String) { tokio::process::Command::new("cmd").args(&["/C", "dir", &name]).spawn(); }
fn branches(name: &str) {
    let mut cmd = if cfg!(windows) { Command::new("cmd") } else { Command::new("sh") };
    let script = ["ls", name].join(" ");
    Command::new("bash").arg("-lc").arg(script).status();
}
fn ssh(channel: &mut ssh2::Channel, dir: &str) { channel.exec(&format!("ls {dir}")).unwrap(); }
"#;
    let shell = |text| {
        said(text, |sink| {
            sink.purpose == super::Purpose::Shell
                && !sink.value.constant
                && !sink.value.is_safe_for(sink.purpose)
        })
    };
    assert_eq!(
        shell(bad),
        "Shell: format!(\"gzip {name}\") <- parameter 0 built\n\
         Shell: &format!(\"gzip {}\", name) <- parameter 0 built\n\
         Shell: &name <- parameter 0\n\
         Shell: \"dir\" <-  constant\n\
         Shell: &name <- parameter 0\n\
         Shell: script <- parameter 0 built\n\
         Shell: &format!(\"ls {dir}\") <- parameter 1 built\n"
            .replace("Shell: \"dir\" <-  constant\n", "")
    );
    let good = r#"
use std::process::Command;
fn no_shell(name: &str) { Command::new("gzip").arg("-c").arg(name).status(); }
fn fixed() { Command::new("sh").arg("-c").arg("gzip *").status(); }
fn positional(name: &str) { Command::new("sh").arg("-c").arg("gzip \"$1\"").arg("sh").arg(name).status(); }
fn quoted(name: &str) { Command::new("sh").arg("-c").arg(format!("gzip {}", shlex::try_quote(name).unwrap())).status(); }
fn number(level: u8) { Command::new("sh").args(["-c", &format!("gzip -{level} x")]).status(); }
fn script_file(name: &str) { Command::new("bash").arg("build.sh").arg(name).status(); }
"#;
    assert_eq!(shell(good), "");
}

#[test]
fn paths() {
    let bad = r#"
use axum::extract::{Path, Query, Multipart};
use std::path::PathBuf;
struct File { name: String }
async fn joined(Path(name): Path<String>) { tokio::fs::read(std::path::Path::new("data").join(&name)).await; }
async fn formatted(Query(file): Query<File>) { std::fs::File::open(format!("data/{}", file.name)); }
async fn pushed(Query(file): Query<File>) {
    let mut path = PathBuf::from("data");
    path.push(file.name);
    std::fs::remove_file(&path);
}
async fn upload(mut form: Multipart) {
    while let Some(field) = form.next_field().await.unwrap() {
        let name = field.file_name().unwrap().to_string();
        std::fs::write(format!("up/{name}"), field.bytes().await.unwrap());
    }
}
async fn only_dots(Path(name): Path<String>) -> Result<(), ()> {
    if name.contains("..") { return Err(()); }
    std::fs::read(PathBuf::from("data").join(name)).ok();
    Ok(())
}
async fn stored(req: actix_web::HttpRequest) { open(req.match_info().get("name").unwrap()); }
fn open(name: &str) { let _ = std::fs::File::open(name); }
"#;
    assert_eq!(
        threats(bad),
        "Path: std::path::Path::new(\"data\").join(&name) <- request built\n\
         Path: format!(\"data/{}\", file.name) <- request built\n\
         Path: &path <- request built\n\
         Path: format!(\"up/{name}\") <- request built\n\
         Path: PathBuf::from(\"data\").join(name) <- request built\n\
         Path: req.match_info().get(\"name\").unwrap() <- request via open\n"
    );
    let good = r#"
use axum::extract::{Path, Query};
use std::path::{Component, PathBuf};
struct File { name: String }
async fn number(Path(id): Path<u32>) { std::fs::read(format!("data/{id}.json")).ok(); }
async fn last_part(Path(name): Path<String>) -> Option<()> {
    let name = std::path::Path::new(&name).file_name()?;
    std::fs::read(PathBuf::from("data").join(name)).ok();
    None
}
async fn components(Path(name): Path<String>) -> Result<(), ()> {
    let ok = std::path::Path::new(&name).components().all(|c| matches!(c, Component::Normal(_)));
    if !ok { return Err(()); }
    std::fs::read(PathBuf::from("data").join(&name)).ok();
    Ok(())
}
async fn canonical(Path(name): Path<String>, base: PathBuf) -> std::io::Result<Vec<u8>> {
    let full = base.join(&name).canonicalize()?;
    if !full.starts_with(&base) { return Err(refuse()); }
    std::fs::read(full)
}
async fn own_check(Query(file): Query<File>) -> Result<(), Error> {
    only_letters(&file.name)?;
    std::fs::read(format!("data/{}", file.name)).ok();
    Ok(())
}
fn only_letters(text: &str) -> Result<(), Error> {
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') { return Err(Error::Name); }
    Ok(())
}
async fn dots_and_slashes(Path(name): Path<String>) -> Result<(), ()> {
    if name.contains("..") || name.starts_with('/') { return Err(()); }
    std::fs::read(PathBuf::from("data").join(name)).ok();
    Ok(())
}
fn operator() { std::fs::read(std::env::args().nth(1).unwrap()).ok(); }
"#;
    assert_eq!(threats(good), "");
    // What is a check by its name alone may be about anything.
    let named = r#"
use axum::extract::Query;
struct File { name: String }
async fn checked(Query(file): Query<File>) -> Result<(), Error> {
    validate_name(&file.name)?;
    std::fs::read(format!("data/{}", file.name)).ok();
    Ok(())
}
async fn rate_limited(Query(file): Query<File>, limiter: Limiter) {
    if limiter.check(&file.name) { std::fs::read(&file.name).ok(); }
}
"#;
    assert_eq!(
        threats(named),
        "Path: format!(\"data/{}\", file.name) <- request built safe for [Nominal]\n\
         Path: &file.name <- request safe for [Nominal]\n"
    );
}

#[test]
fn urls() {
    let bad = r#"
use axum::extract::{Path, Query};
struct Target { url: String, host: String }
async fn whole(Query(q): Query<Target>) { reqwest::get(&q.url).await; }
async fn host(Query(q): Query<Target>) { reqwest::get(format!("https://{}/status", q.host)).await; }
async fn no_slash(Path(path): Path<String>) { reqwest::get(format!("https://api.example.com{path}")).await; }
async fn client(Query(q): Query<Target>, client: reqwest::Client) {
    client.post(q.url.as_str()).send().await;
}
async fn scheme_only(Query(q): Query<Target>) -> Result<(), ()> {
    if !q.url.starts_with("https://") { return Err(()); }
    fetch(&q.url).await;
    Ok(())
}
async fn fetch(url: &str) { reqwest::get(url).await; }
async fn tcp(Query(q): Query<Target>) { tokio::net::TcpStream::connect(&q.host).await; }
"#;
    assert_eq!(
        threats(bad),
        "Url: &q.url <- request\n\
         Url: format!(\"https://{}/status\", q.host) <- request built\n\
         Url: format!(\"https://api.example.com{path}\") <- request built\n\
         Url: q.url.as_str() <- request\n\
         Url: &q.url <- request via fetch\n\
         Url: &q.host <- request\n"
    );
    let good = r#"
use axum::extract::{Path, Query, State};
struct Target { url: String }
struct Config { base: String }
const API: &str = "https://api.example.com/";
async fn path_only(Path(id): Path<String>) { reqwest::get(format!("https://api.example.com/v1/{id}")).await; }
async fn constant_base(Path(id): Path<String>) { reqwest::get(API.to_owned() + &id).await; }
async fn configured(State(config): State<Config>, Path(id): Path<String>) {
    reqwest::get(format!("{}/users/{id}", config.base)).await;
}
async fn checked_host(Query(q): Query<Target>) -> Result<(), Error> {
    let url = url::Url::parse(&q.url)?;
    if !matches!(url.host_str(), Some("img.example.com")) { return Err(Error::Host); }
    reqwest::get(url).await;
    Ok(())
}
async fn listed_host(Query(q): Query<Target>, hosts: Vec<String>) -> Result<(), Error> {
    let url = url::Url::parse(&q.url)?;
    let host = url.host_str().ok_or(Error::Host)?;
    if !hosts.iter().any(|allowed| allowed == host) { return Err(Error::Host); }
    reqwest::get(url.clone()).await;
    Ok(())
}
async fn number(Path(port): Path<u16>) { tokio::net::TcpStream::connect(format!("localhost:{port}")).await; }
"#;
    assert_eq!(threats(good), "");
}

#[test]
fn html() {
    let bad = r#"
use axum::{extract::Query, response::Html};
struct Hello { name: String }
async fn formatted(Query(q): Query<Hello>) -> Html<String> { Html(format!("<h1>Hello {}</h1>", q.name)) }
async fn pushed(Query(q): Query<Hello>) -> Html<String> {
    let mut page = String::from("<ul>");
    for word in q.name.split(' ') { page.push_str(&format!("<li>{word}</li>")); }
    Html(page)
}
async fn written(Query(q): Query<Hello>) -> Html<String> {
    use std::fmt::Write;
    let mut page = String::new();
    write!(page, "<b>{}</b>", q.name).unwrap();
    Html(page)
}
async fn actix(q: actix_web::web::Query<Hello>) -> actix_web::HttpResponse {
    actix_web::HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!("<b>{}</b>", q.name))
}
async fn templated(Query(q): Query<Hello>) -> Html<String> { Html(TEMPLATE.replace("{{name}}", &q.name)) }
const TEMPLATE: &str = "<b>{{name}}</b>";
"#;
    assert_eq!(
        threats(bad),
        "Html: format!(\"<h1>Hello {}</h1>\", q.name) <- request built\n\
         Html: page <- request built\n\
         Html: page <- request built\n\
         Html: format!(\"<b>{}</b>\", q.name) <- request built\n\
         Html: TEMPLATE.replace(\"{{name}}\", &q.name) <- request built\n"
    );
    let good = r#"
use axum::{extract::{Path, Query}, response::Html, Json};
struct Hello { name: String }
async fn encoded(Query(q): Query<Hello>) -> Html<String> {
    Html(format!("<h1>Hello {}</h1>", html_escape::encode_text(&q.name)))
}
async fn number(Path(id): Path<u64>) -> Html<String> { Html(format!("<b>{id}</b>")) }
async fn by_hand(Query(q): Query<Hello>) -> Html<String> {
    Html(format!("<b>{}</b>", q.name.replace('&', "&amp;").replace('<', "&lt;")))
}
async fn plain(q: actix_web::web::Query<Hello>) -> actix_web::HttpResponse {
    actix_web::HttpResponse::Ok().content_type("text/plain").body(format!("hello {}", q.name))
}
async fn own(Query(q): Query<Hello>) -> Html<String> { Html(format!("<b>{}</b>", escape_html(&q.name))) }
fn escape_html(text: &str) -> String { text.chars().map(escape).collect() }
async fn json(Query(q): Query<Hello>) -> Json<String> { Json(format!("<b>{}</b>", q.name)) }
"#;
    assert_eq!(threats(good), "");
}

#[test]
fn sizes_and_archives() {
    let bad = r#"
use std::io::Read;
async fn reserve(axum::extract::Path(n): axum::extract::Path<usize>) { let v: Vec<u8> = Vec::with_capacity(n); }
fn unpack(file: std::fs::File, target: &std::path::Path) {
    let mut archive = tar::Archive::new(file);
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = target.join(entry.path().unwrap());
        let mut out = std::fs::File::create(&path).unwrap();
    }
}
"#;
    assert_eq!(
        threats(bad),
        "Size: n <- request constant\n\
         Path: &path <- archive, parameter 1 built\n"
    );
    let good = r#"
async fn bounded(axum::extract::Path(n): axum::extract::Path<usize>) {
    let a: Vec<u8> = Vec::with_capacity(n.min(1024));
    if n > 1024 { return; }
    let b: Vec<u8> = Vec::with_capacity(n);
}
fn unpack(file: std::fs::File, target: &std::path::Path) {
    let mut archive = zip::ZipArchive::new(file).unwrap();
    for at in 0..archive.len() {
        let entry = archive.by_index(at).unwrap();
        let Some(name) = entry.enclosed_name() else { continue };
        std::fs::File::create(target.join(name)).unwrap();
    }
}
"#;
    assert_eq!(threats(good), "");
}

#[test]
fn parameters_are_known_as_such() {
    let text = r#"
fn f(a: &str, b: &'static str, n: u32) {
    std::fs::read(a).ok();
    std::fs::read(b).ok();
    std::fs::read(format!("x/{n}")).ok();
    let c = if n > 1 { a.to_string() } else { String::from("fixed") };
    std::fs::read(&c).ok();
}
"#;
    assert_eq!(
        sinks(text),
        "Path: a <- parameter 0\n\
         Path: b <-  constant\n\
         Path: format!(\"x/{n}\") <-  constant\n\
         Path: &c <- parameter 0\n"
    );
}

#[test]
fn odd_code_is_survived() {
    let mut long = String::from("fn f(q: &str) { let mut s = String::new();\n");
    (0..3000).for_each(|at| {
        long.push_str(&format!("if q.len() == {at} {{ s += q; }} else {{ s.push_str(\"{at}\") }}\n"))
    });
    long.push_str("std::fs::read(s); }");
    assert!(sinks(&long).starts_with("Path: s <- parameter 0"));
    let recursive = "fn f(q: &str) { g(q); std::fs::read(q); } fn g(q: &str) { f(q); h(q); } fn h(q: &str) { g(q); f(q) }";
    assert!(sinks(recursive).contains("via f"));
    let circular =
        "fn f(q: &str, ok: bool) { let ok = !ok; let ok = !ok && q.is_empty(); if ok { std::fs::read(q); } }";
    assert!(sinks(circular).starts_with("Path: q"));
    let mut grown = String::from("fn f(q: &str) { let x = S { a: q, b: q };\n");
    (0..200).for_each(|_| grown.push_str("let x = S { a: x, b: x };\n"));
    assert_eq!(sinks(&(grown + "std::fs::read(x); }")), "Path: x <- parameter 0\n");
    let deep = format!("fn f(q: &str) {{ std::fs::read({}q{}); }}", "(".repeat(100), ")".repeat(100));
    assert!(sinks(&deep).starts_with("Path: "));
}
