//! Requests that are no proper ones: bodies that are no objects, other methods, paths that do not exist.

use indexmap::IndexMap;
use serde_json::{Map, json};

use super::Generator;
use crate::campaign::sequence::{Call, Step};
use crate::campaign::source::Source;
use crate::campaign::value;
use crate::spec::operation::Method;

impl<S: Source> Generator<'_, S> {
    /// A request that is no proper one: another method or path, or a body that is no object.
    pub(super) fn odd(&mut self) {
        let operations = [Method::CreateApiKey, Method::UpdateApiKey, Method::DeleteApiKey];
        let operation = self.source.pick(&operations).copied().unwrap_or(Method::CreateApiKey);
        let actor = self.source.chance(85).then(|| self.actor());
        let key = self.key();
        match self.source.weighted(&[45, 12, 18, 20, 8]) {
            0 => {
                let (text, content_type) = value::text(self.source);
                let headers = IndexMap::from([("content-type".to_owned(), content_type.to_owned())]);
                let call = Call { actor, text: Some(text.to_owned()), headers, times: 1, ..Call::default() };
                self.create_or_push(Step::Client { operation, call });
            }
            1 => {
                let call = Call { actor, times: 1, ..Call::default() };
                self.create_or_push(Step::Client { operation, call });
            }
            2 => {
                let method = value::pick(self.source, &["GET", "POST", "PUT", "DELETE", "PATCH"]).to_owned();
                let path = value::pick(
                    self.source,
                    &[
                        "/api-key/create",
                        "/api-key/get",
                        "/api-key/list",
                        "/api-key/update",
                        "/api-key/delete",
                        "/api-key/nothing",
                    ],
                );
                let read = method == "GET";
                let body = (!read).then(|| json!({ "keyId": format!("${{{}.id}}", key.name), "name": "a" }));
                let query = read.then(|| json!({ "id": format!("${{{}.id}}", key.name) }));
                let call = Call { actor, body, query, times: 1, ..Call::default() };
                self.push(Step::Route { method, path: path.to_owned(), call });
            }
            3 => self.server_only_route(actor, &key.name),
            // An honest request that carries more than anybody needs.
            _ => {
                let mut body = Map::from_iter([("padding".to_owned(), json!("${fill.70000}"))]);
                self.place(&mut body);
                let call = Call { actor, body: Some(body.into()), times: 1, ..Call::default() };
                self.create(Step::Client { operation: Method::CreateApiKey, call });
            }
        }
    }

    /// What only the server may do, by a path under which one would look for it.
    fn server_only_route(&mut self, actor: Option<String>, key: &str) {
        let of_key = json!({ "key": format!("${{{key}.key}}") });
        let routes = [
            ("POST", "/api-key/verify", of_key.clone()),
            ("GET", "/api-key/verify", of_key.clone()),
            ("POST", "/api-key/verify-api-key", of_key),
            ("POST", "/api-key/delete-all-expired-api-keys", json!({})),
            ("DELETE", "/api-key/delete-all-expired-api-keys", json!({})),
        ];
        let Some((method, path, value)) = self.source.pick(&routes).cloned() else { return };
        let (query, body) = if method == "GET" { (Some(value), None) } else { (None, Some(value)) };
        let call = Call { actor, query, body, times: 1, ..Call::default() };
        self.push(Step::Route { method: method.to_owned(), path: path.to_owned(), call });
    }
}
