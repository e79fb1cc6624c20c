//! Whose turn it is, and when.

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

/// What a registry is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) image: ImageReference,
    pub(super) credential: Option<RegistryCredential>,
}

/// Every question, with its turn.
#[derive(Debug)]
pub(super) struct Turns {
    turns: Vec<Turn>,
    timings: Timings,
    /// When the registry that counts every question was asked last.
    counted: Option<Instant>,
}

#[derive(Debug)]
struct Turn {
    question: Question,
    /// Who wants to know, and the newest look that each asked for.
    asked_for: Vec<(DeploymentId, i64)>,
    /// When its turn comes.
    due: Instant,
    /// Whether somebody wants to know now, so that it need not wait for others of its registry.
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

    /// Takes up what is watched now. What is watched for the first time is due; what somebody wants
    /// to be looked at again is too, but not right after it was.
    pub(super) fn follow(&mut self, watched: &BTreeMap<DeploymentId, WatchedTag>, now: Instant) {
        let mut before: BTreeMap<DeploymentId, i64> = BTreeMap::new();
        for turn in &mut self.turns {
            before.extend(turn.asked_for.drain(..));
        }
        for (id, tag) in watched {
            let turn = self.turn(tag, now);
            turn.asked_for.push((*id, tag.look));
            if before.get(id).is_some_and(|look| *look < tag.look) {
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

    /// When the next question is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.turns.iter().map(|turn| self.due_of(turn)).min()
    }

    /// The question whose turn it is.
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

    /// A question was answered, or failed and should wait at least so long. Gives who wanted to
    /// know.
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
        // Those that began together drift apart.
        turn.due = now + pause.mul_f64(0.9) + jittered(pause / 5);
        turn.asked_for.clone()
    }

    /// Docker Hub counts each question as a pull and gives away a hundred in six hours, so its tags
    /// share one question in the time that others have each for itself.
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
