//! The model with its users, the invariants and the second opinion beside it.

use serde_json::{Value, json};

use super::Played;
use super::invariant::{Exchange, Watch};
use crate::campaign::bind;
use crate::campaign::name::Names;
use crate::campaign::sequence::{ACTORS, Act, Call, Sequence, Step};
use crate::fuzz::naive::world::World;
use crate::reference::adapter::sessions_named;
use crate::spec::config::Configs;
use crate::spec::edition::Edition;
use crate::spec::fault::Faults;
use crate::spec::key::KeyRow;
use crate::spec::model::Model;
use crate::spec::operation::Method;
use crate::spec::request::{Reply, Request};
use crate::spec::setup::Setup;

/// When sequences begin.
const START: i64 = 1_790_000_000_000;

pub(super) struct Stage<'a> {
    edition: &'a Edition,
    model: Model,
    now: i64,
    names: Names,
    watch: Watch,
    /// The keys as they were stored last.
    before: Vec<KeyRow>,
    /// `None`: the second opinion has nothing to say any more.
    world: Option<World>,
    pub(super) played: Played,
}

impl<'a> Stage<'a> {
    /// `None`: the edition has no such options.
    pub(super) fn set(edition: &'a Edition, sequence: &Sequence, faults: Faults) -> Option<Self> {
        let configs = Configs::parse(edition, &sessions_named(edition, &sequence.config)).ok()?;
        let watch = Watch::new(configs.clone());
        let mut model = Model::new(edition.clone(), configs, faults, 1);
        model.set_up(Setup::parse(edition, &sequence.setup).ok()?);
        let world = World::new(edition.release(), &sequence.config);
        let (names, before, played) = (Names::default(), Vec::new(), Played::default());
        let mut stage = Self { edition, model, now: START, names, watch, before, world, played };
        for name in ACTORS {
            let (id, cookie) = stage.model.sign_up_lasting_actor(START, name);
            let origin = stage.model.origin().to_owned();
            let headers = [("cookie".to_owned(), cookie.clone()), ("origin".to_owned(), origin)];
            stage.names.bind_actor(name, &id, headers.into_iter().collect());
            stage.watch.users.push(id.clone());
            if let Some(world) = &mut stage.world {
                world.users.push((cookie, id));
            }
        }
        Some(stage)
    }

    pub(super) fn step(&mut self, at: usize, step: &Step) -> Result<(), String> {
        match step {
            Step::Clock { advance_ms } => {
                self.now = self.now.saturating_add_unsigned(*advance_ms);
                Ok(())
            }
            Step::Organization { actor, organization, act } => {
                self.organize(actor, organization, act);
                Ok(())
            }
            _ => self.request(at, step),
        }
    }

    fn request(&mut self, at: usize, step: &Step) -> Result<(), String> {
        let Some(request) = bind::request(self.edition, step, &self.names) else { return Ok(()) };
        let times = bind::times(step);
        // Of several at once, all have looked before the first of them writes.
        let looks: Vec<_> = (0..times).map(|_| if times > 1 { self.model.look() } else { None }).collect();
        let makes = step.call().and_then(|call| call.makes.clone()).unwrap_or_else(|| format!("s{}", at + 1));
        for (number, seen) in looks.into_iter().enumerate() {
            let reply = self.model.apply_late(self.now, &request, seen);
            self.played.requests += 1;
            self.predict(&request, &reply)?;
            // Most requests change nothing.
            let changes = !self.model.keys().eq(&self.before);
            let after = changes.then(|| self.model.keys().cloned().collect::<Vec<_>>());
            let actor = step.call().and_then(|call| call.actor.as_deref());
            let user = actor.and_then(|actor| self.names.value(&format!("{actor}.id")));
            let (before, after_or_before) = (self.before.as_slice(), after.as_ref().unwrap_or(&self.before));
            let exchange =
                Exchange { now: self.now, request: &request, reply: &reply, user, before, after: after_or_before };
            self.watch.look(self.edition, &exchange)?;
            let again = self.watch.reads(&exchange).then(|| self.model.apply(self.now, &request));
            if let Some(again) = again.filter(|again| *again != reply) {
                return Err(format!("read twice: {:?}, then {:?}", reply.body, again.body));
            }
            if let Some(after) = after {
                self.before = after;
            }
            let name = if times > 1 { format!("{makes}-{}", number + 1) } else { makes.clone() };
            self.remember(&name, step, &reply);
        }
        Ok(())
    }

    fn predict(&mut self, request: &Request, reply: &Reply) -> Result<(), String> {
        let Some(world) = &mut self.world else { return Ok(()) };
        match world.answer(self.now, request) {
            Some(expected) => {
                self.played.predicted += 1;
                world.settle(&expected, reply).map_err(|wrong| format!("{wrong}, to {request:?}"))
            }
            None => {
                self.world = None;
                Ok(())
            }
        }
    }

    /// A new key has a name from now on.
    fn remember(&mut self, name: &str, step: &Step, reply: &Reply) {
        let makes = step.operation() == Some(Method::CreateApiKey) || matches!(step, Step::Route { .. });
        let Some(body) = reply.body.as_ref().filter(|_| reply.status == 200 && makes) else { return };
        let part = |part: &str| body.get(part).and_then(Value::as_str);
        if let (Some(id), Some(key)) = (part("id"), part("key")) {
            self.names.retire(name);
            self.names.bind(name, "id", id);
            self.names.bind(name, "key", key);
        }
    }

    /// What somebody does with an organization. How that is answered is no part of this spec.
    fn organize(&mut self, actor: &str, organization: &str, act: &Act) {
        // Memberships say nothing about keys of users, which are what the second opinion speaks of.
        let id = self.names.resolve(&format!("${{{organization}.id}}"));
        let member = |who: &str| format!("{organization}-{who}");
        match act {
            Act::Found => {
                let user = self.names.resolve(&format!("${{{actor}.id}}"));
                let slug = format!("{organization}-{user}").to_lowercase();
                let founded = self.post(actor, "create", &json!({ "name": organization, "slug": slug }));
                if let Some(id) = founded.get("id").and_then(Value::as_str) {
                    self.names.retire(organization);
                    self.names.bind(organization, "id", id);
                }
            }
            Act::Join { who, role } => {
                let call = Call { actor: Some(who.clone()), times: 1, ..Call::default() };
                let session = self.send(&Step::Client { operation: Method::GetSession, call });
                let email = session.pointer("/user/email").cloned().unwrap_or_default();
                let invite = json!({ "email": email, "role": role, "organizationId": id });
                let invitation = self.post(actor, "invite-member", &invite).get("id").cloned().unwrap_or_default();
                let joined = self.post(who, "accept-invitation", &json!({ "invitationId": invitation }));
                if let Some(id) = joined.pointer("/member/id").and_then(Value::as_str) {
                    self.names.bind(&member(who), "id", id);
                }
            }
            Act::Role { who, role } => {
                let of_member = self.names.resolve(&format!("${{{}.id}}", member(who)));
                self.post(
                    actor,
                    "update-member-role",
                    &json!({ "memberId": of_member, "role": role, "organizationId": id }),
                );
            }
            Act::Leave { who } => {
                let of_member = self.names.resolve(&format!("${{{}.id}}", member(who)));
                self.post(actor, "remove-member", &json!({ "memberIdOrEmail": of_member, "organizationId": id }));
            }
        }
    }

    fn post(&mut self, actor: &str, path: &str, body: &Value) -> Value {
        let call = Call { actor: Some(actor.to_owned()), body: Some(body.clone()), times: 1, ..Call::default() };
        self.send(&Step::Route { method: "POST".to_owned(), path: format!("/organization/{path}"), call })
    }

    fn send(&mut self, step: &Step) -> Value {
        let request = bind::request(self.edition, step, &self.names);
        let reply = request.map(|request| self.model.apply(self.now, &request));
        reply.and_then(|reply| reply.body).unwrap_or_default()
    }
}
