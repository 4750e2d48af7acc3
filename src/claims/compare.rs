//! Two versions of documentation side by side: which claims appeared, vanished or changed.

use std::collections::HashMap;

use super::claim::Claim;

/// What is different.
#[derive(Debug, Default)]
pub struct Comparison<'c> {
    pub appeared: Vec<&'c Claim>,
    pub vanished: Vec<&'c Claim>,
    /// Of one subject, saying something else now: before and after.
    pub changed: Vec<(&'c Claim, &'c Claim)>,
}

/// Compares the claims of two versions.
pub fn compare<'c>(from: &'c [Claim], to: &'c [Claim]) -> Comparison<'c> {
    let ids = |claims: &'c [Claim]| -> HashMap<&'c str, &'c Claim> {
        claims.iter().map(|claim| (claim.id.as_str(), claim)).collect()
    };
    let (before, after) = (ids(from), ids(to));
    let mut comparison = Comparison::default();
    comparison.vanished.extend(from.iter().filter(|claim| !after.contains_key(claim.id.as_str())));
    for claim in to {
        match before.get(claim.id.as_str()) {
            None => match take_same_subject(&mut comparison.vanished, claim) {
                Some(old) => comparison.changed.push((old, claim)),
                None => comparison.appeared.push(claim),
            },
            Some(old) if old.statement != claim.statement => comparison.changed.push((old, claim)),
            Some(_) => {}
        }
    }
    comparison
}

/// A claim of the same subject that vanished, as one that changed.
fn take_same_subject<'c>(vanished: &mut Vec<&'c Claim>, claim: &Claim) -> Option<&'c Claim> {
    let at = vanished.iter().position(|old| !claim.says.is_empty() && old.subject == claim.subject)?;
    Some(vanished.remove(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::claim::{Probe, Spot};

    fn claim(id: &str, subject: &str, says: &str) -> Claim {
        let spot = Spot { file: "a.mdx", line: 1, anchor: "" };
        Claim::new(spot, &["field", id], format!("{id} {says}"), Probe::Holds).about(&[subject], says)
    }

    #[test]
    fn a_field_that_became_server_only_changed() {
        let from = [
            claim("permissions-client", "permissions", "client"),
            claim("gone", "gone", ""),
            claim("same", "same", ""),
        ];
        let to = [
            claim("permissions-server-only", "permissions", "server"),
            claim("same", "same", ""),
            claim("new", "new", ""),
        ];
        let found = compare(&from, &to);
        let ids = |claims: &[&Claim]| claims.iter().map(|claim| claim.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&found.appeared), ["field.new"]);
        assert_eq!(ids(&found.vanished), ["field.gone"]);
        assert_eq!(found.changed[0].1.id, "field.permissions-server-only");
    }
}
