//! What no key may ever verify for: the promise of self-grant, written down without the algebra that keeps it.
//!
//! Sets of pairs, nothing else. Where several answers are right, the ledger allows all of them: it says what must not
//! happen, not what must.

use std::collections::BTreeSet;

use super::{Options, Rules, Wish};

/// A resource and an action.
pub type Pair = (&'static str, &'static str);

/// Pairs that a key may verify for at most. `None` is no bound.
pub type Bound = Option<BTreeSet<Pair>>;

/// All keys that were made, oldest first, and the options of now.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub options: Options,
    pub keys: Vec<Entry>,
}

/// A key.
#[derive(Debug, Clone)]
pub struct Entry {
    pub clear: String,
    pub id: String,
    pub configuration: usize,
    pub bound: Bound,
    /// All that was asked for when it was made.
    pub asked: Vec<Pair>,
}

/// Who made a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Maker {
    Server,
    User,
    /// A key as a session, with what bounds it.
    Key(Bound),
}

impl Ledger {
    /// What bounds a key that is made now. `sent` are all members `permissions` of the request together: whichever of
    /// them counted, no other pair was asked for.
    pub fn bound(&self, configuration: usize, maker: &Maker, sent: Option<&[Pair]>) -> Bound {
        let Rules { allowed, maximum, defaults, .. } = &self.options[configuration];
        let asked: Bound = match sent {
            // Whoever may not ask has the defaults at most.
            Some(sent) if *allowed || *maker == Maker::Server => Some(sent.iter().copied().collect()),
            _ => Some(defaults.as_ref().map(held).unwrap_or_default()),
        };
        if *maker == Maker::Server {
            return asked;
        }
        let capped = match (sent, maximum) {
            // The defaults are the server's own choice.
            (Some(_), Some(ceiling)) if *allowed => both(asked, Some(held(ceiling))),
            _ => asked,
        };
        match maker {
            Maker::Key(held) if *allowed => both(capped, held.clone()),
            _ => capped,
        }
    }

    /// The key with this number, counted from the newest on.
    pub fn key(&self, number: usize) -> Option<&Entry> {
        self.keys.len().checked_sub(1 + number).and_then(|at| self.keys.get(at))
    }

    /// The server gave a key other permissions; `None` are none.
    pub fn set(&mut self, id: &str, permissions: Option<&Wish>) {
        if let Some(entry) = self.keys.iter_mut().find(|entry| entry.id == id) {
            entry.bound = Some(permissions.map(held).unwrap_or_default());
        }
    }
}

impl Entry {
    /// The first required pair that this key must never verify for.
    pub fn first_outside(&self, required: &BTreeSet<Pair>) -> Option<Pair> {
        let bound = self.bound.as_ref()?;
        required.iter().copied().find(|pair| !bound.contains(pair))
    }
}

/// All pairs that are written, of a resource that is named twice those of both.
pub fn pairs(wish: &Wish) -> BTreeSet<Pair> {
    wish.iter().flat_map(|(resource, actions)| actions.iter().map(|action| (*resource, *action))).collect()
}

/// The pairs that a value holds: of a resource that is named twice those of the last.
pub fn held(wish: &Wish) -> BTreeSet<Pair> {
    let is_last = |at: usize, resource: &str| wish.iter().rposition(|(other, _)| *other == resource) == Some(at);
    let last = wish.iter().enumerate().filter(|(at, (resource, _))| is_last(*at, resource));
    last.flat_map(|(_, (resource, actions))| actions.iter().map(|action| (*resource, *action))).collect()
}

fn both(a: Bound, b: Bound) -> Bound {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.intersection(&b).copied().collect()),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => None,
    }
}
