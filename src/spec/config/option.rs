//! The names of the options and presets, and the editions that have them.

use semver::VersionReq;

use crate::spec::edition::Edition;

/// One option of the plugin: its path, and the editions that have it (`*` for all).
pub(super) struct PluginOption {
    pub(super) path: &'static str,
    editions: &'static str,
}

impl PluginOption {
    /// Does the edition have this option?
    pub(super) fn is_in(&self, edition: &Edition) -> bool {
        VersionReq::parse(self.editions).is_ok_and(|interval| edition.matches(&interval))
    }
}

macro_rules! options {
    ($($path:literal $editions:literal)*) => {
        &[$(PluginOption { path: $path, editions: $editions },)*]
    };
}

/// Every option that some edition documents, or that is proposed.
pub(super) const OPTIONS: &[PluginOption] = options! {
    "configId" ">=1.5"
    "references" ">=1.5"
    "apiKeyHeaders" "*"
    "customAPIKeyGetter" "*"
    "customAPIKeyValidator" "*"
    "customKeyGenerator" "*"
    "defaultKeyLength" "*"
    "defaultPrefix" "*"
    "minimumPrefixLength" "*"
    "maximumPrefixLength" "*"
    "minimumNameLength" "*"
    "maximumNameLength" "*"
    "requireName" ">=1.3"
    "enableMetadata" "*"
    "disableKeyHashing" ">=1.2.8"
    "storage" ">=1.4.1"
    "fallbackToDatabase" ">=1.4.1"
    "customStorage" ">=1.4.1"
    "deferUpdates" ">=1.4.8"
    // Up to 1.3.25 the plugin knows only `disableSessionForAPIKeys`, and keys act as sessions by default. Here, as in the
    // bundled adapter, they do so in every edition only where a configuration says so: one configuration then means the
    // same on all editions.
    "enableSessionForAPIKeys" "*"
    "disableSessionForAPIKeys" "<=1.3.25"
    "schema" "*"
    "rateLimit" "*"
    "rateLimit.enabled" "*"
    "rateLimit.timeWindow" "*"
    "rateLimit.maxRequests" "*"
    "keyExpiration" "*"
    "keyExpiration.defaultExpiresIn" "*"
    "keyExpiration.disableCustomExpiresTime" "*"
    "keyExpiration.minExpiresIn" "*"
    "keyExpiration.maxExpiresIn" "*"
    "startingCharactersConfig" "*"
    "startingCharactersConfig.shouldStore" "*"
    "startingCharactersConfig.charactersLength" "*"
    "permissions" "*"
    "permissions.defaultPermissions" "*"
    // Proposed: no release has these, and every release ignores them.
    "permissions.allowClientPermissions" "*"
    "permissions.maxPermissions" "*"
    "permissions.whenAboveMaximum" "*"
};

/// The presets that stand for functions.
pub(super) const PRESETS: &[&str] = &[
    "storage:memory",
    "generator:fixed-alphabet",
    "getter:x-custom-key",
    "getter:number",
    "validator:starts-with-ok",
    "validator:async-starts-with-ok",
    "permissions:from-owner",
];
