//! Redaction at capture, by value: a secret that was seen once appears in no output, in none of its forms.
//!
//! Names of headers and fields only decide what is *learnt*; what is replaced is decided by value, wherever it stands.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A word longer than this may be a secret, where nothing is known of a text.
pub(crate) const LONGEST_WORD: usize = 24;

/// The start of a text in which nobody has looked for secrets, on one line: words that may be one are blotted out.
pub(crate) fn blotted(text: &str) -> String {
    let start = text.chars().take(4096).map(|c| if c.is_control() { '?' } else { c }).collect::<String>();
    let words = start.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
    // Cut last: the first half of a long word would look like a short one.
    words.flat_map(|word| if word.len() > LONGEST_WORD { "[…] " } else { word }.chars()).take(120).collect()
}

/// What JavaScript's `encodeURIComponent` leaves as it is; cookies and query strings are made with it.
const COMPONENT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Shorter values are no secrets, and replacing them would garble everything.
const SHORTEST: usize = 8;

/// What kind of secret a value is; reports show `[key-1]`, `[session-2]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Key,
    Session,
    Token,
    Password,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Session => "session",
            Self::Token => "token",
            Self::Password => "password",
        }
    }
}

/// Every secret that a run has seen.
#[derive(Debug, Default)]
pub struct Secrets {
    known: RwLock<Known>,
    /// Learns nothing and replaces nothing.
    blind: bool,
    /// What everybody can read anyway: the suite. A value that stands in it is no leak, whoever calls it a key.
    public: String,
}

#[derive(Default)]
struct Known {
    /// Form to mark, in the order in which they were learnt.
    forms: Vec<(String, String)>,
    /// Finds all of the first forms at once. To make one takes a while, so it is made anew only when many were added.
    finder: Option<(AhoCorasick, usize)>,
    marks: HashMap<String, String>,
    counts: HashMap<&'static str, usize>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.marks.len())
    }
}

impl Secrets {
    /// None yet. `public` is text that everybody can read.
    pub fn beside(public: String) -> Self {
        Self { public, ..Self::default() }
    }

    /// For runs of which nothing is ever shown but ids and outcomes: nothing is learnt, and nothing replaced.
    pub fn blind() -> Self {
        Self { blind: true, ..Self::default() }
    }

    /// From now on `value`, and everything that is derived from it, is replaced.
    pub fn learn(&self, kind: Kind, value: &str) {
        if self.blind || value.len() < SHORTEST {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.marks.contains_key(value) {
            return;
        }
        let count = known.counts.entry(kind.word()).or_default();
        *count += 1;
        let mark = format!("[{}-{count}]", kind.word());
        known.marks.insert(value.to_owned(), mark.clone());
        for form in forms(value) {
            known.forms.push((form, mark.clone()));
        }
    }

    /// A key without its prefix is as good as the key to whoever knows the prefix.
    pub fn learn_key(&self, key: &str, prefix: Option<&str>) {
        self.learn(Kind::Key, key);
        if let Some(rest) = prefix.and_then(|prefix| key.strip_prefix(prefix)) {
            self.learn(Kind::Key, rest);
        }
    }

    /// Learns what headers carry: cookies and bearer tokens. A key in a header is one that a target issued, and known from
    /// there, or a guess, which is no secret.
    pub fn learn_header(&self, name: &str, value: &str) {
        match name.to_ascii_lowercase().as_str() {
            "cookie" => value.split(';').for_each(|pair| self.learn_cookie(pair)),
            "set-cookie" => self.learn_cookie(value.split(';').next().unwrap_or_default()),
            "authorization" => self.learn(Kind::Token, value.rsplit(' ').next().unwrap_or(value)),
            name if name.contains("token") => self.learn(Kind::Token, value),
            _ => {}
        }
    }

    /// Learns the members of a reply that hold secrets, at any depth: keys, tokens, passwords.
    pub fn learn_issued(&self, value: &Value) {
        self.learn_members(value, true);
    }

    /// The same for a request. A key in it was issued before, or is a guess, which is no secret.
    pub fn learn_given(&self, value: &Value) {
        self.learn_members(value, false);
    }

    fn learn_members(&self, value: &Value, issued: bool) {
        match value {
            Value::Object(members) => {
                let prefix = members.get("prefix").and_then(Value::as_str);
                for (name, member) in members {
                    match (kind_of(name), member) {
                        (Some(Kind::Key), Value::String(key)) if issued => self.learn_key(key, prefix),
                        (Some(Kind::Key), Value::String(_)) => {}
                        (Some(kind), Value::String(secret)) => self.learn(kind, secret),
                        _ => self.learn_members(member, issued),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn_members(item, issued)),
            _ => {}
        }
    }

    /// The text without any secret. Where forms overlap, all that any of them covers goes, under the mark of the longest.
    pub fn redact(&self, text: &str) -> String {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.settle(RECENT);
        let mut hits = known.hits(text);
        if hits.is_empty() {
            return text.to_owned();
        }
        hits.sort_by_key(|(at, _)| (at.start, at.end));
        let mut out = String::new();
        let mut done = 0;
        let mut hits = hits.into_iter().peekable();
        while let Some((mut covered, mut form)) = hits.next() {
            let mut longest = covered.len();
            while let Some((at, other)) = hits.next_if(|(at, _)| at.start < covered.end) {
                covered.end = covered.end.max(at.end);
                if at.len() > longest {
                    (longest, form) = (at.len(), other);
                }
            }
            out.push_str(text.get(done..covered.start).unwrap_or_default());
            out.push_str(known.forms.get(form).map_or("[secret]", |(_, mark)| mark));
            done = covered.end;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        out
    }

    /// The document without any secret, in names as well as in values.
    pub fn redact_json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.redact(text)),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.redact_json(item)).collect()),
            Value::Object(members) => {
                Value::Object(members.iter().map(|(name, v)| (self.redact(name), self.redact_json(v))).collect())
            }
            other => other.clone(),
        }
    }

    /// The mark of a secret that stands in `text` after all. `None`: it may be written.
    pub fn leaked(&self, text: &str) -> Option<String> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.settle(0);
        let hits = known.hits(text);
        let mut found = hits.into_iter().filter_map(|(_, form)| known.forms.get(form));
        found.find(|(form, _)| !self.public.contains(form.as_str())).map(|(_, mark)| mark.clone())
    }

    fn learn_cookie(&self, pair: &str) {
        if let Some((_, value)) = pair.split_once('=') {
            self.learn(Kind::Session, value.trim());
            // The cookie is `token.signature`, percent-encoded: the token alone opens the session elsewhere.
            let plain = percent_decode(value.trim());
            self.learn(Kind::Session, &plain);
            if let Some((token, _)) = plain.split_once('.') {
                self.learn(Kind::Session, token);
            }
        }
    }
}

/// So many forms are looked for one by one before the finder is made anew.
const RECENT: usize = 256;

impl Known {
    /// Makes the finder anew where more than `recent` forms, and not just a few of all, were learnt since.
    fn settle(&mut self, recent: usize) {
        let settled = self.finder.as_ref().map_or(0, |(_, settled)| *settled);
        let unsettled = self.forms.len() - settled;
        if unsettled == 0 || (recent > 0 && unsettled <= recent.max(settled / 4)) {
            return;
        }
        // It fails only beyond two thousand million bytes of forms; then they are looked for one by one.
        let finder = AhoCorasick::new(self.forms.iter().map(|(form, _)| form)).ok();
        self.finder = finder.map(|finder| (finder, self.forms.len()));
    }

    /// Where a form stands in the text, and which.
    fn hits(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let settled = self.finder.as_ref().map_or(0, |(_, settled)| *settled);
        let found = self.finder.iter().flat_map(|(finder, _)| finder.find_overlapping_iter(text));
        let settled_hits = found.map(|hit| (hit.range(), hit.pattern().as_usize()));
        let recent = self.forms.iter().enumerate().skip(settled);
        let recent_hits = recent.flat_map(|(index, (form, _))| {
            text.match_indices(form.as_str()).map(move |(at, form)| (at..at + form.len(), index))
        });
        settled_hits.chain(recent_hits).collect()
    }
}

/// What a member of this name holds, if it is a string: `key`, `api_key`, `sessionToken`, `clientSecret`.
fn kind_of(name: &str) -> Option<Kind> {
    let name = name.to_ascii_lowercase();
    let ends = [("key", Kind::Key), ("token", Kind::Token), ("secret", Kind::Token), ("password", Kind::Password)];
    ends.into_iter().find(|(end, _)| name.ends_with(end)).map(|(_, kind)| kind)
}

/// Every form in which a secret can turn up: as it is, encoded, and hashed as keys are stored.
pub fn forms(value: &str) -> Vec<String> {
    let digest = Sha256::digest(value.as_bytes());
    let mut forms = vec![value.to_owned(), percent_encode(value), json_escape(value)];
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        forms.push(engine.encode(value));
        forms.push(engine.encode(digest));
    }
    forms.push(digest.iter().map(|byte| format!("{byte:02x}")).collect());
    forms.sort();
    forms.dedup();
    forms
}

fn percent_encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, COMPONENT).to_string()
}

fn percent_decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn json_escape(text: &str) -> String {
    Value::from(text).to_string().trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: &str = "ba_ThisIsTheKeyOfAlice";

    #[test]
    fn every_form_of_a_key_is_replaced() {
        let secrets = Secrets::default();
        secrets.learn_issued(&json!({"key": KEY, "prefix": "ba_"}));
        for form in forms(KEY).into_iter().chain(forms("ThisIsTheKeyOfAlice")) {
            let shown = secrets.redact(&format!("<{form}>"));
            assert!(shown.starts_with("<[key-") && shown.ends_with("]>"), "{form} is shown as {shown}");
            assert!(secrets.leaked(&form).is_some());
            assert!(secrets.leaked(&shown).is_none());
        }
    }

    #[test]
    fn a_cookie_is_a_secret_with_and_without_its_signature() {
        let secrets = Secrets::default();
        secrets.learn_header("set-cookie", "better-auth.session_token=abcdefghijkl.c2ln%2Bbg%3D%3D; Path=/; HttpOnly");
        assert!(!secrets.redact("abcdefghijkl.c2ln+bg==").contains("abcdefghijkl"));
        assert!(!secrets.redact("token abcdefghijkl").contains("abcdefghijkl"));
        assert_eq!(secrets.redact("Path=/; HttpOnly"), "Path=/; HttpOnly");
    }

    #[test]
    fn secrets_under_other_names_are_learnt() {
        let secrets = Secrets::default();
        secrets.learn_issued(
            &json!({"data": {"apiKey": "first-secret", "ACCESS_TOKEN": "second-secret"}, "keyId": "no-secret"}),
        );
        secrets.learn_header("Cookie", "session=third-secret");
        assert_eq!(
            secrets.redact("first-secret second-secret third-secret no-secret"),
            "[key-1] [token-1] [session-1] no-secret"
        );
    }

    #[test]
    fn a_guess_is_no_secret_and_neither_is_what_everybody_can_read() {
        let secrets = Secrets::beside("scenario: permissions are checked".to_owned());
        secrets.learn_given(&json!({"key": "an-identifier", "password": "hunter-hunter"}));
        assert_eq!(secrets.redact("an-identifier hunter-hunter"), "an-identifier [password-1]");
        secrets.learn_issued(&json!({"key": "permissions"}));
        assert_eq!(secrets.leaked("permissions"), None);
    }

    #[test]
    fn the_start_of_a_key_is_no_secret() {
        let secrets = Secrets::default();
        secrets.learn_issued(&json!({"key": KEY, "start": "ba_Thi"}));
        assert_eq!(secrets.redact("ba_Thi"), "ba_Thi");
    }

    #[test]
    fn forms_that_overlap_leave_nothing_behind() {
        for before in [0, 60] {
            let secrets = Secrets::default();
            (0..before).for_each(|n| secrets.learn(Kind::Password, &format!("password number {n}")));
            secrets.learn(Kind::Key, "the-first-secret");
            secrets.learn(Kind::Token, "secret-and-more-of-it");
            assert_eq!(secrets.redact("a the-first-secret-and-more-of-it b"), "a [token-1] b");
            assert_eq!(secrets.redact("the-first-secret, the-first-secret"), "[key-1], [key-1]");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_was_redacted_leaks_nothing(key in "[ -~]{8,40}", before in "\\PC{0,20}", after in "\\PC{0,20}") {
            let secrets = Secrets::default();
            secrets.learn(Kind::Key, &key);
            let shown = secrets.redact(&format!("{before}{key}{after}"));
            proptest::prop_assert!(!shown.contains(&key) || "[key-1]".contains(&key));
        }
    }
}
