//! `!near`: timestamps at the deployment's time plus or minus a duration.

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::scenario::bind::timestamp;

use super::MatchContext;

/// Only an ISO 8601 timestamp with a zone is a time.
pub(super) fn is_near(offset: i64, value: &Value, context: &MatchContext<'_>) -> bool {
    let (earliest, latest) = window(offset, context);
    value.as_str().and_then(milliseconds).is_some_and(|at| (earliest..=latest).contains(&at))
}

pub(super) fn words(offset: i64, context: &MatchContext<'_>) -> String {
    let (earliest, latest) = window(offset, context);
    if earliest == latest {
        format!("the time {}", timestamp(earliest))
    } else {
        format!("a time from {} to {}", timestamp(earliest), timestamp(latest))
    }
}

fn window(offset: i64, context: &MatchContext<'_>) -> (i64, i64) {
    let tolerance = if context.exact_clock { 0 } else { context.tolerance };
    let earliest = context.now_before.saturating_add(offset).saturating_sub(tolerance);
    let latest = context.now_after.saturating_add(offset).saturating_add(tolerance);
    (earliest, latest)
}

fn milliseconds(text: &str) -> Option<i64> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}
