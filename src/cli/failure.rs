//! What ends a command before there is a result: an exit code and a message with the way out.

use crate::deployment::attached::AttachError;
use crate::deployment::process::PrepareError;
use crate::deployment::release::ReleaseError;
use crate::deployment::releases::ResolveError;
use crate::deployment::target::TargetError;
use crate::outcome::exit::ExitCode;
use crate::outcome::expectation::ExpectationError;
use crate::report::terminal;
use crate::run::subject::SubjectError;
use crate::scenario::diagnostic::{Diagnostic, Style, render_all};

use super::serve::ServeError;

/// A command that could not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    pub code: ExitCode,
    pub message: String,
}

impl Failure {
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: ExitCode::Usage, message: message.into() }
    }

    pub fn environment(message: impl Into<String>) -> Self {
        Self { code: ExitCode::Environment, message: message.into() }
    }

    pub fn interrupted() -> Self {
        Self { code: ExitCode::Interrupted, message: "interrupted".to_owned() }
    }

    /// Mistakes in scenarios or requirements, each with line and caret.
    pub fn mistakes(mistakes: &[Diagnostic]) -> Self {
        let count = if mistakes.len() == 1 { "1 mistake".to_owned() } else { format!("{} mistakes", mistakes.len()) };
        Self::usage(format!("{count} in the suite\n{}", render_all(mistakes, Style::Coloured)))
    }
}

impl From<TargetError> for Failure {
    fn from(error: TargetError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<ExpectationError> for Failure {
    fn from(error: ExpectationError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<AttachError> for Failure {
    fn from(error: AttachError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<PrepareError> for Failure {
    fn from(error: PrepareError) -> Self {
        Self::environment(terminal::plain(&error.to_string()))
    }
}

impl From<ReleaseError> for Failure {
    fn from(error: ReleaseError) -> Self {
        // What an adapter or npm has to say is in it.
        Self::environment(terminal::indented(&terminal::plain(&error.to_string())))
    }
}

impl From<ResolveError> for Failure {
    fn from(error: ResolveError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<SubjectError> for Failure {
    fn from(error: SubjectError) -> Self {
        // What an adapter or npm has to say is in it.
        Self::environment(terminal::indented(&terminal::plain(&error.to_string())))
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let code = if error.exit_code() == ExitCode::Usage as u8 { ExitCode::Usage } else { ExitCode::Environment };
        Self { code, message: error.to_string() }
    }
}
