//! What keyspec's adapters for implementations in Rust share: the protocol, a process for each deployment, its clock.
//!
//! An adapter implements [`Deployment`] and calls [`run`] from its `main`. The program is then two things. Started by
//! keyspec it is a switchboard (`switchboard.rs`): it says hello, and starts itself once more for each deployment, with
//! the deployment's name as its argument. Started so, it is that deployment (`deployment.rs`) and answers for it alone.
//!
//! A process for each deployment is what makes a clock for each possible (`clock.rs`), and what an implementation keeps
//! in static variables is then kept by one deployment, as it would be in use.

mod clock;
mod deployment;
pub mod fixture;
mod frame;
mod options;
mod origin;
mod switchboard;

use std::process::ExitCode;

pub use deployment::{Call, Deployment, Start};
pub use frame::Instead;
pub use options::{Options, no_preset, preset_of};
pub use origin::Origin;

/// Who the adapter stands for, as `hello` tells it.
#[derive(Debug, Clone, Copy)]
pub struct About {
    pub name: &'static str,
    pub version: &'static str,
    pub url: &'static str,
    /// The Better Auth release whose behaviour the implementation follows.
    pub edition: &'static str,
    /// Without `clock` and `exact-clock`, which the kit declares where it has them.
    pub capabilities: &'static [&'static str],
    pub presets: &'static [&'static str],
}

/// The whole of an adapter's `main`.
pub fn run<D: Deployment>(about: &About) -> ExitCode {
    let done = match std::env::args().nth(1) {
        Some(name) => deployment::serve::<D>(&name),
        None => switchboard::serve(about),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", about.name);
            ExitCode::FAILURE
        }
    }
}
