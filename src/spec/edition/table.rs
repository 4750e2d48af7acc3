//! The table: one row a behaviour that differs between releases, ordered by id.
//!
//! A row's sentence says what holds *inside* its intervals. A new row goes where its id belongs; the
//! tests of [`super`] keep the order.

use super::{Interval, Kind, LINE_END, Row};

macro_rules! behaviours {
    ($($(#[doc = $sentence:literal])+ $name:ident $id:literal $kind:ident [$($interval:expr),+] $source:literal;)+) => {
        /// What differs between releases. The sentence on each is that of its row.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Behaviour {
            $($(#[doc = $sentence])+ $name,)+
        }

        pub(super) const ROWS: &[Row] = &[$(Behaviour::$name.row()),+];

        impl Behaviour {
            pub const fn row(self) -> Row {
                match self {
                    $(Self::$name => Row {
                        behaviour: self,
                        id: $id,
                        sentence: concat!($($sentence),+).trim_ascii(),
                        kind: Kind::$kind,
                        intervals: const { &[$($interval),+] },
                        source: $source,
                    },)+
                }
            }
        }
    };
}

behaviours! {
    /// A promise from the custom validator is taken for consent, whatever becomes of it.
    AsyncValidatorsPass "async-validators-pass" Defect [Interval::to(1, 2, LINE_END)] "routes/verify-api-key.ts";

    /// There can be several configurations, named by `configId`.
    ConfigurationsHaveNames "configurations-have-names" Difference [Interval::from(1, 5, 0)] "index.ts";

    /// Uses at the same time are counted as fewer: quota and rate limit are read first and written later.
    CountersRace "counters-race" Defect [Interval::to(1, 6, 16)] "routes/verify-api-key.ts";

    /// `rateLimitEnabled` of a create request is ignored.
    CreateIgnoresRateLimitFlag "create-ignores-rate-limit-flag" Defect [Interval::within((1, 2, 6), (1, 2, 7))]
        "routes/create-api-key.ts";

    /// Create reads the session from the store, not from the cookie cache.
    CreateReadsStoredSession "create-reads-stored-session" Difference [Interval::from(1, 6, 16)]
        "routes/create-api-key.ts";

    /// A client that names any `userId` on create needs no session and may set what only the server may set:
    /// CVE-2025-61928.
    CreateTrustsUserId "create-trusts-user-id" Defect [Interval::to(1, 3, 25)]
        "CVE-2025-61928, routes/create-api-key.ts";

    /// A `customStorage` needs `getAndDelete` and `increment` as well.
    CustomStorageIncrements "custom-storage-increments" Difference [Interval::from(1, 7, 0)] "types.ts";

    /// `deferUpdates` is honoured in pure secondary storage only: writes to the database are waited for.
    DatabaseUpdatesAreAwaited "database-updates-are-awaited" Difference [Interval::from(1, 6, 17)]
        "routes/verify-api-key.ts";

    /// Metadata that are nested thousands deep are an empty 500.
    DeepMetadataAre500 "deep-metadata-are-500" Defect [Interval::ALL] "observed";

    /// The server can call `deleteAllExpiredApiKeys`; before it is not exported.
    DeleteAllIsCallable "delete-all-is-callable" Difference [Interval::from(1, 3, 0)] "index.ts";

    /// `deleteApiKey` is a POST; before it is a DELETE.
    DeleteIsPost "delete-is-post" Difference [Interval::from(1, 2, 5)] "routes/delete-api-key.ts";

    /// A use that the rate limit denies is taken off `remaining` all the same.
    DeniedCallsBurnRemaining "denied-calls-burn-remaining" Defect [Interval::to(1, 4, 7), Interval::from(1, 6, 17)]
        "routes/verify-api-key.ts";

    /// Verify's refusal of a disabled key says that its usage limit is reached.
    DisabledKeySaysUsageLimit "disabled-key-says-usage-limit" Defect [Interval::to(1, 2, 8)] "routes/verify-api-key.ts";

    /// A required resource without actions is waved through when the key has the resource.
    EmptyActionsPass "empty-actions-pass" Defect [Interval::to(1, 6, 11)] "plugins/access/access.ts";

    /// The `code` of an error is its symbol; before most codes are made of the message.
    ErrorCodesAreSymbols "error-codes-are-symbols" Difference [Interval::from(1, 5, 0)] "error-codes.ts";

    /// With `fallbackToDatabase`, a list that is built while keys are written can miss some of them.
    FallbackListsRace "fallback-lists-race" Defect [Interval::within((1, 4, 1), (1, 6, 5))] "adapter.ts";

    /// With `fallbackToDatabase`, verify counts uses in the cache only.
    FallbackVerifySkipsDatabase "fallback-verify-skips-database" Defect [Interval::within((1, 4, 1), (1, 4, 6))]
        "routes/verify-api-key.ts";

    /// Form bodies are read as well as JSON, with text as every value; after it everything but JSON is answered 415.
    FormBodies "form-bodies" Difference [Interval::to(1, 3, LINE_END)] "better-call 1.0.19";

    /// `GET /get-session` with a key as the session fails: the hook does not answer with a response.
    GetSessionByKeyFails "get-session-by-key-fails" Defect [Interval::to(1, 3, 13)] "index.ts";

    /// A GET with a body is an empty 500.
    GetWithBodyIs500 "get-with-body-is-500" Defect [Interval::to(1, 3, 7)] "better-call 1.0.13";

    /// Keys can be stored in clear: the option `disableKeyHashing`.
    HashingCanBeOff "hashing-can-be-off" Difference [Interval::from(1, 2, 8)] "index.ts";

    /// Of the accepted types, only those that begin like `application/json` or `application/…+json` are parsed; the
    /// body of others (`x-application/json`) is an object without members.
    JsonTypeMustLead "json-type-must-lead" Difference [Interval::from(1, 4, 4)] "better-call 1.1.3";

    /// Keys are drawn from a generator that is not made for secrets (`Math.random`).
    KeysArePredictable "keys-are-predictable" Defect [Interval::to(1, 3, LINE_END)] "index.ts";

    /// The keys of a user are removed with the user.
    KeysDieWithTheirUser "keys-die-with-their-user" Difference [Interval::within((1, 3, 8), (1, 4, LINE_END))]
        "schema.ts";

    /// A user who has keys cannot be removed from an SQL database: 500.
    KeysKeepTheirUser "keys-keep-their-user" Defect [Interval::to(1, 3, 3)] "schema.ts";

    /// The keys of a user who was removed stay valid.
    KeysOutliveTheirUser "keys-outlive-their-user" Defect [Interval::from(1, 5, 0)] "schema.ts";

    /// A list ends silently after 100 keys, however they are paged, and `total` says 100.
    ListIsCapped "list-is-capped" Defect [Interval::from(1, 2, 6)] "advanced.database.defaultFindManyLimit";

    /// A list reply is `{apiKeys, total, limit?, offset?}`; before it is a plain array.
    ListIsWrapped "list-is-wrapped" Difference [Interval::from(1, 5, 0)] "routes/list-api-keys.ts";

    /// `listApiKeys` reads and validates its query; before it is ignored.
    ListQueryIsRead "list-query-is-read" Difference [Interval::from(1, 5, 0)] "routes/list-api-keys.ts";

    /// A body that is not JSON is answered 400 with a code; before it is an empty 500.
    MalformedJsonIsBadRequest "malformed-json-is-bad-request" Difference [Interval::from(1, 6, 16)] "better-call 1.3.6";

    /// A body that is not JSON makes the request handler throw, past all error handling: what is answered is up to the
    /// server around it.
    MalformedJsonThrows "malformed-json-throws" Defect [Interval::to(1, 3, LINE_END)] "better-call 1.0.19";

    /// Metadata are encoded twice in the row: who reads the table finds text in text.
    MetadataAreEncodedTwice "metadata-are-encoded-twice" Defect [Interval::within((1, 2, 6), (1, 4, 10))]
        "routes/create-api-key.ts";

    /// The metadata of a create request are not stored.
    MetadataAreLost "metadata-are-lost" Defect [Interval::to(1, 2, 3)] "routes/create-api-key.ts";

    /// Rows that were made before configurations had names are refused.
    NamelessRowsAreRefused "nameless-rows-are-refused" Defect [Interval::within((1, 6, 10), (1, 6, 12))]
        "routes/verify-api-key.ts";

    /// Names can be required: the option `requireName`.
    NamesCanBeRequired "names-can-be-required" Difference [Interval::from(1, 3, 0)] "index.ts";

    /// A configuration can have organizations own its keys: the option `references`.
    OrganizationsOwnKeys "organizations-own-keys" Difference [Interval::from(1, 5, 0)] "org-authorization.ts";

    /// A client may name the owner by `userId` when it creates a key, provided that this is the session's own user.
    /// Outside, `userId` from a client is refused.
    OwnUserIdOnCreate "own-user-id-on-create" Difference [Interval::to(1, 4, LINE_END)] "routes/create-api-key.ts";

    /// Bodies name the owner of a key `referenceId` (before: `userId`), and `configId` beside it.
    OwnerIsReferenceId "owner-is-reference-id" Difference [Interval::from(1, 5, 0)] "schema.ts";

    /// `get`, `list` and `verify` show permissions as JSON text; after it as an object.
    PermissionsAreReadAsText "permissions-are-read-as-text" Difference [Interval::to(1, 2, 5)] "routes/get-api-key.ts";

    /// Metadata that name `__proto__` (or the prototype of `constructor`) at any depth are stored and cannot be read
    /// again: `get` and `update` of that key and every list of its owner are an empty 500.
    PrototypeMetadataBreakReads "prototype-metadata-break-reads" Defect [Interval::ALL] "observed";

    /// A key with metadata that name `__proto__` cannot be deleted: its owner's lists stay broken.
    PrototypeMetadataStay "prototype-metadata-stay" Defect [Interval::from(1, 4, 11)] "observed";

    /// A key without `rateLimitEnabled` has that of the configuration; before it has `true`.
    RateLimitFlagIsConfigured "rate-limit-flag-is-configured" Difference [Interval::from(1, 2, 6)]
        "routes/create-api-key.ts";

    /// Verify's `RATE_LIMITED` comes with `details.tryAgainIn`, in milliseconds.
    RateLimitedHasDetails "rate-limited-has-details" Difference [Interval::to(1, 2, 8), Interval::from(1, 4, 19)]
        "routes/verify-api-key.ts";

    /// `RATE_LIMITED` is 429 where a key acts as a session; before 401.
    RateLimitedIs429 "rate-limited-is-429" Difference [Interval::from(1, 6, 11)] "routes/verify-api-key.ts";

    /// Verify takes `refillInterval` as days, where the documentation says milliseconds.
    RefillIntervalInDays "refill-interval-in-days" Defect [Interval::to(1, 3, 24)]
        "routes/verify-api-key.ts, issue 4871";

    /// A key that is created with a refill amount and without `remaining` starts with that amount; after it `null` stays
    /// `null`, and the refill never happens.
    RemainingFallsBackToRefill "remaining-falls-back-to-refill" Difference [Interval::to(1, 3, 4)]
        "routes/create-api-key.ts";

    /// Endpoints that need an authoritative session (change of password, of e-mail, deletion of the user, revocation
    /// of sessions) answer 401 to a key's session.
    SensitiveEndpointsRefuseKeys "sensitive-endpoints-refuse-keys" Difference [Interval::from(1, 6, 21)]
        "api/routes/session.ts";

    /// On create, what only the server may set is refused before the session is looked at: nobody gets 400 there, and
    /// 401 before 1.5.
    ServerOnlyPrecedesSession "server-only-precedes-session" Difference [Interval::from(1, 5, 0)]
        "routes/create-api-key.ts";

    /// A key's session holds on `GET /get-session` only.
    SessionOnlyOnGetSession "session-only-on-get-session" Defect [Interval::within((1, 3, 7), (1, 3, 7))] "index.ts";

    /// Without a session `get`, `list` and `delete` answer 401 with code and message; before the body is empty.
    SessionRefusalHasBody "session-refusal-has-body" Difference [Interval::from(1, 5, 0)] "better-call 1.3.2";

    /// Keys act as sessions unless `disableSessionForAPIKeys` is set; after it only with `enableSessionForAPIKeys`.
    SessionsByDefault "sessions-by-default" Difference [Interval::to(1, 3, 25)] "index.ts";

    /// A key of any configuration gives a session, also of one that has sessions off.
    SessionsIgnoreConfigId "sessions-ignore-config-id" Defect [Interval::within((1, 5, 0), (1, 6, 9))] "index.ts";

    /// A key gives a session as soon as it is known, also when it is disabled, expired, exhausted or rate limited, and
    /// the use is not counted.
    SessionsSkipChecks "sessions-skip-checks" Defect [Interval::to(1, 2, 8)] "index.ts";

    /// The address in a key's session is `null` where `x-forwarded-for` has several hops; before it is the first hop.
    SeveralHopsHaveNoAddress "several-hops-have-no-address" Difference [Interval::from(1, 6, 21)]
        "utils/get-request-ip.ts";

    /// Verify refuses a key that is shorter than `defaultKeyLength` (prefix counted) as `KEY_NOT_FOUND`, without a
    /// look-up.
    ShortKeysAreNotFound "short-keys-are-not-found" Difference [Interval::to(1, 4, 10)] "routes/verify-api-key.ts";

    /// Repeated slashes in a path and one at its end are ignored; after it they are another path: 404.
    SlashesAreLoose "slashes-are-loose" Difference [Interval::to(1, 4, 5)] "better-call 1.1.4";

    /// Keys can be stored outside the database: the options `storage`, `fallbackToDatabase` and `customStorage`.
    StorageCanBeSecondary "storage-can-be-secondary" Difference [Interval::from(1, 4, 1)] "adapter.ts";

    /// The sweep of expired keys removes nothing from SQL databases.
    SweepSkipsSql "sweep-skips-sql" Defect [Interval::within((1, 3, 0), (1, 5, LINE_END))]
        "routes/index.ts, issue 8660";

    /// A `userId` that cannot become text (an object with a `toString` of its own) is an empty 500.
    UncoercibleUserIdIs500 "uncoercible-user-id-is-500" Defect [Interval::within((1, 2, 5), (1, 2, LINE_END))] "zod 3";

    /// A body of a type that the framework does not know is taken for an object without members, whatever it holds:
    /// no content type, `application/octet-stream`, `APPLICATION/JSON`.
    UnknownBodiesAreEmpty "unknown-bodies-are-empty" Difference [Interval::to(1, 3, LINE_END)] "better-call 1.0.19";

    /// Verify takes a `configId` that nobody configured for that of the default configuration.
    UnknownConfigIdIsDefault "unknown-config-id-is-default" Defect [Interval::within((1, 5, 0), (1, 6, 12))]
        "routes/verify-api-key.ts";

    /// Verify answers `INVALID_API_KEY` to an unknown key; before `KEY_NOT_FOUND`.
    UnknownKeyIsInvalid "unknown-key-is-invalid" Difference [Interval::from(1, 2, 9)] "routes/verify-api-key.ts";

    /// An unknown `sortBy` is an empty 500.
    UnknownSortIs500 "unknown-sort-is-500" Defect [Interval::from(1, 5, 0)] "routes/list-api-keys.ts";

    /// Verify without `configId` refuses every key that is not of the default configuration.
    UnscopedVerifyIsDefault "unscoped-verify-is-default" Defect [Interval::within((1, 6, 10), (1, 6, 12))]
        "routes/verify-api-key.ts";

    /// An update of a key counts as a use: `lastRequest` is now, and `remaining` goes down by one unless it is set.
    UpdateCountsAsUse "update-counts-as-use" Defect [Interval::to(1, 3, LINE_END)]
        "routes/update-api-key.ts, issue 5325";

    /// Update reads the session from the store, not from the cookie cache.
    UpdateReadsStoredSession "update-reads-stored-session" Difference [Interval::from(1, 6, 17)]
        "routes/update-api-key.ts";

    /// An update takes `remaining` below zero, where verify no longer sees an exhausted key.
    UpdateRevivesExhaustedKeys "update-revives-exhausted-keys" Defect [Interval::to(1, 3, LINE_END)]
        "routes/update-api-key.ts";

    /// An update stores metadata though the option `enableMetadata` is off.
    UpdateStoresDisabledMetadata "update-stores-disabled-metadata" Defect [Interval::to(1, 4, 6)]
        "routes/update-api-key.ts";

    /// A client that names any `userId` on update needs no session and may set what only the server may set.
    UpdateTrustsUserId "update-trusts-user-id" Defect [Interval::to(1, 3, LINE_END)] "routes/update-api-key.ts";

    /// `verifyApiKey` can write after it has answered: the option `deferUpdates`.
    UpdatesCanBeDeferred "updates-can-be-deferred" Difference [Interval::from(1, 4, 8)] "routes/verify-api-key.ts";

    /// `USAGE_EXCEEDED` is 429 where a key acts as a session; before 401.
    UsageExceededIs429 "usage-exceeded-is-429" Difference [Interval::from(1, 3, 0)] "routes/verify-api-key.ts";

    /// `userId` is coerced to a string; before only a string is accepted.
    UserIdIsCoerced "user-id-is-coerced" Difference [Interval::from(1, 2, 5)] "routes/create-api-key.ts";

    /// Numbers must be finite (`1e400` is none), and a member `__proto__` of permissions is dropped unseen; before it is
    /// validated, then dropped.
    ValidationIsZod4 "validation-is-zod-4" Difference [Interval::from(1, 3, 0)] "zod 4";

    /// The message of a validation error names the path of each mistake; before it is a fixed sentence.
    ValidationNamesPath "validation-names-path" Difference [Interval::from(1, 4, 5)] "better-call 1.1.4";

    /// Verify without `configId` looks the key up before it asks the custom validator, which is that of the key's own
    /// configuration; before, the validator comes first: a key that it refuses is `KEY_NOT_FOUND` even when unknown.
    ValidatorFollowsLookUp "validator-follows-look-up" Difference [Interval::from(1, 6, 13)] "routes/verify-api-key.ts";

    /// Where the custom validator refuses a key, the message of verify's refusal is an object.
    ValidatorMessageIsObject "validator-message-is-object" Defect [Interval::from(1, 5, 0)] "routes/verify-api-key.ts";

    /// Verify ignores `configId`: a key of any configuration is valid for any other.
    VerifyIgnoresConfigId "verify-ignores-config-id" Defect [Interval::within((1, 5, 0), (1, 6, 9))]
        "routes/verify-api-key.ts";

    /// Verify sets `updatedAt`.
    VerifySetsUpdatedAt "verify-sets-updated-at" Difference [Interval::from(1, 4, 1)] "routes/verify-api-key.ts";

    /// Verify shows metadata as the JSON text of the row.
    VerifyShowsMetadataText "verify-shows-metadata-text" Defect [Interval::to(1, 2, 3)] "routes/verify-api-key.ts";

    /// Verify triggers the sweep of expired keys.
    VerifySweeps "verify-sweeps" Difference [Interval::to(1, 4, 7)] "routes/verify-api-key.ts";

    /// Verify writes the whole row that it has read, and undoes what others changed meanwhile.
    VerifyWritesWholeRow "verify-writes-whole-row" Defect [Interval::within((1, 4, 1), (1, 6, 15))]
        "routes/verify-api-key.ts";

    /// `remaining: 0` on create is stored as `null`: the key is unlimited.
    ZeroRemainingIsUnlimited "zero-remaining-is-unlimited" Defect [Interval::to(1, 3, 4)] "routes/create-api-key.ts";
}
