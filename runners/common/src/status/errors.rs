//! Errors of a deployment outside a rollout. Each stays until it is over.

use std::collections::HashMap;

use models::{
    InstanceId,
    deployment::{Failure, FailureCode, Instance, LastError},
    time::Timestamp,
};

use crate::platform::PlatformInstance;

/// The errors of one deployment that hold now.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    /// The desired state is refused as a whole.
    refusal: Option<LastError>,
    /// The last reconcile failed.
    failure: Option<LastError>,
    /// Exits of instances, and health failures of running ones.
    instances: HashMap<InstanceId, LastError>,
}

impl Errors {
    /// Records that the desired state is refused.
    pub(crate) fn set_refusal(&mut self, failure: Failure, now: Timestamp) {
        self.refusal = Some(keep_since(self.refusal.take(), failure, now, None));
    }

    /// Records that the desired state is accepted.
    pub(crate) fn clear_refusal(&mut self) {
        self.refusal = None;
    }

    pub(super) const fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// Records that a reconcile failed, and when the next one begins.
    pub(crate) fn set_failure(&mut self, failure: Failure, now: Timestamp, next: Timestamp) {
        self.failure = Some(keep_since(self.failure.take(), failure, now, Some(next)));
    }

    /// Records that a reconcile succeeded.
    pub(crate) fn clear_failure(&mut self) {
        self.failure = None;
    }

    /// Clears all errors, because the desired state changed.
    pub(crate) fn clear(&mut self) {
        self.failure = None;
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
        let previous = self.instances.remove(&instance);
        let error = keep_since(previous, failure, now, next);
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

    /// Clears an instance's error if it has this code: its cause is known to be gone.
    pub(crate) fn clear_instance_of(&mut self, instance: InstanceId, code: &FailureCode) {
        let error = self.instances.get(&instance);
        if error.is_some_and(|error| error.failure.code == *code) {
            self.instances.remove(&instance);
        }
    }

    /// Records that an instance works.
    pub(crate) fn clear_instance(&mut self, instance: InstanceId) {
        self.instances.remove(&instance);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.refusal.is_none() && self.failure.is_none() && self.instances.is_empty()
    }

    pub(super) fn retain_instances(&mut self, present: &[PlatformInstance]) {
        self.instances
            .retain(|id, _| present.iter().any(|one| one.key.instance_id == *id));
    }

    pub(super) fn of_instance(&self, instance: InstanceId) -> Option<LastError> {
        self.instances.get(&instance).cloned()
    }

    /// Returns the most important error: the deployment's, else the first instance's.
    pub(super) fn most_severe(&self, instances: &[Instance]) -> Option<LastError> {
        let whole = self.refusal.as_ref().or(self.failure.as_ref());
        let of_instances = || {
            instances
                .iter()
                .find_map(|one| self.of_instance(one.instance_id))
        };
        whole.cloned().or_else(of_instances)
    }
}

/// Returns the error with one more occurrence counted.
fn keep_since(
    previous: Option<LastError>,
    failure: Failure,
    now: Timestamp,
    next_try_at: Option<Timestamp>,
) -> LastError {
    let same = previous.filter(|previous| previous.failure.code == failure.code);
    LastError {
        since: same.map_or(now, |previous| previous.since),
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
            code: code.into(),
            message: "Something failed.".to_owned(),
        }
    }

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_same_error_again_keeps_its_first_moment_and_another_does_not() {
        let mut errors = Errors::default();
        errors.set_failure(failure("a"), at(1), at(2));
        errors.set_failure(failure("a"), at(2), at(4));
        let most_severe = errors.most_severe(&[]).unwrap();
        assert_eq!(
            (most_severe.since, most_severe.next_try_at),
            (at(1), Some(at(4)))
        );
        errors.set_failure(failure("b"), at(4), at(8));
        assert_eq!(errors.most_severe(&[]).unwrap().since, at(4));
        errors.clear_failure();
        assert_eq!(errors.most_severe(&[]), None);
    }

    #[test]
    fn a_refusal_stays_until_something_is_followed() {
        let mut errors = Errors::default();
        errors.set_refusal(failure("a"), at(1));
        errors.set_failure(failure("b"), at(2), at(3));
        errors.clear_failure();
        assert_eq!(errors.most_severe(&[]).unwrap().failure.code.as_str(), "a");
        errors.clear_refusal();
        assert_eq!(errors.most_severe(&[]), None);
    }
}
