//! The full contents of a database, and changes behind the server's back.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use crate::{Db, Kind};

const SQLITE_TABLES: &str =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
const POSTGRES_TABLES: &str =
    "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'";

/// Every row of every table as text, each table's rows sorted.
///
/// # Panics
/// When the database does not answer.
pub async fn contents(db: &Db) -> BTreeMap<String, Vec<String>> {
    let mut contents = BTreeMap::new();
    for table in texts(db, SQLITE_TABLES, POSTGRES_TABLES.to_owned()).await {
        let columns = texts(
            db,
            &format!("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}')"),
            "SELECT 'row'".to_owned(),
        )
        .await
        .join(" || ',' || ");
        let rows = texts(
            db,
            &format!("SELECT {columns} FROM \"{table}\" ORDER BY 1"),
            format!("SELECT CAST(row AS TEXT) FROM \"{table}\" AS row ORDER BY 1"),
        )
        .await;
        contents.insert(table, rows);
    }
    contents
}

/// Runs a statement directly on the database, past the server.
///
/// # Panics
/// When the database refuses.
pub async fn execute(db: &Db, statement: &'static str) {
    let done = match &db.kind {
        Kind::Sqlite(file) => {
            let mut guard = file.begin().await.expect("the writing connection");
            let done = sqlx::query(statement).execute(guard.connection()).await;
            guard.commit().await.expect("the database keeps it");
            done.map(drop)
        }
        Kind::Postgres(postgres) => {
            let pool = postgres.pool();
            sqlx::query(statement).execute(pool).await.map(drop)
        }
        Kind::External(_) => panic!("no test opens one"),
    };
    done.expect("the database does it");
}

async fn texts(db: &Db, sqlite: &str, postgres: String) -> Vec<String> {
    let rows: Vec<(String,)> = match &db.kind {
        Kind::Sqlite(file) => {
            let mut reader = file.reader().await.expect("a connection");
            sqlx::query_as(AssertSqlSafe(sqlite.to_owned()))
                .fetch_all(&mut *reader)
                .await
        }
        Kind::Postgres(server) => {
            let pool = server.pool();
            sqlx::query_as(AssertSqlSafe(postgres))
                .fetch_all(pool)
                .await
        }
        Kind::External(_) => panic!("no test opens one"),
    }
    .expect("the database answers");
    rows.into_iter().map(|(text,)| text).collect()
}
