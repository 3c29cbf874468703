//! Threads, cache and format change nothing that is found, on a workspace of the lints' own examples.

use std::collections::BTreeSet;

use durable_lints::fixture;
use durable_lints::lints::ALL;

use crate::project::{Project, Ran};

/// A package of every example that is one Rust file.
fn project() -> Project {
    let text = String::from(
        "//- app/Cargo.toml\n[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         //- app/Cargo.lock\nversion = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n",
    );
    let project = Project::new(&text);
    let mut root = String::new();
    for (number, example) in ALL.iter().flat_map(|lint| fixture::examples(lint)).enumerate() {
        if let [(path, source)] = &example.files[..]
            && path == "src/lib.rs"
        {
            root += &format!("mod m{number};\n");
            project.put(&format!("app/src/m{number}.rs"), source.as_bytes());
        }
    }
    project.put("app/src/lib.rs", root.as_bytes());
    project
}

/// The identities in an output, wherever its format has them.
fn identities(out: &str) -> BTreeSet<&str> {
    let digits =
        |at: usize| out.get(at..at + 35).filter(|id| id[3..].bytes().all(|byte| byte.is_ascii_hexdigit()));
    out.match_indices("v1:").filter_map(|(at, _)| digits(at)).collect()
}

#[test]
fn threads_and_cache_change_no_byte() {
    let project = project();
    let run = |threads: &str, arguments: &str| {
        let mut command = project.command("app", &format!("check --message-format sarif {arguments}"));
        Ran::from(command.env("RAYON_NUM_THREADS", threads).output().unwrap())
    };
    let first = run("1", "--no-cache");
    assert!(identities(&first.out).len() > 5, "{}\n{}", first.out, first.err);
    for threads in ["2", "7"] {
        // The first fills the cache, the others read it.
        for arguments in ["--no-cache", "", "", "--exhaustive"] {
            let other = run(threads, arguments);
            assert_eq!((other.code, &other.out), (first.code, &first.out), "{threads} {arguments}");
        }
        std::fs::remove_dir_all(project.path("cache")).unwrap();
    }
}

#[test]
fn formats_tell_the_same_findings() {
    let project = project();
    let run = |format: &str| project.durable("app", &format!("check --message-format {format}"));
    let json = run("json");
    let expected = identities(&json.out);
    assert!(expected.len() > 5, "{}", json.out);
    for format in ["human", "short", "sarif", "rustc", "github", "gitlab"] {
        let other = run(format);
        assert_eq!(other.code, json.code, "{format}");
        if format == "sarif" {
            assert_eq!(identities(&other.out), expected, "{format}");
        }
    }
    let short = run("short").out;
    let lines = short.lines().filter(|line| line.starts_with("src/m")).count();
    assert_eq!(lines, expected.len(), "{short}");
}
