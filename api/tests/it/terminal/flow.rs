//! Large amounts of data, in both directions.

use api::db_test;
use axum::http::Method;
use harness::terminal::{App, Fixture, programs_end};
use serde_json::json;

use crate::terminal::page::{Terminal, WINDOW};

db_test! {
    async fn a_flood_waits_for_its_reader_and_holds_up_nothing(db: Db) {
        let Fixture { mut owner, workspace_id, address, fake, app, server: _server } = Fixture::new(db).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        terminal.takes = false;
        terminal.type_in("yes\r").await;
        while terminal.shown.len() < WINDOW {
            terminal.hear().await;
        }
        // Meanwhile another release goes live over the same link.
        let request = json!({"spec": harness::spec("2")});
        owner.call(Method::PATCH, &app.path, Some(&request)).await;
        let other = json!({"name": "other", "runner_id": fake.runner_id, "spec": harness::spec("1")});
        let path = format!("/workspace/{workspace_id}/deployment");
        let made = owner.post(&path, &other).await;
        let id = made.body["deployment"]["deployment_id"].as_str().unwrap();
        App::running(&mut owner, format!("{path}/{id}")).await;

        assert_eq!(terminal.shown.len(), WINDOW);
        // Beyond the window there is only the program's own buffer: a few of its lines.
        let printed = fake.platform.printed();
        assert!(printed < WINDOW + 8 * 1024, "{printed} bytes were printed");
        terminal.take(1000).await;
        while terminal.shown.len() < WINDOW + 1000 {
            terminal.hear().await;
        }
        assert_eq!(terminal.shown.len(), WINDOW + 1000);
        // A page cannot have shown more than it received.
        terminal.take(WINDOW + 1).await;
        assert_eq!(terminal.word().await, None);
        programs_end(&fake).await;
    }

    async fn a_long_paste_waits_for_its_turn_and_arrives_whole(db: Db) {
        let Fixture { owner, address, app, server: _server, fake: _fake, .. } = Fixture::new(db).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        // More than all buffers hold while nobody reads the program's output.
        terminal.takes = false;
        terminal.type_in(&"x".repeat(WINDOW)).await;
        while terminal.passed_on == 0 || terminal.shown.is_empty() {
            terminal.hear().await;
        }
        let mut waiting = WINDOW;
        terminal.takes = true;
        terminal.take(terminal.shown.len()).await;
        let mut sent = WINDOW;
        while terminal.shown.len() < 2 * WINDOW {
            terminal.hear().await;
            let room = (WINDOW + terminal.passed_on - sent).min(waiting);
            if room > 0 {
                terminal.type_in(&"x".repeat(room)).await;
            }
            (sent, waiting) = (sent + room, waiting - room);
        }
        assert!(terminal.shown.iter().all(|byte| *byte == b'x'));
        assert_eq!((sent, terminal.shown.len()), (2 * WINDOW, 2 * WINDOW));
    }

    async fn a_terminal_that_exceeds_its_credit_is_closed(db: Db) {
        let Fixture { owner, address, fake, app, server: _server, .. } = Fixture::new(db).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        terminal.type_in(&"x".repeat(WINDOW + 1)).await;
        assert_eq!(terminal.word().await, None);
        programs_end(&fake).await;
    }
}
