//! Collects the lines of one instance.

use std::{pin::pin, sync::Arc, time::Duration};

use futures::StreamExt;
use models::runner::{LogEntry, MAX_LOG_LINE_BYTES, MAX_RUNNER_FRAME_BYTES};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::debug;

use super::line_ids::LineIdAssigner;
use crate::{
    context::AgentContext,
    informer::Snapshot,
    platform::{InstanceKey, LogStart, PlatformLine, Reconciler},
    task,
};

/// Most bytes of one line when written as JSON, so that it fits in a frame.
const MAX_WRITTEN_BYTES: usize = MAX_RUNNER_FRAME_BYTES / 4 * 3;

/// Bytes of a control character in JSON; all other characters need fewer.
const MOST_OF_ONE: usize = 6;

/// The task that reads an instance's lines; dropping it stops the task.
#[derive(Debug)]
pub(crate) struct Collector {
    task: AbortOnDropHandle<()>,
    finishing: CancellationToken,
}

impl Collector {
    pub(super) fn start<R: Reconciler>(
        context: Arc<AgentContext>,
        reconciler: Arc<R>,
        key: InstanceKey,
        from: LogStart,
    ) -> Self {
        let finishing = CancellationToken::new();
        let reading = read(context, reconciler, key, from, finishing.clone());
        Self {
            task: task::spawn_owned(reading),
            finishing,
        }
    }

    /// True if it has nothing left to do.
    pub(super) fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    /// Reads the remaining lines of an instance that exited, at most for `limit`.
    pub(crate) async fn finish(self, limit: Duration) {
        self.finishing.cancel();
        // When the queue is full because the server is away, the remaining lines are lost with
        // the instance; a longer wait would delay its removal.
        if timeout(limit, self.task).await.is_err() {
            debug!("the last log lines of an instance may be missing");
        }
    }
}

async fn read<R: Reconciler>(
    context: Arc<AgentContext>,
    reconciler: Arc<R>,
    key: InstanceKey,
    from: LogStart,
    finishing: CancellationToken,
) {
    let mut line_ids = LineIdAssigner::default();
    let mut snapshots = context.informer.snapshots();
    loop {
        // Only a reading that begins after the exit is sure to see the last line.
        let is_last = finishing.is_cancelled();
        let from = line_ids.newest().map_or(from, LogStart::Since);
        line_ids.begin_reading();
        read_once((&context, &*reconciler), &key, from, &mut line_ids).await;
        if is_last {
            return;
        }
        tokio::select! {
            () = finishing.cancelled() => {}
            runs = wait_until_running(&mut snapshots, &key, context.timings.retry_first) => {
                if !runs { return }
            }
        }
    }
}

/// Reads until the instance exits or the platform breaks off.
async fn read_once<R: Reconciler>(
    (context, reconciler): (&AgentContext, &R),
    key: &InstanceKey,
    from: LogStart,
    line_ids: &mut LineIdAssigner,
) {
    let mut lines = pin!(reconciler.logs(key, from));
    while let Some(line) = lines.next().await {
        match line {
            Ok(line) => push(context, key, line, line_ids).await,
            Err(error) => {
                debug!(
                    instance.id = %key.instance_id,
                    error = %error,
                    source = ?error.source,
                    "reading log lines was interrupted"
                );
                return;
            }
        }
    }
}

async fn push(
    context: &AgentContext,
    key: &InstanceKey,
    line: PlatformLine,
    line_ids: &mut LineIdAssigner,
) {
    let text = String::from_utf8_lossy(&line.bytes);
    for (part, goes_on) in parts(&text) {
        if let Some((at, ordinal)) = line_ids.assign(line.stream, line.at, context.host.now()) {
            let entry = LogEntry {
                instance_id: key.instance_id,
                at,
                ordinal,
                stream: line.stream,
                text: part.to_owned(),
                is_cut: goes_on || line.is_cut,
            };
            context.log_queue.push(key.deployment_id, entry).await;
        }
    }
}

/// Waits until the instance runs (again), or is gone.
async fn wait_until_running(
    snapshots: &mut watch::Receiver<Snapshot>,
    key: &InstanceKey,
    pause: Duration,
) -> bool {
    // A stream may end a moment before the snapshot shows why; do not ask again at once.
    sleep(pause).await;
    let snapshot = snapshots.wait_for(|snapshot| {
        snapshot
            .get(key)
            .is_none_or(|instance| instance.state.is_up())
    });
    snapshot
        .await
        .is_ok_and(|snapshot| snapshot.get(key).is_some())
}

/// Splits a text that does not fit into an entry, at character boundaries.
///
/// Yields each part, with true if more follow.
fn parts(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (part, behind) = text.split_at(end_of_part(text));
        rest = (!behind.is_empty()).then_some(behind);
        Some((part, rest.is_some()))
    })
}

/// Returns the length of the first part of a text.
fn end_of_part(text: &str) -> usize {
    if text.len() <= MAX_WRITTEN_BYTES / MOST_OF_ONE {
        return text.len();
    }
    let mut written = 0;
    let mut characters = text.char_indices();
    let beyond = characters.find(|(at, character)| {
        written += written_bytes(*character);
        at + character.len_utf8() > MAX_LOG_LINE_BYTES || written > MAX_WRITTEN_BYTES
    });
    beyond.map_or(text.len(), |(at, _)| at)
}

/// Bytes of a character in a JSON string (RFC 8259 §7).
const fn written_bytes(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\x08' | '\x0c' => 2,
        '\0'..='\x1f' => MOST_OF_ONE,
        _ => character.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use models::runner::{MAX_LOG_LINE_BYTES, MAX_RUNNER_FRAME_BYTES};

    use super::parts;

    #[test]
    fn an_ordinary_line_is_one_part_and_so_is_an_empty_one() {
        for text in ["hello", "", &"x".repeat(MAX_LOG_LINE_BYTES)] {
            assert_eq!(parts(text).collect::<Vec<_>>(), [(text, false)]);
        }
    }

    #[test]
    fn a_long_line_is_cut_between_characters_and_nothing_is_lost() {
        for text in [
            "x".repeat(700_000),
            "ü".repeat(300_000),
            "a".to_owned() + &"🦀".repeat(150_000),
            "\u{fffd}".repeat(MAX_LOG_LINE_BYTES),
            "\u{1}".repeat(MAX_LOG_LINE_BYTES),
        ] {
            let cut: Vec<(&str, bool)> = parts(&text).collect();
            assert!(cut.len() > 1);
            let goes_on: Vec<bool> = cut.iter().map(|(_, goes_on)| *goes_on).collect();
            assert!(goes_on.iter().rev().skip(1).all(|goes_on| *goes_on));
            assert_eq!(goes_on.last(), Some(&false));
            for (part, _) in &cut {
                assert!(part.len() <= MAX_LOG_LINE_BYTES);
                let written = serde_json::to_string(part).unwrap();
                assert!(written.len() < MAX_RUNNER_FRAME_BYTES * 4 / 5);
            }
            let all: String = cut.into_iter().map(|(part, _)| part).collect();
            assert_eq!(all, text);
        }
    }
}
