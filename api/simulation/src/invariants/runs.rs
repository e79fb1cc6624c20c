//! Invariants of runs: each attempt starts once, and ends are true and final.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::executor::block_on;
use models::{
    InstanceId, RunId,
    run::{RunAttempt, RunPhase, RunTerms},
    time::Timestamp,
};
use runner_common::{AttemptKey, InstanceKey, PlatformInstance, PlatformState};
use sqlx::{SqliteConnection, types::Json};
use uuid::Uuid;

use crate::world::World;

/// Every run, as people see it.
const RUNS: &str =
    "SELECT run_id, phase, attempts, failure, ended_at, timeout_ms, retries FROM run";

#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
struct Row {
    run_id: Uuid,
    phase: String,
    attempts: String,
    failure: Option<String>,
    ended_at: Option<i64>,
    timeout_ms: i64,
    retries: i64,
}

/// Everything that happened to runs so far.
#[derive(Default)]
pub(super) struct Runs {
    rows: BTreeMap<RunId, Row>,
    attempts: BTreeMap<(RunId, u16), Attempt>,
    exits: BTreeMap<InstanceId, Exit>,
    /// Attempts that ran when they were told to stop.
    stopped: BTreeSet<InstanceId>,
}

/// An attempt that was started on the platform.
struct Attempt {
    at: Duration,
    /// Every start, by the instance and the platform's clock.
    starts: BTreeSet<(InstanceId, Option<Timestamp>)>,
}

/// An exit that a runner saw.
struct Exit {
    seen: Duration,
    code: i64,
}

impl Runs {
    /// Checks the start of an attempt, with what is there right after it.
    pub(super) fn started(
        &mut self,
        world: &World,
        there: &[PlatformInstance],
        key: &InstanceKey,
        AttemptKey { run_id, number }: AttemptKey,
    ) {
        let is_its =
            |one: &&PlatformInstance| one.key.attempt.is_some_and(|of| of.run_id == run_id);
        let up = there.iter().filter(is_its).filter(|one| one.state.is_up());
        let count = up.count();
        if count > 1 {
            world.violate(format!("{count} attempts of run {run_id} run at once"));
        }
        if let Some(terms) = self.terms(run_id)
            && number > terms.attempts()
        {
            world.violate(format!("attempt {number} of run {run_id} is one too many"));
        }
        let done = (1..number).find(|number| self.is_done(world, run_id, *number));
        if let Some(done) = done {
            world.violate(format!(
                "attempt {number} of run {run_id} was started, though attempt {done} succeeded"
            ));
        }
        let attempt = self.attempts.entry((run_id, number)).or_insert(Attempt {
            at: world.elapsed(),
            starts: BTreeSet::new(),
        });
        let started = there.iter().find(|one| one.key == *key);
        let started_at = started.and_then(|one| one.started_at);
        attempt.starts.insert((key.instance_id, started_at));
        if attempt.starts.len() > 1 {
            let starts = &attempt.starts;
            world.violate(format!(
                "attempt {number} of run {run_id} was started more than once: {starts:?}"
            ));
        }
    }

    /// Records the exits in a listing.
    pub(super) fn listed(&mut self, seen: Duration, instances: &[PlatformInstance]) {
        for instance in instances {
            if let PlatformState::Exited { code, .. } = instance.state
                && instance.key.attempt.is_some()
            {
                let id = instance.key.instance_id;
                self.exits.entry(id).or_insert(Exit { seen, code });
            }
        }
    }

    /// Records that a running attempt is told to stop.
    pub(super) fn stopped(&mut self, key: &InstanceKey) {
        self.stopped.insert(key.instance_id);
    }

    /// Checks the stored runs after a commit.
    pub(super) fn committed(&mut self, world: &World, connection: &mut SqliteConnection) {
        let reading = sqlx::query_as::<_, Row>(RUNS).fetch_all(connection);
        match block_on(tokio::task::coop::unconstrained(reading)) {
            Ok(rows) => rows.into_iter().for_each(|row| self.stored(world, row)),
            Err(error) => world.violate(format!("the database broke: {error}")),
        }
    }

    fn stored(&mut self, world: &World, row: Row) {
        let run_id = RunId::from(row.run_id);
        let known = self.rows.get(&run_id);
        if known == Some(&row) {
            return;
        }
        if let Some(known) = known.filter(|known| is_terminal(&known.phase)) {
            world.violate(format!("an ended run changed from {known:?} to {row:?}"));
        }
        match serde_json::from_str::<Json<Vec<RunAttempt>>>(&row.attempts) {
            Ok(Json(attempts)) => self.reported(world, &row, &attempts),
            Err(error) => world.violate(format!("attempts of run {run_id}: {error}")),
        }
        if is_terminal(&row.phase) {
            world.count(outcome(&row));
        }
        self.rows.insert(run_id, row);
    }

    /// Checks what a run says of its attempts.
    fn reported(&self, world: &World, row: &Row, attempts: &[RunAttempt]) {
        let run_id = RunId::from(row.run_id);
        let numbers: BTreeSet<_> = attempts.iter().map(|one| one.number).collect();
        let most = terms(row).attempts();
        if numbers.len() != attempts.len() || numbers.last().is_some_and(|last| *last > most) {
            world.violate(format!("run {run_id} of {most} attempts has {attempts:?}"));
        }
        for attempt in attempts {
            let exit = self.exits.get(&attempt.instance_id).map(|exit| exit.code);
            if attempt.exit_code.is_some() && attempt.exit_code != exit {
                world.violate(format!(
                    "run {run_id} says {attempt:?}, and the platform showed {exit:?}"
                ));
            }
        }
        if row.phase == RunPhase::Succeeded.name() {
            let of_run = self.attempts.range((run_id, 0)..=(run_id, u16::MAX));
            let mut instances = of_run.flat_map(|(_, attempt)| &attempt.starts);
            if !instances.any(|(instance, _)| self.exited_well(*instance)) {
                world.violate(format!("run {run_id} succeeded without a cause"));
            }
        }
    }

    /// True if the attempt exited with code 0 by itself.
    fn exited_well(&self, instance: InstanceId) -> bool {
        let exit = self.exits.get(&instance);
        exit.is_some_and(|exit| exit.code == 0) && !self.stopped.contains(&instance)
    }

    /// True if the attempt succeeded, beyond doubt in time.
    fn is_done(&self, world: &World, run_id: RunId, number: u16) -> bool {
        let (Some(attempt), Some(terms)) =
            (self.attempts.get(&(run_id, number)), self.terms(run_id))
        else {
            return false;
        };
        // The runner's clock may jump in both directions.
        let limit = Duration::from_millis(terms.timeout_ms.unsigned_abs());
        let limit = limit.saturating_sub(world.profile.runner_skew * 2);
        attempt.starts.iter().any(|(instance, _)| {
            let exit = self.exits.get(instance);
            let in_time = exit.is_some_and(|exit| exit.seen.saturating_sub(attempt.at) < limit);
            in_time && self.exited_well(*instance)
        })
    }

    fn terms(&self, run_id: RunId) -> Option<RunTerms> {
        self.rows.get(&run_id).map(terms)
    }
}

fn terms(row: &Row) -> RunTerms {
    RunTerms {
        timeout_ms: row.timeout_ms,
        retries: u16::try_from(row.retries).unwrap_or_default(),
    }
}

fn is_terminal(phase: &str) -> bool {
    RunPhase::named(phase).is_some_and(RunPhase::is_terminal)
}

/// Returns the kind of an end, to be counted.
fn outcome(row: &Row) -> &'static str {
    let failure = row.failure.as_deref().unwrap_or_default();
    let codes = [
        ("app_exited", "run failed: exited"),
        ("run_timeout", "run failed: time was over"),
        ("instance_removed", "run failed: instance is gone"),
        ("runner_", "run failed: no report"),
    ];
    match RunPhase::named(&row.phase) {
        Some(RunPhase::Succeeded) => "run succeeded",
        Some(RunPhase::Cancelled) => "run cancelled",
        _ => codes
            .iter()
            .find(|(code, _)| failure.contains(code))
            .map_or("run failed: other", |(_, what)| what),
    }
}
