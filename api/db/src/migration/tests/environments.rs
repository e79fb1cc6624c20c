//! The migration of what a workspace owns to its first environment.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use uuid::Uuid;

use super::{migrator, run_on_sqlite, run_steps_on_sqlite, up_to};
use crate::testing::TestPostgres;

/// Rows of two workspaces, with resources of the same names.
///
/// Everything that refers to a deployment, a secret or a volume has a row.
fn rows_of_before(id: fn(u128) -> String, bytes: fn(u128) -> String) -> String {
    let of_workspace = |number: u128| {
        let (key, blob) = (id(number), bytes(number));
        format!(
            "INSERT INTO workspace (workspace_id, name, sealed_data_key, created_at)
             VALUES ({key}, 'w', {blob}, 7);
             INSERT INTO runner (runner_id, workspace_id, name, token_hash, created_at)
             VALUES ({key}, {key}, 'r', {blob}, 1);
             INSERT INTO deployment (deployment_id, workspace_id, name, runner_id, desired,
             generation, spec, sealed_fields, is_scaled, scaled_to, next_release_number,
             created_at, updated_at)
             VALUES ({key}, {key}, 'web', {key}, 'running', 5, '{{}}', {blob}, 1, 3, 2, 8, 9);
             INSERT INTO release (release_id, deployment_id, number, phase, phase_at, spec,
             sealed_fields, reason, starts, changes_settings, created_by_name, created_by_kind,
             created_at)
             VALUES ({key}, {key}, 1, 'live', 1, '{{}}', {blob}, 'deploy', 0, 0, 'ada', 'person', 1);
             UPDATE deployment SET live_release_id = {key} WHERE deployment_id = {key};
             INSERT INTO release_phase (release_id, phase, at) VALUES ({key}, 'live', 1);
             INSERT INTO secret (secret_id, workspace_id, name, sealed_value, version, created_at,
             updated_at) VALUES ({key}, {key}, 'KEY', {blob}, 4, 1, 2);
             INSERT INTO secret_use (deployment_id, secret_id) VALUES ({key}, {key});
             INSERT INTO volume (volume_id, workspace_id, runner_id, name, size_bytes, trashed_at,
             purge_at, expected_since, created_at, updated_at)
             VALUES ({key}, {key}, {key}, 'data', 1, 2, 3, 4, 5, 6);
             INSERT INTO volume_use (volume_id, deployment_id, path) VALUES ({key}, {key}, '/data');
             INSERT INTO observation (deployment_id, generation, instances, observed_at)
             VALUES ({key}, 5, '[]', 1);
             INSERT INTO run (run_id, deployment_id, number, phase, release_id, spec, sealed_fields,
             timeout_ms, retries, attempts, created_by_kind, created_by_name, created_at)
             VALUES ({key}, {key}, 1, 'queued', {key}, '{{}}', {blob}, 1, 0, '[]', 'person', 'ada', 1);"
        )
    };
    [of_workspace(1), of_workspace(2)].concat()
}

/// Checks that all rows are in `main` and `production`, and that none was lost.
macro_rules! check {
    ($connection:expr) => {{
        let connection = $connection;
        macro_rules! rows {
            ($row:ty, $sql:expr) => {
                sqlx::query_as::<_, $row>(AssertSqlSafe($sql.to_owned()))
                    .fetch_all(&mut *connection)
                    .await
                    .unwrap()
            };
        }
        let owned = |project: &str, environment: &str| (project.to_owned(), environment.to_owned(), 7);
        for table in ["deployment", "secret", "volume"] {
            let places = rows!(
                (String, String, i64),
                format!(
                    "SELECT p.name, e.name, e.created_at FROM {table} t
                     JOIN environment e ON e.environment_id = t.environment_id
                                       AND e.workspace_id = t.workspace_id
                     JOIN project p ON p.project_id = e.project_id
                                   AND p.workspace_id = t.workspace_id"
                )
            );
            assert_eq!(places, [owned("main", "production"), owned("main", "production")], "{table}");
        }
        for table in ["release", "release_phase", "secret_use", "volume_use", "observation", "run"] {
            let count = rows!((i64,), format!("SELECT COUNT(*) FROM {table}"));
            assert_eq!(count, [(2,)], "{table}");
        }
        let deployments = rows!(
            (i64, i64, Option<i64>, i64, i64, i64),
            "SELECT generation, is_scaled, scaled_to, next_release_number, created_at, updated_at
             FROM deployment WHERE live_release_id = deployment_id"
        );
        assert_eq!(deployments, [(5, 1, Some(3), 2, 8, 9), (5, 1, Some(3), 2, 8, 9)]);
        let secrets = rows!((i64, i64, i64), "SELECT version, created_at, updated_at FROM secret");
        assert_eq!(secrets, [(4, 1, 2), (4, 1, 2)]);
        let volumes = rows!(
            (i64, i64, i64, i64, i64),
            "SELECT trashed_at, purge_at, expected_since, created_at, updated_at FROM volume"
        );
        assert_eq!(volumes, [(2, 3, 4, 5, 6), (2, 3, 4, 5, 6)]);
    }};
}

/// Inserts a second secret of the same name, into an environment.
fn another(id: fn(u128) -> String, bytes: fn(u128) -> String, environment: u128) -> String {
    let (own, key, place, blob) = (id(3), id(1), id(environment), bytes(1));
    format!(
        "INSERT INTO secret (secret_id, workspace_id, environment_id, name, sealed_value,
         created_at, updated_at) VALUES ({own}, {key}, {place}, 'KEY', {blob}, 1, 1)"
    )
}

#[tokio::test]
async fn resources_of_a_workspace_move_to_its_first_environment_on_sqlite() {
    let mut file = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    run_steps_on_sqlite(up_to(6, |step| step.sqlite), &mut file)
        .await
        .unwrap();
    let id = |number| format!("x'{}'", Uuid::from_u128(number).simple());
    let before = rows_of_before(id, id);
    file.execute(AssertSqlSafe(before)).await.unwrap();
    run_on_sqlite(&mut file).await.unwrap();
    check!(&mut file);

    let taken = file.execute(AssertSqlSafe(another(id, id, 1))).await;
    assert!(taken.unwrap_err().to_string().contains("UNIQUE"));
    let dangling = file.execute(AssertSqlSafe(another(id, id, 9))).await;
    assert!(dangling.unwrap_err().to_string().contains("FOREIGN KEY"));
}

#[tokio::test]
async fn resources_of_a_workspace_move_to_its_first_environment_on_postgres() {
    let Some(postgres) = TestPostgres::create().await else {
        return;
    };
    let mut server = PgConnection::connect(&postgres.url).await.unwrap();
    up_to(6, |step| step.postgres)
        .run(&mut server)
        .await
        .unwrap();
    let id = |number| format!("'{}'::uuid", Uuid::from_u128(number));
    let bytes = |number: u128| format!("decode('{number:02x}', 'hex')");
    let before = rows_of_before(id, bytes);
    server.execute(AssertSqlSafe(before)).await.unwrap();
    migrator(|step| step.postgres)
        .run(&mut server)
        .await
        .unwrap();
    check!(&mut server);
    let taken = server.execute(AssertSqlSafe(another(id, bytes, 1))).await;
    let taken = taken.unwrap_err().to_string();
    assert!(taken.contains("secret_environment_id_name_key"), "{taken}");
    server.close().await.unwrap();
    postgres.drop().await;
}
