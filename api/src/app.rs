//! The server as a value: everything that a request may need, passed along and never global.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use models::{WorkspaceId, api::workspace::ListTrendsResponse};
use tokio::sync::{Notify, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    bus::Bus,
    clock::Clock,
    config::Config,
    db::Db,
    files,
    http::{RateLimiter, Tallies},
    hub::Hub,
    ids::Ids,
    jobs::{Job, Jobs},
    memo::Memo,
    password::{PasswordError, Passwords},
    seal::{KeyError, MasterKey},
    seats::Seats,
    server_id,
    services::stats::TRENDS_FRESH_MS,
    session_store::DbSessionStore,
    site::Site,
};

/// The server; cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

/// What the server is made of.
#[derive(Debug)]
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// What time it is.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// What secrets are sealed under.
    pub master_key: MasterKey,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Who is signed in.
    pub sessions: Arc<DbSessionStore>,
    /// Events, between requests and between servers.
    pub bus: Bus,
    /// Work that outlives a request.
    pub jobs: Jobs<Job>,
    /// The links of runners.
    pub hub: Hub,
    /// Who has terminals open.
    pub terminals: Seats,
    /// What deployments used lately, for the pages that show it.
    pub trends: Memo<WorkspaceId, ListTrendsResponse>,
    /// How often one caller may call.
    pub rate: RateLimiter,
    /// Tells this server from others on the same database; the same after a restart.
    pub server_id: Uuid,
    /// How people reach the server: scheme, host and port.
    pub public_origin: String,
    /// The host name of that, which no app may share.
    pub site: Site,
    /// What callers cause as often as they like, and the log tells once.
    pub tallies: Tallies,
    /// Rings when the server got its administrator.
    pub setup_done: Notify,
    /// Whether this machine becomes a runner as soon as there is a workspace; nothing as long as that
    /// is being found out.
    pub machine_is_ready: watch::Sender<Option<bool>>,
    /// Rings when the server stops.
    pub stop: CancellationToken,
    /// What must be finished before the process ends.
    pub tasks: TaskTracker,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database could not be opened.
    #[error(transparent)]
    Database(#[from] crate::db::OpenError),
    /// The master key does not fit.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The cost of passwords does not work.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The bus could not be reached.
    #[error(transparent)]
    Bus(#[from] crate::bus::BusError),
    /// The log or the figures could not be set up.
    #[error(transparent)]
    Telemetry(#[from] crate::telemetry::TelemetryError),
    /// The data folder cannot be used.
    #[error("the data folder {folder} cannot be used")]
    DataFolder {
        /// The folder.
        folder: String,
        /// Why not.
        source: std::io::Error,
    },
    /// Others than the owner may use the data folder.
    #[error(
        "the data folder {folder} is open to others on this machine; run: chmod 700 {folder}",
        folder = .0.display()
    )]
    FolderTooOpen(PathBuf),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: String,
        /// Why not.
        source: std::io::Error,
    },
    /// Something else broke.
    #[error("the server could not start: {0}")]
    Other(String),
}

impl App {
    /// Opens everything that the settings name.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn open(config: Config, clock: Clock) -> Result<Self, StartError> {
        let folder = config.server.data_dir.clone();
        let unusable = |source| StartError::DataFolder {
            folder: folder.display().to_string(),
            source,
        };
        files::create_private_dir(&folder).map_err(unusable)?;
        if !files::is_private(&folder).map_err(unusable)? {
            return Err(StartError::FolderTooOpen(folder));
        }
        let db = Db::open(&config.database, &folder).await?;
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

    /// Puts a server together from parts that are open already.
    ///
    /// # Errors
    /// When the configured cost of passwords is none that works.
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
        Ok(Self(Arc::new(Parts {
            sessions: Arc::new(DbSessionStore::new(db.clone(), clock.clone())),
            passwords: Passwords::new(&config.password)?,
            jobs: Jobs::new(clock.clone(), ids.clone()),
            hub: Hub::default(),
            terminals: Seats::default(),
            trends: Memo::new(TRENDS_FRESH_MS),
            rate: RateLimiter::new(&config.rate_limits),
            public_origin: config.server.public_url(),
            site: Site::of(&config.server.public_url()),
            tallies: Tallies::default(),
            setup_done: Notify::new(),
            machine_is_ready: watch::Sender::new(Some(false)),
            config,
            db,
            clock,
            ids,
            master_key,
            bus,
            server_id,
            stop,
            tasks,
        })))
    }
}

impl Parts {
    /// The name of the session's cookie.
    pub fn session_cookie(&self) -> &'static str {
        self.site.cookie_name("__Host-berth", "berth")
    }
}

/// What a server is put together from.
#[derive(Debug)]
pub struct Opened {
    /// The settings.
    pub config: Config,
    /// What time it is.
    pub clock: Clock,
    /// The database.
    pub db: Db,
    /// What secrets are sealed under.
    pub master_key: MasterKey,
    /// Events.
    pub bus: Bus,
    /// Tells this server from others on the same database.
    pub server_id: Uuid,
    /// What must be finished before the process ends.
    pub tasks: TaskTracker,
    /// Rings when the server stops.
    pub stop: CancellationToken,
}
