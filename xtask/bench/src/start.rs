//! Start-up time of `berthd`, until it is ready.

use anyhow::Result;
use xtask::{progress::Line, services::Folder};

use crate::{
    Subject,
    berthd::{Berthd, ThisMachine},
    report::{Table, millis},
    sample::Sample,
};

const ROUNDS: usize = 10;

/// Starts the server by turns in new folders and in the same one.
pub(super) fn measure(subject: &Subject<'_>, line: &mut Line) -> Result<Table> {
    let existing = Folder::create("bench-existing")?;
    // Creates the folder, and brings the program into the page cache.
    drop(Berthd::start(subject, existing.path(), ThisMachine::Off)?);
    let (mut fresh, mut again) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        line.note(&format!("round {round} of {ROUNDS}"));
        let folder = Folder::create("bench-fresh")?;
        fresh.push(Berthd::start(subject, folder.path(), ThisMachine::Off)?.took);
        again.push(Berthd::start(subject, existing.path(), ThisMachine::Off)?.took);
    }
    let row = |name: &str, sample: &Sample| {
        vec![name.to_owned(), millis(sample.p50()), millis(sample.p99())]
    };
    Ok(Table {
        title: "Start",
        method: format!(
            "From starting the process to the first `200` of `/readyz`, asked every millisecond; \
             {ROUNDS} rounds of each kind, alternating. The program is in the page cache. A new folder \
             gets its keys and its database with every migration."
        ),
        columns: vec!["Data folder", "p50", "slowest"],
        rows: vec![
            row("new", &Sample::new(fresh)?),
            row("existing", &Sample::new(again)?),
        ],
    })
}
