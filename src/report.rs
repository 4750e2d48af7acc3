//! Pure renderers of a run, one file a format. None of them decides anything, none of them prints.

pub mod documentation;
#[cfg(test)]
mod fixture;
pub mod format;
pub mod github;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod ndjson;
pub mod sarif;
pub mod terminal;
