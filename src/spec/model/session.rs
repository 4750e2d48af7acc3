//! Sessions of signed-in users: tokens, cookies, expiry.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account::Accounts;
use super::secret::Secrets;
use crate::spec::key::iso_date;

/// The cookie that carries a session.
pub(super) const COOKIE: &str = "better-auth.session_token";

/// How long a session lasts, in milliseconds: seven days.
pub(super) const LIFETIME: i64 = 7 * DAY;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A hundred years.
const CENTURY: i64 = 36_525 * DAY;

/// A session of a user who signed in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) token: String,
    pub(super) user_id: String,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) expires_at: i64,
    /// Whether the cookie outlives the browser.
    pub(super) remembered: bool,
    /// The organization that requests without an `organizationId` mean.
    pub(super) active_organization: Option<String>,
    signature: String,
}

impl Session {
    pub(super) fn new(secrets: &mut Secrets, now: i64, user_id: &str, remembered: bool) -> Self {
        let token = secrets.id();
        let signature = secrets.sign(&token);
        Self {
            id: secrets.id(),
            token,
            user_id: user_id.to_owned(),
            created_at: now,
            updated_at: now,
            expires_at: now.saturating_add(if remembered { LIFETIME } else { DAY }),
            remembered,
            active_organization: None,
            signature,
        }
    }

    /// One that lasts a hundred years.
    pub(super) fn lasting(secrets: &mut Secrets, now: i64, user_id: &str) -> Self {
        Self { expires_at: now.saturating_add(CENTURY), ..Self::new(secrets, now, user_id, false) }
    }

    /// What a browser sends of this session.
    pub(super) fn cookie_header(&self) -> String {
        format!("{COOKIE}={}.{}", self.token, self.signature)
    }

    /// The `set-cookie` header that gives the session to a browser.
    pub(super) fn set_cookie(&self) -> (String, String) {
        let age = if self.remembered { format!("; Max-Age={}", LIFETIME / 1000) } else { String::new() };
        ("set-cookie".to_owned(), format!("{}{age}; Path=/; HttpOnly; SameSite=Lax", self.cookie_header()))
    }

    /// The members that `GET /get-session` shows.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "token": self.token,
            "userId": self.user_id,
            "expiresAt": iso_date(self.expires_at),
            "createdAt": iso_date(self.created_at),
            "updatedAt": iso_date(self.updated_at),
            "ipAddress": "",
            "userAgent": "",
        })
    }

    /// A session in use is prolonged once a day.
    pub(super) fn prolong(&mut self, now: i64) -> bool {
        let due = self.remembered && now >= self.updated_at.saturating_add(DAY);
        if due {
            self.updated_at = now;
            self.expires_at = now.saturating_add(LIFETIME);
        }
        due
    }
}

/// The headers that take every cookie of a session away.
pub(super) fn clear_cookies() -> Vec<(String, String)> {
    ["session_token", "session_data", "dont_remember"]
        .iter()
        .map(|name| {
            ("set-cookie".to_owned(), format!("better-auth.{name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"))
        })
        .collect()
}

impl Accounts {
    /// The live session that a `cookie` header carries. Every `cookie` header counts, the first cookie of the name wins.
    pub(super) fn session_of_cookie(&self, secrets: &Secrets, now: i64, cookie: &str) -> Option<&Session> {
        let value = cookie
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == COOKIE || name.strip_prefix("__Secure-") == Some(COOKIE))?
            .1;
        let (token, signature) = value.split_once('.')?;
        let session = self.session(token)?;
        // Expiry as everywhere in the spec: the last millisecond is still valid.
        (secrets.sign(token) == signature && now <= session.expires_at).then_some(session)
    }
}
