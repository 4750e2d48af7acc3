//! Validation of single members: each reader takes one, or notes what is wrong with it.
//!
//! The texts are those of zod 4 in English. They float from release to release, so nothing asserts them.

use indexmap::IndexMap;

use super::json::Json;
use crate::spec::edition::{Behaviour, Edition};
use crate::spec::operation::Field;
use crate::spec::permission::Permissions;

/// The largest integer that a double holds without doubt.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// Reads the members of an object, and gathers what is wrong in the order of reading.
pub(crate) struct Members<'a> {
    members: &'a IndexMap<String, Json>,
    place: &'static str,
    is_zod_4: bool,
    issues: Vec<String>,
}

impl<'a> Members<'a> {
    pub(crate) fn new(edition: &Edition, place: &'static str, members: &'a IndexMap<String, Json>) -> Self {
        Self { members, place, is_zod_4: edition.has(Behaviour::ValidationIsZod4), issues: Vec::new() }
    }

    /// `value` if nothing was wrong, else all that was.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, String> {
        if self.issues.is_empty() { Ok(value) } else { Err(self.issues.join("; ")) }
    }

    pub(crate) fn string(&mut self, name: &str) -> Option<String> {
        match self.members.get(name)? {
            Json::String(text) => Some(text.clone()),
            other => self.wrong_type(name, "string", other.type_name()),
        }
    }

    pub(crate) fn required_string(&mut self, name: &str) -> String {
        if !self.members.contains_key(name) {
            self.wrong_type::<()>(name, "string", "undefined");
        }
        self.string(name).unwrap_or_default()
    }

    /// Letters, digits, `_` and `-`, at least one.
    pub(crate) fn prefix(&mut self, name: &str) -> Option<String> {
        let text = self.string(name)?;
        let is_sign = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == '-';
        if text.is_empty() || !text.chars().all(is_sign) {
            return self
                .issue(name, "Invalid prefix format, must be alphanumeric and contain only underscores and hyphens.");
        }
        Some(text)
    }

    /// Anything but nothing at all becomes text: `null` is `"null"`.
    pub(crate) fn coerced_string(&mut self, name: &str) -> Option<String> {
        let value = self.members.get(name)?;
        value.coerce_to_string().or_else(|| self.wrong_type(name, "string", value.type_name()))
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.members.get(name)? {
            Json::Bool(value) => Some(*value),
            other => self.wrong_type(name, "boolean", other.type_name()),
        }
    }

    pub(crate) fn number(&mut self, name: &str, least: Option<f64>) -> Option<f64> {
        let number = match self.members.get(name)? {
            Json::Number(number) if number.is_finite() || !(self.is_zod_4 || number.is_nan()) => *number,
            other => return self.wrong_type(name, "number", other.type_name()),
        };
        match least {
            Some(least) if number < least => self.issue(name, &format!("Too small: expected number to be >={least}")),
            _ => Some(number),
        }
    }

    pub(crate) fn nullable_number(&mut self, name: &str, least: f64) -> Field<f64> {
        match self.members.get(name) {
            None => Field::Absent,
            Some(Json::Null) => Field::Null,
            Some(_) => self.number(name, Some(least)).map_or(Field::Absent, Field::Set),
        }
    }

    /// A non-negative integer, made of whatever JavaScript makes a number of: `""` is 0.
    pub(crate) fn coerced_count(&mut self, name: &str) -> Option<u64> {
        let value = self.members.get(name)?;
        let Some(number) = value.coerce_to_number() else {
            return self.wrong_type(name, "number", value.type_name());
        };
        if !number.is_finite() {
            return self.wrong_type(name, "number", Json::Number(number).type_name());
        }
        if number.trunc() != number {
            return self.wrong_type(name, "int", "number");
        }
        if number > MAX_SAFE {
            return self.issue(name, &format!("Too big: expected int to be <={MAX_SAFE}"));
        }
        if number < 0.0 {
            return self.issue(name, "Too small: expected number to be >=0");
        }
        Some(number as u64)
    }

    /// `asc` or `desc`, as "is it descending".
    pub(crate) fn direction(&mut self, name: &str) -> Option<bool> {
        match self.members.get(name)? {
            Json::String(text) if text == "asc" => Some(false),
            Json::String(text) if text == "desc" => Some(true),
            _ => self.issue(name, "Invalid option: expected one of \"asc\"|\"desc\""),
        }
    }

    pub(crate) fn anything(&self, name: &str) -> Field<serde_json::Value> {
        match self.members.get(name) {
            None => Field::Absent,
            Some(Json::Null) => Field::Null,
            Some(value) => Field::Set(value.to_value()),
        }
    }

    pub(crate) fn nullable_permissions(&mut self, name: &str) -> Field<Permissions> {
        match self.members.get(name) {
            None => Field::Absent,
            Some(Json::Null) => Field::Null,
            Some(_) => self.permissions(name).map_or(Field::Absent, Field::Set),
        }
    }

    /// A record of lists of strings. A member `__proto__` is dropped, as every release does.
    pub(crate) fn permissions(&mut self, name: &str) -> Option<Permissions> {
        let members = match self.members.get(name)? {
            Json::Object(members) => members,
            other => return self.wrong_type(name, "record", other.type_name()),
        };
        let before = self.issues.len();
        let mut permissions = IndexMap::with_capacity(members.len());
        for (resource, actions) in members {
            if resource == "__proto__" && self.is_zod_4 {
                continue;
            }
            let actions = self.actions(&format!("{name}.{resource}"), actions);
            if resource != "__proto__" {
                permissions.insert(resource.clone(), actions);
            }
        }
        (self.issues.len() == before).then_some(Permissions(permissions))
    }

    fn actions(&mut self, path: &str, value: &Json) -> Vec<String> {
        let Json::Array(items) = value else {
            return self.wrong_type(path, "array", value.type_name()).unwrap_or_default();
        };
        let mut actions = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item {
                Json::String(action) => actions.push(action.clone()),
                other => _ = self.wrong_type::<()>(&format!("{path}.{index}"), "string", other.type_name()),
            }
        }
        actions
    }

    fn wrong_type<T>(&mut self, path: &str, expected: &str, received: &str) -> Option<T> {
        self.issue(path, &wrong_type(expected, received))
    }

    fn issue<T>(&mut self, path: &str, text: &str) -> Option<T> {
        self.issues.push(format!("[{}.{path}] {text}", self.place));
        None
    }
}

/// What a validation error says of a value of another type.
pub(crate) fn wrong_type(expected: &str, received: &str) -> String {
    format!("Invalid input: expected {expected}, received {received}")
}
