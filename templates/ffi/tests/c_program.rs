//! A program in C: compiled with the header, linked with the static library, run.

#![cfg(unix)]
// What tests share is no test to clippy.
#![allow(clippy::unwrap_used)]

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where cargo builds, and where it lets the tests of this package write.
const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");

/// The static library, and what rustc says has to be linked with it.
fn library() -> (PathBuf, Vec<String>) {
    let target = Path::new(FOLDER).join("..");
    let output = Command::new(env!("CARGO"))
        .args(["rustc", "--offline", "--lib", "--crate-type", "staticlib"])
        .arg("--target-dir")
        .arg(&target)
        .args(["--", "--print", "native-static-libs"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    let (_, system) = told.split_once("native-static-libs: ").unwrap();
    let system = system.lines().next().unwrap().split_ascii_whitespace();
    let name = format!("lib{}.a", env!("CARGO_PKG_NAME").replace('-', "_"));
    let library = target.join("debug").join(name);
    (library, system.map(String::from).collect())
}

/// The example as a program, or nothing where there is no C compiler.
fn program() -> Option<PathBuf> {
    let compiler = env::var_os("CC").unwrap_or_else(|| OsString::from("cc"));
    let program = Path::new(FOLDER).join("messages");
    let (library, system) = library();
    let ran = Command::new(&compiler)
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .args(["-Iinclude", "examples/messages.c", "-o"])
        .args([&program, &library])
        .args(system)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    match ran {
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{told}");
            Some(program)
        }
        Err(error) => {
            // In CI nobody would read it.
            assert!(env::var_os("CI").is_none(), "{compiler:?}: {error}");
            // Written past what the test harness keeps to itself.
            let _ = writeln!(io::stderr(), "NOT TESTED WITH C: {compiler:?}: {error}");
            None
        }
    }
}

fn run(program: &Path, stream: &[u8]) -> (Option<i32>, String, String) {
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stream).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
#[cfg_attr(miri, ignore = "Miri starts no programs")]
fn a_program_in_c_links_and_reads_messages() {
    let Some(program) = program() else { return };
    let (code, stdout, stderr) = run(&program, b"5:hello,0:,6:[a]\n:,,");
    assert_eq!(stdout, "[hello]\n[]\n[[a]\n:,]\n");
    assert_eq!((code, stderr.as_str()), (Some(0), ""));

    for (stream, said) in [
        (&b"1:a,01:b,"[..], "error: status -5\n"),
        (b"1:a,1:b", "error: the last message is cut off\n"),
    ] {
        let (code, stdout, stderr) = run(&program, stream);
        assert_eq!(stdout, "[a]\n");
        assert_eq!((code, stderr.as_str()), (Some(1), said));
    }
}
