//! `listApiKeys`: whose keys, sorted and in pages.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::caller::Caller;
use super::organization::Action;
use super::store::{Place, Stored};
use super::verify::leak;
use super::{Model, Outcome, refuse};
use crate::spec::config::{References, same_config};
use crate::spec::edition::Behaviour;
use crate::spec::error::ErrorCode;
use crate::spec::fault::Fault;
use crate::spec::key::{KeyRow, Shown};
use crate::spec::operation::ListKeys;

impl Model {
    /// All keys of the session's user, expired and disabled ones too, oldest first. Up to 1.4 the query is not read.
    ///
    /// Releases end the list after 100 keys and say so in `total` as well: no page of the documentation speaks of it, and
    /// keys that cannot be seen cannot be revoked, so it is a defect. An unknown `sortBy` is a validation error here,
    /// where releases fail with an empty 500.
    pub(super) fn list(&mut self, now: i64, caller: &Caller, request: &ListKeys) -> Outcome<Value> {
        let Some(user) = caller.user_id() else {
            return match self.has(Fault::ListWithoutSession) {
                true => Ok(self.list_body(Vec::new(), 0, request)),
                false => refuse(ErrorCode::Unauthorized),
            };
        };
        let reads_query = self.edition.has(Behaviour::ListQueryIsRead);
        let organization = request.organization_id.as_deref().filter(|id| reads_query && !id.is_empty());
        let taken_for_owner = organization.is_some() && self.has(Fault::ListOrganizationIdIsOwner);
        if let Some(organization) = organization.filter(|_| !taken_for_owner) {
            self.check_member(user, organization, Action::List)?;
        }
        let config_id = request.config_id.as_deref().filter(|id| reads_query && !id.is_empty());
        // A filter is no configuration to act by: none has to be named, and an unknown one lists nothing.
        let config_id = match config_id {
            Some(_) if self.has(Fault::ListUnknownConfigurationIsDefault) => Some(self.config(config_id)?.id()),
            config_id => config_id,
        };
        let all_users =
            self.has(Fault::ListForeignKeys) || (self.has(Fault::ListConfigIdShowsAll) && config_id.is_some());
        let places: Vec<Place> = self.configs.iter().flat_map(|config| self.places_to_look(config)).collect();
        let secondary_lost = self.has(Fault::StorageSecondaryListEmpty);
        let is_listed_there = |stored: &Stored| !secondary_lost || stored.places.contains(&Place::Database);
        let lies_here = |stored: &&Stored| stored.is_in(&places) && is_listed_there(stored);
        let mut rows: Vec<&KeyRow> = self
            .store
            .stored()
            .filter(lies_here)
            .map(|stored| &stored.row)
            .chain(self.store.removed().filter(|_| self.has(Fault::ListShowsDeleted)))
            .filter(|row| row.enabled || !self.has(Fault::ListDisabledHidden))
            .filter(|row| {
                self.is_listed(row, user, organization)
                    || (all_users && self.is_owned_by_user(row))
                    || (taken_for_owner && organization == Some(row.owner.as_str()))
            })
            .filter(|row| {
                config_id.is_none()
                    || same_config(row.config_id.as_deref(), config_id)
                    || self.has(Fault::ListConfigFilterIgnored)
            })
            .collect();
        if reads_query && let Some(column) = &request.sort_by {
            let fails = self.has(Fault::ListUnknownSortFails);
            let descending = request.descending.unwrap_or(false) != self.has(Fault::ListSortReversed);
            sort(&mut rows, self.edition.owner_field(), column, descending).map_err(|refusal| match fails {
                true => ErrorCode::FailedToUpdateApiKey.into(),
                false => refusal,
            })?;
        }
        self.choke_on_rows(rows.iter().copied())?;
        if self.has(Fault::ListCapped) {
            rows.truncate(100);
        }
        if rows.is_empty() && self.has(Fault::ListEmptyRefused) {
            return refuse(ErrorCode::KeyNotFound);
        }
        let mut total = rows.len();
        if reads_query {
            let offset = request.offset.filter(|_| !self.has(Fault::ListOffsetIgnored)).unwrap_or(0);
            let limit = request.limit.unwrap_or(u64::MAX);
            let limit = if self.has(Fault::ListLimitOffByOne) { limit.saturating_add(1) } else { limit };
            let as_count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
            rows = rows.into_iter().skip(as_count(offset)).take(as_count(limit)).collect();
        }
        if self.has(Fault::ListTotalOfPage) {
            total = rows.len();
        }
        let shown = rows.into_iter().map(|row| {
            let mut shown = row.to_json(&self.edition, Shown::Read);
            if self.has(Fault::ListHashLeaked) {
                leak(&mut shown, row);
            }
            if self.has(Fault::ListPermissionsHidden) {
                shown["permissions"] = Value::Null;
            }
            shown
        });
        let shown = shown.collect();
        self.sweep(now);
        Ok(self.list_body(shown, total, request))
    }

    fn list_body(&self, keys: Vec<Value>, total: usize, request: &ListKeys) -> Value {
        if !self.edition.has(Behaviour::ListIsWrapped) && !self.has(Fault::ListWrapped) {
            return Value::from(keys);
        }
        let mut body = json!({ "apiKeys": keys, "total": total });
        if let Some(members) = body.as_object_mut()
            && !self.has(Fault::ListPageNotEchoed)
        {
            let echoed = [("limit", request.limit), ("offset", request.offset)];
            members.extend(echoed.into_iter().filter_map(|(name, n)| Some((name.to_owned(), Value::from(n?)))));
        }
        body
    }

    /// A list shows the keys of the user, or those of the organization that it names; never both.
    fn is_listed(&self, row: &KeyRow, user: &str, organization: Option<&str>) -> bool {
        let users = self.is_owned_by_user(row);
        match organization {
            Some(_) if self.has(Fault::OrganizationListOfAll) && !users => true,
            Some(_) if self.has(Fault::OrganizationListShowsUsers) && users => row.owner == user,
            Some(organization) => !users && row.owner == organization,
            None if self.has(Fault::OrganizationKeysInUsersList) && !users => self.is_member(user, &row.owner),
            None => users && row.owner == user,
        }
    }

    fn is_owned_by_user(&self, row: &KeyRow) -> bool {
        let config = self.configs.iter().find(|config| same_config(row.config_id.as_deref(), Some(config.id())));
        config.is_none_or(|config| config.references == References::User)
    }
}

/// Sorts by a column of the table; rows of equal value keep their order. Nothing comes before something. The stored form
/// of the key is no column that anyone may sort by: the order would tell of it.
fn sort(rows: &mut [&KeyRow], owner_field: &str, column: &str, descending: bool) -> Outcome<()> {
    let ascending: fn(&KeyRow, &KeyRow) -> Ordering = match column {
        "id" => |a, b| a.id.cmp(&b.id),
        "configId" => |a, b| a.config_id.cmp(&b.config_id),
        "name" => |a, b| a.name.cmp(&b.name),
        "start" => |a, b| a.start.cmp(&b.start),
        "prefix" => |a, b| a.prefix.cmp(&b.prefix),
        "refillInterval" => |a, b| number(a.refill_interval, b.refill_interval),
        "refillAmount" => |a, b| number(a.refill_amount, b.refill_amount),
        "lastRefillAt" => |a, b| a.last_refill_at.cmp(&b.last_refill_at),
        "enabled" => |a, b| a.enabled.cmp(&b.enabled),
        "rateLimitEnabled" => |a, b| a.rate_limit_enabled.cmp(&b.rate_limit_enabled),
        "rateLimitTimeWindow" => |a, b| number(a.rate_limit_time_window, b.rate_limit_time_window),
        "rateLimitMax" => |a, b| number(a.rate_limit_max, b.rate_limit_max),
        "requestCount" => |a, b| a.request_count.cmp(&b.request_count),
        "remaining" => |a, b| number(a.remaining, b.remaining),
        "lastRequest" => |a, b| a.last_request.cmp(&b.last_request),
        "expiresAt" => |a, b| a.expires_at.cmp(&b.expires_at),
        "createdAt" => |a, b| a.created_at.cmp(&b.created_at),
        "updatedAt" => |a, b| a.updated_at.cmp(&b.updated_at),
        "permissions" => |a, b| {
            text(a.permissions.as_ref().map(|p| p.to_json())).cmp(&text(b.permissions.as_ref().map(|p| p.to_json())))
        },
        "metadata" => |a, b| text(Some(a.metadata.clone())).cmp(&text(Some(b.metadata.clone()))),
        _ if column == owner_field => |a, b| a.owner.cmp(&b.owner),
        _ => return refuse(ErrorCode::ValidationError),
    };
    rows.sort_by(|a, b| if descending { ascending(b, a) } else { ascending(a, b) });
    Ok(())
}

fn number(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.is_some().cmp(&b.is_some()),
    }
}

/// Objects sort by the text in which they are stored.
fn text(value: Option<Value>) -> Option<String> {
    value.filter(|value| !value.is_null()).map(|value| value.to_string())
}
