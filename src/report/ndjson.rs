//! The event stream, one JSON document a line; `docs/schema/event.json` describes a line.

use crate::outcome::event::Event;

/// All events in the order in which they happened.
pub fn render(events: &[Event]) -> String {
    events.iter().map(line).collect()
}

/// One event with its line end, for whoever writes them as they happen.
pub fn line(event: &Event) -> String {
    let mut text = serde_json::to_string(event).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"));
    text.push('\n');
    text
}
