//! Symbolic error codes and their wire form in each edition.
//!
//! Knows status, code and message of every refusal; refuses to know when one is due.

use super::words::meant;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::edition::{Behaviour, Edition};

/// What a refusal means, whatever the edition calls it on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// `create` and `update` without a session, or for another user.
    UnauthorizedSession,
    /// `get`, `list` and `delete` without a session: the framework's own refusal.
    Unauthorized,
    /// A client sent what only the server may set.
    ServerOnlyProperty,
    /// Unknown, of another owner or of another configuration. From verify: required permissions, or the validator.
    KeyNotFound,
    KeyDisabled,
    KeyExpired,
    UsageExceeded,
    RateLimited,
    InvalidApiKey,
    InvalidApiKeyGetterReturnType,
    /// The key's owner cannot have a session: no such user, or an organization.
    InvalidReferenceIdFromApiKey,
    MetadataDisabled,
    InvalidMetadataType,
    /// A refill amount without an interval. (The name says the reverse, the text too.)
    RefillAmountAndIntervalRequired,
    /// A refill interval without an amount.
    RefillIntervalAndAmountRequired,
    KeyDisabledExpiration,
    ExpiresInIsTooSmall,
    ExpiresInIsTooLarge,
    InvalidPrefixLength,
    InvalidNameLength,
    NameRequired,
    NoValuesToUpdate,
    UserBanned,
    FailedToUpdateApiKey,
    OrganizationIdRequired,
    OrganizationPluginRequired,
    UserNotMemberOfOrganization,
    InsufficientApiKeyPermissions,
    NoDefaultApiKeyConfigurationFound,
    ValidationError,
    /// A body that is not JSON.
    BadRequest,
    UnsupportedMediaType,
    /// No such route: an empty 404.
    NotFound,
    /// Proposed: a client asked for more than the ceiling.
    PermissionsExceedMaximum,
}

/// Where a refusal is answered: the same code has different forms there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// An operation, by a client or on the server.
    Operation,
    /// The hook that makes a session of a key, before it looks the key up: its length, the custom validator.
    SessionGuard,
    /// The same hook, from the look-up on.
    Session,
    /// `verifyApiKey` before it looks the key up: its length, the custom validator.
    VerifyGuard,
    /// `verifyApiKey` from the look-up on.
    Verify,
}

/// A refusal as it is sent. `code` and `message` are both missing where the body is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire {
    /// The HTTP status; 200 for the result of `verifyApiKey`.
    pub status: u16,
    pub code: Option<Cow<'static, str>>,
    pub message: Option<Cow<'static, str>>,
}

/// `text` names no error code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ErrorCodeError {
    text: String,
    nearest: Option<&'static str>,
}

impl ErrorCode {
    pub const ALL: &'static [Self] = &[
        Self::UnauthorizedSession,
        Self::Unauthorized,
        Self::ServerOnlyProperty,
        Self::KeyNotFound,
        Self::KeyDisabled,
        Self::KeyExpired,
        Self::UsageExceeded,
        Self::RateLimited,
        Self::InvalidApiKey,
        Self::InvalidApiKeyGetterReturnType,
        Self::InvalidReferenceIdFromApiKey,
        Self::MetadataDisabled,
        Self::InvalidMetadataType,
        Self::RefillAmountAndIntervalRequired,
        Self::RefillIntervalAndAmountRequired,
        Self::KeyDisabledExpiration,
        Self::ExpiresInIsTooSmall,
        Self::ExpiresInIsTooLarge,
        Self::InvalidPrefixLength,
        Self::InvalidNameLength,
        Self::NameRequired,
        Self::NoValuesToUpdate,
        Self::UserBanned,
        Self::FailedToUpdateApiKey,
        Self::OrganizationIdRequired,
        Self::OrganizationPluginRequired,
        Self::UserNotMemberOfOrganization,
        Self::InsufficientApiKeyPermissions,
        Self::NoDefaultApiKeyConfigurationFound,
        Self::ValidationError,
        Self::BadRequest,
        Self::UnsupportedMediaType,
        Self::NotFound,
        Self::PermissionsExceedMaximum,
    ];

    /// The name in scenarios, and on the wire from 1.5 on.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::UnauthorizedSession => "UNAUTHORIZED_SESSION",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::ServerOnlyProperty => "SERVER_ONLY_PROPERTY",
            Self::KeyNotFound => "KEY_NOT_FOUND",
            Self::KeyDisabled => "KEY_DISABLED",
            Self::KeyExpired => "KEY_EXPIRED",
            Self::UsageExceeded => "USAGE_EXCEEDED",
            Self::RateLimited => "RATE_LIMITED",
            Self::InvalidApiKey => "INVALID_API_KEY",
            Self::InvalidApiKeyGetterReturnType => "INVALID_API_KEY_GETTER_RETURN_TYPE",
            Self::InvalidReferenceIdFromApiKey => "INVALID_REFERENCE_ID_FROM_API_KEY",
            Self::MetadataDisabled => "METADATA_DISABLED",
            Self::InvalidMetadataType => "INVALID_METADATA_TYPE",
            Self::RefillAmountAndIntervalRequired => "REFILL_AMOUNT_AND_INTERVAL_REQUIRED",
            Self::RefillIntervalAndAmountRequired => "REFILL_INTERVAL_AND_AMOUNT_REQUIRED",
            Self::KeyDisabledExpiration => "KEY_DISABLED_EXPIRATION",
            Self::ExpiresInIsTooSmall => "EXPIRES_IN_IS_TOO_SMALL",
            Self::ExpiresInIsTooLarge => "EXPIRES_IN_IS_TOO_LARGE",
            Self::InvalidPrefixLength => "INVALID_PREFIX_LENGTH",
            Self::InvalidNameLength => "INVALID_NAME_LENGTH",
            Self::NameRequired => "NAME_REQUIRED",
            Self::NoValuesToUpdate => "NO_VALUES_TO_UPDATE",
            Self::UserBanned => "USER_BANNED",
            Self::FailedToUpdateApiKey => "FAILED_TO_UPDATE_API_KEY",
            Self::OrganizationIdRequired => "ORGANIZATION_ID_REQUIRED",
            Self::OrganizationPluginRequired => "ORGANIZATION_PLUGIN_REQUIRED",
            Self::UserNotMemberOfOrganization => "USER_NOT_MEMBER_OF_ORGANIZATION",
            Self::InsufficientApiKeyPermissions => "INSUFFICIENT_API_KEY_PERMISSIONS",
            Self::NoDefaultApiKeyConfigurationFound => "NO_DEFAULT_API_KEY_CONFIGURATION_FOUND",
            Self::ValidationError => "VALIDATION_ERROR",
            Self::BadRequest => "BAD_REQUEST",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::NotFound => "NOT_FOUND",
            Self::PermissionsExceedMaximum => "PERMISSIONS_EXCEED_MAXIMUM",
        }
    }

    /// Is this a refusal by what the plugin is built on, before the plugin is asked: input of the wrong form, no session
    /// where one is always needed? The documentation of the plugin names no code for these.
    pub const fn is_of_the_framework(self) -> bool {
        matches!(self, Self::ValidationError | Self::Unauthorized | Self::BadRequest | Self::UnsupportedMediaType)
    }

    /// How this edition sends the refusal there. Of `VALIDATION_ERROR` and `UNSUPPORTED_MEDIA_TYPE` the message here
    /// is only its beginning; [`super::wire`] knows the rest.
    pub fn wire(self, edition: &Edition, surface: Surface) -> Wire {
        if self.is_empty_in(edition) {
            return Wire { status: self.status(edition, surface), code: None, message: None };
        }
        let message = self.message(edition, surface);
        Wire {
            status: self.status(edition, surface),
            code: Some(self.code(edition, surface, message)),
            message: Some(Cow::Borrowed(message)),
        }
    }

    /// The code that a refusal carries: [`ErrorCode::wire`] read backwards, by status and wire code (`None`: an empty
    /// body). Where an edition sends two codes in one form, the more general one; `None` for a form that no code has.
    /// An empty 500 is never read as [`Self::BadRequest`]: it may be anything.
    pub fn read(edition: &Edition, surface: Surface, status: u16, code: Option<&str>) -> Option<Self> {
        let mut known = Self::ALL.iter().copied().filter(|known| code.is_some() || *known != Self::BadRequest);
        known.find(|known| {
            let wire = known.wire(edition, surface);
            wire.status == status && wire.code.as_deref() == code
        })
    }

    fn is_empty_in(self, edition: &Edition) -> bool {
        match self {
            Self::NotFound => true,
            Self::Unauthorized => !edition.has(Behaviour::SessionRefusalHasBody),
            Self::BadRequest => !edition.has(Behaviour::MalformedJsonIsBadRequest),
            _ => false,
        }
    }

    fn status(self, edition: &Edition, surface: Surface) -> u16 {
        match (self, surface) {
            (
                Self::KeyNotFound
                | Self::KeyDisabled
                | Self::KeyExpired
                | Self::UsageExceeded
                | Self::RateLimited
                | Self::InvalidApiKey
                | Self::FailedToUpdateApiKey,
                Surface::Verify | Surface::VerifyGuard,
            ) => 200,
            (Self::InvalidApiKey, Surface::SessionGuard) => 403,
            (Self::RateLimited, _) if edition.has(Behaviour::RateLimitedIs429) => 429,
            (Self::UsageExceeded, _) if edition.has(Behaviour::UsageExceededIs429) => 429,
            (Self::BadRequest, _) if !edition.has(Behaviour::MalformedJsonIsBadRequest) => 500,
            (Self::KeyNotFound, Surface::Session | Surface::SessionGuard) => 401,
            (
                Self::UnauthorizedSession
                | Self::Unauthorized
                | Self::KeyDisabled
                | Self::KeyExpired
                | Self::UsageExceeded
                | Self::RateLimited
                | Self::InvalidApiKey
                | Self::InvalidReferenceIdFromApiKey
                | Self::UserBanned,
                _,
            ) => 401,
            (
                Self::UserNotMemberOfOrganization
                | Self::InsufficientApiKeyPermissions
                | Self::PermissionsExceedMaximum,
                _,
            ) => 403,
            (Self::KeyNotFound | Self::NotFound, _) => 404,
            (Self::UnsupportedMediaType, _) => 415,
            (Self::FailedToUpdateApiKey | Self::OrganizationPluginRequired, _) => 500,
            _ => 400,
        }
    }

    fn code(self, edition: &Edition, surface: Surface, message: &'static str) -> Cow<'static, str> {
        if edition.has(Behaviour::ErrorCodesAreSymbols) {
            return match (self, surface) {
                (Self::InvalidApiKey, Surface::VerifyGuard) => Cow::Borrowed(Self::KeyNotFound.symbol()),
                _ => Cow::Borrowed(self.symbol()),
            };
        }
        match (self, surface) {
            (Self::InvalidApiKey, Surface::VerifyGuard) => Cow::Borrowed(Self::KeyNotFound.symbol()),
            (Self::InvalidApiKey, Surface::Verify) if !edition.has(Behaviour::UnknownKeyIsInvalid) => {
                Cow::Borrowed(Self::KeyNotFound.symbol())
            }
            (Self::FailedToUpdateApiKey, _) => Cow::Borrowed("INTERNAL_SERVER_ERROR"),
            (Self::KeyNotFound, Surface::Operation) => Cow::Owned(code_of_message(message)),
            (
                Self::KeyNotFound
                | Self::KeyDisabled
                | Self::KeyExpired
                | Self::UsageExceeded
                | Self::RateLimited
                | Self::ValidationError
                | Self::BadRequest
                | Self::UnsupportedMediaType
                | Self::PermissionsExceedMaximum,
                _,
            ) => Cow::Borrowed(self.symbol()),
            _ => Cow::Owned(code_of_message(message)),
        }
    }

    fn message(self, edition: &Edition, surface: Surface) -> &'static str {
        match (self, surface) {
            (Self::InvalidApiKey, Surface::Verify) if !edition.has(Behaviour::UnknownKeyIsInvalid) => {
                Self::KeyNotFound.text(edition)
            }
            // The guard has one text; which code it carries is the edition's.
            (Self::KeyNotFound, Surface::VerifyGuard) => Self::InvalidApiKey.text(edition),
            _ => self.text(edition),
        }
    }

    fn text(self, edition: &Edition) -> &'static str {
        match self {
            Self::UnauthorizedSession => "Unauthorized or invalid session",
            Self::Unauthorized => "Unauthorized",
            Self::ServerOnlyProperty => {
                "The property you're trying to set can only be set from the server auth instance only."
            }
            Self::KeyNotFound => "API Key not found",
            Self::KeyDisabled => "API Key is disabled",
            Self::KeyExpired => "API Key has expired",
            Self::UsageExceeded => "API Key has reached its usage limit",
            Self::RateLimited => "Rate limit exceeded.",
            Self::InvalidApiKey => "Invalid API key.",
            Self::InvalidApiKeyGetterReturnType => "API Key getter returned an invalid key type. Expected string.",
            Self::InvalidReferenceIdFromApiKey if edition.has(Behaviour::OwnerIsReferenceId) => {
                "The reference id from the API key is invalid."
            }
            Self::InvalidReferenceIdFromApiKey => "The user id from the API key is invalid.",
            Self::MetadataDisabled => "Metadata is disabled.",
            Self::InvalidMetadataType => "metadata must be an object or undefined",
            Self::RefillAmountAndIntervalRequired => "refillAmount is required when refillInterval is provided",
            Self::RefillIntervalAndAmountRequired => "refillInterval is required when refillAmount is provided",
            Self::KeyDisabledExpiration => "Custom key expiration values are disabled.",
            Self::ExpiresInIsTooSmall => "The expiresIn is smaller than the predefined minimum value.",
            Self::ExpiresInIsTooLarge => "The expiresIn is larger than the predefined maximum value.",
            Self::InvalidPrefixLength => "The prefix length is either too large or too small.",
            Self::InvalidNameLength => "The name length is either too large or too small.",
            Self::NameRequired => "API Key name is required.",
            Self::NoValuesToUpdate => "No values to update.",
            Self::UserBanned => "User is banned",
            Self::FailedToUpdateApiKey => "Failed to update API key",
            Self::OrganizationIdRequired => "Organization ID is required for organization-owned API keys.",
            Self::OrganizationPluginRequired => {
                "Organization plugin is required for organization-owned API keys. Please install and configure the \
                 organization plugin."
            }
            Self::UserNotMemberOfOrganization => "You are not a member of the organization that owns this API key.",
            Self::InsufficientApiKeyPermissions => {
                "You do not have permission to perform this action on organization API keys."
            }
            Self::NoDefaultApiKeyConfigurationFound => "No default api-key configuration found.",
            Self::ValidationError => "Invalid body parameters",
            Self::BadRequest => "Invalid JSON in request body",
            Self::UnsupportedMediaType => "Content-Type",
            Self::NotFound => "",
            Self::PermissionsExceedMaximum => "The permissions exceed the maximum that can be granted.",
        }
    }
}

impl Wire {
    /// The body of an error reply: `{code, message}`, and `details` where given. `None` is an empty body.
    pub fn body(&self, details: Option<&Value>) -> Option<Value> {
        let mut body = json!({ "code": self.code.as_deref()?, "message": self.message.as_deref()? });
        if let (Some(members), Some(details)) = (body.as_object_mut(), details) {
            members.insert("details".to_owned(), details.clone());
        }
        Some(body)
    }

    /// What `verifyApiKey` returns of a refusal: `{valid: false, error: {message, code, details?}, key: null}`.
    pub fn verify_result(&self, details: Option<&Value>) -> Value {
        json!({ "valid": false, "error": self.body(details), "key": null })
    }
}

/// Up to 1.4 the framework made codes of messages: capitals, `_` for each space, all other signs dropped.
pub fn code_of_message(message: &str) -> String {
    let signs = message.chars().flat_map(char::to_uppercase).map(|sign| if sign == ' ' { '_' } else { sign });
    signs.filter(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || *sign == '_').collect()
}

impl FromStr for ErrorCode {
    type Err = ErrorCodeError;

    fn from_str(text: &str) -> Result<Self, ErrorCodeError> {
        let known = Self::ALL.iter().copied();
        known.clone().find(|code| code.symbol() == text).ok_or_else(|| {
            let nearest = meant(text, known.map(Self::symbol));
            ErrorCodeError { text: text.to_owned(), nearest }
        })
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

impl ErrorCodeError {
    /// The right word that looks most like the wrong one.
    pub fn nearest(&self) -> Option<&'static str> {
        self.nearest
    }
}

impl fmt::Display for ErrorCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an error code", self.text)?;
        self.nearest.map_or(Ok(()), |nearest| write!(f, ": did you mean `{nearest}`?"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(version: &str, code: ErrorCode, surface: Surface) -> (u16, String, String) {
        let wire = code.wire(&version.parse().unwrap(), surface);
        (wire.status, wire.code.unwrap_or_default().into_owned(), wire.message.unwrap_or_default().into_owned())
    }

    fn code(version: &str, code: ErrorCode, surface: Surface) -> (u16, String) {
        let (status, code, _) = wire(version, code, surface);
        (status, code)
    }

    #[test]
    fn all_names_every_code_once_and_symbols_are_those_of_serde() {
        for &code in ErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.symbol());
            assert_eq!(code.symbol().parse(), Ok(code));
        }
        let mut sorted = ErrorCode::ALL.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted, ErrorCode::ALL);
        // The last variant: a new one goes before it, or this is changed with it.
        assert_eq!(ErrorCode::PermissionsExceedMaximum as usize + 1, ErrorCode::ALL.len());
    }

    #[test]
    fn codes_are_made_of_messages_up_to_1_4() {
        let old = |code_: ErrorCode| code("1.4.22", code_, Surface::Operation).1;
        assert_eq!(old(ErrorCode::UnauthorizedSession), "UNAUTHORIZED_OR_INVALID_SESSION");
        assert_eq!(
            old(ErrorCode::ServerOnlyProperty),
            "THE_PROPERTY_YOURE_TRYING_TO_SET_CAN_ONLY_BE_SET_FROM_THE_SERVER_AUTH_INSTANCE_ONLY"
        );
        assert_eq!(old(ErrorCode::KeyNotFound), "API_KEY_NOT_FOUND");
        assert_eq!(old(ErrorCode::MetadataDisabled), "METADATA_IS_DISABLED");
        assert_eq!(old(ErrorCode::NoValuesToUpdate), "NO_VALUES_TO_UPDATE");
        assert_eq!(old(ErrorCode::ValidationError), "VALIDATION_ERROR");
        assert_eq!(code("1.5.6", ErrorCode::KeyNotFound, Surface::Operation), (404, "KEY_NOT_FOUND".to_owned()));
    }

    #[test]
    fn the_frameworks_refusal_is_empty_up_to_1_4() {
        let body =
            |version: &str| ErrorCode::Unauthorized.wire(&version.parse().unwrap(), Surface::Operation).body(None);
        assert_eq!(body("1.4.22"), None);
        assert_eq!(body("1.5.6"), Some(json!({ "code": "UNAUTHORIZED", "message": "Unauthorized" })));
        let not_found = ErrorCode::NotFound.wire(&Edition::newest(), Surface::Operation);
        assert_eq!((not_found.status, not_found.body(None)), (404, None));
    }

    #[test]
    fn statuses_of_the_session_hook_change() {
        let status = |version, code_| code(version, code_, Surface::Session).0;
        assert_eq!([status("1.6.10", ErrorCode::RateLimited), status("1.6.11", ErrorCode::RateLimited)], [401, 429]);
        assert_eq!([status("1.2.12", ErrorCode::UsageExceeded), status("1.3.0", ErrorCode::UsageExceeded)], [401, 429]);
        assert_eq!(status("1.7.5", ErrorCode::InvalidApiKey), 401);
        assert_eq!(code("1.7.5", ErrorCode::InvalidApiKey, Surface::SessionGuard), (403, "INVALID_API_KEY".to_owned()));
        assert_eq!(status("1.7.5", ErrorCode::InvalidApiKeyGetterReturnType), 400);
    }

    #[test]
    fn verify_names_unknown_and_short_keys_as_the_edition_does() {
        let found = |version, surface| {
            let (status, code, message) = wire(version, ErrorCode::InvalidApiKey, surface);
            assert_eq!(status, 200);
            (code, message)
        };
        let pair = |code: &str, message: &str| (code.to_owned(), message.to_owned());
        assert_eq!(found("1.2.8", Surface::Verify), pair("KEY_NOT_FOUND", "API Key not found"));
        assert_eq!(found("1.2.9", Surface::Verify), pair("INVALID_API_KEY", "Invalid API key."));
        assert_eq!(found("1.4.10", Surface::VerifyGuard), pair("KEY_NOT_FOUND", "Invalid API key."));
        assert_eq!(found("1.7.5", Surface::VerifyGuard), pair("KEY_NOT_FOUND", "Invalid API key."));
    }

    #[test]
    fn verify_wraps_a_refusal() {
        let wire = ErrorCode::RateLimited.wire(&Edition::newest(), Surface::Verify);
        assert_eq!(
            wire.verify_result(Some(&json!({ "tryAgainIn": 5 }))),
            json!({
                "valid": false,
                "error": { "code": "RATE_LIMITED", "message": "Rate limit exceeded.", "details": { "tryAgainIn": 5 } },
                "key": null,
            })
        );
    }

    #[test]
    fn every_form_reads_back_as_a_code_with_that_form() {
        for version in ["1.2.0", "1.2.12", "1.4.22", "1.7.5"] {
            let edition = version.parse().unwrap();
            for surface in [Surface::Operation, Surface::Session, Surface::Verify] {
                for code in ErrorCode::ALL {
                    let wire = code.wire(&edition, surface);
                    let read = ErrorCode::read(&edition, surface, wire.status, wire.code.as_deref());
                    match read {
                        Some(read) => assert_eq!(read.wire(&edition, surface).code, wire.code),
                        None => assert_eq!(*code, ErrorCode::BadRequest),
                    }
                    if surface == Surface::Operation && read.is_some() {
                        assert_eq!(read, Some(*code), "{version}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_misspelt_code_gets_a_suggestion() {
        let error = "SERVER_ONLY_PROPERTIES".parse::<ErrorCode>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`SERVER_ONLY_PROPERTIES` is not an error code: did you mean `SERVER_ONLY_PROPERTY`?"
        );
        assert_eq!("??".parse::<ErrorCode>().unwrap_err().nearest(), None);
    }
}
