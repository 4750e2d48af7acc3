//! Is an adapter wired properly? Each declared capability is tried once, in the smallest way that can fail.
//!
//! No verdict on conformance: a deployment that refuses everything is wired properly as long as it says so in the
//! words of the protocol.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Value, json};
use url::Url;

use crate::deployment::adapter::{Adapter, AdapterError};
use crate::deployment::http::{Http, HttpRequest};
use crate::deployment::protocol::{Op, Outcome};
use crate::scenario::needs::CAPABILITIES;
use crate::spec::operation::Method;

mod cause;
mod people;
mod start;
mod work;

pub use cause::Cause;

/// What was tried and what came of it, in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// An operation or capability of the protocol.
    pub subject: &'static str,
    pub found: Found,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Right(String),
    /// The adapter does not declare it: no mistake.
    Undeclared(String),
    /// A mistake: what is wrong, and what is behind it.
    Wrong(String, Cause),
}

/// Tries everything that the adapter declares.
pub async fn check(adapter: &Adapter) -> Vec<Observation> {
    let mut seen = Seen { adapter, observations: Vec::new() };
    seen.hello();
    if let Some((one, other)) = seen.start().await {
        let base = seen.base_url(&one).await;
        let actor = seen.actor(&one).await;
        let signed_in = seen.session(base.as_ref(), actor.as_ref()).await;
        let key = seen.call(&one, actor.as_ref()).await;
        // What broke it was told; all that follows would say the same again.
        if adapter.broken().is_none()
            && let Some(other) = &other
        {
            seen.apart(other, actor.as_ref().filter(|_| signed_in), key.as_deref()).await;
        }
        if adapter.broken().is_none() {
            seen.config().await;
        }
        if adapter.broken().is_none() {
            seen.at_once(&one, actor.as_ref(), key.is_some()).await;
        }
        if adapter.broken().is_none() {
            seen.clock(&one, other.as_ref(), actor.as_ref(), key.as_deref()).await;
        }
        if adapter.broken().is_none() {
            seen.stop(&one, base.as_ref()).await;
        }
    }
    if adapter.broken().is_none() {
        seen.unknown().await;
    }
    seen.observations
}

/// An adapter that could not even be heard.
pub fn unheard(error: &AdapterError) -> Observation {
    Observation { subject: "hello", found: Found::Wrong(error.to_string(), Cause::of(error, Cause::Form)) }
}

struct Seen<'a> {
    adapter: &'a Adapter,
    observations: Vec<Observation>,
}

impl Seen<'_> {
    fn note(&mut self, subject: &'static str, found: Found) {
        self.observations.push(Observation { subject, found });
    }

    fn right(&mut self, subject: &'static str, told: impl Into<String>) {
        self.note(subject, Found::Right(told.into()));
    }

    fn wrong(&mut self, subject: &'static str, cause: Cause, told: impl Into<String>) {
        self.note(subject, Found::Wrong(told.into(), cause));
    }

    /// An operation that did not come to an end; `otherwise` is behind it where its error does not say.
    fn failed(&mut self, subject: &'static str, otherwise: Cause, what: &str, error: &AdapterError) {
        self.wrong(subject, Cause::of(error, otherwise), format!("{what}: {error}"));
    }

    fn declares(&mut self, capability: &'static str, otherwise: &str) -> bool {
        let declared = self.adapter.capabilities.contains(capability);
        if !declared {
            self.note(capability, Found::Undeclared(otherwise.to_owned()));
        }
        declared
    }

    fn hello(&mut self) {
        let hello = &self.adapter.hello;
        let implementation = &hello.implementation;
        let told = format!(
            "{} {}, judged by edition {}, declares {}",
            implementation.name,
            implementation.version,
            self.adapter.edition,
            if hello.capabilities.is_empty() { "nothing".to_owned() } else { hello.capabilities.join(", ") }
        );
        if implementation.name.is_empty() || implementation.version.is_empty() {
            self.wrong("hello", Cause::Nameless, "`implementation` needs a `name` and a `version`");
        } else {
            self.right("hello", told);
        }
        let known: BTreeSet<&str> = CAPABILITIES.iter().copied().collect();
        let unknown: Vec<&str> =
            self.adapter.capabilities.iter().map(String::as_str).filter(|name| !known.contains(name)).collect();
        for name in unknown {
            let near = crate::spec::words::nearest(name, CAPABILITIES.iter().copied());
            let hint = near.first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            self.wrong("hello", Cause::UnknownCapability, format!("the protocol has no capability `{name}`{hint}"));
        }
        if self.adapter.capabilities.contains("exact-clock") && !self.adapter.capabilities.contains("clock") {
            self.wrong(
                "hello",
                Cause::Undone,
                "`exact-clock` without `clock`: a clock that stands still must be movable",
            );
        }
    }

    /// What nobody started is a failure of the adapter, not a refusal by the implementation, and not the end of it.
    async fn unknown(&mut self) {
        let op = Op::Call {
            deployment: "no-such-deployment".to_owned(),
            method: Method::VerifyApiKey,
            body: Some(json!({ "key": "none" })),
            query: None,
            headers: None,
        };
        let told = "a call to a deployment that nobody started";
        match self.adapter.ask(op).await {
            Ok(Outcome::Failure(_) | Outcome::Unsupported(_)) => {
                self.right("failure", "an unknown deployment is named as such");
            }
            Ok(Outcome::Ok(_) | Outcome::Error(_)) => {
                let told = format!("{told} must be answered `failure`");
                self.wrong("failure", Cause::UnknownDeployment, told);
            }
            Err(error) => self.failed("failure", Cause::Died, told, &AdapterError::Link(error)),
        }
    }
}

async fn get(base: &Url, path: &str, headers: &IndexMap<String, String>) -> Result<(u16, Vec<u8>), String> {
    send("GET", base, path, headers, None).await
}

/// A request to a path below the base URL.
async fn send(
    method: &str,
    base: &Url,
    path: &str,
    headers: &IndexMap<String, String>,
    body: Option<&Value>,
) -> Result<(u16, Vec<u8>), String> {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    let mut headers: Vec<_> = headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    if body.is_some() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let body = body.map(|body| body.to_string().into_bytes());
    let request = HttpRequest { method: method.to_owned(), url, headers, body };
    let http = Http::new(base, std::time::Duration::from_secs(5)).map_err(|error| error.to_string())?;
    http.send(&request).await.map(|reply| (reply.status, reply.body)).map_err(|error| error.to_string())
}
