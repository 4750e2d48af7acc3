//! An OpenAPI document: any text is read to claims that are a suite of scenarios, or refused with its line.

use super::document;
use super::draw::Texts;

/// Reads the input as the document `openapi.yaml`, of which JSON is a part.
pub fn run(data: &[u8]) {
    document::run("openapi.yaml", data);
}

/// A document in YAML and one in JSON, and changes to both.
pub fn seeds() -> Vec<Vec<u8>> {
    TEXTS.seeds()
}

const TEXTS: Texts = Texts {
    whole: &[include_str!("texts/openapi.yaml"), include_str!("texts/openapi.json")],
    signs: &[
        "\n",
        "\r\n",
        "  ",
        "\t",
        "{",
        "}",
        "[",
        "]",
        ", ",
        ": ",
        "- ",
        "\"",
        "'",
        "#",
        "$ref: \"#/components/schemas/Key\"",
        "&a ",
        "*a",
        "null",
        "true",
        "1e999",
        "\u{feff}",
        "\0",
        "\u{2028}",
        "é",
        "anyOf: ",
        "oneOf: ",
        "enum: ",
        "type: ",
        "items: ",
        "properties: ",
        "required: ",
        "/api-key/",
        "get: ",
        "0o7",
    ],
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::campaign::source::Bytes;
    use crate::claims::suite::read;
    use crate::spec::requirement::Catalogue;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn drawn_documents_keep_it(bytes: Vec<u8>) {
            run(TEXTS.draw(&mut Bytes::new(&bytes)).as_bytes());
        }
    }

    #[test]
    #[should_panic(expected = "the claims are no suite")]
    fn an_id_that_is_none_is_seen() {
        let wrong = |document: &crate::claims::Document| {
            let mut reading = read(std::slice::from_ref(document), &[], &Catalogue::default());
            reading.claims[0].id = "Not an id".to_owned();
            reading
        };
        document::holds(wrong, "openapi.yaml", TEXTS.whole[0]);
    }
}
