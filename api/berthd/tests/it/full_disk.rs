//! A full disk: sign-ins use reserved space, and without any the error says so.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::Command,
};

use api::db::{Db, testing};
use axum::http::Method;
use harness::{Answer, TestServer};
use serde_json::json;
use tempfile::TempDir;

use crate::whole;

const ADA: &str = "ada@example.org";
const RIGHT: &str = "correct horse battery staple";
/// More sign-ins than fit into the pages that SQLite can reuse.
const MANY: usize = 500;

/// A file system in memory, unmounted with the test.
struct Disk(TempDir);

impl Disk {
    /// Mounts one; `None` if the test has no permission.
    fn mount(size: &str) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mounted = Command::new("mount")
            .args([
                "-t",
                "tmpfs",
                "-o",
                &format!("size={size},mode=0700"),
                "berth-test",
            ])
            .arg(folder.path())
            .output()
            .unwrap();
        if !mounted.status.success() {
            println!("skipped: no disk of a test's own can be mounted");
            return None;
        }
        Some(Self(folder))
    }

    fn ballast(&self) -> std::path::PathBuf {
        self.0.path().join("ballast")
    }

    /// Leaves no space for a single further page.
    fn fill(&self) {
        let mut ballast = File::options()
            .create(true)
            .append(true)
            .open(self.ballast())
            .unwrap();
        for size in [1 << 20, 1 << 16, 4096] {
            while ballast.write(&vec![0; size]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let folder: &Path = self.0.path();
        Command::new("umount")
            .arg("--lazy")
            .arg(folder)
            .output()
            .unwrap();
    }
}

fn is_full(answer: &Answer) -> bool {
    (answer.status, answer.code()) == (507, "storage_full")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_room_for_who_signs_in() {
    let Some(disk) = Disk::mount("24m") else {
        return;
    };
    let folder = disk.0.path().join("data");
    let db = Db::open_sqlite(&folder).await.unwrap();
    let server = TestServer::new(whole(db.clone()));
    let (mut ada, _) = server.set_up().await;
    let workspace = |name: &str| json!({"name": name});

    disk.fill();
    let refused = async |name: &str| {
        let mut ada = ada.clone();
        let answer = ada.post("/workspace", &workspace(name)).await;
        assert!(is_full(&answer), "{answer:?}");
    };
    // Free pages inside the database may hold a few.
    let mut number = 0;
    while !is_full(
        &ada.clone()
            .post("/workspace", &workspace(&format!("w{number}")))
            .await,
    ) {
        number += 1;
        assert!(number < MANY, "the disk is not full");
    }
    let mut bea = server.anybody();
    for _ in 0..20 {
        let answer = bea.sign_in(ADA, RIGHT).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    assert_eq!(bea.get("/session").await.status, 200);
    // The released space is for sessions only.
    refused("during").await;
    assert_eq!(bea.call(Method::DELETE, "/session", None).await.status, 204);

    // Something else uses up the space: now nobody can sign in, but reads still work.
    disk.fill();
    let mut refused = None;
    for _ in 0..MANY {
        let answer = bea.sign_in(ADA, RIGHT).await;
        if answer.status != 201 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a sign-in that finds no room");
    assert!(is_full(&refused), "{refused:?}");
    let fields = [("_page", "/sign-in"), ("email", ADA), ("password", RIGHT)];
    let page = bea.submit("SignIn", &fields).await;
    assert_eq!(page.status, 507);
    assert!(page.text.contains("disk is full"), "{}", page.text);
    assert_eq!(ada.get("/workspace").await.status, 200);

    disk.free();
    let answer = ada.post("/workspace", &workspace("after")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(bea.sign_in(ADA, RIGHT).await.status, 201);
    let reserve = folder.join("berth.reserve").metadata().unwrap();
    assert!(reserve.len() > 0, "the room is not kept again");
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_database_server_refuses_sign_ins_with_its_reason() {
    testing::with_postgres(async |db| {
        let server = TestServer::new(whole(db.clone()));
        server.set_up().await;
        // The error of PostgreSQL on a full disk.
        let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$";
        testing::execute(&db, full).await;
        let trigger = "CREATE TRIGGER full_disk BEFORE INSERT ON session
            EXECUTE FUNCTION full_disk()";
        testing::execute(&db, trigger).await;
        let answer = server.anybody().sign_in(ADA, RIGHT).await;
        assert!(is_full(&answer), "{answer:?}");
        let fields = [("_page", "/sign-in"), ("email", ADA), ("password", RIGHT)];
        let page = server.anybody().submit("SignIn", &fields).await;
        assert_eq!(page.status, 507);
        assert!(page.text.contains("disk is full"), "{}", page.text);
    })
    .await;
}
