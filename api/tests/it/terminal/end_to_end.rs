//! A terminal from page to platform, closed to everyone else.

use api::{db_test, store};
use harness::{
    Fake, eventually,
    streams::open_as,
    terminal::{App, Fixture, programs_end},
};
use models::{WorkspaceId, error::ErrorCode, rbac::Role};
use serde_json::json;

use crate::terminal::page::Terminal;

db_test! {
    async fn a_terminal_works_end_to_end_and_is_recorded(db: Db) {
        let Fixture { server, owner, workspace_id, address, fake, app } = Fixture::new(db).await;

        let mut terminal = Terminal::open(&owner, address, &app, "?columns=91&rows=23").await;
        terminal.type_in("stty size\r").await;
        terminal.shows("stty size\r\n23 91\r\n").await;
        terminal.say(&json!({"type": "resize", "columns": 123, "rows": 45})).await;
        while !String::from_utf8_lossy(&terminal.shown).contains("45 123") {
            terminal.type_in("stty size\r").await;
            terminal.hear().await;
        }
        terminal.type_in("exit 7\r").await;
        assert_eq!(terminal.word().await, Some(json!({"type": "exited", "code": 7})));
        assert_eq!(terminal.word().await, None);
        programs_end(&fake).await;

        let recorded = eventually("its end is recorded", async || {
            let newest = store::audit_event::newest(&server.app.db, workspace_id, 2).await.unwrap();
            (newest[0].action == "terminal.close").then_some(newest)
        })
        .await;
        assert_eq!(recorded[1].action, "terminal.open");
        for event in recorded {
            assert_eq!(event.actor_name, "Ada");
            assert_eq!(event.target.as_deref(), Some(app.deployment_id.as_str()));
        }
    }

    async fn no_tenant_reaches_resources_of_another(db: Db) {
        let Fixture { server, workspace_id, address, fake, app, .. } = Fixture::new(db).await;
        let viewer = server.person("vic", Some((workspace_id, Role::Viewer))).await;
        assert_eq!(open_as(&viewer, address, &app.terminal("")).await.err(), Some(403));
        let mut eve = server.person("eve", None).await;
        assert_eq!(open_as(&eve, address, &app.terminal("")).await.err(), Some(404));

        // Her own workspace in the path, and as many of her own ids as possible.
        let own = eve.post("/workspace", &json!({"name": "eves"})).await;
        let own: WorkspaceId = own.body["workspace"]["workspace_id"].as_str().unwrap().parse().unwrap();
        let theirs = app.terminal("").replace(&workspace_id.to_string(), &own.to_string());
        assert_eq!(open_as(&eve, address, &theirs).await.err(), Some(404));
        let hers = Fake::join(&mut eve, own, "hers", address).await;
        let her_app = App::deploy(&mut eve, own, &hers).await;
        let mixed = her_app.terminal("").replace(&her_app.instance_id, &app.instance_id);
        let mut terminal = Terminal::at(&eve, address, &mixed).await;
        assert_eq!(terminal.refusal().await, ErrorCode::NotFound);
        let request = json!({"command": ["/bin/true"], "instance_id": app.instance_id});
        let answer = eve.post(&format!("{}/command", her_app.path), &request).await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"));
        let newest = store::audit_event::newest(&server.app.db, own, 100).await.unwrap();
        assert!(newest.iter().all(|event| event.action == "runner.create" || event.action == "deployment.create"), "{newest:?}");
        assert_eq!((fake.platform.programs(), fake.platform.printed()), (0, 0));
    }
}
