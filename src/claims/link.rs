//! Claims about links: what a page points to is there.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::{Claim, Probe, Spot};
use super::page::{Link, Page};

/// What a link can point to.
#[derive(Debug, Default)]
pub(super) struct Addresses<'p> {
    /// The anchors of the pages that were read.
    read: BTreeMap<&'p str, &'p BTreeSet<String>>,
    /// Pages that are known to be there.
    known: &'p [String],
}

impl<'p> Addresses<'p> {
    pub(super) fn new(pages: &'p [Page], known: &'p [String]) -> Self {
        let read = pages.iter().filter_map(|page| Some((page.address.as_deref()?, &page.anchors))).collect();
        Self { read, known }
    }

    fn try_link(&self, page: &Page, url: &str) -> Probe {
        let (path, anchor) = url.split_once('#').map_or((url, None), |(path, anchor)| (path, Some(anchor)));
        let path = path.trim_end_matches('/');
        let anchors = if path.is_empty() { Some(&page.anchors) } else { self.read.get(path).copied() };
        match (anchors, anchor) {
            (Some(_), None | Some("")) => Probe::Holds,
            (Some(anchors), Some(anchor)) if anchors.contains(anchor) => Probe::Holds,
            (Some(_), Some(anchor)) => Probe::Breaks {
                expected: format!("a heading with the anchor `{anchor}`"),
                actual: "no such heading on that page".to_owned(),
            },
            (None, _) if path.contains(':') || path.starts_with("//") => {
                Probe::None("it leads to another site, and nothing is fetched".to_owned())
            }
            (None, None) if self.known.iter().any(|known| known == path) => Probe::Holds,
            (None, Some(_)) if self.known.iter().any(|known| known == path) => {
                Probe::None("the page is there; its anchors were not read".to_owned())
            }
            (None, _) if path.starts_with("/docs/") && !self.known.is_empty() => Probe::Breaks {
                expected: format!("a page at `{path}`"),
                actual: "no such page among the documentation".to_owned(),
            },
            _ => Probe::None("it leads to a page that was not read".to_owned()),
        }
    }
}

/// The claim that a link resolves.
pub(super) fn claim(page: &Page, link: &Link, addresses: &Addresses<'_>) -> Claim {
    let spot = Spot { file: &page.name, line: link.line, anchor: &link.anchor };
    let from = page.address.as_deref().unwrap_or(&page.name);
    let from = from.rsplit('/').next().unwrap_or(from).trim_end_matches(".mdx");
    let statement = format!("The link to `{}` leads somewhere.", link.url);
    Claim::new(spot, &["link", from, &link.url], statement, addresses.try_link(page, &link.url))
}
