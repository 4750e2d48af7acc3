//! From a request to its operation: routes, origin, sessions and validation, in the order of the releases.
//!
//! Unknown routes first, then the body's form (415, broken JSON), the origin, the key in the headers, validation, and
//! last of all what the operation itself checks.

use serde_json::Value;

use super::account::error;
use super::caller::{Headers, header};
use super::{Model, ok};
use crate::spec::error::{ErrorCode, Surface};
use crate::spec::fault::Fault;
use crate::spec::operation::Method;
use crate::spec::request::{Reply, Request};
use crate::spec::wire::{self, Input, Rejection};

/// What a route leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Operation(Method),
    SignUp,
    SignIn,
    SignOut,
    Ok,
}

impl Model {
    /// A request over HTTP: nothing that it carries is trusted.
    pub(super) fn http(&mut self, now: i64, request: &Request) -> Reply {
        let Request::Http { method, path, query, headers, body } = request else {
            return self.refuse(&ErrorCode::NotFound.into(), Surface::Operation);
        };
        // A wrong method is as unknown as a wrong path: an empty 404, never a 405.
        let Some(target) = self.target(method, path) else {
            return self.refuse(&ErrorCode::NotFound.into(), Surface::Operation);
        };
        let parsed = match target {
            Target::Operation(Method::GetSession) | Target::Ok => Ok(None),
            Target::Operation(method) => {
                let content_type = header(headers, "content-type");
                wire::parse(&self.edition, method, Input::Http { content_type, query, body }).map(Some)
            }
            Target::SignUp | Target::SignIn | Target::SignOut => Ok(None),
        };
        if let Err(rejection) = &parsed
            && matches!(rejection.code, ErrorCode::UnsupportedMediaType | ErrorCode::BadRequest)
        {
            return rejected(rejection);
        }
        if let Some(refusal) = self.wrong_origin(method, headers) {
            return refusal;
        }
        let caller = match self.caller(now, true, Some(headers)) {
            Ok(caller) => caller,
            Err(refused) => return self.refuse(&refused.refusal, refused.surface),
        };
        let json = || serde_json::from_slice(body).unwrap_or(Value::Null);
        match (target, parsed) {
            (_, Err(rejection)) => rejected(&rejection),
            (_, Ok(Some(operation))) => self.operate(now, &caller, operation),
            (Target::SignUp, _) => self.sign_up(now, &json()),
            (Target::SignIn, _) => self.sign_in(now, &json()),
            (Target::SignOut, _) => self.sign_out(&caller),
            (Target::Ok, _) => ok(serde_json::json!({ "ok": true })),
            (Target::Operation(_), Ok(None)) => self.get_session(now, &caller),
        }
    }

    /// A call on the server: trusted when it carries no headers.
    pub(super) fn server(&mut self, now: i64, method: Method, headers: Option<&Headers>, request: &Request) -> Reply {
        let Request::Server { body, query, .. } = request else {
            return self.refuse(&ErrorCode::NotFound.into(), Surface::Operation);
        };
        if !method.is_callable(&self.edition) {
            return self.refuse(&ErrorCode::NotFound.into(), Surface::Operation);
        }
        let caller = match self.caller(now, false, headers) {
            Ok(caller) => caller,
            Err(refused) => return self.refuse(&refused.refusal, refused.surface),
        };
        if method == Method::GetSession {
            return self.get_session(now, &caller);
        }
        match wire::parse(&self.edition, method, Input::Server { body: body.as_ref(), query: query.as_ref() }) {
            Ok(operation) => self.operate(now, &caller, operation),
            Err(rejection) => rejected(&rejection),
        }
    }

    fn target(&self, method: &str, path: &str) -> Option<Target> {
        if self.has(Fault::VerifyOverHttp) && (method, path) == ("POST", "/api-key/verify") {
            return Some(Target::Operation(Method::VerifyApiKey));
        }
        match (method, path) {
            ("POST", "/sign-up/email") => Some(Target::SignUp),
            ("POST", "/sign-in/email") => Some(Target::SignIn),
            ("POST", "/sign-out") => Some(Target::SignOut),
            ("GET", "/ok") => Some(Target::Ok),
            _ => Method::at(&self.edition, method, path).map(Target::Operation),
        }
    }

    /// A request with a cookie that may change something must come from the deployment's own origin.
    fn wrong_origin(&self, method: &str, headers: &Headers) -> Option<Reply> {
        if matches!(method, "GET" | "HEAD" | "OPTIONS") || header(headers, "cookie").is_none() {
            return None;
        }
        match header(headers, "origin").or_else(|| header(headers, "referer")) {
            None | Some("null" | "") => Some(error(403, "MISSING_OR_NULL_ORIGIN", "Missing or null Origin")),
            Some(origin) if self.is_own(origin) => None,
            Some(_) => Some(error(403, "INVALID_ORIGIN", "Invalid origin")),
        }
    }

    /// Is this the deployment's origin, or a page of it?
    fn is_own(&self, origin: &str) -> bool {
        origin.strip_prefix(&self.origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

fn rejected(rejection: &Rejection) -> Reply {
    Reply { status: rejection.wire.status, headers: Vec::new(), body: rejection.wire.body(None) }
}
