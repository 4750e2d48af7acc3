//! The table of keys: rows in the order of their creation, found by id and by the stored form of the key.
//!
//! A row lies in one place or several: the database, a secondary storage. Who looks says where.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::Model;
use crate::spec::config::{Config, Storage};
use crate::spec::fault::Fault;
use crate::spec::key::KeyRow;

/// Where a row lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Place {
    Database,
    /// The secondary storage of the deployment.
    Secondary,
    /// The custom storage of the configuration of this name.
    Custom(String),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    rows: BTreeMap<u64, Stored>,
    by_id: HashMap<String, u64>,
    /// Where several rows have one stored form (a generator that repeats itself), the oldest is found.
    by_key: HashMap<String, u64>,
    next: u64,
    /// Removed rows by their stored form: only faults look here.
    removed: HashMap<String, KeyRow>,
}

/// A row and where it lies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) row: KeyRow,
    pub(super) places: BTreeSet<Place>,
}

impl Stored {
    pub(super) fn is_in(&self, places: &[Place]) -> bool {
        places.iter().any(|place| self.places.contains(place))
    }
}

impl Store {
    pub(super) fn insert(&mut self, stored: Stored) {
        let place = self.next;
        self.next += 1;
        self.by_id.insert(stored.row.id.clone(), place);
        self.by_key.entry(stored.row.key.clone()).or_insert(place);
        self.rows.insert(place, stored);
    }

    /// All rows, wherever they lie.
    pub(super) fn iter(&self) -> impl Iterator<Item = &KeyRow> {
        self.rows.values().map(|stored| &stored.row)
    }

    pub(super) fn stored(&self) -> impl Iterator<Item = &Stored> {
        self.rows.values()
    }

    /// The row of this id, wherever it lies.
    pub(super) fn get(&self, id: &str) -> Option<&KeyRow> {
        self.rows.get(self.by_id.get(id)?).map(|stored| &stored.row)
    }

    pub(super) fn get_in(&self, places: &[Place], id: &str) -> Option<&KeyRow> {
        self.rows.get(self.by_id.get(id)?).filter(|stored| stored.is_in(places)).map(|stored| &stored.row)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut KeyRow> {
        self.rows.get_mut(self.by_id.get(id)?).map(|stored| &mut stored.row)
    }

    pub(super) fn places_mut(&mut self, id: &str) -> Option<&mut BTreeSet<Place>> {
        self.rows.get_mut(self.by_id.get(id)?).map(|stored| &mut stored.places)
    }

    pub(super) fn find_key(&self, places: &[Place], key: &str) -> Option<&KeyRow> {
        let oldest = self.by_key.get(key)?;
        let mut found = self.rows.range(oldest..).map(|(_, stored)| stored);
        found.find(|stored| stored.row.key == key && stored.is_in(places)).map(|stored| &stored.row)
    }

    pub(super) fn find_removed(&self, key: &str) -> Option<&KeyRow> {
        self.removed.get(key)
    }

    pub(super) fn removed(&self) -> impl Iterator<Item = &KeyRow> {
        self.removed.values()
    }

    /// Removes a row; with `keep` it can still be found among the removed ones.
    pub(super) fn remove(&mut self, id: &str, keep: bool) {
        let Some(place) = self.by_id.remove(id) else { return };
        let Some(Stored { row, .. }) = self.rows.remove(&place) else { return };
        if self.by_key.get(&row.key) == Some(&place) {
            self.by_key.remove(&row.key);
            if let Some((&place, _)) = self.rows.iter().find(|(_, other)| other.row.key == row.key) {
                self.by_key.insert(row.key.clone(), place);
            }
        }
        if keep {
            self.removed.insert(row.key.clone(), row);
        }
    }
}

impl Model {
    /// Where a configuration keeps its keys, the place that is asked first in front.
    pub(super) fn places(&self, config: &Config) -> Vec<Place> {
        let secondary = match config.custom_storage && !self.has(Fault::StorageCustomIgnored) {
            true => Place::Custom(config.id().to_owned()),
            false => Place::Secondary,
        };
        match config.storage {
            Storage::Database => vec![Place::Database],
            Storage::Secondary => vec![secondary],
            Storage::SecondaryWithFallback => vec![secondary, Place::Database],
        }
    }

    /// Where a lookup by a configuration finds keys.
    pub(super) fn places_to_look(&self, config: &Config) -> Vec<Place> {
        let mut places = self.places(config);
        if self.has(Fault::StorageFallbackNotRead) {
            places.truncate(1);
        }
        places
    }

    /// Where a new key of a configuration is written.
    pub(super) fn places_to_write(&self, config: &Config) -> BTreeSet<Place> {
        let mut places = self.places(config);
        let both = config.storage == Storage::SecondaryWithFallback;
        if both && self.has(Fault::StorageFallbackWritesCacheOnly) {
            places.truncate(1);
        }
        if both && self.has(Fault::StorageFallbackWritesDatabaseOnly) {
            places.remove(0);
        }
        if self.has(Fault::StorageSecondaryInDatabase) && config.storage == Storage::Secondary {
            places.push(Place::Database);
        }
        places.into_iter().collect()
    }

    /// "Automatically populates secondary storage when falling back to database": a key that was looked up is there.
    pub(super) fn warm(&mut self, config: &Config, id: &str) {
        if config.storage != Storage::SecondaryWithFallback || self.has(Fault::StorageFallbackNotWarmed) {
            return;
        }
        let asked_first = self.places(config).into_iter().next();
        if let Some(places) = self.store.places_mut(id) {
            places.extend(asked_first);
        }
    }

    /// Removes a key from every place.
    pub(super) fn remove(&mut self, config: &Config, id: &str, keep: bool) {
        let left = match config.storage {
            Storage::SecondaryWithFallback if self.has(Fault::StorageFallbackDeleteKeepsCache) => 0..1,
            Storage::SecondaryWithFallback if self.has(Fault::StorageFallbackDeleteKeepsRow) => 1..2,
            Storage::Secondary if self.has(Fault::StorageSecondaryDeleteIncomplete) => 0..1,
            _ => 0..0,
        };
        let left: BTreeSet<_> = self.places(config).into_iter().skip(left.start).take(left.len()).collect();
        match self.store.places_mut(id) {
            Some(places) if !left.is_empty() => *places = left,
            _ => self.store.remove(id, keep),
        }
    }

    /// "A TTL will be automatically set in secondary storage to ensure automatic cleanup": what has expired is gone from
    /// there. Releases round the time down to seconds, so that a key is gone up to a second before its expiry; here it
    /// is valid as long as it says.
    pub(super) fn forget_expired(&mut self, now: i64) {
        let secondary = self.configs.iter().any(|config| config.storage != Storage::Database);
        if !secondary || self.has(Fault::StorageTtlIgnored) {
            return;
        }
        let early = if self.has(Fault::StorageTtlShort) { EARLY } else { 0 };
        let expired: Vec<String> = self
            .store
            .stored()
            .filter(|stored| stored.row.expires_at.is_some_and(|expires_at| expires_at.saturating_sub(early) < now))
            .map(|stored| stored.row.id.clone())
            .collect();
        for id in expired {
            let Some(places) = self.store.places_mut(&id) else { continue };
            places.retain(|place| *place == Place::Database);
            if places.is_empty() {
                self.store.remove(&id, false);
            }
        }
    }
}

/// How much too early a key is gone with [`Fault::StorageTtlShort`]: an hour.
const EARLY: i64 = 3_600_000;
