//! Deployments that run already: a URL, or a deployment file with what keyspec must know of it.

use std::fmt;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::guard::{self, AllowedHost, GuardError};

/// A running deployment and what is known of it.
#[derive(Debug, Clone)]
pub struct Attached {
    pub name: String,
    pub base: Url,
    pub edition: Option<String>,
    /// The plugin's options that it runs with; only scenarios that need no others are run.
    pub config: Value,
    /// How actors sign in; who is not named here signs up.
    pub sessions: IndexMap<String, SignIn>,
}

/// Credentials, resolved.
#[derive(Clone)]
pub struct SignIn {
    pub email: String,
    pub password: String,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignIn")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttachError {
    #[error(transparent)]
    Guard(#[from] GuardError),
    #[error("{file}: {message}")]
    File { file: String, message: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    name: String,
    base_url: String,
    edition: Option<String>,
    #[serde(default)]
    session: IndexMap<String, Credentials>,
    /// A table, or several for several configurations.
    #[serde(default)]
    config: Options,
}

#[derive(Deserialize)]
#[serde(try_from = "toml::Value")]
struct Options(toml::Value);

impl Default for Options {
    fn default() -> Self {
        Self(toml::Value::Table(toml::Table::new()))
    }
}

impl TryFrom<toml::Value> for Options {
    type Error = &'static str;

    fn try_from(value: toml::Value) -> Result<Self, Self::Error> {
        let is_table = |value: &toml::Value| value.is_table();
        match &value {
            toml::Value::Table(_) => Ok(Self(value)),
            toml::Value::Array(all) if all.iter().all(is_table) => Ok(Self(value)),
            _ => Err("`config` is a table: write `[config]`, or `[[config]]` for each of several configurations"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    password: String,
}

impl Attached {
    /// A URL alone: nothing is known but the address.
    pub fn at(url: &Url, allowed: &[AllowedHost]) -> Result<Self, AttachError> {
        guard::check(url, allowed)?;
        Ok(Self {
            name: url.to_string(),
            base: url.clone(),
            edition: None,
            config: Value::Object(serde_json::Map::new()),
            sessions: IndexMap::new(),
        })
    }

    /// Reads a deployment file. `env` looks up variables: secrets stand in files by reference only.
    pub fn read(
        file: &str,
        text: &str,
        env: impl Fn(&str) -> Option<String>,
        allowed: &[AllowedHost],
    ) -> Result<Self, AttachError> {
        let fail = |message: String| AttachError::File { file: file.to_owned(), message };
        let parsed: File = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let base = Url::parse(&parsed.base_url).map_err(|error| fail(format!("`base-url`: {error}")))?;
        guard::check(&base, allowed).map_err(|error| fail(format!("`base-url`: {error}")))?;
        let resolve = |place: &str, text: &str| match text.strip_prefix("env:") {
            Some(name) => env(name).ok_or_else(|| fail(format!("`{place}`: the variable {name} is not set"))),
            None if place.ends_with("password") => {
                Err(fail(format!("`{place}`: a secret stands in the environment: write \"env:NAME\"")))
            }
            None => Ok(text.to_owned()),
        };
        let sessions = parsed.session.iter().map(|(name, credentials)| {
            let email = resolve(&format!("session.{name}.email"), &credentials.email)?;
            let password = resolve(&format!("session.{name}.password"), &credentials.password)?;
            Ok((name.clone(), SignIn { email, password }))
        });
        Ok(Self {
            name: parsed.name,
            base,
            edition: parsed.edition,
            sessions: sessions.collect::<Result<_, AttachError>>()?,
            config: serde_json::to_value(parsed.config.0).map_err(|error| fail(error.to_string()))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
name = "staging"
base-url = "http://127.0.0.1:3000/api/auth"
edition = "1.7"
[session]
alice = { email = "env:ALICE", password = "env:ALICE_PASSWORD" }
[config]
permissions.defaultPermissions = { files = ["read"] }
"#;

    fn read(text: &str) -> Result<Attached, AttachError> {
        let env = |name: &str| (name != "MISSING").then(|| format!("value of {name}"));
        Attached::read("staging.toml", text, env, &[])
    }

    #[test]
    fn a_file_says_how_to_sign_in_and_what_runs_there() {
        let attached = read(FILE).unwrap();
        assert_eq!(attached.sessions["alice"].password, "value of ALICE_PASSWORD");
        assert_eq!(attached.config, serde_json::json!({"permissions": {"defaultPermissions": {"files": ["read"]}}}));
        assert!(!format!("{attached:?}").contains("value of"));
    }

    #[test]
    fn several_configurations_are_several_tables() {
        let several = FILE.replace("[config]\n", "[[config]]\nconfigId = 'a'\n[[config]]\nconfigId = 'b'\n");
        let configs = read(&several).unwrap().config;
        assert_eq!((&configs[0]["configId"], &configs[1]["configId"]), (&"a".into(), &"b".into()));
        let wrong = FILE.replace("[config]\npermissions.defaultPermissions = { files = [\"read\"] }", "");
        assert!(read(&format!("config = 3\n{wrong}")).unwrap_err().to_string().contains("`config` is a table"));
    }

    #[test]
    fn mistakes_name_the_way_out() {
        let message = |from: &str, to: &str| read(&FILE.replace(from, to)).unwrap_err().to_string();
        assert!(message("env:ALICE_PASSWORD", "hunter2").contains("write \"env:NAME\""));
        assert!(message("env:ALICE_PASSWORD", "env:MISSING").contains("MISSING is not set"));
        assert!(message("127.0.0.1", "example.com").contains("--allow-host example.com:3000"));
        assert!(message("base-url", "baseurl").contains("unknown field `baseurl`"));
    }
}
