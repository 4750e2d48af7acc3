//! Types and values as documentation writes them: what a member is, and what is shown for it.

use serde_json::{Map, Value};

/// A type.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    String,
    Number,
    Boolean,
    Null,
    /// `any`, `unknown`, an OpenAPI schema without a type.
    Any,
    Literal(Value),
    Array(Box<Self>),
    /// Any members, all of one type.
    Record(Box<Self>),
    Object(Vec<Field>),
    Union(Vec<Self>),
    /// `Omit<ApiKey, "key">`
    Named(String, Vec<Self>),
    /// What says nothing that a reply could show.
    Other,
}

/// A member of a type, or a parameter of an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) optional: bool,
    pub(super) shape: Shape,
    /// The value that stands behind it as an example.
    pub(super) initial: Option<Term>,
    /// What the comment before it says.
    pub(super) doc: String,
    /// `serverOnly`
    pub(super) tags: Vec<String>,
    /// In the document, 1-based.
    pub(super) line: usize,
}

/// A value in a piece of code.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    Value(Value),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
    /// Something that the code does not define: `user.id`.
    Free(String),
    Function,
    Call(Box<Call>),
}

/// A call in a piece of code: `auth.api.createApiKey({…})` has the path `auth`, `api`, `createApiKey`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) path: Vec<String>,
    pub(super) arguments: Vec<Term>,
    /// In the document, 1-based.
    pub(super) line: usize,
}

impl Shape {
    /// Does `null` fit?
    pub(super) fn takes_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Union(shapes) => shapes.iter().any(Self::takes_null),
            _ => false,
        }
    }

    /// As a sentence names it.
    pub(super) fn words(&self) -> String {
        match self {
            Self::String => "a string".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Boolean => "a boolean".to_owned(),
            Self::Null => "null".to_owned(),
            Self::Any => "any value".to_owned(),
            Self::Literal(value) => value.to_string(),
            Self::Array(_) => "a list".to_owned(),
            Self::Record(_) | Self::Object(_) => "an object".to_owned(),
            Self::Union(shapes) => shapes.iter().map(Self::words).collect::<Vec<_>>().join(" or "),
            Self::Named(name, _) => name.clone(),
            Self::Other => "something else".to_owned(),
        }
    }
}

impl Field {
    pub(super) fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own.eq_ignore_ascii_case(tag))
    }

    /// By its tag or by its type.
    pub(super) fn is_nullable(&self) -> bool {
        self.has_tag("nullable") || self.shape.takes_null()
    }
}

impl Term {
    /// The value, where the code gives all of it.
    pub(super) fn value(&self) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::List(items) => items.iter().map(Self::value).collect::<Option<Vec<_>>>().map(Value::Array),
            Self::Object(members) => {
                let members = members.iter().map(|(name, term)| Some((name.clone(), term.value()?)));
                members.collect::<Option<Map<_, _>>>().map(Value::Object)
            }
            Self::Free(_) | Self::Function | Self::Call(_) => None,
        }
    }

    /// A member of an object.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(own, _)| own == name).map(|(_, term)| term),
            _ => None,
        }
    }

    /// All calls in it, itself included.
    pub(super) fn calls(&self) -> Vec<&Call> {
        match self {
            Self::Call(call) => {
                let mut found = vec![call.as_ref()];
                found.extend(call.arguments.iter().flat_map(Self::calls));
                found
            }
            Self::List(items) => items.iter().flat_map(Self::calls).collect(),
            Self::Object(members) => members.iter().flat_map(|(_, term)| term.calls()).collect(),
            Self::Value(_) | Self::Free(_) | Self::Function => Vec::new(),
        }
    }
}
