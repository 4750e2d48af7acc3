//! Keys that act as sessions: looked for in every request before anything else of it counts.

use serde_json::{Value, json};

use super::account::User;
use super::caller::{Headers, header};
use super::session::LIFETIME;
use super::verify::Wanted;
use super::{Model, Refusal, js_length};
use crate::spec::config::{Config, Getter, References, Storage};
use crate::spec::error::{ErrorCode, Surface};
use crate::spec::fault::Fault;
use crate::spec::key::{KeyRow, iso_date};
use crate::spec::permission::Permissions;

/// The session that a key gave to one request.
#[derive(Debug, Clone)]
pub(super) struct KeySession {
    pub(super) user_id: String,
    /// What the key itself holds: it acts as its owner, and may pass on no more than this.
    pub(super) permissions: Option<Permissions>,
    /// The configuration that the key is of.
    pub(super) config_id: String,
    /// What `GET /get-session` shows of it.
    pub(super) shown: Value,
}

/// A key that was refused as a session: the whole request is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SessionRefusal {
    pub(super) refusal: Refusal,
    pub(super) surface: Surface,
}

/// What a configuration finds in the headers.
enum Found {
    Key(String),
    NotAText,
}

impl Model {
    /// The session of the key in the headers, if some configuration looks for one there. The first configuration that
    /// finds something decides; a key that it refuses is not tried on another.
    pub(super) fn key_session(&mut self, now: i64, headers: &Headers) -> Result<Option<KeySession>, SessionRefusal> {
        let found = self.configs.iter().find_map(|config| Some((self.found_in(config, headers)?, config.clone())));
        let Some((found, config)) = found else { return Ok(None) };
        let Found::Key(key) = found else {
            return match self.has(Fault::SessionGetterTypeUnchecked) {
                true => Ok(None),
                false => Err(guard(ErrorCode::InvalidApiKeyGetterReturnType)),
            };
        };
        let short = js_length(&key) < config.default_key_length && !self.has(Fault::SessionShortKeyUnchecked);
        if short || self.validator_refuses(&config, &key) {
            return Err(guard(ErrorCode::InvalidApiKey));
        }
        if config.storage == Storage::Secondary && self.has(Fault::StorageSecondaryNoSession) {
            return Err(guard(ErrorCode::InvalidApiKey));
        }
        let row = self.row_of_session(now, &config, &key)?;
        self.sweep(now);
        if self.has(Fault::SessionNotGiven) {
            return Ok(None);
        }
        // Only users have sessions, and only users that exist. The use is counted by now, as in the releases.
        let owner = match self.accounts.first() {
            Some(first) if self.has(Fault::SessionFirstUser) => first.id.clone(),
            _ => row.owner.clone(),
        };
        let owner = match config.references {
            References::Organization if self.has(Fault::OrganizationGivesSession) => {
                self.owner_of(&owner).unwrap_or(owner)
            }
            _ => owner,
        };
        let users_own = config.references == References::User || self.has(Fault::OrganizationGivesSession);
        let user = self.accounts.user(&owner).filter(|_| users_own);
        let Some(user) = user else {
            return Err(refused(ErrorCode::InvalidReferenceIdFromApiKey.into()));
        };
        let shown = self.shown(now, headers, &row, user, &key);
        let config_id = row.config_id.unwrap_or_else(|| config.id().to_owned());
        Ok(Some(KeySession { user_id: owner, permissions: row.permissions, config_id, shown }))
    }

    fn row_of_session(&mut self, now: i64, config: &Config, key: &str) -> Result<KeyRow, SessionRefusal> {
        let config_id = Some(config.id()).filter(|_| !self.has(Fault::SessionAnyConfiguration));
        let wanted = Wanted { key, lookup: config, config_id, permissions: None, ask_validator: false };
        let stored = self.store.find_key(&self.places_to_look(config), &self.stored_form(config, key)).cloned();
        if let Some(row) = stored
            && (self.has(Fault::SessionNotCounted) || (self.has(Fault::SessionDisabledKey) && !row.enabled))
        {
            return Ok(row);
        }
        self.use_key(now, &wanted).map_err(refused)
    }

    fn found_in(&self, config: &Config, headers: &Headers) -> Option<Found> {
        let on = config.sessions
            || self.has(Fault::SessionWhenOff)
            || (self.restored && self.has(Fault::RestartSessionsStayOn));
        if !on {
            return None;
        }
        let non_empty = |name: &str| header(headers, name).filter(|value| !value.is_empty());
        match config.getter.filter(|_| !self.has(Fault::SessionGetterIgnored)) {
            Some(Getter::CustomKeyHeader) => return non_empty("x-custom-key").map(|key| Found::Key(key.to_owned())),
            Some(Getter::Number) => return header(headers, "x-custom-key").map(|_| Found::NotAText),
            None => {}
        }
        let mut names: Vec<&str> = config.api_key_headers.iter().map(String::as_str).collect();
        if self.has(Fault::SessionOtherHeader) {
            names.push("x-api-key");
        }
        if self.has(Fault::SessionEmptyHeaderRefused) && names.iter().any(|name| header(headers, name) == Some("")) {
            return Some(Found::Key(String::new()));
        }
        names.into_iter().find_map(non_empty).map(|key| Found::Key(key.to_owned()))
    }

    /// A mock session: its id is the key's. It ends with the key, or after the seven days of any
    /// session (which every release takes for milliseconds: ten minutes, a defect).
    ///
    /// Releases show the clear key as the token. What is shown gets logged: here the token is good for nothing.
    fn shown(&self, now: i64, headers: &Headers, row: &KeyRow, user: &User, key: &str) -> Value {
        let token = if self.has(Fault::SessionTokenIsKey) { key.to_owned() } else { self.secrets.sign(key) };
        let lifetime = if self.has(Fault::SessionTenMinutes) { LIFETIME / 1000 } else { LIFETIME };
        json!({
            "session": {
                "id": row.id,
                "token": token,
                "userId": row.owner,
                "userAgent": header(headers, "user-agent"),
                "ipAddress": null,
                "createdAt": iso_date(now),
                "updatedAt": iso_date(now),
                "expiresAt": iso_date(row.expires_at.unwrap_or(now.saturating_add(lifetime))),
            },
            "user": user.to_json(),
        })
    }
}

fn guard(code: ErrorCode) -> SessionRefusal {
    SessionRefusal { refusal: code.into(), surface: Surface::SessionGuard }
}

fn refused(refusal: Refusal) -> SessionRefusal {
    SessionRefusal { refusal, surface: Surface::Session }
}
