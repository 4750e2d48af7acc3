//! Lines of the adapter protocol: requests as they are read, replies as they are written.

use std::io::Write as _;

use serde_json::{Map, Value, json};

/// A reply that is not `ok`.
#[derive(Debug, Clone)]
pub enum Instead {
    /// Only for a call: the implementation refused. `{status, code, message, details}`, what it has of them.
    Error(Value),
    /// The adapter or the implementation has no such thing.
    Unsupported(String),
    /// The adapter itself went wrong.
    Failure(String),
}

impl Instead {
    pub fn unsupported(what: impl std::fmt::Display) -> Self {
        Self::Unsupported(what.to_string())
    }

    pub fn failure(what: impl std::fmt::Display) -> Self {
        Self::Failure(what.to_string())
    }
}

pub(crate) fn reply(id: &Value, result: Result<Value, Instead>) -> String {
    let (member, value) = match result {
        Ok(value) => ("ok", value),
        Err(Instead::Error(error)) => ("error", error),
        Err(Instead::Unsupported(reason)) => ("unsupported", json!(reason)),
        Err(Instead::Failure(reason)) => ("failure", json!(reason)),
    };
    json!({"id": id, member: value}).to_string()
}

/// Writes a line as one piece: replies come from several threads.
pub(crate) fn write(line: &str) {
    let mut out = std::io::stdout().lock();
    // When nobody reads any more the input is about to end, too.
    let _ = out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush());
}

/// A request, taken apart.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) id: Value,
    pub(crate) op: String,
    pub(crate) members: Map<String, Value>,
}

impl Request {
    pub(crate) fn read(line: &str) -> Option<Self> {
        let mut members: Map<String, Value> = serde_json::from_str(line).ok()?;
        let id = members.remove("id")?;
        let op = members.remove("op")?.as_str()?.to_owned();
        Some(Self { id, op, members })
    }

    /// The `id` of a line, when it is a reply.
    pub(crate) fn id_of(line: &str) -> Option<u64> {
        serde_json::from_str::<Map<String, Value>>(line).ok()?.get("id")?.as_u64()
    }

    pub(crate) fn take(&mut self, member: &str) -> Option<Value> {
        self.members.remove(member)
    }

    pub(crate) fn text(&self, member: &str) -> &str {
        self.members.get(member).and_then(Value::as_str).unwrap_or_default()
    }
}
