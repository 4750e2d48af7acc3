//! `createApiKey`: the checks in their order, and the new key.

use super::fields::{Fields, SERVER_ONLY, of};
use super::js::Js;
use super::key::{Key, length};
use super::options::{Options, resolve};
use super::refusal::{self, Refusal};
use super::world::{Caller, World};

impl World {
    /// The new key, without what is drawn at random: its id and its clear text.
    pub(crate) fn create(&mut self, now: i64, caller: &Caller, fields: &Fields) -> Result<Key, Refusal> {
        let release = self.release;
        let text = |name: &str| match of(fields, name) {
            Some(Js::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let number = |name: &str| match of(fields, name) {
            Some(Js::Number(number)) => Some(*number),
            _ => None,
        };
        let options = resolve(&self.options, text("configId")).ok_or(refusal::NO_DEFAULT)?.clone();
        let is_free = |name: &str| {
            (name == "permissions" && options.grants)
                || (name == "remaining" && of(fields, name).is_none_or(|value| *value == Js::Null))
        };
        let names_server_only = SERVER_ONLY.iter().any(|name| of(fields, name).is_some() && !is_free(name));
        let serves_itself = caller.is_client && names_server_only;
        let named = of(fields, "userId");
        let user = text("userId").filter(|id| !id.is_empty());
        let owner = match (caller.user.as_deref(), user) {
            (Some(session), Some(user)) if release < (1, 5, 0) && session != user => Err(refusal::UNAUTHORIZED_SESSION),
            (Some(session), _) => Ok(session),
            (None, Some(user)) if !caller.is_client => Ok(user),
            _ => Err(refusal::UNAUTHORIZED_SESSION),
        };
        if release >= (1, 5, 0) && serves_itself {
            return Err(refusal::SERVER_ONLY);
        }
        if release >= (1, 5, 0) && caller.over_http && named.is_some() {
            return Err(refusal::UNAUTHORIZED_SESSION);
        }
        let owner = owner?.to_owned();
        if serves_itself {
            return Err(refusal::SERVER_ONLY);
        }
        let permissions = granted(caller, &options, &owner, of(fields, "permissions"))?;

        let metadata = of(fields, "metadata").filter(|metadata| metadata.is_truthy());
        let expires_in = number("expiresIn");
        let (amount, interval) = (number("refillAmount"), number("refillInterval"));
        let is_set = |number: Option<f64>| number.is_some_and(|number| number != 0.0);
        let days = expires_in.map(|seconds| seconds / 86_400.0);
        let outside = |text: Option<&str>, [least, most]: [f64; 2]| {
            text.filter(|text| !text.is_empty()).is_some_and(|text| !(least..=most).contains(&(length(text) as f64)))
        };
        let is_object = |value: &Js| matches!(value, Js::Object(_) | Js::List(_));
        let rules = [
            (metadata.is_some() && !options.has_metadata, refusal::METADATA_DISABLED),
            (metadata.is_some_and(|metadata| !is_object(metadata)), refusal::METADATA_TYPE),
            (is_set(amount) && !is_set(interval), refusal::AMOUNT_ALONE),
            (is_set(interval) && !is_set(amount), refusal::INTERVAL_ALONE),
            (days.is_some() && !options.own_expiry, refusal::NO_CUSTOM_EXPIRY),
            (days.is_some_and(|days| days < options.days[0]), refusal::EXPIRES_TOO_SOON),
            (days.is_some_and(|days| days > options.days[1]), refusal::EXPIRES_TOO_LATE),
            (outside(text("prefix"), options.prefix_length), refusal::PREFIX_LENGTH),
            (outside(text("name"), options.name_length), refusal::NAME_LENGTH),
            (text("name").unwrap_or_default().is_empty() && options.needs_name, refusal::NAME_REQUIRED),
        ];
        if let Some((_, refusal)) = rules.into_iter().find(|(is_broken, _)| *is_broken) {
            return Err(refusal);
        }
        self.sweep(now);

        // Up to 1.3.4 a key that is to be refilled starts with what it is refilled with.
        let remaining = number("remaining").or(amount.filter(|_| release < (1, 3, 5)));
        // Up to 1.2.5 a new key is limited whatever the configuration says.
        let limited = match of(fields, "rateLimitEnabled") {
            Some(Js::Bool(limited)) => *limited,
            _ => options.limits || release < (1, 2, 6),
        };
        Ok(Key {
            id: String::new(),
            clear: String::new(),
            start: None,
            name: text("name").map(str::to_owned),
            prefix: text("prefix").map(str::to_owned).or_else(|| options.prefix.clone()),
            enabled: true,
            remaining,
            refill_amount: amount,
            refill_interval: interval,
            refilled: None,
            limited,
            uses: number("rateLimitMax").unwrap_or(options.uses),
            window: number("rateLimitTimeWindow").unwrap_or(options.window),
            count: 0,
            used: None,
            expires: expires_in.or(options.expires_in).map(|seconds| now.saturating_add((seconds * 1000.0) as i64)),
            created: now,
            updated: now,
            permissions,
            metadata: metadata.cloned().unwrap_or(Js::Null),
            config: options.id,
            owner,
        })
    }
}

/// The permissions of a new key: as they were asked for, or the defaults; what a client asks for, and what a key passes
/// on, under a ceiling.
fn granted(caller: &Caller, options: &Options, owner: &str, asked: Option<&Js>) -> Result<Option<Js>, Refusal> {
    let defaults = options.defaults(owner);
    let wish = asked.cloned().or(defaults);
    let asks = caller.is_client && options.grants;
    // What is above any of these is too much.
    let above_own = options.ceiling.iter().filter(|_| asks && asked.is_some());
    let held = caller.key.as_ref().filter(|_| asks).map(|held| held.clone().unwrap_or(Js::Object(Vec::new())));
    let bounds: Vec<&Js> = above_own.chain(held.iter()).collect();
    let Some(wish) = wish else { return Ok(None) };
    if bounds.iter().all(|bound| is_within(&wish, bound)) {
        return Ok(Some(wish));
    }
    if options.clamps {
        Ok(Some(bounds.into_iter().fold(wish, |wish, bound| common(&wish, bound))))
    } else {
        Err(refusal::ABOVE_MAXIMUM)
    }
}

fn members(permissions: &Js) -> &[(String, Js)] {
    match permissions {
        Js::Object(members) => members,
        _ => &[],
    }
}

fn items(actions: &Js) -> &[Js] {
    match actions {
        Js::List(items) => items,
        _ => &[],
    }
}

/// Is every resource there, with every action?
pub(crate) fn is_within(wish: &Js, ceiling: &Js) -> bool {
    members(wish).iter().all(|(resource, actions)| {
        ceiling.get(resource).is_some_and(|allowed| items(actions).iter().all(|one| items(allowed).contains(one)))
    })
}

fn common(wish: &Js, ceiling: &Js) -> Js {
    let both = members(wish).iter().filter_map(|(resource, actions)| {
        let allowed = ceiling.get(resource)?;
        let actions = items(actions).iter().filter(|one| items(allowed).contains(one)).cloned().collect();
        Some((resource.clone(), Js::List(actions)))
    });
    Js::Object(both.collect())
}
