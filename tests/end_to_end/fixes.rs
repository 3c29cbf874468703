//! `fix`: what it shows, what it changes, and what it says of the rest.

use crate::project::Project;

/// Two claims left unchecked, each on a line of its own, one beside other code; flags of the compiler
/// in TOML and YAML; a finding that no fix is offered for.
const CODE: &str = "//- app/Cargo.toml
[package]
name = \"app\"
version = \"0.1.0\"
edition = \"2024\"

[dependencies]
jsonwebtoken = \"9\"
//- app/.cargo/config.toml
[build]
rustflags = \"-C debuginfo=1 -C overflow-checks=off\" # faster

[target.x86_64-unknown-linux-gnu]
rustflags = \"-C overflow-checks=off -C relocation-model=static\"
//- app/.github/workflows/ci.yml
on: push
permissions:
  contents: read
env:
  RUSTFLAGS: -D warnings -C overflow-checks=off
jobs: {}
//- app/src/lib.rs
//! Checks tokens.

/// Both claims, a line each.
pub fn apart() -> jsonwebtoken::Validation {
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.validate_exp = false;

    validation.validate_aud = false;
    validation
}

/// In a block.
pub fn inline(mut validation: jsonwebtoken::Validation) -> jsonwebtoken::Validation {
    { validation.leeway = 0; validation.validate_exp = false; }
    validation
}

/// The pin.
pub fn pin() -> &'static str {
    \"PIN\"
}
";

fn project() -> Project {
    let project = Project::new(CODE);
    project.commit("app");
    project
}

const FILES: [&str; 3] = ["app/src/lib.rs", "app/.cargo/config.toml", "app/.github/workflows/ci.yml"];

#[test]
fn a_deletion_leaves_no_blanks() {
    let project = project();
    project.durable("app", "fix --unsafe-fixes").expect(0, &["applied"]);
    for file in FILES {
        let text = project.read(file);
        for line in text.lines() {
            assert_eq!(line.trim_end(), line, "a blank at the end of a line of {file}:\n{text}");
            assert!(!line.contains("\" -") && !line.contains(" \"  ") && !line.contains(";  }"), "{text}");
        }
    }
    let code = project.read(FILES[0]);
    assert!(code.contains("RS256);\n\n    validation\n"), "{code}");
    assert!(code.contains("    { validation.leeway = 0; }\n"), "{code}");
    let config = project.read(FILES[1]);
    assert!(config.contains("rustflags = \"-C debuginfo=1\" # faster\n"), "{config}");
    let workflow = project.read(FILES[2]);
    assert!(workflow.contains("  RUSTFLAGS: -D warnings\n"), "{workflow}");
}

#[test]
fn one_run_reaches_what_a_second_would() {
    let project = project();
    project.durable("app", "fix --unsafe-fixes").expect(0, &["applied"]);
    let once = FILES.map(|file| project.read(file));
    let second = project.durable("app", "fix --unsafe-fixes --allow-dirty");
    second.expect(0, &[]).without("applied");
    assert_eq!(FILES.map(|file| project.read(file)), once);
}

#[test]
fn the_diff_shows_all_that_fix_can_do_and_changes_nothing() {
    let project = project();
    let shown = project.durable("app", "fix --diff");
    shown.expect(0, &["need a look; apply them with `--unsafe-fixes`, or see them with `--diff`"]);
    shown.expect(0, &["\nThese need a look, and `--unsafe-fixes` applies them:\n--- a/"]);
    for file in FILES {
        let text = project.read(file);
        assert!(CODE.contains(text.trim_end()) || file == FILES[0], "{text}");
        shown.expect(0, &[&format!("--- a/{}\n", file.strip_prefix("app/").unwrap())]);
    }
    // With the option it is what would be done, and what git applies.
    let patch = project.durable("app", "fix --diff --unsafe-fixes");
    project.put("patch", patch.out.as_bytes());
    project.git("app", "apply ../patch");
    let patched = FILES.map(|file| project.read(file));
    project.git("app", "checkout -q .");
    project.durable("app", "fix --unsafe-fixes").expect(0, &[]);
    assert_eq!(FILES.map(|file| project.read(file)), patched);
}

#[test]
fn what_remains_is_told_with_the_reason() {
    let project = project();
    let ran = project.durable("app", "fix");
    ran.expect(0, &["1 finding has no fix to offer: 1 of `pinned_certificates`", "more fixes need a look"]);
    project.write("//- app/durable.toml\n[owners.identity]\nteam = \"Identity\"\n");
    let allow = "allow unvalidated_jwt_claims --owner identity --reason moving --for 30d";
    project.durable("app", allow).expect(0, &[]);
    let ran = project.durable("app", "fix --unsafe-fixes --allow-dirty");
    ran.expect(0, &["3 findings that are exempt or allowed in source could be fixed and were let be"]);
    assert!(project.read(FILES[0]).contains("validate_exp = false"));
}

#[test]
fn fixes_that_overlap_are_applied_one_after_the_other() {
    let project = Project::new(
        "//- app/Cargo.toml
[package]
name = \"app\"
version = \"0.1.0\"
//- app/.cargo/config.toml
[build]
rustflags = [\"-C\", \"overflow-checks=off\", \"-C\", \"relocation-model=static\", \"-C\", \"debug-assertions=off\"]
//- app/src/lib.rs
//! Empty.
",
    );
    project.commit("app");
    let found = project.check("app", "").out.matches("weakened_build_flags").count();
    assert!(found >= 2, "{found}");
    project.durable("app", "fix --unsafe-fixes").expect(0, &["applied"]).without("overlap");
    project.check("app", "").without("weakened_build_flags");
}
