//! What several commands share: the suite that they read, the target that they name, the signals that end them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use tokio::sync::watch;

use super::failure::Failure;
use super::output::Progress;
use crate::deployment::attached::Attached;
use crate::deployment::guard::AllowedHost;
use crate::deployment::release;
use crate::deployment::releases::Releases;
use crate::deployment::target::Target;
use crate::reference::adapter::Nature;
use crate::run::subject::{Launcher, Subject, SubjectError};
use crate::run::suite::{self, File, Suite};
use crate::spec::edition::Edition;
use crate::spec::fault::Faults;

/// A larger file of the user's is not read. Bytes.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// Which scenarios and requirements.
#[derive(Debug, Clone, Default, Args)]
pub struct SuiteArgs {
    /// Scenarios of your own, in place of the bundled ones: a folder with AREA/STORY.yaml
    #[arg(long, value_name = "DIR")]
    pub scenarios: Option<PathBuf>,

    /// Requirements of your own, in place of the bundled ones: a folder with *.toml
    #[arg(long, value_name = "DIR")]
    pub requirements: Option<PathBuf>,
}

/// Whom to judge.
#[derive(Debug, Clone, Args)]
pub struct TargetArgs {
    /// `reference`, `better-auth@1.7.5`, `better-auth@1.7.5+self-grant`, `adapter:COMMAND`, `adapter:DIR`, FILE.toml or a
    /// URL with its base path
    #[arg(long, short, default_value = "reference", env = "KEYSPEC_TARGET")]
    pub target: String,

    #[command(flatten)]
    pub reach: ReachArgs,
}

/// How targets are reached and judged, whichever they are.
#[derive(Debug, Clone, Args)]
pub struct ReachArgs {
    /// The edition to judge by, such as 1.7.5 or 1.4 [default: what the target declares; for a URL the newest]
    #[arg(long)]
    pub edition: Option<Edition>,

    /// Seconds that one request may take; starting a deployment may take ten times as long
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    pub timeout: f64,

    /// A host that is not this machine and may be sent requests
    #[arg(long, value_name = "HOST:PORT")]
    pub allow_host: Vec<AllowedHost>,

    /// Where the reference takes its keys and ids from: equal seeds give equal runs
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}

impl SuiteArgs {
    pub fn read(&self) -> Result<Suite, Failure> {
        let scenarios = match &self.scenarios {
            Some(dir) => read_folder(dir, "yaml")?,
            None => suite::bundled_scenarios(),
        };
        let requirements = match &self.requirements {
            Some(dir) => read_folder(dir, "toml")?,
            None => suite::bundled_requirements(),
        };
        Suite::read(&scenarios, &requirements).map_err(|mistakes| Failure::mistakes(&mistakes))
    }
}

impl TargetArgs {
    /// The target as it was named, checked.
    pub fn target(&self) -> Result<Target, Failure> {
        Ok(self.target.parse::<Target>()?)
    }

    /// The one target that the name stands for: of a range its only release.
    pub async fn resolved(&self, progress: &Progress) -> Result<Self, Failure> {
        let target = match self.target()? {
            Target::Releases(range) => {
                let releases = Releases::published(&|what| progress.doing(what)).await?;
                tell_origin(&releases);
                Target::release(releases.resolve_one(&range)?)
            }
            target => target,
        };
        Ok(Self { target: target.to_string(), reach: self.reach.clone() })
    }

    pub fn patience(&self) -> Result<Duration, Failure> {
        Duration::try_from_secs_f64(self.reach.timeout)
            .ok()
            .filter(|patience| !patience.is_zero())
            .ok_or_else(|| Failure::usage(format!("--timeout {} is no number of seconds", self.reach.timeout)))
    }

    /// Starts or reaches the target.
    pub async fn connect(&self, progress: &Progress) -> Result<Subject, Failure> {
        Ok(self.try_connect(progress).await??)
    }

    /// The same, with what came of an adapter that was started apart from what kept it from being started.
    pub async fn try_connect(&self, progress: &Progress) -> Result<Result<Subject, SubjectError>, Failure> {
        let patience = self.patience()?;
        let ReachArgs { edition, allow_host, seed, .. } = &self.reach;
        let launcher = match self.target()? {
            Target::Releases(_) => return Box::pin(self.resolved(progress).await?.try_connect(progress)).await,
            Target::Reference { faults } => {
                let faults: Faults = faults.join(",").parse().map_err(|error| Failure::usage(format!("{error}")))?;
                let edition = edition.clone().unwrap_or_else(Edition::newest);
                Launcher::Embedded(Nature { edition, faults, seed: *seed, asked: None })
            }
            Target::BetterAuth(release) => {
                Launcher::Process(release::prepare(&release, &|what| progress.doing(what)).await?)
            }
            Target::Adapter(source) => {
                let launch = release::with_cache(source.launch(|path| read_to_string(path, MAX_FILE))?);
                launch.prepare(&|what| progress.doing(what)).await?;
                Launcher::Process(launch)
            }
            Target::Url(url) => return Ok(Ok(self.attach(Attached::at(&url, allow_host)?, patience).await?)),
            Target::File(path) => {
                let text = read_file(&path)?;
                let env = |name: &str| std::env::var(name).ok();
                let attached = Attached::read(&path.display().to_string(), &text, env, allow_host)?;
                return Ok(Ok(self.attach(attached, patience).await?));
            }
        };
        Ok(Subject::launch(launcher, edition.clone(), patience).await)
    }

    async fn attach(&self, attached: Attached, patience: Duration) -> Result<Subject, Failure> {
        let named = attached.edition.as_deref().map(str::parse::<Edition>).transpose();
        let named = named.map_err(|error| Failure::usage(format!("{}: {error}", self.target)))?;
        let edition = self.reach.edition.clone().or(named).unwrap_or_else(Edition::newest);
        Ok(Subject::attach(attached, edition, patience).await?)
    }
}

/// People know how far a list of releases can be trusted.
pub fn tell_origin(releases: &Releases) {
    let told = releases.origin.to_string();
    if !told.is_empty() {
        super::output::note(&told);
    }
}

/// Carries out the work of a command on a runtime of its own. The first Ctrl-C or SIGTERM is told to the work, which then
/// comes to an end; the second drops the work where it stands, and with it every process that it started.
pub fn carry_through<T>(work: impl AsyncFnOnce(watch::Receiver<bool>) -> Result<T, Failure>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::environment(format!("cannot start threads: {error}")))?;
    let (stop, stopped) = watch::channel(false);
    let result = runtime.block_on(async {
        let mut signals = Signals::catch();
        let asked_twice = async {
            signals.next().await;
            super::output::note("stopping: deployments are taken down and reports are written; once more ends at once");
            let _ = stop.send(true);
            signals.next().await;
        };
        tokio::select! {
            biased;
            result = work(stopped) => result,
            () = asked_twice => Err(Failure::interrupted()),
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

/// Waits for what can be dropped where it stands, unless it is interrupted.
pub async fn unless_stopped<T>(
    stop: &watch::Receiver<bool>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut stop = stop.clone();
    tokio::select! {
        result = work => result,
        Ok(_) = stop.wait_for(|stop| *stop) => Err(Failure::interrupted()),
    }
}

/// Ctrl-C and SIGTERM. None is lost between two looks.
struct Signals {
    #[cfg(unix)]
    streams: Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>,
}

impl Signals {
    #[cfg(unix)]
    fn catch() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let streams = signal(SignalKind::interrupt()).and_then(|one| Ok((one, signal(SignalKind::terminate())?)));
        Self { streams: streams.ok() }
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        let Some((interrupt, terminate)) = &mut self.streams else { return std::future::pending().await };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn catch() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A file of the user's.
pub fn read_file(path: &Path) -> Result<String, Failure> {
    read_up_to(path, MAX_FILE)
}

/// The same with another bound, in bytes.
pub fn read_up_to(path: &Path, most: u64) -> Result<String, Failure> {
    read_to_string(path, most).map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))
}

fn read_to_string(path: &Path, most: u64) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > most {
        return Err(std::io::Error::other(format!("it is larger than {} MiB", most / 1024 / 1024)));
    }
    std::fs::read_to_string(path)
}

/// All files of a folder with this ending, at any depth, in the order of their paths.
fn read_folder(dir: &Path, ending: &str) -> Result<Vec<File>, Failure> {
    let unreadable =
        |path: &Path, error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", path.display()));
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, error))? {
            let path = entry.map_err(|error| unreadable(&folder, error))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                let name = path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                found.push(File { path: name, text: read_file(&path)? });
            }
        }
    }
    if found.is_empty() {
        return Err(Failure::usage(format!("{} has no *.{ending}", dir.display())));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}
