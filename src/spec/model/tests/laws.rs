//! What holds after any sequence of operations.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// One step of a generated story. Numbers choose among what exists.
#[derive(Debug, Clone)]
enum Step {
    Create { actor: usize, remaining: Option<u8>, refill: Option<(u8, u16)>, days: Option<u8>, max: u8, window: u16 },
    Verify { key: usize, write: bool },
    Get { actor: usize, key: usize },
    Update { actor: usize, key: usize, enabled: bool },
    Delete { actor: usize, key: usize },
    List { actor: usize },
    Sweep,
    Wait { ms: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    let actor = 0..2_usize;
    let key = 0..4_usize;
    prop_oneof![
        2 => (actor.clone(), prop::option::of(0..4_u8), prop::option::of((1..4_u8, 1..3000_u16)), prop::option::of(1..3_u8), 1..4_u8, 1..3000_u16)
            .prop_map(|(actor, remaining, refill, days, max, window)| Step::Create { actor, remaining, refill, days, max, window }),
        8 => (key.clone(), any::<bool>()).prop_map(|(key, write)| Step::Verify { key, write }),
        1 => (actor.clone(), key.clone()).prop_map(|(actor, key)| Step::Get { actor, key }),
        1 => (actor.clone(), key.clone(), any::<bool>()).prop_map(|(actor, key, enabled)| Step::Update { actor, key, enabled }),
        1 => (actor.clone(), key).prop_map(|(actor, key)| Step::Delete { actor, key }),
        1 => actor.prop_map(|actor| Step::List { actor }),
        1 => Just(Step::Sweep),
        4 => prop_oneof![0..4000_u32, Just(86_400_000_u32)].prop_map(|ms| Step::Wait { ms }),
    ]
}

fn edition() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["1.2.0", "1.2.12", "1.3.34", "1.4.7", "1.5", "1.6.17", "1.7"])
}

/// What is known of a key from outside.
struct Known {
    clear: String,
    id: String,
    owner: usize,
    max: usize,
    window: i64,
    expires_at: Option<i64>,
    gone: bool,
    successes: Vec<i64>,
}

/// Plays a story and checks the laws at every step; gives all replies.
fn play(edition: &str, steps: &[Step]) -> Vec<Reply> {
    let mut desk = Desk::new(edition, json!({}));
    let actors = [desk.actor("alice"), desk.actor("mallory")];
    let mut known: Vec<Known> = Vec::new();
    let mut replies = Vec::new();
    for step in steps {
        let reply = act(&mut desk, &actors, &mut known, step);
        for row in desk.model.keys() {
            assert!(row.remaining.is_none_or(|remaining| remaining >= 0.0), "{row:?}");
        }
        replies.extend(reply);
    }
    replies
}

fn act(desk: &mut Desk, actors: &[Actor; 2], known: &mut Vec<Known>, step: &Step) -> Option<Reply> {
    let delete = if desk.model.edition().release() < (1, 2, 5) { "DELETE" } else { "POST" };
    let reply = match *step {
        Step::Wait { ms } => {
            desk.now += i64::from(ms);
            return None;
        }
        Step::Create { actor, remaining, refill, days, max, window } => {
            let mut body = json!({
                "userId": actors[actor].user, "rateLimitMax": max, "rateLimitTimeWindow": window,
                "permissions": { "files": ["read"] },
            });
            if let Some(remaining) = remaining {
                body["remaining"] = json!(remaining);
            }
            if let Some((amount, interval)) = refill {
                body["refillAmount"] = json!(amount);
                body["refillInterval"] = json!(interval);
            }
            if let Some(days) = days {
                body["expiresIn"] = json!(u32::from(days) * 86_400);
            }
            let reply = desk.call(Method::CreateApiKey, body);
            assert_eq!(reply.status, 200, "{reply:?}");
            known.push(Known {
                clear: text(&reply, "key"),
                id: text(&reply, "id"),
                owner: actor,
                max: usize::from(max),
                window: i64::from(window),
                expires_at: days.map(|days| desk.now + i64::from(days) * DAY),
                gone: false,
                successes: Vec::new(),
            });
            reply
        }
        Step::Verify { key, write } => {
            let count = known.len();
            let key = known.get_mut(count.checked_sub(1 + key)?)?;
            let action = if write { "write" } else { "read" };
            let body = json!({ "key": key.clear, "permissions": { "files": [action] } });
            let reply = desk.call(Method::VerifyApiKey, body);
            if reply.body.as_ref().is_some_and(|body| body["valid"] == json!(true)) {
                assert!(!write, "a permission that the key lacks");
                assert!(!key.gone, "a deleted key");
                assert!(key.expires_at.is_none_or(|expires_at| desk.now <= expires_at), "an expired key");
                key.successes.push(desk.now);
                let window = key.successes.iter().filter(|&&at| desk.now - at < key.window).count();
                assert!(window <= key.max, "{window} uses in a window of at most {}", key.max);
            }
            reply
        }
        Step::Get { actor, key } => {
            let key = known.get(key)?;
            let reply = desk.get(&actors[actor], &format!("/api-key/get?id={}", key.id));
            assert!(reply.status != 200 || key.owner == actor, "another user's key");
            reply
        }
        Step::Update { actor, key, enabled } => {
            let key = known.get(key)?;
            let reply = desk.post(&actors[actor], "/api-key/update", json!({ "keyId": key.id, "enabled": enabled }));
            assert!(reply.status != 200 || (key.owner == actor && !key.gone), "another user's key");
            reply
        }
        Step::Delete { actor, key } => {
            let key = known.get_mut(key)?;
            let headers = actors[actor].headers.clone();
            let reply = desk.http(delete, "/api-key/delete", &headers, Some(&json!({ "keyId": key.id })));
            assert!(reply.status != 200 || key.owner == actor, "another user's key");
            key.gone |= reply.status == 200;
            reply
        }
        Step::List { actor } => {
            let reply = desk.get(&actors[actor], "/api-key/list");
            let owned: HashSet<_> = known.iter().filter(|key| key.owner == actor).map(|key| key.id.as_str()).collect();
            if let Some(keys) = reply.body.as_ref().and_then(|body| desk.model.edition().listed_keys(body)) {
                assert!(keys.iter().all(|key| owned.contains(key["id"].as_str().unwrap())), "another user's key");
                let stored: HashMap<_, _> = desk.model.keys().map(|row| (row.key.as_str(), row)).collect();
                let shown = Value::from(keys.to_vec()).to_string();
                assert!(stored.keys().all(|hash| !shown.contains(hash)), "a hash is shown");
            }
            reply
        }
        Step::Sweep => desk.call(Method::DeleteAllExpiredApiKeys, json!({})),
    };
    Some(reply)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_laws_hold_in_every_edition(edition in edition(), steps in prop::collection::vec(step(), 1..60)) {
        let first = play(edition, &steps);
        prop_assert_eq!(first, play(edition, &steps), "the same seed gives the same replies");
    }

    #[test]
    fn no_request_makes_it_panic(
        method in "GET|POST|DELETE|[A-Z]{1,4}",
        path in "/api-key/(create|get|update|delete|list|verify)|/get-session|/sign-(up|in)/email|/[a-z]{0,4}",
        query in prop::collection::vec(("[a-zA-Z]{0,8}|id|limit|sortBy", ".{0,8}"), 0..4),
        pairs in prop::collection::vec(("cookie|origin|x-api-key|content-type|[a-z-]{1,8}", ".{0,20}|application/json"), 0..4),
        body in ".{0,40}|\\{\"(name|keyId|key|prefix|expiresIn|metadata)\":(null|1|\"x\"|-1e300|\\{\\})\\}",
        now in any::<i64>(),
        edition in edition(),
    ) {
        let mut desk = Desk::new(edition, json!({ "enableSessionForAPIKeys": true, "defaultKeyLength": 1 }));
        let alice = desk.actor("alice");
        desk.key(&alice, json!({ "expiresIn": 86_400 }));
        let request = Request::Http { method, path, query, headers: pairs, body: body.into_bytes() };
        let reply = desk.model.apply(now, &request);
        prop_assert!((200..500).contains(&reply.status) || edition < "1.6.16", "{reply:?}");
    }
}
