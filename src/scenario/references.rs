//! Which names an action or an expectation refers to.

use super::bind::{Known, Unbound};
use super::story::{Action, Call, Expectation, Matcher, Piece, Place, Template};

/// A reference: where it stands, and its parts.
pub type Reference<'t> = (&'t Place, &'t [String]);

impl Template {
    /// All references in it.
    pub fn references(&self) -> Vec<Reference<'_>> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'t>(&'t self, found: &mut Vec<Reference<'t>>) {
        match self {
            Self::Reference(place, parts) => found.push((place, parts)),
            Self::Text(pieces) => found.extend(pieces.iter().filter_map(|piece| match piece {
                Piece::Reference(place, parts) => Some((place, parts.as_slice())),
                Piece::Literal(_) => None,
            })),
            Self::List(items) => items.iter().for_each(|item| item.collect(found)),
            Self::Map(members) => members.values().for_each(|member| member.collect(found)),
            _ => {}
        }
    }
}

impl Action {
    /// All references in it.
    pub fn references(&self) -> Vec<Reference<'_>> {
        match self {
            Self::Client(call) => call.references(),
            Self::Server(call) => call.references(),
            Self::Raw(text) => text.references(),
            Self::Many { each, .. } => each.iter().flat_map(Self::references).collect(),
            Self::Clock(_) | Self::Restart { .. } => Vec::new(),
        }
    }
}

impl<T> Call<T> {
    fn references(&self) -> Vec<Reference<'_>> {
        let parts = [&self.query, &self.body, &self.text].into_iter().flatten();
        parts.chain(self.headers.values()).flat_map(Template::references).collect()
    }
}

impl Expectation {
    /// All references in it.
    pub fn references(&self) -> Vec<Reference<'_>> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    /// The first reference whose value is not known: then the expectation cannot be judged.
    pub fn unbound(&self, known: &Known) -> Option<Unbound> {
        // `$index` is known once a reply is looked at.
        let known = known.at_index(known.index.unwrap_or_default());
        self.references().into_iter().find_map(|(place, parts)| known.look_up(place, parts).err())
    }

    fn collect<'t>(&'t self, found: &mut Vec<Reference<'t>>) {
        let matchers = [&self.body, &self.keys].into_iter().flatten();
        matchers.chain(self.headers.values()).for_each(|matcher| matcher.collect(found));
        self.never.iter().for_each(|template| template.collect(found));
        [&self.every, &self.first, &self.last].into_iter().flatten().for_each(|inner| inner.collect(found));
    }
}

impl Matcher {
    fn collect<'t>(&'t self, found: &mut Vec<Reference<'t>>) {
        match self {
            Self::Equal(template) => template.collect(found),
            Self::Members(members) | Self::Exact(members) => members.values().for_each(|member| member.collect(found)),
            Self::List(items) | Self::Unordered(items) | Self::Any(items) | Self::All(items) => {
                items.iter().for_each(|item| item.collect(found));
            }
            Self::Each(inner) | Self::Contains(inner) | Self::Length(inner) | Self::Not(inner) => inner.collect(found),
            Self::Names(_)
            | Self::Present
            | Self::Absent
            | Self::Type(_)
            | Self::Pattern(_)
            | Self::Near(_)
            | Self::Compare(..) => {}
        }
    }
}
