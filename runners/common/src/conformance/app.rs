//! The app that the suite deploys. Every subject's image behaves like this.

use models::{
    deployment::{Port, StopPolicy},
    runner::{RunnerSpec, RunnerVariable},
    value::{EnvironmentName, EnvironmentValue, ImageReference},
};

/// Port of an app that has one.
///
/// On a platform whose instances share a host's ports, the image answers on the port that the
/// runner gives it instead.
pub const PORT: u16 = 8080;

/// A file that [`App::Shows`] prints, wherever the platform puts this path.
pub const GREETING: &str = "/etc/berth/greeting";

/// Mount path of the suite's volume.
pub const DATA: &str = "/data";
/// A file in that volume, which [`App::Keeps`] writes.
pub const KEPT: &str = "/data/kept";
/// A folder in that volume, which is there while [`App::Keeps`] runs.
pub const LOCK: &str = "/data/lock";

/// A program in the image that exits with code 0; probes run it.
pub const TRUE: &str = "/bin/true";
/// A program in the image that exits with code 1; probes run it.
pub const FALSE: &str = "/bin/false";
/// A program in the image that prints its arguments, and a line's end.
pub const ECHO: &str = "/bin/echo";
/// A program in the image that prints until it is killed.
pub const YES: &str = "/bin/yes";
/// A shell in the image, which knows `exit`, `stty size` and `yes`.
pub const SHELL: &str = "/bin/sh";

/// Behavior of the app, by the environment variable [`App::VARIABLE`].
///
/// It prints nothing else, each line at once, to standard output unless stated otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// Prints `up` and answers HTTP on [`PORT`].
    Web,
    /// Prints `up`, stays up and answers nothing.
    Mute,
    /// Prints `going down` to standard error and exits with code 3.
    Ends,
    /// Prints `done` and exits with code 0.
    Done,
    /// Prints the file [`GREETING`], then stays up.
    Shows,
    /// Makes the folder [`LOCK`] and adds a line to the file [`KEPT`].
    ///
    /// Prints `kept` and the number of lines in it, then stays up. Removes the folder when it
    /// is told to stop. When the folder exists already, it prints `shared` and exits with code
    /// 4. Only for subjects with volumes.
    Keeps,
    /// Prints `line 0` up to `line 1999`, then stays up.
    Lines,
}

impl App {
    /// Name of the variable that chooses the behavior.
    pub const VARIABLE: &'static str = "BERTH_TEST_APP";
    /// Number of lines that [`App::Lines`] prints.
    pub const LINES: usize = 2_000;

    /// All behaviors.
    pub const ALL: [Self; 7] = [
        Self::Web,
        Self::Mute,
        Self::Ends,
        Self::Done,
        Self::Shows,
        Self::Keeps,
        Self::Lines,
    ];

    /// Returns the variable's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Mute => "mute",
            Self::Ends => "ends",
            Self::Done => "done",
            Self::Shows => "shows",
            Self::Keeps => "keeps",
            Self::Lines => "lines",
        }
    }

    /// Returns the specification to deploy.
    pub fn spec(self, image: ImageReference, port: Option<u16>) -> RunnerSpec {
        RunnerSpec {
            ports: port.map(Port::http).into_iter().collect(),
            environment: vec![RunnerVariable::new(
                EnvironmentName::trusted(Self::VARIABLE),
                EnvironmentValue::trusted(self.name()),
            )],
            stop: StopPolicy {
                grace_ms: 1_000,
                ..StopPolicy::default()
            },
            ..RunnerSpec::of_image(image)
        }
    }
}
