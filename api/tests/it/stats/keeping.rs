//! Retention and rollup of samples.

use api::{db::Abandon, db_test, store};
use harness::stats::{DAY, Fixture, HOUR, SECOND, numbers};

db_test! {
    async fn samples_are_summed_up_and_forgotten_in_time(db: Db) {
        let mut fixture = Fixture::new(db).await;
        let begin = fixture.now();
        // Two intervals of five minutes: 0, 2, 4, …, 118, then 1000 throughout.
        for step in 0..120 {
            let number = if step < 60 { 2 * step } else { 1_000 };
            fixture.ingest(vec![fixture.sample(1, number)]).await;
            fixture.pass(5 * SECOND);
        }
        let end = fixture.now();
        let five_minutes = [(59, 118), (1_000, 1_000)];
        // Before the rollup, answers come from the samples.
        let day_before = end.plus_millis(-DAY);
        assert_eq!(numbers(&fixture.read(day_before, end).await), five_minutes);
        let fine = fixture.read(begin, end).await;
        assert_eq!(fine.resolution_ms, 5_000);
        assert_eq!(fine.series[0].points.len(), 120);

        // An interval that may still grow is not rolled up.
        fixture.roll_up().await;
        assert_eq!(numbers(&fixture.read(day_before, end).await), five_minutes);
        fixture.pass(2 * 60 * SECOND);
        fixture.ingest(vec![fixture.sample(1, 3_000)]).await;
        fixture.roll_up().await;
        let now = fixture.now().plus_millis(1);
        fixture.pass(1);
        let with_new = [(59, 118), (1_000, 1_000), (3_000, 3_000)];
        assert_eq!(numbers(&fixture.read(day_before, now).await), with_new);
        let week_before = now.plus_millis(-7 * DAY);
        assert_eq!(
            numbers(&fixture.read(week_before, now).await).last().unwrap().1, 3_000,
            "the longest while has the highest of all"
        );

        fixture.pass(DAY);
        assert_eq!(fixture.kept().await, 121);
        fixture.roll_up().await;
        assert_eq!(fixture.kept().await, 0, "samples of yesterday are still there");
        let old = fixture.read(begin, now).await;
        assert_eq!(old.resolution_ms, 300_000);
        assert_eq!(numbers(&old), with_new);

        fixture.pass(30 * DAY);
        fixture.roll_up().await;
        assert_eq!(fixture.read(begin, fixture.now()).await.series, []);
        // The series is gone; the next measurement begins a new one.
        let (runner_id, deployment_id) = (fixture.runner_id, fixture.deployment_id);
        let instance_id = fixture.sample(1, 0).instance_id;
        let finding = fixture.server.app.db.write(async |tx| {
            let found = store::stats_series::find(tx, runner_id, deployment_id, instance_id);
            found.await.map(Abandon)
        });
        assert_eq!(finding.await.unwrap(), None);
        fixture.ingest(vec![fixture.sample(1, 7)]).await;
        fixture.pass(5 * SECOND);
        fixture.ingest(vec![fixture.sample(1, 7)]).await;
        assert!(fixture.kept().await > 0);
    }

    async fn upkeep_looks_at_a_series_only_when_there_is_something_to_do(db: Db) {
        let mut fixture = Fixture::new(db).await;
        let due = async |fixture: &Fixture| {
            let due = store::stats_series::due(&fixture.server.app.db, fixture.now(), 10);
            due.await.unwrap().len()
        };
        fixture.ingest(vec![fixture.sample(1, 1), fixture.sample(2, 1)]).await;
        assert_eq!(due(&fixture).await, 2);
        fixture.roll_up().await;
        assert_eq!(due(&fixture).await, 0);
        fixture.pass(400 * SECOND);
        assert_eq!(due(&fixture).await, 2, "both spoke lately");
        fixture.pass(2 * HOUR);
        fixture.roll_up().await;
        fixture.pass(2 * HOUR);
        assert_eq!(due(&fixture).await, 0, "both are silent");
        fixture.ingest(vec![fixture.sample(1, 1)]).await;
        assert_eq!(due(&fixture).await, 1, "one of them speaks again");
        fixture.roll_up().await;
        assert_eq!(due(&fixture).await, 0);
    }
}
