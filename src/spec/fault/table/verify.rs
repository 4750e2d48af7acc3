//! Faults of `verifyApiKey`: what a valid key is, its permissions, its quota, its rate limit.

macro_rules! verify_faults {
    ($($before:tt)*) => { manage_faults! {
        $($before)*
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
        VerifyInputTypeUnchecked "verify.input-type-unchecked" breaks "verify.input-required":
            "A call with a key that is no text finds any key at all, and it is valid."
        VerifyPermissionsShapeUnchecked "verify.permissions-shape-unchecked" breaks "permissions.shape":
            "Required permissions of the wrong shape count as none."
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
        // Uses at the same time.
        QuotaNotAtomic "quota.not-atomic" breaks "limits.remaining-concurrent":
            "`remaining` is read first and written later: uses at the same time count as one."
        RateLimitNotAtomic "rate-limit.not-atomic" breaks "limits.rate-limit-concurrent":
            "The count of uses is read first and written later: uses at the same time count as one."
    } };
}
