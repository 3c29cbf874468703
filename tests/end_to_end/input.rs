//! Input that is broken, or made to break what reads it: told, never a crash, and the rest is checked.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};

use crate::project::{PINNED, Project};

const FOUND: &str = "error[pinned_certificates]";

#[test]
fn a_file_that_cannot_be_read_is_told_and_the_rest_is_checked() {
    for (name, bytes) in [("not UTF-8", &b"fn f() {}\n\xff\xfe fn g() {}"[..]), ("cut", b"fn f( {")] {
        let project = Project::new(PINNED);
        project
            .write("//- app/src/lib.rs\nmod odd;\nmod pin;\n//- app/src/pin.rs\nconst P: &str = \"PIN\";\n");
        let bytes = [bytes, b"\npub const P: &str = \"sha256/"].concat();
        project.put("app/src/odd.rs", &bytes);
        let ran = project.check("app", "");
        assert_eq!(ran.code, 2, "{name}: {}", ran.out);
        ran.expect(2, &[FOUND, "not checked"]);
    }
}

#[test]
fn byte_order_marks_line_ends_and_nul_change_nothing() {
    let lib = "pub fn pin() -> &'static str {\n    \"PIN\"\n}\n".replace("PIN", crate::project::PIN);
    let project = Project::new(PINNED);
    for text in [format!("\u{feff}{lib}"), lib.replace('\n', "\r\n"), format!("{lib}// \0\n")] {
        project.put("app/src/lib.rs", text.as_bytes());
        project.check("app", "").expect(1, &["src/lib.rs:2:5: error[pinned_certificates]"]);
    }
}

#[test]
fn nesting_of_any_depth_is_survived() {
    let deep = |open: &str, middle: &str, close: &str| {
        format!("{}{middle}{}", open.repeat(100_000), close.repeat(100_000))
    };
    let pin = format!("\"{}\"", crate::project::PIN);
    let project = Project::new(PINNED);
    project.write("//- app/src/lib.rs\nmod deep;\nmod pin;\n//- app/src/pin.rs\nconst P: &str = \"PIN\";\n");
    for text in [
        format!("fn f() {{ let x = {}; }}", deep("(", &pin, ")")),
        format!("fn f() {}", deep("{", &pin, "}")),
        deep("mod m {", &format!("const P: &str = {pin};"), "}"),
        format!("fn f() {{ let x = {}; }}", deep("!", &pin, "")),
        format!("fn f() {{ let x = {pin}{}; }}", deep(".a()", "", "")),
        format!("fn f() {{ {} {{ {pin} }} }}", deep("if x {} else ", "", "")),
        format!("fn f() {{ let x: {} = {pin}; }}", deep("Vec<", "u8", ">")),
        format!("fn f() {{ let x = {}{pin}; }}", deep("|a, b| ", "", "")),
        format!("fn f() where {}A: B {{ {pin} }}", deep("for<'a, 'b> fn(A) -> ", "", "")),
        format!("fn f() {{ let x = {}{pin}; }}", deep("A {} + ", "", "")),
        format!("fn f() {{ let x = {}; }}", deep("vec![", &pin, "]")),
        format!("macro_rules! m {{ () => {{ {} }} }}", deep("(", &pin, ")")),
        deep("(", "", ""),
        deep("/*", "", ""),
    ] {
        project.put("app/src/deep.rs", text.as_bytes());
        let start: String = text.chars().take(40).collect();
        let ran = project.check("app", "");
        let missed = text.contains(&pin) && !ran.out.contains("src/deep.rs:1:");
        assert!(ran.code == 2 || (ran.code == 1 && !missed), "{start}: {} {} {}", ran.code, ran.out, ran.err);
        ran.expect(ran.code, &["src/pin.rs:1:"]);
    }
}

#[test]
fn many_tokens_of_a_macro_are_no_nesting_and_hide_nothing() {
    let project = Project::new(PINNED);
    let pin = format!("let _ = \"{}\";", crate::project::PIN);
    for flat in ["<p>\"a\"</p> ", "mov eax, 1\n", "{a} "] {
        let text = format!("fn main() {{ {pin} html! {{ {} }} }}\n", flat.repeat(3_000));
        project.put("app/src/main.rs", text.as_bytes());
        project
            .check("app", "")
            .expect(1, &["src/main.rs:1:", "pinned_certificates", "2 denied, 0 warnings;"]);
    }
    let sum = "1 + ".repeat(9_000);
    let pin = pin.trim_end_matches(';').trim_start_matches("let _ = ");
    for hidden in [format!("{sum} f({pin})"), format!("{{ let _ = {pin}; {sum} 1 }}"), format!("{sum} {pin}")]
    {
        project.put("app/src/main.rs", format!("fn main() {{ id!({hidden}) }}\n").as_bytes());
        let said = project.check("app", "");
        let told = said.out.contains("src/main.rs:1:");
        assert!(said.code != 0 && told, "{:.40}: {}", hidden, said.out);
    }
}

#[test]
fn an_item_that_is_too_large_is_told() {
    let project = Project::new(PINNED);
    let text = format!("fn main() {{ let _ = \"{}\"; {} }}\n", crate::project::PIN, "a(b);".repeat(60_000));
    project.put("app/src/main.rs", text.as_bytes());
    project.check("app", "").expect(2, &["src/main.rs:1:1: ", "more than 250000 tokens"]);
}

#[test]
fn any_number_of_threads_may_be_asked_for() {
    let project = Project::new(PINNED);
    for number in ["0", "1", "40000", "x"] {
        let mut command = project.command("app", "check --no-cache --message-format short");
        let output = command.env("RAYON_NUM_THREADS", number).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{number}");
    }
}

#[test]
fn a_ring_of_symbolic_links_ends() {
    let project = Project::new(PINNED);
    symlink("..", project.path("app/src/around")).unwrap();
    symlink("itself", project.path("app/src/itself.rs")).unwrap();
    let ran = project.check("app", "");
    ran.expect(ran.code, &[FOUND]);
    assert_eq!(ran.out.matches(FOUND).count(), 1, "{}", ran.out);
}

#[test]
fn a_broken_policy_or_lock_file_is_told_with_its_place() {
    let project = Project::new(PINNED);
    project.put("app/durable.lock", b"version = 1\n<<<<<<< HEAD\n");
    project.check("app", "").expect(2, &["durable.lock:2:1: a merge conflict"]);
    fs::remove_file(project.path("app/durable.lock")).unwrap();
    project.put("app/durable.toml", b"[lints]\npinned_certificate = 'deny'\n");
    project.check("app", "").expect(2, &["durable.toml:2:1:", "did you mean `pinned_certificates`"]);
}

#[test]
fn a_broken_manifest_is_told() {
    let project = Project::new(PINNED);
    project.put("app/Cargo.toml", b"[package\nname = ");
    project.check("app", "").expect(2, &["Cargo.toml"]);
}

#[test]
fn a_damaged_cache_is_as_good_as_none() {
    let project = Project::new(PINNED);
    let first = project.check("app", "");
    let mut folders = vec![project.path("cache")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                fs::write(path, b"\xffgarbage").unwrap();
            }
        }
    }
    assert_eq!(project.check("app", "").expect(1, &[]).out, first.out);
}

#[test]
fn a_cache_inside_the_checkout_is_not_part_of_it() {
    let project = Project::new(PINNED);
    let cache = project.path("app/.cache");
    let check = || {
        let mut command = project.command("app", "check");
        assert_eq!(command.env("CARGO_DURABLE_CACHE", &cache).output().unwrap().status.code(), Some(1));
        fs::read_dir(cache.join("runs"))
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().ino())
            .collect::<Vec<_>>()
    };
    check();
    // The files of a checkout that was made a moment ago may still change unseen.
    std::thread::sleep(std::time::Duration::from_millis(100));
    let kept = check();
    assert_eq!(check(), kept, "a remembered run is not written again");
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let project = Project::new(PINNED);
    let mut command = project.command("app", "check");
    command.stdout(File::options().write(true).open("/dev/full").unwrap());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}
