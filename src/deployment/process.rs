//! Adapter processes: started in a group of their own, and gone with all their children when they are dropped.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use super::link::{Link, Log};

/// How to start an adapter. No shell is involved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    pub program: String,
    pub args: Vec<String>,
    pub dir: Option<PathBuf>,
    pub env: BTreeMap<String, String>,
    /// How to set it up, shown when it cannot be started.
    pub setup: Option<String>,
    /// What is carried out before it is started, as often as that takes; it has nothing to do but the first time.
    pub prepare: Vec<String>,
    /// How many scenarios it can be asked at once, where what is behind it does not keep requests apart.
    pub jobs: Option<NonZeroUsize>,
}

/// Why an adapter could not be prepared.
#[derive(Debug, thiserror::Error)]
#[error("`{command}` could not prepare the adapter: {reason}")]
pub struct PrepareError {
    command: String,
    reason: String,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot start the adapter `{program}`: {source}{}", .setup.as_ref().map(|line| format!("; set it up with: {line}")).unwrap_or_default())]
pub struct LaunchError {
    program: String,
    setup: Option<String>,
    source: std::io::Error,
}

/// A running adapter.
#[derive(Debug)]
pub struct Process {
    child: Box<dyn ChildWrapper>,
}

impl Launch {
    /// How much of what a preparation said is shown where it fails. Lines.
    const SHOWN: usize = 12;

    /// Carries the preparation out, where there is one. It installs or builds things and takes its time, so there is no bound
    /// but the user's patience; `progress` is told what it says, line by line.
    pub async fn prepare(&self, progress: &(dyn Fn(&str) + Sync)) -> Result<(), PrepareError> {
        let Some((program, args)) = self.prepare.split_first() else { return Ok(()) };
        let error = |reason: String| PrepareError { command: self.prepare.join(" "), reason };
        progress("preparing the adapter");
        let mut command = tokio::process::Command::new(program);
        command.args(args).envs(&self.env).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        let mut child = command.spawn().map_err(|source| {
            let setup = self.setup.as_ref().map(|line| format!("; set it up with: {line}")).unwrap_or_default();
            error(format!("{source}{setup}"))
        })?;
        let (said, warned) = (child.stdout.take(), child.stderr.take());
        let (said, warned, status) =
            tokio::join!(last_lines(said, progress), last_lines(warned, progress), child.wait());
        let status = status.map_err(|source| error(source.to_string()))?;
        if status.success() {
            return Ok(());
        }
        let lines: Vec<String> = warned.into_iter().chain(said).collect();
        let end = lines.get(lines.len().saturating_sub(Self::SHOWN)..).unwrap_or_default();
        Err(error(format!("{status}; the end of its log:\n{}", end.join("\n"))))
    }

    /// Starts the adapter and connects to it.
    pub fn start(&self) -> Result<(Process, Link), LaunchError> {
        let error = |source| LaunchError { program: self.program.clone(), setup: self.setup.clone(), source };
        let mut command = CommandWrap::with_new(&self.program, |command| {
            command.args(&self.args).envs(&self.env);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            if let Some(dir) = &self.dir {
                command.current_dir(dir);
            }
        });
        #[cfg(unix)]
        command.wrap(process_wrap::tokio::ProcessGroup::leader());
        #[cfg(windows)]
        command.wrap(process_wrap::tokio::JobObject);
        command.wrap(KillOnDrop);
        let mut child = command.spawn().map_err(error)?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin().take(), child.stdout().take(), child.stderr().take())
        else {
            return Err(error(std::io::Error::other("its streams could not be opened")));
        };
        let log = Log::default();
        tokio::spawn(log.clone().follow(stderr));
        Ok((Process { child }, Link::new(stdout, stdin, log)))
    }
}

impl Process {
    /// How long an adapter may take to leave once its input has ended.
    const GRACE: Duration = Duration::from_secs(2);

    /// Waits for the adapter to leave by itself, then makes it. Close its link first.
    pub async fn end(mut self) {
        let _ = tokio::time::timeout(Self::GRACE, self.child.wait()).await;
        // The group is signalled in any case: the leader may have left children behind.
        let _ = self.child.start_kill();
        let _ = tokio::time::timeout(Self::GRACE, self.child.wait()).await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
    }
}

/// The last lines of a log; `progress` is told each.
async fn last_lines(log: Option<impl AsyncRead + Unpin>, progress: &(dyn Fn(&str) + Sync)) -> VecDeque<String> {
    let mut last = VecDeque::new();
    let Some(log) = log else { return last };
    let mut lines = BufReader::new(log).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        if !line.is_empty() {
            progress(&line);
            last.push_back(line);
            if last.len() > Launch::SHOWN {
                last.pop_front();
            }
        }
    }
    last
}
