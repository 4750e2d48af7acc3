//! One request: read as the rules say, written back as it was, and answered as a second opinion says.
//!
//! Any bytes are a request, for some operation, by some door, in some edition, on a deployment with some options that
//! has two users and a key. The parser and the naive tables must read it alike; what is accepted
//! encodes to what reads the same again; and a deployment must answer what the naive one does.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use self::house::House;
use super::editions::edition;
use super::naive::body::{self, Body};
use super::naive::fields;
use super::naive::js::Js;
use super::naive::refusal::Refusal;
use crate::campaign::source::{Bytes, Seeded, Source};
use crate::campaign::value;
use crate::spec::edition::Edition;
use crate::spec::operation::{Method, Operation};
use crate::spec::request::Request;
use crate::spec::wire::{self, Input, Rejection};

mod house;

/// Reads the input as a head of four bytes (edition, operation and options, door, form) and a body.
pub fn run(data: &[u8]) {
    let Some(case) = Case::of(data) else { return };
    reads_alike(wire::parse, &case);
    if let Err(wrong) = house::with(&case, answers_alike) {
        panic!("{wrong}");
    }
}

/// Requests for every operation by every door, drawn from the values of campaigns.
pub fn seeds() -> Vec<Vec<u8>> {
    let drawn = (0..32).map(|number: u8| {
        let mut source = Seeded::new(7, u64::from(number));
        let form = if number % 4 == 3 { DRAWN } else { u8::try_from(source.below(CONTENT_TYPES.len())).unwrap_or(0) };
        let edition = if number.is_multiple_of(3) { number } else { 128 };
        let mut seed = vec![edition, number, u8::try_from(source.below(DOORS.len())).unwrap_or(0), form];
        match form {
            DRAWN => seed.extend((0..48).map(|_| u8::try_from(source.below(256)).unwrap_or(0))),
            _ => seed.extend(text(&mut source, method(number), false).into_bytes()),
        }
        seed
    });
    drawn.collect()
}

/// A request before anything of it was looked at.
#[derive(Debug)]
pub(super) struct Case {
    edition: &'static Edition,
    method: Method,
    /// The number of its options.
    options: usize,
    door: Door,
    content_type: Option<&'static str>,
    body: Vec<u8>,
}

/// By whom it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    User,
    Nobody,
    Key,
    Server,
    CallOfUser,
    CallOfNobody,
}

const DOORS: &[Door] = &[
    Door::User,
    Door::Server,
    Door::Nobody,
    Door::CallOfUser,
    Door::Key,
    Door::CallOfNobody,
    Door::User,
    Door::Server,
];

const METHODS: &[Method] = &[
    Method::CreateApiKey,
    Method::UpdateApiKey,
    Method::VerifyApiKey,
    Method::GetApiKey,
    Method::DeleteApiKey,
    Method::ListApiKeys,
    Method::CreateApiKey,
    Method::DeleteAllExpiredApiKeys,
];

/// The form of a body that is drawn from the bytes instead of being them.
const DRAWN: u8 = 255;

const CONTENT_TYPES: &[Option<&str>] = &[
    Some("application/json"),
    Some("application/json"),
    Some("application/json; charset=utf-8"),
    Some("APPLICATION/JSON"),
    Some("application/x-www-form-urlencoded"),
    Some("text/plain"),
    Some("application/vnd.api+json"),
    Some("application/json-patch+json"),
    Some("x-application/json"),
    Some("x-application/json; text/plain"),
    Some("x-application/json; application/x-www-form-urlencoded"),
    Some("multipart/form-data; boundary=b"),
    Some("text/plain; application/json"),
    Some("application/octet-stream"),
    Some(""),
    None,
];

fn method(byte: u8) -> Method {
    METHODS.get(usize::from(byte) % METHODS.len()).copied().unwrap_or(Method::CreateApiKey)
}

impl Case {
    fn of(data: &[u8]) -> Option<Self> {
        let (&[of_edition, operation, door, form], rest) = data.split_first_chunk::<4>()?;
        let method = method(operation);
        let by = *DOORS.get(usize::from(door) % DOORS.len())?;
        let is_call = matches!(by, Door::Server | Door::CallOfUser | Door::CallOfNobody);
        let body = match form {
            192.. => text(&mut Bytes::new(rest), method, is_call).into_bytes(),
            _ => rest.to_vec(),
        };
        Some(Self {
            edition: edition(of_edition),
            method,
            options: usize::from(operation) / METHODS.len(),
            door: by,
            content_type: *CONTENT_TYPES.get(if form < 192 { usize::from(form) % CONTENT_TYPES.len() } else { 0 })?,
            body,
        })
    }

    fn is_http(&self) -> bool {
        matches!(self.door, Door::User | Door::Nobody | Door::Key)
    }

    /// The request, with names for what the house has.
    fn request(&self, house: &House) -> Request {
        let body = match std::str::from_utf8(&self.body) {
            Ok(text) if text.contains("${") => Cow::Owned(house.named(text).into_bytes()),
            _ => Cow::Borrowed(self.body.as_slice()),
        };
        let reads_query = self.method.reads_query();
        let mut headers = house.headers(self.door);
        if !self.is_http() {
            let value = serde_json::from_slice::<Value>(&body).ok();
            let (body, query) = if reads_query { (None, value) } else { (value, None) };
            return Request::Server {
                method: self.method,
                body,
                query,
                headers: (self.door != Door::Server).then_some(headers),
            };
        }
        if let Some(content_type) = self.content_type.filter(|_| !reads_query) {
            headers.push(("content-type".to_owned(), content_type.to_owned()));
        }
        let (http, path) = crate::campaign::bind::route(self.edition, self.method);
        let query = if reads_query { url::form_urlencoded::parse(&body).into_owned().collect() } else { Vec::new() };
        let body = if reads_query { Vec::new() } else { body.into_owned() };
        Request::Http { method: http, path, query, headers, body }
    }
}

/// The parser and the tables read it alike, and what is accepted is written so that it reads the same again.
fn reads_alike(parse: impl Fn(&Edition, Method, Input<'_>) -> Result<Operation, Rejection>, case: &Case) {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&case.body).into_owned().collect();
    let value = serde_json::from_slice::<Value>(&case.body).ok();
    let (edition, method) = (case.edition, case.method);
    let release = edition.release();
    let input = match (case.is_http(), method.reads_query()) {
        (true, _) => Input::Http { content_type: case.content_type, query: &pairs, body: &case.body },
        (false, true) => Input::Server { body: None, query: value.as_ref() },
        (false, false) => Input::Server { body: value.as_ref(), query: None },
    };
    let read = match (input, method.reads_query()) {
        (Input::Http { .. }, _) if matches!(method, Method::VerifyApiKey | Method::DeleteAllExpiredApiKeys) => {
            Err(Refusal::NoRoute)
        }
        (Input::Http { query, .. }, true) => fields::read(release, method, Some(&body::query(query))),
        (Input::Http { content_type, body, .. }, false) => match body::read(release, content_type, body) {
            Body::Missing => fields::read(release, method, None),
            Body::Value(value) => fields::read(release, method, Some(&value)),
            Body::Refused(refusal) => Err(refusal),
            Body::Open => return drop(parse(edition, method, input)),
        },
        (Input::Server { .. }, _) => fields::read(release, method, value.as_ref().map(Js::of).as_ref()),
    };
    let operation = match (parse(edition, method, input), read) {
        (Err(rejection), Err(refusal)) => {
            let got = (rejection.wire.status, rejection.wire.code.map(Cow::into_owned));
            assert_eq!(got, refusal.wire(release), "{edition}: refused otherwise");
            return;
        }
        (Ok(operation), Ok(fields)) => {
            let encoded = wire::encode(edition, &operation);
            let written = encoded.body.or(encoded.query).unwrap_or_default();
            let wanted = Js::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
            let written = Value::Object(written);
            assert!(wanted.is(&written), "{edition}: read {written}, expected {wanted:?}");
            operation
        }
        (read, expected) => panic!("{edition}: read {read:?}, expected {expected:?}"),
    };
    // Before 1.3.0 a number may be infinite, which no value here holds.
    if release >= (1, 3, 0) {
        round_trips(&parse, edition, method, &operation);
    }
}

fn round_trips(
    parse: impl Fn(&Edition, Method, Input<'_>) -> Result<Operation, Rejection>,
    edition: &Edition,
    method: Method,
    operation: &Operation,
) {
    let encoded = wire::encode(edition, operation);
    let pairs = encoded.query_pairs();
    let (body, query) = (encoded.body.map(Value::Object), encoded.query.map(Value::Object));
    let again = parse(edition, method, Input::Server { body: body.as_ref(), query: query.as_ref() });
    assert_eq!(again.as_ref(), Ok(operation), "{edition}: a call reads another operation");
    if method.route(edition).is_some() {
        let text = body.map(|body| body.to_string()).unwrap_or_default();
        let input = Input::Http { content_type: Some("application/json"), query: &pairs, body: text.as_bytes() };
        assert_eq!(
            parse(edition, method, input).as_ref(),
            Ok(operation),
            "{edition}: the text reads another operation"
        );
    }
}

/// The model and the naive deployment answer alike. The error says where they do not.
fn answers_alike(house: &House, case: &Case) -> Result<(), String> {
    let request = case.request(house);
    let (mut model, mut world) = (house.model.clone(), house.world.clone());
    let reply = model.apply(house::NOW, &request);
    let Some(expected) = world.answer(house::NOW, &request) else { return Ok(()) };
    let settled = world.settle(&expected, &reply);
    settled.map_err(|wrong| format!("{}, options {}: {wrong}, to {request:?}", case.edition, house.options))
}

/// A body with fields of the operation, right, nearly right, or wrong; over HTTP a query where it is one.
fn text(source: &mut impl Source, method: Method, is_call: bool) -> String {
    let mut members = Map::new();
    // Most requests name few fields, or one that is wrong would hide all others.
    let percent = [6, 6, 12, 25][source.below(4)];
    for name in fields::names(method) {
        let is_needed = matches!(name, "keyId" | "id" | "key") || (is_call && name == "userId");
        if source.chance(if is_needed { 92 } else { percent }) {
            members.insert(name.to_owned(), member(source, name));
        }
    }
    if source.chance(6) {
        members.insert(
            value::pick(source, &["__proto__", "toString", "referenceId", "unknown"]).to_owned(),
            value::wrong(source),
        );
    }
    if method.reads_query() && !is_call {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pairs = members.iter().map(|(name, value)| (name.clone(), text(value)));
        let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        return text.replace("%24%7B", "${").replace("%7D", "}");
    }
    let mut text = Value::Object(members).to_string();
    match source.below(24) {
        0 => text = text.replacen('{', "{\"name\":1e999,", 1),
        1 => text = text.replacen('{', "{\"name\":\"first\",", 1),
        2 => text.push_str(" x"),
        3 => _ = text.pop(),
        4 => text = format!("\u{feff}{text}"),
        5 => text = text.replace('e', "\\u0065"),
        _ => {}
    }
    text
}

fn member(source: &mut impl Source, name: &str) -> Value {
    if source.chance(4) {
        return value::wrong(source);
    }
    match name {
        "configId" => json!(value::pick(source, &["default", "second", "unknown", "", "team"])),
        "name" => value::name(source),
        "expiresIn" => value::expires_in(source),
        "prefix" => value::prefix(source),
        "remaining" => value::count(source),
        "metadata" => value::metadata(source),
        "refillAmount" => value::amount(source),
        "refillInterval" | "rateLimitTimeWindow" => value::interval(source),
        "rateLimitMax" => value::maximum(source),
        "rateLimitEnabled" | "enabled" => value::flag(source),
        "permissions" => value::permissions(source),
        "userId" => {
            json!(value::pick(source, &["${alice.id}", "${alice.id}", "${alice.id}", "${bob.id}", "a ghost", ""]))
        }
        "keyId" | "id" => json!(value::pick(source, &["${k1.id}", "${k1.id}", "${k2.id}", "unknown", ""])),
        "key" => json!(value::pick(source, &["${k1.key}", "${k1.key}", "${k2.key}", "${k1.hash}", "short", ""])),
        "limit" | "offset" => {
            json!(value::pick(source, &["0", "1", "2", "", "-1", "1.5", "0x1", " 1 ", "1e2", "x", "1e999"]))
        }
        "sortBy" => json!(value::pick(source, &["name", "createdAt", "remaining", "key", "nonsense", "metadata"])),
        "sortDirection" => json!(value::pick(source, &["asc", "desc", "up"])),
        _ => json!(value::pick(source, &["", "an organization", "${alice.id}"])),
    }
}

#[cfg(test)]
mod tests;
