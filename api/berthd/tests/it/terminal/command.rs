//! One-off commands.

use api::{db_test, store};
use harness::{
    eventually,
    terminal::{Fixture, programs_end},
};
use models::rbac::Role;
use serde_json::{Value, json};

use crate::whole;

db_test! {
    async fn a_command_returns_its_output_and_its_exit_code(db: Db) {
        let Fixture { server, mut owner, workspace_id, fake, app, .. } = Fixture::new(whole(db)).await;
        let path = format!("{}/command", app.path);

        let request = json!({"command": ["/bin/echo", "a  b", "$(id)"]});
        let answer = owner.post(&path, &request).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let expected = json!({
            "instance_id": app.instance_id, "code": 0, "output": "a  b $(id)\n", "truncated": false,
        });
        assert_eq!(answer.body, expected);
        let request = json!({"command": ["/bin/false"], "instance_id": app.instance_id});
        assert_eq!(owner.post(&path, &request).await.body["code"], 1);

        // A command that prints without end is cut off, and not stored.
        let request = json!({"command": ["/bin/yes"], "limit_ms": 1000});
        let answer = owner.post(&path, &request).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["code"], Value::Null);
        assert_eq!(answer.body["truncated"], true);
        assert_eq!(answer.body["output"].as_str().unwrap().len(), 64 * 1024);
        programs_end(&fake).await;

        for request in [json!({}), json!({"command": ["a\0b"]}), json!({"command": ["a"], "limit_ms": 60_000})] {
            assert_eq!(owner.post(&path, &request).await.code(), "validation_failed", "{request}");
        }
        let newest = store::audit_event::newest(&server.app.db, workspace_id, 4).await.unwrap();
        let actions: Vec<_> = newest.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions[..3], ["deployment.command"; 3], "{actions:?}");
        assert_ne!(actions[3], "deployment.command");
    }

    async fn a_command_is_recorded_also_when_its_caller_hangs_up(db: Db) {
        let Fixture { server, owner, workspace_id, fake, app, .. } = Fixture::new(whole(db)).await;
        let path = format!("{}/command", app.path);
        let mut hasty = owner.clone();
        let request = json!({"command": ["/bin/yes"]});
        tokio::select! {
            answer = hasty.post(&path, &request) => panic!("it ended: {answer:?}"),
            () = eventually("it runs", async || {
                (fake.platform.printed() > 0).then_some(())
            }) => {}
        }
        programs_end(&fake).await;
        eventually("it is recorded", async || {
            let newest = store::audit_event::newest(&server.app.db, workspace_id, 1).await.unwrap();
            (newest[0].action == "deployment.command").then_some(())
        })
        .await;
    }

    async fn a_command_is_run_with_a_plain_form(db: Db) {
        let Fixture { server, mut owner, workspace_id, app, fake: _fake, .. } = Fixture::new(whole(db)).await;
        let page = format!("{}/terminal", app.path);
        let answer = owner.page(&page).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text.contains("action=\"/form/RunCommand\""), "{}", answer.text);
        let stream = format!("=\"/api/v1{}/instance/\"", app.path);
        assert!(answer.text.contains(&format!("data-terminal{stream}")), "{}", answer.text);
        // Regions look for `data-stream`, and a terminal is not a region.
        assert!(!answer.text.contains(&format!("data-stream{stream}")), "{}", answer.text);
        assert!(answer.text.contains("/terminal.mjs\" nonce="), "{}", answer.text);
        let overview = owner.page(&app.path).await;
        assert!(overview.text.contains(&page) && !overview.text.contains("terminal.mjs"));

        let workspace = workspace_id.to_string();
        let mut fields = [
            ("_page", page.as_str()),
            ("_path.workspace_id", workspace.as_str()),
            ("_path.deployment_id", app.deployment_id.as_str()),
            ("instance_id", app.instance_id.as_str()),
            ("command", "/bin/echo\r\n<b>hello</b>"),
        ];
        let answer = owner.submit("RunCommand", &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.text.contains("&lt;b&gt;hello&lt;/b&gt;"), "{}", answer.text);
        assert!(answer.text.contains("exited with code 0"), "{}", answer.text);
        fields[4] = ("command", "");
        assert_eq!(owner.submit("RunCommand", &fields).await.status, 422);

        let mut viewer = server.person("vic", Some((workspace_id, Role::Viewer))).await;
        let answer = viewer.page(&page).await;
        assert!(!answer.text.contains("/form/RunCommand"), "{}", answer.text);
        assert!(!answer.text.contains("terminal.mjs"), "{}", answer.text);
        assert!(!viewer.page(&app.path).await.text.contains(&page));
    }
}
