//! Kinds of jobs, their handler, and the outcomes of a run.

use std::{error::Error as StdError, time::Duration};

use models::time::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

/// The number of attempts before a job is given up.
///
/// With the pauses between them they take about an hour.
const MAX_ATTEMPTS: i64 = 20;

/// All kinds of jobs in one queue; an enum that is stored as JSON.
pub trait JobKind: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The kind's name for logs and metrics, an imperative such as `renew_certificate`.
    fn name(&self) -> &'static str;

    /// The key under which jobs count as one job.
    ///
    /// Enqueuing it again while it waits replaces it; enqueuing it while it runs makes it run
    /// once more afterwards. Two jobs with the same key never run at the same time.
    fn unique_key(&self) -> Option<String> {
        None
    }

    /// The number of attempts before it is given up.
    fn max_attempts(&self) -> i64 {
        MAX_ATTEMPTS
    }
}

/// Runs jobs; implemented by the application's context.
pub trait Handler<J: JobKind>: Clone + Send + Sync + 'static {
    /// Carries out a job. It must be idempotent: an earlier run may have done it, in part or in
    /// whole.
    ///
    /// The future is dropped when the job's lease is lost to another worker.
    fn run(&self, job: J) -> impl Future<Output = Result<Outcome, JobError>> + Send;
}

/// The outcome of a run that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The job is done.
    Done,
    /// The job must run again at this time: it came too early, or it recurs.
    RunAgainAt(Timestamp),
}

/// The failure of a run.
///
/// Any error becomes [`JobError::Again`] with `?`.
#[derive(Debug)]
pub enum JobError {
    /// Another attempt may help.
    Again {
        /// The cause.
        source: Box<dyn StdError + Send + Sync>,
        /// The pause before the next attempt; `None` for exponential backoff.
        after: Option<Duration>,
    },
    /// Another attempt cannot help; the job is given up at once.
    Never(Box<dyn StdError + Send + Sync>),
}

impl<E: StdError + Send + Sync + 'static> From<E> for JobError {
    fn from(source: E) -> Self {
        Self::Again {
            source: Box::new(source),
            after: None,
        }
    }
}

impl JobError {
    /// The error and all its sources, on one line.
    pub(super) fn chain(&self) -> String {
        let (Self::Again { source, .. } | Self::Never(source)) = self;
        let mut text = source.to_string();
        let mut next = source.source();
        while let Some(source) = next {
            text = format!("{text}: {source}");
            next = source.source();
        }
        text
    }
}
