use super::embedded_private_keys::private_keys;
use crate::models::secrets::{entropy, is_placeholder, names_secret, words};
use crate::prelude::*;

declare_lint! {
    /// A private key or a file of secrets is in the repository, so everyone with a clone has it.
    ///
    /// What was committed once stays in the history and in every clone and fork, also after the file is
    /// deleted. Keys, filled `.env` files and the credential files of package registries and clouds
    /// belong into none.
    ///
    /// ```text,bad .env
    /// LOG=info
    /// API_TOKEN=q7RvX2mKp9LdT4wZ0sHbN6yc
    /// ```
    ///
    /// ```text,good .env.example
    /// LOG=info
    /// API_TOKEN=
    /// ```
    ///
    /// ## What to do
    /// Replace the secret first: it is known. Then delete the file, name it in `.gitignore`, and read the
    /// new secret at run time from a place outside the repository.
    ///
    /// ## Known limits
    /// What git ignores is not looked at. Files that belong to tests, examples or documentation by their
    /// path are left out, and so are values that are too simple to be a secret.
    pub static LINT = {
        level: Level::Deny,
        severity: Severity::Critical,
        cwe: &[312, 321, 540, 798],
        check: Check::Repository(check),
    }
}

const HELP: &str =
    "replace the secret, as it stays in the history; then delete the file and have git ignore it";

fn check(repository: &Repository, findings: &mut Findings) {
    for file in repository.files.iter().filter(|file| !is_sample(&file.path)) {
        for found in secrets_in(file) {
            findings
                .at(found.span, format!("`{}` is in the repository and holds {}", file.path, found.what))
                .in_file(&file.path)
                .item(found.key.clone())
                // The secret itself must not decide: a new one at the same place is the same finding.
                .identified_by(format!("{} {}", file.path, found.key))
                .help(HELP);
        }
    }
}

/// What a file holds.
struct Found {
    span: Span,
    what: &'static str,
    key: String,
}

fn secrets_in(file: &RepositoryFile) -> Vec<Found> {
    let name = file.path.rsplit('/').next().unwrap_or("");
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let whole = |what| vec![Found { span: Span::default(), what, key: String::new() }];
    match ending {
        "p12" | "pfx" | "jks" | "keystore" if file.size > 0 => return whole("private keys"),
        "tfstate" if file.size > 200 => return whole("the state of an infrastructure with its secrets"),
        _ => {}
    }
    let Some(text) = file.text.as_deref() else { return Vec::new() };
    let key = |at| Found { span: line_at(text, at), what: "a private key", key: String::new() };
    let keys: Vec<Found> = private_keys(text).map(key).collect();
    if !keys.is_empty() {
        return keys;
    }
    if ending == "ppk" && text.contains("Private-Lines:") && text.contains("Encryption: none") {
        return whole("a private key");
    }
    let (separators, what): (&[char], _) = match name {
        ".npmrc" => (&['='], "a registry's token"),
        ".pypirc" => (&['=', ':'], "a registry's password"),
        ".netrc" => (&[' '], "a password"),
        "credentials" | "credentials.toml" => (&['='], "credentials"),
        "kubeconfig" => (&[':'], "the key of a cluster's client"),
        _ if name == ".env" || name.starts_with(".env.") => (&['='], "a secret"),
        _ => return Vec::new(),
    };
    assignments(text, separators)
        .filter(|(key, value, _)| is_secret_key(key) && is_secret_value(value))
        .map(|(key, _, span)| Found { span, what, key: key.to_owned() })
        .collect()
}

/// The lines `KEY=value` of a text, with the value's quotes and comment taken off and its place.
fn assignments<'a>(text: &'a str, separators: &'a [char]) -> impl Iterator<Item = (&'a str, &'a str, Span)> {
    text.split_inclusive('\n')
        .scan(0u32, |at, line| {
            let start = *at;
            *at += line.len() as u32;
            Some((start, line))
        })
        .filter_map(move |(start, line)| {
            let trimmed = line.trim();
            if trimmed.starts_with(['#', ';']) {
                return None;
            }
            let (key, value) = trimmed.strip_prefix("export ").unwrap_or(trimmed).split_once(separators)?;
            let value = value.trim();
            let value = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or(""),
                _ => value.split(" #").next().unwrap_or("").trim(),
            };
            let indent = (line.len() - line.trim_start().len()) as u32;
            Some((key.trim(), value, Span::new(start + indent, start + indent + trimmed.len() as u32)))
        })
}

/// `API_TOKEN`, `//registry.npmjs.org/:_authToken`, `client-key-data`. In these files a token is one.
fn is_secret_key(key: &str) -> bool {
    let last = key.rsplit([':', '/', '.']).next().unwrap_or(key);
    let words = words(last);
    names_secret(last)
        || words.last().is_some_and(|word| word == "token" || word == "auth")
        || last == "client-key-data"
}

/// Whether a value is one that nobody would guess: long and without the words of local set-ups.
fn is_secret_value(value: &str) -> bool {
    const LOCAL: &[&str] = &[
        "password",
        "secret",
        "postgres",
        "changeme",
        "change_me",
        "change-me",
        "admin",
        "root",
        "test",
        "local",
        "dev",
        "demo",
        "default",
        "insecure",
        "enter",
        "put",
        "none",
        "secure",
        "supersecret",
        "my",
        "key",
        "token",
    ];
    let words = words(value);
    let local = words.iter().any(|word| LOCAL.contains(&&**word));
    value.len() >= 12 && entropy(value) > 3.0 && !value.contains(' ') && !is_placeholder(value) && !local
}

/// Whether a path says that its file is there to be seen.
fn is_sample(path: &str) -> bool {
    const SAMPLES: &[&str] = &[
        "test",
        "tests",
        "testing",
        "testdata",
        "testutil",
        "fixture",
        "fixtures",
        "example",
        "examples",
        "sample",
        "samples",
        "template",
        "templates",
        "dist",
        "demo",
        "demos",
        "mock",
        "mocks",
        "bench",
        "benches",
        "doc",
        "docs",
        "dummy",
        "fake",
        "snakeoil",
        "localhost",
        "selfsigned",
        "dev",
        "vendor",
        "fuzz",
        "schema",
        "e2e",
        "integration",
    ];
    words(path).iter().any(|word| SAMPLES.contains(&&**word))
}

fn line_at(text: &str, at: usize) -> Span {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |line| line + 1);
    let end = text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |line| at + line);
    Span::new(start as u32, end as u32)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::fixture::found;

    /// Keys are put together here, so that no scanner takes this file for a leak.
    fn key(kind: &str) -> String {
        let body = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2";
        format!("-----BEGIN {kind} KEY-----\n{body}\n-----END {kind} KEY-----\n")
    }

    #[test]
    fn other_files_and_look_alikes() {
        let bad = [
            format!("//- deploy/server.key\n{}", key("PRIVATE")),
            format!("//- certs/server.pem\n{}", key("RSA PRIVATE")),
            format!("//- id_ed25519\n{}", key("OPENSSH PRIVATE")),
            "//- .env.production\nexport JWT_SECRET=\"q7RvX2mKp9LdT4wZ0sHbN6yc\" # rotate".to_owned(),
            "//- .npmrc\n//registry.npmjs.org/:_authToken=q7RvX2mKp9LdT4wZ0sHbN6yc".to_owned(),
            "//- .cargo/credentials.toml\n[registry]\ntoken = \"q7RvX2mKp9LdT4wZ0sHbN6yc\"".to_owned(),
            "//- deploy/kubeconfig\nusers:\n- user:\n    client-key-data: q7RvX2mKp9LdT4wZ0sHbN6yc"
                .to_owned(),
        ];
        let good = [
            format!("//- tests/server.key\n{}", key("PRIVATE")),
            format!("//- certs/server.pem\n{}", key("PUBLIC")),
            "//- .env.example\nAPI_TOKEN=q7RvX2mKp9LdT4wZ0sHbN6yc".to_owned(),
            "//- .env\nAPI_TOKEN=${API_TOKEN}\nDB_PASSWORD=postgres\nJWT_SECRET=".to_owned(),
            "//- .env\n# API_TOKEN=q7RvX2mKp9LdT4wZ0sHbN6yc\nLOG=info,my_crate=debug".to_owned(),
            "//- .npmrc\n//registry.npmjs.org/:_authToken=${NPM_TOKEN}\nsave-exact=true".to_owned(),
            "//- .env\nPUBLIC_KEY=q7RvX2mKp9LdT4wZ0sHbN6yc".to_owned(),
        ];
        LINT.holds(&bad.each_ref().map(|text| &**text), &good.each_ref().map(|text| &**text));
    }

    #[test]
    fn each_secret_is_a_finding() {
        let line = |at: u32| format!("{at}:1 `.env` is in the repository and holds a secret");
        let text =
            "//- .env\nAPI_TOKEN=q7RvX2mKp9LdT4wZ0sHbN6yc\nLOG=info\nJWT_SECRET=Zt5WqB8nYc3LfR6xJ1vMpK0d\n";
        assert_eq!(found(&LINT, text), format!("{}\n{}", line(1), line(3)));
        let keys = found(&LINT, &format!("//- a.key\n{}\n{}", key("PRIVATE"), key("RSA PRIVATE")));
        assert_eq!(keys.lines().count(), 2, "{keys}");
    }

    #[test]
    fn the_place_is_the_line() {
        let text = "//- .env\nLOG=info\nAPI_TOKEN=q7RvX2mKp9LdT4wZ0sHbN6yc\n";
        assert_eq!(found(&LINT, text), "2:1 `.env` is in the repository and holds a secret");
    }
}
