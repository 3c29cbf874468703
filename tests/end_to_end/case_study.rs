//! The case that the tool is for: pinned certificates are fixed once and stay fixed.

use crate::project::{PINNED, Project};

#[test]
fn pinned_certificates_are_let_through_fixed_and_kept_out() {
    let project = Project::new(PINNED);
    project.check("app", "").expect(1, &["src/lib.rs:5:5: error[pinned_certificates]"]);
    project.baseline("app");
    let lock = project.read("app/durable.lock");
    assert!(lock.contains("owner = \"identity\"") && lock.contains("expires = 2027-01-22"), "{lock}");
    project.check("app", "").expect(0, &["1 exempt"]);
    project.commit("app");

    // A new project with the same pattern has no exemption to lean on.
    project.write(&PINNED.replace("app", "shop"));
    project.check("shop", "").expect(1, &["error[pinned_certificates]"]);

    // The fix takes its exemption along, so the pattern cannot come back under it.
    project.write("//- app/src/lib.rs\n//! Talks to the bank.\n");
    project.commit("app");
    project.durable("app", "fix").expect(0, &["removed 1 exemption"]);
    project.check("app", "").expect(0, &[]);
    project.write(PINNED);
    project.check("app", "").expect(1, &["error[pinned_certificates]"]);

    // What the platform forbids can be neither lowered nor let through.
    project.write(
        "//- platform/durable.toml
[lints]
pinned_certificates = \"forbid\"
//- app/durable.toml
extends = [\"../platform/durable.toml\"]
[owners.identity]
[lints]
pinned_certificates = \"warn\"
",
    );
    project.check("app", "").expect(1, &["error[pinned_certificates]", "cannot be lowered"]);
    let allow = "allow pinned_certificates --owner identity --reason please";
    project.durable("app", allow).expect(2, &["forbidden by the policy"]);
}
