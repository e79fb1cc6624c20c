//! Downloads of a log as a text file.

use api::{db_test, services};
use futures::StreamExt;
use harness::log::{Fixture, instance, line, lines, ordinary};
use models::{api::workspace::deployment::DownloadLogQuery, runner::LogEntry};

db_test! {
    async fn a_log_is_downloaded_whole_and_without_control_characters(db: Db) {
        let mut fixture = Fixture::new(db).await;
        for batch in lines(1, 0..3_000).chunks(500) {
            fixture.append(batch).await;
        }
        fixture.append(&[line(2, 0, "\u{1b}[31mred\u{1b}[0m\nforged\r\0")]).await;
        fixture.compact().await;
        let (workspace, id) = (fixture.workspace_id, fixture.deployment_id);
        let path = format!("/workspace/{workspace}/deployment/{id}/log/text");
        let answer = fixture.owner.get(&path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
        assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"app.log\"");
        let got: Vec<&str> = answer.text.lines().collect();
        assert_eq!(got.len(), 3_001);
        for (number, line) in (0..3_000).zip(&got) {
            assert!(line.ends_with(&ordinary(number)), "{line}");
        }
        let second = instance(2);
        assert_eq!(
            got[3_000],
            format!("2026-09-21T14:13:20.000000Z {second} err redforged")
        );
        let found = fixture.owner.get(&format!("{path}?instance_id={second}&search=RED")).await;
        assert_eq!(found.text.lines().count(), 1);
        let progress = "10%\r20%\r\u{1b}[Kdone";
        fixture.append(&[LogEntry { is_cut: true, ..line(3, 0, progress) }]).await;
        let third = fixture.owner.get(&format!("{path}?instance_id={}", instance(3))).await;
        assert!(third.text.ends_with(" err done [cut]\n"), "{}", third.text);
        let step = fixture.owner.get(&format!("{path}?search=20%25")).await;
        assert_eq!(step.text, "", "a step that nobody sees was found");
        let nothing = fixture.owner.get(&format!("{path}?search=nothing")).await;
        assert_eq!((nothing.status, nothing.text.as_str()), (200, ""));
        let long = "x".repeat(201);
        assert_eq!(fixture.owner.get(&format!("{path}?search={long}")).await.status, 422);
    }

    async fn a_download_ends_although_the_app_goes_on_printing(db: Db) {
        let fixture = Fixture::new(db).await;
        fixture.append(&lines(1, 0..2_500)).await;
        let query = DownloadLogQuery {
            from: None,
            to: None,
            instance_id: None,
            stream: None,
            search: None,
        };
        let (app, workspace) = (&fixture.server.app, fixture.workspace_id);
        let pieces = services::log::download(app, workspace, fixture.deployment_id, &query);
        let mut pieces = Box::pin(pieces.await.unwrap());
        let (mut text, mut number) = (Vec::new(), 2_500);
        while let Some(piece) = pieces.next().await {
            text.extend_from_slice(&piece.unwrap());
            fixture.append(&lines(1, number..number + 2_500)).await;
            fixture.compact().await;
            number += 2_500;
        }
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.lines().count(), 2_500);
        assert!(text.trim_end().ends_with(&ordinary(2_499)));
    }
}
