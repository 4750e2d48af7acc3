//! What no target may do, whatever the model says: judged by its own answers alone.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::answer::Answer;
use super::compare::Mismatch;
use super::sequence::{ACTORS, Step};
use super::side::ALIKE;
use crate::spec::operation::Method;
use crate::spec::request::Reply;

/// What the answers of one sequence have told so far.
#[derive(Debug, Default)]
pub struct Watch {
    /// The rows as they were shown last, by the symbol of their id, as long as nothing has changed them.
    seen: HashMap<String, Value>,
    deleted: HashSet<String>,
}

impl Watch {
    /// Looks at the answers to one step. `expected` is the model's, which excuses an internal error that the spec has.
    pub fn look(&mut self, step: &Step, replies: &[Reply], answer: &Answer, expected: &Answer) -> Vec<Mismatch> {
        let mut found = Vec::new();
        let internal = replies.iter().any(|reply| reply.status >= 500) && answer.verdict != expected.verdict;
        if internal {
            found.push(broken("no-internal-error", json!("a status below 500"), json!(answer.status)));
        }
        if answer.body.as_ref().is_some_and(|body| body.get("(not JSON)").is_some()) && answer.status < 400 {
            found.push(broken("replies-are-json", json!("JSON"), json!("another text")));
        }
        if replies.iter().any(says_it_is_no_json) {
            found.push(broken("replies-are-json", json!("application/json"), json!("another content type")));
        }
        if step.channel() == "key" && step.call().is_some_and(|call| call.actor.is_none()) && sets_cookie(replies) {
            found.push(broken("keys-leave-no-session", json!("no cookie"), json!("a session's cookie")));
        }
        if let Some(body) = &answer.body {
            secrets("body", body, &mut found);
        }
        self.bursts(step, answer, &mut found);
        self.after_deletion(step, answer, &mut found);
        self.owners(step, answer, &mut found);
        self.changes(step, answer, &mut found);
        found
    }

    /// The deployment was started again: with the same options everything is as it was.
    pub fn restarted(&mut self, step: &Step) {
        if matches!(step, Step::Restart { config: Some(_) }) {
            self.seen.clear();
        }
    }

    /// Never more successes at once than the key has left.
    fn bursts(&self, step: &Step, answer: &Answer, found: &mut Vec<Mismatch>) {
        let Some(call) = step.call().filter(|call| call.times > 1) else { return };
        let valid = answer.body.as_ref().and_then(|tally| tally.get("200 valid")).and_then(Value::as_u64).unwrap_or(0);
        let row = call.body.as_ref().and_then(|body| key_of(body.get("key")?.as_str()?, ".key}"));
        let Some(row) = row.and_then(|id| self.seen.get(&id)) else { return };
        let number = |name: &str| row.get(name).and_then(Value::as_f64);
        if let (Some(remaining), None) = (number("remaining"), number("refillAmount"))
            && valid as f64 > remaining.max(0.0).ceil()
        {
            found.push(broken("no-more-uses-than-remain", json!(remaining), json!(valid)));
        }
    }

    /// Nothing after deletion.
    fn after_deletion(&self, step: &Step, answer: &Answer, found: &mut Vec<Mismatch>) {
        let valid = step.operation() == Some(Method::VerifyApiKey) && answer.verdict == "200 valid";
        let id = answer.body.as_ref().and_then(|body| body.pointer("/key/id")).and_then(Value::as_str);
        if valid && id.is_some_and(|id| self.deleted.contains(id)) {
            found.push(broken("nothing-after-deletion", json!("refused"), json!("valid")));
        }
    }

    /// Nobody sees keys of another user.
    fn owners(&self, step: &Step, answer: &Answer, found: &mut Vec<Mismatch>) {
        let reads = [Method::GetApiKey, Method::ListApiKeys, Method::UpdateApiKey];
        let asked = step.operation().is_some_and(|operation| reads.contains(&operation));
        let actor = step.call().and_then(|call| call.actor.as_deref());
        let (true, Some(actor), false) = (asked, actor, step.channel() == "key") else { return };
        for row in rows(answer) {
            let owner = row.get("referenceId").or(row.get("userId")).and_then(Value::as_str).unwrap_or_default();
            let other = ACTORS.iter().any(|name| *name != actor && owner == format!("${{{name}.id}}"));
            if other {
                found.push(broken("own-keys-only", json!("a key of the caller"), json!("another user's")));
            }
        }
    }

    /// What was shown stays so until something changes it: a rejected request does not, and reading does not.
    fn changes(&mut self, step: &Step, answer: &Answer, found: &mut Vec<Mismatch>) {
        let own_key = step.channel() == "key";
        match step.operation() {
            Some(Method::GetApiKey | Method::ListApiKeys) if !own_key => {
                for row in rows(answer) {
                    let id = row.get("id").and_then(Value::as_str);
                    let Some(id) = id.filter(|id| !id.contains(ALIKE)) else { continue };
                    match self.seen.get(id) {
                        Some(before) => found.extend(changed(before, row)),
                        None => _ = self.seen.insert(id.to_owned(), row.clone()),
                    }
                }
            }
            Some(Method::GetSession) if !own_key => {}
            Some(Method::CreateApiKey | Method::UpdateApiKey | Method::DeleteApiKey) if !own_key => {
                if !answer.accepted() {
                    return;
                }
                let body = step.call().and_then(|call| call.body.as_ref());
                let id = body.and_then(|body| key_of(body.get("keyId")?.as_str()?, ".id}"));
                let Some(id) = id else {
                    let name = step.call().and_then(|call| call.makes.as_deref()).unwrap_or_default();
                    self.deleted.remove(&format!("${{{name}.id}}"));
                    return self.seen.clear();
                };
                self.seen.remove(&id);
                if step.operation() == Some(Method::DeleteApiKey) && step.call().is_some_and(|call| call.times == 1) {
                    self.deleted.insert(id);
                }
            }
            // Whoever uses keys changes them; so may any path that should not be there.
            _ if matches!(step, Step::Clock { .. }) => {}
            _ => self.seen.clear(),
        }
    }
}

fn broken(name: &str, expected: Value, actual: Value) -> Mismatch {
    Mismatch { path: format!("invariant.{name}"), expected: Some(expected), actual: Some(actual) }
}

/// `${k1.key}` is of the key whose id is `${k1.id}`.
fn key_of(text: &str, end: &str) -> Option<String> {
    Some(format!("{}.id}}", text.strip_suffix(end).filter(|start| start.starts_with("${"))?))
}

fn rows(answer: &Answer) -> Vec<&Value> {
    let Some(body) = answer.body.as_ref().filter(|_| answer.accepted()) else { return Vec::new() };
    match body.get("apiKeys").unwrap_or(body) {
        Value::Array(rows) => rows.iter().collect(),
        row => vec![row],
    }
}

/// A clear key, or its hash, stands nowhere but in the reply that makes it.
fn secrets(path: &str, value: &Value, found: &mut Vec<Mismatch>) {
    match value {
        Value::String(text) if shows_key(text) => {
            let place = path.replace("body.apiKeys", "body");
            found.push(broken(&format!("no-key-shown.{place}"), json!("no key"), json!("a key or its hash")));
        }
        Value::Array(items) => items.iter().for_each(|item| secrets(&format!("{path}.*"), item, found)),
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| secrets(&format!("{path}.{name}"), value, found));
        }
        _ => {}
    }
}

/// The symbol of a key or of its hash; that two keys are the same is told by the reply that makes the second.
fn shows_key(text: &str) -> bool {
    (text.contains(".key}") || text.contains(".key|")) && !text.contains("the same as")
}

fn changed(before: &Value, now: &Value) -> Vec<Mismatch> {
    let names = before.as_object().into_iter().flatten().map(|(name, _)| name);
    let differ = names.filter(|name| before.get(name.as_str()) != now.get(name.as_str()));
    let tell = |name: &String| Mismatch {
        path: format!("invariant.nothing-changes-by-itself.{name}"),
        expected: before.get(name).cloned(),
        actual: now.get(name).cloned(),
    };
    differ.map(tell).collect()
}

/// A reply with a body that names another content type.
fn says_it_is_no_json(reply: &Reply) -> bool {
    let named = reply.headers.iter().find(|(name, _)| name == "content-type");
    reply.body.is_some() && named.is_some_and(|(_, value)| !value.contains("json"))
}

fn sets_cookie(replies: &[Reply]) -> bool {
    let cookies = replies.iter().flat_map(|reply| &reply.headers).filter(|(name, _)| name == "set-cookie");
    cookies
        .filter_map(|(_, value)| value.split(';').next()?.split_once('='))
        .any(|(name, value)| name.ends_with("session_token") && !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(value: Value) -> Step {
        serde_json::from_value(value).unwrap()
    }

    fn answer(status: u16, verdict: &str, body: Value) -> Answer {
        Answer { verdict: verdict.to_owned(), status, body: Some(body) }
    }

    fn look(watch: &mut Watch, step: Value, answer: &Answer) -> Vec<String> {
        let reply = Reply { status: answer.status, headers: Vec::new(), body: None };
        let found = watch.look(&self::step(step), &[reply], answer, &super::tests::answer(200, "200", json!({})));
        found.into_iter().map(|one| one.path).collect()
    }

    fn row(name: &str, remaining: u64) -> Value {
        json!({ "id": "${k1.id}", "name": name, "remaining": remaining, "referenceId": "${alice.id}" })
    }

    fn get(actor: &str) -> Value {
        json!({ "do": "client", "operation": "getApiKey", "as": actor, "query": { "id": "${k1.id}" } })
    }

    #[test]
    fn internal_errors_and_foreign_keys() {
        let mut watch = Watch::default();
        let failed = answer(500, "500 without a code", Value::Null);
        assert_eq!(look(&mut watch, get("alice"), &failed), ["invariant.no-internal-error"]);
        assert_eq!(look(&mut watch, get("bob"), &answer(200, "200", row("a", 1))), ["invariant.own-keys-only"]);
        assert!(look(&mut watch, get("alice"), &answer(200, "200", row("a", 1))).is_empty());
    }

    #[test]
    fn a_rejected_request_changes_nothing() {
        let mut watch = Watch::default();
        look(&mut watch, get("alice"), &answer(200, "200", row("a", 1)));
        let update =
            json!({ "do": "client", "operation": "updateApiKey", "as": "alice", "body": { "keyId": "${k1.id}" } });
        look(&mut watch, update.clone(), &answer(400, "400 X", json!({})));
        let changed = answer(200, "200", row("b", 1));
        assert_eq!(look(&mut watch, get("alice"), &changed), ["invariant.nothing-changes-by-itself.name"]);
        look(&mut watch, update, &answer(200, "200", json!({})));
        assert!(look(&mut watch, get("alice"), &changed).is_empty());
    }

    #[test]
    fn no_more_uses_than_remain_and_none_after_deletion() {
        let mut watch = Watch::default();
        look(&mut watch, get("alice"), &answer(200, "200", row("a", 2)));
        let burst = json!({ "do": "server", "operation": "verifyApiKey", "body": { "key": "${k1.key}" }, "times": 5 });
        let three = answer(200, "several", json!({ "200 valid": 3, "200 USAGE_EXCEEDED": 2 }));
        assert_eq!(look(&mut watch, burst, &three), ["invariant.no-more-uses-than-remain"]);
        let delete =
            json!({ "do": "client", "operation": "deleteApiKey", "as": "alice", "body": { "keyId": "${k1.id}" } });
        look(&mut watch, delete, &answer(200, "200", json!({ "success": true })));
        let verify = json!({ "do": "server", "operation": "verifyApiKey", "body": { "key": "${k1.key}" } });
        let valid = answer(200, "200 valid", json!({ "valid": true, "key": { "id": "${k1.id}" } }));
        assert_eq!(look(&mut watch, verify, &valid), ["invariant.nothing-after-deletion"]);
    }

    #[test]
    fn keys_are_shown_nowhere() {
        let mut watch = Watch::default();
        let shown = answer(200, "200", json!({ "id": "${k1.id}", "key": "${k1.key|hash}" }));
        assert_eq!(look(&mut watch, get("alice"), &shown), ["invariant.no-key-shown.body.key"]);
        let logged = answer(200, "200", json!({ "note": "a text with ${k1.key}" }));
        assert_eq!(look(&mut watch, get("alice"), &logged), ["invariant.no-key-shown.body.note"]);
    }
}
