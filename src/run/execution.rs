//! All that a run needs, for as long as it takes.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::subject::Subject;
use super::suite::Suite;
use crate::deployment::redact::Secrets;
use crate::outcome::event::{Event, Header};
use crate::outcome::expectation::Expectations;

/// How a run is carried out.
#[derive(Debug, Clone)]
pub struct Options {
    /// Scenarios at once.
    pub jobs: usize,
    /// How often a scenario with failures is tried again.
    pub retries: u32,
    /// After so many bad checks nothing new is begun.
    pub max_fail: Option<usize>,
    /// Where findings are kept, for the lines to paste; `none` keeps nothing.
    pub findings: PathBuf,
    /// Makes names and addresses of this run unique.
    pub run_id: String,
}

/// All that a run needs, for as long as it takes.
pub struct Execution {
    pub suite: Arc<Suite>,
    pub subject: Arc<Subject>,
    /// Who serves a scenario until it restarts its deployment, where an upgrade is tried.
    pub upgraded_from: Option<Arc<Subject>>,
    pub expectations: Expectations,
    pub secrets: Arc<Secrets>,
    pub options: Options,
    /// Entries of the expectations that are older have expired.
    pub today: time::Date,
    pub header: Header,
    pub events: mpsc::UnboundedSender<Event>,
    /// Turns true when the run is to stop.
    pub stop: watch::Receiver<bool>,
}
