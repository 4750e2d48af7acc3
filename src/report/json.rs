//! The run as one JSON document; `docs/schema/run.json` describes it.

use crate::outcome::run::Run;

/// Pretty-printed, since people read it as well. Checks are in the order of their ids.
pub fn render(run: &Run) -> String {
    let mut text = serde_json::to_string_pretty(run).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"));
    text.push('\n');
    text
}
