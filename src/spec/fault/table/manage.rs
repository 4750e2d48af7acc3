//! Faults of reading, listing, changing and deleting keys.

macro_rules! manage_faults {
    ($($before:tt)*) => { caller_faults! {
        $($before)*
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
    } };
}
