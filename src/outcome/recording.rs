//! A finding that stands alone: with its scenario, so that `keyspec replay` needs nothing else.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::CheckResult;
use super::event::{Header, SCHEMA};

/// One finding as a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recording {
    pub schema: u32,
    pub keyspec: String,
    /// The target on which it was found.
    pub target: String,
    pub implementation: String,
    pub edition: String,
    pub seed: u64,
    /// The id of the scenario.
    pub scenario: String,
    /// The scenario file as it was.
    pub source: String,
    /// The requirements that the scenario cites, as a file of the catalogue, as they were.
    pub requirements: String,
    pub result: CheckResult,
}

/// A file that is no recorded finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    #[error("it is no recorded finding: {0}")]
    Malformed(String),
    #[error("it was written in version {0} of the format; this keyspec reads version {SCHEMA}")]
    Version(u32),
}

impl Recording {
    pub fn new(header: &Header, result: &CheckResult, source: &str, requirements: &str) -> Self {
        Self {
            schema: SCHEMA,
            keyspec: header.keyspec.clone(),
            target: header.target.clone(),
            implementation: format!("{} {}", header.implementation.name, header.implementation.version),
            edition: header.edition.clone(),
            seed: header.seed,
            scenario: result.scenario.clone(),
            source: source.to_owned(),
            requirements: requirements.to_owned(),
            result: result.clone(),
        }
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    pub fn parse(text: &str) -> Result<Self, RecordingError> {
        let malformed = |error: serde_json::Error| RecordingError::Malformed(error.to_string());
        let value: serde_json::Value = serde_json::from_str(text).map_err(malformed)?;
        match value.get("schema").and_then(serde_json::Value::as_u64) {
            Some(version) if version != u64::from(SCHEMA) => {
                Err(RecordingError::Version(u32::try_from(version).unwrap_or(u32::MAX)))
            }
            _ => serde_json::from_value(value).map_err(malformed),
        }
    }
}
