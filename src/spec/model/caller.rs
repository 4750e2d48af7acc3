//! Who makes a request, and what that makes of it: a client, or the server itself.

use serde_json::Value;

use super::{Model, key_session};
use crate::spec::fault::Fault;

/// The headers of a request: names in lower case, in their order.
pub(super) type Headers = [(String, String)];

/// Who makes a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Caller {
    /// Came over HTTP, where nothing that is sent is trusted.
    pub(super) over_http: bool,
    /// Over HTTP or a server-side call with headers: follows the client's rules.
    pub(super) is_client: bool,
    identity: Option<Identity>,
    has_cookie: bool,
    /// This use has prolonged the session: `GET /get-session` gives the cookie anew.
    pub(super) prolonged: bool,
}

#[derive(Debug, Clone)]
enum Identity {
    Signed { user_id: String, token: String },
    Key(key_session::KeySession),
}

impl Caller {
    /// The user whose session the request carries.
    pub(super) fn user_id(&self) -> Option<&str> {
        match self.identity.as_ref()? {
            Identity::Signed { user_id, .. } => Some(user_id),
            Identity::Key(session) => Some(&session.user_id),
        }
    }

    /// The token of a signed-in session; a key's session has none of its own.
    pub(super) fn session_token(&self) -> Option<&str> {
        match self.identity.as_ref()? {
            Identity::Signed { token, .. } => Some(token),
            Identity::Key(_) => None,
        }
    }

    /// The session that a key gave.
    pub(super) fn key_session(&self) -> Option<&key_session::KeySession> {
        match self.identity.as_ref()? {
            Identity::Key(session) => Some(session),
            Identity::Signed { .. } => None,
        }
    }

    /// What `GET /get-session` shows of a session that a key gave.
    pub(super) fn key_session_json(&self) -> Option<&Value> {
        self.key_session().map(|session| &session.shown)
    }

    /// From here on it passes for another user: for faults.
    pub(super) fn pass_for(&mut self, user: String) {
        if let Some(Identity::Signed { user_id, .. }) = &mut self.identity {
            *user_id = user;
        }
    }

    /// Does the request carry any cookie?
    pub(super) fn has_cookie(&self) -> bool {
        self.has_cookie
    }
}

impl Model {
    /// Finds out who calls. A key in the headers beats a cookie, and a key that is refused refuses the request, whatever
    /// it asks for.
    pub(super) fn caller(
        &mut self,
        now: i64,
        over_http: bool,
        headers: Option<&Headers>,
    ) -> Result<Caller, key_session::SessionRefusal> {
        let Some(headers) = headers else { return Ok(Caller::default()) };
        let cookie = joined(headers, "cookie");
        let mut caller =
            Caller { over_http, is_client: true, identity: None, has_cookie: cookie.is_some(), prolonged: false };
        let cookie_wins = self.has(Fault::SessionCookieWins) && cookie.is_some();
        if !cookie_wins && let Some(session) = self.key_session(now, headers)? {
            caller.identity = Some(Identity::Key(session));
        } else if let Some(cookie) = cookie {
            let session =
                self.accounts.session_of_cookie(&self.secrets, now, &cookie).map(|session| session.token.clone());
            if let Some(session) = session.and_then(|token| self.accounts.session_mut(&token)) {
                // Any use prolongs a session.
                caller.prolonged = session.prolong(now);
                caller.identity =
                    Some(Identity::Signed { user_id: session.user_id.clone(), token: session.token.clone() });
            }
        }
        Ok(caller)
    }
}

/// The first value of a header.
pub(super) fn header<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// All values of the `cookie` headers as one.
fn joined(headers: &Headers, name: &str) -> Option<String> {
    let values: Vec<_> =
        headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect();
    (!values.is_empty()).then(|| values.join("; "))
}
