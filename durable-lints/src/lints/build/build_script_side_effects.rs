use crate::prelude::*;

declare_lint! {
    /// A build script uses the network or reads credentials, so whoever answers it reaches every builder.
    ///
    /// Build scripts and procedural macros run with the rights of whoever builds: a developer, or CI
    /// with its secrets. What they fetch is in no lock file and was seen in no review.
    ///
    /// ```rust,bad build.rs
    /// fn main() {
    ///     let body = ureq::get("https://example.com/tables.bin").call();
    ///     drop(body);
    /// }
    /// ```
    ///
    /// ```rust,good build.rs
    /// fn main() {
    ///     let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    ///     std::fs::copy("schema/tables.bin", out.join("tables.bin")).unwrap();
    ///     println!("cargo::rerun-if-changed=schema/tables.bin");
    /// }
    /// ```
    ///
    /// ## What to do
    /// Check the input in, with its hash where it is large, or make the download an explicit step of
    /// its own (`cargo xtask fetch`).
    ///
    /// ## Known limits
    /// A download through a program whose name is not fixed in source is not seen, nor are writes
    /// outside of `OUT_DIR`.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::High,
        cwe: &[829, 494, 506],
        scope: Scope::Build,
        triggers: &[
            "ureq", "reqwest", "attohttpc", "curl", "minreq", "blocking", "Agent", "Easy", "TcpStream", "UdpSocket", "Command", ".ssh/",
            ".aws/credentials", ".netrc", ".cargo/credentials",
        ],
        check: Check::Code(check),
    }
}

/// Calls that start a transfer over the network.
const NETWORK: &[&str] = &[
    "ureq::get",
    "ureq::post",
    "ureq::request",
    "ureq::Agent::get",
    "ureq::Agent::post",
    "reqwest::get",
    "reqwest::blocking::get",
    "reqwest::Client::get",
    "reqwest::Client::post",
    "attohttpc::get",
    "attohttpc::post",
    "minreq::get",
    "minreq::post",
    "curl::easy::Easy::perform",
    "curl::easy::Easy::url",
    "std::net::TcpStream::connect",
    "std::net::UdpSocket::bind",
];

/// Programs that fetch whatever they are asked for.
const FETCHERS: &[&str] = &["curl", "wget", "scp", "ssh", "sftp", "rsync", "aria2c", "Invoke-WebRequest"];

/// Programs that fetch with some of their subcommands.
const SUBCOMMANDS: &[(&str, &[&str])] = &[
    ("git", &["clone", "fetch", "pull", "submodule", "ls-remote"]),
    ("npm", &["install", "i", "ci"]),
    ("pnpm", &["install", "i"]),
    ("yarn", &["install"]),
    ("pip", &["install", "download"]),
    ("pip3", &["install", "download"]),
    ("go", &["get", "install"]),
];

/// Files that hold credentials.
const CREDENTIALS: &[&str] = &[".ssh/", ".aws/credentials", ".netrc", ".cargo/credentials"];

fn check(code: &Code<'_>, findings: &mut Findings) {
    let what = match code.file.role {
        Role::BuildScript => "build script",
        Role::ProcMacro => "procedural macro",
        _ => return,
    };
    for call in code.calls() {
        if call.is(NETWORK) {
            report(findings, call.name_span, format!("this {what} uses the network"));
        } else if call.is(&["std::process::Command::new"]) {
            command(code, call, what, findings);
        } else if reads_credentials(code, call) {
            report(findings, call.name_span, format!("this {what} reads a file of credentials"));
        }
    }
}

fn report(findings: &mut Findings, span: Span, message: String) {
    findings.at(span, message).help("check the input in, or make it a step that somebody starts on purpose");
}

/// `Command::new("git").args(["clone", …])`: the program is constant, and so is what tells it to fetch.
fn command<'a>(code: &Code<'a>, call: &Call<'a>, what: &str, findings: &mut Findings) {
    let [program] = call.args[..] else { return };
    let Some(Constant::Str(program)) = code.constant(program) else { return };
    let program = program.rsplit(['/', '\\']).next().unwrap_or("").trim_end_matches(".exe");
    let fetches = FETCHERS.contains(&program) && !asks_for_version(code, call)
        || SUBCOMMANDS.iter().any(|(known, subcommands)| {
            *known == program && subcommands.iter().any(|subcommand| has_argument(code, call, subcommand))
        });
    if fetches {
        report(findings, call.name_span, format!("this {what} lets `{program}` fetch over the network"));
    }
}

/// Whether the statement around a `Command::new` gives it this argument.
fn has_argument(code: &Code<'_>, command: &Call<'_>, argument: &str) -> bool {
    let chain =
        code.calls().iter().filter(|call| call.span.contains(command.span) && call.kind == CallKind::Method);
    let mut arguments =
        chain.filter(|call| matches!(&*call.name, "arg" | "args")).flat_map(|call| &call.args);
    arguments.any(|given| {
        let quoted = format!("\"{argument}\"");
        code.snippet(code.span(*given)).contains(&quoted)
    })
}

fn asks_for_version(code: &Code<'_>, command: &Call<'_>) -> bool {
    has_argument(code, command, "--version") || has_argument(code, command, "-V")
}

fn reads_credentials(code: &Code<'_>, call: &Call<'_>) -> bool {
    const READS: &[&str] = &["std::fs::read", "std::fs::read_to_string", "std::fs::File::open"];
    call.is(READS)
        && call.args.first().is_some_and(|path| {
            let written = code.snippet(code.span(*path));
            CREDENTIALS.iter().any(|file| written.contains(file))
        })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                //- build.rs
                use reqwest::blocking as http;
                fn main() {
                    let b = http::get("https://example.com").unwrap();
                //~               ^^^ this build script uses the network
                }
            "#]],
            expect![[r#"
                //- build.rs
                use std::net::TcpStream;
                fn main() {
                    let s = TcpStream::connect("example.com:80");
                //~                    ^^^^^^^ this build script uses the network
                }
            "#]],
            expect![[r#"
                //- build.rs
                use std::process::Command;
                fn main() {
                    Command::new("curl").arg("-o").arg("x").arg("https://example.com").status();
                //~          ^^^ this build script lets `curl` fetch over the network
                }
            "#]],
            expect![[r#"
                //- build.rs
                fn main() {
                    std::process::Command::new("git").args(["submodule", "update", "--init"]).status();
                //~                        ^^^ this build script lets `git` fetch over the network
                }
            "#]],
            expect![[r#"
                //- build.rs
                const TOOL: &str = "/usr/bin/wget";
                fn main() {
                    let mut c = std::process::Command::new(TOOL);
                //~                                    ^^^ this build script lets `wget` fetch over the network
                    c.arg("https://example.com");
                }
            "#]],
            expect![[r#"
                //- build.rs
                fn main() {
                    let k = std::fs::read_to_string(home().join(".cargo/credentials.toml"));
                //~                  ^^^^^^^^^^^^^^ this build script reads a file of credentials
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "//- build.rs\nfn main() { std::process::Command::new(\"git\").args([\"rev-parse\", \"HEAD\"]).output(); }",
            "//- build.rs\nfn main() { let out = std::env::var(\"OUT_DIR\").unwrap(); std::fs::write(format!(\"{out}/a.rs\"), \"\").unwrap(); }",
            "//- build.rs\nfn main() { std::process::Command::new(\"curl\").arg(\"--version\").output(); }",
            "//- build.rs\nfn main() { println!(\"cargo::rustc-link-lib=curl\"); let git = \"clone\"; }",
            "//- src/lib.rs\npub fn f() { let b = ureq::get(\"https://example.com\").call(); }",
            "//- build.rs\nfn main() { let s = std::fs::read_to_string(\"schema.sql\").unwrap(); }",
        ]);
    }
}
