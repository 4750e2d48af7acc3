//! A file of expectations, or of known differences: any text is read or refused with its line, and what is brought up to
//! date is read again.

use time::macros::date;

use super::draw::Texts;
use super::place;
use crate::campaign::known::Known;
use crate::outcome::check::{CheckResult, Outcome};
use crate::outcome::expectation::update::{Updated, update};
use crate::outcome::expectation::{ExpectationError, Expectations};
use crate::outcome::pattern::Pattern;
use crate::spec::edition::Edition;
use crate::spec::requirement::Level;

/// The checks of a small suite.
const CHECKS: &[&str] = &["create.client.rejected", "create.client.ok", "verify.limits.quota", "list.all"];

/// Reads the input as both kinds of files.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    holds(|text| Expectations::parse("fuzz.toml", text), text);
    let results: Vec<_> = CHECKS.iter().zip(outcomes(text)).map(|(check, outcome)| result(check, outcome)).collect();
    update_holds(|text| update("fuzz.toml", text, &results, CHECKS.iter().copied(), "fuzz"), text);
    known_holds(text);
    text.lines().take(8).for_each(|line| pattern_holds(|pattern, id| Pattern::whole(pattern).matches(id), line));
}

/// Entries of each kind, and changes to them.
pub fn seeds() -> Vec<Vec<u8>> {
    TEXTS.seeds()
}

fn holds(read: impl Fn(&str) -> Result<Expectations, ExpectationError>, text: &str) {
    let once = read(text);
    assert_eq!(format!("{once:?}"), format!("{:?}", read(text)), "a second reading differs");
    match once {
        Ok(expectations) => {
            let stale = expectations.stale(CHECKS.iter().copied(), date!(2027 - 01 - 31));
            for told in stale {
                let line = told.strip_prefix("fuzz.toml:").and_then(|rest| rest.split_once(':')?.0.parse().ok());
                place::line_holds(text, line.unwrap_or_else(|| panic!("no line: {told}")));
            }
            let of = expectations.clone().of(&Edition::newest(), "better-auth").of(&Edition::newest(), "better-auth");
            for check in CHECKS {
                let (all, some) = (expectations.entry(check), of.entry(check));
                assert!(some.is_none() || all.is_some(), "an entry from nowhere for {check}");
            }
        }
        Err(error) => assert!(error.to_string().starts_with("fuzz.toml: "), "{error}"),
    }
}

/// What is brought up to date is read as before, and is up to date.
fn update_holds(update: impl Fn(&str) -> Result<Updated, ExpectationError>, text: &str) {
    let before = Expectations::parse("fuzz.toml", text);
    let Ok(updated) = update(text) else { return assert!(before.is_err(), "what is read cannot be updated") };
    if before.is_ok() {
        let again = Expectations::parse("fuzz.toml", &updated.text);
        assert!(again.is_ok(), "it cannot be read any longer: {again:?}\n{}", updated.text);
        let twice = update(&updated.text).map(|twice| (twice.text, twice.added, twice.removed));
        assert_eq!(twice, Ok((updated.text, Vec::new(), Vec::new())), "it was not up to date");
    }
}

fn known_holds(text: &str) {
    let read = || Known::parse("fuzz.toml", text);
    assert_eq!(format!("{:?}", read()), format!("{:?}", read()), "a second reading differs");
    if let Ok(known) = read() {
        let count = known.entries().count();
        assert!(known.clone().of(&Edition::newest(), "better-auth").entries().count() <= count, "entries from nowhere");
        let _ = known.imitated();
    }
}

/// A pattern matches what a naive reading of its stars matches.
fn pattern_holds(matches: impl Fn(&str, &str) -> bool, pattern: &str) {
    let short = pattern.len() <= 64 && pattern.matches('*').count() <= 6;
    for id in CHECKS.iter().copied().chain([pattern]).filter(|_| short) {
        assert_eq!(matches(pattern, id), plainly(pattern, id), "{pattern:?} and {id:?}");
    }
}

/// `**` is anything on one line, `*` a part of a component, everything else itself.
fn plainly(pattern: &str, id: &str) -> bool {
    let after = |rest: &str, fits: fn(char) -> bool| {
        let end = id.find(|c| !fits(c)).unwrap_or(id.len());
        let mut starts = id.char_indices().map(|(at, _)| at).chain([id.len()]).take_while(|at| *at <= end);
        starts.any(|at| plainly(rest, &id[at..]))
    };
    if let Some(rest) = pattern.strip_prefix("**") {
        return after(rest, |c| c != '\n');
    }
    if let Some(rest) = pattern.strip_prefix('*') {
        return after(rest, |c| c != '.' && c != '/');
    }
    match (pattern.chars().next(), id.chars().next()) {
        (None, None) => true,
        (Some(wanted), Some(own)) => wanted == own && plainly(&pattern[wanted.len_utf8()..], &id[own.len_utf8()..]),
        _ => false,
    }
}

/// Outcomes chosen by the input.
fn outcomes(text: &str) -> impl Iterator<Item = Outcome> {
    const ALL: [Outcome; 5] =
        [Outcome::Fail, Outcome::UnexpectedPass, Outcome::Pass, Outcome::ExpectedFail, Outcome::NotApplicable];
    let length = text.len();
    (0..CHECKS.len()).map(move |at| ALL[(length >> at) % ALL.len()])
}

fn result(check: &str, outcome: Outcome) -> CheckResult {
    CheckResult {
        check: check.to_owned(),
        scenario: "fuzz".to_owned(),
        requirements: Vec::new(),
        level: Level::Must,
        profile: "core".to_owned(),
        outcome,
        subjects: 1,
        reason: None,
        finding: None,
    }
}

const TEXTS: Texts = Texts {
    whole: &[
        "# What we know.\n\n[[expect]]\ncheck = \"create.client.*\" # the oldest\noutcome = \"must-fail\"\nreason = \"it does not\"\nlink = \"https://example.com\"\nexpires = \"2027-01-31\"\n\n[[expect]]\ncheck = \"verify.**\"\noutcome = \"may-fail\"\nreason = \"at times\"\neditions = \"<1.7\"\nimplementation = \"better-auth\"\n",
        "[[expect]]\ncheck = \"list.all\"\noutcome = \"skip\"\nreason = \"it answers 500\"\n",
        "[[known]]\nid = \"burnt\"\nreason = \"r\"\neditions = \">=1.6.17\"\nimitate = [\"quota.burnt-when-rate-limited\"]\n\n[[known]]\nid = \"echo\"\nreason = \"r\"\noperation = \"^createApiKey$\"\npath = \"^body\\\\.metadata\"\navoid = \"window-end\"\n",
        "expect = [{ check = \"list.all\", outcome = \"skip\", reason = \"r\" }]\n",
        "*.client.**\ncreate.*\n***\n",
    ],
    signs: &[
        "[[expect]]\n",
        "[[known]]\n",
        "[expect]\n",
        "expect = []\n",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "\"\"\"",
        "'''",
        "= ",
        "\n",
        "\r\n",
        "#",
        "\\",
        "é",
        "\u{feff}",
        "\0",
        "*",
        "**",
        ".",
        "/",
        "check = \"list.all\"\n",
        "outcome = \"must-fail\"\n",
        "reason = \"r\"\n",
        "(a*)*",
        "\\\\p{L}{1000}",
        "2027-02-30",
        "~1",
        "(?i)",
    ],
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::campaign::source::Bytes;

    proptest! {
        #[test]
        fn drawn_files_keep_it(bytes: Vec<u8>) {
            run(TEXTS.draw(&mut Bytes::new(&bytes)).as_bytes());
        }
    }

    #[test]
    #[should_panic(expected = "it was not up to date")]
    fn an_update_that_adds_again_is_seen() {
        let wrong = |text: &str| {
            let whole = format!("{text}\n# again\n");
            Ok(Updated { text: whole, added: Vec::new(), removed: Vec::new(), left: Vec::new() })
        };
        update_holds(wrong, TEXTS.whole[1]);
    }

    #[test]
    #[should_panic(expected = "create.*")]
    fn a_star_that_crosses_a_component_is_seen() {
        pattern_holds(|pattern, id| Pattern::whole(&pattern.replace('*', "**")).matches(id), "create.*");
    }
}
