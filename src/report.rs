//! Pure renderers of a run, a matrix and a history, one file a format. None of them decides anything, none of them prints.

pub mod document;
pub mod documentation;
pub mod format;
pub mod history;
pub mod json;
pub mod junit;
mod markup;
pub mod matrix;
pub mod ndjson;
pub mod terminal;
