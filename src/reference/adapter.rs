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

/// Where every deployment's clock starts: 2026-09-21T14:13:20Z. A fixed time makes whole runs repeatable.
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
mod tests;
