//! Users as real clients need them: sign-up and sign-in with e-mail and password, sign-out.
//!
//! Status, code and members are those of the releases, so that their clients accept the replies. This is no part of the
//! API-key spec: no check judges it.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::caller::Caller;
use super::secret::{Secrets, hash};
use super::session::{Session, clear_cookies};
use super::{Model, ok};
use crate::spec::fault::Fault;
use crate::spec::key::iso_date;
use crate::spec::request::Reply;

/// Users by id, in the order in which they came, and their sessions by token.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Accounts {
    users: IndexMap<String, User>,
    #[serde(skip)]
    by_email: HashMap<String, String>,
    sessions: HashMap<String, Session>,
}

/// A user with a password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    name: String,
    pub(super) email: String,
    password: String,
    created_at: i64,
}

impl Accounts {
    pub(super) fn len(&self) -> usize {
        self.users.len()
    }

    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.get(id)
    }

    /// Who signed up first.
    pub(super) fn first(&self) -> Option<&User> {
        self.users.first().map(|(_, user)| user)
    }

    /// Adds a user and gives its id.
    pub(super) fn add(&mut self, secrets: &mut Secrets, now: i64, name: &str, email: &str, password: &str) -> String {
        let id = secrets.id();
        let email = email.to_lowercase();
        let user = User {
            id: id.clone(),
            name: name.to_owned(),
            email: email.clone(),
            password: hash(password),
            created_at: now,
        };
        self.by_email.insert(email, id.clone());
        self.users.insert(id.clone(), user);
        id
    }

    pub(super) fn open_session(&mut self, secrets: &mut Secrets, now: i64, user_id: &str, remembered: bool) -> Session {
        let session = Session::new(secrets, now, user_id, remembered);
        self.sessions.insert(session.token.clone(), session.clone());
        session
    }

    /// A session that no move of the clock ends, and that nothing prolongs.
    pub(super) fn open_lasting_session(&mut self, secrets: &mut Secrets, now: i64, user_id: &str) -> Session {
        let session = Session::lasting(secrets, now, user_id);
        self.sessions.insert(session.token.clone(), session.clone());
        session
    }

    pub(super) fn session(&self, token: &str) -> Option<&Session> {
        self.sessions.get(token)
    }

    pub(super) fn session_mut(&mut self, token: &str) -> Option<&mut Session> {
        self.sessions.get_mut(token)
    }

    /// Finds users by their address again, after they were read.
    pub(super) fn index(&mut self) {
        self.by_email = self.users.values().map(|user| (user.email.clone(), user.id.clone())).collect();
    }

    pub(super) fn by_email(&self, email: &str) -> Option<&User> {
        self.users.get(self.by_email.get(&email.to_lowercase())?)
    }
}

impl User {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "email": self.email,
            "name": self.name,
            "image": null,
            "emailVerified": false,
            "createdAt": iso_date(self.created_at),
            "updatedAt": iso_date(self.created_at),
        })
    }
}

impl Model {
    /// `POST /sign-up/email`.
    pub(super) fn sign_up(&mut self, now: i64, body: &Value) -> Reply {
        let (Some(name), Some(email), Some(password)) =
            (text(body, "name"), text(body, "email"), text(body, "password"))
        else {
            return error(400, "VALIDATION_ERROR", "[body] Invalid input");
        };
        if !is_email(email) {
            return error(400, "VALIDATION_ERROR", "[body.email] Invalid email address");
        }
        match password.chars().count() {
            0..8 => return error(400, "PASSWORD_TOO_SHORT", "Password too short"),
            8..=128 => {}
            _ => return error(400, "PASSWORD_TOO_LONG", "Password too long"),
        }
        if self.accounts.by_email(email).is_some() {
            let message = "User already exists. Use another email.";
            return error(422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", message);
        }
        let user_id = self.accounts.add(&mut self.secrets, now, name, email, password);
        self.signed_in(now, &user_id, remembered(body), false)
    }

    /// `POST /sign-in/email`.
    pub(super) fn sign_in(&mut self, now: i64, body: &Value) -> Reply {
        let (Some(email), Some(password)) = (text(body, "email"), text(body, "password")) else {
            return error(400, "VALIDATION_ERROR", "[body] Invalid input");
        };
        if !is_email(email) {
            return error(400, "INVALID_EMAIL", "Invalid email");
        }
        match self.accounts.by_email(email) {
            Some(user) if user.password == hash(password) => {
                let user_id = user.id.clone();
                self.signed_in(now, &user_id, remembered(body), true)
            }
            _ => error(401, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password"),
        }
    }

    /// `POST /sign-out`: the session of the cookie ends, if there is one.
    pub(super) fn sign_out(&mut self, caller: &Caller) -> Reply {
        if let Some(token) = caller.session_token() {
            self.accounts.sessions.remove(token);
        }
        Reply { headers: clear_cookies(), ..ok(json!({ "success": true })) }
    }

    /// `GET /get-session`, and `getSession`: the session and its user, or `null`.
    pub(super) fn get_session(&mut self, now: i64, caller: &Caller) -> Reply {
        if let Some(shown) = caller.key_session_json() {
            let shown = shown.clone();
            let headers = match caller.user_id().filter(|_| self.has(Fault::SessionSetsCookie)) {
                Some(user) => vec![self.accounts.open_session(&mut self.secrets, now, user, true).set_cookie()],
                None => Vec::new(),
            };
            return Reply { headers, ..ok(shown) };
        }
        let Some(session) = caller.session_token().and_then(|token| self.accounts.session_mut(token)) else {
            // A cookie that no longer means anything is taken away, as the releases do.
            let headers = if caller.has_cookie() { clear_cookies() } else { Vec::new() };
            return Reply { headers, ..ok(Value::Null) };
        };
        let headers = if caller.prolonged { vec![session.set_cookie()] } else { Vec::new() };
        let session = session.clone();
        let user = self.accounts.user(&session.user_id).map(User::to_json);
        let mut shown = session.to_json();
        if self.setup.organizations.is_some() {
            shown["activeOrganizationId"] = json!(session.active_organization);
        }
        Reply { headers, ..ok(json!({ "session": shown, "user": user })) }
    }

    fn signed_in(&mut self, now: i64, user_id: &str, remembered: bool, is_sign_in: bool) -> Reply {
        let session = self.accounts.open_session(&mut self.secrets, now, user_id, remembered);
        let user = self.accounts.user(user_id).map(User::to_json);
        let mut body = json!({ "token": session.token, "user": user });
        if is_sign_in && let Some(members) = body.as_object_mut() {
            members.insert("redirect".to_owned(), Value::from(false));
        }
        Reply { headers: vec![session.set_cookie()], ..ok(body) }
    }
}

/// An error of the accounts: these codes are no part of the API-key spec, and the same in all editions.
pub(super) fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply { status, headers: Vec::new(), body: Some(json!({ "code": code, "message": message })) }
}

pub(super) fn text<'a>(body: &'a Value, member: &str) -> Option<&'a str> {
    body.get(member).and_then(Value::as_str)
}

fn remembered(body: &Value) -> bool {
    body.get("rememberMe").and_then(Value::as_bool) != Some(false)
}

pub(super) fn is_email(text: &str) -> bool {
    let parts = text.split_once('@').filter(|(local, _)| !local.is_empty());
    parts.and_then(|(_, domain)| domain.rsplit_once('.')).is_some_and(|(host, top)| {
        !host.is_empty() && top.len() >= 2 && !text.contains(char::is_whitespace) && text.matches('@').count() == 1
    })
}
