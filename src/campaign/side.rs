//! One of the two that play a sequence side by side, with what it calls things.

use serde_json::Value;

use super::answer::Answer;
use super::bind;
use super::name::Names;
use super::player::{Player, Stop};
use super::sequence::{Act, Step};
use crate::spec::edition::Edition;
use crate::spec::operation::Method;
use crate::spec::request::{Reply, Request};

/// What both sides are asked at one step.
pub(super) struct Asked<'a> {
    pub(super) edition: &'a Edition,
    pub(super) step: &'a Step,
    pub(super) operation: Option<Method>,
    pub(super) times: u32,
    /// When the sequence began.
    pub(super) start: i64,
    /// What a key that it makes is called.
    pub(super) name: Option<&'a str>,
}

pub(super) struct Side {
    pub(super) player: Player,
    pub(super) names: Names,
}

/// How names end that several keys share: they were made at once, and nobody can tell which of them was first.
pub(super) const ALIKE: &str = "-*";

impl Side {
    /// Sends the request of a step and reads the answer; remembers what a new key is called.
    pub(super) async fn ask(&mut self, asked: &Asked<'_>) -> Result<Option<(Answer, Vec<Reply>)>, Stop> {
        let Asked { edition, step, operation, times, start, name } = *asked;
        let Some(request) = bind::request(edition, step, &self.names) else { return Ok(None) };
        let replies = self.player.send(&request, times).await?;
        let answer = match replies.as_slice() {
            [reply] => {
                if let Some(name) = name {
                    self.remember(name, reply);
                }
                Answer::of(operation, reply, &self.names, start)
            }
            several => {
                for reply in several.iter().filter(|_| operation == Some(Method::CreateApiKey)) {
                    self.bind(&format!("{}{ALIKE}", name.unwrap_or_default()), reply);
                }
                Answer::of_many(operation, several)
            }
        };
        Ok(Some((answer, replies)))
    }

    fn remember(&mut self, name: &str, reply: &Reply) {
        if reply.status < 400 && reply.body.is_some() {
            self.names.retire(name);
            self.bind(name, reply);
        }
    }

    fn bind(&mut self, name: &str, reply: &Reply) {
        let part = |name: &str| reply.body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str);
        let (id, key) = (part("id").filter(|_| reply.status < 400), part("key"));
        for (part, value) in [("id", id), ("key", key.filter(|_| id.is_some()))] {
            value.into_iter().for_each(|value| self.names.bind(name, part, value));
        }
        if let (Some(id), Some(key)) = (id, key) {
            self.names.pair(id, key);
        }
    }

    /// Did it work?
    pub(super) async fn organize(
        &mut self,
        edition: &Edition,
        actor: &str,
        organization: &str,
        act: &Act,
    ) -> Result<bool, Stop> {
        let id = self.names.resolve(&format!("${{{organization}.id}}"));
        let member = |who: &str| format!("{organization}-{who}");
        let reply = match act {
            Act::Found => {
                let slug = format!("{organization}-{}", self.names.resolve(&format!("${{{actor}.id}}")));
                let body = serde_json::json!({ "name": organization, "slug": slug.to_lowercase() });
                let reply = self.post(edition, actor, "create", &body).await?;
                self.remember(organization, &reply);
                reply
            }
            Act::Join { who, role } => {
                let session = self.get_session(edition, who).await?;
                let Some(email) = session.pointer("/user/email") else { return Ok(false) };
                let invite = serde_json::json!({ "email": email, "role": role, "organizationId": id });
                let invited = self.post(edition, actor, "invite-member", &invite).await?;
                let invitation = invited.body.as_ref().and_then(|body| body.get("id")).cloned().unwrap_or_default();
                let accept = serde_json::json!({ "invitationId": invitation });
                let reply = self.post(edition, who, "accept-invitation", &accept).await?;
                let joined = reply.body.as_ref().and_then(|body| body.pointer("/member/id")).and_then(Value::as_str);
                if let Some(joined) = joined {
                    self.names.bind(&member(who), "id", joined);
                }
                reply
            }
            Act::Role { who, role } => {
                let body = serde_json::json!({
                    "memberId": self.names.resolve(&format!("${{{}.id}}", member(who))), "role": role, "organizationId": id,
                });
                self.post(edition, actor, "update-member-role", &body).await?
            }
            Act::Leave { who } => {
                let member = self.names.resolve(&format!("${{{}.id}}", member(who)));
                let body = serde_json::json!({ "memberIdOrEmail": member, "organizationId": id });
                self.post(edition, actor, "remove-member", &body).await?
            }
        };
        Ok(reply.status < 400)
    }

    async fn post(&mut self, edition: &Edition, actor: &str, path: &str, body: &Value) -> Result<Reply, Stop> {
        let call = super::sequence::Call {
            actor: Some(actor.to_owned()),
            body: Some(body.clone()),
            times: 1,
            ..Default::default()
        };
        let step = Step::Route { method: "POST".to_owned(), path: format!("/organization/{path}"), call };
        self.one(bind::request(edition, &step, &self.names)).await
    }

    async fn get_session(&mut self, edition: &Edition, actor: &str) -> Result<Value, Stop> {
        let call = super::sequence::Call { actor: Some(actor.to_owned()), times: 1, ..Default::default() };
        let step = Step::Client { operation: Method::GetSession, call };
        Ok(self.one(bind::request(edition, &step, &self.names)).await?.body.unwrap_or_default())
    }

    async fn one(&mut self, request: Option<Request>) -> Result<Reply, Stop> {
        let none = || Stop::NotApplicable("no request".to_owned());
        let request = request.ok_or_else(none)?;
        self.player.send(&request, 1).await?.pop().ok_or_else(none)
    }
}
