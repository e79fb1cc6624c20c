//! What a job is, and what runs it.

use std::{error::Error as StdError, time::Duration};

use models::time::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

/// How often a job is tried before it is given up: with the pauses between, about an hour.
const MAX_ATTEMPTS: i64 = 20;

/// All kinds of job that one queue carries; an enum that is stored as JSON.
pub trait JobKind: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The kind's name, for logs and figures: an imperative such as `renew_certificate`.
    fn name(&self) -> &'static str;

    /// Jobs with the same key are one job: asking again while it waits replaces it, asking while
    /// it runs makes it run once more afterwards. Never two of them at once.
    fn unique_key(&self) -> Option<String> {
        None
    }

    /// How often it is tried before it is given up.
    fn max_attempts(&self) -> i64 {
        MAX_ATTEMPTS
    }
}

/// Runs jobs; the application's context.
pub trait Handler<J: JobKind>: Clone + Send + Sync + 'static {
    /// Does what the job says. It may have been done before, in part or in whole.
    ///
    /// The future is dropped when the job's lease is lost to another worker.
    fn run(&self, job: J) -> impl Future<Output = Result<Outcome, JobError>> + Send;
}

/// How a run that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The job is done.
    Done,
    /// The job is to run again at this moment: it came too early, or comes again and again.
    RunAgainAt(Timestamp),
}

/// Why a run failed.
///
/// Any error becomes [`JobError::Again`] with `?`.
#[derive(Debug)]
pub enum JobError {
    /// Trying again may help.
    Again {
        /// What went wrong.
        source: Box<dyn StdError + Send + Sync>,
        /// When to try again; none for pauses that grow from try to try.
        after: Option<Duration>,
    },
    /// Trying again is no use; the job is given up at once.
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
    /// The error and all its sources in one line.
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
