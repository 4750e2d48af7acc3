//! From a request to its operation: routes, origin, sessions and validation, in the order of the releases.
//!
//! Unknown routes first, then the body's form (415, broken JSON), the origin, the key in the headers, validation, and
//! last of all what the operation itself checks.

use serde_json::Value;

use super::account::error;
use super::caller::{Headers, header};
use super::organization::Route;
use super::{Model, drop_member, ok};
use crate::spec::error::{ErrorCode, Surface};
use crate::spec::fault::Fault;
use crate::spec::operation::Method;
use crate::spec::request::{Reply, Request};
use crate::spec::wire::{Input, Rejection};

/// What a route leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Operation(Method),
    SignUp,
    SignIn,
    SignOut,
    Organization(Route),
    Ok,
}

/// A body of more bytes is too much for [`Fault::TransportLargeBodyFails`].
const LARGE: usize = 65_536;

impl Model {
    /// A request over HTTP: nothing that it carries is trusted.
    pub(super) fn http(&mut self, now: i64, request: &Request) -> Reply {
        let reply = self.answer_http(now, request);
        if reply.body.is_some() && self.has(Fault::TransportReplyAsText) {
            let mut headers = reply.headers;
            headers.push(("content-type".to_owned(), "text/plain".to_owned()));
            return Reply { headers, ..reply };
        }
        reply
    }

    fn answer_http(&mut self, now: i64, request: &Request) -> Reply {
        let Request::Http { method, path, query, headers, body } = request else {
            return self.refuse(&ErrorCode::NotFound.into(), Surface::Operation);
        };
        // A wrong method is as unknown as a wrong path: an empty 404, never a 405.
        let Some(target) = self.target(method, path) else {
            return self.refuse(&ErrorCode::NotFound.into(), Surface::Operation);
        };
        if body.len() > LARGE && self.has(Fault::TransportLargeBodyFails) {
            return Reply { status: 500, headers: Vec::new(), body: None };
        }
        let misread = self.misread(method, target.operation(), headers, body);
        let body = misread.as_ref().unwrap_or(body);
        let parsed = match target {
            Target::Operation(Method::GetSession) | Target::Ok => Ok(None),
            Target::Operation(method) => {
                let content_type = header(headers, "content-type");
                self.read(method, &Input::Http { content_type, query, body }).map(Some)
            }
            Target::SignUp | Target::SignIn | Target::SignOut | Target::Organization(_) => Ok(None),
        };
        if let Err(rejection) = &parsed
            && matches!(rejection.code, ErrorCode::UnsupportedMediaType | ErrorCode::BadRequest)
        {
            return self.rejected(rejection);
        }
        if let Some(refusal) = self.wrong_origin(method, headers) {
            return refusal;
        }
        let mut caller = match self.caller(now, true, Some(headers)) {
            Ok(caller) => caller,
            Err(refused) => return self.refuse(&refused.refusal, refused.surface),
        };
        if !matches!(target, Target::Operation(Method::CreateApiKey | Method::UpdateApiKey)) {
            self.impersonate(&mut caller, query, body);
        }
        let json = || serde_json::from_slice(body).unwrap_or(Value::Null);
        match (target, parsed) {
            (_, Err(rejection)) => self.rejected(&rejection),
            (_, Ok(Some(operation))) => {
                let reply = self.operate(now, &caller, operation);
                self.take_derived_fields(target.operation(), body, reply)
            }
            (Target::SignUp, _) => self.sign_up(now, &json()),
            (Target::SignIn, _) => self.sign_in(now, &json()),
            (Target::SignOut, _) => self.sign_out(&caller),
            (Target::Organization(route), _) => self.organization(now, &caller, route, &json()),
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
        match self.read(method, &Input::Server { body: body.as_ref(), query: query.as_ref() }) {
            Ok(operation) => self.operate(now, &caller, operation),
            Err(rejection) => self.rejected(&rejection),
        }
    }

    fn target(&self, method: &str, path: &str) -> Option<Target> {
        if let Some(route) = self.organization_route(method, path) {
            return Some(Target::Organization(route));
        }
        match (method, path) {
            ("POST", "/sign-up/email") => Some(Target::SignUp),
            ("POST", "/sign-in/email") => Some(Target::SignIn),
            ("POST", "/sign-out") => Some(Target::SignOut),
            ("GET", "/ok") => Some(Target::Ok),
            ("POST", "/api-key/verify") if self.has(Fault::VerifyOverHttp) => {
                Some(Target::Operation(Method::VerifyApiKey))
            }
            ("POST", "/api-key/rotate") if self.has(Fault::SelfGrantRotateRoute) => {
                Some(Target::Operation(Method::CreateApiKey))
            }
            ("PUT", "/api-key/create") if self.has(Fault::SelfGrantOtherMethod) => {
                Some(Target::Operation(Method::CreateApiKey))
            }
            ("GET", "/api-key/verify") if self.has(Fault::VerifyReachableByGet) => {
                Some(Target::Operation(Method::VerifyApiKey))
            }
            ("POST", "/api-key/verify-api-key") if self.has(Fault::VerifyReachableByMethodName) => {
                Some(Target::Operation(Method::VerifyApiKey))
            }
            ("DELETE", "/api-key/delete-all-expired-api-keys") if self.has(Fault::SweepReachableByDelete) => {
                Some(Target::Operation(Method::DeleteAllExpiredApiKeys))
            }
            ("POST", "/api-key/delete-all-expired-api-keys") if self.has(Fault::SweepOverHttp) => {
                Some(Target::Operation(Method::DeleteAllExpiredApiKeys))
            }
            _ if self.has(Fault::TransportAnyMethod) => {
                let paths = |method: &&Method| method.route(&self.edition).is_some_and(|route| route.path == path);
                Method::ALL.iter().find(paths).copied().map(Target::Operation)
            }
            _ => Method::at(&self.edition, method, path).map(Target::Operation),
        }
    }

    /// These routes are there where the deployment has organizations.
    fn organization_route(&self, method: &str, path: &str) -> Option<Route> {
        self.setup.organizations.as_ref().filter(|_| method == "POST")?;
        match path.strip_prefix("/organization/")? {
            "create" => Some(Route::Create),
            "invite-member" => Some(Route::Invite),
            "accept-invitation" => Some(Route::Accept),
            "update-member-role" => Some(Route::UpdateRole),
            "remove-member" => Some(Route::RemoveMember),
            _ => None,
        }
    }

    fn rejected(&self, rejection: &Rejection) -> Reply {
        let mut body = rejection.wire.body(None);
        if self.has(Fault::TransportErrorWithoutCode) {
            drop_member(body.as_mut(), "code");
        }
        if rejection.code == ErrorCode::BadRequest && self.has(Fault::TransportMalformedJsonFails) {
            return Reply { status: 500, headers: Vec::new(), body: None };
        }
        Reply { status: rejection.wire.status, headers: Vec::new(), body }
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

impl Target {
    fn operation(self) -> Option<Method> {
        match self {
            Self::Operation(method) => Some(method),
            _ => None,
        }
    }
}
