//! From documents to claims, and from claims to scenarios and requirements for the runner.

use sha2::{Digest as _, Sha256};

use super::claim::{Claim, Probe};
use super::contradiction::settle;
use super::endpoint::{self, Described};
use super::link::Addresses;
use super::page::{self, Page};
use super::prose::Reviewed;
use super::result::Promised;
use super::{Document, Unknown, Unreadable, error_code, example, key_object, link, openapi, option, prose, result};
use crate::scenario::parse;
use crate::spec::requirement::{Catalogue, Level};

/// What was read of some documents.
#[derive(Debug, Default)]
pub struct Reading {
    pub claims: Vec<Claim>,
    /// For each document, what is not understood.
    pub unknown: Vec<(String, Vec<Unknown>)>,
    /// The documents that could not be read.
    pub unreadable: Vec<Unreadable>,
}

/// More claims than any documentation of this spec makes; what is beyond is refused.
const MAX_CLAIMS: usize = 5000;

/// Reads the documents of one version. `known` are the addresses of all its pages, where they are known.
pub fn read(documents: &[Document], known: &[String], catalogue: &Catalogue) -> Reading {
    let mut reading = Reading::default();
    let mut pages = Vec::new();
    let mut claims = Vec::new();
    for document in documents {
        if openapi::is_one(document) {
            match openapi::read(document) {
                Ok(read) => {
                    claims.extend(openapi_claims(document, &read));
                    reading.unknown.push((document.name.clone(), read.unknown));
                }
                Err(error) => reading.unreadable.push(error),
            }
            continue;
        }
        match page::read(document) {
            Ok(page) => pages.push(page),
            Err(error) => reading.unreadable.push(error),
        }
    }
    for page in &mut pages {
        page.complete();
        reading.unknown.push((page.name.clone(), page.unknown.clone()));
    }
    claims.extend(page_claims(&pages, known, catalogue));
    if claims.len() > MAX_CLAIMS {
        let (file, line) =
            claims.get(MAX_CLAIMS).map(|claim| (claim.place.file.clone(), claim.place.line)).unwrap_or_default();
        reading.unreadable.push(Unreadable { file, line, message: format!("more than {MAX_CLAIMS} claims") });
        claims.truncate(MAX_CLAIMS);
    }
    reading.claims = settle(claims);
    reading
}

fn openapi_claims(document: &Document, read: &openapi::OpenApi) -> Vec<Claim> {
    let none = Default::default();
    let mut claims = Vec::new();
    for found in &read.endpoints {
        let described = Described { file: &document.name, prefix: "openapi", endpoint: &found.endpoint };
        claims.extend(endpoint::claims(described));
        if let Some((shape, line)) = &found.result {
            let anchor = &found.endpoint.anchor;
            claims.extend(result::claims(Promised { described, shape, line: *line, anchor, key: &none }));
        }
    }
    claims
}

fn page_claims(pages: &[Page], known: &[String], catalogue: &Catalogue) -> Vec<Claim> {
    let key = key_object::members(pages);
    let addresses = Addresses::new(pages, known);
    let reviewed = Reviewed::new(catalogue);
    let endpoints: Vec<_> = pages.iter().flat_map(|page| &page.endpoints).collect();
    let mut claims = Vec::new();
    for page in pages {
        let described = |at: usize| Described { file: &page.name, prefix: "", endpoint: &page.endpoints[at] };
        (0..page.endpoints.len()).for_each(|at| claims.extend(endpoint::claims(described(at))));
        for found in &page.results {
            let described = described(found.endpoint);
            claims.extend(result::claims(Promised {
                described,
                shape: &found.shape,
                line: found.line,
                anchor: &found.anchor,
                key: &key,
            }));
        }
        page.options.iter().for_each(|found| claims.extend(option::claims(page, found)));
        claims.extend(page.codes.iter().map(|found| error_code::claim(page, found)));
        claims.extend(example::claims(page, &endpoints));
        claims.extend(page.links.iter().map(|found| link::claim(page, found, &addresses)));
        claims.extend(page.sentences.iter().map(|found| prose::claim(page, found, &reviewed)));
    }
    claims
}

/// What the runner is given.
#[derive(Debug, Default)]
pub struct Written {
    /// Path and text of each scenario.
    pub scenarios: Vec<(String, String)>,
    /// A file of the catalogue.
    pub requirements: String,
}

/// Writes each claim as a scenario with one check and a requirement, both of the claim's id. A claim whose scenario the
/// language cannot express becomes one that is not probed.
pub fn write(claims: &mut [Claim]) -> Written {
    let mut written = Written::default();
    let mut requirements = Vec::new();
    for claim in claims {
        let mut text = match &claim.probe {
            Probe::Story(story) => story.write(&claim.id, &claim.statement),
            _ => placeholder(&claim.id, &claim.statement),
        };
        if let (Probe::Story(_), Err(mistakes)) = (&claim.probe, parse::parse("docs", &text)) {
            let first = mistakes.first().map(|mistake| mistake.message.clone()).unwrap_or_default();
            claim.probe = Probe::None(format!("it cannot be sent: {first}"));
            text = placeholder(&claim.id, &claim.statement);
        }
        written.scenarios.push((format!("docs/{}.yaml", claim.id), text));
        requirements.push(toml::Value::Table(requirement(claim)));
    }
    let file = toml::Table::from_iter([("requirement".to_owned(), toml::Value::Array(requirements))]);
    // A list of tables of texts can always be written.
    written.requirements = toml::to_string(&file).unwrap_or_default();
    written
}

/// What stands for a claim that no request can show. It is never carried out.
fn placeholder(id: &str, title: &str) -> String {
    let title = serde_json::Value::from(title.replace('\n', " "));
    format!(
        "scenario: {title}\nsteps:\n  - client: getSession\n    expect: [{{ check: {id}, requirement: {id}, status: 200 }}]\n"
    )
}

fn requirement(claim: &Claim) -> toml::Table {
    // Where the documentation contradicts itself, neither side is a promise.
    let level = if claim.contradicted_by.is_some() { Level::Should } else { Level::Must };
    let print: String =
        Sha256::digest(claim.statement.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let source = [
        ("docs", format!("{}:{}", claim.place.file, claim.place.line)),
        ("anchor", claim.anchor.clone()),
        ("fingerprint", print),
    ];
    let source =
        source.into_iter().map(|(name, text)| (name.to_owned(), toml::Value::from(text))).collect::<toml::Table>();
    let mut table: toml::Table =
        [("id", claim.id.as_str()), ("level", level.name()), ("profile", "core"), ("statement", &claim.statement)]
            .into_iter()
            .map(|(name, text)| (name.to_owned(), toml::Value::from(text)))
            .collect();
    table.insert("source".to_owned(), toml::Value::Table(source));
    table
}
