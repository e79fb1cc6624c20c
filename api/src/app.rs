//! The server as a value: the state of requests, passed along and never global.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    bus::Bus,
    clock::Clock,
    config::Config,
    db::{ChangeRecord, Db},
    features::Features,
    http::{LogThrottles, RateLimiter},
    ids::Ids,
    jobs::{Job, Jobs},
    links::Links,
    password::{PasswordError, Passwords},
    private_files,
    seal::{KeyError, MasterKey},
    server_id,
    session_store::DbSessionStore,
    site::Site,
};

/// The server; cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    /// The database; for a call that is recorded, with the record of that call.
    pub db: Db,
    parts: Arc<Parts>,
}

/// The parts of a server that all calls share.
#[derive(Debug)]
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The source of the current time.
    pub clock: Clock,
    /// The generator of ids.
    pub ids: Ids,
    /// The key that seals the workspaces' data keys.
    pub master_key: MasterKey,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// The sessions of people who are signed in.
    pub sessions: Arc<DbSessionStore>,
    /// Events, between requests and between servers.
    pub bus: Bus,
    /// The queue of background jobs.
    pub jobs: Jobs<Job>,
    /// The links of runners.
    pub links: Links,
    /// The state of single features.
    pub features: Features,
    /// The rate limits of callers.
    pub rate: RateLimiter,
    /// The id that distinguishes this server from others on the same database.
    ///
    /// It stays the same after a restart.
    pub server_id: Uuid,
    /// The public origin of the server: scheme, host and port.
    pub public_origin: String,
    /// The host name of that origin, which no app may share.
    pub site: Site,
    /// Counts of frequent caller-caused events, which the log reports once in a while.
    pub log_throttles: LogThrottles,
    /// Canceled when the server stops.
    pub stop: CancellationToken,
    /// Tasks that must finish before the process ends.
    pub tasks: TaskTracker,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// The reason that the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database could not be opened.
    #[error(transparent)]
    Database(#[from] crate::db::OpenError),
    /// The master key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The configured cost of password hashes is invalid.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The bus could not be reached.
    #[error(transparent)]
    Bus(#[from] crate::bus::BusError),
    /// The log or the metrics could not be set up.
    #[error(transparent)]
    Telemetry(#[from] crate::telemetry::TelemetryError),
    /// The data folder cannot be used.
    #[error("cannot use the data folder {folder}")]
    DataFolder {
        /// The folder.
        folder: String,
        /// The cause.
        source: std::io::Error,
    },
    /// Users other than the owner may access the data folder.
    #[error(
        "other users on this machine can access the data folder {folder}; run: chmod 700 {folder}",
        folder = .0.display()
    )]
    FolderTooOpen(PathBuf),
    /// The server cannot listen on the address.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: String,
        /// The cause.
        source: std::io::Error,
    },
    /// Another failure.
    #[error("the server could not start: {0}")]
    Other(String),
}

impl App {
    /// Opens all parts that the settings name.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn open(config: Config, clock: Clock) -> Result<Self, StartError> {
        let folder = config.server.data_dir.clone();
        let unusable = |source| StartError::DataFolder {
            folder: folder.display().to_string(),
            source,
        };
        private_files::create_private_dir(&folder).map_err(unusable)?;
        if !private_files::is_private(&folder).map_err(unusable)? {
            return Err(StartError::FolderTooOpen(folder));
        }
        let db = match config.database.url.expose() {
            "" => Db::open_sqlite(&folder).await?,
            url => Db::open_postgres(url, config.database.max_connections).await?,
        };
        let master_key = MasterKey::load(config.master_key.as_ref(), &folder, &db).await?;
        let server_id = server_id::load(&folder).map_err(unusable)?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let bus = Bus::connect(&config.bus, &tasks, &stop)?;
        Ok(Self::with(Opened {
            config,
            clock,
            db,
            master_key,
            bus,
            server_id,
            tasks,
            stop,
        })?)
    }

    /// Assembles a server from parts that are already open.
    ///
    /// # Errors
    /// When the configured cost of password hashes is invalid.
    pub fn with(opened: Opened) -> Result<Self, PasswordError> {
        let Opened {
            config,
            clock,
            db,
            master_key,
            bus,
            server_id,
            tasks,
            stop,
        } = opened;
        let ids = Ids::new(clock.clone());
        let parts = Parts {
            sessions: Arc::new(DbSessionStore::new(db.clone(), clock.clone())),
            passwords: Passwords::new(&config.password)?,
            jobs: Jobs::new(clock.clone(), ids.clone()),
            links: Links::default(),
            features: Features::default(),
            rate: RateLimiter::new(&config.rate_limits),
            public_origin: config.server.public_url(),
            site: Site::of(&config.server.public_url()),
            log_throttles: LogThrottles::default(),
            config,
            clock,
            ids,
            master_key,
            bus,
            server_id,
            stop,
            tasks,
        };
        Ok(Self {
            db,
            parts: Arc::new(parts),
        })
    }

    /// Returns the server for one call, whose change commits together with this record.
    #[must_use]
    pub fn with_record(&self, record: Arc<dyn ChangeRecord>) -> Self {
        Self {
            db: self.db.with_record(record),
            parts: Arc::clone(&self.parts),
        }
    }
}

impl Parts {
    /// The name of the session cookie.
    pub fn session_cookie(&self) -> &'static str {
        self.site.cookie_name("__Host-berth", "berth")
    }
}

/// The open parts that a server is assembled from.
#[derive(Debug)]
pub struct Opened {
    /// The settings.
    pub config: Config,
    /// The source of the current time.
    pub clock: Clock,
    /// The database.
    pub db: Db,
    /// The key that seals the workspaces' data keys.
    pub master_key: MasterKey,
    /// The bus for events.
    pub bus: Bus,
    /// The id that distinguishes this server from others on the same database.
    pub server_id: Uuid,
    /// Tasks that must finish before the process ends.
    pub tasks: TaskTracker,
    /// Canceled when the server stops.
    pub stop: CancellationToken,
}
