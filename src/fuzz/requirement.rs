//! A file of the catalogue: any text is a catalogue, which is written and read again as an equal one, or has mistakes with
//! their places.

use super::draw::Texts;
use super::place;
use crate::scenario::diagnostic::{Diagnostic, Style, render_all};
use crate::spec::requirement::{Catalogue, CatalogueError, Requirement, fingerprint};

type Read = Result<Catalogue, Vec<CatalogueError>>;

/// Reads the input as a file of `spec/requirements`, and takes the fingerprint of it.
pub fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        holds(|text| Catalogue::parse([("fuzz.toml", text)]), text);
        fingerprint_holds(fingerprint, text);
    }
}

/// Requirements of each kind, and changes to them.
pub fn seeds() -> Vec<Vec<u8>> {
    TEXTS.seeds()
}

fn holds(read: impl Fn(&str) -> Read, text: &str) {
    let once = read(text);
    assert_eq!(format!("{once:?}"), format!("{:?}", read(text)), "a second reading differs");
    match once {
        Ok(catalogue) => {
            let written = catalogue.excerpt(catalogue.iter().map(|one| one.id.as_str()));
            let again =
                read(&written).unwrap_or_else(|errors| panic!("it cannot be read again: {errors:?}\n{written}"));
            assert_eq!(statements(&again), statements(&catalogue), "it is read again as another");
        }
        Err(errors) => {
            assert!(!errors.is_empty(), "refused without a mistake");
            errors.iter().for_each(|error| place::holds(text, place::FEED, error.line, &error.span));
            let mistakes: Vec<Diagnostic> = errors.into_iter().map(Diagnostic::from).collect();
            place::shown(&render_all(&mistakes, Style::Plain));
        }
    }
}

/// What is required, without the places, in the order of the ids.
fn statements(catalogue: &Catalogue) -> Vec<Requirement> {
    let mut all: Vec<_> =
        catalogue.iter().map(|one| Requirement { line: 0, file: String::new(), ..one.clone() }).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

/// It is of the words: how they are laid out does not matter, and another word does.
fn fingerprint_holds(print: impl Fn(&str) -> String, text: &str) {
    let own = print(text);
    assert!(own.len() == 16 && own.bytes().all(|byte| byte.is_ascii_hexdigit()), "{own}");
    let words = text.split_whitespace().collect::<Vec<_>>();
    // Signs at the beginning of a line are layout themselves.
    if words.iter().all(|word| word.chars().all(char::is_alphanumeric)) {
        assert_eq!(print(&words.join("\n")), own, "the layout matters");
        assert_eq!(print(&words.join(" \r\n  ")), own, "the layout matters");
    }
    assert_ne!(print(&format!("{text}\n\nanother")), own, "a word does not matter");
}

const TEXTS: Texts = Texts {
    whole: &[
        "[[requirement]]\nid = \"keys.a\"\nlevel = \"MUST\"\nprofile = \"core\"\nstatement = \"A key is shown once.\"\nsource = { docs = \"plugins/api-key\", anchor = \"a\", fingerprint = \"0123456789abcdef\" }\nunbroken = \"nothing breaks it\"\n",
        "[[requirement]]\nid = \"keys.b\"\nlevel = \"SHOULD\"\nprofile = \"self-grant\"\neditions = \">=1.3, <1.7\"\nstatement = \"\"\"\nA key\nhas a name.\"\"\"\nsource = { observed = \"create.ts\" }\ndrift = \"d\"\n\n[[requirement]]\nid = \"keys.c\"\nlevel = \"MAY\"\nprofile = \"limits\"\nstatement = \"s\"\nexcluded = \"why\"\nsource = { proposed = \"x\" }\n",
        "[requirement]\n",
        "> - The `key` is *only* shown **once**, see [create an API key](#create-an-api-key).\n",
    ],
    signs: &[
        "[[requirement]]\n",
        "[a]\n",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "\"\"\"",
        "'''",
        "= ",
        ".",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "#",
        "\\",
        "\\u0000",
        "\\U0010FFFF",
        "é",
        "\u{feff}",
        "\0",
        "\u{2028}",
        "id = \"a.b\"\n",
        "~1.5",
        ">=1",
        "*",
        "`",
        "![",
        "](",
        ")",
        "- ",
        "> ",
        "1979-05-27",
        "inf",
        "0x1",
    ],
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::campaign::source::Bytes;

    proptest! {
        #[test]
        fn drawn_catalogues_keep_it(bytes: Vec<u8>) {
            run(TEXTS.draw(&mut Bytes::new(&bytes)).as_bytes());
        }
    }

    #[test]
    #[should_panic(expected = "it is read again as another")]
    fn a_statement_that_changes_is_seen() {
        let wrong = |text: &str| Catalogue::parse([("fuzz.toml", text.replacen("A key", "A  key", 1).as_str())]);
        holds(wrong, &TEXTS.whole[0].replace("A key", "A key A key"));
    }

    #[test]
    #[should_panic(expected = "the layout matters")]
    fn a_fingerprint_of_the_layout_is_seen() {
        fingerprint_holds(|text| fingerprint(&text.replace('\n', "x")), "a b");
    }
}
