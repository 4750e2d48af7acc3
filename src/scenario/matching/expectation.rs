//! An expectation as a whole: all that it names must hold.

use crate::scenario::bind::Known;
use crate::scenario::story::{Expectation, StatusMatcher};

use super::{MatchContext, Mismatch, Reply, never, refusal, tally};

/// More mismatches than this help nobody.
const MOST_MISMATCHES: usize = 100;

impl Expectation {
    /// What of the reply is not as expected. Empty: it holds.
    pub fn mismatches(&self, reply: &Reply, context: &MatchContext<'_>) -> Vec<Mismatch> {
        let mut found = Vec::new();
        if let Some(status) = &self.status {
            found.extend(status.mismatch(reply));
        }
        if self.ok {
            found.extend(refusal::ok_mismatches(reply, context.edition));
        }
        found.extend(refusal::error_mismatches(reply, &self.error, context.edition));
        if let Some(verdict) = self.valid {
            found.extend(refusal::verdict_mismatches(reply, verdict, context.edition));
        }
        for (name, matcher) in &self.headers {
            let value = reply.header(name).map(serde_json::Value::from);
            matcher.judge(value.as_ref(), &format!("headers.{name}"), context, &mut found);
        }
        if let Some(matcher) = &self.body {
            matcher.judge(reply.body.value().as_ref(), "body", context, &mut found);
        }
        if let Some(matcher) = &self.keys {
            let keys = reply.keys(context.edition).map(serde_json::Value::from);
            matcher.judge(keys.as_ref(), "keys", context, &mut found);
        }
        for secret in &self.never {
            found.extend(never::mismatches(secret, reply, context));
        }
        // These are for many replies; of one they can still say something.
        for inner in [&self.every, &self.first, &self.last].into_iter().flatten() {
            found.extend(inner.mismatches(reply, context));
        }
        if let Some(tally) = &self.tally {
            found.extend(tally::mismatches(tally, std::slice::from_ref(reply), context.edition));
        }
        found.truncate(MOST_MISMATCHES);
        found
    }

    /// The same for the replies of a `parallel` or `repeat`, in the order of their index.
    pub fn mismatches_of_many(&self, replies: &[Reply], context: &MatchContext<'_>) -> Vec<Mismatch> {
        let (Some(first), Some(last)) = (replies.first(), replies.last()) else {
            return vec![Mismatch::new("replies", "at least one reply", "none")];
        };
        let mut found = Vec::new();
        if let Some(tally) = &self.tally {
            found.extend(tally::mismatches(tally, replies, context.edition));
        }
        if let Some(expectation) = &self.first {
            found.extend(at(expectation, 0, first, context));
        }
        if let Some(expectation) = &self.last {
            found.extend(at(expectation, replies.len() - 1, last, context));
        }
        let each = Self { tally: None, first: None, last: None, every: None, ..self.clone() };
        for (index, reply) in replies.iter().enumerate() {
            if found.len() >= MOST_MISMATCHES {
                break;
            }
            if let Some(expectation) = &self.every {
                found.extend(at(expectation, index, reply, context));
            }
            found.extend(at(&each, index, reply, context));
        }
        found.truncate(MOST_MISMATCHES);
        found
    }
}

impl StatusMatcher {
    fn mismatch(&self, reply: &Reply) -> Option<Mismatch> {
        let (fits, expected) = match self {
            Self::OneOf(statuses) => {
                let written: Vec<String> = statuses.iter().map(u16::to_string).collect();
                (reply.status.is_some_and(|status| statuses.contains(&status)), written.join(" or "))
            }
            Self::Class(class) => (reply.status.is_some_and(|status| status / 100 == *class), format!("{class}xx")),
        };
        let actual = || reply.status.map_or_else(|| "no status".to_owned(), |status| status.to_string());
        (!fits).then(|| Mismatch::new("status", expected, actual()))
    }
}

/// The mismatches of one of several replies, with its number in their paths.
fn at(expectation: &Expectation, index: usize, reply: &Reply, context: &MatchContext<'_>) -> Vec<Mismatch> {
    let known: Known = context.known.at_index(index);
    let context = MatchContext { known: &known, ..context.clone() };
    let numbered = |mismatch: Mismatch| Mismatch { path: format!("replies[{index}].{}", mismatch.path), ..mismatch };
    expectation.mismatches(reply, &context).into_iter().map(numbered).collect()
}
