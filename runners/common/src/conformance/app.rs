//! The app that the suite deploys. Every subject's image behaves like this.

use models::{
    deployment::Spec,
    value::{EnvironmentName, EnvironmentValue, EnvironmentVariable, ImageReference},
};

/// The port of an app that has one.
pub const PORT: u16 = 8080;

/// What the app does, by the environment variable [`App::VARIABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// Prints `up` and answers HTTP on [`PORT`].
    Web,
    /// Prints `up`, stays up and answers nothing.
    Mute,
    /// Prints `going down` to standard error and ends with exit code 3.
    Ends,
    /// Prints `line 0` up to `line 1999`, then stays up.
    Lines,
}

impl App {
    /// The variable that says which one it is.
    pub const VARIABLE: &'static str = "BERTH_TEST_APP";
    /// How many lines [`App::Lines`] prints.
    pub const LINES: usize = 2_000;

    /// The variable's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Mute => "mute",
            Self::Ends => "ends",
            Self::Lines => "lines",
        }
    }

    /// What to deploy.
    pub(super) fn spec(self, image: ImageReference, port: Option<u16>) -> Spec {
        Spec {
            image,
            port,
            environment: vec![EnvironmentVariable {
                name: EnvironmentName::trusted(Self::VARIABLE),
                value: EnvironmentValue::trusted(self.name()),
            }],
        }
    }
}
