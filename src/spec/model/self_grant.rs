//! Self-grant, as proposed: what a client may give its own key, and what becomes of a wish above the ceiling.
//!
//! The rule is [`Model::granted`]; how a wish is measured is the algebra of [`Permissions`]. All else here is what faults
//! make of both.

use serde_json::{Value, json};

use super::caller::Caller;
use super::create::merged;
use super::key_session::KeySession;
use super::verify::INHERITED;
use super::{Model, Outcome, Refusal, refuse};
use crate::spec::config::{AboveMaximum, Config, DefaultPermissions, References};
use crate::spec::error::ErrorCode;
use crate::spec::fault::Fault;
use crate::spec::operation::{CreateKey, Field};
use crate::spec::permission::Permissions;

impl Model {
    /// May a client name permissions for a new key of this configuration?
    pub(super) fn client_may_ask(&self, config: &Config) -> bool {
        let own = &config.client_permissions;
        if config.references == References::Organization && self.has(Fault::SelfGrantOrganizationRefused) {
            return false;
        }
        own.allowed
            || (own.maximum.is_some() && self.has(Fault::SelfGrantOnWithMaximum))
            || (self.has(Fault::SelfGrantOneSwitchForAll)
                && self.configs.iter().any(|config| config.client_permissions.allowed))
    }

    /// The permissions that a new key gets for those that were asked for; `None` leaves it to the defaults.
    ///
    /// A client's wish is held under the ceiling of the configuration, and under what the key holds that stands for the
    /// client. The defaults are the server's own choice, and no ceiling caps them: but a key does not mint a key that
    /// holds more than itself by leaving permissions out.
    pub(super) fn granted(
        &self,
        caller: &Caller,
        config: &Config,
        owner: &str,
        asked: Option<Permissions>,
    ) -> Outcome<Option<Permissions>> {
        if !caller.is_client {
            return self.granted_to_server(config, asked);
        }
        if !self.client_may_ask(config) || (self.has(Fault::SelfGrantHeadersUncapped) && !caller.over_http) {
            return Ok(asked);
        }
        let holder = self.holder(caller, config);
        let was_sent = asked.is_some();
        let (wish, bound) = match (asked, holder) {
            (Some(wish), holder) => match (self.ceiling(config), holder) {
                (Some(_), Some(held)) if self.has(Fault::SelfGrantKeySessionIsCeiling) => (wish, held),
                (Some(ceiling), Some(held)) => (wish, ceiling.meet(&held)),
                (Some(bound), None) | (None, Some(bound)) => (wish, bound),
                (None, None) => return Ok(Some(wish)),
            },
            (None, Some(_)) if self.has(Fault::SelfGrantKeySessionDefaults) => return Ok(None),
            (None, Some(held)) => match self.default_permissions(config, owner) {
                Some(defaults) => (defaults, held),
                None => return Ok(None),
            },
            (None, None) => return self.granted_by_default(config, owner),
        };
        let beyond = self.beyond(&wish, &bound)?;
        if beyond.is_empty() && !(wish.is_empty() && self.has(Fault::SelfGrantEmptyGrantRefused)) {
            return Ok(self.granted_within(config, owner, wish).filter(|_| was_sent));
        }
        match config.client_permissions.above_maximum {
            AboveMaximum::Clamp => self.clamped(wish, &bound),
            AboveMaximum::Refuse if self.has(Fault::SelfGrantTrimmed) => Ok(Some(wish.clamp(&bound))),
            AboveMaximum::Refuse if self.has(Fault::SelfGrantDefaultsInstead) => Ok(None),
            AboveMaximum::Refuse => Err(self.exceeds(&wish, &bound, beyond, was_sent)),
        }
    }

    /// The refusal names what exceeds, and of that only what the client itself sent.
    fn exceeds(&self, wish: &Permissions, ceiling: &Permissions, beyond: Permissions, was_sent: bool) -> Refusal {
        if self.has(Fault::SelfGrantWrongCode) {
            return ErrorCode::ServerOnlyProperty.into();
        }
        let named = match () {
            () if self.has(Fault::SelfGrantNamesCeiling) => Some(ceiling.clone()),
            () if self.has(Fault::SelfGrantNamesWish) => Some(wish.clone()),
            () => Some(beyond).filter(|_| was_sent && !self.has(Fault::SelfGrantNamesNothing)),
        };
        let details = named.map(|named| json!({ "exceeding": named.to_json() }));
        Refusal { code: ErrorCode::PermissionsExceedMaximum, details }
    }

    fn clamped(&self, wish: Permissions, ceiling: &Permissions) -> Outcome<Option<Permissions>> {
        let mut clamped = wish.clamp(ceiling);
        if self.has(Fault::SelfGrantClampKeepsUnknown) {
            let unknown = wish.0.iter().filter(|(resource, _)| ceiling.actions(resource).is_none());
            clamped.0.extend(unknown.map(|(resource, actions)| (resource.clone(), actions.clone())));
        }
        let nothing = clamped.0.values().all(Vec::is_empty);
        Ok(Some(match () {
            () if self.has(Fault::SelfGrantClampRefuses) => return refuse(ErrorCode::PermissionsExceedMaximum),
            () if self.has(Fault::SelfGrantClampToDefaults) && nothing => return Ok(None),
            () if self.has(Fault::SelfGrantClampIgnored) => wish,
            () if self.has(Fault::SelfGrantClampToCeiling) => ceiling.clone(),
            () => clamped,
        }))
    }

    /// The ceiling of a configuration; `None` is no ceiling.
    fn ceiling(&self, config: &Config) -> Option<Permissions> {
        let of = |config: &Config| config.client_permissions.maximum.clone();
        if config.references == References::Organization && self.has(Fault::SelfGrantOrganizationUncapped) {
            return None;
        }
        let ceiling = match () {
            () if self.has(Fault::SelfGrantDefaultConfigurationCaps) => self.configs.resolve(None).and_then(of),
            () if self.has(Fault::SelfGrantLastConfigurationCaps) => self.configs.iter().last().and_then(of),
            () if self.has(Fault::SelfGrantCeilingsUnited) => {
                self.configs.iter().filter_map(of).reduce(|all, one| merged(Some(all), one))
            }
            () => of(config),
        };
        match ceiling {
            None if self.has(Fault::SelfGrantUncappedRefused) => Some(Permissions::default()),
            Some(ceiling) if ceiling.is_empty() && self.has(Fault::SelfGrantEmptyCeilingIsNone) => None,
            ceiling => ceiling,
        }
    }

    /// What the key holds that stands for the client; `None` where a user does.
    fn holder(&self, caller: &Caller, config: &Config) -> Option<Permissions> {
        let KeySession { permissions, config_id, .. } = caller.key_session()?;
        let free = self.has(Fault::SelfGrantKeySessionUncapped)
            || (self.has(Fault::SelfGrantKeySessionElsewhere) && config_id != config.id())
            || (self.has(Fault::SelfGrantKeySessionHoldsAll) && permissions.is_none());
        (!free).then(|| permissions.clone().unwrap_or_default())
    }

    pub(super) fn default_permissions(&self, config: &Config, owner: &str) -> Option<Permissions> {
        match config.default_permissions.as_ref()? {
            _ if self.has(Fault::CreateDefaultPermissionsLost) => None,
            DefaultPermissions::These(permissions) => Some(permissions.clone()),
            DefaultPermissions::FromOwner if self.has(Fault::CreateDefaultFunctionIgnored) => None,
            DefaultPermissions::FromOwner => Some([("owner", [owner])].into_iter().collect()),
        }
    }

    /// What of a wish is above a ceiling.
    fn beyond(&self, wish: &Permissions, ceiling: &Permissions) -> Outcome<Permissions> {
        if self.is_sound() {
            return Ok(wish.exceeding(ceiling));
        }
        let mut names = wish.0.iter().flat_map(|(resource, actions)| actions.iter().chain([resource]));
        let fails = (self.has(Fault::SelfGrantLargeFails) && names.clone().count() > 1000)
            || (self.has(Fault::SelfGrantInheritedFails) && names.any(|name| is_inherited(name)));
        if fails {
            return refuse(ErrorCode::FailedToUpdateApiKey);
        }
        Ok(self.beyond_faulty(wish, ceiling))
    }
}

/// What faults make of it.
impl Model {
    /// What a careless comparison finds above the ceiling.
    fn beyond_faulty(&self, wish: &Permissions, ceiling: &Permissions) -> Permissions {
        if self.has(Fault::SelfGrantCeilingIgnored) {
            return Permissions::default();
        }
        if self.has(Fault::SelfGrantWholeCeilingRefused) && wish.is_equivalent(ceiling) && !wish.is_empty() {
            return wish.clone();
        }
        let last = wish.0.len().saturating_sub(1);
        let beyond = wish.0.iter().enumerate().filter(|(index, (resource, actions))| {
            let unmeasured = (self.has(Fault::SelfGrantFirstResourceOnly) && *index > 0)
                || (self.has(Fault::SelfGrantLastResourceOnly) && *index < last)
                || (self.has(Fault::SelfGrantInheritedAccepted) && is_inherited(resource))
                || (self.has(Fault::SelfGrantEmptyActionsAccepted) && actions.is_empty());
            !unmeasured
        });
        let beyond = beyond.filter_map(|(_, (resource, actions))| {
            let above = self.actions_beyond(resource, actions, ceiling)?;
            Some((resource.clone(), above))
        });
        Permissions(beyond.collect())
    }

    /// The actions above the ceiling, `None` where the resource is within it.
    fn actions_beyond(&self, resource: &str, actions: &[String], ceiling: &Permissions) -> Option<Vec<String>> {
        if self.has(Fault::SelfGrantInheritedNeverGranted) && is_inherited(resource) {
            return Some(actions.to_vec());
        }
        let entries: Vec<&Vec<String>> =
            ceiling.0.iter().filter(|(listed, _)| self.same(resource, listed)).map(|(_, actions)| actions).collect();
        if entries.is_empty() {
            return (!self.has(Fault::SelfGrantUnknownResources)).then(|| actions.to_vec());
        }
        let allowed: Vec<&String> = match self.has(Fault::SelfGrantActionsOfAnyResource) {
            true => ceiling.0.values().flatten().collect(),
            false => entries.into_iter().flatten().collect(),
        };
        let everything = self.has(Fault::SelfGrantResourcesOnly)
            || (self.has(Fault::SelfGrantEmptyListIsAll) && allowed.is_empty())
            || (self.has(Fault::SelfGrantOverlapSuffices) && actions.iter().any(|action| allowed.contains(&action)));
        if everything {
            return None;
        }
        let is_allowed = |action: &String| {
            allowed.iter().any(|listed| self.same(action, listed))
                || (self.has(Fault::SelfGrantInheritedAccepted) && is_inherited(action))
        };
        let measured = if self.has(Fault::SelfGrantFirstActionOnly) { 1 } else { actions.len() };
        let mut above: Vec<String> =
            actions.iter().take(measured).filter(|action| !is_allowed(action)).cloned().collect();
        let places: Vec<_> =
            actions.iter().filter_map(|action| allowed.iter().position(|one| *one == action)).collect();
        if (self.has(Fault::SelfGrantOrderMatters) && places.windows(2).any(|pair| pair[0] > pair[1]))
            || (self.has(Fault::SelfGrantRepetitionRefused) && has_repetition(actions))
        {
            above = actions.to_vec();
        }
        (!above.is_empty()).then_some(above)
    }

    /// Is a name that is asked for one of the ceiling? It is if it is equal: all else is a fault.
    fn same(&self, asked: &str, listed: &str) -> bool {
        asked == listed
            || (self.has(Fault::SelfGrantCaseFolded) && asked.to_lowercase() == listed.to_lowercase())
            || (self.has(Fault::SelfGrantSpaceTrimmed) && asked.trim() == listed.trim())
            || (self.has(Fault::SelfGrantPrefixMatches) && asked.starts_with(listed))
            || (self.has(Fault::SelfGrantShorterMatches) && listed.starts_with(asked))
            || (self.has(Fault::SelfGrantWildcardInCeiling) && listed == "*")
            || (self.has(Fault::SelfGrantWildcardInWish) && asked == "*")
            || (self.has(Fault::SelfGrantFormsNormalized) && composed(asked) == composed(listed))
            || (self.has(Fault::SelfGrantLookAlikes) && skeleton(asked) == skeleton(listed))
    }

    fn granted_within(&self, config: &Config, owner: &str, wish: Permissions) -> Option<Permissions> {
        let ceiling = || config.client_permissions.maximum.clone();
        match () {
            () if wish.is_empty() && self.has(Fault::SelfGrantEmptyGrantIsDefault) => None,
            () if wish.is_empty() && self.has(Fault::SelfGrantEmptyGrantIsCeiling) => ceiling(),
            () if !wish.is_empty() && self.has(Fault::SelfGrantCeilingGranted) => ceiling().or(Some(wish)),
            () if self.has(Fault::SelfGrantDefaultsAdded) => {
                Some(merged(self.default_permissions(config, owner), wish))
            }
            () => Some(wish),
        }
    }

    fn granted_by_default(&self, config: &Config, owner: &str) -> Outcome<Option<Permissions>> {
        let ceiling = config.client_permissions.maximum.clone();
        if self.has(Fault::SelfGrantDefaultsLost) {
            return Ok(Some(Permissions::default()));
        }
        if self.has(Fault::SelfGrantDefaultsAreCeiling) {
            return Ok(ceiling);
        }
        let capped = self.has(Fault::SelfGrantDefaultsCapped);
        if (capped || self.has(Fault::SelfGrantDefaultsRefused))
            && let (Some(defaults), Some(ceiling)) = (self.default_permissions(config, owner), ceiling)
            && !defaults.is_within(&ceiling)
        {
            return if capped {
                Ok(Some(defaults.clamp(&ceiling)))
            } else {
                refuse(ErrorCode::PermissionsExceedMaximum)
            };
        }
        Ok(None)
    }

    fn granted_to_server(&self, config: &Config, asked: Option<Permissions>) -> Outcome<Option<Permissions>> {
        let (Some(wish), Some(ceiling)) = (&asked, &config.client_permissions.maximum) else { return Ok(asked) };
        if wish.is_within(ceiling) {
            return Ok(asked);
        }
        match () {
            () if self.has(Fault::SelfGrantServerRefused) => refuse(ErrorCode::PermissionsExceedMaximum),
            () if self.has(Fault::SelfGrantServerTrimmed) => Ok(Some(wish.clamp(ceiling))),
            () => Ok(asked),
        }
    }

    /// What a fault frees beside permissions, and what it drops.
    pub(super) fn frees_server_only(&self, config: &Config, request: &mut CreateKey) -> bool {
        if !config.client_permissions.allowed {
            return false;
        }
        let Some(wish) = &request.permissions else { return self.has(Fault::SelfGrantOptionFreesServerOnly) };
        if self.has(Fault::SelfGrantDropsServerOnly) {
            request.remaining = Field::Absent;
            (request.refill_amount, request.refill_interval) = (None, None);
            (request.rate_limit_max, request.rate_limit_time_window) = (None, None);
            request.rate_limit_enabled = None;
            return false;
        }
        let within = config.client_permissions.maximum.as_ref().is_none_or(|ceiling| wish.is_within(ceiling));
        self.has(Fault::SelfGrantOptionFreesServerOnly) || (self.has(Fault::SelfGrantFreesServerOnly) && within)
    }

    /// A wish of nobody: what a fault says of it before it asks for a session.
    pub(super) fn refuse_before_session(&self, caller: &Caller, config: &Config, request: &CreateKey) -> Outcome<()> {
        let early = self.has(Fault::SelfGrantCeilingBeforeSession) && caller.user_id().is_none();
        match &request.permissions {
            Some(wish) if early => self.granted(caller, config, "", Some(wish.clone())).map(drop),
            _ => Ok(()),
        }
    }

    /// What of malformed permissions is well-formed and above the ceiling: a fault says this first.
    pub(super) fn exceeds_though_malformed(&self, body: &Value) -> Option<Refusal> {
        let config = self.configs.resolve(body.get("configId").and_then(Value::as_str))?;
        let ceiling = config.client_permissions.maximum.as_ref().filter(|_| config.client_permissions.allowed)?;
        let sent = body.get("permissions")?.as_object()?;
        let named: Permissions = sent.iter().map(|(resource, actions)| (resource.clone(), texts(actions))).collect();
        let beyond = named.exceeding(ceiling);
        (!beyond.is_empty()).then(|| self.exceeds(&named, ceiling, beyond.clone(), true))
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn is_inherited(name: &str) -> bool {
    INHERITED.contains(&name)
}

fn has_repetition(actions: &[String]) -> bool {
    actions.iter().enumerate().any(|(index, action)| actions[..index].contains(action))
}

/// A letter and its accent as one sign, as far as a fault needs it.
fn composed(name: &str) -> String {
    name.replace("e\u{301}", "é").replace('\u{212b}', "Å").replace("A\u{30a}", "Å")
}

/// Letters as they look, as far as a fault needs it: Cyrillic, full width, and the long s.
fn skeleton(name: &str) -> String {
    let plain = |sign: char| match sign {
        'а' => 'a',
        'е' => 'e',
        'о' => 'o',
        'с' => 'c',
        'ſ' => 's',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(sign) - 0xfee0).unwrap_or(sign),
        sign => sign,
    };
    name.chars().map(plain).collect()
}
