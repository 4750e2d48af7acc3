//! What is behind a mistake in the wiring: where to look, and how to mend it.

use crate::deployment::adapter::AdapterError;
use crate::deployment::link::LinkError;

macro_rules! causes {
    ($($cause:ident: $look:literal => $mend:literal)*) => {
        /// The mistakes that one makes on the way to an adapter.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Cause {
            $($cause,)*
        }

        impl Cause {
            pub const ALL: &'static [Self] = &[$(Self::$cause,)*];

            /// Where to look.
            pub fn look(self) -> &'static str {
                match self { $(Self::$cause => $look,)* }
            }

            /// How to mend it.
            pub fn mend(self) -> &'static str {
                match self { $(Self::$cause => $mend,)* }
            }
        }
    };
}

causes! {
    Died: "the end of the adapter's log, and what it does at this operation"
        => "answer `failure` where something goes wrong, and go on: an exception must not end the loop"
    Silent: "the loop that reads requests and writes replies"
        => "end each reply with a line break and flush standard output at once; answer every request, if only with `failure`"
    Noise: "what prints to standard output: a debug line, a server's banner, a library"
        => "write replies to standard output and nothing else; everything else belongs on standard error"
    WrongId: "the `id` of replies"
        => "answer each request once, with the `id` that it came with"
    Protocol: "`protocol` in the reply to `hello`"
        => "answer with the version of the protocol that the adapter speaks; keyspec speaks 1"
    Form: "this operation's reply, against docs/adapter-protocol.md"
        => "put what was asked for into `ok`, with just the members' names of the protocol"
    Failure: "the end of the adapter's log"
        => "`failure` says that the adapter itself went wrong: where an implementation has no such thing, answer `unsupported`"
    Undone: "`capabilities` in the reply to `hello`, and the operation"
        => "do what is declared, or do not declare it"
    Nameless: "`implementation` in the reply to `hello`"
        => "say who is judged: reports are worth nothing without"
    UnknownCapability: "`capabilities` in the reply to `hello`"
        => "name capabilities as docs/adapter-protocol.md does"
    MissingStart: "the operation `start`"
        => "start the implementation in this process or in a child, and answer `deployment` and `baseUrl`"
    SameName: "`deployment` in the replies to `start`"
        => "count deployments, and keep each under its name until `stop`"
    SamePort: "the port that `start` listens on"
        => "let the system choose it: port 0"
    NoUrl: "`baseUrl` in the reply to `start`"
        => "answer a whole URL: http://127.0.0.1:PORT/api/auth"
    NotLoopback: "the address that `start` listens on, and `baseUrl`"
        => "listen on 127.0.0.1 and name it in `baseUrl`; 0.0.0.0 is everybody's, and other hosts are refused"
    Slash: "`baseUrl` in the reply to `start`"
        => "leave the slash at its end out"
    NotListening: "when `start` answers, and which port `baseUrl` names"
        => "answer `start` only when the server accepts connections on that port"
    NoBasePath: "`baseUrl`, and where the handler is mounted"
        => "the base path (/api/auth) is part of `baseUrl`, and the handler must be mounted there"
    Broken: "the end of the adapter's log, and the server's"
        => "make GET /get-session without a session answer 200 or 401"
    Seconds: "`now` in the replies to `start` and `clock`"
        => "`now` and `advanceMs` are milliseconds, `now` since 1970"
    SameUser: "the operation `actor`"
        => "make a new user at each request, for the same name as well"
    NoSession: "`headers` and `userId` in the reply to `actor`"
        => "sign the user in, and answer with the headers that his browser would send: the whole cookie, name and value"
    NoOrigin: "`headers` in the reply to `actor`"
        => "add the `origin` that a browser would send: the scheme, host and port of `baseUrl`"
    NeverTrusted: "how `call` passes `headers` on"
        => "leave `headers` out of the call where the request leaves them out: a call with headers is a client's"
    NotAsItIs: "what `call` makes of the result"
        => "pass on what the method returned as it is, dates as ISO 8601"
    NoCode: "what `call` makes of a refusal"
        => "pass on the implementation's `status`, `code` and `message` in `error`, as far as it has them"
    ConfigIgnored: "what `start` makes of `config`"
        => "give the options to the implementation, under its own names; answer `unsupported` to those that it does not have"
    Shared: "where the data of a deployment are"
        => "give each deployment a database of its own: nothing may live in a variable of a module"
    ClockStops: "the operation `clock`"
        => "add `advanceMs` to the deployment's time and answer `now`"
    ClockUnused: "where the implementation takes its time from"
        => "give it the deployment's clock in place of the system's, for verification as well, or do not declare `clock`"
    ClockShared: "where the time of a deployment is"
        => "give each deployment a clock of its own"
    ClockRuns: "`exact-clock` in `capabilities`"
        => "let the clock stand still between two requests, or declare `clock` alone"
    MixedUp: "how replies find their requests"
        => "answer with the `id` of the request that is answered: keep it with the work, not in a variable"
    PortOpen: "the operation `stop`"
        => "close the port, open connections included, before `stop` is answered"
    UnknownDeployment: "what `call` does with a name that nobody started"
        => "answer `failure`: `ok` and `error` are the implementation's"
}

impl Cause {
    /// What is behind an adapter's error; `otherwise` where the error itself does not say.
    pub fn of(error: &AdapterError, otherwise: Self) -> Self {
        match error {
            AdapterError::Link(LinkError::Died { .. } | LinkError::Stopped) => Self::Died,
            AdapterError::Link(LinkError::Hung { .. }) => Self::Silent,
            AdapterError::Link(LinkError::Nonsense { .. } | LinkError::Flood) => Self::Noise,
            AdapterError::Link(LinkError::UnknownId(_)) => Self::WrongId,
            AdapterError::Malformed { op: "hello", reason } if reason.contains("version") => Self::Protocol,
            AdapterError::Malformed { .. } => Self::Form,
            AdapterError::Failed { .. } => Self::Failure,
            AdapterError::Unsupported(_) => otherwise,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `docs/writing-an-adapter.md` lists them all.
    #[test]
    fn every_cause_is_on_the_page() {
        let page = include_str!("../../../docs/writing-an-adapter.md");
        for cause in Cause::ALL {
            let row = format!("| {} | {} |", cause.look(), cause.mend());
            assert!(page.contains(&row), "{cause:?} is not under \"When the check complains\":\n{row}");
        }
    }
}
