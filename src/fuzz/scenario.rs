//! A scenario file: any text is a scenario or has mistakes with their places, the same at each reading.

use super::draw::Texts;
use super::place;
use crate::scenario::diagnostic::{Diagnostic, Style, render_all};
use crate::scenario::parse::parse;
use crate::scenario::story::{Scenario, Step};
use crate::scenario::suite::check_suite;
use crate::spec::requirement::Catalogue;

/// Reads the input as the file `scenarios/fuzz/story.yaml`.
pub fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        holds(|source| parse("fuzz/story", source), text);
    }
}

/// The golden file of the parser, small stories, and changes to both.
pub fn seeds() -> Vec<Vec<u8>> {
    TEXTS.seeds()
}

fn holds(read: impl Fn(&str) -> Result<Scenario, Vec<Diagnostic>>, source: &str) {
    let once = read(source);
    assert_eq!(format!("{once:?}"), format!("{:?}", read(source)), "a second reading differs");
    if !source.contains(['\r', '\u{feff}']) {
        let told = told(&once);
        assert_eq!(self::told(&read(&source.replace('\n', "\r\n"))), told, "with line breaks as Windows has them");
        assert_eq!(self::told(&read(&format!("\u{feff}{source}"))), told, "with a byte order mark");
    }
    match once {
        Ok(scenario) => {
            scenario.steps.iter().for_each(|step| step_holds(source, step));
            mistakes_hold(source, &check_suite(&[scenario], &Catalogue::default()));
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty(), "refused without a mistake");
            mistakes_hold(source, &mistakes);
        }
    }
}

/// What is read, without the places.
fn told(read: &Result<Scenario, Vec<Diagnostic>>) -> Result<Vec<String>, Vec<&str>> {
    match read {
        Ok(scenario) => {
            let own =
                [format!("{:?} {} {}", scenario.title, scenario.config, scenario.setup), scenario.actors.join(" ")];
            Ok(own.into_iter().chain(scenario.checks().map(|check| check.id.clone())).collect())
        }
        Err(mistakes) => Err(mistakes.iter().map(|mistake| mistake.message.as_str()).collect()),
    }
}

/// Its places are in the file, and a rejection has its twin.
fn step_holds(source: &str, step: &Step) {
    place::holds(source, place::ANY, step.place.line, &step.place.span);
    for check in step.checks() {
        place::holds(source, place::ANY, check.place.line, &check.place.span);
    }
    let rejects = step.expect.iter().any(|check| !check.expectation.error.is_empty());
    assert!(!rejects || step.twin.is_some(), "a rejection without a twin was believed");
}

fn mistakes_hold(source: &str, mistakes: &[Diagnostic]) {
    for mistake in mistakes {
        place::holds(source, place::ANY, mistake.place.line, &mistake.place.span);
    }
    place::shown(&render_all(mistakes, Style::Plain));
}

const TEXTS: Texts = Texts {
    whole: &[
        include_str!("../scenario/parse/golden.yaml"),
        "scenario: s\nsteps:\n  - as: alice\n    client: createApiKey\n    body:\n      name: |\n        a\n        b\n    expect:\n      - check: a.b.c\n        requirement:\n          [a.b,\n          a.c]\n        error: SERVER_ONLY_PROPERTY\n    twin: { as: bob }\n",
        "scenario: s\nsteps:\n  - as: alice\n    client: listApiKeys\n",
    ],
    signs: &[
        "- ",
        ": ",
        "[",
        "{ a: ",
        "]",
        "}",
        "\n",
        "\r\n",
        "\t",
        "  ",
        "!near ",
        "!each.type ",
        "!absent",
        "$",
        "${alice.id}",
        "&a ",
        "*a",
        "| ",
        "\"",
        "'",
        "#",
        "?",
        "é",
        "\u{feff}",
        "\0",
        "---\n",
        "1e999",
        "twin: ",
        "expect: ",
        "null",
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
    fn the_whole_files_are_scenarios() {
        TEXTS.whole.iter().for_each(|text| drop(parse("fuzz/story", text).unwrap()));
    }

    #[test]
    #[should_panic(expected = "a place outside")]
    fn a_place_outside_the_file_is_seen() {
        let wrong = |source: &str| {
            let mut read = parse("fuzz/story", source);
            if let Err(mistakes) = &mut read {
                mistakes.iter_mut().for_each(|mistake| mistake.place.span = source.len() + 1..source.len() + 2);
            }
            read
        };
        holds(wrong, "steps: []\n");
    }

    #[test]
    #[should_panic(expected = "a second reading differs")]
    fn a_reader_that_remembers_is_seen() {
        let calls = std::cell::Cell::new(0);
        let wrong = |_: &str| {
            calls.set(calls.get() + 1);
            parse("fuzz/story", if calls.get() > 1 { "a" } else { "b: c" })
        };
        holds(wrong, "");
    }
}
