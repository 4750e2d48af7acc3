//! The editions that inputs are held against: one on each side of every change.

use std::sync::LazyLock;

use crate::spec::edition::{Edition, Release};

/// Releases at which something changes, and the last ones before. A new one goes to the end: inputs name them by number.
const RELEASES: &[Release] = &[
    (1, 2, 0),
    (1, 2, 3),
    (1, 2, 4),
    (1, 2, 5),
    (1, 2, 6),
    (1, 2, 7),
    (1, 2, 8),
    (1, 2, 9),
    (1, 2, 12),
    (1, 3, 0),
    (1, 3, 4),
    (1, 3, 5),
    (1, 3, 7),
    (1, 3, 8),
    (1, 3, 13),
    (1, 3, 14),
    (1, 3, 24),
    (1, 3, 25),
    (1, 3, 26),
    (1, 3, 34),
    (1, 4, 0),
    (1, 4, 1),
    (1, 4, 4),
    (1, 4, 5),
    (1, 4, 6),
    (1, 4, 7),
    (1, 4, 8),
    (1, 4, 10),
    (1, 4, 11),
    (1, 4, 18),
    (1, 4, 19),
    (1, 4, 22),
    (1, 5, 1),
    (1, 5, 6),
    (1, 6, 0),
    (1, 6, 9),
    (1, 6, 10),
    (1, 6, 11),
    (1, 6, 12),
    (1, 6, 13),
    (1, 6, 15),
    (1, 6, 16),
    (1, 6, 17),
    (1, 6, 20),
    (1, 6, 21),
    (1, 6, 33),
    (1, 7, 0),
];

static EDITIONS: LazyLock<Vec<Edition>> = LazyLock::new(|| {
    let written = RELEASES.iter().filter_map(|(major, minor, patch)| format!("{major}.{minor}.{patch}").parse().ok());
    written.chain([Edition::newest()]).collect()
});

/// The edition that a byte names: in half of all cases the newest.
pub(super) fn edition(byte: u8) -> &'static Edition {
    static NEWEST: LazyLock<Edition> = LazyLock::new(Edition::newest);
    match byte.checked_sub(128) {
        None => EDITIONS.get(usize::from(byte) % EDITIONS.len()).unwrap_or(&NEWEST),
        Some(_) => &NEWEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::edition::Row;

    /// The editions differ between two releases that are named here, or not at all.
    #[test]
    fn every_change_lies_between_two_of_them() {
        for row in Row::all() {
            let changes = |pair: &[Release]| row.holds_in(pair[0]) != row.holds_in(pair[1]);
            let ends = row.intervals.iter().flat_map(|interval| [interval.first, interval.last]).flatten();
            let inner = ends.filter(|end| *end < Edition::newest().release()).count();
            assert!(inner == 0 || RELEASES.windows(2).any(changes), "{}", row.id);
        }
    }
}
