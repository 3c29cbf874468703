//! The identity of a finding, and its place for people.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::finding::{Draft, Finding, LintRef, Position, Span};
use crate::lint::{Confidence, Lint};
use crate::outline::lexer::{Kind, Lexer, Token};
use crate::outline::{Item, ItemKind, Outline};
use crate::subject::{Role, SourceFile, item_path, joined};

/// Where lines start, so that offsets become positions.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<u32>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Lines<'a> {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1);
        Lines { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    pub(crate) fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.text.len() as u32);
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts[line - 1] as usize;
        let before = self.text.get(start..offset as usize).unwrap_or("");
        Position { line: line as u32, column: before.chars().count() as u32 + 1 }
    }
}

/// What is common to the findings of one file.
pub(crate) struct Place<'a> {
    pub(crate) file: &'a Arc<str>,
    pub(crate) text: &'a str,
    pub(crate) package: Option<Arc<str>>,
    /// The outline, where the file is Rust.
    pub(crate) source: Option<&'a SourceFile>,
}

impl Place<'_> {
    /// Completes drafts. Ordinals are given in the order of places, per lint.
    pub(crate) fn complete(&self, mut drafts: Vec<(&'static Lint, Draft)>) -> Vec<Finding> {
        if drafts.is_empty() {
            return Vec::new();
        }
        drafts.sort_by(|(a, x), (b, y)| (a.name, x.span).cmp(&(b.name, y.span)));
        let lines = Lines::new(self.text);
        let mut equals: FxHashMap<[u8; 32], u32> = FxHashMap::default();
        let mut statements = FxHashMap::default();
        let mut complete = |(lint, draft): (&'static Lint, Draft)| {
            let item = draft.item.clone().unwrap_or_else(|| self.item(draft.span));
            let statement =
                draft.statement.clone().unwrap_or_else(|| self.statement(&mut statements, draft.span));
            // A statement may hold two findings of one lint: what each points at tells them apart, so
            // that the one that is left never takes the place of the one that was mended.
            let within = match draft.statement {
                Some(_) => String::new(),
                None => self.within(&mut statements, draft.span),
            };
            // What belongs to no package is told apart by its file: two workflows are two documents.
            let package = self.package.as_deref().unwrap_or(self.file);
            let base = hash(&[lint.name, package, &item, &statement, &within]);
            let ordinal = equals.entry(base).or_insert(0);
            let id = hash(&[&hex(&base), &ordinal.to_string()]);
            *ordinal += 1;
            Finding {
                lint: LintRef(lint),
                file: self.file.clone(),
                package: self.package.clone(),
                item,
                span: draft.span,
                start: lines.position(draft.span.start),
                end: lines.position(draft.span.end),
                message: draft.message,
                label: draft.label,
                labels: draft.labels,
                help: draft.help,
                fix: draft.fix.map(|fix| fix.tidied(self.text)),
                id: format!("v1:{}", &hex(&id)[..32]),
                tokens: format!("{}-{}", &hex(&hash(&[&statement]))[..16], &hex(&hash(&[&within]))[..8]),
                confidence: if draft.weaker { Confidence::Medium } else { lint.confidence },
                due: draft.due,
            }
        };
        drafts.into_iter().map(&mut complete).collect()
    }

    fn item(&self, span: Span) -> String {
        let Some(source) = self.source else { return String::new() };
        match source.outline.item_at(span.start) {
            // The first item begins with what the file says of itself, and that is none of its business.
            Some(item) if source.outline.file_attribute_at(span).is_none() => item_path(source, item),
            _ => source.module.join("::"),
        }
    }

    /// The tokens of the statement around a place, comments and layout left out; outside Rust, the
    /// words of the lines.
    fn statement(&self, known: &mut Known, span: Span) -> String {
        match self.source {
            Some(source) => match source.outline.file_attribute_at(span) {
                Some(attribute) => {
                    let text = self.text.get(..attribute.end as usize).unwrap_or("");
                    let tokens = Lexer::from_offset(text, attribute.start).filter(|token| !is_comment(token));
                    joined(tokens.map(|token| token.text(text)).take(MOST_TOKENS))
                }
                None => self.statements(source, known, span).around(self.text, span),
            },
            None => words(self.text, span),
        }
    }

    /// The tokens of the place itself; outside Rust, its words.
    fn within(&self, known: &mut Known, span: Span) -> String {
        // What stands behind the place is cut off, as a part of a literal may open another one.
        let text = self.text.get(..span.end as usize).unwrap_or("");
        let Some(source) = self.source else {
            let place = text.get(span.start as usize..).unwrap_or("");
            return place.split_whitespace().collect::<Vec<_>>().join(" ");
        };
        // A place that begins inside a literal: what stands between that one and the next is no literal.
        let known = self.statements(source, known, span);
        let end = known.token_around(span.start).map_or(span.start, |token| token.end.min(span.end));
        let head = text.get(..end as usize).unwrap_or("");
        let head = Lexer::from_offset(head, span.start).map(|token| token.text(head));
        let rest = Lexer::from_offset(text, end).filter(|token| !is_comment(token));
        joined(head.chain(rest.map(|token| token.text(text))).take(MOST_TOKENS))
    }

    /// The statements of the item around a place.
    fn statements<'k>(&self, source: &SourceFile, known: &'k mut Known, span: Span) -> &'k Statements {
        let item = source.outline.item_at(span.start);
        let around = item.map_or(Span::new(0, u32::MAX), |item| source.outline.items[item as usize].span);
        known.entry(item).or_insert_with(|| Statements::new(self.text, around))
    }
}

fn is_comment(token: &Token) -> bool {
    matches!(token.kind, Kind::Comment | Kind::OuterDoc | Kind::InnerDoc)
}

/// Whether a file holds an item, by the path that findings in it have. Outside Rust an item is told
/// by its words. Where its file is a module is not known here, so any item that may be meant counts.
pub fn has_item(path: &str, text: &str, item: &str) -> bool {
    if !path.ends_with(".rs") {
        return item.rsplit(['.', ' ']).next().is_none_or(|word| text.contains(word));
    }
    let file = SourceFile {
        path: path.into(),
        text: text.into(),
        outline: Outline::new(text, &[]),
        role: Role::Library,
        module: Vec::new(),
        test: false,
        in_target: false,
        target: None,
        krate: "".into(),
        generated: false,
        asked: Default::default(),
    };
    // What a macro defines has no item of its own here, so its name is enough.
    let name = item.rsplit("::").next().unwrap_or(item);
    let in_macro = |item: &Item| {
        let is_macro = matches!(item.kind, ItemKind::MacroRules | ItemKind::MacroCall);
        is_macro
            && Lexer::new(file.snippet(item.span)).any(|token| token.text(file.snippet(item.span)) == name)
    };
    file.outline.items.iter().any(in_macro)
        || (0u32..).take(file.outline.items.len()).any(|number| {
            let local = item_path(&file, number);
            let rest = item.strip_suffix(&local).filter(|_| !local.is_empty());
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
        })
}

/// Gives findings with equal identities different ones: what stands in the first file keeps its own,
/// what stands in others is known by its file as well, and what one file holds several times (two
/// certificates of one name, each looked at by itself) by its order.
pub(crate) fn distinguish(findings: &mut [Finding]) {
    let mut first: FxHashMap<String, Arc<str>> = FxHashMap::default();
    for finding in &*findings {
        let file = first.entry(finding.id.clone()).or_insert_with(|| finding.file.clone());
        if finding.file < *file {
            *file = finding.file.clone();
        }
    }
    for finding in &mut *findings {
        if first.get(&finding.id).is_some_and(|file| *file != finding.file) {
            finding.id = format!("v1:{}", &hex(&hash(&[&finding.id, &finding.file]))[..32]);
        }
    }
    let mut places: FxHashMap<String, BTreeSet<(Span, String)>> = FxHashMap::default();
    for finding in &*findings {
        places.entry(finding.id.clone()).or_default().insert((finding.span, finding.message.clone()));
    }
    for finding in findings {
        let equals = places.get(&finding.id).map_or(0, |equals| {
            equals.iter().take_while(|place| (place.0, &place.1) != (finding.span, &finding.message)).count()
        });
        if equals > 0 {
            finding.id = format!("v1:{}", &hex(&hash(&[&finding.id, &equals.to_string()]))[..32]);
        }
    }
}

/// A span that holds whole blocks identifies by what it holds, up to a bound.
const MOST_TOKENS: usize = 2_000;

/// The statements of the items of a file that have findings.
type Known = FxHashMap<Option<u32>, Statements>;

/// The statements of an item, lexed once for all findings in it.
struct Statements {
    /// All tokens but comments, up to the first boundary behind the item.
    tokens: Vec<Token>,
    /// The positions of those that end a statement: a `;`, `{` or `}` that is in no list.
    boundaries: Vec<usize>,
    /// The first token of the first statement that is longer than any is read.
    endless: Option<usize>,
}

impl Statements {
    fn new(text: &str, item: Span) -> Statements {
        let mut found = Statements { tokens: Vec::new(), boundaries: Vec::new(), endless: None };
        let mut open: Vec<u8> = Vec::new();
        let mut first = 0;
        for token in Lexer::from_offset(text, item.start).filter(|token| !is_comment(token)) {
            let byte = if token.kind == Kind::Punct { text.as_bytes()[token.start as usize] } else { 0 };
            match byte {
                b'(' | b'[' | b'{' => open.push(byte),
                b')' | b']' | b'}' => {
                    open.pop();
                }
                _ => {}
            }
            let in_list = byte == b';' && open.last() == Some(&b'[');
            let at = found.tokens.len();
            found.tokens.push(token);
            if matches!(byte, b';' | b'{' | b'}') && !in_list {
                found.boundaries.push(at);
                first = at + 1;
                if token.start >= item.end {
                    break;
                }
            } else if at - first >= MOST_TOKENS {
                found.endless.get_or_insert(first);
            }
        }
        found
    }

    /// The token that a place lies in, where it does not begin there.
    fn token_around(&self, at: u32) -> Option<&Token> {
        let after = self.tokens.partition_point(|token| token.start < at);
        self.tokens[..after].last().filter(|token| token.end > at)
    }

    /// The statement around a span: from behind the last boundary before it to the next behind it.
    fn around(&self, text: &str, span: Span) -> String {
        let boundary = |at: &usize| self.tokens[*at];
        let before = self.boundaries.partition_point(|at| boundary(at).end <= span.start);
        let behind = span.end.max(span.start + 1);
        let after = self.boundaries.partition_point(|at| boundary(at).start < behind);
        let first = before.checked_sub(1).map_or(0, |before| self.boundaries[before] + 1);
        let end = self.boundaries.get(after).copied().unwrap_or(self.tokens.len());
        // What stands behind an endless statement is known by that one.
        let first = self.endless.map_or(first, |endless| endless.min(first));
        let end = if self.endless == Some(first) { first + MOST_TOKENS + 1 } else { end };
        let tokens = self.tokens.get(first..end.min(first + MOST_TOKENS + 1)).unwrap_or(&[]);
        joined(tokens.iter().map(|token| token.text(text)))
    }
}

fn words(text: &str, span: Span) -> String {
    let start = text.get(..span.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end = (span.end as usize).max(start).min(text.len());
    let end = text.get(end..).and_then(|after| after.find('\n')).map_or(text.len(), |at| end + at);
    text.get(start..end).unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn hash(parts: &[&str]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str, what: &str) -> String {
        let at = text.find(what).expect("the text holds it") as u32;
        Statements::new(text, Span::new(0, u32::MAX)).around(text, Span::new(at, at + what.len() as u32))
    }

    #[test]
    fn a_statement_is_what_stands_between_its_neighbours() {
        assert_eq!(around("fn f() { a(); let k = [0; 32]; b(k) }", "32"), "let k = [ 0 ; 32 ]");
        assert_eq!(around("fn f() { a(); x.map(|y| { go(y); }) }", "go"), "go ( y )");
        assert_eq!(around("fn f() { /* c */ a( 1,\n 2 ); b() }", "a"), "a ( 1 , 2 )");
    }

    #[test]
    fn a_comma_that_layout_asks_for_is_no_part_of_a_statement() {
        assert_eq!(around("a(1, [2, 3,], S { x, },);", "1"), around("a(1, [2, 3], S { x });", "1"));
        assert_eq!(around("S { x: bad(), }", "bad"), around("S { x: bad() }", "bad"));
        assert_ne!(around("a(1, 2);", "1"), around("a(1 2);", "1"));
    }

    #[test]
    fn what_a_file_says_of_itself_is_no_part_of_its_first_item() {
        let found = |text: &str| {
            let report = crate::fixture::check(&[("src/lib.rs".to_owned(), text.to_owned())]);
            let of = |name: &str| report.findings.iter().find(|found| found.lint.name == name).cloned();
            of("suppressed_security_lints").map(|found| (found.id, found.tokens, found.item))
        };
        let first = found("#![allow(warnings)]\npub fn f() {}\npub static S: u8 = 1;");
        assert!(first.as_ref().is_some_and(|(_, _, item)| item.is_empty()), "{first:?}");
        assert_eq!(first, found("#![allow(warnings)]\n\npub static S: u8 = 1;\npub fn f() {}"));
        assert_ne!(first, found("#![allow(warnings, unused_must_use)]\npub fn f() {}"));
    }

    #[test]
    fn layout_between_the_parts_of_a_literal_changes_no_identity() {
        let lint = &crate::lints::secrets::hardcoded_tokens::LINT;
        let id = |between: &str| {
            let text = format!("const K: &str = concat!(\"AKIA\",{between}\"Q7ZPLM2XW4TRBN6K\");");
            let settings = crate::engine::Settings {
                lints: vec![lint],
                ..crate::engine::Settings::all(crate::fixture::now())
            };
            let files = [("src/lib.rs".to_owned(), text)];
            crate::fixture::check_with(&files, &settings).findings.first().map(|found| found.id.clone())
        };
        assert!(id(" ").is_some());
        assert_eq!(id(" "), id("\n    "));
    }

    fn ids(text: &str) -> Vec<String> {
        let files = [("src/lib.rs".to_owned(), text.to_owned())];
        let lint = &crate::lints::transport::tls_verification_disabled::LINT;
        let settings = crate::engine::Settings {
            lints: vec![lint],
            ..crate::engine::Settings::all(crate::fixture::now())
        };
        let report = crate::fixture::check_with(&files, &settings);
        report.findings.into_iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn what_is_left_in_a_statement_does_not_take_the_identity_of_what_was_mended() {
        // Beyond the bound a statement's own tokens do not change any more.
        let table =
            |switches: &str| format!("fn f() {{ all([{}{switches}]); }}", "0, ".repeat(super::MOST_TOKENS));
        let both =
            ids(&table("b.danger_accept_invalid_certs(true), b.danger_accept_invalid_hostnames(true)"));
        let left = ids(&table("b.danger_accept_invalid_hostnames(true)"));
        assert_eq!((both.len(), left.len()), (2, 1));
        assert_ne!(both[0], both[1]);
        assert_eq!(both[1], left[0]);
    }

    #[test]
    fn equal_places_have_identities_of_their_own() {
        let once = "let a = b.danger_accept_invalid_certs(true);";
        let ids = ids(&format!(
            "fn f() {{ {once} {once} (b.danger_accept_invalid_certs(true), b.danger_accept_invalid_certs(true)); }}"
        ));
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!((ids.len(), unique.len()), (4, 4), "{ids:?}");
    }

    #[test]
    fn findings_of_one_file_that_were_made_apart_are_told_apart() {
        let pem = |text: &str| {
            crate::fixture::examples(&crate::lints::transport::expiring_embedded_certificates::LINT)
                .into_iter()
                .filter(|example| example.bad)
                .flat_map(|example| example.files)
                .find(|(path, _)| path.ends_with(text))
        };
        let Some((path, text)) = pem(".pem") else { panic!("no certificate among the examples") };
        let report = crate::fixture::check(&[(path, format!("{text}{text}"))]);
        let ids: BTreeSet<&String> = report.findings.iter().map(|finding| &finding.id).collect();
        assert!(report.findings.len() >= 2, "{:?}", report.findings);
        assert_eq!(ids.len(), report.findings.len(), "{:?}", report.findings);
    }

    #[test]
    fn an_item_is_there_as_long_as_anything_of_its_name_may_be() {
        let text =
            "fn a() {} mod m { impl S { fn b() {} } } macro_rules! n { () => { pub fn c() {} } }\nn!();";
        for item in ["a", "net::a", "m::<S>::b", "net::m::<S>::b", "c", "net::c"] {
            assert!(has_item("src/net.rs", text, item), "{item}");
        }
        for item in ["b", "m::a2", "d"] {
            assert!(!has_item("src/net.rs", text, item), "{item}");
        }
        assert!(has_item(".github/workflows/ci.yml", "jobs:\n  build:", "jobs.build"));
        assert!(!has_item(".github/workflows/ci.yml", "jobs:\n  test:", "jobs.build"));
    }

    #[test]
    fn positions_count_characters() {
        let lines = Lines::new("äö x\ny");
        assert_eq!(lines.position(5), Position { line: 1, column: 4 });
        assert_eq!(lines.position(7), Position { line: 2, column: 1 });
    }
}
