//! The table of seeded faults: id, the requirement that it breaks, the last edition in which it can show where that is
//! not the newest, and what goes wrong.

macro_rules! faults {
    (@until) => { None };
    (@until $edition:literal) => { Some($edition) };
    ($($fault:ident $id:literal breaks $requirement:literal $(until $edition:literal)?: $sentence:literal)*) => {
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

            /// The last edition in which it can show; `None`: the newest.
            pub(super) fn last_edition(self) -> Option<&'static str> {
                match self { $(Self::$fault => faults!(@until $($edition)?),)* }
            }

            /// What goes wrong, in one sentence.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$fault => $sentence,)* }
            }
        }
    };
}

with_self_grant_faults! {
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
    CreateHeadersWithoutSessionTrusted "create.headers-without-session-trusted" breaks "create.headers-make-a-client":
        "A server-side call that carries headers and no session is as good as one without headers."
    CreateAnonymousWithServerOnlyTrusted "create.anonymous-with-server-only-trusted" breaks "create.session-required":
        "A client without a session that sends server-only properties is taken for the server."
    CreateHeadersTrusted "create.headers-trusted" breaks "create.headers-make-a-client":
        "A server-side call that carries headers may set server-only properties."
    CreateUserIdHonoured "create.user-id-honoured" breaks "create.user-id-server-only":
        "A signed-in client creates a key for another user by naming it in `userId`."
    CreateUserIdSwitchesAuthOff "create.user-id-switches-auth-off" breaks "ownership.anonymous":
        "A `userId` in a client's body switches the session check and the server-only check off."
    CreateOwnerWrong "create.owner-wrong" breaks "create.owner-is-session-user":
        "The key belongs to the user who signed up first, whoever creates it."
    CreateWithoutSession "create.without-session" breaks "create.session-required":
        "A client without a session creates a key that belongs to nobody."
    CreateServerOwnerOptional "create.server-owner-optional" breaks "create.server-names-owner":
        "A trusted call without `userId` creates a key that belongs to nobody."
    CreateMismatchedUserHonoured "create.mismatched-user-honoured" breaks "create.mismatched-user":
        "A server-side call with one user's session creates a key for another user."
    CreateFirstConfiguration "create.first-configuration" breaks "configurations.default":
        "Without `configId` the first configuration is used instead of the default one."
    CreateNoDefaultFallsBack "create.no-default-falls-back" breaks "configurations.no-default":
        "Where no configuration is the default, the first one stands in for it."
    CreateOrganizationIdOptional "create.organization-id-optional" breaks "configurations.organization-id-required":
        "For an organization-owned configuration without `organizationId` the user becomes the owner."
    CreateWrongTypesDropped "create.wrong-types-dropped" breaks "create.field-types":
        "Fields of the wrong type are dropped in silence."
    CreatePrefixCharactersUnchecked "create.prefix-characters-unchecked" breaks "key-format.prefix-characters":
        "A prefix with other characters is dropped instead of refused."
    CreatePermissionsShapeUnchecked "create.permissions-shape-unchecked" breaks "permissions.shape":
        "Permissions of the wrong shape are dropped instead of refused."
    // Create: the key itself.
    CreateKeyTooShort "create.key-too-short" breaks "key-format.length":
        "The random part of a key has half the configured length."
    CreateKeyRepeats "create.key-repeats" breaks "key-format.distinct":
        "Every key of a configuration has the same random part."
    CreateHashShown "create.hash-shown" breaks "create.returns-key":
        "The reply shows the stored hash instead of the key."
    CreateStatusCreated "create.status-created" breaks "create.returns-key":
        "A new key is answered with status 201."
    CreateAtOnceFails "create.at-once-fails" breaks "key-format.distinct":
        "Of the keys that a user makes at once, all but the first are internal errors."
    CreateStartWholeKey "create.start-whole-key" breaks "key-format.start":
        "`start` holds the whole key."
    CreateStartWithoutPrefix "create.start-without-prefix" breaks "key-format.start":
        "`start` leaves the prefix out."
    CreateStartStoredAlways "create.start-stored-always" breaks "key-format.start-off":
        "`start` is stored although `shouldStore` is false."
    CreatePrefixIgnored "create.prefix-ignored" breaks "key-format.prefix":
        "The prefix is stored but the key does not begin with it."
    CreateDefaultPrefixWins "create.default-prefix-wins" breaks "key-format.prefix":
        "The configured default prefix wins over the prefix that was asked for."
    CreatePrefixLengthUnchecked "create.prefix-length-unchecked" breaks "key-format.prefix-length":
        "A prefix of any length is accepted."
    CreateNameLimitOffByOne "create.name-limit-off-by-one" breaks "create.name-length":
        "A name may be one character longer than the maximum."
    CreateNameLimitExclusive "create.name-limit-exclusive" breaks "create.name-length":
        "A name of just the maximum length is refused."
    CreateNameNotRequired "create.name-not-required" breaks "create.name-required":
        "A key without a name is accepted although `requireName` is set."
    CreateNameLost "create.name-lost" breaks "transport.unicode":
        "The name is not stored."
    CreateNameEmptyText "create.name-empty-text" breaks "create.name-optional":
        "A key without a name has the empty text as its name."
    CreateDisabled "create.disabled" breaks "create.defaults":
        "A new key is disabled."
    CreateSameNameRefused "create.same-name-refused" breaks "create.names-need-not-differ":
        "A user cannot have two keys of the same name."
    CreateInternalMemberShown "create.internal-member-shown" breaks "create.shape":
        "The reply to a create has a member that no key object has."
    CreateDatesAsNumbers "create.dates-as-numbers" breaks "create.shape":
        "The timestamps of a new key are numbers."
    CreateConfigIdHidden "create.config-id-hidden" breaks "configurations.shown":
        "The reply does not name the key's configuration."
    CreateDefaultPrefixIgnored "create.default-prefix-ignored" breaks "key-format.default-prefix":
        "The configured default prefix is not used."
    CreateGeneratorIgnored "create.generator-ignored" breaks "key-format.generator":
        "The custom key generator is not asked."
    CreateStartLengthFixed "create.start-length-fixed" breaks "key-format.start-length":
        "`start` has six characters, whatever is configured."
    // Create: metadata, expiry, refill, limits, permissions.
    CreateMetadataLost "create.metadata-lost" breaks "metadata.stored":
        "Metadata is echoed but not stored."
    CreateMetadataWhenDisabled "create.metadata-when-disabled" breaks "metadata.disabled-by-default":
        "Metadata is accepted although it is disabled."
    CreateMetadataTypeUnchecked "create.metadata-type-unchecked" breaks "metadata.object":
        "Metadata that is not an object is accepted."
    CreateExpiresInMilliseconds "create.expires-in-milliseconds" breaks "limits.expiry-seconds":
        "`expiresIn` is taken as milliseconds instead of seconds."
    CreateExpiresInMinimumUnchecked "create.expires-in-minimum-unchecked" breaks "limits.expiry-bounds":
        "`expiresIn` may be below the configured minimum."
    CreateExpiresInMaximumOffByOne "create.expires-in-maximum-off-by-one" breaks "limits.expiry-bounds":
        "`expiresIn` may exceed the configured maximum by a day."
    CreateExpiresInMinimumExclusive "create.expires-in-minimum-exclusive" breaks "limits.expiry-bounds":
        "`expiresIn` of just the configured minimum is refused."
    CreateCustomExpiryAllowed "create.custom-expiry-allowed" breaks "limits.expiry-custom-disabled":
        "`expiresIn` is accepted although custom expiry is disabled."
    CreateDefaultExpiryIgnored "create.default-expiry-ignored" breaks "limits.expiry-default-configured":
        "`keyExpiration.defaultExpiresIn` has no effect."
    CreateExpiresByDefault "create.expires-by-default" breaks "limits.expiry-default-none":
        "Without any expiry a key expires after thirty days."
    CreateRefillByDefault "create.refill-by-default" breaks "limits.refill-default-off":
        "A new key is refilled once a day without being asked to."
    CreateRateLimitOffIgnored "create.rate-limit-off-ignored" breaks "create.server-sets-all":
        "A rate limit that the server turns off for a new key stays on."
    CreatePermissionsEmptyObject "create.permissions-empty-object" breaks "create.defaults":
        "A key without permissions has an empty object in their place."
    CreatePermissionsOddNamesLost "create.permissions-odd-names-lost" breaks "permissions.round-trip":
        "Resources whose name is more than letters and digits are dropped."
    CreateMetadataEmptyObject "create.metadata-empty-object" breaks "create.defaults":
        "A key without metadata has an empty object in its place."
    MetadataNullRefused "metadata.null-refused" breaks "metadata.disabled-by-default":
        "Where metadata is disabled, `metadata: null` is refused as well."
    MetadataHiddenOnCreate "metadata.hidden-on-create" breaks "metadata.stored":
        "The reply to a create does not show the metadata that it stores."
    MetadataArrayRefused "metadata.array-refused" breaks "metadata.array":
        "Metadata that is an array is refused."
    MetadataFieldsFollowed "metadata.fields-followed" breaks "metadata.hostile-names":
        "Members of metadata with the names of fields count as these fields."
    MetadataManyMembersFail "metadata.many-members-fail" breaks "metadata.large":
        "Metadata of a thousand members is an internal error."
    MetadataDeepFails "metadata.deep-fails" breaks "metadata.large":
        "Metadata of a hundred levels is an internal error."
    MetadataLongFails "metadata.long-fails" breaks "metadata.large":
        "Metadata with a text of eight thousand characters is an internal error."
    MetadataInheritedNamesFail "metadata.inherited-names-fail" breaks "metadata.readable":
        "Metadata with a member `__proto__` or `constructor` is an internal error."
    MetadataInheritedNamesBlockLists "metadata.inherited-names-block-lists" breaks "metadata.readable":
        "A list with metadata that has a member `__proto__` or `constructor` is an internal error."
    CreateZeroRemainingUnlimited "create.zero-remaining-unlimited" breaks "limits.remaining-zero":
        "A `remaining` of zero is stored as unlimited."
    CreateRateLimitConfigIgnored "create.rate-limit-config-ignored" breaks "limits.rate-limit-of-configuration":
        "A new key has ten uses a day, whatever is configured."
    CreateRefillPairUnchecked "create.refill-pair-unchecked" breaks "limits.refill-pair":
        "`refillAmount` is accepted without `refillInterval`, and the reverse."
    CreateRemainingLost "create.remaining-lost" breaks "create.server-sets-all":
        "`remaining` is not stored: the key is unlimited."
    CreateRateLimitDefaultWrong "create.rate-limit-default-wrong" breaks "limits.rate-limit-default":
        "A key starts with 100 requests instead of the configured maximum."
    CreateRateLimitWindowWrong "create.rate-limit-window-wrong" breaks "limits.rate-limit-of-configuration":
        "The default window is taken for seconds: a thousand times too short."
    CreateDefaultPermissionsLost "create.default-permissions-lost" breaks "permissions.default-applied":
        "The configured default permissions are not given to new keys."
    CreateEmptyPermissionsTakeDefault "create.empty-permissions-take-default" breaks "permissions.empty-grant":
        "Explicit empty permissions are replaced by the defaults."
    CreatePermissionsMergeDefault "create.permissions-merge-default" breaks "permissions.server-sets":
        "Explicit permissions are added to the defaults instead of replacing them."
    CreateDefaultFunctionIgnored "create.default-function-ignored" breaks "permissions.default-function":
        "Default permissions that are a function are not worked out."
    CreatePermissionsSorted "create.permissions-sorted" breaks "permissions.round-trip":
        "The actions of a key are stored sorted and without repetition."
    CreateConfigIdIgnored "create.config-id-ignored" breaks "configurations.own-options":
        "`configId` is ignored: every key takes the default configuration."
    // Verify: what a valid key is.
    VerifyUnknownWrongCode "verify.unknown-wrong-code" breaks "verify.unknown-key":
        "An unknown key is refused with the code of a disabled one."
    VerifyHashAccepted "verify.hash-accepted" breaks "verify.identifiers-are-no-keys":
        "The stored hash is accepted in place of the key."
    VerifyCaseInsensitive "verify.case-insensitive" breaks "verify.exact-match":
        "A key in other letter case is accepted."
    VerifyUnhashedMixedUp "verify.unhashed-mixed-up" breaks "key-format.unhashed":
        "With hashing turned off, verification looks for the hash all the same."
    VerifyNewKeyRefused "verify.new-key-refused" breaks "verify.valid-key":
        "A key is not valid in the millisecond of its creation."
    VerifyHostileTextFails "verify.hostile-text-fails" breaks "verify.hostile-text":
        "An empty or very long key, or one with control characters, is an internal error."
    VerifyInputOptional "verify.input-optional" breaks "verify.input-required":
        "A call without a key finds any key at all, and it is valid."
    VerifyResultWithoutError "verify.result-without-error" breaks "verify.result-shape":
        "The result of a refusal has no error."
    VerifyOwnerHidden "verify.owner-hidden" breaks "ownership.verify-any":
        "The result does not tell whose key it is."
    VerifyMetadataHidden "verify.metadata-hidden" breaks "metadata.in-verify":
        "The result does not show the key's metadata."
    VerifyDisabledAccepted "verify.disabled-accepted" breaks "verify.disabled":
        "A disabled key is valid."
    VerifyExpiredAccepted "verify.expired-accepted" breaks "limits.expiry-refuses":
        "An expired key is valid."
    VerifyExpiryOffByOne "verify.expiry-off-by-one" breaks "limits.expiry-boundary":
        "A key has expired in the very millisecond of `expiresAt`."
    VerifyExpiredKept "verify.expired-kept" breaks "limits.expiry-row-removed":
        "An expired key is not removed when it is verified."
    VerifyExpiredBeforeDisabled "verify.expired-before-disabled" breaks "verify.disabled-before-expired":
        "A key that is disabled and expired is called expired, and removed."
    VerifyDeletedAccepted "verify.deleted-accepted" breaks "verify.deleted":
        "A deleted key is valid."
    VerifyConfigIdIgnored "verify.config-id-ignored" breaks "configurations.verify-scope":
        "`configId` does not scope the verification."
    VerifyUnknownConfigurationIsDefault "verify.unknown-configuration-is-default" breaks "configurations.unknown-verify":
        "Naming an unknown configuration is as good as naming none."
    VerifyUnscopedIsDefault "verify.unscoped-is-default" breaks "configurations.verify-unscoped":
        "Without `configId` only keys of the default configuration are valid."
    VerifyKeyLeaked "verify.key-leaked" breaks "verify.shows-no-key":
        "The reply shows the stored hash of the key."
    VerifyValidatorSkipped "verify.validator-skipped" breaks "verify.custom-validator":
        "The custom validator is not asked."
    VerifyAsyncValidatorSkipped "verify.async-validator-skipped" breaks "verify.custom-validator-async":
        "The promise of an asynchronous validator counts as its consent."
    VerifyOverHttp "verify.over-http" breaks "verify.server-only":
        "`verifyApiKey` can be reached over HTTP."
    VerifyReachableByGet "verify.reachable-by-get" breaks "verify.server-only":
        "`verifyApiKey` can be reached over HTTP by GET."
    VerifyReachableByMethodName "verify.reachable-by-method-name" breaks "verify.server-only":
        "`verifyApiKey` can be reached over HTTP under its own name."
    // Verify: permissions.
    VerifyPermissionsUnchecked "verify.permissions-unchecked" breaks "permissions.all-required":
        "Required permissions are not looked at."
    VerifyPermissionsAny "verify.permissions-any" breaks "permissions.all-required":
        "One of the required permissions is enough."
    VerifyPermissionsResourceOnly "verify.permissions-resource-only" breaks "permissions.all-required":
        "Holding the resource is enough, whatever the action."
    VerifyPermissionsWildcard "verify.permissions-wildcard" breaks "permissions.exact-names":
        "`*` in a key's permissions stands for every action."
    VerifyPermissionsPrefix "verify.permissions-prefix" breaks "permissions.exact-names":
        "An action is granted when it begins with one that the key has."
    VerifyPermissionsIgnoreCase "verify.permissions-ignore-case" breaks "permissions.exact-names":
        "Resources and actions are compared without regard to case."
    VerifyPermissionsNoneIsAll "verify.permissions-none-is-all" breaks "permissions.key-without":
        "A key without permissions passes every permission check."
    VerifyPermissionsAlwaysRequired "verify.permissions-always-required" breaks "permissions.none-required":
        "A key without permissions is refused although none are required."
    VerifyPermissionsEqual "verify.permissions-equal" breaks "permissions.subset-suffices":
        "A key must have just the required permissions, and no more."
    VerifySiblingPermissions "verify.sibling-permissions" breaks "permissions.do-not-leak":
        "A key has the permissions of all keys of its owner."
    VerifyEmptyActionsPass "verify.empty-actions-pass" breaks "permissions.empty-actions":
        "A required resource without actions is waved through."
    VerifyEmptyRequirementPasses "verify.empty-requirement-passes" breaks "permissions.empty-requirement":
        "An empty set of required permissions is waved through."
    VerifyInheritedNames "verify.inherited-names" breaks "permissions.no-inheritance":
        "Names such as `constructor` are granted to every key."
    VerifyInheritedNamesFail "verify.inherited-names-fail" breaks "permissions.inherited-name-code":
        "A required name such as `constructor` is answered as an invalid key."
    VerifyPermissionsBurnUsage "verify.permissions-burn-usage" breaks "limits.refused-uses-nothing":
        "A refusal for want of permissions uses the key up."
    // Verify: quota and refill.
    QuotaNotCounted "quota.not-counted" breaks "limits.remaining-counts-down":
        "`remaining` never goes down."
    QuotaOneMore "quota.one-more" breaks "limits.remaining-exhausted":
        "A key can be used once more than `remaining` says."
    QuotaUnlimitedCapped "quota.unlimited-capped" breaks "limits.remaining-unlimited":
        "A key without a remaining count can be used ten times."
    QuotaRefillUnasked "quota.refill-unasked" breaks "limits.refill-default-off":
        "A used-up key without a refill is good for one use a day."
    QuotaRefillableRemoved "quota.refillable-removed" breaks "limits.refill-keeps-row":
        "A used-up key is removed although it has a refill."
    QuotaExhaustedKept "quota.exhausted-kept" breaks "limits.remaining-row-removed":
        "An exhausted key without a refill is not removed."
    QuotaRefillAdds "quota.refill-adds" breaks "limits.refill-resets":
        "A refill adds to what remains instead of setting it."
    QuotaRefillSeconds "quota.refill-seconds" breaks "limits.refill-resets":
        "`refillInterval` is taken as seconds."
    QuotaRefillBoundary "quota.refill-boundary" breaks "limits.refill-boundary":
        "A refill comes when the interval is just reached, not when it has passed."
    QuotaRefillNotAtomic "quota.refill-not-atomic" breaks "limits.refill-concurrent":
        "Uses that come at once when a refill is due are all refilled."
    QuotaRefillNotStamped "quota.refill-not-stamped" breaks "limits.refill-from-last":
        "`lastRefillAt` is not set, so that every use refills."
    QuotaBurntWhenRateLimited "quota.burnt-when-rate-limited" breaks "limits.refused-uses-nothing":
        "A call that the rate limit refuses uses the key up."
    // Verify: rate limit.
    RateLimitOneMore "rate-limit.one-more" breaks "limits.rate-limit-denies":
        "One request more than the maximum passes in a window."
    RateLimitOneLess "rate-limit.one-less" breaks "limits.rate-limit-counts":
        "One request less than the maximum passes in a window."
    RateLimitFirstUseFree "rate-limit.first-use-free" breaks "limits.rate-limit-first-use":
        "The first use in a window is not counted."
    RateLimitDefaultConfiguration "rate-limit.default-configuration" breaks "configurations.limits-apart":
        "Whether keys are limited is read from the default configuration, whatever the key's own."
    RateLimitBoundary "rate-limit.boundary" breaks "limits.rate-limit-resets":
        "The window ends when it is just reached, not when it has passed."
    RateLimitWindowSeconds "rate-limit.window-seconds" breaks "limits.rate-limit-resets":
        "The window is taken as seconds."
    RateLimitRefusalMovesWindow "rate-limit.refusal-moves-window" breaks "limits.rate-limit-denied-moves-nothing":
        "A refused call starts the window anew."
    RateLimitGlobalOffIgnored "rate-limit.global-off-ignored" breaks "limits.rate-limit-global-off":
        "`rateLimit.enabled: false` has no effect on keys."
    RateLimitKeyOffIgnored "rate-limit.key-off-ignored" breaks "limits.rate-limit-key-off":
        "`rateLimitEnabled: false` of a key has no effect."
    RateLimitShared "rate-limit.shared" breaks "limits.rate-limit-per-key":
        "All keys of an owner share one counter."
    RateLimitTryAgainSeconds "rate-limit.try-again-seconds" breaks "limits.rate-limit-try-again":
        "`tryAgainIn` is in seconds."
    RateLimitLastRequestNotStamped "rate-limit.last-request-not-stamped" breaks "limits.rate-limit-off-last-request":
        "`lastRequest` is not set when rate limiting is off."
    // Get, delete.
    GetForeignKey "get.foreign-key" breaks "ownership.get":
        "A user reads another user's key."
    GetForbidden "get.forbidden" breaks "ownership.same-answer":
        "Another user's key is answered 403, which tells that it exists."
    GetHashLeaked "get.hash-leaked" breaks "get.shows-no-key":
        "The reply shows the stored hash of the key."
    GetWithoutSession "get.without-session" breaks "get.session-required":
        "Keys can be read without a session."
    GetUnhashedShown "get.unhashed-shown" breaks "key-format.shown-once":
        "Where keys are not hashed, a read shows the key again."
    OwnershipUserIdHonoured "ownership.user-id-honoured" breaks "ownership.user-id-parameter":
        "A `userId` that comes with a read, a list or a delete stands in for the session's user."
    GetEmptyIdFails "get.empty-id-fails" breaks "get.unknown-id":
        "A read with an empty id is an internal error."
    GetUnknownWrongCode "get.unknown-wrong-code" breaks "get.unknown-id":
        "An unknown id is answered as a validation error."
    GetIncomplete "get.incomplete" breaks "get.returns-key-object":
        "The reply leaves fields of the key out."
    GetCountsAsUse "get.counts-as-use" breaks "get.changes-nothing":
        "Reading a key counts as a use of it."
    GetDisabledHidden "get.disabled-hidden" breaks "get.disabled-key":
        "A disabled key cannot be read."
    GetConfigIdIgnored "get.config-id-ignored" breaks "configurations.same-for-all":
        "A key is found whatever `configId` says."
    GetIdOptional "get.id-optional" breaks "get.id-required":
        "A read without an id shows a key of the user's."
    GetIdFromBody "get.id-from-body" breaks "transport.get-ignores-body-fields":
        "The id is taken from the body where the query has none."
    DeleteForeignKey "delete.foreign-key" breaks "ownership.delete":
        "A user deletes another user's key."
    DeleteWithoutSession "delete.without-session" breaks "delete.session-required":
        "Keys can be deleted without a session."
    DeleteNothing "delete.nothing" breaks "delete.removes":
        "Deletion is confirmed, but the key stays."
    DeleteAllKeys "delete.all-keys" breaks "delete.only-that-key":
        "Deleting a key deletes all keys of its owner."
    DeleteUnknownAccepted "delete.unknown-accepted" breaks "delete.unknown-id":
        "Deleting an unknown key is confirmed."
    DeleteRaceFails "delete.race-fails" breaks "delete.once":
        "A delete that finds its key deleted meanwhile is an internal error."
    DeleteReplyShowsKey "delete.reply-shows-key" breaks "delete.reply":
        "The reply shows the deleted key."
    DeleteDisabledRefused "delete.disabled-refused" breaks "delete.disabled-key":
        "A disabled key cannot be deleted."
    DeleteIdOptional "delete.id-optional" breaks "delete.id-required":
        "A delete that names no key deletes a key of the user's."
    // Update.
    UpdateWithoutSession "update.without-session" breaks "update.session-required":
        "Keys can be updated without a session."
    UpdateForeignKey "update.foreign-key" breaks "ownership.update":
        "A user updates another user's key."
    UpdateUserIdHonoured "update.user-id-honoured" breaks "update.user-id-server-only":
        "A `userId` in a client's body stands in for the session's user, and switches the server-only check off."
    UpdateClientRemainingAccepted "update.client-remaining-accepted" breaks "update.server-only-properties":
        "A client sets `remaining` of its own key."
    UpdateClientPermissionsAccepted "update.client-permissions-accepted" breaks "permissions.client-cannot-set":
        "A client sets the permissions of its own key."
    UpdateClientRateLimitAccepted "update.client-rate-limit-accepted" breaks "limits.rate-limit-server-only":
        "A client sets the rate limit of its own key."
    UpdateNameUnchecked "update.name-unchecked" breaks "update.name-length":
        "A name of any length is accepted."
    UpdateRefusedWrites "update.refused-writes" breaks "update.name-length":
        "A name that is refused for its length is stored all the same."
    UpdateMovesConfiguration "update.moves-configuration" breaks "configurations.cannot-move":
        "An update that names another configuration moves the key there."
    UpdateEnabledIgnored "update.enabled-ignored" breaks "update.client-fields":
        "`enabled` is not stored."
    UpdateExpiresInMilliseconds "update.expires-in-milliseconds" breaks "update.client-fields":
        "`expiresIn` is taken as milliseconds instead of seconds."
    UpdateExpiresNullIgnored "update.expires-null-ignored" breaks "update.client-fields":
        "`expiresIn: null` does not take the expiry away."
    UpdateMetadataLost "update.metadata-lost" breaks "metadata.update":
        "Metadata is not stored."
    UpdatePermissionsMerged "update.permissions-merged" breaks "permissions.update-replaces":
        "New permissions are added to the old ones instead of replacing them."
    UpdateNothingAccepted "update.nothing-accepted" breaks "update.nothing-to-change":
        "An update without values is accepted."
    UpdateResetsCounter "update.resets-counter" breaks "update.consumes-nothing":
        "An update resets the rate limit's counter."
    UpdateHashLeaked "update.hash-leaked" breaks "update.returns-key-object":
        "The reply shows the stored hash of the key."
    UpdateHeadersTrusted "update.headers-trusted" breaks "update.headers-make-a-client":
        "A server-side update that carries headers may set server-only properties."
    UpdateServerOwnerOptional "update.server-owner-optional" breaks "update.server-names-owner":
        "A trusted update without `userId` changes any key."
    UpdateRemainingLost "update.remaining-lost" breaks "update.server-sets-all":
        "`remaining` of a trusted update is not stored."
    UpdateUnknownWrongCode "update.unknown-wrong-code" breaks "update.unknown-id":
        "An unknown id is answered as a validation error."
    UpdateIdOptional "update.id-optional" breaks "update.id-required":
        "An update that names no key changes a key of the user's."
    UpdateWrongTypesDropped "update.wrong-types-dropped" breaks "update.field-types":
        "Fields of the wrong type are dropped in silence."
    UpdateClearsName "update.clears-name" breaks "update.changes-what-is-named":
        "An update without a name takes the name away."
    UpdateFixedFieldsAccepted "update.fixed-fields-accepted" breaks "update.fixed-fields":
        "A client changes `start` and `prefix` of its key."
    UpdateChangesKey "update.changes-key" breaks "update.keeps-the-key":
        "After an update the key is no longer valid."
    UpdateExpiryUnchecked "update.expiry-unchecked" breaks "update.expiry-bounds":
        "A new expiry has no bounds."
    UpdateMetadataWhenDisabled "update.metadata-when-disabled" breaks "metadata.update-disabled":
        "Metadata is stored although it is disabled."
    UpdateMetadataTypeUnchecked "update.metadata-type-unchecked" breaks "metadata.update-object":
        "Metadata that is not an object is stored."
    UpdatePermissionsNullIgnored "update.permissions-null-ignored" breaks "permissions.update-clears":
        "`permissions: null` takes nothing away."
    // List.
    ListForeignKeys "list.foreign-keys" breaks "ownership.list":
        "The list shows the keys of all users."
    ListHashLeaked "list.hash-leaked" breaks "list.shows-no-key":
        "The list shows the stored hashes of the keys."
    ListWithoutSession "list.without-session" breaks "list.session-required":
        "An anonymous caller gets an empty list instead of a refusal."
    ListTotalOfPage "list.total-of-page" breaks "list.limit":
        "`total` counts the page instead of all keys."
    ListOffsetIgnored "list.offset-ignored" breaks "list.offset":
        "`offset` has no effect."
    ListLimitOffByOne "list.limit-off-by-one" breaks "list.limit":
        "A page has one key more than `limit`."
    ListSortReversed "list.sort-reversed" breaks "list.sort":
        "`asc` and `desc` are exchanged."
    ListConfigFilterIgnored "list.config-filter-ignored" breaks "configurations.list-filter":
        "`configId` does not filter the list."
    ListCapped "list.capped" breaks "list.every-key-reachable":
        "The list ends after 100 keys."
    ListEmptyRefused "list.empty-refused" breaks "list.empty":
        "A user without keys is answered 404."
    ListDisabledHidden "list.disabled-hidden" breaks "list.own-keys":
        "Disabled keys are not listed."
    ListShowsDeleted "list.shows-deleted" breaks "list.updated-and-deleted":
        "Deleted keys are still listed."
    ListPageNotEchoed "list.page-not-echoed" breaks "list.page-shape":
        "`limit` and `offset` are not repeated."
    ListWrapped "list.wrapped" breaks "list.plain-array" until "1.4":
        "The list is wrapped in an object before its time."
    ListConfigIdShowsAll "list.config-id-shows-all" breaks "ownership.list-parameters":
        "A list of one configuration shows the keys of all users."
    ListOrganizationIdIsOwner "list.organization-id-is-owner" breaks "ownership.list-parameters":
        "`organizationId` lists the keys of whoever it names, a user as well."
    ListUnknownConfigurationIsDefault "list.unknown-configuration-is-default" breaks "configurations.unknown-list":
        "Naming an unknown configuration lists the default one."
    ListUnknownSortFails "list.unknown-sort-fails" breaks "list.unknown-sort-field":
        "An unknown field to sort by is an internal error."
    ListPermissionsHidden "list.permissions-hidden" breaks "permissions.default-shown":
        "The list does not show permissions."
    ListPagingUnchecked "list.paging-unchecked" breaks "list.paging-input":
        "A limit or offset that is no whole number is ignored."
    ListSortDirectionUnchecked "list.sort-direction-unchecked" breaks "list.sort-direction":
        "An unknown direction is ignored."
    // Sweep.
    SweepUnexpired "sweep.unexpired" breaks "limits.sweep-spares-others":
        "The sweep removes keys whose expiry is yet to come."
    SweepEternal "sweep.eternal" breaks "limits.sweep-spares-others":
        "The sweep removes keys that never expire."
    SweepNever "sweep.never" breaks "limits.delete-all-expired":
        "`deleteAllExpiredApiKeys` reports success and removes nothing."
    SweepOnDemandCoolsDown "sweep.on-demand-cools-down" breaks "limits.delete-all-expired":
        "`deleteAllExpiredApiKeys` keeps to the cool-down of the automatic sweep."
    SweepAutomaticNever "sweep.automatic-never" breaks "limits.sweep":
        "The automatic sweep never runs."
    SweepOverHttp "sweep.over-http" breaks "limits.delete-all-expired-server-only":
        "`deleteAllExpiredApiKeys` can be reached over HTTP."
    SweepReportsFailure "sweep.reports-failure" breaks "limits.delete-all-expired":
        "`deleteAllExpiredApiKeys` deletes what it should and reports no success."
    SweepReachableByDelete "sweep.reachable-by-delete" breaks "limits.delete-all-expired-server-only":
        "`deleteAllExpiredApiKeys` can be reached over HTTP by DELETE."
    // Sessions from keys.
    SessionWhenOff "session.when-off" breaks "sessions.off-by-default":
        "A key gives a session although the option is off."
    SessionDisabledKey "session.disabled-key" breaks "sessions.bad-key-refused":
        "A disabled key gives a session."
    SessionTenMinutes "session.ten-minutes" breaks "sessions.session-expiry":
        "A session from a key without expiry lasts seven days taken as milliseconds: ten minutes."
    SessionOtherHeader "session.other-header" breaks "sessions.header-configured":
        "The header `x-api-key` gives a session although other headers are configured."
    SessionNotCounted "session.not-counted" breaks "sessions.counts-once":
        "Calls with a key in the header are not counted."
    SessionNotGiven "session.not-given" breaks "sessions.from-key":
        "A valid key is counted, but gives no session."
    SessionFirstUser "session.first-user" breaks "sessions.own-data-only":
        "Every key gives a session of the user who signed up first."
    SessionAnyConfiguration "session.any-configuration" breaks "sessions.configuration-opts-in":
        "Keys of every configuration give sessions as soon as one configuration enables it."
    SessionGetterIgnored "session.getter-ignored" breaks "sessions.custom-getter":
        "The custom getter is not asked."
    SessionGetterTypeUnchecked "session.getter-type-unchecked" breaks "sessions.getter-type":
        "What a getter returns that is no text counts as nothing."
    SessionEmptyHeaderRefused "session.empty-header-refused" breaks "sessions.empty-header":
        "An empty header is refused as an invalid key."
    SessionShortKeyUnchecked "session.short-key-unchecked" breaks "sessions.short-key":
        "The length of a key is not looked at."
    SessionCookieWins "session.cookie-wins" breaks "sessions.key-before-cookie":
        "Beside a cookie, a key counts for nothing."
    SessionTrusted "session.trusted" breaks "sessions.server-only-still-holds":
        "A request that a key authenticates may set server-only properties."
    SessionSetsCookie "session.sets-cookie" breaks "sessions.no-lasting-session":
        "A session from a key leaves a cookie behind."
    SessionTokenIsKey "session.token-is-key" breaks "sessions.token-is-not-the-key":
        "The token of a session from a key is the key."
    // Uses at the same time.
    QuotaNotAtomic "quota.not-atomic" breaks "limits.remaining-concurrent":
        "`remaining` is read first and written later: uses at the same time count as one."
    RateLimitNotAtomic "rate-limit.not-atomic" breaks "limits.rate-limit-concurrent":
        "The count of uses is read first and written later: uses at the same time count as one."
    // Organizations: who may do what.
    OrganizationStrangerCreates "organization.stranger-creates" breaks "organizations.members-only":
        "Who is no member makes keys for an organization."
    OrganizationStrangerReads "organization.stranger-reads" breaks "organizations.members-only":
        "Who is no member reads the keys of an organization."
    OrganizationStrangerLists "organization.stranger-lists" breaks "organizations.members-only":
        "Who is no member lists the keys of an organization."
    OrganizationStrangerUpdates "organization.stranger-updates" breaks "organizations.members-only":
        "Who is no member changes the keys of an organization."
    OrganizationStrangerDeletes "organization.stranger-deletes" breaks "organizations.members-only":
        "Who is no member deletes the keys of an organization."
    OrganizationRoleUncheckedOnCreate "organization.role-unchecked-on-create" breaks "organizations.permission-to-create":
        "Every member makes keys for the organization."
    OrganizationRoleUncheckedOnGet "organization.role-unchecked-on-get" breaks "organizations.permission-to-read":
        "Every member reads the keys of the organization."
    OrganizationRoleUncheckedOnList "organization.role-unchecked-on-list" breaks "organizations.permission-to-read":
        "Every member lists the keys of the organization."
    OrganizationRoleUncheckedOnUpdate "organization.role-unchecked-on-update" breaks "organizations.permission-to-update":
        "Every member changes the keys of the organization."
    OrganizationRoleUncheckedOnDelete "organization.role-unchecked-on-delete" breaks "organizations.permission-to-delete":
        "Every member deletes the keys of the organization."
    OrganizationAnyAction "organization.any-action" breaks "organizations.one-action-is-not-another":
        "A role that may do one thing with keys may do everything with them."
    OrganizationAdminByDefault "organization.admin-by-default" breaks "organizations.roles-need-permissions":
        "Admins have full access to keys without being given it."
    OrganizationRolesIgnored "organization.roles-ignored" breaks "organizations.roles-configured":
        "The permissions that roles were given have no effect on keys."
    OrganizationOwnerNeedsPermission "organization.owner-needs-permission" breaks "organizations.owner-has-full-access":
        "Owners need a permission like everybody else."
    OrganizationAnyMembership "organization.any-membership" breaks "organizations.members-only":
        "A member of any organization counts as a member of all."
    OrganizationFormerMember "organization.former-member" breaks "organizations.former-members":
        "Who was removed from an organization goes on using its keys."
    OrganizationPluginOptional "organization.plugin-optional" breaks "organizations.plugin-required":
        "Without the organization plugin nothing about organizations is checked."
    OrganizationCodesExchanged "organization.codes-exchanged" breaks "organizations.refusal-codes":
        "The refusals for want of membership and of permission are exchanged."
    OrganizationStrangerNotFound "organization.stranger-not-found" breaks "organizations.refusal-codes":
        "Who is no member is told that there is no such key."
    OrganizationAnonymousReads "organization.anonymous-reads" breaks "organizations.session-required":
        "A key of an organization can be read without a session."
    OrganizationRoleOfOld "organization.role-of-old" breaks "organizations.current-role":
        "A member keeps the role with which he joined."
    OrganizationOwnersTrusted "organization.owners-trusted" breaks "organizations.server-only-still-holds":
        "Owners of an organization set server-only properties of its keys."
    // Organizations: whose keys.
    OrganizationUserOwns "organization.user-owns" breaks "organizations.owns-the-key":
        "A key for an organization belongs to the user who makes it."
    OrganizationIdHonoured "organization.id-honoured" breaks "create.owner-is-session-user":
        "An `organizationId` makes an organization the owner of a key whose configuration is for users."
    OrganizationMismatchedUserHonoured "organization.mismatched-user-honoured" breaks "organizations.session-before-user-id":
        "A server-side call with one user's session acts for the user that it names."
    OrganizationHeadersTrusted "organization.headers-trusted" breaks "organizations.headers-make-a-client":
        "A server-side call with headers but without a session acts for the user that it names."
    OrganizationServerUserOptional "organization.server-user-optional" breaks "organizations.server-names-user":
        "A trusted call makes keys for an organization without naming a user."
    OrganizationKeysInUsersList "organization.keys-in-users-list" breaks "organizations.lists-apart":
        "A member's own list shows the keys of the organization as well."
    OrganizationListShowsUsers "organization.list-shows-users" breaks "organizations.lists-apart":
        "The list of an organization shows the keys of the user as well."
    OrganizationListOfAll "organization.list-of-all" breaks "organizations.list":
        "The list of an organization shows the keys of all organizations."
    OrganizationUpdateMoves "organization.update-moves" breaks "organizations.fixed-owner":
        "An update that names another organization moves the key there."
    OrganizationKeysLeaveWithMaker "organization.keys-leave-with-maker" breaks "organizations.outlives-its-maker":
        "When a member is removed, the keys that he made go with him."
    OrganizationAnyConfiguration "organization.any-configuration" breaks "organizations.configuration-apart":
        "Keys of organizations are found whatever configuration is named."
    OrganizationKeysRefused "organization.keys-refused" breaks "organizations.verify":
        "Keys of organizations are never valid."
    OrganizationGivesSession "organization.gives-session" breaks "organizations.no-session":
        "A key of an organization gives a session of its owner."
    // Storage.
    StorageTtlIgnored "storage.ttl-ignored" breaks "storage.ttl":
        "What has expired stays in secondary storage."
    StorageTtlShort "storage.ttl-short" breaks "storage.ttl-not-early":
        "A key is gone from secondary storage an hour before its expiry."
    StorageSecondaryInDatabase "storage.secondary-in-database" breaks "storage.secondary-only":
        "Keys of secondary storage are written to the database as well."
    StorageSecondaryUseLost "storage.secondary-use-lost" breaks "storage.secondary-limits":
        "In secondary storage a use is not written down."
    StorageSecondaryUpdateLost "storage.secondary-update-lost" breaks "storage.secondary-update":
        "In secondary storage an update is confirmed and not written down."
    StorageSecondaryDeleteIncomplete "storage.secondary-delete-incomplete" breaks "storage.secondary-delete":
        "A key that was deleted is still in secondary storage."
    StorageSecondaryDeleteDenied "storage.secondary-delete-denied" breaks "storage.secondary-delete":
        "The deletion of a key from secondary storage reports no success."
    StorageSecondaryListEmpty "storage.secondary-list-empty" breaks "storage.secondary-list":
        "Keys that are in secondary storage alone are not listed."
    StorageSecondaryNotRead "storage.secondary-not-read" breaks "storage.secondary":
        "Keys that are in secondary storage alone cannot be read by their id."
    StorageSecondaryNoSession "storage.secondary-no-session" breaks "storage.secondary-sessions":
        "Keys that are in secondary storage alone give no session."
    StorageFallbackUseLost "storage.fallback-use-lost" breaks "storage.fallback-use-in-both":
        "With the database to fall back to, a use is written to neither."
    StorageFallbackNotRead "storage.fallback-not-read" breaks "storage.fallback-reads":
        "Keys that are not in secondary storage are not looked for in the database."
    StorageFallbackNotWarmed "storage.fallback-not-warmed" breaks "storage.fallback-populates":
        "A key that was found in the database is not put into secondary storage."
    StorageFallbackWritesCacheOnly "storage.fallback-writes-cache-only" breaks "storage.fallback-writes-both":
        "With the database to fall back to, a new key is written to secondary storage alone."
    StorageFallbackWritesDatabaseOnly "storage.fallback-writes-database-only" breaks "storage.fallback-writes-both":
        "With the database to fall back to, a new key is written to the database alone."
    StorageFallbackDeleteKeepsCache "storage.fallback-delete-keeps-cache" breaks "storage.fallback-deletes-both":
        "With the database to fall back to, a deleted key stays in secondary storage."
    StorageFallbackDeleteKeepsRow "storage.fallback-delete-keeps-row" breaks "storage.fallback-deletes-both":
        "With the database to fall back to, a deleted key stays in the database."
    StorageCustomIgnored "storage.custom-ignored" breaks "storage.custom":
        "A custom storage is not used: keys go to the deployment's own."
    StorageDeferredLost "storage.deferred-lost" breaks "storage.deferred":
        "What is deferred is never written down."
    // What outlives a restart.
    RestartKeysLost "restart.keys-lost" breaks "storage.survives-restart":
        "After a restart there are no keys."
    RestartCountersLost "restart.counters-lost" breaks "storage.counters-survive":
        "After a restart the rate limit of every key starts anew."
    RestartRemainingLost "restart.remaining-lost" breaks "storage.counters-survive":
        "After a restart no key has a remaining count."
    RestartPermissionsLost "restart.permissions-lost" breaks "storage.survives-restart":
        "After a restart no key has permissions."
    RestartMetadataLost "restart.metadata-lost" breaks "storage.survives-restart":
        "After a restart no key has metadata."
    RestartExpiryLost "restart.expiry-lost" breaks "storage.survives-restart":
        "After a restart no key expires."
    RestartOptionsTaken "restart.options-taken" breaks "storage.lowered-options":
        "After a restart every key takes the rate limit of the present options."
    RestartSessionsStayOn "restart.sessions-stay-on" breaks "storage.options-of-now":
        "After a restart keys give sessions although that is turned off now."
    RestartIdsRepeat "restart.ids-repeat" breaks "storage.ids-stay-apart":
        "After a restart new keys have the ids of the first ones."
    RestartEnables "restart.enables" breaks "storage.survives-restart":
        "After a restart every key is enabled."
    RestartDeletedReturn "restart.deleted-return" breaks "storage.deletion-survives":
        "After a restart deleted keys are back."
    // Transport.
    TransportAnyContentType "transport.any-content-type" breaks "transport.json-only":
        "The content type is not looked at."
    TransportMalformedJsonIsEmpty "transport.malformed-json-is-empty" breaks "transport.malformed-json":
        "A body that is not JSON counts as an empty object."
    TransportMalformedJsonFails "transport.malformed-json-fails" breaks "transport.malformed-json-400":
        "A body that is not JSON is an internal error."
    TransportMissingBodyIsEmpty "transport.missing-body-is-empty" breaks "transport.missing-body":
        "A missing body counts as an empty object."
    TransportNonObjectIsEmpty "transport.non-object-is-empty" breaks "transport.body-must-be-object":
        "A body that is JSON but no object counts as an empty object."
    TransportAnyMethod "transport.any-method" breaks "transport.method":
        "An endpoint answers to every method."
    TransportUnknownFieldsRefused "transport.unknown-fields-refused" breaks "transport.unknown-fields":
        "An unknown field is refused."
    TransportDerivedFieldsAccepted "transport.derived-fields-accepted" breaks "transport.derived-fields":
        "A client sets `requestCount` and `createdAt` of its new key."
    TransportReplyAsText "transport.reply-as-text" breaks "transport.json-replies":
        "Replies say that they are plain text."
    TransportFirstDuplicateCounts "transport.first-duplicate-counts" breaks "transport.duplicate-members":
        "Of a member that is given twice the first counts."
    TransportProtoFollowed "transport.proto-followed" breaks "transport.prototype-pollution":
        "The members of `__proto__` count as members of the body."
    TransportChunkedIsEmpty "transport.chunked-is-empty" breaks "transport.encodings":
        "A body that comes in chunks counts as none."
    TransportLargeBodyFails "transport.large-body-fails" breaks "transport.large-input":
        "A body of more than 64 KiB is an internal error."
    TransportErrorWithoutCode "transport.error-without-code" breaks "transport.error-shape":
        "Refusals have no code."
}
