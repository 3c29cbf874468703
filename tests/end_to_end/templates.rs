//! `new` from an organisation's own templates: folders and git repositories.

use std::fs;
use std::process::Command;

use crate::project::{Project, Ran, exists};

/// A template with a variable and a policy floor, over one that comes with the command.
const OWN: &str = "//- templates/service/template.toml
summary = \"As Acme runs it\"
extends = [\"library\"]
without = [\"CHANGELOG.md\"]
next = [\"cargo test\"]
notes = [\"acme-region is where `acme-widget` runs.\"]

[variables.region]
about = \"Where it runs\"
word = \"acme-region\"
one-of = [\"eu-1\", \"us-1\"]

[variables.channel]
about = \"Whom to call\"
word = \"acme-channel\"
default = \"#help\"
//- templates/service/deploy/acme-region.toml
crate = \"acme_widget\"
region = \"acme-region\"
channel = \"acme-channel\"
//- templates/service/policy/floor.toml
[lints]
unlimited_reads = \"forbid\"
//- templates/service/durable.toml
extends = [\"policy/floor.toml\"]

[owners.acme-team]
team = \"Acme Team\"
github = \"@acme-org/acme-team\"
paths = [\"*\"]
//- templates/service/run.sh
#!/bin/sh
exec acme-widget
//- here/keep
";

fn new(project: &Project, words: &[&str]) -> Ran {
    let mut command = project.command("here", "new");
    command.env("TMPDIR", project.path("here")).env("GIT_CONFIG_GLOBAL", "/dev/null");
    Ran::from(command.args(words).output().unwrap())
}

fn here(project: &Project) -> usize {
    fs::read_dir(project.path("here")).unwrap().count()
}

#[test]
fn a_folder_extends_what_comes_with_the_command() {
    let project = Project::new(OWN);
    project.put("templates/service/logo.bin", b"acme-widget\xff\0acme-widget");
    let given = ["tool", "--template", "../templates/service", "--owner", "Acme Platform"];
    new(&project, &[&given[..], &["--define", "region=eu-1"]].concat()).expect(
        0,
        &[
            "made tool from the template `../templates/service`; `acme-platform` answers for it",
            "eu-1 is where `tool` runs.",
        ],
    );
    assert_eq!(
        project.read("here/tool/deploy/eu-1.toml"),
        "crate = \"tool\"\nregion = \"eu-1\"\nchannel = \"#help\"\n"
    );
    // What is no text is copied as it is, and what was left out is not there.
    assert_eq!(fs::read(project.path("here/tool/logo.bin")).unwrap(), b"acme-widget\xff\0acme-widget");
    assert!(!exists(project.path("here/tool/CHANGELOG.md")) && exists(project.path("here/tool/src/slug.rs")));
    // The organisation's floor holds.
    let policy = project.durable("here/tool", "check --show-policy src/lib.rs");
    policy.expect(0, &["acme-platform", "unlimited_reads"]);
    project.write("//- here/tool/durable.toml\nextends = [\"policy/floor.toml\"]\n[lints]\nunlimited_reads = \"warn\"\n");
    project.check("here/tool", "").expect(1, &["`unlimited_reads` is forbidden by policy/floor.toml"]);
    let lock = project.read("here/tool/durable.lock");
    let made = "template = \"service\", source = \"../templates/service\"";
    let values = "values = { channel = \"#help\", name = \"tool\", organisation = \"acme-platform\", owner = \"Acme Platform\", region = \"eu-1\" }";
    assert!(lock.contains(made) && lock.contains(values), "{lock}");
    // Each file is from the layer that has it.
    for (at, template) in
        [("deploy/eu-1.toml", "service"), ("src/slug.rs", "library"), ("deny.toml", "common")]
    {
        assert!(lock.contains(&format!("{{ at = \"{at}\", template = \"{template}\", version = ")), "{lock}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path| fs::metadata(project.path(path)).unwrap().permissions().mode() & 0o111;
        assert!(mode("here/tool/run.sh") != 0 && mode("here/tool/Cargo.toml") == 0);
    }
}

#[test]
fn a_repository_is_fetched_at_a_revision() {
    let project = Project::new(OWN);
    project.commit("templates");
    project.git("templates", "tag v1");
    project.write("//- templates/service/run.sh\n#!/bin/sh\necho newer\n");
    project.commit("templates");
    let url = format!("file://{}", project.path("templates").display());
    let define = ["--define", "region=us-1", "--vcs", "none", "--template"];
    let made = |name: &str, source: &str| new(&project, &[&[name][..], &define, &[source]].concat());
    made("newest", &format!("{url}#:service")).expect(0, &[]);
    made("tagged", &format!("{url}#v1:service/")).expect(0, &["made tagged"]);
    assert!(project.read("here/newest/run.sh").contains("newer"));
    assert_eq!(project.read("here/tagged/run.sh"), "#!/bin/sh\nexec tagged\n");
    let mut rev = Command::new("git");
    let rev =
        Ran::from(rev.args(["rev-parse", "v1"]).current_dir(project.path("templates")).output().unwrap());
    let by_commit = format!("{url}#{}:service", rev.out.trim());
    made("pinned", &by_commit).expect(0, &[]);
    let lock = project.read("here/pinned/durable.lock");
    assert!(lock.contains(&format!("source = \"{by_commit}\", version = \"{}\"", rev.out.trim())), "{lock}");
    // `keep` and three projects: nothing else is left, not even what was fetched.
    assert_eq!(here(&project), 4);
    for (source, said) in [
        (format!("{url}#v9:service"), "it cannot be fetched: git failed: fatal: couldn't find remote ref v9"),
        (format!("{url}#v1:servce"), "the repository has no folder servce"),
        (format!("{url}#v1"), "it has no template.toml at its top"),
        ("file:///no/such/repository".to_owned(), "it cannot be fetched"),
        ("https://127.0.0.1:1/x".to_owned(), "it cannot be fetched: git failed"),
        ("http://127.0.0.1:1/x".to_owned(), "over `https`, `ssh` or `file`, not `http`"),
    ] {
        made("broken", &source).expect(2, &[said]);
        assert_eq!(here(&project), 4, "{source}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_refused_in_folders_and_in_repositories() {
    let project = Project::new(OWN);
    std::os::unix::fs::symlink("/etc/passwd", project.path("templates/service/secret")).unwrap();
    project.commit("templates");
    let url = format!("file://{}#:service", project.path("templates").display());
    for (source, said) in [
        ("../templates/service", "secret is a link; put the file itself in its place"),
        (&url, "secret is a link or a submodule"),
    ] {
        new(&project, &["x", "--define", "region=us-1", "--template", source]).expect(2, &[said]);
        assert_eq!(here(&project), 1);
    }
}

#[test]
fn a_wrong_template_says_what_is_wrong_and_makes_nothing() {
    const RIGHT: &str = "[variables.region]\nabout = \"Where\"\nword = \"acme-region\"\n";
    let variable =
        |text: &str| format!("//- t/template.toml\nsummary = \"x\"\n{text}//- t/Cargo.toml\nacme-region\n");
    for (text, define, said) in [
        ("//- t/Cargo.toml\n\n".to_owned(), "", "the template ../t: it has no template.toml at its top"),
        ("//- t/template.toml\nsumary = \"x\"\n".into(), "", "template.toml:1:1: unknown key `sumary`; did you mean `summary`?"),
        ("//- t/template.toml\nsummary = \"x\"\nextends = [\"libary\"]\n".into(), "", "no template `libary` comes with this command"),
        ("//- t/template.toml\nsummary = \"x\"\nwithout = [\"a\"]\n".into(), "", "`without` names a, which nothing brings"),
        ("//- t/template.toml\nsummary = \"x\"\n".into(), "", "it has no Cargo.toml at its top"),
        ("//- t/template.toml\nsummary = \"x\"\n//- t/Cargo.toml\n[x\n".into(), "", "Cargo.toml: TOML parse error at line 1, column 3"),
        ("//- t/template.toml\nsummary = \"x\"\nextends = [\"library\"]\n//- t/durable.lock\n\n".into(), "", "durable.lock is written by `cargo durable` alone"),
        ("//- t/template.toml\nsummary = \"x\"\nextends = [\"library\"]\n//- t/vendor/durable-macros/src/lib.rs\n\n".into(), "", "vendor/durable-macros/src/lib.rs is brought by `cargo durable`"),
        ("//- t/template.toml\nsummary = \"x\"\nextends = [\"library\"]\n//- t/readme.md\n\n".into(), "", "README.md and readme.md take one place"),
        ("//- t/template.toml\nsummary = \"x\"\n//- t/Cargo.toml\n\n//- t/src/aux.rs\n\n".into(), "", "src/aux.rs is a device on Windows"),
        ("//- t/template.toml\nsummary = \"x\"\n//- t/Cargo.toml\n\n//- t/sub/.git/config\n\n".into(), "", "sub/.git/config would be part of git's own folder"),
        (variable(RIGHT), "", "asks for `region` (Where); give it with `--define region=…`"),
        (variable(RIGHT), "regoin=x", "has no variable `regoin`; did you mean `region`?"),
        (variable(RIGHT), "name=x", "has no variable `name`; `--name` gives it"),
        (variable(RIGHT), "region=a\"b", "the region has '\"', which cannot stand between quotes"),
        (variable(RIGHT), "region=", "`region` is empty"),
        (variable(&format!("{RIGHT}one-of = [\"a\", \"b\"]\n")), "region=c", "`region` cannot be `c`; it is one of a, b"),
        (variable(&format!("{RIGHT}default = \"c\"\none-of = [\"a\"]\n")), "", "`region` cannot be `c`"),
        (variable(&RIGHT.replace("-region\"", "-zone\"")), "", "the word `acme-zone`, which stands in no file"),
        (variable(&RIGHT.replace("acme-region", "acme-team")), "", "a word that is replaced already: `acme-team`"),
        (variable(&RIGHT.replace("acme-region", "ac")), "", "has the word `ac`; take one of four letters or more"),
        (variable(&RIGHT.replace(".region", ".owner")), "", "the variable `owner` is one that every project has"),
        (variable(&format!("{RIGHT}{}", RIGHT.replace(".region", ".zone"))), "", "has the word of `zone`"),
        (format!("{}//- t/acme-region/x\n\n", variable(RIGHT)), "region=..", "../x leads out of the project"),
        (format!("{}//- t/acme-region/x\n\n", variable(RIGHT)), "region=/etc", "/etc/x leads out of the project"),
        (format!("{}//- t/acme-region\n\n//- t/b\n\n", variable(RIGHT)), "region=b", "become one with these names"),
        (format!("{}//- t/acme-region\n\n", variable(RIGHT)), "region=nul", "nul is a device on Windows"),
    ] {
        let project = Project::new(&format!("{text}//- here/keep\n"));
        let mut words = vec!["made", "--vcs", "none", "--template", "../t"];
        if !define.is_empty() {
            words.extend(["--define", define]);
        }
        new(&project, &words).expect(2, &[said]);
        assert_eq!(here(&project), 1, "{text}");
    }
}
