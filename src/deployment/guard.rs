//! Which addresses keyspec sends requests to: loopback, and what the user named.

use std::net::IpAddr;

use url::{Host, Url};

/// A host that the user allows with `--allow-host HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    host: String,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    #[error("`{0}` is not HOST:PORT, such as staging.example.com:443")]
    NotHostAndPort(String),
    #[error(
        "`{url}` is not on this machine: keyspec creates users and keys there. If that is meant, add --allow-host {host}:{port}"
    )]
    NotAllowed { url: String, host: String, port: u16 },
    #[error("`{0}` is not an http or https address with a host")]
    NotHttp(String),
    #[error("`{0}` carries a user name or password: name them in a deployment file, by reference")]
    Credentials(String),
}

impl std::str::FromStr for AllowedHost {
    type Err = GuardError;

    fn from_str(text: &str) -> Result<Self, GuardError> {
        let wrong = || GuardError::NotHostAndPort(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        (!host.is_empty()).then(|| Self { host: host.to_ascii_lowercase(), port }).ok_or_else(wrong)
    }
}

/// May keyspec send requests to `url`?
pub fn check(url: &Url, allowed: &[AllowedHost]) -> Result<(), GuardError> {
    let (Some(host), Some(port), "http" | "https") = (url.host(), url.port_or_known_default(), url.scheme()) else {
        return Err(GuardError::NotHttp(url.to_string()));
    };
    if !url.username().is_empty() || url.password().is_some() {
        let mut bare = url.clone();
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        return Err(GuardError::Credentials(bare.to_string()));
    }
    let text = host.to_string();
    if is_loopback(&host) || allowed.iter().any(|one| one.host == text && one.port == port) {
        return Ok(());
    }
    Err(GuardError::NotAllowed { url: url.to_string(), host: text, port })
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        // The name is resolved to loopback by every system that follows RFC 6761.
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).to_canonical().is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(url: &str, allowed: &[&str]) -> Result<(), GuardError> {
        let allowed: Vec<_> = allowed.iter().map(|one| one.parse().unwrap()).collect();
        check(&Url::parse(url).unwrap(), &allowed)
    }

    #[test]
    fn loopback_needs_no_permission() {
        for url in ["http://127.0.0.1:3000/api/auth", "http://localhost/x", "http://[::1]:1/", "http://127.8.9.1/"] {
            assert_eq!(judge(url, &[]), Ok(()), "{url}");
        }
    }

    #[test]
    fn everything_else_does() {
        for url in
            ["https://example.com/api/auth", "http://10.0.0.1/", "http://localhost.example.com/", "http://0.0.0.0/"]
        {
            assert!(matches!(judge(url, &[]), Err(GuardError::NotAllowed { .. })), "{url}");
        }
        assert_eq!(judge("https://example.com/", &["example.com:443"]), Ok(()));
        assert!(judge("https://example.com:8443/", &["example.com:443"]).is_err());
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        let error = judge("http://me:hunter22@127.0.0.1/", &[]).unwrap_err().to_string();
        assert!(!error.contains("hunter22") && error.contains("deployment file"), "{error}");
    }
}
