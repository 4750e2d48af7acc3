//! Pure renderers of a run, one file a format. None of them decides anything, none of them prints.

pub mod documentation;
pub mod format;
pub mod json;
pub mod junit;
pub mod ndjson;
pub mod terminal;
