//! A check: its id, its requirements, and what it expects of the reply.

use indexmap::IndexMap;

use crate::scenario::diagnostic::Hint;
use crate::scenario::story::{Check, Expectation, Matcher, StatusMatcher, Template, Verdict};
use crate::scenario::yaml::{Kind, Node};
use crate::spec::error::ErrorCode;

use super::reader::{Fields, Reader};

const CHECK_KEYS: &[&str] = &["check", "requirement", "editions", "needs", "note"];

/// What one reply can be held against.
const ONE: &[&str] = &["status", "error", "ok", "valid", "body", "keys", "headers", "never"];

/// What the replies of a `parallel` or `repeat` can be held against.
const MANY: &[&str] = &["every", "first", "last", "tally", "never"];

impl Reader {
    pub(super) fn checks(&mut self, node: &Node, many: bool) -> Option<Vec<Check>> {
        let items = self.list(node, "a list of checks")?;
        let checks: Vec<_> = items.iter().map(|item| self.check(item, many)).collect();
        checks.into_iter().collect()
    }

    fn check(&mut self, node: &Node, many: bool) -> Option<Check> {
        let fields = self.fields(node, "a check", &[CHECK_KEYS, ONE, &MANY[..4]].concat())?;
        self.note(&fields);
        let id = self.required(&fields, "check").and_then(|node| self.dotted_id(node, "check", 3));
        let requirements = self.required(&fields, "requirement").and_then(|node| self.requirements(node));
        let when = self.applies(&fields);
        let expectation = self.expectation(&fields, many);
        Some(Check {
            place: node.place.clone(),
            id: id?,
            requirements: requirements?,
            when: when?,
            expectation: expectation?,
        })
    }

    fn requirements(&mut self, node: &Node) -> Option<Vec<String>> {
        let items = match &node.kind {
            Kind::List(items) => items.iter().collect(),
            _ => vec![node],
        };
        if items.is_empty() {
            return self.refuse(&node.place, "a check cites at least one requirement", None);
        }
        let ids: Vec<_> = items.into_iter().map(|item| self.dotted_id(item, "requirement", 2)).collect();
        ids.into_iter().collect()
    }

    fn expectation(&mut self, fields: &Fields<'_>, many: bool) -> Option<Expectation> {
        let (fitting, note) = if many {
            (MANY, "`parallel` and `repeat` have several replies: say `every`, `first`, `last` or `tally`")
        } else {
            (ONE, "`every`, `first`, `last` and `tally` are for `parallel` and `repeat`")
        };
        let mut named = false;
        for entry in fields.entries().iter().filter(|entry| ONE.contains(&&*entry.key) || MANY.contains(&&*entry.key)) {
            named = true;
            if !fitting.contains(&entry.key.as_str()) {
                let hint = Some(Hint::Note(note.to_owned()));
                self.refuse::<()>(&entry.place, format!("`{}` does not fit this step", entry.key), hint);
            }
        }
        if !named {
            let known = fitting.join("`, `");
            return self.refuse(fields.place, format!("a check expects something: one of `{known}`"), None);
        }
        let status = fields.node("status").map_or(Some(None), |node| self.status(node).map(Some));
        let error = fields.node("error").map_or(Some(Vec::new()), |node| self.error_codes(node));
        let ok = fields.node("ok").map_or(Some(false), |node| self.ok(node));
        let valid = fields.node("valid").map_or(Some(None), |node| self.verdict(node).map(Some));
        let body = fields.node("body").map_or(Some(None), |node| self.matcher(node).map(Some));
        let keys = fields.node("keys").map_or(Some(None), |node| self.matcher(node).map(Some));
        let headers = fields.node("headers").map_or(Some(IndexMap::new()), |node| self.header_matchers(node));
        let never = fields.node("never").map_or(Some(Vec::new()), |node| self.never(node));
        let tally = fields.node("tally").map_or(Some(None), |node| self.tally(node).map(Some));
        let every = self.inner(fields, "every");
        let first = self.inner(fields, "first");
        let last = self.inner(fields, "last");
        let expectation = Expectation {
            status: status?,
            error: error?,
            ok: ok?,
            valid: valid?,
            body: body?,
            keys: keys?,
            headers: headers?,
            never: never?,
            tally: tally?,
            every: every?,
            first: first?,
            last: last?,
        };
        if expectation.ok && super::twin::rejects(&expectation) {
            return self.refuse(fields.place, "`ok: true` and a rejection cannot both hold", None);
        }
        Some(expectation)
    }

    fn inner(&mut self, fields: &Fields<'_>, key: &str) -> Option<Option<Box<Expectation>>> {
        let Some(node) = fields.node(key) else { return Some(None) };
        let fields = self.fields(node, "an expectation", ONE)?;
        self.expectation(&fields, false).map(|expectation| Some(Box::new(expectation)))
    }

    fn ok(&mut self, node: &Node) -> Option<bool> {
        if self.boolean(node)? {
            return Some(true);
        }
        let hint = Hint::Note("a refusal has a reason: `error:` with its code, or `status:`".to_owned());
        self.refuse(&node.place, "`ok` is only ever `true`", Some(hint))
    }

    fn status(&mut self, node: &Node) -> Option<StatusMatcher> {
        match &node.kind {
            Kind::Text(text) if node.tag.is_none() => match text.as_bytes() {
                [class @ b'1'..=b'5', b'x', b'x'] => Some(StatusMatcher::Class(u16::from(class - b'0'))),
                _ => self.refuse(&node.place, "a class of statuses is written like `4xx`", None),
            },
            Kind::List(items) if node.tag.is_none() && !items.is_empty() => {
                let statuses: Vec<_> = items.iter().map(|item| self.status_number(item)).collect();
                statuses.into_iter().collect::<Option<_>>().map(StatusMatcher::OneOf)
            }
            _ => self.status_number(node).map(|status| StatusMatcher::OneOf(vec![status])),
        }
    }

    fn status_number(&mut self, node: &Node) -> Option<u16> {
        let number = match &node.kind {
            Kind::Number(number) if node.tag.is_none() => number.as_u64(),
            _ => None,
        };
        match number.and_then(|number| u16::try_from(number).ok()) {
            Some(status @ 100..=599) => Some(status),
            _ => self.refuse(
                &node.place,
                "a status is a number from 100 to 599, a list of them, or a class such as `4xx`",
                None,
            ),
        }
    }

    /// A code, or a list of those that are as good.
    fn error_codes(&mut self, node: &Node) -> Option<Vec<ErrorCode>> {
        match &node.kind {
            Kind::List(items) if node.tag.is_none() && !items.is_empty() => {
                let codes: Vec<_> = items.iter().map(|item| self.error_code(item)).collect();
                codes.into_iter().collect()
            }
            _ => self.error_code(node).map(|code| vec![code]),
        }
    }

    fn error_code(&mut self, node: &Node) -> Option<ErrorCode> {
        let symbols: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.symbol()).collect();
        let symbol = self.word(node, "error code", &symbols)?;
        code_of(symbol)
    }

    fn verdict(&mut self, node: &Node) -> Option<Verdict> {
        match node.kind {
            Kind::Bool(true) if node.tag.is_none() => Some(Verdict::Valid),
            Kind::Bool(false) => {
                let hint = Hint::Note("a refusal has a reason: `valid: KEY_DISABLED`".to_owned());
                self.refuse(&node.place, "`valid` is `true`, or the code of the refusal", Some(hint))
            }
            _ => self.error_code(node).map(Verdict::Refused),
        }
    }

    fn header_matchers(&mut self, node: &Node) -> Option<IndexMap<String, Matcher>> {
        let Kind::Map(entries) = &node.kind else {
            return self.refuse(&node.place, format!("headers are a map, not {}", node.noun()), None);
        };
        let headers: Vec<_> =
            entries.iter().map(|entry| Some((self.header_name(entry)?, self.matcher(&entry.value)?))).collect();
        headers.into_iter().collect()
    }

    /// A value, or a list of values.
    fn never(&mut self, node: &Node) -> Option<Vec<Template>> {
        let items = match &node.kind {
            Kind::List(items) => items.iter().collect(),
            _ => vec![node],
        };
        if items.is_empty() {
            return self.refuse(&node.place, "`never` names at least one value", None);
        }
        let values: Vec<_> = items.into_iter().map(|item| self.never_value(item)).collect();
        values.into_iter().collect()
    }

    fn never_value(&mut self, node: &Node) -> Option<Template> {
        let text = self.text(node)?;
        if !text.contains('$') && text.len() < crate::scenario::matching::SHORTEST_SECRET {
            return self.refuse(&node.place, "a value as short as this is found everywhere", None);
        }
        self.template(node, false)
    }

    fn tally(&mut self, node: &Node) -> Option<IndexMap<String, usize>> {
        let Kind::Map(entries) = &node.kind else {
            return self.refuse(
                &node.place,
                format!("`tally` is a map of kinds and numbers, not {}", node.noun()),
                None,
            );
        };
        if entries.is_empty() {
            return self.refuse(&node.place, "`tally` counts at least one kind", None);
        }
        let mut tally = IndexMap::new();
        let mut complete = true;
        for entry in entries {
            let symbols = ErrorCode::ALL.iter().map(|code| code.symbol());
            let known: Vec<&str> = ["ok", "valid"].into_iter().chain(symbols).collect();
            let status = entry.key.strip_prefix("status ").and_then(|status| status.parse::<u16>().ok());
            if !known.contains(&entry.key.as_str()) && !status.is_some_and(|status| (100..=599).contains(&status)) {
                self.refuse_word::<()>(
                    &entry.place,
                    format!("unknown kind of reply `{}`", entry.key),
                    &entry.key,
                    &known,
                );
                complete = false;
            }
            let count = match &entry.value.kind {
                Kind::Number(number) => number.as_u64().and_then(|number| usize::try_from(number).ok()),
                _ => None,
            };
            match count {
                Some(count) => {
                    tally.insert(entry.key.clone(), count);
                }
                None => {
                    complete = false;
                    self.refuse::<()>(&entry.value.place, "a tally is a whole number", None);
                }
            }
        }
        complete.then_some(tally)
    }
}

fn code_of(symbol: &str) -> Option<ErrorCode> {
    ErrorCode::ALL.iter().copied().find(|code| code.symbol() == symbol)
}
