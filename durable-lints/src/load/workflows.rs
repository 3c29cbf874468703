//! GitHub workflows and actions: YAML events into a tree with byte spans.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::Selected;
use super::files::{Files, read_text, unchecked};
use super::tree::{extension_of, folder_of, stem_of};
use crate::report::Unchecked;
use crate::subject::{Entry, Node, Workflow};
use crate::vocabulary::{Position, Span};

/// No workflow nests that deep; the limit keeps every later walk of the tree off the stack's end.
const DEEPEST: usize = 64;
/// Aliases repeat what they name, and a few lines of them could stand for terabytes.
const MOST_NODES: usize = 1_000_000;

/// Whether a file is a workflow or an action, by where GitHub looks for them: workflows run only
/// from the top of a repository, and copies elsewhere are samples.
pub(super) fn is_workflow(path: &str, tops: &[Selected]) -> bool {
    let yaml = matches!(extension_of(path), "yml" | "yaml");
    let folder = folder_of(path);
    let is_top = || {
        folder == WORKFLOWS
            || tops.iter().any(|top| folder.strip_prefix(&*top.path) == Some("/.github/workflows"))
    };
    yaml && (is_action(path) || folder.ends_with(WORKFLOWS) && is_top())
}

const WORKFLOWS: &str = ".github/workflows";

fn is_action(path: &str) -> bool {
    stem_of(path) == "action" && !folder_of(path).ends_with(WORKFLOWS)
}

/// Reads one workflow or action.
pub(super) fn read(path: &Arc<str>, files: &dyn Files) -> Result<Workflow, Unchecked> {
    let text = read_text(files, path)?;
    let root = parse(&text).or_else(|error| parse(&with_brackets_closed(&text)).map_err(|_| error));
    let root = root.map_err(|(reason, at)| Unchecked { at, ..unchecked(path, reason) })?;
    Ok(Workflow { path: path.clone(), text: text.into(), root, is_action: is_action(path) })
}

/// The text with closing brackets on the line before, each byte where it was. YAML wants them
/// indented further than the key above; GitHub does not mind.
fn with_brackets_closed(text: &str) -> String {
    let mut closed = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with([']', '}']) && closed.ends_with('\n') {
            closed.pop();
            closed.push(' ');
        }
        closed.push_str(line);
    }
    closed
}

/// Parses the first document of a YAML text.
pub(super) fn parse(text: &str) -> Result<Node, (String, Option<Position>)> {
    let mut builder = Builder::new(text);
    let mut parser = Parser::new_from_str(text);
    // The parser's own `load` recurses; its events do not.
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| not_yaml(&error))?;
        let at = Position { line: span.start.line() as u32, column: span.start.col() as u32 + 1 };
        let span = builder.offsets.span(span.start.index(), span.end.index());
        if builder.take(event, span).map_err(|reason| (reason.to_owned(), Some(at)))? {
            break;
        }
    }
    Ok(builder.root.unwrap_or_default())
}

fn not_yaml(error: &ScanError) -> (String, Option<Position>) {
    let marker = error.marker();
    let at = Position { line: marker.line().max(1) as u32, column: marker.col() as u32 + 1 };
    (format!("this is not valid YAML: {}", error.info()), Some(at))
}

/// From the parser's character counts to bytes.
struct Offsets<'a> {
    text: &'a str,
    /// The byte offset of each character; empty where each is one byte.
    bytes: Vec<u32>,
}

impl Offsets<'_> {
    fn new(text: &str) -> Offsets<'_> {
        let bytes =
            if text.is_ascii() { vec![] } else { text.char_indices().map(|(at, _)| at as u32).collect() };
        Offsets { text, bytes }
    }

    fn byte(&self, index: usize) -> u32 {
        let whole = self.text.len();
        if self.bytes.is_empty() {
            return index.min(whole) as u32;
        }
        self.bytes.get(index).copied().unwrap_or(whole as u32)
    }

    /// The span without the space that block scalars and mappings end with.
    fn span(&self, start: usize, end: usize) -> Span {
        let span = Span::new(self.byte(start), self.byte(end.max(start)));
        let text = self.text.get(span.range()).unwrap_or("");
        Span::new(span.start, span.start + text.trim_end().len() as u32)
    }
}

/// A sequence or mapping that is still open.
struct Open {
    anchor: usize,
    start: Span,
    is_mapping: bool,
    children: Vec<Node>,
}

struct Builder<'a> {
    offsets: Offsets<'a>,
    open: Vec<Open>,
    /// What each anchor names, and how many nodes that is.
    anchors: FxHashMap<usize, Node>,
    nodes: usize,
    root: Option<Node>,
}

impl Builder<'_> {
    fn new(text: &str) -> Builder<'_> {
        let offsets = Offsets::new(text);
        Builder { offsets, open: vec![], anchors: FxHashMap::default(), nodes: 0, root: None }
    }

    /// Takes one event; true once the first document is complete.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<bool, &'static str> {
        match event {
            Event::DocumentEnd => return Ok(true),
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                self.close(Node::scalar(span, &text, plain), anchor)?;
            }
            Event::Alias(anchor) => {
                let named = self.anchors.get(&anchor).ok_or("the alias names nothing")?;
                let node = named.clone().aliased(span);
                self.close(node, 0)?;
            }
            Event::SequenceStart(anchor, _) => self.enter(anchor, span, false)?,
            Event::MappingStart(anchor, _) => self.enter(anchor, span, true)?,
            Event::SequenceEnd | Event::MappingEnd => self.leave(span)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
        Ok(false)
    }

    fn enter(&mut self, anchor: usize, start: Span, is_mapping: bool) -> Result<(), &'static str> {
        if self.open.len() >= DEEPEST {
            return Err("the file nests too deep");
        }
        self.open.push(Open { anchor, start, is_mapping, children: vec![] });
        Ok(())
    }

    fn leave(&mut self, end: Span) -> Result<(), &'static str> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let last = open.children.last().map_or(open.start, |node| node.span());
        // A flow collection ends with its bracket; a block ends with its last entry.
        let span = open.start.to(last).to(if end.is_empty() { last } else { end });
        let node = if open.is_mapping {
            let mut children = open.children.into_iter();
            let mut entries = Vec::new();
            while let (Some(key), Some(value)) = (children.next(), children.next()) {
                entries.push(Entry { key, value });
            }
            Node::mapping(span, entries)
        } else {
            Node::sequence(span, open.children)
        };
        self.close(node, open.anchor)
    }

    fn close(&mut self, node: Node, anchor: usize) -> Result<(), &'static str> {
        self.nodes = self.nodes.saturating_add(node.weight());
        if node.weight() > MOST_NODES || self.nodes > MOST_NODES * DEEPEST {
            return Err("the aliases of this file stand for too much");
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each scalar's path with the text that its span covers.
    fn spans(text: &str) -> Vec<String> {
        fn visit(node: &Node, at: String, text: &str, out: &mut Vec<String>) {
            for entry in node.entries() {
                assert_eq!(text[entry.key.span().range()].trim_matches(['\'', '"']), entry.name());
                visit(&entry.value, format!("{at}.{}", entry.name()), text, out);
            }
            for (number, item) in node.items().iter().enumerate() {
                visit(item, format!("{at}[{number}]"), text, out);
            }
            if node.as_str().is_some() || node.entries().is_empty() && node.items().is_empty() {
                out.push(format!("{at} = {:?}", &text[node.span().range()]));
            }
        }
        let mut out = Vec::new();
        visit(&parse(text).unwrap(), String::new(), text, &mut out);
        out
    }

    #[test]
    fn a_bracket_may_close_where_its_key_stands() {
        let text = "jobs:\n  a:\n    matrix:\n      target: [\n        \"x\"\n      ]\n    name: b\n";
        assert!(parse(text).is_err());
        let closed = with_brackets_closed(text);
        assert_eq!(closed.len(), text.len());
        assert_eq!(spans(&closed), [".jobs.a.matrix.target[0] = \"\\\"x\\\"\"", ".jobs.a.name = \"b\""]);
    }

    #[test]
    fn spans_are_bytes_of_the_text() {
        let text = "# übung ✓\r\non: [push, 'pull_request']\r\njobs:\r\n  build: # ✓\r\n    name: \"ä b\"\r\n    steps:\r\n    - run: |\r\n        echo ü\r\n\r\n    - uses: a/b@v1 # why\r\n";
        assert_eq!(
            spans(text),
            [
                ".on[0] = \"push\"",
                ".on[1] = \"'pull_request'\"",
                ".jobs.build.name = \"\\\"ä b\\\"\"",
                ".jobs.build.steps[0].run = \"echo ü\"",
                ".jobs.build.steps[1].uses = \"a/b@v1\"",
            ]
        );
        let root = parse(text).unwrap();
        let steps = root.get("jobs").and_then(|jobs| jobs.get("build")?.entry("steps")).unwrap();
        assert!(
            text[steps.span().range()].starts_with("steps:")
                && text[steps.span().range()].ends_with("a/b@v1")
        );
        assert_eq!(&text[root.get("on").unwrap().span().range()], "[push, 'pull_request']");
    }

    #[test]
    fn scalars_keep_what_was_written() {
        let root = parse("on: true\nname: 'true'\nempty:\nnumber: 010\ntext: >-\n  a\n  b\n").unwrap();
        assert_eq!(root.get("on").and_then(Node::as_bool), Some(true));
        assert_eq!(root.get("name").and_then(Node::as_bool), None);
        assert!(root.get("empty").is_some_and(Node::is_null));
        assert_eq!(root.get("number").and_then(Node::as_str), Some("010"));
        assert_eq!(root.get("text").and_then(Node::as_str), Some("a b"));
    }

    #[test]
    fn aliases_stand_for_what_they_name() {
        let text = "a: &x { b: c }\nd: *x\n";
        let root = parse(text).unwrap();
        let alias = root.get("d").unwrap();
        assert_eq!(alias.get("b").and_then(Node::as_str), Some("c"));
        assert_eq!(&text[alias.span().range()], "*x");
    }

    #[test]
    fn hostile_files_are_refused() {
        let reason = |text: &str| parse(text).unwrap_err().0;
        assert_eq!(reason(&"- ".repeat(100_000)), "the file nests too deep");
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&"{a: ".repeat(100_000)).is_err());
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..30 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            laughs += &format!("a{level}: &a{level} [{}]\n", before.trim_end_matches(", "));
        }
        assert_eq!(reason(&laughs), "the aliases of this file stand for too much");
        for text in [
            "",
            "\0",
            "\u{feff}on: push",
            "---\n...\n---",
            "? [a]\n: b",
            "*x",
            "!!binary |\n  x",
            "&a *a",
            "%YAML 9\n",
            "\t- x",
        ] {
            let _ = parse(text);
        }
    }

    #[test]
    fn no_mutation_of_a_workflow_panics() {
        let text = "on: { push: [a, \"b\"] }\njobs:\n  x: &y\n    - run: |\n        é\n    - *y\n? k\n: >-\n  t\n--- !t\n'q': \"\\u00e9\"\n";
        let characters: Vec<char> = text.chars().collect();
        for at in 0..characters.len() {
            for put in [
                "", "\n", "\t", " ", ":", "-", "[", "]", "{", "}", "*", "&", "!", "|", "'", "\"", "%", "#",
                "\u{feff}", "✓", "\0",
            ] {
                let mut mutated: String = characters[..at].iter().collect();
                mutated += put;
                mutated.extend(&characters[at + 1..]);
                let _ = parse(&mutated);
                let _ = parse(&mutated[..mutated.floor_char_boundary(at)]);
            }
        }
    }
}
