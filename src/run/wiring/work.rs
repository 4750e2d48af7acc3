//! What an adapter does with a deployment: server-side calls, the clock, several requests at once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Cause, Seen};
use crate::deployment::adapter::{AdapterError, Called};
use crate::deployment::protocol::{SignedIn, Started};
use crate::spec::operation::Method;

/// Milliseconds.
const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;

impl Seen<'_> {
    /// Do trusted calls work? The key that they made and verified.
    pub(super) async fn call(&mut self, started: &Started, actor: Option<&SignedIn>) -> Option<String> {
        if !self.declares("server-calls", "server flows are not applicable") {
            return None;
        }
        let Some(actor) = actor else {
            self.right("server-calls", "not tried without an actor");
            return None;
        };
        let key = self.create(started, &json!({ "userId": actor.user_id, "name": "wiring" })).await?;
        let verified = self.verify(started, &key).await;
        match verified {
            Ok(Called::Returned(value)) if value.get("valid").is_some_and(Value::is_boolean) => {}
            Ok(_) => {
                self.wrong("server-calls", Cause::NotAsItIs, "verifyApiKey returned no `valid`");
                return None;
            }
            Err(error) => {
                self.failed("server-calls", Cause::Undone, "verifyApiKey", &error);
                return None;
            }
        }
        self.refusal(started).await.then_some(key)
    }

    async fn create(&mut self, started: &Started, body: &Value) -> Option<String> {
        let method = Method::CreateApiKey;
        match self.adapter.call(&started.deployment, method, Some(body.clone()), None, None).await {
            Ok(Called::Returned(value)) => {
                let key = value.get("key").and_then(Value::as_str).map(str::to_owned);
                if key.is_none() {
                    self.wrong("server-calls", Cause::NotAsItIs, "createApiKey returned no `key`");
                }
                key
            }
            Ok(Called::Threw(error)) => {
                let code = error.code.unwrap_or_else(|| "an error without code".to_owned());
                let told = format!("createApiKey for a user, without headers, was refused ({code})");
                self.wrong("server-calls", Cause::NeverTrusted, told);
                None
            }
            Err(error) => {
                self.failed("server-calls", Cause::Undone, "createApiKey", &error);
                None
            }
        }
    }

    async fn verify(&self, started: &Started, key: &str) -> Result<Called, AdapterError> {
        let body = Some(json!({ "key": key }));
        self.adapter.call(&started.deployment, Method::VerifyApiKey, body, None, None).await
    }

    /// A trusted create for nobody is refused in every edition, with a code.
    async fn refusal(&mut self, started: &Started) -> bool {
        let body = Some(json!({ "name": "of nobody" }));
        match self.adapter.call(&started.deployment, Method::CreateApiKey, body, None, None).await {
            Ok(Called::Threw(error)) if error.code.is_none() => {
                self.wrong("server-calls", Cause::NoCode, "a refusal of createApiKey came without a `code`");
                false
            }
            Err(error @ AdapterError::Failed { .. }) => {
                self.failed("server-calls", Cause::NoCode, "createApiKey for nobody, which is refused", &error);
                false
            }
            _ => {
                self.right("server-calls", "createApiKey and verifyApiKey answer");
                true
            }
        }
    }

    /// Moves the clock: of this deployment, by the right amount, for verification too.
    pub(super) async fn clock(
        &mut self,
        one: &Started,
        other: Option<&Started>,
        actor: Option<&SignedIn>,
        key: Option<&str>,
    ) {
        if !self.declares("clock", "checks of expiry, windows and refill are not applicable") {
            return;
        }
        let expiring = match (actor, key) {
            (Some(actor), Some(_)) => {
                let body = json!({ "userId": actor.user_id, "expiresIn": DAY / 1000 });
                let made = self.adapter.call(&one.deployment, Method::CreateApiKey, Some(body), None, None).await;
                made.ok().and_then(|called| match called {
                    Called::Returned(value) => Some(value.get("key")?.as_str()?.to_owned()),
                    Called::Threw(_) => None,
                })
            }
            _ => None,
        };
        let elsewhere = match other {
            Some(other) => self.adapter.clock(&other.deployment, 0).await.ok(),
            None => None,
        };
        if !self.moves(one).await {
            return;
        }
        if let (Some(before), Some(other)) = (elsewhere, other) {
            let after = self.adapter.clock(&other.deployment, 0).await.unwrap_or(before);
            if after - before >= MINUTE.cast_signed() {
                let told = "the clock of one deployment was moved, and that of another one with it";
                return self.wrong("clock", Cause::ClockShared, told);
            }
        }
        if let Some(key) = expiring {
            let moved = self.adapter.clock(&one.deployment, 2 * DAY).await;
            if let (Ok(_), Ok(Called::Returned(value))) = (moved, self.verify(one, &key).await)
                && value.get("valid") == Some(&Value::Bool(true))
            {
                let told = "a key of one day is valid when the clock was moved by two";
                return self.wrong("clock", Cause::ClockUnused, told);
            }
        }
        let exact = self.adapter.capabilities.contains("exact-clock");
        self.right("clock", if exact { "moves, and stands still in between" } else { "moves" });
    }

    async fn moves(&mut self, started: &Started) -> bool {
        let (before, after) =
            (self.adapter.clock(&started.deployment, 0).await, self.adapter.clock(&started.deployment, MINUTE).await);
        let (before, after) = match (before, after) {
            (Ok(before), Ok(after)) => (before, after),
            (Err(error), _) | (_, Err(error)) => {
                self.failed("clock", Cause::Undone, "declared, but", &error);
                return false;
            }
        };
        let (asked, moved) = (MINUTE.cast_signed(), after - before);
        let told = format!("moved by {asked} ms, it is {moved} ms further");
        let exact = self.adapter.capabilities.contains("exact-clock");
        match moved {
            _ if moved == asked => return true,
            // What passed on the machine meanwhile.
            _ if (asked..asked + 30_000).contains(&moved) && !exact => return true,
            _ if (asked..asked + 30_000).contains(&moved) => self.wrong("exact-clock", Cause::ClockRuns, told),
            _ if (0..=1000).contains(&moved) && moved != asked / 1000 => self.wrong("clock", Cause::ClockStops, told),
            _ => self.wrong("clock", Cause::Seconds, told),
        }
        false
    }

    /// Requests under way at once must not be mixed up. Keys carry the name that they were asked for with, so a reply
    /// to another request shows; actors do not, but they are many.
    pub(super) async fn at_once(&mut self, started: &Started, actor: Option<&SignedIn>, callable: bool) {
        let names: Vec<String> = (0..8).map(|n| format!("wiring{n}")).collect();
        let right = match actor {
            Some(actor) if callable => {
                let asked = names.iter().map(|name| {
                    let body = Some(json!({ "userId": actor.user_id, "name": name }));
                    self.adapter.call(&started.deployment, Method::CreateApiKey, body, None, None)
                });
                let replies = futures::future::join_all(asked).await;
                let own = |(name, reply): (&String, &Result<Called, AdapterError>)| matches!(reply, Ok(Called::Returned(key)) if key.get("name").and_then(Value::as_str) == Some(name));
                names.iter().zip(&replies).filter(|pair| own(*pair)).count()
            }
            Some(_) => {
                let asked = names.iter().map(|name| self.adapter.actor(&started.deployment, name));
                let users = futures::future::join_all(asked).await.into_iter().flatten().map(|one| one.user_id);
                users.collect::<BTreeSet<_>>().len()
            }
            None => return,
        };
        if right == names.len() {
            self.right("requests", "eight at once are answered, each by its own reply");
        } else {
            let told = format!("of eight requests at once {right} got their own reply");
            self.wrong("requests", Cause::MixedUp, told);
        }
    }
}
