//! Summary at the end of every test run.

use std::{
    fmt::{self, Display, Formatter},
    time::{Duration, Instant},
};

use crate::progress;

/// Result of one part.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) count: Count,
    pub(crate) took: Duration,
    /// Build time, if known.
    pub(crate) built: Duration,
    pub(crate) note: String,
}

/// Numbers of tests or checks, by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
}

impl Row {
    /// Creates a row for a failure outside of tests.
    pub(crate) fn failed(name: &str, note: &str) -> Self {
        Self {
            count: Count {
                failed: 1,
                ..Count::default()
            },
            ..Self::note(name, note)
        }
    }

    /// Creates a row for a step that takes time but is not a test.
    pub(crate) fn took(name: &str, started: Instant) -> Self {
        Self {
            took: started.elapsed(),
            ..Self::note(name, "")
        }
    }

    /// Creates a row with a note that neither passes nor fails.
    pub(crate) fn note(name: &str, note: &str) -> Self {
        Self {
            name: name.to_owned(),
            note: note.to_owned(),
            ..Self::default()
        }
    }
}

impl Count {
    /// Adds the numbers of another run.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// All rows, printed as a table that ends with the line `N passed, N failed`.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    /// Time of the whole run, in which some parts ran side by side.
    pub(crate) took: Duration,
}

impl Report {
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// True if something ran and nothing failed.
    pub(crate) fn is_good(&self) -> bool {
        let total = self.total();
        total.passed > 0 && total.failed == 0
    }

    fn total(&self) -> Count {
        let mut total = Count::default();
        for row in &self.rows {
            total.add(row.count);
        }
        total
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let width = self
            .rows
            .iter()
            .map(|row| row.name.chars().count())
            .max()
            .unwrap_or(0);
        writeln!(f, "{:width$}  passed  failed  skipped   time  build", "")?;
        for Row {
            name,
            count,
            took,
            built,
            note,
        } in &self.rows
        {
            let line = format!(
                "{name:width$}  {:>6}  {:>6}  {:>7}  {:>3} s  {:>3} s  {note}",
                count.passed,
                count.failed,
                count.skipped,
                took.as_secs(),
                built.as_secs(),
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        writeln!(f, "\ntotal time: {}", progress::seconds(self.took))?;
        let total = self.total();
        write!(f, "{} passed, {} failed", total.passed, total.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_everything() {
        let mut report = Report {
            took: Duration::from_secs(65),
            ..Report::default()
        };
        report.add(Row {
            name: "unit".to_owned(),
            count: Count {
                passed: 12,
                failed: 0,
                skipped: 1,
            },
            took: Duration::from_secs(65),
            built: Duration::from_secs(40),
            note: String::new(),
        });
        report.add(Row::note("Redis", "missing"));
        assert!(report.is_good());
        report.add(Row::failed("set-up", "see above"));
        assert!(!report.is_good());
        assert_eq!(
            report.to_string(),
            "        passed  failed  skipped   time  build\n\
             unit        12       0        1   65 s   40 s\n\
             Redis        0       0        0    0 s    0 s  missing\n\
             set-up       0       1        0    0 s    0 s  see above\n\
             \n\
             total time: 1 min 5 s\n\
             12 passed, 1 failed"
        );
    }

    #[test]
    fn a_run_without_any_test_is_not_good() {
        assert!(!Report::default().is_good());
    }
}
