//! Keys that act as sessions.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{Generator, Made};
use crate::campaign::name::FORMS;
use crate::campaign::sequence::{Call, Step};
use crate::campaign::source::Source;
use crate::campaign::value;
use crate::spec::operation::Method;

impl<S: Source> Generator<'_, S> {
    /// A key in a header, where it may act as a session.
    pub(super) fn with_key(&mut self) {
        let key = self.key();
        let headers = self.key_header(&key);
        let actor = self.source.chance(20).then(|| self.actor());
        let own = |body: Value| Call {
            actor: actor.clone(),
            headers: headers.clone(),
            times: 1,
            ..Call { body: Some(body), ..Call::default() }
        };
        let plain = Call { actor: actor.clone(), headers: headers.clone(), times: 1, ..Call::default() };
        let step = match self.source.weighted(&[50, 15, 12, 12, 11]) {
            0 => Step::Client { operation: Method::GetSession, call: plain },
            1 => Step::Client { operation: Method::ListApiKeys, call: plain },
            2 => {
                let mut body = Map::new();
                let field = value::pick(self.source, &["name", "permissions", "expiresIn", "remaining"]);
                self.put(&mut body, field);
                return self.create(Step::Client { operation: Method::CreateApiKey, call: own(body.into()) });
            }
            3 => {
                let mut body = Map::new();
                body.insert("keyId".to_owned(), json!(format!("${{{}.id}}", key.name)));
                let field = value::pick(self.source, &["name", "enabled", "remaining", "permissions"]);
                self.put(&mut body, field);
                Step::Client { operation: Method::UpdateApiKey, call: own(body.into()) }
            }
            _ => {
                let query = json!({ "id": format!("${{{}.id}}", key.name) });
                Step::Client { operation: Method::GetApiKey, call: Call { query: Some(query), ..plain } }
            }
        };
        let over_http = !self.ground.server || self.source.chance(75);
        self.push(match step {
            Step::Client { operation, call } if !over_http => Step::Server { operation, call },
            step => step,
        });
    }

    pub(super) fn key_header(&mut self, key: &Made) -> IndexMap<String, String> {
        let name = match self.source.chance(85) {
            true => self.source.pick(&self.key_headers).cloned().unwrap_or_else(|| "x-api-key".to_owned()),
            false => value::pick(self.source, &["x-api-key", "x-other", "x-one", "authorization"]).to_owned(),
        };
        let text = match self.source.weighted(&[85, 8, 7]) {
            0 => format!("${{{}.key}}", key.name),
            1 => format!("${{{}.key|{}}}", key.name, value::pick(self.source, FORMS)),
            _ => value::pick(
                self.source,
                &["", "short", "unknownKeyOfSixtyFourLettersUnknownKeyOfSixtyFourLettersUnknownK"],
            )
            .to_owned(),
        };
        IndexMap::from([(name, text)])
    }
}
