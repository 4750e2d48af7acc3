//! The reference answers the adapter protocol like any stranger: in process over a duplex pipe, or over stdio.
//!
//! Knows frames and its own deployments. It is told which faults to have, never what anybody expects of it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::data::{self, Data};
use super::server::{self, BackDoor, Clock, Door, Server};
use crate::deployment::protocol::{
    CallError, Hello, Implementation, MAX_FRAME, Op, Outcome, Reply, Request, SignedIn, Started, Time, VERSION,
};
use crate::spec;
use crate::spec::config::{ConfigError, Configs, PRESETS};
use crate::spec::edition::{Behaviour, Edition};
use crate::spec::fault::{Asked, Faults};
use crate::spec::model::Model;
use crate::spec::operation::Method;
use crate::spec::setup::{Setup, SetupError};

/// Where every deployment's clock starts: 2026-09-21T13:46:40Z. A fixed time makes whole runs repeatable.
pub const EPOCH: i64 = 1_790_000_000_000;

/// The operations of the protocol, for telling a new one from a broken one.
const OPS: &[&str] = &["hello", "start", "actor", "call", "clock", "stop"];

/// Answers requests from `reader` on `writer` until `reader` ends, then stops every deployment.
///
/// It fails when a pipe breaks, and on a line that has no `id` to answer.
pub async fn serve<R, W>(nature: Nature, reader: R, writer: W) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut adapter = Adapter { nature, started: 0, deployments: IndexMap::new() };
    let result = adapter.converse(BufReader::new(reader), BufWriter::new(writer)).await;
    for (_, deployment) in adapter.deployments.drain(..) {
        // Nobody is left who could be told what went wrong.
        let _ = deployment.stop().await;
    }
    result
}

/// More calls that wait for a slow storage are not begun. It also bounds the replies that nobody has read yet.
const MAX_UNDER_WAY: usize = 256;

type Replies = mpsc::Sender<Reply>;

/// What the deployments of one reference have in common.
#[derive(Debug, Clone)]
pub struct Nature {
    pub edition: Edition,
    pub faults: Faults,
    /// Where keys and ids come from.
    pub seed: u64,
    /// Is told which faults the deployments come to.
    pub asked: Option<Arc<Asked>>,
}

struct Adapter {
    nature: Nature,
    /// How many deployments there were: names and seeds are never used twice.
    started: u64,
    deployments: IndexMap<String, Deployment>,
}

struct Deployment {
    server: Server,
    /// What it leaves behind stays here.
    data: Option<PathBuf>,
}

impl Deployment {
    async fn stop(self) -> Result<(), String> {
        let back_door = self.server.back_door();
        self.server.stop().await;
        let Some(folder) = self.data else { return Ok(()) };
        let (now, model) = back_door.save().map_err(|error| error.to_string())?;
        data::write(&folder, &Data { now, model }).map_err(|error| error.to_string())
    }
}

impl Adapter {
    async fn converse<R, W>(&mut self, reader: BufReader<R>, writer: BufWriter<W>) -> io::Result<()>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let (replies, answered) = mpsc::channel(MAX_UNDER_WAY);
        let mut writing = std::pin::pin!(write_all(writer, answered));
        let read = tokio::select! {
            read = self.read_all(reader, replies) => read,
            // It ends before the reading does only when the pipe is broken.
            written = &mut writing => return written,
        };
        writing.await.and(read)
    }

    /// One request after the other: none of them waits for anything that another one does, but for calls of a deployment
    /// with a slow storage.
    async fn read_all<R: AsyncRead + Unpin>(&mut self, mut reader: BufReader<R>, replies: Replies) -> io::Result<()> {
        let mut under_way = JoinSet::new();
        let mut line = Vec::new();
        while next_line(&mut reader, &mut line).await? {
            let reply = match serde_json::from_slice::<Request>(&line) {
                Ok(Request { id, op }) => match self.slow_call(&op) {
                    Some(back_door) => {
                        while under_way.len() >= MAX_UNDER_WAY {
                            under_way.join_next().await;
                        }
                        let replies = replies.clone();
                        under_way.spawn(async move {
                            // It fails when nobody reads any more.
                            let _ = replies.send(Reply { id, outcome: call(&back_door, op).await }).await;
                        });
                        continue;
                    }
                    None => Reply { id, outcome: self.answer(op).await },
                },
                Err(error) => misread(&line, &error)?,
            };
            if replies.send(reply).await.is_err() {
                break;
            }
        }
        // What is under way is answered before the end.
        while under_way.join_next().await.is_some() {}
        Ok(())
    }

    fn slow_call(&self, op: &Op) -> Option<BackDoor> {
        let Op::Call { deployment, .. } = op else { return None };
        Some(self.deployments.get(deployment)?.server.back_door()).filter(BackDoor::is_slow)
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
            Op::Call { ref deployment, .. } => match self.deployments.get(deployment) {
                Some(Deployment { server, .. }) => call(&server.back_door(), op).await,
                None => no_deployment(deployment),
            },
            Op::Clock { deployment, advance_ms } => self.with(&deployment, |server| match server.advance(advance_ms) {
                Ok(now) => ok(Time { now }),
                Err(error) => Outcome::Failure(error.to_string()),
            }),
            Op::Stop { deployment } => match self.deployments.swap_remove(&deployment) {
                Some(deployment) => match deployment.stop().await {
                    Ok(()) => Outcome::Ok(json!({})),
                    Err(error) => Outcome::Failure(error),
                },
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
            edition: self.nature.edition.to_string(),
            capabilities: capabilities(&self.nature.edition),
            presets: PRESETS.iter().map(|&preset| preset.to_owned()).collect(),
        }
    }

    async fn start(&mut self, config: &Value, extra: &Value) -> Outcome {
        let setup = match Setup::parse(&self.nature.edition, extra) {
            Ok(setup) => setup,
            Err(error @ SetupError::WrongType { .. }) => return Outcome::Failure(error.to_string()),
            Err(error) => return Outcome::Unsupported(error.to_string()),
        };
        let configs = match Configs::parse(&self.nature.edition, &sessions_named(&self.nature.edition, config)) {
            Ok(configs) => configs,
            Err(error) => return refused_config(&error),
        };
        let seed = self.nature.seed.wrapping_add(self.started.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut model = Model::new(self.nature.edition.clone(), configs, self.nature.faults, seed);
        let data = setup.data.as_ref().map(PathBuf::from);
        model.set_up(setup);
        if let Some(asked) = &self.nature.asked {
            model.tell(Arc::clone(asked));
        }
        let now = match &data {
            Some(folder) => match resume(&mut model, folder) {
                Ok(now) => now,
                Err(error) => return Outcome::Failure(error),
            },
            None => EPOCH,
        };
        let port = server::Setup { clock: Clock::Virtual { now }, door: Door::Closed, origin: None };
        let started = match TcpListener::bind(("127.0.0.1", 0)).await {
            Ok(listener) => Server::start(listener, model, port),
            Err(error) => Err(error),
        };
        let server = match started {
            Ok(server) => server,
            Err(error) => return Outcome::Failure(format!("no port on loopback: {error}")),
        };
        self.started += 1;
        let deployment = format!("d{}", self.started);
        let reply = ok(Started { deployment: deployment.clone(), base_url: server.base_url(), now: server.now() });
        self.deployments.insert(deployment, Deployment { server, data });
        reply
    }

    fn with(&self, deployment: &str, answer: impl FnOnce(&Server) -> Outcome) -> Outcome {
        self.deployments.get(deployment).map_or_else(|| no_deployment(deployment), |found| answer(&found.server))
    }
}

/// Goes on with what is in the folder, and gives the time at which that was left.
fn resume(model: &mut Model, folder: &Path) -> Result<i64, String> {
    let Some(Data { now, model: saved }) = data::read(folder).map_err(|error| error.to_string())? else {
        return Ok(EPOCH);
    };
    model.restore(saved).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(now.max(EPOCH))
}

async fn write_all<W: AsyncWrite + Unpin>(
    mut writer: BufWriter<W>,
    mut replies: mpsc::Receiver<Reply>,
) -> io::Result<()> {
    while let Some(reply) = replies.recv().await {
        let mut frame = serde_json::to_vec(&reply)?;
        frame.push(b'\n');
        writer.write_all(&frame).await?;
        // Replies that are already here go out together.
        if replies.is_empty() {
            writer.flush().await?;
        }
    }
    writer.flush().await
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
pub(crate) fn misread(line: &[u8], error: &serde_json::Error) -> io::Result<Reply> {
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
pub fn sessions_named(edition: &Edition, config: &Value) -> Value {
    let mut config = config.clone();
    if edition.has(Behaviour::SessionsByDefault)
        && let Some(options) = config.as_object_mut()
        && !options.contains_key("disableSessionForAPIKeys")
    {
        options.entry("enableSessionForAPIKeys").or_insert(Value::Bool(false));
    }
    config
}

/// What the reference declares in this edition.
pub fn capabilities(edition: &Edition) -> Vec<String> {
    let always = [
        "server-calls",
        "actors",
        "clock",
        "exact-clock",
        "sessions-from-keys",
        "custom-functions",
        "persistence",
        "delayed-storage",
        "self-grant",
        "self-grant-clamp",
    ];
    let since = [
        (Behaviour::ConfigurationsHaveNames, "multiple-configurations"),
        (Behaviour::OrganizationsOwnKeys, "organizations"),
        (Behaviour::StorageCanBeSecondary, "secondary-storage"),
    ];
    let there = since.into_iter().filter(|(behaviour, _)| edition.has(*behaviour)).map(|(_, name)| name);
    always.into_iter().chain(there).map(str::to_owned).collect()
}

/// A server-side call; any other operation is none.
async fn call(back_door: &BackDoor, op: Op) -> Outcome {
    let Op::Call { method, body, query, headers, .. } = op else {
        return Outcome::Failure("not a call".to_owned());
    };
    let headers =
        headers.map(|headers| headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect());
    let reply = back_door.apply(&spec::request::Request::Server { method, body, query, headers }).await;
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
        let actor =
            harness.ask(json!({ "id": 2, "op": "actor", "deployment": "d1", "name": "alice" })).await["ok"].clone();
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
}
