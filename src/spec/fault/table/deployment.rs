//! Faults of what is around the operations: storage, restarts, transport.

macro_rules! deployment_faults {
    ($($before:tt)*) => { with_self_grant_faults! {
        $($before)*
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
    } };
}
