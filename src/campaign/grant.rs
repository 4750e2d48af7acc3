//! What self-grant is tried with: ceilings, and wishes that are within, just above, and almost the same.

use serde_json::{Map, Value, json};

use super::source::Source;
use super::value;
use crate::spec::permission::Permissions;

/// Names that every object of JavaScript knows.
const INHERITED: &[&str] = &["constructor", "toString", "hasOwnProperty", "__proto__"];

/// More names in a wish than any honest client asks for.
const LARGE: usize = 1100;

/// The option `permissions`: mostly a switch that is on, and a ceiling.
pub fn option(source: &mut impl Source, clamps: bool) -> Value {
    let mut option = Map::new();
    if source.chance(85) {
        option.insert("allowClientPermissions".to_owned(), true.into());
    }
    if source.chance(88) {
        option.insert("maxPermissions".to_owned(), ceiling(source));
    }
    if clamps && source.chance(25) {
        option.insert("whenAboveMaximum".to_owned(), "clamp".into());
    }
    if source.chance(45) {
        let defaults =
            [json!({ "files": ["read"] }), json!({ "files": ["read", "admin"], "more": ["read"] }), json!({})];
        option.insert("defaultPermissions".to_owned(), source.pick(&defaults).cloned().unwrap_or_default());
    }
    option.into()
}

fn ceiling(source: &mut impl Source) -> Value {
    match source.weighted(&[45, 10, 8, 10, 8, 10, 9]) {
        0 => json!({ "files": ["read", "write"], "users": ["read"] }),
        1 => json!({ "files": ["read", "write", "delete"], "data": ["read"] }),
        2 => json!({}),
        3 => json!({ "files": [], "users": ["read"] }),
        4 => json!({ "*": ["*"], "files": ["read", "*"] }),
        5 => {
            let name = value::pick(source, INHERITED);
            json!({ name: ["read", "call"], "files": ["read"] })
        }
        _ => json!({ "café": ["read"], "cafe\u{301}": ["write"], "files": ["read"] }),
    }
}

/// What a client asks for, under one of the ceilings of a configuration.
pub fn wish(source: &mut impl Source, config: &Value) -> Value {
    let ceilings: Vec<Permissions> = match config {
        Value::Array(list) => list.iter().filter_map(maximum).collect(),
        config => maximum(config).into_iter().collect(),
    };
    let known = source.pick(&ceilings).cloned();
    let ceiling = known.unwrap_or_else(|| [("files", ["read", "write"])].into_iter().collect());
    let mut wish = near(source, ceiling).to_json();
    if source.chance(4) {
        // Malformed, and beside that perhaps above the ceiling.
        let odd = source.pick(&[json!("read"), json!([1]), Value::Null, json!({})]).cloned().unwrap_or_default();
        wish["odd"] = odd;
    }
    if source.chance(3) {
        wish["files"] = format!("${{list.{LARGE}}}").into();
    }
    wish
}

/// Permissions that are some of these, all of them, or just beside them.
pub fn near(source: &mut impl Source, permissions: Permissions) -> Permissions {
    let mut wish = permissions;
    if source.chance(45) {
        let kept: Vec<_> = wish.0.keys().filter(|_| source.chance(70)).cloned().collect();
        wish.0.retain(|name, _| kept.contains(name));
    }
    for _ in 0..source.weighted(&[22, 60, 18]) {
        touch(source, &mut wish);
    }
    wish
}

fn maximum(config: &Value) -> Option<Permissions> {
    Permissions::from_json(config.pointer("/permissions/maxPermissions")?)
}

/// Changes a wish in one place.
fn touch(source: &mut impl Source, wish: &mut Permissions) {
    let resources: Vec<String> = wish.0.keys().cloned().collect();
    let Some(resource) = source.pick(&resources).cloned() else {
        _ = wish.0.insert("files".to_owned(), vec!["read".to_owned()]);
        return;
    };
    let mut actions = wish.0.get(&resource).cloned().unwrap_or_default();
    match source.weighted(&[18, 16, 8, 8, 8, 20, 12, 10]) {
        // Another action, first or last.
        0 => {
            let further = value::pick(source, &["admin", "delete", "read", "write", "*"]).to_owned();
            let at = if source.chance(50) { 0 } else { actions.len() };
            actions.insert(at, further);
        }
        // Another resource, first or last.
        1 => {
            let name = value::pick(source, &["admin", "more", "*", "users"]);
            let further: Vec<String> = if source.chance(25) { Vec::new() } else { vec!["read".to_owned()] };
            let mut all = wish.0.clone();
            if source.chance(50) {
                wish.0 = std::iter::once((name.to_owned(), further)).collect();
                wish.0.extend(all);
            } else {
                all.insert(name.to_owned(), further);
                wish.0 = all;
            }
            return;
        }
        2 => actions.reverse(),
        3 => actions.extend(actions.first().cloned()),
        4 => actions.clear(),
        // A name that is almost the same.
        5 if source.chance(50) => {
            let renamed = similar(source, &resource);
            wish.0.shift_remove(&resource);
            wish.0.insert(renamed, actions);
            return;
        }
        5 => {
            if let Some(action) = actions.last_mut() {
                *action = similar(source, action);
            }
        }
        6 => {
            let name = value::pick(source, INHERITED).to_owned();
            if source.chance(50) {
                actions.push(name);
            } else {
                wish.0.insert(name, vec!["read".to_owned()]);
                return;
            }
        }
        // Actions of another resource.
        _ => {
            let other = source.pick(&resources).and_then(|other| wish.0.get(other)).cloned().unwrap_or_default();
            actions = other;
        }
    }
    wish.0.insert(resource, actions);
}

/// A name that careless eyes take for this one.
fn similar(source: &mut impl Source, name: &str) -> String {
    match source.below(8) {
        0 => name.to_uppercase(),
        1 => format!(" {name}"),
        2 => format!("{name} "),
        3 => format!("{name}x"),
        4 => {
            let mut letters = name.chars();
            letters.next_back();
            letters.as_str().to_owned()
        }
        5 => name.replace('a', "\u{430}").replace('e', "\u{435}").replace('s', "\u{17f}"),
        6 => match name.contains('é') {
            true => name.replace('é', "e\u{301}"),
            false => name.replace("e\u{301}", "é"),
        },
        _ => "*".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::source::Seeded;
    use crate::spec::config::Configs;
    use crate::spec::edition::Edition;

    #[test]
    fn options_are_ones_that_a_deployment_takes_and_wishes_are_of_all_kinds() {
        let (mut within, mut above, mut malformed) = (0, 0, 0);
        for number in 0..500 {
            let mut source = Seeded::new(1, number);
            let config = json!({ "permissions": option(&mut source, true) });
            Configs::parse(&Edition::newest(), &config).unwrap();
            let wish = wish(&mut source, &config);
            match (Permissions::from_json(&wish), maximum(&config)) {
                (Some(wish), Some(ceiling)) if wish.is_within(&ceiling) => within += 1,
                (Some(_), Some(_)) => above += 1,
                (None, _) => malformed += 1,
                (Some(_), None) => {}
            }
        }
        assert!(within > 80 && above > 150 && malformed > 10, "{within} {above} {malformed}");
    }
}
