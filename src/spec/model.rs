//! The reference: the spec as a pure state machine, from a request and the time to a reply.
//!
//! It knows no clock, socket, process or global randomness: `now` is an argument, and what looks random comes from the
//! seed. It is total: every request has a reply. Where documentation and releases differ, the place says which one it
//! follows, and why. Seeded faults are branches on [`Faults`], where the right behaviour stands.

use std::sync::Arc;

use serde_json::Value;

use super::config::{Config, Configs};
use super::edition::Edition;
use super::error::{ErrorCode, Surface};
use super::fault::{Asked, Fault, Faults};
use super::key::KeyRow;
use super::operation::Operation;
use super::request::{Reply, Request};
use super::setup::Setup;

mod account;
mod caller;
mod create;
mod flaw;
mod key_session;
mod lenient;
mod list;
mod organization;
mod owned;
mod quota;
mod race;
mod rate_limit;
mod routing;
mod saved;
mod secret;
mod self_grant;
mod session;
mod store;
mod sweep;
mod update;
mod verify;

pub use race::Seen;
pub use saved::Unreadable;

use account::Accounts;
use caller::Caller;
use organization::Organizations;
use secret::Secrets;
use store::Store;
use sweep::Sweep;

/// One deployment of the spec: its configuration, its users and sessions, its keys.
#[derive(Debug, Clone)]
pub struct Model {
    edition: Edition,
    configs: Configs,
    faults: Faults,
    /// Who wants to know which faults this model comes to.
    asked: Option<Arc<Asked>>,
    setup: Setup,
    /// Scheme, host and port of the base URL: the origin that browsers of this deployment send.
    origin: String,
    secrets: Secrets,
    accounts: Accounts,
    organizations: Organizations,
    store: Store,
    sweep: Sweep,
    /// What the request under way has read before it waited.
    seen: Option<Seen>,
    /// Was it restored from the data of another? Only faults look here.
    restored: bool,
}

/// Why a request was refused, before the edition gave it a form.
#[derive(Debug, Clone, PartialEq)]
struct Refusal {
    code: ErrorCode,
    details: Option<Value>,
}

type Outcome<T> = Result<T, Refusal>;

impl Model {
    /// An empty deployment. Equal arguments and equal requests give equal replies.
    ///
    /// Its origin is `http://127.0.0.1:3000` until [`Self::set_base_url`].
    pub fn new(edition: Edition, configs: Configs, faults: Faults, seed: u64) -> Self {
        Self {
            edition,
            configs,
            faults,
            asked: None,
            setup: Setup::default(),
            origin: "http://127.0.0.1:3000".to_owned(),
            secrets: Secrets::new(seed),
            accounts: Accounts::default(),
            organizations: Organizations::default(),
            store: Store::default(),
            sweep: Sweep::default(),
            seen: None,
            restored: false,
        }
    }

    /// What stands around the plugin.
    pub fn set_up(&mut self, setup: Setup) {
        self.setup = setup;
    }

    /// From now on `asked` is told of every fault whose branch the model comes to.
    pub fn tell(&mut self, asked: Arc<Asked>) {
        self.asked = Some(asked);
    }

    /// What stands around the plugin.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Where the deployment is reached, such as `http://127.0.0.1:41234/api/auth`. A request with a cookie must come from
    /// its origin.
    pub fn set_base_url(&mut self, base_url: &str) {
        let after_scheme = base_url.find("://").map_or(0, |at| at + 3);
        let path = base_url[after_scheme..].find('/').map_or(base_url.len(), |at| after_scheme + at);
        self.origin = base_url[..path].to_owned();
    }

    /// The origin that a browser of this deployment sends.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The edition that it follows.
    pub fn edition(&self) -> &Edition {
        &self.edition
    }

    /// The stored keys, oldest first: what an administrator sees in the database.
    pub fn keys(&self) -> impl Iterator<Item = &KeyRow> {
        self.store.iter()
    }

    /// Answers one request at `now`, in milliseconds since 1970.
    pub fn apply(&mut self, now: i64, request: &Request) -> Reply {
        self.forget_expired(now);
        match request {
            Request::Http { .. } => self.http(now, request),
            Request::Server { method, headers, .. } => self.server(now, *method, headers.as_deref(), request),
        }
    }

    /// Signs up a user of this name and signs it in, past the HTTP routes.
    ///
    /// Gives the user's id and the value of the `cookie` header that a browser of this user sends.
    pub fn sign_up_actor(&mut self, now: i64, name: &str) -> (String, String) {
        let user = self.add_actor(now, name);
        let session = self.accounts.open_session(&mut self.secrets, now, &user, true);
        (user, session.cookie_header())
    }

    /// The same with a session that no move of the clock ends, as the adapter for Better Auth gives one.
    pub fn sign_up_lasting_actor(&mut self, now: i64, name: &str) -> (String, String) {
        let user = self.add_actor(now, name);
        let session = self.accounts.open_lasting_session(&mut self.secrets, now, &user);
        (user, session.cookie_header())
    }

    fn add_actor(&mut self, now: i64, name: &str) -> String {
        let email = format!("actor-{}@keyspec.test", self.accounts.len());
        self.accounts.add(&mut self.secrets, now, name, &email, "an actor's password")
    }

    fn operate(&mut self, now: i64, caller: &Caller, operation: Operation) -> Reply {
        let done = match operation {
            Operation::Create(create) if self.has(Fault::CreateStatusCreated) => {
                return match self.create(now, caller, create) {
                    Ok(body) => Reply { status: 201, ..ok(body) },
                    Err(refusal) => self.refuse(&refusal, Surface::Operation),
                };
            }
            Operation::Create(create) => self.create(now, caller, create),
            Operation::Get(get) => self.get(now, caller, &get),
            Operation::Update(update) => self.update(now, caller, update),
            Operation::Delete(delete) => self.delete(now, caller, &delete),
            Operation::List(list) => self.list(now, caller, &list),
            Operation::Verify(verify) => self.verify(now, &verify),
            Operation::DeleteAllExpired => Ok(self.delete_all_expired(now)),
        };
        match done {
            Ok(body) => ok(body),
            Err(refusal) => self.refuse(&refusal, Surface::Operation),
        }
    }

    fn refuse(&self, refusal: &Refusal, surface: Surface) -> Reply {
        let wire = refusal.code.wire(&self.edition, surface);
        let mut body = wire.body(refusal.details.as_ref());
        if self.has(Fault::TransportErrorWithoutCode) {
            drop_member(body.as_mut(), "code");
        }
        let exceeds = refusal.code == ErrorCode::PermissionsExceedMaximum;
        let status = if exceeds && self.has(Fault::SelfGrantWrongStatus) { 400 } else { wire.status };
        Reply { status, headers: Vec::new(), body }
    }

    /// The configuration that a request names, or the default one.
    fn config(&self, config_id: Option<&str>) -> Outcome<&Config> {
        self.configs.resolve(config_id).ok_or(ErrorCode::NoDefaultApiKeyConfigurationFound.into())
    }

    /// Has it no faults, and does nobody want to know which it comes to? Only then may their branches be passed by at once.
    fn is_sound(&self) -> bool {
        self.faults.is_empty() && self.asked.is_none()
    }

    fn has(&self, fault: Fault) -> bool {
        if let Some(asked) = &self.asked {
            asked.note(fault);
        }
        self.faults.has(fault)
    }
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self { code, details: None }
    }
}

fn refuse<T>(code: ErrorCode) -> Outcome<T> {
    Err(code.into())
}

/// Takes a member away: for faults.
fn drop_member(object: Option<&mut Value>, name: &str) {
    if let Some(members) = object.and_then(Value::as_object_mut) {
        members.shift_remove(name);
    }
}

fn ok(body: Value) -> Reply {
    Reply { status: 200, headers: Vec::new(), body: Some(body) }
}

/// A time some seconds from now, in milliseconds; fractions of a millisecond are dropped, as a JavaScript date does.
fn after_seconds(now: i64, seconds: f64) -> i64 {
    now.saturating_add((seconds * 1000.0) as i64)
}

/// A text's length as JavaScript counts it.
fn js_length(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests;
