//! What `keyspec replay` and `--resume` read: any text is a recorded finding, a finding of a campaign, a corpus or none of
//! them, and what is read is written and read again as an equal one.

use std::fmt::{Debug, Display};

use super::draw::Texts;
use super::place;
use crate::campaign::export::Export;
use crate::campaign::finding::Finding;
use crate::campaign::store::{line_of, lines_of};
use crate::campaign::story::story;
use crate::outcome::recording::Recording;
use crate::run::suite::{File, Suite};

/// Reads the input as each of the three.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(finding) = reads_again(Finding::parse, Finding::to_text, text) {
        assert!(Finding::is_meant(text), "it is read and not known as one");
        finding_holds(&finding);
        script_holds(|finding| Export::Curl.write(finding), &finding);
    }
    if let Some(recording) = reads_again(Recording::parse, Recording::to_text, text) {
        assert!(!Finding::is_meant(text) || Finding::parse(text).is_err(), "it is read as two things");
        suite_holds(&recording);
    }
    corpus_holds(text);
}

/// A file of each kind, and changes to them.
pub fn seeds() -> Vec<Vec<u8>> {
    TEXTS.seeds()
}

/// What a text is read as, if it is: the same at each reading, and after it was written.
fn reads_again<T: Debug + PartialEq, E: Display>(
    read: impl Fn(&str) -> Result<T, E>,
    write: impl Fn(&T) -> String,
    text: &str,
) -> Option<T> {
    let once = read(text).ok()?;
    assert_eq!(read(text).ok().as_ref(), Some(&once), "a second reading differs");
    let written = write(&once);
    match read(&written) {
        Ok(again) => assert_eq!(again, once, "it is read again as another"),
        Err(error) => panic!("it cannot be read again: {error}\n{written}"),
    }
    Some(once)
}

/// It has a name that is a file's, is the same when it meets itself, and can be told.
fn finding_holds(finding: &Finding) {
    let id = finding.id();
    assert!(id.len() <= 64 && id.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-'), "an id {id:?}");
    assert_eq!(finding.clone().merged(finding.clone()), *finding, "it grows when it meets itself");
    assert!(!story(finding).is_empty());
    for export in [Export::Scenario, Export::TypeScript] {
        assert_eq!(export.write(finding), export.write(finding), "{export} is written differently twice");
    }
}

/// How a line of the shell script begins that is no text of the finding.
const LINES: &[&str] =
    &["curl ", "set -u", "BASE=", "ORIGIN=", "UNIQUE=", "JARS=", "made=$(", "for _ in $(seq ", ": \"", " "];

/// What the script substitutes.
const COMMANDS: &[&str] = &["curl ", "mktemp ", "jq ", "seq ", "printf ", "for _ in "];

/// Nothing of the finding is a command of the script: what is not in single quotes or a comment is ours.
fn script_holds(write: impl Fn(&Finding) -> String, finding: &Finding) {
    let script = write(finding);
    let bare = bare(&script);
    assert!(!bare.contains('`'), "a command in backticks: {script}");
    for command in bare.split("$(").skip(1) {
        assert!(COMMANDS.iter().any(|own| command.starts_with(own)), "a command of the finding: {script}");
    }
    for line in bare.lines().filter(|line| !line.is_empty()) {
        let made = line.split_once('=').is_some_and(|(name, _)| name.ends_with("_id"));
        assert!(made || LINES.iter().any(|own| line.starts_with(own)), "a line of the finding: {line:?} in {script}");
    }
}

/// A shell script without its comments and what stands in single quotes.
fn bare(script: &str) -> String {
    let (mut bare, mut quoted, mut comment, mut double) = (String::new(), false, false, false);
    let mut signs = script.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\n' if !quoted => comment = false,
            _ if comment => continue,
            '\'' if !double => quoted = !quoted,
            _ if quoted => continue,
            '\\' => drop(signs.next()),
            '"' => double = !double,
            '#' if bare.is_empty() || bare.ends_with('\n') => comment = true,
            _ => {}
        }
        if !comment {
            bare.push(sign);
        }
    }
    bare
}

/// The scenario that it carries is a suite, or has mistakes at their places.
fn suite_holds(recording: &Recording) {
    let file = |path: &str, text: &str| [File { path: path.to_owned(), text: text.to_owned() }];
    let scenario = file("fuzz.yaml", &recording.source);
    let mistakes = Suite::read(&scenario, &file("fuzz.toml", &recording.requirements)).err();
    for mistake in mistakes.into_iter().flatten() {
        let ends = if mistake.file == "fuzz.toml" { place::FEED } else { place::ANY };
        place::holds(&mistake.source, ends, mistake.place.line, &mistake.place.span);
    }
}

fn corpus_holds(text: &str) {
    let kept: Vec<_> = lines_of(text).collect();
    let written: String =
        kept.iter().map(|(number, features, sequence)| line_of(*number, features, sequence)).collect();
    assert!(lines_of(&written).eq(kept), "a corpus is read again as another");
}

const TEXTS: Texts = Texts {
    whole: &[
        include_str!("texts/finding.json"),
        include_str!("texts/recording.json"),
        include_str!("texts/corpus.jsonl"),
    ],
    signs: &[
        "\n",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        "\\u0000",
        "\\u2028",
        "null",
        "1e308",
        "-0",
        "0.1",
        "18446744073709551615",
        ",",
        ":",
        "$(id)",
        "`id`",
        "'",
        "\\\"",
        "${k1.key}",
        "${k1.a[$(id)]}",
        "${k1.key|upper}",
        "\\n",
        "; ",
        "# ",
        "é",
        "\u{202e}",
        "\u{feff}",
        "\"times\":4294967295,",
        "\"schema\":2,",
        "\"kind\":\"campaign\",",
        "\"as\":\"a b\",",
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
    fn the_whole_files_are_read() {
        let finding = Finding::parse(TEXTS.whole[0]).unwrap();
        assert_eq!(finding.to_text(), TEXTS.whole[0]);
        assert_eq!(Recording::parse(TEXTS.whole[1]).unwrap().to_text(), TEXTS.whole[1]);
        assert_eq!(lines_of(TEXTS.whole[2]).count(), 2);
    }

    #[test]
    #[should_panic(expected = "it is read again as another")]
    fn a_member_that_is_lost_is_seen() {
        let wrong = |finding: &Finding| Finding { seen: Default::default(), ..finding.clone() }.to_text();
        reads_again(Finding::parse, wrong, TEXTS.whole[0]);
    }

    #[test]
    #[should_panic(expected = "a command of the finding")]
    fn a_text_that_becomes_a_command_is_seen() {
        let mut finding = Finding::parse(TEXTS.whole[0]).unwrap();
        finding.target = "\"$(id)\"".to_owned();
        let wrong = |finding: &Finding| format!("{}curl {}\n", Export::Curl.write(finding), finding.target);
        script_holds(wrong, &finding);
    }
}
