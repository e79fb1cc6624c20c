//! The migration to the names of the glossary.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use uuid::Uuid;

use super::{migrator, run_on_sqlite, run_steps_on_sqlite, up_to};
use crate::testing::TestPostgres;

/// Rows of an earlier version, each with a name that the migration changes.
fn rows_of_before(id: fn(u128) -> String, empty: &str) -> String {
    let (zero, one, two) = (id(0), id(1), id(2));
    let bytes = |number: u8| empty.replacen("''", &format!("'{number:02x}'"), 1);
    let (one_byte, two_bytes) = (bytes(1), bytes(2));
    let nil = Uuid::nil();
    let job = |number: u128, kind: &str, more: &str, key: &str| {
        let id = id(number);
        format!(
            r#"INSERT INTO job (job_id, kind, payload, unique_key, run_at, max_attempts, created_at)
               VALUES ({id}, '{kind}', '{{"type": "{kind}"{more}}}', '{kind}{key}', {number}, 1, 1);"#
        )
    };
    let audit = |number: u128, action: &str| {
        let id = id(number);
        format!(
            "INSERT INTO audit_event (audit_event_id, actor_name, action, request_id, address, created_at)
             VALUES ({id}, 'ada', '{action}', 'r', '::1', {number});"
        )
    };
    let of_deployment = format!(r#", "workspace_id": "{nil}", "deployment_id": "{nil}""#);
    let removed = format!(r#", "deployment_id": "{nil}", "runner_id": "{nil}", "generation": 1"#);
    let key = format!("/{nil}");
    [
        format!(
            r#"INSERT INTO workspace (workspace_id, name, sealed_data_key, created_at)
             VALUES ({zero}, 'w', {empty}, 1);
             INSERT INTO runner (runner_id, workspace_id, name, token_hash, about, created_at)
             VALUES ({zero}, {zero}, 'r', {empty}, '{{"os": "linux", "app_fence": "open"}}', 1),
                    ({one}, {zero}, 's', {one_byte}, '{{"os": "linux"}}', 1);
             INSERT INTO enrolment (enrolment_id, code_hash, token_hash, about, address, state,
             workspace_id, created_at, expires_at)
             VALUES ({one}, {one_byte}, {one_byte}, '{{"app_fence": "closed"}}', '::1', 'waiting', NULL, 1, 1),
                    ({two}, {two_bytes}, {two_bytes}, '{{}}', '::1', 'refused', {zero}, 1, 2);
             INSERT INTO deployment (deployment_id, workspace_id, name, runner_id, desired,
             generation, spec, sealed_confidential, created_at, updated_at)
             VALUES ({zero}, {zero}, 'd', {zero}, 'running', 1, '{{}}', {one_byte}, 1, 1);
             INSERT INTO release (release_id, deployment_id, number, phase, phase_at, spec,
             sealed_confidential, reason, starts, moves_settings, created_by_name, created_at)
             VALUES ({zero}, {zero}, 1, 'live', 1, '{{}}', {one_byte}, 'pushed', 0, 0, '1', 1),
                    ({one}, {zero}, 2, 'live', 1, '{{}}', {one_byte}, 'rolled_back', 0, 1, 'ada', 1);
             INSERT INTO volume (volume_id, workspace_id, runner_id, name, size_bytes, kept_because,
             kept_at, created_at, updated_at)
             VALUES ({zero}, {zero}, {zero}, 'v', 1, '{{"code": "busy"}}', 7, 1, 1);
             INSERT INTO tag_watch (deployment_id, is_on, image, look, is_held, looked_at)
             VALUES ({zero}, 1, 'app:1', 5, 0, 6);
             INSERT INTO log_forgotten (deployment_id, instance_id, at, ordinal)
             VALUES ({zero}, {zero}, 8, 9);"#
        ),
        audit(1, "enrolment.find"),
        audit(2, "enrolment.refuse"),
        audit(3, "session.create"),
        job(1, "prune_enrolments", "", ""),
        job(2, "deploy_pushed", &of_deployment, &key),
        job(3, "forget_deployment", &removed, &key),
        job(4, "upkeep_logs", "", ""),
        job(5, "upkeep_stats", "", ""),
        job(6, "prune_sessions", "", ""),
    ]
    .concat()
}

/// The jobs under their new names: kind, payload and unique key.
///
/// A test of the server reads the same payloads.
fn jobs_of_today() -> Vec<(String, Value, String)> {
    let id = Uuid::nil();
    let of_deployment = json!({"workspace_id": id, "deployment_id": id});
    let removed = json!({"deployment_id": id, "runner_id": id, "generation": 1});
    let key = format!("/{id}");
    [
        ("prune_registrations", json!({}), ""),
        ("auto_deploy", of_deployment, &key),
        ("purge_deployment", removed, &key),
        ("trim_logs", json!({}), ""),
        ("roll_up_stats", json!({}), ""),
        ("prune_sessions", json!({}), ""),
    ]
    .map(|(kind, mut payload, key)| {
        payload["type"] = kind.into();
        (kind.to_owned(), payload, format!("{kind}{key}"))
    })
    .into()
}

/// Checks that all rows are found under the new names.
macro_rules! check {
    ($connection:expr) => {{
        let connection = $connection;
        macro_rules! rows {
            ($row:ty, $sql:literal) => {
                sqlx::query_as::<_, $row>($sql)
                    .fetch_all(&mut *connection)
                    .await
                    .unwrap()
            };
        }
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            rows!((String, Option<String>), "SELECT state, about ->> 'app_firewall' FROM registration ORDER BY expires_at"),
            [("waiting".to_owned(), text("closed")), ("denied".to_owned(), None)]
        );
        assert_eq!(
            rows!((Option<String>, Option<String>, String), "SELECT about ->> 'app_firewall', about ->> 'app_fence', about ->> 'os' FROM runner ORDER BY name"),
            [(text("open"), None, "linux".to_owned()), (None, None, "linux".to_owned())]
        );
        assert_eq!(
            rows!((String,), "SELECT action FROM audit_event ORDER BY created_at"),
            ["registration.find", "registration.deny", "session.create"].map(|action| (action.to_owned(),))
        );
        assert_eq!(
            rows!((String, i64, Vec<u8>), "SELECT reason, changes_settings, sealed_fields FROM release ORDER BY number"),
            [("tag_moved".to_owned(), 0, vec![1]), ("rolled_back".to_owned(), 1, vec![1])]
        );
        assert_eq!(rows!((Vec<u8>,), "SELECT sealed_fields FROM deployment"), [(vec![1],)]);
        assert_eq!(
            rows!((String, i64), "SELECT removal_failure ->> 'code', removal_failed_at FROM volume"),
            [("busy".to_owned(), 7)]
        );
        assert_eq!(rows!((i64, i64), "SELECT poll_serial, checked_at FROM tag_watch"), [(5, 6)]);
        assert_eq!(rows!((i64, i64), "SELECT at, ordinal FROM log_truncation"), [(8, 9)]);
        let jobs = rows!(
            (String, String, String),
            "SELECT kind, CAST(payload AS TEXT), unique_key FROM job ORDER BY run_at"
        );
        let jobs = jobs.into_iter().map(|(kind, payload, key)| {
            (kind, serde_json::from_str(&payload).unwrap(), key)
        });
        assert_eq!(jobs.collect::<Vec<_>>(), jobs_of_today());
    }};
}

#[tokio::test]
async fn rows_of_before_the_glossary_read_back_on_sqlite() {
    let mut file = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    run_steps_on_sqlite(up_to(3, |step| step.sqlite), &mut file)
        .await
        .unwrap();
    let id = |number| format!("x'{}'", Uuid::from_u128(number).simple());
    let before = rows_of_before(id, "x''");
    file.execute(AssertSqlSafe(before)).await.unwrap();
    run_on_sqlite(&mut file).await.unwrap();
    check!(&mut file);
}

#[tokio::test]
async fn rows_of_before_the_glossary_read_back_on_postgres() {
    let Some(postgres) = TestPostgres::create().await else {
        return;
    };
    let mut server = PgConnection::connect(&postgres.url).await.unwrap();
    up_to(3, |step| step.postgres)
        .run(&mut server)
        .await
        .unwrap();
    let id = |number| format!("'{}'::uuid", Uuid::from_u128(number));
    let before = rows_of_before(id, "decode('', 'hex')");
    server.execute(AssertSqlSafe(before)).await.unwrap();
    migrator(|step| step.postgres)
        .run(&mut server)
        .await
        .unwrap();
    check!(&mut server);
    server.close().await.unwrap();
    postgres.drop().await;
}
