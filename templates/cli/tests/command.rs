//! The command as people and scripts meet it: arguments and files in, output and exit code out.

// What tests share is no test to clippy.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_acme-widget"));
    let Output {
        status,
        stdout,
        stderr,
    } = command.args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// A file in the folder that cargo keeps for the tests of this package; each test has its own name.
fn file(name: &str, content: &[u8]) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path.into_os_string().into_string().unwrap()
}

#[test]
fn services_are_listed_by_port() {
    let file = file("listed", b"mail 587\nweb 443\n");
    let (code, stdout, stderr) = run(&["list", &file]);
    assert_eq!(stdout, "  443  web\n  587  mail\n");
    assert_eq!(stderr, "");
    assert_eq!(code, Some(0));
}

#[test]
fn a_refused_line_is_named_and_nothing_is_listed() {
    let file = file("refused", b"web 443\nmail 0\n");
    let (code, stdout, stderr) = run(&["list", &file]);
    assert_eq!(stdout, "");
    assert_eq!(
        stderr,
        format!("error: {file}:2: \"0\" is no port from 1 to 65535\n")
    );
    assert_eq!(code, Some(1));
}

#[test]
fn input_moves_no_cursor() {
    let file = file("cursor", b"\x1b[2J 443\n");
    let (code, _, stderr) = run(&["list", &file]);
    assert!(!stderr.contains('\x1b'), "{stderr:?}");
    assert_eq!(code, Some(1));
}

#[test]
fn what_is_too_large_is_not_read() {
    let file = file("large", &vec![b'#'; (1 << 20) + 1]);
    let (code, _, stderr) = run(&["list", &file]);
    assert_eq!(
        stderr,
        format!("error: {file}: is larger than 1048576 bytes\n")
    );
    assert_eq!(code, Some(1));
}

#[test]
fn a_missing_file_and_a_wrong_call_end_with_2() {
    let (code, stdout, stderr) = run(&["list", "no/such/file"]);
    assert!(
        stderr.starts_with("error: no/such/file: cannot be read: "),
        "{stderr}"
    );
    assert_eq!((code, stdout.as_str()), (Some(2), ""));

    let (code, stdout, stderr) = run(&["lost"]);
    assert!(stderr.contains("unrecognized subcommand"), "{stderr}");
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
}

#[test]
fn details_are_told_on_request_only() {
    let file = file("details", b"web 443\n");
    let (_, quiet, nothing) = run(&["list", &file]);
    let (_, verbose, details) = run(&["-v", "list", &file]);
    assert_eq!(quiet, verbose);
    assert_eq!(nothing, "");
    assert_eq!(details, format!("debug: {file}: services: 1\n"));
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (code, stdout, _) = run(&["completions", shell]);
        assert!(stdout.contains(env!("CARGO_PKG_NAME")), "{shell}");
        assert!(stdout.contains("list"), "{shell}");
        assert_eq!(code, Some(0), "{shell}");
    }
}

/// As in `acme-widget list FILE | head -0`.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    let file = file("pipe", b"web 443\n");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = Command::new(env!("CARGO_BIN_EXE_acme-widget"))
        .args(["list", &file])
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}
