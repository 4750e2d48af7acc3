//! Contradictions: claims of one subject that say different things.

use std::collections::HashMap;

use super::claim::Claim;

/// Gives each id once, and marks what contradicts each other. Of claims that say the same, the first stays.
pub(super) fn settle(claims: Vec<Claim>) -> Vec<Claim> {
    let mut kept: Vec<Claim> = Vec::with_capacity(claims.len());
    let mut taken: HashMap<String, usize> = HashMap::new();
    for mut claim in claims {
        let same = |other: &Claim| {
            other.subject == claim.subject && other.says == claim.says && other.statement == claim.statement
        };
        // Examples that look alike are examples each.
        let repeats = !claim.id.starts_with("example.");
        if repeats && taken.contains_key(&claim.id) && kept.iter().any(|other| other.id == claim.id && same(other)) {
            continue;
        }
        let own = claim.id.clone();
        let mut count = taken.get(&own).copied().unwrap_or_default() + 1;
        // Another claim may have the numbered id as its own.
        while count > 1 && taken.contains_key(&format!("{own}-{count}")) {
            count += 1;
        }
        taken.insert(own.clone(), count);
        if count > 1 {
            claim.id = format!("{own}-{count}");
            taken.insert(claim.id.clone(), 1);
        }
        kept.push(claim);
    }
    let mut subjects: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, claim) in kept.iter().enumerate().filter(|(_, claim)| !claim.says.is_empty()) {
        subjects.entry(&claim.subject).or_default().push(at);
    }
    let mut marks = Vec::new();
    for members in subjects.values() {
        for at in members {
            let other = members.iter().find(|other| kept[**other].says != kept[*at].says);
            marks.extend(other.map(|other| (*at, kept[*other].place.clone())));
        }
    }
    for (at, place) in marks {
        kept[at].contradicted_by = Some(place);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::claim::{Probe, Spot};

    fn claim(id: &str, line: usize, says: &str) -> Claim {
        Claim::new(Spot { file: "a.mdx", line, anchor: "" }, &["field", id], format!("{says}."), Probe::Holds)
            .about(&["field", "x"], says)
    }

    #[test]
    fn what_is_said_twice_is_one_claim_and_what_differs_is_a_contradiction() {
        let claims = settle(vec![claim("a", 1, "yes"), claim("a", 5, "yes"), claim("a", 9, "no")]);
        let shown: Vec<_> =
            claims.iter().map(|c| (c.id.as_str(), c.place.line, c.contradicted_by.as_ref().map(|p| p.line))).collect();
        assert_eq!(shown, [("field.a", 1, Some(9)), ("field.a-2", 9, Some(1))]);
    }

    #[test]
    fn a_numbered_id_is_given_once() {
        let claims = vec![
            claim("a-2", 1, "x"),
            claim("a", 2, "y"),
            claim("a", 3, "z"),
            claim("a-3", 4, "u"),
            claim("a-2", 5, "w"),
        ];
        let ids: Vec<_> = settle(claims).into_iter().map(|claim| claim.id).collect();
        assert_eq!(ids, ["field.a-2", "field.a", "field.a-3", "field.a-3-2", "field.a-2-2"]);
    }
}
