//! The two schemas are the same, as far as the two databases allow.

use std::collections::BTreeMap;

use super::{Constraint, Db, Kind, constraint, fetch_all, testing};

/// A column: its SQLite type, its nullability, its default.
type Column = (String, bool, Option<String>);
/// Each table's columns.
type Columns = BTreeMap<(String, String), Column>;
/// Table, column, referenced table, action on deletion.
type ForeignKeys = Vec<(String, String, String, String)>;

const SQLITE_COLUMNS: &str = "SELECT m.name, c.name, c.type, CAST(c.\"notnull\" AS TEXT), c.dflt_value \
     FROM sqlite_schema m JOIN pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\'";
const POSTGRES_COLUMNS: &str = "SELECT table_name::text, column_name::text, data_type::text, \
     CASE is_nullable WHEN 'NO' THEN '1' ELSE '0' END, column_default::text \
     FROM information_schema.columns \
     WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'";

const SQLITE_FOREIGN_KEYS: &str = "SELECT m.name, f.\"from\", f.\"table\", f.on_delete \
     FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' \
     ORDER BY 1, 2";
const POSTGRES_FOREIGN_KEYS: &str = "SELECT c.conrelid::regclass::text, a.attname::text, \
     c.confrelid::regclass::text, \
     CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'a' THEN 'NO ACTION' ELSE 'other' END \
     FROM pg_constraint c \
     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) \
     WHERE c.contype = 'f' ORDER BY 1, 2";

/// Origin `c` is an index of its own, `u` a unique constraint, `pk` a primary key.
const SQLITE_INDEXES: &str = "SELECT m.name, i.name, i.origin, \
     (SELECT group_concat(m.name || '.' || x.name, ', ') FROM \
         (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) x) \
     FROM sqlite_schema m JOIN pragma_index_list(m.name) i \
     WHERE m.type = 'table' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\'";
const POSTGRES_INDEXES: &str = "SELECT indexname::text, indexdef::text FROM pg_indexes \
     WHERE schemaname = 'public' AND tablename NOT LIKE '\\_sqlx%'";

const POSTGRES_CONSTRAINTS: &str = "SELECT conname::text, contype::text FROM pg_constraint \
     WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '\\_sqlx%' AND contype IN ('c', 'f', 'p', 'u')";

async fn columns(db: &Db) -> Columns {
    let (sql, type_class): (_, fn(&str) -> &str) = match &db.kind {
        Kind::Sqlite(_) => (SQLITE_COLUMNS, |name| name),
        Kind::Postgres(_) => (POSTGRES_COLUMNS, |name| match name {
            "bigint" => "INTEGER",
            "bytea" | "uuid" => "BLOB",
            "jsonb" | "text" => "TEXT",
            other => panic!("{other} has no counterpart in SQLite"),
        }),
        Kind::External(_) => panic!("no test opens one"),
    };
    let rows = fetch_all!(db, (String, String, String, String, Option<String>), sql).unwrap();
    let columns = rows
        .into_iter()
        .map(|(table, column, kind, required, default)| {
            let kind = type_class(&kind).to_owned();
            // SQLite repeats the literal, PostgreSQL adds a cast to some.
            let default = default.map(|text| text.split("::").next().unwrap().to_owned());
            ((table, column), (kind, required == "1", default))
        });
    columns.collect()
}

async fn foreign_keys(db: &Db) -> ForeignKeys {
    let sql = match &db.kind {
        Kind::Sqlite(_) => SQLITE_FOREIGN_KEYS,
        Kind::Postgres(_) => POSTGRES_FOREIGN_KEYS,
        Kind::External(_) => panic!("no test opens one"),
    };
    fetch_all!(db, (String, String, String, String), sql).unwrap()
}

/// The names of the indexes; those of constraints by their names in PostgreSQL.
async fn indexes(db: &Db) -> Vec<String> {
    let mut names: Vec<_> = match &db.kind {
        Kind::External(_) => panic!("no test opens one"),
        Kind::Sqlite(_) => {
            let rows = fetch_all!(db, (String, String, String, String), SQLITE_INDEXES).unwrap();
            let name = |(_, name, origin, columns): (String, String, String, String)| {
                let made = constraint::sqlite_name(&columns).unwrap();
                if origin == "c" {
                    assert_eq!(name, made.trim_end_matches("_key").to_owned() + "_idx");
                    name
                } else {
                    made
                }
            };
            rows.into_iter().map(name).collect()
        }
        Kind::Postgres(_) => {
            let rows = fetch_all!(db, (String, String), POSTGRES_INDEXES).unwrap();
            let name = |(name, definition): (String, String)| {
                let (_, columns) = definition.split_once(" USING btree (").unwrap();
                let (columns, _) = columns.split_once(')').unwrap();
                let columns = columns.replace(", ", "_").replace('"', "");
                assert!(name.contains(&columns), "{name} is on {columns}");
                name
            };
            rows.into_iter().map(name).collect()
        }
    };
    names.sort();
    names
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    testing::with_sqlite(async |sqlite| {
        let sqlite = &sqlite;
        testing::with_postgres(async |postgres| {
            let tables = columns(sqlite).await;
            assert!(tables.len() > 80, "{tables:?}");
            assert_eq!(tables, columns(&postgres).await);
            let keys = foreign_keys(sqlite).await;
            assert!(keys.len() > 10, "{keys:?}");
            assert_eq!(keys, foreign_keys(&postgres).await);
            assert_eq!(indexes(sqlite).await, indexes(&postgres).await);
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn every_constraint_of_sqlite_is_known() {
    testing::with_sqlite(async |db| {
        let mut unique = indexes(&db).await;
        unique.retain(|name| name.ends_with("_key"));
        let mut known: Vec<_> = Constraint::UNIQUE
            .iter()
            .map(|known| known.name())
            .collect();
        known.sort_unstable();
        assert_eq!(unique, known);
    })
    .await;
}

#[tokio::test]
async fn every_constraint_of_postgres_has_its_name() {
    testing::with_postgres(async |db| {
        let rows = fetch_all!(db, (String, String), POSTGRES_CONSTRAINTS).unwrap();
        assert!(rows.len() > Constraint::UNIQUE.len());
        for (name, kind) in rows {
            let ending = match kind.as_str() {
                "c" => "_check",
                "f" => "_fk",
                _ => "_key",
            };
            assert!(name.ends_with(ending), "{name}");
            assert!(
                ending != "_key" || Constraint::by_name(&name).is_some(),
                "{name}"
            );
        }
    })
    .await;
}
