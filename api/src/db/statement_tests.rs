use std::path::Path;

use sqlx::{Executor, SqlSafeStr};

use super::Kind;
use crate::db_test;

/// The statements of one module.
type Statements = &'static [(&'static str, &'static str)];

/// The statements of every module that has any.
fn modules() -> Vec<Statements> {
    let own = [
        super::ALL,
        crate::jobs::ALL,
        crate::seal::ALL,
        crate::session_store::ALL,
    ];
    own.iter().chain(crate::store::ALL).copied().collect()
}

db_test! {
    async fn every_statement_can_be_prepared(db: Db) {
        for (name, sql) in modules().into_iter().flatten() {
            let prepared = match &db.kind {
                Kind::Sqlite(sqlite) => {
                    let mut connection = sqlite.reader().await.unwrap();
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
}

/// A module missing from `modules` would go untested.
#[test]
fn every_module_with_statements_is_prepared() {
    fn count(path: &Path) -> usize {
        if path.is_dir() {
            let entries = path.read_dir().unwrap();
            return entries.map(|entry| count(&entry.unwrap().path())).sum();
        }
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().filter(|line| *line == "statements! {").count()
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert_eq!(count(&source), modules().len());
}
