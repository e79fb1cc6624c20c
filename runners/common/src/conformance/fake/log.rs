//! The lines that instances of the platform in memory printed.

use futures::{Stream, stream};
use models::InstanceId;

use super::FakePlatform;
use crate::platform::{LogStart, PlatformLine, RunnerError};

/// Follows the lines of an instance, until it is gone or has exited.
pub(super) fn follow(
    platform: &FakePlatform,
    id: InstanceId,
    from: LogStart,
) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send + use<> {
    let platform = platform.clone();
    let changes = platform.changes();
    let next = platform
        .state()
        .instances
        .get(&id)
        .map_or(0, |instance| first(&instance.lines, from));
    stream::unfold((next, changes), move |(next, mut changes)| {
        let platform = platform.clone();
        async move {
            loop {
                changes.mark_unchanged();
                {
                    let state = platform.state();
                    let instance = state.instances.get(&id)?;
                    if let Some(line) = instance.lines.get(next) {
                        return Some((Ok(line.clone()), (next + 1, changes)));
                    }
                    if !instance.state.is_up() {
                        return None;
                    }
                }
                changes.changed().await.ok()?;
            }
        }
    })
}

/// Returns the index of the first line; lines of one microsecond stay together.
fn first(lines: &[PlatformLine], from: LogStart) -> usize {
    let since = match from {
        LogStart::Since(since) => Some(since),
        LogStart::Tail(count) => {
            let tail = lines.len().saturating_sub(count);
            lines.get(tail).map(|line| line.at)
        }
    };
    since.map_or(0, |since| lines.partition_point(|line| line.at < since))
}
