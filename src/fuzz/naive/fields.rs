//! The fields of each operation, as tables: from the validation of the releases, 1.2.0 to 1.7.5.

use super::js::Js;
use super::refusal::Refusal;
use crate::spec::edition::Release;
use crate::spec::operation::Method;

/// What a field may be.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Text,
    /// Letters, digits, `_` and `-`.
    Prefix,
    /// Whatever can become text.
    AsText,
    Flag,
    Number,
    AtLeast(f64),
    AtLeastOrNull(f64),
    Anything,
    Permissions,
    PermissionsOrNull,
    /// Whatever can become a whole number that is not negative.
    AsCount,
    Direction,
}

/// A field. From `first` up to the release before `end` it is read like this.
struct Field {
    name: &'static str,
    kind: Kind,
    is_required: bool,
    first: Release,
    end: Release,
}

/// The fields that were sent and are read, in the order of the table.
pub(crate) type Fields = Vec<(&'static str, Js)>;

const EVER: Release = (u64::MAX, 0, 0);

const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, is_required: false, first: (0, 0, 0), end: EVER }
}

const fn must(name: &'static str, kind: Kind) -> Field {
    Field { is_required: true, ..may(name, kind) }
}

const fn since(field: Field, first: Release) -> Field {
    Field { first, ..field }
}

const fn until(field: Field, end: Release) -> Field {
    Field { end, ..field }
}

const CONFIG_ID: Field = since(may("configId", Kind::Text), (1, 5, 0));
const USER_ID: Field = since(may("userId", Kind::AsText), (1, 2, 5));
const USER_ID_OF_OLD: Field = until(may("userId", Kind::Text), (1, 2, 5));

const CREATE: &[Field] = &[
    CONFIG_ID,
    may("name", Kind::Text),
    may("expiresIn", Kind::AtLeastOrNull(1.0)),
    may("prefix", Kind::Prefix),
    may("remaining", Kind::AtLeastOrNull(0.0)),
    may("metadata", Kind::Anything),
    may("refillAmount", Kind::AtLeast(1.0)),
    may("refillInterval", Kind::Number),
    may("rateLimitTimeWindow", Kind::Number),
    may("rateLimitMax", Kind::Number),
    may("rateLimitEnabled", Kind::Flag),
    may("permissions", Kind::Permissions),
    USER_ID,
    USER_ID_OF_OLD,
    since(may("organizationId", Kind::AsText), (1, 5, 0)),
];

const UPDATE: &[Field] = &[
    CONFIG_ID,
    must("keyId", Kind::Text),
    USER_ID,
    USER_ID_OF_OLD,
    may("name", Kind::Text),
    may("enabled", Kind::Flag),
    may("remaining", Kind::AtLeast(1.0)),
    may("refillAmount", Kind::Number),
    may("refillInterval", Kind::Number),
    may("metadata", Kind::Anything),
    may("expiresIn", Kind::AtLeastOrNull(1.0)),
    may("rateLimitEnabled", Kind::Flag),
    may("rateLimitTimeWindow", Kind::Number),
    may("rateLimitMax", Kind::Number),
    may("permissions", Kind::PermissionsOrNull),
];

const VERIFY: &[Field] = &[CONFIG_ID, must("key", Kind::Text), may("permissions", Kind::Permissions)];
const GET: &[Field] = &[CONFIG_ID, must("id", Kind::Text)];
const DELETE: &[Field] = &[CONFIG_ID, must("keyId", Kind::Text)];

const LIST: &[Field] = &[
    CONFIG_ID,
    may("organizationId", Kind::Text),
    may("limit", Kind::AsCount),
    may("offset", Kind::AsCount),
    may("sortBy", Kind::Text),
    may("sortDirection", Kind::Direction),
];

/// Only the server may set these. Of a create, an explicit `remaining: null` is what is stored anyway.
pub(crate) const SERVER_ONLY: &[&str] = &[
    "remaining",
    "refillAmount",
    "refillInterval",
    "rateLimitMax",
    "rateLimitTimeWindow",
    "rateLimitEnabled",
    "permissions",
];

/// What an operation reads of its input. `None` is no input at all.
pub(crate) fn read(release: Release, method: Method, input: Option<&Js>) -> Result<Fields, Refusal> {
    let table = match method {
        Method::CreateApiKey => CREATE,
        Method::UpdateApiKey => UPDATE,
        Method::VerifyApiKey => VERIFY,
        Method::GetApiKey => GET,
        Method::DeleteApiKey => DELETE,
        // Up to 1.4 a list takes nothing; later a call may leave the query out.
        Method::ListApiKeys if release < (1, 5, 0) || input.is_none() => return Ok(Vec::new()),
        Method::ListApiKeys => LIST,
        Method::DeleteAllExpiredApiKeys => return Ok(Vec::new()),
        Method::GetSession => return Err(Refusal::NoRoute),
    };
    let Some(sent @ Js::Object(_)) = input else { return Err(Refusal::Invalid) };
    let mut fields = Vec::new();
    for field in table.iter().filter(|field| field.first <= release && release < field.end) {
        match sent.get(field.name) {
            Some(value) => fields.push((field.name, accepted(release, field.kind, value).ok_or(Refusal::Invalid)?)),
            None if field.is_required => return Err(Refusal::Invalid),
            None => {}
        }
    }
    Ok(fields)
}

/// The names of the fields that an operation has in some release.
pub(crate) fn names(method: Method) -> Vec<&'static str> {
    let table = match method {
        Method::CreateApiKey => CREATE,
        Method::UpdateApiKey => UPDATE,
        Method::VerifyApiKey => VERIFY,
        Method::GetApiKey => GET,
        Method::DeleteApiKey => DELETE,
        Method::ListApiKeys => LIST,
        Method::DeleteAllExpiredApiKeys | Method::GetSession => &[],
    };
    table.iter().map(|field| field.name).collect()
}

/// The value of this field among those that were sent.
pub(crate) fn of<'a>(fields: &'a Fields, name: &str) -> Option<&'a Js> {
    fields.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
}

/// The value as the operation gets it.
fn accepted(release: Release, kind: Kind, value: &Js) -> Option<Js> {
    // The library that validates was exchanged for its next version with 1.3.0.
    let is_old = release < (1, 3, 0);
    let is_right = match (kind, value) {
        (Kind::Anything, _)
        | (Kind::Text, Js::Text(_))
        | (Kind::Flag, Js::Bool(_))
        | (Kind::AtLeastOrNull(_) | Kind::PermissionsOrNull, Js::Null) => true,
        (Kind::Prefix, Js::Text(text)) => {
            !text.is_empty() && text.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'_' || sign == b'-')
        }
        (Kind::AsText, value) => return value.text().map(Js::Text),
        (Kind::Number | Kind::AtLeast(_) | Kind::AtLeastOrNull(_), Js::Number(number)) => {
            let least = match kind {
                Kind::AtLeast(least) | Kind::AtLeastOrNull(least) => least,
                _ => f64::NEG_INFINITY,
            };
            (number.is_finite() || (is_old && !number.is_nan())) && *number >= least
        }
        (Kind::Permissions | Kind::PermissionsOrNull, Js::Object(members)) => {
            // The name of the prototype is dropped: unseen, or once it was found to be right.
            let is_list =
                |value: &Js| matches!(value, Js::List(items) if items.iter().all(|item| matches!(item, Js::Text(_))));
            let is_own = |name: &str| name != "__proto__";
            if !members.iter().all(|(name, actions)| is_list(actions) || !(is_old || is_own(name))) {
                return None;
            }
            return Some(Js::Object(members.iter().filter(|(name, _)| is_own(name)).cloned().collect()));
        }
        (Kind::AsCount, value) => {
            let number = value.number()?;
            // Beyond this not every whole number is one of its own.
            let is_count = number.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(&number);
            return is_count.then_some(Js::Number(number));
        }
        (Kind::Direction, Js::Text(text)) => text == "asc" || text == "desc",
        _ => false,
    };
    is_right.then(|| value.clone())
}
