//! `verifyApiKey`: a table of outcomes, the first that applies, and what a use costs.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::create::is_within;
use super::fields::{Fields, of};
use super::js::Js;
use super::key::{Key, length};
use super::options::{Options, resolve};
use super::refusal::{self, Refusal};
use super::world::World;

/// Why a key is not valid: the code of the result, and for a rate limit when to come again, in milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Invalid {
    pub(crate) code: &'static str,
    pub(crate) try_again_in: Option<f64>,
}

fn invalid(code: &'static str) -> Invalid {
    Invalid { code, try_again_in: None }
}

/// What becomes of a key that is refused.
enum After {
    Stays,
    IsRemoved,
}

impl World {
    /// The key as it is after this use, or why it is refused.
    pub(crate) fn verify(&mut self, now: i64, fields: &Fields) -> Result<Result<Key, Invalid>, Refusal> {
        let text = |name: &str| match of(fields, name) {
            Some(Js::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let (given, named) = (text("key").unwrap_or_default(), text("configId"));
        let lookup = resolve(&self.options, named).ok_or(refusal::NO_DEFAULT)?.clone();
        let named_first = named.is_some() || self.release < (1, 6, 13);
        if (self.release < (1, 4, 11) && length(given) < lookup.key_length) || (named_first && lookup.refuses(given)) {
            return Ok(Err(invalid("KEY_NOT_FOUND")));
        }
        let unknown = if self.release >= (1, 2, 9) { "INVALID_API_KEY" } else { "KEY_NOT_FOUND" };
        let Some(at) = self.find(&lookup, given) else { return Ok(Err(invalid(unknown))) };
        let is_elsewhere = |key: &Key| named.is_some_and(|id| key.config != if id.is_empty() { "default" } else { id });
        if self.keys.get(at).is_none_or(is_elsewhere) {
            return Ok(Err(invalid(unknown)));
        }
        let verified = self.spend(now, at, given, of(fields, "permissions"), !named_first);
        if verified.is_ok() && self.release < (1, 4, 8) {
            self.sweep(now);
        }
        Ok(verified)
    }

    /// The key that is stored under what this configuration makes of a text.
    pub(crate) fn find(&self, lookup: &Options, given: &str) -> Option<usize> {
        let stored = |clear: &str, options: &Options| if options.stores_clear { clear.to_owned() } else { hash(clear) };
        let wanted = stored(given, lookup);
        self.keys.iter().position(|key| {
            let own = resolve(&self.options, Some(&key.config));
            own.is_some_and(|own| {
                if own.stores_clear == lookup.stores_clear {
                    key.clear == given
                } else {
                    stored(&key.clear, own) == wanted
                }
            })
        })
    }

    /// One use of a key that was found.
    pub(crate) fn spend(
        &mut self,
        now: i64,
        at: usize,
        given: &str,
        required: Option<&Js>,
        asks_validator: bool,
    ) -> Result<Key, Invalid> {
        let Some(key) = self.keys.get(at) else { return Err(invalid("INVALID_API_KEY")) };
        let Some(options) = resolve(&self.options, Some(&key.config)) else { return Err(invalid("INVALID_API_KEY")) };
        let refused = match () {
            () if asks_validator && options.refuses(given) => Some(("KEY_NOT_FOUND", After::Stays)),
            () if !key.enabled => Some(("KEY_DISABLED", After::Stays)),
            () if key.expires.is_some_and(|expires| now > expires) => Some(("KEY_EXPIRED", After::IsRemoved)),
            () if required.is_some_and(|required| !authorizes(key.permissions.as_ref(), required)) => {
                Some(("KEY_NOT_FOUND", After::Stays))
            }
            () if key.remaining.is_some_and(|left| left <= 0.0) && key.refill_amount.is_none() => {
                Some(("USAGE_EXCEEDED", After::IsRemoved))
            }
            () if key.remaining.is_some_and(|left| left <= 0.0) && !is_due(key, now) => {
                Some(("USAGE_EXCEEDED", After::Stays))
            }
            () => None,
        };
        if let Some((code, after)) = refused {
            if matches!(after, After::IsRemoved) {
                self.keys.remove(at);
            }
            return Err(invalid(code));
        }
        let passed = key.used.map(|used| (now - used) as f64);
        let is_counted = options.limits && key.limited;
        let begins = passed.is_none_or(|passed| passed > key.window);
        if is_counted && !begins && key.count as f64 >= key.uses {
            let details = self.release < (1, 2, 9) || self.release >= (1, 4, 19);
            let wait = (key.window - passed.unwrap_or(0.0)).ceil();
            return Err(Invalid { code: "RATE_LIMITED", try_again_in: details.then_some(wait) });
        }
        let mut key = key.clone();
        if let Some(left) = key.remaining {
            let refill = key.refill_amount.filter(|_| is_due(&key, now));
            key.remaining = Some((refill.unwrap_or(left) - 1.0).max(0.0));
            key.refilled = refill.map_or(key.refilled, |_| Some(now));
        }
        if is_counted {
            key.count = if begins { 1 } else { key.count + 1 };
        }
        key.used = Some(now);
        if self.release >= (1, 4, 1) {
            key.updated = now;
        }
        if let Some(old) = self.keys.get_mut(at) {
            *old = key.clone();
        }
        Ok(key)
    }
}

/// Is it time for a refill?
fn is_due(key: &Key, now: i64) -> bool {
    let interval = key.refill_interval.filter(|interval| *interval != 0.0);
    let amount = key.refill_amount.filter(|amount| *amount != 0.0);
    amount.is_some() && interval.is_some_and(|interval| (now - key.refilled.unwrap_or(key.created)) as f64 > interval)
}

/// Something is required, of every resource something, and all of it is held.
fn authorizes(held: Option<&Js>, required: &Js) -> bool {
    let Js::Object(members) = required else { return false };
    let asks = |actions: &Js| matches!(actions, Js::List(items) if !items.is_empty());
    !members.is_empty()
        && members.iter().all(|(_, actions)| asks(actions))
        && held.is_some_and(|held| is_within(required, held))
}

/// How keys are stored: SHA-256 as base64url.
pub(crate) fn hash(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}
