//! Symbolic error codes and their wire form in each edition.

use serde::{Deserialize, Serialize};

/// What a refusal means, whatever the edition calls it on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// `create` and `update` without a session, or for another user.
    UnauthorizedSession,
    /// `get`, `list` and `delete` without a session: the framework's own refusal.
    Unauthorized,
    ServerOnlyProperty,
    KeyNotFound,
    KeyDisabled,
    KeyExpired,
    UsageExceeded,
    RateLimited,
    InvalidApiKey,
    InvalidApiKeyGetterReturnType,
    InvalidReferenceIdFromApiKey,
    MetadataDisabled,
    InvalidMetadataType,
    RefillAmountAndIntervalRequired,
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
