//! Sources of settings, and errors that name the source.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};
use models::value::SecretText;

use super::Config;

/// Every key with its default.
const DEFAULTS: &str = include_str!("../../../config/api.default.toml");
/// The file that is looked for when the command line names none.
const FILE: &str = "berthd.toml";
/// The prefix of all variables that set a key.
const PREFIX: &str = "BERTH__";
/// The separator between section and key in a variable.
const SEPARATOR: &str = "__";
/// The variable with the master key.
const MASTER_KEY: &str = "BERTH_MASTER_KEY";

/// The sources of settings, beside the built-in defaults.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file named on the command line.
    pub file: Option<PathBuf>,
    /// The data folder named on the command line.
    pub data_dir: Option<PathBuf>,
    /// Environment variables.
    pub variables: Vec<(String, String)>,
}

/// A setting that stops the start. The message names the key and its source.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Sources {
    /// Takes the environment of this process and the values of the command line.
    pub fn from_process(file: Option<PathBuf>, data_dir: Option<PathBuf>) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the environment"
        )]
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self {
            file,
            data_dir,
            variables,
        }
    }

    /// Reads and checks the settings.
    ///
    /// # Errors
    /// When a file cannot be read, a key is unknown or a value is invalid.
    pub fn load(&self) -> Result<Config, ConfigError> {
        let defaults = Toml::string(DEFAULTS);
        let known = settings(&defaults, "the defaults")?;
        let mut figment = Figment::from(defaults);
        if let Some(path) = self.find_file(&known)? {
            let file = Toml::file_exact(&path);
            let place = path.display().to_string();
            refuse_unknown(
                &settings(&file, &place)?,
                &known,
                &mut Vec::new(),
                &|keys| format!("`{}` in {place}", keys.join(".")),
            )?;
            figment = figment.merge(file);
        }
        let variables = self.variables();
        refuse_unknown(
            &settings(&variables, "the environment")?,
            &known,
            &mut Vec::new(),
            &|keys| format!("the variable {}", variable_name(keys)),
        )?;
        figment = figment.merge(variables);
        if let Some(data_dir) = &self.data_dir {
            figment = figment.merge(("server.data_dir", data_dir));
        }
        let mut config: Config = figment.extract().map_err(|error| describe(&error))?;
        config.check()?;
        config.master_key = self
            .variable(MASTER_KEY)
            .map(|text| SecretText::new(text.to_owned()));
        Ok(config)
    }

    /// The named file, else the one in the data folder, else in the current folder.
    fn find_file(&self, defaults: &Dict) -> Result<Option<PathBuf>, ConfigError> {
        if let Some(file) = &self.file {
            return match file.try_exists() {
                Ok(true) => Ok(Some(file.clone())),
                _ => Err(ConfigError(format!(
                    "the configuration file {} does not exist",
                    file.display()
                ))),
            };
        }
        let data_dir = self
            .data_dir
            .clone()
            .or_else(|| self.variable("BERTH__SERVER__DATA_DIR").map(PathBuf::from))
            .or_else(|| {
                let server = defaults.get("server")?.as_dict()?;
                Some(PathBuf::from(server.get("data_dir")?.as_str()?))
            });
        let candidates = data_dir.iter().map(PathBuf::as_path).chain([Path::new("")]);
        Ok(candidates
            .map(|folder| folder.join(FILE))
            .find(|path| path.is_file()))
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    fn variables(&self) -> Variables {
        let named = |(name, value): &(String, String)| {
            let keys = name.strip_prefix(PREFIX)?.to_lowercase();
            let keys = keys.split(SEPARATOR).map(str::to_owned).collect();
            Some((keys, value.clone()))
        };
        Variables(self.variables.iter().filter_map(named).collect())
    }
}

impl Config {
    /// Checks the rules that no type expresses.
    fn check(&self) -> Result<(), ConfigError> {
        let url = &self.server.public_url;
        let is_url = url.is_empty()
            || url.parse::<http::Uri>().is_ok_and(|uri| {
                matches!(uri.scheme_str(), Some("http" | "https"))
                    && uri.host().is_some()
                    && matches!(uri.path(), "" | "/")
                    && uri.query().is_none()
            });
        if !is_url {
            return Err(ConfigError(format!(
                "`server.public_url` is {url:?}, but it must be http:// or https:// and a host \
                 name, without a path"
            )));
        }
        let filter = tracing_subscriber::EnvFilter::try_new(&self.log.filter);
        if let Err(error) = filter {
            return Err(ConfigError(format!(
                "`log.filter` is {:?}: {error}",
                self.log.filter
            )));
        }
        self.machine_types
            .check()
            .map_err(|why| ConfigError(format!("`machine_types.offered`: {why}")))
    }
}

/// Environment variables as one layer of settings.
struct Variables(Vec<(Vec<String>, String)>);

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named("environment variable").interpolater(|_, keys| variable_name(keys))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut settings = Dict::new();
        for (keys, text) in &self.0 {
            // Parses numbers, booleans and lists; any other text stays a string.
            let value: Value = text.parse().unwrap_or_else(|never| match never {});
            insert(&mut settings, keys, value);
        }
        Ok(Profile::Default.collect(settings))
    }
}

fn insert(settings: &mut Dict, keys: &[String], value: Value) {
    match keys {
        [] => {}
        [last] => {
            settings.insert(last.clone(), value);
        }
        [section, rest @ ..] => {
            let inner = settings
                .entry(section.clone())
                .or_insert_with(|| Dict::new().into());
            if let Value::Dict(_, inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

fn variable_name(keys: &[impl AsRef<str>]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| key.as_ref().to_uppercase()).collect();
    format!("{PREFIX}{}", keys.join(SEPARATOR))
}

/// The settings of one layer.
fn settings(layer: &impl Provider, place: &str) -> Result<Dict, ConfigError> {
    let mut profiles = layer
        .data()
        .map_err(|error| ConfigError(format!("cannot read {place}: {error}")))?;
    Ok(profiles.remove(&Profile::Default).unwrap_or_default())
}

/// Rejects unknown keys. Serde would too, but could not name the layer they came from.
fn refuse_unknown(
    settings: &Dict,
    known: &Dict,
    keys: &mut Vec<String>,
    place: &dyn Fn(&[String]) -> String,
) -> Result<(), ConfigError> {
    for (key, value) in settings {
        keys.push(key.clone());
        match (known.get(key), value) {
            (None, _) => {
                let others: Vec<_> = known.keys().map(|key| format!("`{key}`")).collect();
                return Err(ConfigError(format!(
                    "{} is not a setting; valid settings are {}",
                    place(keys),
                    others.join(", ")
                )));
            }
            (Some(Value::Dict(_, known)), Value::Dict(_, value)) => {
                refuse_unknown(value, known, keys, place)?;
            }
            _ => {}
        }
        keys.pop();
    }
    Ok(())
}

/// Names the key and the source of each wrong value.
fn describe(error: &figment::Error) -> ConfigError {
    let mut text = String::new();
    for error in error.clone() {
        if !text.is_empty() {
            text.push_str("; ");
        }
        let _ = match (&error.metadata, &error.profile) {
            (Some(metadata), Some(profile)) => {
                let name = metadata.interpolate(profile, &error.path);
                match metadata
                    .source
                    .as_ref()
                    .and_then(|source| source.file_path())
                {
                    Some(path) => write!(text, "`{}` in {}", error.path.join("."), path.display()),
                    None => write!(text, "the {} {name}", metadata.name),
                }
            }
            _ => write!(text, "`{}`", error.path.join(".")),
        };
        let _ = write!(text, ": {}", error.kind);
    }
    ConfigError(text)
}
