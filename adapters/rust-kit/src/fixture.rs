//! What the presets of several adapters have in common.

use std::sync::atomic::{AtomicU64, Ordering};

/// `generator:fixed-alphabet`: the prefix, then as many `k` as the length asks for, the last eight replaced by a
/// counter. One counter for each option that names it.
#[derive(Debug, Default)]
pub struct FixedAlphabet(AtomicU64);

impl FixedAlphabet {
    pub fn next(&self, length: usize, prefix: &str) -> String {
        let counter = format!("{:08}", self.0.fetch_add(1, Ordering::SeqCst) + 1);
        let kept = counter.len().saturating_sub(length);
        format!("{prefix}{}{}", "k".repeat(length.saturating_sub(8)), counter.get(kept..).unwrap_or_default())
    }
}

/// Two to five milliseconds of real time, for `setup.delay`: requests at once get in each other's way.
pub async fn delay() {
    static TURN: AtomicU64 = AtomicU64::new(0);
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(std::time::Duration::from_millis(2 + turn % 4)).await;
}

/// What a browser would send of the cookies that a reply sets.
pub fn cookies<'a>(set_cookie: impl Iterator<Item = &'a str>) -> String {
    let pairs: Vec<&str> = set_cookie
        .filter_map(|line| line.split(';').next())
        .map(str::trim)
        .filter(|pair| pair.split_once('=').is_some_and(|(_, value)| !value.is_empty()))
        .collect();
    pairs.join("; ")
}
