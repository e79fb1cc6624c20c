//! The schedule of tag requests.

use std::{collections::BTreeMap, time::Duration};

use models::{
    DeploymentId,
    runner::{RegistryCredential, WatchedTag},
    value::ImageReference,
};
use tokio::time::Instant;

use crate::{
    backoff::{Backoff, jittered},
    timings::Timings,
};

/// A request to a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TagQuery {
    pub(super) image: ImageReference,
    pub(super) credential: Option<RegistryCredential>,
}

/// All requests, with their times.
#[derive(Debug)]
pub(super) struct PollSchedule {
    polls: Vec<ScheduledPoll>,
    timings: Timings,
    /// Time of the last request to the registry that counts every one.
    counted: Option<Instant>,
}

#[derive(Debug)]
struct ScheduledPoll {
    query: TagQuery,
    /// Deployments that watch the tag, each with its newest poll serial.
    watchers: Vec<(DeploymentId, i64)>,
    /// Time of the next request.
    due: Instant,
    /// True if someone waits, so that it need not queue for its registry.
    is_urgent: bool,
    asked: Option<Instant>,
    backoff: Backoff,
}

impl PollSchedule {
    pub(super) fn new(timings: &Timings) -> Self {
        Self {
            polls: Vec::new(),
            timings: timings.clone(),
            counted: None,
        }
    }

    /// Takes up the tags that are watched now.
    ///
    /// A newly watched tag is due at once. So is a tag whose poll serial grew, but not right after
    /// a request.
    pub(super) fn set_watched(
        &mut self,
        watched: &BTreeMap<DeploymentId, WatchedTag>,
        now: Instant,
    ) {
        let mut previous: BTreeMap<DeploymentId, i64> = BTreeMap::new();
        for poll in &mut self.polls {
            previous.extend(poll.watchers.drain(..));
        }
        for (id, tag) in watched {
            let poll = self.poll(tag, now);
            poll.watchers.push((*id, tag.poll_serial));
            if previous
                .get(id)
                .is_some_and(|serial| *serial < tag.poll_serial)
            {
                poll.is_urgent = true;
            }
        }
        self.polls.retain(|poll| !poll.watchers.is_empty());
        for poll in self.polls.iter_mut().filter(|poll| poll.is_urgent) {
            let soonest = poll.asked.map(|asked| asked + self.timings.tag_poll_min);
            poll.due = poll.due.min(soonest.unwrap_or(now));
        }
    }

    fn poll(&mut self, tag: &WatchedTag, now: Instant) -> &mut ScheduledPoll {
        let is_same = |poll: &ScheduledPoll| {
            poll.query.image == tag.image && poll.query.credential == tag.registry_credential
        };
        let at = self.polls.iter().position(is_same).unwrap_or_else(|| {
            self.polls.push(ScheduledPoll {
                query: TagQuery {
                    image: tag.image.clone(),
                    credential: tag.registry_credential.clone(),
                },
                watchers: Vec::new(),
                due: now,
                is_urgent: false,
                asked: None,
                backoff: Backoff::new(self.timings.tag_poll, self.timings.tag_poll_max),
            });
            self.polls.len() - 1
        });
        &mut self.polls[at]
    }

    /// Returns when the next request is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.polls.iter().map(|poll| self.due_of(poll)).min()
    }

    /// Takes the request that is due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<TagQuery> {
        // Of those that wait for one registry, the one that has waited longest.
        let in_order = |poll: &&ScheduledPoll| (self.due_of(poll), poll.due);
        let next = self.polls.iter().min_by_key(in_order)?;
        if self.due_of(next) > now {
            return None;
        }
        let query = next.query.clone();
        if is_rate_counted(&query.image) {
            self.counted = Some(now);
        }
        Some(query)
    }

    /// Records that a request was answered, or failed and must pause at least `pause`.
    ///
    /// Returns the deployments that watch the tag.
    pub(super) fn record_answer(
        &mut self,
        query: &TagQuery,
        now: Instant,
        failed: Option<Duration>,
    ) -> Vec<(DeploymentId, i64)> {
        let interval = self.timings.tag_poll;
        let Some(poll) = self.polls.iter_mut().find(|t| t.query == *query) else {
            return Vec::new();
        };
        let pause = match failed {
            None => {
                poll.backoff.reset();
                interval
            }
            Some(least) => poll.backoff.next().max(least),
        };
        poll.asked = Some(now);
        poll.is_urgent = false;
        // Jitter, so that requests that began together drift apart.
        poll.due = now + pause.mul_f64(0.9) + jittered(pause / 5);
        poll.watchers.clone()
    }

    /// Returns when a request is due.
    ///
    /// Docker Hub counts each request as a pull and allows a hundred in six hours, so its tags
    /// together get the rate that a tag elsewhere has for itself.
    fn due_of(&self, poll: &ScheduledPoll) -> Instant {
        match self.counted {
            Some(counted) if is_rate_counted(&poll.query.image) && !poll.is_urgent => {
                poll.due.max(counted + self.timings.tag_poll)
            }
            _ => poll.due,
        }
    }
}

fn is_rate_counted(image: &ImageReference) -> bool {
    image.registry().is_default_registry()
}

#[cfg(test)]
mod tests;
