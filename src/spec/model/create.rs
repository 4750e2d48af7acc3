//! `createApiKey`: who may ask for what, and the new row.

use serde_json::{Map, Value};

use super::caller::Caller;
use super::organization::Action;
use super::store::{Place, Stored};
use super::{Model, Outcome, after_seconds, drop_member, js_length, refuse};
use crate::spec::config::{Config, RateLimit, References};
use crate::spec::edition::Behaviour;
use crate::spec::error::ErrorCode;
use crate::spec::fault::Fault;
use crate::spec::key::{KeyRow, Shown};
use crate::spec::operation::{CreateKey, Field};
use crate::spec::permission::Permissions;

const DAY_IN_SECONDS: f64 = 86_400.0;

impl Model {
    /// The order of the checks is part of the spec: the first that fails gives the answer.
    pub(super) fn create(&mut self, now: i64, caller: &Caller, mut request: CreateKey) -> Outcome<Value> {
        let named = request.config_id.as_deref().filter(|_| !self.has(Fault::CreateConfigIdIgnored));
        let config = self.config_of_new_key(named)?;
        if self.lost_a_race(caller) {
            return refuse(ErrorCode::FailedToUpdateApiKey);
        }
        let owner = if self.edition.has(Behaviour::ServerOnlyPrecedesSession) {
            self.refuse_server_only(caller, &config, &mut request)?;
            self.refuse_before_session(caller, &config, &request)?;
            self.owner_of_new_key(caller, &config, &request)?
        } else {
            self.refuse_before_session(caller, &config, &request)?;
            let owner = self.owner_of_new_key(caller, &config, &request)?;
            self.refuse_server_only(caller, &config, &mut request)?;
            owner
        };
        let asked = request.permissions.clone();
        request.permissions = match self.granted(caller, &config, &owner, request.permissions.take()) {
            Ok(granted) => granted,
            Err(refusal) => {
                self.leave_refused(now, &config, owner, asked);
                return Err(refusal);
            }
        };
        self.check_values(&config, &request)?;
        let taken = |row: &KeyRow| row.owner == owner && row.name.is_some() && row.name == request.name;
        if self.has(Fault::CreateSameNameRefused) && self.store.iter().any(taken) {
            return refuse(ErrorCode::InvalidNameLength);
        }
        // "You must configure `secondaryStorage`": without one, releases fail here as well.
        if self.places(&config).contains(&Place::Secondary) && !self.setup.secondary_storage {
            return refuse(ErrorCode::FailedToUpdateApiKey);
        }
        self.sweep(now);

        let default_prefix = config.default_prefix.clone().filter(|_| !self.has(Fault::CreateDefaultPrefixIgnored));
        let prefix = if self.has(Fault::CreateDefaultPrefixWins) {
            config.default_prefix.clone().or_else(|| request.prefix.clone())
        } else {
            request.prefix.clone().or_else(|| default_prefix.clone())
        };
        let clear_key = self.make_key(&config, prefix.as_deref());
        let mut row = self.new_row(now, &config, owner, prefix, &clear_key, request);
        self.follow_metadata(&mut row);
        let shown = if self.has(Fault::CreateHashShown) { row.key.as_str() } else { &clear_key };
        let mut body = row.to_json(&self.edition, Shown::Created { clear_key: shown });
        if self.has(Fault::CreateDatesAsNumbers) {
            body["createdAt"] = Value::from(now);
            body["updatedAt"] = Value::from(now);
        }
        if self.has(Fault::CreateConfigIdHidden) {
            drop_member(Some(&mut body), "configId");
        }
        if self.has(Fault::CreateInternalMemberShown) {
            body["lookupHash"] = Value::Null;
        }
        if self.has(Fault::MetadataHiddenOnCreate) {
            body["metadata"] = Value::Null;
        }
        if self.has(Fault::CreateMetadataLost) {
            row.metadata = Value::Null;
        }
        if let (Some(asked), true) = (asked, caller.is_client && config.client_permissions.allowed) {
            if self.has(Fault::SelfGrantClampReportsWish) {
                body["permissions"] = asked.to_json();
            }
            if self.has(Fault::SelfGrantShownNotStored) {
                row.permissions = self.default_permissions(&config, &row.owner);
            }
        }
        if config.references == References::Organization {
            self.note_maker(caller, &row.id);
        }
        let places = self.places_to_write(&config);
        self.store.insert(Stored { row, places });
        Ok(body)
    }

    /// What a fault leaves behind of a request that is refused.
    fn leave_refused(&mut self, now: i64, config: &Config, owner: String, asked: Option<Permissions>) {
        if self.has(Fault::SelfGrantRefusedCreates)
            && let (Some(asked), Some(ceiling)) = (asked, &config.client_permissions.maximum)
        {
            let clear_key = self.make_key(config, None);
            let part = CreateKey { permissions: Some(asked.clamp(ceiling)), ..CreateKey::default() };
            let row = self.new_row(now, config, owner, None, &clear_key, part);
            let places = self.places_to_write(config);
            self.store.insert(Stored { row, places });
        }
    }

    fn config_of_new_key(&self, named: Option<&str>) -> Outcome<Config> {
        let first = || self.configs.iter().next().cloned();
        if self.has(Fault::CreateFirstConfiguration)
            && named.is_none()
            && let Some(first) = first()
        {
            return Ok(first);
        }
        match self.config(named) {
            Ok(config) => Ok(config.clone()),
            Err(refusal) if self.has(Fault::CreateNoDefaultFallsBack) => first().ok_or(refusal),
            Err(refusal) => Err(refusal),
        }
    }

    /// What only the server may set, from a client: refused whatever its value. An explicit `remaining: null` is what is
    /// stored anyway, and passes.
    /// Permissions are the server's, too, unless the configuration lets clients name them.
    fn refuse_server_only(&self, caller: &Caller, config: &Config, request: &mut CreateKey) -> Outcome<()> {
        let trusted = !caller.is_client
            || self.frees_server_only(config, request)
            || (self.has(Fault::CreateHeadersTrusted) && !caller.over_http)
            || (self.has(Fault::SessionTrusted) && caller.key_session_json().is_some())
            || (caller.user_id().is_none() && !caller.over_http && self.has(Fault::CreateHeadersWithoutSessionTrusted))
            || (caller.user_id().is_none()
                && caller.over_http
                && self.has(Fault::CreateAnonymousWithServerOnlyTrusted))
            || self.trusts_owner(caller, request.organization_id.as_deref())
            || (self.has(Fault::CreateUserIdSwitchesAuthOff) && caller.over_http && request.user_id.is_some());
        if trusted {
            return Ok(());
        }
        if self.has(Fault::CreateServerOnlyDropped) {
            request.remaining = Field::Absent;
            request.refill_amount = None;
            request.refill_interval = None;
            request.rate_limit_max = None;
            request.rate_limit_time_window = None;
            request.rate_limit_enabled = None;
            request.permissions = None;
            return Ok(());
        }
        let refill = request.refill_amount.is_some() || request.refill_interval.is_some();
        let rate_limit = request.rate_limit_max.is_some()
            || request.rate_limit_time_window.is_some()
            || request.rate_limit_enabled.is_some();
        let remaining = matches!(request.remaining, Field::Set(_));
        let nobody = self.has(Fault::SelfGrantServerOnlyBeforeSession) && caller.user_id().is_none();
        let permissions = request.permissions.is_some() && (nobody || !self.client_may_ask(config));
        let server_only = (remaining && !self.has(Fault::CreateClientRemainingAccepted))
            || (refill && !self.has(Fault::CreateClientRefillAccepted))
            || (rate_limit && !self.has(Fault::CreateClientRateLimitAccepted))
            || (permissions && !self.has(Fault::CreateClientPermissionsAccepted));
        match server_only {
            true if self.has(Fault::CreateServerOnlyWrongCode) => refuse(ErrorCode::ValidationError),
            true => refuse(ErrorCode::ServerOnlyProperty),
            false => Ok(()),
        }
    }

    /// Who owns the new key. Over HTTP it is the session's user, whatever the body says: that a `userId` there once
    /// switched authentication off (CVE-2025-61928) is no part of any edition.
    fn owner_of_new_key(&self, caller: &Caller, config: &Config, request: &CreateKey) -> Outcome<String> {
        let asked = request.user_id.as_deref();
        if self.has(Fault::CreateUserIdSwitchesAuthOff) && caller.over_http && asked.is_some() {
            return Ok(asked.unwrap_or_default().to_owned());
        }
        let beside = request.permissions.is_some() && config.client_permissions.allowed;
        let honoured = self.has(Fault::CreateUserIdHonoured) || (self.has(Fault::SelfGrantFreesUserId) && beside);
        let refuse_user_id = caller.over_http && !self.edition.has(Behaviour::OwnUserIdOnCreate);
        if refuse_user_id && asked.is_some() && !honoured {
            return refuse(ErrorCode::UnauthorizedSession);
        }
        let without_organization = request.organization_id.as_deref().is_none_or(str::is_empty);
        let owned_by_user = self.has(Fault::CreateOrganizationIdOptional) && without_organization;
        if config.references == References::Organization && !owned_by_user {
            return self.organization_of_new_key(caller, request);
        }
        if let Some(organization) = &request.organization_id
            && self.has(Fault::OrganizationIdHonoured)
        {
            return Ok(organization.clone());
        }
        let owner = match (caller.user_id(), asked.filter(|id| !id.is_empty())) {
            (Some(_), Some(asked)) if honoured => asked,
            (Some(_), Some(asked)) if self.has(Fault::CreateMismatchedUserHonoured) && !caller.over_http => asked,
            // From 1.5 on a `userId` beside a session does not count on the server; before, it must be the session's.
            (Some(user), Some(asked)) if user != asked && self.edition.has(Behaviour::OwnUserIdOnCreate) => {
                return refuse(ErrorCode::UnauthorizedSession);
            }
            (Some(user), _) => user,
            (None, Some(asked)) if !caller.is_client => asked,
            (None, Some(asked)) if !caller.over_http && self.has(Fault::CreateHeadersWithoutSessionTrusted) => asked,
            (None, None) if names_server_only(request) && self.has(Fault::CreateAnonymousWithServerOnlyTrusted) => {
                "nobody"
            }
            (None, _) if self.has(Fault::CreateWithoutSession) && caller.is_client => "nobody",
            (None, _) if self.has(Fault::SelfGrantSessionOptional) && caller.is_client && beside => "nobody",
            (None, _) if self.has(Fault::CreateServerOwnerOptional) && !caller.is_client => "nobody",
            _ => return refuse(ErrorCode::UnauthorizedSession),
        };
        match self.accounts.first() {
            Some(first) if self.has(Fault::CreateOwnerWrong) => Ok(first.id.clone()),
            _ => Ok(owner.to_owned()),
        }
    }

    /// The organization that owns the new key, if the user may make keys for it.
    ///
    /// "For a pure server call without headers, pass a `userId`": releases take it from a call with headers but without
    /// a session as well, where every other operation follows the client's rules.
    fn organization_of_new_key(&self, caller: &Caller, request: &CreateKey) -> Outcome<String> {
        let Some(organization) = request.organization_id.as_deref().filter(|id| !id.is_empty()) else {
            return refuse(ErrorCode::OrganizationIdRequired);
        };
        if self.has(Fault::SelfGrantOrganizationMembershipSkipped) && request.permissions.is_some() {
            return Ok(organization.to_owned());
        }
        let named = request.user_id.as_deref().filter(|id| !id.is_empty());
        let trusted = !caller.is_client || self.has(Fault::OrganizationHeadersTrusted);
        let user = match (caller.user_id(), named) {
            (Some(_), Some(named)) if self.has(Fault::OrganizationMismatchedUserHonoured) => named,
            (Some(user), _) => user,
            (None, Some(named)) if trusted => named,
            (None, None) if self.has(Fault::OrganizationServerUserOptional) && !caller.is_client => {
                return Ok(organization.to_owned());
            }
            _ => return refuse(ErrorCode::UnauthorizedSession),
        };
        self.check_member(user, organization, Action::Create)?;
        Ok(if self.has(Fault::OrganizationUserOwns) { user } else { organization }.to_owned())
    }

    fn check_values(&self, config: &Config, request: &CreateKey) -> Outcome<()> {
        if request.metadata == Field::Null && !config.enable_metadata && self.has(Fault::MetadataNullRefused) {
            return refuse(ErrorCode::MetadataDisabled);
        }
        if matches!(&request.metadata, Field::Set(Value::Array(_))) && self.has(Fault::MetadataArrayRefused) {
            return refuse(ErrorCode::InvalidMetadataType);
        }
        self.choke_on(&request.metadata)?;
        if let Field::Set(metadata) = &request.metadata
            && is_truthy(metadata)
        {
            if !config.enable_metadata && !self.has(Fault::CreateMetadataWhenDisabled) {
                return refuse(ErrorCode::MetadataDisabled);
            }
            if !is_object(metadata) && !self.has(Fault::CreateMetadataTypeUnchecked) {
                return refuse(ErrorCode::InvalidMetadataType);
            }
        }
        let counts = |value: Option<f64>| value.is_some_and(|value| value != 0.0);
        let (amount, interval) = (counts(request.refill_amount), counts(request.refill_interval));
        if amount != interval && !self.has(Fault::CreateRefillPairUnchecked) {
            return refuse(match amount {
                true => ErrorCode::RefillAmountAndIntervalRequired,
                false => ErrorCode::RefillIntervalAndAmountRequired,
            });
        }
        if let Field::Set(seconds) = request.expires_in {
            if config.key_expiration.disable_custom_expires_time && !self.has(Fault::CreateCustomExpiryAllowed) {
                return refuse(ErrorCode::KeyDisabledExpiration);
            }
            self.check_expiry(config, seconds)?;
        }
        if let Some(prefix) = request.prefix.as_deref().filter(|prefix| !prefix.is_empty())
            && !within(prefix, config.minimum_prefix_length, config.maximum_prefix_length)
            && !self.has(Fault::CreatePrefixLengthUnchecked)
        {
            return refuse(ErrorCode::InvalidPrefixLength);
        }
        self.check_name(config, request.name.as_deref())
    }

    /// The bounds are in days and inclusive at both ends.
    pub(super) fn check_expiry(&self, config: &Config, seconds: f64) -> Outcome<()> {
        let days = seconds / DAY_IN_SECONDS;
        let expiration = &config.key_expiration;
        let slack = if self.has(Fault::CreateExpiresInMaximumOffByOne) { 1.0 } else { 0.0 };
        let too_small = days < expiration.min_expires_in && !self.has(Fault::CreateExpiresInMinimumUnchecked)
            || (days == expiration.min_expires_in && self.has(Fault::CreateExpiresInMinimumExclusive));
        if too_small {
            return refuse(ErrorCode::ExpiresInIsTooSmall);
        }
        if days > expiration.max_expires_in + slack {
            return refuse(ErrorCode::ExpiresInIsTooLarge);
        }
        Ok(())
    }

    /// An empty name is no name: every release lets it pass unless names are required, whatever their minimum.
    fn check_name(&self, config: &Config, name: Option<&str>) -> Outcome<()> {
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return match config.require_name && !self.has(Fault::CreateNameNotRequired) {
                true => refuse(ErrorCode::NameRequired),
                false => Ok(()),
            };
        };
        let maximum = config.maximum_name_length + if self.has(Fault::CreateNameLimitOffByOne) { 1.0 } else { 0.0 }
            - if self.has(Fault::CreateNameLimitExclusive) { 1.0 } else { 0.0 };
        if within(name, config.minimum_name_length, maximum) { Ok(()) } else { refuse(ErrorCode::InvalidNameLength) }
    }

    fn new_row(
        &mut self,
        now: i64,
        config: &Config,
        owner: String,
        prefix: Option<String>,
        clear_key: &str,
        request: CreateKey,
    ) -> KeyRow {
        let start = self.start(config, prefix.as_deref(), clear_key);
        let permissions = self.permissions_of_new_key(config, &owner, request.permissions);
        let expires_in = match request.expires_in {
            Field::Set(seconds) if self.has(Fault::CreateExpiresInMilliseconds) => Some(seconds / 1000.0),
            Field::Set(seconds) => Some(seconds),
            _ if self.has(Fault::CreateDefaultExpiryIgnored) => None,
            _ => {
                let fallback = self.has(Fault::CreateExpiresByDefault).then_some(30.0 * DAY_IN_SECONDS);
                config.key_expiration.default_expires_in.or(fallback)
            }
        };
        let limit = self.rate_limit_of_new_key(config);
        KeyRow {
            id: self.row_id(),
            config_id: Some(config.id().to_owned()),
            name: match request.name {
                None if self.has(Fault::CreateNameEmptyText) => Some(String::new()),
                name => name.filter(|_| !self.has(Fault::CreateNameLost)),
            },
            prefix,
            start,
            key: self.stored_form(config, clear_key),
            owner,
            refill_interval: request.refill_interval.or_else(|| self.refill_by_default(DAY_IN_SECONDS * 1000.0)),
            refill_amount: request.refill_amount.or_else(|| self.refill_by_default(10.0)),
            last_refill_at: None,
            enabled: !self.has(Fault::CreateDisabled),
            // Up to 1.2.5 a key starts limited whatever the configuration says; the configuration still decides.
            rate_limit_enabled: request
                .rate_limit_enabled
                .filter(|enabled| *enabled || !self.has(Fault::CreateRateLimitOffIgnored))
                .unwrap_or(config.rate_limit.enabled || !self.edition.has(Behaviour::RateLimitFlagIsConfigured)),
            rate_limit_time_window: Some(request.rate_limit_time_window.unwrap_or(limit.time_window)),
            rate_limit_max: Some(request.rate_limit_max.unwrap_or(limit.max_requests)),
            request_count: 0,
            remaining: match request.remaining {
                _ if self.has(Fault::CreateRemainingLost) => None,
                Field::Set(0.0) if self.has(Fault::CreateZeroRemainingUnlimited) => None,
                Field::Set(remaining) => Some(remaining),
                // Up to 1.3.4 a refill amount is what the key starts with; after it, such a key is unlimited and the
                // refill never matters. That a `remaining` of 0 meant "unlimited" there is a defect, not followed.
                _ if self.edition.has(Behaviour::RemainingFallsBackToRefill) => request.refill_amount,
                _ => None,
            },
            last_request: None,
            expires_at: expires_in.map(|seconds| after_seconds(now, seconds)),
            created_at: now,
            updated_at: now,
            permissions,
            // Every release echoes a falsy value such as `""` or `0` here and stores `null`. The reply shows what is
            // stored: docs say that it returns the key object.
            metadata: match request.metadata {
                Field::Set(metadata) if is_truthy(&metadata) => metadata,
                _ if self.has(Fault::CreateMetadataEmptyObject) => Value::Object(Map::new()),
                _ => Value::Null,
            },
        }
    }

    fn refill_by_default(&self, value: f64) -> Option<f64> {
        self.has(Fault::CreateRefillByDefault).then_some(value)
    }

    fn rate_limit_of_new_key(&self, config: &Config) -> RateLimit {
        let plain = RateLimit { enabled: true, time_window: 86_400_000.0, max_requests: 10.0 };
        let mut limit = if self.has(Fault::CreateRateLimitConfigIgnored) { plain } else { config.rate_limit };
        if self.has(Fault::CreateRateLimitWindowWrong) {
            limit.time_window /= 1000.0;
        }
        if self.has(Fault::CreateRateLimitDefaultWrong) && limit.max_requests == plain.max_requests {
            limit.max_requests = 100.0;
        }
        limit
    }

    fn start(&self, config: &Config, prefix: Option<&str>, clear_key: &str) -> Option<String> {
        let length = match config.starting_characters {
            None if !self.has(Fault::CreateStartStoredAlways) => return None,
            _ if self.has(Fault::CreateStartLengthFixed) => 6,
            length => length.unwrap_or(6),
        };
        if self.has(Fault::CreateStartWholeKey) {
            return Some(clear_key.to_owned());
        }
        let shown = match prefix {
            Some(prefix) if self.has(Fault::CreateStartWithoutPrefix) => {
                clear_key.strip_prefix(prefix).unwrap_or(clear_key)
            }
            _ => clear_key,
        };
        let units: Vec<u16> = shown.encode_utf16().take(length).collect();
        Some(String::from_utf16_lossy(&units))
    }

    fn permissions_of_new_key(&self, config: &Config, owner: &str, asked: Option<Permissions>) -> Option<Permissions> {
        let default = self.default_permissions(config, owner);
        match asked {
            Some(asked) if asked.is_empty() && self.has(Fault::CreateEmptyPermissionsTakeDefault) => default,
            Some(asked) if self.has(Fault::CreatePermissionsMergeDefault) => Some(merged(default, asked)),
            Some(asked) if self.has(Fault::CreatePermissionsSorted) => Some(sorted(&asked)),
            Some(asked) if self.has(Fault::CreatePermissionsOddNamesLost) => Some(with_plain_names(asked)),
            Some(asked) => Some(asked),
            None if self.has(Fault::CreatePermissionsEmptyObject) => Some(default.unwrap_or_default()),
            None => default,
        }
    }
}

fn names_server_only(request: &CreateKey) -> bool {
    matches!(request.remaining, Field::Set(_)) || request.permissions.is_some()
}

/// Without the resources whose name is more than letters and digits.
fn with_plain_names(mut permissions: Permissions) -> Permissions {
    permissions.0.retain(|name, _| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()));
    permissions
}

fn sorted(permissions: &Permissions) -> Permissions {
    permissions.normal_form().into_iter().collect()
}

/// Both together: what a faulty merge makes of two grants.
pub(super) fn merged(old: Option<Permissions>, new: Permissions) -> Permissions {
    let mut all = old.unwrap_or_default();
    for (resource, actions) in new.0 {
        all.0.entry(resource).or_default().extend(actions);
    }
    all
}

/// An object as JavaScript's `typeof` has it: lists too.
pub(super) fn is_object(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// Is the length of a text within the bounds, both included?
pub(super) fn within(text: &str, minimum: f64, maximum: f64) -> bool {
    let length = js_length(text) as f64;
    length >= minimum && length <= maximum
}

fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        _ => true,
    }
}
