//! GitHub workflows and actions: YAML events into a tree with byte spans.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::files::{Files, read_text, unchecked};
use super::tree::{extension_of, folder_of, name_of, stem_of};
use crate::finding::{Position, Span};
use crate::report::Unchecked;
use crate::subject::{Entry, Node, Workflow};

/// No workflow nests that deep; the limit keeps every later walk of the tree off the stack's end.
const DEEPEST: usize = 64;
/// Aliases repeat what they name, and a few lines of them could stand for terabytes.
const MOST_NODES: usize = 1_000_000;

/// Whether a file is a workflow or an action, by where GitHub looks for them.
pub(super) fn is_workflow(path: &str) -> bool {
    let yaml = matches!(extension_of(path), "yml" | "yaml");
    yaml && (stem_of(path) == "action" || is_workflow_folder(folder_of(path)))
}

/// GitHub runs workflows only from the top of a repository; copies elsewhere are samples.
fn is_workflow_folder(folder: &str) -> bool {
    folder == ".github/workflows"
}

/// Reads one workflow or action.
pub(super) fn read(path: &Arc<str>, files: &dyn Files) -> Result<Workflow, Unchecked> {
    let text = read_text(files, path)?;
    let root = parse(&text).map_err(|(reason, at)| Unchecked { at, ..unchecked(path, reason) })?;
    let is_action = name_of(path).starts_with("action.") && folder_of(path) != ".github/workflows";
    Ok(Workflow { path: path.clone(), text: text.into(), root, is_action })
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
        if self.text.len() == 0 || self.bytes.is_empty() {
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
