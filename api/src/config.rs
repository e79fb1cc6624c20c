//! The server's configuration: built-in defaults, a file, environment variables, command line.
//!
//! The structs have a field for every key of `config/api.default.toml` and no other; tests hold
//! them to that. A key that nobody knows, or a value that does not fit, stops the start.

mod address;
mod machine_types;
mod network;
mod scaling;
mod sources;

#[cfg(test)]
mod tests;

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use models::value::SecretText;
use serde::Deserialize;

pub use address::OptionalAddress;
pub use machine_types::{MachineTypes, Offered};
pub use network::Network;
pub use scaling::Scaling;
pub use sources::{ConfigError, Sources};

/// Every setting of the server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The listener and its limits.
    pub server: Server,
    /// The listener for Prometheus.
    pub metrics: Metrics,
    /// The database.
    pub database: Database,
    /// Events between servers.
    pub bus: Bus,
    /// What is logged and how.
    pub log: Log,
    /// How long people stay signed in.
    pub session: Session,
    /// The cost of password hashes.
    pub password: Password,
    /// How often one caller may call.
    pub rate_limits: RateLimits,
    /// This machine as a runner.
    pub runner: Runner,
    /// Terminals into instances.
    pub terminals: Terminals,
    /// Log lines of deployments.
    pub logs: Logs,
    /// What instances use.
    pub stats: Stats,
    /// The named sizes of instances that people choose from.
    pub machine_types: MachineTypes,
    /// How many instances there are when that follows what they use.
    pub scaling: Scaling,
    /// Data that apps keep.
    pub volumes: Volumes,
    /// Background jobs.
    pub jobs: Jobs,
    /// The master key in base64, from the variable `BERTH_MASTER_KEY`; it is never in a file.
    #[serde(skip)]
    pub master_key: Option<SecretText>,
}

/// The listener and its limits.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Where the dashboard and the API answer.
    pub address: SocketAddr,
    /// How people reach the server; empty when that follows from the address.
    pub public_url: String,
    /// The data folder.
    pub data_dir: PathBuf,
    /// Reverse proxies whose forwarded addresses are believed.
    pub trusted_proxies: Vec<Network>,
    /// The longest that a request may take.
    pub request_timeout_ms: u64,
    /// The largest request body.
    pub body_limit_bytes: usize,
    /// The longest that a connection may be without the whole head of a request.
    pub head_timeout_ms: u64,
    /// The most connections from one address.
    pub max_connections_per_address: usize,
    /// How long a stop waits for what is under way.
    pub shutdown_grace_ms: u64,
}

impl Server {
    /// How people reach the server, without a slash at the end: as browsers write an origin, in
    /// lower case and without the port that the scheme has anyway.
    pub fn public_url(&self) -> String {
        if self.public_url.is_empty() {
            return format!("http://localhost:{}", self.address.port());
        }
        let url = self.public_url.trim_end_matches('/').to_ascii_lowercase();
        let usual = if url.starts_with("https:") {
            ":443"
        } else {
            ":80"
        };
        url.strip_suffix(usual).unwrap_or(&url).to_owned()
    }

    /// The longest that a request may take.
    pub const fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// The longest that a connection may be without the whole head of a request.
    pub const fn head_timeout(&self) -> Duration {
        Duration::from_millis(self.head_timeout_ms)
    }

    /// How long a stop waits for what is under way.
    pub const fn shutdown_grace(&self) -> Duration {
        Duration::from_millis(self.shutdown_grace_ms)
    }

    /// Whether a forwarded address from this peer is believed.
    pub fn trusts(&self, peer: std::net::IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|network| network.contains(peer))
    }
}

/// The listener for Prometheus.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Where `/metrics` answers.
    pub address: OptionalAddress,
}

/// The database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// A PostgreSQL address; empty for embedded SQLite.
    pub url: SecretText,
    /// The most connections to PostgreSQL.
    pub max_connections: u32,
}

/// Events between servers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bus {
    /// A Redis address; empty when events stay inside this server.
    pub redis_url: SecretText,
}

/// What is logged and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Levels, whole or by module.
    pub filter: String,
    /// For whom it is written.
    pub format: LogFormat,
}

/// For whom the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one object a line.
    Json,
}

/// How long people stay signed in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Hours without a visit after which a session ends.
    pub lifetime_hours: NonZeroU32,
}

impl Session {
    /// How long a session lives without a visit, in milliseconds.
    pub fn lifetime_ms(&self) -> i64 {
        i64::from(self.lifetime_hours.get()) * 3_600_000
    }
}

/// The cost of password hashes (argon2id).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Password {
    /// Memory for each hash.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
    /// How many are computed at the same time.
    pub concurrent_hashes: NonZeroUsize,
}

/// How often one caller may call, by class of endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimits {
    /// Calls that check a password or a one-time token.
    pub credentials: RateLimit,
    /// Tries at one account by browsers that are new to it.
    pub account: RateLimit,
    /// Calls that read.
    pub reads: RateLimit,
    /// Calls that change something.
    pub writes: RateLimit,
}

/// How often one caller may call.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Steadily, in a minute.
    pub per_minute: NonZeroU32,
    /// At once, after a pause.
    pub burst: NonZeroU32,
}

/// This machine as a runner.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runner {
    /// Whether this machine becomes one.
    pub this_machine: ThisMachine,
    /// The file that says what this machine allows; empty for the usual one.
    pub policy_file: PathBuf,
}

/// Whether this machine becomes a runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThisMachine {
    /// When a Docker Engine answers here.
    Auto,
    /// Never.
    Off,
}

/// Terminals into instances.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terminals {
    /// How long one stays open without input.
    pub idle_limit_ms: u64,
    /// How many one person may have open on this server.
    pub max_per_person: usize,
}

impl Terminals {
    /// How long one stays open without input.
    pub const fn idle_limit(&self) -> Duration {
        Duration::from_millis(self.idle_limit_ms)
    }
}

/// Log lines of deployments.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// How much of each deployment is kept, compressed.
    pub max_mib_per_deployment: NonZeroU32,
    /// For how long lines are kept, in days.
    pub max_days: NonZeroU32,
}

impl Logs {
    /// How much of each deployment is kept, in bytes.
    pub fn max_bytes(&self) -> i64 {
        i64::from(self.max_mib_per_deployment.get()) * 1_048_576
    }

    /// For how long lines are kept, in milliseconds.
    pub fn max_age_ms(&self) -> i64 {
        i64::from(self.max_days.get()) * 86_400_000
    }
}

/// What instances use, measured every 5 seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stats {
    /// For how long every sample is kept, in hours.
    pub full_resolution_hours: NonZeroU32,
    /// For how long averages and maxima of five minutes are kept, in days.
    pub rolled_up_days: NonZeroU32,
}

impl Stats {
    /// For how long every sample is kept, in milliseconds.
    pub fn full_resolution_ms(&self) -> i64 {
        i64::from(self.full_resolution_hours.get()) * 3_600_000
    }

    /// For how long averages and maxima are kept, in milliseconds.
    pub fn rolled_up_ms(&self) -> i64 {
        i64::from(self.rolled_up_days.get()) * 86_400_000
    }
}

/// Data that apps keep.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volumes {
    /// How long a volume stays in the trash, in days.
    pub trash_days: NonZeroU32,
}

impl Volumes {
    /// How long a volume stays in the trash, in milliseconds.
    pub fn trash_ms(&self) -> i64 {
        i64::from(self.trash_days.get()) * 86_400_000
    }
}

/// Background jobs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// How many this server works on at the same time.
    pub concurrency: NonZeroUsize,
}
