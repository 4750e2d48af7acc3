//! `tally`: how many replies there are of each kind.

use indexmap::IndexMap;

use crate::spec::edition::Edition;
use crate::spec::error::{ErrorCode, Surface};

use super::{Mismatch, Reply, refusal};

/// Every reply is of exactly one kind: the first of the named ones that it fits, or else its own label.
pub(super) fn mismatches(tally: &IndexMap<String, usize>, replies: &[Reply], edition: &Edition) -> Vec<Mismatch> {
    let mut counted: IndexMap<String, usize> = tally.keys().map(|kind| (kind.clone(), 0)).collect();
    for reply in replies {
        let named = tally.keys().find(|kind| is_of_kind(reply, kind, edition));
        *counted.entry(named.cloned().unwrap_or_else(|| reply.label(edition))).or_default() += 1;
    }
    if counted.iter().all(|(kind, count)| tally.get(kind) == Some(count)) {
        return Vec::new();
    }
    vec![Mismatch::new("tally", written(tally), written(&counted))]
}

fn is_of_kind(reply: &Reply, kind: &str, edition: &Edition) -> bool {
    match kind {
        "ok" => reply.accepted() && reply.verdict().is_none(),
        "valid" => reply.verdict() == Some(true),
        _ => match kind.strip_prefix("status ") {
            Some(status) => reply.status.is_some_and(|actual| actual.to_string() == status),
            None => ErrorCode::ALL.iter().filter(|code| code.symbol() == kind).any(|code| {
                if reply.verdict() == Some(false) {
                    return reply.code().is_some()
                        && reply.code() == code.wire(edition, Surface::Verify).code.as_deref();
                }
                refusal::is_refused_as(reply, *code, edition)
            }),
        },
    }
}

fn written(tally: &IndexMap<String, usize>) -> String {
    let kinds: Vec<String> =
        tally.iter().filter(|(_, count)| **count > 0).map(|(kind, count)| format!("{kind}: {count}")).collect();
    kinds.join(", ")
}
