//! `--against`: a change may not lower the bar that it is held to, unless an owner says so.

use crate::project::{PINNED, Project};

const STRICT: &str = "[owners.identity]\n[owners.web]\n[lints]\npinned_certificates = \"deny\"\n";

#[test]
fn a_weaker_policy_is_refused_unless_an_owner_approves() {
    for (policy, said) in [
        (STRICT.replace("deny", "warn"), "`pinned_certificates` is lowered from deny to warn"),
        (STRICT.replace("[owners.web]\n", ""), "owner `web` is removed"),
        (
            STRICT.replace("\"deny\"", "{ level = \"deny\", exclude = [\"src/**\"] }"),
            "is lowered from deny to allow",
        ),
        (format!("{STRICT}[exemptions]\nmax-term = \"900d\"\n"), "`max-term` is raised"),
    ] {
        let project = Project::new(PINNED);
        project.put("app/src/lib.rs", b"//! Empty.\n");
        project.put("app/durable.toml", STRICT.as_bytes());
        project.commit("app");
        project.put("app/durable.toml", policy.as_bytes());
        project.check("app", "").expect(0, &[]);
        project.check("app", "--against HEAD").expect(1, &["error[weakened_policy]", said]);
        project
            .check("app", "--against HEAD --approve-weakening identity")
            .expect(0, &["approved by identity"]);
        project.check("app", "--against HEAD --approve-weakening nobody").expect(2, &["no owner"]);
    }
}

#[test]
fn an_added_exemption_is_a_weakening() {
    let project = Project::new(PINNED);
    project.commit("app");
    project.baseline("app");
    project.check("app", "").expect(0, &[]);
    project.check("app", "--against HEAD").expect(1, &["error[weakened_policy]"]);
    project.check("app", "--against HEAD --approve-weakening identity").expect(0, &["approved by identity"]);
}

#[test]
fn an_unknown_revision_is_told() {
    let project = Project::new(PINNED);
    project.commit("app");
    project.check("app", "--against nowhere").expect(2, &["`nowhere` names no commit"]);
}
