//! Terminals and commands in instances, from a person to a platform and back.

use std::net::SocketAddr;

use api::{db::Db, db_test, store};
use axum::http::Method;
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::SinkExt;
use models::{WorkspaceId, error::ErrorCode, exec::WINDOW_BYTES, rbac::Role};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    harness::{Caller, Fake, TestServer, eventually},
    streams::{WebSocket, deploy, next, open_as},
};

const WINDOW: usize = WINDOW_BYTES as usize;

/// A deployment with an instance that runs.
pub(crate) struct App {
    pub(crate) path: String,
    pub(crate) deployment_id: String,
    pub(crate) release_id: String,
    pub(crate) instance_id: String,
}

impl App {
    pub(crate) async fn deploy(owner: &mut Caller, workspace_id: WorkspaceId, fake: &Fake) -> Self {
        let path = format!("/workspace/{workspace_id}/deployment");
        let path = deploy(owner, &path, fake).await;
        Self::running(owner, path).await
    }

    async fn running(owner: &mut Caller, path: String) -> Self {
        let instance = eventually("an instance runs", async || {
            let answer = owner.get(&path).await;
            let instance = answer.body["deployment"]["observed"]["instances"][0].clone();
            (instance["state"] == "running").then_some(instance)
        })
        .await;
        let text = |name: &str| instance[name].as_str().unwrap().to_owned();
        Self {
            deployment_id: path.rsplit('/').next().unwrap().to_owned(),
            release_id: text("release_id"),
            instance_id: text("instance_id"),
            path,
        }
    }

    fn terminal(&self, query: &str) -> String {
        format!(
            "{}/instance/{}/terminal{query}",
            self.path, self.instance_id
        )
    }
}

/// An app that runs on a server of its own, and whoever owns it.
struct Scene {
    server: TestServer,
    owner: Caller,
    workspace_id: WorkspaceId,
    address: SocketAddr,
    fake: Fake,
    app: App,
}

impl Scene {
    async fn new(db: Db) -> Self {
        Self::on(TestServer::new(db)).await
    }

    async fn on(server: TestServer) -> Self {
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let app = App::deploy(&mut owner, workspace_id, &fake).await;
        Self {
            server,
            owner,
            workspace_id,
            address,
            fake,
            app,
        }
    }
}

/// A terminal as a page has it.
pub(crate) struct Terminal {
    socket: WebSocket,
    shown: Vec<u8>,
    /// How much of what was typed was passed on.
    passed_on: usize,
    /// Whether it says that it shows what comes.
    takes: bool,
}

impl Terminal {
    pub(crate) async fn open(caller: &Caller, address: SocketAddr, app: &App, query: &str) -> Self {
        Self::at(caller, address, &app.terminal(query)).await
    }

    async fn at(caller: &Caller, address: SocketAddr, path: &str) -> Self {
        Self {
            socket: open_as(caller, address, path).await.unwrap(),
            shown: Vec::new(),
            passed_on: 0,
            takes: true,
        }
    }

    async fn say(&mut self, message: &Value) {
        // It may be over already; what was said last then tells why.
        self.socket
            .send(Message::text(message.to_string()))
            .await
            .ok();
    }

    pub(crate) async fn type_in(&mut self, text: &str) {
        let bytes = STANDARD.encode(text);
        self.say(&json!({"type": "input", "bytes": bytes})).await;
    }

    async fn take(&mut self, bytes: usize) {
        self.say(&json!({"type": "taken", "bytes": bytes})).await;
    }

    /// The next message that is no output; none when the stream ended.
    async fn word(&mut self) -> Option<Value> {
        loop {
            let message = next(&mut self.socket).await?;
            match message["type"].as_str() {
                Some("output") => self.show(&message).await,
                Some("heartbeat") => {}
                Some("taken") => self.note(&message),
                _ => return Some(message),
            }
        }
    }

    fn note(&mut self, taken: &Value) {
        self.passed_on += usize::try_from(taken["bytes"].as_u64().unwrap()).unwrap();
    }

    async fn show(&mut self, output: &Value) {
        let bytes = STANDARD.decode(output["bytes"].as_str().unwrap()).unwrap();
        if self.takes {
            self.take(bytes.len()).await;
        }
        self.shown.extend(bytes);
    }

    /// Listens for one piece of output.
    async fn hear(&mut self) {
        loop {
            let message = next(&mut self.socket).await.expect("it goes on");
            match message["type"].as_str() {
                Some("output") => return self.show(&message).await,
                Some("heartbeat") => {}
                Some("taken") => self.note(&message),
                _ => panic!("it ended: {message}"),
            }
        }
    }

    pub(crate) async fn shows(&mut self, text: &str) {
        while !String::from_utf8_lossy(&self.shown).contains(text) {
            self.hear().await;
        }
    }

    /// Listens until it is refused or closed from the other side.
    pub(crate) async fn refusal(&mut self) -> ErrorCode {
        let message = self.word().await.expect("it says why");
        assert_eq!(message["type"], "refused", "{message}");
        assert!(!message["message"].as_str().unwrap().is_empty());
        assert_eq!(self.word().await, None);
        serde_json::from_value(message["code"].clone()).unwrap()
    }
}

async fn programs_end(fake: &Fake) {
    eventually("no program runs any more", async || {
        (fake.platform.programs() == 0).then_some(())
    })
    .await;
}

db_test! {
    async fn a_terminal_goes_the_whole_way_and_is_recorded(db: Db) {
        let Scene { server, owner, workspace_id, address, fake, app } = Scene::new(db).await;

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

    async fn a_command_says_what_it_printed_and_how_it_ended(db: Db) {
        let Scene { server, mut owner, workspace_id, fake, app, .. } = Scene::new(db).await;
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

        // One that prints without end is not waited for, and not kept.
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
        let Scene { server, owner, workspace_id, fake, app, .. } = Scene::new(db).await;
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

    async fn nobody_gets_into_what_is_not_theirs(db: Db) {
        let Scene { server, workspace_id, address, fake, app, .. } = Scene::new(db).await;
        let viewer = server.person("vic", Some((workspace_id, Role::Viewer))).await;
        assert_eq!(open_as(&viewer, address, &app.terminal("")).await.err(), Some(403));
        let mut eve = server.person("eve", None).await;
        assert_eq!(open_as(&eve, address, &app.terminal("")).await.err(), Some(404));

        // Her own workspace in the path, and of the rest as much as may be hers.
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

    async fn signing_out_cuts_a_terminal(db: Db) {
        let Scene { server, mut owner, workspace_id, address, fake, app } = Scene::new(db).await;
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
        let Scene { owner, address, fake, app, server: _server, .. } = Scene::on(TestServer::with_settings(db, &[("BERTH__TERMINALS__IDLE_LIMIT_MS", "300")])).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        // What is printed does not count, however much it is.
        terminal.type_in("yes\r").await;
        assert_eq!(terminal.refusal().await, ErrorCode::TerminalIdle);
        programs_end(&fake).await;
    }

    async fn a_terminal_ends_with_its_runners_link(db: Db) {
        let Scene { owner, address, mut fake, app, server: _server, .. } = Scene::new(db).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        terminal.type_in("x").await;
        terminal.shows("x").await;
        fake.leave();
        assert_eq!(terminal.refusal().await, ErrorCode::RunnerAway);
        programs_end(&fake).await;
    }

    async fn a_flood_waits_for_its_reader_and_holds_up_nothing(db: Db) {
        let Scene { mut owner, workspace_id, address, fake, app, server: _server } = Scene::new(db).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        terminal.takes = false;
        terminal.type_in("yes\r").await;
        while terminal.shown.len() < WINDOW {
            terminal.hear().await;
        }
        // Another release goes live over the same link meanwhile.
        let request = json!({"spec": crate::harness::spec("2")});
        owner.call(Method::PATCH, &app.path, Some(&request)).await;
        let other = json!({"name": "other", "runner_id": fake.runner_id, "spec": crate::harness::spec("1")});
        let path = format!("/workspace/{workspace_id}/deployment");
        let made = owner.post(&path, &other).await;
        let id = made.body["deployment"]["deployment_id"].as_str().unwrap();
        App::running(&mut owner, format!("{path}/{id}")).await;

        assert_eq!(terminal.shown.len(), WINDOW);
        // Beyond the window there is what the program itself holds: a few of its lines.
        let printed = fake.platform.printed();
        assert!(printed < WINDOW + 8 * 1024, "{printed} bytes were printed");
        terminal.take(1000).await;
        while terminal.shown.len() < WINDOW + 1000 {
            terminal.hear().await;
        }
        assert_eq!(terminal.shown.len(), WINDOW + 1000);
        // Nobody can have shown more than came.
        terminal.take(WINDOW + 1).await;
        assert_eq!(terminal.word().await, None);
        programs_end(&fake).await;
    }

    async fn a_command_is_run_with_a_plain_form(db: Db) {
        let Scene { server, mut owner, workspace_id, app, fake: _fake, .. } = Scene::new(db).await;
        let page = format!("{}/terminal", app.path);
        let answer = owner.page(&page).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text.contains("action=\"/form/RunCommand\""), "{}", answer.text);
        let stream = format!("=\"/api/v1{}/instance/\"", app.path);
        assert!(answer.text.contains(&format!("data-terminal{stream}")), "{}", answer.text);
        // That is what regions look for, and this is none.
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
        assert!(answer.text.contains("exit code 0"), "{}", answer.text);
        fields[4] = ("command", "");
        assert_eq!(owner.submit("RunCommand", &fields).await.status, 422);

        let mut viewer = server.person("vic", Some((workspace_id, Role::Viewer))).await;
        let answer = viewer.page(&page).await;
        assert!(!answer.text.contains("/form/RunCommand"), "{}", answer.text);
        assert!(!answer.text.contains("terminal.mjs"), "{}", answer.text);
        assert!(!viewer.page(&app.path).await.text.contains(&page));
    }

    async fn a_long_paste_waits_for_its_turn_and_arrives_whole(db: Db) {
        let Scene { owner, address, app, server: _server, fake: _fake, .. } = Scene::new(db).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        // More than the whole way holds while nobody reads what the program shows of it.
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

    async fn whoever_types_more_than_may_be_on_its_way_is_cut_off(db: Db) {
        let Scene { owner, address, fake, app, server: _server, .. } = Scene::new(db).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        terminal.type_in(&"x".repeat(WINDOW + 1)).await;
        assert_eq!(terminal.word().await, None);
        programs_end(&fake).await;
    }
}
