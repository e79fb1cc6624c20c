//! Editing of a deployment's environment in forms.

use api::db_test;
use harness::{Answer, Client, TestServer};
use models::WorkspaceId;
use serde_json::{Value, json};

use crate::whole;

/// A deployment with an environment, and the common fields of its settings forms.
struct App {
    path: String,
    page: String,
    deployment: String,
    workspace: String,
}

impl App {
    async fn make(owner: &mut Client, workspace_id: WorkspaceId, environment: Value) -> Self {
        let workspace = format!("/workspace/{workspace_id}");
        let runner = owner
            .post(&format!("{workspace}/runner"), &json!({"name": "first"}))
            .await;
        let request = json!({
            "name": "app", "runner_id": runner.body["runner"]["runner_id"], "deploy": false,
            "spec": {"image": "app:1", "environment": environment},
        });
        let made = owner
            .post(&format!("{workspace}/deployment"), &request)
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        let deployment = made.body["deployment"]["deployment_id"]
            .as_str()
            .unwrap()
            .to_owned();
        Self {
            path: format!("{workspace}/deployment/{deployment}"),
            page: format!("{workspace}/deployment/{deployment}/settings"),
            deployment,
            workspace: workspace_id.to_string(),
        }
    }

    async fn submit(&self, owner: &mut Client, more: &[(&str, &str)]) -> Answer {
        let mut fields = vec![
            ("_page", self.page.as_str()),
            ("_success", self.path.as_str()),
            ("_path.workspace_id", self.workspace.as_str()),
            ("_path.deployment_id", self.deployment.as_str()),
            ("spec[image]", "app:1"),
            ("deploy", "false"),
        ];
        fields.extend(more);
        owner.submit("UpdateDeployment", &fields).await
    }

    async fn environment(&self, owner: &mut Client) -> Value {
        owner.get(&self.path).await.body["deployment"]["spec"]["environment"].clone()
    }
}

/// The values that a browser reads from the text areas and sends back.
fn values(page: &str) -> Vec<String> {
    let areas = page.split("<textarea").skip(1).filter_map(|area| {
        let (attributes, rest) = area.split_once('>')?;
        let text = rest.split_once("</textarea>")?.0;
        attributes.contains("[value]").then_some(text)
    });
    // It reads CR LF as LF, and drops a first line break (HTML, "the rules for parsing tokens in
    // HTML content": a start tag named textarea).
    let read = areas.map(|text| {
        let text = text.replace("\r\n", "\n");
        let text = text.strip_prefix('\n').unwrap_or(&text);
        text.replace('\n', "\r\n")
            .replace("&lt;", "<")
            .replace("&amp;", "&")
    });
    read.collect()
}

db_test! {
    async fn a_pasted_file_is_shown_before_it_is_saved(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let environment = json!([{"name": "OLD", "value": "1"}, {"name": "SAME", "value": "2"}]);
        let app = App::make(&mut owner, workspace_id, environment.clone()).await;
        let page = owner.page(&app.page).await;
        assert!(page.text.contains("Paste a .env file"), "{}", page.text);
        let rows = [
            ("spec[environment][0][name]", "OLD"), ("spec[environment][0][value]", "1"),
            ("spec[environment][1][name]", "SAME"), ("spec[environment][1][value]", "2"),
        ];
        // Even though the save button was pressed, the values are shown for review first.
        let file = "# all of it\r\nexport OLD=3\r\nNEW='$PATH ${HOME} $BERTH_MASTER_KEY'\r\n";
        let filled = app.submit(&mut owner, &[&rows[..], &[("_paste", file)]].concat()).await;
        assert_eq!(filled.status, 200, "{}", filled.text);
        for shown in [
            "Nothing is saved yet", "<del>1", "<ins>3", "value=\"NEW\"",
            "$PATH ${HOME} $BERTH_MASTER_KEY",
        ] {
            assert!(filled.text.contains(shown), "{shown} is not shown");
        }
        let path = std::env::var("PATH").unwrap();
        assert!(!filled.text.contains(&path), "the server's own environment is shown");
        assert_eq!(app.environment(&mut owner).await, environment, "it was saved already");

        let rows = [
            ("spec[environment][0][name]", "OLD"), ("spec[environment][0][value]", "3"),
            ("spec[environment][1][name]", "NEW"), ("spec[environment][1][value]", "$PATH"),
        ];
        assert_eq!(app.submit(&mut owner, &rows).await.status, 303);
        let saved = json!([{"name": "OLD", "value": "3"}, {"name": "NEW", "value": "$PATH"}]);
        assert_eq!(app.environment(&mut owner).await, saved);
    }

    async fn a_wrong_line_is_named_and_nothing_is_lost(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let app = App::make(&mut owner, workspace_id, json!([])).await;
        let typed = [
            ("spec[environment][0][name]", "TYPED"), ("spec[environment][0][value]", "before"),
            ("_paste", "A=1\r\nwhat is this\r\n"), ("_paste_fills", "true"),
        ];
        let refused = app.submit(&mut owner, &typed).await;
        assert_eq!(refused.status, 422);
        for shown in ["Line 2: Missing =", "what is this", "value=\"TYPED\"", "before"] {
            assert!(refused.text.contains(shown), "{shown} is not shown");
        }
        assert_eq!(app.environment(&mut owner).await, json!([]));
        let mut eve = server.person("eve", None).await;
        assert_eq!(app.submit(&mut eve, &typed).await.status, 404);
    }

    async fn a_value_survives_a_form_that_changes_something_else(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let texts = ["\nfirst", "\n", "\n\n", "a\n", "a\nb", "", "<&", "a\r\nb\rc", "\r\nd"];
        let kept = ["\nfirst", "\n", "\n\n", "a\n", "a\nb", "", "<&", "a\nb\nc", "\nd"];
        let variables = |values: &[&str]| {
            let of = |(number, value): (usize, &&str)| json!({"name": format!("V{number}"), "value": value});
            Value::Array(values.iter().enumerate().map(of).collect())
        };
        let app = App::make(&mut owner, workspace_id, variables(&texts)).await;
        assert_eq!(app.environment(&mut owner).await, variables(&kept), "line breaks are LF");

        let page = owner.page(&app.page).await;
        let values = values(&page.text);
        let inputs: Vec<_> = (0..kept.len())
            .flat_map(|row| {
                let input = |half: &str| format!("spec[environment][{row}][{half}]");
                [(input("name"), format!("V{row}")), (input("value"), values[row].clone())]
            })
            .collect();
        let fields: Vec<_> = inputs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(app.submit(&mut owner, &fields).await.status, 303);
        assert_eq!(app.environment(&mut owner).await, variables(&kept));

        // A refused form keeps what was typed.
        let typed = ("spec[environment][0][value]", "\r\ntyped");
        let wrong = [&fields[..1], &[typed, ("spec[instances]", "many")]].concat();
        let again = app.submit(&mut owner, &wrong).await;
        assert_eq!(again.status, 422);
        assert_eq!(self::values(&again.text)[0], "\r\ntyped");
    }
}
