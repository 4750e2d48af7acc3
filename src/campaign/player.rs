//! Who plays a sequence: a model in this process, or a deployment that requests are sent to.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::deployment::adapter::{AdapterError, Called};
use crate::deployment::http::HttpRequest;
use crate::deployment::running::{ActorError, Deployment};
use crate::reference::adapter::{EPOCH, sessions_named};
use crate::run::subject::{Subject, SubjectError};
use crate::spec::config::{Config, Configs, Storage};
use crate::spec::edition::Edition;
use crate::spec::fault::Faults;
use crate::spec::model::Model;
use crate::spec::request::{Reply, Request};
use crate::spec::setup::Setup;

/// Where players come from: one for each sequence.
#[derive(Debug, Clone)]
pub enum Arena {
    /// The reference, in this process and without a port: as fast as it gets.
    Embedded {
        edition: Edition,
        faults: Faults,
        seed: u64,
    },
    Live(Arc<Subject>),
}

/// One deployment for one sequence.
#[derive(Debug)]
pub enum Player {
    Model(Box<ModelPlayer>),
    Live(Box<LivePlayer>),
}

/// A model and its time.
#[derive(Debug)]
pub struct ModelPlayer {
    model: Model,
    now: i64,
    faults: Faults,
    seed: u64,
    setup: Value,
}

/// A deployment, and what keeps its users apart from those of others.
#[derive(Debug)]
pub struct LivePlayer {
    subject: Arc<Subject>,
    deployment: Deployment,
    setup: Value,
    unique: String,
    /// What outlives a restart, where one comes.
    data: Option<TempDir>,
}

/// Why a sequence cannot be played, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The target has no such thing. Nobody's fault.
    #[error("{0}")]
    NotApplicable(String),
    /// The target or its surroundings broke.
    #[error("{0}")]
    Broken(String),
}

/// The last moment that a date of JavaScript can be. Milliseconds since 1970.
const LAST_DATE: f64 = 8.64e15;

/// The origin that browsers of a model's deployment send.
const ORIGIN: &str = "http://127.0.0.1:3000";

impl Arena {
    pub fn edition(&self) -> &Edition {
        match self {
            Self::Embedded { edition, .. } => edition,
            Self::Live(subject) => &subject.edition,
        }
    }

    /// The name of the implementation, as its adapter tells it.
    pub fn implementation(&self) -> &str {
        match self {
            Self::Embedded { .. } => "keyspec-reference",
            Self::Live(subject) => &subject.implementation.name,
        }
    }

    /// A deployment with these options. `unique` is a text that no other sequence has. `restarts`: it will be started again.
    pub async fn enter(&self, config: &Value, setup: &Value, unique: &str, restarts: bool) -> Result<Player, Stop> {
        match self {
            Self::Embedded { edition, faults, seed } => {
                Ok(Player::Model(Box::new(ModelPlayer::new(edition, *faults, *seed, config, setup, EPOCH)?)))
            }
            Self::Live(subject) => {
                if subject.fixed_config().is_some_and(|fixed| fixed != config) {
                    return Err(Stop::NotApplicable("the deployment runs with other options".to_owned()));
                }
                if restarts && !subject.capabilities.contains("persistence") {
                    return Err(Stop::NotApplicable("nothing outlives the deployment".to_owned()));
                }
                let data = restarts.then(data_folder).transpose()?;
                let setup = with_data(setup, data.as_ref());
                let deployment = deploy(subject, config, &setup).await?;
                let (subject, unique) = (Arc::clone(subject), unique.to_owned());
                Ok(Player::Live(Box::new(LivePlayer { subject, deployment, setup, unique, data })))
            }
        }
    }
}

impl ModelPlayer {
    /// A deployment of the model. Options that the edition does not have make it not applicable.
    pub fn new(
        edition: &Edition,
        faults: Faults,
        seed: u64,
        config: &Value,
        setup: &Value,
        now: i64,
    ) -> Result<Self, Stop> {
        let apart = |error: &dyn std::fmt::Display| Stop::NotApplicable(error.to_string());
        let configs = Configs::parse(edition, &sessions_named(edition, config)).map_err(|error| apart(&error))?;
        let surroundings = Setup::parse(edition, setup).map_err(|error| apart(&error))?;
        let lacks = |config: &Config| config.storage != Storage::Database && !config.custom_storage;
        if configs.iter().any(lacks) && !surroundings.secondary_storage {
            // Releases start so, and fail at the first key: nobody runs that.
            return Err(Stop::NotApplicable("a secondary storage that is not there".to_owned()));
        }
        let mut model = Model::new(edition.clone(), configs, faults, seed);
        model.set_up(surroundings);
        model.set_base_url(ORIGIN);
        Ok(Self { model, now, faults, seed, setup: setup.clone() })
    }

    /// Goes on as another deployment with the data of this one.
    fn restart(&mut self, config: &Value) -> Result<(), Stop> {
        let broken = |error: &dyn std::fmt::Display| Stop::Broken(error.to_string());
        let saved = self.model.save().map_err(|error| broken(&error))?;
        let seed = self.seed.wrapping_add(1);
        let mut next = Self::new(self.model.edition(), self.faults, seed, config, &self.setup, self.now)?;
        next.model.restore(saved).map_err(|error| broken(&error))?;
        *self = next;
        Ok(())
    }

    pub fn set_now(&mut self, now: i64) {
        self.now = now;
    }

    /// Ends the window of some key in this very millisecond?
    pub fn is_window_end(&self) -> bool {
        self.model.keys().any(|row| {
            let end = row.last_request.zip(row.rate_limit_time_window).map(|(last, window)| last as f64 + window);
            end == Some(self.now as f64)
        })
    }

    /// Has some key a window that ends when it begins?
    pub fn has_empty_window(&self) -> bool {
        self.model.keys().any(|row| row.rate_limit_time_window == Some(0.0))
    }

    /// Has some key a window that no date of JavaScript is long enough ago for?
    pub fn has_endless_window(&self) -> bool {
        self.model.keys().any(|row| row.rate_limit_time_window.is_some_and(|window| window > LAST_DATE))
    }

    fn send(&mut self, request: &Request, times: u32) -> Vec<Reply> {
        if times == 1 {
            return vec![self.model.apply(self.now, request)];
        }
        // All have looked before the first of them writes.
        let looks: Vec<_> = (0..times).map(|_| self.model.look()).collect();
        looks.into_iter().map(|seen| self.model.apply_late(self.now, request, seen)).collect()
    }
}

impl Player {
    /// Milliseconds since 1970.
    pub fn now(&self) -> i64 {
        match self {
            Self::Model(player) => player.now,
            Self::Live(player) => player.deployment.now(),
        }
    }

    /// Does the clock stand still unless it is moved?
    pub fn has_exact_clock(&self) -> bool {
        match self {
            Self::Model(_) => true,
            Self::Live(player) => player.deployment.has_exact_clock(),
        }
    }

    /// The user's id, and what its browser sends.
    pub async fn actor(&mut self, name: &str) -> Result<(String, IndexMap<String, String>), Stop> {
        match self {
            Self::Model(player) => {
                let (id, cookie) = player.model.sign_up_lasting_actor(player.now, name);
                let headers = [("cookie".to_owned(), cookie), ("origin".to_owned(), ORIGIN.to_owned())];
                Ok((id, headers.into_iter().collect()))
            }
            Self::Live(player) => match player.deployment.actor(name, &player.unique).await {
                Ok(signed_in) => Ok((signed_in.user_id, signed_in.headers)),
                Err(ActorError::Adapter(AdapterError::Unsupported(reason))) => Err(Stop::NotApplicable(reason)),
                Err(error) => Err(Stop::Broken(error.to_string())),
            },
        }
    }

    /// Sends a request, several times at once where `times` says so.
    pub async fn send(&mut self, request: &Request, times: u32) -> Result<Vec<Reply>, Stop> {
        match self {
            Self::Model(player) => Ok(player.send(request, times)),
            Self::Live(player) if times == 1 => Ok(vec![player.send(request).await?]),
            Self::Live(player) => {
                let all = (0..times).map(|_| player.send(request));
                futures::future::join_all(all).await.into_iter().collect()
            }
        }
    }

    pub async fn advance(&mut self, by_ms: u64) -> Result<(), Stop> {
        match self {
            Self::Model(player) => {
                player.now = player.now.saturating_add_unsigned(by_ms);
                Ok(())
            }
            Self::Live(player) => player.deployment.advance(by_ms).await.map_err(stop),
        }
    }

    /// Stops the deployment and starts it again on its data, with these options.
    pub async fn restart(&mut self, config: &Value) -> Result<(), Stop> {
        match self {
            Self::Model(player) => player.restart(config),
            Self::Live(player) => player.restart(config).await,
        }
    }

    pub async fn leave(self) {
        if let Self::Live(player) = self {
            player.deployment.stop().await;
        }
    }
}

/// A deployment of this subject. What the target does not have, or refuses, is no news: options are generated.
async fn deploy(subject: &Subject, config: &Value, setup: &Value) -> Result<Deployment, Stop> {
    match subject.deploy(config, setup, false).await {
        Ok((deployment, _)) => Ok(deployment),
        Err(SubjectError::Adapter(AdapterError::Unsupported(reason) | AdapterError::Failed { reason, .. })) => {
            Err(Stop::NotApplicable(reason))
        }
        Err(error) => Err(Stop::Broken(error.to_string())),
    }
}

fn data_folder() -> Result<TempDir, Stop> {
    let folder = tempfile::Builder::new().prefix("keyspec-").tempdir();
    folder.map_err(|error| Stop::Broken(format!("no folder for the deployment's data: {error}")))
}

/// What stands around the plugin where something outlives the deployment: what scenarios with a `restart` have as well.
fn with_data(setup: &Value, data: Option<&TempDir>) -> Value {
    let Some(data) = data else { return setup.clone() };
    let mut members = setup.as_object().cloned().unwrap_or_default();
    members.entry("storage").or_insert_with(|| "sqlite".into());
    members.insert("data".to_owned(), data.path().to_string_lossy().into());
    members.into()
}

impl LivePlayer {
    async fn restart(&mut self, config: &Value) -> Result<(), Stop> {
        if self.data.is_none() {
            return Err(Stop::NotApplicable("nothing outlives the deployment".to_owned()));
        }
        let then = self.deployment.now();
        self.deployment.stop().await;
        self.deployment = deploy(&self.subject, config, &self.setup).await?;
        // Time does not run backwards over a restart.
        match u64::try_from(then - self.deployment.now()) {
            Ok(behind) if behind > 0 => self.deployment.advance(behind).await.map_err(stop),
            _ => Ok(()),
        }
    }

    async fn send(&self, request: &Request) -> Result<Reply, Stop> {
        match request {
            Request::Http { method, path, query, headers, body } => {
                let request = HttpRequest {
                    method: method.clone(),
                    url: self.deployment.url(path, query),
                    headers: headers.clone(),
                    body: (!body.is_empty()).then(|| body.clone()),
                };
                let reply = self.deployment.send(&request).await.map_err(|error| Stop::Broken(error.to_string()))?;
                Ok(Reply { status: reply.status, headers: reply.headers, body: read(&reply.body) })
            }
            Request::Server { method, body, query, headers } => {
                let headers = headers.as_ref().map(|headers| headers.iter().cloned().collect());
                let called = self.deployment.call(*method, body.clone(), query.clone(), headers).await;
                Ok(match called.map_err(stop)? {
                    Called::Returned(value) => Reply { status: 200, headers: Vec::new(), body: Some(value) },
                    Called::Threw(error) => {
                        let members = [
                            ("code", error.code.map(Value::from)),
                            ("message", error.message),
                            ("details", error.details),
                        ];
                        let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
                        let body: serde_json::Map<_, _> = members.collect();
                        let body = (!body.is_empty()).then_some(Value::Object(body));
                        Reply { status: error.status.unwrap_or(500), headers: Vec::new(), body }
                    }
                })
            }
        }
    }
}

fn stop(error: AdapterError) -> Stop {
    match error {
        AdapterError::Unsupported(reason) => Stop::NotApplicable(reason),
        error => Stop::Broken(error.to_string()),
    }
}

/// What is no JSON is shown as such, and equals nothing that is.
fn read(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return None;
    }
    Some(serde_json::from_slice(body).unwrap_or_else(|_| {
        let text: String = String::from_utf8_lossy(body).chars().take(200).collect();
        json!({ "(not JSON)": text })
    }))
}
