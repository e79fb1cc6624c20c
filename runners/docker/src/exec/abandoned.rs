//! Commands that nobody waits for anymore.
//!
//! The engine cannot end a command. A probe whose command hangs would leave one more process
//! with each check, until the app itself could start none.

use models::deployment::FailureCode;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use bollard::Docker;
use futures::{Stream, StreamExt, stream};
use runner_common::RunnerError;

/// Most abandoned commands that may run in a container when another one is started.
const MAX_RUNNING: usize = 4;

/// Ids of abandoned commands, by container.
#[derive(Clone, Debug, Default)]
pub(crate) struct Abandoned(Arc<Mutex<HashMap<String, Vec<String>>>>);

impl Abandoned {
    /// Checks that a container has room for another command.
    ///
    /// # Errors
    /// When too many abandoned ones still run there.
    pub(super) async fn check(&self, docker: &Docker, container: &str) -> Result<(), RunnerError> {
        let ids = self.lock().remove(container).unwrap_or_default();
        let mut running = Vec::new();
        for id in ids {
            let seen = docker.inspect_exec(&id).await;
            if seen.is_ok_and(|exec| exec.running == Some(true)) {
                running.push(id);
            }
        }
        let count = running.len();
        if count > 0 {
            // Others may have been abandoned meanwhile.
            let mut all = self.lock();
            all.entry(container.to_owned()).or_default().extend(running);
        }
        if count < MAX_RUNNING {
            return Ok(());
        }
        let message = format!(
            "{count} earlier commands are still running in this instance, although nobody waits for \
             them anymore. Make the command exit by itself, or restart the deployment."
        );
        Err(RunnerError::user(
            FailureCode::CommandsStillRunning,
            message,
        ))
    }

    /// Follows a command that is about to start.
    pub(super) fn follow(&self, container: &str, id: &str) -> Started {
        Started {
            abandoned: self.clone(),
            container: container.to_owned(),
            id: id.to_owned(),
        }
    }

    /// Removes what is known of a container that is gone.
    pub(crate) fn remove(&self, container: &str) {
        self.lock().remove(container);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A command whose output has not ended; dropping it abandons the command.
pub(super) struct Started {
    abandoned: Abandoned,
    container: String,
    id: String,
}

impl Started {
    /// Passes the output on, and ends with it.
    pub(super) fn with<S: Stream>(self, output: S) -> impl Stream<Item = S::Item> + use<S> {
        let mut started = Some(self);
        output.chain(stream::poll_fn(move |_| {
            if let Some(ended) = started.take() {
                ended.end();
            }
            Poll::Ready(None)
        }))
    }

    fn end(mut self) {
        self.id.clear();
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if self.id.is_empty() {
            return;
        }
        let (container, id) = (self.container.clone(), std::mem::take(&mut self.id));
        let mut all = self.abandoned.lock();
        all.entry(container).or_default().push(id);
    }
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, stream};

    use super::Abandoned;

    #[tokio::test]
    async fn only_a_command_that_is_left_before_its_end_is_abandoned() {
        let abandoned = Abandoned::default();
        let output = || stream::iter([1, 2]);
        let whole: Vec<_> = abandoned.follow("a", "1").with(output()).collect().await;
        assert_eq!(whole, [1, 2]);
        assert!(abandoned.lock().is_empty());
        let mut left = Box::pin(abandoned.follow("a", "2").with(output()));
        assert_eq!(left.next().await, Some(1));
        drop(left);
        // A caller may leave before there is any output.
        drop(abandoned.follow("a", "3"));
        assert_eq!(abandoned.lock()["a"], ["2", "3"]);
        abandoned.remove("a");
        assert!(abandoned.lock().is_empty());
    }
}
