//! Retention of log lines: each is stored once, up to an age and a size.

use api::{clock::Clock, db::testing, db_test, services};
use harness::{
    TestServer,
    log::{BEGIN, DAY, Fixture, line, lines, ordinary, pages_of, texts},
};
use models::{
    DeploymentId,
    runner::{LogEntry, MAX_LOG_LINE_BYTES},
    time::Timestamp,
};
use uuid::Uuid;

db_test! {
    async fn a_line_that_is_sent_again_is_kept_once_before_and_after_segments_are_closed(db: Db) {
        let fixture = Fixture::new(db).await;
        let sent = lines(1, 0..6_000);
        for batch in sent.chunks(500) {
            fixture.append(batch).await;
        }
        // After a broken link: some batches again, cut elsewhere, with new lines behind them.
        fixture.append(&sent[5_250..5_750]).await;
        fixture.append(&sent[5_750..]).await;
        assert_eq!(fixture.forward(&pages_of(1_000)).await.len(), 6_000);
        let before = fixture.segments().await;
        fixture.compact().await;
        assert!(fixture.segments().await < before);
        fixture.assert_consistent().await;
        let all = lines(1, 0..6_001);
        for batch in all.chunks(377) {
            fixture.append(batch).await;
        }
        let kept = fixture.forward(&pages_of(1_000)).await;
        assert_eq!(kept.len(), 6_001);
        let expected: Vec<_> = all.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts(&kept), expected);
        fixture.assert_consistent().await;
    }

    async fn lines_of_one_moment_and_of_a_clock_that_was_set_back_are_all_kept(db: Db) {
        let fixture = Fixture::new(db).await;
        let mut sent = lines(1, 0..3);
        for ordinal in 1..4 {
            let mut again = line(1, 2, format!("ordinal {ordinal}"));
            again.ordinal = ordinal;
            sent.push(again);
        }
        fixture.append(&sent).await;
        // Another instance prints at the same moments, and the first one's clock is set back.
        fixture.append(&lines(2, 0..3)).await;
        fixture.append(&lines(1, -500..-490)).await;
        // Everything again, each batch with a repeated line.
        fixture.append(&[sent.clone(), sent.clone()].concat()).await;
        fixture.append(&lines(1, -500..-490)).await;
        assert_eq!(fixture.backward(&pages_of(4)).await.len(), 6 + 3 + 10);
    }

    async fn excess_lines_are_dropped_in_whole_segments_for_good(db: Db) {
        let settings = [("BERTH__LOGS__MAX_MIB_PER_DEPLOYMENT", "1")];
        let fixture = Fixture::on(TestServer::with_settings(db, &settings)).await;
        // Hexadecimal digits of random numbers, which compress to half of their size.
        let sent: Vec<_> = (0..4_000)
            .map(|number| {
                let mut state = u64::try_from(number).unwrap() + 1;
                let digits = (0..64).map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
                    format!("{:08x}", state >> 32)
                });
                line(1, number, digits.collect::<String>())
            })
            .collect();
        for batch in sent.chunks(200) {
            fixture.append(batch).await;
            fixture.compact().await;
        }
        fixture.assert_consistent().await;
        let kept = fixture.forward(&pages_of(1_000)).await;
        assert!((1_500..3_900).contains(&kept.len()), "{} are left", kept.len());
        assert_eq!(kept.last().unwrap().text, sent.last().unwrap().text);
        let first_kept = sent.len() - kept.len();
        assert_eq!(kept[0].text, sent[first_kept].text);
        for batch in sent.chunks(500) {
            fixture.append(batch).await;
        }
        let again = fixture.forward(&pages_of(1_000)).await;
        assert_eq!(texts(&again), texts(&kept), "dropped lines came back");
    }

    async fn old_lines_are_dropped_whichever_instance_printed_them(db: Db) {
        let clock = Clock::manual(Timestamp::from_micros(BEGIN));
        let fixture = Fixture::with_clock(db, &clock).await;
        fixture.append(&lines(1, 0..1_000)).await;
        clock.advance(DAY * 20);
        fixture.append(&lines(2, 0..10)).await;
        services::log::trim(&fixture.server.app).await.unwrap();
        assert_eq!(fixture.forward(&pages_of(1_000)).await.len(), 1_010);
        clock.advance(DAY * 11);
        services::log::trim(&fixture.server.app).await.unwrap();
        fixture.assert_consistent().await;
        assert_eq!(fixture.forward(&pages_of(1_000)).await.len(), 10);
        // A restarted runner reads and sends all of it again.
        fixture.append(&lines(1, 0..1_001)).await;
        fixture.append(&lines(2, 0..10)).await;
        let kept = fixture.forward(&pages_of(1_000)).await;
        assert_eq!(kept.len(), 11);
        assert_eq!(kept[10].text, ordinary(1_000));
    }

    async fn a_runner_cannot_store_lines_for_another_runners_deployment(db: Db) {
        let fixture = Fixture::new(db).await;
        let batch = models::runner::LogBatch {
            batch: 1,
            deployment_id: DeploymentId::from_uuid(Uuid::from_u128(7)),
            lines: lines(1, 0..1),
        };
        let app = &fixture.server.app;
        services::log::append(app, fixture.runner_id, batch.clone()).await.unwrap();
        let other = models::RunnerId::from_uuid(Uuid::from_u128(8));
        let batch = models::runner::LogBatch { deployment_id: fixture.deployment_id, ..batch };
        services::log::append(app, other, batch).await.unwrap();
        assert!(fixture.forward(&pages_of(10)).await.is_empty());
    }

    async fn any_text_is_kept_as_it_is(db: Db) {
        let fixture = Fixture::new(db).await;
        let strange = ["", "\0", "a\0b", "\u{fffd}", "line\nwith\r\nends", "🦀ü", "'\"\\%_"];
        let sent: Vec<_> = (0..).zip(strange).map(|(n, text)| line(1, n, text)).collect();
        fixture.append(&sent).await;
        assert_eq!(texts(&fixture.forward(&pages_of(10)).await), strange);
        let long = line(1, 100, "x".repeat(MAX_LOG_LINE_BYTES + 1));
        fixture.append(&[long, line(1, 101, "short")]).await;
        assert_eq!(fixture.list(&pages_of(1)).await.lines[0].text, "short");
        assert_eq!(fixture.forward(&pages_of(10)).await.len(), strange.len() + 1);
    }

    async fn a_line_of_the_maximum_length_is_kept_and_marked_as_cut(db: Db) {
        let fixture = Fixture::new(db).await;
        let text = "🦀".repeat(MAX_LOG_LINE_BYTES / 4);
        let sent: Vec<_> = (0..12)
            .map(|number| LogEntry { is_cut: number % 3 != 2, ..line(1, number, text.clone()) })
            .collect();
        for batch in sent.chunks(2) {
            fixture.append(batch).await;
        }
        fixture.append(&sent).await;
        for _ in 0..2 {
            let kept = fixture.forward(&pages_of(5)).await;
            let are_cut: Vec<bool> = kept.iter().map(|line| line.is_cut).collect();
            assert_eq!(are_cut, [true, true, false].repeat(4));
            assert!(kept.iter().all(|line| line.text == text));
            fixture.compact().await;
        }
        fixture.assert_consistent().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_thousand_lines_stay_usable() {
    const LINES: i64 = 200_000;
    testing::with_sqlite(async |db| {
        let fixture = Fixture::new(db).await;
        for number in 0..LINES / 500 {
            fixture
                .append(&lines(1, number * 500..(number + 1) * 500))
                .await;
            if number % 20 == 19 {
                fixture.compact().await;
            }
        }
        fixture.compact().await;
        fixture.assert_consistent().await;
        let log = api::store::deployment_log::find(&fixture.server.app.db, fixture.deployment_id);
        let stored = log.await.unwrap().unwrap().stored_bytes;
        println!("{} bytes for each of {LINES} lines", stored / LINES);
        assert!(stored / LINES < 60, "{stored} bytes");
        assert!(fixture.segments().await < 200);
        let mut number = 0;
        let mut query = pages_of(1_000);
        query.after = Some(-1);
        loop {
            let page = fixture.list(&query).await;
            for line in &page.lines {
                assert_eq!(line.text, ordinary(number));
                number += 1;
            }
            match page.newer {
                Some(newer) => query.after = Some(newer),
                None => break,
            }
        }
        assert_eq!(number, LINES);
        let mut query = pages_of(10);
        query.search = Some(ordinary(3)[60..].to_uppercase());
        let found = fixture.backward(&query).await;
        assert_eq!(texts(&found), [ordinary(3)]);
    })
    .await;
}
