//! Sequences drawn from a source of choices: by one theme each, mostly valid, now and then nearly so or hostile.

mod create;
mod grant;
mod manage;
mod member;
mod moment;
mod odd;
mod organization;
mod session;
mod verify;

use serde_json::{Map, Value, json};

use self::moment::Moments;
use super::ground::{Ground, Theme};
use super::sequence::{ACTORS, Act, Call, Sequence, Step};
use super::source::Source;
use super::value;
use crate::spec::operation::Method;
use crate::spec::permission::Permissions;
use crate::spec::wire::{Input, parse};

/// More steps than these are not drawn; what looks at the state in the end comes on top.
const LONGEST: usize = 28;

/// Nothing is drawn behind so many steps, however many of them one draw has made.
const MOST: usize = 45;

/// Draws a sequence.
pub fn sequence(ground: &Ground, source: &mut impl Source) -> Sequence {
    let theme = ground.theme(source);
    let (config, setup) = ground.configuration(source, theme);
    let mut generator = Generator::new(ground, source, theme, Sequence { config, setup, steps: Vec::new() });
    generator.prepare();
    let more = 3 + generator.source.below(LONGEST - 3);
    for _ in 0..more {
        // One draw can be several steps.
        if generator.sequence.steps.len() < MOST {
            generator.step();
        }
    }
    generator.look();
    generator.sequence
}

/// Draws further steps for a sequence, behind those that it has.
pub fn extend(ground: &Ground, source: &mut impl Source, sequence: Sequence, steps: usize) -> Sequence {
    let theme = ground.theme(source);
    let mut generator = Generator::new(ground, source, theme, sequence);
    if generator.keys.is_empty() {
        generator.prepare();
    }
    for _ in 0..steps {
        generator.step();
    }
    generator.look();
    generator.sequence
}

struct Generator<'a, S> {
    ground: &'a Ground,
    source: &'a mut S,
    theme: Theme,
    sequence: Sequence,
    /// The keys that steps make, if nothing goes wrong.
    keys: Vec<Made>,
    organizations: Vec<String>,
    /// The `configId`s of the configuration, when it is a list.
    configs: Vec<String>,
    has_organizations: bool,
    /// Where keys that act as sessions are looked for.
    key_headers: Vec<String>,
    moments: Moments,
}

/// A key that a step makes.
#[derive(Debug, Clone)]
struct Made {
    name: String,
    owner: String,
    config: Option<String>,
    permissions: Option<Permissions>,
}

impl<'a, S: Source> Generator<'a, S> {
    fn new(ground: &'a Ground, source: &'a mut S, theme: Theme, sequence: Sequence) -> Self {
        let list = sequence.config.as_array().cloned().unwrap_or_default();
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let configs: Vec<String> = list.iter().filter_map(|one| text(one, "configId")).collect();
        let has_organizations = list.iter().any(|one| text(one, "references").as_deref() == Some("organization"));
        let key_headers = key_headers(&sequence.config);
        let (mut keys, mut organizations) = (Vec::new(), Vec::new());
        let mut moments = Moments::new(&sequence.config);
        for step in &sequence.steps {
            moments.note(step);
            match step {
                Step::Organization { organization, act: Act::Found, .. } => organizations.push(organization.clone()),
                step => keys.extend(made(step)),
            }
        }
        Self { ground, source, theme, sequence, keys, organizations, configs, has_organizations, key_headers, moments }
    }

    fn push(&mut self, step: Step) {
        self.moments.note(&step);
        self.sequence.steps.push(step);
    }

    /// What most of the rest needs: an organization with members, and keys.
    fn prepare(&mut self) {
        if self.has_organizations && self.sequence.setup.get("organizations").is_some() {
            self.found();
            for who in ["bob", "carol"] {
                if self.source.chance(60) {
                    self.join(who);
                }
            }
        }
        let keys = 1 + self.source.weighted(&[50, 30, 20]);
        for _ in 0..keys {
            self.create_good();
        }
        if self.theme == Theme::Lists && self.source.chance(3) {
            self.create_many();
        }
    }

    fn step(&mut self) {
        use Theme as T;
        let when = |theme: Theme, weight: usize, otherwise: usize| if self.theme == theme { weight } else { otherwise };
        let server = usize::from(self.ground.server);
        let clock = usize::from(self.ground.clock);
        let sessions = usize::from(self.ground.sessions);
        let organizations = usize::from(self.has_organizations);
        let restarts = usize::from(self.theme == T::Restarts && self.ground.restarts);
        let granting = match self.theme {
            T::SelfGrant => 90,
            T::Restarts if self.sequence.config.to_string().contains("maxPermissions") => 35,
            _ => 0,
        };
        let teams = self.theme == T::Organizations;
        let among_teams = |weight: usize, otherwise: usize| if teams { weight } else { otherwise };
        let weights = [
            when(T::Fields, 35, among_teams(8, 10)),
            among_teams(14, 8),
            server * when(T::Limits, 45, among_teams(12, 22)),
            among_teams(18, 10),
            when(T::Fields, 25, when(T::Expiry, 20, among_teams(20, 12))),
            when(T::Lists, 6, among_teams(10, 4)),
            when(T::Lists, 25, among_teams(14, 7)),
            server * when(T::Expiry, 9, 2),
            sessions * when(T::Sessions, 40, among_teams(7, 4)),
            when(T::Transport, 45, 4),
            clock * if matches!(self.theme, T::Limits | T::Expiry | T::Storage) { 22 } else { 5 },
            organizations * among_teams(16, 8),
            when(T::Limits, 10, 3),
            restarts * 28,
            granting,
            granting / 8,
            server * granting / 6,
        ];
        match self.source.weighted(&weights) {
            0 => self.create_any(),
            1 => self.create_good(),
            2 => self.verify(),
            3 => self.get(),
            4 => self.update(),
            5 => self.delete(),
            6 => self.list(),
            7 => self.delete_expired(),
            8 => self.with_key(),
            9 => self.odd(),
            10 => self.clock(),
            11 => self.organize(),
            12 => self.burst(),
            13 => self.restart(),
            14 => self.create_granted(),
            15 => self.update_granted(),
            _ => self.verify_granted(),
        }
    }

    /// What the state is in the end: whatever a step did wrong shows here at the latest.
    fn look(&mut self) {
        let keys: Vec<Made> = self.keys.iter().rev().take(4).rev().cloned().collect();
        for key in &keys {
            let config = key.config.as_ref().map(|id| ("configId".to_owned(), json!(id)));
            let mut query: Map<_, _> = config.clone().into_iter().collect();
            query.insert("id".to_owned(), json!(format!("${{{}.id}}", key.name)));
            let call = Call { actor: Some(key.owner.clone()), query: Some(query.into()), times: 1, ..Call::default() };
            self.push(Step::Client { operation: Method::GetApiKey, call });
            if self.ground.server {
                let body = json!({ "key": format!("${{{}.key}}", key.name) });
                let call = Call { body: Some(body), times: 1, ..Call::default() };
                self.push(Step::Server { operation: Method::VerifyApiKey, call });
            }
        }
        let owner = keys.first().map_or_else(|| ACTORS[0].to_owned(), |key| key.owner.clone());
        let call = Call { actor: Some(owner), times: 1, ..Call::default() };
        self.push(Step::Client { operation: Method::ListApiKeys, call });
    }

    /// The deployment is started again, with its options or with others.
    fn restart(&mut self) {
        let config = self.source.chance(45).then(|| self.ground.changed(self.source, &self.sequence.config));
        self.sequence.make_lasting();
        self.push(Step::Restart { config });
    }

    fn clock(&mut self) {
        let due = if self.source.chance(55) { self.moments.next(self.source) } else { None };
        let advance_ms = due.unwrap_or_else(|| value::time(self.source));
        self.push(Step::Clock { advance_ms });
    }

    /// A key to act on: a late one more often.
    fn key(&mut self) -> Made {
        let last = self.keys.last().cloned().filter(|_| self.source.chance(45));
        let any = self.source.pick(&self.keys).cloned();
        last.or(any).unwrap_or_else(|| Made {
            name: "k1".to_owned(),
            owner: ACTORS[0].to_owned(),
            config: None,
            permissions: None,
        })
    }

    fn call(&mut self, actor: Option<String>, body: Option<Value>) -> Call {
        Call { actor, body, times: 1, ..Call::default() }
    }

    fn is_valid(&self, method: Method, body: &Map<String, Value>) -> bool {
        let body = Value::Object(body.clone());
        parse(&self.ground.edition, method, Input::Server { body: Some(&body), query: None }).is_ok()
    }

    fn actor(&mut self) -> String {
        ACTORS[self.source.weighted(&[60, 30, 10])].to_owned()
    }
}

/// The key that a step makes, and whose it is.
fn made(step: &Step) -> Option<Made> {
    let call = step.call()?;
    let body = call.body.as_ref();
    let text = |name: &str| body?.get(name)?.as_str().map(str::to_owned);
    let named =
        |text: String| ACTORS.iter().find(|actor| text == format!("${{{actor}.id}}")).map(|&one| one.to_owned());
    let owner = text("userId").and_then(named).or_else(|| call.actor.clone());
    Some(Made {
        name: call.makes.clone()?,
        owner: owner.unwrap_or_else(|| ACTORS[0].to_owned()),
        config: text("configId"),
        permissions: body.and_then(|body| Permissions::from_json(body.get("permissions")?)),
    })
}

/// The headers that some configuration looks for keys in, and one that none does.
fn key_headers(config: &Value) -> Vec<String> {
    let configs = config.as_array().cloned().unwrap_or_else(|| vec![config.clone()]);
    let mut names = Vec::new();
    for one in &configs {
        match one.get("apiKeyHeaders") {
            Some(Value::String(name)) => names.push(name.clone()),
            Some(Value::Array(all)) => names.extend(all.iter().filter_map(|name| name.as_str().map(str::to_owned))),
            _ => names.push("x-api-key".to_owned()),
        }
        if one.get("customAPIKeyGetter").is_some() {
            names.push("x-custom-key".to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::campaign::source::{Bytes, Seeded};
    use crate::spec::edition::Edition;

    fn ground(edition: &str) -> Ground {
        let all = crate::scenario::needs::CAPABILITIES.iter().map(|&name| name.to_owned()).collect();
        Ground::new(edition.parse().unwrap(), &all, None)
    }

    #[test]
    fn equal_seeds_draw_equal_sequences() {
        let ground = ground("1.7.5");
        for number in 0..50 {
            let draw = || sequence(&ground, &mut Seeded::new(3, number));
            assert_eq!(draw(), draw());
        }
    }

    #[test]
    fn all_operations_doors_and_actors_are_drawn() {
        let ground = ground("1.7.5");
        let (mut operations, mut channels, mut actors) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for number in 0..300 {
            let sequence = sequence(&ground, &mut Seeded::new(3, number));
            actors.extend(sequence.actors().into_iter().map(str::to_owned));
            for step in &sequence.steps {
                operations.extend(step.operation().map(Method::name));
                channels.insert(step.channel());
            }
        }
        assert_eq!(operations.len(), Method::ALL.len());
        assert_eq!(channels.len(), 6, "{channels:?}");
        assert_eq!(actors.len(), ACTORS.len());
    }

    #[test]
    fn a_small_target_gets_what_it_can_do() {
        let ground = Ground::new(Edition::newest(), &BTreeSet::new(), Some(json!({})));
        for number in 0..200 {
            for step in sequence(&ground, &mut Seeded::new(1, number)).steps {
                assert!(matches!(step, Step::Client { .. } | Step::Route { .. }), "{step:?}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_draw_a_sequence_of_bounded_length(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..600)) {
            let drawn = sequence(&ground("1.4.22"), &mut Bytes::new(&bytes));
            proptest::prop_assert!(drawn.steps.len() < 60 && drawn.requests() < 600);
        }
    }
}
