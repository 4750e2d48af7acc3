//! A deployment with its users, to which texts are sent, and whose stored keys are looked at after each.

use serde_json::{Value, json};

use super::ledger::{By, Grant, asked, is_kept, is_plain, made_by_client, of_permissions};
use crate::campaign::source::Source;
use crate::campaign::value;
use crate::spec::fault::Faults;
use crate::spec::key::KeyRow;
use crate::spec::model::Model;
use crate::spec::operation::Method;
use crate::spec::request::{Reply, Request};
use crate::spec::walk::play::{model, written};
use crate::spec::walk::{CONFIGURATIONS, Options, USERS, options, wish};

/// When it is, always: nothing here expires.
const NOW: i64 = 1_790_000_000_000;

pub(super) struct House {
    model: Model,
    faults: Faults,
    options: Options,
    /// Id and headers. The first owns the organization.
    users: Vec<(String, Vec<(String, String)>)>,
    organization: String,
    /// Ids and clear texts, oldest first.
    keys: Vec<(String, String)>,
}

/// What is sent.
struct Sent {
    by: By,
    over_http: bool,
    headers: Vec<(String, String)>,
    method: Method,
    content_type: &'static str,
    body: Vec<u8>,
}

impl House {
    pub(super) fn new(options: Options, faults: Faults) -> Result<Self, String> {
        let mut model = model(&options, faults, 1);
        let origin = model.origin().to_owned();
        let mut user = |number: usize| {
            let (id, cookie) = model.sign_up_actor(NOW, &format!("user{number}"));
            (id, vec![("cookie".to_owned(), cookie), ("origin".to_owned(), origin.clone())])
        };
        let users: Vec<_> = (0..USERS).map(&mut user).collect();
        let mut headers = users.first().map(|(_, headers)| headers.clone()).unwrap_or_default();
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        let body = json!({ "name": "acme", "slug": "acme" }).to_string().into_bytes();
        let path = "/organization/create".to_owned();
        let founds = Request::Http { method: "POST".to_owned(), path, query: Vec::new(), headers, body };
        let founded = model.apply(NOW, &founds);
        let organization = text(&founded, "id").ok_or("no organization")?;
        Ok(Self { model, faults, options, users, organization, keys: Vec::new() })
    }

    /// One step that is drawn.
    ///
    /// # Errors
    /// What is above the ceiling.
    pub(super) fn step(&mut self, source: &mut impl Source) -> Result<(), String> {
        match source.below(24) {
            0..=11 => self.client(source, Method::CreateApiKey),
            12..=15 => self.client(source, Method::UpdateApiKey),
            16 => {
                let method = [Method::DeleteApiKey, Method::GetApiKey, Method::ListApiKeys][source.below(3)];
                self.client(source, method)
            }
            17..=19 => {
                self.server(source, Method::CreateApiKey);
                Ok(())
            }
            20 | 21 => {
                self.server(source, Method::UpdateApiKey);
                Ok(())
            }
            _ => self.restart(source),
        }
    }

    fn client(&mut self, source: &mut impl Source, method: Method) -> Result<(), String> {
        let Some(sent) = self.draw(source, method) else { return Ok(()) };
        let before: Vec<KeyRow> = self.model.keys().cloned().collect();
        let request = sent.request(self.model.edition());
        let reply = self.model.apply(NOW, &request);
        self.remember(&reply);
        // A call carries a value: what the text says it was read as.
        let body = match &request {
            Request::Server { body, .. } => body.as_ref().map(|body| body.to_string().into_bytes()).unwrap_or_default(),
            Request::Http { body, .. } => body.clone(),
        };
        let found = self.look(&before, &sent, &reply, asked(&body).as_ref());
        found.map_err(|wrong| format!("{wrong}, after {}", String::from_utf8_lossy(&body)))
    }

    fn look(&self, before: &[KeyRow], sent: &Sent, reply: &Reply, asked: Option<&Grant>) -> Result<(), String> {
        let user = match &sent.by {
            By::User(user) | By::Key { user, .. } => Some(user.as_str()),
            By::Nobody => None,
        };
        let founder = self.users.first().map(|(id, _)| id.as_str());
        let may_touch = |row: &KeyRow| {
            let of_team = row.config_id.as_deref() == Some("team");
            if of_team { row.owner == self.organization && user == founder } else { Some(row.owner.as_str()) == user }
        };
        let is_sender = |row: &KeyRow| matches!(&sent.by, By::Key { id, .. } if *id == row.id);
        let accepted = reply.status < 400;
        for row in self.model.keys() {
            let Some(old) = before.iter().find(|old| old.id == row.id) else {
                if !accepted || sent.method != Method::CreateApiKey || !may_touch(row) {
                    return Err(format!("nobody asked for {row:?}"));
                }
                is_plain(row, NOW)?;
                made_by_client(row, self.rules(row)?, &sent.by, asked)?;
                continue;
            };
            let mut as_used = old.clone();
            if is_sender(row) {
                // The use is counted, whatever becomes of the request.
                (as_used.last_request, as_used.updated_at) = (row.last_request, row.updated_at);
                (as_used.remaining, as_used.last_refill_at) = (row.remaining, row.last_refill_at);
            }
            let updated = accepted && sent.method == Method::UpdateApiKey && may_touch(row);
            match updated && text(reply, "id").as_ref() == Some(&row.id) {
                true => is_kept(&as_used, row)?,
                false if as_used == *row => {}
                false => return Err(format!("{old:?} became {row:?}")),
            }
        }
        let is_spent = |row: &KeyRow| row.remaining == Some(0.0) && is_sender(row);
        let gone = before.iter().find(|old| !is_spent(old) && !self.model.keys().any(|row| row.id == old.id));
        let deleted = accepted && sent.method == Method::DeleteApiKey;
        match gone {
            Some(row) if !deleted || !may_touch(row) => Err(format!("{row:?} is gone")),
            _ => Ok(()),
        }
    }

    fn rules(&self, row: &KeyRow) -> Result<&crate::spec::walk::Rules, String> {
        let named = |id: &&str| row.config_id.as_deref() == Some(*id);
        let number = CONFIGURATIONS.iter().position(named);
        number.and_then(|number| self.options.get(number)).ok_or_else(|| format!("of no configuration: {row:?}"))
    }

    /// The server is free to do what it likes.
    fn server(&mut self, source: &mut impl Source, method: Method) {
        let body = self.body(source, method);
        let mut body: Value = serde_json::from_str(&body).unwrap_or_default();
        if let Some(members) = body.as_object_mut() {
            let user = self.users.get(source.below(USERS)).map(|(id, _)| id.clone());
            members.insert("userId".to_owned(), user.into());
        }
        let request = Request::Server { method, body: Some(body), query: None, headers: None };
        let reply = self.model.apply(NOW, &request);
        self.remember(&reply);
    }

    fn remember(&mut self, reply: &Reply) {
        if let (Some(id), Some(clear)) = (text(reply, "id"), text(reply, "key")) {
            self.keys.push((id, clear));
        }
    }

    /// The deployment is stopped, and started again with other options.
    fn restart(&mut self, source: &mut impl Source) -> Result<(), String> {
        let options = options(&mut |below| source.below(below));
        let mut next = model(&options, self.faults, 0);
        let saved = self.model.save().map_err(|error| error.to_string())?;
        next.restore(saved).map_err(|error| error.to_string())?;
        if !next.keys().eq(self.model.keys()) {
            return Err("a restart changes keys".to_owned());
        }
        (self.model, self.options) = (next, options);
        Ok(())
    }

    /// A late key more often.
    fn key(&self, source: &mut impl Source) -> Option<&(String, String)> {
        self.keys.iter().rev().nth(source.below(4))
    }

    fn draw(&self, source: &mut impl Source, method: Method) -> Option<Sent> {
        let over_http = source.chance(80);
        let (by, headers) = match source.below(12) {
            0..=6 => {
                let (id, headers) = self.users.get(source.below(USERS))?;
                (By::User(id.clone()), headers.clone())
            }
            7..=10 => {
                let (id, clear) = self.key(source)?;
                let row = self.model.keys().find(|row| row.id == *id)?;
                let held = row.permissions.as_ref().map(of_permissions).unwrap_or_default();
                let by = By::Key { user: row.owner.clone(), id: id.clone(), held };
                (by, vec![("x-api-key".to_owned(), clear.clone())])
            }
            _ => (By::Nobody, Vec::new()),
        };
        let content_type =
            value::pick(source, &["application/json", "application/json", "application/json", "text/plain"]);
        let body = self.text(source, method);
        Some(Sent { by, over_http, headers, method, content_type, body })
    }

    /// A text that is right, one that was changed a little, or any bytes.
    fn text(&self, source: &mut impl Source, method: Method) -> Vec<u8> {
        let mut text = self.body(source, method).into_bytes();
        match source.below(8) {
            0..=4 => {}
            7 => text = (0..source.below(64)).map(|_| byte(source)).collect(),
            _ => {
                for _ in 0..=source.below(3) {
                    change(source, &mut text);
                }
            }
        }
        text
    }

    /// Members that matter, in any order and more than once.
    fn body(&self, source: &mut impl Source, method: Method) -> String {
        let mut members = vec![format!(r#""configId":"{}""#, CONFIGURATIONS[source.below(CONFIGURATIONS.len())])];
        let key = self.key(source).map_or("unknown", |(id, _)| id.as_str());
        match method {
            Method::CreateApiKey => members.push(format!(r#""organizationId":"{}""#, self.organization)),
            _ => members.push(format!(r#""keyId":"{key}""#)),
        }
        let grants = if method == Method::CreateApiKey { 85 } else { 30 };
        for percent in [grants, 6] {
            if source.chance(percent) {
                let wish = wish(&mut |below| source.below(below));
                let permissions = if source.chance(6) { "null".to_owned() } else { written(&wish) };
                members.push(format!(r#""permissions":{permissions}"#));
            }
        }
        for _ in 0..source.below(3) {
            let at = source.below(members.len() + 1);
            let (name, value) = match source.below(8) {
                0 => ("remaining", value::count(source)),
                1 => ("rateLimitMax", value::maximum(source)),
                2 => ("enabled", value::flag(source)),
                3 => ("expiresIn", value::expires_in(source)),
                4 => ("prefix", value::prefix(source)),
                5 => ("metadata", value::metadata(source)),
                6 => ("refillAmount", value::amount(source)),
                _ => ("name", value::name(source)),
            };
            // Most of these are refused from a client: then the permissions beside them come to nothing.
            if source.chance(35) || matches!(name, "name" | "enabled" | "expiresIn") {
                members.insert(at, format!(r#""{name}":{value}"#));
            }
        }
        format!("{{{}}}", members.join(","))
    }
}

impl Sent {
    fn request(&self, edition: &crate::spec::edition::Edition) -> Request {
        let reads_query = self.method.reads_query();
        let mut headers = self.headers.clone();
        if self.over_http {
            let (method, path) = crate::campaign::bind::route(edition, self.method);
            headers.push(("content-type".to_owned(), self.content_type.to_owned()));
            let body = if reads_query { Vec::new() } else { self.body.clone() };
            return Request::Http { method, path, query: Vec::new(), headers, body };
        }
        let body = serde_json::from_slice(&self.body).ok().filter(|_| !reads_query);
        Request::Server { method: self.method, body, query: None, headers: Some(headers) }
    }
}

/// What hostile texts are made of.
const TOKENS: &[&str] = &[
    r#""permissions":"#,
    r#""\u0070ermissions":"#,
    r#""__proto__":"#,
    r#""constructor":"#,
    r#"{"files":["write"]}"#,
    r#"["write"]"#,
    "null",
    "{}",
    "[]",
    ",",
    ":",
    "\"",
    "{",
    "}",
    "\\u0000",
    r#""remaining":null"#,
    r#""userId":"x""#,
    "\u{feff}",
    "1e999",
];

fn change(source: &mut impl Source, text: &mut Vec<u8>) {
    let at = source.below(text.len() + 1);
    match source.below(4) {
        0 => drop(text.splice(at..at, value::pick(source, TOKENS).bytes())),
        1 => {
            let end = (at + source.below(12)).min(text.len());
            text.drain(at..end);
        }
        2 => {
            let end = (at + source.below(40)).min(text.len());
            let part = text.get(at..end).unwrap_or_default().to_vec();
            let to = source.below(text.len() + 1);
            text.splice(to..to, part);
        }
        _ => {
            let byte = byte(source);
            if let Some(old) = text.get_mut(at) {
                *old = byte;
            }
        }
    }
}

fn byte(source: &mut impl Source) -> u8 {
    u8::try_from(source.below(256)).unwrap_or(0)
}

fn text(reply: &Reply, member: &str) -> Option<String> {
    (reply.status == 200).then_some(reply.body.as_ref()?.get(member)?.as_str()?.to_owned())
}
