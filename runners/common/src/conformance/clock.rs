//! The host of a tested runner, with a clock that cases set.

use std::{
    io,
    sync::atomic::{AtomicI64, Ordering},
};

use futures::future::BoxFuture;
use models::time::Timestamp;

use crate::host::{BlockingTask, Connection, Host, SystemHost};

/// This host, with a clock of its own.
#[derive(Debug, Default)]
pub(super) struct SkewedHost {
    skew_ms: AtomicI64,
}

impl SkewedHost {
    /// Sets the clock this far ahead of the real one, or back.
    pub(super) fn set_skew(&self, skew_ms: i64) {
        self.skew_ms.store(skew_ms, Ordering::SeqCst);
    }
}

impl Host for SkewedHost {
    fn now(&self) -> Timestamp {
        let skew_ms = self.skew_ms.load(Ordering::SeqCst);
        SystemHost.now().plus_millis(skew_ms)
    }

    fn connect<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Connection>>> {
        SystemHost.connect(host, port)
    }

    fn block(&self, work: BlockingTask) -> BoxFuture<'static, io::Result<()>> {
        SystemHost.block(work)
    }
}
