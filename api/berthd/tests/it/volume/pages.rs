//! The pages of volumes, with plain forms.

use api::db_test;
use axum::http::header;
use harness::{TestServer, volume::Place};

use crate::whole;

db_test! {
    async fn a_volume_is_made_changed_trashed_and_restored_with_plain_forms(db: Db) {
        let server = TestServer::new(whole(db));
        let mut place = Place::of(&server).await;
        let list = format!("{}/volume", place.path);
        let empty = place.owner.page(&list).await;
        assert!(empty.text.contains("No volumes yet"), "{}", empty.text);
        assert!(empty.text.contains("aria-current=\"page\""), "the navigation leads here");

        let page = format!("{list}/new");
        let answer = place.owner.page(&page).await;
        assert!(answer.text.contains("action=\"/form/CreateVolume\""), "{}", answer.text);
        assert!(answer.text.contains("cannot enforce"), "{}", answer.text);
        let workspace = place.path.strip_prefix("/workspace/").unwrap().to_owned();
        let runner = place.runner.as_str().unwrap().to_owned();
        let mut fields = vec![
            ("_page", page.as_str()),
            ("_success", "/workspace/{volume.workspace_id}/volume/{volume.volume_id}"),
            ("_path.workspace_id", workspace.as_str()),
            ("name", "database"),
            ("runner_id", runner.as_str()),
            ("size_bytes", "plenty"),
        ];
        let answer = place.owner.submit("CreateVolume", &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains("for example 512 MiB or 10 GiB"), "{}", answer.text);
        assert!(answer.text.contains("plenty"), "what was typed is gone");
        fields[5] = ("size_bytes", "512 MiB");
        let answer = place.owner.submit("CreateVolume", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let page = answer.headers[header::LOCATION].to_str().unwrap().to_owned();
        let volume = page.rsplit('/').next().unwrap().to_owned();
        let shown = place.owner.page(&page).await;
        assert!(shown.text.contains("value=\"512 MiB\""), "{}", shown.text);
        assert!(place.owner.page(&list).await.text.contains("database"));

        let ids = [
            ("_page", page.as_str()),
            ("_success", page.as_str()),
            ("_path.workspace_id", workspace.as_str()),
            ("_path.volume_id", volume.as_str()),
        ];
        let smaller = [&ids[..], &[("name", "database"), ("size_bytes", "1 MiB")]].concat();
        let answer = place.owner.submit("UpdateVolume", &smaller).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains("Volumes cannot shrink"), "{}", answer.text);
        assert_eq!(place.owner.submit("DeleteVolume", &ids).await.status, 303);
        let trashed = place.owner.page(&page).await;
        assert!(trashed.text.contains("This volume is in the trash"), "{}", trashed.text);
        assert!(trashed.text.contains("action=\"/form/RestoreVolume\""));
        assert!(!trashed.text.contains("action=\"/form/DeleteVolume\""));
        assert_eq!(place.owner.submit("RestoreVolume", &ids).await.status, 303);
        let back = place.owner.page(&page).await;
        assert!(!back.text.contains("This volume is in the trash"), "{}", back.text);
    }

    async fn the_settings_of_a_deployment_explain_its_volumes(db: Db) {
        let server = TestServer::new(whole(db));
        let mut place = Place::of(&server).await;
        let (free, taken) = (place.volume("free").await, place.volume("taken").await);
        assert_eq!(place.deploy("other", &[&taken]).await.status, 201);
        let made = place.deploy("app", &[]).await;
        let id = made.body["deployment"]["deployment_id"].as_str().unwrap().to_owned();
        let page = format!("{}/deployment/{id}/settings", place.path);
        let shown = place.owner.page(&page).await;
        assert!(shown.text.contains(&free), "{}", shown.text);
        assert!(!shown.text.contains(&taken), "another deployment has it");
        assert!(shown.text.contains("a short downtime"), "{}", shown.text);

        let workspace = place.path.strip_prefix("/workspace/").unwrap().to_owned();
        let mut fields = vec![
            ("_page", page.as_str()),
            ("_success", page.as_str()),
            ("_path.workspace_id", workspace.as_str()),
            ("_path.deployment_id", id.as_str()),
            ("spec[image]", "app:1"),
            ("spec[volumes][0][volume_id]", taken.as_str()),
            ("spec[volumes][0][path]", "/data"),
        ];
        let answer = place.owner.submit("UpdateDeployment", &fields).await;
        assert_eq!(answer.status, 409);
        assert!(answer.text.contains("The deployment other uses this volume"), "{}", answer.text);
        // Otherwise saving again would drop it unnoticed.
        assert!(answer.text.contains(&format!("value=\"{taken}\" selected")), "{}", answer.text);
        assert!(answer.text.contains("value=\"/data\""), "{}", answer.text);
        fields[5] = ("spec[volumes][0][volume_id]", free.as_str());
        assert_eq!(place.owner.submit("UpdateDeployment", &fields).await.status, 303);
        assert_eq!(place.read(&free).await["attached"]["path"], "/data");

        let overview = place.owner.page(&format!("{}/deployment/{id}", place.path)).await;
        assert_eq!(overview.status, 200);
        let release = made.body["deployment"]["release"]["release_id"].as_str().unwrap();
        let release = format!("{}/deployment/{id}/release/{release}", place.path);
        let back = place.owner.page(&release).await;
        assert!(back.text.contains("Data is never rolled back"), "{}", back.text);
        let used = place.owner.page(&format!("{}/volume/{free}", place.path)).await;
        assert!(used.text.contains("once no deployment uses it"), "{}", used.text);
    }
}
