//! Preparation of every statement, so that no typing error waits for a caller.

use std::path::Path;

use sqlx::{Executor, SqlSafeStr};

use crate::{Db, Kind};

/// The statements of one module, as `statements!` lists them: names and texts.
pub type Statements = &'static [(&'static str, &'static str)];

/// Prepares every statement of these modules.
///
/// # Panics
/// When the database refuses one.
pub async fn prepare(db: &Db, modules: &[Statements]) {
    for (name, sql) in modules.iter().copied().flatten() {
        let prepared = match &db.kind {
            Kind::Sqlite(sqlite) => {
                let mut connection = sqlite.reader().await.expect("a connection");
                connection.prepare(sql.into_sql_str()).await.map(|_| ())
            }
            Kind::Postgres(postgres) => {
                let prepared = postgres.pool().prepare(sql.into_sql_str()).await;
                prepared.map(|_| ())
            }
            Kind::External(_) => panic!("no test opens one"),
        };
        if let Err(error) = prepared {
            panic!("{name}: {error}");
        }
    }
}

/// Counts the modules below a folder of sources that have statements.
///
/// A module that is missing from the list given to [`prepare`] would go untested.
///
/// # Panics
/// When the sources cannot be read.
pub fn modules_with_statements(sources: &Path) -> usize {
    if sources.is_dir() {
        let entries = sources.read_dir().expect("a folder of sources");
        return entries
            .map(|entry| modules_with_statements(&entry.expect("an entry").path()))
            .sum();
    }
    let text = std::fs::read_to_string(sources).expect("a file of sources");
    text.lines().filter(|line| *line == "statements! {").count()
}
