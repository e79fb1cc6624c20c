use std::path::Path;

use crate::{
    db::testing::{self, Statements},
    db_test, seal, session_store,
};

/// The statements of every module that has any.
fn modules() -> Vec<Statements> {
    let others = [seal::ALL, session_store::ALL];
    others.iter().chain(super::ALL).copied().collect()
}

db_test! {
    async fn every_statement_can_be_prepared(db: Db) {
        testing::prepare(&db, &modules()).await;
    }
}

/// A module missing from `modules` would go untested.
#[test]
fn every_module_with_statements_is_prepared() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert_eq!(testing::modules_with_statements(&sources), modules().len());
}
