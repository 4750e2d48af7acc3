//! The reference answers the adapter protocol like any stranger: in process over a duplex pipe, or over stdio.
//!
//! Knows frames and its own deployments. It is told which faults to have, never what anybody expects of it.

use std::io;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::TcpListener;

use super::server::{Clock, Door, Server, Setup};
use crate::deployment::protocol::{
    CallError, Hello, Implementation, MAX_FRAME, Op, Outcome, Reply, Request, SignedIn, Started, Time, VERSION,
};
use crate::spec;
use crate::spec::config::{ConfigError, Configs, PRESETS};
use crate::spec::edition::{Behaviour, Edition};
use crate::spec::fault::Faults;
use crate::spec::model::Model;
use crate::spec::operation::Method;

/// Where every deployment's clock starts: 2026-09-21T13:46:40Z. A fixed time makes whole runs repeatable.
pub const EPOCH: i64 = 1_790_000_000_000;

/// The operations of the protocol, for telling a new one from a broken one.
const OPS: &[&str] = &["hello", "start", "actor", "call", "clock", "stop"];

/// Answers requests from `reader` on `writer` until `reader` ends, then stops every deployment.
///
/// It fails when a pipe breaks, and on a line that has no `id` to answer.
pub async fn serve<R, W>(edition: Edition, faults: Faults, seed: u64, reader: R, writer: W) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut adapter = Adapter { edition, faults, seed, started: 0, deployments: IndexMap::new() };
    let result = adapter.converse(BufReader::new(reader), BufWriter::new(writer)).await;
    for (_, server) in adapter.deployments.drain(..) {
        server.stop().await;
    }
    result
}

struct Adapter {
    edition: Edition,
    faults: Faults,
    seed: u64,
    /// How many deployments there were: names and seeds are never used twice.
    started: u64,
    deployments: IndexMap<String, Server>,
}

impl Adapter {
    /// One request after the other: none of them waits for anything that another one does.
    async fn converse<R, W>(&mut self, mut reader: BufReader<R>, mut writer: BufWriter<W>) -> io::Result<()>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let mut line = Vec::new();
        while next_line(&mut reader, &mut line).await? {
            let reply = match serde_json::from_slice::<Request>(&line) {
                Ok(Request { id, op }) => Reply { id, outcome: self.answer(op).await },
                Err(error) => misread(&line, &error)?,
            };
            let mut frame = serde_json::to_vec(&reply)?;
            frame.push(b'\n');
            writer.write_all(&frame).await?;
            // Requests that are already here are answered before the pipe is bothered.
            if !reader.buffer().contains(&b'\n') {
                writer.flush().await?;
            }
        }
        writer.flush().await
    }

    async fn answer(&mut self, op: Op) -> Outcome {
        match op {
            Op::Hello { protocol: VERSION } => ok(self.hello()),
            Op::Hello { protocol } => {
                Outcome::Unsupported(format!("version {protocol} of the protocol: this adapter speaks {VERSION}"))
            }
            Op::Start { config, setup } => self.start(&config, &setup).await,
            Op::Actor { deployment, name } => self.with(&deployment, |server| {
                let (user_id, cookie) = server.sign_up_actor(&name);
                let headers = [("cookie", cookie), ("origin", server.origin().to_owned())];
                ok(SignedIn { user_id, headers: headers.map(|(name, value)| (name.to_owned(), value)).into() })
            }),
            Op::Call { deployment, method, body, query, headers } => {
                let headers = headers.map(|headers| {
                    headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
                });
                self.with(&deployment, |server| call(server, method, body, query, headers))
            }
            Op::Clock { deployment, advance_ms } => self.with(&deployment, |server| match server.advance(advance_ms) {
                Ok(now) => ok(Time { now }),
                Err(error) => Outcome::Failure(error.to_string()),
            }),
            Op::Stop { deployment } => match self.deployments.swap_remove(&deployment) {
                Some(server) => {
                    server.stop().await;
                    Outcome::Ok(json!({}))
                }
                None => no_deployment(&deployment),
            },
        }
    }

    fn hello(&self) -> Hello {
        Hello {
            protocol: VERSION,
            implementation: Implementation {
                name: "keyspec-reference".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                language: "rust".to_owned(),
                url: env!("CARGO_PKG_REPOSITORY").to_owned(),
            },
            edition: self.edition.to_string(),
            capabilities: capabilities(&self.edition),
            presets: PRESETS.iter().map(|&preset| preset.to_owned()).collect(),
        }
    }

    async fn start(&mut self, config: &Value, extra: &Value) -> Outcome {
        if let Some(reason) = unsupported_setup(extra) {
            return Outcome::Unsupported(reason);
        }
        let configs = match Configs::parse(&self.edition, &sessions_named(&self.edition, config)) {
            Ok(configs) => configs,
            Err(error) => return refused_config(&error),
        };
        let seed = self.seed.wrapping_add(self.started.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let model = Model::new(self.edition.clone(), configs, self.faults, seed);
        let setup = Setup { clock: Clock::Virtual { now: EPOCH }, door: Door::Closed, origin: None };
        let started = match TcpListener::bind(("127.0.0.1", 0)).await {
            Ok(listener) => Server::start(listener, model, setup),
            Err(error) => Err(error),
        };
        let server = match started {
            Ok(server) => server,
            Err(error) => return Outcome::Failure(format!("no port on loopback: {error}")),
        };
        self.started += 1;
        let deployment = format!("d{}", self.started);
        let reply = ok(Started { deployment: deployment.clone(), base_url: server.base_url(), now: server.now() });
        self.deployments.insert(deployment, server);
        reply
    }

    fn with(&self, deployment: &str, answer: impl FnOnce(&Server) -> Outcome) -> Outcome {
        self.deployments.get(deployment).map_or_else(|| no_deployment(deployment), answer)
    }
}

/// Reads one line without its end. `false` at the end of the input.
async fn next_line<R: AsyncRead + Unpin>(reader: &mut BufReader<R>, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let limit = MAX_FRAME as u64 + 1;
    if reader.take(limit).read_until(b'\n', line).await? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > MAX_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than 4 MiB"));
    }
    Ok(true)
}

/// What to say to a line that is not a request: its `id` is all that an answer needs.
fn misread(line: &[u8], error: &serde_json::Error) -> io::Result<Reply> {
    // Alone, the `id` is found in lines that are too deep for the rest of them to be read.
    #[derive(Deserialize)]
    struct Numbered {
        id: u64,
    }

    let Numbered { id } = serde_json::from_slice(line).map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidData, format!("a line is not a request of the adapter protocol: {error}"))
    })?;
    let value: Value = serde_json::from_slice(line).unwrap_or_default();
    let outcome = match (value.get("op").and_then(Value::as_str), value.get("method")) {
        (Some("call"), Some(method @ Value::String(_))) if Method::deserialize(method).is_err() => {
            Outcome::Unsupported(format!("the method {method}"))
        }
        (Some(op), _) if !OPS.contains(&op) => Outcome::Unsupported(format!("the operation `{op}`")),
        _ => Outcome::Failure(format!("not a request of the adapter protocol: {error}")),
    };
    Ok(Reply { id, outcome })
}

/// What the reference does not have is unsupported; what no release would take is a mistake.
fn refused_config(error: &ConfigError) -> Outcome {
    match error {
        ConfigError::Unknown { .. }
        | ConfigError::NotInEdition { .. }
        | ConfigError::Unsupported { .. }
        | ConfigError::UnknownPreset { .. }
        | ConfigError::NoLists { .. } => Outcome::Unsupported(error.to_string()),
        ConfigError::WrongType { .. }
        | ConfigError::NotAnObject
        | ConfigError::NoConfigId
        | ConfigError::SameConfigId { .. } => Outcome::Failure(error.to_string()),
    }
}

/// Over the protocol, keys give sessions where `enableSessionForAPIKeys` says so. Releases in which they do so by
/// default are told, as the adapter of the real ones tells them.
fn sessions_named(edition: &Edition, config: &Value) -> Value {
    let mut config = config.clone();
    if edition.has(Behaviour::SessionsByDefault)
        && let Some(options) = config.as_object_mut()
        && !options.contains_key("disableSessionForAPIKeys")
    {
        options.entry("enableSessionForAPIKeys").or_insert(Value::Bool(false));
    }
    config
}

fn capabilities(edition: &Edition) -> Vec<String> {
    let always = ["server-calls", "actors", "clock", "exact-clock", "sessions-from-keys", "custom-functions"];
    let several = edition.has(Behaviour::ConfigurationsHaveNames);
    always.into_iter().chain(several.then_some("multiple-configurations")).map(str::to_owned).collect()
}

fn unsupported_setup(setup: &Value) -> Option<String> {
    let members = match setup {
        Value::Null => return None,
        Value::Object(members) => members,
        _ => return Some("a `setup` that is not an object".to_owned()),
    };
    members.iter().find_map(|(name, value)| match (name.as_str(), value.as_str()) {
        ("storage", Some("memory")) => None,
        ("storage", _) => Some(format!("the storage {value}: the reference keeps everything in memory")),
        _ => Some(format!("`setup.{name}`")),
    })
}

fn call(
    server: &Server,
    method: Method,
    body: Option<Value>,
    query: Option<Value>,
    headers: Option<Vec<(String, String)>>,
) -> Outcome {
    let reply = server.apply(&spec::request::Request::Server { method, body, query, headers });
    if reply.status < 400 {
        return Outcome::Ok(reply.body.unwrap_or_default());
    }
    let member = |name| reply.body.as_ref().and_then(|body| body.get(name)).cloned();
    Outcome::Error(CallError {
        status: Some(reply.status),
        code: member("code").and_then(|code| code.as_str().map(str::to_owned)),
        message: member("message"),
        details: member("details"),
    })
}

fn no_deployment(name: &str) -> Outcome {
    Outcome::Failure(format!("there is no deployment `{name}`"))
}

fn ok(result: impl serde::Serialize) -> Outcome {
    serde_json::to_value(result).map_or_else(|error| Outcome::Failure(error.to_string()), Outcome::Ok)
}

#[cfg(test)]
mod tests {
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
            let (ours, theirs) = tokio::io::duplex(64 * 1024);
            let (reader, writer) = tokio::io::split(theirs);
            let adapter = tokio::spawn(serve(edition.parse().unwrap(), Faults::default(), 7, reader, writer));
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
        assert!(!capabilities.contains(&json!("multiple-configurations")));
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
            json!({ "id": 1, "op": "start", "config": { "customStorage": {} } }),
            json!({ "id": 1, "op": "start", "config": {}, "setup": { "storage": "sqlite" } }),
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
        let word =
            prop_oneof!["[a-zA-Z]{0,8}", Just("key".to_owned()), Just("userId".to_owned()), Just("d1".to_owned())];
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
        let error = serve(Edition::newest(), Faults::default(), 7, tokio::io::repeat(b' '), tokio::io::sink()).await;
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
}
