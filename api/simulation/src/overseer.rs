//! The overseer of a server's use of the database.

use std::{sync::Arc, time::Duration};

use api::db::simulated::{self, ServerDied};
use futures::future::BoxFuture;
use sqlx::SqliteConnection;

use tokio::time::sleep;

use crate::{server::Life, world::World};

/// The interval at which a server tries to reach its database again.
const RECONNECT: Duration = Duration::from_millis(500);

/// Lets time pass between statements, and stops there if its server crashed.
pub(crate) struct Overseer {
    pub(crate) world: Arc<World>,
    pub(crate) life: Life,
    pub(crate) watch: Arc<dyn Fn(&mut SqliteConnection) + Send + Sync>,
}

impl simulated::StatementHook for Overseer {
    fn pause(&self, inside: bool) -> BoxFuture<'static, Result<(), ServerDied>> {
        let (world, life) = (Arc::clone(&self.world), self.life.clone());
        Box::pin(async move {
            // A transaction is not interrupted, because here it would hold up the others' too.
            while !inside && !life.is_over() && life.is_cut_off() {
                sleep(RECONNECT).await;
            }
            if !life.is_over() && world.happens(world.nature.slow_statements) {
                world.wait(Duration::ZERO, world.nature.statement).await;
            }
            if life.is_over() {
                Err(ServerDied)
            } else {
                Ok(())
            }
        })
    }

    fn committed(&self, connection: &mut SqliteConnection) {
        (self.watch)(connection);
    }
}
