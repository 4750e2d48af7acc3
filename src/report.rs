//! Pure renderers of a run, a matrix and a history, one file a format. None of them decides anything, none of them prints.

pub mod document;
pub mod documentation;
#[cfg(test)]
mod fixture;
pub mod format;
pub mod github;
pub mod history;
pub mod json;
pub mod junit;
pub mod markdown;
mod markup;
pub mod matrix;
pub mod ndjson;
pub mod sarif;
pub mod terminal;
