use models::{
    DeploymentId, InstanceId, RunnerId, deployment::LogStream, runner::LogEntry, time::Timestamp,
};
use uuid::Uuid;

use super::{super::super::segment, Known};
use crate::{
    db::{Abandon, Commit, Db, StoreError, Tx, execute},
    db_test,
    store::{self, deployment_log::DeploymentLog},
};

const WORKSPACE: &str = "INSERT INTO workspace (workspace_id, name, sealed_data_key, created_at)
                         VALUES ($1, 'main', $2, 0)";
const RUNNER: &str = "INSERT INTO runner (runner_id, workspace_id, name, token_hash, created_at)
                      VALUES ($1, $1, 'first', $2, 0)";
const PROJECT: &str = "INSERT INTO project (project_id, workspace_id, name, created_at)
                       VALUES ($1, $1, 'main', 0)";
const ENVIRONMENT: &str = "INSERT INTO environment
                           (environment_id, workspace_id, project_id, name, created_at)
                           VALUES ($1, $1, $1, 'production', 0)";
const DEPLOYMENT: &str = "INSERT INTO deployment
                          (deployment_id, workspace_id, environment_id, name, runner_id, desired,
                           generation, spec, sealed_fields, created_at, updated_at)
                          VALUES ($1, $1, $1, 'app', $1, 'running', 1, '{}', $2, 0, 0)";
const DAMAGE: &str = "UPDATE log_segment SET data = $2 WHERE deployment_id = $1";

/// Inserts a deployment, and returns its log.
///
/// Its workspace, its environment and its runner have the same id.
async fn deployment(db: &Db) -> DeploymentLog {
    let id = Uuid::from_u128(1);
    let inserting = db.write(async |tx| {
        execute!(tx, WORKSPACE, id, b"x".as_slice())?;
        execute!(tx, PROJECT, id)?;
        execute!(tx, ENVIRONMENT, id)?;
        for sql in [RUNNER, DEPLOYMENT] {
            execute!(tx, sql, id, b"x".as_slice())?;
        }
        let (runner_id, deployment_id) = (RunnerId::from_uuid(id), DeploymentId::from_uuid(id));
        store::deployment_log::take_positions(tx, runner_id, deployment_id, 1).await?;
        Ok::<_, StoreError>(Commit(deployment_id))
    });
    let deployment_id = inserting.await.unwrap();
    let log = store::deployment_log::find(db, deployment_id).await;
    log.unwrap().unwrap()
}

fn lines(numbers: std::ops::Range<i64>) -> Vec<LogEntry> {
    let entry = |number| LogEntry {
        instance_id: InstanceId::from_uuid(Uuid::from_u128(2)),
        at: Timestamp::from_micros(number),
        ordinal: 0,
        stream: LogStream::Stdout,
        text: number.to_string(),
        is_cut: false,
    };
    numbers.map(entry).collect()
}

/// Stores lines at the positions given by their numbers.
async fn keep(tx: &mut Tx, log: &DeploymentLog, numbers: std::ops::Range<i64>) {
    let entries = numbers.clone().zip(lines(numbers));
    let entries = entries.map(|(position, entry)| segment::Line { position, entry });
    let segment = segment::write(&entries.collect::<Vec<_>>())
        .unwrap()
        .unwrap();
    let now = Timestamp::from_micros(0);
    let log = store::deployment_log::lock(tx, log).await.unwrap().unwrap();
    store::log_segment::insert(tx, &log, &segment, now)
        .await
        .unwrap();
}

fn left(known: &Known, numbers: std::ops::Range<i64>) -> Vec<String> {
    let mut left = lines(numbers);
    known.drop_from(&mut left);
    left.into_iter().map(|line| line.text).collect()
}

db_test! {
    async fn a_checked_segment_is_not_opened_again_while_others_wait(db: Db) {
        let log = deployment(&db).await;
        let keeping = db.write(async |tx| {
            keep(tx, &log, 1..5).await;
            keep(tx, &log, 5..9).await;
            Ok::<_, StoreError>(Commit(()))
        });
        keeping.await.unwrap();
        let known = Known::of(&lines(3..12)).unwrap();
        let known = known.search(&db, &log).await.unwrap();
        assert_eq!(left(&known, 3..12), ["9", "10", "11"]);

        let searching = db.write(async |tx| {
            // Opening one of them fails from now on.
            execute!(tx, DAMAGE, log.deployment_id().uuid(), b"broken".as_slice())?;
            keep(tx, &log, 9..11).await;
            known.search(tx, &log).await.map(Abandon)
        });
        let known = searching.await.unwrap();
        assert_eq!(left(&known, 3..12), ["11"], "what came in meanwhile is found too");
    }

    async fn lines_that_were_put_together_meanwhile_are_found(db: Db) {
        let log = deployment(&db).await;
        let keeping = db.write(async |tx| {
            keep(tx, &log, 1..5).await;
            Ok::<_, StoreError>(Commit(()))
        });
        keeping.await.unwrap();
        let known = Known::of(&lines(1..9)).unwrap();
        let known = known.search(&db, &log).await.unwrap();
        let searching = db.write(async |tx| {
            let locked = store::deployment_log::lock(tx, &log).await?.unwrap();
            store::log_segment::delete(tx, &locked, (1, 4)).await?;
            keep(tx, &log, 1..7).await;
            known.search(tx, &log).await.map(Abandon)
        });
        assert_eq!(left(&searching.await.unwrap(), 1..9), ["7", "8"]);
    }
}
