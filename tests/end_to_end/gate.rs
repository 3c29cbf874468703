//! The gate of a pull request, and what people try to get past it.

use crate::project::{Project, Ran};

/// A program with unsafe code that nobody explains, and room for worse.
const APP: &str = "//- app/Cargo.toml
[package]
name = \"app\"
version = \"0.1.0\"
edition = \"2024\"
[dependencies]
reqwest = \"0.12\"
//- app/durable.toml
[owners.identity]
[owners.web]
//- app/src/main.rs
mod raw;
mod net;
fn main() { raw::first(&[1]); raw::second(&[1]); net::client() }
//- app/src/raw.rs
pub fn first(bytes: &[u8]) -> u8 {
    unsafe { *bytes.get_unchecked(0) }
}
pub fn second(bytes: &[u8]) -> u8 {
    unsafe { *bytes.get_unchecked(1) }
}
//- app/src/net.rs
pub fn client() {}
";

const CARELESS: &str = "pub fn client() {
    let _ = reqwest::Client::builder().danger_accept_invalid_certs(true).build();
}
";

const FOUND: &str = "error[tls_verification_disabled]";
const WEAKENED: &str = "error[weakened_policy]";

/// The app with all its findings let through, committed on `main`.
fn app() -> Project {
    let project = Project::new(APP);
    project.baseline("app");
    project.commit("app");
    project.check("app", "--against main").expect(0, &[]);
    project
}

fn gate(project: &Project) -> Ran {
    project.check("app", "--against main")
}

/// The app with a careless client that is let through.
fn careless() -> Project {
    let project = Project::new(APP);
    project.put("app/src/net.rs", CARELESS.as_bytes());
    project.baseline("app");
    project.commit("app");
    gate(&project).expect(0, &[]);
    project
}

/// The value of a key in the lines of the lock that are about a lint.
fn value(lock: &str, lint: &str, key: &str) -> String {
    let line = lock.lines().find(|line| line.contains(&format!("lint = \"{lint}\""))).unwrap();
    let (_, rest) = line.split_once(&format!("{key} = \"")).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// What `durable.lock` would hold for a careless client, by a baseline of another copy.
fn lock_of_careless() -> String {
    careless().read("app/durable.lock")
}

#[test]
fn an_exemption_cannot_be_pointed_at_another_finding() {
    let wanted = lock_of_careless();
    let of = |key: &str| value(&wanted, "tls_verification_disabled", key);
    for keys in [
        &["id"][..],
        &["tokens"],
        &["tokens", "lint", "item"],
        &["id", "lint"],
        &["id", "lint", "item", "tokens", "at"],
    ] {
        let project = app();
        project.put("app/src/net.rs", CARELESS.as_bytes());
        let mut lock = project.read("app/durable.lock");
        for key in keys {
            let old = value(&lock, "undocumented_unsafe", key);
            let new = if *key == "lint" { "tls_verification_disabled".to_owned() } else { of(key) };
            lock = lock.replacen(&format!("{key} = \"{old}\""), &format!("{key} = \"{new}\""), 1);
            // The rest of the keys belong to the line that was changed first.
            if *key == "lint" {
                break;
            }
        }
        project.put("app/durable.lock", lock.as_bytes());
        let said = gate(&project);
        assert_eq!(said.code, 1, "{keys:?}\n{}", said.out);
        assert!(said.out.contains(FOUND) || said.out.contains(WEAKENED), "{keys:?}\n{}", said.out);
    }
}

#[test]
fn an_entry_that_lies_is_refused_and_the_approver_sees_what_is_covered() {
    let project = careless();
    let lock = project.read("app/durable.lock");
    let line = |lint: &str| lock.lines().find(|line| line.contains(lint)).unwrap().to_owned();
    let lie = line("tls_verification_disabled").replace("src/net.rs", "tests/x.rs");
    let lie = lie.replace("tls_verification_disabled", "undocumented_unsafe");
    project.put("app/durable.lock", lock.replace(&line("tls_verification_disabled"), &lie).as_bytes());
    gate(&project).expect(1, &[FOUND, "does not say what its id stands for", "src/net.rs"]);
    // One that is added honestly is shown with what it covers.
    let project = app();
    project.put("app/src/net.rs", CARELESS.as_bytes());
    project.durable("app", "allow tls_verification_disabled --owner web --reason x").expect(0, &[]);
    gate(&project).expect(
        1,
        &[
            WEAKENED,
            "exemption from `tls_verification_disabled` in src/net.rs is added for line 2: this client",
        ],
    );
}

#[test]
fn a_mended_finding_does_not_pass_its_exemption_on() {
    let other = CARELESS.replace("client", "other");
    for (path, text) in [
        // The same mistake under another name, in the same file and in another one.
        ("app/src/net.rs", format!("pub fn client() {{}}\n{other}")),
        ("app/src/net.rs", other.clone()),
        ("app/src/raw.rs", CARELESS.to_owned()),
    ] {
        let project = careless();
        project.put("app/src/net.rs", b"pub fn client() {}\n");
        project.put(path, text.as_bytes());
        gate(&project).expect(1, &[FOUND]);
        project.check("app", "").expect(1, &[FOUND]);
    }
}

#[test]
fn what_a_macro_hides_has_not_moved() {
    let project = careless();
    let hidden = format!("macro_rules! clients {{ () => {{ {CARELESS} }} }}\nclients!();\n");
    project.put("app/src/net.rs", hidden.as_bytes());
    project.put("app/src/raw.rs", CARELESS.as_bytes());
    gate(&project).expect(1, &[FOUND]);
}

#[test]
fn code_that_moves_takes_its_exemption_with_it() {
    let project = careless();
    project.put("app/src/net/tls.rs", CARELESS.as_bytes());
    project.put("app/src/net.rs", b"mod tls;\npub use tls::client;\n");
    gate(&project).expect(0, &["1 exemption follows code"]);
    project.durable("app", "fix --allow-dirty").expect(0, &[]);
    gate(&project).expect(0, &[]).without("follow");
}

#[test]
fn an_exemption_covers_no_other_mistake_of_the_same_function() {
    let two = CARELESS.replace("builder()", "builder().danger_accept_invalid_hostnames(true)");
    let project = careless();
    project.put("app/src/net.rs", two.as_bytes());
    project.check("app", "").expect(1, &[FOUND, "1 exempt"]);
    // The first one is mended; the second does not take its place.
    let second = two.replace("accept_invalid_certs(true)", "accept_invalid_certs(false)");
    project.put("app/src/net.rs", second.as_bytes());
    project.check("app", "").expect(1, &[FOUND]);
}

#[test]
fn an_edited_statement_is_shown_to_the_approver() {
    let project = careless();
    let edited = CARELESS.replace("builder()", "builder().https_only(false)");
    project.put("app/src/net.rs", edited.as_bytes());
    project.check("app", "").expect(0, &["follows code"]);
    gate(&project).expect(1, &[WEAKENED, "now covers another statement for line 2"]);
}

#[test]
fn a_run_over_a_part_lends_nothing_to_copies() {
    let project = Project::new(
        "//- ws/Cargo.toml
[workspace]
members = [\"tool\", \"server\"]
resolver = \"3\"
//- ws/tool/Cargo.toml
[package]
name = \"tool\"
version = \"0.1.0\"
[dependencies]
reqwest = \"0.12\"
//- ws/server/Cargo.toml
[package]
name = \"server\"
version = \"0.1.0\"
[dependencies]
reqwest = \"0.12\"
//- ws/server/src/lib.rs
//! Nothing.
",
    );
    project.put("ws/tool/src/lib.rs", CARELESS.as_bytes());
    project.durable("ws", "baseline --owner identity --reason moving --for 60d").expect(0, &[]);
    project.commit("ws");
    project.put("ws/server/src/lib.rs", CARELESS.as_bytes());
    project.check("ws", "--workspace").expect(1, &[FOUND]);
    for part in ["-p server", "server/src/lib.rs", "--exclude tool", "-p server --against main", "server"] {
        project.check("ws", part).expect(1, &[FOUND]);
    }
    project.check("ws/server", "").expect(1, &[FOUND]);
    // Gone from where it was, it has moved; but a part cannot know that there is no third copy.
    project.put("ws/tool/src/lib.rs", b"//! Nothing.\n");
    project.check("ws", "--workspace").expect(0, &["follows code"]);
    project.check("ws", "-p server").expect(1, &[FOUND]);
}

#[test]
fn a_branch_that_is_behind_is_not_accused() {
    let project = app();
    project.git("app", "checkout -q -b work");
    project.put("app/src/net.rs", b"pub fn client() {}\n//\n");
    project.commit("app");
    project.git("app", "checkout -q main");
    project.put("app/durable.toml", b"[owners.identity]\n[owners.web]\n[lints]\nweak_hashes = \"forbid\"\n");
    project.commit("app");
    project.git("app", "checkout -q work");
    gate(&project).expect(0, &[]);
    // What both have in common is compared, also where main went on.
    project.put("app/durable.toml", b"[owners.identity]\n");
    gate(&project).expect(1, &["owner `web` is removed"]);
}

#[test]
fn a_tag_does_not_stand_for_a_branch() {
    let project = app();
    project.git("app", "checkout -q -b work");
    project.put("app/durable.toml", b"[owners.identity]\n");
    project.commit("app");
    project.git("app", "tag main");
    project.git("app", "tag origin/main");
    gate(&project).expect(1, &["owner `web` is removed"]);
    project.git("app", "update-ref refs/remotes/origin/main refs/heads/main");
    project.check("app", "--against origin/main").expect(1, &["owner `web` is removed"]);
}

#[test]
fn a_clone_that_lacks_what_was_before_is_refused_with_the_mend() {
    let project = app();
    project.put("app/durable.toml", b"[owners.identity]\n");
    project.commit("app");
    project.git("app", "config uploadpack.allowFilter true");
    let url = format!("file://{}", project.path("app").display());
    project.git("", &format!("clone -q --filter=blob:none --branch main {url} partial"));
    project.git("", &format!("clone -q --filter=tree:0 --branch main {url} treeless"));
    project.git("", &format!("clone -q --depth 1 --branch main {url} shallow"));
    project.check("partial", "--against HEAD~1").expect(2, &["git failed"]);
    project.check("treeless", "--against HEAD~1").expect(2, &["git failed"]);
    project.check("shallow", "--against HEAD~1").expect(2, &["`HEAD~1` names no commit"]);
    project
        .check("shallow", "--against origin/next")
        .expect(2, &["`git fetch origin +refs/heads/next:refs/remotes/origin/next`"]);
    project.git("app", "checkout -q -b next HEAD~1");
    project.commit("app");
    project.git("shallow", "fetch -q --depth 1 origin +refs/heads/next:refs/remotes/origin/next");
    project
        .check("shallow", "--against origin/next")
        .expect(2, &["this clone is shallow", "--unshallow origin"]);
    project.git("shallow", "fetch -q --unshallow origin +refs/heads/next:refs/remotes/origin/next");
    project.check("shallow", "--against origin/next").expect(1, &["owner `web` is removed"]);
}

#[test]
fn what_a_platform_declares_is_not_declared_away() {
    let project = Project::new(APP);
    project.put("app/platform.toml", b"[owners.identity]\nteam = \"Identity\"\n");
    project.put("app/durable.toml", b"extends = [\"platform.toml\"]\n");
    project.commit("app");
    project.put("app/durable.toml", b"extends = [\"platform.toml\"]\n[owners.identity]\nteam = \"Me\"\n");
    gate(&project).expect(1, &["owner `identity` of platform.toml is declared again in durable.toml"]);
}

#[test]
fn a_workspace_that_moves_does_not_leave_its_policy() {
    let project = app();
    std::fs::rename(project.path("app/src"), project.path("app/inner-src")).unwrap();
    std::fs::create_dir(project.path("app/inner")).unwrap();
    for name in ["Cargo.toml", "inner-src"] {
        let to = if name == "inner-src" { "src" } else { name };
        std::fs::rename(project.path(&format!("app/{name}")), project.path(&format!("app/inner/{to}")))
            .unwrap();
    }
    project.check("app/inner", "--against main").expect(1, &["owner `identity` is removed"]);
}

#[test]
fn nothing_else_becomes_the_command() {
    for (file, text, said) in [
        (".cargo/config.toml", "[alias]\ndurable = \"run -q --bin ok --\"\n", "`cargo durable` now means"),
        (".cargo/config.toml", "include = \"../other.toml\"\n", "configuration now includes"),
        ("rust-toolchain.toml", "[toolchain]\npath = \"tools\"\n", "are now taken from `tools`"),
    ] {
        let project = app();
        project.put(&format!("app/{file}"), text.as_bytes());
        gate(&project).expect(1, &[WEAKENED, said, "cargo-durable check"]);
        project.commit("app");
        gate(&project).expect(0, &[]);
    }
}

#[test]
fn code_put_out_of_sight_is_told() {
    for (path, text) in [
        ("app/src/main.rs", "mod raw;\n#[cfg(test)]\nmod net;\nfn main() {}\n"),
        ("app/src/net.rs", &*format!("#[cfg(test)]\n{CARELESS}")),
        ("app/src/net.rs", &*format!("#[cfg(feature = \"test-utils\")]\n{CARELESS}")),
        ("app/src/net.rs", &*format!("#[cfg(test)]\nmod tests {{\n{CARELESS}}}\n")),
    ] {
        let project = Project::new(APP);
        project.put("app/src/net.rs", CARELESS.as_bytes());
        project.commit("app");
        project.put(path, text.as_bytes());
        gate(&project).expect(1, &[WEAKENED, "now counts as test code"]);
    }
    let project = app();
    let raw = project.read("app/src/raw.rs");
    project.put("app/src/raw.rs", format!("// @generated\n{raw}").as_bytes());
    gate(&project).expect(1, &["now says that a generator wrote it"]);
}

#[test]
fn an_allow_over_a_module_covers_what_it_was_given_for() {
    let allow = "#[durable(allow(tls_verification_disabled), owner = \"web\", reason = \"x\", expires = \"2027-02-28\")]";
    let module = |body: &str| {
        format!("use durable_macros::durable;\n{allow}\nmod inner {{\n{body}}}\npub fn client() {{}}\n")
    };
    let project = Project::new(APP);
    project.put("app/src/net.rs", module(CARELESS).as_bytes());
    project.commit("app");
    gate(&project).expect(0, &["1 allowed in source"]);
    let more = format!("{CARELESS}{}", CARELESS.replace("client", "other"));
    project.put("app/src/net.rs", module(&more).as_bytes());
    gate(&project).expect(1, &[WEAKENED, "covers a finding that it was not given for"]);
}

#[test]
fn a_second_weakness_in_an_exempt_statement_is_not_exempt() {
    let project = careless();
    let worse = CARELESS.replace("(true)", "(true).danger_accept_invalid_hostnames(true)");
    project.put("app/src/net.rs", worse.as_bytes());
    project.check("app", "").expect(1, &[FOUND]);
    gate(&project).expect(1, &[FOUND]);
}
