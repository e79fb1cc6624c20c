use std::path::Path;

use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection, migrate::Migrator,
};
use uuid::Uuid;

use super::{STEPS, Step, migrator, run_on_sqlite, run_steps_on_sqlite};
use crate::testing::TestPostgres;

mod environments;
mod names;

#[test]
fn every_migration_file_is_a_step() {
    for kind in ["sqlite", "postgres"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(kind);
        assert_eq!(folder.read_dir().unwrap().count(), STEPS.len(), "{kind}");
    }
}

/// The migrations that a database of an earlier version has already run.
fn up_to(version: i64, sql: fn(&Step) -> &'static str) -> Migrator {
    let all = migrator(sql);
    let steps = all.iter().filter(|step| step.version <= version);
    Migrator::with_migrations(steps.cloned().collect())
}

/// Rows of three volumes, as an earlier version left them.
///
/// Volume 1 is mounted by a release that was live twice, volume 2 by a failed one, and volume 3
/// by none.
fn volumes_of_before(id: fn(u128) -> String, empty: &str) -> String {
    let (zero, one, two, three) = (id(0), id(1), id(2), id(3));
    let volume = |id: &str, name: &str| {
        format!(
            "INSERT INTO volume
             (volume_id, workspace_id, runner_id, name, size_bytes, created_at, updated_at)
             VALUES ({id}, {zero}, {zero}, '{name}', 1, 1, 1);"
        )
    };
    let release = |id: &str, number: i64, phase: &str, mounted: Option<u128>| {
        let mounted = mounted.map_or_else(String::new, |volume| {
            let volume = Uuid::from_u128(volume);
            format!(r#", "volumes": [{{"volume_id": "{volume}", "path": "/data"}}]"#)
        });
        format!(
            r#"INSERT INTO release (release_id, deployment_id, number, phase, phase_at, spec,
               sealed_confidential, reason, starts, moves_settings, created_by_name, created_at)
               VALUES ({id}, {zero}, {number}, '{phase}', 1, '{{"image": "app"{mounted}}}', {empty},
               '"deploy"', 0, 0, 'ada', 1);
               INSERT INTO release_phase (release_id, phase, at) VALUES ({id}, '{phase}', {number}0);"#
        )
    };
    [
        format!(
            "INSERT INTO workspace (workspace_id, name, sealed_data_key, created_at)
             VALUES ({zero}, 'w', {empty}, 1);
             INSERT INTO runner (runner_id, workspace_id, name, token_hash, created_at)
             VALUES ({zero}, {zero}, 'r', {empty}, 1);
             INSERT INTO deployment (deployment_id, workspace_id, name, runner_id, desired,
             generation, spec, sealed_confidential, created_at, updated_at)
             VALUES ({zero}, {zero}, 'd', {zero}, 'running', 1, '{{}}', {empty}, 1, 1);"
        ),
        volume(&one, "one"),
        volume(&two, "two"),
        volume(&three, "three"),
        release(&one, 1, "live", Some(1)),
        release(&two, 2, "live", Some(1)),
        release(&three, 3, "failed", Some(2)),
        release(&id(4), 4, "live", None),
    ]
    .concat()
}

const EXPECTED_SINCE: &str = "SELECT name, expected_since FROM volume ORDER BY volume_id";

type Row = (String, Option<i64>);

fn of_the_live_release() -> Vec<Row> {
    vec![
        ("one".to_owned(), Some(10)),
        ("two".to_owned(), None),
        ("three".to_owned(), None),
    ]
}

#[tokio::test]
async fn volumes_that_were_used_before_the_upgrade_are_expected_after_it_on_sqlite() {
    let mut file = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    run_steps_on_sqlite(up_to(1, |step| step.sqlite), &mut file)
        .await
        .unwrap();
    let id = |number| format!("x'{}'", Uuid::from_u128(number).simple());
    let before = volumes_of_before(id, "x''");
    file.execute(AssertSqlSafe(before)).await.unwrap();
    run_on_sqlite(&mut file).await.unwrap();
    let found: Vec<Row> = sqlx::query_as(EXPECTED_SINCE)
        .fetch_all(&mut file)
        .await
        .unwrap();
    assert_eq!(found, of_the_live_release());
}

#[tokio::test]
async fn volumes_that_were_used_before_the_upgrade_are_expected_after_it_on_postgres() {
    let Some(postgres) = TestPostgres::create().await else {
        return;
    };
    let mut server = PgConnection::connect(&postgres.url).await.unwrap();
    up_to(1, |step| step.postgres)
        .run(&mut server)
        .await
        .unwrap();
    let id = |number| format!("'{}'::uuid", Uuid::from_u128(number));
    let before = volumes_of_before(id, "''::bytea");
    server.execute(AssertSqlSafe(before)).await.unwrap();
    migrator(|step| step.postgres)
        .run(&mut server)
        .await
        .unwrap();
    let found: Vec<Row> = sqlx::query_as(EXPECTED_SINCE)
        .fetch_all(&mut server)
        .await
        .unwrap();
    assert_eq!(found, of_the_live_release());
    server.close().await.unwrap();
    postgres.drop().await;
}
