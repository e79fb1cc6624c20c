//! A log behaves like a plain list of lines, whatever happens to it.

use std::{
    collections::{HashMap, HashSet},
    future::poll_fn,
    pin::pin,
    task::Poll,
};

use api::{db_test, services};
use harness::log::{Fixture, assert_in_order, line, ordinary, pages_of};
use models::{deployment::LogLine, runner::LogEntry};

/// A random number generator that depends only on its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }
}

/// The expected contents: the lines in the order of their first arrival.
#[derive(Default)]
struct Model {
    lines: Vec<LogEntry>,
    printed: HashMap<u128, i64>,
}

impl Model {
    /// Prints lines that were never sent.
    fn print(&mut self, dice: &mut Dice) -> Vec<LogEntry> {
        let count = [1, 3, 40, 400][dice.below(4)];
        let new = (0..count).map(|_| {
            let of = 1 + u128::try_from(dice.below(3)).unwrap();
            let number = self.printed.entry(of).or_default();
            *number += 1 + i64::try_from(dice.below(3)).unwrap();
            let text = format!("{of} {}", ordinary(*number));
            LogEntry {
                is_cut: dice.below(9) == 0,
                ..line(of, *number, text)
            }
        });
        new.collect()
    }

    /// A batch as a runner sends it: perhaps some lines again, then new ones.
    fn batch(&mut self, dice: &mut Dice) -> Vec<LogEntry> {
        let again = [0, 0, 10, 700][dice.below(4)].min(self.lines.len());
        let from = self.lines.len() - again;
        let mut batch = self.lines[from..].to_vec();
        let new = self.print(dice);
        self.lines.extend(new.iter().cloned());
        batch.extend(new);
        batch
    }

    fn assert_same(&self, kept: &[LogLine]) {
        assert_in_order(kept);
        let kept: Vec<_> = kept
            .iter()
            .map(|line| {
                (
                    line.instance_id,
                    line.at,
                    line.stream,
                    line.text.as_str(),
                    line.is_cut,
                )
            })
            .collect();
        let lines: Vec<_> = self
            .lines
            .iter()
            .map(|line| {
                (
                    line.instance_id,
                    line.at,
                    line.stream,
                    line.text.as_str(),
                    line.is_cut,
                )
            })
            .collect();
        assert!(
            kept == lines,
            "{} lines kept of {}",
            kept.len(),
            lines.len()
        );
    }
}

/// Polls a future this many times, then drops it as a crash would.
async fn cut_off_after(polls: usize, work: impl Future) -> bool {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(true);
        }
        left -= 1;
        work.as_mut().poll(context).map(|_| false)
    })
    .await
}

db_test! {
    async fn a_log_equals_a_plain_list_after_any_interruption(db: Db) {
        let fixture = Fixture::new(db).await;
        let app = &fixture.server.app;
        let mut cut = 0;
        let mut dice = Dice(0x00C0_FFEE);
        let mut model = Model::default();
        for _ in 0..250 {
            match dice.below(6) {
                0..=2 => {
                    let batch = model.batch(&mut dice);
                    // A runner sends unacknowledged lines again.
                    let sending = fixture.append(&batch);
                    if cut_off_after(1 + dice.below(30), sending).await {
                        fixture.append(&batch).await;
                    }
                }
                3 | 4 => {
                    // Interrupted at each await point, a little later each time.
                    for polls in 1.. {
                        let closing = services::log::compact(app, fixture.deployment_id);
                        if !cut_off_after(polls, closing).await {
                            break;
                        }
                        cut += 1;
                    }
                    fixture.assert_consistent().await;
                }
                _ => {
                    let limit = [1_000, 777][dice.below(2)];
                    model.assert_same(&fixture.forward(&pages_of(limit)).await);
                    model.assert_same(&fixture.backward(&pages_of(limit)).await);
                }
            }
        }
        println!("{cut} times cut off, {} lines", model.lines.len());
        // The number depends on the speed of the database: a future that is ready is not
        // awaited.
        assert!(cut > 0, "it was never cut off");
        model.assert_same(&fixture.forward(&pages_of(1_000)).await);
        fixture.compact().await;
        fixture.assert_consistent().await;
        model.assert_same(&fixture.backward(&pages_of(1_000)).await);
        let names: HashSet<_> = model.lines.iter().map(|line| (line.instance_id, line.at)).collect();
        assert_eq!(names.len(), model.lines.len());
    }
}
