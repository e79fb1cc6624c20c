//! Reads the lines of one instance.

use std::{pin::pin, sync::Arc, time::Duration};

use futures::StreamExt;
use models::runner::LogEntry;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::debug;

use super::naming::Namer;
use crate::{
    context::Context,
    observer::View,
    runner::{InstanceKey, LogStart, PlatformLine, Runner},
    task,
};

/// Longer lines are cut into several; container engines do the same.
const MAX_LINE_BYTES: usize = 16 * 1024;

/// The task that reads an instance's lines; dropping it ends the reading.
#[derive(Debug)]
pub(crate) struct Collector {
    task: AbortOnDropHandle<()>,
    finishing: CancellationToken,
}

impl Collector {
    pub(super) fn start<R: Runner>(
        context: Arc<Context<R>>,
        key: InstanceKey,
        from: LogStart,
    ) -> Self {
        let finishing = CancellationToken::new();
        let reading = read(context, key, from, finishing.clone());
        Self {
            task: task::owned(reading),
            finishing,
        }
    }

    /// Whether it has nothing left to do.
    pub(super) fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    /// The instance has ended: reads what is left of its lines, for so long at the most.
    pub(crate) async fn finish(self, limit: Duration) {
        self.finishing.cancel();
        // When there is no room for more because the server is away, what is left is lost with
        // the instance; waiting longer would keep what should be down.
        if timeout(limit, self.task).await.is_err() {
            debug!("an instance's last lines were not all read");
        }
    }
}

async fn read<R: Runner>(
    context: Arc<Context<R>>,
    key: InstanceKey,
    from: LogStart,
    finishing: CancellationToken,
) {
    let mut namer = Namer::default();
    let mut views = context.observer.views();
    loop {
        // Only a reading that begins after the end is sure to see the last line.
        let is_last = finishing.is_cancelled();
        let from = namer.newest().map_or(from, LogStart::Since);
        namer.reread();
        read_once(&context, &key, from, &mut namer).await;
        if is_last {
            return;
        }
        tokio::select! {
            () = finishing.cancelled() => {}
            runs = runs_again(&mut views, &key, context.timings.retry_first) => if !runs { return },
        }
    }
}

/// Reads until the instance ends or the platform breaks off.
async fn read_once<R: Runner>(
    context: &Context<R>,
    key: &InstanceKey,
    from: LogStart,
    namer: &mut Namer,
) {
    let mut lines = pin!(context.runner.logs(key, from));
    while let Some(line) = lines.next().await {
        match line {
            Ok(line) => put(context, key, line, namer).await,
            Err(error) => {
                debug!(
                    instance.id = %key.instance_id,
                    error = %error,
                    source = ?error.source,
                    "reading lines broke off"
                );
                return;
            }
        }
    }
}

async fn put<R>(context: &Context<R>, key: &InstanceKey, line: PlatformLine, namer: &mut Namer) {
    for part in parts(&line.bytes) {
        if let Some((at, ordinal)) = namer.name(line.stream, line.at, context.machine.now()) {
            let entry = LogEntry {
                instance_id: key.instance_id,
                at,
                ordinal,
                stream: line.stream,
                text: String::from_utf8_lossy(part).into_owned(),
            };
            context.depot.put(key.deployment_id, entry).await;
        }
    }
}

/// Waits until the instance runs (again), or is gone.
async fn runs_again(views: &mut watch::Receiver<View>, key: &InstanceKey, pause: Duration) -> bool {
    // A stream that ended a moment before the view shows why must not be asked for again at once.
    sleep(pause).await;
    let view = views.wait_for(|view| view.get(key).is_none_or(|instance| instance.state.is_up()));
    view.await.is_ok_and(|view| view.get(key).is_some())
}

/// Cuts a line that is too long, where a character ends if there is one.
fn parts(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        if line.len() <= MAX_LINE_BYTES {
            return rest.take();
        }
        // A byte of the form 10…… continues a character, and none is longer than four bytes.
        let end = (MAX_LINE_BYTES - 3..=MAX_LINE_BYTES)
            .rev()
            .find(|end| line[*end] & 0b1100_0000 != 0b1000_0000)
            .unwrap_or(MAX_LINE_BYTES);
        let (part, left) = line.split_at(end);
        rest = Some(left);
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINE_BYTES, parts};

    #[test]
    fn an_ordinary_line_is_one_part_and_so_is_an_empty_one() {
        assert_eq!(parts(b"hello").collect::<Vec<_>>(), [b"hello"]);
        assert_eq!(parts(b"").count(), 1);
    }

    #[test]
    fn a_long_line_is_cut_between_characters_and_nothing_is_lost() {
        for text in [
            "x".repeat(50_000),
            "ü".repeat(20_000),
            "a".to_owned() + &"🦀".repeat(9_000),
        ] {
            let cut: Vec<&[u8]> = parts(text.as_bytes()).collect();
            assert!(cut.len() > 2);
            assert!(cut.iter().all(|part| part.len() <= MAX_LINE_BYTES));
            assert!(cut.iter().all(|part| std::str::from_utf8(part).is_ok()));
            assert_eq!(cut.concat(), text.as_bytes());
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_cut_too() {
        let bytes = vec![0b1000_0000; 40_000];
        assert_eq!(
            parts(&bytes).map(<[u8]>::len).collect::<Vec<_>>(),
            [16_384, 16_384, 7_232]
        );
    }
}
