//! The adapter protocol, version 1, as types. `docs/adapter-protocol.md` is its manual; the JSON Schemas in
//! `docs/schema/` are generated from here.
//!
//! Knows frames, not processes: the same types serve strangers over pipes and the embedded reference.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::spec::operation::Method;

/// The version that this harness speaks.
pub const VERSION: u32 = 1;

/// A longer line ends the adapter. Bytes.
pub const MAX_FRAME: usize = 4 * 1024 * 1024;

/// One line from the harness to the adapter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    pub id: u64,
    #[serde(flatten)]
    pub op: Op,
}

/// What an adapter can be asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Op {
    Hello {
        protocol: u32,
    },
    Start {
        /// The plugin's options: an object, or a list for several configurations.
        config: Value,
        /// What is not an option of the plugin.
        #[serde(default)]
        setup: Value,
    },
    Actor {
        deployment: String,
        name: String,
    },
    Call {
        deployment: String,
        method: Method,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query: Option<Value>,
        /// Without headers a call is trusted; with headers it follows the client's rules.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        headers: Option<IndexMap<String, String>>,
    },
    Clock {
        deployment: String,
        advance_ms: u64,
    },
    Stop {
        deployment: String,
    },
}

/// One line from the adapter to the harness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawReply")]
#[schemars(!try_from)]
pub struct Reply {
    pub id: u64,
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Reply {
    /// Reads a line.
    ///
    /// # Errors
    /// It is no reply; the error quotes what it found.
    pub fn read(line: &[u8]) -> serde_json::Result<Self> {
        // Members that mean nothing are skipped, and what is skipped is not looked at: all of a line has to be text.
        let text = std::str::from_utf8(line).map_err(serde::de::Error::custom)?;
        serde_json::from_str(text)
    }
}

/// A reply as it is written, perhaps with several answers or with none.
#[derive(Deserialize)]
struct RawReply {
    id: u64,
    /// `null` is an answer.
    #[serde(default, deserialize_with = "there")]
    ok: Option<Value>,
    error: Option<CallError>,
    unsupported: Option<String>,
    failure: Option<String>,
}

fn there<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl TryFrom<RawReply> for Reply {
    type Error = &'static str;

    fn try_from(raw: RawReply) -> Result<Self, Self::Error> {
        let outcome = match (raw.ok, raw.error, raw.unsupported, raw.failure) {
            (Some(value), None, None, None) => Outcome::Ok(value),
            (None, Some(error), None, None) => Outcome::Error(error),
            (None, None, Some(reason), None) => Outcome::Unsupported(reason),
            (None, None, None, Some(reason)) => Outcome::Failure(reason),
            _ => return Err("a reply has exactly one of `ok`, `error`, `unsupported` and `failure`"),
        };
        Ok(Self { id: raw.id, outcome })
    }
}

/// Exactly one of these members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    Ok(Value),
    /// Only for `call`: the implementation refused.
    Error(CallError),
    /// This adapter or implementation has no such thing.
    Unsupported(String),
    /// The adapter itself went wrong.
    Failure(String),
}

/// A refusal as the implementation gave it; what it does not have is left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CallError {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

/// What `hello` returns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Hello {
    pub protocol: u32,
    pub implementation: Implementation,
    /// The Better Auth release whose behaviour the implementation follows.
    pub edition: String,
    pub capabilities: Vec<String>,
    #[serde(default)]
    pub presets: Vec<String>,
}

/// Who is judged.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Implementation {
    pub name: String,
    pub version: String,
    #[serde(default)]
    pub language: String,
    #[serde(default)]
    pub url: String,
}

/// What `start` returns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    pub deployment: String,
    pub base_url: String,
    /// Milliseconds since 1970.
    pub now: i64,
}

/// What `actor` returns: a user with a signed-in session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    pub user_id: String,
    pub headers: IndexMap<String, String>,
}

/// What `clock` returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Time {
    /// Milliseconds since 1970.
    pub now: i64,
}
