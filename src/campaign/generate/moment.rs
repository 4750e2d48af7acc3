//! When something will be due: expiries, refills and ends of windows, so that time can be moved just up to them.

use serde_json::Value;

use crate::campaign::sequence::Step;
use crate::campaign::source::Source;
use crate::spec::operation::Method;

/// What is known of the times of one sequence, in milliseconds since it began.
#[derive(Debug, Default)]
pub(super) struct Moments {
    now: u64,
    due: Vec<u64>,
    /// The windows and intervals of configurations and keys.
    lengths: Vec<u64>,
}

/// More are not remembered: the last ones are.
const MOST: usize = 16;

impl Moments {
    pub(super) fn new(config: &Value) -> Self {
        let mut moments = Self::default();
        let configs = config.as_array().map_or(std::slice::from_ref(config), Vec::as_slice);
        for config in configs {
            moments.lengths.extend(config.pointer("/rateLimit/timeWindow").and_then(whole));
            let expiry = config.pointer("/keyExpiration/defaultExpiresIn").and_then(whole);
            moments.lengths.extend(expiry.map(|seconds| seconds.saturating_mul(1000)));
        }
        moments
    }

    /// What the step changes about them.
    pub(super) fn note(&mut self, step: &Step) {
        if let Step::Clock { advance_ms } = step {
            self.now = self.now.saturating_add(*advance_ms);
            return;
        }
        let body = step.call().and_then(|call| call.body.as_ref());
        let number = |name: &str| body.and_then(|body| whole(body.get(name)?));
        match step.operation() {
            Some(Method::CreateApiKey | Method::UpdateApiKey) => {
                self.expect(number("expiresIn").map(|seconds| seconds.saturating_mul(1000)));
                for name in ["refillInterval", "rateLimitTimeWindow"] {
                    self.expect(number(name));
                    self.lengths.extend(number(name));
                }
                (0..self.lengths.len().min(3)).for_each(|at| self.expect(self.lengths.get(at).copied()));
            }
            Some(Method::VerifyApiKey | Method::GetSession) => {
                let last = self.lengths.len().saturating_sub(3);
                (last..self.lengths.len()).for_each(|at| self.expect(self.lengths.get(at).copied()));
            }
            _ => {}
        }
    }

    fn expect(&mut self, after: Option<u64>) {
        let Some(due) = after.map(|after| self.now.saturating_add(after)) else { return };
        if !self.due.contains(&due) {
            self.due.push(due);
        }
        if self.due.len() > MOST {
            self.due.remove(0);
        }
    }

    /// How long until something is due: just before, just then, or just after. `None`: nothing is.
    pub(super) fn next(&self, source: &mut impl Source) -> Option<u64> {
        let later: Vec<u64> = self.due.iter().copied().filter(|due| *due > self.now).collect();
        let until = source.pick(&later)? - self.now;
        Some(match source.weighted(&[30, 35, 35]) {
            0 => until - 1,
            1 => until,
            _ => until + 1,
        })
        .filter(|ms| *ms > 0)
    }
}

fn whole(value: &Value) -> Option<u64> {
    value.as_u64().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::campaign::source::Bytes;

    #[test]
    fn time_is_moved_up_to_what_is_due() {
        let mut moments = Moments::new(&json!({ "rateLimit": { "timeWindow": 500 } }));
        let mut note = |step: Value| moments.note(&serde_json::from_value(step).unwrap());
        note(
            json!({ "do": "server", "operation": "createApiKey", "body": { "expiresIn": 60, "refillInterval": 0.5 } }),
        );
        note(json!({ "do": "clock", "advanceMs": 400 }));
        note(json!({ "do": "server", "operation": "verifyApiKey", "body": {} }));
        assert_eq!((moments.now, moments.due.as_slice()), (400, &[60_000, 500, 900][..]));
        let until = |choices: &[u8]| moments.next(&mut Bytes::new(choices));
        assert_eq!((until(&[0, 0]), until(&[0, 30]), until(&[1, 65])), (Some(59_599), Some(59_600), Some(101)));
        assert_eq!(Moments::default().next(&mut Bytes::new(&[])), None);
    }
}
