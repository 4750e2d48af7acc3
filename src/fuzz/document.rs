//! What holds of any document that is read as documentation, whatever its kind.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Once};

use super::place;
use crate::claims::suite::{Reading, read, write};
use crate::claims::{Document, limit};
use crate::run::suite::{File, Suite, bundled_requirements};
use crate::spec::requirement::Catalogue;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let files = bundled_requirements();
    Catalogue::parse(files.iter().map(|file| (file.path.as_str(), file.text.as_str()))).unwrap_or_default()
});

/// A panic in the parser of Markdown is none of keyspec, which refuses such a page: it must not end the fuzzer either.
static PARSER_MAY_PANIC: Once = Once::new();

fn parser_may_panic() {
    PARSER_MAY_PANIC.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic.location().is_some_and(|place| place.file().contains("/markdown-")) {
                before(panic);
            }
        }));
    });
}

/// Reads a document of this name as `keyspec docs` does, and writes its claims as a suite.
pub(super) fn run(name: &str, data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    parser_may_panic();
    on_large_stack(|| holds(|document| read(std::slice::from_ref(document), &[], &CATALOGUE), name, text));
}

/// The same twice; everything at a line of the text; and claims whose scenarios and requirements are a suite.
pub(super) fn holds(read: impl Fn(&Document) -> Reading, name: &str, text: &str) {
    let address = Some("/docs/plugins/keys".to_owned());
    let document = Document { name: name.to_owned(), address, text: text.to_owned() };
    let mut reading = read(&document);
    assert_eq!(format!("{reading:?}"), format!("{:?}", read(&document)), "a second reading differs");
    let unknown = reading.unknown.iter().flat_map(|(_, unknown)| unknown).map(|one| one.line);
    let claimed = reading.claims.iter().map(|claim| claim.place.line);
    let lines = reading.unreadable.iter().map(|one| one.line).chain(unknown).chain(claimed);
    lines.for_each(|line| place::line_holds(text, line));
    if !reading.unreadable.is_empty() {
        return;
    }
    let written = write(&mut reading.claims);
    let scenarios: Vec<File> = written.scenarios.into_iter().map(|(path, text)| File { path, text }).collect();
    let requirements = [File { path: "claims.toml".to_owned(), text: written.requirements }];
    let suite = Suite::read(&scenarios, &requirements).unwrap_or_else(|mistakes| {
        panic!("the claims are no suite: {}", mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    let checks: BTreeSet<&str> = suite.check_ids().collect();
    let claims: BTreeSet<&str> = reading.claims.iter().map(|claim| claim.id.as_str()).collect();
    assert_eq!(checks, claims, "a claim is one check");
}

/// As deep as the limits of documents allow.
fn on_large_stack(work: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(limit::STACK).spawn_scoped(scope, work);
        let ended = thread.unwrap_or_else(|error| panic!("no thread: {error}")).join();
        ended.unwrap_or_else(|broken| std::panic::resume_unwind(broken));
    });
}
