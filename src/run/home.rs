//! Where the scenarios of a group are carried out: deployed when the first of them begins, and anew when the adapter
//! broke meanwhile, so that the death of an adapter costs what was under way and nothing more.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::execution::Execution;
use super::plan::Planned;
use super::subject::{Subject, SubjectError};
use super::verdict::Verdict;
use crate::deployment::adapter::{Adapter, AdapterError};
use crate::deployment::running::Deployment;
use crate::outcome::check::Blame;
use crate::spec::edition::Edition;

/// The place of a group of scenarios.
pub(super) struct Home {
    config: Value,
    setup: Value,
    /// With an adapter of its own.
    own: bool,
    tenancy: Mutex<Tenancy>,
}

#[derive(Default)]
enum Tenancy {
    #[default]
    None,
    Open(Tenant),
    /// The adapter lives and will not have it: asking again would bring the same answer.
    Refused(Verdict),
}

/// What is deployed.
#[derive(Clone)]
pub(super) struct Tenant {
    pub(super) deployment: Arc<Deployment>,
    /// The edition that this deployment follows; an upgrade changes it.
    pub(super) edition: Edition,
    adapter: Option<Arc<Adapter>>,
    /// What outlives a restart. It goes with the last tenant.
    data: Option<Arc<TempDir>>,
}

impl Home {
    pub(super) fn new(config: Value, setup: Value, own: bool) -> Self {
        Self { config, setup, own, tenancy: Mutex::default() }
    }

    /// A deployment that is not known to be broken, or what becomes of the checks without one.
    pub(super) async fn open(&self, execution: &Execution, planned: &Planned) -> Result<Tenant, Verdict> {
        let mut tenancy = self.tenancy.lock().await;
        match &*tenancy {
            Tenancy::Open(tenant) if !tenant.deployment.is_broken() => return Ok(tenant.clone()),
            Tenancy::Refused(verdict) => return Err(verdict.clone()),
            Tenancy::Open(_) | Tenancy::None => {}
        }
        if let Tenancy::Open(Tenant { adapter: Some(broken), .. }) = std::mem::take(&mut *tenancy) {
            broken.end().await;
        }
        let data = if planned.scenario.restarts() { Some(Arc::new(data_folder()?)) } else { None };
        let subject = match (&data, &execution.upgraded_from) {
            (Some(_), Some(from)) => from,
            _ => &execution.subject,
        };
        let opened = self.deploy(subject, &self.config, data).await;
        self.settle(&mut tenancy, execution, opened)
    }

    /// Stops the deployment and starts it again on its data, with other options where they are given. Where an upgrade
    /// is tried, the newer release takes over here.
    pub(super) async fn restart(&self, execution: &Execution, config: Option<&Value>) -> Result<Tenant, Verdict> {
        let mut tenancy = self.tenancy.lock().await;
        let Tenancy::Open(old) = std::mem::take(&mut *tenancy) else {
            let reason = "there is nothing to start again".to_owned();
            return Err(Verdict::Broke { reason, blame: Blame::Harness, exchange: None });
        };
        let then = old.deployment.now();
        old.deployment.stop().await;
        if let Some(adapter) = &old.adapter {
            adapter.end().await;
        }
        let opened = self.deploy(&execution.subject, config.unwrap_or(&self.config), old.data).await;
        let tenant = self.settle(&mut tenancy, execution, opened)?;
        // Time does not run backwards over a restart.
        if let Ok(behind) = u64::try_from(then - tenant.deployment.now())
            && behind > 0
        {
            let moved = tenant.deployment.advance(behind).await;
            moved.map_err(|error| broke(execution, &error.to_string()))?;
        }
        Ok(tenant)
    }

    /// Takes the deployment down, without waiting long for that once the run is `interrupted`: the adapter is ended next.
    pub(super) async fn leave(&self, interrupted: impl Future<Output = ()>) {
        if let Tenancy::Open(tenant) = std::mem::take(&mut *self.tenancy.lock().await) {
            let hurried = async {
                interrupted.await;
                tokio::time::sleep(HURRY).await;
            };
            tokio::select! {
                () = tenant.deployment.stop() => {}
                () = hurried => {}
            }
            if let Some(adapter) = tenant.adapter {
                adapter.end().await;
            }
        }
    }

    async fn deploy(
        &self,
        subject: &Subject,
        config: &Value,
        data: Option<Arc<TempDir>>,
    ) -> Result<Tenant, SubjectError> {
        let mut setup = self.setup.clone();
        if let (Some(members), Some(data)) = (setup.as_object_mut(), &data) {
            members.entry("storage").or_insert_with(|| "sqlite".into());
            members.insert("data".to_owned(), data.path().to_string_lossy().into());
        }
        let (deployment, adapter) = subject.deploy(config, &setup, self.own).await?;
        Ok(Tenant { deployment: Arc::new(deployment), edition: subject.edition.clone(), adapter, data })
    }

    fn settle(
        &self,
        tenancy: &mut Tenancy,
        execution: &Execution,
        opened: Result<Tenant, SubjectError>,
    ) -> Result<Tenant, Verdict> {
        match opened {
            Ok(tenant) => {
                *tenancy = Tenancy::Open(tenant.clone());
                Ok(tenant)
            }
            Err(error) => {
                let verdict = match &error {
                    SubjectError::Adapter(AdapterError::Unsupported(reason)) => {
                        Verdict::NotApplicable { reason: execution.secrets.redact(reason) }
                    }
                    _ => broke(execution, &format!("no deployment could be started: {error}")),
                };
                if !matches!(error, SubjectError::Adapter(AdapterError::Link(_))) {
                    *tenancy = Tenancy::Refused(verdict.clone());
                }
                Err(verdict)
            }
        }
    }
}

/// How long an adapter may take to stop a deployment after an interruption.
const HURRY: Duration = Duration::from_secs(1);

fn broke(execution: &Execution, reason: &str) -> Verdict {
    Verdict::Broke { reason: execution.secrets.redact(reason), blame: Blame::Environment, exchange: None }
}

fn data_folder() -> Result<TempDir, Verdict> {
    tempfile::Builder::new().prefix("keyspec-").tempdir().map_err(|error| Verdict::Broke {
        reason: format!("no folder for the deployment's data: {error}"),
        blame: Blame::Environment,
        exchange: None,
    })
}
