use crate::flow::{self, OriginKind, Purpose, SinkUse};
use crate::prelude::*;

declare_lint! {
    /// A value runs as a command of its own, because it is put into a line that a shell interprets.
    ///
    /// A shell gives meaning to spaces, quotes, `;`, `|`, `$( )` and more. A file called `a; rm -rf ~`
    /// is enough. Arguments that are handed to a program directly have no such meaning.
    ///
    /// ```rust,bad
    /// use std::process::Command;
    ///
    /// fn compress(name: &str) -> std::io::Result<std::process::ExitStatus> {
    ///     Command::new("sh").arg("-c").arg(format!("gzip -k {name}")).status()
    /// }
    /// ```
    ///
    /// ```rust,good
    /// use std::process::Command;
    ///
    /// fn compress(name: &str) -> std::io::Result<std::process::ExitStatus> {
    ///     Command::new("gzip").arg("-k").arg("--").arg(name).status()
    /// }
    /// ```
    ///
    /// ## What to do
    /// Start the program itself, with `arg` for each argument. Where a shell is needed, keep its script
    /// constant and pass the data as positional parameters (`sh -c 'gzip "$1"' sh name`) or in the
    /// environment; `shlex::try_quote` is the last resort.
    ///
    /// ## Known limits
    /// A whole command line that a caller or the operator chooses is taken as meant: reported is data
    /// that is put into a command, and every line that a request decides.
    /// An argument is one place, however many values make it up and wherever it goes from there.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[78, 88],
        triggers: &["Command", "Exec", "run_script", "raw_command", "shell", "exec", "system"],
        modelled: |models| Modelled { built_in: Vec::new(), ..models.names_in_flows_to(Purpose::Shell) },
        check: Check::Code(check),
    }
}

const HELP: &str = "start the program itself and pass the value with `arg`, or pass it to the script as `$1`";

fn check(code: &Code<'_>, findings: &mut Findings) {
    if !may_run_commands(code) {
        return;
    }
    let mut told: Vec<Span> = Vec::new();
    for sink in code.flow().sinks().iter().filter(|sink| sink.purpose == Purpose::Shell) {
        if told.contains(&sink.argument) {
            continue;
        }
        if let Some(origin) = sink.threat() {
            findings
                .at(sink.argument, "a shell runs a command line that holds outside data")
                .primary(sink.reach())
                .label(origin.span, format!("{} enters here", origin.what))
                .help(HELP)
                .less_certain_if(sink.is_checked_by_name());
        } else if is_put_into_command(code, sink) {
            let found = findings.at(sink.argument, "a value is put into a command line for a shell");
            found.primary(sink.reach()).help(HELP);
            if let Some(direct) = direct_call(code, sink) {
                let title = "start the program without a shell";
                found.fix(Fix::needs_review(title).replace(sink.call, direct));
            }
        } else {
            continue;
        }
        told.push(sink.argument);
    }
}

/// Whether the words that were found can mean commands: `exec` and `shell` do only with the crates
/// that have them, and following the values of a function costs more than asking.
fn may_run_commands(code: &Code<'_>) -> bool {
    let words = || code.hits.iter().map(|hit| code.file.snippet(hit.span));
    code.hits.is_empty()
        || !code.names.models.sinks.is_empty()
        || words().any(|word| word == "Command")
        || words().any(|word| word == "system") && code.package.depends_on(&["libc"])
        || code.package.depends_on(&["subprocess", "run_script", "openssh", "ssh2", "russh"])
}

/// Whether text of a caller becomes an argument in a line whose command is fixed here.
fn is_put_into_command(code: &Code<'_>, sink: &SinkUse<'_>) -> bool {
    let value = &sink.value;
    let of_caller = value.origins.iter().any(|origin| matches!(origin.kind, OriginKind::Parameter(_)));
    if value.constant || value.is_safe_for(Purpose::Shell) || !of_caller || sink.sink == "raw_arg" {
        return false;
    }
    let after_command = value.prefix.as_deref().is_some_and(ends_inside_command);
    (value.built && after_command) || follows_command(code, sink)
}

/// Whether a line that begins like this has a program, so that what follows is its argument.
fn ends_inside_command(prefix: &str) -> bool {
    let last = prefix.rsplit(['\n', ';', '|', '&', '(', '{', '`']).next().unwrap_or("").trim();
    let word = last.split_whitespace().last().unwrap_or("");
    !word.is_empty()
        && !matches!(word, "exec" | "eval" | "sudo" | "time" | "nohup" | "env" | "then" | "do" | "command")
}

/// `cmd /C start <value>`: every later argument belongs to the line that `cmd` interprets. A list
/// that is handed on as a whole is the caller's command.
fn follows_command(code: &Code<'_>, sink: &SinkUse<'_>) -> bool {
    let fixed_before = code.flow().sinks().iter().any(|other| {
        other.purpose == Purpose::Shell
            && other.value.constant
            && other.argument.end <= sink.argument.start
            && sink.call.contains(other.call)
    });
    let whole_list = code.calls().iter().any(|call| {
        call.span == sink.call
            && call.is_method("args")
            && call.args.iter().any(|arg| code.span(*arg) == sink.argument)
    });
    fixed_before && !whole_list
}

/// `Command::new("sh").arg("-c").arg(format!("gzip -k {name}"))` without the shell, where the line
/// is plain words.
fn direct_call<'a>(code: &Code<'a>, sink: &SinkUse<'a>) -> Option<String> {
    let last = code.calls().iter().find(|call| call.span == sink.call && call.is_method("arg"))?;
    let syn::Expr::MethodCall(flag) = last.receiver? else { return None };
    let syn::Expr::Call(new) = &*flag.receiver else { return None };
    let [syn::Expr::Macro(line)] = last.args[..] else { return None };
    let line_span = code.span(&line.mac);
    let line = code.macros().iter().find(|other| other.span == line_span)?;
    let holes = flow::holes(line.expansion);
    // All of the text has to stand before the holes; a tail is not worth a second way to read it.
    let text = match line.expansion.args.get(line.expansion.format?).map(|arg| &arg.expr)? {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => text.value(),
        _ => return None,
    };
    let mut call = String::new();
    for (before, piece) in holes {
        let mut words = before.split_whitespace();
        if !before.ends_with(' ') || !words.all(is_plain_word) {
            return None;
        }
        for word in before.split_whitespace() {
            let method = if call.is_empty() { code.snippet(code.span(&*new.func)) } else { ".arg" };
            call.push_str(&format!("{method}({word:?})"));
        }
        if call.is_empty() {
            return None;
        }
        call.push_str(&format!(".arg({})", argument(code, piece)));
    }
    (flag.method == "arg" && text.ends_with('}')).then_some(call)
}

/// A captured name stands where the string stands, so it is written by name.
fn argument(code: &Code<'_>, piece: &syn::Expr) -> String {
    match piece {
        syn::Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
    .unwrap_or_else(|| code.snippet(code.span(piece)).to_owned())
}

fn is_plain_word(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                use std::process::Command;
                fn f(name: String) {
                    Command::new("/bin/bash").args(["-c", &format!("gzip {}", name)]).output();
                //~                                       ^^^^^^^^^^^^^^^^^^^^^^^^^ a value is put into a command line for a shell
                //~                                       ^^^^^^^^^^^^^^^^^^^^^^^^^ reaches the command line of a shell
                }
            "#]],
            expect![[r#"
                use tokio::process::Command;
                async fn f(dir: &str) {
                    let mut c = Command::new("sh");
                    c.arg("-c");
                    c.arg(format!("cd {dir} && make"));
                //~       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ a value is put into a command line for a shell
                //~       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches the command line of a shell
                    c.spawn();
                }
            "#]],
            expect![[r#"
                use std::process::Command;
                fn f(url: &str) {
                    Command::new("cmd").args(["/C", "start", url]).spawn();
                //~                                          ^^^ a value is put into a command line for a shell
                //~                                          ^^^ reaches the command line of a shell
                }
            "#]],
            expect![[r#"
                use std::process::Command;
                fn f(path: &str) {
                    Command::new("powershell.exe")
                        .arg("-Command")
                        .arg(format!("Remove-Item {path}"))
                //~          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a value is put into a command line for a shell
                //~          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ reaches the command line of a shell
                //~ fix: start the program without a shell
                        .spawn();
                }
            "#]],
            expect![[r#"
                use axum::extract::Path;
                use std::process::Command;
                async fn f(Path(line): Path<String>) {
                //~        ---------- `Path` extractor `Path(line)` enters here
                    Command::new("sh").arg("-c").arg(line).spawn();
                //~                                  ^^^^ a shell runs a command line that holds outside data
                //~                                  ^^^^ reaches the command line of a shell
                }
            "#]],
            expect![[r#"
                fn f(channel: &mut ssh2::Channel, dir: &str) {
                    channel.exec(&format!("ls {dir}")).unwrap();
                //~              ^^^^^^^^^^^^^^^^^^^^ a value is put into a command line for a shell
                //~              ^^^^^^^^^^^^^^^^^^^^ reaches `ssh2::Channel::exec`
                }
            "#]],
            expect![[r#"
                use std::process::Command as Cmd;
                fn f(name: &str) {
                    let mut line = String::from("rm -f ");
                    line.push_str(name);
                    Cmd::new("sh").arg("-c").arg(&line).status();
                //~                              ^^^^^ a value is put into a command line for a shell
                //~                              ^^^^^ reaches the command line of a shell
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "use std::process::Command;\nfn f(name: &str) { Command::new(\"sh\").arg(\"-c\").arg(\"gzip \\\"$1\\\"\").arg(\"sh\").arg(name).status(); }",
            "use std::process::Command;\nfn f(line: &str) { Command::new(\"sh\").arg(\"-c\").arg(line).status(); }",
            "use std::process::Command;\nfn f(line: &str) { Command::new(\"sh\").arg(\"-c\").arg(format!(\"exec {line}\")).status(); }",
            "use std::process::Command;\nfn f(name: &str) { Command::new(\"sh\").arg(\"-c\").arg(format!(\"gzip {}\", shlex::try_quote(name).unwrap())).status(); }",
            "use std::process::Command;\nfn f(level: u8) { Command::new(\"sh\").args([\"-c\", &format!(\"gzip -{level} x\")]).status(); }",
            "use std::process::Command;\nfn f(args: &[String]) { Command::new(\"cmd\").args([\"/C\", \"npm\"]).args(args).status(); }",
            "use std::process::Command;\nfn f() { let line = format!(\"{} --version\", std::env::var(\"EDITOR\").unwrap()); Command::new(\"sh\").arg(\"-c\").arg(line).status(); }",
            "fn f(name: &str) { std::process::Command::new(\"gzip\").arg(\"-c\").arg(format!(\"data/{name}\")).status(); }",
        ]);
    }

    #[test]
    fn what_is_checked_by_name_alone_is_less_certain() {
        LINT.sees([expect![[r#"
            use axum::extract::Path;
            async fn f(Path(name): Path<String>, limiter: Limiter) {
            //~        ---------- `Path` extractor `Path(name)` enters here
                if limiter.check(&name) {
                    std::process::Command::new("sh").arg("-c").arg(format!("ls {name}")).status();
            //~                                                    ^^^^^^^^^^^^^^^^^^^^ maybe: a shell runs a command line that holds outside data
            //~                                                    ^^^^^^^^^^^^^^^^^^^^ reaches the command line of a shell
                }
            }
        "#]]]);
    }
}
