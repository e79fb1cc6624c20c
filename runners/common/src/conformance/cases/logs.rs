//! Log lines of apps.

use std::collections::BTreeMap;

use models::{deployment::LogStream, runner::LogEntry, time::Timestamp};

use crate::conformance::{App, Harness, Link, Subject, harness::release_id};

type Name = (Timestamp, u32);

/// Stores lines as a server does: one for each line id, ordered by id.
fn kept(lines: impl IntoIterator<Item = LogEntry>) -> BTreeMap<Name, String> {
    let mut kept = BTreeMap::new();
    for line in lines {
        assert_eq!(line.stream, LogStream::Stdout);
        let name = (line.at, line.ordinal);
        if let Some(other) = kept.insert(name, line.text.clone()) {
            assert_eq!(other, line.text, "two lines have the name {name:?}");
        }
    }
    kept
}

fn expected() -> Vec<String> {
    (0..App::LINES)
        .map(|number| format!("line {number}"))
        .collect()
}

async fn until_last_line(link: &mut Link) {
    let last = format!("line {}", App::LINES - 1);
    while link.lines.last().is_none_or(|line| line.text != last) {
        link.recv().await;
    }
}

/// Every line arrives, from the first one on.
///
/// Lines that were on their way when the link broke come again, under the same ids.
pub async fn lines_arrive_in_order_and_once_over_a_lost_link<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Lines, None);
    link.change(&app).await;

    // The first lines are acknowledged; the next ones arrive without an acknowledgment.
    while link.lines.is_empty() {
        link.recv().await;
    }
    link.keeps_logs = false;
    let confirmed = link.lines.len();
    while link.lines.len() == confirmed {
        link.recv().await;
    }
    let first = link.cut();

    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&app)).await;
    until_last_line(&mut link).await;
    let second = link.lines.clone();

    assert_eq!(
        second[0], first[confirmed],
        "what was not confirmed comes first"
    );
    let both: Vec<LogEntry> = [first, second].concat();
    assert_eq!(kept(both).into_values().collect::<Vec<_>>(), expected());
    harness.finish(link, &[&app]).await;
}

/// A new process does not know which lines the last one sent.
///
/// Their ids tell the server.
pub async fn a_restarted_runner_gives_lines_the_same_names<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Lines, None);
    link.change(&app).await;
    link.live(release_id(&app)).await;
    until_last_line(&mut link).await;
    let first = link.cut();

    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&app)).await;
    until_last_line(&mut link).await;
    assert_eq!(kept(link.lines.clone()), kept(first));
    harness.finish(link, &[&app]).await;
}
