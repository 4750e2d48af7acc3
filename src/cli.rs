//! The command line: one file a subcommand. The only place that prints and opens user files.

pub mod adapter;
pub mod bisect;
pub mod common;
pub mod docs;
pub mod explain;
pub mod failure;
pub mod faults;
pub mod filter;
pub mod fuzz;
pub mod history;
pub mod list;
pub mod matrix;
pub mod output;
pub mod replay;
pub mod report;
pub mod run;
pub mod serve;
pub mod sweep;
pub mod trial;

use clap::{Parser, Subcommand};

use crate::outcome::exit::ExitCode;
use failure::Failure;

/// Does a deployment of the Better Auth API-key spec do what the spec says?
#[derive(Debug, Parser)]
#[command(name = "keyspec", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::RunArgs>),
    Matrix(Box<matrix::MatrixArgs>),
    Bisect(Box<bisect::BisectArgs>),
    History(Box<history::HistoryArgs>),
    Fuzz(Box<fuzz::FuzzArgs>),
    Docs(Box<docs::DocsArgs>),
    Replay(replay::ReplayArgs),
    #[command(subcommand)]
    Report(report::ReportCommand),
    Faults(faults::FaultsArgs),
    Serve(serve::ServeArgs),
    List(list::ListArgs),
    Explain(explain::ExplainArgs),
    #[command(subcommand)]
    Adapter(adapter::AdapterCommand),
}

const EXIT_CODES: &str = "\
Exit codes:
    0  conforms
    1  findings
    2  the command line, a scenario or a configuration is wrong
    3  the target or its surroundings could not be started or reached, or broke off
    4  nothing ran, or something that should be was not observed
    5  keyspec itself failed
  130  interrupted";

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are what was asked for; everything else is a mistake.
            let wrong = error.use_stderr();
            let _ = error.print();
            return if wrong { ExitCode::Usage } else { ExitCode::Conforms };
        }
    };
    let result = match arguments.command {
        Command::Run(args) => run::run(&args),
        Command::Matrix(args) => matrix::run(&args),
        Command::Bisect(args) => bisect::run(&args),
        Command::History(args) => history::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Docs(args) => docs::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Report(command) => report::run(&command),
        Command::Faults(args) => faults::run(&args),
        Command::Serve(args) => serve::run(args).map(|()| ExitCode::Conforms).map_err(Failure::from),
        Command::List(args) => list::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Adapter(args) => adapter::run(&args),
    };
    result.unwrap_or_else(|failure| {
        output::complain(&failure.message);
        failure.code
    })
}
