//! The template database with every table, which PostgreSQL copies for each test.
//!
//! Running the migrations takes longer than most tests. The first test that finds no template
//! creates it. Its name contains the hash of the migrations, so a long-lived server never
//! serves an outdated one.

use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, Error, Executor, PgConnection};

use super::{address_of, open_postgres};
use crate::migration;

/// The advisory lock of the test that creates the template: "berth" in ASCII.
const LOCK: i64 = 0x62_65_72_74_68;

/// PostgreSQL's error code for a database that does not exist.
const NO_DATABASE: &str = "3D000";

/// Creates a database with every table.
///
/// # Panics
/// When the server refuses.
pub(super) async fn copy(server: &str, name: &str) {
    let template = template_name();
    let mut connection = PgConnection::connect(server)
        .await
        .expect("the PostgreSQL server answers");
    if !is_copied(&mut connection, &template, name).await {
        make(&mut connection, server, &template).await;
        let is_copied = is_copied(&mut connection, &template, name).await;
        assert!(is_copied, "{template} was made and is gone");
    }
    // Closing the connection releases the lock, if this test took it.
    connection.close().await.expect("a clean end");
}

fn template_name() -> String {
    let mut hash = Sha256::new();
    for text in migration::postgres_texts() {
        hash.update(text);
    }
    let hash = hash.finalize();
    let bytes = hash.iter().take(8);
    let hash = bytes.fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
    format!("berth_template_{hash:016x}")
}

/// Copies the template; false if there is none.
async fn is_copied(connection: &mut PgConnection, template: &str, name: &str) -> bool {
    let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
    match connection.execute(AssertSqlSafe(sql)).await {
        Ok(_) => true,
        Err(Error::Database(error)) if error.code().as_deref() == Some(NO_DATABASE) => false,
        Err(error) => panic!("the PostgreSQL server may make databases: {error}"),
    }
}

/// Creates the template, unless another test has created it meanwhile.
async fn make(connection: &mut PgConnection, server: &str, template: &str) {
    run(connection, format!("SELECT pg_advisory_lock({LOCK})")).await;
    let found = sqlx::query("SELECT FROM pg_database WHERE datname = $1")
        .bind(template)
        .fetch_optional(&mut *connection)
        .await
        .expect("the PostgreSQL server lists its databases");
    if found.is_some() {
        return;
    }
    // It has another name until it is complete: a test may end in the middle.
    let unfinished = format!("{template}_unfinished");
    run(
        connection,
        format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)"),
    )
    .await;
    run(
        connection,
        format!("CREATE DATABASE {unfinished} TEMPLATE template0"),
    )
    .await;
    let db = open_postgres(&address_of(server, &unfinished))
        .await
        .expect("the migrations run");
    db.close().await;
    run(
        connection,
        format!("ALTER DATABASE {unfinished} RENAME TO {template}"),
    )
    .await;
}

async fn run(connection: &mut PgConnection, sql: String) {
    connection
        .execute(AssertSqlSafe(sql))
        .await
        .expect("the PostgreSQL server makes the template");
}
