//! Who is judged: an implementation behind an adapter, or a deployment that runs already.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::Mutex;

use crate::deployment::adapter::{Adapter, AdapterError};
use crate::deployment::attached::Attached;
use crate::deployment::http::{Http, HttpError};
use crate::deployment::link::{Link, Log};
use crate::deployment::process::{Launch, LaunchError};
use crate::deployment::protocol::Implementation;
use crate::deployment::running::Deployment;
use crate::reference::adapter::{self, Nature};
use crate::spec::edition::Edition;

/// How an adapter comes to life.
#[derive(Debug, Clone)]
pub enum Launcher {
    /// The reference, in this process; it answers the protocol over a pipe like any stranger.
    Embedded(Nature),
    Process(Launch),
}

/// The subject of a run.
#[derive(Debug)]
pub struct Subject {
    pub implementation: Implementation,
    pub edition: Edition,
    pub capabilities: BTreeSet<String>,
    way: Way,
    patience: Duration,
    deployments: AtomicU64,
    deploy_us: AtomicU64,
}

#[derive(Debug)]
enum Way {
    Launched { launcher: Box<Launcher>, current: Mutex<Current> },
    Attached(Box<Attached>),
}

#[derive(Debug)]
struct Current {
    adapter: Arc<Adapter>,
    /// Why it was started again, each time.
    restarts: Vec<String>,
}

/// Why there is no subject, or no deployment of it.
#[derive(Debug, thiserror::Error)]
pub enum SubjectError {
    #[error(transparent)]
    Launch(#[from] LaunchError),
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the adapter was started {RESTARTS} times again and is given up; last: {0}")]
    GivenUp(String),
    #[error("the adapter's `baseUrl` {url} {reason}")]
    BaseUrl { url: String, reason: String },
}

/// How often a broken adapter is started again in one run.
const RESTARTS: usize = 3;

impl Subject {
    /// Starts an adapter and asks who it is. `edition` overrides what it says it follows.
    pub async fn launch(
        launcher: Launcher,
        edition: Option<Edition>,
        patience: Duration,
    ) -> Result<Self, SubjectError> {
        let adapter = launcher.connect(patience).await?;
        Ok(Self {
            implementation: adapter.hello.implementation.clone(),
            edition: edition.unwrap_or_else(|| adapter.edition.clone()),
            capabilities: adapter.capabilities.clone(),
            way: Way::Launched {
                launcher: Box::new(launcher),
                current: Mutex::new(Current { adapter: Arc::new(adapter), restarts: Vec::new() }),
            },
            patience,
            deployments: AtomicU64::new(0),
            deploy_us: AtomicU64::new(0),
        })
    }

    /// A deployment that runs already. What is behind it is not known, so it is named after its address.
    pub async fn attach(attached: Attached, edition: Edition, patience: Duration) -> Result<Self, SubjectError> {
        let http = Http::new(&attached.base, patience)?;
        let deployment = Deployment::attached(attached.base.clone(), http, attached.sessions.clone());
        deployment.probe().await?;
        Ok(Self {
            implementation: Implementation {
                name: attached.name.clone(),
                url: attached.base.to_string(),
                ..Implementation::default()
            },
            edition,
            capabilities: BTreeSet::new(),
            way: Way::Attached(Box::new(attached)),
            patience,
            deployments: AtomicU64::new(0),
            deploy_us: AtomicU64::new(0),
        })
    }

    /// How many scenarios it can be asked at once, where it says so.
    pub fn jobs(&self) -> Option<usize> {
        match &self.way {
            Way::Launched { launcher, .. } => match launcher.as_ref() {
                Launcher::Process(launch) => launch.jobs.map(NonZeroUsize::get),
                Launcher::Embedded(_) => None,
            },
            Way::Attached(_) => None,
        }
    }

    /// The options that a deployment has and cannot change. `None`: one is started as each scenario needs it.
    pub fn fixed_config(&self) -> Option<&Value> {
        match &self.way {
            Way::Launched { .. } => None,
            Way::Attached(attached) => Some(&attached.config),
        }
    }

    /// A deployment with these options. `own`: with an adapter of its own, which is returned to be ended.
    pub async fn deploy(
        &self,
        config: &Value,
        setup: &Value,
        own: bool,
    ) -> Result<(Deployment, Option<Arc<Adapter>>), SubjectError> {
        let adapter = match &self.way {
            Way::Attached(attached) => {
                let http = Http::new(&attached.base, self.patience)?;
                return Ok((Deployment::attached(attached.base.clone(), http, attached.sessions.clone()), None));
            }
            Way::Launched { launcher, .. } if own => Arc::new(launcher.connect(self.patience).await?),
            Way::Launched { launcher, current } => healthy(launcher, current, self.patience).await?,
        };
        let begun = Instant::now();
        let started = adapter.start(config, setup).await;
        self.deployments.fetch_add(1, Ordering::Relaxed);
        self.deploy_us.fetch_add(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        let located = started.map_err(SubjectError::from).and_then(|started| {
            let base = base_url(&started.base_url)?;
            Ok((Http::new(&base, self.patience)?, base, started))
        });
        match located {
            Ok((http, base, started)) => {
                let exact = self.capabilities.contains("exact-clock");
                let deployment =
                    Deployment::started(base, http, Arc::clone(&adapter), started.deployment, started.now, exact);
                Ok((deployment, own.then_some(adapter)))
            }
            Err(error) => {
                if own {
                    adapter.end().await;
                }
                Err(error)
            }
        }
    }

    /// How many deployments were started, and how many microseconds that took.
    pub fn deployed(&self) -> (u64, u64) {
        (self.deployments.load(Ordering::Relaxed), self.deploy_us.load(Ordering::Relaxed))
    }

    /// Why the adapter broke, each time that it did. Nobody may have been waiting for an answer then.
    pub async fn breaks(&self) -> Vec<String> {
        let Way::Launched { current, .. } = &self.way else { return Vec::new() };
        let current = current.lock().await;
        let mut breaks = current.restarts.clone();
        breaks.extend(current.adapter.broken().map(|error| error.to_string()));
        breaks.dedup();
        breaks
    }

    /// The adapter, for `adapter check`.
    pub async fn adapter(&self) -> Option<Arc<Adapter>> {
        match &self.way {
            Way::Launched { current, .. } => Some(Arc::clone(&current.lock().await.adapter)),
            Way::Attached(_) => None,
        }
    }

    /// Ends the adapter and all that it started.
    pub async fn end(&self) {
        if let Way::Launched { current, .. } = &self.way {
            current.lock().await.adapter.end().await;
        }
    }
}

impl Launcher {
    async fn connect(&self, patience: Duration) -> Result<Adapter, SubjectError> {
        let (link, process) = match self {
            Self::Process(launch) => launch.start().map(|(process, link)| (link, Some(process)))?,
            Self::Embedded(nature) => {
                let (requests, served) = tokio::io::duplex(PIPE);
                let (replies, answers) = tokio::io::duplex(PIPE);
                let nature = nature.clone();
                tokio::spawn(async move {
                    // A pipe that breaks shows on the other side.
                    let _ = adapter::serve(nature, served, answers).await;
                });
                (Link::new(replies, requests, Log::default()), None)
            }
        };
        Ok(Adapter::connect(link, process, patience).await?)
    }
}

/// Bytes that a pipe to the embedded reference holds.
const PIPE: usize = 64 * 1024;

/// The adapter in use; a broken one is replaced, so that one death costs only what was under way.
async fn healthy(
    launcher: &Launcher,
    current: &Mutex<Current>,
    patience: Duration,
) -> Result<Arc<Adapter>, SubjectError> {
    let mut current = current.lock().await;
    if let Some(error) = current.adapter.broken() {
        if current.restarts.len() == RESTARTS {
            return Err(SubjectError::GivenUp(error.to_string()));
        }
        current.restarts.push(error.to_string());
        current.adapter.end().await;
        current.adapter = Arc::new(launcher.connect(patience).await?);
    }
    Ok(Arc::clone(&current.adapter))
}

/// An adapter starts deployments on loopback and nowhere else: it could not send keyspec to another host.
fn base_url(text: &str) -> Result<url::Url, SubjectError> {
    let fail = |reason: String| SubjectError::BaseUrl { url: text.chars().take(200).collect(), reason };
    let url = url::Url::parse(text).map_err(|error| fail(format!("is no URL: {error}")))?;
    crate::deployment::guard::check(&url, &[]).map_err(|_| fail("is not on loopback".to_owned()))?;
    Ok(url)
}
