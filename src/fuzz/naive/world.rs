//! A deployment as a list of keys: what it answers, and whether an answer is that.
//!
//! Covered are all operations over every door (a user's session, a key as a session, nobody, calls with headers, the
//! server), several configurations, presets, time, bursts in any order of arrival, self-grant, and all releases. Left open
//! are keys of organizations, storage other than the database, forms with parts, routes that are not of keys, the order
//! of lists by an object, and texts for people. After what is open a world says nothing more.

use serde_json::{Value, json};

use super::body::{self, Body};
use super::fields::{self, Fields, of};
use super::js::Js;
use super::key::{Key, Row, differs, length};
use super::list::Page;
use super::options::{Options, resolve};
use super::refusal::{self, Refusal};
use super::session::header;
use super::verify::Invalid;
use crate::spec::edition::Release;
use crate::spec::operation::Method;
use crate::spec::request::{Reply, Request};

/// A deployment.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) release: Release,
    pub(crate) options: Vec<Options>,
    /// What a browser sends, and whose it is.
    pub(crate) users: Vec<(String, String)>,
    /// Oldest first.
    pub(crate) keys: Vec<Key>,
    swept: Option<i64>,
}

/// Who calls.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    pub(crate) over_http: bool,
    /// Over HTTP, or with headers.
    pub(crate) is_client: bool,
    pub(crate) user: Option<String>,
    /// The key that stands for the user.
    pub(crate) key_id: Option<String>,
    /// What that key holds.
    pub(crate) key: Option<Option<Js>>,
}

/// What a request must be answered.
#[derive(Debug, Clone)]
pub(crate) enum Expected {
    Refused(Refusal),
    /// A new key, whose id and text the reply tells.
    Created(Box<Key>),
    Shown(Row),
    Deleted,
    Swept,
    Listed(Page),
    Valid(Row),
    Invalid(Invalid),
    /// A session of this user, by this key if by one.
    Session {
        user: Option<String>,
        key: Option<String>,
    },
}

const ORIGIN: &str = "http://127.0.0.1:3000";

impl World {
    /// `None`: nothing is said about such a deployment.
    pub(crate) fn new(release: Release, config: &Value) -> Option<Self> {
        let options = Options::read(config)?;
        Some(Self { release, options, users: Vec::new(), keys: Vec::new(), swept: None })
    }

    /// What this request must be answered, and does what it asks. `None`: nothing is said about it, nor after it.
    pub(crate) fn answer(&mut self, now: i64, request: &Request) -> Option<Expected> {
        match request {
            Request::Http { method, path, query, headers, body } => {
                let operation = match self.route(method, path)? {
                    Some(operation) => operation,
                    None => return Some(Expected::Refused(Refusal::NoRoute)),
                };
                let input = match operation.reads_query() {
                    true => Some(body::query(query)),
                    false => match body::read(self.release, header(headers, "content-type"), body) {
                        Body::Missing => None,
                        Body::Value(value) => Some(value),
                        Body::Refused(refusal) => return Some(Expected::Refused(refusal)),
                        Body::Open => return None,
                    },
                };
                let origin = header(headers, "origin").or(header(headers, "referer"));
                if method != "GET" && header(headers, "cookie").is_some() && origin != Some(ORIGIN) {
                    return None;
                }
                self.carry_out(now, operation, true, Some(headers), input.as_ref())
            }
            Request::Server { method, body, query, headers } => {
                if *method == Method::DeleteAllExpiredApiKeys && self.release < (1, 3, 0) {
                    return Some(Expected::Refused(Refusal::NoRoute));
                }
                let input = if method.reads_query() { query } else { body }.as_ref().map(Js::of);
                self.carry_out(now, *method, false, headers.as_deref(), input.as_ref())
            }
        }
    }

    fn carry_out(
        &mut self,
        now: i64,
        method: Method,
        over_http: bool,
        headers: Option<&[(String, String)]>,
        input: Option<&Js>,
    ) -> Option<Expected> {
        let caller = match self.caller(now, over_http, headers)? {
            Ok(caller) => caller,
            Err(refusal) => return Some(Expected::Refused(refusal)),
        };
        if method == Method::GetSession {
            return Some(Expected::Session { user: caller.user, key: caller.key_id });
        }
        let reads =
            method != Method::DeleteAllExpiredApiKeys && (method != Method::ListApiKeys || self.release >= (1, 5, 0));
        if reads && input.is_some_and(|input| input.depth() > super::json::LEVELS) {
            return Some(Expected::Refused(Refusal::TooLarge));
        }
        let fields = match fields::read(self.release, method, input) {
            Ok(fields) => fields,
            Err(refusal) => return Some(Expected::Refused(refusal)),
        };
        let release = self.release;
        let expected = match method {
            Method::CreateApiKey => self.create(now, &caller, &fields).map(|key| Expected::Created(Box::new(key))),
            Method::UpdateApiKey => {
                self.update(now, &caller, &fields).map(|key| Expected::Shown(key.row(release, false)))
            }
            Method::VerifyApiKey => self.verify(now, &fields).map(|verified| match verified {
                Ok(key) => Expected::Valid(key.row(release, true)),
                Err(why) => Expected::Invalid(why),
            }),
            Method::GetApiKey => self.get(now, &caller, &fields),
            Method::DeleteApiKey => self.delete(now, &caller, &fields),
            Method::ListApiKeys => self.list(now, &caller, &fields)?.map(Expected::Listed),
            Method::DeleteAllExpiredApiKeys | Method::GetSession => {
                self.remove_expired(now);
                Ok(Expected::Swept)
            }
        };
        Some(expected.unwrap_or_else(Expected::Refused))
    }

    fn get(&mut self, now: i64, caller: &Caller, fields: &Fields) -> Result<Expected, Refusal> {
        let user = caller.user.as_deref().ok_or(Refusal::Unauthorized)?;
        let at = self.owned(user, &text(fields, "id"), named(fields))?;
        let row = self.keys.get(at).map(|key| key.row(self.release, true)).ok_or(refusal::NOT_FOUND)?;
        self.sweep(now);
        Ok(Expected::Shown(row))
    }

    fn delete(&mut self, now: i64, caller: &Caller, fields: &Fields) -> Result<Expected, Refusal> {
        let user = caller.user.as_deref().ok_or(Refusal::Unauthorized)?;
        let at = self.owned(user, &text(fields, "keyId"), named(fields))?;
        self.keys.remove(at);
        self.sweep(now);
        Ok(Expected::Deleted)
    }

    /// The key of this id, if it is this user's, and of the configuration that is named.
    pub(crate) fn owned(&self, user: &str, id: &str, named: Option<&str>) -> Result<usize, Refusal> {
        let options = resolve(&self.options, named).ok_or(refusal::NO_DEFAULT)?;
        let is_it = |key: &Key| key.id == id && key.config == options.id && key.owner == user;
        self.keys.iter().position(is_it).ok_or(refusal::NOT_FOUND)
    }

    /// At most once in ten seconds what has expired is removed.
    pub(crate) fn sweep(&mut self, now: i64) {
        if self.swept.is_none_or(|last| now - last >= 10_000) {
            self.remove_expired(now);
        }
    }

    fn remove_expired(&mut self, now: i64) {
        self.swept = Some(now);
        self.keys.retain(|key| key.expires.is_none_or(|expires| expires >= now));
    }

    /// The operation at a path; `Some(None)` is no route, `None` is one that nothing is said about.
    fn route(&self, method: &str, path: &str) -> Option<Option<Method>> {
        let plain: String = match self.release < (1, 4, 6) {
            // Slashes too many were ignored.
            true => path.split('/').filter(|part| !part.is_empty()).flat_map(|part| ["/", part]).collect(),
            false => path.to_owned(),
        };
        let delete = if self.release < (1, 2, 5) { "DELETE" } else { "POST" };
        let found = match (method, plain.as_str()) {
            ("POST", "/api-key/create") => Method::CreateApiKey,
            ("GET", "/api-key/get") => Method::GetApiKey,
            ("POST", "/api-key/update") => Method::UpdateApiKey,
            ("GET", "/api-key/list") => Method::ListApiKeys,
            ("GET", "/get-session") => Method::GetSession,
            (method, "/api-key/delete") if method == delete => Method::DeleteApiKey,
            (_, path) => return path.starts_with("/api-key/").then_some(None),
        };
        Some(Some(found))
    }

    /// Is this the answer? Learns what it tells of a new key.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn settle(&mut self, expected: &Expected, reply: &Reply) -> Result<(), String> {
        let nothing = Value::Null;
        let body = reply.body.as_ref().unwrap_or(&nothing);
        let code = |value: &Value| value.get("code").and_then(Value::as_str).map(str::to_owned);
        if let Expected::Refused(refusal) = expected {
            let (wanted, got) = (refusal.wire(self.release), (reply.status, code(body)));
            return if got == wanted { Ok(()) } else { Err(format!("answered {got:?}, expected {wanted:?}")) };
        }
        if reply.status != 200 {
            return Err(format!("answered {} {:?}, expected {expected:?}", reply.status, code(body)));
        }
        let is =
            |wanted: &Value| if body == wanted { Ok(()) } else { Err(format!("answered {body}, expected {wanted}")) };
        let shows = |row: &Row, shown: &Value| differs(row, shown).map_or(Ok(()), Err);
        match expected {
            Expected::Refused(_) => Ok(()),
            Expected::Created(key) => self.learn(key, body),
            Expected::Shown(row) => shows(row, body),
            Expected::Deleted => is(&json!({ "success": true })),
            Expected::Swept => is(&json!({ "success": true, "error": null })),
            Expected::Listed(page) => listed(page, body),
            Expected::Valid(row) if body["valid"] == true && body["error"].is_null() => shows(row, &body["key"]),
            Expected::Invalid(Invalid { code: wanted, try_again_in })
                if body["valid"] == false && body["key"].is_null() =>
            {
                let error = &body["error"];
                let wait = error.pointer("/details/tryAgainIn").and_then(Value::as_f64);
                if code(error).as_deref() == Some(*wanted) && wait == *try_again_in {
                    return Ok(());
                }
                Err(format!("invalid by {error}, expected {wanted} {try_again_in:?}"))
            }
            Expected::Valid(_) | Expected::Invalid(_) => Err(format!("answered {body}, expected {expected:?}")),
            Expected::Session { user, key } => {
                let seen = |path: &str| body.pointer(path).and_then(Value::as_str).map(str::to_owned);
                let is_it = seen("/user/id") == *user && seen("/session/userId") == *user;
                let is_by_it = key.is_none() || seen("/session/id") == *key;
                if is_it && is_by_it { Ok(()) } else { Err(format!("the session is {body}, expected {expected:?}")) }
            }
        }
    }

    fn learn(&mut self, key: &Key, body: &Value) -> Result<(), String> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let (Some(id), Some(clear)) = (text("id"), text("key")) else { return Err(format!("no new key: {body}")) };
        let options = resolve(&self.options, Some(&key.config)).ok_or("of no configuration")?;
        let random = clear.strip_prefix(key.prefix.as_deref().unwrap_or_default()).unwrap_or_default();
        let is_formed = length(random) == options.key_length
            && random
                .bytes()
                .all(|sign| sign.is_ascii_alphabetic() || (options.has_generator && sign.is_ascii_digit()));
        if !is_formed {
            return Err("the key has another form".to_owned());
        }
        if id.is_empty() || self.keys.iter().any(|other| other.id == id || other.clear == clear) {
            return Err("the key, or its id, is not new".to_owned());
        }
        let shown = options.start.map(|count| clear.encode_utf16().take(count).collect::<Vec<_>>());
        let start = shown.map(|units| String::from_utf16_lossy(&units));
        let key = Key { id, clear: clear.clone(), start, ..key.clone() };
        let mut row = key.row(self.release, false);
        row.push(("key", Js::Text(clear)));
        self.keys.push(key);
        differs(&row, body).map_or(Ok(()), Err)
    }
}

fn text(fields: &Fields, name: &str) -> String {
    match of(fields, name) {
        Some(Js::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

fn named(fields: &Fields) -> Option<&str> {
    match of(fields, "configId") {
        Some(Js::Text(text)) => Some(text),
        _ => None,
    }
}

fn listed(page: &Page, body: &Value) -> Result<(), String> {
    let Some(total) = page.total else { return rows(page, body) };
    let mut wanted = json!({ "total": total });
    for (name, value) in [("limit", page.limit), ("offset", page.offset)] {
        if let Some(value) = value {
            wanted[name] = json!(value as u64);
        }
    }
    let mut shown = body.clone();
    let keys = shown.as_object_mut().and_then(|members| members.shift_remove("apiKeys")).unwrap_or_default();
    if shown != wanted {
        return Err(format!("the list says {shown}, expected {wanted}"));
    }
    rows(page, &keys)
}

fn rows(page: &Page, shown: &Value) -> Result<(), String> {
    let shown = shown.as_array().ok_or("no list")?;
    if shown.len() != page.rows.len() {
        return Err(format!("{} keys are listed, expected {}", shown.len(), page.rows.len()));
    }
    page.rows.iter().zip(shown).find_map(|(row, shown)| differs(row, shown)).map_or(Ok(()), Err)
}
