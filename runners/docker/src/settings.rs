//! The settings of the program, from all their sources.

mod state_dir;

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use clap::Parser;
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use models::value::SecretText;
use runner_common::{PolicyError, RegistrationOptions, ServerUrl, Timings, read_policy};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::DockerOptions;

/// Every setting with its default, explained.
const DEFAULTS: &str = include_str!("../../../config/runner.default.toml");
/// Prefix of environment variables.
const ENVIRONMENT: &str = "BERTH_RUNNER_";

/// Runs apps on this host's Docker Engine for a Berth server.
/// Without a token, the runner shows a code to enter in the dashboard, and saves the token it
/// receives once the code is approved. If you have a token, pass it in the environment variable
/// `BERTH_RUNNER_TOKEN` or in a file, never on the command line. `config/runner.default.toml`
/// documents every setting.
#[derive(Clone, Debug, Default, Parser, Serialize)]
#[command(name = "berth-runner-docker", version)]
pub struct Arguments {
    /// URL of the server, as opened in a browser
    #[arg(long = "server", value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_url: Option<String>,
    /// File that contains only the token
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    /// Address on which the ports of apps are published
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish_address: Option<IpAddr>,
    /// Folder for the runner's state
    #[arg(long, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_dir: Option<PathBuf>,
    /// File with the host policy
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_file: Option<PathBuf>,
    /// Adopt all resources of the runner with this id, after its state folder was lost
    #[arg(long, value_name = "RUNNER_ID")]
    #[serde(skip)]
    pub adopt: Option<Uuid>,
    /// Settings file
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    server_url: String,
    token: Option<SecretText>,
    token_file: Option<PathBuf>,
    publish_address: IpAddr,
    docker_socket: PathBuf,
    state_dir: Option<PathBuf>,
    policy_file: Option<PathBuf>,
    /// Log filter.
    pub log: String,
}

/// Reasons why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A setting is unknown or invalid.
    #[error("{0}")]
    Wrong(Box<figment::Error>),
    /// The server's address is invalid.
    #[error("invalid server_url: {0}")]
    ServerUrl(#[from] runner_common::ServerUrlInvalid),
    /// The settings file that was named does not exist.
    #[error("the file {} does not exist", .0.display())]
    ConfigMissing(PathBuf),
    /// The token's file cannot be read.
    #[error("cannot read the token in {}", .0.display())]
    TokenFile(PathBuf, #[source] std::io::Error),
    /// There is no folder for the state.
    #[error(
        "there is no folder for the desired state, because this user has no home; set state_dir"
    )]
    StateDirMissing,
    /// The host policy cannot be read.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Settings {
    /// Reads the settings: command line, environment, file, defaults.
    ///
    /// The first of these that has a setting counts.
    ///
    /// # Errors
    /// When one is unknown or invalid.
    pub fn read(arguments: &Arguments) -> Result<Self, SettingsError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = &arguments.config {
            if !file.is_file() {
                return Err(SettingsError::ConfigMissing(file.clone()));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        figment
            .merge(Env::prefixed(ENVIRONMENT))
            .merge(Serialized::defaults(arguments))
            .extract()
            .map_err(|error| SettingsError::Wrong(Box::new(error)))
    }

    /// Resolves the settings for the start of the program.
    ///
    /// # Errors
    /// When the address is invalid, there is no folder, or the token's file or the policy is
    /// invalid.
    pub fn start(&self) -> Result<Start, SettingsError> {
        let token = match (&self.token, &self.token_file) {
            (Some(token), _) => Some(token.clone()),
            (None, Some(file)) => Some(read_token(file)?),
            (None, None) => None,
        };
        let state_dir = self.state_dir.clone().or_else(state_dir::default_dir);
        Ok(Start {
            token,
            registration: RegistrationOptions {
                server_url: self.server_url.parse::<ServerUrl>()?,
                folder: state_dir.ok_or(SettingsError::StateDirMissing)?,
                timings: Timings::default(),
            },
            docker: DockerOptions {
                socket: self.docker_socket.clone(),
                publish_address: self.publish_address,
                policy: read_policy(self.policy_file.as_deref())?,
                key: None,
            },
        })
    }
}

/// Everything that the program starts with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The token; `None` when the settings give none, so that the runner must register.
    pub token: Option<SecretText>,
    /// Settings of the registration.
    pub registration: RegistrationOptions,
    /// Settings of the platform.
    pub docker: DockerOptions,
}

fn read_token(file: &Path) -> Result<SecretText, SettingsError> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| SettingsError::TokenFile(file.to_owned(), error))?;
    Ok(SecretText::new(text.trim()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use clap::Parser;

    use super::{Arguments, DEFAULTS, Settings};

    fn arguments(line: &[&str]) -> Arguments {
        let program = std::iter::once(&"berth-runner-docker");
        Arguments::try_parse_from(program.chain(line)).unwrap()
    }

    #[test]
    fn the_file_of_defaults_names_every_setting() {
        let settings = Settings::read(&Arguments::default()).unwrap();
        assert_eq!(settings.server_url, "http://localhost:3000");
        // `{settings:?}` names every field of the struct.
        let shown = format!("{settings:?}");
        let fields = shown
            .split(['{', ','])
            .filter_map(|part| part.split_once(": "));
        let names: Vec<&str> = fields.map(|(name, _)| name.trim()).collect();
        assert!(names.len() >= 6, "{names:?}");
        for name in names {
            let stands = |line: &str| {
                line.trim_start_matches("# ")
                    .starts_with(&format!("{name} ="))
            };
            assert!(DEFAULTS.lines().any(stands), "{name} is not explained");
        }
    }

    #[test]
    fn the_command_line_goes_before_a_file_and_a_file_before_the_defaults() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "server_url = \"http://a\"\nlog = \"debug\"").unwrap();
        let path = file.path().to_str().unwrap();
        let settings = Settings::read(&arguments(&["--config", path])).unwrap();
        assert_eq!(
            (settings.server_url.as_str(), settings.log.as_str()),
            ("http://a", "debug")
        );
        let line = arguments(&["--config", path, "--server", "http://b"]);
        assert_eq!(Settings::read(&line).unwrap().server_url, "http://b");
    }

    #[test]
    fn an_unknown_setting_stops_the_start_with_its_name() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "sever_url = \"http://a\"").unwrap();
        let line = arguments(&["--config", file.path().to_str().unwrap()]);
        let error = Settings::read(&line).unwrap_err().to_string();
        assert!(error.contains("sever_url"), "{error}");
    }

    #[test]
    fn a_token_comes_from_a_file_or_there_is_none_and_it_is_never_shown() {
        let start = Settings::read(&Arguments::default()).unwrap().start();
        assert!(start.unwrap().token.is_none());

        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "canary").unwrap();
        let line = arguments(&["--token-file", file.path().to_str().unwrap()]);
        let start = Settings::read(&line).unwrap().start().unwrap();
        let token = start.token.clone().unwrap();
        assert_eq!(token.expose(), "canary");
        assert!(!format!("{start:?}").contains("canary"));
    }

    #[test]
    fn the_token_has_no_place_on_the_command_line() {
        let line = ["berth-runner-docker", "--token", "canary"];
        assert!(Arguments::try_parse_from(line).is_err());
    }
}
