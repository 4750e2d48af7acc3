//! Self-grant: clients that name the permissions of their own keys, and all that tries to get around the ceiling.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::Generator;
use super::member::SERVER_ONLY;
use crate::campaign::grant;
use crate::campaign::sequence::{Call, Step};
use crate::campaign::source::Source;
use crate::campaign::value;
use crate::spec::operation::Method;

impl<S: Source> Generator<'_, S> {
    /// Somebody asks for a key with permissions.
    pub(super) fn create_granted(&mut self) {
        let mut body = Map::new();
        if self.source.chance(86) {
            let wish = match self.source.weighted(&[88, 6, 6]) {
                0 => grant::wish(self.source, &self.sequence.config),
                1 => json!({}),
                _ => value::permissions(self.source),
            };
            body.insert("permissions".to_owned(), wish);
        }
        if self.source.chance(14) {
            let name = value::pick(self.source, SERVER_ONLY);
            body.entry(name).or_insert_with(|| if name == "rateLimitEnabled" { json!(false) } else { json!(2) });
        }
        if self.source.chance(5) {
            self.put(&mut body, "userId");
        }
        self.own_options(&mut body);
        self.place(&mut body);
        let actor = self.actor();
        let operation = Method::CreateApiKey;
        let client = |call| Step::Client { operation, call };
        let server = usize::from(self.ground.server);
        let sessions = usize::from(self.ground.sessions && !self.keys.is_empty());
        match self.source.weighted(&[62, 8, server * 10, server * 8, sessions * 20]) {
            0 => {
                let call = self.call(Some(actor), Some(body.into()));
                self.create(client(call));
            }
            1 => {
                let call = self.call(None, Some(body.into()));
                self.create(client(call));
            }
            2 => self.create_as(&actor, true, body),
            3 => {
                let call = self.call(Some(actor), Some(body.into()));
                self.create(Step::Server { operation, call });
            }
            _ => {
                if self.source.chance(30) {
                    body.shift_remove("permissions");
                }
                let key = self.key();
                let headers = self.key_header(&key);
                let call = Call { headers, ..self.call(None, Some(body.into())) };
                self.create(client(call));
            }
        }
    }

    /// Somebody tries to change permissions by another way than a new key.
    pub(super) fn update_granted(&mut self) {
        let key = self.key();
        let wish = if self.source.chance(20) { Value::Null } else { grant::wish(self.source, &self.sequence.config) };
        let mut body = Map::from_iter([("permissions".to_owned(), wish)]);
        match self.source.weighted(&[70, 15, 15]) {
            0 => {
                body.insert("keyId".to_owned(), self.id_text(&key));
                self.scope(&mut body, key.config.clone(), 92);
                self.ask(Method::UpdateApiKey, &key, None, Some(body.into()));
            }
            way => {
                let (method, path) = if way == 1 { ("POST", "/api-key/rotate") } else { ("PUT", "/api-key/create") };
                let call = Call { headers: IndexMap::new(), ..self.call(Some(key.owner), Some(body.into())) };
                self.push(Step::Route { method: method.to_owned(), path: path.to_owned(), call });
            }
        }
    }

    /// A use that asks for just what a wish named.
    pub(super) fn verify_granted(&mut self) {
        let key = self.key();
        let wish = grant::wish(self.source, &self.sequence.config);
        let body = json!({ "key": format!("${{{}.key}}", key.name), "permissions": wish });
        let call = self.call(None, Some(body));
        self.push(Step::Server { operation: Method::VerifyApiKey, call });
    }
}
