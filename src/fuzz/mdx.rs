//! A page: any text is read to claims that are a suite of scenarios, or refused with its line.

use super::document;
use super::draw::Texts;

/// Reads the input as the page `page.mdx`.
pub fn run(data: &[u8]) {
    document::run("page.mdx", data);
}

/// A page as they are now, one as they were, and changes to both.
pub fn seeds() -> Vec<Vec<u8>> {
    TEXTS.seeds()
}

const TEXTS: Texts = Texts {
    whole: &[
        include_str!("texts/newer.mdx"),
        include_str!("texts/older.mdx"),
        "```ts\nconst options = {\n  enabled: true\n  plugins: [],\n}\n```\n",
    ],
    signs: &[
        "\n",
        "\r\n",
        "\r",
        "  ",
        "\t",
        "<",
        "</",
        "/>",
        "<Tab>\n",
        "{",
        "}",
        "`",
        "```ts\n",
        "```\n",
        "- ",
        "> ",
        "| ",
        "---\n",
        "## ",
        "# é\u{301}\n",
        "[a](#b)",
        "![",
        "*",
        "_",
        "~~",
        "\\",
        "\u{feff}",
        "\0",
        "\u{2028}",
        "\u{202e}",
        "/** */",
        "// ",
        "type Result = ",
        "?: ",
        "| null",
        "Record<",
        ">",
        "[]",
        "0x",
        "1e999",
        "`${",
        "\"",
        "'",
        "<!--",
        "import a from 'a'\n",
        "export const ",
        "=> ",
        "@serverOnly",
        "-2",
        "${alice.id}",
        "!near",
    ],
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::campaign::source::Bytes;
    use crate::claims::suite::{Reading, read};
    use crate::spec::requirement::Catalogue;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn drawn_pages_keep_it(bytes: Vec<u8>) {
            run(TEXTS.draw(&mut Bytes::new(&bytes)).as_bytes());
        }
    }

    fn changed(change: impl Fn(&mut Reading)) {
        let reader = |document: &crate::claims::Document| {
            let mut reading = read(std::slice::from_ref(document), &[], &Catalogue::default());
            change(&mut reading);
            reading
        };
        document::holds(reader, "page.mdx", TEXTS.whole[0]);
    }

    #[test]
    #[should_panic(expected = "the claims are no suite")]
    fn two_claims_of_one_id_are_seen() {
        changed(|reading| reading.claims.extend(reading.claims.first().cloned()));
    }

    #[test]
    #[should_panic(expected = "a line outside")]
    fn a_claim_behind_the_end_is_seen() {
        changed(|reading| reading.claims[0].place.line = 1000);
    }
}
