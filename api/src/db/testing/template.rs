//! Database with every table, which PostgreSQL copies for each test.
//!
//! Running the migrations takes longer than most tests. The first test that finds no template makes
//! it. Its name has the hash of the migrations, so a server that outlives a run keeps no wrong one.

use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, Error, Executor, PgConnection};

use super::{address_of, database};
use crate::db::{Db, migration};

/// Held by the test that makes the template: "berth" in ASCII.
const LOCK: i64 = 0x62_65_72_74_68;

/// PostgreSQL's code for a database that is not there.
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
    // The lock ends with it, where it was taken.
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

/// Whether there was a template to copy.
async fn is_copied(connection: &mut PgConnection, template: &str, name: &str) -> bool {
    let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
    match connection.execute(AssertSqlSafe(sql)).await {
        Ok(_) => true,
        Err(Error::Database(error)) if error.code().as_deref() == Some(NO_DATABASE) => false,
        Err(error) => panic!("the PostgreSQL server may make databases: {error}"),
    }
}

/// Makes the template, unless another test has made it meanwhile.
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
    // Under another name until it is complete: a test may end in the middle.
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
    let settings = database(&address_of(server, &unfinished));
    let db = Db::open(&settings, &std::env::temp_dir())
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
