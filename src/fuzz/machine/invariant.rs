//! What no deployment may do, whatever its options: judged by the stored keys before and after a request.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::spec::config::{Config, Configs, DefaultPermissions, Storage, same_config};
use crate::spec::edition::Edition;
use crate::spec::key::KeyRow;
use crate::spec::operation::Method;
use crate::spec::permission::Permissions;
use crate::spec::request::{Reply, Request};

/// A request, its reply, and what was stored before and after.
pub(super) struct Exchange<'a> {
    pub(super) now: i64,
    pub(super) request: &'a Request,
    pub(super) reply: &'a Reply,
    /// The user whose session the request carries.
    pub(super) user: Option<&'a str>,
    pub(super) before: &'a [KeyRow],
    pub(super) after: &'a [KeyRow],
}

/// What is known of the keys of one deployment.
#[derive(Debug)]
pub(super) struct Watch {
    configs: Configs,
    pub(super) users: Vec<String>,
    /// Clear texts by id.
    clear: HashMap<String, String>,
    /// Clear texts, and what is stored of them.
    secrets: HashSet<String>,
    gone: HashSet<String>,
    /// By id: when it was found valid, in one window or since its limits were set.
    uses: HashMap<String, Vec<i64>>,
    /// By id: how often it may still be found valid, for keys that are never refilled.
    left: HashMap<String, f64>,
}

impl Watch {
    pub(super) fn new(configs: Configs) -> Self {
        let (users, clear, secrets, gone) = (Vec::new(), HashMap::new(), HashSet::new(), HashSet::new());
        Self { configs, users, clear, secrets, gone, uses: HashMap::new(), left: HashMap::new() }
    }

    /// Holds all invariants against one exchange.
    ///
    /// # Errors
    /// The one that is broken.
    pub(super) fn look(&mut self, edition: &Edition, exchange: &Exchange<'_>) -> Result<(), String> {
        let method = exchange.method(edition);
        self.internal_error(edition, exchange)?;
        self.secrets(method, exchange)?;
        self.owners(method, exchange)?;
        self.counters(exchange)?;
        if !exchange.is_unchanged() {
            self.permissions(method, exchange)?;
        }
        self.changes(method, exchange)?;
        self.validity(exchange)?;
        self.remember(method, exchange);
        Ok(())
    }

    /// Is it a read that may be read again, with the same answer?
    pub(super) fn reads(&self, exchange: &Exchange<'_>) -> bool {
        let reads = match exchange.request {
            Request::Http { method, .. } => method == "GET",
            Request::Server { method, .. } => method.reads_query(),
        };
        // A sweep may have come with it, and a key in a header is used each time.
        reads && exchange.before == exchange.after && self.key_in_headers(exchange).is_none()
    }

    /// Only what is wrong with a deployment, and what a body without JSON was once answered, is an internal error.
    fn internal_error(&self, edition: &Edition, exchange: &Exchange<'_>) -> Result<(), String> {
        let Reply { status, body, .. } = exchange.reply;
        let code = body.as_ref().and_then(|body| body.get("code")).and_then(Value::as_str).unwrap_or_default();
        let known = ["ORGANIZATION_PLUGIN_REQUIRED", "FAILED_TO_UPDATE_API_KEY", "INTERNAL_SERVER_ERROR"];
        let no_storage = || self.configs.iter().any(|config| config.storage != Storage::Database);
        let excused = match code {
            "" => {
                edition.release() < (1, 6, 16)
                    && matches!(exchange.request, Request::Http { body, .. } if !body.is_empty())
            }
            "ORGANIZATION_PLUGIN_REQUIRED" => true,
            code => known.contains(&code) && no_storage(),
        };
        if *status < 500 || excused { Ok(()) } else { Err(format!("an internal error: {status} {body:?}")) }
    }

    /// A clear text is shown once, when the key is made; what is stored of it never.
    fn secrets(&self, method: Option<Method>, exchange: &Exchange<'_>) -> Result<(), String> {
        let Some(body) = &exchange.reply.body else { return Ok(()) };
        let own = (method == Some(Method::CreateApiKey)).then(|| body.get("key").and_then(Value::as_str)).flatten();
        if own.is_some_and(|own| self.secrets.contains(own)) {
            return Err(format!("a key is made twice: {body}"));
        }
        if self.shows_secret(body) { Err(format!("a key is shown: {body}")) } else { Ok(()) }
    }

    /// Is a word of some text a key, or what is stored of one? Short keys may be any word.
    fn shows_secret(&self, value: &Value) -> bool {
        const SHORTEST: usize = 12;
        let is_sign = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == '-';
        match value {
            Value::String(text) if text.len() >= SHORTEST => {
                text.split(|sign| !is_sign(sign)).any(|word| word.len() >= SHORTEST && self.secrets.contains(word))
            }
            Value::Array(items) => items.iter().any(|item| self.shows_secret(item)),
            Value::Object(members) => members.values().any(|member| self.shows_secret(member)),
            _ => false,
        }
    }

    /// Nobody gets to see, to change or to make a key of another user.
    fn owners(&self, method: Option<Method>, exchange: &Exchange<'_>) -> Result<(), String> {
        let by_key = self.key_in_headers(exchange).is_some();
        let is_moved = |row: &KeyRow| exchange.before.iter().any(|old| old.id == row.id && old.owner != row.owner);
        if let Some(row) = exchange.after.iter().find(|row| !exchange.is_unchanged() && is_moved(row)) {
            return Err(format!("{} has another owner", row.id));
        }
        let Some(user) = exchange.user.filter(|_| !by_key) else { return Ok(()) };
        let is_others = |owner: &str| owner != user && self.users.iter().any(|other| other == owner);
        if method != Some(Method::VerifyApiKey)
            && let Some(body) = exchange.reply.body.as_ref().filter(|_| exchange.reply.status == 200)
        {
            let list = body.get("apiKeys").unwrap_or(body);
            let rows = list.as_array().map_or(std::slice::from_ref(list), Vec::as_slice);
            let owner = |row: &Value| row.get("referenceId").or(row.get("userId"))?.as_str().map(is_others);
            if rows.iter().any(|row| owner(row) == Some(true)) {
                return Err(format!("a key of another user: {body}"));
            }
        }
        let is_new = |row: &&KeyRow| !exchange.is_unchanged() && !exchange.before.contains(row);
        match exchange.after.iter().filter(is_new).find(|row| is_others(&row.owner)) {
            Some(row) if method != Some(Method::VerifyApiKey) => Err(format!("{} of another user is written", row.id)),
            _ => Ok(()),
        }
    }

    /// What remains is never below zero, and no key has more uses than it had left, or than its limit lets through.
    fn counters(&mut self, exchange: &Exchange<'_>) -> Result<(), String> {
        if let Some(row) = exchange.after.iter().find(|row| row.remaining.is_some_and(|left| left < 0.0)) {
            return Err(format!("{} has {:?} uses left", row.id, row.remaining));
        }
        let Some((id, row)) =
            exchange.valid().and_then(|id| Some((id, exchange.before.iter().find(|row| row.id == id)?)))
        else {
            return Ok(());
        };
        if let Some(left) = self.left.get_mut(id) {
            *left -= 1.0;
            if left.ceil() < 0.0 {
                return Err(format!("{id} was used more often than it could be"));
            }
        }
        let on = row.rate_limit_enabled && self.config(row).is_some_and(|config| config.rate_limit.enabled);
        let (Some(window), Some(most), true) = (row.rate_limit_time_window, row.rate_limit_max, on) else {
            return Ok(());
        };
        let uses = self.uses.entry(id.to_owned()).or_default();
        if uses.last().is_some_and(|last| (exchange.now - last) as f64 > window) {
            uses.clear();
        }
        uses.push(exchange.now);
        // The first use of a window always passes.
        let most = most.ceil().max(1.0);
        if uses.len() as f64 > most {
            Err(format!("{id} has {} uses in a window of {most}", uses.len()))
        } else {
            Ok(())
        }
    }

    /// Permissions come from the server: by a trusted request, or by the configuration.
    fn permissions(&self, method: Option<Method>, exchange: &Exchange<'_>) -> Result<(), String> {
        let sent = match exchange.request {
            Request::Server { headers: None, body: Some(body), .. } => {
                body.get("permissions").and_then(Permissions::from_json)
            }
            _ => None,
        };
        for row in exchange.after {
            let old = exchange.before.iter().find(|old| old.id == row.id);
            if old.is_some_and(|old| old.permissions == row.permissions) {
                continue;
            }
            let default = self.config(row).and_then(|config| match config.default_permissions.as_ref()? {
                DefaultPermissions::These(permissions) => Some(permissions.clone()),
                DefaultPermissions::FromOwner => Some([("owner", [row.owner.as_str()])].into_iter().collect()),
            });
            let sent = sent.as_ref().map(|sent| {
                let mut sent = sent.clone();
                sent.0.shift_remove("__proto__");
                sent
            });
            let trusted = matches!(exchange.request, Request::Server { headers: None, .. });
            let is_right = match old {
                None => row.permissions == sent.or(default),
                Some(_) => trusted && method == Some(Method::UpdateApiKey) && row.permissions == sent,
            };
            if !is_right {
                return Err(format!("{} has permissions from nowhere: {:?}", row.id, row.permissions));
            }
        }
        Ok(())
    }

    /// What is rejected changes nothing, nor does a read; and nothing but what is asked for changes.
    fn changes(&self, method: Option<Method>, exchange: &Exchange<'_>) -> Result<(), String> {
        let used = self.key_in_headers(exchange);
        let accepted = exchange.accepted();
        if exchange.is_unchanged() {
            let creates = accepted && method == Some(Method::CreateApiKey);
            return if creates { Err("no new key".to_owned()) } else { Ok(()) };
        }
        let writes = |row: &KeyRow| match method {
            _ if used == Some(row.id.as_str()) => true,
            Some(Method::VerifyApiKey) => accepted && exchange.valid() == Some(row.id.as_str()),
            Some(Method::UpdateApiKey) => accepted && exchange.shown_id() == Some(row.id.as_str()),
            _ => false,
        };
        for old in exchange.before {
            let is_over = old.expires_at.is_some_and(|expires_at| expires_at < exchange.now)
                || old.remaining.is_some_and(|left| left <= 0.0) && old.refill_amount.is_none();
            let is_deleted = || accepted && method == Some(Method::DeleteApiKey) && exchange.names(&old.id);
            match exchange.after.iter().find(|row| row.id == old.id) {
                None if is_over || is_deleted() => {}
                None => return Err(format!("{} is gone", old.id)),
                Some(row) if row == old || writes(row) => {}
                Some(row) => return Err(format!("{old:?} became {row:?}")),
            }
        }
        let is_new = |row: &&KeyRow| !exchange.before.iter().any(|old| old.id == row.id);
        let new = exchange.after.iter().filter(is_new).count();
        let creates = accepted && method == Some(Method::CreateApiKey);
        if new == usize::from(creates) { Ok(()) } else { Err(format!("{new} new keys")) }
    }

    /// Nothing is valid that was deleted, is disabled or has expired.
    fn validity(&self, exchange: &Exchange<'_>) -> Result<(), String> {
        let is_back = |row: &&KeyRow| !exchange.is_unchanged() && self.gone.contains(&row.id);
        if let Some(row) = exchange.after.iter().find(is_back) {
            return Err(format!("{} is back", row.id));
        }
        let Some(id) = exchange.valid() else { return Ok(()) };
        let is_good = |row: &KeyRow| row.enabled && row.expires_at.is_none_or(|expires_at| expires_at >= exchange.now);
        match exchange.before.iter().find(|row| row.id == id) {
            Some(row) if is_good(row) => Ok(()),
            row => Err(format!("valid: {row:?}")),
        }
    }

    fn remember(&mut self, method: Option<Method>, exchange: &Exchange<'_>) {
        let is_gone = |old: &&KeyRow| !exchange.after.iter().any(|row| row.id == old.id);
        if !exchange.is_unchanged() {
            self.gone.extend(exchange.before.iter().filter(is_gone).map(|old| old.id.clone()));
        }
        if !exchange.accepted() {
            return;
        }
        let text = |name: &str| exchange.reply.body.as_ref()?.get(name)?.as_str().map(str::to_owned);
        if let (Some(Method::CreateApiKey), Some(id), Some(clear)) = (method, text("id"), text("key")) {
            let row = exchange.after.iter().find(|row| row.id == id);
            self.secrets.extend(row.map(|row| row.key.clone()).into_iter().chain([clear.clone()]));
            self.clear.insert(id, clear);
        }
        if let (Some(Method::CreateApiKey | Method::UpdateApiKey), Some(id)) = (method, text("id")) {
            self.uses.remove(&id);
            let row = exchange.after.iter().find(|row| row.id == id);
            match row.filter(|row| row.refill_amount.is_none()).and_then(|row| row.remaining) {
                Some(left) => _ = self.left.insert(id, left),
                None => _ = self.left.remove(&id),
            }
        }
    }

    fn config(&self, row: &KeyRow) -> Option<&Config> {
        self.configs.iter().find(|config| same_config(config.config_id.as_deref(), row.config_id.as_deref()))
    }

    /// The key that a header carries, if it is one.
    fn key_in_headers(&self, exchange: &Exchange<'_>) -> Option<&str> {
        let headers = match exchange.request {
            Request::Http { headers, .. } | Request::Server { headers: Some(headers), .. } => headers.as_slice(),
            Request::Server { headers: None, .. } => &[],
        };
        let is_key = |(_, clear): &(&String, &String)| headers.iter().any(|(_, value)| value == *clear);
        self.clear.iter().find(is_key).map(|(id, _)| id.as_str())
    }
}

impl Exchange<'_> {
    /// Is it the same list of keys, and not only an equal one?
    fn is_unchanged(&self) -> bool {
        std::ptr::eq(self.before, self.after)
    }

    fn method(&self, edition: &Edition) -> Option<Method> {
        match self.request {
            Request::Server { method, .. } => Some(*method),
            Request::Http { method, path, .. } => Method::at(edition, method, path),
        }
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.reply.body.as_ref()?.get(name)
    }

    fn accepted(&self) -> bool {
        self.reply.status < 400 && self.member("valid") != Some(&Value::Bool(false))
    }

    /// The id of the key that was found valid.
    fn valid(&self) -> Option<&str> {
        let key = self.member("key").filter(|_| self.member("valid") == Some(&Value::Bool(true)))?;
        key.get("id")?.as_str()
    }

    fn shown_id(&self) -> Option<&str> {
        self.member("id")?.as_str()
    }

    /// Does the request name this key?
    fn names(&self, id: &str) -> bool {
        match self.request {
            Request::Server { body, .. } => body.as_ref().and_then(|body| body.get("keyId")?.as_str()) == Some(id),
            Request::Http { body, .. } => String::from_utf8_lossy(body).contains(id),
        }
    }
}
