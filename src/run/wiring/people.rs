//! Actors: new users, with a session that the deployment knows.

use serde_json::json;
use url::Url;

use super::start::user_of;
use super::{Cause, Seen, get, send};
use crate::deployment::protocol::{SignedIn, Started};

impl Seen<'_> {
    pub(super) async fn actor(&mut self, started: &Started) -> Option<SignedIn> {
        if !self.declares("actors", "keyspec signs actors up and in over HTTP") {
            return None;
        }
        let (one, two) = (
            self.adapter.actor(&started.deployment, "alice").await,
            self.adapter.actor(&started.deployment, "alice").await,
        );
        match (one, two) {
            (Ok(one), Ok(two)) if one.user_id == two.user_id => {
                self.wrong("actors", Cause::SameUser, "two requests for one name give the same user");
                Some(one)
            }
            (Ok(one), Ok(_)) => {
                let names = ["cookie", "authorization"];
                if one.headers.keys().any(|name| names.iter().any(|known| name.eq_ignore_ascii_case(known))) {
                    Some(one)
                } else {
                    self.wrong("actors", Cause::NoSession, "`headers` has neither `cookie` nor `authorization`");
                    None
                }
            }
            (Err(error), _) | (_, Err(error)) => {
                self.failed("actors", Cause::Undone, "declared, but", &error);
                None
            }
        }
    }

    /// Do the actor's headers open a session over HTTP, for reading and for writing?
    pub(super) async fn session(&mut self, base: Option<&Url>, actor: Option<&SignedIn>) -> bool {
        let (Some(actor), Some(url)) = (actor, base) else { return false };
        let told = "GET /get-session with the actor's headers";
        match get(url, "/get-session", &actor.headers).await {
            Ok((200, body)) if user_of(&body).as_deref() == Some(actor.user_id.as_str()) => {}
            Ok((200, _)) => {
                self.wrong("actors", Cause::NoSession, format!("{told} does not show the actor's user"));
                return false;
            }
            Ok((404, _)) => return false,
            Ok((status, _)) => {
                self.wrong("actors", Cause::NoSession, format!("{told} answers {status}"));
                return false;
            }
            Err(error) => {
                self.wrong("actors", Cause::NotListening, format!("{told}: {error}"));
                return false;
            }
        }
        let made = send("POST", url, "/api-key/create", &actor.headers, Some(&json!({ "name": "wiring" }))).await;
        match made {
            Ok((403, _)) => {
                let told = "POST /api-key/create with the actor's headers answers 403, and GET /get-session 200";
                self.wrong("actors", Cause::NoOrigin, told);
                false
            }
            _ => {
                self.right("actors", "a user with a signed-in session");
                true
            }
        }
    }
}
