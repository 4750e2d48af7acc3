//! A claim: one thing that documentation says, where it says it, and how it can be tried.

use super::probe::Story;
use crate::outcome::finding::Source;

/// One checkable thing that documentation says.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Stable: made of what it is about, not of where it stands.
    pub id: String,
    pub place: Source,
    /// The nearest heading above it.
    pub anchor: String,
    /// Our sentence of what is said there.
    pub statement: String,
    /// What it is about. Claims of one subject say the same, or the documentation contradicts itself.
    pub subject: String,
    /// What it says of its subject, in a word.
    pub says: String,
    pub probe: Probe,
    /// Where the documentation says otherwise.
    pub contradicted_by: Option<Source>,
}

/// How a claim is tried.
#[derive(Debug, Clone)]
pub enum Probe {
    /// By a scenario.
    Story(Story),
    /// Reading alone shows that it holds.
    Holds,
    /// Reading alone shows that it does not.
    Breaks { expected: String, actual: String },
    /// It is not, for this reason.
    None(String),
}

impl Probe {
    /// A story, or the reason why there is none.
    pub(super) fn of(story: Result<Story, String>) -> Self {
        story.map_or_else(Self::None, Self::Story)
    }
}

/// Where a claim stands, for those who make claims.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'p> {
    pub(super) file: &'p str,
    pub(super) line: usize,
    pub(super) anchor: &'p str,
}

impl Claim {
    pub(super) fn new(spot: Spot<'_>, id: &[&str], statement: String, probe: Probe) -> Self {
        let id = id.iter().map(|part| kebab(part)).collect::<Vec<_>>().join(".");
        Self {
            subject: id.clone(),
            id,
            place: Source { file: spot.file.to_owned(), line: spot.line },
            anchor: spot.anchor.to_owned(),
            statement,
            says: String::new(),
            probe,
            contradicted_by: None,
        }
    }

    /// Puts a label before its id, so that several versions fit into one run.
    pub fn label(&mut self, label: &str) {
        self.id = format!("{}.{}", kebab(label), self.id);
    }

    /// Names the subject, where others can say something of it as well.
    pub(super) fn about(mut self, subject: &[&str], says: impl Into<String>) -> Self {
        self.subject = subject.iter().map(|part| kebab(part)).collect::<Vec<_>>().join(".");
        self.says = says.into();
        self
    }
}

/// `rateLimitMax` is `rate-limit-max`: a component of an id. At most 60 characters long.
pub(super) fn kebab(text: &str) -> String {
    let mut out = String::new();
    let mut previous = ' ';
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && (previous.is_ascii_lowercase() || previous.is_ascii_digit()) {
                out.push('-');
            }
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
        previous = c;
        if out.len() >= 60 {
            break;
        }
    }
    let out = out.trim_matches('-');
    if out.is_empty() { "x".to_owned() } else { out.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_of_an_id_is_in_kebab_case() {
        assert_eq!(kebab("rateLimitMax"), "rate-limit-max");
        assert_eq!(kebab("enableSessionForAPIKeys"), "enable-session-for-apikeys");
        assert_eq!(kebab("/api-key/Create?"), "api-key-create");
        assert_eq!(kebab("…"), "x");
    }
}
