//! Uses of API tokens that were recorded a moment ago.

use models::{ApiTokenId, time::Timestamp};

use crate::ttl_cache::TtlCache;

/// Precision of the recorded last use, in milliseconds; each record is a write.
const PRECISION_MS: i64 = 60_000;

/// The API tokens whose use was recorded within the last minute.
#[derive(Debug)]
pub struct ApiTokenUses(TtlCache<ApiTokenId, ()>);

impl Default for ApiTokenUses {
    fn default() -> Self {
        Self(TtlCache::new(PRECISION_MS))
    }
}

impl ApiTokenUses {
    /// Runs `record` unless it ran for this token within the last minute.
    pub async fn record(&self, id: ApiTokenId, now: Timestamp, record: impl Future<Output = ()>) {
        let recorded = async {
            record.await;
            Ok::<(), std::convert::Infallible>(())
        };
        let Ok(()) = self.0.get_or_compute(id, now, recorded).await;
    }
}
