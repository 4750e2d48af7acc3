//! A connected adapter: who it is, what it can, and typed questions to it.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::link::{Link, LinkError};
use super::process::Process;
use super::protocol::{self, CallError, Hello, Op, Outcome, SignedIn, Started, Time};
use super::redact::blotted;
use crate::spec::edition::Edition;
use crate::spec::operation::Method;

/// Why an adapter did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdapterError {
    #[error(transparent)]
    Link(#[from] LinkError),
    /// It has no such thing. No fault.
    #[error("{0}")]
    Unsupported(String),
    #[error("the adapter failed at `{op}`: {reason}")]
    Failed { op: &'static str, reason: String },
    #[error("the adapter's answer to `{op}` is not of the protocol: {reason}")]
    Malformed { op: &'static str, reason: String },
}

/// An adapter that has said hello.
#[derive(Debug)]
pub struct Adapter {
    link: Link,
    process: Mutex<Option<Process>>,
    pub hello: Hello,
    pub edition: Edition,
    pub capabilities: BTreeSet<String>,
    patience: Duration,
}

/// What a server-side call did.
#[derive(Debug, Clone, PartialEq)]
pub enum Called {
    Returned(Value),
    Threw(CallError),
}

impl Adapter {
    /// Says hello. `process` is ended when the adapter is.
    pub async fn connect(link: Link, process: Option<Process>, patience: Duration) -> Result<Self, AdapterError> {
        let asked = link.ask(Op::Hello { protocol: protocol::VERSION }, patience * 10).await;
        let hello = match asked.map_err(AdapterError::from).and_then(|outcome| read::<Hello>("hello", outcome)) {
            Ok(hello) => hello,
            Err(error) => {
                link.close();
                if let Some(process) = process {
                    process.end().await;
                }
                return Err(error);
            }
        };
        let malformed = |reason: String| AdapterError::Malformed { op: "hello", reason };
        if hello.protocol != protocol::VERSION {
            let spoken = hello.protocol;
            return Err(malformed(format!(
                "it speaks version {spoken} of the protocol, keyspec speaks {}",
                protocol::VERSION
            )));
        }
        let edition = hello.edition.parse().map_err(|error| malformed(format!("`edition`: {error}")))?;
        let capabilities: BTreeSet<String> = hello.capabilities.iter().cloned().collect();
        Ok(Self { link, process: Mutex::new(process), hello, edition, capabilities, patience })
    }

    pub async fn start(&self, config: &Value, setup: &Value) -> Result<Started, AdapterError> {
        let op = Op::Start { config: config.clone(), setup: setup.clone() };
        read("start", self.link.ask(op, self.patience * 10).await?)
    }

    pub async fn actor(&self, deployment: &str, name: &str) -> Result<SignedIn, AdapterError> {
        let op = Op::Actor { deployment: deployment.to_owned(), name: name.to_owned() };
        read("actor", self.link.ask(op, self.patience).await?)
    }

    pub async fn call(
        &self,
        deployment: &str,
        method: Method,
        body: Option<Value>,
        query: Option<Value>,
        headers: Option<IndexMap<String, String>>,
    ) -> Result<Called, AdapterError> {
        let op = Op::Call { deployment: deployment.to_owned(), method, body, query, headers };
        match self.link.ask(op, self.patience).await? {
            Outcome::Ok(value) => Ok(Called::Returned(value)),
            Outcome::Error(error) => Ok(Called::Threw(error)),
            other => Err(refusal("call", other)),
        }
    }

    /// The deployment's new time in milliseconds since 1970.
    pub async fn clock(&self, deployment: &str, advance_ms: u64) -> Result<i64, AdapterError> {
        let op = Op::Clock { deployment: deployment.to_owned(), advance_ms };
        Ok(read::<Time>("clock", self.link.ask(op, self.patience).await?)?.now)
    }

    pub async fn stop(&self, deployment: &str) -> Result<(), AdapterError> {
        let op = Op::Stop { deployment: deployment.to_owned() };
        match self.link.ask(op, self.patience).await? {
            Outcome::Ok(_) => Ok(()),
            other => Err(refusal("stop", other)),
        }
    }

    /// One request as it is, for `adapter check`.
    pub async fn ask(&self, op: Op) -> Result<Outcome, LinkError> {
        self.link.ask(op, self.patience).await
    }

    /// Why the adapter can be used no longer, if that is so.
    pub fn broken(&self) -> Option<LinkError> {
        self.link.error()
    }

    /// Ends the adapter: its input is closed, and what does not leave by itself is made to.
    pub async fn end(&self) {
        self.link.close();
        let process = self.process.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(process) = process {
            process.end().await;
        }
    }
}

fn read<T: DeserializeOwned>(op: &'static str, outcome: Outcome) -> Result<T, AdapterError> {
    match outcome {
        Outcome::Ok(value) => {
            // The reason quotes what it found, and that may be a cookie.
            serde_json::from_value(value)
                .map_err(|error| AdapterError::Malformed { op, reason: blotted(&error.to_string()) })
        }
        other => Err(refusal(op, other)),
    }
}

fn refusal(op: &'static str, outcome: Outcome) -> AdapterError {
    match outcome {
        Outcome::Unsupported(reason) => AdapterError::Unsupported(reason),
        Outcome::Failure(reason) => AdapterError::Failed { op, reason },
        Outcome::Error(_) => AdapterError::Malformed { op, reason: "`error` is an answer to `call` only".to_owned() },
        Outcome::Ok(_) => AdapterError::Malformed { op, reason: "`ok` was not expected".to_owned() },
    }
}
