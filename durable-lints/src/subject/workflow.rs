//! GitHub workflows and composite actions.

use std::sync::Arc;

/// One workflow (`.github/workflows/*.yml`) or action (`action.yml`), parsed with spans.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// Relative to the workspace root, with `/` between its parts.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
}
