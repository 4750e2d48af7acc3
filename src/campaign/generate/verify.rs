//! Uses of keys: one, and several at once.

use serde_json::{Map, Value, json};

use super::{Generator, Made};
use crate::campaign::grant;
use crate::campaign::ground::Theme;
use crate::campaign::name::FORMS;
use crate::campaign::sequence::{Call, Step};
use crate::campaign::source::Source;
use crate::campaign::value;
use crate::spec::operation::Method;

impl<S: Source> Generator<'_, S> {
    pub(super) fn verify(&mut self) {
        let key = self.key();
        let mut body = Map::new();
        body.insert("key".to_owned(), self.key_text(&key));
        let asked = if self.theme == Theme::Permissions { 75 } else { 15 };
        if self.source.chance(asked) {
            let wanted = match key.permissions.clone().filter(|_| self.source.chance(55)) {
                Some(held) => grant::near(self.source, held).to_json(),
                None => value::permissions(self.source),
            };
            body.insert("permissions".to_owned(), wanted);
        }
        let own = key.config.clone();
        self.scope(&mut body, own, 25);
        if self.source.chance(1) {
            body.shift_remove("key");
        }
        let call = self.call(None, Some(body.into()));
        // A limit shows when it is reached.
        let again = if self.theme == Theme::Limits && self.source.chance(30) { 1 + self.source.below(3) } else { 0 };
        for _ in 0..=again {
            self.push(Step::Server { operation: Method::VerifyApiKey, call: call.clone() });
        }
    }

    /// The same request several times at once.
    pub(super) fn burst(&mut self) {
        let key = self.key();
        let times = 2 + u32::try_from(self.source.below(7)).unwrap_or(0);
        let server = usize::from(self.ground.server);
        match self.source.weighted(&[server * 80, 8, 12]) {
            0 => {
                let due =
                    if self.ground.clock && self.source.chance(30) { self.moments.next(self.source) } else { None };
                due.into_iter().for_each(|advance_ms| self.push(Step::Clock { advance_ms }));
                let body = json!({ "key": format!("${{{}.key}}", key.name) });
                let call = Call { body: Some(body), times, ..Call::default() };
                self.push(Step::Server { operation: Method::VerifyApiKey, call });
            }
            1 => {
                let actor = Some(self.actor());
                let call = Call { actor, body: Some(json!({})), times, ..Call::default() };
                self.push(Step::Client { operation: Method::CreateApiKey, call });
            }
            _ => {
                let mut body = Map::new();
                body.insert("keyId".to_owned(), json!(format!("${{{}.id}}", key.name)));
                self.scope(&mut body, key.config.clone(), 92);
                let call = Call { actor: Some(key.owner), body: Some(body.into()), times, ..Call::default() };
                self.push(Step::Client { operation: Method::DeleteApiKey, call });
            }
        }
    }

    /// The text of a key: the right one in most cases.
    fn key_text(&mut self, key: &Made) -> Value {
        let name = &key.name;
        match self.source.weighted(&[86, 7, 2, 5]) {
            0 => json!(format!("${{{name}.key}}")),
            1 => json!(format!("${{{name}.key|{}}}", value::pick(self.source, FORMS))),
            2 => json!(format!("${{{name}.id}}")),
            _ => match self.source.below(5) {
                0 => json!(""),
                1 => json!("k".repeat(1001)),
                2 => json!("a\u{0}b\u{7}"),
                3 => json!("ok_unknownKeyOfSixtyFourLettersUnknownKeyOfSixtyFourLettersUnknown"),
                _ => value::wrong(self.source),
            },
        }
    }
}
