//! A file of expectations brought up to date with a run: only what the run reached is touched, and comments stay.

use std::collections::BTreeSet;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value, value};

use super::ExpectationError;
use crate::outcome::check::{CheckResult, Outcome};
use crate::outcome::pattern::Pattern;

/// What became of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    pub text: String,
    /// Checks that fail and had no entry.
    pub added: Vec<String>,
    /// Entries whose checks all hold, or that match no check of the suite.
    pub removed: Vec<String>,
    /// Patterns of which only some checks hold: they are for people to narrow.
    pub left: Vec<String>,
}

/// Brings `text` up to date. `results` are those of the run, `ids` all checks of the suite, `target` names where the new
/// entries were seen.
pub fn update<'a>(
    file: &str,
    text: &str,
    results: &[CheckResult],
    ids: impl Iterator<Item = &'a str> + Clone,
    target: &str,
) -> Result<Updated, ExpectationError> {
    let fail = |message: String| ExpectationError { file: file.to_owned(), message };
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| fail(error.to_string()))?;
    // Written in one line, `expect = [{ … }]`, an entry cannot be added as it is elsewhere.
    if document.get("expect").is_some_and(Item::is_array)
        && let Some(list) = document.remove("expect")
    {
        let tables = match list {
            Item::Value(Value::Array(list)) if list.is_empty() => Ok(ArrayOfTables::new()),
            list => list.into_array_of_tables(),
        };
        document.insert("expect", tables.map_or_else(|list| list, Item::ArrayOfTables));
    }
    let item = document.entry("expect").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let entries = item.as_array_of_tables_mut().ok_or_else(|| fail("`expect` is no list of tables".to_owned()))?;
    let mut updated = Updated { text: String::new(), added: Vec::new(), removed: Vec::new(), left: Vec::new() };
    entries.retain(|entry| {
        let Some(check) = entry.get("check").and_then(Item::as_str) else { return true };
        let fate = fate(&Pattern::whole(check), results, ids.clone());
        match fate {
            Fate::Stale => updated.removed.push(check.to_owned()),
            Fate::Mixed => updated.left.push(check.to_owned()),
            Fate::Current => {}
        }
        fate != Fate::Stale
    });
    let known: Vec<Pattern> =
        entries.iter().filter_map(|entry| entry.get("check")?.as_str().map(Pattern::whole)).collect();
    for result in results.iter().filter(|result| is_news(result.outcome)) {
        if known.iter().any(|pattern| pattern.matches(&result.check)) {
            continue;
        }
        let outcome = if result.outcome == Outcome::Flaky { "may-fail" } else { "must-fail" };
        let summary = result.finding.as_ref().map(|finding| finding.summary.as_str()).unwrap_or_default();
        let mut entry = Table::new();
        entry.insert("check", value(&result.check));
        entry.insert("outcome", value(outcome));
        entry.insert("reason", value(format!("seen on {target}, not explained yet: {summary}")));
        entries.push(entry);
        updated.added.push(result.check.clone());
    }
    updated.text = document.to_string();
    Ok(updated)
}

#[derive(PartialEq, Eq)]
enum Fate {
    Current,
    Stale,
    Mixed,
}

fn fate<'a>(pattern: &Pattern, results: &[CheckResult], mut ids: impl Iterator<Item = &'a str> + Clone) -> Fate {
    if !ids.clone().any(|id| pattern.matches(id)) {
        return Fate::Stale;
    }
    let reached: BTreeSet<&str> = results
        .iter()
        .filter(|result| result.outcome.is_observed() && pattern.matches(&result.check))
        .map(|result| result.check.as_str())
        .collect();
    let news: Vec<&CheckResult> = results
        .iter()
        .filter(|result| result.outcome == Outcome::UnexpectedPass && pattern.matches(&result.check))
        .collect();
    // What the run did not reach may fail still.
    let all_reached = ids.all(|id| !pattern.matches(id) || reached.contains(id));
    match news.len() {
        0 => Fate::Current,
        count if count == reached.len() && all_reached => Fate::Stale,
        _ => Fate::Mixed,
    }
}

fn is_news(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Fail | Outcome::Warn | Outcome::Flaky)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::requirement::Level;

    const FILE: &str = "# What we know of staging.\n\n[[expect]]\ncheck = \"a.one\" # the oldest\noutcome = \"must-fail\"\nreason = \"it does not\"\n\n[[expect]]\ncheck = \"b.*\"\noutcome = \"must-fail\"\nreason = \"they do not\"\n";

    fn result(check: &str, outcome: Outcome) -> CheckResult {
        CheckResult {
            check: check.to_owned(),
            scenario: "s".to_owned(),
            requirements: Vec::new(),
            level: Level::Must,
            profile: "core".to_owned(),
            outcome,
            subjects: 1,
            reason: None,
            finding: None,
        }
    }

    fn after(results: &[(&str, Outcome)]) -> Updated {
        let results: Vec<_> = results.iter().map(|(check, outcome)| result(check, *outcome)).collect();
        update("e.toml", FILE, &results, ["a.one", "b.one", "b.two", "c"].into_iter(), "staging").unwrap()
    }

    #[test]
    fn what_fails_anew_is_added_and_comments_stay() {
        let updated = after(&[("c", Outcome::Fail), ("a.one", Outcome::ExpectedFail)]);
        assert_eq!((updated.added, updated.removed), (vec!["c".to_owned()], Vec::new()));
        assert!(updated.text.starts_with("# What we know of staging.\n\n[[expect]]\ncheck = \"a.one\" # the oldest"));
        assert!(updated.text.contains("check = \"c\"\noutcome = \"must-fail\""), "{}", updated.text);
    }

    #[test]
    fn what_holds_is_removed_and_what_was_not_reached_stays() {
        let updated = after(&[("a.one", Outcome::UnexpectedPass)]);
        assert_eq!(updated.removed, ["a.one"]);
        assert!(updated.text.contains("b.*") && !updated.text.contains("a.one"), "{}", updated.text);
        let updated = after(&[("b.one", Outcome::UnexpectedPass)]);
        assert_eq!((updated.removed, updated.left), (Vec::new(), vec!["b.*".to_owned()]));
        let updated = after(&[("b.one", Outcome::UnexpectedPass), ("b.two", Outcome::UnexpectedPass)]);
        assert_eq!(updated.removed, ["b.*"]);
        let updated = after(&[("b.one", Outcome::UnexpectedPass), ("b.two", Outcome::ExpectedFail)]);
        assert_eq!(updated.left, ["b.*"]);
    }

    #[test]
    fn a_list_in_one_line_is_brought_up_to_date_as_well() {
        let results = [result("c", Outcome::Fail)];
        for (text, entries) in
            [("expect = []\n", 1), ("expect = [{ check = \"a.one\", outcome = \"skip\", reason = \"r\" }]\n", 2)]
        {
            let updated = update("e.toml", text, &results, ["a.one", "c"].into_iter(), "staging").unwrap();
            assert_eq!(updated.text.matches("[[expect]]").count(), entries, "{}", updated.text);
            assert!(super::super::Expectations::parse("e.toml", &updated.text).is_ok(), "{}", updated.text);
        }
    }

    #[test]
    fn an_updated_file_reads_and_a_second_update_changes_nothing() {
        let results = [("c", Outcome::Flaky)];
        let once = after(&results);
        assert!(super::super::Expectations::parse("e.toml", &once.text).is_ok());
        let results: Vec<_> = results.iter().map(|(check, outcome)| result(check, *outcome)).collect();
        let ids = ["a.one", "b.one", "c"].into_iter();
        assert_eq!(update("e.toml", &once.text, &results, ids, "staging").unwrap().text, once.text);
    }
}
