use crate::prelude::*;

declare_lint! {
    /// A file is made writable for everybody, so any local user can change what the program trusts.
    ///
    /// The last digit of a mode says what users outside of the owner and his group may do. A `2` in
    /// it lets them write; a cleared umask lets them write whatever the program creates from then on.
    ///
    /// ```rust,bad
    /// use std::fs::{self, Permissions};
    /// use std::os::unix::fs::PermissionsExt;
    ///
    /// fn open_up(socket: &std::path::Path) -> std::io::Result<()> {
    ///     fs::set_permissions(socket, Permissions::from_mode(0o777))
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use std::fs::{self, Permissions};
    /// use std::os::unix::fs::PermissionsExt;
    ///
    /// fn open_up(socket: &std::path::Path) -> std::io::Result<()> {
    ///     fs::set_permissions(socket, Permissions::from_mode(0o755))
    /// }
    /// ```
    ///
    /// ## What to do
    /// Give private data `0o600` (folders `0o700`) and public data `0o644` (folders `0o755`). Share
    /// through a group where others have to write.
    ///
    /// ## Known limits
    /// Modes that come from a variable or a file are not known. `OpenOptions::mode` and
    /// `DirBuilder::mode` are a warning, as the umask cuts what they ask for; C's `open` and `mkdir`
    /// with the usual `0o666` and `0o777` are not reported.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[732, 276],
        triggers: &[
            "from_mode", "set_mode", "OpenOptions", "DirBuilder", "unix_permissions", "chmod", "fchmod", "fchmodat",
            "chmodat", "mkfifo", "mkfifoat", "umask",
        ],
        check: Check::Code(check),
    }
}

/// Functions that take a mode, and its position among the arguments.
const TAKERS: &[(&str, usize)] = &[
    ("std::fs::Permissions::from_mode", 0),
    ("std::fs::Permissions::set_mode", 0),
    ("std::os::unix::fs::PermissionsExt::from_mode", 0),
    ("std::os::unix::fs::PermissionsExt::set_mode", 1),
    ("std::fs::OpenOptions::mode", 0),
    ("std::fs::DirBuilder::mode", 0),
    ("tokio::fs::OpenOptions::mode", 0),
    ("tokio::fs::DirBuilder::mode", 0),
    ("fs_err::OpenOptions::mode", 0),
    ("tar::Header::set_mode", 0),
    ("libc::chmod", 1),
    ("libc::fchmod", 1),
    ("libc::fchmodat", 2),
    ("libc::mkfifo", 1),
    ("nix::sys::stat::fchmod", 1),
    ("nix::sys::stat::fchmodat", 2),
    ("nix::unistd::mkfifo", 1),
    ("rustix::fs::chmod", 1),
    ("rustix::fs::fchmod", 1),
    ("rustix::fs::chmodat", 2),
];

/// Methods whose name tells enough where the type is not known.
const METHODS: &[&str] = &["set_mode", "mode", "unix_permissions"];

const UMASK: &[&str] = &["libc::umask", "nix::sys::stat::umask", "rustix::process::umask"];

/// Modes as people write them; without `0o` they are another number.
const USUAL: &[i128] =
    &[400, 440, 444, 500, 550, 555, 600, 640, 644, 660, 664, 666, 700, 740, 744, 750, 755, 770, 775, 777];

fn check(code: &Code<'_>, findings: &mut Findings) {
    for call in code.calls() {
        if call.is(UMASK) {
            umask(code, call, findings);
        } else if let Some(expr) = mode_argument(code, call) {
            mode(code, call, expr, findings);
        }
    }
}

/// The argument that is a mode.
fn mode_argument<'a>(code: &Code<'a>, call: &Call<'a>) -> Option<&'a syn::Expr> {
    if let Some(path) = &call.path {
        let taker = TAKERS.iter().find(|(api, _)| path.is(api));
        let zip = path.krate() == "zip" && call.is_method("unix_permissions");
        return taker
            .map_or(if zip { Some(0) } else { None }, |(_, at)| Some(*at))
            .and_then(|at| call.args.get(at).copied());
    }
    let [only] = call.args[..] else { return None };
    let written = code.snippet(code.span(only)).starts_with("0o");
    (call.kind == CallKind::Method && METHODS.contains(&&*call.name) && written).then_some(only)
}

fn mode(code: &Code<'_>, call: &Call<'_>, expr: &syn::Expr, findings: &mut Findings) {
    let span = code.span(expr);
    let written = code.snippet(span);
    let Some(value) = value(code, call, expr) else {
        if ["S_IWOTH", "S_IRWXO", "WOTH", "RWXO"].iter().any(|flag| has_word(written, flag))
            && !written.contains("ISVTX")
        {
            report(call.name_span, span, format!("mode `{written}` lets every local user write"), findings);
        }
        return;
    };
    let is_decimal = written.bytes().all(|byte| byte.is_ascii_digit());
    if is_decimal && USUAL.contains(&value) {
        findings
            .at(span, format!("mode {value} is decimal and means {value:#o}"))
            .help("modes are written in octal, with `0o`")
            .fix(Fix::needs_review("write it in octal").replace(span, format!("0o{written}")));
        return;
    }
    let (others_write, sticky) = (value & 0o002 != 0, value & 0o1000 != 0);
    if !others_write || sticky {
        return;
    }
    let draft =
        report(call.name_span, span, format!("mode {value:#o} lets every local user write"), findings);
    if call.name == "mode" {
        // The umask still takes its part of what a file is created with, and nothing of a later change.
        draft.less_certain();
    }
    if let Some(digits) =
        written.strip_prefix("0o").filter(|digits| digits.bytes().all(|byte| matches!(byte, b'0'..=b'7')))
    {
        let (before, last) = digits.split_at(digits.len().saturating_sub(1));
        let tight = last.parse::<u8>().map_or(4, |last| last & !2);
        draft.fix(Fix::needs_review("let nobody else write").replace(span, format!("0o{before}{tight}")));
    }
}

fn report(at: Span, span: Span, message: String, findings: &mut Findings) -> &mut crate::finding::Draft {
    findings
        .at(at, message)
        .label(span, "this is who may write")
        .help("`0o600` or `0o700` for private data, `0o644` or `0o755` for public data")
}

/// The number, also inside `Mode::from_bits_truncate(…)`.
fn value(code: &Code<'_>, call: &Call<'_>, expr: &syn::Expr) -> Option<i128> {
    // The expression is one of the unit's, whose lifetime the constants need.
    let expr = call.args.iter().copied().find(|known| std::ptr::eq(*known, expr))?;
    number(code, expr, 0)
}

fn number(code: &Code<'_>, expr: &syn::Expr, depth: u8) -> Option<i128> {
    let expr = code.exprs().iter().copied().find(|known| std::ptr::eq(*known, expr))?;
    if let Some(Constant::Int(value)) = code.constant(expr) {
        return Some(value);
    }
    if depth > 4 {
        return None;
    }
    match expr {
        syn::Expr::Call(call) if call.args.len() == 1 => number(code, &call.args[0], depth + 1),
        syn::Expr::MethodCall(call) if matches!(&*call.method.to_string(), "unwrap" | "expect" | "into") => {
            number(code, &call.receiver, depth + 1)
        }
        syn::Expr::Cast(cast) => number(code, &cast.expr, depth + 1),
        _ => None,
    }
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == word)
}

/// `umask(0)`, unless the old mask is put back in the same function.
fn umask(code: &Code<'_>, call: &Call<'_>, findings: &mut Findings) {
    let [argument] = call.args[..] else { return };
    let span = code.span(argument);
    let is_empty = |text: &str| text.replace(' ', "").ends_with("Mode::empty()");
    let clears = number(code, argument, 0) == Some(0) || is_empty(code.snippet(span));
    let restored = code.calls().iter().any(|other| {
        other.is(UMASK)
            && other.args.first().is_some_and(|argument| matches!(argument, syn::Expr::Path(_)))
            && number(code, other.args[0], 0).is_none()
    });
    if clears && !restored {
        findings
            .at(call.name_span, "without a umask, every local user may write what is created from here on")
            .help("leave the umask as it is, or set it to `0o077`");
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
                use std::fs::*;
                use std::os::unix::fs::*;
                fn f() {
                    OpenOptions::new().create(true).write(true).mode(0o666).open("x").unwrap();
                //~                                             ^^^^ maybe: mode 0o666 lets every local user write
                //~                                                  ----- this is who may write
                //~ fix: let nobody else write
                }
            "#]],
            expect![[r#"
                const MODE: u32 = 0o622;
                fn f(p: &mut std::fs::Permissions) {
                    use std::os::unix::fs::PermissionsExt;
                    p.set_mode(MODE);
                //~   ^^^^^^^^ mode 0o622 lets every local user write
                //~            ---- this is who may write
                }
            "#]],
            expect![[r#"
                fn f(path: *const libc::c_char) {
                    unsafe {
                        libc::chmod(path, 0o777 as libc::mode_t);
                //~           ^^^^^ mode 0o777 lets every local user write
                //~                       --------------------- this is who may write
                    }
                }
            "#]],
            expect![[r#"
                use nix::sys::stat::{Mode, fchmod};
                fn f(fd: i32) {
                    fchmod(fd, Mode::from_bits_truncate(0o666)).unwrap();
                //~ ^^^^^^ mode 0o666 lets every local user write
                //~            ------------------------------- this is who may write
                }
            "#]],
            expect![[r#"
                use nix::sys::stat::{Mode, fchmod};
                fn f(fd: i32) {
                    fchmod(fd, Mode::S_IRUSR | Mode::S_IWOTH).unwrap();
                //~ ^^^^^^ mode `Mode::S_IRUSR | Mode::S_IWOTH` lets every local user write
                //~            ----------------------------- this is who may write
                }
            "#]],
            expect![[r#"
                fn f() {
                    unsafe {
                        libc::umask(0);
                //~           ^^^^^ without a umask, every local user may write what is created from here on
                    }
                }
            "#]],
            expect![[r#"
                use nix::sys::stat::{Mode, umask};
                fn f() {
                    umask(Mode::empty());
                //~ ^^^^^ without a umask, every local user may write what is created from here on
                }
            "#]],
            expect![[r#"
                fn f() {
                    let p = std::os::unix::fs::PermissionsExt::from_mode(0o644);
                    let q = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o777);
                //~                                                                      ^^^^^^^^^ mode 0o777 lets every local user write
                //~                                                                                ----- this is who may write
                //~ fix: let nobody else write
                }
            "#]],
            expect![[r#"
                use std::os::unix::fs::DirBuilderExt;
                fn f() {
                    std::fs::DirBuilder::new().mode(755).create("x").unwrap();
                //~                                 ^^^ mode 755 is decimal and means 0o1363
                //~ fix: write it in octal
                }
            "#]],
            expect![[r#"
                fn f(header: &mut tar::Header) {
                    header.set_mode(0o777);
                //~        ^^^^^^^^ mode 0o777 lets every local user write
                //~                 ----- this is who may write
                //~ fix: let nobody else write
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use std::fs::Permissions;\nuse std::os::unix::fs::PermissionsExt;\nfn f() { Permissions::from_mode(0o755); Permissions::from_mode(0o1777); Permissions::from_mode(0o600); }",
            "fn f(mode: u32) { use std::os::unix::fs::PermissionsExt; std::fs::Permissions::from_mode(mode); }",
            "fn f(m: &Own) { m.set_mode(2); m.mode(Mode::Fast); }",
            "fn f() { unsafe { let old = libc::umask(0); libc::mkdir(p, 0o700); libc::umask(old); } }",
            "fn f() { unsafe { libc::umask(0o077); } }",
            "#[cfg(test)] mod t { fn f() { unsafe { libc::umask(0); } } }",
            "use nix::sys::stat::{fchmod, Mode};\nfn f(fd: i32) { fchmod(fd, Mode::S_IRUSR | Mode::S_IWUSR).unwrap(); }",
        ]);
    }
}
