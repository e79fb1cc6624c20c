//! Class 15: no secret has a value before someone sets one.

use std::{fs, path::Path};

use api::{db_test, services};
use harness::TestServer;

#[test]
fn no_default_setting_is_a_secret() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config");
    let mut settings = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            settings += 1;
            let name = name.trim().to_lowercase();
            let is_secret = ["secret", "password", "token", "key", "url"]
                .iter()
                .any(|word| name.split('_').any(|part| part == *word));
            let is_empty = ["\"\"", "''"].contains(&value.trim());
            let is_no_text = !value.contains(['"', '\'']);
            // The server's public address is no secret.
            let is_open = ["public_url", "server_url"].contains(&name.as_str());
            assert!(
                !is_secret || is_empty || is_no_text || is_open,
                "{}: {line}",
                path.display()
            );
        }
    }
    assert!(settings > 30, "only {settings} settings were found");
}

db_test! {
    async fn every_start_has_a_set_up_token_of_its_own(db: Db) {
        let server = TestServer::new(db);
        let mut tokens = Vec::new();
        for _ in 0..3 {
            let token = services::setup::new_token(&server.app).await.unwrap().unwrap();
            // 128 bits, in whatever alphabet.
            assert!(token.expose().len() >= 26, "{} letters", token.expose().len());
            tokens.push(token.expose().to_owned());
        }
        tokens.sort();
        tokens.dedup();
        assert_eq!(tokens.len(), 3);
    }
}
