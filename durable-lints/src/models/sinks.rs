//! Where outside data does harm.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::models::Sink;
use crate::subject::SourcePackage;
use crate::vocabulary::ApiPath;
use crate::vocabulary::Purpose::{self, Argument, Html, Path, Program, Shell, Size, Sql, Url};

/// When the name of a method is enough, its receiver's type being unknown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alone {
    /// Never: the name is too common.
    No,
    /// Where the package depends on the crate: nothing else is called this.
    Name,
    /// Where the package depends on the crate and the argument begins as a statement of SQL.
    Statement,
}

/// Every name on every owner.
struct Row {
    purpose: Purpose,
    argument: usize,
    alone: Alone,
    owners: &'static [&'static str],
    names: &'static [&'static str],
}

const fn row(
    purpose: Purpose,
    argument: usize,
    alone: Alone,
    owners: &'static [&'static str],
    names: &'static [&'static str],
) -> Row {
    Row { purpose, argument, alone, owners, names }
}

const POSTGRES: &[&str] = &[
    "tokio_postgres::Client",
    "tokio_postgres::Transaction",
    "tokio_postgres::GenericClient",
    "postgres::Client",
    "postgres::Transaction",
    "postgres::GenericClient",
    "deadpool_postgres::Client",
    "deadpool_postgres::Object",
    "deadpool_postgres::Transaction",
    "deadpool_postgres::GenericClient",
];

const MYSQL: &[&str] = &[
    "mysql::Conn",
    "mysql::PooledConn",
    "mysql::Transaction",
    "mysql::prelude::Queryable",
    "mysql_async::Conn",
    "mysql_async::Transaction",
    "mysql_async::prelude::Queryable",
];

const SQLX: &[&str] = &[
    "sqlx::Pool",
    "sqlx::PgPool",
    "sqlx::MySqlPool",
    "sqlx::SqlitePool",
    "sqlx::AnyPool",
    "sqlx::PgConnection",
    "sqlx::MySqlConnection",
    "sqlx::SqliteConnection",
    "sqlx::AnyConnection",
    "sqlx::Transaction",
    "sqlx::Executor",
    "sqlx::pool::PoolConnection",
];

const FILE_SYSTEMS: &[&str] = &["std::fs", "tokio::fs", "async_std::fs", "async_fs", "smol::fs", "fs_err"];

const COMMANDS: &[&str] = &["std::process::Command", "tokio::process::Command", "async_process::Command"];

const ROWS: &[Row] = &[
    row(
        Sql,
        0,
        Alone::No,
        &["sqlx"],
        &[
            "query",
            "query_as",
            "query_scalar",
            "query_with",
            "query_as_with",
            "query_scalar_with",
            "raw_sql",
            "AssertSqlSafe",
        ],
    ),
    row(
        Sql,
        0,
        Alone::Statement,
        SQLX,
        &["execute", "fetch", "fetch_all", "fetch_one", "fetch_optional", "fetch_many"],
    ),
    row(Sql, 0, Alone::No, &["sqlx::QueryBuilder"], &["new", "with_arguments", "push"]),
    row(Sql, 0, Alone::Name, &["sqlx::query_builder::Separated"], &["push_unseparated"]),
    row(Sql, 0, Alone::No, &["sqlx::query_builder::Separated"], &["push"]),
    row(Sql, 0, Alone::No, &["diesel", "diesel::dsl"], &["sql_query", "sql"]),
    row(Sql, 0, Alone::No, &["diesel::query_builder::SqlQuery", "diesel::expression::SqlLiteral"], &["sql"]),
    row(
        Sql,
        0,
        Alone::Name,
        &["diesel::connection::SimpleConnection", "diesel_async::SimpleAsyncConnection"],
        &["batch_execute"],
    ),
    row(
        Sql,
        0,
        Alone::Name,
        &["rusqlite::Connection", "rusqlite::Transaction", "rusqlite::Savepoint"],
        &[
            "execute_batch",
            "query_row",
            "query_one",
            "query_row_and_then",
            "prepare_cached",
            "prepare_with_flags",
        ],
    ),
    row(
        Sql,
        0,
        Alone::Statement,
        &["rusqlite::Connection", "rusqlite::Transaction", "rusqlite::Savepoint"],
        &["execute", "prepare"],
    ),
    row(
        Sql,
        1,
        Alone::No,
        &["rusqlite::Connection"],
        &["pragma", "pragma_update", "pragma_query", "pragma_query_value"],
    ),
    row(
        Sql,
        0,
        Alone::Statement,
        POSTGRES,
        &[
            "query",
            "query_one",
            "query_opt",
            "query_scalar",
            "query_one_scalar",
            "query_opt_scalar",
            "query_raw",
            "query_typed",
            "query_typed_raw",
            "execute",
            "execute_typed",
            "execute_raw",
            "prepare",
            "prepare_typed",
            "copy_in",
            "copy_out",
            "simple_query",
            "simple_query_raw",
        ],
    ),
    row(Sql, 0, Alone::Name, POSTGRES, &["batch_execute"]),
    row(Sql, 0, Alone::No, POSTGRES, &["savepoint"]),
    row(
        Sql,
        0,
        Alone::Statement,
        MYSQL,
        &[
            "query",
            "query_iter",
            "query_first",
            "query_map",
            "query_fold",
            "query_drop",
            "query_stream",
            "prep",
            "exec",
            "exec_iter",
            "exec_first",
            "exec_map",
            "exec_fold",
            "exec_drop",
            "exec_batch",
            "exec_stream",
        ],
    ),
    row(Sql, 1, Alone::No, &["sea_orm::Statement"], &["from_string", "from_sql_and_values"]),
    row(
        Sql,
        0,
        Alone::Name,
        &["sea_orm::ConnectionTrait", "sea_orm::DatabaseConnection"],
        &["execute_unprepared"],
    ),
    row(
        Sql,
        0,
        Alone::No,
        &["sea_query::Expr", "sea_orm::sea_query::Expr"],
        &["cust", "cust_with_values", "cust_with_expr", "cust_with_exprs"],
    ),
    row(Sql, 0, Alone::No, &["sea_query::Func"], &["cust"]),
    row(Sql, 0, Alone::Statement, &["tiberius::Client"], &["query", "execute", "simple_query"]),
    row(Sql, 0, Alone::No, &["tiberius::Query"], &["new"]),
    row(Sql, 0, Alone::Statement, &["clickhouse::Client"], &["query"]),
    row(
        Sql,
        0,
        Alone::Statement,
        &["scylla::Session", "scylla::client::session::Session"],
        &["query_unpaged", "query_single_page", "query_iter", "prepare"],
    ),
    row(Sql, 0, Alone::No, &["neo4rs"], &["query"]),
    row(Program, 0, Alone::No, COMMANDS, &["new"]),
    row(Program, 0, Alone::No, &["duct"], &["cmd"]),
    row(Program, 0, Alone::No, &["subprocess::Exec"], &["cmd"]),
    row(Shell, 0, Alone::No, &["subprocess::Exec"], &["shell"]),
    row(Shell, 0, Alone::No, &["run_script"], &["run", "spawn"]),
    row(Shell, 0, Alone::No, &["openssh::Session"], &["shell", "raw_command"]),
    row(Shell, 0, Alone::No, &["ssh2::Channel", "libc"], &["exec", "system"]),
    row(Shell, 1, Alone::No, &["russh::Channel"], &["exec"]),
    row(Argument, 0, Alone::No, &["open", "opener", "webbrowser"], &["that", "that_detached", "open"]),
    row(
        Path,
        0,
        Alone::No,
        FILE_SYSTEMS,
        &[
            "read",
            "read_to_string",
            "write",
            "copy",
            "rename",
            "hard_link",
            "remove_file",
            "remove_dir",
            "remove_dir_all",
            "create_dir",
            "create_dir_all",
            "read_dir",
            "metadata",
            "symlink_metadata",
            "read_link",
            "set_permissions",
        ],
    ),
    row(Path, 1, Alone::No, FILE_SYSTEMS, &["copy", "rename", "hard_link"]),
    row(
        Path,
        0,
        Alone::No,
        &[
            "std::fs::File",
            "tokio::fs::File",
            "async_std::fs::File",
            "async_fs::File",
            "fs_err::File",
            "smol::fs::File",
        ],
        &["open", "create", "create_new"],
    ),
    row(
        Path,
        0,
        Alone::No,
        &[
            "std::fs::OpenOptions",
            "tokio::fs::OpenOptions",
            "async_std::fs::OpenOptions",
            "async_fs::OpenOptions",
            "fs_err::OpenOptions",
        ],
        &["open"],
    ),
    row(Path, 0, Alone::No, &["std::fs::DirBuilder", "tokio::fs::DirBuilder"], &["create"]),
    row(Path, 1, Alone::No, &["std::os::unix::fs"], &["symlink"]),
    row(
        Path,
        0,
        Alone::No,
        &[
            "actix_files::NamedFile",
            "rocket::fs::NamedFile",
            "salvo_core::fs::NamedFile",
            "salvo::fs::NamedFile",
        ],
        &["open", "open_async", "builder"],
    ),
    row(Path, 0, Alone::No, &["rocket::fs::TempFile"], &["persist_to", "copy_to", "move_copy_to"]),
    row(Path, 0, Alone::No, &["tower_http::services::ServeFile", "tower_http::services::ServeDir"], &["new"]),
    row(
        Path,
        0,
        Alone::No,
        &["tempfile::NamedTempFile", "tempfile::TempPath"],
        &["persist", "persist_noclobber"],
    ),
    row(Path, 0, Alone::No, &["tar::Entry", "tokio_tar::Entry", "async_tar::Entry"], &["unpack"]),
    row(Url, 0, Alone::No, &["reqwest", "reqwest::blocking"], &["get"]),
    row(
        Url,
        0,
        Alone::No,
        &["reqwest::Client", "reqwest::blocking::Client", "reqwest_middleware::ClientWithMiddleware"],
        &["get", "post", "put", "patch", "delete", "head"],
    ),
    row(
        Url,
        1,
        Alone::No,
        &["reqwest::Client", "reqwest::blocking::Client", "reqwest_middleware::ClientWithMiddleware"],
        &["request"],
    ),
    row(
        Url,
        0,
        Alone::No,
        &["ureq", "ureq::Agent", "surf", "attohttpc", "awc::Client", "isahc", "isahc::HttpClient"],
        &[
            "get",
            "post",
            "put",
            "patch",
            "delete",
            "head",
            "options",
            "get_async",
            "post_async",
            "put_async",
            "delete_async",
            "head_async",
        ],
    ),
    row(Url, 0, Alone::No, &["hyper_util::client::legacy::Client", "hyper::Client"], &["get"]),
    row(Url, 0, Alone::Name, &["tokio_tungstenite"], &["connect_async", "connect_async_with_config"]),
    row(Url, 0, Alone::No, &["tonic::transport::Endpoint", "tonic::transport::Channel"], &["from_shared"]),
    row(Url, 0, Alone::No, &["std::net::TcpStream", "tokio::net::TcpStream"], &["connect"]),
    row(
        Html,
        0,
        Alone::No,
        &["axum::response", "poem::web", "rocket::response::content", "maud", "horrorshow"],
        &["Html", "RawHtml", "RawJavaScript", "PreEscaped", "Raw"],
    ),
    row(Html, 0, Alone::No, &["actix_web::web::Html"], &["new"]),
    row(Html, 0, Alone::No, &["warp::reply", "warp"], &["html"]),
    row(
        Html,
        0,
        Alone::No,
        &["salvo::writing::Text", "salvo::prelude::Text", "salvo_core::writing::Text"],
        &["Html"],
    ),
    row(Html, 0, Alone::No, &["minijinja::Value", "minijinja::value::Value"], &["from_safe_string"]),
    row(
        Html,
        0,
        Alone::Name,
        &["yew::virtual_dom::VNode", "yew::Html", "yew::AttrValue"],
        &["from_html_unchecked"],
    ),
    row(
        Size,
        0,
        Alone::No,
        &[
            "std::vec::Vec",
            "std::string::String",
            "std::collections::VecDeque",
            "std::collections::HashMap",
            "std::collections::HashSet",
            "bytes::BytesMut",
        ],
        &["with_capacity", "reserve", "reserve_exact", "resize", "resize_with"],
    ),
    row(Size, 0, Alone::No, &["str", "std::string::String"], &["repeat"]),
    row(Size, 1, Alone::No, &["std::iter", "std::alloc::Layout"], &["repeat_n"]),
    row(Size, 0, Alone::No, &["std::alloc::Layout", "libc"], &["array", "malloc", "realloc"]),
];

static BY_NAME: LazyLock<HashMap<&'static str, Vec<&'static Row>>> = LazyLock::new(|| {
    let mut by_name: HashMap<&str, Vec<&Row>> = HashMap::new();
    for row in ROWS {
        for name in row.names {
            by_name.entry(name).or_default().push(row);
        }
    }
    by_name
});

/// The arguments of an API that are sinks.
pub fn find(api: &ApiPath) -> Vec<Sink> {
    let name = api.name();
    let owned = |owner: &&str| api.is(&format!("{owner}::{name}"));
    let rows = BY_NAME.get(name).into_iter().flatten();
    rows.filter(|row| row.owners.iter().any(owned)).map(|row| sink(row)).collect()
}

/// The names of the sinks of some purposes.
pub fn names(purposes: &[Purpose]) -> impl Iterator<Item = &'static str> + use<'_> {
    let rows = ROWS.iter().filter(|row| purposes.contains(&row.purpose));
    rows.flat_map(|row| row.names.iter().copied())
}

/// The crates that have the sinks of a purpose, as code names them.
pub fn crates(purpose: Purpose) -> impl Iterator<Item = &'static str> {
    let owners = ROWS.iter().filter(move |row| row.purpose == purpose).flat_map(|row| row.owners);
    owners.filter_map(|owner| owner.split("::").next())
}

/// The sinks that a method of this name is likely to be, where its receiver's type is unknown.
/// `statement` tells that the first argument begins as SQL.
pub fn find_by_name(name: &str, statement: bool, package: &SourcePackage) -> Vec<Sink> {
    let rows = BY_NAME.get(name).into_iter().flatten();
    let meant = rows.filter(|row| match row.alone {
        Alone::No => false,
        Alone::Name => depends(package, row),
        Alone::Statement => statement && depends(package, row),
    });
    let mut sinks: Vec<Sink> = meant.map(|row| sink(row)).collect();
    sinks.dedup();
    sinks
}

fn sink(row: &Row) -> Sink {
    Sink { purpose: row.purpose, argument: row.argument }
}

fn depends(package: &SourcePackage, row: &Row) -> bool {
    row.owners.iter().any(|owner| {
        let krate = owner.split("::").next().unwrap_or("");
        package.depends_on(&[krate, &krate.replace('_', "-")])
    })
}

/// Whether a text begins as a statement of SQL does.
pub fn begins_as_sql(text: &str) -> bool {
    const VERBS: &[&str] = &[
        "select ",
        "insert ",
        "update ",
        "delete ",
        "create ",
        "alter ",
        "drop ",
        "with ",
        "pragma ",
        "truncate ",
        "grant ",
        "copy ",
        "replace ",
        "merge ",
        "call ",
        "explain ",
        "set ",
    ];
    let start: String =
        text.trim_start().chars().take(9).map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let start = start.to_ascii_lowercase();
    VERBS.iter().any(|verb| start.starts_with(verb))
}

/// Programs that read their argument as a command line, with the flags after which they do.
pub fn shell_flags(program: &str) -> Option<&'static [&'static str]> {
    let file = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    match file.strip_suffix(".exe").unwrap_or(&file) {
        "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash" | "fish" | "busybox" => {
            Some(&["-c", "-lc", "-ec", "-ic", "-cl", "-xc", "-euc", "-exc", "-euxc"])
        }
        "cmd" => Some(&["/c", "/C", "/k", "/K"]),
        "powershell" | "pwsh" => {
            Some(&["-Command", "-command", "-c", "-C", "-EncodedCommand", "-encodedcommand", "-e"])
        }
        _ => None,
    }
}

/// Whether every argument after the flag belongs to the command line, and not only the first.
pub fn shell_takes_all(program: &str) -> bool {
    let file = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    matches!(file.strip_suffix(".exe").unwrap_or(&file), "cmd" | "powershell" | "pwsh")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sinks_are_found_by_path() {
        let find = |path: &str| find(&ApiPath(path.into()));
        assert_eq!(find("sqlx::query"), [Sink { purpose: Sql, argument: 0 }]);
        assert_eq!(find("std::fs::rename").len(), 2);
        assert_eq!(find("reqwest::blocking::Client::request"), [Sink { purpose: Url, argument: 1 }]);
        assert_eq!(find("std::collections::HashMap::get"), []);
    }

    /// Where nothing of a client's is in sight, the name of the call is all that a check of SQL goes by.
    #[test]
    fn every_call_that_takes_a_statement_is_looked_at() {
        let mut silent = Vec::new();
        for row in ROWS.iter().filter(|row| row.purpose == Sql) {
            for (owner, name) in
                row.owners.iter().flat_map(|owner| row.names.iter().map(move |name| (owner, name)))
            {
                let arguments = ["0, ", ""][usize::from(row.argument == 0)];
                let call = format!("{name}({arguments}format!(\"DELETE FROM t WHERE n = '{{x}}'\"), &[])");
                let is_type =
                    owner.rsplit("::").next().is_some_and(|last| last.starts_with(char::is_uppercase));
                let makes = matches!(
                    *name,
                    "new"
                        | "with_arguments"
                        | "cust"
                        | "cust_with_values"
                        | "cust_with_expr"
                        | "cust_with_exprs"
                        | "from_string"
                        | "from_sql_and_values"
                );
                let text = if is_type && !makes {
                    format!("fn f(x: &str, on: &mut {owner}) {{ on.{call}; }}")
                } else {
                    format!("fn f(x: &str) {{ {owner}::{call}; }}")
                };
                // It asserts that nothing more is found without triggers.
                if crate::fixture::found(&crate::lints::injection::dynamic_sql_strings::LINT, &text)
                    .is_empty()
                {
                    silent.push(format!("{owner}::{name}"));
                }
            }
        }
        assert_eq!(silent, [""; 0]);
    }

    #[test]
    fn statements_are_told_from_other_text() {
        assert!(begins_as_sql("\n  SELECT\nid FROM t"));
        assert!(!begins_as_sql("selection of things"));
    }
}
