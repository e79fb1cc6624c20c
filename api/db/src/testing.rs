//! Databases for tests: every test runs on both kinds.
//!
//! PostgreSQL is the server in `BERTH_TEST_POSTGRES_URL`, on which each test gets its own
//! database. Without that variable the PostgreSQL half reports that it is skipped; in CI it
//! fails.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "only tests call this, and a failing set-up is a failure"
)]

mod contents;
mod statements;
mod template;

use std::{
    io::ErrorKind,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
};

use futures::FutureExt;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use uuid::Uuid;

pub use contents::{contents, execute};
pub use statements::{Statements, modules_with_statements, prepare};

use super::{Db, OpenError};

/// The variable with the address of the PostgreSQL server for tests.
pub const POSTGRES_URL: &str = "BERTH_TEST_POSTGRES_URL";
/// Connections of one test's pool; a server takes about a hundred in all.
const MAX_CONNECTIONS: u32 = 5;

/// Makes two tests of one body: `name::sqlite` and `name::postgres`.
///
/// ```text
/// db_test! {
///     async fn a_person_is_found_by_email(db: Db) { … }
/// }
/// ```
#[macro_export]
macro_rules! db_test {
    ($($(#[$attribute:meta])* async fn $name:ident($db:ident: Db) $body:block)*) => {$(
        $(#[$attribute])*
        async fn $name($db: $crate::Db) $body

        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::testing::with_sqlite(super::$name).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $crate::testing::with_postgres(super::$name).await;
            }
        }
    )*};
}

/// Runs a test on a new SQLite file, which is removed afterwards.
///
/// # Panics
/// When the file cannot be made, and when the test does.
pub async fn with_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Db) -> F) {
    let folder = temporary_folder();
    let db = Db::open_sqlite(&folder).await.expect("a SQLite file");
    let outcome = AssertUnwindSafe(test(db.clone())).catch_unwind().await;
    db.close().await;
    remove(&folder);
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// Removes a folder, in which a leftover server may still be removing files.
fn remove(folder: &Path) {
    while let Err(error) = std::fs::remove_dir_all(folder) {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        if !folder.exists() {
            return;
        }
    }
}

/// Runs a test on a new PostgreSQL database, which is dropped afterwards.
///
/// # Panics
/// When the database cannot be made, when the test panics, and in CI when there is no server.
pub async fn with_postgres<F: Future<Output = ()>>(test: impl FnOnce(Db) -> F) {
    let Some(postgres) = TestPostgres::with_tables().await else {
        return;
    };
    let db = open_postgres(&postgres.url)
        .await
        .expect("a PostgreSQL database");
    let outcome = AssertUnwindSafe(test(db.clone())).catch_unwind().await;
    db.close().await;
    postgres.drop().await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// A PostgreSQL database that was made for one test.
#[derive(Debug)]
pub struct TestPostgres {
    /// The address of the database, for `database.url`.
    pub url: String,
    server: String,
    name: String,
}

impl TestPostgres {
    /// Creates an empty database; `None` if there is no server to create it on.
    ///
    /// # Panics
    /// When the server refuses, and in CI when none is named.
    pub async fn create() -> Option<Self> {
        let database = Self::named()?;
        let sql = format!("CREATE DATABASE {} TEMPLATE template0", database.name);
        run_on(&database.server, sql).await;
        Some(database)
    }

    /// Creates a database with every table.
    async fn with_tables() -> Option<Self> {
        let database = Self::named()?;
        template::copy(&database.server, &database.name).await;
        Some(database)
    }

    fn named() -> Option<Self> {
        let server = required(POSTGRES_URL)?;
        let name = format!("berth_test_{}", Uuid::now_v7().simple());
        Some(Self {
            url: address_of(&server, &name),
            server,
            name,
        })
    }

    /// Drops the database, even with open connections.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn drop(self) {
        let name = self.name;
        run_on(&self.server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
}

/// The address of another database on the same server.
fn address_of(server: &str, name: &str) -> String {
    let (address, query) = match server.split_once('?') {
        Some((address, query)) => (address, format!("?{query}")),
        None => (server, String::new()),
    };
    let (host, _) = address
        .rsplit_once('/')
        .expect("the address ends in the name of a database");
    format!("{host}/{name}{query}")
}

/// Reads a variable that tests need: without it they are skipped, in CI they fail.
///
/// # Panics
/// In CI, when the variable is missing.
pub fn required(variable: &str) -> Option<String> {
    let value = std::env::var(variable).ok();
    if value.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "{variable} must be set in CI"
        );
        println!("skipped: {variable} is not set");
    }
    value
}

/// Opens a test's database.
///
/// # Errors
/// See [`Db::open_postgres`].
pub async fn open_postgres(url: &str) -> Result<Db, OpenError> {
    Db::open_postgres(url, MAX_CONNECTIONS).await
}

/// Creates a folder below the system's temporary folder.
///
/// # Panics
/// When it cannot be made.
pub fn temporary_folder() -> PathBuf {
    let name = format!("berth-test-{}", Uuid::now_v7().simple());
    let folder = std::env::temp_dir().join(name);
    base::private_files::create_private_dir(&folder).expect("a temporary folder");
    folder
}

async fn run_on(server: &str, sql: String) {
    let mut connection = PgConnection::connect(server)
        .await
        .expect("the PostgreSQL server answers");
    connection
        .execute(AssertSqlSafe(sql))
        .await
        .expect("the PostgreSQL server may make databases");
    connection.close().await.expect("a clean end");
}
