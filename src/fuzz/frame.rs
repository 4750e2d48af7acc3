//! A stream of adapter frames: however it is cut into pieces the frames are the same, and what is a reply or a request
//! is written and read again as an equal one.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::draw::Texts;
use crate::deployment::frame::{Frames, TooLong};
use crate::deployment::link::nonsense;
use crate::deployment::protocol::{Hello, MAX_FRAME, Outcome, Reply, Request, SignedIn, Started, Time};
use crate::deployment::redact::LONGEST_WORD;
use crate::reference::adapter::misread;

/// Short, so that lines beyond it are met.
const SHORT: usize = 64;

/// What a stream holds: the frames up to its end, or up to the line that is too long.
type Cut = (Vec<Vec<u8>>, Result<(), TooLong>);

/// Takes the input as what an adapter, or the harness, wrote.
pub fn run(data: &[u8]) {
    cuts_hold(cut, data);
    for frame in cut(MAX_FRAME, data, data.len().max(1)).0 {
        reply_holds(Reply::read, &frame);
        request_holds(&frame);
    }
}

/// Conversations of the protocol, and changes to them.
pub fn seeds() -> Vec<Vec<u8>> {
    TEXTS.seeds()
}

/// The frames of a stream that comes in pieces of this size.
fn cut(longest: usize, stream: &[u8], piece: usize) -> Cut {
    let mut frames = Frames::new(longest);
    let mut found = Vec::new();
    for piece in stream.chunks(piece) {
        let mut rest = piece;
        while !rest.is_empty() {
            match frames.take(rest) {
                Ok((used, frame)) => {
                    assert!(used > 0, "nothing was taken of a piece");
                    rest = &rest[used..];
                    found.extend(frame);
                }
                Err(error) => return (found, Err(error)),
            }
        }
    }
    (found, Ok(()))
}

/// The same, read naively: all at once.
fn plainly(longest: usize, stream: &[u8]) -> Cut {
    let mut lines: Vec<&[u8]> = stream.split(|&byte| byte == b'\n').collect();
    let unfinished = lines.pop().filter(|line| line.len() > longest);
    let flood = lines.iter().position(|line| line.len() > longest);
    let whole = &lines[..flood.unwrap_or(lines.len())];
    let frames = whole.iter().filter(|line| !line.iter().all(u8::is_ascii_whitespace)).map(|line| line.to_vec());
    (frames.collect(), if flood.is_some() || unfinished.is_some() { Err(TooLong) } else { Ok(()) })
}

fn cuts_hold(cut: impl Fn(usize, &[u8], usize) -> Cut, stream: &[u8]) {
    let own = 1 + stream.first().map_or(0, |&byte| usize::from(byte));
    for longest in [SHORT, MAX_FRAME] {
        let plain = plainly(longest, stream);
        for piece in [1, own, stream.len().max(1)] {
            assert_eq!(cut(longest, stream, piece), plain, "in pieces of {piece}, at most {longest} long");
        }
    }
}

fn reply_holds(read: impl Fn(&[u8]) -> serde_json::Result<Reply>, line: &[u8]) {
    match read(line) {
        Ok(reply) => {
            let told = answers(line);
            assert_eq!(told, 1, "a reply with {told} answers");
            assert_eq!(read(&written(&reply)).ok().as_ref(), Some(&reply), "a reply is read again as another");
            if let Outcome::Ok(value) = reply.outcome {
                reads_again::<Hello>(&value);
                reads_again::<Started>(&value);
                reads_again::<SignedIn>(&value);
                reads_again::<Time>(&value);
            }
        }
        Err(error) => {
            let shown = nonsense(&error, line).to_string();
            let mut words = shown.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
            assert!(words.all(|word| word.len() <= LONGEST_WORD), "what may be a secret is shown: {shown}");
            assert!(!shown.contains('\n'), "a message of several lines: {shown}");
        }
    }
}

/// How many of the members a line has of which a reply has just one. `null` is an answer where it is `ok`.
fn answers(line: &[u8]) -> usize {
    let value: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
    let others = ["error", "unsupported", "failure"];
    let others = others.iter().filter(|name| value.get(**name).is_some_and(|answer| !answer.is_null())).count();
    usize::from(value.get("ok").is_some()) + others
}

/// A line that is no request is answered if it has an id, and not two of them.
fn request_holds(line: &[u8]) {
    match serde_json::from_slice::<Request>(line) {
        Ok(request) => {
            let again = serde_json::from_slice(&written(&request));
            assert_eq!(again.ok(), Some(request), "a request is read again as another");
        }
        Err(error) => {
            let value: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
            let id = value.get("id").and_then(serde_json::Value::as_u64);
            let twice = line.windows(4).filter(|part| part == b"\"id\"").count() > 1;
            let answer = misread(line, &error).ok();
            assert!(id.is_none() || twice || answer.map(|reply| reply.id) == id, "a line with an id gets no answer");
        }
    }
}

fn reads_again<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &serde_json::Value) {
    if let Ok(read) = T::deserialize(value) {
        let again = serde_json::to_value(&read).and_then(T::deserialize);
        assert_eq!(again.ok(), Some(read), "a value is read again as another");
    }
}

/// A frame is one line.
fn written(frame: &impl Serialize) -> Vec<u8> {
    let line = serde_json::to_vec(frame).unwrap_or_else(|error| panic!("it cannot be written: {error}"));
    assert!(!line.contains(&b'\n'), "a frame of several lines");
    line
}

const TEXTS: Texts = Texts {
    whole: &[
        "{\"id\":1,\"ok\":{\"protocol\":1,\"implementation\":{\"name\":\"a\",\"version\":\"1\"},\"edition\":\"1.7.5\",\"capabilities\":[\"clock\"]}}\n",
        "{\"id\":2,\"ok\":{\"deployment\":\"d1\",\"baseUrl\":\"http://127.0.0.1:1/api/auth\",\"now\":1790000000000}}\n{\"id\":3,\"ok\":{\"userId\":\"u\",\"headers\":{\"cookie\":\"a=b\"}}}\n",
        "{\"id\":4,\"error\":{\"status\":401,\"code\":\"UNAUTHORIZED\",\"message\":\"no\"}}\n\r\n{\"id\":5,\"unsupported\":\"clock\"}\n{\"id\":6,\"failure\":\"broken\"}\n",
        "{\"id\":1,\"op\":\"hello\",\"protocol\":1}\n{\"id\":2,\"op\":\"start\",\"config\":{\"enableMetadata\":true},\"setup\":null}\n{\"id\":3,\"op\":\"actor\",\"deployment\":\"d1\",\"name\":\"alice\"}\n",
        "{\"id\":4,\"op\":\"call\",\"deployment\":\"d1\",\"method\":\"createApiKey\",\"body\":{\"name\":\"é\"},\"headers\":{\"cookie\":\"a=b\"}}\n{\"id\":5,\"op\":\"clock\",\"deployment\":\"d1\",\"advanceMs\":1}\n{\"id\":6,\"op\":\"stop\",\"deployment\":\"d1\"}\n",
        "ready to serve\n",
    ],
    signs: &[
        "\n",
        "\r\n",
        " ",
        "\0",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        "\\u0000",
        "\\ud800",
        "null",
        "1e308",
        "0.1",
        "-0",
        "1.0000000000000002",
        "18446744073709551615",
        "18446744073709551616",
        "\"id\":1,",
        "\"ok\":{},",
        "\"failure\":\"\",",
        "\"op\":\"stop\",",
        "abcdefghijklmnopqrstuvwxyz0123456789",
    ],
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::campaign::source::Bytes;

    proptest! {
        #[test]
        fn drawn_streams_keep_it(bytes: Vec<u8>) {
            run(TEXTS.draw(&mut Bytes::new(&bytes)).as_bytes());
            run(&bytes);
        }
    }

    #[test]
    #[should_panic(expected = "in pieces of 1")]
    fn a_line_that_is_forgotten_between_two_pieces_is_seen() {
        cuts_hold(|longest, stream, piece| plainly(longest, &stream[..piece]), b"a\nb\n");
    }

    #[test]
    #[should_panic(expected = "read again as another")]
    fn a_reply_that_changes_is_seen() {
        let wrong = |line: &[u8]| {
            let reply = Reply::read(line)?;
            Ok(Reply { id: reply.id + 1, ..reply })
        };
        reply_holds(wrong, b"{\"id\":1,\"ok\":null}");
    }
}
