//! What is allowed and unwise: advice on the options of a deployment, for whoever runs it.

use serde_json::Value;

use crate::spec::permission::Permissions;

/// What to tell whoever runs a deployment with this `config`: an object, or a list of objects. One sentence each.
///
/// Self-grant makes the ceiling optional, and each configuration has its own. But a client chooses `configId`, so it reaches
/// the union of all.
pub fn advice(config: &Value) -> Vec<String> {
    let all = config.as_array().map_or_else(|| std::slice::from_ref(config), Vec::as_slice);
    let open: Vec<(&str, Option<Permissions>)> = all.iter().filter_map(open).collect();
    let uncapped = open.iter().filter(|(_, ceiling)| ceiling.is_none()).map(|(id, _)| {
        format!(
            "`permissions.allowClientPermissions` without `permissions.maxPermissions` (`{id}`): a client gives its own keys \
             any permissions it likes"
        )
    });
    let mut found: Vec<String> = uncapped.collect();
    let mut capped = open.iter().filter_map(|(id, ceiling)| Some((id, ceiling.as_ref()?)));
    if let Some((first, ceiling)) = capped.next()
        && let Some((other, _)) = capped.find(|(_, other)| !other.is_equivalent(ceiling))
    {
        found.push(format!(
            "`permissions.maxPermissions` of `{first}` and of `{other}` differ: a client chooses `configId`, so what it \
             reaches is their union"
        ));
    }
    found
}

/// The `configId` and the ceiling of a configuration that lets clients set permissions.
fn open(config: &Value) -> Option<(&str, Option<Permissions>)> {
    let permissions = config.get("permissions")?;
    let is_open = permissions.get("allowClientPermissions") == Some(&Value::Bool(true));
    let config_id = config.get("configId").and_then(Value::as_str).filter(|id| !id.is_empty()).unwrap_or("default");
    is_open.then(|| (config_id, permissions.get("maxPermissions").and_then(Permissions::from_json)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn open(config_id: &str, maximum: Value) -> Value {
        json!({ "configId": config_id, "permissions": { "allowClientPermissions": true, "maxPermissions": maximum } })
    }

    #[test]
    fn a_missing_ceiling_is_named() {
        let uncapped = json!({ "permissions": { "allowClientPermissions": true } });
        assert!(advice(&uncapped)[0].contains("without `permissions.maxPermissions` (`default`)"));
        let list = json!([open("a", Value::Null), open("b", json!({}))]);
        assert!(matches!(&advice(&list)[..], [one] if one.contains("(`a`)")));
    }

    #[test]
    fn ceilings_that_differ_are_named() {
        let differ = json!([open("a", json!({ "files": ["read"] })), open("b", json!({ "files": ["write"] }))]);
        assert!(matches!(&advice(&differ)[..], [one] if one.contains("of `a` and of `b` differ")));
    }

    #[test]
    fn what_is_capped_or_closed_needs_no_advice() {
        let same = json!([open("a", json!({ "files": ["a", "b"] })), open("b", json!({ "files": ["b", "a", "a"] }))]);
        let closed = json!({ "permissions": { "maxPermissions": { "files": ["read"] } } });
        let off = json!({ "permissions": { "allowClientPermissions": false } });
        for config in [same, closed, off, open("a", json!({})), json!({}), json!([]), Value::Null] {
            assert!(advice(&config).is_empty(), "{config}");
        }
    }
}
