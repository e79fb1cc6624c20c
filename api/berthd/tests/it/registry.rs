//! Registries, kept with plain forms.

use api::db_test;
use harness::TestServer;

use crate::whole;

const CANARY: &str = "canary-4f2a";

db_test! {
    async fn a_form_that_is_refused_does_not_bring_the_password_back(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let page = format!("/workspace/{workspace_id}/registry/new");
        let workspace = workspace_id.to_string();
        let fields = [
            ("_page", page.as_str()), ("_path.workspace_id", workspace.as_str()),
            ("host", "https://ghcr.io"), ("user_name", "ada"), ("password", CANARY),
        ];
        let answer = owner.submit("CreateRegistry", &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains("https://ghcr.io"), "{}", answer.text);
        assert!(!answer.text.contains(CANARY), "{}", answer.text);
    }

    async fn a_registry_is_kept_changed_and_forgotten_with_plain_forms(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let workspace = workspace_id.to_string();
        let list = format!("/workspace/{workspace_id}/registry");
        let empty = owner.page(&list).await;
        assert!(empty.text.contains("No registries yet"), "{}", empty.text);
        let page = format!("{list}/new");
        let answer = owner.submit("CreateRegistry", &[
            ("_page", &page), ("_path.workspace_id", &workspace),
            ("_success", "/workspace/{registry.workspace_id}/registry/{registry.registry_id}"),
            ("host", "ghcr.io"), ("user_name", "ada"), ("password", CANARY),
        ]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let one = answer.headers["location"].to_str().unwrap().to_owned();
        let registry = one.rsplit_once('/').unwrap().1.to_owned();
        for (path, shows) in [
            (&list, "ghcr.io"), (&one, "ghcr.io"), (&one, "ada"),
            (&format!("/workspace/{workspace_id}"), "Registries"),
        ] {
            let page = owner.page(path).await;
            assert!(page.text.contains(shows), "{path} does not show {shows}: {}", page.text);
            assert!(!page.text.contains(CANARY), "{}", page.text);
        }
        // An empty password counts as none: the old one stays.
        let answer = owner.submit("UpdateRegistry", &[
            ("_page", &one), ("_success", &one),
            ("_path.workspace_id", &workspace), ("_path.registry_id", &registry),
            ("user_name", "grace"), ("password", ""),
        ]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        assert!(owner.page(&one).await.text.contains("grace"));
        let answer = owner.submit("DeleteRegistry", &[
            ("_page", &one), ("_success", &list),
            ("_path.workspace_id", &workspace), ("_path.registry_id", &registry),
        ]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        assert_eq!(owner.page(&one).await.status, 404);
    }
}
