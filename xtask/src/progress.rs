//! Progress lines, one per step: `[2/7] wasm-bindgen 0.2.130 … ok (12 s)`.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::process::Watcher;

/// Interval of the messages of a long step if lines cannot be overwritten.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Maximum length of a terminal line. A longer one would wrap and could not be overwritten.
const TERMINAL_COLUMNS: usize = 79;

/// Outcome of a step that did not fail.
pub enum Outcome {
    /// Nothing to do.
    Ready,
    /// Done now.
    Done,
    /// Not possible here, but optional; the text gives the reason and the remedy.
    Skipped(String),
}

/// Counts steps and prints their lines.
pub struct Progress {
    total: usize,
    current: usize,
    is_terminal: bool,
}

impl Progress {
    /// Creates the progress of this many steps.
    pub fn new(total: usize) -> Self {
        Self {
            total,
            current: 0,
            is_terminal: io::stdout().is_terminal(),
        }
    }

    /// Runs the next step and prints its outcome.
    ///
    /// A failure is marked, but not explained.
    pub fn step(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Line) -> Result<Outcome>,
    ) -> Result<Outcome> {
        self.current += 1;
        let mut line = Line {
            title: format!("[{}/{}] {name} …", self.current, self.total),
            last: String::new(),
            started: Instant::now(),
            reported: Instant::now(),
            is_terminal: self.is_terminal,
        };
        line.show();
        let outcome = work(&mut line);
        let verdict = match &outcome {
            Ok(Outcome::Ready) => "ready".to_owned(),
            Ok(Outcome::Done) => format!("ok ({})", seconds(line.started.elapsed())),
            Ok(Outcome::Skipped(reason)) => format!("skipped: {reason}"),
            Err(_) => format!("failed ({})", seconds(line.started.elapsed())),
        };
        line.finish(&verdict);
        outcome
    }
}

/// Line of the current step.
pub struct Line {
    title: String,
    last: String,
    started: Instant,
    reported: Instant,
    is_terminal: bool,
}

impl Line {
    /// Shows the current activity of the step.
    pub fn note(&mut self, text: &str) {
        text.trim().clone_into(&mut self.last);
        self.show();
    }

    fn show(&self) {
        if self.is_terminal {
            let text = format!("{} {} {}", self.title, self.elapsed(), self.last);
            let text: String = text.chars().take(TERMINAL_COLUMNS).collect();
            print_now(&format!("\r\x1b[2K{text}"));
        }
    }

    fn finish(&self, verdict: &str) {
        let clear = if self.is_terminal { "\r\x1b[2K" } else { "" };
        print_now(&format!("{clear}{} {verdict}\n", self.title));
    }

    fn elapsed(&self) -> String {
        seconds(self.started.elapsed())
    }
}

impl Watcher for Line {
    fn line(&mut self, line: &str) {
        let line = without_colors(line);
        let line = line.trim();
        if !line.is_empty() {
            line.clone_into(&mut self.last);
        }
    }

    fn tick(&mut self) {
        if self.is_terminal {
            self.show();
        } else if self.reported.elapsed() >= HEARTBEAT {
            self.reported = Instant::now();
            print_now(&format!(
                "{} {}: {}\n",
                self.title,
                self.elapsed(),
                self.last
            ));
        }
    }
}

/// Formats a duration: `12 s`, `3 min 5 s`.
pub fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// Removes the escape sequences (ECMA-48) that color a program's output.
fn without_colors(text: &str) -> String {
    let mut rest = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            // `ESC [ parameters letter`
            rest.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}

/// Prints at once, and ignores errors: a closed output must not fail a task.
fn print_now(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_readable() {
        assert_eq!(seconds(Duration::from_millis(900)), "0 s");
        assert_eq!(seconds(Duration::from_secs(59)), "59 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 5 s");
    }

    #[test]
    fn colors_are_left_out() {
        let text = "\u{1b}[38;5;77m  Front\u{1b}[0m ready";
        assert_eq!(without_colors(text), "  Front ready");
    }

    #[test]
    fn the_outcome_of_a_step_is_passed_on() {
        let mut progress = Progress::new(1);
        let outcome = progress.step("a step", |_| Ok(Outcome::Ready));
        assert!(matches!(outcome, Ok(Outcome::Ready)));
    }
}
