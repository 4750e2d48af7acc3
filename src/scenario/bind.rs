//! Templates to values: what a request or an expectation means once captures, actors and the time are known.
//!
//! Total: what is not known is an [`Unbound`], never a guess.

use indexmap::IndexMap;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::macros::format_description;

use super::story::{Call, Piece, Place, Template};

/// What references can refer to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Captured values; each actor as `{userId, headers}`; `unique`; for `raw` also `host` and `path`.
    pub captures: IndexMap<String, Value>,
    /// The deployment's time, in milliseconds since 1970.
    pub now: i64,
    /// Inside `parallel` and `repeat`.
    pub index: Option<usize>,
}

/// A reference to something that is not known (any more, or yet).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`${name}` is not known here")]
pub struct Unbound {
    pub place: Place,
    /// As it is written, without the dollar sign.
    pub name: String,
}

impl Known {
    /// What is known before the first step.
    pub fn at_start(unique: &str, now: i64) -> Self {
        let captures = IndexMap::from([("unique".to_owned(), Value::from(unique))]);
        Self { captures, now, index: None }
    }

    /// Makes `$name.userId` and `$name.headers` known.
    pub fn add_actor(&mut self, name: &str, user_id: &str, headers: &IndexMap<String, String>) {
        let headers: Map<String, Value> =
            headers.iter().map(|(name, value)| (name.to_lowercase(), value.as_str().into())).collect();
        self.captures.insert(name.to_owned(), serde_json::json!({ "userId": user_id, "headers": headers }));
    }

    /// The same, at one place of a `parallel` or `repeat`.
    pub fn at_index(&self, index: usize) -> Self {
        Self { index: Some(index), ..self.clone() }
    }

    /// The value of `$a.b.0`, given as its parts.
    pub fn look_up(&self, place: &Place, parts: &[String]) -> Result<Value, Unbound> {
        let unbound = || Unbound { place: place.clone(), name: parts.join(".") };
        let (first, members) = parts.split_first().ok_or_else(unbound)?;
        match (first.as_str(), members) {
            ("now", []) => return Ok(self.now.into()),
            ("index", []) => return self.index.map(Value::from).ok_or_else(unbound),
            _ => {}
        }
        let mut value = self.captures.get(first).ok_or_else(unbound)?;
        for member in members {
            let inner = match value {
                Value::Object(map) => map.get(member),
                Value::Array(items) => member.parse::<usize>().ok().and_then(|at| items.get(at)),
                _ => None,
            };
            value = inner.ok_or_else(unbound)?;
        }
        Ok(value.clone())
    }
}

impl Template {
    /// The value. `!absent` as the whole of it is `null`; callers that can leave something out ask [`Self::bind_member`].
    pub fn bind(&self, known: &Known) -> Result<Value, Unbound> {
        self.bind_member(known).map(Option::unwrap_or_default)
    }

    /// The value, or `None` for `!absent`.
    pub fn bind_member(&self, known: &Known) -> Result<Option<Value>, Unbound> {
        Ok(Some(match self {
            Self::Absent => return Ok(None),
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(pieces) => Value::String(bind_text(pieces, known)?),
            Self::Reference(place, parts) => known.look_up(place, parts)?,
            Self::List(items) => items.iter().map(|item| item.bind(known)).collect::<Result<Vec<_>, _>>()?.into(),
            Self::Map(members) => {
                let mut bound = Map::new();
                for (name, member) in members {
                    if let Some(value) = member.bind_member(known)? {
                        bound.insert(name.clone(), value);
                    }
                }
                Value::Object(bound)
            }
            Self::Repeated { of, times } => Value::String(of.repeat(*times)),
            Self::Nested { depth } => (1..*depth).fold(Value::Array(Vec::new()), |inner, _| Value::Array(vec![inner])),
            Self::Object { members, of } => {
                let member = |at: usize| of.as_ref().map_or_else(|| at.into(), |texts| texts.clone().into());
                Value::Object((0..*members).map(|at| (format!("k{at}"), member(at))).collect())
            }
            Self::Texts { of, times } => vec![of.as_str(); *times].into(),
            Self::Date(offset) => Value::String(timestamp(known.now.saturating_add(*offset))),
        }))
    }

    /// The value as text: a string as it is, anything else as JSON.
    pub fn bind_as_text(&self, known: &Known) -> Result<String, Unbound> {
        self.bind(known).map(as_text)
    }
}

impl<T> Call<T> {
    /// The JSON body, if there is one.
    pub fn bind_body(&self, known: &Known) -> Result<Option<Value>, Unbound> {
        self.body.as_ref().map_or(Ok(None), |body| body.bind_member(known))
    }

    /// The body that is sent as it is, if there is one.
    pub fn bind_text(&self, known: &Known) -> Result<Option<String>, Unbound> {
        self.text.as_ref().map(|text| text.bind_as_text(known)).transpose()
    }

    /// The query as a value, for a server-side call.
    pub fn bind_query(&self, known: &Known) -> Result<Option<Value>, Unbound> {
        self.query.as_ref().map_or(Ok(None), |query| query.bind_member(known))
    }

    /// The query as pairs, for HTTP: a list makes its name appear several times.
    pub fn bind_query_pairs(&self, known: &Known) -> Result<Vec<(String, String)>, Unbound> {
        let Some(Value::Object(members)) = self.bind_query(known)? else { return Ok(Vec::new()) };
        let pairs = members.into_iter().flat_map(|(name, value)| {
            let values = match value {
                Value::Array(values) => values,
                value => vec![value],
            };
            values.into_iter().map(move |value| (name.clone(), as_text(value)))
        });
        Ok(pairs.collect())
    }

    /// The headers of the actor and the step's own, names in lower case. `None`: the step names neither, so a
    /// server-side call is trusted.
    pub fn bind_headers(&self, known: &Known) -> Result<Option<IndexMap<String, String>>, Unbound> {
        if self.actor.is_none() && self.headers.is_empty() {
            return Ok(None);
        }
        let mut bound = IndexMap::new();
        if let Some(actor) = &self.actor {
            let sent = known.look_up(&Place::default(), &[actor.clone(), "headers".to_owned()])?;
            if let Value::Object(sent) = sent {
                bound.extend(sent.into_iter().map(|(name, value)| (name, as_text(value))));
            }
        }
        for (name, header) in &self.headers {
            let name = name.to_lowercase();
            match header.bind_member(known)? {
                Some(value) => bound.insert(name, as_text(value)),
                None => bound.shift_remove(&name),
            };
        }
        Ok(Some(bound))
    }
}

/// Milliseconds since 1970 as `2026-01-31T12:00:00.000Z`; what lies outside the years 0 to 9999 becomes the nearest that does not.
pub fn timestamp(milliseconds: i64) -> String {
    let milliseconds = milliseconds.clamp(FIRST_TIME, LAST_TIME);
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .ok()
        .and_then(|time| time.format(format).ok())
        .unwrap_or_default()
}

fn bind_text(pieces: &[Piece], known: &Known) -> Result<String, Unbound> {
    pieces.iter().try_fold(String::new(), |mut text, piece| {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Reference(place, parts) => text.push_str(&as_text(known.look_up(place, parts)?)),
        }
        Ok(text)
    })
}

fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        value => value.to_string(),
    }
}

/// The year 0.
const FIRST_TIME: i64 = -62_167_219_200_000;
/// The last millisecond of the year 9999.
const LAST_TIME: i64 = 253_402_300_799_999;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known() -> Known {
        let mut known = Known::at_start("u1", 1_790_000_000_000);
        known.captures.insert("key".to_owned(), json!({ "id": "k1", "tags": ["a", "b"] }));
        known.add_actor("alice", "user-1", &IndexMap::from([("Cookie".to_owned(), "s=1".to_owned())]));
        known
    }

    fn reference(path: &str) -> Template {
        Template::Reference(Place::default(), path.split('.').map(str::to_owned).collect())
    }

    fn call(actor: Option<&str>, headers: &[(&str, Template)]) -> Call<()> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Call { target: (), actor: actor.map(str::to_owned), query: None, headers, body: None, text: None }
    }

    #[test]
    fn references_reach_members_and_elements() {
        assert_eq!(reference("key.id").bind(&known()), Ok(json!("k1")));
        assert_eq!(reference("key.tags.1").bind(&known()), Ok(json!("b")));
        assert_eq!(reference("alice.headers.cookie").bind(&known()), Ok(json!("s=1")));
        assert_eq!(reference("now").bind(&known()), Ok(json!(1_790_000_000_000_i64)));
    }

    #[test]
    fn what_is_not_known_is_named() {
        for path in ["nothing", "key.none", "key.tags.9", "key.id.deeper", "index", ""] {
            assert_eq!(reference(path).bind(&known()).map_err(|unbound| unbound.name), Err(path.to_owned()));
        }
        assert_eq!(reference("index").bind(&known().at_index(4)), Ok(json!(4)));
    }

    #[test]
    fn text_takes_values_in() {
        let pieces = vec![Piece::Literal("a-".to_owned()), Piece::Reference(Place::default(), vec!["now".to_owned()])];
        assert_eq!(Template::Text(pieces).bind(&known()), Ok(json!("a-1790000000000")));
    }

    #[test]
    fn generators_make_their_values() {
        assert_eq!(Template::Repeated { of: "ab".to_owned(), times: 3 }.bind(&known()), Ok(json!("ababab")));
        assert_eq!(Template::Nested { depth: 3 }.bind(&known()), Ok(json!([[[]]])));
        assert_eq!(Template::Object { members: 2, of: None }.bind(&known()), Ok(json!({ "k0": 0, "k1": 1 })));
        let lists = Template::Object { members: 2, of: Some(vec!["a".to_owned()]) };
        assert_eq!(lists.bind(&known()), Ok(json!({ "k0": ["a"], "k1": ["a"] })));
        assert_eq!(Template::Texts { of: "a".to_owned(), times: 2 }.bind(&known()), Ok(json!(["a", "a"])));
        assert_eq!(Template::Date(1).bind(&known()), Ok(json!("2026-09-21T14:13:20.001Z")));
    }

    #[test]
    fn times_out_of_range_are_the_nearest_in_it() {
        assert_eq!(timestamp(i64::MIN), "0000-01-01T00:00:00.000Z");
        assert_eq!(timestamp(i64::MAX), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn an_absent_member_is_left_out() {
        let members = IndexMap::from([("a".to_owned(), Template::Absent), ("b".to_owned(), Template::Null)]);
        assert_eq!(Template::Map(members).bind(&known()), Ok(json!({ "b": null })));
        assert_eq!(Template::Absent.bind_member(&known()), Ok(None));
    }

    #[test]
    fn headers_are_those_of_the_actor_and_the_steps_own() {
        assert_eq!(call(None, &[]).bind_headers(&known()), Ok(None));
        let text = |text: &str| Template::Text(vec![Piece::Literal(text.to_owned())]);
        let bound = call(Some("alice"), &[("X-Any", text("1"))]).bind_headers(&known()).unwrap().unwrap();
        assert_eq!(
            bound.into_iter().collect::<Vec<_>>(),
            [("cookie".into(), "s=1".into()), ("x-any".into(), "1".into())]
        );
        let taken_away = call(Some("alice"), &[("cookie", Template::Absent)]).bind_headers(&known());
        assert_eq!(taken_away, Ok(Some(IndexMap::new())));
        assert!(call(Some("bob"), &[]).bind_headers(&known()).is_err());
    }

    #[test]
    fn a_list_in_a_query_repeats_its_name() {
        let list = Template::List(vec![Template::Number(1.into()), Template::Bool(true)]);
        let query = Some(Template::Map(IndexMap::from([("limit".to_owned(), list)])));
        let pairs = Call { query, ..call(None, &[]) }.bind_query_pairs(&known());
        assert_eq!(pairs, Ok(vec![("limit".into(), "1".into()), ("limit".into(), "true".into())]));
    }
}
