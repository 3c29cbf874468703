//! The command as people and scripts meet it: a file and addresses in, output and exit code out.

// What tests share is no test to clippy.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_acme-widget")
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(binary());
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
fn every_address_has_an_answer_and_one_refusal_is_no_success() {
    let list = file("answers", b"10.0.0.0/8\n");
    let (code, stdout, stderr) = run(&[&list, "10.1.2.3"]);
    assert_eq!((code, stdout.as_str()), (Some(0), "allowed  10.1.2.3\n"));
    assert_eq!(stderr, "");

    let (code, stdout, stderr) = run(&[&list, "::1", "10.1.2.3"]);
    assert_eq!(stdout, "refused  ::1\nallowed  10.1.2.3\n");
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
}

#[test]
fn a_list_with_a_wrong_line_gives_no_answer() {
    let list = file("wrong", b"10.0.0.0/8\n192.0.2.1/24\n");
    let (code, stdout, stderr) = run(&[&list, "10.1.2.3"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert_eq!(
        stderr,
        format!("error: {list:?}: line 2: the address has bits after those that count\n")
    );
}

#[test]
fn what_is_too_long_or_no_text_gives_no_answer() {
    for (name, content, said) in [
        ("long", vec![b'#'; 65537], "is longer than 65536 bytes"),
        ("bytes", b"10.0.0.0/8\n\xff".to_vec(), "is not UTF-8"),
    ] {
        let (code, stdout, stderr) = run(&[&file(name, &content), "10.1.2.3"]);
        assert!(stderr.contains(said), "{stderr}");
        assert_eq!((code, stdout.as_str()), (Some(2), ""));
    }
}

#[test]
fn a_missing_file_and_a_wrong_call_end_with_2() {
    let (code, stdout, stderr) = run(&["no/such\n\u{202e}file", "10.1.2.3"]);
    let expected = r#"error: "no/such\n\u{202e}file" cannot be read: "#;
    assert!(stderr.starts_with(expected), "{stderr}");
    assert_eq!((code, stdout.as_str()), (Some(2), ""));

    let list = file("call", b"10.0.0.0/8\n");
    for arguments in [&[&*list][..], &[&*list, "10.1.2"]] {
        let (code, stdout, _) = run(arguments);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
    }
}
