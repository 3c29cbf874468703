//! Every format is well formed and says the same; the same input gives the same bytes.

use serde_json::Value;

use crate::project::{PINNED, Project, Ran};

#[test]
fn every_format_parses_and_ends_the_same() {
    let project = Project::new(PINNED);
    let run = |format: &str| {
        let ran = project.durable("app", &format!("check --message-format {format}"));
        ran.expect(1, &["pinned_certificates"]);
        ran.out
    };
    for format in ["human", "short", "github"] {
        run(format);
    }
    for format in ["json", "sarif", "gitlab"] {
        let value: Value = serde_json::from_str(&run(format)).unwrap();
        assert!(value.is_object() || value.is_array(), "{format}: {value}");
    }
    for line in run("rustc").lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        assert!(value.is_object(), "{line}");
    }
}

#[test]
fn threads_and_cache_change_no_byte() {
    let project = Project::new(PINNED);
    for number in 0..20 {
        let text = format!("pub fn pin() -> &'static str {{ \"{}\" }}\n", crate::project::PIN);
        project.put(&format!("app/src/bin/b{number}.rs"), text.as_bytes());
    }
    let run = |threads: &str, arguments: &str| {
        let mut command = project.command("app", &format!("check --message-format json {arguments}"));
        Ran::from(command.env("RAYON_NUM_THREADS", threads).output().unwrap()).expect(1, &[]).out.clone()
    };
    let cold = run("1", "--no-cache");
    for (threads, arguments) in [("4", "--no-cache"), ("4", ""), ("1", ""), ("4", "--exhaustive")] {
        assert_eq!(run(threads, arguments), cold, "{threads} {arguments}");
    }
}

#[test]
fn an_edit_after_a_remembered_run_is_seen() {
    let project = Project::new(PINNED);
    project.check("app", "").expect(1, &[]);
    project.put("app/src/lib.rs", b"//! Empty.\n");
    project.check("app", "").expect(0, &[]);
    project.write(PINNED);
    project.check("app", "").expect(1, &[]);
}
