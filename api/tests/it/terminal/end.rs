//! Reasons for which a terminal ends.

use api::{db_test, store};
use axum::http::Method;
use futures::StreamExt;
use harness::{
    TestServer, eventually,
    terminal::{Fixture, programs_end},
};
use models::error::ErrorCode;
use tokio_tungstenite::tungstenite::Message;

use crate::terminal::page::Terminal;

db_test! {
    async fn signing_out_cuts_a_terminal(db: Db) {
        let Fixture { server, mut owner, workspace_id, address, fake, app } = Fixture::new(db).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        terminal.type_in("x").await;
        terminal.shows("x").await;
        assert_eq!(fake.platform.programs(), 1);
        owner.call(Method::DELETE, "/session", None).await;
        assert_eq!(terminal.word().await, None);
        programs_end(&fake).await;
        eventually("its end is recorded", async || {
            let newest = store::audit_event::newest(&server.app.db, workspace_id, 1).await.unwrap();
            (newest[0].action == "terminal.close").then_some(())
        })
        .await;
    }

    async fn a_terminal_in_which_nothing_is_typed_is_closed(db: Db) {
        let Fixture { owner, address, fake, app, server: _server, .. } = Fixture::on(TestServer::with_settings(db, &[("BERTH__TERMINALS__IDLE_LIMIT_MS", "300")])).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        // Output does not count as activity, however much there is.
        terminal.type_in("yes\r").await;
        assert_eq!(terminal.refusal().await, ErrorCode::TerminalIdle);
        programs_end(&fake).await;
    }

    async fn a_terminal_ends_with_its_runners_link(db: Db) {
        let Fixture { owner, address, mut fake, app, server: _server, .. } = Fixture::new(db).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        terminal.type_in("x").await;
        terminal.shows("x").await;
        fake.leave();
        assert_eq!(terminal.refusal().await, ErrorCode::RunnerAway);
        programs_end(&fake).await;
    }

    async fn a_page_that_closes_its_terminal_gets_a_close_frame_back(db: Db) {
        let Fixture { owner, address, fake, app, server: _server, .. } = Fixture::new(db).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        terminal.type_in("x").await;
        terminal.shows("x").await;
        terminal.socket.close(None).await.unwrap();
        let mut last = None;
        while let Some(received) = terminal.socket.next().await {
            last = Some(received);
        }
        assert!(matches!(last, Some(Ok(Message::Close(_)))), "{last:?}");
        programs_end(&fake).await;
    }
}
