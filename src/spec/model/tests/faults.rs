//! Every fault makes a difference that a client or a server call can see.

use serde_json::json;

use super::*;

/// The same walk on a model without and with a fault: where do they part?
fn shows(fault: Fault) -> bool {
    let plain = json!({ "enableMetadata": true, "disableKeyHashing": true, "rateLimit": { "timeWindow": 5000, "maxRequests": 3 } });
    let sessions = json!([
        { "configId": "first", "defaultPrefix": "f_", "enableSessionForAPIKeys": true, "customAPIKeyGetter": { "preset": "getter:x-custom-key" } },
        { "configId": "default", "enableSessionForAPIKeys": true, "apiKeyHeaders": "x-one", "defaultPrefix": "d_", "requireName": true,
          "startingCharactersConfig": { "charactersLength": 9 }, "permissions": { "defaultPermissions": { "files": ["read"] } },
          "keyExpiration": { "defaultExpiresIn": 1, "minExpiresIn": 0 } },
        { "configId": "off", "rateLimit": { "enabled": false, "maxRequests": 1 }, "startingCharactersConfig": { "shouldStore": false }, "keyExpiration": { "disableCustomExpiresTime": true } },
        { "configId": "org", "references": "organization" },
    ]);
    let functions = json!({
        "enableSessionForAPIKeys": true, "defaultKeyLength": 10, "customKeyGenerator": { "preset": "generator:fixed-alphabet" },
        "customAPIKeyValidator": { "preset": "validator:async-starts-with-ok" }, "customAPIKeyGetter": { "preset": "getter:number" },
        "permissions": { "defaultPermissions": { "preset": "permissions:from-owner" } },
    });
    let no_default = json!([{ "configId": "only" }]);
    let short = json!({
        "keyExpiration": { "defaultExpiresIn": 5, "minExpiresIn": 0 },
        "rateLimit": { "timeWindow": 5000, "maxRequests": 1 },
    });
    let simple = json!({ "enableSessionForAPIKeys": true, "apiKeyHeaders": "x-one" });
    let cases = [
        ("1.7", plain),
        ("1.7", sessions),
        ("1.7", functions),
        ("1.4", json!({})),
        ("1.7", no_default),
        ("1.7", short),
        ("1.7", simple),
    ];
    cases.iter().enumerate().any(|(index, (edition, config))| {
        (0..18).any(|seed| {
            let mut right = Desk::new(edition, config.clone());
            let mut wrong = Desk::with(edition, config.clone(), fault.into());
            parts(&mut right, &mut wrong, &mut fastrand::Rng::with_seed(seed * 100 + index as u64))
        })
    })
}

fn parts(right: &mut Desk, wrong: &mut Desk, random: &mut fastrand::Rng) -> bool {
    let pace = random.u8(..3);
    let actors = [right.actor("alice"), right.actor("mallory")];
    assert_eq!(actors[0].user, wrong.actor("alice").user);
    wrong.actor("mallory");
    let mut keys: Vec<(String, String)> = Vec::new();
    for _ in 0..250 {
        let waits: &[i64] = match pace {
            0 => &[0, 0, 1, 999, 5000, 5001, 10_000, 86_400_000],
            1 => &[0, 0, 0, 0, 0, 0, 1, 1, 999, 1000, 5000, 5000, 10_000, 86_400_000],
            _ => &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5001],
        };
        right.now += waits[random.usize(..waits.len())];
        wrong.now = right.now;
        let request = any_request(random, &actors, &keys);
        let reply = right.model.apply(right.now, &request);
        if wrong.model.apply(wrong.now, &request) != reply {
            return true;
        }
        if reply.status == 200 && reply.body.as_ref().is_some_and(|body| body["key"].is_string()) {
            keys.push((text(&reply, "key"), text(&reply, "id")));
        }
    }
    false
}

fn any_request(random: &mut fastrand::Rng, actors: &[Actor; 2], keys: &[(String, String)]) -> Request {
    let actor = actors[random.usize(..2)].clone();
    let nothing = ("none".to_owned(), "none".to_owned());
    let recent = keys.len().saturating_sub([1, 1, 1, 1, 2, 3, 4][random.usize(..7)]);
    let (key, id) = keys.get(recent).cloned().unwrap_or(nothing);
    let mut headers = match random.u8(..8) {
        0 => Vec::new(),
        1 => vec![("x-one".to_owned(), key.clone())],
        2 => vec![(
            ["x-api-key", "x-custom-key", "x-one"][random.usize(..3)].to_owned(),
            [key.as_str(), "", "short"][random.usize(..3)].to_owned(),
        )],
        3 => actor.headers.iter().cloned().chain([("x-one".to_owned(), key.clone())]).collect(),
        _ => actor.headers.clone(),
    };
    let config_id = ["default", "off", "first", "other", "org"][random.usize(..5)];
    let mut body = any_fields(random);
    let (method, path) = match random.u8(..14) {
        0..=2 => (Method::CreateApiKey, "/api-key/create"),
        3..=6 => {
            let sent = [key.clone(), key.to_uppercase(), String::new(), super::super::secret::hash(&key)];
            let chosen = [0, 0, 0, 0, 0, 1, 2, 3][random.usize(..8)];
            body = json!({ "key": sent[chosen] });
            let permissions = json!([{}, { "files": ["read"] }, { "files": [] }, { "files": ["write", "read"] }, { "files": ["reader"] },
                { "FILES": ["read"] }, { "users": ["b"] }, { "constructor": ["x"] }, { "files": ["read"], "users": ["b"] }]);
            if random.bool() {
                body["permissions"] = permissions[random.usize(..9)].clone();
            }
            if random.u8(..50) == 0 {
                body = json!({});
            }
            (Method::VerifyApiKey, "/api-key/verify")
        }
        7 | 8 => {
            let single =
                json!([{ "enabled": false }, { "expiresIn": null }, { "metadata": 5 }, { "permissions": null }]);
            if random.bool() {
                body = single[random.usize(..4)].clone();
            }
            body["keyId"] = json!(if random.u8(..4) > 0 { id.as_str() } else { "none" });
            (Method::UpdateApiKey, "/api-key/update")
        }
        9 => (Method::GetApiKey, "/api-key/get"),
        10 if random.bool() => {
            body = json!({ "keyId": if random.bool() { id.as_str() } else { "none" } });
            (Method::DeleteApiKey, "/api-key/delete")
        }
        10 | 11 => (Method::ListApiKeys, "/api-key/list"),
        12 => (Method::DeleteAllExpiredApiKeys, "/api-key/delete-all-expired-api-keys"),
        _ => (Method::GetSession, "/get-session"),
    };
    if random.u8(..3) == 0 && method != Method::DeleteAllExpiredApiKeys {
        body["configId"] = json!(config_id);
    }
    if random.u8(..40) == 0 && body.is_object() {
        body = json!({});
    }
    let query = match method {
        Method::GetApiKey if random.u8(..8) > 0 => vec![("id", [id.as_str(), id.as_str(), "none"][random.usize(..3)])],
        Method::ListApiKeys => [
            vec![],
            vec![("limit", "1")],
            vec![("offset", "1")],
            vec![("limit", "x")],
            vec![("sortDirection", "up")],
            vec![("sortBy", "createdAt"), ("sortDirection", "desc")],
            vec![("sortBy", "nothing")],
        ][random.usize(..7)]
        .clone(),
        _ => vec![],
    };
    let mut query: Vec<(String, String)> =
        query.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    if random.u8(..3) == 0 {
        query.push(("configId".to_owned(), config_id.to_owned()));
    }
    let by_server = match method {
        Method::CreateApiKey | Method::UpdateApiKey => random.bool(),
        Method::VerifyApiKey | Method::DeleteAllExpiredApiKeys => random.u8(..10) > 0,
        _ => false,
    };
    let named = match method {
        Method::CreateApiKey | Method::UpdateApiKey => {
            if by_server {
                random.u8(..8) > 0
            } else {
                random.u8(..8) == 0
            }
        }
        _ => false,
    };
    if named {
        body["userId"] = json!(actors[random.usize(..2)].user);
    }
    if by_server {
        return Request::Server {
            method,
            body: Some(body),
            query: None,
            headers: (random.u8(..4) == 0).then_some(headers),
        };
    }
    let http = if method.reads_query() { "GET" } else { "POST" };
    let http = if random.u8(..30) == 0 { "PUT" } else { http };
    let kind = if random.u8(..30) == 0 { "text/plain" } else { "application/json" };
    headers.push(("content-type".to_owned(), kind.to_owned()));
    let text = match random.u8(..40) {
        0 => "{".to_owned(),
        1 => String::new(),
        2 => "[]".to_owned(),
        3 => json!({ "id": id, "requestCount": 5, "start": "x", "name": "n" }).to_string(),
        _ => body.to_string(),
    };
    Request::Http { method: http.to_owned(), path: path.to_owned(), query, headers, body: text.into_bytes() }
}

fn any_fields(random: &mut fastrand::Rng) -> Value {
    let choices = [
        ("name", json!(["n", "", "x".repeat(32), "x".repeat(33), 5, "m"]), 60),
        ("expiresIn", json!([null, 86_400, 86_399, 31_536_000, 31_600_000, 86_400]), 20),
        ("prefix", json!(["ok_", "p_", "bad!", "p".repeat(40), "ok_"]), 20),
        ("metadata", json!([{}, { "a": 1 }, 5, { "b": [2] }]), 20),
        ("remaining", json!([0, 1, 1, 2, null]), 40),
        ("refillAmount", json!([1, 2, 3]), 20),
        ("refillInterval", json!([1, 1000, 5000, 5]), 20),
        ("rateLimitMax", json!([1, 2, 3, 0]), 20),
        ("rateLimitTimeWindow", json!([1000, 5000]), 20),
        ("rateLimitEnabled", json!([true, false]), 20),
        (
            "permissions",
            json!([{}, { "files": ["read"] }, { "files": ["write", "read", "read"] }, { "files": ["*"] }, { "files": ["read"], "users": ["b"] }, [], null]),
            40,
        ),
        ("enabled", json!([true, false]), 30),
        ("organizationId", json!(["o", ""]), 10),
        ("unknown", json!([1]), 5),
        ("start", json!(["zz"]), 5),
    ];
    let mut fields = json!({});
    // Server-only fields are rare in one half of the requests, so that clients are accepted as well.
    let few = random.bool();
    for (name, values, percent) in &choices {
        let rare = few && !matches!(*name, "name" | "metadata" | "prefix" | "expiresIn" | "enabled");
        let percent = if rare { percent / 10 } else { *percent };
        if random.u32(..100) < percent {
            fields[*name] = values[random.usize(..values.as_array().map_or(1, Vec::len))].clone();
        }
    }
    // Limits of every kind together, so that they meet.
    if random.u8(..5) == 0 {
        fields = json!({ "remaining": 2, "rateLimitMax": 1, "rateLimitTimeWindow": 5000, "rateLimitEnabled": true });
        if random.bool() {
            fields = json!({ "remaining": 1, "refillAmount": 2, "refillInterval": 5000, "rateLimitEnabled": false });
        }
        fields["name"] = json!("n");
    }
    fields
}

/// The stories that are not left to chance.
fn tell(faults: Faults) -> [Vec<String>; 4] {
    [organizations::story(faults), storage::stories(faults), flaws::stories(faults), self_grant::story(faults)]
}

#[test]
fn every_fault_shows() {
    // These have a story of their own below.
    let elsewhere = [Fault::ListCapped, Fault::VerifyExpiredBeforeDisabled];
    let sound = tell(Faults::NONE);
    let hidden: Vec<_> = Fault::ALL
        .iter()
        .filter(|fault| !elsewhere.contains(fault))
        .filter(|&&fault| tell(fault.into()) == sound && !shows(fault))
        .map(|fault| fault.id())
        .collect();
    assert!(hidden.is_empty(), "{} faults make no difference: {hidden:?}", hidden.len());
}

#[test]
fn a_capped_list_shows() {
    let mut desk = Desk::with("1.7", json!({}), Fault::ListCapped.into());
    let alice = desk.actor("alice");
    (0..101).for_each(|_| drop(desk.key(&alice, json!({}))));
    assert_eq!(desk.get(&alice, "/api-key/list").body.unwrap()["total"], json!(100));
}

#[test]
fn an_exchange_of_two_checks_shows() {
    let mut desk = Desk::with("1.7", json!({}), Fault::VerifyExpiredBeforeDisabled.into());
    let alice = desk.actor("alice");
    let (key, id) = desk.key(&alice, json!({ "expiresIn": 86_400 }));
    desk.call(Method::UpdateApiKey, json!({ "keyId": id, "userId": alice.user, "enabled": false }));
    assert_eq!(desk.verify(&key), "KEY_DISABLED");
    desk.now += DAY + 1;
    assert_eq!(desk.verify(&key), "KEY_EXPIRED");
}
