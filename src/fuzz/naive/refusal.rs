//! Refusals: what each is called on the wire, release by release.

use crate::spec::edition::Release;

/// Why a request is refused. The names are those of the documentation, from 1.5 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No such route, or no such method: an empty 404.
    NoRoute,
    MediaType,
    /// No JSON.
    Malformed,
    /// Beyond what the reference reads: an empty 413.
    TooLarge,
    Invalid,
    /// `get`, `list` and `delete` without a session.
    Unauthorized,
    /// A refusal of the plugin: status, symbol, and the text that codes were made of up to 1.4.
    Of(u16, &'static str, &'static str),
    /// A refusal whose code was its symbol in every release.
    As(u16, &'static str),
}

pub(crate) const UNAUTHORIZED_SESSION: Refusal =
    Refusal::Of(401, "UNAUTHORIZED_SESSION", "Unauthorized or invalid session");
pub(crate) const SERVER_ONLY: Refusal = Refusal::Of(
    400,
    "SERVER_ONLY_PROPERTY",
    "The property you're trying to set can only be set from the server auth instance only.",
);
pub(crate) const NO_DEFAULT: Refusal = Refusal::Of(400, "NO_DEFAULT_API_KEY_CONFIGURATION_FOUND", "");
pub(crate) const NOT_FOUND: Refusal = Refusal::Of(404, "KEY_NOT_FOUND", "API Key not found");
pub(crate) const METADATA_DISABLED: Refusal = Refusal::Of(400, "METADATA_DISABLED", "Metadata is disabled.");
pub(crate) const METADATA_TYPE: Refusal =
    Refusal::Of(400, "INVALID_METADATA_TYPE", "metadata must be an object or undefined");
pub(crate) const AMOUNT_ALONE: Refusal =
    Refusal::Of(400, "REFILL_AMOUNT_AND_INTERVAL_REQUIRED", "refillAmount is required when refillInterval is provided");
pub(crate) const INTERVAL_ALONE: Refusal =
    Refusal::Of(400, "REFILL_INTERVAL_AND_AMOUNT_REQUIRED", "refillInterval is required when refillAmount is provided");
pub(crate) const NO_CUSTOM_EXPIRY: Refusal =
    Refusal::Of(400, "KEY_DISABLED_EXPIRATION", "Custom key expiration values are disabled.");
pub(crate) const EXPIRES_TOO_SOON: Refusal =
    Refusal::Of(400, "EXPIRES_IN_IS_TOO_SMALL", "The expiresIn is smaller than the predefined minimum value.");
pub(crate) const EXPIRES_TOO_LATE: Refusal =
    Refusal::Of(400, "EXPIRES_IN_IS_TOO_LARGE", "The expiresIn is larger than the predefined maximum value.");
pub(crate) const PREFIX_LENGTH: Refusal =
    Refusal::Of(400, "INVALID_PREFIX_LENGTH", "The prefix length is either too large or too small.");
pub(crate) const NAME_LENGTH: Refusal =
    Refusal::Of(400, "INVALID_NAME_LENGTH", "The name length is either too large or too small.");
pub(crate) const NAME_REQUIRED: Refusal = Refusal::Of(400, "NAME_REQUIRED", "API Key name is required.");
pub(crate) const NOTHING_TO_UPDATE: Refusal = Refusal::Of(400, "NO_VALUES_TO_UPDATE", "No values to update.");
/// Proposed, and in no release.
pub(crate) const ABOVE_MAXIMUM: Refusal = Refusal::As(403, "PERMISSIONS_EXCEED_MAXIMUM");

impl Refusal {
    /// Status and code of a refused request; without a code the body is empty.
    pub(crate) fn wire(self, release: Release) -> (u16, Option<String>) {
        let symbol = |status: u16, code: &str| (status, Some(code.to_owned()));
        match self {
            Self::NoRoute => (404, None),
            Self::TooLarge => (413, None),
            Self::MediaType => symbol(415, "UNSUPPORTED_MEDIA_TYPE"),
            Self::Malformed if release >= (1, 6, 16) => symbol(400, "BAD_REQUEST"),
            Self::Malformed => (500, None),
            Self::Invalid => symbol(400, "VALIDATION_ERROR"),
            Self::Unauthorized if release >= (1, 5, 0) => symbol(401, "UNAUTHORIZED"),
            Self::Unauthorized => (401, None),
            Self::As(status, code) => symbol(status, code),
            Self::Of(status, code, _) if release >= (1, 5, 0) => symbol(status, code),
            Self::Of(status, _, message) => (status, Some(derived(message))),
        }
    }
}

/// A message as a code: in capitals, with `_` for spaces, without all other signs.
fn derived(message: &str) -> String {
    let signs = message.chars().map(|sign| if sign == ' ' { '_' } else { sign.to_ascii_uppercase() });
    signs.filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_').collect()
}
