//! Who calls: a signed-in user, a key in place of one, nobody, or the server itself.

use super::js::Js;
use super::key::length;
use super::options::Options;
use super::refusal::Refusal;
use super::verify::Invalid;
use super::world::{Caller, World};

type Headers = [(String, String)];

const NO_TEXT: Refusal = Refusal::Of(
    400,
    "INVALID_API_KEY_GETTER_RETURN_TYPE",
    "API Key getter returned an invalid key type. Expected string.",
);

impl World {
    /// `None`: it carries a cookie that nobody is known by. A key beats a cookie, and one that is refused refuses the
    /// request.
    pub(crate) fn caller(
        &mut self,
        now: i64,
        over_http: bool,
        headers: Option<&Headers>,
    ) -> Option<Result<Caller, Refusal>> {
        let Some(headers) = headers else { return Some(Ok(Caller::default())) };
        let mut caller = Caller { over_http, is_client: true, ..Caller::default() };
        let found = self.options.iter().find_map(|options| Some((found(options, headers)?, options.clone())));
        if let Some((given, options)) = found {
            return Some(self.of_key(now, given, &options).map(|(user, id, held)| {
                (caller.user, caller.key_id, caller.key) = (Some(user), Some(id), Some(held));
                caller
            }));
        }
        if let Some(cookie) = header(headers, "cookie") {
            let user = self.users.iter().find(|(known, _)| known == cookie).map(|(_, id)| id.clone());
            caller.user = Some(user?);
        }
        Some(Ok(caller))
    }

    /// The user, the key's id, and what it holds.
    fn of_key(&mut self, now: i64, given: Found, options: &Options) -> Result<(String, String, Option<Js>), Refusal> {
        let Found::Text(given) = given else { return Err(NO_TEXT) };
        if length(&given) < options.key_length || options.refuses(&given) {
            return Err(Refusal::Of(403, "INVALID_API_KEY", "Invalid API key."));
        }
        let unknown = Refusal::Of(401, "INVALID_API_KEY", "Invalid API key.");
        let at = self.find(options, &given).ok_or(unknown)?;
        if self.keys.get(at).is_none_or(|key| key.config != options.id) {
            return Err(unknown);
        }
        let key = self.spend(now, at, &given, None, false).map_err(|Invalid { code, .. }| {
            let status = match code {
                "USAGE_EXCEEDED" if self.release >= (1, 3, 0) => 429,
                "RATE_LIMITED" if self.release >= (1, 6, 11) => 429,
                _ => 401,
            };
            Refusal::As(status, code)
        })?;
        self.sweep(now);
        if !self.users.iter().any(|(_, id)| *id == key.owner) {
            let text = if self.release >= (1, 5, 0) { "" } else { "The user id from the API key is invalid." };
            return Err(Refusal::Of(401, "INVALID_REFERENCE_ID_FROM_API_KEY", text));
        }
        Ok((key.owner, key.id, key.permissions))
    }
}

/// What a configuration finds in the headers.
enum Found {
    Text(String),
    NoText,
}

fn found(options: &Options, headers: &Headers) -> Option<Found> {
    let names = options.headers.as_ref()?;
    let text = |name: &str| header(headers, name).filter(|value| !value.is_empty());
    match options.getter.as_deref() {
        Some("getter:number") => header(headers, "x-custom-key").map(|_| Found::NoText),
        Some(_) => text("x-custom-key").map(|key| Found::Text(key.to_owned())),
        None => names.iter().find_map(|name| text(name)).map(|key| Found::Text(key.to_owned())),
    }
}

/// The first header of this name.
pub(crate) fn header<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
