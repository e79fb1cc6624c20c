//! The figures as Markdown, and their section in `docs/BENCHMARKS.md`.

use std::{fmt::Write, fs, time::Duration};

use anyhow::{Context, Result};
use xtask::workspace::Workspace;

const FILE: &str = "docs/BENCHMARKS.md";
/// Start and end markers; the text between them belongs to the last run.
const BEGIN: &str = "<!-- Written by `cargo xtask bench`: -->";
const END: &str = "<!-- End of what `cargo xtask bench` wrote. -->";

/// A table with its heading and the notes for reading it.
pub(super) struct Table {
    pub(super) title: &'static str,
    /// Method of the measurement, and limits of the figures.
    pub(super) method: String,
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

/// Returns the whole report.
pub(super) fn text(about: &str, tables: &[Table]) -> String {
    let mut text = format!("{about}\n");
    for table in tables {
        write_table(&mut text, table);
    }
    text
}

fn write_table(text: &mut String, table: &Table) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "\n### {}\n\n{}\n", table.title, table.method);
    let _ = writeln!(text, "| {} |", table.columns.join(" | "));
    let _ = writeln!(text, "|---{}|", "|---:".repeat(table.columns.len() - 1));
    for row in &table.rows {
        // Missing cells are empty.
        let mut cells = row.clone();
        cells.resize(table.columns.len(), String::new());
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}

/// Replaces the previous report.
pub(super) fn write(workspace: &Workspace, report: &str) -> Result<()> {
    let path = workspace.root().join(FILE);
    let old = fs::read_to_string(&path).with_context(|| format!("cannot read {FILE}"))?;
    let new = replace(&old, report)
        .with_context(|| format!("{FILE} lacks the lines {BEGIN:?} and {END:?}"))?;
    fs::write(&path, new).with_context(|| format!("cannot write {FILE}"))
}

fn replace(old: &str, report: &str) -> Option<String> {
    let (before, rest) = old.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{report}\n{END}{after}"))
}

/// Formats a duration in milliseconds, with three significant digits.
pub(super) fn millis(duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1_000.0;
    let decimals = match millis {
        ..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{millis:.decimals$} ms")
}

/// Formats a difference, which may be negative, in milliseconds.
pub(super) fn difference(left: Duration, right: Duration) -> String {
    let sign = if left < right { '−' } else { '+' };
    format!("{sign}{}", millis(left.abs_diff(right)))
}

/// Formats a ratio.
pub(super) fn ratio(left: Duration, right: Duration) -> String {
    format!("{:.2} ×", left.as_secs_f64() / right.as_secs_f64())
}

/// Formats a number of bytes in units of 1,000, as for networks.
pub(super) fn kilobytes(bytes: usize) -> String {
    format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100)
}

/// Formats a number of bytes in MiB, as for memory.
pub(super) fn mebibytes(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    format!("{}.{} MiB", bytes / MIB, bytes % MIB * 10 / MIB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_mean_something() {
        assert_eq!(millis(Duration::from_micros(1_234)), "1.23 ms");
        assert_eq!(millis(Duration::from_micros(12_345)), "12.3 ms");
        assert_eq!(millis(Duration::from_micros(123_456)), "123 ms");
        let (long, short) = (Duration::from_millis(30), Duration::from_millis(20));
        assert_eq!(difference(long, short), "+10.0 ms");
        assert_eq!(difference(short, long), "−10.0 ms");
        assert_eq!(ratio(long, short), "1.50 ×");
        assert_eq!(kilobytes(61_250), "61.2 kB");
        assert_eq!(mebibytes(30_139_056), "28.7 MiB");
    }

    #[test]
    fn a_report_takes_the_place_of_the_one_before() {
        let old = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        let new = replace(&old, "new\n").unwrap();
        assert_eq!(new, format!("a\n{BEGIN}\n\nnew\n\n{END}\nb\n"));
        assert!(replace("nothing", "new").is_none());
    }
}
