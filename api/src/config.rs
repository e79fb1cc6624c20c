//! The server's configuration: defaults, a file, variables, the command line.
//!
//! The structs have exactly one field for every key of `config/api.default.toml`, and tests
//! hold them to that. An unknown key or an invalid value stops the start.

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
    /// Level and format of the log.
    pub log: Log,
    /// Lifetime of sessions.
    pub session: Session,
    /// The cost of password hashes.
    pub password: Password,
    /// Rate limits of callers.
    pub rate_limits: RateLimits,
    /// This host as a runner.
    pub runner: Runner,
    /// Terminals into instances.
    pub terminals: Terminals,
    /// Log lines of deployments.
    pub logs: Logs,
    /// Retention of instance stats.
    pub stats: Stats,
    /// Machine types: the named sizes of instances that people choose from.
    pub machine_types: MachineTypes,
    /// Autoscaling.
    pub scaling: Scaling,
    /// Persistent data of apps.
    pub volumes: Volumes,
    /// Background jobs.
    pub jobs: Jobs,
    /// The master key in base64, from the variable `BERTH_MASTER_KEY`; never in a file.
    #[serde(skip)]
    pub master_key: Option<SecretText>,
}

/// The listener and its limits.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The address on which the dashboard and the API listen.
    pub address: SocketAddr,
    /// The public URL of the server; empty to derive it from the address.
    pub public_url: String,
    /// The data folder.
    pub data_dir: PathBuf,
    /// Reverse proxies whose forwarded addresses are trusted.
    pub trusted_proxies: Vec<Network>,
    /// The time limit of a request.
    pub request_timeout_ms: u64,
    /// The largest request body.
    pub body_limit_bytes: usize,
    /// The time within which a connection must have sent a whole request head.
    pub head_timeout_ms: u64,
    /// The most connections from one address.
    pub max_connections_per_address: usize,
    /// The time that a stop waits for requests under way.
    pub shutdown_grace_ms: u64,
}

impl Server {
    /// The public URL without a slash at the end.
    ///
    /// It is written as browsers write an origin: in lower case, and without the scheme's
    /// default port.
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

    /// The time limit of a request.
    pub const fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// The time within which a connection must have sent a whole request head.
    pub const fn head_timeout(&self) -> Duration {
        Duration::from_millis(self.head_timeout_ms)
    }

    /// The time that a stop waits for requests under way.
    pub const fn shutdown_grace(&self) -> Duration {
        Duration::from_millis(self.shutdown_grace_ms)
    }

    /// True if a forwarded address from this peer is trusted.
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
    /// The address on which `/metrics` listens.
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

/// Level and format of the log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Levels, overall or by module.
    pub filter: String,
    /// The format of log lines.
    pub format: LogFormat,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Text for people.
    Text,
    /// JSON for programs: one object a line.
    Json,
}

/// Lifetime of sessions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Hours without a visit after which a session ends.
    pub lifetime_hours: NonZeroU32,
}

impl Session {
    /// The time without a visit after which a session ends, in milliseconds.
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
    /// The number of hashes computed at the same time.
    pub concurrent_hashes: NonZeroUsize,
}

/// Rate limits of one caller, by class of endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimits {
    /// Calls that check a password or a one-time token.
    pub credentials: RateLimit,
    /// Attempts at one account from browsers that are new to it.
    pub account: RateLimit,
    /// Calls that read.
    pub reads: RateLimit,
    /// Calls that change something.
    pub writes: RateLimit,
}

/// A rate limit of one caller.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// The sustained rate, per minute.
    pub per_minute: NonZeroU32,
    /// The requests allowed at once, after a pause.
    pub burst: NonZeroU32,
}

/// This machine as a runner.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runner {
    /// The condition under which this machine becomes a runner.
    pub this_machine: ThisMachine,
    /// File with the host policy; empty for the default path.
    pub policy_file: PathBuf,
}

/// The condition under which this machine becomes a runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThisMachine {
    /// If a Docker Engine answers here.
    Auto,
    /// Never.
    Off,
}

/// Terminals into instances.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terminals {
    /// The time after which a terminal without input is closed.
    pub idle_limit_ms: u64,
    /// The number of terminals that one person may have open on this server.
    pub max_per_person: usize,
}

impl Terminals {
    /// The time after which a terminal without input is closed.
    pub const fn idle_limit(&self) -> Duration {
        Duration::from_millis(self.idle_limit_ms)
    }
}

/// Log lines of deployments.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// The compressed size kept of each deployment's log.
    pub max_mib_per_deployment: NonZeroU32,
    /// The retention of lines, in days.
    pub max_days: NonZeroU32,
}

impl Logs {
    /// The size kept of each deployment's log, in bytes.
    pub fn max_bytes(&self) -> i64 {
        i64::from(self.max_mib_per_deployment.get()) * 1_048_576
    }

    /// The retention of lines, in milliseconds.
    pub fn max_age_ms(&self) -> i64 {
        i64::from(self.max_days.get()) * 86_400_000
    }
}

/// Retention of instance stats, which are measured every 5 seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stats {
    /// The retention of single samples, in hours.
    pub full_resolution_hours: NonZeroU32,
    /// The retention of five-minute averages and maxima, in days.
    pub rolled_up_days: NonZeroU32,
}

impl Stats {
    /// The retention of single samples, in milliseconds.
    pub fn full_resolution_ms(&self) -> i64 {
        i64::from(self.full_resolution_hours.get()) * 3_600_000
    }

    /// The retention of averages and maxima, in milliseconds.
    pub fn rolled_up_ms(&self) -> i64 {
        i64::from(self.rolled_up_days.get()) * 86_400_000
    }
}

/// Persistent data of apps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volumes {
    /// The time that a volume stays in the trash, in days.
    pub trash_days: NonZeroU32,
}

impl Volumes {
    /// The time that a volume stays in the trash, in milliseconds.
    pub fn trash_ms(&self) -> i64 {
        i64::from(self.trash_days.get()) * 86_400_000
    }
}

/// Background jobs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// The number of jobs that this server runs at the same time.
    pub concurrency: NonZeroUsize,
}
