//! The rate limit of a key.
//!
//! The window runs from the last use that was accepted, so that a key that is used steadily is never forgiven: this is
//! what the documentation's "sliding window" describes ("if the time since the last request exceeds the window").

use super::Model;
use crate::spec::config::Config;
use crate::spec::fault::Fault;
use crate::spec::key::KeyRow;

/// What one use makes of a key's counter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum RateLimit {
    /// The key has no window or no maximum: nothing is written.
    None,
    /// Limiting is off: only the time of the use is noted.
    Off,
    /// The use passes and makes this count.
    Counted(i64),
    /// The use is refused; the window ends so many milliseconds from now.
    Denied { try_again_in: f64 },
}

impl Model {
    /// Decides without writing.
    pub(super) fn rate_limit(&self, now: i64, row: &KeyRow, config: &Config) -> RateLimit {
        let off = (!config.rate_limit.enabled && !self.has(Fault::RateLimitGlobalOffIgnored))
            || (!row.rate_limit_enabled && !self.has(Fault::RateLimitKeyOffIgnored));
        if off {
            return RateLimit::Off;
        }
        let (Some(mut window), Some(mut maximum)) = (row.rate_limit_time_window, row.rate_limit_max) else {
            return RateLimit::None;
        };
        if self.has(Fault::RateLimitWindowSeconds) {
            window *= 1000.0;
        }
        if self.has(Fault::RateLimitOneMore) {
            maximum += 1.0;
        }
        if self.has(Fault::RateLimitOneLess) {
            maximum -= 1.0;
        }
        let (count, last_request) = self.counter(row);
        let passed = last_request.map(|last| now.saturating_sub(last) as f64);
        let over =
            passed.is_none_or(|passed| passed > window || (self.has(Fault::RateLimitBoundary) && passed == window));
        // "If the time since the last request exceeds the window, requestCount is reset to 1": the first use of a window
        // always passes, as documented, so that even a maximum of 0 allows one.
        if over {
            return RateLimit::Counted(1);
        }
        if count as f64 >= maximum {
            let left = (window - passed.unwrap_or(0.0)).ceil();
            let unit = if self.has(Fault::RateLimitTryAgainSeconds) { 1000.0 } else { 1.0 };
            return RateLimit::Denied { try_again_in: (left / unit).ceil() };
        }
        RateLimit::Counted(count.saturating_add(1))
    }

    fn counter(&self, row: &KeyRow) -> (i64, Option<i64>) {
        if !self.has(Fault::RateLimitShared) {
            return (row.request_count, row.last_request);
        }
        let siblings = || self.store.iter().filter(|other| other.owner == row.owner);
        let count = siblings().map(|other| other.request_count).sum();
        (count, siblings().filter_map(|other| other.last_request).max())
    }
}
