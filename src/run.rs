//! Runs: a plan is made of scenarios and capabilities, carried out, and told as events.

pub mod execute;
pub mod execution;
pub mod faults;
mod home;
pub mod ledger;
pub mod plan;
pub mod selection;
mod step;
mod story;
pub mod subject;
pub mod suite;
pub mod verdict;
pub mod wiring;
