//! Faults of `createApiKey`.

macro_rules! create_faults {
    () => { verify_faults! {
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
    } };
}
