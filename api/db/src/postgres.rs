//! A PostgreSQL server, and its availability.
//!
//! A pool retries an unreachable server for as long as a request may wait for a connection. So
//! when a connection is slow to come, one task asks the server itself. If the server does not
//! answer that task, all other requests fail at once until it does.

use std::{pin::pin, sync::Arc, time::Duration};

use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres, Transaction,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{ACQUIRE_TIMEOUT, OpenError, StoreError, migration};

/// The wait for a connection after which the server's availability is checked.
///
/// A new connection takes some 10 ms on a local network.
const PATIENCE: Duration = Duration::from_millis(200);
/// The time that the server has to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// The pause between two attempts while the server is away.
const PAUSE: Duration = Duration::from_millis(100);
/// Begins a snapshot. By default, each statement sees what was committed before it.
const ONE_STATE: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Connections to a PostgreSQL server.
#[derive(Debug)]
pub struct PostgresDb {
    pool: PgPool,
    availability: Arc<Availability>,
    closing: CancellationToken,
    watch: TaskTracker,
}

impl PostgresDb {
    /// Connects to a server and runs its migrations.
    pub(super) async fn open(url: &str, max_connections: u32) -> Result<Self, OpenError> {
        let options = options(url)?;
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.clone())
            .await
            .map_err(OpenError::Connect)?;
        migration::run_on_postgres(&pool).await?;
        let availability = Arc::new(Availability::default());
        let (closing, watch) = (CancellationToken::new(), TaskTracker::new());
        let monitored = Arc::clone(&availability);
        let stop = closing.clone();
        watch.spawn(async move {
            stop.run_until_cancelled(monitored.monitor(options)).await;
        });
        watch.close();
        Ok(Self {
            pool,
            availability,
            closing,
            watch,
        })
    }

    /// Acquires a connection to read on.
    pub(super) async fn acquire(&self) -> Result<PoolConnection<Postgres>, StoreError> {
        self.availability
            .while_available(Box::pin(self.pool.acquire()))
            .await
    }

    /// Begins a transaction.
    #[expect(clippy::disallowed_methods, reason = "this is what everyone else uses")]
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        self.availability
            .while_available(Box::pin(self.pool.begin()))
            .await
    }

    /// Begins a transaction that reads one state.
    pub(super) async fn begin_reading(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let beginning = Box::pin(self.pool.begin_with(ONE_STATE));
        self.availability.while_available(beginning).await
    }

    /// The connection pool, for tests.
    #[doc(hidden)]
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) async fn close(&self) {
        self.closing.cancel();
        self.watch.wait().await;
        self.pool.close().await;
    }
}

/// The availability of the server.
#[derive(Debug, Default)]
struct Availability {
    is_unavailable: watch::Sender<bool>,
    /// Notified when a connection was slow to come, or the server went away.
    doubted: Notify,
}

impl Availability {
    /// Waits for a connection for as long as the server is available.
    async fn while_available<T>(
        &self,
        mut asking: impl Future<Output = Result<T, sqlx::Error>> + Unpin,
    ) -> Result<T, StoreError> {
        let mut is_unavailable = self.is_unavailable.subscribe();
        if *is_unavailable.borrow_and_update() {
            return Err(StoreError::Unavailable);
        }
        let mut doubt = pin!(sleep(PATIENCE));
        let mut has_doubts = false;
        loop {
            tokio::select! {
                biased;
                answer = &mut asking => {
                    let answer = answer.map_err(StoreError::from);
                    if matches!(answer, Err(StoreError::Unavailable)) {
                        self.doubted.notify_one();
                    }
                    return answer;
                }
                _ = is_unavailable.wait_for(|is_unavailable| *is_unavailable) => {
                    return Err(StoreError::Unavailable);
                }
                () = &mut doubt, if !has_doubts => {
                    has_doubts = true;
                    self.doubted.notify_one();
                }
            }
        }
    }

    /// Checks the server on every doubt, and repeatedly while it is away.
    async fn monitor(&self, options: PgConnectOptions) {
        loop {
            self.doubted.notified().await;
            let Err(reason) = ping(&options).await else {
                continue;
            };
            tracing::error!(%reason, "the database is not responding");
            self.is_unavailable.send_replace(true);
            while ping(&options).await.is_err() {
                sleep(PAUSE).await;
            }
            self.is_unavailable.send_replace(false);
            tracing::info!("the database is responding again");
        }
    }
}

/// Connects outside the pool. A server that refuses for any reason other than starting or
/// stopping counts as available.
async fn ping(options: &PgConnectOptions) -> Result<(), String> {
    let connecting = timeout(ANSWER_LIMIT, PgConnection::connect_with(options));
    match connecting.await {
        Err(_) => Err("the response timed out".to_owned()),
        Ok(Ok(connection)) => {
            // The connection succeeded, however closing it ends.
            let _ = connection.close().await;
            Ok(())
        }
        Ok(Err(error)) => {
            let reason = error.to_string();
            match StoreError::from(error) {
                StoreError::Unavailable => Err(reason),
                _ => Ok(()),
            }
        }
    }
}

/// Parses the address of a PostgreSQL server. sqlx would take an address of any scheme.
fn options(url: &str) -> Result<PgConnectOptions, OpenError> {
    let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let options = url.parse().map_err(|_| OpenError::UrlInvalid)?;
    if is_postgres {
        Ok(options)
    } else {
        Err(OpenError::UrlInvalid)
    }
}
