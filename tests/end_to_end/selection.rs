//! What is checked is what was named.

use crate::project::{PINNED, Project};

const WORKSPACE: &str = "//- all/Cargo.toml
[workspace]
members = [\"one\", \"two\"]
resolver = \"3\"
//- all/Cargo.lock
version = 4

[[package]]
name = \"one\"
version = \"0.1.0\"

[[package]]
name = \"two\"
version = \"0.1.0\"
//- all/durable.toml
[lints]
pinned_certificates = \"deny\"
//- all/one/Cargo.toml
[package]
name = \"one\"
version = \"0.1.0\"
//- all/two/Cargo.toml
[package]
name = \"two\"
version = \"0.1.0\"
//- all/one/src/lib.rs
pub const P: &str = \"PIN\";
//- all/two/src/lib.rs
pub const P: &str = \"PIN\";
";

#[test]
fn packages_folders_and_files_are_selected() {
    let project = Project::new(WORKSPACE);
    let (one, two) = ("one/src/lib.rs:1:", "two/src/lib.rs:1:");
    project.check("all", "").expect(1, &[one, two]);
    for (folder, arguments) in [
        ("all", "-p one"),
        ("all", "--exclude two --workspace"),
        ("all", "one"),
        ("all", "one/src/lib.rs"),
        ("all/one", ""),
        ("", "--manifest-path all/one/Cargo.toml"),
        ("all/two", "-p one"),
    ] {
        project.check(folder, arguments).expect(1, &[one]).without(two);
    }
}

#[test]
fn a_bare_file_or_folder_is_checked_too() {
    let project = Project::new("//- bare/a.rs\nfn f() -> &'static str { \"PIN\" }\n");
    for path in ["bare/a.rs", "bare"] {
        project.check("", path).expect(0, &["a.rs:1:26: warning[pinned_certificates]"]);
    }
}

#[test]
fn unknown_names_get_a_suggestion() {
    let project = Project::new(PINNED);
    project.check("app", "-p apq").expect(2, &["no package `apq`", "did you mean `app`"]);
    project.check("app", "src/lib.rx").expect(2, &["no file or folder `src/lib.rx`"]);
    project.durable("app", "explain pined_certificates").expect(2, &["pinned_certificates"]);
    project
        .durable("app", "allow pined_certificates --owner identity --reason moving")
        .expect(2, &["did you mean `pinned_certificates`"]);
    project
        .durable("app", "allow pinned_certificates --owner identiy --reason moving")
        .expect(2, &["did you mean `identity`"]);
}
