use crate::prelude::*;

declare_lint! {
    /// A file in the shared temporary folder has a guessable name, so another user puts his own there first.
    ///
    /// Everybody may create files in `/tmp`. Who knows the name beforehand creates the file, or a
    /// link to another one, and reads or redirects what the program then writes.
    ///
    /// ```rust,bad
    /// fn save(secret: &[u8]) -> std::io::Result<()> {
    ///     let path = std::env::temp_dir().join(format!("job-{}.key", std::process::id()));
    ///     std::fs::write(&path, secret)
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use std::io::Write;
    ///
    /// fn save(secret: &[u8]) -> std::io::Result<()> {
    ///     let mut file = tempfile::NamedTempFile::new()?;
    ///     file.write_all(secret)
    /// }
    /// ```
    ///
    /// ## What to do
    /// Use `tempfile::NamedTempFile` or `tempfile::tempdir()`, which choose a random name and refuse
    /// what is already there. Where the name has to be known, use a folder of the user's own
    /// (`XDG_RUNTIME_DIR`).
    ///
    /// ## Known limits
    /// Paths are followed within one function; one that is kept in a constant is looked for where
    /// sockets are bound. Names that hold any part of unknown origin count as random.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[377, 379, 59],
        triggers: &["temp_dir", "/tmp/", "/var/tmp/", "/dev/shm/", "UnixListener"],
        check: Check::Code(check),
    }
}

/// Functions that create what they are given, or write over it, and the position of the path.
const CREATES: &[(&str, usize)] = &[
    ("std::fs::write", 0),
    ("std::fs::File::create", 0),
    ("std::fs::create_dir_all", 0),
    ("std::fs::copy", 1),
    ("std::fs::rename", 1),
    ("std::os::unix::net::UnixListener::bind", 0),
    ("tokio::fs::write", 0),
    ("tokio::fs::File::create", 0),
    ("tokio::fs::create_dir_all", 0),
    ("tokio::fs::copy", 1),
    ("tokio::net::UnixListener::bind", 0),
    ("async_std::fs::write", 0),
    ("async_std::fs::File::create", 0),
    ("fs_err::write", 0),
    ("fs_err::File::create", 0),
    ("fs_err::create_dir_all", 0),
];

const OPENS: &[&str] =
    &["std::fs::OpenOptions::open", "tokio::fs::OpenOptions::open", "fs_err::OpenOptions::open"];

const SHARED: &[&str] = &["/tmp/", "/var/tmp/", "/dev/shm/"];

fn check(code: &Code<'_>, findings: &mut Findings) {
    let paths = Paths { code };
    for call in code.calls() {
        let taker = CREATES.iter().find(|(api, _)| call.is(&[api]));
        let position = match taker {
            Some((_, at)) => *at,
            None if call.is(OPENS) && creates(code, call) => 0,
            None => continue,
        };
        let Some(path) = call.args.get(position) else { continue };
        if paths.place(path, 0) == Place::Guessable {
            findings
                .at(call.name_span, "another user can create this file first, or put a link in its place")
                .label(code.span(*path), "a guessable name in a folder that everybody may write to")
                .help("use `tempfile::NamedTempFile` or `tempfile::tempdir()`");
        }
    }
}

/// Whether the options make the file and take one that is there already.
fn creates(code: &Code<'_>, open: &Call<'_>) -> bool {
    let Some(receiver) = open.receiver else { return false };
    let chain = code.snippet(code.span(receiver));
    // Options that are kept in a variable are set somewhere in the same function.
    let written = if chain.contains('(') { chain } else { code.snippet(code.outline().span) };
    (written.contains("create(true)") || written.contains(".truncate(true)"))
        && !written.contains("create_new(true)")
}

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The shared folder itself.
    Folder,
    /// A name in it that can be guessed.
    Guessable,
    /// Elsewhere, or nobody knows.
    Elsewhere,
}

/// The paths of a unit.
struct Paths<'c, 'a> {
    code: &'c Code<'a>,
}

impl<'a> Paths<'_, 'a> {
    fn place(&self, expr: &'a syn::Expr, depth: u8) -> Place {
        if depth > 16 {
            return Place::Elsewhere;
        }
        if let Some(Constant::Str(text)) = self.code.constant(expr) {
            return place_of_text(&text);
        }
        match expr {
            syn::Expr::Reference(inner) => self.place(&inner.expr, depth + 1),
            syn::Expr::Paren(inner) => self.place(&inner.expr, depth + 1),
            syn::Expr::Path(path) => {
                self.bound_to(path).map_or(Place::Elsewhere, |value| self.place(value, depth + 1))
            }
            syn::Expr::Macro(call) => self.formatted(&call.mac, depth),
            syn::Expr::Call(_) => self.called(expr, depth),
            syn::Expr::MethodCall(call) => {
                match (&*call.method.to_string(), self.place(&call.receiver, depth + 1)) {
                    (_, Place::Elsewhere) => Place::Elsewhere,
                    ("join", _) => {
                        match call.args.first().is_some_and(|name| self.is_guessable(name, depth + 1)) {
                            true => Place::Guessable,
                            false => Place::Elsewhere,
                        }
                    }
                    (
                        "clone" | "as_path" | "to_path_buf" | "into" | "as_ref" | "to_owned" | "to_string"
                        | "as_str" | "display" | "to_string_lossy" | "to_str" | "unwrap" | "into_owned"
                        | "as_os_str" | "with_extension",
                        place,
                    ) => place,
                    _ => Place::Elsewhere,
                }
            }
            _ => Place::Elsewhere,
        }
    }

    fn bound_to(&self, path: &syn::ExprPath) -> Option<&'a syn::Expr> {
        let name = path.path.get_ident()?;
        // What is changed later is not what it was bound to.
        let text = self.code.snippet(self.code.outline().span);
        let changed = ["push(", "set_file_name(", "set_extension("]
            .iter()
            .any(|change| text.contains(&format!("{name}.{change}")));
        if changed { None } else { self.code.bound_to(name) }
    }

    fn called(&self, expr: &'a syn::Expr, depth: u8) -> Place {
        let Some(call) = self.code.call(expr) else { return Place::Elsewhere };
        if call.is(&["std::env::temp_dir"]) {
            return Place::Folder;
        }
        let wraps = [
            "std::path::Path::new",
            "std::path::PathBuf::from",
            "std::string::String::from",
            "camino::Utf8PathBuf::from",
            "camino::Utf8Path::new",
        ];
        match call.args[..] {
            [inner] if call.is(&wraps) => self.place(inner, depth + 1),
            _ => Place::Elsewhere,
        }
    }

    /// `format!("/tmp/job-{}", id())`, or `format!("{}/job", temp_dir().display())`.
    fn formatted(&self, call: &'a syn::Macro, depth: u8) -> Place {
        let Some((text, values)) = self.format(call) else { return Place::Elsewhere };
        let leads = text.starts_with('{')
            && values.first().is_some_and(|first| self.place(first, depth + 1) == Place::Folder);
        let rest = if leads { &values[1..] } else { &values[..] };
        let shared = leads || SHARED.iter().any(|folder| text.starts_with(folder));
        match shared && rest.iter().all(|value| self.is_guessable(value, depth + 1)) {
            true => Place::Guessable,
            false => Place::Elsewhere,
        }
    }

    fn format(&self, call: &'a syn::Macro) -> Option<(String, Vec<&'a syn::Expr>)> {
        let expansion = self.code.expansion(call).filter(|_| call.path.is_ident("format"))?;
        let at = expansion.format?;
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &expansion.args.get(at)?.expr
        else {
            return None;
        };
        let values = expansion.args[at + 1..].iter().map(|arg| &arg.expr).chain(&expansion.captured);
        Some((text.value(), values.collect()))
    }

    /// Whether another user can tell what this will be: fixed text, process and user, counters and time.
    fn is_guessable(&self, expr: &'a syn::Expr, depth: u8) -> bool {
        if depth > 16 {
            return false;
        }
        if self.code.constant(expr).is_some() {
            return true;
        }
        match expr {
            syn::Expr::Reference(inner) => self.is_guessable(&inner.expr, depth + 1),
            syn::Expr::Macro(call) => self
                .format(&call.mac)
                .is_some_and(|(_, values)| values.iter().all(|value| self.is_guessable(value, depth + 1))),
            syn::Expr::Path(path) => {
                self.bound_to(path).is_some_and(|value| self.is_guessable(value, depth + 1))
            }
            syn::Expr::Call(_) => self.code.call(expr).is_some_and(|call| {
                call.is(&[
                    "std::process::id",
                    "std::thread::current",
                    "std::time::SystemTime::now",
                    "libc::getpid",
                    "libc::getuid",
                ])
            }),
            syn::Expr::MethodCall(call) => self.is_guessable(&call.receiver, depth + 1),
            _ => false,
        }
    }
}

fn place_of_text(text: &str) -> Place {
    let name = SHARED.iter().find_map(|folder| text.strip_prefix(folder));
    match name {
        Some("") => Place::Folder,
        Some(_) => Place::Guessable,
        None if SHARED.iter().any(|folder| folder.trim_end_matches('/') == text) => Place::Folder,
        None => Place::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn each_file_is_a_finding() {
        let write = "let path = std::env::temp_dir().join(\"a\"); std::fs::write(&path, b).unwrap();";
        let found = crate::fixture::found(&LINT, &format!("fn f() {{\n{write}\n{write}\n{{\n{write}\n}} }}"));
        let lines: Vec<&str> = found.lines().map(|line| &line[..2]).collect();
        assert_eq!(lines, ["2:", "3:", "5:"], "{found}");
    }

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use std::fs::File;
                fn f() {
                    File::create("/tmp/service.log").unwrap();
                //~       ^^^^^^ another user can create this file first, or put a link in its place
                //~              ------------------ a guessable name in a folder that everybody may write to
                }
            "#]],
            expect![[r#"
                const SOCKET: &str = "/tmp/service.sock";
                fn f() {
                    std::os::unix::net::UnixListener::bind(SOCKET).unwrap();
                //~                                   ^^^^ another user can create this file first, or put a link in its place
                //~                                        ------ a guessable name in a folder that everybody may write to
                }
            "#]],
            expect![[r#"
                use std::env;
                fn f() {
                    let dir = env::temp_dir();
                    let p = dir.join("cache").join("a");
                    std::fs::create_dir_all(&p).unwrap();
                //~          ^^^^^^^^^^^^^^ another user can create this file first, or put a link in its place
                //~                         -- a guessable name in a folder that everybody may write to
                }
            "#]],
            expect![[r#"
                async fn f() {
                    let p = format!("/var/tmp/x-{}", std::process::id());
                    tokio::fs::write(p, b"").await.unwrap();
                //~            ^^^^^ another user can create this file first, or put a link in its place
                //~                  - a guessable name in a folder that everybody may write to
                }
            "#]],
            expect![[r#"
                use std::fs::OpenOptions;
                fn f() {
                    OpenOptions::new()
                        .write(true)
                        .create(true)
                        .open(std::path::Path::new("/dev/shm/x"))
                //~      ^^^^ another user can create this file first, or put a link in its place
                //~           ---------------------------------- a guessable name in a folder that everybody may write to
                        .unwrap();
                }
            "#]],
            expect![[r#"
                fn f() {
                    let pid = std::process::id();
                    let p = format!("{}/x-{pid}", std::env::temp_dir().display());
                    std::fs::write(p, "").unwrap();
                //~          ^^^^^ another user can create this file first, or put a link in its place
                //~                - a guessable name in a folder that everybody may write to
                }
            "#]],
            expect![[r#"
                fn f() {
                    std::fs::copy("a", std::path::PathBuf::from("/tmp/a")).unwrap();
                //~          ^^^^ another user can create this file first, or put a link in its place
                //~                    ---------------------------------- a guessable name in a folder that everybody may write to
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn f() { let p = std::env::temp_dir().join(uuid::Uuid::new_v4().to_string()); std::fs::write(p, \"\").unwrap(); }",
            "fn f() { std::fs::read(\"/tmp/x\").unwrap(); std::fs::File::open(\"/tmp/x\").unwrap(); }",
            "use std::fs::OpenOptions;\nfn f() { OpenOptions::new().write(true).create_new(true).open(\"/tmp/x\").unwrap(); }",
            "fn f() { std::fs::create_dir(\"/tmp/x\").unwrap(); }",
            "fn f() { let dir = tempfile::tempdir().unwrap(); std::fs::write(dir.path().join(\"a\"), \"\").unwrap(); }",
            "fn f(name: &str) { std::fs::write(std::env::temp_dir().join(name), \"\").unwrap(); }",
            "fn f() { std::fs::write(\"/srv/tmp/x\", \"see /tmp/x\").unwrap(); }",
            "fn f(d: &std::path::Path) { std::fs::copy(\"/tmp/x\", d).unwrap(); }",
            "#[test] fn f() { std::fs::write(\"/tmp/x\", \"\").unwrap(); }",
        ]);
    }
}
