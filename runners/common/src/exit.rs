//! Failures of instances that exited by themselves.

use models::deployment::{Failure, FailureCode, Fault, Resources};

/// Exit codes of processes that a signal ended.
///
/// Each is 128 plus the number of the signal: `SIGKILL` and `SIGTERM`.
const KILLED: i64 = 137;
const TERMINATED: i64 = 143;

/// Names of the program that exited, for people.
pub(crate) const APP: &str = "app";
pub(crate) const TASK: &str = "task";

/// The failure of a program that exited by itself. `when` names the point in time, for people.
pub(crate) fn exited(
    program: &str,
    code: i64,
    oom_killed: bool,
    resources: &Resources,
    when: &str,
) -> Failure {
    if !oom_killed {
        let message = match code {
            KILLED => format!(
                "The {program} was killed (signal 9, exit code {code}){when}. It did not exceed its \
                 memory limit."
            ),
            TERMINATED => {
                format!("The {program} was terminated (signal 15, exit code {code}){when}.")
            }
            _ => format!("The {program} exited with code {code}{when}."),
        };
        return user(FailureCode::AppExited, message);
    }
    let limit = limit(resources);
    if code == KILLED {
        let message = format!(
            "The {program} was killed {limit}{when}. Raise the limit, or reduce the {program}'s \
             memory use."
        );
        return user(FailureCode::OutOfMemory, message);
    }
    let message = format!(
        "The {program} exited with code {code} after the kernel killed one of its processes \
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
