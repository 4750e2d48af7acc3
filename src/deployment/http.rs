//! The HTTP client: requests to a deployment, bounded in size and time. The only file that knows `reqwest`.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

/// A longer reply is cut off and reported. Bytes.
pub const MAX_BODY: usize = 4 * 1024 * 1024;

/// A request, complete.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    pub method: String,
    pub url: Url,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

/// A reply, complete. Holds secrets: it is redacted before anything of it is kept.
#[derive(Clone)]
pub struct HttpReply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub took: Duration,
}

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    #[error("cannot connect to {address}: {reason}")]
    Connect { address: String, reason: String },
    #[error("no reply within {} s; --timeout gives it longer", .0.as_secs_f32())]
    Timeout(Duration),
    #[error("the reply is longer than {} MiB", MAX_BODY / 1024 / 1024)]
    TooLong,
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("the request cannot be sent: {0}")]
    Unsendable(String),
}

/// A client for one deployment, with its connections.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    timeout: Duration,
}

impl Http {
    /// For the deployment at `base`. `timeout` is for one request, from the connection to the last byte of the reply.
    pub fn new(base: &Url, timeout: Duration) -> Result<Self, HttpError> {
        static PROVIDER: OnceLock<()> = OnceLock::new();
        PROVIDER.get_or_init(|| {
            // Only fails when there is one already, which will do as well.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let builder = reqwest::Client::builder();
        // The system's certificates take longer to read than a whole scenario to tell, and redirects are not followed.
        let builder = if base.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
        let client = builder
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .timeout(timeout)
            .user_agent(concat!("keyspec/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| HttpError::Unsendable(chain(&error)))?;
        Ok(Self { client, timeout })
    }

    /// Sends one request.
    pub async fn send(&self, request: &HttpRequest) -> Result<HttpReply, HttpError> {
        let started = Instant::now();
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|_| HttpError::Unsendable(format!("`{}` is no method", request.method)))?;
        let mut builder = self.client.request(method, request.url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder.send().await.map_err(|error| self.error(&request.url, &error))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let mut body = Vec::new();
        let mut stream = std::pin::pin!(futures::stream::unfold(response, |mut response| async {
            match response.chunk().await {
                Ok(Some(chunk)) => Some((Ok(chunk), response)),
                Ok(None) => None,
                Err(error) => Some((Err(error), response)),
            }
        }));
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| self.error(&request.url, &error))?;
            if body.len() + chunk.len() > MAX_BODY {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpReply { status, headers, body, took: started.elapsed() })
    }

    /// Sends bytes on a connection of their own and returns what comes back until the other side closes, or a whole
    /// HTTP reply is there.
    pub async fn send_raw(&self, base: &Url, bytes: &[u8]) -> Result<HttpReply, HttpError> {
        let started = Instant::now();
        let address = format!("{}:{}", base.host_str().unwrap_or_default(), base.port_or_known_default().unwrap_or(80));
        if base.scheme() != "http" {
            return Err(HttpError::Unsendable("raw bytes are sent over http only, not https".into()));
        }
        let exchange = async {
            let mut stream = TcpStream::connect(address.trim_start_matches('[').replace("]:", ":"))
                .await
                .map_err(|error| HttpError::Connect { address: address.clone(), reason: error.to_string() })?;
            // The other side may answer and close before it has read all.
            let _ = stream.write_all(bytes).await;
            let mut reply = Vec::new();
            let mut chunk = vec![0; 16 * 1024];
            loop {
                let read = stream.read(&mut chunk).await.map_err(|error| HttpError::Broken(error.to_string()))?;
                reply.extend_from_slice(chunk.get(..read).unwrap_or_default());
                if reply.len() > MAX_BODY {
                    return Err(HttpError::TooLong);
                }
                if let Some(whole) = parse_reply(&reply, read == 0) {
                    return whole;
                }
            }
        };
        let (status, headers, body) =
            tokio::time::timeout(self.timeout, exchange).await.map_err(|_| HttpError::Timeout(self.timeout))??;
        Ok(HttpReply { status, headers, body, took: started.elapsed() })
    }

    fn error(&self, url: &Url, error: &reqwest::Error) -> HttpError {
        if error.is_timeout() {
            HttpError::Timeout(self.timeout)
        } else if error.is_connect() {
            let host = url.host_str().unwrap_or_default();
            let address = url.port_or_known_default().map_or(host.to_owned(), |port| format!("{host}:{port}"));
            HttpError::Connect { address, reason: root(error) }
        } else if error.is_builder() {
            HttpError::Unsendable(chain(error))
        } else {
            HttpError::Broken(root(error))
        }
    }
}

type Parsed = (u16, Vec<(String, String)>, Vec<u8>);

/// A reply in HTTP/1.1, when all of it is there. The body is read by its length, in chunks, or to the end.
fn parse_reply(bytes: &[u8], ended: bool) -> Option<Result<Parsed, HttpError>> {
    let broken = |why: &str| Some(Err(HttpError::Broken(why.to_owned())));
    let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return if ended { broken("it ended before a reply was there") } else { None };
    };
    let text = String::from_utf8_lossy(bytes.get(..head).unwrap_or_default()).into_owned();
    let rest = bytes.get(head + 4..).unwrap_or_default();
    let mut lines = text.split("\r\n");
    let Some(status) = lines.next().and_then(|line| line.split(' ').nth(1)?.parse::<u16>().ok()) else {
        return broken("what came back is no HTTP reply");
    };
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let header = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let body = if header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        match unchunk(rest) {
            Some(body) => body,
            None if ended => return broken("it ended in the middle of a chunk"),
            None => return None,
        }
    } else {
        match header("content-length").and_then(|value| value.parse::<usize>().ok()) {
            Some(length) if rest.len() >= length => rest.get(..length).unwrap_or_default().to_vec(),
            None if ended => rest.to_vec(),
            _ if ended => return broken("it ended in the middle of the reply"),
            _ => return None,
        }
    };
    Some(Ok((status, headers, body)))
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..line)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let start = line + 2;
        body.extend_from_slice(rest.get(start..start.checked_add(size)?)?);
        rest = rest.get(start + size + 2..)?;
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

/// The innermost cause: what the system said.
fn root(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_read_by_its_length_in_chunks_or_to_the_end() {
        let whole = |text: &str, ended| parse_reply(text.as_bytes(), ended).map(|r| r.map(|(s, _, b)| (s, b)));
        assert_eq!(
            whole("HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nhi", false),
            Some(Ok((404, b"hi".to_vec())))
        );
        assert_eq!(whole("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nhi", false), None);
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
        assert_eq!(whole(chunked, false), Some(Ok((200, b"hi".to_vec()))));
        assert_eq!(whole("HTTP/1.1 200 OK\r\n\r\nhi", true), Some(Ok((200, b"hi".to_vec()))));
        assert!(matches!(whole("SSH-2.0-x\r\n\r\n", true), Some(Err(HttpError::Broken(_)))));
        assert!(matches!(whole("", true), Some(Err(HttpError::Broken(_)))));
    }

    proptest::proptest! {
        #[test]
        fn no_reply_makes_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), ended: bool) {
            let _ = parse_reply(&bytes, ended);
            let mut framed = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            framed.extend_from_slice(&bytes);
            let _ = parse_reply(&framed, ended);
        }
    }
}
