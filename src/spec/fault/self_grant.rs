//! The faults of self-grant, which no release has: rows of the one table, in a file of their own.

/// Hands the rows to `faults!`, behind those that it is given.
macro_rules! with_self_grant_faults {
    ($($table:tt)*) => { faults! { $($table)*
    // Self-grant: the switch, the session and the shape.
    SelfGrantOnWithMaximum "self-grant.on-with-maximum" breaks "self-grant.off-by-default":
        "A `maxPermissions` alone lets clients set permissions, without `allowClientPermissions`."
    SelfGrantServerOnlyBeforeSession "self-grant.server-only-before-session" breaks "self-grant.session-first":
        "Permissions without a session are answered as server-only, though clients may set them."
    SelfGrantCeilingBeforeSession "self-grant.ceiling-before-session" breaks "self-grant.session-first":
        "Who has no session learns what is above the ceiling."
    SelfGrantSessionOptional "self-grant.session-optional" breaks "self-grant.session-first":
        "Permissions within the ceiling make a key for nobody where there is no session."
    SelfGrantMalformedAfterCeiling "self-grant.malformed-after-ceiling" breaks "self-grant.malformed":
        "Malformed permissions are measured against the ceiling before their form is looked at."
    SelfGrantMalformedDropped "self-grant.malformed-dropped" breaks "self-grant.malformed":
        "Malformed permissions are dropped, and the key is made with the defaults."

    // Self-grant: within the ceiling.
    SelfGrantWholeCeilingRefused "self-grant.whole-ceiling-refused" breaks "self-grant.within-ceiling":
        "The whole ceiling counts as above the ceiling."
    SelfGrantCeilingGranted "self-grant.ceiling-granted" breaks "self-grant.within-ceiling":
        "The key gets the whole ceiling instead of what was asked for."
    SelfGrantDefaultsAdded "self-grant.defaults-added" breaks "self-grant.within-ceiling":
        "The key gets the defaults on top of what was asked for."
    SelfGrantShownNotStored "self-grant.shown-not-stored" breaks "self-grant.within-ceiling":
        "The reply shows what was asked for, and the key has the defaults."
    SelfGrantUncappedRefused "self-grant.uncapped-refused" breaks "self-grant.uncapped":
        "Without a ceiling everything is above it."

    // Self-grant: above the ceiling.
    SelfGrantCeilingIgnored "self-grant.ceiling-ignored" breaks "self-grant.never-above":
        "The ceiling is ignored."
    SelfGrantFirstResourceOnly "self-grant.first-resource-only" breaks "self-grant.never-above":
        "Only the first resource is measured against the ceiling."
    SelfGrantLastResourceOnly "self-grant.last-resource-only" breaks "self-grant.never-above":
        "Only the last resource is measured against the ceiling."
    SelfGrantFirstActionOnly "self-grant.first-action-only" breaks "self-grant.never-above":
        "Only the first action of a resource is measured against the ceiling."
    SelfGrantResourcesOnly "self-grant.resources-only" breaks "self-grant.never-above":
        "Only names of resources are measured against the ceiling, not their actions."
    SelfGrantActionsOfAnyResource "self-grant.actions-of-any-resource" breaks "self-grant.never-above":
        "An action that the ceiling has for one resource is allowed for each that it names."
    SelfGrantOverlapSuffices "self-grant.overlap-suffices" breaks "self-grant.never-above":
        "One allowed action lets the others of its resource pass."
    SelfGrantUnknownResources "self-grant.unknown-resources" breaks "self-grant.never-above":
        "A resource that the ceiling does not name is not measured at all."
    SelfGrantEmptyListIsAll "self-grant.empty-list-is-all" breaks "self-grant.never-above":
        "A resource with no action in the ceiling allows every action."
    SelfGrantTrimmed "self-grant.trimmed" breaks "self-grant.above-ceiling":
        "What is above the ceiling is taken away in silence instead of refused."
    SelfGrantDefaultsInstead "self-grant.defaults-instead" breaks "self-grant.above-ceiling":
        "A wish above the ceiling makes a key with the defaults."
    SelfGrantRefusedCreates "self-grant.refused-creates" breaks "self-grant.above-ceiling":
        "A refused wish leaves a key behind, with the part that is within the ceiling."
    SelfGrantWrongCode "self-grant.wrong-code" breaks "self-grant.above-ceiling":
        "A wish above the ceiling is answered as a server-only property."
    SelfGrantWrongStatus "self-grant.wrong-status" breaks "self-grant.above-ceiling":
        "A wish above the ceiling is answered with the status 400."
    SelfGrantNamesNothing "self-grant.names-nothing" breaks "self-grant.above-ceiling-names":
        "The refusal does not name what exceeds."
    SelfGrantNamesCeiling "self-grant.names-ceiling" breaks "self-grant.above-ceiling-names":
        "The refusal tells the whole ceiling."
    SelfGrantNamesWish "self-grant.names-wish" breaks "self-grant.above-ceiling-names":
        "The refusal names all that was asked for, not what exceeds."
    SelfGrantEmptyCeilingIsNone "self-grant.empty-ceiling-is-none" breaks "self-grant.empty-ceiling":
        "An empty ceiling counts as none."
    SelfGrantEmptyGrantIsDefault "self-grant.empty-grant-is-default" breaks "self-grant.empty-grant":
        "Asking for no permissions gives the defaults."
    SelfGrantEmptyGrantIsCeiling "self-grant.empty-grant-is-ceiling" breaks "self-grant.empty-grant":
        "Asking for no permissions gives the whole ceiling."
    SelfGrantEmptyGrantRefused "self-grant.empty-grant-refused" breaks "self-grant.empty-grant":
        "Asking for no permissions is refused as above the ceiling."
    SelfGrantEmptyActionsAccepted "self-grant.empty-actions-accepted" breaks "self-grant.empty-actions":
        "A resource that the ceiling does not name passes with an empty list of actions."
    SelfGrantLargeFails "self-grant.large-fails" breaks "self-grant.cost":
        "A wish of more than a thousand names is an internal error."

    // Self-grant: names.
    SelfGrantCaseFolded "self-grant.case-folded" breaks "self-grant.exact-names":
        "Names are measured against the ceiling without their case."
    SelfGrantSpaceTrimmed "self-grant.space-trimmed" breaks "self-grant.exact-names":
        "Names are measured against the ceiling without the white space around them."
    SelfGrantPrefixMatches "self-grant.prefix-matches" breaks "self-grant.exact-names":
        "A name of the ceiling allows every longer name that begins with it."
    SelfGrantShorterMatches "self-grant.shorter-matches" breaks "self-grant.exact-names":
        "A name of the ceiling allows every shorter name with which it begins."
    SelfGrantWildcardInCeiling "self-grant.wildcard-in-ceiling" breaks "self-grant.exact-names":
        "A `*` in the ceiling allows every name."
    SelfGrantWildcardInWish "self-grant.wildcard-in-wish" breaks "self-grant.exact-names":
        "A `*` that is asked for is within every ceiling."
    SelfGrantFormsNormalized "self-grant.forms-normalized" breaks "self-grant.exact-names":
        "Unicode forms of one letter are the same to the ceiling."
    SelfGrantLookAlikes "self-grant.look-alikes" breaks "self-grant.exact-names":
        "Letters that look alike are the same to the ceiling."
    SelfGrantOrderMatters "self-grant.order-matters" breaks "self-grant.exact-names":
        "Actions in another order than in the ceiling are above it."
    SelfGrantRepetitionRefused "self-grant.repetition-refused" breaks "self-grant.exact-names":
        "An action that is asked for twice is above the ceiling."
    SelfGrantInheritedAccepted "self-grant.inherited-accepted" breaks "self-grant.no-inheritance":
        "Names that every object of JavaScript knows are in every ceiling."
    SelfGrantInheritedFails "self-grant.inherited-fails" breaks "self-grant.no-inheritance":
        "Names that every object of JavaScript knows are an internal error."
    SelfGrantInheritedNeverGranted "self-grant.inherited-never-granted" breaks "self-grant.no-inheritance":
        "Names that every object of JavaScript knows are refused though the ceiling has them."

    // Self-grant: what else a client sends.
    SelfGrantFreesServerOnly "self-grant.frees-server-only" breaks "self-grant.only-permissions":
        "Beside permissions within the ceiling the other server-only properties are accepted."
    SelfGrantDropsServerOnly "self-grant.drops-server-only" breaks "self-grant.only-permissions":
        "Beside permissions the other server-only properties are dropped in silence."
    SelfGrantOptionFreesServerOnly "self-grant.option-frees-server-only" breaks "self-grant.only-permissions":
        "The option lets clients set every server-only property."
    SelfGrantFreesUserId "self-grant.frees-user-id" breaks "self-grant.only-permissions":
        "Beside permissions within the ceiling a client may name the owner."
    SelfGrantUpdateOpen "self-grant.update-open" breaks "self-grant.create-only":
        "A client's update sets permissions, and no ceiling is looked at."
    SelfGrantUpdateWithin "self-grant.update-within" breaks "self-grant.create-only":
        "A client's update sets permissions within the ceiling."
    SelfGrantUpdateClears "self-grant.update-clears" breaks "self-grant.create-only":
        "A client's update with `null` takes the permissions away."
    SelfGrantDefaultsRefused "self-grant.defaults-refused" breaks "self-grant.defaults-untouched":
        "Without permissions, defaults above the ceiling are refused."
    SelfGrantDefaultsCapped "self-grant.defaults-capped" breaks "self-grant.defaults-untouched":
        "Without permissions, the key has of the defaults what is within the ceiling."
    SelfGrantDefaultsLost "self-grant.defaults-lost" breaks "self-grant.defaults-untouched":
        "Where clients may set permissions, a key without them has none."
    SelfGrantDefaultsAreCeiling "self-grant.defaults-are-ceiling" breaks "self-grant.defaults-untouched":
        "Without permissions the key has the whole ceiling."
    SelfGrantServerRefused "self-grant.server-refused" breaks "self-grant.server-uncapped":
        "A trusted create above the ceiling is refused."
    SelfGrantServerTrimmed "self-grant.server-trimmed" breaks "self-grant.server-uncapped":
        "A trusted create gets of its permissions what is within the ceiling."
    SelfGrantHeadersUncapped "self-grant.headers-uncapped" breaks "self-grant.never-above":
        "A server-side call with a client's headers is not capped."

    // Self-grant: several configurations, organizations, sessions from keys, restarts.
    SelfGrantDefaultConfigurationCaps "self-grant.default-configuration-caps" breaks "self-grant.per-configuration":
        "The ceiling is that of the default configuration, whichever is named."
    SelfGrantLastConfigurationCaps "self-grant.last-configuration-caps" breaks "self-grant.per-configuration":
        "The ceiling is that of the last configuration, whichever is named."
    SelfGrantCeilingsUnited "self-grant.ceilings-united" breaks "self-grant.per-configuration":
        "The ceilings of all configurations together are that of each."
    SelfGrantOneSwitchForAll "self-grant.one-switch-for-all" breaks "self-grant.per-configuration":
        "One configuration with the option switches it on in all."
    SelfGrantOrganizationUncapped "self-grant.organization-uncapped" breaks "self-grant.organization":
        "Keys that an organization owns have no ceiling."
    SelfGrantOrganizationMembershipSkipped "self-grant.organization-membership-skipped" breaks "self-grant.organization":
        "With permissions within the ceiling, membership and role are not looked at."
    SelfGrantOrganizationRefused "self-grant.organization-refused" breaks "self-grant.organization":
        "Permissions of keys that an organization owns stay server-only."
    SelfGrantKeySessionUncapped "self-grant.key-session-uncapped" breaks "self-grant.no-laundering":
        "A key that acts as a session mints keys up to the ceiling, whatever it holds itself."
    SelfGrantKeySessionHoldsAll "self-grant.key-session-holds-all" breaks "self-grant.no-laundering":
        "A key without permissions that acts as a session mints keys up to the ceiling."
    SelfGrantKeySessionElsewhere "self-grant.key-session-elsewhere" breaks "self-grant.no-laundering":
        "What a key holds bounds the keys that it mints only in its own configuration."
    SelfGrantKeySessionDefaults "self-grant.key-session-defaults" breaks "self-grant.no-laundering":
        "A key that acts as a session mints a key with defaults beyond its own permissions by asking for none."
    SelfGrantKeySessionIsCeiling "self-grant.key-session-is-ceiling" breaks "self-grant.never-above":
        "What a key holds takes the place of the ceiling where it acts as a session."
    SelfGrantRestartKeepsCeiling "self-grant.restart-keeps-ceiling" breaks "self-grant.never-above":
        "After a restart with a lower ceiling the old one still holds."

    SelfGrantRotateRoute "self-grant.rotate-route" breaks "self-grant.create-only":
        "`POST /api-key/rotate` makes a key as well."
    SelfGrantOtherMethod "self-grant.other-method" breaks "self-grant.create-only":
        "`PUT /api-key/create` makes a key as well, without the permissions that are named."
    SelfGrantUpdateOfAnother "self-grant.update-of-another" breaks "self-grant.create-only":
        "An update that names permissions of another user's key is confirmed."

    // Self-grant: the variant that clamps.
    SelfGrantClampIgnored "self-grant.clamp-ignored" breaks "self-grant.never-above":
        "A deployment that clamps grants what was asked for."
    SelfGrantClampReportsWish "self-grant.clamp-reports-wish" breaks "self-grant.clamp-reports":
        "A deployment that clamps answers with what was asked for instead of what was granted."
    SelfGrantClampKeepsUnknown "self-grant.clamp-keeps-unknown" breaks "self-grant.never-above":
        "A deployment that clamps leaves resources alone that the ceiling does not name."
    SelfGrantClampToCeiling "self-grant.clamp-to-ceiling" breaks "self-grant.clamp-reports":
        "A deployment that clamps grants the whole ceiling to who asks for more."
    SelfGrantClampToDefaults "self-grant.clamp-to-defaults" breaks "self-grant.clamp-reports":
        "A deployment that clamps gives the defaults to who asks for nothing that is allowed."
    SelfGrantClampRefuses "self-grant.clamp-refuses" breaks "self-grant.clamp-reports":
        "A deployment that clamps refuses all the same."
    } };
}
