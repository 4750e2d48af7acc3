//! One action carried out: values bound, the request sent, the reply read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use serde_json::Value;

use crate::deployment::adapter::{AdapterError, Called};
use crate::deployment::http::{HttpError, HttpReply, HttpRequest};
use crate::deployment::protocol::CallError;
use crate::deployment::redact::Secrets;
use crate::deployment::running::Deployment;
use crate::outcome::check::Blame;
use crate::outcome::exchange::{Exchange, Response, Sent};
use crate::scenario::bind::{Known, Unbound};
use crate::scenario::matching::{Payload, Refusal, Reply};
use crate::scenario::story::{Action, Call, Target};
use crate::spec::edition::Edition;
use crate::spec::operation::Method;

/// What an action did: one reply, or as many as `parallel` and `repeat` say. Holds secrets: only an [`Exchange`] of it
/// may be kept.
#[derive(Default)]
pub(super) struct Performed {
    pub(super) replies: Vec<Reply>,
    traces: Vec<Trace>,
}

/// How one reply came about.
struct Trace {
    sent: Request,
    got: Got,
    took: Duration,
}

/// Why there is no reply.
pub(super) enum Failure {
    /// Something that the request refers to is not known.
    Unbound(Unbound),
    /// The target has no such thing.
    Unsupported(String),
    /// The target or its surroundings gave no answer.
    NoReply { reason: String, blame: Blame, exchange: Option<Box<Exchange>> },
}

enum Request {
    Http(HttpRequest),
    Call { method: Method, body: Option<Value>, query: Option<Value>, headers: Option<IndexMap<String, String>> },
    Raw { address: String, bytes: String },
    Clock(u64),
}

enum Got {
    Http(HttpReply),
    Called(Called),
    Advanced,
}

impl Performed {
    /// Was every request granted?
    pub(super) fn accepted(&self) -> bool {
        self.replies.iter().all(Reply::accepted)
    }

    /// The exchange that tells most, as people may see it: the first that was not accepted, else the last.
    pub(super) fn exchange(&self, secrets: &Secrets) -> Option<Box<Exchange>> {
        let refused = self.replies.iter().position(|reply| !reply.accepted());
        let trace = refused.and_then(|at| self.traces.get(at)).or(self.traces.last())?;
        let response = match &trace.got {
            Got::Http(reply) => secrets.show_reply(reply),
            Got::Called(called) => secrets.show_called(called),
            Got::Advanced => Response::Returned { value: Value::Null },
        };
        let millis = trace.took.as_secs_f64() * 1000.0;
        Some(Box::new(Exchange { request: trace.sent.show(secrets), response, millis }))
    }

    /// Time spent waiting for replies.
    pub(super) fn waited(&self) -> Duration {
        self.traces.iter().map(|trace| trace.took).sum()
    }

    fn add(&mut self, (reply, trace): (Reply, Trace)) {
        self.replies.push(reply);
        self.traces.push(trace);
    }
}

impl Request {
    fn show(&self, secrets: &Secrets) -> Sent {
        match self {
            Self::Http(request) => secrets.show_request(request),
            Self::Call { method, body, query, headers } => {
                secrets.show_call(*method, body.as_ref(), query.as_ref(), headers.as_ref())
            }
            Self::Raw { address, bytes } => secrets.show_raw(address.clone(), bytes),
            Self::Clock(advance_ms) => Sent::Clock { advance_ms: *advance_ms },
        }
    }
}

/// Where actions are carried out.
pub(super) struct Stage<'a> {
    pub(super) deployment: Arc<Deployment>,
    pub(super) edition: Edition,
    pub(super) secrets: &'a Secrets,
}

impl Stage<'_> {
    /// Carries out an action.
    pub(super) async fn perform(&self, action: &Action, known: &Known) -> Result<Performed, Failure> {
        let mut performed = Performed::default();
        let Action::Many { count, at_once, each } = action else {
            performed.add(self.perform_one(action, known).await?);
            return Ok(performed);
        };
        let at = |index| {
            let known = known.at_index(index);
            let request = &each[index % each.len()];
            async move { self.perform_one(request, &known).await }
        };
        if *at_once {
            for one in futures::future::join_all((0..*count).map(at)).await {
                performed.add(one?);
            }
        } else {
            for index in 0..*count {
                performed.add(at(index).await?);
            }
        }
        Ok(performed)
    }

    async fn perform_one(&self, action: &Action, known: &Known) -> Result<(Reply, Trace), Failure> {
        let known = &Known { now: self.deployment.now(), ..known.clone() };
        match action {
            Action::Client(call) => {
                let request = self.http_request(call, known).map_err(Failure::Unbound)?;
                self.secrets.learn_request(&request);
                let reply = self.deployment.send(&request).await;
                let method = match &call.target {
                    Target::Operation(method) => Some(*method),
                    Target::Route { .. } => None,
                };
                self.http_reply(Request::Http(request), method, reply)
            }
            Action::Raw(template) => {
                let bytes = template.bind_as_text(&self.raw_known(known)).map_err(Failure::Unbound)?;
                let reply = self.deployment.send_raw(bytes.as_bytes()).await;
                let address = self.deployment.base().authority().to_owned();
                self.http_reply(Request::Raw { address, bytes }, None, reply)
            }
            Action::Server(call) => self.server_call(call, known).await,
            Action::Clock(advance_ms) => {
                let started = Instant::now();
                let sent = Request::Clock(*advance_ms);
                match self.deployment.advance(*advance_ms).await {
                    Ok(()) => {
                        let reply = Reply::http(None, 200, Vec::new(), Payload::Empty);
                        Ok((reply, Trace { sent, got: Got::Advanced, took: started.elapsed() }))
                    }
                    Err(error) => Err(self.no_answer(&sent, &error, started.elapsed())),
                }
            }
            // A restart is the story's own business, and `each` is never `parallel` or `repeat` itself: the parser sees to it.
            Action::Many { .. } | Action::Restart { .. } => Err(Failure::NoReply {
                reason: "this step is no request".to_owned(),
                blame: Blame::Harness,
                exchange: None,
            }),
        }
    }

    async fn server_call(&self, call: &Call<Method>, known: &Known) -> Result<(Reply, Trace), Failure> {
        let body = call.bind_body(known).map_err(Failure::Unbound)?;
        let query = call.bind_query(known).map_err(Failure::Unbound)?;
        let headers = call.bind_headers(known).map_err(Failure::Unbound)?;
        for (name, value) in headers.iter().flatten() {
            self.secrets.learn_header(name, value);
        }
        if let Some(body) = &body {
            self.secrets.learn_given(body);
        }
        let started = Instant::now();
        let called = self.deployment.call(call.target, body.clone(), query.clone(), headers.clone()).await;
        let took = started.elapsed();
        let sent = Request::Call { method: call.target, body, query, headers };
        match called {
            Ok(called) => {
                if let Called::Returned(value) = &called {
                    self.secrets.learn_issued(value);
                }
                let reply = match &called {
                    Called::Returned(value) => Reply::returned(call.target, value.clone()),
                    Called::Threw(CallError { status, code, message, details }) => {
                        let (status, code) = (*status, code.clone());
                        let refusal = Refusal { status, code, message: message.clone(), details: details.clone() };
                        Reply::threw(call.target, refusal)
                    }
                };
                Ok((reply, Trace { sent, got: Got::Called(called), took }))
            }
            Err(error) => Err(self.no_answer(&sent, &error, took)),
        }
    }

    fn http_request(&self, call: &Call<Target>, known: &Known) -> Result<HttpRequest, Unbound> {
        let query = call.bind_query_pairs(known)?;
        let (method, path) = match &call.target {
            Target::Route { method, path } => (method.clone(), path.clone()),
            Target::Operation(operation) => match operation.route(&self.edition) {
                Some(route) => (route.http.to_owned(), route.path.to_owned()),
                // The parser lets only operations with a route through.
                None => ("POST".to_owned(), format!("/api-key/{}", operation.name())),
            },
        };
        let body = match call.bind_text(known)? {
            Some(text) => Some(text),
            None => call.bind_body(known)?.map(|body| body.to_string()),
        };
        let mut headers: Vec<(String, String)> = call.bind_headers(known)?.unwrap_or_default().into_iter().collect();
        let typed = call.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        if body.is_some() && !typed {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        Ok(HttpRequest { method, url: self.deployment.url(&path, &query), headers, body: body.map(String::into_bytes) })
    }

    fn http_reply(
        &self,
        sent: Request,
        method: Option<Method>,
        reply: Result<HttpReply, HttpError>,
    ) -> Result<(Reply, Trace), Failure> {
        match reply {
            Ok(reply) => {
                self.secrets.learn_reply(&reply);
                let took = reply.took;
                let seen = Reply::http(method, reply.status, reply.headers.clone(), payload(&reply.body));
                Ok((seen, Trace { sent, got: Got::Http(reply), took }))
            }
            Err(error) => {
                let blame = match error {
                    HttpError::Connect { .. } => Blame::Environment,
                    HttpError::Unsendable(_) => Blame::Harness,
                    _ => Blame::Ambiguous,
                };
                Err(self.nothing(&sent, error.to_string(), blame, Duration::ZERO))
            }
        }
    }

    fn no_answer(&self, sent: &Request, error: &AdapterError, took: Duration) -> Failure {
        if let AdapterError::Unsupported(reason) = error {
            return Failure::Unsupported(self.secrets.redact(reason));
        }
        self.nothing(sent, error.to_string(), Blame::Environment, took)
    }

    fn nothing(&self, sent: &Request, reason: String, blame: Blame, took: Duration) -> Failure {
        let response = Response::Nothing { reason: self.secrets.redact(&reason) };
        let exchange = Exchange { request: sent.show(self.secrets), response, millis: took.as_secs_f64() * 1000.0 };
        Failure::NoReply { reason: self.secrets.redact(&reason), blame, exchange: Some(Box::new(exchange)) }
    }

    /// `${host}` and `${path}` stand for where the deployment is.
    fn raw_known(&self, known: &Known) -> Known {
        let mut known = known.clone();
        let base = self.deployment.base();
        known.captures.insert("host".to_owned(), base.authority().into());
        known.captures.insert("path".to_owned(), base.path().trim_end_matches('/').into());
        known
    }
}

fn payload(body: &[u8]) -> Payload {
    if body.is_empty() {
        return Payload::Empty;
    }
    serde_json::from_slice(body)
        .map_or_else(|_| Payload::Text(String::from_utf8_lossy(body).into_owned()), Payload::Json)
}
