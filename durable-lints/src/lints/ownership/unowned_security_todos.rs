use jiff::civil::Date;

use crate::outline::lexer::{Kind, Lexer, Token, is_ident_byte};
use crate::prelude::*;

declare_lint! {
    /// A fix that matters to security is put off in a comment, and nobody has to do it by any day.
    ///
    /// Who reads the code learns from the comment what is not checked; who wrote it has long forgotten.
    ///
    /// ```rust,bad
    /// pub fn update(package: &[u8]) {
    ///     // TODO: check the signature before installing
    ///     install(package);
    /// }
    /// fn install(_: &[u8]) {}
    /// ```
    ///
    /// ```rust,good
    /// pub fn update(package: &[u8]) {
    ///     // TODO(@org/update, 2027-01-31): check the signature before installing
    ///     install(package);
    /// }
    /// fn install(_: &[u8]) {}
    /// ```
    ///
    /// ## What to do
    /// Do it now. Otherwise write who does it until when, `TODO(identity, 2027-01-31): …`, or the issue in
    /// which it is tracked, `TODO(#1234): …`. A day that has passed is told again.
    ///
    /// ## Known limits
    /// `TODO`, `FIXME`, `HACK` and `XXX` count at the head of a line of a comment, and what `todo!` and
    /// `unimplemented!` say. Whether it is about security is told by English words, up to the next empty
    /// line. Whether the issue is still open is not known.
    pub static LINT = {
        level: Level::Warn,
        severity: Severity::Low,
        confidence: Confidence::Medium,
        cwe: &[546, 1053],
        spares_generated: true,
        triggers: &["TODO", "FIXME", "HACK", "XXX", "todo", "unimplemented"],
        reads_comments: true,
        check: Check::Source(check),
    }
}

const MARKERS: [&str; 4] = ["TODO", "FIXME", "HACK", "XXX"];

/// What is about security: a phrase of `about`, and where `beside` names any, one of those near it. A `*`
/// stands for any ending of a word.
struct Topic {
    about: &'static [&'static str],
    beside: &'static [&'static str],
}

const fn alone(about: &'static [&'static str]) -> Topic {
    Topic { about, beside: &[] }
}

const fn pair(about: &'static [&'static str], beside: &'static [&'static str]) -> Topic {
    Topic { about, beside }
}

#[rustfmt::skip]
const CHECKED: &[&str] = &["check", "checks", "checked", "checking", "verify", "verifies", "verified",
    "verifying", "verification", "validate", "validates", "validated", "validating", "validation", "enforce",
    "enforced", "enforcing"];

#[rustfmt::skip]
const TOPICS: &[Topic] = &[
    alone(&["not safe", "isn't safe", "not sound", "isn't sound", "is this safe", "is that safe",
        "is this sound", "this is unsafe", "potentially unsafe", "really safe", "actually safe",
        "completely safe", "sound ish", "not thread safe", "is this thread safe", "is ub", "cause ub",
        "causes ub", "potential ub", "tamper*"]),
    pair(&["is safe", "is sound", "are safe", "are sound"], &["check", "verify", "ensure", "prove", "sure"]),
    alone(&["insecure", "insecurely", "vulnerable to", "a vulnerability", "security vulnerability", "csrf",
        "xss", "ssrf", "toctou", "path traversal", "directory traversal", "sql injection",
        "command injection", "shell injection", "html injection", "header injection", "code injection",
        "side channel*", "timing attack*", "use after free", "double free", "data race*", "unsound",
        "unsoundness", "undefined behavior", "undefined behaviour", "memory unsafe*", "memory unsafety",
        "buffer overflow*", "denial of service", "redos", "untrusted", "malicious*", "attacker*", "adversar*",
        "mitm", "man in the middle", "downgrade attack*", "impersonat*", "spoof*", "privilege escalation",
        "escalate privileges", "csprng", "cryptographically secure*", "zeroize*", "zeroise*",
        "replay attack*", "brute force attack*", "self signed", "plaintext password*"]),
    pair(&["security"], &["issue*", "risk*", "hole*", "bug*", "concern*", "implication*", "review*", "audit*",
        "check*", "critical", "reasons", "problem*", "flaw*", "hazard*", "sensitive"]),
    pair(&["signature*"], CHECKED),
    pair(&["signature*"], &["forge*", "unsigned", "invalid"]),
    pair(&["certificate*", "cert", "certs", "hostname*", "host key*", "server identity", "peer identity"],
        CHECKED),
    pair(&["certificate*", "cert", "certs"], &["pin", "pinned", "pinning", "revoked", "revocation", "expired",
        "skip", "trusted"]),
    pair(&["revocation", "crl", "crls", "ocsp"], CHECKED),
    pair(&["permission*", "access control*", "authorization", "authorisation", "acl", "acls", "privileges"],
        CHECKED),
    pair(&["permission*"], &["harden*", "missing", "restrict*", "too"]),
    pair(&["authorize*", "authorise*", "authorization", "authorisation", "authentication", "authenticate",
        "access control*"], &["add", "implement", "missing", "require*", "need", "needs", "proper",
        "enforce*", "no", "not", "bypass*"]),
    pair(&["password*", "passphrase*", "secret", "secrets", "credential*", "private key*", "api key*",
        "secret key*", "key material", "access token*", "auth token*", "session token*", "bearer token*"],
        &["hardcode*", "hard coded", "hash", "hashed", "hashing", "encrypt", "encrypted", "plaintext",
        "plain text", "cleartext", "wipe*", "erase", "redact*", "leak*", "log", "logs", "logged", "logging",
        "expose*", "securely", "mask*"]),
    pair(&["sanitize", "sanitise", "sanitized", "sanitised", "sanitizing", "sanitization"], &["input*",
        "html", "path*", "user", "filename*", "name*", "url*", "query", "quer*", "output", "string*", "data",
        "value*", "this", "properly"]),
    pair(&["escape", "escaped", "escaping"], &["html", "sql", "shell", "xml", "attribute*", "javascript",
        "ldap", "input", "untrusted"]),
    pair(&["nonce*", "iv", "ivs"], &["reuse*", "unique*", "random", "replay*", "repeat*", "predictable",
        "static", "zero"]),
    pair(&["replay*"], &["protect*", "prevent*", "detect*"]),
    pair(&["constant time"], &["compar*", "eq", "equality", "crypto*", "secret*", "verify", "mac", "hmac",
        "password*", "subtle", "guaranteed", "not", "isn", "isn't", "better"]),
    pair(&["random*", "rng", "rngs", "prng", "entropy"], &["secure*", "crypto*", "weak", "predictable"]),
    pair(&["md5", "sha1", "sha 1", "rc4", "des", "3des", "ecb"], &["insecure", "broken", "weak", "stronger",
        "migrate"]),
    pair(&["weak"], &["cipher*", "crypto*", "encryption", "password*", "key", "keys"]),
    pair(&["tls", "https", "ssl"], &["verify", "verification", "enforce*", "skip", "plaintext"]),
    pair(&["symlink*"], &["attack*", "traversal", "escape*", "race*"]),
    pair(&["race condition*"], &["file", "files", "symlink*", "permission*"]),
    pair(&["out of bounds"], &["read*", "write*", "access*", "memory"]),
    pair(&["soundness"], &["hole*", "issue*", "problem*", "bug*", "fix", "check", "verify"]),
    pair(&["memory safety"], &["issue*", "hole*", "bug*", "violat*"]),
    pair(&["unbounded", "unlimited"], &["allocation*", "recursion", "memory", "growth", "size"]),
    pair(&["dos", "attack", "attacks"], &["attack*", "prevent*", "protect*", "mitigat*", "vector*",
        "potential", "hash", "against", "possible"]),
    pair(&["rate limit", "rate limits", "rate limiting", "rate limited", "brute force"], &["login*",
        "password*", "attempt*", "add", "need*", "implement", "missing", "enforce", "no", "prevent",
        "protect*"]),
    pair(&["bypass*"], &["auth*", "check*", "security", "permission*", "validation", "filter*"]),
    pair(&["jwt*", "hmac", "mac", "checksum*", "digest*", "integrity", "issuer", "audience", "attestation*",
        "origin", "referer", "redirect uri", "auth tag", "user input"], CHECKED),
];

/// Phrases that hold a word of the above and mean something else.
#[rustfmt::skip]
const OTHERWISE: &[&str] = &["function signature*", "method signature*", "type signature*", "fn signature*",
    "same signature*", "call signature*", "signature of the function"];

/// Words that say that the comment is about something else than what is not secure yet.
#[rustfmt::skip]
const ASIDE: &[&str] = &["test", "tests", "testing", "faster", "slow", "performance", "perf", "optimi*",
    "benchmark*", "rename", "doc", "docs", "document*"];

/// How many words may stand between the two of a pair.
const NEAR: usize = 5;

fn check(file: &SourceFile, findings: &mut Findings) {
    let text = &*file.text;
    let tokens: Vec<Token> = Lexer::new(text).collect();
    for note in comments(text, &tokens) {
        if is_security(&note.body) {
            report(&note, findings);
        }
    }
    for (at, token) in tokens.iter().enumerate() {
        let is_macro = token.kind == Kind::Ident && matches!(token.text(text), "todo" | "unimplemented");
        let next = |ahead: usize| tokens.get(at + ahead).map_or("", |token| token.text(text));
        let Some(literal) = tokens.get(at + 3).filter(|literal| literal.kind == Kind::Str) else { continue };
        if !is_macro || next(1) != "!" || !matches!(next(2), "(" | "[" | "{") {
            continue;
        }
        let said = literal.text(text).trim_start_matches(['r', '#']).trim_matches(['#', '"']);
        let span = Span::new(token.start, literal.end);
        let note = Note { span, head: format!("{}!", token.text(text)), body: said.to_owned() };
        if is_security(&note.body) {
            report(&note, findings);
        }
    }
}

/// What is put off, and where.
struct Note {
    /// The marker and the rest of its line.
    span: Span,
    /// The marker.
    head: String,
    /// What follows the marker, to the end of the comment, an empty line or the next marker.
    body: String,
}

fn report(note: &Note, findings: &mut Findings) {
    let (missing, due) = match Promise::of(&note.body) {
        Promise::Tracked => return,
        Promise::Due(day) => (format!("was due on {day}"), Some(day)),
        Promise::NoDate => ("has no date".to_owned(), None),
        Promise::NoOwner => ("has no owner".to_owned(), None),
        Promise::Nothing => ("has no owner and no date".to_owned(), None),
    };
    let said = note.body.lines().next().unwrap_or("").trim_end();
    let gap = if note.head.ends_with('!') { " " } else { "" };
    let mut shown: String = format!("{}{gap}{said}", note.head).chars().take(72).collect();
    if shown.len() < note.head.len() + gap.len() + said.len() {
        shown.push('…');
    }
    let words: Vec<&str> = note.body.split_whitespace().collect();
    let draft = findings.at(note.span, format!("`{shown}` {missing}"));
    draft.identified_by(format!("{} {}", note.head, words.join(" ")));
    match due {
        Some(day) => draft.due(day).help("do it now, or agree with its owner on another day"),
        None => draft.help("do it now, or write who does it until when, `TODO(owner, YYYY-MM-DD): …`, or its issue, `TODO(#1234): …`"),
    };
}

/// What a note promises.
enum Promise {
    /// An issue keeps it.
    Tracked,
    /// Somebody does it by a day.
    Due(Date),
    NoDate,
    NoOwner,
    Nothing,
}

impl Promise {
    fn of(body: &str) -> Promise {
        let body = body.trim_start();
        let inside = body.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(inside, _)| inside);
        let before_colon = body.split_once(": ").map_or("", |(before, _)| before);
        let before_colon = if before_colon.split_whitespace().nth(4).is_some() { "" } else { before_colon };
        if is_tracked(body) || is_issue_key(inside.unwrap_or(before_colon)) {
            return Promise::Tracked;
        }
        let parts = |text: &str| -> (Option<Date>, bool) {
            let words = text.split([',', ';', ' ', '\t']).filter(|word| !word.is_empty());
            let (dates, others): (Vec<_>, Vec<_>) =
                words.map(|word| (word, date(word))).partition(|(_, date)| date.is_some());
            let names = others.iter().any(|(word, _)| word.chars().any(char::is_alphabetic));
            (dates.first().and_then(|(_, date)| *date), names)
        };
        match (inside, parts(inside.unwrap_or(before_colon))) {
            (_, (Some(day), true)) => Promise::Due(day),
            (_, (Some(_), false)) => Promise::NoOwner,
            (Some(_), (None, true)) => Promise::NoDate,
            _ => Promise::Nothing,
        }
    }
}

/// A day as `YYYY-MM-DD` and nothing else.
fn date(word: &str) -> Option<Date> {
    (word.len() == 10).then(|| word.parse().ok()).flatten()
}

/// Whether a text names an issue: `#12`, `issue 12`, or the address of one.
fn is_tracked(text: &str) -> bool {
    let number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let mut before = String::new();
    for word in text.split_whitespace() {
        let mark = word.rsplit_once('#').is_some_and(|(_, after)| number(after));
        let address = [
            "/issues/",
            "/pull/",
            "/merge_requests/",
            "/browse/",
            "/discussions/",
            "/bug/",
            "crbug.com/",
            "id=",
        ];
        let link = word.contains("://") || word.contains('.');
        let link = link && address.iter().any(|part| word.split(part).skip(1).any(|after| !after.is_empty()));
        let counted = matches!(&*before, "issue" | "bug" | "ticket" | "pr") && number(word);
        if mark || link || counted {
            return true;
        }
        before = word.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    }
    false
}

/// Whether a word is the name of an issue in a tracker: `SEC-12`.
fn is_issue_key(word: &str) -> bool {
    word.trim().split_once('-').is_some_and(|(project, number)| {
        project.len() > 1
            && project.bytes().all(|byte| byte.is_ascii_uppercase())
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The notes in the comments of a file.
fn comments(text: &str, tokens: &[Token]) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    let mut open = false;
    let mut fenced = false;
    let mut last: Option<(Kind, Option<u32>, u32)> = None;
    for token in tokens {
        if !matches!(token.kind, Kind::Comment | Kind::OuterDoc | Kind::InnerDoc) {
            (open, fenced, last) = (false, false, None);
            continue;
        }
        let column = token.text(text).starts_with("//").then(|| column(text, token.start));
        let goes_on = last.is_some_and(|(kind, before, end)| {
            let between = text.get(end as usize..token.start as usize).unwrap_or("");
            kind == token.kind && before == column && column.is_some() && between.matches('\n').count() <= 1
        });
        if !goes_on {
            (open, fenced) = (false, false);
        }
        last = Some((token.kind, column, token.end));
        let mut at = token.start;
        for line in token.text(text).split_inclusive('\n') {
            let start = at;
            at += line.len() as u32;
            let line = line.trim_end().trim_end_matches("*/").trim_end();
            let said = line.trim_start_matches(|c: char| {
                c.is_whitespace() || matches!(c, '/' | '*' | '!' | '-' | '[' | '@')
            });
            if said.starts_with("```") || said.starts_with("~~~") {
                fenced = !fenced;
            }
            let marked = (!fenced || token.kind == Kind::Comment).then(|| marker(said)).flatten();
            if let Some(end) = marked {
                let from = start + (line.len() - said.len()) as u32;
                notes.push(Note {
                    span: Span::new(from, start + line.len() as u32),
                    head: said[..end].to_owned(),
                    body: said[end..].to_owned(),
                });
            }
            open = marked.is_some() || open && !said.is_empty() && !fenced && !is_another_matter(said);
            if let Some(note) = notes.last_mut().filter(|_| open && marked.is_none()) {
                note.body.push('\n');
                note.body.push_str(said);
            }
        }
    }
    notes
}

/// Whether a line begins to speak of something else: `SAFETY: …`, `NOTE: …`.
fn is_another_matter(line: &str) -> bool {
    let label = line.split_once(':').map_or("", |(label, _)| label);
    ["SAFETY", "NOTE"].iter().any(|known| label.eq_ignore_ascii_case(known))
}

/// Where the markers that a text begins with end: `TODO`, `XXX/TODO`.
fn marker(text: &str) -> Option<usize> {
    let mut end = 0;
    for part in text.split('/') {
        let length = part.bytes().position(|byte| !is_ident_byte(byte)).unwrap_or(part.len());
        if !part.get(..length).is_some_and(|word| MARKERS.contains(&word)) {
            break;
        }
        end += usize::from(end > 0) + length;
        if length < part.len() {
            break;
        }
    }
    (end > 0).then_some(end)
}

/// How far into its line a place is. It is asked of comments that end their line.
fn column(text: &str, at: u32) -> u32 {
    let before = text.get(..at as usize).unwrap_or("");
    at - before.rfind('\n').map_or(0, |newline| newline as u32 + 1)
}

/// Whether a note is about security.
fn is_security(body: &str) -> bool {
    let lower = body.to_lowercase();
    let mut words: Vec<&str> = lower
        .split_whitespace()
        .filter(|word| !word.contains("://"))
        .flat_map(|word| word.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '\'' | ':'))))
        .map(|word| word.trim_matches(['\'', ':', '_']))
        .filter(|word| !word.is_empty())
        .collect();
    if words.iter().any(|word| ASIDE.iter().any(|aside| matches(aside, word))) {
        return false;
    }
    for phrase in OTHERWISE {
        for at in places(&words, phrase) {
            words[at..at + phrase.split(' ').count()].fill("");
        }
    }
    TOPICS.iter().any(|topic| {
        let beside: Vec<usize> = topic.beside.iter().flat_map(|phrase| places(&words, phrase)).collect();
        topic.about.iter().flat_map(|phrase| places(&words, phrase)).any(|about| {
            topic.beside.is_empty()
                || beside.iter().any(|beside| *beside != about && about.abs_diff(*beside) <= NEAR)
        })
    })
}

/// Where a phrase begins among words.
fn places(words: &[&str], phrase: &str) -> Vec<usize> {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    let same = |window: &[&str]| window.iter().zip(&phrase).all(|(word, part)| matches(part, word));
    words.windows(phrase.len()).enumerate().filter(|(_, window)| same(window)).map(|(at, _)| at).collect()
}

fn matches(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(head) => word.starts_with(head),
        None => word == pattern,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::LINT;
    use crate::engine::Settings;
    use crate::fixture;

    #[test]
    fn other_ways_to_write_it_and_look_alikes() {
        LINT.sees([
            expect![[r#"
                fn f() {
                    g();
                } // FIXME: escape the HTML
                //~  ^^^^^^^^^^^^^^^^^^^^^^ `FIXME: escape the HTML` has no owner and no date
                fn g() {}
            "#]],
            expect![[r#"
                fn f() {
                    /* HACK
                //~    ^^^^ `HACK` has no owner and no date
                     * accepts every TLS connection for now,
                     * verification comes later */
                }
            "#]],
            expect![[r#"
                fn f() {
                    // XXX/TODO(msrv): this is vulnerable to
                //~    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `XXX/TODO(msrv): this is vulnerable to` has no date
                    // path traversal
                }
            "#]],
            expect![[r#"
                /// Installs it.
                ///
                /// TODO verify that the signature is that of the vendor
                //~ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `TODO verify that the signature is that of the vendor` has no owner and no date
                fn f() {}
            "#]],
            expect![[r#"
                fn f() {
                    // - [TODO] use a constant-time comparison
                //~       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `TODO] use a constant-time comparison` has no owner and no date
                }
            "#]],
            expect![[r#"
                fn f() {
                    todo!("check the certificate")
                //~ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `todo! check the certificate` has no owner and no date
                }
            "#]],
            expect![[r##"
                fn f() {
                    unimplemented!(r#"password hashing"#)
                //~ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `unimplemented! password hashing` has no owner and no date
                }
            "##]],
            expect![[r#"
                fn f() {
                    // TODO(2027-01-31): sanitize the path
                //~    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `TODO(2027-01-31): sanitize the path` has no owner
                }
            "#]],
            expect![[r#"
                fn f() {
                    // TODO(identity): zeroize the key
                //~    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `TODO(identity): zeroize the key` has no date
                }
            "#]],
            expect![[r#"
                fn f() {
                    // TODO(identity, 2027-02-30): zeroize the key
                //~    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `TODO(identity, 2027-02-30): zeroize the key` has no date
                }
            "#]],
            expect![[r#"
                macro_rules! m {
                    () => {{
                        // TODO: prevent use-after-free
                //~        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `TODO: prevent use-after-free` has no owner and no date
                    }};
                }
            "#]],
        ]);
        LINT.is_silent_about(&[
            "fn f() {\n    // TODO(identity 2027-01-31): zeroize the key\n}",
            "fn f() {\n    // TODO @identity, 2027-01-31: zeroize the key\n}",
            "fn f() {\n    // TODO(#12): zeroize the key\n    // FIXME: zeroize the key (org/repo#12)\n}",
            "fn f() {\n    // TODO: zeroize the key,\n    // see https://github.com/org/repo/issues/12\n}",
            "fn f() {\n    // TODO(SEC-12): zeroize the key\n}",
            "/// A `TODO: check the signature` in a comment is told. See the TODO on signatures to verify.\nfn f() {}",
            "/// ```\n/// // TODO: check the signature\n/// ```\nfn f() {}",
            "fn f() {\n    // TODO: make the constant-time comparison faster\n}",
            "fn f() {\n    // TODO: verify that function signatures agree\n}",
            "fn f() {\n    // TODO: split this up\n\n    // The signature was checked above.\n}",
            "fn f() {\n    // TODO: split this up\n    // SAFETY: no untrusted value comes here.\n}",
            "fn f() { let s = \"XXX-XX: TODO check the signature\"; }",
            "fn f() {\n    // TODOS: zeroize\n    // todo: zeroize\n    // Zeroized above, TODO no more\n}",
            "fn f() {\n    // TODO: lookup in constant time\n}",
            "#[cfg(test)]\nmod tests {\n    // TODO: check the signature\n}",
            "fn f() { todo!(\"the rest of the table\") }",
        ]);
    }

    #[test]
    fn a_promise_is_told_from_the_day_after_on() {
        let text = "fn f() {\n    // TODO(identity, 2026-11-23): check the signature\n}";
        let files = [("src/lib.rs".to_owned(), text.to_owned())];
        let on = |day: &str| {
            let now = day.parse().expect("a time");
            let settings = Settings { lints: vec![&LINT], ..Settings::all(now) };
            let findings = fixture::check_with(&files, &settings).findings;
            findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
        };
        assert_eq!(on("2026-11-23T23:59:59Z"), [""; 0]);
        assert_eq!(
            on("2026-11-24T00:00:00Z"),
            ["`TODO(identity, 2026-11-23): check the signature` was due on 2026-11-23"]
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        let text = "fn f() {\n    // TODO check the signature\n    // FIXME(a): zeroize\n    // XXX(2027-01-31): zeroize\n    \
            a(todo!(\"zeroize\"));\n}";
        assert_eq!(
            fixture::found(&LINT, text),
            "2:8 `TODO check the signature` has no owner and no date\n\
             3:8 `FIXME(a): zeroize` has no date\n\
             4:8 `XXX(2027-01-31): zeroize` has no owner\n\
             5:7 `todo! zeroize` has no owner and no date"
        );
    }
}
