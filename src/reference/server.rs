//! An HTTP/1.1 shell around one model: bytes become a request, the model's reply becomes bytes.
//!
//! Knows the base path, the clock and the bounds on what a peer may send. It refuses to know what any route does,
//! and it logs nothing: keys and cookies pass through here.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::spec::model::{Model, Unreadable};
use crate::spec::request::{Reply, Request};

/// Below this path the model answers; everything else is an empty 404.
pub const BASE_PATH: &str = "/api/auth";

/// With [`Door::Loopback`], a virtual clock is moved by `POST` here: `{"advanceMs":1000}`.
pub const CLOCK_PATH: &str = "/__keyspec/clock";

/// A longer body is answered with 413. Bytes.
pub const MAX_BODY: usize = 1024 * 1024;

/// A longer head is answered with 431. Bytes.
const MAX_HEAD: usize = 64 * 1024;

/// More headers are answered with 431.
const MAX_HEADERS: usize = 100;

/// Further connections wait until one closes.
const MAX_CONNECTIONS: usize = 512;

/// How long a peer may take for a request's head, and again for its body.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a request waits where accesses to storage take a while: long enough for others to come in between.
const PAUSE: Duration = Duration::from_millis(5);

/// The last millisecond that a JavaScript date can hold.
const LAST_MOMENT: i64 = 8_640_000_000_000_000;

/// What a deployment takes for the present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Stands still until it is advanced. Milliseconds since 1970.
    Virtual { now: i64 },
    /// The machine's, which never runs backwards here.
    Real,
}

/// Whether [`CLOCK_PATH`] is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// For peers on this machine.
    Loopback,
    Closed,
}

/// How a model is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    pub clock: Clock,
    pub door: Door,
    /// What browsers take for the server's origin; the listener's address when left out.
    pub origin: Option<String>,
}

/// A clock that was not moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    #[error("the clock is the machine's and cannot be moved")]
    Real,
    #[error("the clock cannot be moved beyond the year 275760")]
    TooFar,
}

/// A model that listens on a port. Dropping it closes the port too, without waiting until that is done.
#[derive(Debug)]
pub struct Server {
    shell: Arc<Shell>,
    origin: String,
    local_origin: String,
    accepting: JoinHandle<()>,
    /// Nothing is ever sent: that it is gone is the message.
    running: oneshot::Sender<Infallible>,
}

impl Server {
    /// Serves `model` on `listener` until [`Server::stop`]. Call it inside a tokio runtime.
    pub fn start(listener: TcpListener, mut model: Model, setup: Setup) -> io::Result<Self> {
        let local_origin = format!("http://{}", listener.local_addr()?);
        let origin = setup.origin.unwrap_or_else(|| local_origin.clone());
        model.set_base_url(&origin);
        let state = Mutex::new(State { model, clock: setup.clock, latest: i64::MIN });
        let shell = Arc::new(Shell { state, door: setup.door });
        let (running, stopped) = oneshot::channel();
        let accepting = tokio::spawn(listen(listener, Arc::clone(&shell), stopped));
        Ok(Self { shell, origin, local_origin, accepting, running })
    }

    /// What a browser sends as `Origin`: `http://127.0.0.1:41234`
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Where it listens: `http://127.0.0.1:41234`
    pub fn local_origin(&self) -> &str {
        &self.local_origin
    }

    /// `http://127.0.0.1:41234/api/auth`
    pub fn base_url(&self) -> String {
        format!("{}{BASE_PATH}", self.origin)
    }

    /// The deployment's time, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.shell.state().now()
    }

    /// Moves a virtual clock forward and gives the new time.
    pub fn advance(&self, by_ms: u64) -> Result<i64, ClockError> {
        self.shell.state().advance(by_ms)
    }

    /// The deployment without its port: server-side calls come in here.
    pub fn back_door(&self) -> BackDoor {
        BackDoor(Arc::clone(&self.shell))
    }

    /// A new user with a session: the user's id and the `cookie` header.
    pub fn sign_up_actor(&self, name: &str) -> (String, String) {
        let mut state = self.shell.state();
        let now = state.now();
        state.model.sign_up_actor(now, name)
    }

    /// Closes the port and every connection. When this returns, no task of the server is left.
    pub async fn stop(self) {
        drop(self.running);
        // It fails only when the runtime ends first, and then nothing is left either.
        let _ = self.accepting.await;
    }
}

/// The way to a model that does not lead over the port. It outlives the server.
#[derive(Debug, Clone)]
pub struct BackDoor(Arc<Shell>);

impl BackDoor {
    /// Asks the model.
    pub async fn apply(&self, request: &Request) -> Reply {
        self.0.apply(request).await
    }

    /// Do requests take their time here, so that others come in between?
    pub fn is_slow(&self) -> bool {
        self.0.state().pause().is_some()
    }

    /// The deployment's time and data.
    ///
    /// # Errors
    /// Those of [`Model::save`].
    pub fn save(&self) -> Result<(i64, Value), Unreadable> {
        let mut state = self.0.state();
        Ok((state.now(), state.model.save()?))
    }
}

#[derive(Debug)]
struct Shell {
    state: Mutex<State>,
    door: Door,
}

#[derive(Debug)]
struct State {
    model: Model,
    clock: Clock,
    /// The latest time that was read from the machine's clock.
    latest: i64,
}

impl Shell {
    fn state(&self) -> MutexGuard<'_, State> {
        // A model that panicked once still answers: the connection that made it panic is the one that closes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, peer: IpAddr, request: hyper::Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        let to_clock = self.door == Door::Loopback && peer.to_canonical().is_loopback() && path == CLOCK_PATH;
        let Some(below) = below_base_path(path).or(to_clock.then_some(path)) else {
            return empty(StatusCode::NOT_FOUND);
        };
        let body = match tokio::time::timeout(PATIENCE, Limited::new(body, MAX_BODY).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                return refusal(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "The body is longer than 1 MiB");
            }
            Ok(Err(_)) => return empty(StatusCode::BAD_REQUEST),
            Err(_) => return empty(StatusCode::REQUEST_TIMEOUT),
        };
        if to_clock {
            return self.move_clock(&head.method, &body);
        }
        let query = head.uri.query().unwrap_or_default();
        let request = Request::Http {
            method: head.method.as_str().to_owned(),
            path: below.to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), latin1(value))).collect(),
            body: body.into(),
        };
        response(self.apply(&request).await)
    }

    /// Where accesses take a while, a request waits between its coming and its answer. What it is answered is decided
    /// at once, unless a fault makes it read before it waits.
    async fn apply(&self, request: &Request) -> Reply {
        let (pause, seen) = {
            let state = self.state();
            (state.pause(), state.model.look())
        };
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
        let mut state = self.state();
        let now = state.now();
        state.model.apply_late(now, request, seen)
    }

    fn move_clock(&self, method: &Method, body: &[u8]) -> Response<Full<Bytes>> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Move {
            advance_ms: u64,
        }

        match *method {
            Method::GET => json_response(StatusCode::OK, &json!({ "now": self.state().now() })),
            Method::POST => match serde_json::from_slice(body) {
                Ok(Move { advance_ms }) => match self.state().advance(advance_ms) {
                    Ok(now) => json_response(StatusCode::OK, &json!({ "now": now })),
                    Err(error) => refusal(StatusCode::CONFLICT, "CLOCK_NOT_MOVED", &error.to_string()),
                },
                Err(_) => {
                    refusal(StatusCode::BAD_REQUEST, "BAD_REQUEST", "The body is not {\"advanceMs\": MILLISECONDS}")
                }
            },
            _ => empty(StatusCode::NOT_FOUND),
        }
    }
}

impl State {
    fn now(&mut self) -> i64 {
        match self.clock {
            Clock::Virtual { now } => now,
            Clock::Real => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                self.latest = self.latest.max(i64::try_from(since.as_millis()).unwrap_or(LAST_MOMENT));
                self.latest
            }
        }
    }

    fn advance(&mut self, by_ms: u64) -> Result<i64, ClockError> {
        let Clock::Virtual { now } = &mut self.clock else { return Err(ClockError::Real) };
        let then = now.checked_add_unsigned(by_ms).filter(|then| *then <= LAST_MOMENT).ok_or(ClockError::TooFar)?;
        *now = then;
        Ok(then)
    }

    fn pause(&self) -> Option<Duration> {
        (self.model.setup().delay || self.model.races()).then_some(PAUSE)
    }
}

/// Owns the port and its connections, and closes them all before it ends.
async fn listen(listener: TcpListener, shell: Arc<Shell>, stopped: oneshot::Receiver<Infallible>) {
    let mut connections = JoinSet::new();
    tokio::select! {
        _ = stopped => {}
        never = accept(&listener, &shell, &mut connections) => match never {},
    }
    drop(listener);
    connections.shutdown().await;
}

async fn accept(listener: &TcpListener, shell: &Arc<Shell>, connections: &mut JoinSet<()>) -> Infallible {
    loop {
        while connections.len() >= MAX_CONNECTIONS {
            connections.join_next().await;
        }
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => { connections.spawn(converse(stream, peer.ip(), Arc::clone(shell))); }
                // Out of file descriptors, or a peer that left at once: neither is a reason to spin or to give up.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
        }
    }
}

async fn converse(stream: TcpStream, peer: IpAddr, shell: Arc<Shell>) {
    // Without it a small reply can wait for the peer's delayed acknowledgement. A socket that refuses is merely slower.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shell = Arc::clone(&shell);
        async move { Ok::<_, Infallible>(shell.answer(peer, request).await) }
    });
    // What goes wrong on a connection is the peer's to notice: it gets a 4xx where HTTP has one, or the close.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// `/api/auth/api-key/create` is `/api-key/create` below the base path.
fn below_base_path(path: &str) -> Option<&str> {
    match path.strip_prefix(BASE_PATH)? {
        "" => Some("/"),
        below => below.starts_with('/').then_some(below),
    }
}

/// Header values as the Fetch standard reads them: one character a byte.
fn latin1(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|&byte| char::from(byte)).collect()
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match &reply.body {
        Some(body) => json_response(status, body),
        None => empty(status),
    };
    for (name, value) in reply.headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else { continue };
        if name == CONTENT_TYPE {
            response.headers_mut().insert(name, value);
        } else {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn json_response(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Full<Bytes>> {
    json_response(status, &json!({ "code": code, "message": message }))
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::spec::config::Configs;
    use crate::spec::edition::Edition;
    use crate::spec::fault::Faults;

    const NOW: i64 = 1_790_000_000_000;

    async fn start(clock: Clock, door: Door) -> Server {
        let edition = Edition::newest();
        let model = Model::new(edition.clone(), Configs::plain(), Faults::default(), 1);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        Server::start(listener, model, Setup { clock, door, origin: None }).unwrap()
    }

    async fn connect(server: &Server) -> TcpStream {
        TcpStream::connect(server.local_origin().strip_prefix("http://").unwrap()).await.unwrap()
    }

    /// Sends bytes as they are, and reads until the server closes.
    async fn exchange(server: &Server, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = connect(server).await;
        // A server that has refused already may close before everything is sent.
        let _ = stream.write_all(bytes.as_ref()).await;
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply).await;
        String::from_utf8(reply).unwrap()
    }

    async fn request(server: &Server, line: &str, body: &str) -> String {
        let length = body.len();
        let head = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        exchange(server, head + body).await
    }

    #[tokio::test]
    async fn the_model_answers_below_the_base_path_and_nowhere_else() {
        let server = start(Clock::Virtual { now: NOW }, Door::Closed).await;
        let reply = request(&server, "GET /api/auth/ok", "").await;
        assert!(reply.starts_with("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"), "{reply}");
        assert!(reply.ends_with("\r\n\r\n{\"ok\":true}"), "{reply}");
        for path in ["/", "/ok", "/api/authok", "/api/auth", "/api/auth/", "/api/auth/none", CLOCK_PATH] {
            let reply = request(&server, &format!("GET {path}"), "").await;
            assert!(reply.starts_with("HTTP/1.1 404 ") && reply.contains("content-length: 0\r\n"), "{path}: {reply}");
            assert!(!reply.contains("content-type"), "{path}: {reply}");
        }
        server.stop().await;
    }

    #[tokio::test]
    async fn what_a_peer_sends_is_bounded() {
        let server = start(Clock::Virtual { now: NOW }, Door::Closed).await;
        let reply = request(&server, "POST /api/auth/sign-out", &"x".repeat(MAX_BODY + 1)).await;
        assert!(reply.starts_with("HTTP/1.1 413 "), "{reply}");
        assert!(reply.contains("PAYLOAD_TOO_LARGE"), "{reply}");
        let reply = request(&server, "POST /api/auth/none", &"x".repeat(MAX_BODY)).await;
        assert!(reply.starts_with("HTTP/1.1 404 "), "{reply}");
        let many = "a: b\r\n".repeat(MAX_HEADERS + 1);
        let reply = exchange(&server, format!("GET /api/auth/ok HTTP/1.1\r\nhost: x\r\n{many}\r\n")).await;
        assert!(reply.starts_with("HTTP/1.1 431 "), "{reply}");
        let long = "a".repeat(2 * MAX_HEAD);
        let reply = exchange(&server, format!("GET /api/auth/ok HTTP/1.1\r\nhost: x\r\nlong: {long}\r\n\r\n")).await;
        assert!(reply.starts_with("HTTP/1.1 431 "), "{reply}");
        server.stop().await;
    }

    #[tokio::test]
    async fn nonsense_is_refused_and_the_next_peer_is_served() {
        let server = start(Clock::Virtual { now: NOW }, Door::Closed).await;
        for nonsense in
            ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET /api/auth/ok HTTP/9.9\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n"]
        {
            let reply = exchange(&server, nonsense).await;
            assert!(reply.is_empty() || reply.starts_with("HTTP/1.1 4"), "{nonsense:?}: {reply}");
        }
        assert!(request(&server, "GET /api/auth/ok", "").await.starts_with("HTTP/1.1 200 "));
        server.stop().await;
    }

    #[tokio::test]
    async fn stopping_closes_the_port_and_connections_that_are_under_way() {
        let server = start(Clock::Real, Door::Closed).await;
        let address = server.local_origin().strip_prefix("http://").unwrap().to_owned();
        let mut idle = connect(&server).await;
        let mut halfway = connect(&server).await;
        halfway.write_all(b"POST /api/auth/none HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf").await.unwrap();
        assert!(request(&server, "GET /api/auth/ok", "").await.starts_with("HTTP/1.1 200 "));
        let shell = Arc::downgrade(&server.shell);
        server.stop().await;
        assert_eq!(shell.strong_count(), 0, "a task still holds the model");
        assert!(TcpStream::connect(&address).await.is_err());
        for stream in [&mut idle, &mut halfway] {
            assert!(matches!(stream.read(&mut [0; 64]).await, Ok(0) | Err(_)));
        }
    }

    #[tokio::test]
    async fn a_dropped_server_stops_by_itself() {
        let server = start(Clock::Real, Door::Closed).await;
        let shell = Arc::downgrade(&server.shell);
        drop(server);
        let gone = async {
            while shell.strong_count() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap();
    }

    #[tokio::test]
    async fn a_virtual_clock_moves_through_its_door() {
        let server = start(Clock::Virtual { now: NOW }, Door::Loopback).await;
        let line = format!("POST {CLOCK_PATH}");
        assert!(request(&server, &line, r#"{"advanceMs":1500}"#).await.ends_with(r#"{"now":1790000001500}"#));
        assert!(request(&server, &format!("GET {CLOCK_PATH}"), "").await.ends_with(r#"{"now":1790000001500}"#));
        for body in ["", "{}", "[]", r#"{"advanceMs":-1}"#, r#"{"advanceMs":1,"more":1}"#] {
            assert!(request(&server, &line, body).await.starts_with("HTTP/1.1 400 "), "{body}");
        }
        let far = format!(r#"{{"advanceMs":{}}}"#, u64::MAX);
        assert!(request(&server, &line, &far).await.starts_with("HTTP/1.1 409 "));
        assert_eq!(server.now(), NOW + 1500);
        server.stop().await;
    }

    #[tokio::test]
    async fn the_machines_clock_cannot_be_moved() {
        let server = start(Clock::Real, Door::Loopback).await;
        assert_eq!(server.advance(1), Err(ClockError::Real));
        let before = server.now();
        assert!(server.now() >= before);
        server.stop().await;
    }
}
