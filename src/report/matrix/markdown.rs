//! A matrix as a page.

use std::fmt::Write as _;

use super::{Findings, legend, mark, profiles, score, share, verdict};
use crate::outcome::matrix::{Column, LeftOut, Matrix, Row};
use crate::report::markup::{code, table, text};
use crate::report::terminal::counted;

pub(super) fn render(matrix: &Matrix) -> String {
    let mut out = format!(
        "# {} side by side\n\nkeyspec {}, suite {}, {}.{}\n\n",
        counted(matrix.columns.len(), "target"),
        text(&matrix.keyspec),
        code(&matrix.suite),
        counted(matrix.rows.len(), "check"),
        if matrix.partial { " **Partial: filters leave checks out.**" } else { "" },
    );
    out.push_str(&targets(matrix));
    out.push_str("## By profile\n\nOf so many checks; each column adds up to that.\n\n");
    out.push_str(&totals(matrix));
    let _ = writeln!(out, "{}\n", text(&legend(matrix)));
    out.push_str(&differences(matrix));
    for at in 0..matrix.columns.len() {
        out.push_str(&findings(matrix, at));
    }
    if !matrix.left_out.is_empty() {
        out.push_str("## Left out\n\n");
        for (reason, targets) in LeftOut::by_reason(&matrix.left_out) {
            let targets = targets.iter().map(|target| code(target)).collect::<Vec<_>>().join(", ");
            let _ = writeln!(out, "- {targets}: {}", text(reason));
        }
    }
    out
}

fn targets(matrix: &Matrix) -> String {
    let authority = matrix.authority.as_deref();
    let agreement = |column: &Column| match column.agreement {
        Some(agreement) => share(agreement),
        None if authority == Some(&column.target) => "compared with".to_owned(),
        None => String::new(),
    };
    let rows: Vec<Vec<String>> = matrix
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let implementation = format!("{} {}", column.implementation.name, column.implementation.version);
            vec![
                (at + 1).to_string(),
                code(&column.target),
                text(implementation.trim()),
                text(&column.edition),
                verdict(column),
                agreement(column),
            ]
        })
        .collect();
    table(&["", "target", "implementation", "edition", "verdict", "agreement"].map(str::to_owned), &rows)
}

fn totals(matrix: &Matrix) -> String {
    let numbers = (1..=matrix.columns.len()).map(|number| number.to_string());
    let head: Vec<String> = ["profile".to_owned(), "of".to_owned()].into_iter().chain(numbers).collect();
    let rows: Vec<Vec<String>> = profiles(matrix)
        .into_iter()
        .map(|(profile, of)| {
            let scores = matrix.columns.iter().map(|column| text(&score(column, profile, of)));
            [text(profile), of.to_string()].into_iter().chain(scores).collect()
        })
        .collect();
    table(&head, &rows)
}

fn differences(matrix: &Matrix) -> String {
    let differing: Vec<&Row> = matrix.rows.iter().filter(|row| row.differs()).collect();
    let mut out = format!("## Where targets differ\n\n{}.\n\n", counted(differing.len(), "check"));
    if differing.is_empty() {
        return out;
    }
    let numbers = (1..=matrix.columns.len()).map(|number| number.to_string());
    let head: Vec<String> = ["check".to_owned(), "requirement".to_owned()].into_iter().chain(numbers).collect();
    let rows: Vec<Vec<String>> = differing
        .iter()
        .map(|row| {
            let cells = row.cells.iter().map(|cell| cell.as_ref().map_or("?", |cell| mark(cell.outcome)));
            [code(&row.check), code(&row.requirement)].into_iter().chain(cells.map(text)).collect()
        })
        .collect();
    out.push_str(&table(&head, &rows));
    out
}

fn findings(matrix: &Matrix, at: usize) -> String {
    let Some(column) = matrix.columns.get(at) else { return String::new() };
    let found = Findings::of(matrix, at);
    let mut out = format!("## {}: {}\n\n", code(&column.target), verdict(column));
    for problem in &column.problems {
        let _ = writeln!(out, "{}\n", text(problem));
    }
    for (row, cell) in &found.news {
        let why = cell.why.as_deref().map(|why| format!(": {}", text(why))).unwrap_or_default();
        let _ = writeln!(out, "- **{}** {} ({}){why}", cell.outcome.word(), code(&row.check), code(&row.requirement));
    }
    for (reason, rows) in &found.known {
        let _ = writeln!(out, "- known: {}", text(reason));
        for row in rows {
            let _ = writeln!(out, "  - {} ({})", code(&row.check), code(&row.requirement));
        }
    }
    if !found.news.is_empty() || !found.known.is_empty() {
        out.push('\n');
    }
    let left_out = matrix.not_applicable(at);
    if !left_out.is_empty() {
        out.push_str("Not applicable:\n\n");
        for (reason, count) in left_out {
            let _ = writeln!(out, "- {count}: {}", text(reason));
        }
        out.push('\n');
    }
    out
}
