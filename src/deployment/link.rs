//! A connection to an adapter: requests out, replies in, in any order, bounded in size and time.
//!
//! Knows frames, not processes: it works over any pair of byte streams, and so does for the embedded reference what it
//! does for a stranger.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::{mpsc, oneshot};

use super::frame::Frames;
use super::protocol::{MAX_FRAME, Op, Outcome, Reply, Request};
use super::redact::blotted;

/// Why an adapter can be used no longer. Each is a fault of the environment, not of the system under test.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("the adapter ended{}", after_log(.log))]
    Died { log: String },
    #[error("the adapter did not answer `{op}` within {} s; --timeout gives it longer{}", .after.as_secs_f32(), after_log(.log))]
    Hung { op: &'static str, after: Duration, log: String },
    #[error("the adapter wrote a line that is no reply of the protocol ({reason}): {line}")]
    Nonsense { reason: String, line: String },
    #[error("the adapter wrote a line longer than {} MiB", MAX_FRAME / 1024 / 1024)]
    Flood,
    #[error("the adapter answered request {0}, which is not under way")]
    UnknownId(u64),
    #[error("the adapter was stopped")]
    Stopped,
}

fn after_log(log: &str) -> String {
    if log.trim().is_empty() { String::new() } else { format!("; the end of its log:\n{}", log.trim_end()) }
}

/// The end of an adapter's standard error, kept for error messages.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    text: String,
    /// What came before is gone, so that the first word may be the end of a longer one.
    cut: bool,
}

impl Log {
    const KEPT: usize = 2048;

    /// Reads a stream to its end and keeps the last of it.
    pub async fn follow(self, stream: impl AsyncRead + Unpin) {
        let mut reader = BufReader::new(stream);
        let mut chunk = Vec::new();
        while let Ok(buffer) = reader.fill_buf().await {
            if buffer.is_empty() {
                return;
            }
            chunk.clear();
            chunk.extend_from_slice(buffer);
            let read = buffer.len();
            reader.consume(read);
            let mut kept = lock(&self.0);
            kept.text.push_str(&String::from_utf8_lossy(&chunk));
            let surplus = kept.text.len().saturating_sub(Self::KEPT);
            let cut = (surplus..=kept.text.len()).find(|&at| kept.text.is_char_boundary(at)).unwrap_or(0);
            kept.text.drain(..cut);
            kept.cut |= cut > 0;
        }
    }

    fn tail(&self) -> String {
        let kept = lock(&self.0);
        // Half a secret would not be known as one.
        let whole =
            if kept.cut { kept.text.split_once(char::is_whitespace).map_or("", |(_, rest)| rest) } else { &kept.text };
        whole.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '?' } else { c }).collect()
    }
}

/// The harness's end of the protocol.
#[derive(Debug)]
pub struct Link {
    next: AtomicU64,
    /// `None` once the link was closed: the adapter then sees the end of its input.
    out: Mutex<Option<mpsc::UnboundedSender<Vec<u8>>>>,
    pending: Arc<Mutex<Pending>>,
    log: Log,
}

#[derive(Debug)]
enum Pending {
    Open(HashMap<u64, oneshot::Sender<Result<Outcome, LinkError>>>),
    Closed(LinkError),
}

impl Link {
    /// Takes over both streams; a task each reads and writes until the link is dropped or the adapter ends.
    pub fn new(
        reader: impl AsyncRead + Unpin + Send + 'static,
        writer: impl AsyncWrite + Unpin + Send + 'static,
        log: Log,
    ) -> Self {
        let pending = Arc::new(Mutex::new(Pending::Open(HashMap::new())));
        let (out, lines) = mpsc::unbounded_channel();
        tokio::spawn(write(writer, lines));
        tokio::spawn(read(BufReader::new(reader), Arc::clone(&pending), log.clone()));
        Self { next: AtomicU64::new(1), out: Mutex::new(Some(out)), pending, log }
    }

    /// Sends one request and waits for its reply, at most so long. An adapter that hangs is given up.
    pub async fn ask(&self, op: Op, patience: Duration) -> Result<Outcome, LinkError> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let name = name_of(&op);
        let mut line = serde_json::to_vec(&Request { id, op })
            .map_err(|error| LinkError::Nonsense { reason: error.to_string(), line: String::new() })?;
        line.push(b'\n');
        let (answer, answered) = oneshot::channel();
        match &mut *lock(&self.pending) {
            Pending::Open(waiting) => waiting.insert(id, answer),
            Pending::Closed(error) => return Err(error.clone()),
        };
        let sent = lock(&self.out).as_ref().is_some_and(|out| out.send(line).is_ok());
        if !sent {
            // The writer is gone; the reader is about to find out why.
            tokio::time::sleep(Duration::from_millis(20)).await;
            return Err(self.error().unwrap_or(LinkError::Stopped));
        }
        match tokio::time::timeout(patience, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(self.error().unwrap_or(LinkError::Stopped)),
            Err(_) => {
                let error = LinkError::Hung { op: name, after: patience, log: self.log.tail() };
                fail(&self.pending, &error);
                Err(error)
            }
        }
    }

    /// Why the link cannot be used any longer, if that is so.
    pub fn error(&self) -> Option<LinkError> {
        match &*lock(&self.pending) {
            Pending::Open(_) => None,
            Pending::Closed(error) => Some(error.clone()),
        }
    }

    /// Closes the adapter's input. Requests under way end with `Stopped`.
    pub fn close(&self) {
        lock(&self.out).take();
        fail(&self.pending, &LinkError::Stopped);
    }
}

async fn write(mut writer: impl AsyncWrite + Unpin, mut lines: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(line) = lines.recv().await {
        // A broken pipe shows as the end of the adapter's output.
        if writer.write_all(&line).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
    let _ = writer.shutdown().await;
}

async fn read(mut reader: impl AsyncBufRead + Unpin, pending: Arc<Mutex<Pending>>, log: Log) {
    let mut frames = Frames::new(MAX_FRAME);
    let error = loop {
        let line = match next_line(&mut reader, &mut frames).await {
            Ok(Some(line)) => line,
            Ok(None) => {
                // What it had to say about its end may still be on its way.
                tokio::time::sleep(Duration::from_millis(50)).await;
                break LinkError::Died { log: log.tail() };
            }
            Err(error) => break error,
        };
        let reply = match Reply::read(&line) {
            Ok(reply) => reply,
            Err(error) => break nonsense(&error, &line),
        };
        let waiting = match &mut *lock(&pending) {
            Pending::Open(waiting) => waiting.remove(&reply.id),
            Pending::Closed(_) => return,
        };
        match waiting {
            // Whoever asked may have been interrupted meanwhile.
            Some(answer) => drop(answer.send(Ok(reply.outcome))),
            None => break LinkError::UnknownId(reply.id),
        }
    };
    fail(&pending, &error);
}

/// The next line, without its end. `None` at the end of the stream.
async fn next_line(
    reader: &mut (impl AsyncBufRead + Unpin),
    frames: &mut Frames,
) -> Result<Option<Vec<u8>>, LinkError> {
    loop {
        let Ok(buffer) = reader.fill_buf().await else { return Ok(None) };
        if buffer.is_empty() {
            return Ok(None);
        }
        let (used, line) = frames.take(buffer).map_err(|_| LinkError::Flood)?;
        reader.consume(used);
        if line.is_some() {
            return Ok(line);
        }
    }
}

/// The start of the line is shown, since it tells what went wrong (a `print` left in, a stack trace). It is no reply
/// and so was never looked through for secrets: anything that looks like one is blotted out, also where the reason
/// quotes it.
pub(crate) fn nonsense(error: &serde_json::Error, line: &[u8]) -> LinkError {
    let text = String::from_utf8_lossy(line);
    LinkError::Nonsense { reason: blotted(&error.to_string()), line: blotted(&text) }
}

fn fail(pending: &Mutex<Pending>, error: &LinkError) {
    let mut pending = lock(pending);
    if let Pending::Open(waiting) = &mut *pending {
        for (_, answer) in waiting.drain() {
            let _ = answer.send(Err(error.clone()));
        }
        *pending = Pending::Closed(error.clone());
    }
}

fn name_of(op: &Op) -> &'static str {
    match op {
        Op::Hello { .. } => "hello",
        Op::Start { .. } => "start",
        Op::Actor { .. } => "actor",
        Op::Call { .. } => "call",
        Op::Clock { .. } => "clock",
        Op::Stop { .. } => "stop",
    }
}

/// A poisoned lock still holds sound data here: no section that holds one can be left half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::io::DuplexStream;

    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    fn link() -> (Link, BufReader<DuplexStream>, DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (back, forth) = tokio::io::duplex(1 << 20);
        (Link::new(back, ours, Log::default()), BufReader::new(theirs), forth)
    }

    async fn ask(link: &Link) -> Result<Outcome, LinkError> {
        link.ask(Op::Hello { protocol: 1 }, SHORT).await
    }

    async fn answering(line: &str) -> Result<Outcome, LinkError> {
        let (link, _requests, mut replies) = link();
        replies.write_all(line.as_bytes()).await.unwrap();
        ask(&link).await
    }

    #[tokio::test]
    async fn replies_may_come_in_any_order() {
        let (link, mut requests, mut replies) = link();
        let answer = async {
            let mut frames = Frames::new(MAX_FRAME);
            for _ in 0..2 {
                next_line(&mut requests, &mut frames).await.unwrap().unwrap();
            }
            replies.write_all(b"{\"id\":2,\"ok\":\"two\"}\n\n{\"id\":1,\"ok\":\"one\"}\n").await.unwrap();
        };
        let (one, two, ()) = tokio::join!(ask(&link), ask(&link), answer);
        assert_eq!((one, two), (Ok(Outcome::Ok(json!("one"))), Ok(Outcome::Ok(json!("two")))));
    }

    #[tokio::test]
    async fn an_end_is_told_to_all_who_wait_and_to_all_who_come_later() {
        let (link, _requests, replies) = link();
        drop(replies);
        assert!(matches!(ask(&link).await, Err(LinkError::Died { .. })));
        assert!(matches!(ask(&link).await, Err(LinkError::Died { .. })));
    }

    #[tokio::test]
    async fn an_adapter_that_hangs_is_given_up() {
        let (link, _requests, _replies) = link();
        assert!(matches!(ask(&link).await, Err(LinkError::Hung { op: "hello", .. })));
        assert!(link.error().is_some());
    }

    #[tokio::test]
    async fn what_is_no_reply_is_named() {
        assert!(matches!(answering("hello, I am ready\n").await, Err(LinkError::Nonsense { .. })));
        assert!(matches!(answering("{\"id\":1}\n").await, Err(LinkError::Nonsense { .. })));
        assert!(matches!(answering("{\"id\":1,\"ok\":{},\"failure\":\"x\"}\n").await, Err(LinkError::Nonsense { .. })));
        assert_eq!(answering("{\"id\":7,\"ok\":{}}\n").await, Err(LinkError::UnknownId(7)));
        assert!(matches!(answering(&format!("{}\n", "[".repeat(4000))).await, Err(LinkError::Nonsense { .. })));
    }

    #[tokio::test]
    async fn nonsense_is_shown_without_what_may_be_a_secret() {
        let Err(error) = answering("debug: made key abcdefghijklmnopqrstuvwxyzABCDEF for alice\n").await else {
            panic!()
        };
        assert!(!error.to_string().contains("abcdefghijklmnopqrstuvwxyz"), "{error}");
        let Err(error) = answering("\"abcdefghijklmnopqrstuvwxyzABCDEF\"\n").await else { panic!() };
        assert!(!error.to_string().contains("abcdefghijklmnopqrstuvwxyz"), "{error}");
    }

    #[tokio::test]
    async fn blank_lines_are_no_flood_and_cost_nothing() {
        let (link, _requests, mut replies) = link();
        let answer = async {
            let blank = b" \r\n".repeat(1 << 15);
            for _ in 0..50 {
                replies.write_all(&blank).await.unwrap();
            }
            replies.write_all(b"{\"id\":1,\"ok\":null}\n").await.unwrap();
        };
        let (reply, ()) = tokio::join!(link.ask(Op::Hello { protocol: 1 }, Duration::from_secs(60)), answer);
        assert_eq!(reply, Ok(Outcome::Ok(json!(null))));
    }

    #[tokio::test]
    async fn the_end_of_a_log_does_not_start_in_the_middle_of_a_word() {
        let log = Log::default();
        log.clone().follow(format!("{}secret and the rest {}", "s".repeat(3000), "r".repeat(2000)).as_bytes()).await;
        assert!(log.tail().starts_with("and the rest r"), "{}", log.tail());
    }

    #[tokio::test]
    async fn a_line_without_end_is_cut_off() {
        let (link, _requests, mut replies) = link();
        let flood = async {
            let chunk = vec![b'x'; 1 << 16];
            while replies.write_all(&chunk).await.is_ok() {}
        };
        tokio::select! {
            outcome = link.ask(Op::Hello { protocol: 1 }, Duration::from_secs(20)) => assert_eq!(outcome, Err(LinkError::Flood)),
            () = flood => {}
        }
        assert_eq!(link.error(), Some(LinkError::Flood));
    }
}
