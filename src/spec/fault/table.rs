//! The table of seeded faults: id, the requirement that it breaks, and what goes wrong.

macro_rules! faults {
    ($($fault:ident $id:literal breaks $requirement:literal: $sentence:literal)*) => {
        /// One seeded defect of the model.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fault {
            $(#[doc = $sentence] $fault,)*
        }

        impl Fault {
            /// All faults, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$fault,)*];

            /// The permanent id: what `--fault` and the kill matrix call it.
            pub fn id(self) -> &'static str {
                match self { $(Self::$fault => $id,)* }
            }

            /// The id of the requirement that it breaks.
            pub fn requirement(self) -> &'static str {
                match self { $(Self::$fault => $requirement,)* }
            }

            /// What goes wrong, in one sentence.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$fault => $sentence,)* }
            }
        }
    };
}

faults! {
    // Create: who may send what.
    CreateClientPermissionsAccepted "create.client-permissions-accepted" breaks "create.server-only-properties":
        "A signed-in client sets the permissions of its own key."
    CreateClientRemainingAccepted "create.client-remaining-accepted" breaks "create.server-only-properties":
        "A signed-in client sets `remaining` on its own key."
    CreateClientRefillAccepted "create.client-refill-accepted" breaks "create.server-only-properties":
        "A signed-in client sets the refill of its own key."
    CreateClientRateLimitAccepted "create.client-rate-limit-accepted" breaks "create.server-only-properties":
        "A signed-in client sets the rate limit of its own key."
    CreateServerOnlyDropped "create.server-only-dropped" breaks "create.server-only-properties":
        "Server-only properties of a client are dropped in silence instead of refused."
    CreateServerOnlyWrongCode "create.server-only-wrong-code" breaks "create.server-only-properties":
        "Server-only properties of a client are refused with the code of a validation error."
    CreateHeadersTrusted "create.headers-trusted" breaks "create.server-call-with-headers":
        "A server-side call that carries headers may set server-only properties."
    CreateUserIdHonoured "create.user-id-honoured" breaks "create.user-id-server-only":
        "A signed-in client creates a key for another user by naming it in `userId`."
    CreateUserIdSwitchesAuthOff "create.user-id-switches-auth-off" breaks "create.user-id-server-only":
        "A `userId` in a client's body switches the session check and the server-only check off."
    CreateOwnerWrong "create.owner-wrong" breaks "create.owner":
        "The key belongs to the user who signed up first, whoever creates it."
    // Create: the key itself.
    CreateKeyTooShort "create.key-too-short" breaks "create.key-length":
        "The random part of a key has half the configured length."
    CreateKeyRepeats "create.key-repeats" breaks "create.key-unique":
        "Every key of a configuration has the same random part."
    CreateHashShown "create.hash-shown" breaks "create.returns-key":
        "The reply shows the stored hash instead of the key."
    CreateStartWholeKey "create.start-whole-key" breaks "create.start":
        "`start` holds the whole key."
    CreateStartWithoutPrefix "create.start-without-prefix" breaks "create.start":
        "`start` leaves the prefix out."
    CreateStartStoredAlways "create.start-stored-always" breaks "create.start-not-stored":
        "`start` is stored although `shouldStore` is false."
    CreatePrefixIgnored "create.prefix-ignored" breaks "create.prefix":
        "The prefix is stored but the key does not begin with it."
    CreateDefaultPrefixWins "create.default-prefix-wins" breaks "create.prefix":
        "The configured default prefix wins over the prefix that was asked for."
    CreatePrefixLengthUnchecked "create.prefix-length-unchecked" breaks "create.prefix-length":
        "A prefix of any length is accepted."
    CreateNameLimitOffByOne "create.name-limit-off-by-one" breaks "create.name-length":
        "A name may be one character longer than the maximum."
    CreateNameLimitExclusive "create.name-limit-exclusive" breaks "create.name-length":
        "A name of just the maximum length is refused."
    CreateNameNotRequired "create.name-not-required" breaks "create.name-required":
        "A key without a name is accepted although `requireName` is set."
    CreateNameLost "create.name-lost" breaks "create.name":
        "The name is not stored."
    // Create: metadata, expiry, refill, limits, permissions.
    CreateMetadataLost "create.metadata-lost" breaks "create.metadata":
        "Metadata is echoed but not stored."
    CreateMetadataWhenDisabled "create.metadata-when-disabled" breaks "create.metadata-disabled":
        "Metadata is accepted although it is disabled."
    CreateMetadataTypeUnchecked "create.metadata-type-unchecked" breaks "create.metadata-type":
        "Metadata that is not an object is accepted."
    CreateExpiresInMilliseconds "create.expires-in-milliseconds" breaks "create.expires-in":
        "`expiresIn` is taken as milliseconds instead of seconds."
    CreateExpiresInMinimumUnchecked "create.expires-in-minimum-unchecked" breaks "create.expires-in-minimum":
        "`expiresIn` may be below the configured minimum."
    CreateExpiresInMaximumOffByOne "create.expires-in-maximum-off-by-one" breaks "create.expires-in-maximum":
        "`expiresIn` may exceed the configured maximum by a day."
    CreateExpiresInMinimumExclusive "create.expires-in-minimum-exclusive" breaks "create.expires-in-minimum":
        "`expiresIn` of just the configured minimum is refused."
    CreateCustomExpiryAllowed "create.custom-expiry-allowed" breaks "create.custom-expiry-disabled":
        "`expiresIn` is accepted although custom expiry is disabled."
    CreateDefaultExpiryIgnored "create.default-expiry-ignored" breaks "create.default-expiry":
        "`keyExpiration.defaultExpiresIn` has no effect."
    CreateRefillPairUnchecked "create.refill-pair-unchecked" breaks "create.refill-pair":
        "`refillAmount` is accepted without `refillInterval`, and the reverse."
    CreateRemainingLost "create.remaining-lost" breaks "create.remaining":
        "`remaining` is not stored: the key is unlimited."
    CreateRateLimitDefaultWrong "create.rate-limit-default-wrong" breaks "create.rate-limit-defaults":
        "A key starts with 100 requests instead of the configured maximum."
    CreateRateLimitWindowWrong "create.rate-limit-window-wrong" breaks "create.rate-limit-defaults":
        "The default window is taken for seconds: a thousand times too short."
    CreateDefaultPermissionsLost "create.default-permissions-lost" breaks "create.default-permissions":
        "The configured default permissions are not given to new keys."
    CreateEmptyPermissionsTakeDefault "create.empty-permissions-take-default" breaks "create.permissions":
        "Explicit empty permissions are replaced by the defaults."
    CreatePermissionsMergeDefault "create.permissions-merge-default" breaks "create.permissions":
        "Explicit permissions are added to the defaults instead of replacing them."
    CreateConfigIdIgnored "create.config-id-ignored" breaks "create.config-id":
        "`configId` is ignored: every key takes the default configuration."
    // Verify: what a valid key is.
    VerifyUnknownWrongCode "verify.unknown-wrong-code" breaks "verify.unknown-key":
        "An unknown key is refused with the code of a disabled one."
    VerifyHashAccepted "verify.hash-accepted" breaks "verify.hash-is-no-key":
        "The stored hash is accepted in place of the key."
    VerifyCaseInsensitive "verify.case-insensitive" breaks "verify.exact-key":
        "A key in other letter case is accepted."
    VerifyDisabledAccepted "verify.disabled-accepted" breaks "verify.disabled":
        "A disabled key is valid."
    VerifyExpiredAccepted "verify.expired-accepted" breaks "verify.expired":
        "An expired key is valid."
    VerifyExpiryOffByOne "verify.expiry-off-by-one" breaks "verify.expiry-boundary":
        "A key has expired in the very millisecond of `expiresAt`."
    VerifyExpiredKept "verify.expired-kept" breaks "verify.expired-removed":
        "An expired key is not removed when it is verified."
    VerifyExpiredBeforeDisabled "verify.expired-before-disabled" breaks "verify.order":
        "A key that is disabled and expired is called expired, and removed."
    VerifyDeletedAccepted "verify.deleted-accepted" breaks "verify.deleted":
        "A deleted key is valid."
    VerifyConfigIdIgnored "verify.config-id-ignored" breaks "verify.config-id":
        "`configId` does not scope the verification."
    VerifyKeyLeaked "verify.key-leaked" breaks "verify.no-key-in-reply":
        "The reply shows the stored hash of the key."
    VerifyValidatorSkipped "verify.validator-skipped" breaks "verify.custom-validator":
        "The custom validator is not asked."
    VerifyOverHttp "verify.over-http" breaks "verify.server-only":
        "`verifyApiKey` can be reached over HTTP."
    // Verify: permissions.
    VerifyPermissionsUnchecked "verify.permissions-unchecked" breaks "verify.permissions":
        "Required permissions are not looked at."
    VerifyPermissionsAny "verify.permissions-any" breaks "verify.permissions-all":
        "One of the required permissions is enough."
    VerifyPermissionsResourceOnly "verify.permissions-resource-only" breaks "verify.permissions-all":
        "Holding the resource is enough, whatever the action."
    VerifyPermissionsWildcard "verify.permissions-wildcard" breaks "verify.permissions-exact":
        "`*` in a key's permissions stands for every action."
    VerifyPermissionsPrefix "verify.permissions-prefix" breaks "verify.permissions-exact":
        "An action is granted when it begins with one that the key has."
    VerifyPermissionsIgnoreCase "verify.permissions-ignore-case" breaks "verify.permissions-exact":
        "Resources and actions are compared without regard to case."
    VerifyPermissionsNoneIsAll "verify.permissions-none-is-all" breaks "verify.permissions-none":
        "A key without permissions passes every permission check."
    VerifyPermissionsBurnUsage "verify.permissions-burn-usage" breaks "verify.permissions-before-quota":
        "A refusal for want of permissions uses the key up."
    // Verify: quota and refill.
    QuotaNotCounted "quota.not-counted" breaks "quota.remaining":
        "`remaining` never goes down."
    QuotaOneMore "quota.one-more" breaks "quota.exhausted":
        "A key can be used once more than `remaining` says."
    QuotaExhaustedKept "quota.exhausted-kept" breaks "quota.exhausted-removed":
        "An exhausted key without a refill is not removed."
    QuotaRefillAdds "quota.refill-adds" breaks "quota.refill-sets":
        "A refill adds to what remains instead of setting it."
    QuotaRefillSeconds "quota.refill-seconds" breaks "quota.refill-interval":
        "`refillInterval` is taken as seconds."
    QuotaRefillBoundary "quota.refill-boundary" breaks "quota.refill-interval":
        "A refill comes when the interval is just reached, not when it has passed."
    QuotaRefillNotStamped "quota.refill-not-stamped" breaks "quota.last-refill":
        "`lastRefillAt` is not set, so that every use refills."
    QuotaBurntWhenRateLimited "quota.burnt-when-rate-limited" breaks "quota.not-burnt-by-refusal":
        "A call that the rate limit refuses uses the key up."
    // Verify: rate limit.
    RateLimitOneMore "rate-limit.one-more" breaks "rate-limit.max":
        "One request more than the maximum passes in a window."
    RateLimitOneLess "rate-limit.one-less" breaks "rate-limit.max":
        "One request less than the maximum passes in a window."
    RateLimitBoundary "rate-limit.boundary" breaks "rate-limit.window":
        "The window ends when it is just reached, not when it has passed."
    RateLimitWindowSeconds "rate-limit.window-seconds" breaks "rate-limit.window":
        "The window is taken as seconds."
    RateLimitRefusalMovesWindow "rate-limit.refusal-moves-window" breaks "rate-limit.refusal-is-free":
        "A refused call starts the window anew."
    RateLimitGlobalOffIgnored "rate-limit.global-off-ignored" breaks "rate-limit.off-globally":
        "`rateLimit.enabled: false` has no effect on keys."
    RateLimitKeyOffIgnored "rate-limit.key-off-ignored" breaks "rate-limit.off-per-key":
        "`rateLimitEnabled: false` of a key has no effect."
    RateLimitShared "rate-limit.shared" breaks "rate-limit.per-key":
        "All keys of an owner share one counter."
    RateLimitTryAgainSeconds "rate-limit.try-again-seconds" breaks "rate-limit.try-again-in":
        "`tryAgainIn` is in seconds."
    RateLimitLastRequestNotStamped "rate-limit.last-request-not-stamped" breaks "rate-limit.last-request":
        "`lastRequest` is not set when rate limiting is off."
    // Get, delete.
    GetForeignKey "get.foreign-key" breaks "get.owner":
        "A user reads another user's key."
    GetForbidden "get.forbidden" breaks "get.owner":
        "Another user's key is answered 403, which tells that it exists."
    GetHashLeaked "get.hash-leaked" breaks "get.no-key-in-reply":
        "The reply shows the stored hash of the key."
    GetWithoutSession "get.without-session" breaks "get.session":
        "Keys can be read without a session."
    DeleteForeignKey "delete.foreign-key" breaks "delete.owner":
        "A user deletes another user's key."
    DeleteWithoutSession "delete.without-session" breaks "delete.session":
        "Keys can be deleted without a session."
    DeleteNothing "delete.nothing" breaks "delete.removes":
        "Deletion is confirmed, but the key stays."
    // Update.
    UpdateWithoutSession "update.without-session" breaks "update.session":
        "Keys can be updated without a session."
    UpdateForeignKey "update.foreign-key" breaks "update.owner":
        "A user updates another user's key."
    UpdateUserIdHonoured "update.user-id-honoured" breaks "update.user-id":
        "A `userId` in a client's body stands in for the session's user, and switches the server-only check off."
    UpdateClientRemainingAccepted "update.client-remaining-accepted" breaks "update.server-only-properties":
        "A client sets `remaining` of its own key."
    UpdateClientPermissionsAccepted "update.client-permissions-accepted" breaks "update.server-only-properties":
        "A client sets the permissions of its own key."
    UpdateClientRateLimitAccepted "update.client-rate-limit-accepted" breaks "update.server-only-properties":
        "A client sets the rate limit of its own key."
    UpdateNameUnchecked "update.name-unchecked" breaks "update.name-length":
        "A name of any length is accepted."
    UpdateEnabledIgnored "update.enabled-ignored" breaks "update.enabled":
        "`enabled` is not stored."
    UpdateExpiresInMilliseconds "update.expires-in-milliseconds" breaks "update.expires-in":
        "`expiresIn` is taken as milliseconds instead of seconds."
    UpdateExpiresNullIgnored "update.expires-null-ignored" breaks "update.expires-in":
        "`expiresIn: null` does not take the expiry away."
    UpdateMetadataLost "update.metadata-lost" breaks "update.metadata":
        "Metadata is not stored."
    UpdatePermissionsMerged "update.permissions-merged" breaks "update.permissions":
        "New permissions are added to the old ones instead of replacing them."
    UpdateNothingAccepted "update.nothing-accepted" breaks "update.no-values":
        "An update without values is accepted."
    UpdateResetsCounter "update.resets-counter" breaks "update.counters-untouched":
        "An update resets the rate limit's counter."
    UpdateHashLeaked "update.hash-leaked" breaks "update.no-key-in-reply":
        "The reply shows the stored hash of the key."
    // List.
    ListForeignKeys "list.foreign-keys" breaks "list.owner":
        "The list shows the keys of all users."
    ListHashLeaked "list.hash-leaked" breaks "list.no-key-in-reply":
        "The list shows the stored hashes of the keys."
    ListWithoutSession "list.without-session" breaks "list.session":
        "An anonymous caller gets an empty list instead of a refusal."
    ListTotalOfPage "list.total-of-page" breaks "list.total":
        "`total` counts the page instead of all keys."
    ListOffsetIgnored "list.offset-ignored" breaks "list.paging":
        "`offset` has no effect."
    ListLimitOffByOne "list.limit-off-by-one" breaks "list.paging":
        "A page has one key more than `limit`."
    ListSortReversed "list.sort-reversed" breaks "list.sorting":
        "`asc` and `desc` are exchanged."
    ListConfigFilterIgnored "list.config-filter-ignored" breaks "list.config-id":
        "`configId` does not filter the list."
    ListCapped "list.capped" breaks "list.complete":
        "The list ends after 100 keys."
    // Sweep.
    SweepUnexpired "sweep.unexpired" breaks "sweep.expired-only":
        "The sweep removes keys whose expiry is yet to come."
    SweepEternal "sweep.eternal" breaks "sweep.expired-only":
        "The sweep removes keys that never expire."
    SweepNever "sweep.never" breaks "sweep.removes-expired":
        "`deleteAllExpiredApiKeys` reports success and removes nothing."
    SweepOnDemandCoolsDown "sweep.on-demand-cools-down" breaks "sweep.on-demand":
        "`deleteAllExpiredApiKeys` keeps to the cool-down of the automatic sweep."
    SweepEveryCall "sweep.every-call" breaks "sweep.cool-down":
        "The automatic sweep has no cool-down."
    // Sessions from keys.
    SessionWhenOff "session.when-off" breaks "session.opt-in":
        "A key gives a session although the option is off."
    SessionDisabledKey "session.disabled-key" breaks "session.key-is-verified":
        "A disabled key gives a session."
    SessionTenMinutes "session.ten-minutes" breaks "session.expiry":
        "A session from a key without expiry lasts seven days taken as milliseconds: ten minutes."
    SessionOtherHeader "session.other-header" breaks "session.headers":
        "The header `x-api-key` gives a session although other headers are configured."
    SessionNotCounted "session.not-counted" breaks "session.rate-limit":
        "Calls with a key in the header are not counted."
}
