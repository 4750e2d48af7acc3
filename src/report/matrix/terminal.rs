//! A matrix as wide as the terminal.

use std::fmt::Write as _;

use super::{Findings, legend, mark, profiles, score, share, verdict};
use crate::outcome::exit::ExitCode;
use crate::outcome::matrix::{Agreement, Column, LeftOut, Matrix, Row};
use crate::report::terminal::{BOLD, DIM, counted, one_line, paint, style};

/// How much is shown, and how wide.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Columns of the terminal.
    pub width: usize,
    /// Every check, not only those on which targets differ.
    pub all: bool,
}

/// Between columns.
const GAP: &str = "  ";

pub(super) fn render(matrix: &Matrix, layout: Layout) -> String {
    let mut out = head(matrix);
    out.push_str(&targets(matrix));
    out.push_str(&totals(matrix, layout));
    out.push_str(&checks(matrix, layout));
    for at in 0..matrix.columns.len() {
        out.push_str(&findings(matrix, at, layout));
    }
    for (reason, targets) in LeftOut::by_reason(&matrix.left_out) {
        let names = targets.iter().map(|target| one_line(target)).collect::<Vec<_>>().join(", ");
        let told = format!("{} left out, since {}: {names}", counted(targets.len(), "release"), one_line(reason));
        out.push_str(&wrapped(&told, 0, layout.width));
    }
    out
}

fn head(matrix: &Matrix) -> String {
    let partial = if matrix.partial { " · partial: filters leave checks out" } else { "" };
    let told = format!(
        "{} on {} · suite {}{partial}",
        counted(matrix.rows.len(), "check"),
        counted(matrix.columns.len(), "target"),
        matrix.suite
    );
    format!("{} {}\n\n", paint(BOLD, "keyspec matrix"), paint(DIM, &told))
}

/// Who is who. The numbers head the columns below.
fn targets(matrix: &Matrix) -> String {
    let widest = |text: fn(&Column) -> String| matrix.columns.iter().map(|one| text(one).chars().count()).max();
    let name = |column: &Column| one_line(&column.target);
    let who = |column: &Column| {
        let told = format!("{} {}", column.implementation.name, column.implementation.version);
        one_line(told.trim())
    };
    let widths = [widest(name), widest(who), widest(|column| one_line(&column.edition))].map(Option::unwrap_or_default);
    let mut out = String::new();
    for (at, column) in matrix.columns.iter().enumerate() {
        let agreement = match (&column.agreement, &matrix.authority) {
            (Some(Agreement { compared: 0, .. }), _) => String::new(),
            (Some(agreement), Some(_)) => format!(" · agrees on {}", share(*agreement)),
            (None, Some(authority)) if *authority == column.target => " · the others are compared with it".to_owned(),
            _ => String::new(),
        };
        let _ = writeln!(
            out,
            "{:>2} {:<name$}  {:<who$}  {:<edition$}  {}{}",
            at + 1,
            name(column),
            who(column),
            one_line(&column.edition),
            painted_verdict(column),
            paint(DIM, &agreement),
            name = widths[0],
            who = widths[1],
            edition = widths[2],
        );
    }
    out.push('\n');
    out
}

fn painted_verdict(column: &Column) -> String {
    use crate::outcome::check::Outcome::{Fail, Pass, Warn};
    let outcome = match ExitCode::from_number(column.exit_code) {
        ExitCode::Conforms => Pass,
        ExitCode::Findings => Fail,
        _ => Warn,
    };
    paint(style(outcome), &verdict(column))
}

/// Profiles against targets, in as many blocks as the width asks for.
fn totals(matrix: &Matrix, layout: Layout) -> String {
    let profiles = profiles(matrix);
    let scores: Vec<Vec<String>> = matrix
        .columns
        .iter()
        .map(|column| profiles.iter().map(|(profile, of)| score(column, profile, *of)).collect())
        .collect();
    let width = |scores: &Vec<String>| scores.iter().map(|one| one.chars().count()).max().unwrap_or(0).max(2);
    let mut out = String::new();
    for block in blocks(&scores.iter().map(width).collect::<Vec<_>>(), layout.width.saturating_sub(LABEL)) {
        let row = |label: &str, of: &str, cell: &dyn Fn(usize) -> String| {
            let cells = block.iter().map(|(at, width)| format!("{GAP}{:<width$}", cell(*at)));
            format!("{}\n", format!("{label:<14} {of:>5}{}", cells.collect::<String>()).trim_end())
        };
        out.push_str(&paint(DIM, &row("profile", "of", &|at| (at + 1).to_string())));
        for (index, (profile, of)) in profiles.iter().enumerate() {
            let cell = |at: usize| scores.get(at).and_then(|scores| scores.get(index)).cloned().unwrap_or_default();
            out.push_str(&row(&one_line(profile), &of.to_string(), &cell));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}\n", paint(DIM, &legend(matrix)));
    out
}

/// The label of a row of totals and its denominator. Columns.
const LABEL: usize = 20;

/// Columns with their widths, as many side by side as there is room for; never none.
fn blocks(widths: &[usize], room: usize) -> Vec<Vec<(usize, usize)>> {
    let mut blocks: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut used = 0;
    for (at, width) in widths.iter().enumerate() {
        used += width + GAP.len();
        match blocks.last_mut() {
            Some(block) if used <= room => block.push((at, *width)),
            _ => {
                used = width + GAP.len();
                blocks.push(vec![(at, *width)]);
            }
        }
    }
    blocks
}

/// Checks against targets, by profile.
fn checks(matrix: &Matrix, layout: Layout) -> String {
    let shown: Vec<&Row> = matrix.rows.iter().filter(|row| layout.all || row.differs()).collect();
    let told = match (shown.len(), layout.all) {
        (_, true) => String::new(),
        (0, _) => "no check on which targets differ; --all shows every check\n\n".to_owned(),
        (count, _) => format!("{} on which targets differ; --all shows every check\n\n", counted(count, "check")),
    };
    let mut out = paint(DIM, &told);
    let longest = shown.iter().map(|row| row.check.chars().count()).max().unwrap_or_default();
    let name = longest.min(layout.width.saturating_sub(3 * GAP.len()));
    let widths = vec![matrix.columns.len().to_string().len(); matrix.columns.len()];
    for block in blocks(&widths, layout.width.saturating_sub(name)) {
        for (profile, _) in profiles(matrix) {
            let rows: Vec<&&Row> = shown.iter().filter(|row| row.profile == profile).collect();
            if rows.is_empty() {
                continue;
            }
            let numbers: String = block.iter().map(|(at, width)| format!("{GAP}{:>width$}", at + 1)).collect();
            let _ = writeln!(out, "{}{}", paint(BOLD, &format!("{:<name$}", one_line(profile))), paint(DIM, &numbers));
            for row in rows {
                let cells = block.iter().map(|(at, width)| cell(row, *at, *width));
                let _ = writeln!(out, "{:<name$}{}", clipped(&one_line(&row.check), name), cells.collect::<String>());
            }
            out.push('\n');
        }
    }
    out
}

fn cell(row: &Row, at: usize, width: usize) -> String {
    let cell = row.cells.get(at).and_then(Option::as_ref);
    let sign = cell.map_or("?", |cell| mark(cell.outcome));
    let text = format!("{GAP}{sign:>width$}");
    cell.map_or_else(|| paint(DIM, &text), |cell| paint(style(cell.outcome), &text))
}

/// What one target does not do, and what was not asked of it.
fn findings(matrix: &Matrix, at: usize, layout: Layout) -> String {
    let Some(column) = matrix.columns.get(at) else { return String::new() };
    let found = Findings::of(matrix, at);
    let mut out = format!("{} {} · {}\n", at + 1, paint(BOLD, &one_line(&column.target)), painted_verdict(column));
    for problem in &column.problems {
        out.push_str(&wrapped(&one_line(problem), 2, layout.width));
    }
    for (row, cell) in &found.news {
        let word = paint(style(cell.outcome), &cell.outcome.word().to_uppercase());
        let _ = writeln!(out, "  {word} {}  {}", one_line(&row.check), paint(DIM, &one_line(&row.requirement)));
        if let Some(why) = &cell.why {
            let _ = writeln!(out, "    {}", clipped(&one_line(why), layout.width.saturating_sub(4)));
        }
    }
    for (reason, rows) in &found.known {
        out.push_str(&wrapped(&format!("known: {}", one_line(reason)), 2, layout.width));
        for row in rows {
            let _ = writeln!(out, "    {}  {}", one_line(&row.check), paint(DIM, &one_line(&row.requirement)));
        }
    }
    for (reason, count) in matrix.not_applicable(at) {
        out.push_str(&wrapped(&format!("{count} not applicable: {}", one_line(reason)), 2, layout.width));
    }
    out.push('\n');
    out
}

/// Broken between words where the width ends; further lines are indented by two more.
fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let mut out = " ".repeat(indent);
    let mut used = indent;
    for word in text.split(' ') {
        let long = word.chars().count();
        if used > indent && used + 1 + long > width {
            let _ = write!(out, "\n{:1$}", "", indent + 2);
            used = indent + 2;
        } else if used > indent {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += long;
    }
    out.push('\n');
    out
}

/// Cut where the width ends.
fn clipped(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}
