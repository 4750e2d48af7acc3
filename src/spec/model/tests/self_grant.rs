//! What a client may give its own key, told once: every fault of it changes the telling.

use serde_json::json;

use super::*;
use crate::spec::setup::Setup;

fn options(files: &Value) -> Value {
    let capped = json!({ "allowClientPermissions": true, "maxPermissions": files });
    let clamped = json!({ "allowClientPermissions": true, "maxPermissions": files, "whenAboveMaximum": "clamp", "defaultPermissions": { "notes": ["read"] } });
    json!([
        { "configId": "wide", "permissions": { "allowClientPermissions": true, "maxPermissions": { "files": ["read", "write", "delete", "*"], "*": ["read"] } } },
        { "configId": "default", "enableSessionForAPIKeys": true, "rateLimit": { "enabled": false }, "permissions": {
            "defaultPermissions": { "files": ["read"], "notes": ["read"] }, "allowClientPermissions": true,
            "maxPermissions": { "files": files["files"], "users": ["read"], "valueOf": ["read"], "drafts": [], "caf\u{e9}": ["read"] } } },
        { "configId": "closed", "permissions": { "maxPermissions": files } },
        { "configId": "empty", "permissions": { "allowClientPermissions": true, "maxPermissions": {} } },
        { "configId": "uncapped", "permissions": { "allowClientPermissions": true } },
        { "configId": "clamped", "permissions": clamped },
        { "configId": "team", "references": "organization", "permissions": capped },
        { "configId": "last", "permissions": { "allowClientPermissions": true, "maxPermissions": { "admin": ["read"] } } },
    ])
}

fn deployed(files: &Value, faults: Faults) -> Desk {
    let mut desk = Desk::with("1.7", options(files), faults);
    desk.model.set_up(Setup::parse(desk.model.edition(), &json!({ "organizations": true })).unwrap());
    desk
}

/// Creates, each on its own, and what a client may ask for in each configuration.
fn wishes() -> Vec<Value> {
    let many: serde_json::Map<_, _> = (0..1001).map(|at| (format!("r{at}"), json!(["read"]))).collect();
    let wishes = [
        json!({ "files": ["read"] }),
        json!({ "files": ["read", "write"], "users": ["read"], "valueOf": ["read"], "drafts": [], "caf\u{e9}": ["read"] }),
        json!({ "files": ["write", "read"] }),
        json!({ "files": ["read", "read"] }),
        json!({ "files": ["read", "delete"] }),
        json!({ "files": ["delete"] }),
        json!({ "files": ["read"], "admin": ["read"] }),
        json!({ "admin": ["read"], "files": ["read"] }),
        json!({ "users": ["write"] }),
        json!({ "drafts": ["read"] }),
        json!({}),
        json!({ "other": [] }),
        json!({ "Files": ["read"] }),
        json!({ "files ": ["read"] }),
        json!({ "files": ["reader"] }),
        json!({ "files": ["rea"] }),
        json!({ "files": ["*"] }),
        json!({ "cafe\u{301}": ["read"] }),
        json!({ "files": ["r\u{435}ad"] }),
        json!({ "toString": ["read"] }),
        json!({ "valueOf": ["read"] }),
        json!({ "files": ["read", 5], "admin": ["read"] }),
        json!({ "files": "read" }),
        Value::Object(many),
    ];
    let mut bodies: Vec<Value> = wishes.iter().map(|wish| json!({ "permissions": wish })).collect();
    bodies.push(json!({}));
    for config_id in ["wide", "closed", "empty", "uncapped", "clamped", "last"] {
        let few = [
            json!({ "files": ["read", "delete"], "admin": ["read"] }),
            json!({ "files": ["write"] }),
            json!({ "admin": ["read"] }),
        ];
        bodies.extend(few.iter().map(|wish| json!({ "configId": config_id, "permissions": wish })));
    }
    bodies.push(json!({ "configId": "wide", "permissions": { "users": ["read"] } }));
    bodies.push(json!({ "permissions": { "files": ["read"] }, "remaining": 5 }));
    bodies.push(json!({ "remaining": 5 }));
    bodies.push(json!({ "permissions": { "files": ["read"] }, "userId": "nobody" }));
    bodies
}

pub(super) fn story(faults: Faults) -> Vec<String> {
    let ceiling = json!({ "files": ["read", "write"] });
    let mut desk = deployed(&ceiling, faults);
    let (alice, bob) = (desk.actor("alice"), desk.actor("bob"));
    let mut told = Vec::new();
    let mut tell = |reply: &Reply| told.push(format!("{reply:?}"));
    for body in wishes() {
        tell(&desk.post(&alice, "/api-key/create", body));
    }
    for wish in [json!({ "files": ["read"] }), json!({ "files": ["delete"] })] {
        tell(&desk.http("POST", "/api-key/create", &[], Some(&json!({ "permissions": wish }))));
        let call = |headers| Request::Server {
            method: Method::CreateApiKey,
            body: Some(json!({ "userId": alice.user, "permissions": wish })),
            query: None,
            headers,
        };
        tell(&desk.model.apply(NOW, &call(Some(alice.headers.clone()))));
        tell(&desk.model.apply(NOW, &call(None)));
    }
    let formed = desk.post(&alice, "/organization/create", json!({ "name": "acme", "slug": "acme" }));
    let acme = text(&formed, "id");
    for (actor, action) in [(&alice, "write"), (&alice, "delete"), (&bob, "read")] {
        let body = json!({ "configId": "team", "organizationId": acme, "permissions": { "files": [action] } });
        tell(&desk.post(actor, "/api-key/create", body));
    }
    for held in [json!({ "files": ["read"] }), Value::Null, json!({ "files": ["read", "write", "delete"] })] {
        let made = desk.call(Method::CreateApiKey, json!({ "userId": alice.user, "permissions": {} }));
        let id = text(&made, "id");
        desk.call(Method::UpdateApiKey, json!({ "keyId": id, "userId": alice.user, "permissions": held }));
        let key = headers(&[("x-api-key", &text(&made, "key"))]);
        for body in [
            json!({ "permissions": { "files": ["write"] } }),
            json!({ "permissions": { "files": ["delete"] } }),
            json!({ "configId": "wide", "permissions": { "files": ["write"] } }),
            json!({}),
        ] {
            tell(&desk.http("POST", "/api-key/create", &key, Some(&body)));
        }
        for change in [json!({ "files": ["read"] }), json!({ "files": ["delete"] }), Value::Null] {
            let body = json!({ "keyId": id, "permissions": change });
            tell(&desk.post(&alice, "/api-key/update", body));
        }
    }
    tell(&desk.get(&alice, "/api-key/list"));
    let mut lowered = deployed(&json!({ "files": ["read"] }), faults);
    lowered.model.restore(desk.model.save().unwrap()).unwrap();
    tell(&lowered.post(&alice, "/api-key/create", json!({ "permissions": { "files": ["write"] } })));
    told
}

#[test]
fn what_exceeds_is_refused_by_name_and_leaves_nothing() {
    let mut desk = deployed(&json!({ "files": ["read", "write"] }), Faults::NONE);
    let alice = desk.actor("alice");
    let wish = json!({ "files": ["read", "delete"], "admin": [] });
    let refused = desk.post(&alice, "/api-key/create", json!({ "permissions": wish }));
    assert_eq!((refused.status, code(&refused)), (403, "PERMISSIONS_EXCEED_MAXIMUM".to_owned()));
    assert_eq!(refused.body.unwrap()["details"], json!({ "exceeding": { "files": ["delete"], "admin": [] } }));
    assert_eq!(desk.model.keys().count(), 0);
    let clamped = desk.post(&alice, "/api-key/create", json!({ "configId": "clamped", "permissions": wish }));
    assert_eq!(clamped.body.unwrap()["permissions"], json!({ "files": ["read"] }));
}

#[test]
fn a_key_passes_on_what_it_holds_and_is_named_nothing_that_it_did_not_send() {
    let mut desk = deployed(&json!({ "files": ["read", "write"] }), Faults::NONE);
    let alice = desk.actor("alice");
    let made = desk.post(&alice, "/api-key/create", json!({ "permissions": { "files": ["read"] } }));
    let key = headers(&[("x-api-key", &text(&made, "key"))]);
    let mut mint = |body: Value| desk.http("POST", "/api-key/create", &key, Some(&body));
    assert_eq!(mint(json!({ "permissions": { "files": ["read"] } })).status, 200);
    let beyond = mint(json!({ "permissions": { "files": ["write"] } })).body.unwrap();
    assert_eq!(beyond["details"], json!({ "exceeding": { "files": ["write"] } }));
    let by_default = mint(json!({})).body.unwrap();
    assert_eq!((&by_default["code"], by_default.get("details")), (&json!("PERMISSIONS_EXCEED_MAXIMUM"), None));
}
