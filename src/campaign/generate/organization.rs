//! Organizations: founded, joined and left, and what their members may do.

use super::Generator;
use crate::campaign::sequence::{ACTORS, Act, Step};
use crate::campaign::source::Source;
use crate::campaign::value;

impl<S: Source> Generator<'_, S> {
    pub(super) fn found(&mut self) {
        let organization = format!("o{}", self.organizations.len() + 1);
        let actor = if self.organizations.is_empty() { ACTORS[0].to_owned() } else { self.actor() };
        self.organizations.push(organization.clone());
        self.push(Step::Organization { actor, organization, act: Act::Found });
    }

    pub(super) fn join(&mut self, who: &str) {
        let role = value::pick(self.source, &["member", "admin", "member", "owner"]).to_owned();
        let organization = self.organization();
        let act = Act::Join { who: who.to_owned(), role };
        self.push(Step::Organization { actor: ACTORS[0].to_owned(), organization, act });
    }

    pub(super) fn organize(&mut self) {
        let who = value::pick(self.source, &["bob", "carol"]).to_owned();
        let actor = ACTORS[0].to_owned();
        let organization = self.organization();
        match self.source.below(4) {
            0 if self.organizations.len() < 3 => self.found(),
            1 => self.join(&who),
            2 => {
                let role = value::pick(self.source, &["member", "admin"]).to_owned();
                self.push(Step::Organization { actor, organization, act: Act::Role { who, role } });
            }
            _ => self.push(Step::Organization { actor, organization, act: Act::Leave { who } }),
        }
    }

    pub(super) fn organization(&mut self) -> String {
        let known = self.source.pick(&self.organizations).cloned();
        known.unwrap_or_else(|| "o1".to_owned())
    }
}
