//! Accounts, cookies, and keys that act as sessions.

use serde_json::json;

use super::*;

fn with_key(key: &str) -> Vec<(String, String)> {
    headers(&[("x-api-key", key)])
}

#[test]
fn a_browser_signs_up_in_and_out() {
    let mut desk = Desk::new("1.7", json!({}));
    let account = json!({ "name": "Alice", "email": "alice@example.com", "password": "correct horse" });
    let up = desk.http("POST", "/sign-up/email", &[], Some(&account));
    assert_eq!(up.status, 200, "{up:?}");
    assert_eq!(desk.http("POST", "/sign-up/email", &[], Some(&account)).status, 422);
    let again = desk.http("POST", "/sign-in/email", &[], Some(&account));
    assert_eq!(again.body.as_ref().unwrap()["redirect"], json!(false));
    let cookie = again.headers[0].1.split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("better-auth.session_token="));
    let origin = desk.model.origin().to_owned();
    let browser = headers(&[("cookie", &cookie), ("origin", &origin)]);
    let session = desk.http("GET", "/get-session", &browser, None).body.unwrap();
    assert_eq!(session["session"]["token"], again.body.unwrap()["token"]);
    assert_eq!(session["user"]["email"], json!("alice@example.com"));
    assert_eq!(desk.http("POST", "/sign-out", &browser, Some(&json!({}))).status, 200);
    assert_eq!(desk.http("GET", "/get-session", &browser, None).body, Some(Value::Null));
    let wrong = json!({ "email": "alice@example.com", "password": "wrong horse" });
    assert_eq!(code(&desk.http("POST", "/sign-in/email", &[], Some(&wrong))), "INVALID_EMAIL_OR_PASSWORD");
    assert_eq!(
        desk.http("GET", "/api-key/list", &headers(&[("cookie", "better-auth.session_token=x.y")]), None).status,
        401
    );
}

#[test]
fn a_session_lasts_seven_days_and_is_prolonged_by_use() {
    let mut desk = Desk::new("1.7", json!({}));
    let sign_up = json!({ "name": "alice", "email": "alice@example.com", "password": "correct horse" });
    let signed_up = desk.http("POST", "/sign-up/email", &[], Some(&sign_up));
    let browser = headers(&[("cookie", signed_up.headers[0].1.split(';').next().unwrap())]);
    desk.now = NOW + 6 * DAY;
    assert_eq!(desk.http("GET", "/get-session", &browser, None).headers.len(), 1);
    desk.now = NOW + 13 * DAY;
    assert_eq!(desk.http("GET", "/api-key/list", &browser, None).status, 200);
    desk.now = NOW + 20 * DAY + 1;
    assert_eq!(desk.http("GET", "/api-key/list", &browser, None).status, 401);
}

#[test]
fn a_key_is_a_session_only_where_that_is_switched_on() {
    let mut desk = Desk::new("1.7", json!({}));
    let alice = desk.actor("alice");
    let (key, _) = desk.key(&alice, json!({}));
    assert_eq!(desk.http("GET", "/get-session", &with_key(&key), None).body, Some(Value::Null));

    let mut desk = Desk::new("1.7", json!({ "enableSessionForAPIKeys": true }));
    let alice = desk.actor("alice");
    let (key, id) = desk.key(&alice, json!({ "rateLimitMax": 3 }));
    let reply = desk.http("GET", "/get-session", &with_key(&key), None);
    assert!(reply.headers.is_empty());
    let shown = reply.body.unwrap();
    assert_eq!((&shown["session"]["id"], &shown["user"]["id"]), (&json!(id), &json!(alice.user)));
    assert_eq!(shown["session"]["expiresAt"], json!(crate::spec::key::iso_date(NOW + 7 * DAY)));
    assert!(!shown.to_string().contains(&key));
    assert_eq!(desk.http("GET", "/api-key/list", &with_key(&key), None).status, 200);
    let own = desk.http("POST", "/api-key/create", &with_key(&key), Some(&json!({ "remaining": 1 })));
    assert_eq!(code(&own), "SERVER_ONLY_PROPERTY");
    let limited = desk.http("POST", "/sign-out", &with_key(&key), Some(&json!({})));
    assert_eq!((limited.status, code(&limited)), (429, "RATE_LIMITED".to_owned()));
}

#[test]
fn a_key_that_is_refused_refuses_the_request() {
    let mut desk = Desk::new("1.7", json!({ "enableSessionForAPIKeys": true, "apiKeyHeaders": ["x-one", "x-two"] }));
    let alice = desk.actor("alice");
    let (key, id) = desk.key(&alice, json!({}));
    let (ghost, _) = {
        let nobody = Actor { user: "nobody".to_owned(), headers: Vec::new() };
        desk.key(&nobody, json!({}))
    };
    let ask = |desk: &mut Desk, pairs: &[(&str, &str)]| {
        let reply = desk.http("GET", "/get-session", &headers(pairs), None);
        (reply.status, if reply.status == 200 { String::new() } else { code(&reply) })
    };
    assert_eq!(ask(&mut desk, &[("x-two", &key)]), (200, String::new()));
    assert_eq!(ask(&mut desk, &[("x-one", ""), ("x-two", "")]), (200, String::new()));
    assert_eq!(ask(&mut desk, &[("x-api-key", "ignored")]), (200, String::new()));
    assert_eq!(ask(&mut desk, &[("x-one", "short"), ("x-two", &key)]), (403, "INVALID_API_KEY".to_owned()));
    assert_eq!(ask(&mut desk, &[("x-one", &"y".repeat(64))]), (401, "INVALID_API_KEY".to_owned()));
    assert_eq!(ask(&mut desk, &[("x-one", &ghost)]), (401, "INVALID_REFERENCE_ID_FROM_API_KEY".to_owned()));
    desk.call(Method::UpdateApiKey, json!({ "keyId": id, "userId": alice.user, "enabled": false }));
    assert_eq!(ask(&mut desk, &[("x-one", &key)]), (401, "KEY_DISABLED".to_owned()));
}

#[test]
fn a_getter_and_a_validator_have_their_say() {
    let options = json!({
        "enableSessionForAPIKeys": true,
        "customAPIKeyGetter": { "preset": "getter:x-custom-key" },
        "customAPIKeyValidator": { "preset": "validator:starts-with-ok" },
        "customKeyGenerator": { "preset": "generator:fixed-alphabet" },
        "defaultKeyLength": 12,
    });
    let mut desk = Desk::new("1.7", options);
    let alice = desk.actor("alice");
    let (good, _) = desk.key(&alice, json!({ "prefix": "ok_" }));
    assert_eq!(good, "ok_kkkk00000001");
    let (bad, _) = desk.key(&alice, json!({ "prefix": "no_" }));
    assert_eq!((desk.verify(&good), desk.verify(&bad)), ("valid".to_owned(), "KEY_NOT_FOUND".to_owned()));
    let session =
        |desk: &mut Desk, key: &str| desk.http("GET", "/get-session", &headers(&[("x-custom-key", key)]), None);
    assert_eq!(session(&mut desk, &good).body.unwrap()["user"]["id"], json!(alice.user));
    assert_eq!(session(&mut desk, &bad).status, 403);
    let mut desk = Desk::new(
        "1.7",
        json!({
            "enableSessionForAPIKeys": true, "customAPIKeyGetter": { "preset": "getter:number" },
        }),
    );
    assert_eq!(code(&session(&mut desk, "any")), "INVALID_API_KEY_GETTER_RETURN_TYPE");
}

#[test]
fn who_is_refused_a_session_is_told_when_to_come_again_whether_verify_tells_it_or_not() {
    for (edition, told) in [("1.2.12", false), ("1.3.34", false), ("1.7", true)] {
        let mut desk = Desk::new(edition, json!({ "enableSessionForAPIKeys": true }));
        let alice = desk.actor("alice");
        let (key, _) = desk.key(&alice, json!({ "rateLimitMax": 1, "rateLimitTimeWindow": 1000 }));
        assert_eq!(desk.http("GET", "/get-session", &with_key(&key), None).status, 200, "{edition}");
        let refused = desk.http("GET", "/get-session", &with_key(&key), None).body.unwrap();
        assert_eq!(refused["details"], json!({ "tryAgainIn": 1000 }), "{edition}: {refused}");
        let verified = desk.call(Method::VerifyApiKey, json!({ "key": key })).body.unwrap();
        assert_eq!(verified["error"].get("details").is_some(), told, "{edition}: {verified}");
    }
}
