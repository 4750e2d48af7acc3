//! Where keys lie, what outlives a restart, and uses at the same time.

use serde_json::json;

use super::*;
use crate::spec::setup::Setup;

const DATABASE: &str = r#"{ "enableMetadata": true }"#;
const SECONDARY: &str = r#"{ "enableMetadata": true, "storage": "secondary-storage" }"#;
const FALLBACK: &str = r#"{ "enableMetadata": true, "storage": "secondary-storage", "fallbackToDatabase": true }"#;
const CUSTOM: &str =
    r#"{ "enableMetadata": true, "storage": "secondary-storage", "customStorage": { "preset": "storage:memory" } }"#;
const DEFERRED: &str = r#"{ "enableMetadata": true, "storage": "secondary-storage", "deferUpdates": true }"#;

fn deployed(config: &str, secondary: bool, faults: Faults) -> Desk {
    let mut desk = Desk::with("1.7", serde_json::from_str(config).unwrap(), faults);
    let setup = json!({ "secondaryStorage": secondary, "deferred": true });
    desk.model.set_up(Setup::parse(desk.model.edition(), &setup).unwrap());
    desk
}

/// The same data under other options.
fn restarted(old: &Desk, config: &str, faults: Faults) -> Desk {
    let mut desk = deployed(config, true, faults);
    desk.model.restore(old.model.save().unwrap()).unwrap();
    desk.now = old.now;
    desk
}

/// The life of some keys: made, used, changed, deleted, expired.
fn life(config: &str, secondary: bool, faults: Faults) -> Vec<String> {
    let mut told = Vec::new();
    let mut desk = deployed(config, secondary, faults);
    let alice = desk.actor("alice");
    let fields = json!({ "userId": alice.user, "remaining": 3, "rateLimitMax": 2, "rateLimitTimeWindow": 1000, "expiresIn": 86_400 });
    let made = desk.call(Method::CreateApiKey, fields);
    let (key, id) = (text(&made, "key"), text(&made, "id"));
    told.push(format!("{made:?}"));
    for wait in [0, 1, 1, 2000, 2000] {
        desk.now += wait;
        told.push(desk.verify(&key));
        told.push(format!("{:?}", desk.get(&alice, &format!("/api-key/get?id={id}"))));
    }
    let (key, id) = desk.try_key(&alice, json!({ "metadata": { "a": 1 } }));
    let changes = json!({ "keyId": id, "name": "new", "enabled": false });
    told.push(format!("{:?}", desk.post(&alice, "/api-key/update", changes)));
    told.push(desk.verify(&key));
    told.push(format!("{:?}", desk.get(&alice, "/api-key/list")));
    told.push(format!("{:?}", desk.post(&alice, "/api-key/delete", json!({ "keyId": id }))));
    told.push(desk.verify(&key));
    let (key, _) = desk.try_key(&alice, json!({ "expiresIn": 86_400 }));
    for wait in [DAY - 1000, 1000, 1] {
        desk.now += wait;
        told.push(desk.verify(&key));
    }
    told.push(format!("{:?}", desk.get(&alice, "/api-key/list")));
    told
}

impl Desk {
    /// As [`Self::key`], where a fault may refuse it.
    fn try_key(&mut self, actor: &Actor, mut fields: Value) -> (String, String) {
        fields["userId"] = Value::from(actor.user.as_str());
        let made = self.call(Method::CreateApiKey, fields);
        if made.status == 200 {
            (text(&made, "key"), text(&made, "id"))
        } else {
            ("none".to_owned(), "none".to_owned())
        }
    }
}

/// A key that is made under one storage and used under others, with a restart in between.
fn moves(faults: Faults) -> Vec<String> {
    let mut told = Vec::new();
    for first in [DATABASE, SECONDARY, FALLBACK] {
        for (used, then) in [(true, DATABASE), (true, SECONDARY), (true, FALLBACK), (false, SECONDARY)] {
            let mut desk = deployed(first, true, faults);
            let alice = desk.actor("alice");
            let fields = json!({ "remaining": 2, "rateLimitMax": 9, "expiresIn": 86_400, "permissions": { "files": ["read"] }, "metadata": { "a": 1 } });
            let (key, id) = desk.try_key(&alice, fields);
            let (gone, gone_id) = desk.try_key(&alice, json!({}));
            let (off, off_id) = desk.try_key(&alice, json!({}));
            let (unused, _) = desk.try_key(&alice, json!({}));
            desk.verify(&key);
            desk.post(&alice, "/api-key/update", json!({ "keyId": off_id, "enabled": false }));
            desk.post(&alice, "/api-key/delete", json!({ "keyId": gone_id }));
            let mut desk = restarted(&desk, FALLBACK, faults);
            if used {
                told.push(desk.verify(&key));
            }
            let mut desk = restarted(&desk, then, faults);
            told.extend([&gone, &off, &unused].map(|key| desk.verify(key)));
            told.push(format!("{:?}", desk.get(&alice, &format!("/api-key/get?id={id}"))));
            told.push(desk.verify_with(json!({ "key": key, "permissions": { "files": ["read"] } })));
            told.push(format!("{:?}", desk.get(&alice, "/api-key/list")));
        }
    }
    told
}

/// Ten uses at once, of which three may pass.
fn at_once(faults: Faults) -> Vec<String> {
    let mut told = Vec::new();
    for fields in [json!({ "remaining": 3, "rateLimitMax": 99 }), json!({ "rateLimitMax": 3 })] {
        let mut desk = deployed(DATABASE, false, faults);
        let alice = desk.actor("alice");
        let (key, id) = desk.try_key(&alice, fields);
        let request = Request::Server {
            method: Method::VerifyApiKey,
            body: Some(json!({ "key": key })),
            query: None,
            headers: None,
        };
        let seen: Vec<_> = (0..10).map(|_| desk.model.look()).collect();
        let replies = seen.into_iter().map(|seen| desk.model.apply_late(desk.now, &request, seen));
        let valid = replies.filter(|reply| reply.body.as_ref().unwrap()["valid"] == json!(true)).count();
        told.push(valid.to_string());
        told.push(format!("{:?}", desk.get(&alice, &format!("/api-key/get?id={id}"))));
    }
    told
}

pub(super) fn stories(faults: Faults) -> Vec<String> {
    let mut told = moves(faults);
    told.extend(at_once(faults));
    for (config, secondary) in [(SECONDARY, true), (FALLBACK, true), (CUSTOM, false), (DEFERRED, true)] {
        told.extend(life(config, secondary, faults));
    }
    told
}

#[test]
fn every_storage_gives_the_same_answers() {
    let database = life(DATABASE, false, Faults::NONE);
    assert_eq!(life(FALLBACK, true, Faults::NONE), database);
    let expired = database.len() - 2;
    assert_eq!(database[expired], "KEY_EXPIRED");
    for (config, secondary) in [(SECONDARY, true), (CUSTOM, false), (DEFERRED, true)] {
        let mut told = life(config, secondary, Faults::NONE);
        // What has expired is gone from there before it is asked for.
        assert_eq!(std::mem::replace(&mut told[expired], "KEY_EXPIRED".to_owned()), "INVALID_API_KEY");
        assert_eq!(told, database);
    }
}

#[test]
fn just_as_many_uses_at_once_as_may_pass() {
    let told = at_once(Faults::NONE);
    assert_eq!((told[0].as_str(), told[2].as_str()), ("3", "3"));
    assert_eq!(at_once(Fault::QuotaNotAtomic.into())[0], "10");
    assert_eq!(at_once(Fault::RateLimitNotAtomic.into())[2], "10");
}

#[test]
fn without_its_storage_a_key_cannot_be_made() {
    let mut desk = deployed(SECONDARY, false, Faults::NONE);
    let alice = desk.actor("alice");
    assert_eq!(desk.post(&alice, "/api-key/create", json!({})).status, 500);
}

#[test]
fn the_database_is_read_where_secondary_storage_has_nothing() {
    let mut desk = deployed(DATABASE, true, Faults::NONE);
    let alice = desk.actor("alice");
    let ((used, _), (unused, _)) = (desk.key(&alice, json!({})), desk.key(&alice, json!({})));
    let mut desk = restarted(&desk, SECONDARY, Faults::NONE);
    assert_eq!(desk.verify(&used), "INVALID_API_KEY");
    let mut desk = restarted(&desk, FALLBACK, Faults::NONE);
    assert_eq!(desk.verify(&used), "valid");
    let mut desk = restarted(&desk, SECONDARY, Faults::NONE);
    assert_eq!(desk.verify(&used), "valid");
    assert_eq!(desk.verify(&unused), "INVALID_API_KEY");
}

#[test]
fn a_restart_changes_nothing_and_repeats_nothing() {
    let mut desk = deployed(DATABASE, false, Faults::NONE);
    let alice = desk.actor("alice");
    let (key, id) = desk.key(&alice, json!({ "remaining": 2, "metadata": { "a": [1] } }));
    desk.verify(&key);
    let before = desk.get(&alice, &format!("/api-key/get?id={id}"));
    let mut desk = restarted(&desk, DATABASE, Faults::NONE);
    assert_eq!(desk.get(&alice, &format!("/api-key/get?id={id}")), before);
    assert_ne!(desk.key(&alice, json!({})).0, key);
    let body = json!({ "email": "actor-0@keyspec.test", "password": "an actor's password" });
    assert_eq!(desk.http("POST", "/sign-in/email", &[], Some(&body)).status, 200);
    for broken in [json!(null), json!({}), json!({ "secrets": 1 }), json!([])] {
        assert!(desk.model.restore(broken).is_err());
    }
    assert_eq!(desk.model.keys().count(), 2);
}
