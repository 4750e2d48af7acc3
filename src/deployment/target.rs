//! How a user names what is to be judged.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;
use url::Url;

use super::process::Launch;
use super::range::{Range, RangeError};
use crate::spec::words::nearest;

/// A target as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The embedded reference, with faults switched on.
    Reference { faults: Vec<String> },
    /// A published release, through the bundled adapter.
    BetterAuth(Release),
    /// The published releases of a range, through the bundled adapter.
    Releases(Range),
    /// An adapter: a command, or a folder with an `adapter.toml`.
    Adapter(AdapterSource),
    /// A deployment file.
    File(PathBuf),
    /// A running deployment: the URL of its API, base path included.
    Url(Url),
}

/// A published release of Better Auth, and what is laid over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub version: semver::Version,
    /// The proposed self-grant, as the overlay in `adapters/better-auth/self-grant` adds it.
    pub self_grant: bool,
}

/// What stands after the version of a release with the overlay.
const SELF_GRANT: &str = "self-grant";

/// The first release that the overlay is for.
const SELF_GRANT_SINCE: semver::Version = semver::Version::new(1, 4, 0);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdapterSource {
    Command(Vec<String>),
    Folder(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error(
        "unknown target `{text}`{hint}. A target is `reference`, `better-auth@VERSION`, `better-auth@VERSION+self-grant`, `adapter:COMMAND`, `adapter:DIR`, `FILE.toml` or a URL"
    )]
    Unknown { text: String, hint: String },
    #[error(
        "`{text}` names no release: give a version, such as `better-auth@1.7.5`, or a range, such as `better-auth@1.6.*`"
    )]
    NoVersion { text: String },
    #[error(transparent)]
    Range(#[from] RangeError),
    #[error("`{text}`: {reason}")]
    Malformed { text: String, reason: String },
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let malformed = |reason: &str| TargetError::Malformed { text: text.to_owned(), reason: reason.to_owned() };
        if text.starts_with("http://") || text.starts_with("https://") {
            return Url::parse(text).map(Self::Url).map_err(|error| malformed(&error.to_string()));
        }
        if let Some(rest) = text.strip_prefix("adapter:") {
            let path = Path::new(rest);
            if path.is_dir() {
                return Ok(Self::Adapter(AdapterSource::Folder(path.to_owned())));
            }
            let words: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
            return if words.is_empty() {
                Err(malformed("name a command or a folder after `adapter:`"))
            } else {
                Ok(Self::Adapter(AdapterSource::Command(words)))
            };
        }
        if let Some(named) = text.strip_prefix("better-auth@") {
            let (version, overlay) = named.split_once('+').unwrap_or((named, ""));
            let self_grant = overlay == SELF_GRANT;
            if !self_grant && named.contains('+') {
                return Err(malformed("after the version only `+self-grant` is known"));
            }
            let Ok(version) = semver::Version::parse(version) else {
                if !version.contains(|c: char| c.is_ascii_digit() || c == '*') {
                    return Err(TargetError::NoVersion { text: text.to_owned() });
                }
                if self_grant {
                    return Err(malformed("the self-grant overlay is laid over one release, not over a range"));
                }
                return Ok(Self::Releases(version.parse()?));
            };
            if self_grant && version < SELF_GRANT_SINCE {
                return Err(malformed("the self-grant overlay is for Better Auth 1.4.0 and later"));
            }
            return Ok(Self::BetterAuth(Release { version, self_grant }));
        }
        if text == "better-auth" {
            return Err(TargetError::NoVersion { text: text.to_owned() });
        }
        let (name, query) = text.split_once('?').unwrap_or((text, ""));
        if name == "reference" {
            let faults = query.split('&').filter(|part| !part.is_empty()).map(|part| match part.split_once('=') {
                Some(("fault", id)) => Ok(id.to_owned()),
                _ => Err(malformed("after `reference?` only `fault=ID` is known")),
            });
            return Ok(Self::Reference { faults: faults.collect::<Result<_, _>>()? });
        }
        if Path::new(text).extension().is_some_and(|ending| ending == "toml") {
            return Ok(Self::File(PathBuf::from(text)));
        }
        let near = nearest(name.split('@').next().unwrap_or(name), ["reference", "better-auth", "adapter"]);
        let hint = near.first().map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default();
        Err(TargetError::Unknown { text: text.to_owned(), hint })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference { faults } => {
                f.write_str("reference")?;
                for (at, fault) in faults.iter().enumerate() {
                    write!(f, "{}fault={fault}", if at == 0 { '?' } else { '&' })?;
                }
                Ok(())
            }
            Self::BetterAuth(release) => write!(f, "{release}"),
            Self::Releases(range) => write!(f, "better-auth@{range}"),
            Self::Adapter(AdapterSource::Command(words)) => write!(f, "adapter:{}", words.join(" ")),
            Self::Adapter(AdapterSource::Folder(dir)) => write!(f, "adapter:{}", dir.display()),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Url(url) => write!(f, "{url}"),
        }
    }
}

impl Target {
    /// A published release as it is.
    pub fn release(version: semver::Version) -> Self {
        Self::BetterAuth(Release { version, self_grant: false })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "better-auth@{}", self.version)?;
        if self.self_grant { write!(f, "+{SELF_GRANT}") } else { Ok(()) }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdapterFile {
    command: Vec<String>,
    #[serde(default)]
    setup: Vec<String>,
    #[serde(default)]
    prepare: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    jobs: Option<NonZeroUsize>,
}

impl AdapterSource {
    /// How to start it. `read` opens a file of the adapter's folder.
    pub fn launch(&self, read: impl Fn(&Path) -> std::io::Result<String>) -> Result<Launch, TargetError> {
        let (name, dir, file) = match self {
            Self::Command(words) => {
                let command = words.clone();
                ("adapter:".to_owned(), None, AdapterFile { command, ..AdapterFile::default() })
            }
            Self::Folder(dir) => {
                let path = dir.join("adapter.toml");
                let name = path.display().to_string();
                let malformed = |reason: String| TargetError::Malformed { text: name.clone(), reason };
                let text = read(&path).map_err(|error| malformed(error.to_string()))?;
                let file = toml::from_str(&text).map_err(|error| malformed(error.to_string()))?;
                (name, Some(dir.clone()), file)
            }
        };
        let AdapterFile { command, setup, prepare, env, jobs } = file;
        let Some((program, args)) = command.split_first() else {
            return Err(TargetError::Malformed { text: name, reason: "`command` names no program".to_owned() });
        };
        let setup = (!setup.is_empty()).then(|| setup.join(" "));
        Ok(Launch { program: program.clone(), args: args.to_vec(), dir, env, setup, prepare, jobs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_and_prints_back() {
        for text in [
            "reference",
            "reference?fault=a.b&fault=c.d",
            "better-auth@1.7.5",
            "better-auth@1.7.0-beta.1",
            "better-auth@1.4.*",
            "better-auth@>=1.6 <1.7",
            "better-auth@1.7.5+self-grant",
            "better-auth@1.4.0+self-grant",
            "adapter:python3 adapter.py",
            "staging.toml",
            "http://127.0.0.1:3000/api/auth",
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn mistakes_name_the_way_out() {
        let error = |text: &str| text.parse::<Target>().unwrap_err().to_string();
        insta::assert_snapshot!(error("refrence"), @"unknown target `refrence` (did you mean `reference`?). A target is `reference`, `better-auth@VERSION`, `better-auth@VERSION+self-grant`, `adapter:COMMAND`, `adapter:DIR`, `FILE.toml` or a URL");
        insta::assert_snapshot!(error("better-auth"), @"`better-auth` names no release: give a version, such as `better-auth@1.7.5`, or a range, such as `better-auth@1.6.*`");
        insta::assert_snapshot!(error("better-auth@latest"), @"`better-auth@latest` names no release: give a version, such as `better-auth@1.7.5`, or a range, such as `better-auth@1.6.*`");
        insta::assert_snapshot!(error("better-auth@1.7.5+self-grants"), @"`better-auth@1.7.5+self-grants`: after the version only `+self-grant` is known");
        insta::assert_snapshot!(error("better-auth@1.7.5+"), @"`better-auth@1.7.5+`: after the version only `+self-grant` is known");
        insta::assert_snapshot!(error("better-auth@1.3.34+self-grant"), @"`better-auth@1.3.34+self-grant`: the self-grant overlay is for Better Auth 1.4.0 and later");
        insta::assert_snapshot!(error("reference?falt=x"), @"`reference?falt=x`: after `reference?` only `fault=ID` is known");
    }

    #[test]
    fn an_adapter_folder_says_how_to_start_it() {
        let source = AdapterSource::Folder("there".into());
        let launch = source.launch(|path| {
            assert_eq!(path, Path::new("there/adapter.toml"));
            Ok("command = ['python3', 'adapter.py']\nsetup = ['make', 'venv']\nprepare = ['make']\njobs = 1\n[env]\nA = 'b'"
                .to_owned())
        });
        let launch = launch.unwrap();
        assert_eq!((launch.program.as_str(), launch.args.as_slice()), ("python3", &["adapter.py".to_owned()][..]));
        assert_eq!((launch.prepare, launch.jobs.map(NonZeroUsize::get)), (vec!["make".to_owned()], Some(1)));
        assert_eq!((launch.dir, launch.setup.as_deref()), (Some("there".into()), Some("make venv")));
        assert!(source.launch(|_| Ok("command = []".into())).is_err());
        assert!(source.launch(|_| Ok("command = ['x']\njobs = 0".into())).is_err());
        assert!(source.launch(|_| Ok("comand = ['x']".into())).unwrap_err().to_string().contains("comand"));
    }
}
