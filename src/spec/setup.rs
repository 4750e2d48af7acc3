//! What a deployment is set up with beside the plugin's options: the `setup` of a `start`.

use serde_json::{Map, Value};

use super::edition::{Behaviour, Edition};
use super::permission::Permissions;

/// What stands around the plugin.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Setup {
    /// Users can form organizations, with these roles.
    pub organizations: Option<Roles>,
    /// There is a secondary storage.
    pub secondary_storage: bool,
    /// Every access to a storage takes a while.
    pub delay: bool,
    /// What may be done after a reply is done after it. The model does it at once, which nobody can tell.
    pub deferred: bool,
    /// The folder that outlives the deployment.
    pub data: Option<String>,
}

/// Further permissions of the roles `owner`, `admin` and `member`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Roles(Vec<(String, Permissions)>);

/// What is wrong with a setup.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    #[error("a `setup` that is not an object")]
    NotAnObject,
    #[error("`setup.{0}`")]
    Unknown(String),
    #[error("`setup.{member}` in {edition}")]
    NotInEdition { member: &'static str, edition: Edition },
    #[error("`setup.storage` {0}")]
    UnknownStorage(Value),
    #[error("`setup.{member}` must be {expected}")]
    WrongType { member: &'static str, expected: &'static str },
}

/// The roles that every organization has.
pub const ROLES: &[&str] = &["owner", "admin", "member"];

const MEMBERS: &[&str] = &["storage", "secondaryStorage", "delay", "deferred", "organizations", "data"];

const ORGANIZATIONS: &str = "true, false, or an object whose `roles` give permissions to `owner`, `admin` and `member`";

impl Setup {
    /// Reads a `setup`; `null` is none.
    ///
    /// # Errors
    /// The first member that is not known, not of this edition, or of a wrong type.
    pub fn parse(edition: &Edition, setup: &Value) -> Result<Self, SetupError> {
        let members = match setup {
            Value::Null => return Ok(Self::default()),
            Value::Object(members) => members,
            _ => return Err(SetupError::NotAnObject),
        };
        if let Some(name) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(SetupError::Unknown(name.clone()));
        }
        // Both are the same here: all is in memory, and in `data` where that is given.
        let storage = members.get("storage").filter(|value| !value.is_null());
        if let Some(storage) = storage.filter(|value| !matches!(value.as_str(), Some("memory" | "sqlite"))) {
            return Err(SetupError::UnknownStorage(storage.clone()));
        }
        let setup = Self {
            organizations: read(members, "organizations", ORGANIZATIONS, organizations)?.flatten(),
            secondary_storage: flag(members, "secondaryStorage")?,
            delay: flag(members, "delay")?,
            deferred: flag(members, "deferred")?,
            data: read(members, "data", "the path of a folder", |value| value.as_str().map(str::to_owned))?,
        };
        let absent = |member| Err(SetupError::NotInEdition { member, edition: edition.clone() });
        match () {
            () if setup.organizations.is_some() && !edition.has(Behaviour::OrganizationsOwnKeys) => {
                absent("organizations")
            }
            () if setup.secondary_storage && !edition.has(Behaviour::StorageCanBeSecondary) => {
                absent("secondaryStorage")
            }
            () => Ok(setup),
        }
    }
}

impl Roles {
    /// The further permissions of a role.
    pub fn of(&self, role: &str) -> Option<&Permissions> {
        self.0.iter().find(|(name, _)| name == role).map(|(_, permissions)| permissions)
    }
}

/// `Some(None)`: none are wanted. `None`: that is no such value.
fn organizations(value: &Value) -> Option<Option<Roles>> {
    let members = match value {
        Value::Bool(wanted) => return Some(wanted.then(Roles::default)),
        Value::Object(members) if members.keys().all(|name| name == "roles") => members,
        _ => return None,
    };
    let Some(roles) = members.get("roles") else { return Some(Some(Roles::default())) };
    let roles = roles.as_object()?.iter().map(|(name, permissions)| {
        let known = ROLES.contains(&name.as_str());
        Some((name.clone(), Permissions::from_json(permissions)?)).filter(|_| known)
    });
    roles.collect::<Option<_>>().map(|roles| Some(Roles(roles)))
}

fn flag(members: &Map<String, Value>, member: &'static str) -> Result<bool, SetupError> {
    Ok(read(members, member, "true or false", Value::as_bool)?.unwrap_or(false))
}

/// `null` is as good as absent.
fn read<T>(
    members: &Map<String, Value>,
    member: &'static str,
    expected: &'static str,
    as_type: impl FnOnce(&Value) -> Option<T>,
) -> Result<Option<T>, SetupError> {
    let value = members.get(member).filter(|value| !value.is_null());
    value.map(|value| as_type(value).ok_or(SetupError::WrongType { member, expected })).transpose()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(setup: &Value) -> Result<Setup, String> {
        Setup::parse(&Edition::newest(), setup).map_err(|error| error.to_string())
    }

    #[test]
    fn every_member_is_read() {
        let setup = json!({
            "storage": "sqlite", "secondaryStorage": true, "delay": true, "deferred": true, "data": "/data",
            "organizations": { "roles": { "member": { "apiKey": ["read"] } } },
        });
        let setup = parse(&setup).unwrap();
        assert!(setup.secondary_storage && setup.delay && setup.deferred);
        assert_eq!(setup.data.as_deref(), Some("/data"));
        let roles = setup.organizations.unwrap();
        assert_eq!(roles.of("member"), Some(&[("apiKey", ["read"])].into_iter().collect()));
        assert_eq!(roles.of("admin"), None);
        assert_eq!(parse(&Value::Null), Ok(Setup::default()));
        assert_eq!(parse(&json!({ "organizations": false, "data": null })), Ok(Setup::default()));
    }

    #[test]
    fn mistakes_name_the_member() {
        let cases = [
            (json!({ "plugins": [] }), "`setup.plugins`"),
            (json!({ "storage": "postgres" }), "`setup.storage` \"postgres\""),
            (json!({ "delay": 5 }), "`setup.delay` must be true or false"),
            (json!({ "organizations": { "roles": { "king": {} } } }), "`setup.organizations` must be"),
            (json!({ "organizations": { "teams": true } }), "`setup.organizations` must be"),
            (json!([]), "not an object"),
        ];
        for (setup, expected) in cases {
            let message = parse(&setup).unwrap_err();
            assert!(message.contains(expected), "{setup}: {message}");
        }
    }

    #[test]
    fn members_have_their_editions() {
        let cases = [("1.4", json!({ "organizations": true })), ("1.4.0", json!({ "secondaryStorage": true }))];
        for (edition, setup) in cases {
            let error = Setup::parse(&edition.parse().unwrap(), &setup).unwrap_err();
            assert!(matches!(error, SetupError::NotInEdition { .. }), "{error}");
        }
    }
}
