//! Quota, refill, rate limit, expiry, sweep: boundaries to the millisecond.

use serde_json::json;

use super::*;

#[test]
fn a_key_is_used_up_refused_and_removed() {
    let mut desk = Desk::new("1.7", json!({}));
    let alice = desk.actor("alice");
    let (key, _) = desk.key(&alice, json!({ "remaining": 2 }));
    let verdicts: Vec<_> = (0..4).map(|_| desk.verify(&key)).collect();
    assert_eq!(verdicts, ["valid", "valid", "USAGE_EXCEEDED", "INVALID_API_KEY"]);
    let (key, _) = desk.key(&alice, json!({ "remaining": 0 }));
    assert_eq!(desk.verify(&key), "USAGE_EXCEEDED");
}

#[test]
fn a_refill_comes_when_the_interval_has_passed_and_sets_what_remains() {
    let mut desk = Desk::new("1.7", json!({}));
    let alice = desk.actor("alice");
    let refill = json!({ "remaining": 1, "refillAmount": 2, "refillInterval": 1000 });
    let (key, _) = desk.key(&alice, refill);
    assert_eq!((desk.verify(&key), desk.verify(&key)), ("valid".to_owned(), "USAGE_EXCEEDED".to_owned()));
    desk.now = NOW + 1000;
    assert_eq!(desk.verify(&key), "USAGE_EXCEEDED");
    desk.now = NOW + 1001;
    assert_eq!(desk.verify(&key), "valid");
    let row = desk.model.keys().next().unwrap();
    assert_eq!((row.remaining, row.last_refill_at), (Some(1.0), Some(NOW + 1001)));
}

/// The releases up to 1.3.24 took it as days, against their documentation.
#[test]
fn in_every_edition_a_refill_interval_is_in_milliseconds() {
    let mut desk = Desk::new("1.3.24", json!({}));
    let alice = desk.actor("alice");
    let (key, _) = desk.key(&alice, json!({ "remaining": 1, "refillAmount": 1, "refillInterval": 2 }));
    assert_eq!(desk.verify(&key), "valid");
    desk.now = NOW + 2;
    assert_eq!(desk.verify(&key), "USAGE_EXCEEDED");
    desk.now += 1;
    assert_eq!(desk.verify(&key), "valid");
}

#[test]
fn the_window_runs_from_the_last_use_that_was_accepted() {
    let mut desk = Desk::new("1.7", json!({ "rateLimit": { "timeWindow": 1000, "maxRequests": 2 } }));
    let alice = desk.actor("alice");
    let (key, _) = desk.key(&alice, json!({}));
    assert_eq!(desk.verify(&key), "valid");
    desk.now += 600;
    assert_eq!(desk.verify(&key), "valid");
    desk.now += 1000;
    let denied = desk.call(Method::VerifyApiKey, json!({ "key": key })).body.unwrap();
    assert_eq!(denied["error"]["code"], json!("RATE_LIMITED"));
    assert_eq!(denied["error"]["details"], json!({ "tryAgainIn": 0 }));
    desk.now += 1;
    assert_eq!(desk.verify(&key), "valid");
    let (free, _) = desk.key(&alice, json!({ "rateLimitEnabled": false }));
    assert!((0..5).all(|_| desk.verify(&free) == "valid"));
}

#[test]
fn a_use_that_is_refused_costs_nothing() {
    for edition in ["1.2", "1.4.7", "1.6.17", "1.7"] {
        let mut desk = Desk::new(edition, json!({}));
        let alice = desk.actor("alice");
        let limits = json!({ "remaining": 2, "rateLimitMax": 1, "permissions": { "files": ["read"] } });
        let (key, _) = desk.key(&alice, limits);
        let wanting = json!({ "key": key, "permissions": { "files": ["write"] } });
        let verdicts = [desk.verify_with(wanting), desk.verify(&key), desk.verify(&key), desk.verify(&key)];
        assert_eq!(verdicts, ["KEY_NOT_FOUND", "valid", "RATE_LIMITED", "RATE_LIMITED"], "{edition}");
        assert_eq!(desk.model.keys().next().unwrap().remaining, Some(1.0), "{edition}");
    }
}

#[test]
fn a_key_lives_to_the_last_millisecond() {
    let mut desk = Desk::new("1.7", json!({}));
    let alice = desk.actor("alice");
    let (key, id) = desk.key(&alice, json!({ "expiresIn": 86_400 }));
    desk.now = NOW + DAY;
    assert_eq!(desk.verify(&key), "valid");
    desk.now += 1;
    let disabled = json!({ "keyId": id, "userId": alice.user, "enabled": false });
    let mut copy = Desk { model: desk.model.clone(), now: desk.now };
    assert_eq!(copy.verify(&key), "KEY_EXPIRED");
    assert_eq!(copy.verify(&key), "INVALID_API_KEY");
    desk.now -= 1;
    assert_eq!(desk.call(Method::UpdateApiKey, disabled).status, 200);
    desk.now += 1;
    assert_eq!((desk.verify(&key), desk.verify(&key)), ("KEY_DISABLED".to_owned(), "KEY_DISABLED".to_owned()));
}

#[test]
fn the_sweep_cools_down_for_ten_seconds() {
    let mut desk = Desk::new("1.7", json!({}));
    let alice = desk.actor("alice");
    desk.key(&alice, json!({ "expiresIn": 86_400 }));
    desk.now += DAY;
    desk.key(&alice, json!({}));
    desk.now += 9_999;
    desk.get(&alice, "/api-key/list");
    assert_eq!(desk.model.keys().count(), 2);
    desk.now += 1;
    let list = desk.get(&alice, "/api-key/list").body.unwrap();
    assert_eq!(list["total"], json!(2), "the list is read before the sweep");
    assert_eq!(desk.model.keys().count(), 1);
    let (_, _) = desk.key(&alice, json!({ "expiresIn": 86_400 }));
    desk.now += DAY + 1;
    assert_eq!(
        desk.call(Method::DeleteAllExpiredApiKeys, json!({})).body,
        Some(json!({ "success": true, "error": null }))
    );
    assert_eq!(desk.model.keys().count(), 1);
}
