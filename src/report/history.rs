//! What became of checks from release to release: at a terminal, as a Markdown page and as JSON.

mod markdown;
mod terminal;

use crate::outcome::history::{Change, History, How, Kind};

/// One line a change, check by check: the result of `keyspec bisect`.
pub fn changes(history: &History) -> String {
    terminal::changes(history)
}

/// One line a release, with how much it fixed and broke: the result of `keyspec history`.
pub fn releases(history: &History) -> String {
    terminal::releases(history)
}

/// The page. `command` is what writes it again.
pub fn markdown(history: &History, command: &str) -> String {
    markdown::render(history, command)
}

/// `docs/schema/history.json` describes it.
pub fn json(history: &History) -> String {
    let text = serde_json::to_string_pretty(history);
    text.unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}")) + "\n"
}

/// By what releases were judged.
fn yardstick(history: &History) -> String {
    match &history.edition {
        Some(edition) => format!("every release was judged by edition {edition}"),
        None => "each release was judged by its own edition, without expectations".to_owned(),
    }
}

/// The version of a release that a target names.
fn version(target: &str) -> &str {
    target.strip_prefix("better-auth@").unwrap_or(target)
}

/// How many of the changes are of these kinds.
fn count(changes: &[Change<'_>], kinds: &[Kind]) -> usize {
    changes.iter().filter(|change| kinds.contains(&change.kind)).count()
}

/// Releases as they are listed: consecutive ones of the range are drawn together.
fn drawn_together(history: &History, how: How) -> String {
    let mut parts: Vec<(String, String, usize)> = Vec::new();
    let mut before = None;
    for release in &history.releases {
        if release.how == how {
            match parts.last_mut() {
                Some((_, last, count)) if before == Some(how) => {
                    last.clone_from(&release.version);
                    *count += 1;
                }
                _ => parts.push((release.version.clone(), release.version.clone(), 1)),
            }
        }
        before = Some(release.how);
    }
    let part = |(first, last, count): (String, String, usize)| match count {
        1 => first,
        2 => format!("{first}, {last}"),
        _ => format!("{first} to {last}"),
    };
    parts.into_iter().map(part).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::history::tests::history;
    use crate::outcome::matrix::LeftOut;

    fn example() -> History {
        let mut history = history(&[
            ("create.anonymous-refused", "fffpp   ppfpp"),
            ("list.paging", "nnnnp   ppppp"),
            ("list.sorting", "nnnnf   ffffw"),
            ("update.quiet", "ppppp   ffono"),
            ("update.race", "ppppf   pffff"),
        ]);
        history.left_out = vec![LeftOut { target: "better-auth@1.5.0".to_owned(), reason: "no | plugin".to_owned() }];
        for life in &history.checks {
            let statement = "A <statement> of the requirement.".to_owned();
            history.requirements.insert(life.requirement.clone(), statement);
        }
        history
    }

    fn snapshot(name: &str, text: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.add_filter(r"keyspec \d+\.\d+\.\d+", "keyspec [version]");
        let text = anstream::adapter::strip_str(text).to_string();
        settings.bind(|| insta::assert_snapshot!(name, text));
    }

    #[test]
    fn a_bisection_is_one_line_a_change() {
        snapshot("history-changes", &changes(&example()));
    }

    #[test]
    fn a_history_is_one_line_a_release() {
        snapshot("history-releases", &releases(&example()));
    }

    #[test]
    fn a_page_says_which_release_fixed_and_broke_what() {
        snapshot("history-markdown", &markdown(&example(), "keyspec history 'better-auth@1.4.*'"));
    }

    #[test]
    fn the_document_reads_back() {
        assert_eq!(serde_json::from_str::<History>(&json(&example())).unwrap(), example());
    }
}
