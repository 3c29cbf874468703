//! What `completions` and `man` print, in the shells that read it.

use std::path::Path;
use std::process::Command;

use crate::project::{PINNED, Project, Ran};

/// A project with two owners, one of them hostile, with the script of a shell beside it.
fn project(shell: &str) -> Project {
    let project = Project::new(PINNED);
    project.write(
        "//- app/durable.toml
[owners.identity]
team = \"Identity\"
[owners.'$(touch pwned)']
",
    );
    let script = Command::new(env!("CARGO_BIN_EXE_cargo-durable")).args(["completions", shell]).output();
    project.put("script", &script.unwrap().stdout);
    project
}

/// Runs a shell in the project with the command on its path; `None` where there is no such shell.
fn run(project: &Project, shell: &str, arguments: &[&str], text: &str) -> Option<Ran> {
    let ours = Path::new(env!("CARGO_BIN_EXE_cargo-durable")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(ours.to_owned()).chain(std::env::split_paths(&path));
    let mut command = Command::new(shell);
    command.args(arguments).arg(text).current_dir(project.path("app"));
    command.env("PATH", std::env::join_paths(paths).unwrap()).env("HOME", project.path("home"));
    match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("{shell} is not installed here: its completion is not tested");
            None
        }
        output => Some(Ran::from(output.unwrap())),
    }
}

/// What bash offers for a line with the cursor at its end, `cargo` being completed by a function
/// that offers `build`. `before` and `after` are sourced around our script.
fn bash(project: &Project, before: &str, after: &str, words: &str) -> String {
    let text = format!(
        "{before}
source ../script
{after}
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_LINE=\"${{COMP_WORDS[*]}}\"; COMP_POINT=${{#COMP_LINE}}
spec=$(complete -p \"${{COMP_WORDS[0]}}\")
function=${{spec#*-F }}; function=${{function%% *}}
\"$function\" \"${{COMP_WORDS[0]}}\" \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"
printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let Some(ran) = run(project, "bash", &["--noprofile", "--norc", "-c"], &text) else {
        return String::new();
    };
    ran.out
}

/// Stands for cargo's own completion.
const CARGO: &str = "_cargo() { COMPREPLY=(build); }; complete -o nospace -F _cargo cargo";

#[test]
fn bash_completes_durable_beside_cargo() {
    let project = project("bash");
    if run(&project, "bash", &["-c"], "true").is_none() {
        return;
    }
    let complete = |words: &str| bash(&project, CARGO, "", words);
    assert_eq!(complete("cargo-durable expl"), "explain\n");
    assert_eq!(complete("cargo durable expl"), "explain\n");
    assert_eq!(complete("cargo +stable durable explain weak_h"), "weak_hashes\n");
    assert_eq!(complete("cargo durable check -p ''"), "app\n");
    assert_eq!(complete("cargo durable check --exclude = ap"), "app\n");
    assert_eq!(complete("cargo durable baseline --owner ''"), "identity\n", "and no command of a checkout");
    assert_eq!(complete("cargo durable check --against main --approve-weakening id"), "identity\n");
    assert_eq!(complete("cargo durable exemptions transfer --to id"), "identity\n");
    assert_eq!(complete("cargo bu"), "build\n", "cargo's own completion stays");
    assert_eq!(complete("cargo build durable"), "build\n");
    assert_eq!(complete("cargo du"), "build\n");
    assert!(!project.path("app/pwned").exists());
}

#[test]
fn bash_finds_a_completion_of_cargo_that_is_loaded_on_demand() {
    let project = project("bash");
    if run(&project, "bash", &["-c"], "true").is_none() {
        return;
    }
    let loader = format!("_completion_loader() {{ {CARGO}; return 124; }}");
    assert_eq!(bash(&project, &loader, "", "cargo bu"), "build\n");
    assert_eq!(bash(&project, &loader, "", "cargo durable expl"), "explain\n");
    let again = "_cargo_or_durable cargo bu cargo >/dev/null 2>&1; source ../script";
    assert_eq!(bash(&project, &loader, again, "cargo durable expl"), "explain\n");
    assert_eq!(bash(&project, &loader, again, "cargo bu"), "build\n");
    let kept = bash(&project, CARGO, "complete -p cargo; exit", "cargo bu");
    assert_eq!(kept, "complete -o nospace -F _cargo_or_durable cargo\n");
    let program = bash(&project, "complete -C offers cargo", "complete -p cargo; exit", "cargo bu");
    assert!(program.starts_with("complete -C "), "what is no function is left alone: {program}");
}

#[test]
fn fish_completes_durable_beside_cargo() {
    let project = project("fish");
    let complete = |line: &str| {
        let text = format!("source ../script; complete -C '{line}'");
        run(&project, "fish", &["--no-config", "-c"], &text).map(|ran| ran.out)
    };
    let Some(plain) = complete("cargo-durable explain weak_h") else { return };
    assert!(plain.starts_with("weak_hashes\t"), "{plain}");
    for (line, expected) in [
        ("cargo durable explain weak_h", "weak_hashes\t"),
        ("cargo durable baseline --owner ", "identity\tIdentity\n"),
        ("cargo durable check -p ", "app\n"),
        ("cargo durable check --manifest-path Car", "Cargo.toml\n"),
    ] {
        let offered = complete(line).unwrap();
        assert!(offered.contains(expected) && !offered.contains("pwned"), "{line}: {offered}");
    }
    let other = complete("cargo build durable explain weak_h").unwrap();
    assert!(!other.contains("weak_hashes"), "{other}");
}

/// zsh completes only at a prompt, so it is given one.
#[test]
fn zsh_completes_durable_beside_cargo() {
    let project = project("zsh");
    project.put("functions/_cargo-durable", project.read("script").as_bytes());
    // As cargo's own does with a subcommand that it does not know.
    let cargo = "#compdef cargo
_arguments '*::arg:->args'
_call_function ret _cargo-${words[1]} || compadd build
";
    project.put("functions/_cargo", cargo.as_bytes());
    project.put("home/.keep", b"");
    let complete = |setup: &str, line: &str| {
        let text = format!(
            "zmodload zsh/zpty
{{ sleep 60; kill $$ }} >/dev/null 2>&1 &
guard=$!
zpty z 'PS1=\"> \" zsh -f -i'
read() {{ zpty -r -m z seen \"*$1*\" }}
zpty -w z 'autoload -U compinit; unsetopt zle_bracketed_paste; {setup}; bindkey \"^I\" complete-word; PROMPT=; print re''ady'
read ready
zpty -w -n z $'{line}\\t\\C-a: \\C-e; print do\\'\\'ne\\n'
read done
kill $guard
print -r -- \"$seen\""
        );
        run(&project, "zsh", &["-f", "-c"], &text).map(|ran| ran.out)
    };
    let autoloaded = "fpath=(../functions $fpath); compinit -u -D";
    let Some(first) = complete(autoloaded, "cargo-durable explain weak_h") else { return };
    assert!(first.contains("weak_hashes"), "{first}");
    let sourced = format!("{autoloaded}; source ../script");
    for setup in [autoloaded, &sourced, "compinit -u -D; source ../script"] {
        let offered = complete(setup, "cargo durable explain weak_h").unwrap();
        assert!(offered.contains("weak_hashes"), "{setup}: {offered}");
    }
    let other = complete(&sourced, "cargo bui").unwrap();
    assert!(other.contains("cargo build"), "{other}");
}

#[test]
fn pages_are_written_by_their_names() {
    let project = Project::new("//- pages/.keep\n");
    let man = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-durable"));
        Ran::from(command.arg("man").args(arguments).current_dir(project.path("pages")).output().unwrap())
    };
    man(&["--out", "."]).expect(0, &[]);
    man(&[]).expect(0, &[".TH CARGO-DURABLE 1"]).without("cargo(1)");
    assert_eq!(man(&[]).out, project.read("pages/cargo-durable.1"));
    assert!(
        project
            .read("pages/cargo-durable-exemptions-withdraw.1")
            .contains("CARGO-DURABLE-EXEMPTIONS-WITHDRAW 1")
    );
}
