//! Adapter processes: started in a group of their own, and gone with all their children when they are dropped.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop};

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
    /// A program and its arguments that make the adapter, or see that it is made. Empty: there is nothing to make.
    pub build: Vec<String>,
}

/// Why an adapter could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("cannot build the adapter with `{line}`: {source}")]
    Start { line: String, source: std::io::Error },
    #[error("the adapter could not be built: `{line}` ended with {status}; its own words are above")]
    Failed { line: String, status: std::process::ExitStatus },
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
    /// Makes the adapter, if it has to be made. What the builder says goes to standard error while it is said, since it may
    /// take minutes, and for the same reason nothing ends it but its own end or ours.
    pub async fn build(&self) -> Result<(), BuildError> {
        let Some((program, args)) = self.build.split_first() else { return Ok(()) };
        let line = self.build.join(" ");
        let mut command = tokio::process::Command::new(program);
        command.args(args).envs(&self.env).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(std::io::stderr()).stderr(Stdio::inherit());
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        match command.status().await {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(BuildError::Failed { line, status }),
            Err(source) => Err(BuildError::Start { line, source }),
        }
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
