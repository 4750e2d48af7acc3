//! A matcher and the value that it is held against: which family judges.

use serde_json::Value;

use crate::scenario::story::Matcher;

use super::describe::shown;
use super::{MatchContext, Mismatch, equal, list, moment, number, object, text};

impl Matcher {
    /// What of the value is not as expected. `None` is a member that is not there.
    pub fn mismatches(&self, value: Option<&Value>, context: &MatchContext<'_>) -> Vec<Mismatch> {
        let mut found = Vec::new();
        self.judge(value, "value", context, &mut found);
        found
    }

    pub(super) fn judge(
        &self,
        value: Option<&Value>,
        path: &str,
        context: &MatchContext<'_>,
        found: &mut Vec<Mismatch>,
    ) {
        let there = match (self, value) {
            (Self::Present, Some(_)) | (Self::Absent, None) => return,
            (Self::Not(inner), None) if matches!(**inner, Self::Absent | Self::Present) => {
                return refuse_if(matches!(**inner, Self::Absent), self, value, path, context, found);
            }
            (Self::Any(choices), _) => {
                let none = !choices.iter().any(|choice| choice.holds(value, context));
                return refuse_if(none, self, value, path, context, found);
            }
            (Self::All(all), _) => return all.iter().for_each(|each| each.judge(value, path, context, found)),
            // What is not there is no evidence of anything, not even of `!not`.
            (_, None) => return refuse_if(true, self, value, path, context, found),
            (_, Some(there)) => there,
        };
        match self {
            Self::Absent => refuse_if(true, self, value, path, context, found),
            Self::Not(inner) => refuse_if(inner.holds(value, context), self, value, path, context, found),
            Self::Present | Self::Any(_) | Self::All(_) => {}
            Self::Equal(template) => equal::judge(template, there, path, context, found),
            Self::Members(members) => object::judge(members, false, there, path, context, found),
            Self::Exact(members) => object::judge(members, true, there, path, context, found),
            Self::Names(names) => object::judge_names(names, there, path, context, found),
            Self::List(items) => list::judge(items, there, path, context, found),
            Self::Unordered(items) => list::judge_unordered(items, there, path, context, found),
            Self::Each(inner) => list::judge_each(inner, there, path, context, found),
            Self::Contains(inner) => list::judge_contains(inner, there, path, context, found),
            Self::Length(inner) => list::judge_length(inner, there, path, context, found),
            Self::Type(expected) => refuse_if(!number::is_type(*expected, there), self, value, path, context, found),
            Self::Pattern(regex) => refuse_if(!text::is_found(regex, there), self, value, path, context, found),
            Self::Near(offset) => {
                refuse_if(!moment::is_near(*offset, there, context), self, value, path, context, found)
            }
            Self::Compare(comparison, bound) => {
                refuse_if(!number::compares(*comparison, *bound, there), self, value, path, context, found);
            }
        }
    }

    /// Does the value match?
    pub(super) fn holds(&self, value: Option<&Value>, context: &MatchContext<'_>) -> bool {
        let mut found = Vec::new();
        self.judge(value, "", context, &mut found);
        found.is_empty()
    }
}

/// Reports the whole matcher against the whole value.
pub(super) fn refuse_if(
    refused: bool,
    matcher: &Matcher,
    value: Option<&Value>,
    path: &str,
    context: &MatchContext<'_>,
    found: &mut Vec<Mismatch>,
) {
    if refused {
        found.push(Mismatch::new(path, matcher.words(context), shown(value)));
    }
}
