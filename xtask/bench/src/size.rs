//! Size of the programs on disk.

use std::fs;

use anyhow::Result;
use xtask::progress::Line;

use crate::{
    Subject,
    report::{Table, mebibytes},
};

/// Measures the files.
pub(super) fn measure(subject: &Subject<'_>, _line: &mut Line) -> Result<Table> {
    let row = |name: &str, path| -> Result<Vec<String>> {
        Ok(vec![name.to_owned(), mebibytes(fs::metadata(path)?.len())])
    };
    Ok(Table {
        title: "Sizes",
        method: "Release builds without symbols. `berthd` has the dashboard, all of its files in \
                 three encodings, and this machine's runner inside."
            .to_owned(),
        columns: vec!["Program", "size"],
        rows: vec![
            row("`berthd`", &subject.server)?,
            row("`berth-runner-docker`", &subject.runner)?,
        ],
    })
}
