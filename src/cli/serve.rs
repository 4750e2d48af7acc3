//! `keyspec serve`: the reference as a server of its own, or as an adapter on standard input and output.
//!
//! Knows arguments, the configuration file and signals. What the server answers is `reference`'s and the model's.

use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::reference::adapter::{self, Nature};
use crate::reference::server::{CLOCK_PATH, Clock, Door, Server, Setup};
use crate::spec::config::{Configs, advice};
use crate::spec::edition::Edition;
use crate::spec::fault::{Faults, UnknownFault};
use crate::spec::model::Model;

/// Runs the reference as a server
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The address to listen on
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    host: IpAddr,

    /// The port to listen on; 0 lets the system choose
    #[arg(long, default_value_t = 3000)]
    port: u16,

    /// The release of Better Auth whose behaviour to show, such as 1.7.5 or 1.4 [default: the newest]
    #[arg(long, value_name = "EDITION")]
    edition: Option<Edition>,

    /// The plugin's options, as JSON or TOML
    #[arg(long, value_name = "FILE", conflicts_with = "adapter")]
    config: Option<PathBuf>,

    /// A seeded defect to switch on; repeat it for several
    #[arg(long, value_name = "ID")]
    fault: Vec<String>,

    /// The machine's clock, or one that stands still until `POST /__keyspec/clock` {"advanceMs":N} moves it
    #[arg(long, value_enum, default_value_t = ClockKind::Real, conflicts_with = "adapter")]
    clock: ClockKind,

    /// The seed of ids, tokens and keys: the same seed gives the same values [default: a new one]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// The origin that browsers see, when it is not the address [default: http://HOST:PORT]
    #[arg(long, value_name = "URL", conflicts_with = "adapter")]
    origin: Option<String>,

    /// Speak the adapter protocol on standard input and output instead
    #[arg(long, conflicts_with_all = ["host", "port"])]
    adapter: bool,

    /// Allow a --host that others can reach. This is a test server: its accounts and keys protect nothing
    #[arg(long)]
    dangerously_bind_any: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClockKind {
    Real,
    Virtual,
}

/// The reference did not start, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot read {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{}: {message}", path.display())]
    Config { path: PathBuf, message: String },
    #[error(transparent)]
    Fault(#[from] UnknownFault),
    #[error(
        "{0} can be reached from other machines, and this is a test server: add --dangerously-bind-any to allow it"
    )]
    NotLoopback(IpAddr),
    #[error("`{0}` is not an origin such as http://localhost:3000")]
    Origin(String),
    #[error("port {} of {} is in use: choose another --port, or 0 for any that is free", .0.port(), .0.ip())]
    PortInUse(SocketAddr),
    #[error("cannot listen on {address}: {error}")]
    Listen { address: SocketAddr, error: io::Error },
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl ServeError {
    /// 2 for what the user wrote, 3 for what the machine did.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unreadable { .. } | Self::Config { .. } | Self::Fault(_) | Self::NotLoopback(_) | Self::Origin(_) => {
                2
            }
            Self::PortInUse(_) | Self::Listen { .. } | Self::Io(_) => 3,
        }
    }
}

/// Serves until Ctrl-C or SIGTERM, or with `--adapter` until standard input ends.
pub fn run(args: ServeArgs) -> Result<(), ServeError> {
    let edition = args.edition.clone().unwrap_or_else(Edition::newest);
    let faults: Faults = args.fault.join(",").parse()?;
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    // One thread is enough for one model, and an adapter's standard input must not keep the process alive.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = if args.adapter {
        runtime.block_on(serve_adapter(Nature { edition, faults, seed: args.seed.unwrap_or(0), asked: None }))
    } else {
        runtime.block_on(serve_http(&args, edition, faults, seed))
    };
    runtime.shutdown_background();
    result
}

async fn serve_adapter(nature: Nature) -> Result<(), ServeError> {
    let stop = catch_signals()?;
    tokio::select! {
        served = adapter::serve(nature, tokio::io::stdin(), tokio::io::stdout()) => Ok(served?),
        () = stop => Ok(()),
    }
}

async fn serve_http(args: &ServeArgs, edition: Edition, faults: Faults, seed: u64) -> Result<(), ServeError> {
    if !args.host.is_loopback() && !args.dangerously_bind_any {
        return Err(ServeError::NotLoopback(args.host));
    }
    let origin = args.origin.as_deref().map(parse_origin).transpose()?;
    let (configs, advice) = read_config(&edition, args.config.as_deref())?;
    let address = SocketAddr::new(args.host, args.port);
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse(address),
        _ => ServeError::Listen { address, error },
    })?;
    // Before the address is told: who reads it may send the signal at once.
    let stop = catch_signals()?;
    let (clock, door) = match args.clock {
        ClockKind::Real => (Clock::Real, Door::Closed),
        ClockKind::Virtual => (Clock::Virtual { now: adapter::EPOCH }, Door::Loopback),
    };
    let model = Model::new(edition.clone(), configs, faults, seed);
    let server = Server::start(listener, model, Setup { clock, door, origin })?;
    introduce(&edition, faults, seed, args.clock, &server)?;
    let mut log = anstream::stderr().lock();
    advice.iter().try_for_each(|advice| writeln!(log, "warning: {advice}"))?;
    drop(log);
    stop.await;
    server.stop().await;
    Ok(())
}

/// Standard output gets the base URL alone, so that a script can read it.
fn introduce(edition: &Edition, faults: Faults, seed: u64, clock: ClockKind, server: &Server) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", server.base_url())?;
    out.flush()?;
    let mut log = anstream::stderr().lock();
    writeln!(log, "the keyspec reference, edition {edition}, seed {seed}: a test server that keeps nothing")?;
    if !faults.is_empty() {
        writeln!(log, "faults: {faults}")?;
    }
    if clock == ClockKind::Virtual {
        let door = format!("{}{CLOCK_PATH}", server.local_origin());
        writeln!(log, "the clock stands still: `POST {door}` with {{\"advanceMs\":1000}} moves it a second")?;
    }
    writeln!(log, "Ctrl-C stops it")
}

/// From here on, Ctrl-C and SIGTERM end this future instead of the process.
fn catch_signals() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(windows)]
    {
        let mut interrupt = tokio::signal::windows::ctrl_c()?;
        Ok(async move {
            interrupt.recv().await;
        })
    }
}

fn parse_origin(text: &str) -> Result<String, ServeError> {
    let origin = url::Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
    });
    origin.map(|url| url.origin().ascii_serialization()).ok_or_else(|| ServeError::Origin(text.to_owned()))
}

/// The configurations, and what is unwise about them.
fn read_config(edition: &Edition, path: Option<&Path>) -> Result<(Configs, Vec<String>), ServeError> {
    let Some(path) = path else { return Ok((Configs::plain(), Vec::new())) };
    let config = |message| ServeError::Config { path: path.to_owned(), message };
    let text = fs::read_to_string(path).map_err(|error| ServeError::Unreadable { path: path.to_owned(), error })?;
    let options = parse_options(path, &text).map_err(config)?;
    let configs = Configs::parse(edition, &options).map_err(|error| config(error.to_string()))?;
    Ok((configs, advice(&options)))
}

/// TOML has no list at its top: several configurations are `[[configurations]]` there.
fn parse_options(path: &Path, text: &str) -> Result<Value, String> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        let mut options: Value = toml::from_str(text).map_err(|error| error.to_string())?;
        let alone = options.as_object().is_some_and(|options| options.len() == 1);
        return Ok(match options.get_mut("configurations").filter(|_| alone) {
            Some(list) => list.take(),
            None => options,
        });
    }
    serde_json::from_str(text).map_err(|error| error.to_string())
}
