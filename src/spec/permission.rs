//! The permission algebra: sets of (resource, action) pairs.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Resources and the actions granted (or required) on each, in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permissions(pub IndexMap<String, Vec<String>>);
