//! The table of keys: rows in the order of their creation, found by id and by the stored form of the key.

use std::collections::{BTreeMap, HashMap};

use crate::spec::key::KeyRow;

#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    rows: BTreeMap<u64, KeyRow>,
    by_id: HashMap<String, u64>,
    /// Where several rows have one stored form (a generator that repeats itself), the oldest is found.
    by_key: HashMap<String, u64>,
    next: u64,
    /// Removed rows by their stored form: only faults look here.
    removed: HashMap<String, KeyRow>,
}

impl Store {
    pub(super) fn insert(&mut self, row: KeyRow) {
        let place = self.next;
        self.next += 1;
        self.by_id.insert(row.id.clone(), place);
        self.by_key.entry(row.key.clone()).or_insert(place);
        self.rows.insert(place, row);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &KeyRow> {
        self.rows.values()
    }

    pub(super) fn get(&self, id: &str) -> Option<&KeyRow> {
        self.rows.get(self.by_id.get(id)?)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut KeyRow> {
        self.rows.get_mut(self.by_id.get(id)?)
    }

    pub(super) fn find_key(&self, stored: &str) -> Option<&KeyRow> {
        self.rows.get(self.by_key.get(stored)?)
    }

    pub(super) fn find_removed(&self, stored: &str) -> Option<&KeyRow> {
        self.removed.get(stored)
    }

    /// Removes a row; with `keep` it can still be found among the removed ones.
    pub(super) fn remove(&mut self, id: &str, keep: bool) {
        let Some(place) = self.by_id.remove(id) else { return };
        let Some(row) = self.rows.remove(&place) else { return };
        if self.by_key.get(&row.key) == Some(&place) {
            self.by_key.remove(&row.key);
            if let Some((&place, _)) = self.rows.iter().find(|(_, other)| other.key == row.key) {
                self.by_key.insert(row.key.clone(), place);
            }
        }
        if keep {
            self.removed.insert(row.key.clone(), row);
        }
    }
}
