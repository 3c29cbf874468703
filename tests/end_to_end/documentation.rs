//! README.md and the pages in docs work word for word: their blocks are run, loaded and checked.

use cargo_durable::cli;
use clap::error::ErrorKind;

use crate::project::{PINNED, Project, Ran};

const PAGES: [(&str, &str); 3] = [
    ("README.md", include_str!("../../README.md")),
    ("docs/policy.md", include_str!("../../docs/policy.md")),
    ("docs/templates.md", include_str!("../../docs/templates.md")),
];

/// The package that README's first example is about.
const CLIENT: &str = "//- client/Cargo.toml
[package]
name = \"client\"
version = \"0.1.0\"
edition = \"2024\"
[dependencies]
reqwest = \"0.12\"
//- client/src/main.rs
use reqwest::Client;

fn client() -> reqwest::Result<Client> {
    Client::builder().danger_accept_invalid_certs(true).build()
}

fn main() {}
";

/// A library that depends on MD5, and what the policies of the pages are about.
const STORE: &str = "//- store/Cargo.toml
[package]
name = \"store\"
version = \"0.1.0\"
edition = \"2024\"
[dependencies]
md-5 = \"0.10\"
//- store/src/lib.rs
//! Signatures.
//- platform/durable.toml
[lints]
weak_hashes = \"deny\"
";

/// The fenced blocks of a page in a language.
fn blocks(page: &'static str, language: &str) -> Vec<&'static str> {
    let fences: Vec<&str> = page.split("\n```").collect();
    let inside = fences.iter().skip(1).step_by(2).filter_map(|fence| fence.split_once('\n'));
    inside.filter(|(written, _)| *written == language).map(|(_, text)| text).collect()
}

fn all_blocks(language: &str) -> Vec<(&'static str, &'static str)> {
    let found: Vec<_> = PAGES
        .iter()
        .flat_map(|(name, page)| blocks(page, language).into_iter().map(|text| (*name, text)))
        .collect();
    assert!(!found.is_empty(), "the pages have no {language}");
    found
}

/// What a reader puts in where a page leaves it open: the last day of the 180 that there are.
fn filled_in(text: &str) -> String {
    text.replace("<last day>", "2027-05-22").replace("COMMIT", "3d3c42e5aac5ba805825da76410c181273ba90b1")
}

/// The words of a command line, quotes taken away and a comment left out.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for character in line.chars() {
        match character {
            '"' | '\'' if quote == Some(character) => quote = None,
            '"' | '\'' if quote.is_none() => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            '#' if quote.is_none() && word.is_none() => break,
            ' ' if quote.is_none() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// The arguments of a call of this program, in either of its two forms.
fn arguments(line: &str) -> Option<Vec<String>> {
    let words = words(line);
    match &words[..] {
        [program, rest @ ..] if program == "cargo-durable" => Some(rest.to_vec()),
        [cargo, durable, rest @ ..] if cargo == "cargo" && durable == "durable" => Some(rest.to_vec()),
        _ => None,
    }
}

fn parse(arguments: &[String]) -> Result<(), clap::Error> {
    let words = ["cargo-durable".to_owned()].into_iter().chain(arguments.iter().cloned());
    cli::command().try_get_matches_from(words).map(drop)
}

#[test]
fn what_the_console_shows_is_what_the_command_prints() {
    let project = Project::new(CLIENT);
    for (page, text) in all_blocks("console") {
        let (command, shown) = text.strip_prefix("$ ").unwrap().split_once('\n').unwrap();
        let words = arguments(command).unwrap();
        let ran = Ran::from(project.command("client", &words[0]).args(&words[1..]).output().unwrap());
        assert_eq!(ran.out.trim_end(), shown.trim_end(), "{page}: {command}\n{}", ran.err);
    }
}

#[test]
fn every_command_in_a_block_is_one() {
    let lines = ["sh", "yaml"].into_iter().flat_map(all_blocks).flat_map(|(page, text)| {
        text.lines().map(move |line| (page, line.trim().trim_start_matches("- run: ")))
    });
    let calls: Vec<_> = lines.filter_map(|(page, line)| Some((page, line, arguments(line)?))).collect();
    assert!(PAGES.iter().all(|(page, _)| calls.iter().any(|(on, ..)| on == page)), "{calls:?}");
    for (page, line, call) in calls {
        parse(&call).unwrap_or_else(|error| panic!("{page}: `{line}`: {error}"));
    }
}

#[test]
fn every_command_in_a_sentence_has_its_name_and_options() {
    for (page, text) in PAGES {
        let prose = text.split("\n```").step_by(2).flat_map(|text| text.split('`').skip(1).step_by(2));
        for code in prose {
            let call = arguments(code).into_iter().flatten();
            let call: Vec<String> = call.take_while(|word| word != "…").collect();
            // What stands for a value is none, and what is not said is not there.
            let wrong = [ErrorKind::UnknownArgument, ErrorKind::InvalidSubcommand];
            if let Err(error) = parse(&call) {
                assert!(!wrong.contains(&error.kind()), "{page}: `{code}`: {error}");
            }
        }
    }
}

#[test]
fn every_policy_is_read() {
    let is_policy = |text: &str| {
        !text.contains("[dependencies]") && !text.starts_with("[package") && !text.contains("summary = ")
    };
    for (page, text) in all_blocks("toml").into_iter().filter(|(_, text)| is_policy(text)) {
        let project = Project::new(STORE);
        project.put("store/durable.toml", text.as_bytes());
        let ran = project.durable("store", "check");
        assert!(ran.code == 0 && ran.err.is_empty(), "{page}\n{text}\n{}{}", ran.out, ran.err);
    }
}

#[test]
fn every_template_is_read() {
    for (page, text) in all_blocks("toml").into_iter().filter(|(_, text)| text.contains("summary = ")) {
        let project = Project::new("//- here/keep\n//- own/where\nacme-region\n");
        project.put("own/template.toml", text.replace("\"service\"", "\"library\"").as_bytes());
        project
            .durable("here", "new tool --template ../own --vcs none")
            .expect(0, &["made tool", "cargo test", "`tool` runs in eu-1."]);
        assert_eq!(project.read("here/tool/where"), "eu-1\n", "{page}");
        project.durable("here", "new other --template ../own --define region=us-1 --vcs none").expect(0, &[]);
        assert_eq!(project.read("here/other/where"), "us-1\n", "{page}");
    }
}

#[test]
fn every_dependency_and_its_exemption_is_understood() {
    let manifests = all_blocks("toml").into_iter().filter(|(_, text)| text.contains("[dependencies]"));
    for (_, text) in manifests {
        let project = Project::new(STORE);
        let manifest =
            project.read("store/Cargo.toml").replace("[dependencies]\nmd-5 = \"0.10\"\n", &filled_in(text));
        project.put("store/Cargo.toml", manifest.as_bytes());
        let ran = project.durable("store", "check Cargo.toml");
        let exempt = text.contains("durable: allow(");
        ran.expect(0, if exempt { &["1 allowed in source"] } else { &["green: nothing found"] });
    }
}

#[test]
fn every_exemption_in_source_covers_something_and_lasts() {
    for (page, text) in all_blocks("rust").into_iter().filter(|(_, text)| text.contains("allow(")) {
        let project = Project::new(STORE);
        project.put("store/src/lib.rs", filled_in(text).as_bytes());
        let ran = project.durable("store", "check src");
        ran.expect(0, &["1 allowed in source"]);
        // Nobody is held to a date that has passed when they read the page.
        assert!(
            text.contains("use durable_macros::durable;") && text.contains("expires = \"<last day>\""),
            "{page}"
        );
        let (before, after) = text.split_once("#[durable(").unwrap();
        let without = format!("{before}{}", after.split_once(")]").unwrap().1);
        project.put("store/src/lib.rs", without.as_bytes());
        project.durable("store", "check src -D weak_hashes").expect(1, &["error[weak_hashes]"]);
    }
}

#[test]
fn every_tag_in_source_names_its_owner() {
    let tags = all_blocks("rust").into_iter().filter(|(_, text)| !text.contains("allow("));
    for (page, text) in tags {
        let project = Project::new(STORE);
        let manifest = project.read("store/Cargo.toml") + "cargo-durable-macros = { path = \"../macros\" }\n";
        project.put("store/Cargo.toml", manifest.as_bytes());
        project.write("//- macros/Cargo.toml\n[package]\nname = \"cargo-durable-macros\"\nversion = \"0.1.0\"\n//- macros/src/lib.rs\n");
        project.put("store/src/lib.rs", text.as_bytes());
        let listed = project.durable("store", "owners --by item");
        assert!(listed.out.contains("platform  src/lib.rs:"), "{page}\n{}{}", listed.out, listed.err);
    }
}

#[test]
fn every_package_names_its_owner() {
    let packages = all_blocks("toml").into_iter().filter(|(_, text)| text.starts_with("[package"));
    for (page, text) in packages {
        let project = Project::new(STORE);
        project.put("store/Cargo.toml", (project.read("store/Cargo.toml") + text).as_bytes());
        let shown = project.durable("store", "check --show-policy src/lib.rs");
        assert!(shown.out.contains("owner: identity, set at Cargo.toml:8"), "{page}\n{}", shown.out);
        project.durable("store", "check").without("unknown_owners");
    }
}

#[test]
fn every_workflow_is_a_gate_that_this_program_would_let_through() {
    for (page, text) in all_blocks("yaml") {
        let project = Project::new(PINNED);
        // A list of steps belongs into a job.
        let workflow = match text.strip_prefix("steps:") {
            Some(steps) => format!(
                "on: pull_request\npermissions:\n  contents: read\njobs:\n  check:\n    runs-on: ubuntu-24.04\n    steps:{}",
                steps.replace('\n', "\n    ")
            ),
            None => text.to_owned(),
        };
        project.put("app/.github/workflows/durable.yml", filled_in(&workflow).as_bytes());
        project.durable("app", "check .github").expect(0, &["green: nothing found in 1 file"]);
        // An alias or toolchain of the checkout must not stand in for the gate, nor be what installs it.
        assert!(!text.contains("cargo durable check") && text.contains("cargo-durable check"), "{page}");
        let (install, checkout) = (text.find("cargo install --locked"), text.find("actions/checkout@"));
        assert!(install.is_some() && install < checkout && text.contains("fetch-depth: 0"), "{page}");
    }
}

#[test]
fn the_settings_of_an_editor_name_a_command() {
    for (_, text) in all_blocks("json") {
        let settings: serde_json::Value = serde_json::from_str(&format!("{{{text}}}")).unwrap();
        for (_, command) in settings.as_object().unwrap() {
            let words: Vec<&str> =
                command.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
            parse(&arguments(&words.join(" ")).unwrap()).unwrap();
        }
    }
}
