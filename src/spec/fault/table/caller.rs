//! Faults of those who call: sessions from keys, organizations.

macro_rules! caller_faults {
    ($($before:tt)*) => { deployment_faults! {
        $($before)*
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
    } };
}
