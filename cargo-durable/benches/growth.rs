//! How the time of a check grows with its input: for every shape of code the time for twice the input
//! over the time for the input. Beyond the bound a stranger's pull request could keep a check busy.
//!
//! ```text
//! cargo bench --bench growth                     every shape
//! cargo bench --bench growth -- NAME             shapes whose name holds NAME
//! ```
//!
//! A ratio that is too high is measured again before it counts, as machines have other work too.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// The highest ratio for twice the input.
const BOUND: f64 = 2.3;
/// How often a ratio that is too high is measured again.
const ATTEMPTS: usize = 5;
/// Inputs are doubled until a check takes at least this long: below it the start of the program is
/// most of what is measured.
const ENOUGH: Duration = Duration::from_millis(400);

/// Files by path.
type Tree = Vec<(String, String)>;

const TRIGGER: &str = "let _c = reqwest::Client::builder().danger_accept_invalid_certs(true).build(); ";
const LOOSE: &str = "a.rs";

/// A shape of input: a name, the size to begin with, the largest size, the input of a size.
type Shape = (&'static str, usize, usize, fn(usize) -> Tree);

const SHAPES: &[Shape] = &[
    ("functions with a client each", 1000, 64_000, |n| {
        let each = |i| format!("fn f{i}() {{ {TRIGGER} }}\n");
        loose("use axum::Router;\n", (0..n).map(each), "")
    }),
    ("findings in one function", 500, 4000, |n| loose("fn f() { ", (0..n).map(|_| TRIGGER), "}")),
    ("findings in one expression", 250, 4000, |n| {
        let each = "reqwest::Client::builder().danger_accept_invalid_certs(true).build(), ";
        loose("fn f() { all((", (0..n).map(|_| each), ")); }")
    }),
    ("statements in one function", 4000, 16_000, |n| {
        loose(&format!("fn f() {{ {TRIGGER}"), (0..n).map(|_| "a(b, c); "), "}")
    }),
    ("struct literals in a sum", 250, 1900, |n| units(n, "let x = ", "A{}+", "1;")),
    ("terms of a sum", 350, 2800, |n| units(n, "let x = ", "a+", "1;")),
    ("closures", 200, 1100, |n| units(n, "let x = ", "|a,b| ", "a;")),
    ("closures as arguments", 100, 600, |n| {
        units(n, "let x = ", "a.b(|x| ", &format!("1{};", ")".repeat(n)))
    }),
    ("calls of calls", 300, 2400, |n| units(n, "let x = ", "f(", &format!("1{};", ")".repeat(n)))),
    ("method chain", 200, 1100, |n| units(n, "let x = a", ".b()", ";")),
    ("blocks in blocks", 300, 2400, |n| units(n, "", "{", &"}".repeat(n))),
    ("else if", 150, 1100, |n| units(n, "", "if a {} else ", "{}")),
    ("macros in macros", 50, 400, |n| {
        let each = format!("let _ = {}1{}; ", "vec![".repeat(40), "]".repeat(40));
        loose(&format!("fn f() {{ {TRIGGER}"), (0..n).map(|_| each.as_str()), "}")
    }),
    ("rebindings", 2000, 32_000, |n| {
        loose(&format!("fn f(a: u8) {{ {TRIGGER}"), (0..n).map(|_| "let a = a; "), "}")
    }),
    ("bindings", 2000, 32_000, |n| {
        loose(&format!("fn f(a0: u8) {{ {TRIGGER}"), (0..n).map(|i| format!("let a{} = a{i}; ", i + 1)), "}")
    }),
    ("constants", 1000, 32_000, |n| {
        let each = |i| format!("const C{}: bool = C{i};\n", i + 1);
        let last = format!("fn f() {{ reqwest::Client::builder().danger_accept_invalid_certs(C{n}); }}");
        loose("const C0: bool = true;\n", (0..n).map(each), &last)
    }),
    ("methods of one type", 500, 16_000, |n| {
        let each = |i| format!("fn f{i}(&self) {{ self.f{}(); {TRIGGER} }}\n", (i + 1) % n);
        loose("struct S;\nimpl S {\n", (0..n).map(each), "}")
    }),
    ("impls of one trait", 500, 16_000, |n| {
        let each = |i| format!("struct S{i};\nimpl T for S{i} {{ fn f(&self) {{ S{i}.f(); {TRIGGER} }} }}\n");
        loose("trait T { fn f(&self); }\n", (0..n).map(each), "")
    }),
    ("functions that call the next", 500, 16_000, |n| {
        let each = |i| format!("fn f{i}(a: String) {{ f{}(a); {TRIGGER} }}\n", i + 1);
        loose("", (0..n).map(each), &format!("fn f{n}(a: String) {{ std::process::Command::new(a); }}"))
    }),
    ("siblings with `use super::*`", 100, 4000, |n| {
        let mut files: Tree = (0..n)
            .map(|i| {
                (format!("src/m{i}.rs"), format!("use super::*;\npub fn f{i}() {{ g{i}(); {TRIGGER} }}\n"))
            })
            .collect();
        let mods = |i| format!("mod m{i};\npub use m{i}::*;\n");
        files.push(("src/lib.rs".into(), (0..n).map(mods).collect()));
        package("x", "", files)
    }),
    // A search gives up after some thousand modules, so longer chains are looked through again and again.
    ("glob re-exports in a chain", 100, 800, |n| {
        let each = |i| {
            format!("pub mod m{i} {{ pub use super::m{}::*; pub fn f{i}() {{ g(); {TRIGGER} }} }}\n", i + 1)
        };
        loose("", (0..n).map(each), &format!("pub mod m{n} {{ pub fn g() {{}} }}"))
    }),
    ("workspace chain", 20, 320, |n| {
        let members: Vec<String> = (0..n).map(|i| format!("\"c{i}\"")).collect();
        let mut files: Tree = vec![(
            "Cargo.toml".into(),
            format!("[workspace]\nresolver = \"2\"\nmembers = [{}]\n", members.join(", ")),
        )];
        for i in 0..n {
            let on =
                if i == 0 { String::new() } else { format!("c{} = {{ path = \"../c{}\" }}\n", i - 1, i - 1) };
            let body = if i == 0 { "a".into() } else { format!("c{}::f(a)", i - 1) };
            let lib = format!("pub fn f(a: String) -> String {{ {TRIGGER} {body} }}\n");
            for (path, text) in package(&format!("c{i}"), &on, vec![("src/lib.rs".into(), lib)]) {
                files.push((format!("c{i}/{path}"), text));
            }
        }
        files
    }),
    ("files", 100, 6400, |n| {
        (0..n).map(|i| (format!("a{i}.rs"), format!("fn f() {{ {TRIGGER} }}"))).collect()
    }),
    ("modules in a folder", 100, 6400, |n| {
        let mut files: Tree =
            (0..n).map(|i| (format!("src/m{i}.rs"), format!("pub fn f() {{ {TRIGGER} }}"))).collect();
        files.push(("src/lib.rs".into(), (0..n).fold(String::new(), |all, i| all + &format!("mod m{i};\n"))));
        package("x", "", files)
    }),
    ("attributes of a file", 500, 16_000, |n| {
        loose("", (0..n).map(|_| "#![allow(warnings)]\n"), "fn f() {}")
    }),
    ("marked functions", 500, 16_000, |n| {
        let each = |i| format!("#[durable(owner = \"a\")]\nfn f{i}() {{ {TRIGGER} }}\n");
        loose("", (0..n).map(each), "")
    }),
    ("put-off checks", 500, 16_000, |n| {
        let each = |i| format!("// TODO: check the signature\nfn f{i}() {{}}\n");
        loose("", (0..n).map(each), "")
    }),
    ("flat macro", 1000, 8000, |n| {
        loose(&format!("fn f() {{ {TRIGGER} html!{{"), (0..n).map(|_| "<p>\"a\"</p> {a} "), "} }")
    }),
];

fn loose(open: &str, parts: impl Iterator<Item = impl AsRef<str>>, close: &str) -> Tree {
    let mut text = open.to_owned();
    parts.for_each(|part| text.push_str(part.as_ref()));
    vec![(LOOSE.into(), text + close)]
}

/// Eight functions alike: nesting has a bound, so one alone takes too little time to measure.
fn units(n: usize, open: &str, part: &str, close: &str) -> Tree {
    let each = |i| format!("fn f{i}() {{ {TRIGGER}{open}{}{close} }}\n", part.repeat(n));
    loose("", (0..8).map(each), "")
}

fn package(name: &str, dependencies: &str, mut files: Tree) -> Tree {
    let mut manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    let _ = write!(manifest, "[dependencies]\nreqwest = \"0.12\"\n{dependencies}");
    files.push(("Cargo.toml".into(), manifest));
    files
}

fn time(folder: &Path, tree: &Tree) -> std::io::Result<Duration> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    for (path, text) in tree {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, text)?;
    }
    let run = || {
        let start = Instant::now();
        let mut check = Command::new(env!("CARGO_BIN_EXE_cargo-durable"));
        check.args(["durable", "check", "--no-cache", "--message-format", "short", "."]);
        // One thread, so that the time is what it costs.
        check.current_dir(folder).env("RAYON_NUM_THREADS", "1").env("CARGO_NET_OFFLINE", "true");
        check.stdout(Stdio::null()).stderr(Stdio::null()).status().map(|_| start.elapsed())
    };
    Ok(run()?.min(run()?))
}

fn main() -> ExitCode {
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder = std::env::temp_dir().join(format!("durable-growth-{}", std::process::id()));
    let mut missed = false;
    println!("{:32} {:>7} {:>9} {:>9}  ratio", "shape", "n", "n", "2n");
    for (name, from, most, tree) in SHAPES {
        if only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        match growth(&folder, *from, *most, *tree) {
            Ok((n, small, large)) => {
                let ratio = large.as_secs_f64() / small.as_secs_f64();
                missed |= ratio > BOUND;
                let mark = if ratio > BOUND { "  too much" } else { "" };
                println!("{name:32} {n:>7} {small:>9.2?} {large:>9.2?}  {ratio:.2}{mark}");
            }
            Err(error) => {
                missed = true;
                println!("{name:32} {error}");
            }
        }
    }
    // What is left in the folder for temporary files hurts nobody.
    let _ = fs::remove_dir_all(&folder);
    if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The times for a size and its double: the least ratio of some attempts.
fn growth(
    folder: &Path,
    from: usize,
    most: usize,
    tree: fn(usize) -> Tree,
) -> std::io::Result<(usize, Duration, Duration)> {
    let mut n = from;
    while n * 4 <= most && time(folder, &tree(n))? < ENOUGH {
        n *= 2;
    }
    let mut best: Option<(Duration, Duration)> = None;
    for _ in 0..ATTEMPTS {
        let (small, large) = (time(folder, &tree(n))?, time(folder, &tree(2 * n))?);
        let ratio = |(small, large): (Duration, Duration)| large.as_secs_f64() / small.as_secs_f64();
        if best.is_none_or(|known| ratio((small, large)) < ratio(known)) {
            best = Some((small, large));
        }
        if best.is_some_and(|best| ratio(best) <= BOUND) {
            break;
        }
    }
    let (small, large) = best.unwrap_or_default();
    Ok((n, small, large))
}
