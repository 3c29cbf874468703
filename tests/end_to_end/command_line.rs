//! Levels, quiet and verbose output, files, counts and the policy of a place, from the command line.

use serde_json::Value;

use crate::project::{PINNED, Project};

/// A finding that the policy shows, one that it denies in one file only, and a platform's floor.
const LEVELS: &str = "//- app/Cargo.toml
[package]
name = \"app\"
version = \"0.1.0\"
edition = \"2024\"
//- app/Cargo.lock
version = 4

[[package]]
name = \"app\"
version = \"0.1.0\"
//- platform/durable.toml
[lints]
tls_verification_disabled = \"forbid\"
//- app/durable.toml
extends = [\"../platform/durable.toml\"]
[owners.identity]
paths = [\"/src/\"]
[lints]
transport = \"warn\"
pinned_certificates = { level = \"deny\", paths = [\"/src/bank/\"] }
crypto = { exclude = [\"/src/old/\"] }
//- app/src/lib.rs
//! Pins.
pub const P: &str = \"PIN\";
";

const PIN_LINE: &str = "src/lib.rs:5:5: error[pinned_certificates]";

#[test]
fn the_last_level_that_means_a_lint_counts() {
    let project = Project::new(PINNED);
    let refused = (1, "error[pinned_certificates]");
    let warned = (0, "warning[pinned_certificates]");
    for (arguments, (code, said)) in [
        ("", refused),
        ("-W pinned_certificates", warned),
        ("-W pinned-certificates", warned),
        ("--warn transport", warned),
        ("-A transport -W pinned_certificates", warned),
        ("-W pinned_certificates -D transport", refused),
        ("-D transport -W pinned_certificates", warned),
        ("-F pinned_certificates -A transport", refused),
        ("--profile strict -W pinned_certificates", warned),
    ] {
        project.check("app", arguments).expect(code, &[said]);
    }
    project.check("app", "-A pinned_certificates").expect(0, &["0 denied, 0 warnings"]);
    project.check("app", "-W pinned_certificates -A transport").expect(0, &["0 denied, 0 warnings"]);
}

#[test]
fn a_level_runs_what_the_policy_allows_and_what_was_remembered_is_no_answer() {
    let project = Project::new(PINNED);
    project.put("app/durable.toml", b"[lints]\npinned_certificates = \"allow\"\n");
    for _ in 0..2 {
        project.check("app", "").expect(0, &[]).without("pinned_certificates");
        project.check("app", "-D pinned_certificates").expect(1, &["error[pinned_certificates]"]);
        project.check("app", "-W transport").expect(0, &["warning[pinned_certificates]"]);
    }
}

#[test]
fn names_that_mean_nothing_and_levels_below_a_forbid_are_told() {
    let project = Project::new(PINNED);
    project.check("app", "-D pined_certificates").expect(2, &["did you mean `pinned_certificates`?"]);
    project.check("app", "--allow trnsport").expect(2, &["did you mean `transport`?"]);
    project.put("app/durable.toml", b"[lints]\npinned_certificates = \"forbid\"\n");
    for arguments in ["-A pinned_certificates", "-W pinned_certificates"] {
        project
            .check("app", arguments)
            .expect(2, &["durable.toml:2:1: `pinned_certificates` is forbidden here"]);
    }
    // A group may be lowered around what is forbidden in it.
    project.check("app", "-A transport").expect(1, &["error[pinned_certificates]"]);
    project.put("app/durable.toml", b"[lints]\ntransport = \"forbid\"\n");
    project.check("app", "-A transport").expect(2, &["durable.toml:2:1: `transport` is forbidden here"]);
}

#[test]
fn forbid_on_the_command_line_leaves_no_exemption() {
    let project = Project::new(PINNED);
    project.baseline("app");
    project.check("app", "").expect(0, &["1 exempt"]);
    project.check("app", "-D transport").expect(0, &["1 exempt"]);
    project.check("app", "-F transport").expect(1, &["error[pinned_certificates]"]);
}

#[test]
fn levels_do_not_weaken_the_comparison_of_policies() {
    let project = Project::new(PINNED);
    project.commit("app");
    project.put("app/durable.toml", b"[owners.identity]\n[lints]\npinned_certificates = \"warn\"\n");
    for arguments in ["", "-A weakened_policy", "-W ownership", "-D pinned_certificates -A ownership"] {
        let said = "`pinned_certificates` is lowered from deny to warn";
        project.check("app", &format!("--against HEAD {arguments}")).expect(1, &[said]);
    }
}

#[test]
fn a_place_where_only_an_allowed_lint_finds_something_is_compared() {
    let project = Project::new(PINNED);
    project.commit("app");
    // No path can be made up that this pattern means: it takes a file that is there.
    let policy = "[owners.identity]\n[lints]\n\
        pinned_certificates = { level = \"deny\", exclude = [\"src/l[h-j]b.rs\"] }\n";
    project.put("app/durable.toml", policy.as_bytes());
    for arguments in ["", "-A transport", "-A pinned_certificates"] {
        project
            .check("app", &format!("--against HEAD {arguments}"))
            .expect(1, &["in src/lib.rs is lowered from deny to allow"]);
    }
}

#[test]
fn baseline_and_fix_take_levels_and_fix_drops_no_exemption_of_what_is_allowed() {
    let project = Project::new(PINNED);
    project
        .durable("app", "baseline -A transport --owner identity --reason moving --for 60d")
        .expect(0, &["0 findings"]);
    project.check("app", "").expect(1, &[]);
    project.durable("app", "baseline --again --owner identity --reason moving --for 60d").expect(0, &[]);
    let before = project.read("app/durable.lock");
    project.durable("app", "fix --allow-no-vcs -A transport").expect(0, &[]);
    assert_eq!(project.read("app/durable.lock"), before);
}

#[test]
fn quiet_prints_findings_and_errors_only() {
    let project = Project::new(PINNED);
    let short = project.check("app", "-q");
    short.expect(1, &[PIN_LINE]);
    assert_eq!(short.out.lines().count(), 1, "{}", short.out);
    project.durable("app", "check --quiet").expect(1, &["error[pinned_certificates]"]).without("1 denied");
    project.put("app/src/lib.rs", b"fn f() { \"sha256/");
    project.check("app", "-q").expect(2, &["not checked"]).without("denied");
    project.put("app/src/lib.rs", b"//! Empty.\n");
    let quiet = project.durable("app", "check -q");
    quiet.expect(0, &[]);
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), ("", ""));
    project.check("app", "-q -v").expect(2, &["cannot be used with"]);
}

#[test]
fn verbose_tells_of_the_steps_and_draws_every_warning() {
    let project = Project::new(PINNED);
    let pins: String = (0..30)
        .map(|n| {
            format!(
                "/// P.\npub const P{n}: &str = \"{}\";\n",
                crate::project::PIN.replace("GZZ", &format!("G{n:02}"))
            )
        })
        .collect();
    project.put("app/src/lib.rs", format!("//! P.\n{pins}").as_bytes());
    let first = project.durable("app", "check -W transport -v");
    first.expect(0, &["surveyed", "read the policy", "checked 3 files in 1 package, cache miss", " ms "]);
    assert!(!first.err.contains("cache hit"), "{}", first.err);
    first.without("are not drawn").without("surveyed");
    assert_eq!(first.out.matches("warning[pinned_certificates]").count(), 30);
    project.durable("app", "check -W transport").expect(0, &["10 more of `pinned_certificates`"]);
    // Files that are younger than the clock's tick are not trusted.
    std::thread::sleep(std::time::Duration::from_millis(50));
    project.durable("app", "check -W transport").expect(0, &[]);
    project
        .durable("app", "check -W transport --verbose")
        .expect(0, &["checked 3 files in 1 package, cache hit"]);
    project.durable("app", "check -W transport -v --no-cache").expect(0, &["cache not asked"]);
}

#[test]
fn several_formats_come_out_of_one_run() {
    let project = Project::new(PINNED);
    let mut command = project.command(
        "app",
        "check --color always --output ../a.sarif --output gitlab=../gl.json --output ../a.json --output ../a.txt -q",
    );
    let ran = crate::project::Ran::from(command.env_remove("NO_COLOR").output().unwrap());
    ran.expect(1, &["\u{1b}["]);
    let json = |path: &str| serde_json::from_str::<Value>(&project.read(path)).unwrap();
    assert_eq!(json("a.sarif")["runs"][0]["results"].as_array().unwrap().len(), 1);
    assert_eq!(json("gl.json")[0]["check_name"], "pinned_certificates");
    assert_eq!(json("a.json")["summary"]["denied"], 1);
    let text = project.read("a.txt");
    assert!(text.contains("error: 1 denied") && !text.contains('\u{1b}'), "{text}");
    // What is printed says the same as the file.
    let printed = project.durable("app", "check --message-format sarif --output ../b.txt");
    assert_eq!(printed.expect(1, &[]).out, project.read("b.txt"));
    assert_eq!(project.read("a.sarif"), project.read("b.txt"));
}

#[test]
fn a_file_that_cannot_be_written_is_named_and_hides_nothing() {
    let project = Project::new(PINNED);
    project
        .check("app", "--output nowhere/a.json --output ../b.json")
        .expect(2, &[PIN_LINE, "nowhere/a.json cannot be written: there is no folder nowhere"]);
    assert!(project.read("b.json").contains("pinned_certificates"));
    project.check("app", "--output src").expect(2, &["src cannot be written"]);
    project.check("app", "--output sariff=a").expect(2, &["did you mean `sarif`?"]);
    project.check("app", "--output a.json --output sarif=./a.json").expect(2, &["names ./a.json twice"]);
    assert!(!crate::project::exists(project.path("app/a.json")));
}

#[cfg(unix)]
#[test]
fn a_pipe_is_written_to_and_not_replaced() {
    use std::io::Read as _;
    use std::os::unix::fs::FileTypeExt as _;
    let project = Project::new(PINNED);
    let path = project.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    // Open for both, neither end waits for the other.
    let mut pipe = std::fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
    project.check("app", "--output ../pipe").expect(1, &[]);
    assert!(std::fs::metadata(&path).unwrap().file_type().is_fifo());
    let mut bytes = [0; 4096];
    let len = pipe.read(&mut bytes).unwrap();
    assert!(String::from_utf8_lossy(&bytes[..len]).contains(PIN_LINE));
}

#[test]
fn findings_are_counted_by_lint() {
    let project = Project::new(PINNED);
    project.baseline("app");
    let more = format!("//! P.\n/// P.\npub const A: &str = \"{}\";\n", crate::project::PIN);
    project.put("app/src/bank.rs", more.as_bytes());
    project.put("app/src/lib.rs", format!("{}\npub mod bank;\n", project.read("app/src/lib.rs")).as_bytes());
    let ran = project.check("app", "--statistics");
    ran.expect(1, &["1 denied"]);
    project.durable("app", "check --statistics --message-format github").expect(1, &["level   denied"]);
    let row = ran.out.lines().find(|line| line.starts_with("pinned_certificates ")).unwrap();
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(cells, ["pinned_certificates", "deny", "1", "0", "1", "0"]);
    let json = project.durable("app", "check --message-format json --statistics");
    let json: Value = serde_json::from_str(&json.out).unwrap();
    let rows = json["statistics"]["lints"].as_array().unwrap();
    let row = rows.iter().find(|row| row["lint"] == "pinned_certificates").unwrap();
    assert_eq!((&row["denied"], &row["exempt"]), (&1.into(), &1.into()));
    let without = project.durable("app", "check --message-format json").out;
    assert!(!without.contains("statistics"));
}

#[test]
fn the_policy_of_a_place_says_where_each_level_is_set() {
    let project = Project::new(LEVELS);
    project.put("app/src/bank/mod.rs", b"//! Bank.\n");
    project.put("app/src/old/mod.rs", b"//! Old.\n");
    let show = |arguments: &str| {
        let ran = project.durable("app", &format!("check --show-policy {arguments}"));
        ran.expect(0, &[]);
        move |lint: &str| {
            let line = ran.out.lines().find(|line| line.starts_with(&format!("{lint} ")));
            line.unwrap_or(&ran.out).split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
        }
    };
    let lib = show("src/lib.rs");
    assert_eq!(lib("pinned_certificates"), "warn durable.toml:5 (group transport)");
    assert_eq!(lib("undocumented_unsafe"), "warn default");
    assert_eq!(show("src/bank/mod.rs")("pinned_certificates"), "deny durable.toml:6");
    assert_eq!(show("src/bank")("pinned_certificates"), "deny durable.toml:6");
    let old = show("src/old/mod.rs");
    assert_eq!(old("weak_hashes"), "allow durable.toml:7 (group crypto), which leaves the file out");
    assert_eq!(lib("tls_verification_disabled"), "forbid ../platform/durable.toml:2");
    let called = show("src/lib.rs --profile strict -D transport -A weak_hashes");
    assert_eq!(called("pinned_certificates"), "deny --deny transport (command line)");
    assert_eq!(called("weak_hashes"), "allow --allow weak_hashes (command line)");
    assert_eq!(called("undocumented_unsafe"), "deny --profile strict");
    project
        .durable("app", "check --show-policy src/lib.rs")
        .expect(0, &["owner: identity, set at durable.toml:2", "which extends ../platform/durable.toml"]);
    project.durable("app", "check --show-policy Cargo.toml").expect(0, &["owner: nobody"]);
    project.durable("app", "check --show-policy src/lob.rs").expect(2, &["src/lob.rs"]);
}

#[test]
fn audit_keeps_the_level_of_each_lint_and_fails_nothing() {
    let project = Project::new(PINNED);
    let ran = project.durable("app", "check --profile audit --message-format json --output sarif=../a.sarif");
    let json: Value = serde_json::from_str(&ran.expect(0, &[]).out).unwrap();
    let finding = &json["findings"][0];
    assert_eq!((&finding["lint"], &finding["level"]), (&"pinned_certificates".into(), &"deny".into()));
    assert_eq!((&finding["fails"], &json["summary"]["denied"]), (&false.into(), &0.into()));
    let sarif: Value = serde_json::from_str(&project.read("a.sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((&result["level"], &result["properties"]["level"]), (&"warning".into(), &"deny".into()));
    project.check("app", "--profile audit").expect(0, &["warning[pinned_certificates]"]);
    project.check("app", "--profile audit -F transport").expect(0, &["warning[pinned_certificates]"]);
    project.check("app", "--profile audit -A transport").expect(0, &["warning[pinned_certificates]"]);
}
