//! Deployments that a request comes to: with options that matter, two users and two keys, made once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Value, json};

use super::{Case, Door};
use crate::fuzz::naive::verify::hash;
use crate::fuzz::naive::world::World;
use crate::spec::config::Configs;
use crate::spec::edition::{Edition, Release};
use crate::spec::fault::Faults;
use crate::spec::model::Model;
use crate::spec::operation::Method;
use crate::spec::request::Request;

/// When it is, always.
pub(super) const NOW: i64 = 1_790_000_000_000;

/// A deployment, and what the second opinion knows of it.
#[derive(Debug)]
pub(super) struct House {
    pub(super) options: Value,
    pub(super) model: Model,
    pub(super) world: World,
    cookie: String,
    names: Vec<(&'static str, String)>,
}

/// Deployments by edition and options.
#[derive(Debug, Default)]
pub(super) struct Houses {
    faults: Faults,
    made: HashMap<(Release, usize), Result<Rc<House>, String>>,
}

thread_local! {
    static SOUND: RefCell<Houses> = RefCell::default();
}

/// Examines the sound deployment of this case.
///
/// # Errors
/// Of what examines it, and a deployment that could not be set up.
pub(super) fn with(case: &Case, examine: fn(&House, &Case) -> Result<(), String>) -> Result<(), String> {
    let house = SOUND.with_borrow_mut(|houses| houses.of(case))?;
    examine(&house, case)
}

/// How many options there are.
const OPTIONS: usize = 8;

fn options(number: usize) -> Value {
    let bounded = json!({
        "requireName": true, "enableMetadata": true, "maximumNameLength": 5, "minimumPrefixLength": 2,
        "maximumPrefixLength": 3, "defaultPrefix": "sk_", "keyExpiration": { "minExpiresIn": 2, "maxExpiresIn": 3 },
    });
    let all: [Value; OPTIONS] = [
        json!({}),
        json!({ "enableMetadata": true, "enableSessionForAPIKeys": true }),
        bounded,
        json!({
            "keyExpiration": { "disableCustomExpiresTime": true, "defaultExpiresIn": 60 }, "rateLimit": { "enabled": false },
            "permissions": { "defaultPermissions": { "files": ["read"] } }, "startingCharactersConfig": { "shouldStore": false },
        }),
        json!({
            "permissions": { "allowClientPermissions": true, "maxPermissions": { "files": ["read", "write"] } },
            "enableSessionForAPIKeys": true,
        }),
        json!([
            { "configId": "default", "minimumNameLength": 0, "disableKeyHashing": true },
            { "configId": "second", "enableMetadata": true, "customKeyGenerator": { "preset": "generator:fixed-alphabet" } },
        ]),
        json!([{ "configId": "first" }, { "configId": "second" }]),
        json!({
            "customAPIKeyValidator": { "preset": "validator:starts-with-ok" }, "defaultPrefix": "ok_", "defaultKeyLength": 8,
            "permissions": { "allowClientPermissions": true, "maxPermissions": { "files": ["read"] }, "whenAboveMaximum": "clamp" },
        }),
    ];
    all.get(number).cloned().unwrap_or_default()
}

impl Houses {
    #[cfg(test)]
    pub(super) fn with_faults(faults: Faults) -> Self {
        Self { faults, ..Self::default() }
    }

    pub(super) fn of(&mut self, case: &Case) -> Result<Rc<House>, String> {
        let Self { faults, made } = self;
        let number = case.options % OPTIONS;
        let make = || House::new(case.edition, number, *faults).map(Rc::new);
        made.entry((case.edition.release(), number)).or_insert_with(make).clone()
    }
}

impl House {
    fn new(edition: &Edition, number: usize, faults: Faults) -> Result<Self, String> {
        let mut options = options(number);
        if Configs::parse(edition, &options).is_err() {
            options = json!({});
        }
        let configs = Configs::parse(edition, &options).map_err(|error| error.to_string())?;
        let mut model = Model::new(edition.clone(), configs, faults, 1);
        let mut world = World::new(edition.release(), &options).ok_or("options that nothing is said about")?;
        let (alice, cookie) = model.sign_up_actor(NOW, "alice");
        let (bob, _) = model.sign_up_actor(NOW, "bob");
        world.users = vec![(cookie.clone(), alice.clone())];
        world.users.push((String::new(), bob.clone()));
        let mut house = Self { options, model, world, cookie, names: vec![("alice.id", alice), ("bob.id", bob)] };
        let mine = json!({ "permissions": { "files": ["read"] }, "remaining": 1, "prefix": "ok_" });
        house.make(["k1.id", "k1.key", "k1.hash"], "alice.id", mine)?;
        house.make(["k2.id", "k2.key", "k2.hash"], "bob.id", json!({ "rateLimitMax": 1 }))?;
        Ok(house)
    }

    /// A key as the server makes it, if the options let it.
    fn make(&mut self, [id, key, hashed]: [&'static str; 3], owner: &str, mut body: Value) -> Result<(), String> {
        body["userId"] = json!(self.named(&format!("${{{owner}}}")));
        body["name"] = json!("k");
        let request = Request::Server { method: Method::CreateApiKey, body: Some(body), query: None, headers: None };
        let reply = self.model.apply(NOW, &request);
        let expected = self.world.answer(NOW, &request);
        expected.map_or(Ok(()), |expected| self.world.settle(&expected, &reply))?;
        let text = |name: &str| reply.body.as_ref()?.get(name)?.as_str().map(str::to_owned);
        if let (Some(made), Some(clear)) = (text("id"), text("key")) {
            self.names.extend([(id, made), (hashed, hash(&clear)), (key, clear)]);
        }
        Ok(())
    }

    /// The text with ids and keys for their names.
    pub(super) fn named(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
    }

    /// What comes with a request by this door.
    pub(super) fn headers(&self, door: Door) -> Vec<(String, String)> {
        match door {
            Door::User | Door::CallOfUser => {
                vec![("cookie".to_owned(), self.cookie.clone()), ("origin".to_owned(), self.model.origin().to_owned())]
            }
            Door::Key => vec![("x-api-key".to_owned(), self.named("${k1.key}"))],
            Door::Nobody | Door::Server | Door::CallOfNobody => Vec::new(),
        }
    }
}
