use crate::flow::Purpose;
use crate::prelude::*;

declare_lint! {
    /// A client's text becomes part of a page as it is, so a link can run script in a visitor's session.
    ///
    /// HTML that is put together from text takes a `<script>` in it for its own. What comes from a
    /// request and is neither escaped nor a number must not get there.
    ///
    /// ```rust,bad
    /// use axum::{extract::Query, response::Html};
    ///
    /// async fn hello(Query(name): Query<String>) -> Html<String> {
    ///     Html(format!("<h1>Hello {name}</h1>"))
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use axum::{extract::Query, response::Html};
    ///
    /// async fn hello(Query(name): Query<String>) -> Html<String> {
    ///     Html(format!("<h1>Hello {}</h1>", html_escape::encode_text(&name)))
    /// }
    /// ```
    ///
    /// ## What to do
    /// Escape the value (`html_escape::encode_text`), or render the page with a template engine that
    /// escapes by itself. Clean HTML that users write with `ammonia::clean`.
    ///
    /// ## Known limits
    /// Template files are not looked at: what an engine's `render` makes of a value counts as escaped, as
    /// all widely used engines escape by default. `|safe` in a template, or an engine that does not
    /// escape, goes unseen. What comes back from a database counts as harmless.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[79],
        triggers: &[
            "Html",
            "RawHtml",
            "RawJavaScript",
            "PreEscaped",
            "from_html_unchecked",
            "from_safe_string",
            "html",
            "text/html",
            "TEXT_HTML",
            "TEXT_HTML_UTF_8",
            "HtmlSafeOutput",
        ],
        crates: &[
            "axum", "actix-web", "rocket", "warp", "poem", "salvo", "tide", "hyper", "http", "maud", "horrorshow", "minijinja",
            "askama", "yew",
        ],
        check: Check::Code(check),
    }
}

fn check(code: &Code<'_>, findings: &mut Findings) {
    for (sink, origin) in code.flow().threats(Purpose::Html) {
        findings
            .at(sink.argument, "text from outside is sent as HTML unescaped (cross-site scripting)")
            .primary(format!("this reaches {}", sink.sink))
            .label(origin.span, format!("{} enters here", origin.what))
            .help("escape it with `html_escape::encode_text`, or render a template that escapes")
            .less_certain_if(sink.is_checked_by_name());
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
                use axum::{extract::Path, response::Html};
                async fn f(Path(n): Path<String>) -> Html<String> {
                //~        ------- `Path` extractor `Path(n)` enters here
                    let mut s = String::from("<p>");
                    s.push_str(&n);
                    Html(s)
                //~      ^ text from outside is sent as HTML unescaped (cross-site scripting)
                //~      ^ this reaches axum::response::Html
                }
            "#]],
            expect![[r#"
                use actix_web::{HttpResponse, web};
                async fn f(q: web::Query<Q>) -> HttpResponse {
                //~        - `Query` extractor `q` enters here
                    HttpResponse::Ok().content_type("text/html").body(format!("<p>{}", q.name))
                //~                                                   ^^^^^^^^^^^^^^^^^^^^^^^^ text from outside is sent as HTML unescaped (cross-site scripting)
                //~                                                   ^^^^^^^^^^^^^^^^^^^^^^^^ this reaches the body of an HTML response
                }
            "#]],
            expect![[r#"
                use rocket::response::content::RawHtml;
                #[rocket::get("/<name>")]
                fn f(name: String) -> RawHtml<String> {
                //~  ---- `String` extractor `name` enters here
                    RawHtml("<b>".to_string() + &name)
                //~         ^^^^^^^^^^^^^^^^^^^^^^^^^ text from outside is sent as HTML unescaped (cross-site scripting)
                //~         ^^^^^^^^^^^^^^^^^^^^^^^^^ this reaches rocket::response::content::RawHtml
                }
            "#]],
            expect![[r#"
                use axum::{
                    Form,
                    response::{Html, IntoResponse},
                };
                async fn f(Form(c): Form<Comment>) -> impl IntoResponse {
                //~        ------- `Form` extractor `Form(c)` enters here
                    let page = format!("<p>{}</p>", c.text.trim());
                    Html(page).into_response()
                //~      ^^^^ text from outside is sent as HTML unescaped (cross-site scripting)
                //~      ^^^^ this reaches axum::response::Html
                }
            "#]],
            expect![[r#"
                use axum::{extract::Query, response::Html};
                fn page(name: &str) -> Html<String> {
                    Html(format!("<p>{name}"))
                }
                async fn f(Query(q): Query<Q>) -> Html<String> {
                //~        -------- `Query` extractor `Query(q)` enters here
                    page(&q.name)
                //~      ^^^^^^^ text from outside is sent as HTML unescaped (cross-site scripting)
                //~      ^^^^^^^ this reaches axum::response::Html
                }
            "#]],
            expect![[r#"
                use axum::{extract::Query, response::Html};
                struct Page {
                    name: String,
                }
                impl Page {
                    fn render(&self) -> String {
                        format!("<p>{}", self.name)
                    }
                }
                async fn f(Query(q): Query<Q>) -> Html<String> {
                //~        -------- `Query` extractor `Query(q)` enters here
                    Html(Page { name: q.name }.render())
                //~      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ text from outside is sent as HTML unescaped (cross-site scripting)
                //~      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this reaches axum::response::Html
                }
            "#]],
            expect![[r#"
                use axum::{extract::Query, response::Html};
                fn shown<T: std::fmt::Display>(body: T) -> Html<String> {
                    Html(format!("<p>{body}"))
                }
                async fn f(Query(q): Query<Q>) -> Html<String> {
                //~        -------- `Query` extractor `Query(q)` enters here
                    shown(q.name)
                //~       ^^^^^^ text from outside is sent as HTML unescaped (cross-site scripting)
                //~       ^^^^^^ this reaches axum::response::Html
                }
            "#]],
            expect![[r#"
                use poem::web::{Html, Path};
                #[poem::handler]
                fn f(Path(name): Path<String>) -> Html<String> {
                //~  ---------- `Path` extractor `Path(name)` enters here
                    Html(format!("hi {name}"))
                //~      ^^^^^^^^^^^^^^^^^^^^ text from outside is sent as HTML unescaped (cross-site scripting)
                //~      ^^^^^^^^^^^^^^^^^^^^ this reaches poem::web::Html
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use axum::{extract::Path, response::Html};\nasync fn f(Path(id): Path<u64>) -> Html<String> { Html(format!(\"<p>{id}\")) }",
            "use axum::response::Html;\nasync fn f() -> Html<&'static str> { Html(\"<p>hi\") }",
            "use axum::{extract::Query, response::Html};\nasync fn f(Query(q): Query<Q>) -> Html<String> { Html(format!(\"<p>{}\", ammonia::clean(&q.name))) }",
            "use axum::{extract::Query, Json};\nasync fn f(Query(q): Query<Q>) -> Json<String> { Json(format!(\"<p>{}\", q.name)) }",
            "use actix_web::{web, HttpResponse};\nasync fn f(q: web::Query<Q>) -> HttpResponse { HttpResponse::Ok().content_type(\"text/plain\").body(format!(\"hi {}\", q.name)) }",
            "use askama::Template;\n#[derive(Template)]\n#[template(path = \"a.html\")]\nstruct User { name: String }\nasync fn f(q: actix_web::web::Query<Q>) -> actix_web::HttpResponse { actix_web::HttpResponse::Ok().content_type(\"text/html\").body(User { name: q.name.clone() }.render().unwrap()) }",
            "use axum::{extract::Query, response::Html};\nstruct User { name: String }\nfn page<T: askama::Template>(page: T) -> Result<Html<String>, askama::Error> { let text = page.render()?; Ok(Html(text)) }\nasync fn f(Query(q): Query<Q>) -> Result<Html<String>, askama::Error> { page(User { name: q.name }) }",
            "use sailfish::TemplateOnce;\n#[derive(TemplateOnce)]\nstruct Greet<'a> { name: &'a str }\nasync fn f(q: actix_web::web::Path<String>) -> actix_web::web::Html { let body = Greet { name: &q }.render_once().unwrap(); actix_web::web::Html::new(body) }",
            "use axum::{extract::{Query, State}, response::Html};\nasync fn f(State(tera): State<tera::Tera>, Query(q): Query<Q>) -> Html<String> { let mut context = tera::Context::new(); context.insert(\"name\", &q.name); Html(tera.render(\"a.html\", &context).unwrap()) }",
            "use axum::{extract::Query, response::Html};\nasync fn f(Query(q): Query<Q>) -> Html<String> { Html(maud::html! { p { (q.name) } }.into_string()) }",
            "use axum::response::Html;\nfn f(count: usize) -> Html<String> { Html(format!(\"<p>{count}\")) }",
        ]);
    }

    #[test]
    fn what_is_checked_by_name_alone_is_less_certain() {
        LINT.sees([expect![[r#"
            use axum::extract::Path;
            async fn f(Path(name): Path<String>, limiter: Limiter) -> axum::response::Html<String> {
            //~        ---------- `Path` extractor `Path(name)` enters here
                if !limiter.check(&name) {
                    return axum::response::Html(String::new());
                }
                axum::response::Html(format!("<p>{name}</p>"))
            //~                      ^^^^^^^^^^^^^^^^^^^^^^^^ maybe: text from outside is sent as HTML unescaped (cross-site scripting)
            //~                      ^^^^^^^^^^^^^^^^^^^^^^^^ this reaches axum::response::Html
            }
        "#]]]);
    }
}
