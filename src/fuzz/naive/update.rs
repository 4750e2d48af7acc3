//! `updateApiKey`: the checks in their order, and what becomes of the key.

use super::fields::{Fields, SERVER_ONLY, of};
use super::js::Js;
use super::key::{Key, length};
use super::options::resolve;
use super::refusal::{self, Refusal};
use super::world::{Caller, World};

impl World {
    /// The key as it is afterwards.
    pub(crate) fn update(&mut self, now: i64, caller: &Caller, fields: &Fields) -> Result<Key, Refusal> {
        let text = |name: &str| match of(fields, name) {
            Some(Js::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let number = |name: &str| match of(fields, name) {
            Some(Js::Number(number)) => Some(*number),
            _ => None,
        };
        let named = text("userId").filter(|id| !id.is_empty());
        let user = match (caller.user.as_deref(), named) {
            (Some(user), Some(named)) if user != named => return Err(refusal::UNAUTHORIZED_SESSION),
            (Some(user), _) => user,
            (None, Some(named)) if !caller.is_client => named,
            _ => return Err(refusal::UNAUTHORIZED_SESSION),
        };
        if caller.is_client && SERVER_ONLY.iter().any(|name| of(fields, name).is_some()) {
            return Err(refusal::SERVER_ONLY);
        }
        let at = self.owned(user, text("keyId").unwrap_or_default(), text("configId"))?;
        let key = self.keys.get(at).ok_or(refusal::NOT_FOUND)?;
        let options = resolve(&self.options, Some(&key.config)).ok_or(refusal::NO_DEFAULT)?;

        let expiry = of(fields, "expiresIn");
        let days = number("expiresIn").map(|seconds| seconds / 86_400.0);
        let metadata = of(fields, "metadata").filter(|_| options.has_metadata);
        let is_object = |value: &Js| matches!(value, Js::Object(_) | Js::List(_) | Js::Null);
        let (amount, interval) = (number("refillAmount"), number("refillInterval"));
        let [least, most] = options.name_length;
        let rules = [
            (text("name").is_some_and(|name| !(least..=most).contains(&(length(name) as f64))), refusal::NAME_LENGTH),
            (expiry.is_some() && !options.own_expiry, refusal::NO_CUSTOM_EXPIRY),
            (days.is_some_and(|days| days < options.days[0]), refusal::EXPIRES_TOO_SOON),
            (days.is_some_and(|days| days > options.days[1]), refusal::EXPIRES_TOO_LATE),
            (metadata.is_some_and(|metadata| !is_object(metadata)), refusal::METADATA_TYPE),
            (amount.is_some() && interval.is_none(), refusal::AMOUNT_ALONE),
            (interval.is_some() && amount.is_none(), refusal::INTERVAL_ALONE),
        ];
        if let Some((_, refusal)) = rules.into_iter().find(|(is_broken, _)| *is_broken) {
            return Err(refusal);
        }
        let changes = ["name", "enabled", "expiresIn", "rateLimitEnabled", "rateLimitTimeWindow", "rateLimitMax"];
        let more = ["permissions", "remaining", "refillAmount"];
        if metadata.is_none() && !changes.iter().chain(&more).any(|name| of(fields, name).is_some()) {
            return Err(refusal::NOTHING_TO_UPDATE);
        }

        let mut key = key.clone();
        key.updated = now;
        key.name = text("name").map(str::to_owned).or(key.name);
        key.remaining = number("remaining").or(key.remaining);
        key.refill_amount = amount.or(key.refill_amount);
        key.refill_interval = interval.or(key.refill_interval);
        key.uses = number("rateLimitMax").unwrap_or(key.uses);
        key.window = number("rateLimitTimeWindow").unwrap_or(key.window);
        key.metadata = metadata.cloned().unwrap_or(key.metadata);
        for (name, flag) in [("enabled", &mut key.enabled), ("rateLimitEnabled", &mut key.limited)] {
            if let Some(Js::Bool(value)) = of(fields, name) {
                *flag = *value;
            }
        }
        match of(fields, "permissions") {
            Some(Js::Null) => key.permissions = None,
            Some(permissions) => key.permissions = Some(permissions.clone()),
            None => {}
        }
        match (expiry, number("expiresIn")) {
            (Some(_), Some(seconds)) => key.expires = Some(now.saturating_add((seconds * 1000.0) as i64)),
            (Some(_), None) => key.expires = None,
            (None, _) => {}
        }
        if let Some(old) = self.keys.get_mut(at) {
            *old = key.clone();
        }
        self.sweep(now);
        Ok(key)
    }
}
