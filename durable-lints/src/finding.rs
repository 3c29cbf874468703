//! What a lint says: a place, a message, labels, help and a fix.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::fix::Fix;
use crate::lint::{Confidence, Lint};

pub use crate::vocabulary::{Position, Span};

/// A further place that a finding points to, in the same file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there.
    pub text: String,
}

/// One lint at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The lint that speaks.
    pub lint: LintRef,
    /// The file, relative to the workspace root, with `/` between its parts.
    pub file: Arc<str>,
    /// The package the file belongs to, where it belongs to one.
    pub package: Option<Arc<str>>,
    /// The item or table around the place: `auth::Tokens::verify`, `dependencies.serde`.
    pub item: String,
    /// The place itself.
    pub span: Span,
    /// Where the place starts.
    pub start: Position,
    /// Where the place ends.
    pub end: Position,
    /// What is wrong, in lower case without a full stop.
    pub message: String,
    /// What is to be seen at the place; empty repeats nothing.
    pub label: String,
    /// Further places.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// Edits that would do it.
    pub fix: Option<Fix>,
    /// Its identity: `v1:` and 32 hexadecimal digits. See `identity.rs`.
    pub id: String,
    /// Hashes of the normalised tokens of its statement and, behind a `-`, of the place in it, for
    /// matching what moved or was edited.
    pub tokens: String,
    /// How often such findings are right: the lint's confidence, or a lower one.
    pub confidence: Confidence,
    /// The last day on which there is nothing to tell yet: a result that is kept does not depend on
    /// the day on which it was made.
    pub due: Option<Date>,
}

/// A lint as findings refer to it: written as its name, read back as the registered static.
#[derive(Clone, Copy)]
pub struct LintRef(pub &'static Lint);

impl std::ops::Deref for LintRef {
    type Target = Lint;

    fn deref(&self) -> &Lint {
        self.0
    }
}

impl PartialEq for LintRef {
    fn eq(&self, other: &LintRef) -> bool {
        self.name == other.name
    }
}

impl Eq for LintRef {}

impl std::fmt::Debug for LintRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Serialize for LintRef {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de> Deserialize<'de> for LintRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<LintRef, D::Error> {
        let name = String::deserialize(deserializer)?;
        let lint = crate::lints::find(&name);
        lint.map(LintRef).ok_or_else(|| serde::de::Error::custom(format!("unknown lint `{name}`")))
    }
}

/// What a lint adds while it runs over one subject; the engine completes and sorts it.
#[derive(Debug, Default)]
pub struct Findings {
    drafts: Vec<Draft>,
    notes: Vec<String>,
    missed: Vec<String>,
}

/// A finding before the engine has given it its file, item and identity.
#[derive(Debug)]
pub struct Draft {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) label: String,
    pub(crate) labels: Vec<Label>,
    pub(crate) help: Option<String>,
    pub(crate) fix: Option<Fix>,
    pub(crate) item: Option<String>,
    pub(crate) statement: Option<String>,
    pub(crate) file: Option<Arc<str>>,
    pub(crate) weaker: bool,
    pub(crate) due: Option<Date>,
}

impl Findings {
    /// Starts a finding at a place. The message says what is wrong, in lower case.
    pub fn at(&mut self, span: Span, message: impl Into<String>) -> &mut Draft {
        self.drafts.push(Draft {
            span,
            message: message.into(),
            label: String::new(),
            labels: Vec::new(),
            help: None,
            fix: None,
            item: None,
            statement: None,
            file: None,
            weaker: false,
            due: None,
        });
        self.drafts.last_mut().expect("just pushed")
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.drafts.is_empty()
    }

    /// Says what the lint could not look at for want of knowledge, and the command that mends it. It
    /// is told once in a run, however many subjects it concerns.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Says that the lint could not look at all, and the command that mends it. It is told where the
    /// lint denies or somebody set its level; what exempts from it is not called unused.
    pub fn could_not_look(&mut self, reason: impl Into<String>) {
        self.missed.push(reason.into());
    }

    pub(crate) fn take_missed(&mut self) -> Vec<String> {
        std::mem::take(&mut self.missed)
    }

    pub(crate) fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    pub(crate) fn take(&mut self) -> Vec<Draft> {
        std::mem::take(&mut self.drafts)
    }
}

impl Draft {
    /// Says what is to be seen at the place itself.
    pub fn primary(&mut self, text: impl Into<String>) -> &mut Draft {
        self.label = text.into();
        self
    }

    /// Points to a further place in the same file.
    pub fn label(&mut self, span: Span, text: impl Into<String>) -> &mut Draft {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says what to do.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Draft {
        self.help = Some(text.into());
        self
    }

    /// Offers the edits.
    pub fn fix(&mut self, fix: Fix) -> &mut Draft {
        self.fix = Some(fix);
        self
    }

    /// Says that this finding is less certain than others of its lint: `deny` as the lint's own level
    /// becomes `warn`. What a policy says about the lint holds for it as well.
    pub fn less_certain(&mut self) -> &mut Draft {
        self.weaker = true;
        self
    }

    /// [`Self::less_certain`], where that is so.
    pub fn less_certain_if(&mut self, is_so: bool) -> &mut Draft {
        self.weaker |= is_so;
        self
    }

    /// Says that it is told from the day after on.
    pub fn due(&mut self, day: Date) -> &mut Draft {
        self.due = Some(day);
        self
    }

    /// Names the file, where the subject is the whole repository; the span is then one in that file.
    pub fn in_file(&mut self, path: &Arc<str>) -> &mut Draft {
        self.file = Some(path.clone());
        self
    }

    /// Names the table or item around the place, where the subject knows it better than the
    /// outline: `dependencies.serde`, `jobs.build`.
    pub fn item(&mut self, path: impl Into<String>) -> &mut Draft {
        self.item = Some(path.into());
        self
    }

    /// The text that identifies the finding where the statement around its span would not: the
    /// name and version of a vulnerable package, say.
    pub fn identified_by(&mut self, text: impl Into<String>) -> &mut Draft {
        self.statement = Some(text.into());
        self
    }
}
