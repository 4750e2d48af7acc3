//! `error` and `valid`: the right status and the right code, as this edition sends them.

use crate::scenario::story::Verdict;
use crate::spec::edition::Edition;
use crate::spec::error::{ErrorCode, Surface, Wire};

use super::{Mismatch, Payload, Reply};

/// Where a refusal with this code is answered, other than in the result of `verifyApiKey`. The codes that speak of a
/// key come from the hook that makes sessions of keys; all others from the operation itself.
fn surfaces(code: ErrorCode) -> &'static [Surface] {
    match code {
        ErrorCode::KeyDisabled
        | ErrorCode::KeyExpired
        | ErrorCode::UsageExceeded
        | ErrorCode::RateLimited
        | ErrorCode::InvalidApiKey
        | ErrorCode::InvalidApiKeyGetterReturnType
        | ErrorCode::InvalidReferenceIdFromApiKey => &[Surface::Session, Surface::SessionGuard],
        _ => &[Surface::Operation],
    }
}

/// Is the reply this refusal, by status and code?
pub(super) fn is_refused_as(reply: &Reply, code: ErrorCode, edition: &Edition) -> bool {
    surfaces(code).iter().any(|surface| differences(reply, &code.wire(edition, *surface)).is_empty())
}

/// `error: CODE`, or any of several. Where there are several forms, what is said is about the nearest one.
pub(super) fn error_mismatches(reply: &Reply, codes: &[ErrorCode], edition: &Edition) -> Vec<Mismatch> {
    let forms = codes.iter().flat_map(|code| surfaces(*code).iter().map(move |surface| (*code, *surface)));
    let mismatches = forms.map(|(code, surface)| {
        let wire = code.wire(edition, surface);
        if is_in_words_of_its_own(reply, code, &wire, edition) { Vec::new() } else { differences(reply, &wire) }
    });
    mismatches.min_by_key(Vec::len).unwrap_or_default()
}

/// Does another framework refuse this with a code of its own? The status says that it is refused for the same; the code may
/// be any but those of the plugin, which would say that it is refused for something else. Where the edition says nothing at
/// all, a text without a code is no worse.
fn is_in_words_of_its_own(reply: &Reply, code: ErrorCode, wire: &Wire, edition: &Edition) -> bool {
    if !code.is_of_the_framework() || reply.verdict().is_some() || reply.status != Some(wire.status) {
        return false;
    }
    let known = |other: &&ErrorCode| match code {
        // A port need not make two codes of it.
        ErrorCode::Unauthorized => **other != ErrorCode::UnauthorizedSession,
        _ => true,
    };
    let taken = |said: &str| {
        let mut others = ErrorCode::ALL.iter().filter(known);
        others.any(|other| other.wire(edition, Surface::Operation).code.as_deref() == Some(said))
    };
    reply.code().map_or(wire.code.is_none() && reply.error.is_none(), |said| !taken(said))
}

/// `valid: true` and `valid: CODE`.
pub(super) fn verdict_mismatches(reply: &Reply, verdict: Verdict, edition: &Edition) -> Vec<Mismatch> {
    let expected = match verdict {
        Verdict::Valid => true,
        Verdict::Refused(_) => false,
    };
    match reply.verdict() {
        None => vec![Mismatch::new("body.valid", expected.to_string(), summary(reply))],
        Some(valid) if valid != expected => {
            let code = reply.code().map(|code| format!(" ({code})")).unwrap_or_default();
            vec![Mismatch::new("body.valid", expected.to_string(), format!("{valid}{code}"))]
        }
        Some(_) => match verdict {
            Verdict::Valid => Vec::new(),
            Verdict::Refused(code) => {
                let wire = code.wire(edition, Surface::Verify).code;
                let expected = wire.as_deref();
                let fits = expected.is_none() || reply.code() == expected;
                let mismatch =
                    || Mismatch::new("body.error.code", expected.unwrap_or_default(), shown_code(reply.code()));
                if fits { Vec::new() } else { vec![mismatch()] }
            }
        },
    }
}

/// `ok: true`.
pub(super) fn ok_mismatches(reply: &Reply, edition: &Edition) -> Vec<Mismatch> {
    let answered = reply.error.is_none() && reply.status.is_none_or(|status| (200..300).contains(&status));
    if answered { Vec::new() } else { vec![Mismatch::new("status", "accepted", reply.label(edition))] }
}

fn differences(reply: &Reply, wire: &Wire) -> Vec<Mismatch> {
    if reply.verdict().is_some() || (reply.status.is_none() && reply.error.is_none()) {
        return vec![Mismatch::new("status", wire.status.to_string(), summary(reply))];
    }
    let mut found = Vec::new();
    // A call's error may have no status: not every language has one there. Its code then says all.
    if reply.status.is_some_and(|status| status != wire.status) {
        found.push(Mismatch::new("status", wire.status.to_string(), summary(reply)));
    }
    let path = if reply.error.is_some() { "error.code" } else { "body.code" };
    match &wire.code {
        Some(code) if reply.code() != Some(code.as_ref()) => {
            found.push(Mismatch::new(path, code.as_ref(), shown_code(reply.code())));
        }
        None if reply.error.is_none() && reply.body != Payload::Empty => {
            found.push(Mismatch::new("body", "nothing", summary(reply)));
        }
        None if reply.error.is_some() && reply.status.is_none() => {
            found.push(Mismatch::new("status", wire.status.to_string(), "an error without a status"));
        }
        _ => {}
    }
    found
}

fn shown_code(code: Option<&str>) -> String {
    code.map_or_else(|| "no code".to_owned(), super::describe::shortened)
}

fn summary(reply: &Reply) -> String {
    match (&reply.error, reply.status, &reply.body) {
        (Some(_), status, _) => {
            let status = status.map(|status| format!(" with status {status}")).unwrap_or_default();
            format!("a call that threw{status}")
        }
        (None, Some(status), Payload::Empty) => format!("{status} with an empty body"),
        (None, Some(status), _) => status.to_string(),
        (None, None, _) => "a call that returned".to_owned(),
    }
}
