//! The hook around a server's statements.

use std::{sync::Arc, time::Duration};

use api::db::simulated::{self, ServerDied};
use futures::future::BoxFuture;
use sqlx::SqliteConnection;

use tokio::time::sleep;

use crate::{server::ProcessState, world::World};

/// The interval at which a server tries to reach its database again.
const RECONNECT: Duration = Duration::from_millis(500);

/// Lets time pass between statements, and stops there if its server crashed.
pub(crate) struct StatementHook {
    pub(crate) world: Arc<World>,
    pub(crate) process: ProcessState,
    pub(crate) on_commit: Arc<dyn Fn(&mut SqliteConnection) + Send + Sync>,
}

impl simulated::StatementHook for StatementHook {
    fn pause(&self, inside: bool) -> BoxFuture<'static, Result<(), ServerDied>> {
        let (world, process) = (Arc::clone(&self.world), self.process.clone());
        Box::pin(async move {
            // A transaction is not interrupted, because here it would hold up the others' too.
            while !inside && !process.is_over() && process.is_cut_off() {
                sleep(RECONNECT).await;
            }
            if !process.is_over() && world.chance(world.profile.slow_statements) {
                world.wait(Duration::ZERO, world.profile.statement).await;
            }
            if process.is_over() {
                Err(ServerDied)
            } else {
                Ok(())
            }
        })
    }

    fn committed(&self, connection: &mut SqliteConnection) {
        (self.on_commit)(connection);
    }
}
