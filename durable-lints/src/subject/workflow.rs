//! GitHub workflows and composite actions.

use std::sync::Arc;

use crate::vocabulary::Span;

/// One workflow (`.github/workflows/*.yml`) or action (`action.yml`), parsed with spans.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// Relative to the workspace root, with `/` between its parts.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// The top of the file.
    pub root: Node,
    /// Whether it is an action (`action.yml`), which has `runs` in place of `jobs`.
    pub is_action: bool,
}

/// A value of a YAML file and its place. Aliases have been replaced by what they name; such a node
/// has the alias' place, and what is in it has the place of the original.
#[derive(Clone, Debug, Default)]
pub struct Node {
    span: Span,
    value: Value,
    /// How many nodes it stands for, itself included.
    weight: usize,
}

#[derive(Clone, Debug)]
enum Value {
    Scalar { text: Arc<str>, plain: bool },
    Sequence(Arc<[Node]>),
    Mapping(Arc<[Entry]>),
}

impl Default for Value {
    fn default() -> Value {
        Value::Scalar { text: "".into(), plain: true }
    }
}

/// One `key: value` of a mapping.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key, most often a scalar.
    pub key: Node,
    /// The value.
    pub value: Node,
}

impl Entry {
    /// The key's text; empty where the key is no scalar.
    pub fn name(&self) -> &str {
        self.key.as_str().unwrap_or("")
    }

    /// Key and value.
    pub fn span(&self) -> Span {
        self.key.span.to(self.value.span)
    }
}

impl Node {
    /// Where it stands, without the space after it. Quotes belong to it; the `|` or `>` of a block
    /// scalar does not.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The value of a key; `None` where there is none, and where this is no mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// A key with its value.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        // YAML 1.1 readers take an unquoted `on` for true; here it stays the word that was written.
        self.entries().iter().find(|entry| entry.key.as_str() == Some(key))
    }

    /// The keys and values of a mapping in file order; none where this is no mapping.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The values of a sequence; none where this is no sequence.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar, whatever its type, with quotes and block indentation taken away.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// An unquoted `true` or `false`.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar { text, plain: true } => match &**text {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether nothing is written here, or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(&**text, "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Whether this is a mapping.
    pub fn is_mapping(&self) -> bool {
        matches!(self.value, Value::Mapping(_))
    }

    /// The texts of a sequence of scalars, or the text of a single one: GitHub takes both for
    /// `on`, `needs`, `runs-on` and `branches`.
    pub fn texts(&self) -> Vec<&str> {
        match &self.value {
            Value::Scalar { text, .. } => vec![text],
            Value::Sequence(items) => items.iter().filter_map(Node::as_str).collect(),
            Value::Mapping(entries) => entries.iter().map(Entry::name).collect(),
        }
    }

    pub(crate) fn scalar(span: Span, text: &str, plain: bool) -> Node {
        Node { span, value: Value::Scalar { text: text.into(), plain }, weight: 1 }
    }

    pub(crate) fn sequence(span: Span, items: Vec<Node>) -> Node {
        let weight = items.iter().fold(1usize, |sum, item| sum.saturating_add(item.weight));
        Node { span, weight, value: Value::Sequence(items.into()) }
    }

    pub(crate) fn mapping(span: Span, entries: Vec<Entry>) -> Node {
        let both = |entry: &Entry| entry.key.weight.saturating_add(entry.value.weight);
        let weight = entries.iter().fold(1usize, |sum, entry| sum.saturating_add(both(entry)));
        Node { span, weight, value: Value::Mapping(entries.into()) }
    }

    pub(crate) fn aliased(self, span: Span) -> Node {
        Node { span, ..self }
    }

    pub(crate) fn weight(&self) -> usize {
        self.weight
    }
}
