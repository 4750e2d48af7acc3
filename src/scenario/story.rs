//! The scenario as a tree: what the parser makes and the runner walks.

use std::ops::Range;

use indexmap::IndexMap;
use regex::Regex;
use semver::VersionReq;
use serde_json::Value;

use crate::spec::error::ErrorCode;
use crate::spec::operation::Method;

/// A scenario file, checked.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The path below `scenarios/` without its ending: `create/client-permissions`.
    pub id: String,
    pub title: String,
    pub editions: Option<VersionReq>,
    /// Capabilities beyond those that the steps imply.
    pub needs: Vec<String>,
    pub config: Value,
    pub setup: Value,
    pub isolation: Isolation,
    /// Everybody who acts or is named, in the order of their appearance.
    pub actors: Vec<String>,
    pub steps: Vec<Step>,
    /// The file as it was read; findings carry it, so that they stand alone.
    pub source: String,
}

impl Scenario {
    /// All checks, in the order of the file.
    pub fn checks(&self) -> impl Iterator<Item = &Check> + Clone {
        self.steps.iter().flat_map(Step::checks)
    }
}

/// With whom a scenario may share its deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    #[default]
    Shared,
    Deployment,
    Process,
}

/// Where something stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// 1-based.
    pub line: usize,
    /// Byte offsets into the file.
    pub span: Range<usize>,
}

#[derive(Debug, Clone)]
pub struct Step {
    pub place: Place,
    pub id: Option<String>,
    pub when: Applies,
    /// Nothing after this step depends on it.
    pub aside: bool,
    pub action: Action,
    pub expect: Vec<Check>,
    pub twin: Option<Twin>,
    pub capture: IndexMap<String, CapturePath>,
}

impl Step {
    /// Its checks, and those of its twin.
    pub fn checks(&self) -> impl Iterator<Item = &Check> + Clone {
        let twin = match &self.twin {
            Some(Twin::Request { expect, .. }) => expect.as_slice(),
            _ => &[],
        };
        self.expect.iter().chain(twin)
    }
}

/// The editions and capabilities that a step or check is limited to.
#[derive(Debug, Clone, Default)]
pub struct Applies {
    pub editions: Option<VersionReq>,
    pub needs: Vec<String>,
}

#[derive(Debug, Clone)]
pub enum Action {
    Client(Call<Target>),
    Server(Call<Method>),
    /// Milliseconds.
    Clock(u64),
    /// The deployment ends and starts again on the same data, with these options or the same.
    Restart {
        config: Option<Value>,
    },
    /// Bytes on a connection of their own.
    Raw(Template),
    /// `parallel` and `repeat`: the requests of `each` in turn, `count` in all.
    Many {
        count: usize,
        at_once: bool,
        each: Vec<Self>,
    },
}

impl Action {
    /// How many requests `parallel` and `repeat` make.
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::Many { count, .. } => Some(*count),
            _ => None,
        }
    }
}

/// A request in the making: all its values may refer to what is known when it is sent.
#[derive(Debug, Clone)]
pub struct Call<T> {
    pub target: T,
    pub actor: Option<String>,
    pub query: Option<Template>,
    /// `Template::Absent` takes a header away that the actor would send.
    pub headers: IndexMap<String, Template>,
    pub body: Option<Template>,
    /// A body sent as it is, in place of `body`.
    pub text: Option<Template>,
}

/// What a client request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Operation(Method),
    Route { method: String, path: String },
}

/// A JSON value with references and generators in it.
#[derive(Debug, Clone, PartialEq)]
pub enum Template {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    /// Text with `${name}` in it, already cut into pieces.
    Text(Vec<Piece>),
    /// `$name.member`: the value itself.
    Reference(Place, Vec<String>),
    List(Vec<Self>),
    Map(IndexMap<String, Self>),
    /// `!text`
    Repeated {
        of: String,
        times: usize,
    },
    /// `!nested`
    Nested {
        depth: usize,
    },
    /// `!object`: each member is a list of these texts, or a number where there are none.
    Object {
        members: usize,
        of: Option<Vec<String>>,
    },
    /// `!list`
    Texts {
        of: String,
        times: usize,
    },
    /// `!date`: milliseconds relative to now.
    Date(i64),
    /// `!absent`
    Absent,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    Literal(String),
    Reference(Place, Vec<String>),
}

/// The positive twin of a rejection.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "nearly every twin is the large one")]
pub enum Twin {
    /// The same request with these changes must be accepted. The action is the merged one; checks and captures are the twin's own.
    Request { place: Place, action: Action, expect: Vec<Check>, capture: IndexMap<String, CapturePath> },
    /// The step of this id was accepted.
    Step { place: Place, id: String },
    /// There is none, for this reason.
    None { reason: String },
}

/// Where in a reply a captured value is.
#[derive(Debug, Clone)]
pub struct CapturePath {
    pub place: Place,
    /// As written: `body.key`.
    pub text: String,
    pub path: serde_json_path::JsonPath,
}

/// One expectation with a permanent id.
#[derive(Debug, Clone)]
pub struct Check {
    pub place: Place,
    pub id: String,
    /// The first gives level and profile.
    pub requirements: Vec<String>,
    pub when: Applies,
    pub expectation: Expectation,
}

/// What a reply must be. All that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Expectation {
    pub status: Option<StatusMatcher>,
    pub error: Vec<ErrorCode>,
    pub ok: bool,
    pub valid: Option<Verdict>,
    pub body: Option<Matcher>,
    pub keys: Option<Matcher>,
    pub headers: IndexMap<String, Matcher>,
    pub never: Vec<Template>,
    /// For `parallel` and `repeat`.
    pub tally: Option<IndexMap<String, usize>>,
    pub every: Option<Box<Self>>,
    pub first: Option<Box<Self>>,
    pub last: Option<Box<Self>>,
}

/// What `verifyApiKey` must answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Valid,
    Refused(ErrorCode),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusMatcher {
    OneOf(Vec<u16>),
    /// 4 for `4xx`.
    Class(u16),
}

#[derive(Debug, Clone)]
pub enum Matcher {
    /// A plain value, or a reference.
    Equal(Template),
    /// At least these members.
    Members(IndexMap<String, Self>),
    /// Just these members.
    Exact(IndexMap<String, Self>),
    /// An object whose member names are just these.
    Names(Vec<String>),
    /// Element by element.
    List(Vec<Self>),
    Unordered(Vec<Self>),
    Each(Box<Self>),
    Contains(Box<Self>),
    Length(Box<Self>),
    Present,
    Absent,
    Type(JsonType),
    Pattern(Regex),
    /// Milliseconds relative to the deployment's time.
    Near(i64),
    Not(Box<Self>),
    Any(Vec<Self>),
    All(Vec<Self>),
    Compare(Comparison, f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    AtLeast,
    AtMost,
    Greater,
    Less,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    String,
    Number,
    Integer,
    Boolean,
    Object,
    Array,
    Null,
}
