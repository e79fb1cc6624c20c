//! Failures of instances that exited by themselves.

use models::deployment::{Failure, FailureCode, Fault, Resources};

/// Exit codes of processes that a signal ended.
///
/// Each is 128 plus the number of the signal: `SIGKILL` and `SIGTERM`.
const KILLED: i64 = 137;
const TERMINATED: i64 = 143;

/// The failure of an app that exited by itself. `when` names the point in time, for people.
pub(crate) fn exited(code: i64, oom_killed: bool, resources: &Resources, when: &str) -> Failure {
    if !oom_killed {
        let message = match code {
            KILLED => format!(
                "The app was killed (signal 9, exit code {code}){when}. It did not exceed its \
                 memory limit."
            ),
            TERMINATED => format!("The app was terminated (signal 15, exit code {code}){when}."),
            _ => format!("The app exited with code {code}{when}."),
        };
        return user(FailureCode::AppExited, message);
    }
    let limit = limit(resources);
    if code == KILLED {
        let message = format!(
            "The app was killed {limit}{when}. Raise the limit, or reduce the app's memory use."
        );
        return user(FailureCode::OutOfMemory, message);
    }
    let message = format!(
        "The app exited with code {code} after the kernel killed one of its processes \
         {limit}{when}."
    );
    user(FailureCode::AppExited, message)
}

/// Describes the memory limit at which a process was killed, for people.
pub(crate) fn limit(resources: &Resources) -> String {
    match resources.memory_mib {
        Some(limit) => format!("for exceeding its memory limit of {limit} MiB"),
        // The host may have a default limit, and its memory is finite.
        None => "for lack of memory".to_owned(),
    }
}

const fn user(code: FailureCode, message: String) -> Failure {
    Failure {
        fault: Fault::User,
        code,
        message,
    }
}
