//! Queries of log lines by position, time, instance, stream and text.

use std::collections::BTreeSet;

use api::{
    db_test,
    services::{self, log::Room},
};
use axum::http::Method;
use harness::log::{
    BEGIN, Fixture, assert_in_order, instance, line, lines, ordinary, pages_of, texts,
};
use models::{WorkspaceId, deployment::LogStream, error::ErrorCode, rbac::Role, time::Timestamp};
use serde_json::json;
use uuid::Uuid;

fn moment(number: i64) -> Timestamp {
    Timestamp::from_micros(BEGIN + number)
}

db_test! {
    async fn pages_follow_each_other_both_ways(db: Db) {
        let fixture = Fixture::new(db).await;
        let empty = fixture.list(&pages_of(10)).await;
        assert_eq!((empty.older, empty.newer, empty.is_complete), (None, None, true));
        for batch in lines(1, 0..3_000).chunks(7) {
            fixture.append(batch).await;
        }
        fixture.compact().await;
        let expected: Vec<String> = (0..3_000).map(ordinary).collect();
        for limit in [1_000, 333] {
            let query = pages_of(limit);
            assert_eq!(texts(&fixture.forward(&query).await), expected);
            assert_eq!(texts(&fixture.backward(&query).await), expected);
        }
        let newest = fixture.list(&pages_of(10)).await;
        assert_eq!(newest.newer, None);
        let mut query = pages_of(10);
        query.before = newest.older;
        let older = fixture.list(&query).await;
        assert_eq!(older.lines.last().unwrap().position + 1, newest.lines[0].position);
        query = pages_of(10);
        query.after = older.newer;
        assert_eq!(fixture.list(&query).await.lines, newest.lines);
        query = pages_of(10);
        query.after = Some(-1);
        let first = fixture.list(&query).await;
        assert_eq!((first.older, texts(&first.lines)[0]), (None, ordinary(0).as_str()));
        // A window: after one position and before another.
        query.after = Some(first.lines[2].position);
        query.before = Some(first.lines[6].position);
        assert_eq!(fixture.list(&query).await.lines, first.lines[3..6]);
    }

    async fn nothing_is_missed_or_repeated_while_lines_come_in_and_segments_are_closed(db: Db) {
        let fixture = Fixture::new(db).await;
        fixture.append(&lines(1, 0..500)).await;
        let writing = async {
            for batch in lines(1, 500..8_000).chunks(50) {
                fixture.append(batch).await;
            }
        };
        let closing = async {
            for _ in 0..60 {
                fixture.compact().await;
                tokio::task::yield_now().await;
            }
        };
        let reading = async {
            let mut seen = Vec::new();
            let mut query = pages_of(97);
            query.after = Some(-1);
            // Until every line was read.
            while seen.len() < 8_000 {
                let page = fixture.list(&query).await;
                query.after = page.lines.last().map(|line| line.position).or(query.after);
                seen.extend(page.lines);
            }
            seen
        };
        let backward = async {
            for _ in 0..10 {
                let seen = fixture.backward(&pages_of(211)).await;
                assert_in_order(&seen);
                let count = i64::try_from(seen.len()).unwrap();
                let expected: Vec<String> = (0..count).map(ordinary).collect();
                assert_eq!(texts(&seen), expected);
            }
        };
        let ((), (), seen, ()) = futures::join!(writing, closing, reading, backward);
        assert_in_order(&seen);
        let expected: Vec<String> = (0..8_000).map(ordinary).collect();
        assert_eq!(texts(&seen), expected);
        fixture.assert_consistent().await;
    }

    async fn lines_are_found_by_time_instance_and_stream(db: Db) {
        let fixture = Fixture::new(db).await;
        for begin in [0, 100, 200] {
            fixture.append(&lines(1, begin..begin + 100)).await;
            fixture.append(&lines(2, begin..begin + 50)).await;
        }
        let mut query = pages_of(30);
        query.from = Some(moment(90));
        query.to = Some(moment(110));
        let found = fixture.backward(&query).await;
        assert_eq!(found.len(), 20 + 10);
        assert_eq!(fixture.forward(&query).await, found);
        assert!(found.iter().all(|line| line.at >= moment(90) && line.at < moment(110)));
        query.instance_id = Some(instance(2));
        assert_eq!(fixture.backward(&query).await.len(), 10);
        query.stream = Some(LogStream::Stderr);
        let found = fixture.forward(&query).await;
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|line| line.stream == LogStream::Stderr));
        query.instance_id = Some(instance(3));
        assert!(fixture.backward(&query).await.is_empty());
    }

    async fn a_search_takes_every_character_as_it_is(db: Db) {
        let fixture = Fixture::new(db).await;
        let printed = [
            "100% of _all_ [x] (y)", "C:\\temp", "it's \"quoted\"", "a.b*c+d?", "ÄRGER in Übersee",
            "\u{1b}[31mERR\u{1b}[0mOR: no", "nul \0 byte", "plain",
        ];
        let sent: Vec<_> = (0..).zip(printed).map(|(n, text)| line(1, n, text)).collect();
        fixture.append(&sent).await;
        for (search, found) in [
            ("%", vec![0]), ("_", vec![0]), ("[x] (y)", vec![0]), ("\\", vec![1]), ("'", vec![2]),
            ("\"", vec![2]), (".*", vec![]), ("b*C", vec![3]), ("ärger", vec![4]), ("ÜBER", vec![4]),
            ("error:", vec![5]), ("[31m", vec![]), ("\0", vec![]), ("nul  BYTE", vec![6]),
            ("%%%", vec![]), ("' OR 1=1 --", vec![]), ("", vec![0, 1, 2, 3, 4, 5, 6, 7]),
            ("PLAIN", vec![7]),
        ] {
            let mut query = pages_of(100);
            query.search = Some(search.to_owned());
            let expected: Vec<&str> = found.into_iter().map(|n: usize| printed[n]).collect();
            assert_eq!(texts(&fixture.backward(&query).await), expected, "{search:?}");
            assert_eq!(texts(&fixture.forward(&query).await), expected, "{search:?}");
        }
    }

    async fn a_search_that_stops_early_returns_its_position(db: Db) {
        let fixture = Fixture::new(db).await;
        fixture.append(&[line(1, -1, "the needle")]).await;
        for batch in lines(1, 0..2_000).chunks(100) {
            fixture.append(batch).await;
        }
        let mut query = pages_of(10);
        query.search = Some("NEEDLE".to_owned());
        let room = Room { reading: 30_000, answer: 1_000_000 };
        let mut requests = 0;
        let found = loop {
            let (app, workspace_id) = (&fixture.server.app, fixture.workspace_id);
            let page = services::log::list_within(app, workspace_id, fixture.deployment_id, &query, room);
            let page = page.await.unwrap();
            requests += 1;
            if page.is_complete {
                break page;
            }
            assert!(page.lines.is_empty());
            query.before = page.older;
        };
        assert_eq!(texts(&found.lines), ["the needle"]);
        assert!((4..20).contains(&requests), "{requests} requests");
        // A response has a size limit too, but always contains at least one line.
        let room = Room { reading: i64::MAX, answer: 200 };
        let (app, workspace_id) = (&fixture.server.app, fixture.workspace_id);
        let all = pages_of(100);
        let page = services::log::list_within(app, workspace_id, fixture.deployment_id, &all, room);
        let page = page.await.unwrap();
        assert_eq!((page.lines.len(), page.is_complete), (2, false));
        assert_eq!(page.older, Some(page.lines[0].position));
    }

    async fn only_members_of_the_workspace_read_a_log_and_only_with_a_query_that_fits(db: Db) {
        let mut fixture = Fixture::new(db).await;
        fixture.append(&lines(1, 0..10)).await;
        let (app, id) = (&fixture.server.app, fixture.deployment_id);
        let other = WorkspaceId::from_uuid(Uuid::from_u128(5));
        let error = services::log::list(app, other, id, &pages_of(1)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::NotFound);
        let following = services::log::following(app, other, id, -1, None).await.unwrap();
        assert!(following.lines.is_empty());
        let path = format!("/workspace/{}/deployment/{id}/log", fixture.workspace_id);
        let workspace = Some((fixture.workspace_id, Role::Viewer));
        let mut viewer = fixture.server.person("viewer", workspace).await;
        assert_eq!(viewer.get(&path).await.status, 200);
        let mut stranger = fixture.server.person("stranger", None).await;
        assert_eq!(stranger.get(&path).await.status, 404);
        for (query, status) in [
            ("limit=1001", 422), ("limit=0", 422), ("after=x", 422), ("from=yesterday", 422),
            ("stream=out", 422), ("instance_id=1", 422), ("befor=1", 422), ("search=%25%00'", 200),
            ("from=2026-01-01T00:00:00Z&to=2025-01-01T00:00:00Z", 200),
            ("before=-9223372036854775808", 200), ("after=9223372036854775807", 200),
            ("before=9223372036854775807&after=-9223372036854775808", 200),
        ] {
            let answer = fixture.owner.get(&format!("{path}?{query}")).await;
            assert_eq!(answer.status, status, "{query}: {answer:?}");
        }
        let long = "x".repeat(201);
        assert_eq!(fixture.owner.get(&format!("{path}?search={long}")).await.status, 422);
        let fits = "%C3%BC".repeat(200);
        assert_eq!(fixture.owner.get(&format!("{path}?search={fits}")).await.status, 200);
        let wrong = fixture.owner.call(Method::POST, &path, Some(&json!({}))).await;
        assert_eq!(wrong.status, 405);
        let positions: BTreeSet<i64> = fixture.forward(&pages_of(3)).await.iter().map(|l| l.position).collect();
        assert_eq!(positions.len(), 10);
    }
}
