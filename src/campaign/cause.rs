//! Why a target differs, in the few words in which two findings can be the same.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::compare::Mismatch;
use super::sequence::Step;

/// Findings of equal cause are one finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cause {
    /// `createApiKey`, or a method and a path.
    pub operation: String,
    /// `client`, `nobody`, `server`, `server with headers`, `key`.
    pub channel: String,
    /// Where the answer is not as expected: `verdict`, `body.remaining`, or an invariant.
    pub path: String,
    /// What was expected there, by kind.
    pub expected: String,
    pub actual: String,
    /// What of the request matters: the members that are left when it is shrunk. Empty before that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request: Vec<String>,
}

impl Cause {
    /// The cause of a mismatch, before it is known what of the request matters.
    pub fn of(step: &Step, mismatch: &Mismatch) -> Self {
        let (expected, actual) = mismatch.kinds();
        Self {
            operation: step.name(),
            channel: step.channel().to_owned(),
            path: path(&mismatch.path),
            expected,
            actual,
            request: Vec::new(),
        }
    }

    /// The target gave no answer at all.
    pub fn silent(step: &Step) -> Self {
        Self {
            operation: step.name(),
            channel: step.channel().to_owned(),
            path: "answer".to_owned(),
            expected: "any".to_owned(),
            actual: "none".to_owned(),
            request: Vec::new(),
        }
    }

    pub fn is_silent(&self) -> bool {
        self.path == "answer"
    }

    /// The cause with what of the shrunk request matters. Where the request was granted on both sides, it is the place in
    /// the reply that tells causes apart.
    #[must_use]
    pub fn refined(mut self, step: &Step) -> Self {
        let Some(call) = step.call().filter(|_| self.path == "verdict") else { return self };
        let members = [&call.body, &call.query].into_iter().flatten().filter_map(serde_json::Value::as_object);
        self.request = members.flat_map(|members| members.keys().cloned()).collect();
        self.request.extend(call.headers.keys().map(|name| name.to_ascii_lowercase()));
        self.request.extend(call.text.as_ref().map(|_| "text".to_owned()));
        self.request.retain(|name| !["id", "keyId", "key"].contains(&name.as_str()));
        self.request.sort();
        self.request.dedup();
        self
    }

    /// The cause without what of the request matters.
    #[must_use]
    pub fn rough(&self) -> Self {
        Self { request: Vec::new(), ..self.clone() }
    }

    /// A permanent name: words for people, and a digest that tells it apart.
    pub fn id(&self) -> String {
        self.id_on("")
    }

    /// The name of this cause on one target.
    pub fn id_on(&self, target: &str) -> String {
        let digest = Sha256::digest(serde_json::to_vec(&(self, target)).unwrap_or_default());
        let words = format!("{}-{}", self.operation, self.path);
        let words: String = words.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).collect();
        let words = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
        let words: String = words.chars().take(48).collect();
        let digest: String = digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{digest}", words.trim_end_matches('-'))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, channel, path, expected, actual, request } = self;
        write!(f, "{operation} ({channel}")?;
        if !request.is_empty() {
            write!(f, ", {}", request.join(" "))?;
        }
        write!(f, "): {path} is {actual}, expected {expected}")
    }
}

/// What people chose themselves is not told apart.
fn path(path: &str) -> String {
    let cut =
        ["metadata", "permissions"].iter().filter_map(|free| Some(path.find(&format!(".{free}"))? + free.len() + 1));
    cut.min().and_then(|end| path.get(..end)).unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cause(step: serde_json::Value, path: &str, actual: serde_json::Value) -> Cause {
        let mismatch = Mismatch { path: path.to_owned(), expected: Some(json!(1)), actual: Some(actual) };
        Cause::of(&serde_json::from_value(step).unwrap(), &mismatch)
    }

    #[test]
    fn values_are_no_cause_and_members_are() {
        let step = |name: &str| json!({ "do": "client", "operation": "createApiKey", "as": "alice", "body": { "name": name } });
        let (a, b) = (cause(step("a"), "body.metadata.x", json!(2)), cause(step("b"), "body.metadata.y", json!(3)));
        assert_eq!(a, b);
        assert_eq!(a.to_string(), "createApiKey (client): body.metadata is a number, expected a number");
        assert!(a.id().starts_with("createApiKey-body-metadata-"), "{}", a.id());
        let verdict = cause(step("a"), "verdict", json!("200"));
        let refined = verdict.clone().refined(&serde_json::from_value(step("a")).unwrap());
        assert_eq!((refined.request.as_slice(), refined.rough()), (&["name".to_owned()][..], verdict.clone()));
        assert_ne!(refined.id(), verdict.id());
    }
}
