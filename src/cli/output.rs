//! Streams: results on standard output, everything else on standard error, progress only on a terminal.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::failure::Failure;

/// When to colour. `auto` honours NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE and whether a terminal is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    fn choice(self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self {
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
            Self::Auto if set("NO_COLOR") => ColorChoice::Never,
            Self::Auto if set("FORCE_COLOR") => ColorChoice::Always,
            Self::Auto => AutoStream::choice(stream),
        }
    }
}

/// A result, on standard output. A reader that went away early (`| head`) is no error.
pub fn print(color: Color, text: &str) {
    let out = std::io::stdout();
    let choice = color.choice(&out);
    let mut out = AutoStream::new(out.lock(), choice);
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// A sentence on standard error.
pub fn note(text: &str) {
    let err = std::io::stderr();
    let choice = Color::Auto.choice(&err);
    let _ = writeln!(AutoStream::new(err.lock(), choice), "{text}");
}

/// A message on standard error that ends the command.
pub fn complain(message: &str) {
    note(&format!("{}error{}: {message}", anstyle::AnsiColor::Red.on_default().bold(), anstyle::Reset));
}

/// The columns that a text on standard output may use: those of the terminal, or of `COLUMNS`.
pub fn width() -> usize {
    let named = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let there = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    named.or_else(there).unwrap_or(WIDTH).max(40)
}

/// Where there is no terminal. Columns.
const WIDTH: usize = 120;

/// Writes a report; `-` is standard output.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if path == Path::new("-") {
        print(Color::Never, text);
        return Ok(());
    }
    let written = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(path, text));
    written.map_err(|error| Failure::environment(format!("cannot write {}: {error}", path.display())))
}

/// Progress on standard error: a line that moves on a terminal, and nothing anywhere else.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// `total` checks; 0 when it is not known yet.
    pub fn new(quiet: bool) -> Self {
        let target = if quiet || !std::io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        bar.set_style(spinner());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }

    /// Something that takes long began. Without a terminal it is told once, as a line.
    pub fn doing(&self, what: &str) {
        if self.bar.is_hidden() {
            note(what);
        } else {
            self.bar.set_message(what.to_owned());
        }
    }

    /// How it goes; nothing without a terminal.
    pub fn tell(&self, line: &str) {
        self.bar.set_message(line.to_owned());
    }

    /// Prints something while the line stands aside.
    pub fn aside(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// So many checks are to come.
    pub fn expect(&self, checks: usize) {
        self.bar.set_style(counter());
        self.bar.set_message("");
        self.bar.set_length(checks as u64);
    }

    /// So many checks more are to come.
    pub fn expect_more(&self, checks: usize) {
        self.bar.set_style(counter());
        self.bar.inc_length(checks as u64);
    }

    /// One check is done.
    pub fn step(&self, bad: usize) {
        if bad > 0 {
            self.bar.set_message(format!("{bad} to look at"));
        }
        self.bar.inc(1);
    }

    /// The line disappears.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg} {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn counter() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {pos}/{len} checks {elapsed} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
