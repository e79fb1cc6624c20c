//! The newest attempt of a run, found among what the platform lists.

use crate::platform::{PlatformInstance, PlatformState};

/// The newest attempt, as platform and records show it.
pub(super) enum Newest<'a> {
    /// None was begun.
    None,
    /// Its instance was created, and may not have been started.
    Unstarted(u16, &'a PlatformInstance),
    /// It exists.
    Present(u16, &'a PlatformInstance),
    /// It was begun, and has no instance.
    Gone(u16),
}

/// Returns the number of the attempt that an instance is.
pub(super) fn number_of(instance: &PlatformInstance) -> Option<u16> {
    instance.key.attempt.map(|attempt| attempt.number)
}

/// Finds the newest attempt; `begun` is the highest number on record.
pub(super) fn newest(present: &[PlatformInstance], begun: u16) -> Newest<'_> {
    // An instance that was never started must not hide the one of the same number that was: a
    // creation that was dropped may show late.
    let newest = present.iter().max_by_key(|instance| {
        let was_started = instance.state != PlatformState::Created;
        (number_of(instance), was_started, instance.key.instance_id)
    });
    let number = newest.and_then(number_of).unwrap_or_default().max(begun);
    match newest.filter(|instance| number_of(instance) == Some(number)) {
        Some(instance) if instance.state == PlatformState::Created => {
            Newest::Unstarted(number, instance)
        }
        Some(instance) => Newest::Present(number, instance),
        None if number == 0 => Newest::None,
        None => Newest::Gone(number),
    }
}

#[cfg(test)]
mod tests {
    use models::{InstanceId, RunId};
    use uuid::Uuid;

    use super::{Newest, newest};
    use crate::platform::{AttemptKey, InstanceKey, PlatformInstance, PlatformState};

    fn instance(id: u128, number: u16, state: PlatformState) -> PlatformInstance {
        let nil = Uuid::nil();
        PlatformInstance {
            network: None,
            key: InstanceKey {
                runner_id: nil.into(),
                deployment_id: nil.into(),
                release_id: nil.into(),
                instance_id: InstanceId::from_uuid(Uuid::from_u128(id)),
                attempt: Some(AttemptKey {
                    run_id: RunId::from_uuid(nil),
                    number,
                }),
            },
            state,
            ports: Vec::new(),
            started_at: None,
            volumes: Vec::new(),
            health: None,
        }
    }

    #[test]
    fn what_was_never_started_does_not_hide_what_was() {
        let left = instance(1, 1, PlatformState::Created);
        for state in [PlatformState::Running, PlatformState::exited(0)] {
            let started = instance(2, 1, state);
            for order in [[0, 1], [1, 0]] {
                let present = order.map(|at| [&left, &started][at].clone());
                assert!(
                    matches!(newest(&present, 1), Newest::Present(1, found) if *found == started),
                    "{state:?}"
                );
            }
        }
    }

    #[test]
    fn an_attempt_on_record_without_an_instance_is_gone() {
        assert!(matches!(newest(&[], 0), Newest::None));
        assert!(matches!(newest(&[], 2), Newest::Gone(2)));
        let first = [instance(1, 1, PlatformState::exited(3))];
        assert!(matches!(newest(&first, 2), Newest::Gone(2)));
        assert!(matches!(newest(&first, 1), Newest::Present(1, _)));
    }
}
