//! The names of states. Databases and other people's programs contain them.

use std::fmt::{Debug, Write};

use models::{
    deployment::{
        DesiredState, Fault, Freshness, InstanceState, LogStream, ReleasePhase, ReleaseReason,
        Summary,
    },
    rbac::{Permission, Role},
};
use serde::{Serialize, de::DeserializeOwned};

/// Lists all values of an enum. The `match` has no wildcard, so a new variant does not compile
/// until it is listed.
macro_rules! every {
    ($type:ident: $($pattern:pat => $value:expr,)*) => {{
        let exhaustive = |value: &$type| match value { $($pattern => (),)* };
        let all = [$($value,)*];
        all.iter().for_each(exhaustive);
        all
    }};
}

/// Writes each value in its wire form and reads it back.
fn written<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    title: &str,
    values: &[T],
) -> String {
    let mut text = format!("{title}\n");
    for value in values {
        let wire = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&wire).unwrap(), value);
        writeln!(text, "  {wire}").unwrap();
    }
    text
}

#[test]
fn states_keep_their_words() {
    let instance = every! { InstanceState:
        InstanceState::Pending => InstanceState::Pending,
        InstanceState::Pulling => InstanceState::Pulling,
        InstanceState::Starting => InstanceState::Starting,
        InstanceState::Running => InstanceState::Running,
        InstanceState::Unhealthy => InstanceState::Unhealthy,
        InstanceState::Stopping => InstanceState::Stopping,
        InstanceState::Restarting => InstanceState::Restarting,
        InstanceState::Exited { .. } => InstanceState::Exited { code: 137, oom_killed: true },
        InstanceState::CrashLoop { .. } => {
            InstanceState::CrashLoop { code: 1, oom_killed: false, restarts: 5 }
        },
    };
    let summary = every! { Summary:
        Summary::Unknown => Summary::Unknown,
        Summary::Stopped => Summary::Stopped,
        Summary::Starting => Summary::Starting,
        Summary::Running => Summary::Running,
        Summary::Unhealthy => Summary::Unhealthy,
        Summary::Stopping => Summary::Stopping,
        Summary::Crashed => Summary::Crashed,
        Summary::CrashLoop => Summary::CrashLoop,
    };
    let desired = every! { DesiredState:
        DesiredState::Running => DesiredState::Running,
        DesiredState::Stopped => DesiredState::Stopped,
        DesiredState::Deleted => DesiredState::Deleted,
    };
    let freshness = every! { Freshness:
        Freshness::Live => Freshness::Live,
        Freshness::Stale => Freshness::Stale,
    };
    let fault = every! { Fault:
        Fault::User => Fault::User,
        Fault::Platform => Fault::Platform,
    };
    let stream = every! { LogStream:
        LogStream::Stdout => LogStream::Stdout,
        LogStream::Stderr => LogStream::Stderr,
    };
    let words = [
        written("DesiredState", &desired),
        written("ReleasePhase", ReleasePhase::ALL),
        written("ReleaseReason", &ReleaseReason::ALL),
        written("Fault", &fault),
        written("InstanceState", &instance),
        written("Summary", &summary),
        written("Freshness", &freshness),
        written("LogStream", &stream),
    ]
    .concat();
    insta::assert_snapshot!(words);
}

#[test]
fn a_name_in_the_database_is_the_one_on_the_wire() {
    for phase in ReleasePhase::ALL {
        assert_eq!(serde_json::to_value(phase).unwrap(), phase.name());
    }
    for reason in ReleaseReason::ALL {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
    }
    for role in Role::ALL {
        assert_eq!(serde_json::to_value(role).unwrap(), role.name());
    }
    for permission in Permission::ALL {
        assert_eq!(serde_json::to_value(permission).unwrap(), permission.name());
        let read: Permission = serde_json::from_value(permission.name().into()).unwrap();
        assert_eq!(read, *permission);
    }
}

#[test]
fn roles_allow_what_was_agreed() {
    let mut table = String::new();
    for permission in Permission::ALL {
        let roles = Role::ALL
            .iter()
            .filter(|role| role.grants().allow(*permission));
        let roles: Vec<_> = roles.map(|role| role.name()).collect();
        writeln!(table, "{permission}: {}", roles.join(", ")).unwrap();
    }
    insta::assert_snapshot!(table);
}
