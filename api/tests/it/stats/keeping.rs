//! Retention and rollup of samples.

use api::{db_test, store};

use super::stage::{DAY, HOUR, SECOND, Stage, numbers};

db_test! {
    async fn samples_are_summed_up_and_forgotten_in_time(db: Db) {
        let mut stage = Stage::new(db).await;
        let begin = stage.now();
        // Two intervals of five minutes: 0, 2, 4, …, 118, then 1000 throughout.
        for step in 0..120 {
            let number = if step < 60 { 2 * step } else { 1_000 };
            stage.ingest(vec![stage.sample(1, number)]).await;
            stage.pass(5 * SECOND);
        }
        let end = stage.now();
        let five_minutes = [(59, 118), (1_000, 1_000)];
        // Before the rollup, answers come from the samples.
        let day_before = end.plus_millis(-DAY);
        assert_eq!(numbers(&stage.read(day_before, end).await), five_minutes);
        let fine = stage.read(begin, end).await;
        assert_eq!(fine.resolution_ms, 5_000);
        assert_eq!(fine.series[0].points.len(), 120);

        // An interval that may still grow is not rolled up.
        stage.roll_up().await;
        assert_eq!(numbers(&stage.read(day_before, end).await), five_minutes);
        stage.pass(2 * 60 * SECOND);
        stage.ingest(vec![stage.sample(1, 3_000)]).await;
        stage.roll_up().await;
        let now = stage.now().plus_millis(1);
        stage.pass(1);
        let with_new = [(59, 118), (1_000, 1_000), (3_000, 3_000)];
        assert_eq!(numbers(&stage.read(day_before, now).await), with_new);
        let week_before = now.plus_millis(-7 * DAY);
        assert_eq!(
            numbers(&stage.read(week_before, now).await).last().unwrap().1, 3_000,
            "the longest while has the highest of all"
        );

        stage.pass(DAY);
        assert_eq!(stage.kept().await, 121);
        stage.roll_up().await;
        assert_eq!(stage.kept().await, 0, "samples of yesterday are still there");
        let old = stage.read(begin, now).await;
        assert_eq!(old.resolution_ms, 300_000);
        assert_eq!(numbers(&old), with_new);

        stage.pass(30 * DAY);
        stage.roll_up().await;
        assert_eq!(stage.read(begin, stage.now()).await.series, []);
        // The series is gone; the next measurement begins a new one.
        let mut tx = stage.server.app.db.begin().await.unwrap();
        let instance_id = stage.sample(1, 0).instance_id;
        let found = store::stats_series::find(&mut tx, stage.runner_id, stage.deployment_id, instance_id);
        assert_eq!(found.await.unwrap(), None);
        drop(tx);
        stage.ingest(vec![stage.sample(1, 7)]).await;
        stage.pass(5 * SECOND);
        stage.ingest(vec![stage.sample(1, 7)]).await;
        assert!(stage.kept().await > 0);
    }

    async fn upkeep_looks_at_a_series_only_when_there_is_something_to_do(db: Db) {
        let mut stage = Stage::new(db).await;
        let due = async |stage: &Stage| {
            let due = store::stats_series::due(&stage.server.app.db, stage.now(), 10);
            due.await.unwrap().len()
        };
        stage.ingest(vec![stage.sample(1, 1), stage.sample(2, 1)]).await;
        assert_eq!(due(&stage).await, 2);
        stage.roll_up().await;
        assert_eq!(due(&stage).await, 0);
        stage.pass(400 * SECOND);
        assert_eq!(due(&stage).await, 2, "both spoke lately");
        stage.pass(2 * HOUR);
        stage.roll_up().await;
        stage.pass(2 * HOUR);
        assert_eq!(due(&stage).await, 0, "both are silent");
        stage.ingest(vec![stage.sample(1, 1)]).await;
        assert_eq!(due(&stage).await, 1, "one of them speaks again");
        stage.roll_up().await;
        assert_eq!(due(&stage).await, 0);
    }
}
