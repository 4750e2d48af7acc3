use std::collections::BTreeMap;

use super::*;
use crate::outcome::matrix::{LeftOut, SCHEMA};
use crate::outcome::run::Counts;
use crate::spec::requirement::Level;

const TARGETS: [&str; 4] = ["reference", "better-auth@1.4.22", "adapter:python3 adapter.py", "better-auth@1.7.5"];

/// `p`, `f`, `w`, `x` (known), `n` (not applicable), `o` (not observed), `?` (did not start).
const CHECKS: [(&str, &str, &str); 6] = [
    ("create.client.permissions-rejected", "core", "pp?p"),
    ("create.user-id.anonymous-refused", "core", "px?p"),
    ("limits.rate-limit.window", "limits", "pf?p"),
    ("list.paging.second-page", "core", "pn?f"),
    ("metadata.inherited-names.list-still-answers", "core", "pw?w"),
    ("organizations.create.member", "organizations", "pn?p"),
];

fn outcome(sign: char) -> Option<Outcome> {
    Some(match sign {
        'p' => Outcome::Pass,
        'f' => Outcome::Fail,
        'w' => Outcome::Warn,
        'x' => Outcome::ExpectedFail,
        'n' => Outcome::NotApplicable,
        'o' => Outcome::NotObserved,
        _ => return None,
    })
}

fn why(outcome: Outcome) -> Option<String> {
    Some(match outcome {
        Outcome::Fail => "status: expected 401, got 200".to_owned(),
        Outcome::Warn => "body | <b>: expected `a`,\ngot \u{1b}[31m".to_owned(),
        Outcome::ExpectedFail => "A known defect.".to_owned(),
        Outcome::NotApplicable => "for editions >=1.5; this is 1.4.22".to_owned(),
        _ => return None,
    })
}

fn matrix() -> Matrix {
    let rows = CHECKS.map(|(check, profile, signs)| Row {
        check: check.to_owned(),
        requirement: "some.requirement".to_owned(),
        level: Level::Must,
        profile: profile.to_owned(),
        cells: signs
            .chars()
            .map(|sign| outcome(sign).map(|outcome| Observation { outcome, why: why(outcome) }))
            .collect(),
    });
    let columns = TARGETS.iter().enumerate().map(|(at, target)| {
        let mut summary: BTreeMap<String, Counts> = BTreeMap::new();
        for row in &rows {
            for key in ["all", &row.profile] {
                if let Some(cell) = &row.cells[at] {
                    *summary.entry(key.to_owned()).or_default().0.entry(cell.outcome).or_default() += 1;
                }
            }
        }
        let started = at != 2;
        let mut column = Column {
            target: (*target).to_owned(),
            implementation: Default::default(),
            edition: if started { "1.7.5".to_owned() } else { String::new() },
            exit_code: [0, 1, 3, 1][at],
            problems: if started { Vec::new() } else { vec!["cannot start `python3`: not found".to_owned()] },
            summary,
            agreement: [
                Some(Agreement { same: 4, compared: 6 }),
                Some(Agreement { same: 2, compared: 4 }),
                Some(Agreement { same: 0, compared: 0 }),
                None,
            ][at],
        };
        if started {
            column.implementation.name = "better-auth".to_owned();
            column.implementation.version = "1.7.5".to_owned();
        }
        column
    });
    Matrix {
        schema: SCHEMA,
        keyspec: "0.1.0".to_owned(),
        suite: "0123456789abcdef".to_owned(),
        partial: true,
        authority: Some("better-auth@1.7.5".to_owned()),
        denominators: BTreeMap::from([("all", 6), ("core", 4), ("limits", 1), ("organizations", 1)].map(own)),
        columns: columns.collect(),
        rows: rows.to_vec(),
        left_out: vec![LeftOut { target: "better-auth@1.7.0".to_owned(), reason: "the plugin is missing".to_owned() }],
    }
}

fn own((name, count): (&str, usize)) -> (String, usize) {
    (name.to_owned(), count)
}

fn shown(width: usize, all: bool) -> String {
    anstream::adapter::strip_str(&terminal(&matrix(), Layout { width, all })).to_string()
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn a_terminal_shows_where_targets_differ() {
    snapshot("matrix-terminal", &shown(100, false));
}

#[test]
fn a_narrow_terminal_gets_blocks_and_no_long_lines() {
    let text = shown(48, true);
    snapshot("matrix-terminal-narrow", &text);
    let tables = text.split("\nprofile").skip(1).flat_map(|part| part.split("\n\n").take(1)).flat_map(str::lines);
    let checks = text.lines().skip_while(|line| !line.starts_with("core  ")).skip(1);
    let checks = checks.take_while(|line| !line.starts_with("1 reference"));
    // Who is who, and the names of targets, are never cut.
    assert!(tables.chain(checks).all(|line| line.starts_with('✓') || line.chars().count() <= 48), "{text}");
}

#[test]
fn a_page_has_all_of_it_and_no_markup_of_a_target() {
    let page = markdown(&matrix());
    snapshot("matrix-markdown", &page);
    assert!(!page.contains("<b>") && !page.contains('\u{1b}'));
}

#[test]
fn the_document_reads_back() {
    assert_eq!(serde_json::from_str::<Matrix>(&json(&matrix())).unwrap(), matrix());
}

#[test]
fn shares_are_rounded_down() {
    assert_eq!(share(Agreement { same: 1999, compared: 2000 }), "1999 of 2000, 99.9 %");
    assert_eq!(share(Agreement { same: 0, compared: 0 }), "nothing to compare");
}
