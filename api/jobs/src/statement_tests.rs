use std::path::Path;

use db::{db_test, testing};

use crate::store;

db_test! {
    async fn every_statement_can_be_prepared(db: Db) {
        testing::prepare(&db, &[store::ALL]).await;
    }
}

/// A module missing from the list above would go untested.
#[test]
fn every_module_with_statements_is_prepared() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert_eq!(testing::modules_with_statements(&sources), 1);
}
