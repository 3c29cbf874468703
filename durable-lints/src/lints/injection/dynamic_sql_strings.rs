use syn::visit::Visit;

use crate::flow::{self, OriginKind, Purpose, SinkUse};
use crate::models::{Models, sinks};
use crate::prelude::*;

declare_lint! {
    /// An attacker rewrites a database statement, because text from outside is part of the SQL itself.
    ///
    /// Whoever chooses a piece of the statement's text can end the value it was meant to be and go on
    /// with SQL of their own: read other rows, change or drop them. Bind parameters travel apart from
    /// the statement and cannot.
    ///
    /// ```rust,bad
    /// use axum::extract::Query;
    ///
    /// async fn find(Query(search): Query<Search>, pool: sqlx::PgPool) -> sqlx::Result<()> {
    ///     let sql = format!("SELECT id FROM users WHERE name = '{}'", search.name);
    ///     sqlx::query(&sql).fetch_one(&pool).await?;
    ///     Ok(())
    /// }
    ///
    /// struct Search {
    ///     name: String,
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use axum::extract::Query;
    ///
    /// async fn find(Query(search): Query<Search>, pool: sqlx::PgPool) -> sqlx::Result<()> {
    ///     let column = match search.sort.as_str() {
    ///         "name" => "name",
    ///         _ => "id",
    ///     };
    ///     let sql = format!("SELECT id FROM users WHERE name = $1 ORDER BY {column}");
    ///     sqlx::query(&sql).bind(search.name).fetch_one(&pool).await?;
    ///     Ok(())
    /// }
    ///
    /// struct Search {
    ///     name: String,
    ///     sort: String,
    /// }
    /// ```
    ///
    /// ## What to do
    /// Put a placeholder where the value stood, without quotes, and bind the value. Names of tables and
    /// columns cannot be bound: choose them with `match` from a fixed list.
    ///
    /// ## Known limits
    /// Where no source of outside data is in sight, only text that is put between quotes of a statement
    /// that takes parameters is reported, as a warning. Unquoted pieces are mostly table names and placeholder lists.
    /// An argument is one place, however many values make it up and wherever it goes from there.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[89, 564],
        modelled: names,
        // Crates that hand out the types of those in the table.
        crates: &["tokio-rusqlite", "bb8-postgres", "r2d2_postgres", "sea-query"],
        check: Check::Code(check),
    }
}

const HELP: &str = "bind the value as a parameter; choose names of tables and columns from a fixed list";

/// The calls that take a statement: without outside data in sight, quoted text is looked for in them.
fn names(models: &Models) -> Modelled<'_> {
    let Modelled { built_in, own, .. } = models.names_in_flows_to(Purpose::Sql);
    let built_in = built_in.into_iter().chain(sinks::names(&[Purpose::Sql])).collect();
    Modelled { built_in, own, crates: Vec::new() }.in_crates(sinks::crates(Purpose::Sql))
}

fn check(code: &Code<'_>, findings: &mut Findings) {
    let mut told: Vec<Span> = Vec::new();
    let sinks = code.flow().sinks().iter().filter(|sink| sink.purpose == Purpose::Sql);
    // `query(AssertSqlSafe(text))` is one statement and two sinks.
    let mut first = |sink: &SinkUse<'_>| {
        let new = !told.iter().any(|span| span.contains(sink.argument) || sink.argument.contains(*span));
        told.push(sink.argument);
        new
    };
    for sink in sinks {
        if let Some(origin) = sink.threat() {
            if !first(sink) {
                continue;
            }
            let data = match origin.kind {
                OriginKind::Archive => "data from an archive",
                OriginKind::Network => "data from the network",
                _ => "request data",
            };
            let message = if sink.value.built || sink.via.is_some() {
                format!("SQL text contains {data}, which can change the statement")
            } else {
                format!("SQL text is {data}")
            };
            let (span, what) = (origin.span, format!("{} enters here", origin.what));
            let finding = findings.at(sink.argument, message);
            finding
                .primary(sink.reach())
                .label(span, what)
                .help(HELP)
                .less_certain_if(sink.is_checked_by_name());
        } else if let Some(piece) = quoted_text(code, sink)
            && first(sink)
        {
            findings
                .at(sink.argument, "a value is put between the quotes of an SQL text and can end them")
                .primary(sink.reach())
                .label(code.span(piece), "this text becomes part of the statement")
                .help("replace the quotes and what is between them by a placeholder, and bind the value")
                .less_certain();
        }
    }
}

/// The text of unknown origin between quotes of the statement that reaches a sink.
fn quoted_text<'a>(code: &Code<'a>, sink: &SinkUse<'a>) -> Option<&'a syn::Expr> {
    let value = &sink.value;
    if !value.built || value.constant || value.is_safe_for(Purpose::Sql) || sink.via.is_some() {
        return None;
    }
    let written = written_out(code, sink.expr?, 4)?;
    let (mut text, mut begins) = (String::new(), None);
    for (before, piece) in flow::holes(written.expansion) {
        text.push_str(&before);
        if !*begins.get_or_insert_with(|| takes_parameters(&text)) {
            return None;
        }
        if text.matches('\'').count() % 2 == 1 && is_open_text(code, piece) {
            return Some(piece);
        }
    }
    None
}

/// Whether a value can hold a quote: text that is not fixed, not escaped and no number, date or
/// name of a variant.
fn is_open_text<'a>(code: &Code<'a>, piece: &'a syn::Expr) -> bool {
    let value = code.flow().value(piece);
    if value.constant || value.is_safe_for(Purpose::Sql) || doubles_quotes(code, piece) {
        return false;
    }
    let of_caller = value.origins.iter().any(|origin| matches!(origin.kind, OriginKind::Parameter(_)));
    match code.type_of(piece) {
        Some(ty) => {
            let text = ["str", "std::string::String", "String", "std::borrow::Cow"];
            text.contains(&ty.peeled().path.0.as_str()) && !value.origins.is_empty()
        }
        None => of_caller,
    }
}

/// `name.replace('\'', "''")`, here or where the binding was made. It is no good habit, and it is
/// no hole.
fn doubles_quotes<'a>(code: &Code<'a>, piece: &'a syn::Expr) -> bool {
    let made = match piece {
        syn::Expr::Path(path) => path.path.get_ident().and_then(|name| bound(code, name, piece)),
        _ => Some(piece),
    };
    made.is_some_and(|expr| {
        let text = code.snippet(code.span(expr));
        text.contains("replace(") && text.contains('\'')
    })
}

/// The call of `format!` that an expression is or was bound to.
fn written_out<'a>(code: &Code<'a>, expr: &'a syn::Expr, steps: u8) -> Option<MacroCall<'a>> {
    let steps = steps.checked_sub(1)?;
    match expr {
        syn::Expr::Macro(call) => {
            let span = code.span(&call.mac);
            code.macros().iter().find(|other| other.span == span).copied()
        }
        syn::Expr::Reference(inner) => written_out(code, &inner.expr, steps),
        syn::Expr::Paren(inner) => written_out(code, &inner.expr, steps),
        syn::Expr::MethodCall(call) if call.args.is_empty() => written_out(code, &call.receiver, steps),
        syn::Expr::Call(call) if call.args.len() == 1 => written_out(code, call.args.first()?, steps),
        syn::Expr::Path(path) => written_out(code, bound(code, path.path.get_ident()?, expr)?, steps),
        _ => None,
    }
}

/// What a name was last bound to before its use.
fn bound<'a>(code: &Code<'a>, name: &syn::Ident, usage: &syn::Expr) -> Option<&'a syn::Expr> {
    let before = code.span(usage).start;
    let mut bindings = Bindings { name: name.to_string(), found: Vec::new() };
    code.visit(&mut bindings);
    bindings.found.into_iter().rfind(|init| code.span(*init).end <= before)
}

struct Bindings<'a> {
    name: String,
    found: Vec<&'a syn::Expr>,
}

impl<'a> Visit<'a> for Bindings<'a> {
    fn visit_local(&mut self, local: &'a syn::Local) {
        let pat = match &local.pat {
            syn::Pat::Type(typed) => &*typed.pat,
            pat => pat,
        };
        if let (syn::Pat::Ident(ident), Some(init)) = (pat, &local.init)
            && ident.ident == self.name
        {
            self.found.push(&init.expr);
        }
        syn::visit::visit_local(self, local);
    }
}

/// Whether a statement that begins like this can have its values bound; those that define, set or
/// attach something often cannot.
fn takes_parameters(text: &str) -> bool {
    let verb = text.split_whitespace().next().unwrap_or("").to_ascii_lowercase();
    matches!(verb.as_str(), "select" | "insert" | "update" | "delete" | "with" | "replace" | "merge")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn outside_data_is_found_on_its_way() {
        LINT.sees([
            expect![[r#"
                use axum::Json;
                struct S {
                    name: String,
                }
                async fn f(Json(s): Json<S>, conn: rusqlite::Connection) {
                //~        ------- `Json` extractor `Json(s)` enters here
                    conn.execute(&("DELETE FROM t WHERE n = ".to_string() + &s.name), []);
                //~              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ SQL text contains request data, which can change the statement
                //~              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `rusqlite::Connection::execute`
                }
            "#]],
            expect![[r#"
                use axum::extract::Path;
                async fn f(Path(sort): Path<String>, client: tokio_postgres::Client) {
                //~        ---------- `Path` extractor `Path(sort)` enters here
                    let mut sql = String::from("SELECT * FROM t ORDER BY ");
                    sql.push_str(&sort);
                    client.query(&sql, &[]).await;
                //~              ^^^^ SQL text contains request data, which can change the statement
                //~              ^^^^ reaches `tokio_postgres::Client::query`
                }
            "#]],
            expect![[r#"
                use axum::extract::Path;
                async fn f(Path(name): Path<String>, db: sqlx::PgPool) {
                //~        ---------- `Path` extractor `Path(name)` enters here
                    load(&db, &name).await;
                //~           ^^^^^ SQL text contains request data, which can change the statement
                //~           ^^^^^ reaches `sqlx::query` in `load`
                }
                async fn load(db: &sqlx::PgPool, name: &str) {
                    sqlx::query(&format!("SELECT * FROM {name}")).fetch_one(db).await;
                }
            "#]],
            expect![[r#"
                use actix_web::web;
                async fn f(q: web::Path<String>) {
                //~        - `Path` extractor `q` enters here
                    let sql = format!("SELECT * FROM t WHERE n LIKE '%{}%'", q.into_inner());
                    diesel::sql_query(sql);
                //~                   ^^^ SQL text contains request data, which can change the statement
                //~                   ^^^ reaches `diesel::sql_query`
                }
            "#]],
            expect![[r#"
                use axum::extract::Query;
                struct S {
                    name: String,
                }
                async fn f(Query(s): Query<S>) {
                //~        -------- `Query` extractor `Query(s)` enters here
                    let mut b = sqlx::QueryBuilder::new("SELECT * FROM t WHERE n = ");
                    b.push(&s.name);
                //~        ^^^^^^^ SQL text is request data
                //~        ^^^^^^^ reaches `sqlx::QueryBuilder::push`
                }
            "#]],
            expect![[r#"
                use axum::extract::Query;
                struct S {
                    name: String,
                }
                async fn f(Query(s): Query<S>) {
                //~        -------- `Query` extractor `Query(s)` enters here
                    sqlx::query(sqlx::AssertSqlSafe(format!("SELECT * FROM t WHERE n = '{}'", s.name)));
                //~                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ SQL text contains request data, which can change the statement
                //~                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `sqlx::AssertSqlSafe`
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use axum::extract::Path;\nasync fn f(Path(id): Path<u64>, db: sqlx::PgPool) { sqlx::query(&format!(\"SELECT * FROM t WHERE id = {id}\")).fetch_one(&db).await; }",
            "use axum::Json;\nasync fn f(Json(ids): Json<Vec<i64>>) { let marks = vec![\"?\"; ids.len()].join(\",\"); let sql = format!(\"SELECT * FROM t WHERE id IN ({marks})\"); let mut q = sqlx::query(&sql); for id in ids { q = q.bind(id); } }",
            "use axum::Json;\nasync fn f(Json(names): Json<Vec<String>>) { let marks = (1..=names.len()).map(|i| format!(\"${i}\")).collect::<Vec<_>>().join(\", \"); sqlx::query(&format!(\"SELECT * FROM t WHERE n IN ({marks})\")); }",
            "use axum::extract::Query; struct S { name: String }\nasync fn f(Query(s): Query<S>) { let mut b = sqlx::QueryBuilder::new(\"SELECT * FROM t WHERE n = \"); b.push_bind(s.name); }",
            "const TABLE: &str = \"users\";\nfn f(conn: &rusqlite::Connection, name: &str) { conn.execute(&format!(\"DELETE FROM {TABLE} WHERE name = ?1\"), [name]); }",
        ]);
    }

    #[test]
    fn quoted_text_of_a_caller_is_found() {
        LINT.sees([
            expect![[r#"
                fn f(conn: &rusqlite::Connection, name: &str) {
                    conn.execute(&format!("DELETE FROM t WHERE name = '{name}'"), []);
                //~              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: a value is put between the quotes of an SQL text and can end them
                //~              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `rusqlite::Connection::execute`
                //~                       ------------------------------------- this text becomes part of the statement
                }
            "#]],
            expect![[r#"
                async fn f(client: &tokio_postgres::Client, name: String) {
                    let sql = format!("SELECT id FROM t WHERE name LIKE '%{}%'", name.trim());
                //~                                                              ----------- this text becomes part of the statement
                    client.query(sql.as_str(), &[]).await;
                //~              ^^^^^^^^^^^^ maybe: a value is put between the quotes of an SQL text and can end them
                //~              ^^^^^^^^^^^^ reaches `tokio_postgres::Client::query`
                }
            "#]],
            expect![[r#"
                fn f(table: &str, name: impl std::fmt::Display) {
                    diesel::sql_query(format!("INSERT INTO {table} (name) VALUES ('{name}')"));
                //~                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: a value is put between the quotes of an SQL text and can end them
                //~                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `diesel::sql_query`
                //~                           ---------------------------------------------- this text becomes part of the statement
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn f(conn: &rusqlite::Connection, table: &str) { conn.execute(&format!(\"DELETE FROM {table}\"), []); }",
            "fn f(conn: &rusqlite::Connection, id: u32) { conn.execute(&format!(\"DELETE FROM t WHERE id = '{id}'\"), []); }",
            "fn f(conn: &rusqlite::Connection, name: &str) { let name = name.replace('\\'', \"''\"); conn.execute(&format!(\"DELETE FROM t WHERE n = '{name}'\"), []); }",
            "fn f(conn: &rusqlite::Connection, key: &str) { conn.execute_batch(&format!(\"PRAGMA key = '{key}'\")); }",
            "fn f(conn: &rusqlite::Connection, id: uuid::Uuid) { conn.execute(&format!(\"DELETE FROM t WHERE id = '{id}'\"), []); }",
            "fn f(name: &str) { println!(\"SELECT '{name}'\"); }",
        ]);
    }

    #[test]
    fn what_is_checked_by_name_alone_is_less_certain() {
        LINT.sees([expect![[r#"
            use axum::extract::Path;
            async fn f(Path(name): Path<String>, db: sqlx::PgPool) {
            //~        ---------- `Path` extractor `Path(name)` enters here
                if !db.check(&name) {
                    return;
                }
                sqlx::query(&format!("SELECT * FROM {name}")).fetch_one(&db).await;
            //~             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ maybe: SQL text contains request data, which can change the statement
            //~             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches `sqlx::query`
            }
        "#]]]);
    }
}
