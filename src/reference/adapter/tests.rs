//! The reference as an adapter: frame in, frame out.

use proptest::prelude::*;
use tokio::io::{DuplexStream, ReadHalf, WriteHalf};
use tokio::task::JoinHandle;

use super::*;

struct Harness {
    reader: BufReader<ReadHalf<DuplexStream>>,
    writer: WriteHalf<DuplexStream>,
    adapter: JoinHandle<io::Result<()>>,
}

impl Harness {
    fn start(edition: &str) -> Self {
        Self::with(edition, Faults::default())
    }

    fn with(edition: &str, faults: Faults) -> Self {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (reader, writer) = tokio::io::split(theirs);
        let nature = Nature { edition: edition.parse().unwrap(), faults, seed: 7, asked: None };
        let adapter = tokio::spawn(serve(nature, reader, writer));
        let (reader, writer) = tokio::io::split(ours);
        Self { reader: BufReader::new(reader), writer, adapter }
    }

    async fn ask(&mut self, request: Value) -> Value {
        self.send(&request.to_string()).await;
        self.reply().await
    }

    async fn send(&mut self, line: &str) {
        self.writer.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    async fn reply(&mut self) -> Value {
        let mut line = String::new();
        self.reader.read_line(&mut line).await.unwrap();
        serde_json::from_str(&line).unwrap()
    }

    async fn end(mut self) -> io::Result<()> {
        self.writer.shutdown().await.unwrap();
        self.adapter.await.unwrap()
    }
}

#[tokio::test]
async fn hello_says_what_there_is() {
    let mut harness = Harness::start("1.4");
    let reply = harness.ask(json!({ "id": 1, "op": "hello", "protocol": 1 })).await;
    assert_eq!(reply["ok"]["implementation"]["name"], "keyspec-reference");
    assert_eq!(reply["ok"]["edition"], "1.4.22");
    let capabilities = reply["ok"]["capabilities"].as_array().unwrap();
    assert!(capabilities.contains(&json!("exact-clock")));
    assert!(capabilities.contains(&json!("secondary-storage")) && capabilities.contains(&json!("persistence")));
    assert!(!capabilities.contains(&json!("multiple-configurations")));
    assert!(!capabilities.contains(&json!("organizations")));
    assert!(capabilities_of("1.5.0").contains(&"multiple-configurations".to_owned()));
    let reply = harness.ask(json!({ "id": 2, "op": "hello", "protocol": 2 })).await;
    assert!(reply["unsupported"].is_string(), "{reply}");
    harness.end().await.unwrap();
}

#[tokio::test]
async fn keys_give_sessions_only_where_that_is_asked_for() {
    for edition in ["1.3.20", "1.7"] {
        let mut harness = Harness::start(edition);
        for (config, session) in [(json!({}), false), (json!({ "enableSessionForAPIKeys": true }), true)] {
            let started = harness.ask(json!({ "id": 1, "op": "start", "config": config })).await["ok"].clone();
            let deployment = &started["deployment"];
            let actor = harness.ask(json!({ "id": 2, "op": "actor", "deployment": deployment, "name": "a" })).await;
            let user = &actor["ok"]["userId"];
            let call = |method: &str, with: &str, what: Value| json!({ "id": 3, "op": "call", "deployment": deployment, "method": method, with: what });
            let made = harness.ask(call("createApiKey", "body", json!({ "userId": user }))).await;
            let headers = json!({ "x-api-key": made["ok"]["key"] });
            let got = harness.ask(call("getSession", "headers", headers)).await;
            assert_eq!(got["ok"]["user"]["id"] == *user, session, "{edition}: {got}");
        }
        harness.end().await.unwrap();
    }
}

fn capabilities_of(edition: &str) -> Vec<String> {
    capabilities(&edition.parse().unwrap())
}

#[tokio::test]
async fn deployments_share_nothing() {
    let mut harness = Harness::start("1.7");
    for (id, name) in [(1, "d1"), (2, "d2")] {
        let reply = harness.ask(json!({ "id": id, "op": "start", "config": {}, "setup": {} })).await;
        assert_eq!(reply["ok"]["deployment"], name);
        assert_eq!(reply["ok"]["now"], EPOCH);
    }
    let reply = harness.ask(json!({ "id": 3, "op": "clock", "deployment": "d1", "advanceMs": 1000 })).await;
    assert_eq!(reply, json!({ "id": 3, "ok": { "now": EPOCH + 1000 } }));
    let reply = harness.ask(json!({ "id": 4, "op": "clock", "deployment": "d2", "advanceMs": 0 })).await;
    assert_eq!(reply, json!({ "id": 4, "ok": { "now": EPOCH } }));
    let made =
        json!({ "id": 5, "op": "call", "deployment": "d1", "method": "createApiKey", "body": { "userId": "u" } });
    let key = harness.ask(made).await["ok"]["key"].clone();
    assert!(key.is_string());
    for (deployment, valid) in [("d1", true), ("d2", false)] {
        let reply = harness
            .ask(json!({ "id": 6, "op": "call", "deployment": deployment, "method": "verifyApiKey", "body": { "key": key } }))
            .await;
        assert_eq!(reply["ok"]["valid"], valid, "{reply}");
    }
    harness.end().await.unwrap();
}

#[tokio::test]
async fn an_actor_is_signed_in_and_new_each_time() {
    let mut harness = Harness::start("1.7");
    harness.ask(json!({ "id": 1, "op": "start", "config": {} })).await;
    let actor = json!({ "id": 2, "op": "actor", "deployment": "d1", "name": "alice" });
    let first = harness.ask(actor.clone()).await["ok"].clone();
    let second = harness.ask(actor).await["ok"].clone();
    assert_ne!(first["userId"], second["userId"]);
    assert!(first["headers"]["origin"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    let session = harness
        .ask(json!({ "id": 3, "op": "call", "deployment": "d1", "method": "getSession", "headers": first["headers"] }))
        .await;
    assert_eq!(session["ok"]["user"]["id"], first["userId"], "{session}");
    harness.end().await.unwrap();
}

#[tokio::test]
async fn a_refusal_is_an_error_with_its_status_and_code() {
    let mut harness = Harness::start("1.7");
    harness.ask(json!({ "id": 1, "op": "start", "config": {} })).await;
    let reply = harness
        .ask(json!({ "id": 2, "op": "call", "deployment": "d1", "method": "createApiKey", "body": {}, "headers": {} }))
        .await;
    assert_eq!(reply["error"]["status"], 401, "{reply}");
    assert_eq!(reply["error"]["code"], "UNAUTHORIZED_SESSION", "{reply}");
    harness.end().await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let mut harness = Harness::start("1.7");
    for start in [
        json!({ "id": 1, "op": "start", "config": { "customStorage": { "preset": "storage:redis" } } }),
        json!({ "id": 1, "op": "start", "config": {}, "setup": { "storage": "postgres" } }),
        json!({ "id": 1, "op": "start", "config": {}, "setup": { "plugins": [] } }),
    ] {
        let reply = harness.ask(start).await;
        assert!(reply["unsupported"].is_string(), "{reply}");
    }
    for line in [r#"{"id":1,"op":"sing"}"#, r#"{"id":1,"op":"call","deployment":"d1","method":"dropTables"}"#] {
        harness.send(line).await;
        let reply = harness.reply().await;
        assert!(reply["unsupported"].is_string(), "{line}: {reply}");
    }
    for line in [
        r#"{"id":1,"op":"stop","deployment":"d1"}"#,
        r#"{"id":1}"#,
        r#"{"id":1,"op":"start"}"#,
        r#"{"id":1,"op":"call","deployment":"d1","method":1}"#,
        r#"{"id":1,"op":"clock","deployment":"d1","advanceMs":-1}"#,
        r#"{"id":1,"op":"start","config":{"requireName":"yes"}}"#,
        r#"{"id":1,"op":"start","config":[{},{}]}"#,
        r#"{"id":1,"op":"start","config":7}"#,
    ] {
        harness.send(line).await;
        let reply = harness.reply().await;
        assert_eq!(reply["id"], 1, "{line}");
        assert!(reply["failure"].is_string(), "{line}: {reply}");
    }
    harness.end().await.unwrap();
}

#[tokio::test]
async fn what_is_in_the_folder_outlives_the_deployment() {
    let folder = tempfile::tempdir().unwrap();
    let start =
        json!({ "id": 1, "op": "start", "config": {}, "setup": { "storage": "sqlite", "data": folder.path() } });
    let mut harness = Harness::start("1.7");
    harness.ask(start.clone()).await;
    let actor = harness.ask(json!({ "id": 2, "op": "actor", "deployment": "d1", "name": "alice" })).await["ok"].clone();
    let made = json!({ "id": 3, "op": "call", "deployment": "d1", "method": "createApiKey", "body": { "userId": actor["userId"] } });
    let key = harness.ask(made).await["ok"]["key"].clone();
    harness.ask(json!({ "id": 4, "op": "clock", "deployment": "d1", "advanceMs": 5 })).await;
    assert_eq!(harness.ask(json!({ "id": 5, "op": "stop", "deployment": "d1" })).await["ok"], json!({}));
    harness.end().await.unwrap();

    // Another process with the same seed.
    let mut harness = Harness::start("1.7");
    assert_eq!(harness.ask(start.clone()).await["ok"]["now"], EPOCH + 5);
    let call = |method: &str, body: Value, headers: &Value| json!({ "id": 6, "op": "call", "deployment": "d1", "method": method, "body": body, "headers": headers });
    let mut verify = call("verifyApiKey", json!({ "key": key }), &Value::Null);
    verify.as_object_mut().unwrap().remove("headers");
    assert_eq!(harness.ask(verify).await["ok"]["valid"], true);
    let made = harness.ask(call("createApiKey", json!({}), &actor["headers"])).await;
    assert!(made["ok"]["key"].is_string() && made["ok"]["key"] != key, "{made}");
    harness.end().await.unwrap();

    std::fs::write(folder.path().join("keyspec-reference.json"), "{").unwrap();
    let mut harness = Harness::start("1.7");
    for folder in [folder.path().to_owned(), folder.path().join("nowhere")] {
        let start = json!({ "id": 1, "op": "start", "config": {}, "setup": { "data": folder } });
        let reply = harness.ask(start).await;
        assert!(reply["failure"].is_string(), "{reply}");
    }
    harness.end().await.unwrap();
}

#[tokio::test]
async fn calls_get_in_each_others_way_only_where_a_fault_lets_them() {
    let setup = json!({ "delay": true });
    for (faults, expected) in [("", 3), ("quota.not-atomic", 10)] {
        let mut harness = Harness::with("1.7", faults.parse().unwrap());
        harness.ask(json!({ "id": 0, "op": "start", "config": {}, "setup": setup })).await;
        let body = json!({ "userId": "u", "remaining": 3, "rateLimitEnabled": false });
        let made = json!({ "id": 0, "op": "call", "deployment": "d1", "method": "createApiKey", "body": body });
        let key = harness.ask(made).await["ok"]["key"].clone();
        let verify = |id: usize| json!({ "id": id, "op": "call", "deployment": "d1", "method": "verifyApiKey", "body": { "key": key } });
        let lines: Vec<_> = (1..=10).map(|id| verify(id).to_string()).collect();
        harness.send(&lines.join("\n")).await;
        let mut valid = 0;
        for _ in 0..10 {
            valid += usize::from(harness.reply().await["ok"]["valid"] == json!(true));
        }
        assert_eq!(valid, expected, "{faults}");
        // What is under way is answered when the input ends.
        harness.send(&verify(11).to_string()).await;
        harness.writer.shutdown().await.unwrap();
        assert_eq!(harness.reply().await["id"], 11);
        harness.end().await.unwrap();
    }
}

#[tokio::test]
async fn a_request_that_is_too_deep_fails_alone() {
    let mut harness = Harness::start("1.7");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    harness.send(&format!(r#"{{"id":9,"op":"start","config":{deep}}}"#)).await;
    let reply = harness.reply().await;
    assert_eq!(reply["id"], 9);
    assert!(reply["failure"].is_string(), "{reply}");
    harness.end().await.unwrap();
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof!["[a-zA-Z]{0,8}", Just("key".to_owned()), Just("userId".to_owned()), Just("d1".to_owned())];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(word.clone(), inner, 0..4).prop_map(|members| json!(members)),
        ]
    })
}

fn any_request() -> impl Strategy<Value = Value> {
    let methods = [
        "createApiKey",
        "verifyApiKey",
        "getApiKey",
        "updateApiKey",
        "deleteApiKey",
        "listApiKeys",
        "deleteAllExpiredApiKeys",
        "getSession",
    ];
    let call = (prop::sample::select(methods.to_vec()), any_json(), any_json(), any::<bool>());
    prop_oneof![
        4 => call.prop_map(|(method, body, query, client)| {
            let mut call = json!({ "op": "call", "deployment": "d1", "method": method, "body": body, "query": query });
            if client {
                call["headers"] = json!({ "x-api-key": "k" });
            }
            call
        }),
        1 => any_json().prop_map(|config| json!({ "op": "start", "config": config })),
        1 => any::<u64>().prop_map(|by| json!({ "op": "clock", "deployment": "d1", "advanceMs": by })),
        1 => any::<String>().prop_map(|name| json!({ "op": "actor", "deployment": "d1", "name": name })),
        1 => any_json().prop_map(|value| json!({ "op": value, "deployment": value })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_has_one_reply(requests in prop::collection::vec(any_request(), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut harness = Harness::start("1.7");
            harness.ask(json!({ "id": 0, "op": "start", "config": {} })).await;
            for (id, mut request) in (1..).zip(requests) {
                request["id"] = json!(id);
                let reply = harness.ask(request).await;
                assert_eq!(reply["id"], id);
                assert_eq!(reply.as_object().unwrap().len(), 2, "{reply}");
            }
            harness.end().await.unwrap();
        });
    }
}

#[tokio::test]
async fn a_line_without_an_id_ends_the_adapter() {
    for line in ["", "nonsense", "[]", r#"{"op":"hello"}"#, r#"{"id":-1,"op":"stop","deployment":"d1"}"#] {
        let mut harness = Harness::start("1.7");
        harness.send(line).await;
        let error = harness.end().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{line}: {error}");
    }
}

#[tokio::test]
async fn a_line_without_an_end_is_not_read_forever() {
    let nature = Nature { edition: Edition::newest(), faults: Faults::default(), seed: 7, asked: None };
    let error = serve(nature, tokio::io::repeat(b' '), tokio::io::sink()).await;
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[tokio::test]
async fn the_end_of_the_input_ends_all() {
    let mut harness = Harness::start("1.7");
    let reply = harness.ask(json!({ "id": 1, "op": "start", "config": {} })).await;
    let address = reply["ok"]["baseUrl"].as_str().unwrap().replace("http://", "").replace("/api/auth", "");
    tokio::net::TcpStream::connect(&address).await.unwrap();
    harness.end().await.unwrap();
    assert!(tokio::net::TcpStream::connect(&address).await.is_err());
}

#[tokio::test]
async fn many_requests_at_once_are_all_answered() {
    let mut harness = Harness::start("1.7");
    harness.ask(json!({ "id": 0, "op": "start", "config": {} })).await;
    let lines: Vec<_> = (1..=500)
        .map(|id| json!({ "id": id, "op": "clock", "deployment": "d1", "advanceMs": 1 }).to_string())
        .collect();
    harness.send(&lines.join("\n")).await;
    for id in 1..=500 {
        assert_eq!(harness.reply().await, json!({ "id": id, "ok": { "now": EPOCH + id } }));
    }
    harness.end().await.unwrap();
}
