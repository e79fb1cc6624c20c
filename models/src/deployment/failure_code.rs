//! The table of failure codes: name and meaning.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest code, in bytes.
const MAX_CODE: usize = 64;

macro_rules! failure_codes {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:literal;)*) => {
        /// The code of a failure, for programs.
        ///
        /// A code that this version does not know is kept as it is: a newer runner may send it.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum FailureCode {
            $($(#[doc = $meaning])+ $variant,)*
            /// A code that this version does not know.
            Other(OtherCode),
        }

        impl FailureCode {
            /// All known codes, in alphabetical order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code on the wire and in the database.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(other) => &other.0,
                }
            }

            /// The meaning of the code, for developers; empty for an unknown one.
            pub fn meaning(&self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($meaning,)+).trim_start(),)*
                    Self::Other(_) => "",
                }
            }

            /// Returns the known code with this name, or with the name that it had before.
            fn known(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    "machine_failed" => Some(Self::HostFailed),
                    _ => None,
                }
            }
        }
    };
}

failure_codes! {
    /// The app exited by itself.
    AppExited = "app_exited";
    /// The image declares no program, and neither does the specification.
    CommandMissing = "command_missing";
    /// The instance has no such program.
    CommandNotFound = "command_not_found";
    /// The program exists and cannot be run.
    CommandNotRunnable = "command_not_runnable";
    /// A one-off command did not end in time.
    CommandTimeout = "command_timeout";
    /// Commands that an earlier session left in the instance still run.
    CommandsStillRunning = "commands_still_running";
    /// A configuration file could not be put into the instance.
    ConfigFileRefused = "config_file_refused";
    /// The disk of the runner's host is full.
    DiskFull = "disk_full";
    /// The Docker Engine refused a request.
    DockerRefused = "docker_refused";
    /// The Docker Engine did not answer.
    DockerSilent = "docker_silent";
    /// The Docker Engine no longer speaks a version of the API that the runner does.
    DockerTooNew = "docker_too_new";
    /// The Docker Engine does not speak a version of the API that the runner needs.
    DockerTooOld = "docker_too_old";
    /// The server sent a command that is not valid.
    ExecInvalid = "exec_invalid";
    /// A command ended, and the platform did not tell its exit code.
    ExitCodeUnknown = "exit_code_unknown";
    /// An operation on the runner's host failed.
    HostFailed = "host_failed";
    /// The registry denies access to the image, or has no such image.
    ImageAccessDenied = "image_access_denied";
    /// The health check of the image failed.
    ImageHealthCheckFailed = "image_health_check_failed";
    /// The image does not exist.
    ImageNotFound = "image_not_found";
    /// The image is not for the platform of the runner's host.
    ImagePlatformMismatch = "image_platform_mismatch";
    /// The image could not be pulled.
    ImagePullFailed = "image_pull_failed";
    /// The runner did not pull the image in time.
    ImagePullTimeout = "image_pull_timeout";
    /// The image was removed from the runner's host before an instance of it was made.
    ImageRemoved = "image_removed";
    /// The server sent more input for a command than the runner allowed.
    InputOverrun = "input_overrun";
    /// The platform no longer has the instance.
    InstanceMissing = "instance_missing";
    /// The instance in which a command should run is not running.
    InstanceNotRunning = "instance_not_running";
    /// Someone paused the instance on the runner's host.
    InstancePaused = "instance_paused";
    /// Someone removed the instance on the runner's host.
    InstanceRemoved = "instance_removed";
    /// The runner broke one of its own rules.
    Internal = "internal";
    /// The runner cannot limit CPU or memory.
    LimitsNotSupported = "limits_not_supported";
    /// The liveness probe of an instance failed.
    LivenessProbeFailed = "liveness_probe_failed";
    /// The network of the runner's apps belongs to someone else.
    NetworkForeign = "network_foreign";
    /// The network of the runner's apps does not exist.
    NetworkMissing = "network_missing";
    /// The runner's host has no free addresses for another private network.
    NetworkPoolExhausted = "network_pool_exhausted";
    /// The runner's host has no free port for the app.
    NoFreePort = "no_free_port";
    /// The app was not verified before the deadline of that phase.
    NotReady = "not_ready";
    /// The app is not running.
    NotRunning = "not_running";
    /// The app's process did not start.
    NotStarted = "not_started";
    /// The app was killed because it exceeded its memory limit.
    OutOfMemory = "out_of_memory";
    /// The runner sent more output of a command than the server allowed.
    OutputOverrun = "output_overrun";
    /// The platform did not answer.
    PlatformSilent = "platform_silent";
    /// The HTTP port of a new instance did not answer in time.
    PortNotAnswering = "port_not_answering";
    /// A port of the app is in use on the runner's host.
    PortTaken = "port_taken";
    /// The startup probe of a new instance failed, or the instance did not stay up.
    ProbeFailed = "probe_failed";
    /// The image was not pulled before the deadline of that phase.
    PullTimeout = "pull_timeout";
    /// The policy of the runner's host does not allow it.
    RefusedByHostPolicy = "refused_by_host_policy";
    /// The registry limits pulls.
    RegistryRateLimited = "registry_rate_limited";
    /// The registry did not answer.
    RegistrySilent = "registry_silent";
    /// An attempt of a run did not end in time.
    RunTimeout = "run_timeout";
    /// The runner did not begin the release or run before the deadline of that phase.
    RunnerAway = "runner_away";
    /// The runner was not heard of again after it began the release or run.
    RunnerSilent = "runner_silent";
    /// The runner does not support runs.
    RunsUnsupported = "runs_unsupported";
    /// The platform refused the settings of an instance.
    SettingsRefused = "settings_refused";
    /// The platform did not start the instances in time.
    StartTimeout = "start_timeout";
    /// The runner cannot send the stop signal of the specification.
    StopSignalUnsupported = "stop_signal_unsupported";
    /// The runner is shutting down.
    Stopping = "stopping";
    /// The registry did not resolve a tag.
    TagLookupFailed = "tag_lookup_failed";
    /// The runner cannot resolve tags.
    TagsUnsupported = "tags_unsupported";
    /// The runner has no terminals.
    TerminalUnsupported = "terminal_unsupported";
    /// The runner runs the largest number of commands that it may.
    TooManyExecs = "too_many_execs";
    /// The traffic plane of the runner did not answer.
    TrafficSilent = "traffic_silent";
    /// The runner gave no reason, or one that is not a code.
    Unexplained = "unexplained";
    /// The image has no such user or group.
    UserNotFound = "user_not_found";
    /// The runner cannot run apps as another user.
    UserUnsupported = "user_unsupported";
    /// Another instance uses the volume.
    VolumeBusy = "volume_busy";
    /// The volume on the runner's host belongs to someone else.
    VolumeForeign = "volume_foreign";
    /// The image declares a volume below the path of one of the specification.
    VolumeHiddenByImage = "volume_hidden_by_image";
    /// The data of a volume is missing on the runner's host.
    VolumeLost = "volume_lost";
    /// The path of a volume leads through something that is no directory of the image.
    VolumePathInvalid = "volume_path_invalid";
    /// The runner cannot keep volumes.
    VolumesUnsupported = "volumes_unsupported";
    /// The working directory of the specification cannot be used in this image.
    WorkingDirectoryInvalid = "working_directory_invalid";
    /// The server sent a workload that is not valid.
    WorkloadInvalid = "workload_invalid";
}

/// The text of a code that this version does not know.
///
/// It consists of lowercase letters, digits and underscores.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherCode(String);

impl From<String> for FailureCode {
    /// Reads a text that is no code as [`FailureCode::Unexplained`].
    ///
    /// Programs and people may then trust the form of a code, whoever sent it.
    fn from(text: String) -> Self {
        match Self::known(&text) {
            Some(known) => known,
            None if is_code(&text) => Self::Other(OtherCode(text)),
            None => Self::Unexplained,
        }
    }
}

impl From<&str> for FailureCode {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<FailureCode> for String {
    fn from(code: FailureCode) -> Self {
        match code {
            FailureCode::Other(OtherCode(text)) => text,
            known => known.as_str().to_owned(),
        }
    }
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_code(text: &str) -> bool {
    let is_of_code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=MAX_CODE).contains(&text.len()) && text.bytes().all(is_of_code)
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for FailureCode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FailureCode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let known: Vec<_> = Self::ALL.iter().map(Self::as_str).collect();
        schemars::json_schema!({
            "description": "The code of a failure. Newer runners may have others.",
            "type": "string",
            "pattern": format!("^[a-z0-9_]{{1,{MAX_CODE}}}$"),
            "examples": known,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::FailureCode;

    fn read(text: &str) -> FailureCode {
        serde_json::from_value(json!(text)).unwrap()
    }

    #[test]
    fn codes_stand_in_alphabetical_order_and_are_codes() {
        let names: Vec<_> = FailureCode::ALL.iter().map(FailureCode::as_str).collect();
        assert!(names.is_sorted(), "{names:#?}");
        for code in FailureCode::ALL {
            assert_eq!(read(code.as_str()), *code);
            assert!(super::is_code(code.as_str()), "{code}");
            assert!(code.meaning().ends_with('.'), "{code}");
        }
    }

    #[test]
    fn a_code_of_a_newer_runner_survives() {
        let code = read("moon_too_full");
        assert_eq!(code.as_str(), "moon_too_full");
        assert_eq!(serde_json::to_value(&code).unwrap(), json!("moon_too_full"));
        assert_eq!(FailureCode::from(String::from(code.clone())), code);
    }

    #[test]
    fn a_renamed_code_is_read_under_its_earlier_name_too() {
        assert_eq!(read("machine_failed"), FailureCode::HostFailed);
    }

    #[test]
    fn an_invalid_code_is_unexplained() {
        for wrong in ["", "Not a code", "a\0b", "<b>", &"a".repeat(65)] {
            assert_eq!(read(wrong), FailureCode::Unexplained, "{wrong:?}");
        }
    }
}
