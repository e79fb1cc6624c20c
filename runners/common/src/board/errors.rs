//! Errors of a deployment outside a rollout. Each stays until it is over.

use std::collections::HashMap;

use models::{
    InstanceId,
    deployment::{Failure, Instance, LastError},
    time::Timestamp,
};

use crate::runner::PlatformInstance;

/// The errors of one deployment that hold now.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    /// The desired state is refused as a whole.
    refusal: Option<LastError>,
    /// The last reconcile failed.
    round: Option<LastError>,
    /// Exits of instances, and health failures of running ones.
    instances: HashMap<InstanceId, LastError>,
}

impl Errors {
    /// Records that the desired state is refused.
    pub(crate) fn refused(&mut self, failure: Failure, now: Timestamp) {
        self.refusal = Some(again(self.refusal.take(), failure, now, None));
    }

    /// Records that the desired state is accepted.
    pub(crate) fn accepted(&mut self) {
        self.refusal = None;
    }

    pub(super) const fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// Records that a reconcile failed, and when the next one begins.
    pub(crate) fn failed(&mut self, failure: Failure, now: Timestamp, next: Timestamp) {
        self.round = Some(again(self.round.take(), failure, now, Some(next)));
    }

    /// Records that a reconcile succeeded.
    pub(crate) fn worked(&mut self) {
        self.round = None;
    }

    /// Clears all errors, because the desired state changed.
    pub(crate) fn forget(&mut self) {
        self.round = None;
        self.instances.clear();
    }

    /// Records that an instance exited or does not work.
    pub(crate) fn instance_failed(
        &mut self,
        instance: InstanceId,
        failure: Failure,
        now: Timestamp,
        next: Option<Timestamp>,
    ) {
        let before = self.instances.remove(&instance);
        let error = again(before, failure, now, next);
        self.instances.insert(instance, error);
    }

    /// Records that an instance is up again, with the message about its last exit.
    ///
    /// No retry is pending.
    pub(crate) fn instance_restarted(
        &mut self,
        instance: InstanceId,
        reword: impl FnOnce(Failure) -> Failure,
    ) {
        if let Some(mut error) = self.instances.remove(&instance) {
            error.failure = reword(error.failure);
            error.next_try_at = None;
            self.instances.insert(instance, error);
        }
    }

    /// Records that an instance works.
    pub(crate) fn instance_works(&mut self, instance: InstanceId) {
        self.instances.remove(&instance);
    }

    pub(super) fn are_none(&self) -> bool {
        self.refusal.is_none() && self.round.is_none() && self.instances.is_empty()
    }

    pub(super) fn keep_only(&mut self, present: &[PlatformInstance]) {
        self.instances
            .retain(|id, _| present.iter().any(|one| one.key.instance_id == *id));
    }

    pub(super) fn of(&self, instance: InstanceId) -> Option<LastError> {
        self.instances.get(&instance).cloned()
    }

    /// Returns the most important error: the deployment's own, else the first instance's.
    pub(super) fn worst(&self, instances: &[Instance]) -> Option<LastError> {
        let whole = self.refusal.as_ref().or(self.round.as_ref());
        let of_instances = || instances.iter().find_map(|one| self.of(one.instance_id));
        whole.cloned().or_else(of_instances)
    }
}

/// Returns the error with one more occurrence counted.
fn again(
    before: Option<LastError>,
    failure: Failure,
    now: Timestamp,
    next_try_at: Option<Timestamp>,
) -> LastError {
    let same = before.filter(|before| before.failure.code == failure.code);
    LastError {
        since: same.map_or(now, |before| before.since),
        failure,
        next_try_at,
    }
}

#[cfg(test)]
mod tests {
    use models::{
        deployment::{Failure, Fault},
        time::Timestamp,
    };

    use super::Errors;

    fn failure(code: &str) -> Failure {
        Failure {
            fault: Fault::Platform,
            code: code.to_owned(),
            message: "Something failed.".to_owned(),
        }
    }

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_same_error_again_keeps_its_first_moment_and_another_does_not() {
        let mut errors = Errors::default();
        errors.failed(failure("a"), at(1), at(2));
        errors.failed(failure("a"), at(2), at(4));
        let worst = errors.worst(&[]).unwrap();
        assert_eq!((worst.since, worst.next_try_at), (at(1), Some(at(4))));
        errors.failed(failure("b"), at(4), at(8));
        assert_eq!(errors.worst(&[]).unwrap().since, at(4));
        errors.worked();
        assert_eq!(errors.worst(&[]), None);
    }

    #[test]
    fn a_refusal_stays_until_something_is_followed() {
        let mut errors = Errors::default();
        errors.refused(failure("a"), at(1));
        errors.failed(failure("b"), at(2), at(3));
        errors.worked();
        assert_eq!(errors.worst(&[]).unwrap().failure.code, "a");
        errors.accepted();
        assert_eq!(errors.worst(&[]), None);
    }
}
