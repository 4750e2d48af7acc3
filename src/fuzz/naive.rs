//! A second opinion: the spec once more, as simply as it can be said, for fuzzing to hold the reference against.
//!
//! Written from the tables of the documentation and from the releases, not from [`crate::spec`]: of that it knows the
//! names of operations, and how a date is written. Rules are lists that are gone through in order; a deployment is a
//! list of plain keys. Where it is not sure, it says nothing.

pub(crate) mod body;
pub(crate) mod create;
pub(crate) mod fields;
pub(crate) mod js;
pub(crate) mod json;
pub(crate) mod key;
pub(crate) mod list;
pub(crate) mod options;
pub(crate) mod refusal;
pub(crate) mod session;
pub(crate) mod update;
pub(crate) mod verify;
pub(crate) mod world;
