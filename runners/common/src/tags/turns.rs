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
pub(super) struct Question {
    pub(super) image: ImageReference,
    pub(super) credential: Option<RegistryCredential>,
}

/// All requests, with their times.
#[derive(Debug)]
pub(super) struct Turns {
    turns: Vec<Turn>,
    timings: Timings,
    /// Time of the last request to the registry that counts every one.
    counted: Option<Instant>,
}

#[derive(Debug)]
struct Turn {
    question: Question,
    /// Deployments that watch the tag, each with its newest requested look.
    asked_for: Vec<(DeploymentId, i64)>,
    /// Time of the next request.
    due: Instant,
    /// True if somebody waits, so that it need not queue for its registry.
    is_urgent: bool,
    asked: Option<Instant>,
    backoff: Backoff,
}

impl Turns {
    pub(super) fn new(timings: &Timings) -> Self {
        Self {
            turns: Vec::new(),
            timings: timings.clone(),
            counted: None,
        }
    }

    /// Takes up the tags that are watched now.
    ///
    /// A newly watched tag is due at once. So is a tag that somebody wants looked at again, but
    /// not right after a request.
    pub(super) fn follow(&mut self, watched: &BTreeMap<DeploymentId, WatchedTag>, now: Instant) {
        let mut before: BTreeMap<DeploymentId, i64> = BTreeMap::new();
        for turn in &mut self.turns {
            before.extend(turn.asked_for.drain(..));
        }
        for (id, tag) in watched {
            let turn = self.turn(tag, now);
            turn.asked_for.push((*id, tag.poll_serial));
            if before.get(id).is_some_and(|look| *look < tag.poll_serial) {
                turn.is_urgent = true;
            }
        }
        self.turns.retain(|turn| !turn.asked_for.is_empty());
        for turn in self.turns.iter_mut().filter(|turn| turn.is_urgent) {
            let soonest = turn.asked.map(|asked| asked + self.timings.look_soon);
            turn.due = turn.due.min(soonest.unwrap_or(now));
        }
    }

    fn turn(&mut self, tag: &WatchedTag, now: Instant) -> &mut Turn {
        let is_same = |turn: &Turn| {
            turn.question.image == tag.image && turn.question.credential == tag.registry_credential
        };
        let at = self.turns.iter().position(is_same).unwrap_or_else(|| {
            self.turns.push(Turn {
                question: Question {
                    image: tag.image.clone(),
                    credential: tag.registry_credential.clone(),
                },
                asked_for: Vec::new(),
                due: now,
                is_urgent: false,
                asked: None,
                backoff: Backoff::new(self.timings.look, self.timings.look_max),
            });
            self.turns.len() - 1
        });
        &mut self.turns[at]
    }

    /// Returns when the next request is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.turns.iter().map(|turn| self.due_of(turn)).min()
    }

    /// Takes the request that is due.
    pub(super) fn take(&mut self, now: Instant) -> Option<Question> {
        // Of those that wait for one registry, the one that has waited longest.
        let in_order = |turn: &&Turn| (self.due_of(turn), turn.due);
        let next = self.turns.iter().min_by_key(in_order)?;
        if self.due_of(next) > now {
            return None;
        }
        let question = next.question.clone();
        if is_counted(&question.image) {
            self.counted = Some(now);
        }
        Some(question)
    }

    /// Records that a request was answered, or failed and must pause at least `pause`.
    ///
    /// Returns the deployments that watch the tag.
    pub(super) fn answered(
        &mut self,
        question: &Question,
        now: Instant,
        failed: Option<Duration>,
    ) -> Vec<(DeploymentId, i64)> {
        let look = self.timings.look;
        let Some(turn) = self.turns.iter_mut().find(|t| t.question == *question) else {
            return Vec::new();
        };
        let pause = match failed {
            None => {
                turn.backoff.reset();
                look
            }
            Some(least) => turn.backoff.next().max(least),
        };
        turn.asked = Some(now);
        turn.is_urgent = false;
        // Jitter, so that requests that began together drift apart.
        turn.due = now + pause.mul_f64(0.9) + jittered(pause / 5);
        turn.asked_for.clone()
    }

    /// Returns when a request is due.
    ///
    /// Docker Hub counts each request as a pull and allows a hundred in six hours, so its tags
    /// together get the rate that a tag elsewhere has for itself.
    fn due_of(&self, turn: &Turn) -> Instant {
        match self.counted {
            Some(counted) if is_counted(&turn.question.image) && !turn.is_urgent => {
                turn.due.max(counted + self.timings.look)
            }
            _ => turn.due,
        }
    }
}

fn is_counted(image: &ImageReference) -> bool {
    image.registry().is_default_registry()
}

#[cfg(test)]
mod tests;
