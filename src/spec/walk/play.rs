//! A walk on the model: steps become requests, replies are written into the ledger, and what breaks its promise ends it.

use std::fmt;

use serde_json::{Map, Value, json};

use super::ledger::{Entry, Ledger, Maker, Pair, held, pairs};
use super::{Beside, By, CONFIGURATIONS, Options, Required, Rules, Step, USERS, Wish};
use crate::spec::config::Configs;
use crate::spec::edition::Edition;
use crate::spec::fault::Faults;
use crate::spec::model::Model;
use crate::spec::operation::Method;
use crate::spec::request::{Reply, Request};
use crate::spec::setup::Setup;

/// When it is, always: nothing here expires.
const NOW: i64 = 1_790_000_000_000;

/// A deployment with its actors, and what is promised of its keys.
#[derive(Debug)]
pub struct Walk {
    model: Model,
    faults: Faults,
    users: Vec<User>,
    organization: String,
    pub ledger: Ledger,
}

#[derive(Debug, Clone)]
struct User {
    id: String,
    headers: Vec<(String, String)>,
}

/// What one step did.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// `None`: the step named a key that there is not, or was no request.
    pub reply: Option<Reply>,
}

/// A key verified for what is outside its bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    pub resource: String,
    pub action: String,
    /// The `configId` of the key.
    pub configuration: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, action, configuration } = self;
        write!(f, "a key of `{configuration}` verifies for `{action}` of `{resource}`, which nobody could give it")
    }
}

impl Walk {
    /// A deployment of the newest edition with these options. Equal arguments give equal walks.
    pub fn new(options: Options, faults: Faults, seed: u64) -> Self {
        let mut model = model(&options, faults, seed);
        let users: Vec<User> = (0..USERS)
            .map(|number| {
                let (id, cookie) = model.sign_up_actor(NOW, &format!("user{number}"));
                let origin = model.origin().to_owned();
                User { id, headers: vec![("cookie".to_owned(), cookie), ("origin".to_owned(), origin)] }
            })
            .collect();
        let mut walk =
            Self { model, faults, users, organization: String::new(), ledger: Ledger { options, keys: Vec::new() } };
        let form = json!({ "name": "acme", "slug": "acme" }).to_string();
        let formed = walk.http("POST", "/organization/create", &walk.users[0].headers.clone(), Some(form));
        walk.organization = text(&formed, "id").unwrap_or_default();
        walk
    }

    /// Carries one step out.
    ///
    /// # Errors
    /// The promise that it broke.
    pub fn take(&mut self, step: &Step) -> Result<Done, Breach> {
        let reply = match step {
            Step::Create { by, configuration, wish, again, beside } => {
                self.create(*by, *configuration, [wish.as_ref(), again.as_ref()], *beside)
            }
            Step::Update { by, key, wish } => self.update(*by, *key, wish.as_ref()),
            Step::Verify { key, required } => return self.verify(*key, required),
            Step::Get { by, key } => self.of_key(*key, |walk, entry| {
                let path = format!("/api-key/get?id={}&configId={}", entry.id, CONFIGURATIONS[entry.configuration]);
                walk.send(*by, Method::GetApiKey, &path, None)
            }),
            Step::List { by } => self.send(*by, Method::ListApiKeys, "/api-key/list", None),
            Step::Delete { by, key } => self.of_key(*key, |walk, entry| {
                let body = json!({ "keyId": entry.id, "configId": CONFIGURATIONS[entry.configuration] });
                walk.send(*by, Method::DeleteApiKey, "/api-key/delete", Some(body.to_string()))
            }),
            Step::Restart { options } => {
                self.restart(options.clone());
                None
            }
        };
        Ok(Done { reply })
    }

    fn create(&mut self, by: By, named: usize, wishes: [Option<&Wish>; 2], beside: Beside) -> Option<Reply> {
        let maker = match by {
            By::Server => Maker::Server,
            By::User(_) | By::CallOfUser(_) | By::Nobody => Maker::User,
            By::Key(number) | By::CallOfKey(number) => Maker::Key(self.ledger.key(number)?.bound.clone()),
        };
        let mut members = vec![r#""name":"n""#.to_owned()];
        match beside {
            Beside::Remaining => members.push(r#""remaining":5"#.to_owned()),
            Beside::Configuration(other) => members.push(format!(r#""configId":"{}""#, CONFIGURATIONS[other])),
            Beside::Nothing | Beside::UserId => {}
        }
        if beside == Beside::UserId || by == By::Server {
            members.push(format!(r#""userId":"{}""#, self.users[0].id));
        }
        if let Some(id) = CONFIGURATIONS.get(named) {
            members.push(format!(r#""configId":"{id}""#));
        }
        members.push(format!(r#""organizationId":"{}""#, self.organization));
        members.extend(wishes.into_iter().flatten().map(|wish| format!(r#""permissions":{}"#, written(wish))));
        let body = format!("{{{}}}", members.join(","));
        let reply = self.send(by, Method::CreateApiKey, "/api-key/create", Some(body))?;
        let (Some(clear), Some(id)) = (text(&reply, "key"), text(&reply, "id")) else { return Some(reply) };
        // Where it was made is read from the reply: which of two `configId`s counts is nobody's promise.
        let made_in = text(&reply, "configId");
        let configuration = CONFIGURATIONS.iter().position(|id| made_in.as_deref() == Some(id)).unwrap_or_default();
        let is_asked = wishes.iter().any(Option::is_some);
        let asked: Vec<Pair> = wishes.into_iter().flatten().flat_map(pairs).collect();
        let bound = self.ledger.bound(configuration, &maker, is_asked.then_some(&asked));
        self.ledger.keys.push(Entry { clear, id, configuration, bound, asked });
        Some(reply)
    }

    fn update(&mut self, by: By, number: usize, wish: Option<&Wish>) -> Option<Reply> {
        let entry = self.ledger.key(number)?;
        let (id, configuration) = (entry.id.clone(), CONFIGURATIONS[entry.configuration]);
        let permissions = wish.map_or_else(|| "null".to_owned(), written);
        let user = if by == By::Server { format!(r#","userId":"{}""#, self.users[0].id) } else { String::new() };
        let body = format!(r#"{{"keyId":"{id}","configId":"{configuration}","permissions":{permissions}{user}}}"#);
        let reply = self.send(by, Method::UpdateApiKey, "/api-key/update", Some(body))?;
        if by == By::Server && reply.status == 200 {
            self.ledger.set(&id, wish);
        }
        Some(reply)
    }

    fn verify(&mut self, number: usize, required: &Required) -> Result<Done, Breach> {
        let Some(entry) = self.ledger.key(number) else { return Ok(Done { reply: None }) };
        let wanted = match required {
            Required::These(wish) => wish.clone(),
            Required::Asked(_) if entry.asked.is_empty() => Wish::new(),
            Required::Asked(pair) => {
                let (resource, action) = entry.asked[pair % entry.asked.len()];
                vec![(resource, vec![action])]
            }
        };
        let body = json!({ "key": entry.clear, "permissions": value(&wanted) });
        let entry = entry.clone();
        let reply = self.call(Method::VerifyApiKey, Some(body), None, None);
        let is_valid = reply.body.as_ref().is_some_and(|body| body["valid"] == Value::Bool(true));
        // Every release drops `__proto__` from what it reads.
        let required = held(&wanted).into_iter().filter(|(resource, _)| *resource != "__proto__").collect();
        match entry.first_outside(&required) {
            Some((resource, action)) if is_valid => Err(Breach {
                resource: resource.to_owned(),
                action: action.to_owned(),
                configuration: CONFIGURATIONS[entry.configuration],
            }),
            _ => Ok(Done { reply: Some(reply) }),
        }
    }

    fn restart(&mut self, options: Options) {
        let mut next = model(&options, self.faults, 0);
        // What a model has saved, a model can read.
        if self.model.save().and_then(|saved| next.restore(saved)).is_ok() {
            self.model = next;
            self.ledger.options = options;
        }
    }

    fn of_key(&mut self, number: usize, act: impl FnOnce(&mut Self, Entry) -> Option<Reply>) -> Option<Reply> {
        let entry = self.ledger.key(number)?.clone();
        act(self, entry)
    }

    /// `None`: it is a key that there is not.
    fn send(&mut self, by: By, method: Method, path: &str, body: Option<String>) -> Option<Reply> {
        let with_key = |key: &Entry| vec![("x-api-key".to_owned(), key.clear.clone())];
        let headers = match by {
            By::User(user) | By::CallOfUser(user) => self.users[user % USERS].headers.clone(),
            By::Key(key) | By::CallOfKey(key) => with_key(self.ledger.key(key)?),
            By::Server | By::Nobody => Vec::new(),
        };
        let http = if method.reads_query() { "GET" } else { "POST" };
        match by {
            By::User(_) | By::Key(_) | By::Nobody => Some(self.http(http, path, &headers, body)),
            By::CallOfUser(_) | By::CallOfKey(_) | By::Server => {
                let headers = (by != By::Server).then_some(headers);
                // A text with a member twice: a call has the last one.
                let body = body.and_then(|body| serde_json::from_str(&body).ok());
                let (_, query) = path.split_once('?').unwrap_or_default();
                let query: Map<String, Value> = parameters(query).map(|(name, value)| (name, value.into())).collect();
                Some(self.call(method, body, Some(Value::Object(query)), headers))
            }
        }
    }

    fn http(&mut self, method: &str, path: &str, headers: &[(String, String)], body: Option<String>) -> Reply {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut headers = headers.to_vec();
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        let request = Request::Http {
            method: method.to_owned(),
            path: path.to_owned(),
            query: parameters(query).collect(),
            headers,
            body: body.unwrap_or_default().into_bytes(),
        };
        self.model.apply(NOW, &request)
    }

    fn call(
        &mut self,
        method: Method,
        body: Option<Value>,
        query: Option<Value>,
        headers: Option<Vec<(String, String)>>,
    ) -> Reply {
        self.model.apply(NOW, &Request::Server { method, body, query, headers })
    }
}

/// A deployment without data.
pub(crate) fn model(options: &Options, faults: Faults, seed: u64) -> Model {
    let edition = Edition::newest();
    let config: Vec<Value> =
        options.iter().zip(CONFIGURATIONS).map(|(rules, config_id)| config_of(rules, config_id)).collect();
    // What is written here is what the edition knows.
    let configs = Configs::parse(&edition, &Value::Array(config)).unwrap_or_else(|_| Configs::plain());
    let setup = Setup::parse(&edition, &json!({ "organizations": true })).unwrap_or_default();
    let mut model = Model::new(edition, configs, faults, seed);
    model.set_up(setup);
    model
}

fn config_of(rules: &Rules, config_id: &str) -> Value {
    let mut permissions = json!({ "allowClientPermissions": rules.allowed });
    if let Some(maximum) = &rules.maximum {
        permissions["maxPermissions"] = value(maximum);
    }
    if let Some(defaults) = &rules.defaults {
        permissions["defaultPermissions"] = value(defaults);
    }
    if rules.clamps {
        permissions["whenAboveMaximum"] = "clamp".into();
    }
    json!({
        "configId": config_id,
        "references": if config_id == "team" { "organization" } else { "user" },
        "enableSessionForAPIKeys": config_id == "default",
        "rateLimit": { "enabled": false },
        "permissions": permissions,
    })
}

/// As JSON text, a name twice and all.
pub(crate) fn written(wish: &Wish) -> String {
    let members = wish.iter().map(|(resource, actions)| format!("{}:{}", json!(resource), json!(actions)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// As a value: the last of equal names.
fn value(wish: &Wish) -> Value {
    Value::Object(wish.iter().map(|(resource, actions)| ((*resource).to_owned(), json!(actions))).collect())
}

fn parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned()))
}

fn text(reply: &Reply, member: &str) -> Option<String> {
    (reply.status == 200).then_some(reply.body.as_ref()?.get(member)?.as_str()?.to_owned())
}
