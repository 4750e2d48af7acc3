//! Where each operation is found over HTTP, and how its replies are read, in each edition.

use super::words::meant;
use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::edition::{Behaviour, Edition};
use super::operation::Method;

/// An HTTP method and a path below the base path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    pub http: &'static str,
    pub path: &'static str,
}

/// `text` names no operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct MethodError {
    text: String,
    nearest: Option<&'static str>,
}

impl Method {
    pub const ALL: &'static [Self] = &[
        Self::CreateApiKey,
        Self::VerifyApiKey,
        Self::GetApiKey,
        Self::UpdateApiKey,
        Self::DeleteApiKey,
        Self::ListApiKeys,
        Self::DeleteAllExpiredApiKeys,
        Self::GetSession,
    ];

    /// The name of the server-side method.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateApiKey => "createApiKey",
            Self::VerifyApiKey => "verifyApiKey",
            Self::GetApiKey => "getApiKey",
            Self::UpdateApiKey => "updateApiKey",
            Self::DeleteApiKey => "deleteApiKey",
            Self::ListApiKeys => "listApiKeys",
            Self::DeleteAllExpiredApiKeys => "deleteAllExpiredApiKeys",
            Self::GetSession => "getSession",
        }
    }

    /// The operation's route. `verifyApiKey` and `deleteAllExpiredApiKeys` have none: they are the server's own.
    pub fn route(self, edition: &Edition) -> Option<Route> {
        let (http, path) = match self {
            Self::CreateApiKey => ("POST", "/api-key/create"),
            Self::GetApiKey => ("GET", "/api-key/get"),
            Self::UpdateApiKey => ("POST", "/api-key/update"),
            Self::DeleteApiKey if edition.has(Behaviour::DeleteIsPost) => ("POST", "/api-key/delete"),
            Self::DeleteApiKey => ("DELETE", "/api-key/delete"),
            Self::ListApiKeys => ("GET", "/api-key/list"),
            Self::GetSession => ("GET", "/get-session"),
            Self::VerifyApiKey | Self::DeleteAllExpiredApiKeys => return None,
        };
        Some(Route { http, path })
    }

    /// The operation at a route, by HTTP method and path below the base path. `None` is an empty 404: also for another
    /// method on a known path, and for escapes in the path.
    pub fn at(edition: &Edition, http: &str, path: &str) -> Option<Self> {
        let is_loose = edition.has(Behaviour::SlashesAreLoose);
        let leads_here = |route: Route| {
            route.http == http && if is_loose { segments(route.path).eq(segments(path)) } else { route.path == path }
        };
        Self::ALL.iter().copied().find(|method| method.route(edition).is_some_and(leads_here))
    }

    /// Does the operation take its input from the query (and not from the body)?
    pub const fn reads_query(self) -> bool {
        matches!(self, Self::GetApiKey | Self::ListApiKeys | Self::GetSession)
    }

    /// Can the server call it? `deleteAllExpiredApiKeys` was not exported before 1.3.0.
    pub fn is_callable(self, edition: &Edition) -> bool {
        self != Self::DeleteAllExpiredApiKeys || edition.has(Behaviour::DeleteAllIsCallable)
    }
}

impl Edition {
    /// The member of a key that names its owner.
    pub fn owner_field(&self) -> &'static str {
        if self.has(Behaviour::OwnerIsReferenceId) { "referenceId" } else { "userId" }
    }

    /// The keys of a `listApiKeys` reply, in the wrapping of this edition. `None` where the reply has another shape.
    pub fn listed_keys<'a>(&self, body: &'a Value) -> Option<&'a [Value]> {
        let list = if self.has(Behaviour::ListIsWrapped) { body.get("apiKeys")? } else { body };
        list.as_array().map(Vec::as_slice)
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

impl FromStr for Method {
    type Err = MethodError;

    fn from_str(text: &str) -> Result<Self, MethodError> {
        let known = Self::ALL.iter().copied();
        known.clone().find(|method| method.name() == text).ok_or_else(|| {
            let nearest = meant(text, known.map(Self::name));
            MethodError { text: text.to_owned(), nearest }
        })
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl MethodError {
    /// The right name that looks most like the wrong one.
    pub fn nearest(&self) -> Option<&'static str> {
        self.nearest
    }
}

impl fmt::Display for MethodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an operation", self.text)?;
        self.nearest.map_or(Ok(()), |nearest| write!(f, ": did you mean `{nearest}`?"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn edition(text: &str) -> Edition {
        text.parse().unwrap()
    }

    #[test]
    fn every_route_leads_back_to_its_operation() {
        for version in ["1.2.0", "1.2.5", "1.4.22", "1.7.5"] {
            for &method in Method::ALL {
                if let Some(route) = method.route(&edition(version)) {
                    assert_eq!(Method::at(&edition(version), route.http, route.path), Some(method));
                }
                assert_eq!(method.name().parse(), Ok(method));
                assert_eq!(serde_json::to_value(method).unwrap(), method.name());
            }
        }
    }

    #[test]
    fn delete_became_a_post() {
        let at = |version, http| Method::at(&edition(version), http, "/api-key/delete");
        assert_eq!((at("1.2.4", "DELETE"), at("1.2.4", "POST")), (Some(Method::DeleteApiKey), None));
        assert_eq!((at("1.2.5", "DELETE"), at("1.2.5", "POST")), (None, Some(Method::DeleteApiKey)));
    }

    #[test]
    fn there_is_no_route_to_verify_and_no_loose_path() {
        for path in ["/api-key/verify", "/api-key/delete-all-expired-api-keys", "/API-key/list", "/api-key/lis%74", ""]
        {
            assert_eq!(Method::at(&edition("1.2"), "POST", path), None, "{path}");
            assert_eq!(Method::at(&edition("1.7"), "GET", path), None, "{path}");
        }
        for path in ["/api-key/list/", "//api-key/list", "/api-key//list"] {
            assert_eq!(Method::at(&edition("1.4.5"), "GET", path), Some(Method::ListApiKeys), "{path}");
            assert_eq!(Method::at(&edition("1.4.6"), "GET", path), None, "{path}");
        }
    }

    #[test]
    fn a_list_is_wrapped_from_1_5_on() {
        let (plain, wrapped) = (json!([1]), json!({ "apiKeys": [1], "total": 1 }));
        assert_eq!(edition("1.4").listed_keys(&plain), Some([json!(1)].as_slice()));
        assert_eq!(edition("1.5").listed_keys(&wrapped), Some([json!(1)].as_slice()));
        assert_eq!((edition("1.4").listed_keys(&wrapped), edition("1.5").listed_keys(&plain)), (None, None));
        assert_eq!((edition("1.4").owner_field(), edition("1.5").owner_field()), ("userId", "referenceId"));
    }
}
